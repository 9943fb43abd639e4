// Package rhythm reads the heart and the breath from waveforms as they arrive:
// beats, rate and rhythm from an ECG lead; pulses, their rate and an estimate of
// the breathing rate from a pleth; breaths from impedance and CO2. It is pure and
// streaming: samples come in, findings come out after a bounded delay, equal
// samples give equal findings however they are cut. It has no clock, keeps no
// goroutine and allocates nothing after its constructors.
//
// It never names ventricular fibrillation: no data here could prove it. A heart
// without beats that it can find is said to have none found for 4 s. It never
// guesses: a rate is withheld while the signal is too poor to trust, and the
// quality that withholds it is the detector's own account of how many of its last
// decisions may be wrong. It is not a medical device's analysis.
//
// # Beat
//
// One QRS complex. Its sample is where the complex is furthest from its baseline.
//
// # Tick
//
// One step at a detector's own rate, to which every monitor's samples are brought,
// so that one set of parameters serves all: 200 a second for ECG, 100 for pleth, 20
// for breath.
//
// # Candidate
//
// A peak of the detection function, which may be a beat, a T wave, a P wave or
// noise. What it is, is weighed in one sum; the weights come from marked records.
//
// # Gap
//
// Samples that were not measured, told by Gap or by the count Missing. Nothing is
// found inside one and no interval spans one.
//
// Sources: J. Pan, W. Tompkins 1985 and P. Hamilton 2002 for the chain of filters
// and levels; ANSI/AAMI EC57 for the measure (package ec57); D. Lake, J. Moorman
// 2011 for fibrillation; P. Charlton et al. 2016 for breath in the pulse wave.
package rhythm
