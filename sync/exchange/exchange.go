package exchange

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// Config is what an exchange needs. All of it but View, Bodies and Log is required.
type Config struct {
	Key    ed25519.PrivateKey // this tablet's
	Team   journal.TeamID
	Ledger Ledger
	Admit  identity.Lookup // whose key may exchange this team's record
	Clock  Clock

	// View returns the record as one peer may see it, for a peer whose grant
	// leaves bodies or epochs out; nil for a peer that may see all. It is asked
	// once a contact: Recheck ends contacts whose grant changed.
	View func(chart.Device) View

	// Bodies is the account of bodies; nil for a record that withholds none.
	Bodies Bodies

	// Parting returns what a device is told whose key was withdrawn, before the
	// contact ends: its withdrawal in the team log, so that it reads it and locks.
	// Nil tells nothing.
	Parting func(chart.Device) []journal.Piece

	// Vouch returns what a peer that only reads is told of who wrote what it is shown;
	// nil is nothing. Vouched takes what a peer says so, and nil takes none: an error
	// ends the contact. Both are the caller's to read, at most 256 kB.
	Vouch   func(chart.Device) []byte
	Vouched func(ctx context.Context, from chart.Device, message []byte) error

	// Log gets what an engineer needs: device ids, counts, errors, no content.
	Log *slog.Logger
}

// An Exchange keeps one team's record level with every peer that Call or Answer
// is given a connection to. Its methods may be called from any goroutine.
type Exchange struct {
	cfg  Config
	self chart.Device

	mu       sync.Mutex
	index    *index
	sessions map[chart.Device]*session
	flights  map[epochKey]*session // ranges under way, whichever peer sends them
	peers    map[chart.Device]*Peer
	forks    map[epochKey]reach // contradictions that the ledger has already been shown
	roster   uint64             // how often the roster has changed
	life     life
	settled  map[chart.Device]*settled // bodies that peers said they have
	door     door
}

// New reads how far the record reaches and returns an exchange that holds no
// connection yet.
func New(ctx context.Context, cfg Config) (*Exchange, error) {
	heads, err := cfg.Ledger.Heads(ctx)
	if err != nil {
		return nil, fmt.Errorf("read how far the record reaches: %w", err)
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	x := &Exchange{
		cfg: cfg, self: identity.PublicOf(cfg.Key).Device(),
		index: newIndex(heads), sessions: map[chart.Device]*session{},
		flights: map[epochKey]*session{}, peers: map[chart.Device]*Peer{}, forks: map[epochKey]reach{},
		settled: map[chart.Device]*settled{}, door: door{from: map[netip.Addr]int{}},
	}
	rand.Read(x.life[:])
	return x, nil
}

// Self is this tablet.
func (x *Exchange) Self() chart.Device { return x.self }

// Digest is the digest of everything held without stream: equal at stations that
// hold the same.
func (x *Exchange) Digest() [16]byte {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.index.digest()
}

// Call makes a TLS client of conn and exchanges with the device at the other end
// until ctx ends, the connection breaks or either side refuses. It owns conn.
// The zero device takes whoever on the roster answers.
func (x *Exchange) Call(ctx context.Context, conn net.Conn, device chart.Device) error {
	return x.contact(ctx, conn, device, true, func() {})
}

// Answer does the same as the TLS server.
func (x *Exchange) Answer(ctx context.Context, conn net.Conn) error {
	return x.contact(ctx, conn, chart.Device{}, false, func() {})
}

// AnswerAny is Answer by one of several exchanges of this tablet, each of another
// team: the one whose team the caller named with its key, or else the first whose
// roster has that key. A caller that no roster has is refused by the first.
func AnswerAny(ctx context.Context, conn net.Conn, among []*Exchange) error {
	if len(among) == 0 {
		conn.Close()
		return fmt.Errorf("answer a contact: %w", Leaving)
	}
	pick := func(key identity.Key, named string) *Exchange {
		for _, x := range among {
			if named == teamName(x.cfg.Team) {
				return x
			}
		}
		for _, x := range among {
			if x.admit(key, chart.Device{}) == nil {
				return x
			}
		}
		return among[0]
	}
	return among[0].contactBy(ctx, conn, chart.Device{}, false, func() {}, pick)
}

// contact runs one contact; greeted is called when its hello is done.
func (x *Exchange) contact(ctx context.Context, conn net.Conn, want chart.Device, calling bool, greeted func()) error {
	return x.contactBy(ctx, conn, want, calling, greeted, nil)
}

// contactBy is contact by the exchange that pick, where there is one, chooses for a
// caller.
func (x *Exchange) contactBy(ctx context.Context, conn net.Conn, want chart.Device, calling bool, greeted func(), pick func(identity.Key, string) *Exchange) error {
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(handshakeTime))
	keepShort(conn)
	life := &pulse{}
	tc, key, refused, err := x.secure(ctx, heard{conn, life}, want, calling)
	if err != nil {
		return x.note(chart.Device{}, conn, err)
	}
	if pick != nil {
		x = pick(key, teamNamed(tc))
		refused = x.admit(key, want)
	}
	device := key.Device()
	if refused != nil {
		x.farewell(tc, device, refused)
		return x.note(device, conn, refused)
	}
	s := newSession(x, tc, key, calling)
	s.greeted, s.pulse = greeted, life
	return x.note(device, conn, s.run(ctx))
}

