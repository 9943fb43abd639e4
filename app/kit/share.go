package kit

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/exchange"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/sync/mesh"
	"fieldkit/triage/chart"
)

// keptPeers is under which name the store keeps where peers were last met.
const keptPeers = "peers"

// share is the flow between the journal and the peers: who is on the roster, the
// exchange, and the mesh that finds whom to exchange with.
type share struct {
	kit    *Kit
	away   journal.TeamID // of a team beside the home team; zero for that
	named  string         // by the invitation to it
	roster atomic.Pointer[identity.Roster]
	member atomic.Pointer[membership]
	gossip atomic.Pointer[[]byte] // the gossip key in use

	levelled  atomic.Bool   // with a peer since the start, once at least
	withdrawn atomic.Bool   // this tablet is out: nothing is shared
	reopened  atomic.Bool   // and the recovery words opened it all the same
	grace     time.Duration // withdrawnGrace
	halt      chan struct{} // sharing must end

	rekeep     chan struct{}        // what is past its keeping time is to be removed now
	refold     chan struct{}        // entries of the team log came
	folding    sync.Mutex           // one fold at a time; guards obeyed and unheld
	obeyed     map[chart.Ref]bool   // erase orders: true the store has it, false it was taken back
	unheld     map[chart.Ref]uint64 // how many places not held yet each takes of unheldMost
	unheldMost uint64

	weighing sync.Mutex        // guards weigh
	weigh    map[chart.ID]bool // encounters of which somebody said who may see them
	kick     chan struct{}     // there are such
	refused  chan struct{}     // the hospital refuses the live link
	patience time.Duration     // afarAfter but in tests

	strangers strangers

	mu        sync.Mutex // guards everything that follows
	views     map[chart.Device]*view
	exchange  *exchange.Exchange
	mesh      *mesh.Mesh
	fault     string // why nothing is shared, in words
	carriedAt string // where exchanges from the page's port are answered
}

// shareAgain is how long sharing waits before it is tried again.
const shareAgain = 5 * time.Second

func newShare(k *Kit) *share {
	return &share{
		kit: k, rekeep: make(chan struct{}, 1), refold: make(chan struct{}, 1), obeyed: map[chart.Ref]bool{}, unheld: map[chart.Ref]uint64{}, unheldMost: unheldMost, grace: withdrawnGrace, halt: make(chan struct{}, 1),
		weigh: map[chart.ID]bool{}, kick: make(chan struct{}, 1), refused: make(chan struct{}, 1), patience: afarAfter, views: map[chart.Device]*view{},
	}
}

// learn reads from the open store who we are and who belongs to the team.
func (s *share) learn(ctx context.Context) (*membership, error) {
	m, err := readMembership(ctx, s.kit.store, s.away)
	if err != nil {
		return nil, err
	}
	m.share = s
	if home := s.kit.share.member.Load(); !s.home() && home != nil {
		m.signer = home.signer // one hand writes for all teams: the store groups commits by it
	}
	last, err := s.kit.store.LastStamp(ctx, m.device)
	if err != nil {
		return nil, err
	}
	s.kit.stamps.from(last)
	s.gossip.Store(&m.gossip)
	s.member.Store(m)
	return m, s.fold(ctx, m.team)
}

// forget drops the keys of a store that is locked.
func (s *share) forget() {
	s.member.Store(nil)
	s.gossip.Store(nil)
	s.reopened.Store(false)
	s.set(nil, nil, "")
}

// addresses are where gossip listens now, for a newcomer to join.
func (s *share) addresses() []string {
	s.mu.Lock()
	me := s.mesh
	s.mu.Unlock()
	if me == nil {
		return nil
	}
	if at := me.Gossip(); at.IsValid() && !at.Addr().IsUnspecified() {
		return []string{at.String()}
	}
	return nil
}

// trouble is why nothing is shared, in words; "" while it is.
func (s *share) trouble() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fault
}

// config is what the exchange is made of.
func (s *share) config(m *membership) exchange.Config {
	return exchange.Config{
		Key: m.key, Team: m.team, Ledger: ledger{s.kit.store, s}, Admit: s.admitsAny, Clock: s.kit.clock.peer(), Parting: s.parting,
		Vouch: s.vouch, View: s.viewOf, Bodies: bodies{s},
		Log: s.kit.log.With("flow", "exchange"),
	}
}

