package kit

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"fieldkit/app/api"
)

// Two running stations of two teams, over the mesh's own port: the ticket says where.
func TestARunningStationReadsWhatIsSharedWithItAgainAfterEitherHasStartedAnew(t *testing.T) {
	w := newTown(t)
	dir := filepath.Join(t.TempDir(), "HELI-7")
	if _, err := Init(t.Context(), dir, New{Nameplate: Nameplate{Kind: "ambulance", CallSign: "HELI-7"}, Passphrase: words, Team: "Sky Rescue"}); err != nil {
		t.Fatal(err)
	}
	heli := start(t, dir, freeAddress(t))
	mine := patient(t, w.admin.Kit, w.admin.token, "found on the ridge")
	until(t, "the ambulance to know its address", func() bool { return len(w.admin.share.exchangeAt()) > 0 })
	state, err := heli.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ticket, err := w.admin.ShareEncounter(t.Context(), w.admin.token, api.Sharing{Encounter: mine, Key: state.Device, Name: "HELI-7", Until: time.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := heli.Visit(t.Context(), heli.token, api.Visiting{Ticket: ticket.Text}); err != nil {
		t.Fatal(err)
	}
	reads := func(r *running, text string) {
		t.Helper()
		until(t, text+" to arrive", func() bool {
			got, _ := notes(t, r.Kit, r.token, mine)
			return slices.Contains(got, text)
		})
	}
	reads(heli, "found on the ridge")
	note(t, w.admin.Kit, w.admin.token, mine, "hypothermic")
	reads(heli, "hypothermic")
	own := patient(t, heli.Kit, heli.token, "their own patient")
	if err := heli.Lock(t.Context(), heli.token); err != nil {
		t.Fatal(err)
	}
	if len(heli.guests()) > 0 {
		t.Error("a locked station knows what is shared with it")
	}
	if heli.token, err = heli.Unlock(t.Context(), words); err != nil {
		t.Fatal(err)
	}
	note(t, w.admin.Kit, w.admin.token, mine, "while it was locked")
	reads(heli, "while it was locked")
	heli.end()
	note(t, w.admin.Kit, w.admin.token, mine, "while it was off")
	heli = start(t, dir, freeAddress(t))
	reads(heli, "while it was off")
	until(t, "it to be said live", func() bool {
		rows, err := heli.Visits(t.Context(), heli.token)
		return err == nil && len(rows) == 1 && rows[0].Live && rows[0].By == "AMB-1" && rows[0].Team == "Valley"
	})
	verified, err := heli.Verify(t.Context(), heli.token)
	if err != nil || len(verified.Findings) > 0 {
		t.Errorf("its store is found %+v, %v", verified, err)
	}
	caring, err := heli.caring(t.Context())
	if err != nil || !caring {
		t.Errorf("it cares for its own patient: %v, %v", caring, err)
	}
	rows, err := heli.Encounters(t.Context(), heli.token)
	if err != nil || len(rows) != 2 {
		t.Fatal(rows, err)
	}
	for _, r := range rows {
		if (r.Encounter == own) == (r.Lent != nil) {
			t.Errorf("the list says %+v of %v", r.Lent, r.Encounter)
		}
	}
}
