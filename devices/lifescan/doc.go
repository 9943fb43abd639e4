// Package lifescan reads LifeScan's glucose meters that speak its binary protocol:
// OneTouch UltraMini and UltraEasy, and Verio IQ. It asks for the newest result
// only, since a meter may hold other people's; on a tapped line it reads every
// result it hears. It never sets a clock and never erases.
//
// # Frame
//
// 02, length of the whole, link control, message, 03, and a 16-bit CRC (CCITT, from
// FFFF) low byte first. A message begins with 05 (Ultra) or 03 (Verio). The Ultras
// acknowledge every frame and number them by one bit each way.
//
// # Result
//
// A time by the meter's clock and mg/dL, whatever the meter shows. Results of
// control solution (Verio marks them) are flagged as a test.
//
// # Sources
//
// glucometer-protocols and glucometerutils (Flameeyes) for layouts, commands and the
// two example frames the tests use; Tidepool's uploader agrees. The first or the last
// record is the newest by either source: both are read. No recording of a meter is
// public, so the driver is not proven.
package lifescan
