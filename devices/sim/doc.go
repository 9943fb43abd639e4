// Package sim is simulated patients: bodies whose signs and waves hang together,
// told by small scenario files. They drive the monitor sides of the drivers, so
// that what is shown in training and demonstrations went over true wire bytes. It
// is no model of disease: a scenario says what happens, the body only makes it
// look so.
//
// # Story
//
// What happens, from a scenario file: first values, then changes at times.
//
// # Patient
//
// A story lived by one body, made different by a seed. A patient is a pure function
// of story, seed and time: asked again for a moment, it answers the same.
//
// # Sources
//
// The ECG is the dynamical model of McSharry, Clifford, Tarassenko and Smith, "A
// dynamical model for generating synthetic electrocardiogram signals", IEEE Trans
// Biomed Eng 50 (2003) 289-294 (ECGSYN): waves P, Q, R, S and T as Gaussian
// events on a circle run once a beat, and beat-to-beat intervals with the two
// peaks of breathing and of Mayer waves. It is used in its closed form, in which
// the sum of the Gaussians is the signal, so that any moment can be computed by
// itself. Pulses and breaths have simple shapes of our own.
package sim
