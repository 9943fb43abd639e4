package exchange

import (
	"context"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// A Place names one epoch of one log of one device.
type Place struct {
	Device chart.Device
	Log    journal.Log
	Epoch  chart.Epoch
}

func (k epochKey) place() Place { return Place{k.device, k.log, k.epoch} }

func (p Place) key() epochKey { return epochKey{p.Device, p.Log, p.Epoch} }

// A Tally stands for a set of bodies of one epoch: how many, and a sum over their
// places that differs when the sets do.
type Tally struct{ Count, Sum uint64 }

// A Held is which bodies of one epoch may go to a peer.
type Held struct {
	Place
	Tally
}

// A View is the record as one peer may see it whose grant leaves something out.
// What it grants may grow and shrink while a contact stands. Its methods may be
// called at once from several goroutines; All, Sees and Strip must not wait: they
// are asked on the way of every new entry.
type View interface {
	// All reports whether the peer may know of every epoch, though not read all.
	All() bool
	// Sees reports whether the peer may know of an epoch, once All is false.
	Sees(Place) bool
	// Strip is the piece without the bodies that the peer may not have. It does
	// not change what it is given.
	Strip(journal.Piece) journal.Piece
	// Bodies is, of the epochs given or of all when none is given, those that hold
	// bodies which the peer may have, and which.
	Bodies(context.Context, ...Place) ([]Held, error)
}

// Bodies is the account of bodies apart from their envelopes: a body that was
// withheld, or was not there, when its envelope came is offered and fetched later.
type Bodies interface {
	// Tally is of the bodies held of one epoch that are of an encounter or patient.
	Tally(context.Context, Place) (Tally, error)
	// Absent is the entries of one epoch whose bodies may yet come, in order.
	Absent(context.Context, Place) ([]uint64, error)
	// Lacking is the epochs of which Absent names any.
	Lacking(context.Context) ([]Place, error)
	// Due reports whether this tablet is granted every body of a device's log, so
	// that one that is absent is asked for.
	Due(chart.Device, journal.Log) bool
}

// Granted tells a standing contact that its peer may from now on have bodies of
// these epochs, or know of them at all. It never waits.
func (x *Exchange) Granted(d chart.Device, places ...Place) {
	x.mu.Lock()
	defer x.mu.Unlock()
	s := x.sessions[d]
	if s == nil || s.view == nil {
		return
	}
	for _, p := range places {
		k := p.key()
		h, held := x.index.heads[k]
		if !held || !s.shows(k, h, false) {
			continue
		}
		if k.log != journal.Stream {
			s.offer(k)
		}
		s.tell(k)
	}
}

// Filled tells all standing contacts that bodies came of which only the envelopes
// were held. It never waits.
func (x *Exchange) Filled(places ...Place) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, s := range x.sessions {
		for _, p := range places {
			if k := p.key(); s.mayKnow(k) {
				s.tell(k)
			}
		}
	}
}

// mayKnow reports whether the peer may be told of an epoch. The caller holds the
// lock.
func (s *session) mayKnow(k epochKey) bool {
	if s.seen == nil {
		return true
	}
	_, ok := s.seen.heads[k]
	return ok
}

// shows takes how far an epoch is held into what a guest may know, if it may know
// of it. The caller holds the lock.
func (s *session) shows(k epochKey, h held, newest bool) bool {
	if s.seen == nil {
		return true
	}
	if _, known := s.seen.heads[k]; !known && !s.view.Sees(k.place()) {
		return false
	}
	s.seen.add(k, h, newest)
	return true
}

// seeing is the part of the index that a guest may know.
func (x *index) seeing(v View) *index {
	out := newIndex(nil)
	for _, d := range x.by {
		for _, k := range d.order {
			if v.Sees(k.place()) {
				out.add(k, x.heads[k], false)
			}
		}
	}
	return out
}

// strip is a piece as the peer may have it.
func (s *session) strip(p journal.Piece) journal.Piece {
	if s.view == nil {
		return p
	}
	return s.view.Strip(p)
}
