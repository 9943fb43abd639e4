package kit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// A listReader is a face that asks for the list with the mark of the last one it had.
type listReader struct {
	t     *testing.T
	k     *Kit
	token api.Token
	mark  api.Mark
	told  []byte // as JSON
}

// ask reports whether the list is new, and checks that it is said to be the same only
// when it is, word for word.
func (r *listReader) ask() (fresh bool) {
	r.t.Helper()
	l, err := r.k.ListEncounters(r.t.Context(), r.token, r.mark)
	if err != nil {
		r.t.Fatal(err)
	}
	rows, err := r.k.Encounters(r.t.Context(), r.token)
	if err != nil {
		r.t.Fatal(err)
	}
	whole, err := json.Marshal(rows)
	if err != nil {
		r.t.Fatal(err)
	}
	if same := bytes.Equal(whole, r.told); l.Same != same {
		r.t.Fatalf("said to be the same: %v; it was\n%s\nand is\n%s", l.Same, r.told, whole)
	}
	if told, _ := json.Marshal(l.Rows); !l.Same && !bytes.Equal(told, whole) {
		r.t.Fatalf("told\n%s\nwhile all is\n%s", told, whole)
	}
	if l.Mark == "" || l.Same && l.Rows != nil {
		r.t.Fatalf("the answer is %+v", l)
	}
	r.mark, r.told = l.Mark, whole
	return !l.Same
}

func TestTheListIsToldAgainAfterWhateverChangesARow(t *testing.T) {
	s := newShift(t)
	k := s.k
	r := &listReader{t: t, k: k, token: s.token}
	value := int64(80)
	pressure := func() *chart.Vitals {
		value++
		v := vital.Int(value)
		return &chart.Vitals{Reason: chart.ReasonHand, Values: []chart.Vital{{Sign: vital.NIBPSys, Value: &v}}}
	}
	if !r.ask() {
		t.Fatal("a face that has no list is told none")
	}
	one, two := s.admit(), s.admit()
	now := time.Now()
	k.clock.wall = func() time.Time { return now }
	for _, c := range []struct {
		story string
		do    func()
		fresh bool
	}{
		{"two patients are admitted", func() {}, true},
		{"nothing happens", func() {}, false},
		{"a pressure is typed", func() { s.record("vitals", one, pressure()) }, true},
		{"the other is triaged", func() {
			s.record("triage", two, &chart.Triage{Scheme: "START", Category: "MINOR", Urgency: chart.Standard})
		}, true},
		{"a minute passes", func() { now = now.Add(time.Minute) }, false},
		{"the run of one is over", func() { s.record("encounter-closed", one, &chart.EncounterClosed{Outcome: "handed over"}) }, true},
		{"nothing happens with it", func() {}, false},
		{"its patient's name is learnt all the same", func() {
			s.record("patient-identified", one, &chart.PatientIdentified{Who: chart.Demographics{Family: "Diallo"}})
		}, true},
		{"it is opened again", func() { s.record("encounter-opened", one, &chart.EncounterOpened{Setting: "ambulance"}) }, true},
		{"two days pass, and nobody closed it", func() { now = now.Add(2 * inCareFor) }, true},
		{"another day", func() { now = now.Add(inCareFor) }, false},
		{"the clock is set back", func() { now = now.Add(-3 * inCareFor) }, true},
		{"one is erased", func() {
			if _, err := k.Erase(t.Context(), s.token, two, "asked for"); err != nil {
				t.Fatal(err)
			}
		}, true},
		{"a face that made its mark up", func() { r.mark, r.told = "0123", nil }, true},
		{"somebody else signs in", func() {
			next, err := k.Unlock(t.Context(), words)
			if err != nil {
				t.Fatal(err)
			}
			r.token = next
		}, false},
	} {
		c.do()
		k.live.folded.clear() // a chart serves for a second
		if fresh := r.ask(); fresh != c.fresh {
			t.Errorf("%s: told again %v, want %v", c.story, fresh, c.fresh)
		}
	}
	// The mark opens nothing: not to who is not signed in, not while the store is locked.
	if l, err := k.ListEncounters(t.Context(), "made up", r.mark); !isFault(err, api.CodeSession) || l.Same {
		t.Errorf("without a session: %+v, %v", l, err)
	}
	if err := k.Lock(t.Context(), r.token); err != nil {
		t.Fatal(err)
	}
	if l, err := k.ListEncounters(t.Context(), r.token, r.mark); err == nil || l.Same {
		t.Errorf("while the store is locked: %+v, %v", l, err)
	}
}