// prepare makes the exchange and the mesh over the open store.
func (s *share) prepare(ctx context.Context, m *membership) (*exchange.Exchange, *mesh.Mesh, error) {
	x, err := exchange.New(ctx, s.config(m))
	if err != nil {
		return nil, nil, fmt.Errorf("begin the exchange: %w", err)
	}
	listen, gossip, err := addresses(s.kit.settings.Listen, s.place())
	if err != nil {
		return nil, nil, err
	}
	kind, err := s.kit.kind()
	if err != nil {
		return nil, nil, err
	}
	me, err := mesh.New(mesh.Config{
		Key: m.key, Team: m.team, Kind: uint8(kind), Exchange: x, Roster: s.mayConnect,
		Gossip: s.gossipKeys,
		Listen: listen, Bind: gossip, Join: s.join(), Known: s.known(ctx), Remember: s.remember,
		Quiet: s.kit.settings.Loopback, Log: s.kit.log.With("flow", "mesh"),
	})
	return x, me, err
}

func (s *share) set(x *exchange.Exchange, me *mesh.Mesh, fault string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.exchange, s.mesh, s.fault = x, me, fault
	s.views = map[chart.Device]*view{} // they follow the record only while an exchange stands
}

// defaultPort is the exchange's; gossip takes the next, and another team of this
// station the two after those.
const defaultPort = 7700

// addresses are the exchange's and gossip's for what --listen says, of the team at
// that place among the station's.
func addresses(listen string, place int) (exchange, gossip string, err error) {
	if listen == "" {
		listen = fmt.Sprintf(":%d", defaultPort)
	}
	host, port, err := net.SplitHostPort(listen)
	n, number := strconv.Atoi(port)
	if err != nil || number != nil || n < 0 || n > 65534-2*place {
		return "", "", &api.Fault{Code: api.CodeInvalid, What: "the address to listen on is not host:port", Do: "Write it like 0.0.0.0:7700."}
	}
	next := 0
	if n != 0 {
		n += 2 * place
		next = n + 1
	}
	exchange = net.JoinHostPort(host, strconv.Itoa(n))
	if host == "" {
		host = "0.0.0.0"
	}
	return exchange, net.JoinHostPort(host, strconv.Itoa(next)), nil
}

// place is that of this team among the station's, the home team's 0.
func (s *share) place() int { return max(0, slices.Index(s.kit.shares(), s)) }

// join are the addresses typed at the start: the home team's. Another team is met
// where its invitation said, where it was met before, or by mDNS.
func (s *share) join() []string {
	if s.home() {
		return s.kit.settings.Join
	}
	return nil
}

// changed tells the exchange of what was committed here, and of team entries from
// anywhere that the roster must be folded again. It runs in the store's writing
// goroutine and never waits.
func (s *share) changed(x *exchange.Exchange, c store.Change) {
	c = s.own(c)
	s.widen(c)
	if c.Local {
		x.Committed(c.Pieces...)
	}
	team := slices.ContainsFunc(c.Pieces, func(p journal.Piece) bool { return p.Head.Log == journal.Team })
	var filled []exchange.Place
	for _, e := range c.Filled {
		if p := placeOf(e); !slices.Contains(filled, p) {
			filled = append(filled, p)
		}
		team = team || e.Log == journal.Team
	}
	x.Filled(filled...)
	if team {
		wake(s.refold)
	}
	s.kit.live.hints.touch(c)
	s.kit.live.repaired(c)
	s.kit.arrivals.note(c)
}

