// Package wave is the live frame codec: one tenth of a second of what one station
// measures on one patient, in a few dozen bytes, and back. FORMAT.md beside this
// file is normative; testdata/check.py is a second decoder written from it. The
// package is pure: no clock, no socket, no goroutine. It never keeps, repairs or
// orders frames (telemetry/link does) and never decides what is shown.
//
// # Frame
//
// The binding, the samples, the numerics and the alarms of one tenth.
//
// # Binding
//
// Whose data it is: encounter, patient tag, monitor, station. Told in full once a
// second and at every change, in between by its mark.
//
// # Mark
//
// The checksum of a description. A frame whose mark the decoder was never told
// the description of shows nothing: no number can come under another's name.
package wave

// Version is the first byte of every frame this package writes or reads.
const Version = 1
