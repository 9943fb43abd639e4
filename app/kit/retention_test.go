package kit

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/triage/vital/pack"
)

// An archive is a station whose clock the test sets.
type archive struct {
	*Kit
	t     *testing.T
	token api.Token
	at    time.Time // by the station's clock, which a network keeps
	mono  vital.Instant
}

func newArchive(t *testing.T) *archive {
	t.Helper()
	k, token := newKit(t)
	return archiveOf(t, k, token, time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC))
}

func archiveOf(t *testing.T, k *Kit, token api.Token, at time.Time) *archive {
	a := &archive{Kit: k, t: t, token: token, at: at}
	k.clock.wall = func() time.Time { return a.at }
	k.clock.mono = func() vital.Instant { return a.mono }
	k.clock.network = func() bool { return true }
	return a
}

func (a *archive) record(kind string, encounter, patient chart.ID, content string) api.Recorded {
	a.t.Helper()
	r, err := a.Record(a.t.Context(), a.token, api.Draft{Kind: kind, Encounter: encounter, Patient: patient, Content: json.RawMessage(content)})
	if err != nil {
		a.t.Fatal(err)
	}
	return r
}

// visit is an encounter of a patient of some age, closed or not.
func (a *archive) visit(patient chart.ID, age string, closed bool) chart.ID {
	a.t.Helper()
	e := a.record("encounter-opened", chart.ID{}, patient, `{"setting":"ambulance"}`).Encounter
	if age != "" {
		a.record("patient-registered", e, patient, fmt.Sprintf(`{"who":{"given":"Ada","age":%q}}`, age))
	}
	a.record("note", e, patient, `{"text":"found sitting"}`)
	if closed {
		a.record("encounter-closed", e, patient, `{"outcome":"handed over"}`)
	}
	return e
}

// looks has the clock go on by d, with a look every hour.
func (a *archive) looks(d time.Duration) (why string) {
	a.t.Helper()
	for ; d > 0; d -= time.Hour {
		a.at, a.mono = a.at.Add(time.Hour), a.mono.Add(time.Hour)
		var err error
		if why, err = a.lookAtClock(a.t.Context(), a.share.roster.Load()); err != nil {
			a.t.Fatal(err)
		}
	}
	return why
}

func (a *archive) retains() int {
	a.t.Helper()
	n, err := a.retain(a.t.Context(), a.share.roster.Load(), a.now())
	if err != nil {
		a.t.Fatal(err)
	}
	return n
}

// shown is what can be read of an encounter, by kind of reason where it cannot.
func (a *archive) shown(e chart.ID) (present, past int) {
	a.t.Helper()
	held, err := a.store.Encounter(a.t.Context(), e)
	if err != nil {
		a.t.Fatal(err)
	}
	for _, h := range a.read(held) {
		switch h.Absent {
		case chart.Present:
			present++
		case chart.Pruned:
			past++
		}
	}
	return present, past
}

// in goes to a day, the station having run there for long enough to be believed.
func (a *archive) in(years int) {
	a.t.Helper()
	a.sign()
	a.at = a.at.AddDate(years, 0, 0)
	a.clock.boot[0]++
	a.sign()
	if _, err := a.ConfirmDate(a.t.Context(), a.token); err != nil {
		a.t.Fatal(err)
	}
	if why := a.looks(74 * time.Hour); why != "" {
		a.t.Fatal(why)
	}
	a.sign()
}

// sign signs in again: sessions end after half an hour.
func (a *archive) sign() {
	a.t.Helper()
	var err error
	if a.token, err = a.Unlock(a.t.Context(), words); err != nil {
		a.t.Fatal(err)
	}
}

func (a *archive) set(rows ...api.RetentionRow) {
	a.t.Helper()
	a.sign()
	if _, err := a.SetRetention(a.t.Context(), a.token, api.RetentionSet{Rows: rows, Why: "the law"}); err != nil {
		a.t.Fatal(err)
	}
}

