package kit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"fieldkit/app/store"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// carryOutEvery is how often erases that are due are carried out.
const carryOutEvery = time.Hour

// spanMost bounds how many entries one erase order may name: a year of a monitor's
// seconds. A longer span is no order a person gave.
const spanMost = 40_000_000

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
	may := func(e chart.Entry) bool {
		m, ok := roster.Member(e.Ref.Device)
		return roster.Trusts(e.Ref.Device, e.Ref) && (ok && m.Admin || e.Ref.Device == roster.Genesis.RecoverySign.Device())
	}
	stopped := map[chart.Ref]bool{}
	for _, e := range entries {
		if a, ok := e.Content.(*chart.Accept); ok && may(e) && a.Erase != nil {
			stopped[*a.Erase] = true
		}
	}
	var errs []error
	spared := false
	for _, e := range entries {
		order, ok := e.Content.(*chart.Erase)
		stands := may(e) && !stopped[e.Ref]
		if was, known := s.obeyed[e.Ref]; !ok || !might(e) || stands || known && !was {
			continue
		}
		refs, err := s.places(ctx, order.Of)
		if err == nil {
			err = s.kit.store.Spare(ctx, refs)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("take an erase back: %w", err))
			continue
		}
		s.obeyed[e.Ref], spared = false, true
	}
	for _, e := range entries {
		order, ok := e.Content.(*chart.Erase)
		// Another order may name what was spared just now: all that stand are given again.
		if !ok || !may(e) || stopped[e.Ref] || s.obeyed[e.Ref] && !spared {
			continue
		}
		from := e.Wall
		if e.Trust == chart.ClockUnset {
			from = time.Now() // its writer did not know the time: 72 h from when it came
		}
		refs, err := s.places(ctx, order.Of)
		if err != nil {
			s.kit.log.Warn("an erase order is not obeyed", "reason", err)
		} else if err = s.kit.store.Erase(ctx, refs, from.Add(store.EraseAfter)); err != nil {
			errs = append(errs, fmt.Errorf("obey an erase order: %w", err))
			continue
		}
		s.obeyed[e.Ref] = true
	}
	return errors.Join(errs...)
}

// places are the entries that spans name, but for those of another team, over which
// this one's admins have no say.
func (s *share) places(ctx context.Context, spans []chart.Span) ([]chart.Ref, error) {
	if s.kit.alone() {
		return places(spans)
	}
	heads, err := s.kit.store.Heads(ctx)
	if err != nil {
		return nil, err
	}
	m := s.member.Load()
	foreign := map[journal.Place]bool{}
	for _, h := range heads {
		foreign[journal.Place{Device: h.Device, Epoch: h.Epoch}] = m == nil || h.Team != m.team
	}
	return places(slices.DeleteFunc(slices.Clone(spans), func(p chart.Span) bool { return foreign[journal.Place{Device: p.Device, Epoch: p.Epoch}] }))
}

// places are the entries that spans name.
func places(spans []chart.Span) ([]chart.Ref, error) {
	var total uint64
	for _, s := range spans {
		if s.From == 0 || s.To < s.From || s.To-s.From > spanMost {
			return nil, errors.New("it names a range that cannot be")
		}
		total += s.To - s.From + 1
	}
	if total > spanMost {
		return nil, errors.New("it names more entries than an encounter can hold")
	}
	refs := make([]chart.Ref, 0, total)
	for _, s := range spans {
		for seq := s.From; seq <= s.To; seq++ {
			refs = append(refs, chart.Ref{Device: s.Device, Epoch: s.Epoch, Seq: seq})
		}
	}
	return refs, nil
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
