package exchange_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"net"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klauspost/compress/zstd"

	"fieldkit/sync/exchange"
	"fieldkit/sync/journal"
	"fieldkit/sync/meshtest"
)

// Each row is a peer that must be refused: what it does after the handshake, and
// the reason both sides must be told.
func TestARefusedPeerIsToldWhyAndChangesNothing(t *testing.T) {
	forged := func(change func(*journal.Piece)) []byte {
		pen := meshtest.NewPen(meshtest.Key("thief"), team)
		var list []journal.Piece
		for range 8 {
			pen.Turn(journal.Chart)
			p, err := pen.Piece(journal.Chart, []byte("given: morphine 10 mg"))
			if err != nil {
				t.Fatal(err)
			}
			change(&p)
			list = append(list, p)
		}
		return aPiece(list...)
	}
	bomb := func(size int) []byte {
		e, _ := zstd.NewWriter(nil)
		defer e.Close()
		return e.EncodeAll(make([]byte, size), nil)
	}
	large, unsaid := bomb(200<<20), streamed(200<<20)
	for _, row := range []struct {
		name string
		peer string
		acts func(*raw)
		want exchange.Refusal
	}{
		{"a key on no roster", "stranger", func(r *raw) { r.greet() }, exchange.Unknown},
		{"a key that was withdrawn", "stolen", func(r *raw) { r.greet() }, exchange.Revoked},
		{"a tablet of another team", "thief", func(r *raw) { r.send(hello, r.hello(0, 0, journal.TeamID{9})) }, exchange.WrongTeam},
		{"a program of a far later version", "thief", func(r *raw) { r.send(hello, r.hello(7, 9, team)) }, exchange.TooOld},
		{"a greeting that does not decode", "thief", func(r *raw) { r.send(hello, []byte{1, 2, 3}) }, exchange.Malformed},
		{"another message before the greeting", "thief", func(r *raw) { r.send(devices, []byte{1, 0}) }, exchange.Malformed},
		{"a frame of 4 GB before the greeting", "thief", func(r *raw) { r.conn.Write([]byte{255, 255, 255, 255, hello}) }, exchange.TooLarge},
		{"a frame of 4 GB after it", "thief", func(r *raw) { r.greet(); r.conn.Write([]byte{255, 255, 255, 255, pieces}) }, exchange.TooLarge},
		{"a frame of no length", "thief", func(r *raw) { r.greet(); r.conn.Write([]byte{0, 0, 0, 0, ping}) }, exchange.TooLarge},
		{"half a megabyte of digests", "thief", func(r *raw) { r.greet(); r.send(devices, make([]byte, 512<<10)) }, exchange.TooLarge},
		{"200 MB packed into 6 kB of pieces", "thief", func(r *raw) { r.greet(); r.send(pieces|0x80, large) }, exchange.Bomb},
		{"the same without saying so first", "thief", func(r *raw) { r.greet(); r.send(pieces|0x80, unsaid) }, exchange.Bomb},
		{"1 MB packed into an offer", "thief", func(r *raw) { r.greet(); r.send(have|0x80, bomb(1<<20)) }, exchange.Bomb},
		{"bytes that do not unpack", "thief", func(r *raw) { r.greet(); r.send(have|0x80, []byte("no zstd")) }, exchange.Malformed},
		{"a claim of 2^63 entries", "thief", func(r *raw) { r.greet(); r.send(have, r.claim(1<<63)) }, exchange.Implausible},
		{"an offer cut short", "thief", func(r *raw) { r.greet(); c := r.claim(3); r.send(have, c[:len(c)-1]) }, exchange.Malformed},
		{"a count of four billion offers", "thief", func(r *raw) { r.greet(); r.send(have, []byte{255, 255, 255, 255, 15}) }, exchange.Malformed},
		{"300 ranges at once", "thief", func(r *raw) {
			r.greet()
			b := binary.AppendUvarint(nil, 300)
			for i := range 300 {
				b = binary.AppendUvarint(b, uint64(i+1))
				b = append(b, make([]byte, 49)...)
				b = append(b, 0, 0)
			}
			r.send(want, b)
		}, exchange.TooMany},
		{"entries with a drug's dose changed", "thief", func(r *raw) {
			r.greet()
			r.send(pieces, forged(func(p *journal.Piece) { p.Records[0].Body = []byte("given: morphine 90 mg") }))
		}, exchange.BadPiece},
		{"entries whose chain is broken", "thief", func(r *raw) {
			r.greet()
			r.send(pieces, forged(func(p *journal.Piece) { p.Records[0].Envelope[30] ^= 1 }))
		}, exchange.BadPiece},
		{"a seal by the wrong key", "thief", func(r *raw) {
			r.greet()
			r.send(pieces, forged(func(p *journal.Piece) { p.Seal.Signature[3] ^= 1 }))
		}, exchange.BadPiece},
	} {
		t.Run(row.name, func(t *testing.T) {
			ro := newRoster("clinic", "thief", "stolen")
			ro.revoke(meshtest.NewPen(meshtest.Key("stolen"), team).Device())
			s := newStation(t, "clinic", ro)
			s.write(journal.Chart, 3, 3)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			r, ended := dialRaw(t, s, row.peer)
			row.acts(r)
			refusedAs(t, r.told(), row.want)
			refusedAs(t, wait(t, ended), row.want)
			runtime.ReadMemStats(&after)
			if cost := after.TotalAlloc - before.TotalAlloc; cost > 40<<20 {
				t.Errorf("refusing cost %d MB of memory", cost>>20)
			}
			if n := s.ledger.Entries(); n != 3 {
				t.Errorf("the record holds %d entries, wanted the 3 of before", n)
			}
			if text := exchange.Told(row.want).Error(); len(text) < 20 || bytes.ContainsAny([]byte(text), "%\x00") {
				t.Errorf("the person is told %q", text)
			}
		})
	}
}

