package nellcor_test

import (
	"testing"

	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/devices/nellcor"
)

func monitors() []drivertest.Monitor {
	return []drivertest.Monitor{{Name: "N-560", New: func() devices.Simulator { return nellcor.NewSimulator() }}}
}

func own(t testing.TB) (own []drivertest.Capture) {
	for _, c := range drivertest.Captures(t) {
		if c.Driver == "nellcor" {
			own = append(own, c)
		}
	}
	return own
}

func TestEveryRule(t *testing.T) { drivertest.Check(t, nellcor.Driver{}, monitors()) }

func TestEveryRuleOnRealBytes(t *testing.T) { drivertest.Check(t, nellcor.Driver{}, nil, own(t)...) }

func TestFoundOnTheWire(t *testing.T) {
	drivertest.Find(t, []drivertest.Subject{{Driver: nellcor.Driver{}, Monitors: monitors()}})
}

func TestNothingElseIsTakenForANellcor(t *testing.T) {
	drivertest.Apart(t, []drivertest.Subject{{Driver: nellcor.Driver{}, Monitors: monitors()}}, drivertest.Captures(t)...)
}

func BenchmarkDecode(b *testing.B) {
	for _, m := range monitors() {
		b.Run(m.Name, func(b *testing.B) { drivertest.Benchmark(b, nellcor.Driver{}, m) })
	}
}
