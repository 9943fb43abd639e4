package meshtest

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"fieldkit/sync/exchange"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// A Ledger is one station's record of one team, in memory. It satisfies
// exchange.Ledger.
type Ledger struct {
	Team journal.TeamID
	// Key returns the key of a device on the roster.
	Key func(chart.Device) (ed25519.PublicKey, bool)
	// Stored, when set, is called with every piece that was stored.
	Stored func(journal.Piece)
	// Filled, when set, is called with every epoch whose absent bodies came, outside
	// the ledger's lock.
	Filled func(exchange.Place)

	mu     sync.Mutex
	fail   func() error
	epochs map[place]*epoch
	order  []place // oldest first
}

type place struct {
	device chart.Device
	log    journal.Log
	epoch  chart.Epoch
}

type epoch struct {
	head   journal.Head
	pieces []journal.Piece
}

// NewLedger returns an empty record.
func NewLedger(team journal.TeamID, key func(chart.Device) (ed25519.PublicKey, bool)) *Ledger {
	return &Ledger{Team: team, Key: key, epochs: map[place]*epoch{}}
}

// Break makes fail be asked before anything is stored: a full disk, a crash. Nil
// mends it.
func (l *Ledger) Break(fail func() error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fail = fail
}

// Broken reports whether storing may fail.
func (l *Ledger) Broken() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fail != nil
}

// Heads returns every epoch, of each device the newest first.
func (l *Ledger) Heads(context.Context) ([]journal.Head, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var heads []journal.Head
	for _, k := range slices.Backward(l.order) {
		heads = append(heads, l.epochs[k].head)
	}
	return heads, nil
}

// Pieces yields the pieces of one epoch that hold entries after a number.
func (l *Ledger) Pieces(_ context.Context, d chart.Device, log journal.Log, e chart.Epoch, after uint64, yield func(journal.Piece) error) error {
	l.mu.Lock()
	var list []journal.Piece
	if ep := l.epochs[place{d, log, e}]; ep != nil {
		i, _ := slices.BinarySearchFunc(ep.pieces, after+1, func(p journal.Piece, seq uint64) int {
			return int(int64(p.Seal.Seq) - int64(seq))
		})
		list = ep.pieces[i:len(ep.pieces):len(ep.pieces)]
	}
	l.mu.Unlock()
	for _, p := range list {
		if err := yield(p); err != nil {
			return err
		}
	}
	return nil
}

// Accept verifies and stores pieces, all or none.
func (l *Ledger) Accept(_ context.Context, pieces []journal.Piece) error {
	filled, err := l.accept(pieces)
	for _, k := range filled {
		if l.Filled != nil {
			l.Filled(exchange.Place{Device: k.device, Log: k.log, Epoch: k.epoch})
		}
	}
	return err
}

func (l *Ledger) accept(pieces []journal.Piece) (filled []place, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	heads := map[place]journal.Head{}
	var keep, fills []journal.Piece
	for _, p := range pieces {
		k := place{p.Head.Device, p.Head.Log, p.Head.Epoch}
		h, ok := heads[k]
		if !ok {
			h = l.head(k)
		}
		if p.Seal.Seq <= h.Seq {
			if err := l.holds(k, p); err != nil {
				return nil, err
			}
			fills = append(fills, p)
			continue
		}
		key, ok := l.Key(p.Head.Device)
		if !ok {
			return nil, exchange.ErrStranger
		}
		if p.Head.Seq < h.Seq {
			fills = append(fills, p)
		}
		if n := h.Seq - min(h.Seq, p.Head.Seq); n > 0 && n < uint64(len(p.Records)) {
			p.Head, p.Records = h, p.Records[n:]
		}
		next, err := h.Extend(p, key)
		if err != nil {
			return nil, err
		}
		heads[k] = next
		keep = append(keep, clone(p))
	}
	if l.fail != nil && len(keep)+len(fills) > 0 {
		if err := l.fail(); err != nil {
			return nil, err
		}
	}
	for _, p := range keep {
		l.put(p)
	}
	for _, p := range fills {
		if l.fill(p) {
			filled = append(filled, place{p.Head.Device, p.Head.Log, p.Head.Epoch})
		}
	}
	return filled, nil
}

