package exchange_test

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"fieldkit/sync/exchange"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/sync/meshtest"
	"fieldkit/triage/chart"
)

// The kinds of frames, as doc.go and message.go number them.
const (
	hello = iota + 1
	ping
	pong
	devices
	vector
	want
	pieces
	done
	have
	bye
)

// A raw is a peer with a good key that writes its frames by hand.
type raw struct {
	t    testing.TB
	conn *tls.Conn
	self chart.Device
}

// dialRaw connects a hand-written peer to a station, up to the handshake. Ended
// says how the station saw it.
func dialRaw(t testing.TB, s *station, name string) (r *raw, ended chan error) {
	t.Helper()
	a, b := wire(t)
	return rawOver(t, s, name, a, b)
}

func rawOver(t testing.TB, s *station, name string, a, b net.Conn) (*raw, chan error) {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- s.Answer(t.Context(), b) }()
	key := meshtest.Key(name)
	cfg, err := identity.Calling(key, func(identity.Key) error { return nil }, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := &raw{t, tls.Client(a, cfg), identity.PublicOf(key).Device()}
	if err := r.conn.Handshake(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.conn.Close() })
	return r, ended
}

// hello is a greeting as a good peer of the team makes it on this connection.
func (r *raw) hello(oldest, newest uint64, of journal.TeamID) []byte {
	state := r.conn.ConnectionState()
	b, err := state.ExportKeyingMaterial("EXPORTER-fieldkit-exchange-hello", r.self[:], 16)
	if err != nil {
		r.t.Fatal(err)
	}
	m := binary.AppendUvarint(nil, oldest)
	m = binary.AppendUvarint(m, newest)
	m = append(append(m, of[:]...), b...)
	return append(m, make([]byte, 16)...) // a digest equal to nobody's
}

func (r *raw) greet() { r.send(hello, r.hello(0, 0, team)) }

// send writes one frame; what the station no longer reads is no failure here.
func (r *raw) send(kind byte, message []byte) {
	f := binary.BigEndian.AppendUint32(nil, uint32(len(message)+1))
	r.conn.Write(append(append(f, kind), message...))
}

// told reads frames until the station says goodbye, and returns its reason.
func (r *raw) told() error {
	for {
		k, m, err := r.next()
		if err != nil {
			return err
		}
		if k == bye {
			r.conn.Close()
			return exchange.Told(m[0])
		}
	}
}

// next reads one frame.
func (r *raw) next() (byte, []byte, error) {
	r.conn.SetReadDeadline(time.Now().Add(3 * time.Minute))
	var head [5]byte
	if _, err := io.ReadFull(r.conn, head[:]); err != nil {
		return 0, nil, err
	}
	m := make([]byte, binary.BigEndian.Uint32(head[:])-1)
	_, err := io.ReadFull(r.conn, m)
	if err == nil && head[4]&0x80 != 0 {
		d, _ := zstd.NewReader(nil)
		defer d.Close()
		m, err = d.DecodeAll(m, nil)
	}
	return head[4] & 0x7f, m, err
}

// seek reads frames until one of a kind comes.
func (r *raw) seek(kind byte) []byte {
	r.t.Helper()
	for {
		k, m, err := r.next()
		if err != nil {
			r.t.Fatalf("waiting for a frame of kind %d: %v", kind, err)
		}
		if k == kind {
			return m
		}
	}
}

// aPiece is pieces as a push, in the exchange's own bytes.
func aPiece(list ...journal.Piece) []byte {
	b := []byte{0}
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, p := range list {
		b = append(append(append(b, p.Head.Device[:]...), byte(p.Head.Log)), p.Head.Epoch[:]...)
		b = append(binary.AppendUvarint(b, p.Head.Seq), p.Head.Chain[:]...)
		b = binary.AppendUvarint(b, uint64(len(p.Records)))
		for _, rec := range p.Records {
			b = append(binary.AppendUvarint(b, uint64(len(rec.Envelope))), rec.Envelope...)
			b = append(b, 0)
			b = append(binary.AppendUvarint(b, uint64(len(rec.Body))), rec.Body...)
		}
		b = append(append(b, p.Seal.Chain[:]...), p.Seal.Signature[:]...)
	}
	return b
}

// claim is an offer of one epoch of the peer's own, up to seq.
func (r *raw) claim(seq uint64) []byte {
	b := append([]byte{1}, r.self[:]...)
	b = append(b, byte(journal.Chart))
	b = append(b, bytes.Repeat([]byte{9}, 16)...)
	return append(binary.AppendUvarint(b, seq), make([]byte, 8)...)
}

func refusedAs(t testing.TB, got error, want exchange.Refusal) {
	t.Helper()
	told, ok := errors.AsType[exchange.Told](got)
	if !errors.Is(got, want) && (!ok || exchange.Refusal(told) != want) {
		t.Errorf("refused with %q, wanted %q", got, want.Error())
	}
}
