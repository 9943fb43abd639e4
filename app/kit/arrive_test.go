package kit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/devices"
	"fieldkit/sync/exchange"
	"fieldkit/sync/journal"
	"fieldkit/triage/alarm"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// couple is a vehicle whose recording is driven by hand, and a hospital of its team.
type couple struct {
	t        *testing.T
	vehicle  *shift
	hospital *Kit
	token    api.Token // at the hospital
}

func newCouple(t *testing.T) *couple {
	t.Helper()
	c := &couple{t: t, vehicle: newShift(t)}
	v := c.vehicle
	v.k.record.setStation(v.k.share.member.Load().device)
	invitation, err := v.k.Invite(t.Context(), v.token)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "hospital")
	made, err := Init(t.Context(), dir, New{Nameplate: Nameplate{Kind: "hospital", CallSign: "St Mary"}, Passphrase: words, Invitation: invitation.Text})
	if err != nil {
		t.Fatal(err)
	}
	if c.hospital, err = Open(dir, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.hospital.Close(); err != nil {
			t.Error(err)
		}
	})
	if c.token, err = c.hospital.Unlock(t.Context(), words); err != nil {
		t.Fatal(err)
	}
	if _, err := v.k.Approve(t.Context(), v.token, api.Approval{Key: made.Device, Kind: "hospital", CallSign: "St Mary", Grant: "all"}); err != nil {
		t.Fatal(err)
	}
	c.carry(v.k, c.hospital)
	if err := v.k.share.fold(t.Context(), v.k.share.member.Load().team); err != nil {
		t.Fatal(err)
	}
	x, err := exchange.New(t.Context(), v.k.share.config(v.k.share.member.Load())) // in touch with nobody
	if err != nil {
		t.Fatal(err)
	}
	k := v.k // the one that runs now: a test may restart the vehicle
	unwatch := k.store.Watch(func(ch store.Change) {
		if !ch.Local {
			k.share.changed(x, ch)
		}
	})
	ctx, stop := context.WithCancel(context.Background())
	var receiving sync.WaitGroup
	receiving.Go(func() { k.receive(ctx) })
	t.Cleanup(func() { unwatch(); stop(); receiving.Wait() })
	return c
}

// carry brings all that one station holds to the other, as the exchange would.
func (c *couple) carry(from, to *Kit) {
	c.t.Helper()
	heads, err := from.store.Heads(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	for log := journal.Team; log <= journal.Stream; log++ {
		for _, h := range heads {
			if h.Log != log {
				continue
			}
			err := from.store.Pieces(c.t.Context(), h.Device, h.Log, h.Epoch, 0, func(p journal.Piece) error {
				return to.store.Accept(c.t.Context(), []journal.Piece{p})
			})
			if err != nil {
				c.t.Fatal(err)
			}
		}
		if log == journal.Team {
			if err := to.share.fold(c.t.Context(), to.share.member.Load().team); err != nil {
				c.t.Fatal(err)
			}
		}
	}
}

// writes records at the hospital and brings it to the vehicle.
func (c *couple) writes(kind string, encounter chart.ID, happened time.Time, content chart.Content) {
	c.t.Helper()
	settled(c.t, c.vehicle.k)
	c.carry(c.vehicle.k, c.hospital)
	b, err := json.Marshal(content)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.hospital.Record(c.t.Context(), c.token, api.Draft{Kind: kind, Encounter: encounter, Happened: happened, Content: b}); err != nil {
		c.t.Fatal(err)
	}
	c.carry(c.hospital, c.vehicle.k)
}

// comes waits until the vehicle's beds say what is awaited.
func (c *couple) comes(what string, is func(r *record) bool) {
	c.t.Helper()
	r := c.vehicle.k.record
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		r.mu.Lock()
		ok := is(r)
		r.mu.Unlock()
		if ok {
			return
		}
	}
	c.t.Fatalf("it never came: %s", what)
}

// alarmed is a patient of the vehicle with two alarms that sound, on disk.
func (c *couple) alarmed() (patient chart.ID, w *watch) {
	c.t.Helper()
	s := c.vehicle
	patient = s.admit()
	s.speak(left, ours)
	s.bind("Nonin 77", patient)
	for _, text := range []string{"battery low", "probe off"} {
		s.k.record.Alarm(left, devices.Alarm{Text: text, Priority: devices.Low, Technical: true})
	}
	settled(c.t, s.k)
	return patient, s.k.record.beds[patient].watch(source{monitor: "Nonin 77"})
}

func reported(text string) alarm.Condition { return alarm.Condition{What: alarm.Reported, About: text} }

func state(w *watch, c alarm.Condition) alarm.State {
	for _, a := range w.engine.Active() {
		if a.Condition == c {
			return a.State
		}
	}
	return alarm.Quiet
}