// farewell says why and gives the peer two seconds to read it.
func (x *Exchange) farewell(tc *tls.Conn, device chart.Device, err error) {
	if errors.Is(err, errMoved) {
		return // nothing gets through any more, and the next contact waits
	}
	tc.SetDeadline(time.Now().Add(2 * time.Second))
	if r, ok := errors.AsType[Refusal](err); ok {
		if r == Revoked && x.cfg.Parting != nil {
			for chunk := range chunks(x.cfg.Parting(device)) {
				tc.Write(newFrame(kindPieces, pieces{0, chunk}.append))
			}
		}
		if f := x.vouchFor(device); f != nil && r == Unknown {
			tc.Write(f)
		}
		tc.Write(newFrame(kindBye, func(w *writer) { w.byte(byte(r)) }))
		tc.CloseWrite()
		var b [512]byte
		for n := 0; n < 16; n++ { // what the peer had already sent, so that the close is no reset
			if _, err := tc.Read(b[:]); err != nil {
				break
			}
		}
	}
}

// note remembers how a contact ended and logs it.
func (x *Exchange) note(device chart.Device, conn net.Conn, err error) error {
	if err == nil || device == (chart.Device{}) {
		x.cfg.Log.Debug("contact ended", "at", conn.RemoteAddr(), "why", err)
		return err
	}
	x.cfg.Log.Debug("contact ended", "peer", short(device), "at", conn.RemoteAddr(), "why", err)
	x.mu.Lock()
	defer x.mu.Unlock()
	if errors.Is(err, Unknown) && x.peers[device] == nil {
		return err // never met: anybody can make keys, and each would be remembered
	}
	x.peer(device).Ended = err
	return err
}

func short(d chart.Device) string { return fmt.Sprintf("%x", d[:4]) }

// Committed tells the exchange what this device has just committed, so that it
// reaches the peers at once. It never waits for one.
func (x *Exchange) Committed(pieces ...journal.Piece) {
	for _, p := range pieces {
		x.stored(p, nil)
	}
}

// stored takes a piece that is now in the ledger into the index, pushes it if it
// is our own and offers it otherwise.
func (x *Exchange) stored(p journal.Piece, from *session) {
	k := keyOf(p.Head)
	x.mu.Lock()
	defer x.mu.Unlock()
	was, known := x.index.heads[k]
	if p.Seal.Seq <= was.seq {
		return
	}
	own := p.Head.Device == x.self
	now, newest := held{p.Seal.Seq, p.Seal.Chain}, !known && (own || from != nil && from.peer == p.Head.Device)
	x.index.add(k, now, newest)
	var push frame
	for _, s := range x.sessions {
		if len(s.dues) > 0 {
			wake(s.reckons)
		}
		if s.mayKnow(k) {
			s.remember(k, was.seq)
		}
		switch {
		case !s.shows(k, now, newest):
		case s == from || k.log == journal.Stream:
		case !s.level || !own || !s.outbox.room():
			s.offer(k)
		case s.theirs[k] == p.Head.Seq:
			shown := s.strip(p)
			whole := &shown.Records[0] == &p.Records[0] // nothing was left out: one frame does for all
			f := push
			if f == nil || !whole {
				f = newFrame(kindPieces, func(w *writer) { pieces{0, []journal.Piece{shown}}.append(w) })
			}
			if whole {
				push = f
			}
			s.post(f)
			s.theirs[k] = p.Seal.Seq
		default:
			s.offer(k)
		}
	}
}

