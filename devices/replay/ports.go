package replay

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"fieldkit/devices"
)

// Ports plays recordings as ports: each file is the port "file:" and its path.
type Ports struct {
	Files []string
	Speed float64 // 2 is twice as fast; 0 is 1
}

var _ devices.Ports = Ports{}

const prefix = "file:"

// List is the recordings.
func (p Ports) List(context.Context) ([]devices.PortInfo, error) {
	list := make([]devices.PortInfo, len(p.Files))
	for i, f := range p.Files {
		list[i] = devices.PortInfo{Name: prefix + f, Product: "recording", NoLine: true}
	}
	return list, nil
}

// Open starts a recording from its beginning.
func (p Ports) Open(_ context.Context, name string, _ devices.Line) (devices.Port, error) {
	f, err := os.Open(strings.TrimPrefix(name, prefix))
	if err != nil {
		return nil, &devices.Fault{Op: "open", Port: name, Err: errors.Join(devices.ErrGone, err), Do: "Check the name of the recording."}
	}
	port, err := Play(f, p.Speed)
	if err != nil {
		return nil, errors.Join(&devices.Fault{Op: "open", Port: name, Err: err, Do: "Choose another file: this one is no recording."}, f.Close())
	}
	return port, nil
}

// Play plays the received bytes of a recording at speed times their own; speed 0
// is 1. After the last byte the port is silent until it is closed, which closes
// from. What is written to it goes nowhere.
func Play(from io.ReadCloser, speed float64) (devices.Port, error) {
	r, err := NewReader(from)
	if err != nil {
		return nil, err
	}
	if speed <= 0 {
		speed = 1
	}
	return &player{from: from, reader: r, speed: speed, closed: make(chan struct{}), start: time.Now()}, nil
}

type player struct {
	from   io.Closer
	reader *Reader
	speed  float64
	start  time.Time
	rest   []byte // of the record being handed out

	once   sync.Once
	closed chan struct{}
}

// Read waits until the next received bytes are due.
func (p *player) Read(b []byte) (int, error) {
	for len(p.rest) == 0 {
		rec, err := p.reader.Next()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			<-p.closed
			return 0, io.ErrClosedPipe
		}
		if err != nil {
			return 0, err
		}
		if rec.Kind != Received {
			continue
		}
		due := p.start.Add(time.Duration(float64(rec.At) / p.speed))
		timer := time.NewTimer(time.Until(due))
		select {
		case <-timer.C:
		case <-p.closed:
			timer.Stop()
			return 0, io.ErrClosedPipe
		}
		p.rest = rec.Bytes
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

// Write takes b and does nothing with it.
func (*player) Write(b []byte) (int, error) { return len(b), nil }

// Set changes nothing.
func (*player) Set(devices.Line) error { return nil }

// Close ends the playing.
func (p *player) Close() error {
	err := error(nil)
	p.once.Do(func() {
		close(p.closed)
		err = p.from.Close()
	})
	return err
}
