package kit

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/devices"
	"fieldkit/telemetry/wave"
	"fieldkit/triage/alarm"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// A locked screen goes on showing its own patient, and nobody else's.
func TestALockedScreenShowsItsPatientAndNoOther(t *testing.T) {
	dir := madeStation(t)
	r := start(t, dir, "127.0.0.1:0")
	if err := r.Follow(t.Context(), "", nil); !fault(err, api.CodeSession) {
		t.Fatalf("before anything was locked a face without a session got %v", err)
	}
	r.hear(93)
	mine := r.record.where(left)
	if err := r.LockScreen(t.Context(), r.token, mine); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Encounters(t.Context(), r.token); !fault(err, api.CodeSession) {
		t.Errorf("the session goes on after the screen was locked: %v", err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	seen := map[chart.ID]int{}
	decoder := wave.Decoder{Streams: wave.MaxStreams}
	go func() {
		for ctx.Err() == nil { // two patients, until enough was seen
			r.hear(93)
			reading := vital.Of(vital.SpO2, vital.Int(97))
			reading.Arrived = r.clock.Now()
			r.record.Reading(right, reading)
			time.Sleep(20 * time.Millisecond)
		}
	}()
	enough := errors.New("enough")
	err := r.Follow(ctx, "", func(b []byte) error {
		var f wave.Frame
		if decoder.Decode(b, &f) == nil {
			seen[chart.ID(f.Binding.Encounter)]++
		}
		if seen[mine] >= 5 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || len(seen) != 1 {
		t.Errorf("the locked screen saw %d patients, its own %d times: %v", len(seen), seen[mine], err)
	}
	if _, err := r.BreakGlass(t.Context(), " "); !fault(err, api.CodeInvalid) {
		t.Errorf("an emergency without a reason: %v", err)
	}
	token, err := r.BreakGlass(t.Context(), "the medic's badge is lost")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := r.Entries(t.Context(), token, mine)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, e := range entries {
		if event, ok := e.Content.(*chart.Event); ok && event.Name == emergencyEntry {
			found = event.Text == "the medic's badge is lost" && e.Author == chart.Author{Staff: "locked screen"}
		}
	}
	if !found {
		t.Error("the emergency is not on the record")
	}
	if err := r.LockScreen(t.Context(), token, mine); err != nil {
		t.Fatal(err)
	}
	root, err := r.store.Root()
	if err != nil {
		t.Fatal(err)
	}
	r.end()
	again, err := Open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if err := again.store.UnlockRoot(t.Context(), root); err != nil { // as a restarted recorder, by the key that the parent holds
		t.Fatal(err)
	}
	if id, err := again.shown(t.Context()); err != nil || id != mine {
		t.Errorf("after a restart the locked screen shows %v (%v)", id, err)
	}
}

// What a locked screen may see without a session ends when somebody is at it again,
// and with its patient's encounter.
func TestTheLockedScreensDoorClosesAgain(t *testing.T) {
	k, token := staffed(t)
	ended := make(chan error, 1)
	lock := func(by api.Token, on chart.ID) {
		t.Helper()
		if err := k.LockScreen(t.Context(), by, on); err != nil {
			t.Fatal(err)
		}
		go func() { ended <- k.Follow(t.Context(), "", func([]byte) error { return nil }) }()
		until(t, "the locked screen follows", func() bool {
			k.live.mu.Lock()
			defer k.live.mu.Unlock()
			return len(k.live.followers) == 1
		})
	}
	closed := func(story string) {
		t.Helper()
		patience, stop := context.WithTimeout(t.Context(), 2*time.Minute)
		defer stop()
		if err := k.Follow(patience, "", nil); !fault(err, api.CodeSession) {
			t.Errorf("%s: a new face without a session got %v", story, err)
		}
		if _, err := k.BreakGlass(t.Context(), "x"); !fault(err, api.CodeSession) {
			t.Errorf("%s: anybody still comes in by an emergency: %v", story, err)
		}
		select {
		case err := <-ended:
			if !fault(err, api.CodeSession) {
				t.Errorf("%s: the face without a session ended with %v", story, err)
			}
		case <-time.After(2 * time.Minute):
			t.Fatalf("%s: a face without a session follows on", story)
		}
		if b, err := k.store.Kept(t.Context(), keptShown); !errors.Is(err, store.ErrNotKept) {
			t.Errorf("%s: after a restart it would be open again: %x, %v", story, b, err)
		}
	}
	var err error
	in := func() api.Token { return enter(t, k, "mw").Token }

	lock(token, patient(t, k, token, "sitting"))
	session := in()
	closed("somebody signed in")

	lock(session, patient(t, k, session, "sitting"))
	if token, err = k.Unlock(t.Context(), words); err != nil {
		t.Fatal(err)
	}
	closed("the passphrase was given")

	lock(token, patient(t, k, token, "sitting"))
	if token, err = k.BreakGlass(t.Context(), "no badge"); err != nil {
		t.Fatal(err)
	}
	closed("an emergency")

	for kind, content := range map[string]string{"encounter-closed": `{"outcome":"handed over"}`, "encounter-stood-down": `{"why":"not needed"}`} {
		over := patient(t, k, token, "sitting")
		other, err := k.Unlock(t.Context(), words)
		if err != nil {
			t.Fatal(err)
		}
		lock(token, over)
		if _, err := k.Record(t.Context(), other, api.Draft{Kind: "note", Encounter: over, Content: json.RawMessage(`{"text":"x"}`)}); err != nil {
			t.Fatal(err)
		}
		if id, err := k.shown(t.Context()); err != nil || id != over {
			t.Fatalf("a note took the patient off the screen: %v, %v", id, err)
		}
		if _, err := k.Record(t.Context(), other, api.Draft{Kind: kind, Encounter: over, Content: json.RawMessage(content)}); err != nil {
			t.Fatal(err)
		}
		closed(kind)
		token = other
	}
}

func TestAScreenIsLockedThoughTheDiskTakesNothing(t *testing.T) {
	k, token := newKit(t)
	on := patient(t, k, token, "sitting")
	full, stop := context.WithCancel(t.Context())
	stop() // the store keeps nothing, as on a full disk
	_ = k.LockScreen(full, token, on)
	if _, err := k.Encounters(t.Context(), token); !fault(err, api.CodeSession) {
		t.Errorf("the session goes on: %v", err)
	}
	if id, err := k.shown(t.Context()); err != nil || id != on {
		t.Errorf("the locked screen shows %v (%v), want its patient", id, err)
	}
}

func TestAnAlarmOfALockedScreensPatientCanBeSilenced(t *testing.T) {
	s := newShift(t)
	patient := s.admit()
	s.speak(left, ours)
	s.bind("Nonin 77", patient)
	if err := s.k.AcknowledgeShown(t.Context()); !fault(err, api.CodeSession) {
		t.Errorf("nothing is on screen: %v", err)
	}
	if err := s.k.LockScreen(t.Context(), s.token, patient); err != nil {
		t.Fatal(err)
	}
	if err := s.k.AcknowledgeShown(t.Context()); !fault(err, api.CodeInvalid) {
		t.Errorf("no alarm stands: %v", err)
	}
	s.k.record.Alarm(left, devices.Alarm{Text: "battery low", Priority: devices.Low, Technical: true})
	settled(t, s.k)
	if err := s.k.AcknowledgeShown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := state(s.k.record.beds[patient].watch(source{monitor: "Nonin 77"}), reported("battery low")); got != alarm.Acknowledged {
		t.Errorf("the alarm is %v", got)
	}
}

func fault(err error, code string) bool {
	var f *api.Fault
	return errors.As(err, &f) && f.Code == code
}

// The record's latest entry of a condition is the one that its acknowledgement must
// name, whatever became of that entry.
func TestAnAlarmIsAcknowledgedByItsLatestEntryWhenItIsLatchedOrSoundsAgain(t *testing.T) {
	s := newShift(t)
	patient := s.admit()
	s.speak(left, ours)
	s.bind("Nonin 77", patient)
	b := s.k.record.beds[patient]
	w := b.watch(source{monitor: "Nonin 77"})
	low := alarm.Condition{What: alarm.TooLow, Sign: vital.SpO2}
	now := s.k.clock.Now()
	measure := func(v int64, long time.Duration) {
		for end := now.Add(long); now < end; now = now.Add(time.Second) {
			r := vital.Of(vital.SpO2, vital.Int(v))
			r.Arrived = now
			s.k.record.mu.Lock()
			of, changes, _ := b.take(now, "Nonin 77", r, vital.Provenance{}, results{})
			s.k.record.alarms(b, of, changes)
			s.k.record.mu.Unlock()
		}
		settled(t, s.k)
	}
	acknowledge := func() {
		entries, err := s.k.entries(t.Context(), patient)
		if err != nil {
			t.Fatal(err)
		}
		fold := chart.NewFold(patient)
		fold.Add(entries...)
		all := fold.Chart().Alarms()
		latest := all[len(all)-1].Raised
		if got := latest.Content.(*chart.AlarmRaised).Condition; got != low.String() || got != b.alarms()[0].Text {
			t.Fatalf("the latest entry is of %q, the live alarm says %q", got, b.alarms()[0].Text)
		}
		s.record("alarm-acknowledged", patient, &chart.AlarmAcknowledged{Of: []chart.Ref{latest.Ref}})
	}
	steps := []struct {
		what         string
		value        int64
		long         time.Duration
		stands, then alarm.State
	}{
		{"it begins", 75, 5 * time.Second, alarm.Sounding, alarm.Acknowledged},
		{"two minutes later it sounds again", 75, 3 * time.Minute, alarm.Sounding, alarm.Acknowledged},
		{"it ends", 98, time.Minute, alarm.Quiet, alarm.Quiet},
		{"it begins anew and is latched", 75, 5 * time.Second, alarm.Sounding, alarm.Sounding},
		{"it is over and latched", 98, time.Minute, alarm.Latched, alarm.Quiet},
	}
	for _, step := range steps {
		measure(step.value, step.long)
		if got := state(w, low); got != step.stands {
			t.Fatalf("%s: it is %v, want %v", step.what, got, step.stands)
		}
		if step.then != step.stands {
			acknowledge()
		}
		if got := state(w, low); got != step.then {
			t.Errorf("%s: acknowledged it is %v, want %v", step.what, got, step.then)
		}
	}
}
