package kit

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"fieldkit/app/api"
	"fieldkit/triage/chart"
)

func TestAWithdrawnTabletIsCutOffLocksAndComesBackByTheRecoveryWordsWithNothingLost(t *testing.T) {
	w := newTown(t)
	lost := w.enter("CLN-2")
	theirs := patient(t, w.admin.Kit, w.admin.token, "of the admin's")
	ours := patient(t, lost.Kit, lost.token, "before it was lost")
	level(t, w.admin, lost)
	if got, _ := notes(t, lost.Kit, lost.token, theirs); !slices.Equal(got, []string{"of the admin's"}) {
		t.Fatalf("before the withdrawal the tablet reads %q", got)
	}
	oldGossip := string(w.admin.share.gossipKey())

	out, err := w.admin.Revoke(t.Context(), w.admin.token, "cln-2", "left on a bench")
	if err != nil || !out.Out || out.Trusted == 0 {
		t.Fatalf("withdrawn: %+v, %v", out, err)
	}
	if string(w.admin.share.gossipKey()) == oldGossip {
		t.Error("the gossip key is the one the lost tablet holds")
	}
	until(t, "the lost tablet to read its withdrawal", func() bool { return lost.share.withdrawn.Load() })
	until(t, "the contact to end", func() bool { return !peer(t, w.admin, lost).Connected })
	if string(lost.share.gossipKey()) != oldGossip {
		t.Error("the lost tablet was given the new gossip key")
	}
	st, err := lost.State(t.Context())
	if err != nil || len(st.Trouble) == 0 || !strings.Contains(st.Trouble[0], "withdrawn") {
		t.Errorf("the tablet says %q first (%v)", st.Trouble, err)
	}
	if got, withheld := notes(t, lost.Kit, lost.token, theirs); len(got) > 0 || withheld == 0 {
		t.Errorf("it still shows %q of others", got)
	}

	// A crew at the bench still cares for its patient: that goes on the record.
	if got, _ := notes(t, lost.Kit, lost.token, ours); !slices.Equal(got, []string{"before it was lost"}) {
		t.Errorf("of its own it shows %q", got)
	}
	note(t, lost.Kit, lost.token, ours, "after it was lost")
	if _, err := lost.ParcelOut(t.Context(), lost.token, api.Parcel{Path: t.TempDir() + "/p"}); !isFault(err, api.CodeRefused) {
		t.Errorf("a withdrawn tablet makes a parcel: %v", err)
	}

	if _, err := lost.Record(t.Context(), lost.token, api.Draft{Kind: "encounter-closed", Encounter: ours, Content: json.RawMessage(`{"outcome":"handed over"}`)}); err != nil {
		t.Fatal(err)
	}
	until(t, "the tablet to lock", func() bool { return lost.store.Locked() })
	if _, err := lost.Unlock(t.Context(), words); !isFault(err, api.CodeLocked) || !strings.Contains(err.Error(), "recovery words") {
		t.Errorf("its old passphrase: %v", err)
	}

	// It is found again.
	const fresh = "five new words for it"
	if _, err := lost.Reopen(t.Context(), "babad bamag", fresh); !isFault(err, api.CodeInvalid) {
		t.Errorf("two words open it: %v", err)
	}
	token, err := lost.Reopen(t.Context(), w.recovery, fresh)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := notes(t, lost.Kit, token, ours); !slices.Equal(got, []string{"before it was lost", "after it was lost"}) {
		t.Errorf("what it had not sent is gone: %q", got)
	}
	if _, err := lost.Recover(t.Context(), token, api.Recovery{Words: w.recovery, Readmit: "."}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.admin.Recover(t.Context(), w.admin.token, api.Recovery{Words: w.recovery, Readmit: "CLN-2"}); err != nil {
		t.Fatal(err)
	}
	level(t, w.admin, lost)
	entries, err := w.admin.Entries(t.Context(), w.admin.token, ours)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if n, ok := e.Content.(*chart.Note); ok && n.Text == "after it was lost" && !e.Withdrawn {
			return
		}
	}
	t.Error("what the tablet wrote while it was out has not reached the team")
}
