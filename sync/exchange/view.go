package exchange

import (
	"context"
	"fmt"
	"math"
	"slices"

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
		if !held || !s.shows(k, h, false) || k.log == journal.Stream {
			continue
		}
		s.offer(k)
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
			if k := p.key(); k.log != journal.Stream && s.mayKnow(k) {
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

// tell marks an epoch whose bodies the peer is to be told of. The caller holds the
// lock.
func (s *session) tell(k epochKey) {
	s.tells[k] = struct{}{}
	wake(s.news)
}

// accounts tells the peer of the bodies it may have: of the epochs given, or of all.
// What it has said it holds is left out.
func (s *session) accounts(ctx context.Context, all bool, keys []epochKey) error {
	if !all && len(keys) == 0 {
		return nil
	}
	var list []Held
	var err error
	switch places := placesOf(keys); {
	case s.view != nil && all:
		list, err = s.view.Bodies(ctx)
	case s.view != nil:
		list, err = s.view.Bodies(ctx, places...)
	case s.x.cfg.Bodies != nil && !all:
		for _, p := range places {
			var t Tally
			if t, err = s.x.cfg.Bodies.Tally(ctx, p); err != nil {
				break
			}
			list = append(list, Held{p, t})
		}
	}
	if err != nil {
		return err
	}
	x := s.x
	x.mu.Lock()
	defer x.mu.Unlock()
	settled := x.settled[s.peer].bodies
	var tell []bodiesHeld
	for _, h := range list {
		k := h.key()
		if s.view != nil && settled[k] == h.Tally || k.log == journal.Stream || !s.mayKnow(k) {
			continue
		}
		tell = append(tell, bodiesHeld{k, x.index.heads[k].seq, h.Tally})
	}
	for part := range slices.Chunk(tell, maxHeads) {
		s.nextID++
		s.told[s.nextID] = part
		s.post(newFrame(kindBodies, bodies{s.nextID, part}.append))
	}
	return nil
}

func placesOf(keys []epochKey) []Place {
	out := make([]Place, len(keys))
	for i, k := range keys {
		out[i] = k.place()
	}
	return out
}

// settled is what a peer said, since its start, that it has.
type settled struct {
	life   life
	bodies map[epochKey]Tally
}

// settle takes the peer's word that it has what it was told of.
func (s *session) settle(id uint64) error {
	x := s.x
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, h := range s.told[id] {
		x.settled[s.peer].bodies[h.epoch] = h.tally
	}
	delete(s.told, id)
	return nil
}

// A due is an epoch of which the peer may have bodies that are absent here.
type due struct {
	batch uint64 // of the peer's account, 0 when we ask by ourselves
	upto  uint64 // what the peer held then: ours must reach it before they are compared
	tally Tally
	after uint64 // asked for so far
}

// owes books what the peer said it has.
func (s *session) owes(m bodies) error {
	x := s.x
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(s.dues)+len(m.list) > maxKnown || len(s.owed) > maxKnown {
		return fmt.Errorf("%w: bodies of more than %d epochs", Implausible, maxKnown)
	}
	s.owed[m.id] = len(m.list)
	for _, h := range m.list {
		if old, ok := s.dues[h.epoch]; ok {
			s.reckoned(old.batch, true)
		}
		s.dues[h.epoch] = due{batch: m.id, upto: h.upto, tally: h.tally}
	}
	if len(m.list) == 0 {
		delete(s.owed, m.id)
	}
	return nil
}

// reckoned ends one epoch of a batch, and tells the peer when it was the last. The
// caller holds the lock.
func (s *session) reckoned(batch uint64, well bool) {
	n, ok := s.owed[batch]
	switch {
	case !ok:
	case !well:
		delete(s.owed, batch) // it is told again at the next contact
	case n == 1:
		delete(s.owed, batch)
		s.post(newFrame(kindSettled, func(w *writer) { w.uint(batch) }))
	default:
		s.owed[batch] = n - 1
	}
}

// askAll books every epoch that lacks bodies which this tablet is granted: once a
// contact.
func (s *session) askAll(ctx context.Context) error {
	b := s.x.cfg.Bodies
	if b == nil {
		return nil
	}
	lacking, err := b.Lacking(ctx)
	if err != nil {
		return err
	}
	s.x.mu.Lock()
	defer s.x.mu.Unlock()
	for _, p := range lacking {
		s.misses(p.key())
	}
	return nil
}

// misses books an epoch whose absent bodies this tablet is granted. The caller holds
// the lock.
func (s *session) misses(k epochKey) {
	if _, ok := s.dues[k]; !ok && s.x.cfg.Bodies.Due(k.device, k.log) {
		s.dues[k] = due{tally: Tally{math.MaxUint64, 0}}
	}
}

// reckon compares what the peer has with what is absent here and asks for that,
// one epoch after another.
func (s *session) reckon(ctx context.Context) error {
	x := s.x
	if x.cfg.Bodies == nil {
		return nil
	}
	for {
		x.mu.Lock()
		k, d, ok := s.nextDue()
		x.mu.Unlock()
		if !ok {
			return nil
		}
		asked, err := s.askBodies(ctx, k, d)
		if err != nil {
			return err
		}
		if asked {
			return nil
		}
		x.mu.Lock()
		delete(s.dues, k)
		s.reckoned(d.batch, true)
		x.mu.Unlock()
	}
}

// nextDue is an epoch that can be compared now: the envelopes have come, and nothing
// of it is under way. The caller holds the lock.
func (s *session) nextDue() (epochKey, due, bool) {
	if s.asking != 0 || s.wants == nil || !s.level {
		return epochKey{}, due{}, false
	}
	for k, d := range s.dues {
		if s.x.index.heads[k].seq >= d.upto && s.x.flights[k] == nil {
			return k, d, true
		}
	}
	return epochKey{}, due{}, false
}

// askBodies asks for the absent bodies of an epoch, unless none is absent or the
// peer has no others than we.
func (s *session) askBodies(ctx context.Context, k epochKey, d due) (asked bool, err error) {
	b := s.x.cfg.Bodies
	ours, err := b.Tally(ctx, k.place())
	if err != nil || ours == d.tally {
		return false, err
	}
	absent, err := b.Absent(ctx, k.place())
	if err != nil {
		return false, err
	}
	runs := runsOf(absent, d.after)
	if len(runs) == 0 {
		return false, nil
	}
	x := s.x
	x.mu.Lock()
	defer x.mu.Unlock()
	if s.wants == nil {
		return true, nil // the contact is over
	}
	w := s.ask(want{epoch: k, upto: x.index.heads[k].seq, absent: runs}, &flight{epoch: k, bodies: true})
	s.asking = w.id
	d.after = runs[len(runs)-1].to
	s.dues[k] = d
	s.post(newFrame(kindAbsent, func(f *writer) { appendAbsent(f, w) }))
	return true, nil
}

// A run is entries next to each other.
type run struct{ from, to uint64 }

// runsOf joins sequences, those after one, into runs: at most maxRuns.
func runsOf(seqs []uint64, after uint64) (out []run) {
	for _, n := range seqs {
		switch last := len(out) - 1; {
		case n <= after:
		case last >= 0 && out[last].to+1 == n:
			out[last].to = n
		case len(out) == maxRuns:
			return out
		default:
			out = append(out, run{n, n})
		}
	}
	return out
}

// chunkBodies reads the next frame's worth of bodies that the peer lacks. Of what
// it holds it gets the envelope alone.
func (s *session) chunkBodies(ctx context.Context, w want, enough int) (m pieces, last uint64, more bool, err error) {
	m.id, last = w.id, w.after
	size := 0
	for looked := 0; size < enough && looked < 64; looked++ {
		i, _ := slices.BinarySearchFunc(w.absent, last, func(r run, after uint64) int {
			if r.to > after {
				return 1
			}
			return -1
		})
		if i == len(w.absent) {
			return m, last, false, nil
		}
		var p journal.Piece
		err := s.x.cfg.Ledger.Pieces(ctx, w.epoch.device, w.epoch.log, w.epoch.epoch, max(last, w.absent[i].from-1), func(q journal.Piece) error {
			p = q
			return errEnough
		})
		if len(p.Records) == 0 {
			return m, last, false, err
		}
		last = p.Seal.Seq
		if p, ok := w.only(s.strip(p)); ok {
			n := Size(p)
			if len(m.list) > 0 && size+n > PackLimit {
				return m, p.Head.Seq, true, nil
			}
			m.list = append(m.list, p)
			size += n
		}
	}
	return m, last, true, nil
}

// only is p without the bodies that were not asked for, and whether any is left.
func (w want) only(p journal.Piece) (journal.Piece, bool) {
	records := slices.Clone(p.Records)
	any := false
	i := 0
	for j := range records {
		seq := p.Head.Seq + 1 + uint64(j)
		for i < len(w.absent) && w.absent[i].to < seq {
			i++
		}
		asked := i < len(w.absent) && w.absent[i].from <= seq
		switch {
		case records[j].Absent != chart.Present:
		case asked:
			any = true
		case seq <= w.upto: // the peer holds it
			records[j] = journal.Record{Envelope: records[j].Envelope, Absent: chart.Unfetched}
		}
	}
	p.Records = records
	return p, any
}
