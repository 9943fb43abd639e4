// Package devices reads medical monitors: it finds them on ports, keeps the
// conversation with them alive, and hands on what they say. Each protocol is a
// folder of its own below this one; this package holds what they share.
//
// It never decides which patient a reading belongs to (app/kit does), never
// stores anything and never shows anything.
//
// # Monitor
//
// A medical instrument on a port. "Device" is kept for the tablet with its key.
//
// # Driver
//
// What is known of one protocol: how to recognise it, and how to talk it.
//
// # Session
//
// One conversation with one monitor: a pure state machine. Bytes and time go
// in; readings, waveforms, alarms and bytes to send come out. It never blocks,
// never panics whatever the bytes, and has no clock of its own.
//
// # Port
//
// A line a monitor may be on: serial, TCP, UDP, or a recording.
//
// # Supervisor
//
// Watches all ports, finds out who is there, and runs a session on each. What it
// hears goes to a Handler; whom it found, or a person named, is kept in Choices by
// the identity of the USB adapter. A monitor that is unplugged or falls silent has
// each of its signs disconnected, once. Results with a time of their own, such as
// a cuff's, stand.
//
// # Choice
//
// What is known of a port from before: driver, line setting, listen only, ignore.
//
// # Simulator
//
// A protocol's monitor side, which speaks the real wire bytes.
package devices
