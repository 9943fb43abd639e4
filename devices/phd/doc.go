// Package phd reads personal health devices that speak IEEE 11073-20601: oximeters
// (10404), blood pressure (10407), thermometers (10408), scales (10415) and glucose
// meters (10417), over whatever carries their APDUs one after another: Bluetooth
// HDP, USB PHDC or TCP. It is the manager, and plays the agent too. It accepts an
// association, a configuration and reports, and asks who the agent is; it never
// sets anything in it.
//
// # Configuration, object, handle
//
// An agent says, once, what its objects measure, in which unit, and which
// attributes its reports carry in which order; reports then name objects by handle
// only. A report of an object that was never described is not guessed at: where it
// carries attribute numbers, its value passes through under the handle; otherwise
// it is counted as unknown. Five standard configurations are known without being
// sent.
//
// APDUs have no checksum: what carries them has one. Lengths, of which each value
// lies within four or more that must agree, are all checked here.
//
// # Sources
//
// The APDUs of antidote's tests (signove/antidote, LGPL), which are the examples of
// the standard's annexes, with antidote's description of them; attribute and event
// numbers from the same. The thermometer's standard configuration is not among
// them: 16 and 32 bit values are told apart by length. They are examples, not
// recordings of real agents, so the driver is not proven. One of them
// (buf_scan_report_mp_grouped) declares two bytes more than it has.
package phd
