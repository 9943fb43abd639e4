package exchange

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
)

// The patience of a connection.
const (
	handshakeTime = 15 * time.Second // TLS and hello together
	idleTime      = 60 * time.Second // without a frame; a ping goes out every pingEvery
	pingEvery     = 20 * time.Second
	frameGrace    = 15 * time.Second // for any frame, once its length is known
	slowestRate   = 2 << 10          // bytes a second beyond the grace
	packAbove     = 512              // bytes: shorter messages are sent as they are
)

// A frame is ready to be written: length, kind, message.
type frame []byte

// newFrame lets fill write the message and packs it if that makes it shorter.
func newFrame(k kind, fill func(*writer)) frame {
	w := writer{b: make([]byte, 5, 256)}
	fill(&w)
	if len(w.b) > packAbove {
		if p := packer.EncodeAll(w.b[5:], make([]byte, 5, len(w.b))); len(p) < len(w.b) {
			w.b, k = p, k|packed
		}
	}
	binary.BigEndian.PutUint32(w.b, uint32(len(w.b)-4))
	w.b[4] = byte(k)
	return w.b
}

// The options are constants that the library accepts, so the errors are nil.
var (
	packer           = newPacker()
	unpackPieces, _  = zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxPieces), zstd.WithDecoderConcurrency(2))
	unpackControl, _ = zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxControl), zstd.WithDecoderConcurrency(2))
)

// deadlines sets a connection's deadlines until end, which lets whoever reads or
// writes return at once, whatever deadline they were about to set.
type deadlines struct {
	conn net.Conn
	mu   sync.Mutex
	over bool
}

func (d *deadlines) read(t time.Time)  { d.set(d.conn.SetReadDeadline, t) }
func (d *deadlines) write(t time.Time) { d.set(d.conn.SetWriteDeadline, t) }

func (d *deadlines) set(f func(time.Time) error, t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.over {
		f(t)
	}
}

// end leaves a write under way one second more, so that a goodbye can follow it.
func (d *deadlines) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.over = true
	d.conn.SetReadDeadline(time.Now())
	d.conn.SetWriteDeadline(time.Now().Add(time.Second))
}

// newPacker returns an encoder that is ready: by itself it would make its state
// at first use, which a test on a virtual clock could not share.
func newPacker() *zstd.Encoder {
	e, _ := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2),
		zstd.WithWindowSize(256<<10), zstd.WithLowerEncoderMem(true), zstd.WithEncoderCRC(false))
	e.EncodeAll([]byte{0}, nil)
	return e
}

// frames reads frames from a connection.
type frames struct {
	conn    net.Conn
	by      *deadlines
	buf     []byte
	greeted bool // the hello is done: larger frames are read
	parting bool // we called: pieces may come instead of the hello, see parting.go
}

// next reads one frame. The message is valid until the next call. A kind this
// program does not know comes with an empty message.
func (f *frames) next() (kind, []byte, error) {
	if f.greeted {
		f.by.read(time.Now().Add(idleTime))
	}
	var head [5]byte
	if _, err := io.ReadFull(f.conn, head[:]); err != nil {
		return 0, nil, slow(err)
	}
	size := int(binary.BigEndian.Uint32(head[:])) - 1
	k := kind(head[4])
	if limit := f.limit(k &^ packed); size < 0 || size > limit {
		return 0, nil, fmt.Errorf("%w (%d bytes of kind %d)", TooLarge, size, k&^packed)
	}
	if f.greeted {
		f.by.read(time.Now().Add(frameGrace + time.Duration(size)*time.Second/slowestRate))
	}
	b, err := f.read(size)
	if err != nil {
		return 0, nil, slow(err)
	}
	return unpack(k, b)
}

// unpack undoes the packing of a message, up to its kind's limit.
func unpack(k kind, b []byte) (kind, []byte, error) {
	if k&packed == 0 {
		return k, b, nil
	}
	k &^= packed
	u := unpackControl
	if k == kindPieces {
		u = unpackPieces
	}
	b, err := u.DecodeAll(b, nil)
	switch {
	case errors.Is(err, zstd.ErrDecoderSizeExceeded) || errors.Is(err, zstd.ErrWindowSizeExceeded):
		return 0, nil, fmt.Errorf("%w (kind %d)", Bomb, k)
	case err != nil:
		return 0, nil, fmt.Errorf("%w: unpack: %w", Malformed, err)
	}
	return k, b, nil
}

func (f *frames) limit(k kind) int {
	switch {
	case k == kindPieces && (f.greeted || f.parting):
		return maxPieces
	case k == kindVouch && f.parting:
		return maxControl
	case !f.greeted:
		return maxHello
	}
	return maxControl
}

// read takes size bytes, growing as they arrive: a claimed size alone costs
// nothing.
func (f *frames) read(size int) ([]byte, error) {
	const step = 64 << 10
	b := f.buf[:0]
	for len(b) < size {
		n := min(step, size-len(b))
		if cap(b)-len(b) < n {
			b = append(b, make([]byte, n)...)[:len(b)]
		}
		m, err := io.ReadFull(f.conn, b[len(b):len(b)+n])
		b = b[:len(b)+m]
		if err != nil {
			return nil, err
		}
	}
	f.buf = b
	if cap(b) > 1<<20 {
		f.buf = nil
	}
	return b, nil
}

// slow turns a missed deadline into its sentence.
func slow(err error) error {
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
		return fmt.Errorf("%w: %w", TooSlow, err)
	}
	return err
}
