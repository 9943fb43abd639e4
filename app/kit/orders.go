package kit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"fieldkit/app/store"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// carryOutEvery is how often erases that are due are carried out.
const carryOutEvery = time.Hour

// unheldMost bounds how many places of erase orders are remembered of which nothing is
// held yet: an order may come before what it names. All orders together, of 75 bytes a
// place: what a stolen tablet orders must not fill memory and disk of every station.
const unheldMost = 2_000_000

// eraseChunk is how many places go in one transaction, so that recording goes on.
const eraseChunk = 10_000

// obey carries erase orders of the team log into the store: what they name is
// hidden at once and dropped after 72 h, here as everywhere. An order that an
// accept stopped, or whose writer's key was withdrawn before it, is taken back
// while there is time. Orders of those who may give none are passed over.
func (s *share) obey(ctx context.Context, entries []chart.Entry) error {
	roster := s.roster.Load()
	if roster.Genesis == nil {
		return nil
	}
	might := func(e chart.Entry) bool { // its writer is or was one who gives orders
		m, ok := roster.Member(e.Ref.Device)
		return ok && (m.Admin || m.Out) || e.Ref.Device == roster.Genesis.RecoverySign.Device()
	}
	may := func(e chart.Entry) bool { return mayOrder(roster, e) }
	stopped := stoppedOf(roster, entries)
	look := sync.OnceValues(func() (holding, error) { return s.holding(ctx) }) // none is read where no order is new
	var errs []error
	spared := false
	for _, e := range entries {
		order, ok := e.Content.(*chart.Erase)
		stands := may(e) && !stopped[e.Ref]
		if was, known := s.obeyed[e.Ref]; !ok || !might(e) || stands || known && !was {
			continue
		}
		here, err := look()
		if err == nil {
			err = s.kit.store.Spare(ctx, here.own(order.Of))
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("take an erase back: %w", err))
			continue
		}
		s.obeyed[e.Ref], spared = false, true
		delete(s.unheld, e.Ref)
	}
	for _, e := range entries {
		order, ok := e.Content.(*chart.Erase)
		// Another order may name what was spared just now: all that stand are given again.
		if !ok || !may(e) || stopped[e.Ref] || s.obeyed[e.Ref] && !spared {
			continue
		}
		from := time.Now() // 72 h from when it came at least: a date set back must not take the admins' time
		if e.Trust != chart.ClockUnset && e.Wall.After(from) {
			from = e.Wall
		}
		here, err := look()
		refs, cut := s.places(e.Ref, order.Of, here)
		for part := range slices.Chunk(refs, eraseChunk) {
			if err == nil {
				err = s.kit.store.Erase(ctx, part, from.Add(store.EraseAfter))
			}
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("obey an erase order: %w", err))
			continue
		}
		if cut && !s.obeyed[e.Ref] {
			s.kit.log.Warn("an erase order names more entries than anybody wrote; of those that are not here yet only some are remembered")
		}
		s.obeyed[e.Ref] = true
	}
	return errors.Join(errs...)
}

// mayOrder reports whether what an entry orders counts: its writer is an admin, or the
// recovery key, and trusted there.
func mayOrder(r *identity.Roster, e chart.Entry) bool {
	m, ok := r.Member(e.Ref.Device)
	return r.Trusts(e.Ref.Device, e.Ref) && (ok && m.Admin || e.Ref.Device == r.Genesis.RecoverySign.Device())
}

// stoppedOf are the erase orders that somebody stopped who may.
func stoppedOf(r *identity.Roster, entries []chart.Entry) map[chart.Ref]bool {
	stopped := map[chart.Ref]bool{}
	for _, e := range entries {
		if a, ok := e.Content.(*chart.Accept); ok && a.Erase != nil && mayOrder(r, e) {
			stopped[*a.Erase] = true
		}
	}
	return stopped
}

// A holding is what is held of each epoch, as far as erase orders go.
type holding struct {
	held    map[journal.Place]uint64 // up to which entry
	foreign map[journal.Place]bool   // of another team, over which this one's admins have no say
}

func (s *share) holding(ctx context.Context) (h holding, err error) {
	heads, err := s.kit.store.Heads(ctx)
	m := s.member.Load()
	h = holding{make(map[journal.Place]uint64, len(heads)), map[journal.Place]bool{}}
	for _, head := range heads {
		at := journal.Place{Device: head.Device, Epoch: head.Epoch}
		h.held[at] = max(h.held[at], head.Seq)
		if m == nil || head.Team != m.team {
			h.foreign[at] = true
		}
	}
	return h, err
}

// own are the spans that are of this team, or of nobody yet.
func (h holding) own(spans []chart.Span) []chart.Span {
	return slices.DeleteFunc(slices.Clone(spans), func(p chart.Span) bool {
		return p.From == 0 || p.To < p.From || h.foreign[journal.Place{Device: p.Device, Epoch: p.Epoch}]
	})
}

// places are the entries of this team that an order names: all that are held, and of the
// others as many as may be remembered. Cut says that there are more. Caller holds
// folding.
func (s *share) places(order chart.Ref, spans []chart.Span, here holding) (refs []chart.Ref, cut bool) {
	left := s.unheldMost
	delete(s.unheld, order)
	for _, n := range s.unheld {
		left -= min(n, left)
	}
	before := left
	for _, p := range here.own(spans) {
		to := max(min(p.To, here.held[journal.Place{Device: p.Device, Epoch: p.Epoch}]), p.From-1)
		more := min(p.To-to, left)
		left, cut = left-more, cut || more < p.To-to
		for seq := p.From; seq <= to+more; seq++ {
			refs = append(refs, chart.Ref{Device: p.Device, Epoch: p.Epoch, Seq: seq})
		}
	}
	if before > left {
		s.unheld[order] = before - left
	}
	return refs, cut
}

// carryOut drops what is due for good, now and every hour, until ctx ends.
func (s *share) carryOut(ctx context.Context) {
	for {
		n, err := s.kit.store.CarryOut(ctx, time.Now())
		if err != nil && ctx.Err() == nil {
			s.kit.log.Error("erases that are due were not carried out; they stay hidden", "reason", err)
		} else if n > 0 {
			s.kit.log.Info("erased for good", "entries", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(carryOutEvery):
		}
	}
}

// orders are the entries of a team's log that say how charts are to be read:
// erasures, what stops them, and true times.
func (k *Kit) orders(ctx context.Context, of *share) ([]chart.Entry, error) {
	held, err := k.store.Encounter(ctx, chart.ID{})
	if err != nil {
		return nil, err
	}
	m := of.member.Load()
	held = slices.DeleteFunc(held, func(e store.Entry) bool { return m == nil || e.Team != m.team })
	var out []chart.Entry
	for _, e := range k.read(held) {
		switch e.Content.(type) {
		case *chart.Erase, *chart.Accept, *chart.Clock:
			if e.Log == uint8(journal.Team) {
				out = append(out, e)
			}
		}
	}
	return out, nil
}
