package exchange_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fieldkit/sync/exchange"
	"fieldkit/sync/journal"
	"fieldkit/sync/meshtest"
	"fieldkit/triage/chart"
)

// reachOf is one epoch as an offer or a vector names it.
func reachOf(d chart.Device, log journal.Log, epoch chart.Epoch, seq uint64, chain byte) []byte {
	b := append(append([]byte{}, d[:]...), byte(log))
	b = append(b, epoch[:]...)
	return append(binary.AppendUvarint(b, seq), bytes.Repeat([]byte{chain}, 8)...)
}

// silentOnRanges is a peer that answers every ping and sends nothing that it was asked
// for, until the station leaves it.
func (r *raw) silentOnRanges(asked func(uint64)) {
	for {
		k, m, err := r.next()
		if err != nil {
			return
		}
		switch k {
		case ping:
			now := uint64(time.Now().UnixNano())
			r.send(pong, append(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(m, now), now), 1))
		case want:
			n, _ := binary.Uvarint(m)
			asked(n)
		}
	}
}

// A tablet of the team whose disk hangs, or that means ill, says that it holds the
// ambulance's record and is asked for it: the ambulance itself has it too.
func TestAPeerThatSendsNothingOfWhatItClaimedKeepsNobodyElsesEntriesAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ro := newRoster("ambulance", "clinic", "hoarder")
		a, c := newStation(t, "ambulance", ro), newStation(t, "clinic", ro)
		a.write(journal.Chart, 500, 5)
		heads, err := a.ledger.Heads(t.Context())
		if err != nil || len(heads) != 1 {
			t.Fatal(heads, err)
		}
		ca, cb := meshtest.Pipe(0)
		r, _ := rawOver(t, c, "hoarder", ca, cb)
		r.greet()
		r.seek(devices)
		r.send(vector, []byte{1})
		r.send(have, append([]byte{1}, reachOf(heads[0].Device, heads[0].Log, heads[0].Epoch, 1000, 0)...))
		var peer sync.WaitGroup
		asked := make(chan struct{})
		once := sync.OnceFunc(func() { close(asked) })
		peer.Go(func() { r.silentOnRanges(func(uint64) { once() }) })
		<-asked
		n := meshtest.NewNetwork(1)
		over(t, n, a, c, 0, 1)
		time.Sleep(2 * time.Minute)
		if !c.Connected(r.self) {
			t.Error("the hoarder was given up: the trial shows nothing")
		}
		if got := c.ledger.Entries(); got != 500 {
			t.Errorf("two minutes later the clinic holds %d of the ambulance's 500 entries", got)
		}
		ca.Close()
		cb.Close()
		peer.Wait()
	})
}

// Keys are free to make: a stranger that knocks with a new one each time is refused,
// and is no tablet that was met.
func TestStrangersThatKnockAreNotKeptAsPeers(t *testing.T) {
	s := newStation(t, "clinic", newRoster("clinic", "ambulance"))
	for i := range 20 {
		r, ended := dialRaw(t, s, fmt.Sprint("stranger ", i))
		refusedAs(t, r.told(), exchange.Unknown)
		refusedAs(t, wait(t, ended), exchange.Unknown)
	}
	if n := len(s.Peers()); n != 0 {
		t.Errorf("%d strangers are listed as peers", n)
	}
}

// One who was withdrawn is still shown, with how its last contact ended.
func TestAWithdrawnTabletThatKnocksIsListed(t *testing.T) {
	ro := newRoster("clinic", "stolen")
	ro.revoke(journal.DeviceOf(meshtest.Key("stolen").Public().(ed25519.PublicKey)))
	s := newStation(t, "clinic", ro)
	r, ended := dialRaw(t, s, "stolen")
	refusedAs(t, r.told(), exchange.Revoked)
	refusedAs(t, wait(t, ended), exchange.Revoked)
	if p := s.Peers(); len(p) != 1 || p[0].Ended == nil {
		t.Errorf("listed are %+v", p)
	}
}

// An epoch of which a peer holds nothing contradicts nothing. To say so of ever new
// epochs must neither have people told of two records nor be remembered for good.
func TestAClaimOfNoEntriesIsNoContradiction(t *testing.T) {
	s := newStation(t, "clinic", newRoster("clinic", "ambulance"))
	r, _ := dialRaw(t, s, "ambulance")
	r.greet()
	r.seek(devices)
	r.send(vector, []byte{1})
	r.send(have, append([]byte{1}, reachOf(r.self, journal.Chart, chart.Epoch{9}, 0, 5)...))
	r.send(have, append([]byte{1}, reachOf(r.self, journal.Chart, chart.Epoch{8}, 1, 5)...))
	if m := r.seek(want); !bytes.Contains(m, append([]byte{byte(journal.Chart)}, 8)) {
		t.Error("what is held by nobody was asked for")
	}
	if s.Peers()[0].Forked {
		t.Error("people are told of two records")
	}
}