func TestAnAcknowledgementByTheHospitalReachesTheVehiclesAlarm(t *testing.T) {
	c := newCouple(t)
	patient, w := c.alarmed()
	place := *w.raised[reported("battery low")]
	c.writes("alarm-acknowledged", patient, time.Now().Add(-10*time.Minute), &chart.AlarmAcknowledged{Of: []chart.Ref{place}})
	c.writes("patient-identified", patient, time.Time{}, &chart.PatientIdentified{Who: chart.Demographics{Label: "tag 0417", Age: "7 mo"}})
	c.comes("the label and the infant's limits", func(r *record) bool {
		return r.beds[patient].tag == "tag 0417" && w.engine.Limits().ID == alarm.ForAge(7).ID
	})
	c.comes("an old word silences nothing", func(*record) bool { return state(w, reported("battery low")) == alarm.Sounding })
	c.writes("alarm-acknowledged", patient, time.Time{}, &chart.AlarmAcknowledged{Of: []chart.Ref{place}})
	c.comes("the acknowledgement", func(*record) bool { return state(w, reported("battery low")) == alarm.Acknowledged })
	if got := state(w, reported("probe off")); got != alarm.Sounding {
		t.Errorf("the other alarm is %v", got)
	}
}

func TestLimitsSetAnywhereAreWatchedByAndKeptOverARestart(t *testing.T) {
	c := newCouple(t)
	patient, w := c.alarmed()
	low := vital.Int(85)
	c.writes("limits-set", patient, time.Time{}, &chart.LimitsSet{Limits: []chart.Limit{{Sign: vital.SpO2, Low: &low}}, Why: "COPD"})
	at := func(n int64) alarm.Priority { return worstOf(w.engine.Limits(), vital.SpO2, n) }
	c.comes("the limit", func(*record) bool { return at(86) == alarm.None })
	if at(85) == alarm.None || at(79) != alarm.High || worstOf(w.engine.Limits(), vital.HeartRate, 131) != alarm.High {
		t.Errorf("85 %%: %v, 79 %%: %v, a heart rate of 131: %v", at(85), at(79), worstOf(w.engine.Limits(), vital.HeartRate, 131))
	}
	s := c.vehicle
	settled(t, s.k)
	if err := s.k.restoreBeds(t.Context()); err != nil {
		t.Fatal(err)
	}
	high := vital.Int(140)
	s.record("limits-set", patient, &chart.LimitsSet{Limits: []chart.Limit{{Sign: vital.HeartRate, High: &high}}})
	if got := w.engine.Limits(); worstOf(got, vital.HeartRate, 135) != alarm.None || at(86) != alarm.None {
		t.Errorf("after limits of another sign were set here: %+v", got)
	}
}

// worstOf is the priority of the worst tier that a whole number is beyond.
func worstOf(l alarm.Limits, s vital.Sign, n int64) (p alarm.Priority) {
	for _, limit := range l.Limit {
		for _, tier := range limit.Tier {
			c := vital.Int(n).Cmp(tier.Bound)
			if limit.Sign == s && (limit.Side == alarm.TooLow && c <= 0 || limit.Side == alarm.TooHigh && c >= 0) {
				p = max(p, tier.Priority)
			}
		}
	}
	return p
}

func TestAnEncounterClosedAtTheHospitalEndsItsBedInTheVehicle(t *testing.T) {
	c := newCouple(t)
	patient, _ := c.alarmed()
	c.writes("encounter-closed", patient, time.Time{}, &chart.EncounterClosed{Outcome: "handed over"})
	c.comes("the end", func(r *record) bool { return r.beds[patient] == nil })
	if got := c.vehicle.hear(left); got == patient {
		t.Error("the monitor goes on recording to the patient who was handed over")
	}
}

func TestWhenMoreComesThanMayWaitTheBedsAreReadFromTheRecord(t *testing.T) {
	c := newCouple(t)
	patient, w := c.alarmed()
	a := c.vehicle.k.arrivals
	a.mu.Lock()
	a.behind = true
	a.mu.Unlock()
	c.writes("alarm-acknowledged", patient, time.Time{}, &chart.AlarmAcknowledged{Of: []chart.Ref{*w.raised[reported("probe off")]}})
	c.comes("the acknowledgement", func(*record) bool { return state(w, reported("probe off")) == alarm.Acknowledged })

	full := newArrivals()
	full.note(store.Change{Pieces: make([]journal.Piece, 1)}) // of no chart log
	if _, _, behind := full.take(); behind {
		t.Error("one piece was too much")
	}
	chartPiece := journal.Piece{Head: journal.Head{Log: journal.Chart}}
	for range arrivalsMost + 1 {
		full.note(store.Change{Pieces: []journal.Piece{chartPiece}})
	}
	if pieces, _, behind := full.take(); !behind || len(pieces) > 0 {
		t.Errorf("%d pieces wait, behind %v", len(pieces), behind)
	}
}

