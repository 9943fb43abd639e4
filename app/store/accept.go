package store

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// errMoved reports that a log grew between verifying a piece and storing it.
var errMoved = errors.New("the log grew meanwhile")

// Accept verifies pieces that came from others and stores them durably, as one
// transaction: all or none. What is held already is no error and may bring bodies
// that were absent. It returns an error that wraps journal.ErrGap when entries
// before a piece are missing, ErrStranger when the writer's key is not known,
// journal.ErrFork when a piece contradicts what is held and cannot be kept beside
// it, another journal.EntryError for a piece that must not be believed. A branch
// that can be kept beside is kept, and Forks names it. Bring some 1,024 entries
// at a time.
func (s *Store) Accept(ctx context.Context, pieces []journal.Piece) error {
	u, done, err := s.use()
	if err != nil {
		return err
	}
	defer done()
	if u.clerk == nil {
		return ErrReadOnly
	}
	u.accepting.Lock()
	defer u.accepting.Unlock()
	for {
		a := acceptance{u: u, logs: make(map[logKey][]*branch)}
		for _, p := range pieces {
			if err := a.take(ctx, p); err != nil {
				return fmt.Errorf("accept entries: %w", explain(err))
			}
		}
		if len(a.parts) == 0 && len(a.fills) == 0 {
			return nil
		}
		err := u.clerk.apart(ctx, func() error { return u.clerk.store(ctx, &a) })
		if errors.Is(err, errMoved) {
			continue
		}
		if err != nil {
			return fmt.Errorf("accept entries: %w", explain(err))
		}
		return nil
	}
}

// ErrOtherTeam reports an epoch that is held as another team's: it belongs to one.
var ErrOtherTeam = errors.New("the epoch belongs to another team")

type logKey struct {
	device chart.Device
	log    journal.Log
	epoch  chart.Epoch
}

// A branch is a head as it will be when what was taken so far is stored.
type branch struct {
	head
	fresh bool // no row yet
}

// A part is one verified piece, ready to be written.
type part struct {
	branch *branch
	first  bool // the branch's row is made with it
	from   head
	to     head
	piece  journal.Piece
	rows   []row
}

// A fill is a record whose body came after its envelope, or that replaces one
// damaged on this disk.
type fill struct {
	place  *place
	seq    uint64
	record journal.Record
}

// A parting is a log that was found to have two branches.
type parting struct {
	place  *place
	branch chart.Epoch
	parted uint64
}

// An acceptance collects what one Accept will store.
type acceptance struct {
	u        *unlocked
	logs     map[logKey][]*branch
	parts    []*part
	fills    []fill
	partings []parting
}

func (a *acceptance) take(ctx context.Context, p journal.Piece) error {
	k := logKey{p.Head.Device, p.Head.Log, p.Head.Epoch}
	branches, ok := a.logs[k]
	if !ok {
		heads, err := a.u.db.branches(ctx, k.device, k.log, k.epoch)
		if err != nil {
			return err
		}
		for _, h := range heads {
			branches = append(branches, &branch{head: h})
		}
		a.logs[k] = branches
	}
	key, err := a.u.store.config.key(k.device)
	if err != nil {
		return err
	}
	if len(branches) == 0 {
		start := journal.Start(p.Head.Team, k.device, k.log, k.epoch)
		b := &branch{fresh: true, head: head{
			place: &place{team: p.Head.Team, device: k.device, log: k.log, epoch: k.epoch},
			chain: start.Chain,
		}}
		if err := a.extend(b, p, key); err != nil {
			return err
		}
		a.logs[k] = []*branch{b}
		return nil
	}
	main := branches[0]
	if main.place.team != p.Head.Team {
		return &journal.EntryError{Log: k.log, Ref: p.Head.Ref(p.Head.Seq + 1), Err: ErrOtherTeam}
	}
	if main.pruned {
		return nil // dropped by the retention rule: not taken back
	}
	for _, b := range branches {
		if b.seq == p.Head.Seq && b.chain == p.Head.Chain {
			return a.extend(b, p, key)
		}
	}
	if p.Head.Seq > main.seq {
		_, err := main.journal().Extend(p, key) // names the gap, or why it is not even this log
		return err
	}
	// It begins before what is held. On its own it is proved by its seal.
	if _, err := p.Head.Extend(p, key); err != nil {
		return err
	}
	at, ours := -1, []byte(nil)
	for i, b := range branches {
		differs, held, err := a.overlap(ctx, b, p)
		switch {
		case err != nil:
			return err
		case differs >= 0:
			if i == 0 {
				at, ours = differs, held
			}
			continue
		case p.Seal.Seq <= b.seq:
			return nil
		}
		rest := journal.Piece{Head: b.journal(), Records: p.Records[b.seq-p.Head.Seq:], Seal: p.Seal}
		return a.extend(b, rest, key)
	}
	return a.fork(ctx, k, p, key, at, ours)
}

