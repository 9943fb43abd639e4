package exchange

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// How ranges are cut into frames, and pieces into transactions.
const (
	chunkLeast   = 8 << 10   // bytes of a frame of pieces on a slow line
	chunkMost    = 256 << 10 // and on a fast one
	chunkSlow    = 200 * time.Millisecond
	batchEntries = 1024
	batchBytes   = 8 << 20 // and what it may hold in memory, short of one frame
	batchParts   = 4096    // arrivals: those without entries count too
	offerLow     = 100 * time.Millisecond
	offerHigh    = 400 * time.Millisecond
	maxBad       = 8 // pieces that do not hold, before the contact ends
)

// pass hands pieces to the storing part and waits while it is busy: the peer
// then feels TCP's back-pressure.
func (s *session) pass(ctx context.Context, a arrival) error {
	select {
	case s.inbox <- a:
		return nil
	case <-ctx.Done():
		return nil
	}
}

// store brings arrivals into the ledger, as many in one transaction as are
// there, without waiting for more.
func (s *session) store(ctx context.Context) error {
	for {
		var a arrival
		select {
		case a = <-s.inbox:
		case <-s.reckons:
		case <-ctx.Done():
			s.lastWords(ctx)
			return nil
		}
		if ctx.Err() != nil {
			s.lastWords(ctx, a)
			return nil
		}
		var batch []arrived
		var ends []done
		var told []bodies
		entries, bytes := 0, 0
		for parts := 1; ; parts++ {
			for _, p := range a.list {
				batch = append(batch, arrived{p, a.id})
				entries += len(p.Records)
				bytes += Size(p)
			}
			if a.done != nil {
				ends = append(ends, *a.done)
			}
			if a.bodies != nil {
				told = append(told, *a.bodies)
			}
			if entries >= batchEntries || bytes >= batchBytes || parts >= batchParts {
				break
			}
			more := false
			select {
			case a = <-s.inbox:
				more = true
			default:
			}
			if !more {
				break
			}
		}
		if err := s.accept(ctx, batch); err != nil {
			return err
		}
		for _, d := range ends {
			if err := s.landed(ctx, d); err != nil {
				return err
			}
		}
		for _, m := range told {
			if err := s.owes(m); err != nil {
				return err
			}
		}
		if err := s.compareBodies(ctx); err != nil {
			return err
		}
	}
}

type arrived struct {
	journal.Piece
	id uint64 // of the want; 0 for a push
}

// accept stores a batch; when that fails, piece by piece, to find the one.
func (s *session) accept(ctx context.Context, batch []arrived) error {
	batch = slices.DeleteFunc(batch, s.idle)
	if len(batch) == 0 {
		return nil
	}
	s.x.mu.Lock()
	roster := s.x.roster
	s.x.mu.Unlock()
	list := make([]journal.Piece, len(batch))
	for i, a := range batch {
		list[i] = a.Piece
	}
	err := s.x.cfg.Ledger.Accept(ctx, list)
	if err == nil {
		for _, a := range batch {
			s.took(a)
		}
		return nil
	}
	for i, a := range batch {
		if s.idle(a) {
			continue
		}
		if len(batch) > 1 {
			err = s.x.cfg.Ledger.Accept(ctx, list[i:i+1])
		}
		if err == nil {
			s.took(a)
			continue
		}
		if err := s.refuse(ctx, a, roster, err); err != nil {
			return err
		}
	}
	return nil
}

// idle reports that a piece brings nothing: a push of what is held, or the rest
// of a range of which a piece was refused.
func (s *session) idle(a arrived) bool {
	s.x.mu.Lock()
	defer s.x.mu.Unlock()
	if a.id != 0 {
		f := s.wants[a.id]
		return f != nil && f.refused
	}
	h := s.x.index.heads[keyOf(a.Head)]
	return h.seq == a.Seal.Seq && h.chain == a.Seal.Chain
}

// took books a piece that is in the ledger.
func (s *session) took(a arrived) {
	x := s.x
	x.mu.Lock()
	k := keyOf(a.Head)
	x.peer(s.peer).Last = time.Now()
	if a.Head.Log != journal.Stream {
		s.theirs[k] = max(s.theirs[k], a.Seal.Seq)
	}
	if f := s.wants[a.id]; f != nil && (f.bodies || a.Seal.Seq > x.index.heads[k].seq) {
		s.fed = time.Now()
	}
	x.mu.Unlock()
	x.stored(a.Piece, s)
	x.lacks(a.Piece, s)
	if a.Head.Log == journal.Team {
		x.Recheck()
	}
}

