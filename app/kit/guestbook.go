package kit

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"fieldkit/app/store"
	"fieldkit/sync/exchange"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// What the exchange of a visit may do with the store: take entries of the encounters
// of its tickets, by writers that were vouched for, and give nothing.

// guestLedger is the store as a visit's exchange sees it: what is held of that team.
type guestLedger struct {
	*store.Store
	guest *guest
}

// errGuestFull reports that a host has brought more than one patient's record holds.
var errGuestFull = errors.New("it brings more entries than this station takes of another team")

// Heads implements exchange.Ledger.
func (l guestLedger) Heads(ctx context.Context) ([]journal.Head, error) {
	all, err := l.Store.Heads(ctx)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(h journal.Head) bool { return h.Team != l.guest.team })
	var n uint64
	for _, h := range all {
		n += h.Seq
	}
	l.guest.mu.Lock()
	defer l.guest.mu.Unlock()
	l.guest.entries = n
	return all, nil
}

// Pieces implements exchange.Ledger.
func (l guestLedger) Pieces(ctx context.Context, d chart.Device, log journal.Log, epoch chart.Epoch, after uint64, yield func(journal.Piece) error) error {
	own, err := l.guest.owns(ctx, store.Epoch{Device: d, Log: log, Epoch: epoch})
	if err != nil || !own {
		return err
	}
	return l.Store.Pieces(ctx, d, log, epoch, after, yield)
}

// Accept implements exchange.Ledger. Of what is not of a ticket's encounter the
// envelope is kept, so that the chain holds, and not a word.
func (l guestLedger) Accept(ctx context.Context, pieces []journal.Piece) error {
	self := l.guest.kit.share.member.Load()
	if self == nil {
		return storeFault(store.ErrLocked)
	}
	l.guest.taking.Lock()
	defer l.guest.taking.Unlock()
	var n, size uint64
	taken := make([]journal.Piece, len(pieces))
	for i, p := range pieces {
		_, known := l.guest.keyOf(p.Head.Device)
		if !known || p.Head.Device == self.device || p.Head.Team != l.guest.team || p.Head.Log == journal.Team || p.Head.Log == journal.Audit {
			return fmt.Errorf("%w: device %x", exchange.ErrStranger, p.Head.Device[:4])
		}
		taken[i] = p
		taken[i].Records = slices.Clone(p.Records)
		for j, r := range p.Records {
			if r.Absent == chart.Present && !l.guest.takes(r.Body) {
				taken[i].Records[j] = journal.Record{Envelope: r.Envelope, Absent: chart.Withheld}
			}
			size += uint64(len(r.Envelope) + len(taken[i].Records[j].Body))
		}
		n += uint64(len(p.Records))
	}
	l.guest.mu.RLock()
	full := l.guest.entries+n > guestEntries || l.guest.bytes+size > guestBytes
	l.guest.mu.RUnlock()
	if full {
		return errGuestFull
	}
	if err := l.Store.Accept(ctx, taken); err != nil {
		if errors.Is(err, store.ErrStranger) {
			err = fmt.Errorf("%w: %w", exchange.ErrStranger, err)
		}
		return err
	}
	l.guest.mu.Lock()
	l.guest.entries, l.guest.bytes = l.guest.entries+n, l.guest.bytes+size
	l.guest.mu.Unlock()
	return nil
}

// takes reports whether a body is of an encounter that is read here.
func (g *guest) takes(body []byte) bool {
	b, err := journal.DecodeBody(body)
	return err == nil && b.Encounter != (chart.ID{}) && g.reads(b.Encounter)
}

// owns reports whether an epoch is of this team.
func (g *guest) owns(ctx context.Context, e store.Epoch) (bool, error) {
	team, err := g.kit.store.Team(ctx, e)
	return err == nil && team == g.team, err
}

// bareReach is what a host may see of this station: how far it holds what the host's team
// wrote, and no word of it.
type bareReach struct{}

// All implements exchange.View.
func (bareReach) All() bool { return true }

// Sees implements exchange.View.
func (bareReach) Sees(exchange.Place) bool { return true }

// Strip implements exchange.View.
func (bareReach) Strip(p journal.Piece) journal.Piece {
	records := make([]journal.Record, len(p.Records))
	for i, r := range p.Records {
		records[i] = journal.Record{Envelope: r.Envelope, Absent: chart.Withheld}
	}
	p.Records = records
	return p
}

// Bodies implements exchange.View.
func (bareReach) Bodies(context.Context, ...exchange.Place) ([]exchange.Held, error) { return nil, nil }

// guestBodies is the account of bodies of a visit. None is asked for that was not
// offered.
type guestBodies struct{ guest *guest }

// Tally implements exchange.Bodies.
func (b guestBodies) Tally(ctx context.Context, p exchange.Place) (exchange.Tally, error) {
	if own, err := b.guest.owns(ctx, store.Epoch(p)); err != nil || !own {
		return exchange.Tally{}, err
	}
	t, err := b.guest.kit.store.Tally(ctx, store.Epoch(p))
	return exchange.Tally(t), err
}

// Absent implements exchange.Bodies.
func (b guestBodies) Absent(ctx context.Context, p exchange.Place) ([]uint64, error) {
	if own, err := b.guest.owns(ctx, store.Epoch(p)); err != nil || !own {
		return nil, err
	}
	return b.guest.kit.store.Absent(ctx, store.Epoch(p))
}

// Lacking implements exchange.Bodies.
func (guestBodies) Lacking(context.Context) ([]exchange.Place, error) { return nil, nil }

// Due implements exchange.Bodies.
func (guestBodies) Due(chart.Device, journal.Log) bool { return false }
