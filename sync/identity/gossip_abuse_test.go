package identity

import (
	"bytes"
	"testing"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// An admin's tablet in the wrong hands, before it is withdrawn: what it wrote then
// counts, and must not keep the team from a new key.
func TestNobodyTakesTheLastGossipKey(t *testing.T) {
	for _, c := range []struct {
		story string
		write func(s *street)
	}{
		{"the last number there is", func(s *street) { s.rotate("eve", journal.MaxSeq, 66, "ann", "ben", "eve") }},
		{"two numbers on", func(s *street) { s.rotate("eve", 3, 66, "ann", "ben", "eve") }},
		{"the last number, and one before it that nobody had seen", func(s *street) {
			s.rotate("eve", journal.MaxSeq-1, 65, "ann", "ben", "eve")
			s.rotate("eve", journal.MaxSeq, 66, "ann", "ben", "eve")
		}},
		{"a slot that does not open", func(s *street) {
			g := &GossipKey{Number: 2, ID: [8]byte{6}}
			for _, n := range []string{"ann", "ben", "eve"} {
				g.Slots = append(g.Slots, GossipSlot{Device: s.device(n), Sealed: bytes.Repeat([]byte{6}, gossipSealed)})
			}
			s.write("eve", g)
		}},
	} {
		s := newStreet(t)
		s.write("ann", s.member("eve", true))
		s.write("ann", s.member("ben", false))
		s.meet("ann", "ben", "eve")
		s.rotate("ann", 1, 7, "ann", "ben", "eve")
		s.meet("ann", "ben", "eve")
		c.write(s)
		s.meet("ann", "ben", "eve")
		r := s.fold()
		for _, n := range []string{"ann", "ben"} {
			if number, key, ok := r.OpenGossip(keyNamed(n)); !ok || number != 1 || key[0] != 7 {
				t.Errorf("%s: %s has key %d number %d, %v; want the one before", c.story, n, key[0], number, ok)
			}
		}
		s.revoke("ann", "eve")
		next := s.fold().GossipNumber() + 1
		s.rotate("ann", next, 9, "ann", "ben")
		r = s.fold()
		for _, n := range []string{"ann", "ben"} {
			if number, key, ok := r.OpenGossip(keyNamed(n)); !ok || number != next || key[0] != 9 {
				t.Errorf("%s: after the withdrawal %s has key %d number %d, %v", c.story, n, key[0], number, ok)
			}
		}
		if _, key, _ := r.OpenGossip(keyNamed("eve")); key[0] == 9 || r.GossipExposed() {
			t.Errorf("%s: the withdrawn tablet has the new key", c.story)
		}
	}
}

// A key that was numbered after one whose writer is withdrawn later still counts.
func TestAKeyCountsThoughTheOneBeforeNoLongerDoes(t *testing.T) {
	s := newStreet(t)
	s.write("ann", s.member("eve", true))
	s.write("ann", s.member("ben", false))
	s.meet("ann", "ben", "eve")
	pinned := &Revoked{Device: s.device("eve"), Why: "tablet stolen yesterday"} // nothing of it is trusted
	s.rotate("eve", 1, 7, "ann", "ben", "eve")
	s.meet("ann", "ben", "eve")
	s.rotate("ann", 2, 9, "ann", "ben")
	s.write("ann", pinned)
	if number, key, ok := s.fold().OpenGossip(keyNamed("ben")); !ok || number != 2 || key[0] != 9 {
		t.Errorf("ben has key %d number %d, %v", key[0], number, ok)
	}
}

// A member may write as many entries as it likes, each said to have seen the next. With
// each round over all of them this fold would take minutes.
func TestALongChainOfGossipKeysEachSaidToFollowFromTheNextIsFoldedAtOnce(t *testing.T) {
	const n = 2000
	at := func(i int) chart.Ref {
		return chart.Ref{Device: chart.Device{6}, Epoch: chart.Epoch{byte(i >> 8), byte(i)}, Seq: 1}
	}
	var acts []chart.Entry
	for i := range n {
		e := chart.Entry{Ref: at(i), Content: &GossipKey{Number: 2}, Saw: []chart.Ref{at(i + 1)}}
		acts = append(acts, e)
	}
	acts = append(acts, chart.Entry{Ref: at(n), Content: &GossipKey{Number: 1}})
	got := follows(acts)
	for i := range n + 1 {
		if !got[at(i)] {
			t.Fatalf("entry %d does not follow", i)
		}
	}
}
