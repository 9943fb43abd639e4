package kit

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/sync/identity"
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

// Over the true exchange: a vehicle that receives only what is handed to it takes a
// patient over, and the hospital for whom the patient is bound reads what it writes.
func TestTheVehicleThatTakesOverReadsTheRecordAndTheHospitalReadsItsWords(t *testing.T) {
	giver := newPost(t, "AMB-7", nil, anAdmin)
	taker := newPost(t, "AMB-3", giver, identity.Member{Kind: identity.Ambulance, Site: "south", Grant: identity.GrantHanded})
	hospital := newPost(t, "ST-MARY", giver, aGuest)
	meet(t, giver, taker)
	meet(t, giver, hospital)
	meet(t, taker, hospital)
	encounter, patient := giver.opens("Diaz", "morphine")
	giver.bind(encounter, hospital)
	other, _ := giver.opens("Okoro", "aspirin")
	offer := giver.writes(encounter, patient, &chart.HandoverOffered{Format: "ATMIST", To: "AMB-3", Station: taker.x.Self(), Onward: true,
		Items: []chart.HandoverItem{{Key: "age", Text: "64"}}})
	state := func(p *post) (state chart.TransferState) {
		rows, err := p.Encounters(t.Context(), p.token)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if r.Encounter == encounter && len(r.Transfers) == 1 && r.Transfers[0].Of == offer.Ref {
				state = r.Transfers[0].State
			}
		}
		return state
	}
	eventually(t, "the patient was offered to AMB-3", func() bool { return state(taker) == chart.TransferOffered })
	eventually(t, "AMB-3 read the record", taker.reads(encounter, "gave morphine"))
	if got := taker.texts(other); len(got) != 0 {
		t.Errorf("AMB-3 reads of a patient who was not handed to it: %q", got)
	}
	taker.writes(encounter, patient, &chart.HandoverAccepted{Of: offer.Ref})
	eventually(t, "AMB-7 heard that AMB-3 has taken over", func() bool { return state(giver) == chart.TransferDone })
	taker.writes(encounter, patient, &chart.Note{Text: "in AMB-3"})
	eventually(t, "the hospital read what AMB-3 wrote", hospital.reads(encounter, "gave morphine", "in AMB-3"))
	entries, err := giver.entries(t.Context(), encounter)
	if err != nil {
		t.Fatal(err)
	}
	fold := chart.NewFold(encounter)
	fold.Add(entries...)
	if to, said := fold.Chart().HandedOn(giver.x.Self()); said == nil || to != "AMB-3" {
		t.Errorf("the record says that AMB-7 handed the patient to %q", to)
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
