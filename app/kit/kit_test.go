package kit

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/devices"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

const words = "correct horse battery staple street"

// newKit makes a station in a folder of the test's and opens it, with nothing
// running.
func newKit(t *testing.T) (*Kit, api.Token) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "station")
	if _, err := Init(t.Context(), dir, New{Nameplate: Nameplate{Kind: "ambulance", CallSign: "AMB-7"}, Passphrase: words}); err != nil {
		t.Fatal(err)
	}
	k, err := Open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	})
	token, err := k.Unlock(t.Context(), words)
	if err != nil {
		t.Fatal(err)
	}
	return k, token
}

func TestEveryKindOfEntryIsRecordedAndShownAsItWasTyped(t *testing.T) {
	k, token := newKit(t)
	b, err := os.ReadFile("../../triage/chart/testdata/examples.json")
	if err != nil {
		t.Fatal(err)
	}
	var examples []struct {
		Kind    string
		Content json.RawMessage
	}
	if err := json.Unmarshal(b, &examples); err != nil {
		t.Fatal(err)
	}
	patient := newID()
	for _, e := range examples {
		t.Run(e.Kind, func(t *testing.T) {
			opened, err := k.Record(t.Context(), token, api.Draft{Kind: "encounter-opened", Content: json.RawMessage(`{"setting":"ambulance"}`)})
			if err != nil {
				t.Fatal(err)
			}
			if e.Kind == "encounter-shared" { // its end is to come
				until, _ := chart.At(time.Now().Add(time.Hour)).MarshalText()
				e.Content = regexp.MustCompile(`"until":"[^"]*"`).ReplaceAll(e.Content, []byte(`"until":"`+string(until)+`"`))
			}
			d := api.Draft{Kind: e.Kind, Content: e.Content, Encounter: opened.Encounter, Patient: patient}
			recorded, err := k.Record(t.Context(), token, d)
			kind, _ := chart.KindNamed(e.Kind)
			if log := journal.Log(kind.Log); log != journal.Chart && log != journal.Supply {
				if err == nil {
					t.Fatalf("a person recorded an entry of the %v log", log)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			entries, err := k.Entries(t.Context(), token, opened.Encounter)
			if err != nil {
				t.Fatal(err)
			}
			for _, shown := range entries {
				if shown.Ref != recorded.Ref {
					continue
				}
				got, err := json.Marshal(shown.Content)
				if err != nil {
					t.Fatal(err)
				}
				var want bytes.Buffer
				if err := json.Compact(&want, e.Content); err != nil {
					t.Fatal(err)
				}
				if unescaped(string(got)) != unescaped(want.String()) {
					t.Errorf("recorded %s\nshown    %s", want.String(), got)
				}
				if shown.Encounter != opened.Encounter || shown.Patient != patient || shown.Withdrawn || shown.Absent != chart.Present {
					t.Errorf("shown in another place: %+v", shown)
				}
				return
			}
			t.Error("what was recorded is not shown")
		})
	}
	report, err := k.Verify(t.Context(), token)
	if err != nil || len(report.Findings) > 0 {
		t.Errorf("verify: %v, %v", err, report.Findings)
	}
}

// unescaped undoes what encoding/json does to <, > and & for browsers' sake.
func unescaped(s string) string {
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(s)
}

func TestWhatAPersonMayNotDoIsSaidInWords(t *testing.T) {
	k, token := newKit(t)
	note := json.RawMessage(`{"text":"x"}`)
	for _, c := range []struct {
		story string
		do    func() error
		code  string
		says  string
	}{
		{"nobody is signed in", func() error {
			_, err := k.Record(t.Context(), "made up", api.Draft{Kind: "note", Content: note})
			return err
		}, api.CodeSession, "Sign in again"},
		{"a kind that does not exist", func() error {
			_, err := k.Record(t.Context(), token, api.Draft{Kind: "horoscope", Content: note})
			return err
		}, api.CodeInvalid, "horoscope"},
		{"a note of no encounter", func() error {
			_, err := k.Record(t.Context(), token, api.Draft{Kind: "note", Content: note})
			return err
		}, api.CodeInvalid, "--encounter"},
		{"a field the kind does not have", func() error {
			_, err := k.Record(t.Context(), token, api.Draft{Kind: "note", Encounter: newID(), Content: json.RawMessage(`{"text":"x","colour":"red"}`)})
			return err
		}, api.CodeInvalid, "does not know"},
		{"a saturation of 300 %", func() error {
			_, err := k.Record(t.Context(), token, api.Draft{Kind: "vitals", Encounter: newID(), Content: json.RawMessage(`{"reason":"hand","values":[{"sign":"SpO2","value":300}]}`)})
			return err
		}, api.CodeInvalid, "not possible"},
		{"a note that nobody would see", func() error {
			_, err := k.Record(t.Context(), token, api.Draft{Kind: "note", Encounter: newID(), Content: note})
			return err
		}, api.CodeNotFound, "patients"},
		{"a monitor at an encounter that is over", func() error {
			opened, err := k.Record(t.Context(), token, api.Draft{Kind: "encounter-opened", Content: json.RawMessage(`{"setting":"ambulance"}`)})
			if err != nil {
				return err
			}
			if _, err := k.Record(t.Context(), token, api.Draft{Kind: "encounter-closed", Encounter: opened.Encounter, Content: json.RawMessage(`{"outcome":"handed over"}`)}); err != nil {
				return err
			}
			_, err = k.Record(t.Context(), token, api.Draft{Kind: "monitor-bound", Encounter: opened.Encounter, Content: json.RawMessage(`{"monitor":"Nonin 77"}`)})
			return err
		}, api.CodeInvalid, "new encounter"},
		{"an encounter nobody has heard of", func() error {
			_, err := k.Entries(t.Context(), token, newID())
			return err
		}, api.CodeNotFound, "patients"},
		{"the wrong passphrase", func() error {
			_, err := k.Unlock(t.Context(), "five words that are wrong")
			return err
		}, api.CodeRefused, "slower"},
	} {
		t.Run(c.story, func(t *testing.T) {
			err := c.do()
			fault, ok := err.(*api.Fault)
			if !ok || fault.Code != c.code || !strings.Contains(fault.Error(), c.says) {
				t.Errorf("it says %v, want a %s that says %q", err, c.code, c.says)
			}
		})
	}
}

func TestAChangedPassphraseOpensAndTheOldOneDoesNot(t *testing.T) {
	k, token := newKit(t)
	const fresh = "another five words for today"
	if err := k.ChangePassphrase(t.Context(), token, words, fresh); err != nil {
		t.Fatal(err)
	}
	if err := k.Lock(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Unlock(t.Context(), words); err == nil {
		t.Error("the old passphrase still opens the store")
	}
	if _, err := k.Unlock(t.Context(), fresh); err != nil {
		t.Errorf("the new one does not: %v", err)
	}
}

// follow records what k's flows hold until ctx ends.
func write(t *testing.T, k *Kit) (stop func()) {
	t.Helper()
	m, err := k.member()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		k.record.write(ctx, k.store, m)
		close(done)
	}()
	return func() { cancel(); <-done }
}

// settled waits until nothing waits for the store.
func settled(t *testing.T, k *Kit) {
	t.Helper()
	for end := time.Now().Add(3 * time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		k.record.mu.Lock()
		n := len(k.record.backlog)
		k.record.mu.Unlock()
		if n == 0 {
			return
		}
	}
	t.Fatal("entries still wait for the store")
}

func TestReadingsGoToTheMonitorsEncounterAndFollowItWhenItIsBound(t *testing.T) {
	k, token := newKit(t)
	k.record.setStation(k.share.member.Load().device)
	stop := write(t, k)
	defer stop()
	port := devices.PortInfo{Name: "/dev/ttyS9"}
	say := func(v int64) {
		r := vital.Of(vital.SpO2, vital.Int(v))
		r.Arrived = k.clock.Now()
		k.record.Reading(port, r)
		k.record.mu.Lock()
		for _, b := range k.record.beds {
			k.record.second(b, k.clock.Now()-vital.Instant(time.Second), k.clock.Now())
		}
		k.record.mu.Unlock()
		settled(t, k)
	}
	k.record.Monitor(port, vital.Provenance{Make: "Nonin", Model: "3150", Serial: "77", Driver: "nonin"})
	say(97)
	provisional := k.record.where(port)
	if provisional == (chart.ID{}) {
		t.Fatal("an unbound monitor records to nothing")
	}
	opened, err := k.Record(t.Context(), token, api.Draft{Kind: "encounter-opened", Content: json.RawMessage(`{"setting":"ambulance"}`)})
	if err != nil {
		t.Fatal(err)
	}
	bind, _ := json.Marshal(&chart.MonitorBound{Monitor: k.record.nameOf(port)})
	if _, err := k.Record(t.Context(), token, api.Draft{Kind: "monitor-bound", Encounter: opened.Encounter, Content: bind}); err != nil {
		t.Fatal(err)
	}
	say(88)
	if got := k.record.where(port); got != opened.Encounter {
		t.Fatalf("the bound monitor records to %v", got)
	}
	for _, c := range []struct {
		story     string
		encounter chart.ID
		want      vital.Decimal
	}{{"before the binding", provisional, vital.Int(97)}, {"after it", opened.Encounter, vital.Int(88)}} {
		entries, err := k.entries(t.Context(), c.encounter)
		if err != nil {
			t.Fatal(err)
		}
		fold := chart.NewFold(c.encounter)
		fold.Add(entries...)
		sign := fold.Chart().Sign(vital.SpO2)
		if sign.LastValue == nil || sign.LastValue.Vital.Value.Cmp(c.want) != 0 || sign.Lowest.Vital.Value.Cmp(c.want) != 0 {
			t.Errorf("%s: the chart has %+v, want %v alone", c.story, sign.Last, c.want)
		}
		seconds, _, err := k.store.Seconds(t.Context(), c.encounter, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
		if err != nil || len(seconds) == 0 {
			t.Errorf("%s: no second of the stream is on disk (%v)", c.story, err)
		}
	}

	// After a restart the monitor is put back where it was bound.
	if err := k.restoreBeds(t.Context()); err != nil {
		t.Fatal(err)
	}
	if h, ok := k.record.bound[k.record.nameOf(port)]; !ok || h.bed.encounter != opened.Encounter {
		t.Error("after a restart the monitor would record elsewhere")
	}
}

func TestAProbeThatComesOffIsChartedWithItsReasonAndNeverAsZero(t *testing.T) {
	k, _ := newKit(t)
	stop := write(t, k)
	defer stop()
	port := devices.PortInfo{Name: "/dev/ttyS9"}
	at := k.clock.Now()
	feed := func(r vital.Reading, after time.Duration) {
		r.Arrived = at.Add(after)
		k.record.mu.Lock()
		m := k.record.place(port)
		w, changes, _ := m.bed.take(r.Arrived, m.name, r, m.prov, k.record.results)
		k.record.alarms(m.bed, w, changes)
		k.record.mu.Unlock()
	}
	feed(vital.Of(vital.SpO2, vital.Int(97)), 0)
	for s := time.Second; s <= 15*time.Second; s += time.Second {
		feed(vital.None(vital.SpO2, vital.ProbeOff), s)
	}
	settled(t, k)
	entries, err := k.entries(t.Context(), k.record.where(port))
	if err != nil {
		t.Fatal(err)
	}
	fold := chart.NewFold(k.record.where(port))
	fold.Add(entries...)
	c := fold.Chart()
	last := c.Sign(vital.SpO2).Last
	if last == nil || last.Vital.Value != nil || last.Vital.State != vital.ProbeOff {
		t.Errorf("charted %+v, want probe off", last)
	}
	raised := c.Of(chart.TypeAlarmRaised)
	if len(raised) != 1 || raised[0].Content.(*chart.AlarmRaised).Priority != chart.TechnicalPriority {
		t.Errorf("%d alarms were raised, want one technical one", len(raised))
	}
}

// The window shows what was typed beside what monitors say, and who may have had a
// dose twice, from the patient list.
func TestTheListTellsOfAPatientInCareWhatWasJustCharted(t *testing.T) {
	s := newShift(t)
	patient := s.admit()
	value := vital.Int(80)
	s.record("vitals", patient, &chart.Vitals{Reason: chart.ReasonHand, Values: []chart.Vital{{Sign: vital.NIBPSys, Value: &value}}})
	row := func() chart.Row {
		t.Helper()
		rows, err := s.k.Encounters(t.Context(), s.token)
		if err != nil || len(rows) != 1 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		return rows[0]
	}
	if r := row(); len(r.Last) != 1 || r.Last[0].Vital.Sign != vital.NIBPSys || *r.Last[0].Vital.Value != value {
		t.Errorf("after a pressure of 80 was typed the list tells %+v", r.Last)
	}
	value = vital.Int(70)
	s.record("vitals", patient, &chart.Vitals{Reason: chart.ReasonHand, Values: []chart.Vital{{Sign: vital.NIBPSys, Value: &value}}})
	if r := row(); len(r.Last) != 1 || *r.Last[0].Vital.Value != value {
		t.Errorf("after 70 was typed the list tells %+v", r.Last)
	}
	settled(t, s.k)
	triaged := s.record("triage", patient, &chart.Triage{Scheme: "START", Category: "MINOR", Urgency: chart.Standard})
	if triaged != patient || row().Category != "MINOR" {
		t.Errorf("the list tells %q", row().Category)
	}
	// One that nobody closed is told of as who it is, and not read whole for ever.
	s.k.clock.wall = func() time.Time { return time.Now().Add(2 * inCareFor) }
	if r := row(); r.Category != "MINOR" || len(r.Last) != 0 {
		t.Errorf("two days later the list tells %q and %+v", r.Category, r.Last)
	}
}
