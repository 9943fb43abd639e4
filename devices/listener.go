package devices

import (
	"sync"
	"time"

	"fieldkit/triage/vital"
)

// A chunk is what one Read gave. Its bytes belong to the listener and must be
// given back.
type chunk struct {
	b  []byte
	at vital.Instant
}

// A listener owns an open port and the one goroutine that reads it.
type listener struct {
	port   Port
	chunks chan chunk // closed when the port has died
	free   chan []byte
	done   chan struct{}
	reader sync.WaitGroup
	err    error // why the port died; valid once chunks is closed
	settle vital.Instant
}

// Two buffers let the reader fill one while the other is understood. A serial
// driver gives at most 4096 bytes a read.
const (
	readBuffers = 2
	readSize    = 4096
)

func listen(port Port, now func() vital.Instant) *listener {
	l := &listener{
		port:   port,
		chunks: make(chan chunk),
		free:   make(chan []byte, readBuffers),
		done:   make(chan struct{}),
	}
	for range readBuffers {
		l.free <- make([]byte, readSize)
	}
	l.reader.Go(func() { l.read(now) })
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

// give gives a chunk's buffer back to the reader.
func (l *listener) give(c chunk) { l.free <- c.b[:readSize] }

// close closes the port and waits for the reader.
func (l *listener) close() {
	close(l.done)
	_ = l.port.Close() // the port is given up either way
	l.reader.Wait()
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