// extend verifies that p goes on where b ends and takes it.
func (a *acceptance) extend(b *branch, p journal.Piece, key ed25519.PublicKey) error {
	to, err := b.journal().Extend(p, key)
	if err != nil {
		return err
	}
	for i := range p.Records {
		p.Records[i] = a.u.past.gone(b.place, a.u.erase.gone(b.place, b.seq+1+uint64(i), p.Records[i]))
	}
	number, err := a.u.quota.take(len(p.Records))
	if err != nil {
		return err
	}
	if b.fresh {
		first, err := journal.DecodeEnvelope(p.Records[0].Envelope)
		if err != nil {
			return err
		}
		b.opened = first.Clock.Millis()
	}
	part := &part{branch: b, first: b.fresh, from: b.head, piece: p, rows: a.u.sealPiece(b.place, p, number)}
	b.seq, b.chain, b.fresh = to.Seq, to.Chain, false
	part.to = b.head
	a.parts = append(a.parts, part)
	return nil
}

// overlap compares the verified p with what b holds of the same places. It
// returns the index of the first record that differs with the envelope held
// there, or -1; and takes bodies that were absent.
func (a *acceptance) overlap(ctx context.Context, b *branch, p journal.Piece) (differs int, held []byte, err error) {
	from, upTo := p.Head.Seq, min(p.Seal.Seq, b.seq)
	if from < b.place.base || from >= upTo {
		return 0, nil, nil
	}
	differs = -1
	var fills []fill
	compare := func(seq uint64, h journal.Record) {
		i := int(seq - from - 1)
		r := p.Records[i]
		late := r.Absent == chart.Present && h.Absent != chart.Present
		switch {
		case differs >= 0:
		case h.Absent != chart.Damaged && !bytes.Equal(h.Envelope, r.Envelope):
			differs, held = i, bytes.Clone(h.Envelope)
		case late && a.u.past.gone(b.place, a.u.erase.gone(b.place, seq, r)).Absent == chart.Present:
			fills = append(fills, fill{b.place, seq, r})
		}
	}
	last := from // highest sequence of b that is on the disk
	if b.place.num != 0 {
		o := opener{u: a.u}
		err = a.u.span(ctx, b.place, from, upTo, func(s stored) error {
			last = s.seq
			_, r, _ := o.open(ctx, s.num, s.seq, s.key, s.blob) // Damaged when it does not open
			compare(s.seq, r)
			return nil
		})
		if err != nil {
			return 0, nil, err
		}
	}
	for _, part := range a.parts {
		if part.branch != b {
			continue
		}
		for i, r := range part.piece.Records {
			if seq := part.from.seq + 1 + uint64(i); seq > last && seq <= upTo {
				r.Absent = chart.Present // what is about to be stored needs no filling
				compare(seq, r)
			}
		}
	}
	if differs < 0 {
		a.fills = append(a.fills, fills...)
	}
	return differs, held, nil
}

