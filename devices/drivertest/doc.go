// Package drivertest holds every driver to the same rules: what it must do with
// bytes cut anywhere, garbled, doubled or lost; that it knows its own monitor and
// no other; that a steady stream costs no memory. It also has the wire such tests
// run on: one that garbles bytes as a UART does when speed, parity or bits differ.
//
// A driver's test is short:
//
//	func TestEveryRule(t *testing.T) {
//		drivertest.Check(t, Driver{}, []drivertest.Monitor{{Name: "plain", New: newSimulator}})
//	}
//
// and app/kit's, with all drivers and monitors, calls Find, for how soon each is
// recognised on a line it must first guess, and Apart, for none being taken for
// another.
//
// It proves nothing about a layout: a simulator and a decoder written by the same
// hand share their mistakes. Only captures that this project did not make do that.
package drivertest