func TestWhatIsPastItsTimeGoesAndNothingElse(t *testing.T) {
	a := newArchive(t)
	again := newID()
	type kept struct {
		story string
		e     chart.ID
		goes  int // after so many years; 0: never
	}
	cases := []kept{
		{"an adult", a.visit(newID(), "40 a", true), 9},
		{"a child of seven, until 25", a.visit(newID(), "7 a", true), 19},
		{"whose age nobody said", a.visit(newID(), "", true), 26},
		{"an adult who was never let go", a.visit(newID(), "40 a", false), 0},
		{"an adult who came again", a.visit(again, "40 a", true), 14},
	}
	// Somebody whose age was said at another visit, and of whom something is said outside
	// any.
	known := newID()
	cases = append(cases, kept{"an adult who said the age the first time only", a.visit(known, "40 a", true), 9}, kept{"and came twice", a.visit(known, "", true), 9})
	a.record("allergy-added", chart.ID{}, known, `{"item":{"name":"penicillin"},"reaction":"hives"}`)
	bed := a.visit(newID(), "40 a", true)
	a.set(api.RetentionRow{Of: "adult", Years: 8}, api.RetentionRow{Of: "minor", Years: 8, Until: 25})
	passed := 0
	for _, years := range []int{5, 7, 9, 14, 19, 26} {
		a.in(years - passed)
		passed = years
		if years == 5 {
			a.visit(again, "45 a", true)
		}
		if n := a.retains(); years < 9 && n != 0 {
			t.Errorf("after %d years %d bodies went", years, n)
		}
		for _, c := range cases {
			present, past := a.shown(c.e)
			if gone := c.goes > 0 && years >= c.goes; gone != (present == 0) || gone != (past > 0) {
				t.Errorf("%s, after %d years: %d bodies are here and %d past their time", c.story, years, present, past)
			}
		}
	}
	if _, past := a.shown(bed); past == 0 {
		t.Error("the other adult's stayed")
	}
	if present, past := a.shown(known); present != 0 || past != 1 {
		t.Errorf("what was said of a patient outside any visit: %d here, %d past", present, past)
	}
	a.sign()
	if v, err := a.Verify(t.Context(), a.token); err != nil || len(v.Findings) > 0 {
		t.Errorf("verify: %v, %v", v.Findings, err)
	}
	// The chart says it in words, and the list no longer shows who it was.
	entries, err := a.Entries(t.Context(), a.token, cases[0].e)
	if err != nil || len(entries) == 0 || !slices.ContainsFunc(entries, func(e chart.Entry) bool { return e.Absent.String() == "past its keeping time" }) {
		t.Errorf("the chart is %+v, %v", entries, err)
	}
	rows, err := a.Encounters(t.Context(), a.token)
	if err != nil || slices.ContainsFunc(rows, func(r chart.Row) bool { return r.Encounter == cases[0].e }) {
		t.Errorf("still listed, %v", err)
	}
	shown, err := a.Retention(t.Context(), a.token)
	if err != nil || shown.Held["not closed"] != 1 || shown.Due != 0 {
		t.Errorf("%+v, %v", shown, err)
	}
}

func TestATabletWhoseClockIsYearsAheadRemovesNothing(t *testing.T) {
	a := newArchive(t)
	e := a.visit(newID(), "40 a", true)
	a.set(api.RetentionRow{Of: "adult", Years: 8})
	if why := a.looks(80 * time.Hour); why != "" {
		t.Fatalf("a station alone in its team, by a network's time: %s", why)
	}
	for _, c := range []struct {
		story string
		boot  bool
	}{{"while it runs", false}, {"after a start", true}} {
		right := a.at
		a.at = a.at.AddDate(20, 0, 0)
		if c.boot {
			a.clock.boot[0]++
		}
		if why := a.looks(100 * time.Hour); !strings.Contains(why, "confirms") {
			t.Errorf("%s: %q", c.story, why)
		}
		a.sign()
		if shown, err := a.Retention(t.Context(), a.token); err != nil || shown.Due != 1 || shown.Waits == "" {
			t.Errorf("%s: it shows %+v, %v", c.story, shown, err)
		}
		if present, past := a.shown(e); present == 0 || past > 0 {
			t.Errorf("%s: %d bodies are left, %d went", c.story, present, past)
		}
		a.at = right
		if why := a.looks(time.Hour); why == "" {
			t.Errorf("%s: believed again at once when it was set right", c.story)
		}
	}
}

