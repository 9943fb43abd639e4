package exchange

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"time"

	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// A session is one contact with one peer, from hello to the end. Its maps are
// guarded by the exchange's lock.
type session struct {
	x       *Exchange
	conn    *tls.Conn
	by      *deadlines
	peer    chart.Device
	key     identity.Key
	calling bool
	began   time.Time
	stop    context.CancelCauseFunc
	greeted func() // called once the peer's hello was believed
	pulse   *pulse

	outbox  outbox        // small things and pushes: sent first
	bulk    chan frame    // ranges: the sender waits here, which is the back-pressure
	inbox   chan arrival  // pieces on their way to the ledger
	serve   chan struct{} // there is a want to answer
	news    chan struct{} // there is something to tell the peer
	reckons chan struct{} // there are bodies to compare
	left    chan struct{} // something that the peer holds was left to another

	view  View   // what this peer may see; nil for all
	seen  *index // what it may know of, where that is not all
	level bool   // the peer's reach is known: pushes may go

	reader bool // the peer may write nothing here

	vouching sync.Mutex // one vouch at a time: an older one must not be said last
	vouched  frame      // the last; guarded by vouching
	heard    int        // vouches that came from the peer

	theirs map[epochKey]uint64   // how far the peer is known to hold an epoch
	listed map[chart.Device]bool // devices whose every epoch the peer has listed
	lacks  []lack                // what the peer holds beyond us, best first
	later  []lack                // the same, while another peer sends it
	queued map[lack]bool         // what stands in either, its rank left out: each once
	wants  map[uint64]*flight    // asked and not yet done
	fed    time.Time             // when a range under way last brought something new, or the first was asked
	nextID uint64
	asked  []want                // what the peer wants, in its order
	offers map[epochKey]struct{} // to tell the peer, if it still lacks them then
	bad    int                   // pieces that did not hold
	quiet  int                   // pings until the next doubt
	pause  int                   // between doubts, in pings

	tells   map[epochKey]struct{}   // whose bodies to tell the peer of
	tellAll bool                    // of all it may have
	told    map[uint64][]bodiesHeld // and not yet settled
	dues    map[epochKey]due        // what the peer may have of what is absent here
	owed    map[uint64]int          // epochs left of each of the peer's accounts
	askDues bool                    // what is absent here was not yet asked for
	asking  uint64                  // the want of bodies under way

	strangers map[epochKey]uint64 // how far the peer holds epochs of writers unknown here

	digests map[chart.Device]journal.Digest // the peer's, while its list comes in
	open    map[chart.Device]bool           // devices whose epochs are coming in
	ranks   int                             // epochs listed of the device that comes in

	clock clockFilter
}

// A lack is an epoch of which the peer holds more. Rank is its place in the
// peer's list, newest first.
type lack struct {
	epoch epochKey
	rank  int
	whole bool // from the first entry: it contradicts ours
}

// A flight is a range that was asked for.
type flight struct {
	epoch epochKey
	whole bool
	claim uint64    // how far the peer said it holds it
	ended chan done // for Fetch; nil otherwise

	bodies  bool // of envelopes that are held
	refused bool // a piece of it was: those after it have nothing to stand on
}

// end tells whoever fetched the range, if anybody did. The first word counts: a contact
// may end as the range does, and nobody need be there to hear of it.
func (f *flight) end(d done) {
	select {
	case f.ended <- d:
	default:
	}
}

// An arrival is pieces, the end of a range, or what the peer has of bodies.
type arrival struct {
	pieces
	done   *done
	bodies *bodies
}

func newSession(x *Exchange, conn *tls.Conn, key identity.Key, calling bool) *session {
	return &session{
		x: x, conn: conn, by: &deadlines{conn: conn}, peer: key.Device(), key: key, calling: calling, began: time.Now(),
		stop:   func(error) {},
		outbox: outbox{kick: make(chan struct{}, 1)}, bulk: make(chan frame), inbox: make(chan arrival, 2),
		serve: make(chan struct{}, 1), news: make(chan struct{}, 1), reckons: make(chan struct{}, 1), left: make(chan struct{}, 1),
		theirs: map[epochKey]uint64{}, listed: map[chart.Device]bool{}, queued: map[lack]bool{},
		wants: map[uint64]*flight{}, offers: map[epochKey]struct{}{},
		open: map[chart.Device]bool{}, strangers: map[epochKey]uint64{},
		tells: map[epochKey]struct{}{}, told: map[uint64][]bodiesHeld{}, dues: map[epochKey]due{}, owed: map[uint64]int{},
	}
}

