package identity

import (
	"crypto/ed25519"
	"testing"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// rotate gives a new gossip key to the tablets named.
func (s *street) rotate(by string, number uint64, key byte, names ...string) {
	s.t.Helper()
	var to []Key
	for _, n := range names {
		to = append(to, s.tablet(n).key)
	}
	parts, err := NewGossip(s.team, number, [GossipKeySize]byte{key}, to)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, p := range parts {
		if err := p.Validate(); err != nil {
			s.t.Fatal(err)
		}
		s.write(by, p)
	}
}

// has is the first byte of the gossip key that a tablet opens, 0 for none.
func (s *street) has(r *Roster, name string, key ed25519.PrivateKey) byte {
	s.t.Helper()
	g, ok := r.Gossip(s.device(name))
	if !ok {
		return 0
	}
	got, err := g.Open(s.team, key)
	if err != nil {
		s.t.Fatalf("%s: %v", name, err)
	}
	return got[0]
}

func TestANewGossipKeyIsReadByThoseWhoStayAndByNobodyElse(t *testing.T) {
	s := newStreet(t)
	for _, n := range []string{"ben", "eve"} {
		s.write("ann", s.member(n, false))
	}
	s.meet("ann", "ben", "eve")
	r := s.fold()
	if r.GossipNumber() != 0 || r.GossipExposed() || len(r.GossipLacking()) > 0 || s.has(r, "ben", keyNamed("ben")) != 0 {
		t.Error("a team that has only its first key has a new one")
	}
	s.revoke("ann", "eve")
	if r = s.fold(); !r.GossipExposed() {
		t.Error("the first key is in the hands of a tablet that is out, and nobody says so")
	}
	s.rotate("ann", 1, 7, "ann", "ben")
	s.rotate("ben", 2, 66, "ann", "ben", "eve") // no admin
	r = s.fold()
	if r.GossipExposed() || r.GossipNumber() != 1 || s.has(r, "ann", keyNamed("ann")) != 7 || s.has(r, "ben", keyNamed("ben")) != 7 {
		t.Errorf("number %d, exposed %v", r.GossipNumber(), r.GossipExposed())
	}
	if _, ok := r.Gossip(s.device("eve")); ok {
		t.Error("the withdrawn tablet is given the new key")
	}
	g, _ := r.Gossip(s.device("ben"))
	if _, err := g.Open(s.team, keyNamed("eve")); err == nil {
		t.Error("the withdrawn tablet opens the new key")
	}
	if _, err := g.Open(journal.TeamID{1}, keyNamed("ben")); err == nil {
		t.Error("it opens in another team")
	}

	// A newcomer is given the key in use by an entry of its own.
	s.write("ann", s.member("dan", false))
	if r = s.fold(); len(r.GossipLacking()) != 1 || r.GossipLacking()[0].Device() != s.device("dan") {
		t.Errorf("lacking: %v", r.GossipLacking())
	}
	s.rotate("ann", 1, 7, "dan")
	if r = s.fold(); len(r.GossipLacking()) != 0 || s.has(r, "dan", keyNamed("dan")) != 7 || s.has(r, "ben", keyNamed("ben")) != 7 {
		t.Error("the newcomer has not the key in use")
	}
}

func TestOfTwoGossipKeysMadeWhileApartAllTakeTheSame(t *testing.T) {
	s := newStreet(t)
	s.write("ann", s.member("bea", true))
	s.write("ann", s.member("ben", false))
	s.write("ann", s.member("eve", false))
	s.write("ann", s.member("ida", false))
	s.meet("ann", "bea", "ben", "eve", "ida")
	s.revoke("ann", "eve")
	s.rotate("ann", 1, 7, "ann", "bea", "ben", "ida")
	s.revoke("bea", "ida")
	s.rotate("bea", 1, 9, "ann", "bea", "ben", "eve")
	r := s.fold()
	keys := map[byte]bool{}
	for _, n := range []string{"ann", "bea", "ben"} {
		keys[s.has(r, n, keyNamed(n))] = true
	}
	if len(keys) != 1 || keys[0] {
		t.Fatalf("members hold %v", keys)
	}
	if !r.GossipExposed() {
		t.Error("the key is in the hands of one of the two withdrawn tablets, and nobody says so")
	}
	s.meet("ann", "bea")
	s.rotate("bea", 2, 11, "ann", "bea", "ben")
	if r = s.fold(); r.GossipExposed() || s.has(r, "ben", keyNamed("ben")) != 11 {
		t.Error("the third key does not settle it")
	}
}

func TestALargeTeamsGossipKeyTakesSeveralEntries(t *testing.T) {
	var to []Key
	for i := range 2*MostGossipSlots + 1 {
		to = append(to, PublicOf(keyNamed(string(rune('a'+i%26))+string(rune('0'+i/26)))))
	}
	parts, err := NewGossip(journal.TeamID{1}, 3, [GossipKeySize]byte{1}, to)
	if err != nil || len(parts) != 3 {
		t.Fatalf("%d entries, %v", len(parts), err)
	}
	for _, p := range parts {
		b, err := journal.EncodeContent(p)
		if err != nil || len(b) > journal.MaxBody-1024 {
			t.Errorf("an entry of %d bytes, %v", len(b), err)
		}
	}
	var c chart.Content = &GossipKey{Number: 1, Slots: []GossipSlot{{Device: to[0].Device(), Sealed: []byte("short")}}}
	if c.Validate() == nil {
		t.Error("a slot that is not whole is taken")
	}
}

func TestARoleSaysWhatAPersonMayDo(t *testing.T) {
	for _, c := range []struct {
		role              string
		left, disputed    bool
		read, record, run bool
	}{
		{role: "admin", read: true, record: true, run: true},
		{role: "paramedic", read: true, record: true},
		{role: "", read: true, record: true},
		{role: "observer", read: true},
		{role: "admin", left: true},
		{role: "admin", disputed: true, read: true, record: true},
	} {
		p := PersonState{Person: Person{ID: "x", Name: "X", Role: c.role, Left: c.left}, Disputed: c.disputed}
		if p.May(MayRead) != c.read || p.May(MayRecord) != c.record || p.May(MayAdminister) != c.run {
			t.Errorf("%+v: read %v, record %v, administer %v", c, p.May(MayRead), p.May(MayRecord), p.May(MayAdminister))
		}
	}
}