// run shares until ctx ends. A port that another program holds, or whatever else
// keeps the team away, is said and tried again: recording does not wait for it.
func (s *share) run(ctx context.Context, m *membership) {
	var parts sync.WaitGroup
	defer parts.Wait()
	if s.home() {
		parts.Go(func() { s.carryOut(ctx) })
		parts.Go(func() { s.retains(ctx) })
	}
	parts.Go(func() { s.refolds(ctx, m) })
	parts.Go(func() { s.guardGossip(ctx, m) })
	for ctx.Err() == nil {
		if s.withdrawn.Load() {
			s.set(nil, nil, "")
			select {
			case <-ctx.Done():
			case <-time.After(withdrawnEvery):
			}
			continue
		}
		x, me, err := s.prepare(ctx, m)
		if err == nil {
			s.set(x, me, "")
			unwatch := s.kit.store.Watch(func(c store.Change) { s.changed(x, c) })
			err = s.serve(ctx, x, me)
			unwatch()
		}
		if s.withdrawn.Load() {
			continue
		}
		if ctx.Err() == nil {
			why := "it ended by itself"
			if err != nil {
				why = err.Error()
			}
			if fault := "Nothing is shared with the team: " + why; fault != s.trouble() {
				s.kit.log.Error("sharing with the team stopped and is tried again", "reason", why)
				s.set(nil, nil, fault)
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(shareAgain):
		}
	}
	s.set(nil, nil, "")
}

// serve runs one mesh until it ends.
func (s *share) serve(ctx context.Context, x *exchange.Exchange, me *mesh.Mesh) error {
	ctx, stop := context.WithCancel(ctx)
	var beside sync.WaitGroup
	beside.Go(func() { s.confirm(ctx, x) })
	beside.Go(func() {
		for !s.withdrawn.Load() { // what stands in halt may be of a time before
			select {
			case <-s.halt:
			case <-ctx.Done():
				return
			}
		}
		stop()
	})
	if s.kit.settings.Hospital != "" {
		beside.Go(func() { s.afar(ctx, x) })
	}
	if s.kit.settings.Serve != "" {
		beside.Go(func() { s.carried(ctx) })
		if s.home() {
			beside.Go(func() { s.kit.live.hint(ctx) })
		}
	}
	beside.Go(func() { s.weighs(ctx, x) })
	defer beside.Wait()
	defer stop()
	return me.Run(ctx)
}

// refolds makes the roster anew whenever entries of the team log came.
func (s *share) refolds(ctx context.Context, m *membership) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.refold:
			before := s.roster.Load()
			if err := s.fold(ctx, m.team); err != nil {
				s.kit.log.Error("the roster could not be read again; the one before stays in force", "reason", err)
				continue
			}
			s.recheck(ctx, before, m.device)
		}
	}
}

// recheck ends the contacts with whoever is no longer admitted, and has those begin
// anew of whom the roster says something else than before.
func (s *share) recheck(ctx context.Context, before *identity.Roster, self chart.Device) {
	s.kit.live.hints.touchAll()
	s.mu.Lock()
	x := s.exchange
	s.mu.Unlock()
	if x != nil {
		x.Recheck(regranted(before, s.roster.Load(), self)...)
		s.regrant(ctx, x)
	}
}

// confirm ends the doubt over a restored record once it is level with a peer: every
// erase that the peer knew has come.
func (s *share) confirm(ctx context.Context, x *exchange.Exchange) {
	for !s.confirmOnce(ctx, x) {
		select {
		case <-ctx.Done():
			return
		case <-time.After(5 * time.Second):
		}
	}
}

// confirmOnce is one look, and reports whether the record is in no doubt.
func (s *share) confirmOnce(ctx context.Context, x *exchange.Exchange) bool {
	restored, err := s.kit.store.Restored(ctx)
	if err == nil && !restored {
		return true
	}
	for _, p := range s.teamPeers(x) {
		s.levelled.Store(s.levelled.Load() || p.Level)
		unmet := func(s *share) bool { return !s.levelled.Load() && !s.withdrawn.Load() } // its erasures are not known
		if restored && p.Level && !slices.ContainsFunc(s.kit.shares(), unmet) {
			if err := s.kit.store.ConfirmRestored(ctx); err != nil {
				s.kit.log.Warn("the restored record is level with a peer, but that could not be noted", "reason", err)
			} else {
				wake(s.rekeep) // what the backup held longer than the table says
			}
		}
	}
	return false
}

// teamPeers is how things stand with those of the team: strangers, with whom one
// encounter is shared, witness nothing.
func (s *share) teamPeers(x *exchange.Exchange) []exchange.Peer {
	r := s.roster.Load()
	return slices.DeleteFunc(x.Peers(), func(p exchange.Peer) bool {
		if r == nil {
			return true
		}
		m, ok := r.Member(p.Device)
		return !ok || m.Out
	})
}

// fold makes the roster anew from the team log.
func (s *share) fold(ctx context.Context, team journal.TeamID) error {
	s.folding.Lock()
	defer s.folding.Unlock()
	held, err := s.kit.store.Encounter(ctx, chart.ID{})
	if err != nil {
		return fmt.Errorf("read the team log: %w", err)
	}
	var entries []chart.Entry
	for _, e := range held {
		if e.Log != journal.Team || e.Team != team {
			continue
		}
		read, err := journal.Read(e.Ref.Device, e.Record, kinds)
		if err != nil {
			s.kit.log.Warn("an entry of the team log cannot be read; the roster may be out of date", "reason", err)
		}
		entries = append(entries, read)
	}
	was := s.roster.Load()
	roster := identity.Fold(team, entries, epochs{s.kit.store})
	s.roster.Store(roster)
	// The roster is in force whatever becomes of what it asks: an entry that one
	// admin's tablet wrote wrongly must not lock the whole team out.
	if err := s.heed(ctx, was, roster); err != nil {
		s.kit.log.Error("something that the roster asks of this station was not done; it is tried with the next change", "reason", err)
	}
	if err := s.obey(ctx, entries); err != nil {
		s.kit.log.Error("an order of the team's log was not carried out; it is tried with the next change", "reason", err)
	}
	if err := s.strangers.make(ctx, s); err != nil {
		s.kit.log.Error("with whom encounters are shared could not be read; they are shared with no stranger", "reason", err)
	}
	return nil
}

