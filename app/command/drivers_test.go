package command

import (
	"maps"
	"slices"
	"testing"

	"fieldkit/app/kit"
	"fieldkit/devices/drivertest"
)

// subjects is every driver with the monitor that 'simulate' can be of it.
func subjects(t *testing.T) []drivertest.Subject {
	var all []drivertest.Subject
	sims := kit.Simulators()
	for _, d := range kit.Drivers() {
		s := drivertest.Subject{Driver: d}
		if make := sims[d.Name()]; make != nil {
			m := drivertest.Monitor{Name: "simulated", New: make}
			if lines := d.Hints().Lines; len(lines) > 0 {
				m.Line = lines[0] // each driver's own test tries the others
			}
			s.Monitors = []drivertest.Monitor{m}
			delete(sims, d.Name())
		}
		all = append(all, s)
	}
	if len(sims) > 0 {
		t.Errorf("simulated monitors without a driver: %v", slices.Collect(maps.Keys(sims)))
	}
	return all
}

func TestTheDriversOfTheIssue(t *testing.T) {
	want := []string{"berry", "capnostream", "contec", "contour", "datex", "gatt", "gs1", "hl7", "intellivue", "ivy", "lifescan", "masimo", "medibus", "nellcor", "nmea", "nonin", "phd", "suntech", "taidoc", "ultra2"}
	var got []string
	for _, d := range kit.Drivers() {
		got = append(got, d.Name())
		if h := d.Hints(); h.Evidence == "" {
			t.Errorf("%s does not say what proves it", d.Name())
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("drivers %v, want %v", got, want)
	}
}

func TestEveryMonitorIsFoundAmongAllDrivers(t *testing.T) {
	all := subjects(t)
	for i := range all {
		if len(all[i].Driver.Hints().Lines) == 0 {
			all[i].Monitors = nil // on a network or by radio
		}
	}
	drivertest.Find(t, all)
}

func TestNobodyIsTakenForAnother(t *testing.T) {
	drivertest.Apart(t, subjects(t), drivertest.Captures(t)...)
}