// Recheck ends the contacts with keys that are no longer admitted, and with the
// peers given, whose grant changed: they make contact anew. It asks once more for
// entries of writers unknown until now. Call it when the roster has changed.
func (x *Exchange) Recheck(granted ...chart.Device) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.roster++
	for d, s := range x.sessions {
		if err := x.admit(s.key, d); err != nil {
			s.end(err)
		} else if slices.Contains(granted, d) {
			s.end(errGrant)
		} else {
			s.retry()
		}
	}
}

var errGrant = because{"the peer's grant changed", Leaving}

// Connected reports whether a contact with the device stands.
func (x *Exchange) Connected(d chart.Device) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.sessions[d] != nil
}

// A Peer is how things stand with another tablet.
type Peer struct {
	Device    chart.Device
	Addr      string        // where it was last reached
	Connected bool          // now
	Stalled   bool          // connected, and nothing gets through
	Level     bool          // compared in this contact, and nothing is missing either way
	Since     time.Time     // of the contact that stands, by this machine's wall clock
	Last      time.Time     // when it was last heard
	Here      uint64        // entries it holds that are missing here, at least
	There     uint64        // entries held here that it lacks, as far as it said
	Offset    time.Duration // its clock less ours
	RoundTrip time.Duration
	Trust     chart.Trust // of its clock
	Forked    bool        // it holds other entries than ours at the same place
	Trouble   error       // why entries of it were refused, if any were
	Ended     error       // why the last contact ended
}

// peer returns the status of d, made if new. The caller holds the lock.
func (x *Exchange) peer(d chart.Device) *Peer {
	p := x.peers[d]
	if p == nil {
		p = &Peer{Device: d}
		x.peers[d] = p
	}
	return p
}

// Peers returns how things stand with every tablet met since the start.
func (x *Exchange) Peers() []Peer {
	x.mu.Lock()
	defer x.mu.Unlock()
	list := make([]Peer, 0, len(x.peers))
	for d, p := range x.peers {
		v := *p
		if s := x.sessions[d]; s != nil {
			v.Connected = true
			v.Here, v.There = s.missing()
			v.Level = s.level && v.Here == 0 && v.There == 0
			v.Stalled = s.pulse.stalled(time.Now())
		}
		list = append(list, v)
	}
	slices.SortFunc(list, func(a, b Peer) int { return cmp.Or(compareDevices(a.Device, b.Device)) })
	return list
}

// enter makes s the contact with its peer. Of two made at nearly the same moment
// the one called by the lower device stands, so that both sides keep the same
// one; otherwise the newer, because its caller has lost the older.
func (x *Exchange) enter(s *session) error {
	old := x.sessions[s.peer]
	if old != nil {
		if old.calling != s.calling && time.Since(old.began) < simultaneous && old.calling == (compareDevices(x.self, s.peer) < 0) {
			return Superseded
		}
		x.leave(old)
		old.end(Superseded)
	}
	x.sessions[s.peer] = s
	p := x.peer(s.peer)
	p.Since, p.Addr, p.Forked = time.Now(), s.conn.RemoteAddr().String(), false
	return nil
}

// simultaneous is how close two contacts must be to have been made at once.
const simultaneous = 3 * time.Second

// leave takes s and the ranges it was to bring out of the books.
func (x *Exchange) leave(s *session) {
	if x.sessions[s.peer] == s {
		delete(x.sessions, s.peer)
	}
	for k, f := range x.flights {
		if f == s {
			delete(x.flights, k)
		}
	}
}
