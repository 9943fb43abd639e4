package kit

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"fieldkit/app/api"
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

// A giver who ends its own run must not take the monitors of the vehicle that has the
// patient now: what they measure would go to nobody's record.
func TestTheGiversEndOfTheRunLeavesTheMonitorOfTheVehicleThatTookThePatientOver(t *testing.T) {
	c := newCouple(t)
	taker := c.vehicle
	patient, _ := c.alarmed()
	var offer chart.Ref
	c.writes("handover-offered", patient, time.Time{}, &chart.HandoverOffered{Format: "ATMIST", To: "AMB-7", Onward: true,
		Station: taker.k.share.member.Load().device, Items: []chart.HandoverItem{{Key: "age", Text: "64"}}})
	entries, err := taker.k.entries(t.Context(), patient)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, ok := e.Content.(*chart.HandoverOffered); ok {
			offer = e.Ref
		}
	}
	taker.record("handover-accepted", patient, &chart.HandoverAccepted{Of: offer}) // the giver does not know yet
	ends := func() error {
		b, err := json.Marshal(&chart.EncounterClosed{Outcome: "handed over"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.hospital.Record(t.Context(), c.token, api.Draft{Kind: "encounter-closed", Encounter: patient, Content: b})
		return err
	}
	if err := ends(); err != nil {
		t.Fatal(err)
	}
	c.carry(c.hospital, taker.k)
	c.writes("patient-identified", patient, time.Time{}, &chart.PatientIdentified{Who: chart.Demographics{Label: "tag 0417"}})
	c.comes("what was written after the end", func(r *record) bool { return r.beds[patient] == nil || r.beds[patient].tag == "tag 0417" })
	if got := taker.hear(left); got != patient {
		t.Fatal("the monitor has left the patient who lies in this vehicle")
	}
	taker.restart()
	if got := taker.hear(left); got != patient {
		t.Error("after a restart the monitor records to somebody else")
	}
	if row, err := taker.k.rowOf(t.Context(), patient); err != nil || row.Status != chart.Open {
		t.Errorf("the encounter is %q: %v", row.Status, err)
	}
	var fault *api.Fault
	if err := ends(); !errors.As(err, &fault) || fault.Code != api.CodeRefused {
		t.Errorf("a giver that knows of it is told %v", err)
	}
}
