package gatt_test

import (
	"testing"

	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/devices/gatt"
)

func monitors() []drivertest.Monitor {
	return []drivertest.Monitor{{Name: "radio", New: func() devices.Simulator { return gatt.NewSimulator() }}}
}

func TestEveryRule(t *testing.T) { drivertest.Check(t, gatt.Driver{}, monitors()) }

func TestNothingElseIsTakenForAGatt(t *testing.T) {
	captures := drivertest.Captures(t)
	for i := range captures {
		captures[i].Line = devices.Line{} // text has no line setting of its own: heard as it is
	}
	drivertest.Apart(t, []drivertest.Subject{{Driver: gatt.Driver{}, Monitors: monitors()}}, captures...)
}

func BenchmarkDecode(b *testing.B) {
	for _, m := range monitors() {
		b.Run(m.Name, func(b *testing.B) { drivertest.Benchmark(b, gatt.Driver{}, m) })
	}
}
