// Package trial measures package rhythm on records that others have marked: the
// table of `fieldkitd rhythm --bench`, and the listing of `fieldkitd rhythm`. Files
// come from an fs.FS and time from a function, so that it stays pure.
//
// # Record
//
// A header, its signals and its reference marks, named alike: 101.hea, 101.dat
// (or 101.dat.bz2), 101.atr.
//
// # Trusted time
//
// Seconds in which the detector's quality reaches rhythm.Trusted: only then is a
// rate shown.
package trial