// heed does what a new roster asks of this station at once. Caller holds folding.
func (s *share) heed(ctx context.Context, was, r *identity.Roster) error {
	m := s.member.Load()
	if m == nil || r.Genesis == nil {
		return nil
	}
	s.noticeWithdrawal(ctx, m, r)
	for _, state := range r.Members() {
		if !state.Out {
			continue
		}
		if was != nil {
			if before, known := was.Member(state.Device); known && before.Out {
				continue
			}
		}
		s.kit.live.cut(state.Device)
	}
	if !s.home() {
		return s.adoptGossip(ctx, m, r)
	}
	s.kit.dismiss(r)
	if err := s.noticeKind(m, r); err != nil {
		s.kit.log.Error("what this station is was not written down; it is tried with the next start", "reason", err)
	}
	if err := s.kit.keepRecoverySlot(ctx, r.Genesis); err != nil && !errors.Is(err, store.ErrReadOnly) {
		s.kit.log.Warn("the team's recovery key does not open this store yet; it is tried again", "reason", err)
	}
	return s.adoptGossip(ctx, m, r)
}

// epochs finds what an epoch's first envelope names as the one before it.
type epochs struct{ store *store.Store }

// Previous implements identity.Epochs.
func (e epochs) Previous(d chart.Device, epoch chart.Epoch) (link journal.Link, ok bool) {
	enough := errors.New("enough")
	for log := journal.Team; log <= journal.Stream; log++ {
		err := e.store.Pieces(context.Background(), d, log, epoch, 0, func(p journal.Piece) error {
			if first, err := journal.DecodeEnvelope(p.Records[0].Envelope); err == nil && first.Opening != nil {
				link, ok = first.Opening.Previous, true
			}
			return enough
		})
		if ok || err != nil && !errors.Is(err, enough) {
			return link, ok
		}
	}
	return link, false
}

// admit is the roster's word on a key, for the exchange.
func (s *share) admit(k identity.Key) error {
	m := s.member.Load()
	if m == nil {
		return identity.ErrUnknown
	}
	return m.admits(s.roster.Load(), k)
}

// mayConnect is the key of a device that may connect.
func (s *share) mayConnect(d chart.Device) (ed25519.PublicKey, bool) {
	key, ok := s.keyOf(d)
	if !ok || s.admit(identity.Key(key)) != nil {
		return nil, false
	}
	return key, true
}

// keyOf is the key of a device whose entries may be verified: a member, one whose
// key was withdrawn too, or the sponsor while no roster is held.
func (s *share) keyOf(d chart.Device) (ed25519.PublicKey, bool) {
	m := s.member.Load()
	if m == nil {
		return nil, false
	}
	if d == m.device {
		return m.key.Public().(ed25519.PublicKey), true
	}
	if r := s.roster.Load(); r != nil && r.Genesis != nil {
		if state, ok := r.Member(d); ok {
			return state.Key.Public(), true
		}
		if r.Genesis.RecoverySign.Device() == d {
			return r.Genesis.RecoverySign.Public(), true
		}
		return nil, false
	}
	if m.sponsor != (identity.Key{}) && m.sponsor.Device() == d {
		return m.sponsor.Public(), true
	}
	return nil, false
}

// trusts reports whether an entry stands before the point to which its writer's
// key is trusted.
func (s *share) trusts(ref chart.Ref) bool {
	if m := s.member.Load(); m != nil && ref.Device == m.device {
		return true
	}
	r := s.roster.Load()
	return r != nil && r.Trusts(ref.Device, ref)
}

func (s *share) known(ctx context.Context) []mesh.Known {
	m := s.member.Load()
	if m == nil {
		return nil
	}
	b, err := s.kit.store.Kept(ctx, m.kept(keptPeers))
	if err != nil {
		return nil
	}
	var known []mesh.Known
	if err := json.Unmarshal(b, &known); err != nil {
		s.kit.log.Warn("the remembered peers cannot be read", "reason", err)
	}
	return known
}

