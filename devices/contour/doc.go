// Package contour reads Ascensia's (Bayer's) Contour glucose meters, which send
// ASTM E1394 records in E1381 frames. It acknowledges what it reads and sends
// nothing else. A meter sends all results it holds, each with its own time: it is
// for whoever charts them to tell whose they are.
//
// # Frame
//
// STX, a digit, text, ETB or ETX, two hex digits, CR LF. The digits are the 8-bit sum
// after STX up to ETB or ETX. Frames are numbered 1 to 7, 0; one sent again because
// its acknowledgement was lost is acknowledged and not read twice. ENQ opens a
// transfer, EOT ends it.
//
// # Result
//
// R|n|^^^Glucose|value|unit^P or B||flags||YYYYMMDDHHMM: "<" and ">" in the flags
// are beyond what the meter can measure, "E" is control solution.
//
// # Sources
//
// glucometerutils and the ASTM standards as Tidepool's uploader reads them. Proven
// on the header frame that a real Contour USB sent, with its checksum, and on one
// result record, both from glucometerutils' tests; the dialogue is not.
package contour
