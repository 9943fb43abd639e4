package devices

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"fieldkit/triage/vital"
)

// How long to listen on one setting of a line before trying the next.
const (
	// A monitor that says nothing for this long waits to be asked. The slowest
	// that speak by themselves do so every 2 s.
	silentFor = 2500 * time.Millisecond
	// Nobody sends a datagram unasked to a port that was opened just now; what was
	// announced before is read at once.
	datagramFor = 200 * time.Millisecond
	// One that speaks, but which nobody knows on this setting, gets this long...
	strangeFor = 1200 * time.Millisecond
	// ...once this much was heard: a one-line-a-second monitor's line.
	strangeBytes = 24
	// Few bytes, or some driver's half belief, get longer.
	sparseFor = 4 * time.Second
	hopeFor   = 9 * time.Second
	// An answer to a question comes within this.
	answerFor = 700 * time.Millisecond
)

// recognise listens on one line setting after another, and asks where that is
// safe, until a driver is sure. It starts with the setting the port has. It gives
// the bytes that convinced the driver, with their times. After rounds rounds, if
// rounds is above 0, it gives up with no driver.
//
// Text sent with parity can be read without, but what is sent back cannot: so a
// driver that is sure on a setting it never named is taken only when a whole round
// found none on its own; its own are tried next.
func (w *watch) recognise(ctx context.Context, l *listener, listenOnly bool, rounds int) (Driver, []chunk, error) {
	lines := []Line{w.line()}
	if !w.info.NoLine {
		for _, line := range w.sup.linesFor(w.info) {
			if line != lines[0] {
				lines = append(lines, line)
			}
		}
	}
	w.set(Listening, nil)
	for round := 1; ; round++ {
		heard, tied := false, false
		var stray Driver // sure, but on a setting that is not its own
		var strayLine Line
		talks := true // until nothing was heard on a setting
		for i := 0; i < len(lines); i++ {
			line := lines[i]
			if !talks && (listenOnly || len(w.askers(line)) == 0) && i > 0 {
				continue // silence sounds the same on every setting
			}
			if line != w.line() {
				if err := w.retune(l, line); errors.Is(err, ErrLine) {
					continue
				} else if err != nil {
					return nil, nil, err
				}
			}
			e := &ear{w: w, l: l, line: line}
			if talks {
				if d, err := e.listen(ctx); d != nil || err != nil {
					return d, e.chunks, err
				}
				talks = len(e.heard) > 0
			}
			if !talks && !listenOnly {
				if d, err := e.ask(ctx); d != nil || err != nil {
					return d, e.chunks, err
				}
				talks = len(e.heard) > 0
			}
			heard, tied = heard || talks, tied || e.tied
			if e.stray != nil && stray == nil {
				stray, strayLine = e.stray, line
				promote(lines[i+1:], stray.Hints().Lines)
			}
		}
		if stray != nil && !tied {
			return stray, nil, w.retune(l, strayLine)
		}
		switch {
		case tied:
			w.set(Ambiguous, nil)
		case heard:
			w.set(Unrecognised, nil)
		default:
			w.set(Unheard, nil)
		}
		if round == rounds {
			return nil, nil, nil
		}
	}
}

// promote moves those of lines that stand in first to the front.
func promote(lines, first []Line) {
	slices.SortStableFunc(lines, func(a, b Line) int {
		switch in := slices.Contains(first, a); {
		case in == slices.Contains(first, b):
			return 0
		case in:
			return -1
		}
		return 1
	})
}

// askers is the drivers with a question for monitors on this setting.
func (w *watch) askers(line Line) (ask []Driver) {
	for _, d := range w.drivers {
		if h := d.Hints(); len(h.Ask) > 0 && (line == Line{} || slices.Contains(h.Lines, line)) {
			ask = append(ask, d)
		}
	}
	return ask
}

// retune changes the line's setting.
func (w *watch) retune(l *listener, line Line) error {
	if err := l.set(line, w.sup.cfg.Now()); err != nil {
		return err
	}
	w.mu.Lock()
	w.status.Line = line
	w.mu.Unlock()
	return nil
}

func (w *watch) line() Line {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status.Line
}

// An ear is one spell of listening on one line setting.
type ear struct {
	w      *watch
	l      *listener
	line   Line
	heard  []byte
	chunks []chunk
	best   Confidence
	tied   bool   // two drivers were sure, equally
	stray  Driver // sure, on a setting that is not its own
}