// streamed packs zeros without their number in the header.
func streamed(size int) []byte {
	var b bytes.Buffer
	e, _ := zstd.NewWriter(&b)
	for range size >> 20 {
		e.Write(make([]byte, 1<<20))
	}
	e.Close()
	return b.Bytes()
}

func TestAGreetingRecordedFromAnotherConnectionIsRefused(t *testing.T) {
	ro := newRoster("clinic", "ambulance")
	s := newStation(t, "clinic", ro)
	first, _ := dialRaw(t, s, "ambulance")
	recorded := first.hello(0, 0, team)
	first.send(hello, recorded)
	first.seek(devices)
	second, ended := dialRaw(t, s, "ambulance")
	second.send(hello, recorded)
	refusedAs(t, second.told(), exchange.Replayed)
	refusedAs(t, wait(t, ended), exchange.Replayed)
}

func TestAStationsOwnGreetingSentBackIsRefused(t *testing.T) {
	s := newStation(t, "clinic", newRoster("clinic", "ambulance"))
	r, ended := dialRaw(t, s, "ambulance")
	r.send(hello, r.seek(hello))
	refusedAs(t, r.told(), exchange.Replayed)
	refusedAs(t, wait(t, ended), exchange.Replayed)
}

func TestACutInsideAFrameChangesNothing(t *testing.T) {
	s := newStation(t, "clinic", newRoster("clinic", "ambulance"))
	r, ended := dialRaw(t, s, "ambulance")
	r.greet()
	p, err := meshtest.NewPen(meshtest.Key("ambulance"), team).Piece(journal.Chart, []byte("an entry"))
	if err != nil {
		t.Fatal(err)
	}
	b := aPiece(p)
	r.conn.Write(append([]byte{0, 0, 0, byte(len(b) + 1), pieces}, b[:len(b)-1]...))
	r.conn.Close()
	if err := wait(t, ended); err == nil || s.ledger.Entries() != 0 {
		t.Errorf("ended with %v and %d entries", err, s.ledger.Entries())
	}
}

func TestAClaimThatIsNeverKeptIsAskedForOnce(t *testing.T) {
	s := newStation(t, "clinic", newRoster("clinic", "ambulance"))
	r, _ := dialRaw(t, s, "ambulance")
	r.greet()
	r.seek(devices)
	r.send(devices, []byte{1, 0})
	r.send(vector, []byte{1})
	for i := range 3 {
		r.send(have, r.claim(1<<39+uint64(i)))
		m := r.seek(want)
		r.send(done, append(m[1:2], 1)) // its id; nothing was sent
	}
	// Pings are answered ahead of what is being stored, so a pong proves nothing here.
	eventually(t, "nothing is counted as missing any more", func() bool { return s.Peers()[0].Here == 0 })
	r.send(ping, []byte{0})
	for {
		k, _, err := r.next()
		if err != nil {
			t.Fatal(err)
		}
		if k == pong {
			break
		}
		if k == want {
			t.Error("the claim was asked for again")
		}
	}
}

func TestOneBadEpochDoesNotKeepTheOthersFromComing(t *testing.T) {
	s := newStation(t, "clinic", newRoster("clinic", "ambulance"))
	r, _ := dialRaw(t, s, "ambulance")
	r.greet()
	pen := meshtest.NewPen(meshtest.Key("ambulance"), team)
	bad, _ := pen.Piece(journal.Chart, []byte("first"))
	bad.Seal.Signature[0] ^= 1
	pen.Turn(journal.Chart)
	good, _ := pen.Piece(journal.Chart, []byte("second"))
	r.send(pieces, aPiece(bad, good))
	eventually(t, "the good epoch is stored", func() bool { return s.ledger.Entries() == 1 })
	if p := s.Peers()[0]; p.Trouble == nil {
		t.Error("nobody is told of the bad one")
	}
}

