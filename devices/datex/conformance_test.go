package datex_test

import (
	"testing"

	"fieldkit/devices"
	"fieldkit/devices/datex"
	"fieldkit/devices/drivertest"
)

func monitors() []drivertest.Monitor {
	return []drivertest.Monitor{
		{Name: "asked", New: func() devices.Simulator { return datex.NewSimulator() }},
		{Name: "tapped", New: func() devices.Simulator {
			m := datex.NewSimulator()
			m.Streaming, m.Waves = true, []byte{1, 8, 9}
			m.Alarm, m.Priority = "HR high", devices.High
			return m
		}},
	}
}

func TestEveryRule(t *testing.T) { drivertest.Check(t, datex.Driver{}, monitors()) }

func TestEveryRuleOnRealBytes(t *testing.T) {
	var own []drivertest.Capture
	for _, c := range drivertest.Captures(t) {
		if c.Driver == "datex" {
			own = append(own, c)
		}
	}
	drivertest.Check(t, datex.Driver{}, nil, own...)
}

func TestFoundOnTheWire(t *testing.T) {
	drivertest.Find(t, []drivertest.Subject{{Driver: datex.Driver{}, Monitors: monitors()}})
}

func TestNothingElseIsTakenForADatex(t *testing.T) {
	drivertest.Apart(t, []drivertest.Subject{{Driver: datex.Driver{}, Monitors: monitors()}}, drivertest.Captures(t)...)
}

func BenchmarkDecode(b *testing.B) {
	for _, m := range monitors() {
		b.Run(m.Name, func(b *testing.B) { drivertest.Benchmark(b, datex.Driver{}, m) })
	}
}
