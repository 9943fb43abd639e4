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
