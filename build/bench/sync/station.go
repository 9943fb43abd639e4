package main

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"fieldkit/app/store"
	"fieldkit/sync/exchange"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// An order is what a child is told on its first line of input.
type order struct {
	Role    string // writer or reader
	Dir     string // of its store, made anew
	Entries int    // that the writer records before it listens, and the reader is to hold
	Address string // of the writer, for the reader
}

// A report is what a child says on one line.
type report struct {
	Address string        // the writer listens there
	Filled  time.Duration // from before the dial to the last entry on disk; the reader
	Wire    int64         // bytes read
	Times   []int64       // ns since 1970: when commits were begun, or entries were seen on the other side's disk
	Between []int64       // ns since 1970, of ours alone: when each was on the writer's disk, or had come to the reader's store
	Memory  string        // the most it held
}

func keyOf(role string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("build/bench/sync " + role))
	return ed25519.NewKeyFromSeed(seed[:])
}

var team = journal.TeamID(sha256.Sum256([]byte("build/bench/sync team")))

// A ledger is the store as the exchange sees it, as in app/kit.
type ledger struct {
	*store.Store
	came func(entries int)
}

// Accept implements exchange.Ledger.
func (l ledger) Accept(ctx context.Context, pieces []journal.Piece) error {
	for _, p := range pieces {
		l.came(len(p.Records))
	}
	err := l.Store.Accept(ctx, pieces)
	if errors.Is(err, store.ErrStranger) {
		return fmt.Errorf("%w: %w", exchange.ErrStranger, err)
	}
	return err
}

type wallClock struct{}

// Now implements exchange.Clock.
func (wallClock) Now() (time.Time, chart.Trust) { return time.Now(), chart.ClockNetwork }

// A station is one side.
type station struct {
	*store.Store
	exchange *exchange.Exchange
	signer   *store.Signer
	written  int
	unwatch  func()

	mu   sync.Mutex
	held int
	seen []int64 // when each commit with entries of the other side was durable, one an entry
	came []int64 // when each was given to the store
	kept []int64 // when each of our own was durable
	full chan struct{}
	want int
}

func open(ctx context.Context, o order) (*station, error) {
	key := keyOf(o.Role)
	known := map[chart.Device]ed25519.PublicKey{}
	var pins []identity.Key
	for _, role := range []string{"writer", "reader"} {
		k := identity.PublicOf(keyOf(role))
		known[k.Device()] = k.Public()
		pins = append(pins, k)
	}
	var mu sync.Mutex
	var clock journal.Clock
	secret := sha256.Sum256([]byte(o.Dir))
	s, err := store.Create(ctx, o.Dir, store.Config{
		KeyOf: func(d chart.Device) (ed25519.PublicKey, bool) { k, ok := known[d]; return k, ok },
		Lists: func(t chart.Type) bool { return t == chart.TypePatientRegistered },
		Stamp: func() journal.HLC {
			mu.Lock()
			defer mu.Unlock()
			return clock.Now(time.Now().UnixMilli())
		},
	}, store.Slot{Key: store.KeyFile(secret[:])})
	if err != nil {
		return nil, err
	}
	st := &station{Store: s, signer: store.NewSigner(key), full: make(chan struct{}), want: o.Entries}
	st.exchange, err = exchange.New(ctx, exchange.Config{Key: key, Team: team, Ledger: ledger{s, st.given}, Admit: identity.Pinned(pins...), Clock: wallClock{}})
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	st.unwatch = s.Watch(st.changed)
	return st, nil
}

