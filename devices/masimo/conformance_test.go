package masimo_test

import (
	"testing"

	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/devices/masimo"
)

func monitors() []drivertest.Monitor {
	return []drivertest.Monitor{
		{Name: "Rad-8", New: func() devices.Simulator { return masimo.NewSimulator(masimo.Rad8) }},
		{Name: "Rad-5", New: func() devices.Simulator { return masimo.NewSimulator(masimo.Rad5) }},
		{Name: "Radical-7", New: func() devices.Simulator { return masimo.NewSimulator(masimo.Radical7) }},
	}
}

func own(t testing.TB) (own []drivertest.Capture) {
	for _, c := range drivertest.Captures(t) {
		if c.Driver == "masimo" {
			own = append(own, c)
		}
	}
	return own
}

func TestEveryRule(t *testing.T) { drivertest.Check(t, masimo.Driver{}, monitors()) }

func TestEveryRuleOnRealBytes(t *testing.T) { drivertest.Check(t, masimo.Driver{}, nil, own(t)...) }

func TestFoundOnTheWire(t *testing.T) {
	drivertest.Find(t, []drivertest.Subject{{Driver: masimo.Driver{}, Monitors: monitors()}})
}

func TestNothingElseIsTakenForAMasimo(t *testing.T) {
	drivertest.Apart(t, []drivertest.Subject{{Driver: masimo.Driver{}, Monitors: monitors()}}, drivertest.Captures(t)...)
}

func BenchmarkDecode(b *testing.B) {
	for _, m := range monitors() {
		b.Run(m.Name, func(b *testing.B) { drivertest.Benchmark(b, masimo.Driver{}, m) })
	}
}
