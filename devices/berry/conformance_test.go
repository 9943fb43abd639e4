package berry_test

import (
	"testing"

	"fieldkit/devices"
	"fieldkit/devices/berry"
	"fieldkit/devices/drivertest"
)

func monitors() []drivertest.Monitor {
	return []drivertest.Monitor{
		{Name: "BM1000", Line: berry.Driver{}.Hints().Lines[0], New: func() devices.Simulator { return berry.NewSimulator() }},
		{Name: "BCI board", Line: berry.Driver{}.Hints().Lines[1], New: func() devices.Simulator { return &berry.Simulator{Rate: 60} }},
	}
}

func TestEveryRule(t *testing.T) { drivertest.Check(t, berry.Driver{}, monitors()) }

func TestFoundOnTheWire(t *testing.T) {
	drivertest.Find(t, []drivertest.Subject{{Driver: berry.Driver{}, Monitors: monitors()}})
}

func TestNothingElseIsTakenForABerry(t *testing.T) {
	drivertest.Apart(t, []drivertest.Subject{{Driver: berry.Driver{}, Monitors: monitors()}}, drivertest.Captures(t)...)
}

func BenchmarkDecode(b *testing.B) {
	for _, m := range monitors() {
		b.Run(m.Name, func(b *testing.B) { drivertest.Benchmark(b, berry.Driver{}, m) })
	}
}
