package exchange_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fieldkit/sync/exchange"
	"fieldkit/sync/journal"
	"fieldkit/sync/meshtest"
	"fieldkit/triage/chart"
)

// parting gives a station a word to tell withdrawn devices: its whole team log.
func parting(s **station) func(*exchange.Config) {
	return func(c *exchange.Config) {
		c.Parting = func(chart.Device) (out []journal.Piece) {
			heads, _ := (*s).ledger.Heads((*s).t.Context())
			for _, h := range heads {
				(*s).ledger.Pieces((*s).t.Context(), h.Device, h.Log, h.Epoch, 0, func(p journal.Piece) error {
					out = append(out, p)
					return nil
				})
			}
			return out
		}
	}
}

func TestAWithdrawnTabletReadsItsWithdrawalAndNothingElse(t *testing.T) {
	for _, row := range []struct {
		story   string
		contact bool // stands while it is withdrawn
	}{{"in touch when it is withdrawn", true}, {"away when it is withdrawn", false}} {
		t.Run(row.story, func(t *testing.T) {
			ro, theirs := newRoster("clinic", "stolen"), newRoster("clinic", "stolen")
			var admin *station
			admin = newStation(t, "clinic", ro, parting(&admin))
			stolen := newStation(t, "stolen", theirs)
			admin.write(journal.Team, 3, 1)
			if row.contact {
				m := meet(t, stolen, admin)
				eventually(t, "both were level", level(stolen, admin))
				ro.revoke(stolen.Self())
				p, err := admin.pen.Piece(journal.Team, []byte("the tablet was stolen"))
				if err != nil {
					t.Fatal(err)
				}
				if err := admin.ledger.Append(p); err != nil { // and not pushed
					t.Fatal(err)
				}
				admin.Recheck()
				refusedAs(t, wait(t, m.call), exchange.Revoked)
				refusedAs(t, wait(t, m.answer), exchange.Revoked)
			} else {
				admin.write(journal.Team, 1, 1)
				ro.revoke(stolen.Self())
				m := meet(t, stolen, admin)
				refusedAs(t, wait(t, m.call), exchange.Revoked)
				refusedAs(t, wait(t, m.answer), exchange.Revoked)
			}
			if n := stolen.ledger.Entries(); n != 4 {
				t.Errorf("the withdrawn tablet holds %d entries, wanted the team's 4", n)
			}
		})
	}
}

func TestAPartingWordIsVerifiedAndOnlyTheTeamsLogIsTaken(t *testing.T) {
	thief := meshtest.NewPen(meshtest.Key("thief"), team)
	chartPiece, err := thief.Piece(journal.Chart, []byte("given: morphine 10 mg"))
	if err != nil {
		t.Fatal(err)
	}
	forged, err := thief.Piece(journal.Team, []byte("you are out"))
	if err != nil {
		t.Fatal(err)
	}
	forged.Seal.Signature[3] ^= 1
	ro, theirs := newRoster("clinic", "stolen", "thief"), newRoster("clinic", "stolen", "thief")
	admin := newStation(t, "clinic", ro, func(c *exchange.Config) {
		c.Parting = func(chart.Device) []journal.Piece { return []journal.Piece{chartPiece, forged} }
	})
	stolen := newStation(t, "stolen", theirs)
	ro.revoke(stolen.Self())
	m := meet(t, stolen, admin)
	refusedAs(t, wait(t, m.call), exchange.Revoked)
	if n := stolen.ledger.Entries(); n != 0 {
		t.Errorf("%d entries were taken", n)
	}
}

// Two tablets are level, but one was told a list that the other made before it had
// taken what was on the way.
func TestTheDigestOfAPeerClearsUpAnOldList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ro := newRoster("clinic", "ambulance")
		s := newStation(t, "clinic", ro)
		s.write(journal.Chart, 3, 3)
		a, b := meshtest.Pipe(0)
		r, ended := rawOver(t, s, "ambulance", a, b)
		r.greet()
		self := s.Self()
		r.send(vector, append(append([]byte{2}, self[:]...), 0))
		r.send(vector, []byte{1})
		var first []byte
		for len(first) == 0 || first[0]&2 != 0 {
			first = r.seek(devices)
		}
		synctest.Wait()
		if p := s.Peers()[0]; p.There != 3 || p.Level {
			t.Fatalf("before: %+v", p)
		}
		r.send(devices, append([]byte{1}, first[1:]...)) // what we say of ourselves, it says too
		synctest.Wait()
		if p := s.Peers()[0]; p.There != 0 || !p.Level {
			t.Errorf("it seems to lack %d entries", p.There)
		}
		a.Close()
		<-ended
	})
}

// A peer makes its list before it has taken what is on the way to it, and so seems
// to lack that: a ping later it is asked again, and a peer that goes on lacking ever
// less often.
func TestAListThatCrossedWithEntriesDoesNotStandForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStation(t, "clinic", newRoster("clinic", "ambulance"))
		s.write(journal.Chart, 3, 3)
		a, b := meshtest.Pipe(0)
		r, ended := rawOver(t, s, "ambulance", a, b)
		r.greet()
		self := s.Self()
		r.send(vector, append(append([]byte{2}, self[:]...), 0))
		r.send(vector, []byte{1})
		var asked []time.Duration
		began := time.Now()
		var peer sync.WaitGroup
		peer.Go(func() { // it says that it holds nothing, and goes on pinging
			for time.Since(began) < 10*time.Minute {
				k, m, err := r.next()
				if err != nil {
					return
				}
				if k == devices && len(m) > 0 && m[0]&2 != 0 {
					asked = append(asked, time.Since(began))
					r.send(vector, []byte{1})
				}
				if k == ping {
					r.send(ping, []byte{1})
				}
			}
			a.Close()
		})
		<-ended
		peer.Wait()
		if len(asked) < 3 || asked[0] > time.Minute {
			t.Fatalf("it was asked again after %v", asked)
		}
		if len(asked) > 8 || asked[2]-asked[1] <= asked[1]-asked[0] {
			t.Errorf("it is asked for ever: %v", asked)
		}
	})
}
