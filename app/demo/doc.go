// Package demo opens a street of stations on one machine, for demonstrations,
// trials and load: real processes with real Serf, real WebRTC and data folders
// of their own, and simulated monitors on ptys. All of its data is marked as
// training data. Nothing imports it but trials.
package demo