// fork keeps p, which is proved and contradicts the log at its record number at,
// as a branch beside it.
func (a *acceptance) fork(ctx context.Context, k logKey, p journal.Piece, key ed25519.PublicKey, at int, ours []byte) error {
	main := a.logs[k][0]
	first := p.Head.Seq + 1 + uint64(at)
	bad := &journal.EntryError{Log: k.log, Ref: main.place.ref(first), Err: journal.ErrFork}
	if ours == nil || main.place.num == 0 {
		return bad
	}
	chain, err := a.u.chainAt(ctx, main.head, p.Head.Seq)
	if err != nil {
		return err
	}
	if chain != p.Head.Chain {
		return bad // they parted earlier: only the piece where they do can be kept
	}
	name := journal.BranchName(p.Records[at].Envelope)
	place := *main.place
	place.num, place.aside, place.branch = 0, name, name
	place.parted, place.base = first-1, p.Head.Seq
	b := &branch{fresh: true, head: head{place: &place, seq: p.Head.Seq, chain: p.Head.Chain}}
	if err := a.extend(b, p, key); err != nil {
		return err
	}
	a.logs[k] = append(a.logs[k], b)
	a.partings = append(a.partings, parting{main.place, journal.BranchName(ours), first - 1})
	return nil
}

// store writes what was taken. Caller holds the clerk.
func (c *clerk) store(ctx context.Context, a *acceptance) error {
	x := c.u.index
	if len(a.fills) > 0 {
		x.mu.Lock()
		defer x.mu.Unlock()
	}
	err := c.transact(func() error {
		for _, p := range a.parts {
			if p.first {
				if err := c.newPlace(p.from); err != nil {
					return err
				}
			}
			if err := c.write(p.rows, p.from.seq, p.to); err != nil {
				return err
			}
		}
		for _, f := range a.fills {
			if err := c.replace(ctx, f.place, f.seq, f.record); err != nil {
				return err
			}
		}
		for _, f := range a.partings {
			if err := c.part(ctx, f); err != nil {
				return err
			}
		}
		if len(a.fills) > 0 {
			return c.putCards(x)
		}
		return nil
	})
	if err != nil {
		if len(a.fills) > 0 {
			err = errors.Join(err, x.load(ctx))
		}
		return err
	}
	if len(a.fills) > 0 {
		x.saved()
	}
	var change Change
	for _, p := range a.parts {
		if len(a.fills) > 0 {
			x.addHeld(p.rows)
		} else {
			x.add(p.rows)
		}
		for l, w := range c.writers {
			if w.place.num == p.branch.place.num {
				delete(c.writers, l) // a copy of this disk wrote on: go on in an epoch of our own
			}
		}
		change.Pieces = append(change.Pieces, p.piece)
	}
	for _, f := range a.fills {
		change.Filled = append(change.Filled, entryAt(f.place, f.seq, f.record))
	}
	for _, f := range a.partings {
		x.places.forget(f.place.num)
		change.Forked = append(change.Forked, f.place.ref(f.parted+1))
	}
	c.u.store.watch.tell(change)
	return nil
}

// part writes that a log has branches from a place on.
func (c *clerk) part(ctx context.Context, f parting) error {
	h, err := scanHead(c.conn.QueryRowContext(ctx, "SELECT "+placeColumns+" FROM head WHERE num = ?", f.place.num).Scan)
	if err != nil {
		return err
	}
	if h.place.branch != (chart.Epoch{}) && h.place.parted <= f.parted {
		return nil
	}
	h.place.branch, h.place.parted = f.branch, f.parted
	_, err = c.conn.ExecContext(ctx, "UPDATE epoch SET branch = ?, parted = ?, mac = ? WHERE num = ?", f.branch[:], int64(f.parted), c.u.headMAC(h), f.place.num)
	return err
}

// Forks names the first differing entry of every log of which two branches are
// kept: a copied key or a copied disk wrote both, and people must be told.
func (s *Store) Forks(ctx context.Context) ([]chart.Ref, error) {
	u, done, err := s.use()
	if err != nil {
		return nil, err
	}
	defer done()
	heads, err := u.db.heads(ctx, "WHERE aside <> x'' ORDER BY num")
	if err != nil {
		return nil, fmt.Errorf("list forks: %w", explain(err))
	}
	var out []chart.Ref
	for _, h := range heads {
		out = append(out, h.place.ref(h.place.parted+1))
	}
	return out, nil
}