// refuse books a piece that was not stored under the given roster, and returns an
// error if the contact must end. One bad epoch does not keep the others from
// coming.
func (s *session) refuse(ctx context.Context, a arrived, roster uint64, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	x := s.x
	x.mu.Lock()
	defer x.mu.Unlock()
	k := keyOf(a.Head)
	f := s.wants[a.id]
	if f != nil {
		f.refused = true
	}
	giveUp := func() { s.theirs[k] = x.index.heads[k].seq }
	var entry *journal.EntryError
	switch {
	case errors.Is(err, journal.ErrGap) && a.id == 0:
		s.theirs[k] = max(s.theirs[k], a.Seal.Seq)
		s.lack(lack{epoch: k}, true)
		s.plan()
		return nil
	case errors.Is(err, journal.ErrFork):
		x.peer(s.peer).Forked = true
		if f == nil || !f.whole {
			s.lack(lack{epoch: k, whole: true}, true)
			s.plan()
			return nil
		}
		giveUp()
		return nil
	case errors.Is(err, ErrStranger):
		s.strangers[k] = max(s.strangers[k], s.theirs[k], a.Seal.Seq)
		giveUp()
		if roster != x.roster { // it has grown while the ledger looked
			s.retry()
		}
		return nil
	case errors.As(err, &entry):
		giveUp()
		s.bad++
		x.peer(s.peer).Trouble = fmt.Errorf("%w: %w", BadPiece, err)
		x.cfg.Log.Warn("refused entries", "peer", short(s.peer), "why", err)
		if s.bad < maxBad {
			return nil
		}
		return fmt.Errorf("%w: %w", BadPiece, err)
	}
	return fmt.Errorf("%w: %w", NotStored, err)
}

// landed books the end of a range and asks for the next.
func (s *session) landed(ctx context.Context, d done) error {
	x := s.x
	x.mu.Lock()
	f := s.wants[d.id]
	x.mu.Unlock()
	if f == nil {
		return nil
	}
	var heads []journal.Head
	if f.whole { // the ledger may have cut the epoch where its branches part
		var err error
		if heads, err = x.cfg.Ledger.Heads(ctx); err != nil {
			return fmt.Errorf("read how far the record reaches: %w", err)
		}
	}
	x.mu.Lock()
	if f.whole {
		x.index.replace(f.epoch.device, heads)
	}
	delete(s.wants, d.id)
	s.fed = time.Now()
	if f.bodies {
		s.asking = 0
		if f.refused {
			s.reckoned(s.dues[f.epoch].batch, false)
			delete(s.dues, f.epoch)
		}
		x.mu.Unlock()
		return nil
	}
	if x.flights[f.epoch] == s {
		delete(x.flights, f.epoch)
	}
	if f.ended == nil && !f.refused {
		if ours := x.index.heads[f.epoch].seq; s.theirs[f.epoch] <= f.claim {
			s.theirs[f.epoch] = min(s.theirs[f.epoch], ours) // what it claimed and did not send
		} else if s.theirs[f.epoch] > ours {
			s.lack(lack{epoch: f.epoch}, true) // it has grown since
		}
	}
	for _, other := range x.sessions {
		other.plan()
	}
	x.mu.Unlock()
	f.end(d)
	return nil
}

// A Range is part of one epoch: the entries after one number, up to another.
type Range struct {
	Device      chart.Device
	Log         journal.Log
	Epoch       chart.Epoch
	After, Upto uint64
}

// ErrShort reports that a peer does not hold a whole range. Ask another.
var ErrShort = errors.New("the other tablet does not hold all of what was asked")

// ErrAway reports that no contact with the peer stands.
var ErrAway = errors.New("the other tablet is not connected")

