// Package contec reads Contec's CMS50 oximeters and their many rebadged cousins:
// the older protocol (CMS50D+ up to firmware 4.5, CMS50E), which only talks, and
// protocol V7 (CMS50D+ from 4.6, E, F, EW, FW, IW), which must be asked and kept
// awake. It also plays the oximeter's side. It starts and keeps alive the live
// stream and, as [Driver.Stored], reads the recording in the oximeter's memory. It
// never deletes a recording or sets the oximeter's clock.
//
// # Packet
//
// Sixty a second. An older packet is five bytes, the first with its top bit set.
// A V7 packet is a type, a byte with the top bits of the data, and the data, all
// but the type with their top bit set. Neither has a checksum, so rate and
// saturation are handed on only when three packets in a row say the same.
//
// # Sources
//
// V7: the vendor's "Communication protocol of pulse oximeter V7.0", as implemented
// by bmartin427/CMS50 and timegrid/CMS50Dplus7; proved on a recording of a real
// CMS50E (102 packets). Date and time of stored recordings (types 07 and 12) rest
// on memory of the latter and are used only when they make a date; readings whose
// time is not known are passed on as unknown parameters, never as current. The
// older protocol agrees in three public readers, of which some lose bit 7 of the
// pulse rate; no recording of it is public. Rates above 254 do not fit in either.
package contec
