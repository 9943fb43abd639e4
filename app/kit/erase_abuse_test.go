package kit

import (
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// An admin's stolen tablet orders the erasure of the team's own log, of what is not
// written yet too: its withdrawal would be hidden as soon as somebody wrote it, and
// nobody would ever be rid of it.
func TestAnEraseOrderReachesNeitherTheTeamsLogNorTheAuditLog(t *testing.T) {
	k, token, _ := founded(t)
	_, _, made := newcomer(t, k, token, "AMB-2")
	if _, err := k.Approve(t.Context(), token, api.Approval{Key: made.Device, Kind: "ambulance", CallSign: "AMB-2", Admin: true}); err != nil {
		t.Fatal(err)
	}
	var before api.AuditPage
	for range 2 { // each reading is a row of the next
		var err error
		if before, err = k.Audit(t.Context(), token, api.AuditQuery{}); err != nil {
			t.Fatal(err)
		}
	}
	heads, err := k.share.heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var spans []chart.Span
	for _, h := range heads {
		if h.Log == journal.Team || h.Log == journal.Audit {
			spans = append(spans, chart.Span{Device: h.Device, Epoch: h.Epoch, From: 1, To: h.Seq + 1000})
		}
	}
	if len(spans) < 2 {
		t.Fatalf("%d logs are there, wanted the team's and the audit log", len(spans))
	}
	command(t, k, &chart.Erase{Of: spans, Why: "asked for"})
	if r := k.share.roster.Load(); r.Genesis == nil || r.Unread != 0 {
		t.Errorf("after the order the team's beginning is gone or %d entries of its log cannot be read", r.Unread)
	}
	if _, err := k.Revoke(t.Context(), token, "AMB-2", "stolen"); err != nil {
		t.Fatal(err)
	}
	state, err := findDevice(k.share.roster.Load(), "AMB-2")
	if err != nil || !state.Out {
		t.Errorf("the stolen tablet is still in the team: %v", err)
	}
	if n, err := k.store.CarryOut(t.Context(), time.Now().Add(2*store.EraseAfter)); err != nil {
		t.Errorf("%d dropped, %v", n, err)
	}
	if err := k.share.fold(t.Context(), k.share.member.Load().team); err != nil {
		t.Fatal(err)
	}
	if r := k.share.roster.Load(); r.Genesis == nil || r.Unread != 0 {
		t.Errorf("once it was carried out, the team's beginning is gone or %d entries of its log cannot be read", r.Unread)
	}
	if after, err := k.Audit(t.Context(), token, api.AuditQuery{}); err != nil || after.All < before.All || after.Absent != before.Absent {
		t.Errorf("%d rows can be read and %d cannot, before %d and %d (%v)", after.All, after.Absent, before.All, before.Absent, err)
	}
}

// A stolen tablet's clock is set back a week before it orders an erasure: the three days
// in which another admin may stop it would be over when the order comes.
func TestAnEraseOrderDatedBackWaitsAsLongAsAnyOther(t *testing.T) {
	k, token, _ := founded(t)
	encounter := patient(t, k, token, "found sitting")
	opened := k.clock.wall
	k.clock.wall = func() time.Time { return opened().Add(-7 * 24 * time.Hour) }
	held, err := k.store.Encounter(t.Context(), encounter)
	if err != nil {
		t.Fatal(err)
	}
	var refs []chart.Ref
	for _, e := range held {
		refs = append(refs, e.Ref)
	}
	command(t, k, &chart.Erase{Of: spansOf(refs), Why: "asked for"})
	k.clock.wall = opened
	if n := readable(t, k, encounter); n != 0 {
		t.Errorf("%d entries are readable after the order", n)
	}
	if n, err := k.store.CarryOut(t.Context(), time.Now()); n != 0 || err != nil {
		t.Fatalf("%d entries were dropped for good at once (%v)", n, err)
	}
	// The roster is read again, as at each start.
	if err := k.share.fold(t.Context(), k.share.member.Load().team); err != nil {
		t.Fatal(err)
	}
	waiting, err := k.Erasures(t.Context(), token)
	if err != nil || len(waiting) != 1 || time.Until(waiting[0].Due) < store.EraseAfter-time.Hour || time.Until(waiting[0].Due) > store.EraseAfter {
		t.Fatalf("waiting: %+v, %v", waiting, err)
	}
	if err := k.Accept(t.Context(), token, api.Acceptance{Erase: &waiting[0].Ref, Why: "nobody asked for it"}); err != nil {
		t.Fatal(err)
	}
	if got, _ := notes(t, k, token, encounter); len(got) != 1 {
		t.Errorf("after it was stopped it reads %q", got)
	}
}

// Whoever gives no orders cannot take one off the list of those that an admin may stop.
func TestAWordThatDoesNotCountHidesNoEraseOrderFromTheAdmins(t *testing.T) {
	k, token, _ := founded(t)
	other, _, made := newcomer(t, k, token, "CLN-2")
	if _, err := k.Approve(t.Context(), token, api.Approval{Key: made.Device, Kind: "clinic", CallSign: "CLN-2"}); err != nil {
		t.Fatal(err)
	}
	encounter := patient(t, k, token, "found sitting")
	if _, err := k.Erase(t.Context(), token, encounter, "asked for"); err != nil {
		t.Fatal(err)
	}
	waiting, err := k.Erasures(t.Context(), token)
	if err != nil || len(waiting) != 1 {
		t.Fatalf("waiting: %+v, %v", waiting, err)
	}
	m := other.share.member.Load()
	body, err := stationBody(other.clock, &chart.Accept{Erase: &waiting[0].Ref, Why: "mine"}, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.store.Commit(t.Context(), m.signer, []store.Draft{{Team: m.team, Log: journal.Team, Body: body}}); err != nil {
		t.Fatal(err)
	}
	heads, err := other.share.heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range heads {
		if err := other.store.Pieces(t.Context(), h.Device, h.Log, h.Epoch, 0, func(p journal.Piece) error {
			return k.store.Accept(t.Context(), []journal.Piece{p})
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.share.fold(t.Context(), m.team); err != nil {
		t.Fatal(err)
	}
	if n := readable(t, k, encounter); n != 0 {
		t.Errorf("%d entries are readable: the clinic's word counted", n)
	}
	if waiting, err := k.Erasures(t.Context(), token); err != nil || len(waiting) != 1 {
		t.Errorf("after the clinic's word the admin sees %+v, %v", waiting, err)
	}
}

// One order of a stolen tablet names forty million entries that nobody wrote: every
// station would remember each of them, at each start anew.
func TestAnEraseOrderOfWhatNobodyWroteCostsABoundedAmount(t *testing.T) {
	k, token, _ := founded(t)
	k.share.unheldMost = 1000
	encounter := patient(t, k, token, "found sitting")
	held, err := k.store.Encounter(t.Context(), encounter)
	if err != nil || len(held) != 2 {
		t.Fatal(held, err)
	}
	last := held[1].Ref
	waits := func(device chart.Device, epoch chart.Epoch, seq uint64) bool {
		t.Helper()
		_, waits, err := k.store.Waiting(t.Context(), chart.Ref{Device: device, Epoch: epoch, Seq: seq})
		if err != nil {
			t.Fatal(err)
		}
		return waits
	}
	junk := chart.Span{Device: chart.Device{9}, Epoch: chart.Epoch{9}, From: 1, To: 1 << 50}
	order := command(t, k, &chart.Erase{Of: []chart.Span{junk, {Device: last.Device, Epoch: last.Epoch, From: 1, To: last.Seq + 1<<40}}, Why: "asked for"})
	if n := readable(t, k, encounter); n != 0 {
		t.Errorf("%d entries that are held are readable after the order", n)
	}
	if !waits(junk.Device, junk.Epoch, 1000) || waits(junk.Device, junk.Epoch, 1001) || waits(last.Device, last.Epoch, last.Seq+1) {
		t.Error("not the first thousand of what is not held are remembered")
	}
	// Once it is stopped, there is room for an order that comes before what it names.
	command(t, k, &chart.Accept{Erase: &order, Why: "nobody asked for it"})
	if waits(junk.Device, junk.Epoch, 1) || readable(t, k, encounter) != 2 {
		t.Error("it was not taken back")
	}
	command(t, k, &chart.Erase{Of: []chart.Span{{Device: chart.Device{8}, Epoch: chart.Epoch{8}, From: 5, To: 9}}, Why: "asked for"})
	if !waits(chart.Device{8}, chart.Epoch{8}, 9) {
		t.Error("a later order is not remembered")
	}
}
