// Package ultra2 reads LifeScan's OneTouch Ultra 2 glucose meter, which answers in
// lines of text. It asks for the dump of stored results when a meter is found and
// once a minute after; a dump gives all results, each with its own time, and it is
// for whoever charts them to tell whose they are. It never sets the meter's clock or
// unit and never erases.
//
// # Line
//
// Text, a space and four hex digits: the 16-bit sum of all characters before that
// space. "P nnn" with serial number and unit heads a dump; each result is a "P" with
// day, date, time, "C" for control solution, three digits of mg/dL (whatever the
// meter shows), "?" for a parity error in its memory, meal and comment.
//
// # Sources
//
// LifeScan's Ultra 2 specification as glucometerutils reads it, and the checksum of
// its tests. Dates are month/day/year. "HIGH" and "LOW " in place of the number
// follow Tidepool's uploader only. No recording of a meter is public, so the driver
// is not proven.
package ultra2
