package devices

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"fieldkit/triage/vital"
)

// A watch owns one port: it opens it, finds out who speaks, runs the session,
// and starts again after whatever goes wrong, until its context ends.
type watch struct {
	sup       *Supervisor
	info      PortInfo
	drivers   []Driver
	identity  string
	cancel    context.CancelFunc
	unplugged atomic.Bool
	rechosen  chan struct{}
	forgetful error // why the last choice could not be kept; run's own

	mu     sync.Mutex // guards what Status shows
	status PortStatus
	heard  ring
	fault  string // words that stand in place of the state's own
	remedy string
}

func newWatch(s *Supervisor, info PortInfo, cancel context.CancelFunc) *watch {
	return &watch{
		sup: s, info: info, drivers: s.driversOn(info), identity: info.Identity(), cancel: cancel,
		rechosen: make(chan struct{}, 1),
		status:   PortStatus{Port: info, Since: s.cfg.Now()},
	}
}

// The pauses between attempts to open a port. The longest keeps recovery within
// 2 s of the port being free again.
const (
	retryFirst = 100 * time.Millisecond
	retryMost  = 1500 * time.Millisecond
)

// Why a conversation with an open port ended without the port having failed.
var (
	errRechosen = errors.New("another choice was made")
	errLost     = errors.New("what comes is no longer understood")
	errSilent   = errors.New("the remembered monitor was never heard")
)

func (w *watch) run(ctx context.Context) {
	pause := retryFirst
	for ctx.Err() == nil {
		choice, _ := w.sup.cfg.Choices.Choice(w.identity)
		if choice.Ignore {
			w.set(Ignored, nil)
			select {
			case <-ctx.Done():
			case <-w.rechosen:
			}
			continue
		}
		opened, err := w.attend(ctx, choice)
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, errRechosen):
			pause = retryFirst
			continue
		case opened:
			pause = retryFirst
		}
		w.set(stateOf(err), err)
		select {
		case <-ctx.Done():
		case <-w.rechosen:
		case <-time.After(pause):
		}
		pause = min(2*pause, retryMost)
	}
}

// driver is the driver called name, or nil when it is not one for this port.
func (w *watch) driver(name string) Driver {
	for _, d := range w.drivers {
		if d.Name() == name {
			return d
		}
	}
	return nil
}

// stateOf is the state a failed port is in.
func stateOf(err error) PortState {
	switch {
	case errors.Is(err, ErrDenied):
		return Denied
	case errors.Is(err, ErrBusy):
		return InUse
	case errors.Is(err, ErrGone):
		return Unplugged
	}
	return Failed
}

// attend opens the port and serves it until it fails, ctx ends or a person
// chooses anew. opened says whether it could be opened at all.
func (w *watch) attend(ctx context.Context, choice Choice) (opened bool, err error) {
	// A mistake in one driver must not end the recording of other patients: it
	// ends this port's session, is shown on the port, and is tried again.
	defer func() {
		if r := recover(); r != nil {
			err = &Fault{Op: "read", Port: w.info.Name, Err: fmt.Errorf("%w: %v", ErrDriver, r), Do: "Report this with the bytes heard; choose the monitor by hand if it is another."}
		}
	}()
	known := w.driver(cmp.Or(w.info.Speaks, choice.Driver))
	first := choice.Line
	if known == nil || first.Baud == 0 {
		first = w.firstLine(known)
	}
	port, err := w.sup.cfg.Ports.Open(ctx, w.info.Name, first)
	if err != nil {
		return false, err
	}
	waiting := 1
	if w.info.Datagrams {
		waiting = datagramsWaiting
	}
	l := listen(port, w.sup.cfg.Now, waiting)
	defer l.close()
	w.mu.Lock()
	w.status.Opened++
	w.status.Line, w.status.ListenOnly = first, choice.ListenOnly
	w.mu.Unlock()

	var since []chunk
	mayAsk := true
	for {
		if known == nil {
			known, since, err = w.recognise(ctx, l, choice.ListenOnly, 0)
			if err != nil {
				return true, err
			}
			w.remember(known, choice.ListenOnly)
		}
		err = w.converse(ctx, l, known, since, choice, mayAsk)
		since = nil
		switch {
		case errors.Is(err, errLost):
			known = nil
		case errors.Is(err, errSilent):
			mayAsk = false
			other, heard, err := w.recognise(ctx, l, choice.ListenOnly, 1)
			if err != nil {
				return true, err
			}
			if other != nil {
				known, since = other, heard
				w.remember(known, choice.ListenOnly)
			} else if err := w.retune(l, first); err != nil {
				return true, err
			}
		default:
			return true, err
		}
	}
}

// remember keeps who was found. A failure to keep it is shown, and costs only a
// new search after the next start.
func (w *watch) remember(d Driver, listenOnly bool) {
	c := Choice{Driver: d.Name(), Line: w.line(), ListenOnly: listenOnly}
	w.forgetful = nil
	if old, ok := w.sup.cfg.Choices.Choice(w.identity); ok && old == c {
		return
	}
	if err := w.sup.cfg.Choices.Keep(w.identity, c); err != nil {
		w.forgetful = &Fault{Op: "remember the monitor on", Port: w.info.Name, Err: err, Do: "Nothing now: it works, and will be searched for again after the next start."}
	}
}

// firstLine is the setting to open a port with: the driver's first, or else the
// likeliest of all.
func (w *watch) firstLine(known Driver) Line {
	if w.info.NoLine {
		return Line{}
	}
	if known != nil {
		if own := known.Hints().Lines; len(own) > 0 {
			return own[0]
		}
	}
	if lines := w.sup.linesFor(w.info); len(lines) > 0 {
		return lines[0]
	}
	return Line{Baud: 9600, DataBits: 8, Parity: NoParity, StopBits: 1}
}

// set notes the state for Status and tells the handler when it changed.
func (w *watch) set(state PortState, err error) {
	words, remedy := "", ""
	if err != nil {
		words = err.Error()
		if f := (*Fault)(nil); errors.As(err, &f) {
			remedy = f.Do
		}
	}
	w.mu.Lock()
	changed := w.status.State != state || w.fault != words
	if changed {
		w.status.State, w.status.Since = state, w.sup.cfg.Now()
		w.fault, w.remedy = words, remedy
	}
	if state != Talking && state != Quiet {
		w.status.Driver, w.status.Monitor = "", vital.Provenance{}
	}
	w.mu.Unlock()
	if changed {
		w.sup.cfg.Handler.Changed(w.info)
	}
}

// took notes bytes that arrived.
func (w *watch) took(c chunk) {
	w.mu.Lock()
	w.heard.write(c.b)
	w.status.In += uint64(len(c.b))
	w.status.LastByte = c.at
	w.mu.Unlock()
}

// picture is what Status shows of this port.
func (w *watch) picture() PortStatus {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.status
	p.Heard = w.heard.bytes()
	p.Guesses = slices.Clone(p.Guesses)
	p.Words, p.Do = p.State.String(), portStates[p.State].do
	if w.fault != "" {
		p.Words += ": " + w.fault
	}
	if w.remedy != "" {
		p.Do = w.remedy
	}
	return p
}