// changed runs behind every commit.
func (s *station) changed(c store.Change) {
	now := time.Now().UnixNano()
	if c.Local {
		s.exchange.Committed(c.Pieces...)
		s.kept = append(s.kept, now) // by the one writer, who is also the one reader
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range c.Pieces {
		for range p.Records {
			s.held++
			if s.held > s.want {
				s.seen = append(s.seen, now)
			}
			if s.held == s.want {
				close(s.full)
			}
		}
	}
}

// given notes when entries come to the store, once the record is full.
func (s *station) given(entries int) {
	now := time.Now().UnixNano()
	s.mu.Lock()
	defer s.mu.Unlock()
	for range entries {
		if s.held >= s.want {
			s.came = append(s.came, now)
		}
	}
}

// write records n entries of about 500 bytes as one transaction.
func (s *station) write(ctx context.Context, n int) error {
	drafts := make([]store.Draft, n)
	for i := range drafts {
		s.written++
		note := noise(s.written)
		content := append([]byte{0x79, byte(len(note) >> 8), byte(len(note))}, note...) // one CBOR text
		now := time.Now().UnixMilli()
		drafts[i] = store.Draft{Team: team, Log: journal.Chart, Body: journal.Body{
			Wall: now, Trust: chart.ClockNetwork, Happened: now, Author: chart.Author{Staff: "medic-7", Checked: chart.CheckedPIN},
			Patient: chart.ID{1, byte(s.written % 40)}, Encounter: chart.ID{2, byte(s.written % 40)}, Type: chart.TypeNote, Content: content,
		}}
	}
	_, err := s.Commit(ctx, s.signer, drafts)
	return err
}

// noise is a text of 375 letters that compresses no better than letters drawn at
// random do.
func noise(n int) string {
	const letters = "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789"
	draw := rand.New(rand.NewPCG(uint64(n), 1))
	b := make([]byte, 375)
	for i := range b {
		b[i] = letters[draw.IntN(len(letters))]
	}
	return string(b)
}

// runChild is a child's main. Each further line of its input is a command; its
// input's end is its own.
func runChild() (err error) {
	in := bufio.NewScanner(os.Stdin)
	if !in.Scan() {
		return errors.New("no order came")
	}
	var o order
	if err := json.Unmarshal(in.Bytes(), &o); err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	s, err := open(ctx, o)
	if err != nil {
		stop()
		return err
	}
	var work sync.WaitGroup
	defer func() {
		stop()
		work.Wait()
		s.unwatch()
		err = errors.Join(err, s.Close())
	}()
	if o.Role == "writer" {
		return s.serve(ctx, o, in, &work)
	}
	return s.follow(ctx, o, in, &work)
}

func tell(r report) error { return json.NewEncoder(os.Stdout).Encode(r) }

// singles and pauses of the single entries.
const (
	singles = 400
	between = 10 * time.Millisecond
)

// serve is the writer: it records, listens, and on "singles" commits entries one
// by one.
func (s *station) serve(ctx context.Context, o order, in *bufio.Scanner, work *sync.WaitGroup) error {
	for left := o.Entries; left > 0; left -= store.MaxCommit {
		if err := s.write(ctx, min(left, store.MaxCommit)); err != nil {
			return err
		}
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	work.Go(func() { _ = s.exchange.Serve(ctx, l) })
	if err := tell(report{Address: l.Addr().String()}); err != nil {
		return err
	}
	for in.Scan() {
		var times []int64
		s.kept = nil
		for range singles {
			times = append(times, time.Now().UnixNano())
			if err := s.write(ctx, 1); err != nil {
				return err
			}
			time.Sleep(between)
		}
		if err := tell(report{Times: times, Between: s.kept}); err != nil {
			return err
		}
	}
	return nil
}

// follow is the reader: it fetches everything, and on "singles" tells when it held
// each entry since.
func (s *station) follow(ctx context.Context, o order, in *bufio.Scanner, work *sync.WaitGroup) error {
	began := time.Now()
	conn, err := net.Dial("tcp4", o.Address)
	if err != nil {
		return fmt.Errorf("dial: %w", err)
	}
	counted := &counter{Conn: conn}
	work.Go(func() { _ = s.exchange.Call(ctx, counted, identity.PublicOf(keyOf("writer")).Device()) })
	select {
	case <-s.full:
	case <-time.After(10 * time.Minute):
		return errors.New("it did not come level in ten minutes")
	}
	if err := tell(report{Filled: time.Since(began), Wire: counted.read.Load(), Memory: most()}); err != nil {
		return err
	}
	for in.Scan() {
		deadline := time.Now().Add(10 * time.Second)
		for {
			s.mu.Lock()
			seen, came := slices.Clone(s.seen), slices.Clone(s.came)
			s.mu.Unlock()
			if len(seen) >= singles || time.Now().After(deadline) {
				if err := tell(report{Times: seen, Between: came}); err != nil {
					return err
				}
				break
			}
			time.Sleep(between)
		}
	}
	return nil
}

// most is the most memory this process held, as the kernel counts it.
func most() string {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			return strings.TrimSpace(rest)
		}
	}
	return "unknown"
}
