// Package nonin reads Nonin pulse oximeters: serial data formats 1, 2, 7, 8 and
// 13, and the text lines of the 8500, 9847, 8600 and Avant models. It also plays
// the oximeter's side. It never changes what a monitor measures; on a two-way
// monitor it selects format 7, which carries the full pleth.
//
// # Frame, packet
//
// In formats 2 and 7 a frame is five bytes with one pleth sample, 75 a second;
// 25 frames, the first of them marked, are a packet, which spreads the numbers
// over its frames. A packet's numbers are used only when all its frames were good
// and the next packet began where it should: the checksum is eight bits, and one
// frame too many or too few would turn one number into another.
//
// # Sources
//
// The layouts follow public implementations that agree with each other: mdpnp
// OpenICE (Packet, Status, DemoNoninPulseOx), mattjlewis/NoninPulseOx,
// pez-globo/pufferfish and drphrozen's Format8. Heart rates have nine bits, two
// and seven; OpenICE joins them as eight and eight, so rates from 128 up come out
// wrong there. Format 1 rests on one description and is the least sure. Formats 1
// and 8 carry no checksum, so a garbled byte can become a wrong number: their
// fixed bits and ranges are all there is to check.
//
// No recording of a real Nonin is public. Two format 2 frames come from the tests
// of an independent firmware project (pufferfish); everything else is tested only
// on bytes of this package's own monitor side. So the driver is not proven.
package nonin
