// Package suntech reads results of SunTech's blood pressure modules (Advantage and
// its kin). It asks for the cuff's pressure and the last result, and nothing else:
// it never starts, stops or sets a measurement, and has no bytes for that.
//
// # Packet
//
// The host's begin with 3A, the module's with 3E and their length; the last byte makes
// the sum of all zero. The check is eight bits: lengths, kinds and ranges are checked
// too.
//
// # Result
//
// It has no time of its own. One that was there when the conversation began may be of
// yesterday or of another patient: it is given only when the cuff was seen to
// inflate before it, on a tapped line also when it changed or is the first heard.
//
// # Sources
//
// ak-git's DemoApp, whose packets' checks were worked out anew, and a Qt monitor. No
// recording is public: the driver is not proven.
package suntech
