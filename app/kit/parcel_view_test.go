package kit

import (
	"os"
	"slices"
	"testing"

	"fieldkit/app/api"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/sync/parcel"
)

// posts carries a parcel by stick to one station, and is every byte of entries that
// the stick held.
func (p *post) posts(to *post, name string) *spy {
	p.t.Helper()
	path := p.t.TempDir() + "/" + name
	packed, err := p.ParcelOut(p.t.Context(), p.token, api.Parcel{Path: path, To: to.plate.CallSign, Stream: true})
	if err != nil || packed.For != 1 {
		p.t.Fatal(packed, err)
	}
	f, err := os.Open(path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer f.Close()
	m := to.share.member.Load()
	held := &spy{Ledger: courier{ledger{to.store, to.share}, m}}
	if _, err := parcel.Read(p.t.Context(), f, parcel.Reading{Key: m.key, Team: m.team, Admit: func(identity.Key) error { return nil }, Ledger: held}); err != nil {
		p.t.Fatal(err)
	}
	return held
}

func TestAParcelToANarrowGrantHoldsWhatTheExchangeWouldBring(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	c := newPost(t, "TENT", a, anyMember)
	h := newPost(t, "ST-MARY", a, aGuest)
	n := newPost(t, "NORTH-2", a, identity.Member{Kind: identity.Ambulance, Site: "north", Grant: identity.GrantSite})
	mine, _ := a.opens("Okonkwo", "aspirin")
	a.bind(mine, h)
	other, _ := a.opens("Vandersloot", "ketamine")
	a.streams(mine, 2)
	a.streams(other, 2)
	end := meet(t, a, c)
	eventually(t, "the tent reads the roster", c.reads(other, "gave ketamine"))
	theirs, _ := c.opens("Quispe", "morphine")
	eventually(t, "the ambulance reads the tent's", a.reads(theirs, "gave morphine"))
	end()

	held := a.posts(h, "guest")
	if got := h.texts(mine); !slices.Equal(got, []string{"gave aspirin"}) || h.seconds(mine) != 2 {
		t.Errorf("the hospital reads %q and %d seconds of the patient bound for it", got, h.seconds(mine))
	}
	for _, word := range []string{"Vandersloot", "ketamine", "Quispe", "morphine", string(other[:]), string(theirs[:])} {
		if held.has(word) {
			t.Errorf("the stick brings the hospital %q of another encounter", word)
		}
	}
	heads, err := h.store.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(heads, func(x journal.Head) bool { return x.Log == journal.Chart && x.Device == c.x.Self() }) {
		t.Error("the hospital knows of a log in which nothing is bound for it")
	}

	held = a.posts(n, "site")
	if !n.reads(mine, "gave aspirin")() || !n.reads(other, "gave ketamine")() {
		t.Errorf("a station of the site reads %q and %q", n.texts(mine), n.texts(other))
	}
	if held.has("morphine") || held.has("Quispe") {
		t.Error("the stick brings a station of one site what another began")
	}
	if n.reachOf(c) == 0 {
		t.Error("a member does not hold the envelopes of another site's log")
	}

	// Bound for it later: the next stick brings what the first withheld.
	a.bind(other, h)
	a.posts(h, "again")
	if got := h.texts(other); !slices.Equal(got, []string{"gave ketamine"}) || h.seconds(other) != 2 {
		t.Errorf("of a patient bound for it later the hospital reads %q and %d seconds", got, h.seconds(other))
	}
}