func TestAPauseOfOneAlarmSilencesThatOneAndSaysForHowLong(t *testing.T) {
	c := newCouple(t)
	patient, w := c.alarmed()
	s := c.vehicle
	place := *w.raised[reported("battery low")]
	s.record("alarm-paused", patient, &chart.AlarmPaused{Of: []chart.Ref{place}, Seconds: 60})
	paused := s.k.record.pauses()
	if len(paused) != 1 || paused[0].Encounter != patient || paused[0].Alarm != w.ids[reported("battery low")] || paused[0].Left > time.Minute || paused[0].Left <= 0 {
		t.Errorf("paused: %+v, want the one alarm for a minute", paused)
	}
	if _, all := w.engine.Paused(s.k.clock.Now()); all {
		t.Error("all alarms are paused")
	}
	s.record("alarm-paused", patient, &chart.AlarmPaused{Of: []chart.Ref{{Seq: 4711}}, Seconds: 60})
	if now := s.k.record.pauses(); len(now) != 1 {
		t.Errorf("the pause of an alarm that does not stand made %+v", now)
	}
	c.writes("alarm-paused", patient, time.Time{}, &chart.AlarmPaused{Seconds: 120})
	c.writes("patient-identified", patient, time.Time{}, &chart.PatientIdentified{Who: chart.Demographics{Label: "tag 1"}})
	c.comes("what was written after it", func(r *record) bool { return r.beds[patient].tag == "tag 1" })
	if now := s.k.record.pauses(); len(now) != 1 {
		t.Errorf("a pause at the hospital silences the vehicle: %+v", now)
	}
	s.record("alarm-paused", patient, &chart.AlarmPaused{Seconds: 120})
	st, err := s.k.State(t.Context())
	if err != nil || len(st.Paused) != 2 || st.Paused[0].Alarm != 0 || st.Paused[0].Left > alarm.MaxPause {
		t.Errorf("the state says %+v (%v)", st.Paused, err)
	}
	b, _ := json.Marshal(&chart.AlarmPaused{Seconds: 121})
	_, err = s.k.Record(t.Context(), s.token, api.Draft{Kind: "alarm-paused", Encounter: patient, Content: b})
	var fault *api.Fault
	if !errors.As(err, &fault) || fault.Code != api.CodeInvalid || !strings.Contains(fault.What, "120 seconds") {
		t.Errorf("a pause of 121 s: %v", err)
	}
}

func TestOfTwoLimitsThatStandTheOneThatAlarmsFirstHolds(t *testing.T) {
	n := func(v int64) *vital.Decimal { d := vital.Int(v); return &d }
	spo2 := func(l chart.Limit) chart.Limit { l.Sign = vital.SpO2; return l }
	for _, c := range []struct {
		story      string
		x, y, want chart.Limit
	}{
		{"the inner bounds", spo2(chart.Limit{Low: n(85)}), spo2(chart.Limit{Low: n(88), High: n(98)}), spo2(chart.Limit{Low: n(88), High: n(98)})},
		{"off only when both say so", spo2(chart.Limit{Off: true}), spo2(chart.Limit{Low: n(85)}), spo2(chart.Limit{Low: n(85)})},
		{"the higher priority and the shorter delay",
			spo2(chart.Limit{Low: n(85), Priority: chart.LowPriority, DelayMS: 9000}), spo2(chart.Limit{Low: n(80), Priority: chart.HighPriority, DelayMS: 4000}),
			spo2(chart.Limit{Low: n(85), Priority: chart.HighPriority, DelayMS: 4000})},
	} {
		for range 2 {
			got := sooner(c.x, c.y)
			a, _ := json.Marshal(got)
			b, _ := json.Marshal(c.want)
			if string(a) != string(b) {
				t.Errorf("%s: %s, want %s", c.story, a, b)
			}
			c.x, c.y = c.y, c.x
		}
	}
	off := byHand(alarm.Adult(), []chart.Limit{spo2(chart.Limit{Off: true})})
	if worstOf(off, vital.SpO2, 60) != alarm.None || worstOf(off, vital.HeartRate, 131) != alarm.High {
		t.Error("off is not off, or more than the sign is")
	}
}

// Two entries at once, from two faces or from a face and the exchange: the bed must
// not keep what an older reading of the record said.
func TestOfLimitsSetAtOnceTheBedHasWhatTheRecordHas(t *testing.T) {
	s := newShift(t)
	patient := s.admit()
	s.speak(left, ours)
	s.bind("Nonin 77", patient)
	for range 150 { // a long record takes long to read
		note(t, s.k, s.token, patient, "x")
	}
	for round := range 20 {
		var faces sync.WaitGroup
		for face := range 6 {
			faces.Go(func() {
				content := fmt.Sprintf(`{"limits":[{"sign":"SpO2","low":%d}]}`, 60+(round*6+face)%35)
				if _, err := s.k.Record(t.Context(), s.token, api.Draft{Kind: "limits-set", Encounter: patient, Content: json.RawMessage(content)}); err != nil {
					t.Error(err)
				}
			})
		}
		faces.Wait()
		entries, err := s.k.entries(t.Context(), patient)
		if err != nil {
			t.Fatal(err)
		}
		fold := chart.NewFold(patient)
		fold.Add(entries...)
		want, err := json.Marshal(limitsOf(fold.Chart()))
		if err != nil {
			t.Fatal(err)
		}
		s.k.record.mu.Lock()
		got, err := json.Marshal(s.k.record.beds[patient].hand)
		s.k.record.mu.Unlock()
		if err != nil || string(got) != string(want) {
			t.Fatalf("round %d: the bed has %s, the record %s (%v)", round, got, want, err)
		}
	}
}