// run owns the session's goroutines and returns why it ended: never nil.
func (s *session) run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	s.stop = stop
	hello, err := s.start()
	if err != nil {
		s.x.farewell(s.conn, s.peer, err)
		return err
	}
	var parts sync.WaitGroup
	part := func(f func(context.Context) error) {
		parts.Go(func() {
			if err := f(ctx); err != nil {
				stop(err)
			}
		})
	}
	part(func(ctx context.Context) error { return s.write(ctx, hello) })
	part(s.read)
	part(s.store)
	part(s.answer)
	part(s.offerer)
	part(s.overtake)
	<-ctx.Done()
	s.x.mu.Lock()
	s.x.leave(s)
	ended := s.wants
	s.wants = nil
	for _, other := range s.x.sessions {
		other.plan()
	}
	s.x.mu.Unlock()
	for id, f := range ended {
		f.end(done{id, true})
	}
	s.by.end()
	parts.Wait()
	err = context.Cause(ctx)
	if errors.Is(err, context.Canceled) {
		err = Leaving
	}
	s.x.farewell(s.conn, s.peer, err)
	return err
}

// start books the session and makes its hello.
func (s *session) start() (frame, error) {
	b, err := binding(s.conn.ConnectionState(), s.x.self)
	if err != nil {
		return nil, err
	}
	if s.x.cfg.View != nil {
		s.view = s.x.cfg.View(s.peer)
		s.reader = s.onlyReads()
	}
	x := s.x
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.enter(s); err != nil {
		return nil, err
	}
	if s.view != nil && !s.view.All() {
		s.seen = x.index.seeing(s.view)
	}
	m := hello{oldest: oldestVersion, newest: newestVersion, team: x.cfg.Team, binding: b, all: s.index().digest(), life: x.life[:]}
	return newFrame(kindHello, m.append), nil
}

// index is how far the record reaches that this peer may see.
func (s *session) index() *index {
	if s.seen != nil {
		return s.seen
	}
	return s.x.index
}

// end breaks the session off. It may be called with the lock held.
func (s *session) end(err error) { s.stop(err) }

// write owns the sending half. Small things go before ranges. What is sent is
// followed by a ping within pingSoon, so that a line that died is noticed.
func (s *session) write(ctx context.Context, hello frame) error {
	if err := s.send(slices.Concat(hello, s.ping())); err != nil {
		return err
	}
	last := time.Now()
	due := time.NewTimer(pingEvery)
	defer due.Stop()
	for {
		f, asks := s.outbox.take()
		if f == nil {
			select {
			case <-s.outbox.kick:
				continue
			case f = <-s.bulk:
				asks = true
			case <-due.C:
				f = s.ping()
				s.doubt()
				last = time.Now()
				due.Reset(pingEvery)
			case <-ctx.Done():
				return nil
			}
		}
		s.pulse.write(len(f))
		if asks {
			if wait := pingSoon - time.Since(last); wait > 0 {
				due.Reset(wait)
			} else {
				f = slices.Concat(f, s.ping()) // the frame may be another contact's too
				last = time.Now()
				due.Reset(pingEvery)
			}
		}
		if err := s.send(f); err != nil {
			return err
		}
	}
}

func (s *session) send(f frame) error {
	s.by.write(time.Now().Add(frameGrace + idleTime + time.Duration(len(f))*time.Second/slowestRate))
	_, err := s.conn.Write(f)
	if err != nil {
		return slow(err)
	}
	return nil
}

// post queues a small frame.
func (s *session) post(f frame) {
	if !s.outbox.put(f) {
		s.end(fmt.Errorf("%w: it does not read", TooSlow))
	}
}