// fill puts bodies that were absent where their envelopes are held.
func (l *Ledger) fill(p journal.Piece) (any bool) {
	key, ok := l.Key(p.Head.Device)
	if !ok {
		return false
	}
	if _, err := p.Head.Extend(p, key); err != nil {
		return false
	}
	e := l.epochs[place{p.Head.Device, p.Head.Log, p.Head.Epoch}]
	for i, q := range e.pieces {
		var records []journal.Record
		for j, r := range q.Records {
			at := int(q.Head.Seq+uint64(j)) - int(p.Head.Seq)
			if at < 0 || at >= len(p.Records) || r.Absent == chart.Present || p.Records[at].Absent != chart.Present || !bytes.Equal(r.Envelope, p.Records[at].Envelope) {
				continue
			}
			if records == nil {
				records = slices.Clone(q.Records)
			}
			records[j] = clone(journal.Piece{Records: p.Records[at : at+1]}).Records[0]
			any = true
		}
		if records != nil {
			e.pieces[i].Records = records
		}
	}
	return any
}

// holds reports a piece that contradicts what is held at its place.
func (l *Ledger) holds(k place, p journal.Piece) error {
	for _, q := range l.epochs[k].pieces {
		if q.Seal.Seq == p.Seal.Seq && q.Seal.Chain != p.Seal.Chain {
			return fmt.Errorf("accept: %w", journal.ErrFork)
		}
	}
	return nil
}

// Append stores pieces that this station's own writer has sealed.
func (l *Ledger) Append(pieces ...journal.Piece) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail != nil {
		if err := l.fail(); err != nil {
			return err
		}
	}
	for _, p := range pieces {
		if l.head(place{p.Head.Device, p.Head.Log, p.Head.Epoch}) != p.Head {
			return errors.New("append: not at the head")
		}
		l.put(p)
	}
	return nil
}

func (l *Ledger) put(p journal.Piece) {
	k := place{p.Head.Device, p.Head.Log, p.Head.Epoch}
	e := l.epochs[k]
	if e == nil {
		e = &epoch{}
		l.epochs[k] = e
		l.order = append(l.order, k)
	}
	e.head = p.Head
	e.head.Seq, e.head.Chain = p.Seal.Seq, p.Seal.Chain
	e.pieces = append(e.pieces, p)
	if l.Stored != nil {
		l.Stored(p)
	}
}

func (l *Ledger) head(k place) journal.Head {
	if e := l.epochs[k]; e != nil {
		return e.head
	}
	return journal.Start(l.Team, k.device, k.log, k.epoch)
}

// Each yields every piece, the stream log's too, in no order.
func (l *Ledger) Each(yield func(journal.Piece)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.epochs {
		for _, p := range e.pieces {
			yield(p)
		}
	}
}

// Entries counts the entries held without the stream log.
func (l *Ledger) Entries() (n uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for k, e := range l.epochs {
		if k.log != journal.Stream {
			n += e.head.Seq
		}
	}
	return n
}

// Copy is the record as a backup would hold it.
func (l *Ledger) Copy() *Ledger {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := NewLedger(l.Team, l.Key)
	c.order = slices.Clone(l.order)
	for k, e := range maps.All(l.epochs) {
		c.epochs[k] = &epoch{e.head, slices.Clone(e.pieces)}
	}
	return c
}

// clone copies what a piece points to: the exchange may use its memory again.
func clone(p journal.Piece) journal.Piece {
	p.Records = slices.Clone(p.Records)
	for i := range p.Records {
		p.Records[i].Envelope = slices.Clone(p.Records[i].Envelope)
		p.Records[i].Body = slices.Clone(p.Records[i].Body)
	}
	return p
}
