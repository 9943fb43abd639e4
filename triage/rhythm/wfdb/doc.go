// Package wfdb reads records in the formats of PhysioNet's Waveform Database:
// headers (.hea), signals in formats 16 and 212, annotations (.atr), and chains
// of segments; and it writes annotations. It decodes whole records in memory and
// never touches a disk itself: files come from an fs.FS.
//
// Source: G. Moody, WFDB Applications Guide and Programmer's Guide, header(5),
// signal(5), annot(5).
//
// # Frame
//
// One turn through all signals of a record. A signal has one sample or more in
// each frame.
//
// # Count
//
// A sample as the converter gave it: physical value = (count - baseline) / gain.
package wfdb
