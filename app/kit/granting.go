package kit

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"fieldkit/app/store"
	"fieldkit/sync/exchange"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// How what is recorded, and what the roster says, moves what the peers may see.

// widen has the views take in what a change added. It runs in the store's writing
// goroutine: it calls no store and never waits.
func (s *share) widen(c store.Change) {
	s.mu.Lock()
	views := slices.Collect(maps.Values(s.views))
	s.mu.Unlock()
	weigh := map[chart.ID]bool{}
	take := func(p exchange.Place, r journal.Record) {
		if r.Absent != chart.Present || p.Log == journal.Team || p.Log == journal.Audit || len(views) == 0 && p.Log == journal.Stream {
			return
		}
		b, err := journal.DecodeBody(r.Body)
		if err != nil {
			return
		}
		if _, ok := claimOf(b); ok {
			weigh[subjectOf(b)] = true
		}
		for _, v := range views {
			if v.heed(p, b) {
				weigh[b.Encounter] = true
			}
		}
	}
	for _, p := range c.Pieces {
		for _, r := range p.Records {
			take(exchange.Place{Device: p.Head.Device, Log: p.Head.Log, Epoch: p.Head.Epoch}, r)
		}
	}
	for _, e := range c.Filled {
		take(placeOf(e), e.Record)
	}
	delete(weigh, chart.ID{})
	if len(weigh) > 0 {
		s.weighing.Lock()
		maps.Copy(s.weigh, weigh)
		s.weighing.Unlock()
		wake(s.kick)
	}
}

func placeOf(e store.Entry) exchange.Place {
	return exchange.Place{Device: e.Ref.Device, Log: e.Log, Epoch: e.Ref.Epoch}
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// weighs judges encounters anew of which somebody said who may see them, until ctx
// ends, and tells the peers that may now see more.
func (s *share) weighs(ctx context.Context, x *exchange.Exchange) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.kick:
		case <-time.After(strangersEvery):
			s.partStrangers(x)
			continue
		}
		s.weighing.Lock()
		encounters := s.weigh
		s.weigh = map[chart.ID]bool{}
		s.weighing.Unlock()
		for id := range encounters {
			if err := s.strangers.weigh(ctx, s, id); err != nil && ctx.Err() == nil {
				s.kit.log.Error("with whom an encounter is shared could not be read; it is shared with no stranger", "reason", err)
			}
		}
		s.partStrangers(x)
		s.mu.Lock()
		views := slices.Collect(maps.Values(s.views))
		s.mu.Unlock()
		for _, v := range views {
			for id := range encounters {
				places, err := v.weigh(ctx, id)
				if err != nil && ctx.Err() == nil {
					s.kit.log.Error("who may see an encounter could not be read; a peer sees nothing until the next contact", "reason", err)
					continue // it is shut
				}
				x.Granted(v.peer, places...)
			}
			x.Vouch(v.peer)
		}
	}
}

// forget has the view made anew at the next contact.
func (v *view) forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.roster = nil
}

// regrant makes the views anew after the roster has changed, and tells the peers.
func (s *share) regrant(ctx context.Context, x *exchange.Exchange) {
	s.mu.Lock()
	views := slices.Collect(maps.Values(s.views))
	s.mu.Unlock()
	for _, v := range views {
		stranger := v.Reads()
		if err := v.make(ctx); err != nil && ctx.Err() == nil {
			s.kit.log.Error("what a peer may see could not be read; it sees nothing until the next contact", "reason", err)
		}
		if stranger && !v.Reads() { // it was let in meanwhile, and may write
			x.Recheck(v.peer)
			continue
		}
		v.mu.RLock()
		places := slices.Collect(maps.Keys(v.places))
		v.mu.RUnlock()
		x.Granted(v.peer, places...)
		x.Vouch(v.peer)
	}
}

// regranted are the devices of which the roster now says something else about what
// they receive. When it does of this device, all of them: what was not asked for
// before is asked for at the next contact.
func regranted(before, now *identity.Roster, self chart.Device) (out []chart.Device) {
	if before == nil {
		return nil
	}
	for _, m := range now.Members() {
		old, ok := before.Member(m.Device)
		if !ok || old.Grant == m.Grant && old.Site == m.Site && old.Admin == m.Admin {
			continue
		}
		if m.Device == self {
			out = nil
			for _, other := range now.Members() {
				out = append(out, other.Device)
			}
			return out
		}
		out = append(out, m.Device)
	}
	return out
}

// bodies is the store's account of bodies as the exchange sees it.
type bodies struct{ share *share }

// Tally implements exchange.Bodies.
func (b bodies) Tally(ctx context.Context, p exchange.Place) (exchange.Tally, error) {
	if own, err := b.share.owns(ctx, store.Epoch(p)); err != nil || !own {
		return exchange.Tally{}, err
	}
	t, err := b.share.kit.store.Tally(ctx, store.Epoch(p))
	return exchange.Tally(t), err
}

// Absent implements exchange.Bodies.
func (b bodies) Absent(ctx context.Context, p exchange.Place) ([]uint64, error) {
	if own, err := b.share.owns(ctx, store.Epoch(p)); err != nil || !own {
		return nil, err
	}
	return b.share.kit.store.Absent(ctx, store.Epoch(p))
}

// Lacking implements exchange.Bodies, of the epochs that are due.
func (b bodies) Lacking(ctx context.Context) ([]exchange.Place, error) {
	st := b.share.kit.store
	if b.Due(chart.Device{}, journal.Chart) {
		epochs, err := st.Lacking(ctx)
		var out []exchange.Place
		for _, e := range epochs {
			own, err := b.share.owns(ctx, e)
			if err != nil {
				return nil, err
			}
			if own {
				out = append(out, exchange.Place(e))
			}
		}
		return out, err
	}
	// Much is withheld from a narrow grant, and little of it is due.
	heads, err := b.share.heads(ctx)
	if err != nil {
		return nil, err
	}
	var out []exchange.Place
	for _, h := range heads {
		e := store.Epoch{Device: h.Device, Log: h.Log, Epoch: h.Epoch}
		if h.Log == journal.Stream || !b.Due(h.Device, h.Log) {
			continue
		}
		absent, err := st.Absent(ctx, e)
		if err != nil {
			return nil, err
		}
		if len(absent) > 0 {
			out = append(out, exchange.Place(e))
		}
	}
	return out, nil
}

// Due implements exchange.Bodies.
func (b bodies) Due(d chart.Device, log journal.Log) bool {
	r, m := b.share.roster.Load(), b.share.member.Load()
	if r == nil || m == nil {
		return false
	}
	if d == m.device {
		return true // after a restore, say
	}
	self, _ := r.Member(m.device)
	if log != journal.Supply {
		return self.Receives(log, "", false)
	}
	writer, _ := r.Member(d)
	return self.Receives(log, writer.Site, false)
}

// mayRead reports whether a member may read an encounter, as far as the record has
// come.
func (s *share) mayRead(ctx context.Context, d chart.Device, encounter chart.ID) (bool, error) {
	r := s.roster.Load()
	if r == nil {
		return false, nil
	}
	m, ok := r.Member(d)
	if !ok || m.Out {
		return false, nil
	}
	reach, err := s.reach(ctx, encounter)
	if err != nil && !errors.Is(err, store.ErrNoSubject) {
		return false, err
	}
	return s.judge(r).of(readClaims(reach.Marks)).may(d), nil
}