// read owns the receiving half.
func (s *session) read(ctx context.Context) error {
	in := &frames{conn: s.conn, by: s.by, parting: s.calling}
	k, b, err := in.next()
	for n := 0; err == nil && (k == kindPieces || k == kindVouch) && s.calling && n < mostParting; n++ {
		if k == kindVouch {
			err = s.vouchedFor(ctx, b)
		} else {
			m := readPieces(&reader{b: b}, s.x.cfg.Team)
			s.parted(ctx, m.list)
		}
		if err == nil {
			k, b, err = in.next()
		}
	}
	if err != nil {
		return ended(err)
	}
	if k == kindBye {
		return bye(b)
	}
	if k != kindHello {
		return fmt.Errorf("%w: no hello", Malformed)
	}
	if err := s.greet(b); err != nil {
		return err
	}
	in.greeted = true
	for {
		k, b, err := in.next()
		if err != nil {
			return ended(err)
		}
		if k == kindBye {
			return bye(b)
		}
		if err := s.take(ctx, k, b); err != nil {
			return err
		}
	}
}

func bye(b []byte) error {
	r := reader{b: b}
	return Told(r.byte())
}

// ended says what a broken connection means.
func ended(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("the connection ended: %w", err)
	}
	return err
}

// take handles one message after the hello.
func (s *session) take(ctx context.Context, k kind, b []byte) error {
	r := &reader{b: b}
	var act func() error
	if s.reader && (k == kindPieces || k == kindHave || k == kindBodies) {
		return nil
	}
	switch k {
	case kindPing:
		mark := r.uint()
		act = func() error { s.post(s.pong(mark)); return nil }
	case kindPong:
		m := readPong(r)
		act = func() error { return s.measure(m) }
	case kindDevices:
		m := readDevices(r)
		act = func() error { return s.compare(m) }
	case kindVector:
		m := readVector(r)
		act = func() error { return s.learn(m) }
	case kindHave:
		hs := readHave(r)
		act = func() error { return s.hear(hs) }
	case kindWant:
		ws := readWants(r)
		act = func() error { return s.queue(ws) }
	case kindDone:
		m := readDone(r)
		act = func() error { return s.pass(ctx, arrival{done: &m}) }
	case kindBodies:
		m := readBodies(r)
		act = func() error { return s.pass(ctx, arrival{bodies: &m}) }
	case kindSettled:
		id := r.uint()
		act = func() error { return s.settle(id) }
	case kindVouch:
		act = func() error { return s.vouchedFor(ctx, b) }
	case kindAbsent:
		w := readAbsent(r)
		act = func() error { return s.queue([]want{w}) }
	case kindPieces:
		m := readPieces(r, s.x.cfg.Team)
		act = func() error { return s.pass(ctx, arrival{pieces: m}) }
	default:
		return nil // of a later version
	}
	if r.bad {
		return fmt.Errorf("%w (kind %d)", Malformed, k)
	}
	return act()
}

// greet checks the peer's hello. Unequal digests open the comparison.
func (s *session) greet(b []byte) error {
	r := &reader{b: b}
	m := readHello(r)
	if r.bad {
		return fmt.Errorf("%w (hello)", Malformed)
	}
	want, err := binding(s.conn.ConnectionState(), s.peer)
	if err != nil {
		return err
	}
	switch {
	case m.binding != want:
		return Replayed
	case m.newest < oldestVersion || m.oldest > newestVersion:
		return TooOld
	case m.team != s.x.cfg.Team:
		return WrongTeam
	}
	s.greeted()
	x := s.x
	if s.reader {
		s.vouch()
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.peer(s.peer).Last = time.Now()
	if old := x.settled[s.peer]; old == nil || len(m.life) == 0 || old.life != life(m.life) {
		x.settled[s.peer] = &settled{bodies: map[epochKey]Tally{}}
		copy(x.settled[s.peer].life[:], m.life)
	}
	if m.all == s.index().digest() {
		s.reached()
		return nil
	}
	s.sendDevices(false)
	return nil
}

// reached marks that the peer's reach is known. The caller holds the lock.
func (s *session) reached() {
	if !s.level {
		s.tellAll, s.askDues = s.view != nil, true
		wake(s.reckons)
	}
	s.level = true
	s.plan()
	wake(s.news)
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// jitter is a random time from low to high.
func jitter(low, high time.Duration) time.Duration { return low + rand.N(high-low) }