func TestARestoredRecordHasTheRuleAppliedAgain(t *testing.T) {
	a := newArchive(t)
	e := a.visit(newID(), "40 a", true)
	a.set(api.RetentionRow{Of: "adult", Years: 8})
	a.in(9)
	backup := filepath.Join(t.TempDir(), "backup")
	if err := a.Backup(t.Context(), a.token, backup); err != nil {
		t.Fatal(err)
	}
	if n := a.retains(); n != 4 {
		t.Fatalf("%d bodies went, want 4", n)
	}
	dir := filepath.Join(t.TempDir(), "again")
	if err := Restore(t.Context(), backup, dir, a.plate); err != nil {
		t.Fatal(err)
	}
	k, token := opened_(t, dir)
	b := archiveOf(t, k, token, a.at.Add(time.Hour))
	b.clock.boot = chart.Boot{99}
	if present, _ := b.shown(e); present != 4 {
		t.Fatalf("the backup holds %d", present)
	}
	if why := b.looks(80 * time.Hour); !strings.Contains(why, "restored") {
		t.Errorf("before an exchange: %q", why)
	}
	if err := b.store.ConfirmRestored(t.Context()); err != nil {
		t.Fatal(err)
	}
	if why := b.looks(time.Hour); why != "" {
		t.Errorf("after the exchange: %q", why)
	}
	if n := b.retains(); n != 4 {
		t.Errorf("%d bodies went after the restore, want 4", n)
	}
}

