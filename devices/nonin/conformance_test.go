package nonin_test

import (
	"testing"
	"time"

	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/devices/nonin"
)

func monitors() []drivertest.Monitor {
	var all []drivertest.Monitor
	for _, f := range []nonin.Format{nonin.DF1, nonin.DF2, nonin.DF7, nonin.DF8, nonin.DF13, nonin.Text} {
		all = append(all, drivertest.Monitor{Name: f.String(), New: func() devices.Simulator {
			m := nonin.NewSimulator(f)
			m.Clock = time.Date(2026, 11, 22, 16, 30, 0, 0, time.UTC)
			return m
		}})
		if f == nonin.DF8 {
			all = append(all, drivertest.Monitor{Name: "DF8 one-way", New: func() devices.Simulator {
				return &nonin.Simulator{Format: nonin.DF8}
			}})
		}
	}
	return all
}

func TestEveryRule(t *testing.T) { drivertest.Check(t, nonin.Driver{}, monitors()) }

func TestFoundOnTheWire(t *testing.T) {
	drivertest.Find(t, []drivertest.Subject{{Driver: nonin.Driver{}, Monitors: monitors()}})
}

func TestNothingElseIsTakenForANonin(t *testing.T) {
	drivertest.Apart(t, []drivertest.Subject{{Driver: nonin.Driver{}, Monitors: monitors()}}, drivertest.Captures(t)...)
}

func BenchmarkDecode(b *testing.B) {
	for _, m := range monitors() {
		b.Run(m.Name, func(b *testing.B) { drivertest.Benchmark(b, nonin.Driver{}, m) })
	}
}