func (s *share) remember(known []mesh.Known) {
	m := s.member.Load()
	if m == nil {
		return // the store is locked
	}
	b, err := json.Marshal(known)
	if err == nil {
		err = s.kit.store.Keep(context.Background(), m.kept(keptPeers), b)
	}
	if err != nil && !errors.Is(err, store.ErrLocked) {
		s.kit.log.Warn("the peers are not remembered", "reason", err)
	}
}

// peers is how things stand with the others of the team, in words.
func (s *share) peers() []api.Peer {
	s.mu.Lock()
	x, me := s.exchange, s.mesh
	s.mu.Unlock()
	roster := s.roster.Load()
	if x == nil || roster == nil {
		return nil
	}
	met := map[chart.Device]exchange.Peer{}
	for _, p := range x.Peers() {
		met[p.Device] = p
	}
	alive := map[chart.Device]bool{}
	for _, member := range me.Members() {
		alive[member.Device] = member.Alive
	}
	team := ""
	if len(s.kit.shares()) > 1 {
		team = s.name()
	}
	var out []api.Peer
	for _, state := range roster.Members() {
		if state.Device == x.Self() {
			continue
		}
		p := met[state.Device]
		out = append(out, api.Peer{
			Team: team, Device: state.Key.String(), Writer: state.Device, CallSign: state.CallSign, Kind: state.Kind.String(), State: inWords(state, p, alive[state.Device]),
			Connected: p.Connected, Last: p.Last, MissingHere: p.Here, MissingThere: p.There, Offset: p.Offset, RoundTrip: p.RoundTrip,
			At: p.Addr, Trouble: troubleWith(p),
		})
	}
	return out
}

// digest is the record's as the exchange compares it, in hex; "" while nothing is
// shared.
func (s *share) digest() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.exchange == nil {
		return ""
	}
	d := s.exchange.Digest()
	return hex.EncodeToString(d[:])
}

// troubleWith is what is wrong with a peer, worst first.
func troubleWith(p exchange.Peer) string {
	switch {
	case p.Forked:
		return "it holds other entries than this station at the same place: its tablet was restored from a backup, or copied"
	case p.Trouble != nil:
		return p.Trouble.Error()
	case p.Connected || p.Ended == nil:
		return ""
	}
	if r, ok := errors.AsType[exchange.Refusal](p.Ended); ok && r != exchange.Leaving && r != exchange.Superseded {
		return r.Error()
	}
	if t, ok := errors.AsType[exchange.Told](p.Ended); ok && exchange.Refusal(t) != exchange.Leaving && exchange.Refusal(t) != exchange.Superseded {
		return t.Error()
	}
	return ""
}

func inWords(m identity.MemberState, p exchange.Peer, alive bool) string {
	switch {
	case m.Out:
		return "its key was withdrawn"
	case p.Stalled:
		return "not answering since " + p.Last.Local().Format("15:04:05") + ", calling again"
	case p.Connected && p.Level:
		return "in touch, both hold the same"
	case p.Connected:
		return "in touch, catching up"
	case alive:
		return "near, connecting"
	case p.Last.IsZero():
		return "not met since the start"
	}
	return "away since " + p.Last.Local().Format("15:04:05")
}

// ledger is the store as one team's exchange sees it: of other teams it holds nothing.
type ledger struct {
	*store.Store
	share *share
}

// Heads implements exchange.Ledger.
func (l ledger) Heads(ctx context.Context) ([]journal.Head, error) { return l.share.heads(ctx) }

// Pieces implements exchange.Ledger.
func (l ledger) Pieces(ctx context.Context, d chart.Device, log journal.Log, epoch chart.Epoch, after uint64, yield func(journal.Piece) error) error {
	own, err := l.share.owns(ctx, store.Epoch{Device: d, Log: log, Epoch: epoch})
	if err != nil || !own {
		return err
	}
	return l.Store.Pieces(ctx, d, log, epoch, after, yield)
}

// Accept implements exchange.Ledger. A writer is known by this team's roster alone.
func (l ledger) Accept(ctx context.Context, pieces []journal.Piece) error {
	for _, p := range pieces {
		if _, known := l.share.keyOf(p.Head.Device); !known {
			return fmt.Errorf("%w: device %x", exchange.ErrStranger, p.Head.Device[:4])
		}
	}
	err := l.Store.Accept(ctx, pieces)
	if errors.Is(err, store.ErrStranger) {
		return fmt.Errorf("%w: %w", exchange.ErrStranger, err)
	}
	return err
}

// peerClock is the station's clock as the exchange shows it to peers.
type peerClock struct{ *Clock }

func (c *Clock) peer() exchange.Clock { return peerClock{c} }

// Now implements exchange.Clock.
func (c peerClock) Now() (time.Time, chart.Trust) { return c.Wall() }
