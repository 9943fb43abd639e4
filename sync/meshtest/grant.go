package meshtest

import (
	"context"
	"fmt"
	"maps"

	"fieldkit/sync/exchange"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// On a street with grants the first two stations are granted everything, the third
// is a member and the others are guests, all of them granted what is handed over.
// A handover names a kind of station, so that those of one kind are granted the
// same.

type kindOf int

const (
	ofAll kindOf = iota
	ofMember
	ofGuest
)

func (s *station) kind() kindOf { return kindOf(min(max(s.number-1, 0), 2)) }

// A handover is an encounter handed to stations of a kind.
type handover struct {
	subject string
	to      kindOf
}

const encounters = 6

// aboutSomebody makes a body of one of some encounters, and now and then its
// handover.
func (st *street) aboutSomebody(text []byte) []byte {
	subject := fmt.Sprint("e", st.rng.IntN(encounters))
	if st.rng.IntN(12) == 0 {
		return fmt.Appendf(nil, "%s: handed to %d %s", subject, 1+st.rng.IntN(2), text)
	}
	return fmt.Appendf(nil, "%s: %s", subject, text)
}

func handoverOf(r journal.Record) (h handover, ok bool) {
	if r.Absent != chart.Present || Subject(r.Body) == "" {
		return h, false
	}
	h.subject = Subject(r.Body)
	_, err := fmt.Sscanf(string(r.Body[len(h.subject):]), ": handed to %d ", &h.to)
	return h, err == nil
}

// grant shows every peer of narrow grant its view, made of what the record says.
func (s *station) grant(cfg *exchange.Config) {
	s.views = map[chart.Device]*View{}
	s.handed = make(chan handover, 10_000)
	for _, o := range s.street.stations {
		if o != s && o.kind() != ofAll {
			d := identity.PublicOf(o.key).Device()
			s.views[d] = NewView(s.memory(), d, o.kind() == ofGuest)
		}
	}
	s.record.Each(s.hear)
	cfg.Bodies = Accounts{Ledger: s.memory(), Self: identity.PublicOf(s.key).Device(), All: s.kind() == ofAll}
	cfg.View = func(d chart.Device) exchange.View {
		if v := s.views[d]; v != nil {
			return v
		}
		return nil
	}
}

// hear takes the handovers of a piece. It may run under the ledger's lock.
func (s *station) hear(p journal.Piece) {
	if s.handed == nil || p.Head.Log == journal.Stream { // which only comes when asked for
		return
	}
	for _, r := range p.Records {
		if h, ok := handoverOf(r); ok {
			s.handed <- h
		}
	}
}

// filled hears of bodies that came late, and lets the peers know.
func (s *station) filled(p exchange.Place) {
	s.mu.Lock()
	x := s.exchange
	s.mu.Unlock()
	if x == nil {
		return
	}
	s.record.Each(func(piece journal.Piece) {
		if piece.Head.Epoch == p.Epoch {
			s.hear(piece)
		}
	})
	x.Filled(p)
}

// regrants has the views follow the record.
func (s *station) regrants(ctx context.Context, x *exchange.Exchange) {
	for {
		select {
		case <-ctx.Done():
			return
		case h := <-s.handed:
			for _, o := range s.street.stations {
				d := identity.PublicOf(o.key).Device()
				if v := s.views[d]; v != nil && o.kind() == h.to {
					x.Granted(d, v.Grant(h.subject)...)
				}
			}
		}
	}
}

// readable are the bodies that a station can read, without the stream.
func (s *station) readable() map[chart.Ref]string {
	out := map[chart.Ref]string{}
	s.record.Each(func(p journal.Piece) {
		for i, r := range p.Records {
			if r.Absent == chart.Present && p.Head.Log != journal.Stream {
				out[p.Head.Ref(p.Head.Seq+uint64(i)+1)] = string(r.Body)
			}
		}
	})
	return out
}

// unfair says what is wrong with who can read what; "" when nothing is.
func (st *street) unfair() string {
	all := map[chart.Ref]string{}
	team := map[chart.Ref]bool{}
	for _, s := range st.stations {
		maps.Copy(all, s.readable())
		s.record.Each(func(p journal.Piece) {
			for seq := p.Head.Seq + 1; p.Head.Log == journal.Team && seq <= p.Seal.Seq; seq++ {
				team[p.Head.Ref(seq)] = true
			}
		})
	}
	granted := map[handover]bool{}
	for _, body := range all {
		if h, ok := handoverOf(journal.Record{Body: []byte(body)}); ok {
			granted[h] = true
		}
	}
	for _, s := range st.stations {
		self := identity.PublicOf(s.key).Device()
		reads := s.readable()
		for ref, body := range all {
			due := s.kind() == ofAll || ref.Device == self || team[ref] ||
				granted[handover{Subject([]byte(body)), s.kind()}]
			got, held := reads[ref]
			switch {
			case due && !held:
				return fmt.Sprintf("station %d cannot read entry %d of %x, of %s", s.number, ref.Seq, ref.Device[:3], Subject([]byte(body)))
			case held && !due && !st.restored: // a handover may be lost that was obeyed
				return fmt.Sprintf("station %d reads entry %d of %x, of %s, which was not handed to it", s.number, ref.Seq, ref.Device[:3], Subject([]byte(body)))
			case held && got != body:
				return fmt.Sprintf("station %d reads entry %d of %x otherwise", s.number, ref.Seq, ref.Device[:3])
			}
		}
	}
	return ""
}

// memory is the record in memory: the only kind of which views are made here.
func (s *station) memory() *Ledger { return s.record.(*Memory).Ledger }
