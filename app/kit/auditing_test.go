package kit

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// inShort are rows in short: who, what, of whom.
func inShort(rows []api.AuditRow) (out []string) {
	for _, r := range rows {
		out = append(out, r.Staff+" "+r.Act+" "+r.Person)
	}
	return out
}

func TestAnAdminReadsTheAuditLogAndThatIsWrittenDown(t *testing.T) {
	k := guarded(t)
	one, p1 := admitted(t, k.Kit, k.token, "Diallo")
	two, _ := admitted(t, k.Kit, k.token, "Diarra")
	in := enter(t, k.Kit, "mw")
	if _, err := k.Audit(t.Context(), in.Token, api.AuditQuery{}); !refusedFor(err, api.CodeRefused) {
		t.Fatalf("a paramedic reads who looked: %v", err)
	}
	if _, err := k.SignIn(t.Context(), "", api.SignIn{Person: "mw", PIN: "111222"}); err == nil {
		t.Fatal("a wrong PIN was taken")
	}
	for i, e := range []chart.ID{one, two, one} {
		who := chart.Author{Staff: fmt.Sprintf("er%d", i), Checked: chart.CheckedPIN}
		if err := k.audit(t.Context(), who, e, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	all, err := k.Audit(t.Context(), k.token, api.AuditQuery{})
	if err != nil {
		t.Fatal(err)
	}
	if all.All != len(all.Rows) || all.Next != nil || all.Absent != 0 {
		t.Errorf("the page is %+v", all)
	}
	if all.Rows[0].Act != actWatched || all.Rows[0].Staff != "er2" || all.Rows[0].Patient != p1 {
		t.Errorf("the newest is %+v", all.Rows[0])
	}
	if !slices.IsSortedFunc(all.Rows, func(a, b api.AuditRow) int { return b.At.Compare(a.At) }) {
		t.Errorf("not the newest first: %v", inShort(all.Rows))
	}
	for _, r := range all.Rows {
		if r.Station != "AMB-1" {
			t.Errorf("written at %q", r.Station)
		}
	}
	for _, c := range []struct {
		name string
		q    api.AuditQuery
		want []string
	}{
		{"of an encounter", api.AuditQuery{About: two}, []string{"er1 watched "}},
		{"of a patient", api.AuditQuery{About: p1}, []string{"er2 watched ", "er0 watched "}},
		{"by a person", api.AuditQuery{Person: " ER1 "}, []string{"er1 watched "}},
		{"of nobody", api.AuditQuery{Person: "nobody"}, nil},
	} {
		page, err := k.Audit(t.Context(), k.token, c.q)
		if err != nil {
			t.Fatal(err)
		}
		got := slices.DeleteFunc(inShort(page.Rows), func(s string) bool { return slices.Contains([]string{" " + actRead + " ", "- " + actRead + " "}, s) })
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	mw, err := k.Audit(t.Context(), k.token, api.AuditQuery{Person: "mw"})
	if err != nil {
		t.Fatal(err)
	}
	if got := inShort(mw.Rows); !slices.Contains(got, "mw came in ") || !slices.Contains(got, " turned away mw") {
		t.Errorf("of mw stands %q", got)
	}
	var reads []*chart.AuditRead
	for _, e := range audits(t, k.Kit) {
		if r, ok := e.Content.(*chart.AuditRead); ok {
			reads = append(reads, r)
		}
	}
	if len(reads) != 6 || reads[1].About != two || reads[5].Person != "mw" {
		t.Errorf("%d readings are written down: %+v", len(reads), reads)
	}
}

func TestPagesOfTheAuditLogHoldEachEntryOnce(t *testing.T) {
	k := guarded(t)
	e, _ := admitted(t, k.Kit, k.token, "Diallo")
	at := time.Now().Truncate(time.Second) // all at one instant: the clock tells none from the next
	for i := range 23 {
		if err := k.audit(t.Context(), chart.Author{Staff: fmt.Sprintf("er%02d", i), Checked: chart.CheckedPIN}, e, at); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[chart.Ref]int{}
	q := api.AuditQuery{About: e, Most: 5}
	for range 20 {
		page, err := k.Audit(t.Context(), k.token, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Rows {
			if r.Act == actWatched {
				seen[r.Ref]++
			}
		}
		if page.Next == nil {
			break
		}
		q.After = *page.Next
	}
	for ref, n := range seen {
		if n != 1 {
			t.Errorf("the entry at %v is on %d pages", ref, n)
		}
	}
	if len(seen) != 23 {
		t.Errorf("%d entries of 23 are on a page", len(seen))
	}
	for _, most := range []int{-1, api.AuditMost + 1} {
		if _, err := k.Audit(t.Context(), k.token, api.AuditQuery{Most: most}); !refusedFor(err, api.CodeInvalid) {
			t.Errorf("%d rows: %v", most, err)
		}
	}
}

// What belongs to a patient and what another log says is no part of the audit log.
func TestTheAuditLogHoldsNothingOfTheRoster(t *testing.T) {
	k := guarded(t)
	page, err := k.Audit(t.Context(), k.token, api.AuditQuery{})
	if err != nil {
		t.Fatal(err)
	}
	held, err := k.store.Encounter(t.Context(), chart.ID{})
	if err != nil {
		t.Fatal(err)
	}
	other := 0
	for _, e := range held {
		if e.Log != journal.Audit {
			other++
		}
	}
	if other == 0 || page.Absent != 0 || len(page.Rows) >= len(held) {
		t.Errorf("%d rows and %d absent, of %d entries of which %d are of other logs", len(page.Rows), page.Absent, len(held), other)
	}
}

func refusedFor(err error, code string) bool {
	var f *api.Fault
	return errors.As(err, &f) && string(f.Code) == code
}

// A hundred thousand entries, as a hospital's page writes them in some years: what a page
// costs is counted in entries read, and does not grow with the log.
func TestAPageOfALongAuditLogReadsWhatItShows(t *testing.T) {
	k := guarded(t)
	old, whose := admitted(t, k.Kit, k.token, "Diallo")
	lately, _ := admitted(t, k.Kit, k.token, "Diarra")
	m, err := k.member()
	if err != nil {
		t.Fatal(err)
	}
	entries := 100_000
	if testing.Short() {
		entries = 25_000 // the race detector's run: more than one page looks through
	}
	drafts := make([]store.Draft, 0, store.MaxCommit)
	for i := range entries {
		of := lately
		if i < 10 {
			of = old
		}
		body, err := stampedBody(k.clock, &chart.Watched{Encounter: of, Where: "page"}, false)
		if err != nil {
			t.Fatal(err)
		}
		body.Author = chart.Author{Staff: fmt.Sprint("er", i), Checked: chart.CheckedPIN}
		if drafts = append(drafts, store.Draft{Team: m.team, Log: journal.Audit, Body: body}); len(drafts) < cap(drafts) && i < entries-1 {
			continue
		}
		if _, err := k.store.Commit(t.Context(), m.signer, drafts); err != nil {
			t.Fatal(err)
		}
		drafts = drafts[:0]
	}
	const piece = 256 // as many as the store reads at once
	q := api.AuditQuery{Most: 8}
	next := entries - 1
	for page := range 5 {
		got, err := k.Audit(t.Context(), k.token, q)
		if err != nil {
			t.Fatal(err)
		}
		if got.Read > 2*piece || got.All < entries || len(got.Rows) != 8 || got.Next == nil {
			t.Fatalf("page %d: %d rows of %d by reading %d entries, next %v", page, len(got.Rows), got.All, got.Read, got.Next)
		}
		for _, r := range got.Rows {
			if r.Staff != fmt.Sprint("er", next) {
				t.Fatalf("page %d tells of %s, want er%d", page, r.Staff, next)
			}
			next--
		}
		q.After = *got.Next
	}
	// Of one patient, all the way to the first: page after page, each bounded.
	q = api.AuditQuery{About: whose}
	var found []string
	pages, read := 0, 0
	for {
		got, err := k.Audit(t.Context(), k.token, q)
		if err != nil {
			t.Fatal(err)
		}
		if got.Read > auditMost+2*piece || got.All != 0 {
			t.Fatalf("a page of one patient: %d entries read, of %d", got.Read, got.All)
		}
		for _, r := range got.Rows {
			if r.Act == actWatched {
				found = append(found, r.Staff)
			}
		}
		pages, read = pages+1, read+got.Read
		if got.Next == nil {
			break
		}
		q.After = *got.Next
	}
	if want := []string{"er9", "er8", "er7", "er6", "er5", "er4", "er3", "er2", "er1", "er0"}; !slices.Equal(found, want) {
		t.Errorf("of the patient stands %q, want %q", found, want)
	}
	if most := entries/auditMost + 2; pages > most || read > entries+pages*2*piece {
		t.Errorf("%d pages by reading %d entries", pages, read)
	}
	if _, err := k.Audit(t.Context(), k.token, api.AuditQuery{After: api.AuditMark{Ref: chart.Ref{Seq: 7}}}); !refusedFor(err, api.CodeNotFound) {
		t.Errorf("a page after an entry that is not here: %v", err)
	}
}