// listen listens until a driver is sure or patience ends.
func (e *ear) listen(ctx context.Context) (Driver, error) {
	start := e.w.sup.cfg.Now()
	silence := silentFor
	if e.w.info.Datagrams {
		silence = datagramFor
	}
	return e.hear(ctx, func() time.Duration {
		switch past := e.w.sup.cfg.Now().Sub(start); {
		case len(e.heard) == 0:
			return silence - past
		case e.best > 0:
			return hopeFor - past
		case len(e.heard) >= strangeBytes:
			return strangeFor - past
		default:
			return sparseFor - past
		}
	})
}

// ask puts the questions of all drivers that know this line setting.
func (e *ear) ask(ctx context.Context) (Driver, error) {
	// An answer can come at once: not while bytes are still thrown away.
	if known, err := e.hear(ctx, func() time.Duration { return e.l.settle.Sub(e.w.sup.cfg.Now()) }); known != nil || err != nil {
		return known, err
	}
	for _, d := range e.w.askers(e.line) {
		if err := e.w.send(e.l, d.Hints().Ask); err != nil {
			return nil, err
		}
		end := e.w.sup.cfg.Now().Add(answerFor)
		known, err := e.hear(ctx, func() time.Duration {
			if e.best > 0 {
				return end.Add(hopeFor).Sub(e.w.sup.cfg.Now())
			}
			return end.Sub(e.w.sup.cfg.Now())
		})
		if known != nil || err != nil {
			return known, err
		}
	}
	return nil, nil
}

// hear takes what comes while patience, asked after every chunk, is above 0.
func (e *ear) hear(ctx context.Context, patience func() time.Duration) (Driver, error) {
	timer := time.NewTimer(patience())
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-e.w.rechosen:
			return nil, errRechosen
		case c, ok := <-e.l.chunks:
			if !ok {
				return nil, e.l.err
			}
			d := e.take(c)
			e.l.give(c)
			if d != nil {
				return d, nil
			}
			timer.Reset(patience())
		case <-timer.C:
			return nil, nil
		}
	}
}

// take adds a chunk to what was heard and asks all drivers. Only a driver that is
// sure, and surer than all others, is taken.
func (e *ear) take(c chunk) Driver {
	e.w.took(c)
	if c.at < e.l.settle {
		return nil
	}
	if over := len(e.heard) + len(c.b) - heardSize; over > 0 {
		e.drop(over)
	}
	e.heard = append(e.heard, c.b...)
	e.chunks = append(e.chunks, chunk{slices.Clone(c.b), c.at})

	var guesses []Guess
	e.stray = nil
	for _, d := range e.w.drivers {
		sure := d.Recognise(e.heard, e.line)
		lines := d.Hints().Lines
		own := len(lines) == 0 || e.line == Line{} || slices.Contains(lines, e.line)
		switch {
		case own && sure > 0:
			guesses = append(guesses, Guess{d.Name(), sure})
		case sure >= Sure:
			e.stray = d
		}
	}
	slices.SortStableFunc(guesses, func(a, b Guess) int { return cmp.Compare(b.Confidence, a.Confidence) })
	e.best = 0
	if len(guesses) > 0 {
		e.best = guesses[0].Confidence
	}
	e.w.guessed(guesses)
	if e.best < Sure {
		return nil
	}
	if len(guesses) > 1 && guesses[1].Confidence == e.best {
		e.tied = true
		return nil
	}
	return e.w.driver(guesses[0].Driver)
}

// drop forgets the oldest chunks, at least over bytes.
func (e *ear) drop(over int) {
	n := 0
	for len(e.chunks) > 0 && n < over {
		n += len(e.chunks[0].b)
		e.chunks = e.chunks[1:]
	}
	e.heard = e.heard[:copy(e.heard, e.heard[min(n, len(e.heard)):])]
}

func (w *watch) guessed(g []Guess) {
	w.mu.Lock()
	w.status.Guesses = g
	w.mu.Unlock()
}

// send sends b to the monitor and counts it. A line that takes nothing is noted,
// and listened to all the same.
func (w *watch) send(l *listener, b []byte) error {
	err := l.send(b)
	stuck := errors.Is(err, errStuck)
	w.mu.Lock()
	if err == nil {
		w.status.Out += uint64(len(b))
	}
	w.status.Stuck = stuck
	w.mu.Unlock()
	if err != nil && !stuck {
		return &Fault{Op: "write to", Port: w.info.Name, Err: err}
	}
	return nil
}

// instantAfter is the timer's wait from now until t, never below a millisecond,
// so that a session that always wants to be asked at once cannot spin.
func instantAfter(now, t vital.Instant) time.Duration {
	return max(t.Sub(now), time.Millisecond)
}