// Fetch asks one connected peer for a range, of the stream log above all, or of
// any log whose bodies were absent, and returns when it is in the ledger.
func (x *Exchange) Fetch(ctx context.Context, peer chart.Device, r Range) error {
	x.mu.Lock()
	s := x.sessions[peer]
	if s == nil || s.wants == nil {
		x.mu.Unlock()
		return ErrAway
	}
	k := epochKey{r.Device, r.Log, r.Epoch}
	f := &flight{epoch: k, ended: make(chan done, 1)}
	w := s.ask(want{epoch: k, after: r.After, upto: r.Upto}, f)
	s.post(newFrame(kindWant, func(b *writer) { appendWants(b, []want{w}) }))
	x.mu.Unlock()
	select {
	case d := <-f.ended:
		if d.short {
			return ErrShort
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// queue takes what the peer wants.
func (s *session) queue(ws []want) error {
	s.x.mu.Lock()
	defer s.x.mu.Unlock()
	if len(s.asked)+len(ws) > maxWants {
		return fmt.Errorf("%w: %d ranges asked", TooMany, len(s.asked)+len(ws))
	}
	s.asked = append(s.asked, ws...)
	wake(s.serve)
	return nil
}

// answer sends what the peer wants, a chunk at a time, always of the want that
// stands first by log: a team entry overtakes a long chart.
func (s *session) answer(ctx context.Context) error {
	size := 64 << 10
	for {
		s.x.mu.Lock()
		var w want
		if len(s.asked) > 0 {
			w = slices.MinFunc(s.asked, func(a, b want) int { return int(a.epoch.log) - int(b.epoch.log) })
		}
		s.x.mu.Unlock()
		if w.id == 0 {
			select {
			case <-s.serve:
				continue
			case <-ctx.Done():
				return nil
			}
		}
		m, last, more, err := s.chunk(ctx, w, size)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("read the record for a peer: %w", err)
		}
		if len(m.list) > 0 {
			began := time.Now()
			if !s.sendBulk(ctx, newFrame(kindPieces, m.append)) {
				return nil
			}
			// The wait was for the frame before: a new entry would have waited too.
			if wait := time.Since(began); wait > chunkSlow {
				size = max(size/2, chunkLeast)
			} else if wait < chunkSlow/4 {
				size = min(2*size, chunkMost)
			}
		}
		if !more {
			d := done{w.id, w.absent == nil && w.upto > last}
			if !s.sendBulk(ctx, newFrame(kindDone, d.append)) {
				return nil
			}
		}
		s.x.mu.Lock()
		i := slices.IndexFunc(s.asked, func(v want) bool { return v.id == w.id })
		if more {
			s.asked[i].after = last
		} else {
			s.asked = slices.Delete(s.asked, i, i+1)
		}
		if _, known := s.theirs[w.epoch]; w.absent == nil && (known || s.listed[w.epoch.device]) {
			s.theirs[w.epoch] = max(s.theirs[w.epoch], last)
		}
		s.x.mu.Unlock()
	}
}

var errEnough = errors.New("enough for one frame")

// chunk reads the next frame's worth of a want, how far that goes, and whether more
// is to come. Of what the peer may not know there is nothing.
func (s *session) chunk(ctx context.Context, w want, enough int) (m pieces, last uint64, more bool, err error) {
	m.id, last = w.id, w.after
	s.x.mu.Lock()
	may := s.mayKnow(w.epoch)
	s.x.mu.Unlock()
	switch {
	case !may:
		return m, last, false, nil
	case w.absent != nil:
		return s.chunkBodies(ctx, w, enough)
	}
	size := 0
	err = s.x.cfg.Ledger.Pieces(ctx, w.epoch.device, w.epoch.log, w.epoch.epoch, w.after, func(p journal.Piece) error {
		p = s.strip(p)
		n := Size(p)
		if len(m.list) > 0 && size+n > PackLimit {
			return errEnough
		}
		m.list = append(m.list, p)
		last = p.Seal.Seq
		if w.upto > 0 && p.Seal.Seq >= w.upto {
			return errUpto
		}
		if size += n; size >= enough {
			return errEnough
		}
		return nil
	})
	switch {
	case errors.Is(err, errEnough):
		return m, last, true, nil
	case errors.Is(err, errUpto):
		return m, last, false, nil
	}
	return m, last, false, err
}

var errUpto = errors.New("the range is complete")

func (s *session) sendBulk(ctx context.Context, f frame) bool {
	select {
	case s.bulk <- f:
		return true
	case <-ctx.Done():
		return false
	}
}

// offer marks an epoch to be told to the peer. The caller holds the lock.
func (s *session) offer(k epochKey) {
	s.offers[k] = struct{}{}
	wake(s.news)
}

// offerer tells the peer, after a little while, what it is not known to hold.
func (s *session) offerer(ctx context.Context) error {
	for {
		select {
		case <-s.news:
		case <-ctx.Done():
			return nil
		}
		select {
		case <-time.After(jitter(offerLow, offerHigh)):
		case <-ctx.Done():
			return nil
		}
		if err := s.offerNow(ctx); err != nil {
			return err
		}
	}
}

func (s *session) offerNow(ctx context.Context) error {
	s.x.mu.Lock()
	if !s.level {
		s.x.mu.Unlock()
		return nil
	}
	var list []reach
	for k := range s.offers {
		h := s.index().heads[k]
		switch {
		case h.seq > s.theirs[k]:
			list = append(list, reachOf(k, h))
		case s.view != nil: // it came another way, and perhaps without its bodies
			s.tells[k] = struct{}{}
		}
	}
	clear(s.offers)
	slices.SortFunc(list, func(a, b reach) int { return compareKeys(a.epoch, b.epoch) })
	for part := range slices.Chunk(list, maxHeads) {
		s.post(newFrame(kindHave, func(w *writer) { appendHave(w, part) }))
	}
	all, keys := s.tellAll, slices.SortedFunc(maps.Keys(s.tells), compareKeys)
	s.tellAll = false
	clear(s.tells)
	s.x.mu.Unlock()
	if err := s.accounts(ctx, all, keys); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("read which bodies are held: %w", err)
	}
	return nil
}
