package contec_test

import (
	"testing"

	"fieldkit/devices"
	"fieldkit/devices/contec"
	"fieldkit/devices/drivertest"
)

func monitors() []drivertest.Monitor {
	return []drivertest.Monitor{
		{Name: "V7", Line: contec.Driver{}.Hints().Lines[0], New: func() devices.Simulator { return contec.NewSimulator(contec.V7) }},
		{Name: "legacy", Line: contec.Driver{}.Hints().Lines[1], New: func() devices.Simulator { return contec.NewSimulator(contec.Legacy) }},
	}
}

func TestEveryRule(t *testing.T) { drivertest.Check(t, contec.Driver{}, monitors()) }

func TestEveryRuleOnRealBytes(t *testing.T) {
	var own []drivertest.Capture
	for _, c := range drivertest.Captures(t) {
		if c.Driver == "contec" {
			own = append(own, c)
		}
	}
	drivertest.Check(t, contec.Driver{}, nil, own...)
}

func TestFoundOnTheWire(t *testing.T) {
	drivertest.Find(t, []drivertest.Subject{{Driver: contec.Driver{}, Monitors: monitors()}})
}

func TestNothingElseIsTakenForAContec(t *testing.T) {
	drivertest.Apart(t, []drivertest.Subject{{Driver: contec.Driver{}, Monitors: monitors()}}, drivertest.Captures(t)...)
}

func BenchmarkDecode(b *testing.B) {
	for _, m := range monitors() {
		b.Run(m.Name, func(b *testing.B) { drivertest.Benchmark(b, contec.Driver{}, m) })
	}
}
