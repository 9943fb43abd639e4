package devices

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"fieldkit/triage/vital"
)

// A chunk is what one Read gave. Its bytes belong to the listener and must be
// given back.
type chunk struct {
	b  []byte
	at vital.Instant
}

// A listener owns an open port, the goroutine that reads it and the one that
// writes. A line that takes no bytes must not stop those that come: what cannot be
// written at once is refused.
type listener struct {
	port   Port
	chunks chan chunk // closed when the port has died
	free   chan []byte
	done   chan struct{}
	out    chan []byte
	reader sync.WaitGroup
	wrote  chan struct{}         // closed when the writer has ended
	err    error                 // why the port died; valid once chunks is closed
	failed atomic.Pointer[error] // of the last write
	settle vital.Instant
}

// Two buffers let the reader fill one while the other is understood. A serial
// driver gives at most 4096 bytes a read.
const (
	readBuffers = 2
	readSize    = 4096
)

// datagramsWaiting is how many messages to a port of datagrams may wait for the
// writer: more than a session has to say at once. A line takes only one, so that it
// is soon known to be stuck.
const datagramsWaiting = 8

// listen starts to read port. waiting is how many writes may wait.
func listen(port Port, now func() vital.Instant, waiting int) *listener {
	l := &listener{
		port:   port,
		chunks: make(chan chunk),
		free:   make(chan []byte, readBuffers),
		done:   make(chan struct{}),
		out:    make(chan []byte, waiting),
		wrote:  make(chan struct{}),
	}
	for range readBuffers {
		l.free <- make([]byte, readSize)
	}
	l.reader.Go(func() { l.read(now) })
	go l.write()
	return l
}

func (l *listener) read(now func() vital.Instant) {
	defer close(l.chunks)
	for {
		var buf []byte
		select {
		case buf = <-l.free:
		case <-l.done:
			return
		}
		n, err := l.port.Read(buf[:readSize])
		c := chunk{buf[:n], now()}
		if n > 0 {
			select {
			case l.chunks <- c:
			case <-l.done:
				return
			}
		} else {
			l.free <- buf
		}
		if err != nil {
			l.err = err
			return
		}
	}
}

func (l *listener) write() {
	defer close(l.wrote)
	for {
		select {
		case b := <-l.out:
			if _, err := l.port.Write(b); err != nil {
				l.failed.Store(&err)
			}
		case <-l.done:
			return
		}
	}
}

// errStuck is a line that does not take what is sent to it.
var errStuck = errors.New("the line takes no bytes")

// send has b written, or says why the last could not be, or that the line is
// still busy with it.
func (l *listener) send(b []byte) error {
	if err := l.failed.Swap(nil); err != nil {
		return *err
	}
	select {
	case l.out <- slices.Clone(b):
		return nil
	default:
		return errStuck
	}
}

// give gives a chunk's buffer back to the reader.
func (l *listener) give(c chunk) { l.free <- c.b[:readSize] }

// A write to a closed port may be held by the system until the adapter is pulled:
// a port is not kept from closing by it for longer than this.
const writerMost = 2 * time.Second

// close closes the port and waits for both goroutines.
func (l *listener) close() {
	close(l.done)
	_ = l.port.Close() // the port is given up either way
	l.reader.Wait()
	select {
	case <-l.wrote:
	case <-time.After(writerMost):
	}
}

// settleFor is how long bytes may still come that were received on the line's
// former setting.
const settleFor = 30 * time.Millisecond

// set changes the line; bytes of the old setting are to be thrown away until
// settle.
func (l *listener) set(line Line, now vital.Instant) error {
	l.settle = now.Add(settleFor)
	return l.port.Set(line)
}
