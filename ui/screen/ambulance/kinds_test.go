package ambulance

import (
	"context"
	"testing"
	"time"

	"fieldkit/ui/lang"
	"fieldkit/ui/rehearsal"
)

func (r *rig) openKinds() {
	r.t.Helper()
	for _, k := range []lang.Key{lang.LinkAndDevices, lang.AboutStation, lang.KindWord} {
		r.tap(r.say(k))
	}
	r.settle()
}

func TestTheKindOfAStationIsChangedByAHoldOfAnAdminAndByNobodyElse(t *testing.T) {
	r := crew(t)
	r.openKinds()
	r.hold(r.say(lang.HoldKind), 1200*time.Millisecond) // nothing is chosen
	r.tap(r.say(lang.KindClinic))
	r.tap(r.say(lang.KindAmbulance)) // what it is already
	r.hold(r.say(lang.HoldKind), 1200*time.Millisecond)
	r.settle()
	if !r.reads("role") || r.station.Kind != "ambulance" {
		t.Errorf("somebody without the role made it %q", r.station.Kind)
	}
	if err := r.desk.SignIn(context.Background(), "c", rehearsal.PIN); err != nil {
		t.Fatal(err)
	}
	r.ask()
	r.tap(r.say(lang.BackToMonitor))
	r.openKinds()
	r.tap(r.say(lang.KindHospital))
	r.hold(r.say(lang.HoldKind), 300*time.Millisecond)
	r.settle()
	r.ask()
	if r.station.Kind != "ambulance" {
		t.Fatal("a tap was enough")
	}
	r.hold(r.say(lang.HoldKind), 1200*time.Millisecond)
	r.settle()
	r.ask()
	if r.station.Kind != "hospital" || !r.reads(r.speech.Say(lang.KindChanged, r.say(lang.KindHospital))) {
		t.Errorf("the admin made it %q", r.station.Kind)
	}
}
