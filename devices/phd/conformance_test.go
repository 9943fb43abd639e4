package phd_test

import (
	"testing"

	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/devices/phd"
)

func monitors() (all []drivertest.Monitor) {
	for name, kind := range map[string]phd.Kind{"oximeter": phd.Oximeter, "cuff": phd.Cuff, "thermometer": phd.Thermometer, "scale": phd.Scale, "glucose meter": phd.Glucometer} {
		all = append(all, drivertest.Monitor{Name: name, New: func() devices.Simulator { return phd.NewSimulator(kind) }})
		all = append(all, drivertest.Monitor{Name: name + " described", New: func() devices.Simulator {
			m := phd.NewSimulator(kind)
			m.Described = true
			return m
		}})
	}
	return all
}

func TestEveryRule(t *testing.T) { drivertest.Check(t, phd.Driver{}, monitors()) }

func TestNothingElseIsTakenForAnAgent(t *testing.T) {
	captures := drivertest.Captures(t)
	for i := range captures {
		captures[i].Line = devices.Line{} // heard as it is
	}
	drivertest.Apart(t, []drivertest.Subject{{Driver: phd.Driver{}, Monitors: monitors()}}, captures...)
}

func BenchmarkDecode(b *testing.B) {
	for _, m := range monitors()[:1] {
		b.Run(m.Name, func(b *testing.B) { drivertest.Benchmark(b, phd.Driver{}, m) })
	}
}
