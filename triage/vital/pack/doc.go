// Package pack writes the samples of a waveform in few bytes and reads them back
// without loss. It is pure, and all its arithmetic is on integers: every machine
// writes and reads the same bytes. It never drops, filters or resamples, and knows
// nothing of leads, units or gaps. FORMAT.md beside this file is normative;
// testdata/check.py is a second reader written from it.
//
// # Block
//
// One second of one lead, readable on its own: what `stream` entries hold.
//
// # Run
//
// A few samples as Rice codes of differences, within other bits: what live frames
// hold, see telemetry/wave.
package pack
