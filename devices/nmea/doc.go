// Package nmea reads NMEA 0183 sentences of a satellite receiver: where the
// station is and what time it is. A position is no vital sign: a session gives
// the chart nothing, and hands positions only to whoever asks it with
// [Session.Positions]. It never sends a byte.
//
// # Sentence
//
// "$", talker and type, comma-separated fields, "*" and two hex digits: the XOR of
// all between. A sentence without its checksum is not believed. GGA, RMC, GLL, GSA
// and GSV are read; others with a right checksum are counted as unknown.
//
// # Position
//
// Absent is not zero: a receiver without a fix leaves its fields empty or says
// status V, and then there is no latitude. Dates have two digits for the year:
// 80 to 99 are taken for the last century, as receivers that lost count of the GPS
// weeks say them; such a date is handed on as it is.
//
// # Sources
//
// NMEA 0183 as public receivers' manuals repeat it. Proven on the 27 sentences with
// expected outcomes of adrianmo/go-nmea's tests.
package nmea
