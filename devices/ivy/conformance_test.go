package ivy_test

import (
	"testing"

	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/devices/ivy"
)

func monitors() []drivertest.Monitor {
	return []drivertest.Monitor{
		{Name: "450C", New: func() devices.Simulator { return ivy.NewSimulator() }},
		{Name: "450C in alarm", New: func() devices.Simulator { return &ivy.Simulator{Alarm: "HR HIGH"} }},
	}
}

func own(t testing.TB) (own []drivertest.Capture) {
	for _, c := range drivertest.Captures(t) {
		if c.Driver == "ivy" {
			own = append(own, c)
		}
	}
	return own
}

func TestEveryRule(t *testing.T) { drivertest.Check(t, ivy.Driver{}, monitors()) }

func TestEveryRuleOnRealBytes(t *testing.T) { drivertest.Check(t, ivy.Driver{}, nil, own(t)...) }

func TestFoundOnTheWire(t *testing.T) {
	drivertest.Find(t, []drivertest.Subject{{Driver: ivy.Driver{}, Monitors: monitors()}})
}

func TestNothingElseIsTakenForAnIvy(t *testing.T) {
	drivertest.Apart(t, []drivertest.Subject{{Driver: ivy.Driver{}, Monitors: monitors()}}, drivertest.Captures(t)...)
}

func BenchmarkDecode(b *testing.B) {
	for _, m := range monitors() {
		b.Run(m.Name, func(b *testing.B) { drivertest.Benchmark(b, ivy.Driver{}, m) })
	}
}
