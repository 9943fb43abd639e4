package kit

import (
	"strings"
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

var meter = vital.Provenance{Driver: "contour", Make: "Ascensia", Serial: "7"}

// glucose is a result in a meter's memory, measured that long before now by the
// meter's clock.
func (s *shift) glucose(mgPerDL int64, ago time.Duration) vital.Reading {
	wall, _ := s.k.clock.Wall()
	r := vital.Of(vital.Glucose, vital.Int(mgPerDL))
	r.Arrived, r.MonitorTime, r.Aperiodic, r.Stored = s.k.clock.Now(), asOnAClock(wall.Add(-ago)).Truncate(time.Second), true, true
	return r
}

// charted is the glucose values on the chart of an encounter, in the order written.
func (s *shift) charted(encounter chart.ID) (values []string, ages []time.Duration) {
	s.t.Helper()
	settled(s.t, s.k)
	entries, err := s.k.entries(s.t.Context(), encounter)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range entries {
		v, ok := e.Content.(*chart.Vitals)
		if !ok {
			continue
		}
		for _, x := range v.Values {
			if x.Sign != vital.Glucose {
				continue
			}
			values, ages = append(values, x.Reading(0).String()), append(ages, time.Duration(x.AgeMS)*time.Millisecond)
		}
	}
	return values, ages
}

// unassigned is the encounter that holds what a meter said and nobody has claimed.
func (s *shift) unassigned() (id chart.ID) {
	s.k.record.mu.Lock()
	defer s.k.record.mu.Unlock()
	for _, b := range s.k.record.memory.beds {
		id = b.encounter
	}
	return id
}

func TestAMetersMemoryIsChartedToThePatientOnlySinceItWasBound(t *testing.T) {
	s := newShift(t)
	s.k.record.Monitor(left, meter)
	s.k.record.Reading(left, s.glucose(100, time.Hour)) // nobody is bound yet
	patient := s.admit()
	s.bind("Ascensia 7", patient)

	now := time.Now()
	s.k.clock.wall = func() time.Time { return now.Add(10 * time.Minute) }
	for _, r := range []vital.Reading{
		s.glucose(310, 26*time.Hour), s.glucose(290, 11*time.Minute), s.glucose(50, 4*time.Minute), s.glucose(60, 2*time.Minute),
		s.glucose(999, -time.Hour), // by a clock that is ahead nothing is known
	} {
		s.k.record.Reading(left, r)
	}
	if got, ages := s.charted(patient); strings.Join(got, " ") != "50 mg/dL 60 mg/dL" || ages[0].Round(time.Minute) != 4*time.Minute {
		t.Errorf("charted to the patient: %v %v; want what was measured since the binding", got, ages)
	}
	// Nor is any of them on the patient's screen but the last, as old as it is.
	s.k.record.mu.Lock()
	var shown []string
	for _, r := range s.k.record.beds[patient].numerics() {
		shown = append(shown, r.String()+" "+s.k.clock.Now().Sub(r.Arrived).Round(time.Minute).String())
	}
	s.k.record.mu.Unlock()
	if strings.Join(shown, ", ") != "60 mg/dL 2m0s" {
		t.Errorf("on the screen: %v", shown)
	}
	// The others are on the record, each of them, and people are told.
	if got, _ := s.charted(s.unassigned()); strings.Join(got, " ") != "310 mg/dL 290 mg/dL 999 mg/dL" {
		t.Errorf("of nobody known: %v", got)
	}
	if told := strings.Join(s.k.record.troubles(), "\n"); !strings.Contains(told, "3 results in the memory of Ascensia 7 were not measured since it was bound here") {
		t.Errorf("people are told: %q", told)
	}

	// Plugged in again it says all of them again, which is nothing new.
	s.silent(left)
	s.k.record.Monitor(right, meter)
	for _, r := range []vital.Reading{s.glucose(310, 26*time.Hour), s.glucose(50, 4*time.Minute), s.glucose(60, 2*time.Minute)} {
		s.k.record.Reading(right, r)
	}
	if got, _ := s.charted(patient); len(got) != 2 {
		t.Errorf("charted after it was plugged in again: %v", got)
	}

	// A restart forgets neither the binding nor since when it holds.
	s.restart()
	s.k.clock.wall = func() time.Time { return now.Add(20 * time.Minute) }
	s.k.record.Monitor(left, meter)
	s.k.record.Reading(left, s.glucose(310, 26*time.Hour+10*time.Minute))
	s.k.record.Reading(left, s.glucose(70, 5*time.Minute))
	if got, _ := s.charted(patient); strings.Join(got, " ") != "50 mg/dL 60 mg/dL 70 mg/dL" {
		t.Errorf("charted after a restart: %v", got)
	}
}

func TestAnOldFeverInAThermometersMemoryRaisesNoAlarm(t *testing.T) {
	s := newShift(t)
	patient := s.admit()
	s.k.record.Monitor(left, meter)
	s.bind("Ascensia 7", patient)
	now := time.Now()
	s.k.clock.wall = func() time.Time { return now.Add(time.Hour) }
	alarms := func() (n int) {
		s.k.record.mu.Lock()
		defer s.k.record.mu.Unlock()
		for _, w := range s.k.record.beds[patient].watched() {
			n += len(w.engine.Active())
		}
		return n
	}
	fever := func(tenths int64, ago time.Duration) {
		r, v := s.glucose(100, ago), vital.Of(vital.Temperature, vital.Dec(tenths, -1))
		v.Arrived, v.MonitorTime, v.Aperiodic, v.Stored = r.Arrived, r.MonitorTime, true, true
		s.k.record.Reading(left, v)
	}
	fever(410, 50*time.Minute)
	before := alarms()
	fever(411, time.Minute)
	if before != 0 || alarms() == 0 {
		t.Errorf("%d alarms for a result of 50 minutes ago, %d for one of a minute ago", before, alarms())
	}
}