func TestAKeyWithdrawnDuringAContactEndsIt(t *testing.T) {
	ro := newRoster("clinic", "ambulance")
	a, b := newStation(t, "ambulance", ro), newStation(t, "clinic", ro)
	m := meet(t, a, b)
	eventually(t, "they have met", func() bool { return b.Connected(a.Self()) && a.Connected(b.Self()) })
	ro.revoke(a.Self())
	b.Recheck()
	refusedAs(t, wait(t, m.answer), exchange.Revoked)
	refusedAs(t, wait(t, m.call), exchange.Revoked)
}

func TestTheCallerRefusesWhoeverAnswersInsteadOfTheOneItCalled(t *testing.T) {
	ro := newRoster("clinic", "ambulance", "kiosk")
	a, k := newStation(t, "ambulance", ro), newStation(t, "kiosk", ro)
	ca, cb := wire(t)
	go k.Answer(t.Context(), cb)
	refusedAs(t, a.Call(t.Context(), ca, newStation(t, "clinic", ro).Self()), exchange.WrongPeer)
	ca, cb = wire(t)
	go a.Answer(t.Context(), cb)
	refusedAs(t, a.Call(t.Context(), ca, a.Self()), exchange.WrongPeer)
}

// The virtual clock of synctest lets a minute pass at once.
func TestASlowPeerIsLeft(t *testing.T) {
	for _, row := range []struct {
		name string
		acts func(*raw)
		most time.Duration
	}{
		{"no greeting after the handshake", func(*raw) {}, 16 * time.Second},
		{"a greeting a byte a second", func(r *raw) {
			for _, b := range append([]byte{0, 0, 0, 83, hello}, r.hello(0, 0, team)...) {
				time.Sleep(time.Second)
				if _, err := r.conn.Write([]byte{b}); err != nil {
					return
				}
			}
		}, 16 * time.Second},
		{"nothing after the greeting", func(r *raw) { r.greet() }, 61 * time.Second},
		{"a large frame at 100 bytes a second", func(r *raw) {
			r.greet()
			r.conn.Write([]byte{0, 1, 0, 0, have})
			for range 1000 {
				time.Sleep(time.Second)
				if _, err := r.conn.Write(make([]byte, 100)); err != nil {
					return
				}
			}
		}, 60 * time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStation(t, "clinic", newRoster("clinic", "ambulance"))
				a, b := meshtest.Pipe(0)
				began := time.Now()
				r, ended := rawOver(t, s, "ambulance", a, b)
				var peer sync.WaitGroup
				peer.Go(func() { // it reads whatever comes
					for {
						if _, _, err := r.next(); err != nil {
							return
						}
					}
				})
				peer.Go(func() { row.acts(r) })
				err := <-ended
				refusedAs(t, err, exchange.TooSlow)
				if took := time.Since(began); took > row.most+3*time.Second {
					t.Errorf("it took %v to leave it", took)
				}
				a.Close()
				peer.Wait()
			})
		})
	}
}

func TestAFloodOfConnectionsCostsLittleAndLetsOthersIn(t *testing.T) {
	ro := newRoster("clinic", "ambulance")
	a, b := newStation(t, "ambulance", ro), newStation(t, "clinic", ro)
	a.write(journal.Chart, 10, 1)
	l, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var serving sync.WaitGroup
	serving.Go(func() { b.Serve(ctx, l) })
	defer serving.Wait()
	defer stop()
	port := l.Addr().(*net.TCPAddr).Port
	before := runtime.NumGoroutine()
	var open []net.Conn
	most := 0
	for i := range 10000 {
		c, err := net.DialTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 9)}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		if err != nil {
			continue
		}
		if open = append(open, c); len(open) > 100 {
			open[0].Close()
			open = open[1:]
		}
		if i%500 == 0 {
			most = max(most, runtime.NumGoroutine()-before)
		}
	}
	if most > 100 {
		t.Errorf("the flood made %d goroutines", most)
	}
	began := time.Now()
	c, err := net.DialTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		t.Fatal(err)
	}
	serving.Go(func() { a.Call(ctx, c, b.Self()) })
	eventually(t, "the ambulance got through", level(a, b))
	t.Logf("10,000 attempts, %d turned away, at most %d goroutines; the ambulance through in %v", b.Turned(), most, time.Since(began))
	for _, c := range open {
		c.Close()
	}
}
