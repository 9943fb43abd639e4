package kit

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// accesses are what the audit log says of who came and went, in order.
func accesses(t *testing.T, k *Kit) (out []string) {
	t.Helper()
	for _, e := range audits(t, k) {
		a, ok := e.Content.(*chart.Access)
		if !ok {
			continue
		}
		who := e.Author.Staff
		if e.Author.Checked == chart.CheckedStation {
			who = "station:" + a.Person
		}
		line := fmt.Sprintf("%s %s by %s at %s", who, a.Act, a.How, a.Where)
		if a.Times > 0 {
			line += fmt.Sprintf(" %d times", a.Times)
		}
		out = append(out, line)
	}
	return out
}

// guarded is a running station with a paramedic who has a PIN and a badge there.
func guarded(t *testing.T) *running {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "station")
	if _, err := Init(t.Context(), dir, New{Nameplate: Nameplate{Kind: "ambulance", CallSign: "AMB-1"}, Passphrase: words, Team: "Valley"}); err != nil {
		t.Fatal(err)
	}
	r := start(t, dir, freeAddress(t))
	if err := r.PutPerson(t.Context(), r.token, api.Person{ID: "mw", Name: "Max Weil", Role: "paramedic"}); err != nil {
		t.Fatal(err)
	}
	if err := r.SetSecret(t.Context(), r.token, api.Secret{Person: "mw", PIN: pins["mw"], Badge: "04A22F91"}); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWhoCameInWentOutAndWasTurnedAwayIsInTheAuditLog(t *testing.T) {
	k := guarded(t)
	in := enter(t, k.Kit, "mw")
	byBadge, err := k.SignIn(t.Context(), in.Token, api.SignIn{Badge: "04A22F91"}) // in the place of the session by PIN
	if err != nil {
		t.Fatal(err)
	}
	if err := k.SignOut(t.Context(), byBadge.Token); err != nil {
		t.Fatal(err)
	}
	if err := k.SignOut(t.Context(), byBadge.Token); err != nil { // nobody any more
		t.Fatal(err)
	}
	const typed = "730265"
	for _, try := range []api.SignIn{{Person: "mw", PIN: typed}, {Person: typed, PIN: typed}, {Badge: "strange badge"}} {
		if _, err := k.SignIn(t.Context(), "", try); err == nil {
			t.Fatalf("%+v signs in", try)
		}
	}
	for range lockedOutAfter - 1 {
		k.SignIn(t.Context(), "", api.SignIn{Person: "mw", PIN: typed})
	}
	if _, err := k.Unlock(t.Context(), "five words that are wrong"); err == nil {
		t.Fatal("a wrong passphrase opens the station")
	}
	want := []string{
		"unnamed came in by passphrase at station",
		"mw came in by PIN at station",
		"mw came in by badge at station",
		"mw went out by PIN at station",
		"mw went out by badge at station",
		"station:mw turned away by PIN at station",
		"station: turned away by PIN at station",
		"station: turned away by badge at station",
		"station:mw turned away by PIN at station",
		"station:mw turned away by PIN at station",
		"station:mw turned away by PIN at station",
		"station:mw locked out by PIN at station",
		"station: turned away by passphrase at station",
	}
	if got := accesses(t, k.Kit); !slices.Equal(got, want) {
		t.Errorf("the audit log says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, h := range must(k.store.Heads(t.Context())) {
		if h.Log != journal.Audit {
			continue
		}
		if err := k.store.Pieces(t.Context(), h.Device, h.Log, h.Epoch, 0, func(p journal.Piece) error {
			for _, r := range p.Records {
				for _, secret := range []string{pins["mw"], typed, "04A22F91", "strange badge", "five words", words} {
					if bytes.Contains(r.Body, []byte(secret)) {
						t.Errorf("an entry holds what somebody typed for a secret")
					}
				}
				if b, err := journal.DecodeBody(r.Body); err != nil || b.Encounter != (chart.ID{}) || b.Patient != (chart.ID{}) {
					t.Errorf("an entry names a patient: %+v, %v", b, err)
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestASessionThatEndsByItselfAndALockedStationAreInTheAuditLogToo(t *testing.T) {
	k := guarded(t)
	enter(t, k.Kit, "mw")
	k.sessions.mu.Lock()
	for _, in := range k.sessions.open {
		if in.by == byPerson {
			in.last = in.last.Add(-2 * sessionIdle)
		}
	}
	k.sessions.mu.Unlock()
	fresh := enter(t, k.Kit, "mw")
	if err := k.Lock(t.Context(), fresh.Token); err != nil {
		t.Fatal(err)
	}
	// While it is locked nothing can be written: what was tried is said when it opens.
	for range 3 {
		if _, err := k.SignIn(t.Context(), "", api.SignIn{Person: "mw", PIN: "111119"}); err == nil {
			t.Fatal("a wrong PIN opens the store")
		}
	}
	if _, err := k.Unlock(t.Context(), words); err != nil {
		t.Fatal(err)
	}
	got := accesses(t, k.Kit)
	for line, n := range map[string]int{
		"unnamed came in by passphrase at station": 2, "unnamed went out by passphrase at station": 1,
		"mw came in by PIN at station": 2, "mw went out by PIN at station": 2,
		"station: turned away by  at station 3 times": 1,
	} {
		if had := len(slices.DeleteFunc(slices.Clone(got), func(s string) bool { return s != line })); had != n {
			t.Errorf("%q stands %d times, want %d, in\n%s", line, had, n, strings.Join(got, "\n"))
		}
	}
}

// Who tries all PINs does not fill the disk, and is counted all the same.
func TestThoseTurnedAwayAreCountedAndTheEntriesAreBounded(t *testing.T) {
	var c turnedAway
	now := vital.Instant(time.Hour)
	entries, told := 0, uint32(0)
	for range 10_000 {
		if n := c.count(now); n > 0 {
			entries, told = entries+1, told+n
		}
		now = now.Add(100 * time.Millisecond)
	}
	minutes := int(10_000 * 100 * time.Millisecond / time.Minute)
	if entries > (minutes+2)*turnedAwayMost {
		t.Errorf("%d entries in %d minutes", entries, minutes)
	}
	if told+c.left() != 10_000 {
		t.Errorf("of 10000 %d are accounted for", told)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
