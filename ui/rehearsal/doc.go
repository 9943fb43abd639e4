// Package rehearsal is a made-up station with made-up patients: for tests of the
// screens and for showing the window without a station. All it makes is training
// data and says so. It measures nobody and keeps nothing.
package rehearsal
