// Package drivertest holds every driver to the same rules: what it must do with
// bytes cut anywhere, garbled, doubled or lost; that it knows its own monitor and
// no other; that a steady stream costs no memory. It also has the wire such tests
// run on: one that garbles bytes as a UART does when speed, parity or bits differ.
//
// It proves nothing about a layout: a simulator and a decoder written by the same
// hand share their mistakes. Only captures that this project did not make do that.
package drivertest
