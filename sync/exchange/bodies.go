package exchange

import (
	"context"
	"fmt"
	"math"
	"slices"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

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
		if s.view != nil && settled[k] == h.Tally || !s.mayKnow(k) {
			continue
		}
		upto := x.index.heads[k].seq
		if k.log == journal.Stream {
			upto = 0 // its envelopes do not come by themselves: what the peer has of them is compared
		}
		tell = append(tell, bodiesHeld{k, upto, h.Tally})
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
	if x.cfg.Bodies == nil || s.reader {
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

// compareBodies asks for bodies that are absent here, when there is occasion to.
func (s *session) compareBodies(ctx context.Context) error {
	s.x.mu.Lock()
	ask := s.askDues
	s.askDues = false
	s.x.mu.Unlock()
	var err error
	if ask {
		err = s.askAll(ctx)
	}
	if err == nil {
		err = s.reckon(ctx)
	}
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("read which bodies are absent: %w", err)
	}
	return nil
}

// lacks asks the other peers for bodies that came without, if they are due here.
func (x *Exchange) lacks(p journal.Piece, from *session) {
	if x.cfg.Bodies == nil || p.Head.Log == journal.Stream || !slices.ContainsFunc(p.Records, func(r journal.Record) bool {
		return r.Absent == chart.Withheld || r.Absent == chart.Unfetched
	}) {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, s := range x.sessions {
		if s != from {
			s.misses(keyOf(p.Head))
			wake(s.reckons)
		}
	}
}