func TestAPeerAndAParcelDoNotBringBackWhatIsPast(t *testing.T) {
	a := newArchive(t)
	e := a.visit(newID(), "40 a", true)
	a.set(api.RetentionRow{Of: "adult", Years: 8})
	var pieces []journal.Piece
	heads, err := a.store.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range heads {
		if err := a.store.Pieces(t.Context(), h.Device, h.Log, h.Epoch, 0, func(p journal.Piece) error {
			pieces = append(pieces, p)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	a.in(9)
	a.retains()
	if err := a.store.Accept(t.Context(), pieces); err != nil {
		t.Fatal(err)
	}
	if present, past := a.shown(e); present != 0 || past == 0 {
		t.Errorf("%d bodies are back, %d stay past", present, past)
	}
}

func TestWaveformsAndAuditGoByTheirOwnRows(t *testing.T) {
	a := newArchive(t)
	e := a.visit(newID(), "40 a", true)
	m, err := a.member()
	if err != nil {
		t.Fatal(err)
	}
	write := func(log journal.Log, c chart.Content, encounter chart.ID) {
		body, err := stationBody(a.clock, c, nil, false)
		if err != nil {
			t.Fatal(err)
		}
		body.Encounter = encounter
		if _, err := a.store.Commit(t.Context(), m.signer, []store.Draft{{Team: m.team, Log: log, Body: body}}); err != nil {
			t.Fatal(err)
		}
	}
	packed, err := pack.Append(nil, make([]int32, 125))
	if err != nil {
		t.Fatal(err)
	}
	write(journal.Stream, &chart.Second{Monitors: []string{"Nonin 77"}, Blocks: []chart.Block{{
		Lead: vital.Pleth, Rate: vital.Int(125), Scale: vital.Int(1), Max: 1000, Count: 125, Packed: packed,
	}}}, e)
	write(journal.Audit, &chart.Watched{Encounter: e, Where: "page"}, chart.ID{})
	a.set(api.RetentionRow{Of: "stream", Days: 90}, api.RetentionRow{Of: "audit", Years: 2})
	left := func() (seconds, audit int) {
		held, _, err := a.store.Seconds(t.Context(), e, time.Time{}, time.Unix(1<<40, 0))
		if err != nil {
			t.Fatal(err)
		}
		rest, err := a.store.Encounter(t.Context(), chart.ID{})
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range append(held, rest...) {
			switch {
			case h.Record.Absent != chart.Present:
			case h.Log == journal.Stream:
				seconds++
			case h.Log == journal.Audit && h.Record.Absent == chart.Present:
				if b, err := journal.DecodeBody(h.Record.Body); err == nil && b.Type == chart.TypeWatched {
					audit++
				}
			}
		}
		return seconds, audit
	}
	for _, c := range []struct{ years, seconds, audit int }{{0, 1, 1}, {1, 0, 1}, {2, 0, 0}} {
		if c.years > 0 {
			a.in(1)
		}
		a.retains()
		if seconds, audit := left(); seconds != c.seconds || audit != c.audit {
			t.Errorf("after %d years: %d seconds and %d looks are left, want %d and %d", c.years, seconds, audit, c.seconds, c.audit)
		}
		if present, past := a.shown(e); present != 4 || past != 0 {
			t.Errorf("after %d years: the chart has %d bodies, %d past", c.years, present, past)
		}
	}
	if row := a.share.roster.Load().Keeps(identity.KeptStream); row.Days != 90 {
		t.Errorf("the roster says %+v", row)
	}
}

func TestTheTableReachesEveryStationAndADisputeIsSaid(t *testing.T) {
	w := newTown(t)
	clinic := w.enter("CLN-2")
	if _, err := w.admin.SetRetention(t.Context(), w.admin.token, api.RetentionSet{Rows: []api.RetentionRow{{Of: "adult", Years: 10}}, Why: "the law"}); err != nil {
		t.Fatal(err)
	}
	until(t, "the table to reach the clinic", func() bool {
		shown, err := clinic.Retention(t.Context(), clinic.token)
		return err == nil && shown.Rows[0].Years == 10 && shown.Rows[0].By == "AMB-1"
	})
	_, err := clinic.SetRetention(t.Context(), clinic.token, api.RetentionSet{Rows: []api.RetentionRow{{Of: "adult", Years: 1}}, Why: "mine"})
	if err == nil || !strings.Contains(err.Error(), "no admin") {
		t.Errorf("a station that is no admin sets the table: %v", err)
	}
	if _, err := clinic.ConfirmDate(t.Context(), clinic.token); err == nil {
		t.Error("a station that is no admin confirms the date")
	}
	if clinic.retentionDispute() != "" {
		t.Error("a dispute where there is none")
	}
}

func TestWhatWasMovedToAnEncounterThatStaysIsNotRemoved(t *testing.T) {
	a := newArchive(t)
	wrong, right := a.visit(newID(), "40 a", true), a.visit(newID(), "40 a", false)
	held, err := a.store.Encounter(t.Context(), wrong)
	if err != nil {
		t.Fatal(err)
	}
	place, err := held[2].Ref.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	order := fmt.Sprintf(`{"from_encounter":%q,"to_encounter":%q,"entries":["%s-%d"],"why":"wrong patient"}`, wrong, right, place, held[2].Ref.Seq)
	a.record("range-reassigned", wrong, chart.ID{}, order)
	a.record("range-reassigned", right, chart.ID{}, order)
	a.set(api.RetentionRow{Of: "adult", Years: 8})
	a.in(9)
	if n := a.retains(); n != 0 {
		t.Errorf("%d bodies went from under an encounter that is open", n)
	}
	a.record("encounter-closed", right, chart.ID{}, `{"outcome":"handed over"}`)
	if a.in(9); a.retains() == 0 {
		t.Error("nothing went when both were past their time")
	}
}