// Whom the roster trusts changes rows without an entry of theirs, those that are kept too.
func TestTheListIsToldAgainAfterATabletIsWithdrawn(t *testing.T) {
	for _, over := range []bool{false, true} {
		admin, token, _ := founded(t)
		k, own, made := newcomer(t, admin, token, "CLN-2")
		if _, err := admin.Approve(t.Context(), token, api.Approval{Answer: made.Answer}); err != nil {
			t.Fatal(err)
		}
		carry(t, admin, token, k, own)
		encounter := patient(t, k, own, "x")
		record := func(kind string, content chart.Content) {
			t.Helper()
			b, _ := json.Marshal(content)
			if _, err := k.Record(t.Context(), own, api.Draft{Kind: kind, Encounter: encounter, Content: b}); err != nil {
				t.Fatal(err)
			}
		}
		record("triage", &chart.Triage{Scheme: "START", Category: "MINOR", Urgency: chart.Standard})
		if over {
			record("encounter-closed", &chart.EncounterClosed{Outcome: "handed over"})
		}
		carry(t, k, own, admin, token)
		r := &listReader{t: t, k: admin, token: token}
		r.ask()
		if r.ask() {
			t.Error("nothing happened and the list is told again")
		}
		since := time.Now().Add(-48 * time.Hour)
		if _, err := admin.RevokeSince(t.Context(), token, api.Revocation{Device: "CLN-2", Why: "stolen", Since: &since}); err != nil {
			t.Fatal(err)
		}
		admin.live.folded.clear()
		if !r.ask() {
			t.Errorf("over %v: what a withdrawn tablet wrote stands in the list as before", over)
		}
	}
}

// BenchmarkList is what a face's asking each second costs over 5,000 encounters that are
// over, both ends on the local socket: with the list told whole, and with nothing new.
// Its last figure is the ratio of the two, of the same run.
func BenchmarkList(b *testing.B) {
	dir, err := os.MkdirTemp("", "list") // short enough for a socket
	if err != nil {
		b.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if _, err := Init(b.Context(), dir, New{Nameplate: Nameplate{Kind: "ambulance", CallSign: "AMB-7"}, Passphrase: words}); err != nil {
		b.Fatal(err)
	}
	k, err := Open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	defer k.Close()
	token, err := k.Unlock(b.Context(), words)
	if err != nil {
		b.Fatal(err)
	}
	m, err := k.member()
	if err != nil {
		b.Fatal(err)
	}
	const encounters, piece = 5000, 20
	for i := 0; i < encounters; i += piece {
		var drafts []store.Draft
		for n := range piece {
			encounter, who := newID(), newID()
			for _, c := range []chart.Content{
				&chart.EncounterOpened{Setting: "ambulance", Complaint: "chest pain"},
				&chart.PatientIdentified{Who: chart.Demographics{Family: fmt.Sprintf("Diallo-%d", i+n), Given: "Aminata", Birth: "1961-04-02", Sex: chart.Female}},
				&chart.EncounterClosed{Outcome: "handed over"},
			} {
				body, err := stampedBody(k.clock, c, false)
				if err != nil {
					b.Fatal(err)
				}
				body.Encounter, body.Patient, body.Author = encounter, who, chart.Author{Staff: "mw", Checked: chart.CheckedPIN}
				drafts = append(drafts, store.Draft{Team: m.team, Log: journal.Chart, Body: body})
			}
		}
		if _, err := k.store.Commit(b.Context(), m.signer, drafts); err != nil {
			b.Fatal(err)
		}
	}
	listener, err := api.Listen(dir)
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() {
		done <- (&api.Server{Station: k, Log: slog.New(slog.DiscardHandler)}).Serve(ctx, listener)
	}()
	defer func() { stop(); <-done }()
	face, err := api.Dial(b.Context(), dir)
	if err != nil {
		b.Fatal(err)
	}
	first, err := face.ListEncounters(b.Context(), token, "")
	if err != nil || len(first.Rows) != encounters {
		b.Fatalf("%d rows, %v", len(first.Rows), err)
	}
	ask := func(have api.Mark, same bool) time.Duration {
		began := time.Now()
		if l, err := face.ListEncounters(b.Context(), token, have); err != nil || l.Same != same {
			b.Fatal(l.Same, err)
		}
		return time.Since(began)
	}
	var whole, same time.Duration
	for b.Loop() {
		whole += ask("", false)
		same += ask(first.Mark, true)
	}
	each := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 / float64(b.N) }
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(each(whole), "ms/whole")
	b.ReportMetric(each(same), "ms/nothing-new")
	b.ReportMetric(float64(whole)/float64(same), "whole/nothing-new")
}
