package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// Tee is port, with all that passes written to w. Closing it closes port only.
func Tee(port devices.Port, w *Writer, now func() vital.Instant) devices.Port {
	return &tee{Port: port, w: w, now: now}
}

type tee struct {
	devices.Port
	w   *Writer
	now func() vital.Instant
	end io.Closer // closed with the port; may be nil
}

func (t *tee) Read(b []byte) (int, error) {
	n, err := t.Port.Read(b)
	t.w.Write(t.now(), Received, b[:max(n, 0)])
	return n, err
}

func (t *tee) Write(b []byte) (int, error) {
	n, err := t.Port.Write(b)
	t.w.Write(t.now(), Sent, b[:max(n, 0)])
	return n, err
}

func (t *tee) Set(l devices.Line) error {
	err := t.Port.Set(l)
	if err == nil {
		t.w.Set(t.now(), l)
	}
	return err
}

func (t *tee) Close() error {
	err := t.Port.Close()
	if t.end != nil {
		err = errors.Join(err, t.end.Close())
	}
	return err
}

// Recorder is Ports whose every opened port is recorded. A recording that cannot
// be begun fails the opening; one that fails later does not disturb the port.
type Recorder struct {
	devices.Ports
	Create func(port string) (io.WriteCloser, error) // a new recording of port
	Now    func() vital.Instant
	Wall   func() time.Time
}

// Open opens a port and begins its recording.
func (r Recorder) Open(ctx context.Context, name string, l devices.Line) (devices.Port, error) {
	port, err := r.Ports.Open(ctx, name, l)
	if err != nil {
		return nil, err
	}
	file, err := r.Create(name)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("record %s: %w", name, err), port.Close())
	}
	w, err := NewWriter(file, r.Wall())
	if err != nil {
		return nil, errors.Join(err, file.Close(), port.Close())
	}
	w.Write(r.Now(), Note, []byte(name))
	w.Set(r.Now(), l)
	return &tee{Port: port, w: w, now: r.Now, end: file}, nil
}
