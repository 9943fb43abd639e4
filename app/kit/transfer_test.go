package kit

import (
	"testing"
	"time"

	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
)

// handsOn is a patient of the vehicle with a monitor, offered to the other station.
func (c *couple) handsOn() (patient chart.ID, offer chart.Ref) {
	c.t.Helper()
	patient, _ = c.alarmed()
	c.vehicle.record("handover-offered", patient, &chart.HandoverOffered{Format: "ATMIST", To: "AMB-3", Onward: true,
		Station: c.hospital.share.member.Load().device, Items: []chart.HandoverItem{{Key: "age", Text: "64"}}})
	entries, err := c.vehicle.k.entries(c.t.Context(), patient)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, e := range entries {
		if _, ok := e.Content.(*chart.HandoverOffered); ok {
			offer = e.Ref
		}
	}
	return patient, offer
}

func TestAMonitorLeavesThePatientWhomAnotherVehicleTakesOverAndNoReadingComesAfter(t *testing.T) {
	c := newCouple(t)
	patient, offer := c.handsOn()
	if got := c.vehicle.hear(left); got != patient {
		t.Fatal("the offer alone took the monitor from the patient")
	}
	c.writes("handover-accepted", patient, time.Time{}, &chart.HandoverAccepted{Of: offer})
	c.comes("the end of the binding", func(r *record) bool { return r.beds[patient] == nil })
	if got := c.vehicle.hear(left); got == patient {
		t.Error("the monitor goes on recording to the patient who is in the other vehicle")
	}
	if frames := c.vehicle.k.record.moments(c.vehicle.k.clock.Now(), c.vehicle.k.clock.Now()); frames[patient] != nil {
		t.Error("a live frame still bears the patient's name")
	}
	c.vehicle.restart()
	if got := c.vehicle.hear(left); got == patient {
		t.Error("after a restart the monitor records to the patient again")
	}
}

func TestAPatientWhomTheOtherDeclinesStaysOnTheMonitor(t *testing.T) {
	c := newCouple(t)
	patient, offer := c.handsOn()
	c.writes("handover-declined", patient, time.Time{}, &chart.HandoverDeclined{Of: offer, Why: "no room"})
	c.writes("patient-identified", patient, time.Time{}, &chart.PatientIdentified{Who: chart.Demographics{Label: "tag 0417"}})
	c.comes("what was written after it", func(r *record) bool { return r.beds[patient] != nil && r.beds[patient].tag == "tag 0417" })
	if got := c.vehicle.hear(left); got != patient {
		t.Error("the monitor left the patient, who was declined")
	}
}

func TestOnTheGiversWordThatThePatientIsInTheOtherVehicleTheMonitorLeavesThem(t *testing.T) {
	c := newCouple(t)
	patient, _ := c.handsOn()
	c.vehicle.record("encounter-moved", patient, &chart.EncounterMoved{Place: "AMB-3", Station: c.hospital.share.member.Load().device})
	if got := c.vehicle.hear(left); got == patient {
		t.Error("the monitor goes on recording to the patient who is in the other vehicle")
	}
	c.vehicle.bind("Nonin 77", patient) // the patient is here after all
	if got := c.vehicle.hear(left); got != patient {
		t.Error("a person put the monitor back and it does not record there")
	}
	c.vehicle.restart()
	if got := c.vehicle.hear(left); got != patient {
		t.Error("after a restart it does not record there")
	}
}

// The word that the other has taken over may come just before the recorder dies.
func TestARecorderThatRestartsReadsThatThePatientWasTakenOver(t *testing.T) {
	c := newCouple(t)
	patient, offer := c.handsOn()
	c.vehicle.restart() // what follows the record here ended with the one before
	c.writes("handover-accepted", patient, time.Time{}, &chart.HandoverAccepted{Of: offer})
	if got := c.vehicle.hear(left); got != patient {
		t.Fatal("nobody reads what comes, and yet the monitor has left")
	}
	c.vehicle.restart()
	if got := c.vehicle.hear(left); got == patient {
		t.Error("the monitor records to the patient who is in the other vehicle")
	}
}

// Frames as they go to the hospital and to the faces here: the tile ends with the
// giver's last frame, and what its monitor measures next bears another name.
func TestNoFrameBearsThePatientsNameOnceAnotherVehicleHasThem(t *testing.T) {
	c := newCouple(t)
	patient, offer := c.handsOn()
	k := c.vehicle.k
	decoder := wave.Decoder{Streams: wave.MaxStreams}
	type seen struct {
		encounter chart.ID
		ended     bool
	}
	var got []seen
	if _, err := k.live.join("", chart.ID{}, func(frame []byte) error {
		var f wave.Frame
		if err := decoder.Decode(frame, &f); err != nil {
			return err
		}
		got = append(got, seen{chart.ID(f.Binding.Encounter), f.Ended})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	tenth := func() {
		c.vehicle.hear(left)
		now := k.clock.Now()
		k.live.frames(wholeTenth(now), now)
	}
	tenth()
	if len(got) != 1 || got[0] != (seen{patient, false}) {
		t.Fatalf("before: %v", got)
	}
	got = nil
	c.writes("handover-accepted", patient, time.Time{}, &chart.HandoverAccepted{Of: offer})
	c.comes("the end of the binding", func(r *record) bool { return r.beds[patient] == nil })
	tenth()
	tenth()
	ended := 0
	for _, f := range got {
		if f.encounter != patient {
			continue
		}
		if ended++; !f.ended || ended > 1 {
			t.Errorf("a frame under the patient's name after they were taken over: %v", got)
		}
	}
	if ended != 1 || len(got) != 3 {
		t.Errorf("the frames are %v, want one end and two of whoever is on the monitor now", got)
	}
}
