package devices

import (
	"context"
	"time"

	"fieldkit/triage/vital"
)

// When bytes keep coming but no good frame does, the wrong thing is understood:
// after this long and this many bytes the port is listened to anew.
const (
	lostAfter = 5 * time.Second
	lostBytes = 64
	// A remembered monitor that has said nothing since the port was opened may have
	// been changed for another: after this long all are listened for and asked once.
	askAfter = 30 * time.Second
)

// A talk is one conversation: a session, and what the supervisor adds to it. It
// is the session's Sink.
type talk struct {
	w       *watch
	driver  Driver
	session Session
	given   map[given]vital.Reading // the signs to disconnect
	last    vital.Instant           // of the last good frame
	frames  uint64
	unread  int // bytes since
	gone    bool
	counted vital.Instant
}

// given tells signs apart: one monitor may give a sign at several sites.
type given struct {
	sign vital.Sign
	site vital.Site
	raw  string
}

// converse runs d's session on the port until the port fails, ctx ends, a person
// chooses anew, or nothing is understood any more. On return every sign the
// monitor gave is disconnected. mayAsk says that a monitor never heard may be
// given up for another.
func (w *watch) converse(ctx context.Context, l *listener, d Driver, since []chunk, choice Choice, mayAsk bool) error {
	t := &talk{w: w, driver: d, session: d.Open(choice.ListenOnly), given: make(map[given]vital.Reading)}
	t.last = w.sup.cfg.Now()
	w.mu.Lock()
	w.status.Driver, w.status.Guesses = d.Name(), nil
	w.status.Counters, w.status.Clock = Counters{}, Drift{}
	w.mu.Unlock()
	w.set(Talking, w.forgetful)
	t.Monitor(vital.Provenance{})
	quiet := d.Hints().Quiet
	if quiet == 0 {
		quiet = DefaultQuiet
	}
	defer t.disconnect()
	for _, c := range since {
		t.receive(c)
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		now := w.sup.cfg.Now()
		send, again := t.session.Poll(now, t)
		if len(send) > 0 && !choice.ListenOnly {
			if err := w.send(l, send); err != nil {
				return err
			}
		}
		t.count(now)
		wake := again
		if !t.gone {
			if now.Sub(t.last) >= quiet {
				t.disconnect()
			} else {
				wake = min(wake, t.last.Add(quiet))
			}
		}
		if !choice.Fixed {
			past := now.Sub(t.last)
			switch {
			case past >= lostAfter && t.unread >= lostBytes, past >= askAfter && t.unread > 0:
				return errLost
			case past >= askAfter && t.frames == 0 && mayAsk:
				return errSilent
			case past < lostAfter:
				wake = min(wake, t.last.Add(lostAfter))
			case past < askAfter:
				wake = min(wake, t.last.Add(askAfter))
			}
		}
		timer.Reset(instantAfter(now, wake))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-w.rechosen:
			return errRechosen
		case c, ok := <-l.chunks:
			if !ok {
				return l.err
			}
			w.took(c)
			t.receive(c)
			l.give(c)
		case <-timer.C:
		}
	}
}

// receive hands bytes to the session and notes whether it understood any.
func (t *talk) receive(c chunk) {
	t.unread += len(c.b)
	t.session.Receive(c.at, c.b, t)
	if n := t.session.Counters().Frames; n != t.frames {
		t.frames, t.last, t.unread = n, c.at, 0
		if t.gone {
			t.gone = false
			t.w.set(Talking, t.w.forgetful)
		}
		if t.w.sup.setLost(t.w.identity, false) {
			t.w.sup.cfg.Handler.Alarm(t.w.info, Alarm{Arrived: c.at, Text: lostMonitor, Priority: Medium, Technical: true, Ended: true})
		}
	}
}

// lostMonitor is the text of the technical alarm for a monitor that is gone.
const lostMonitor = "monitor disconnected"

// disconnect says once that every sign the monitor gave is no longer measured.
// Results with their own time stand as they are.
func (t *talk) disconnect() {
	t.gone = true
	now := t.w.sup.cfg.Now()
	if len(t.given) > 0 || t.frames > 0 {
		for _, r := range t.given {
			r = r.Without(vital.Disconnected)
			r.Arrived, r.MonitorTime, r.Questionable = now, time.Time{}, false
			t.w.sup.cfg.Handler.Reading(t.w.info, r)
		}
		clear(t.given)
		if !t.w.sup.setLost(t.w.identity, true) {
			t.w.sup.cfg.Handler.Alarm(t.w.info, Alarm{Arrived: now, Text: lostMonitor, Priority: Medium, Technical: true})
		}
	}
	t.w.set(Quiet, nil)
}

// count copies the session's counters for Status, ten times a second at most.
func (t *talk) count(now vital.Instant) {
	if t.counted != 0 && now.Sub(t.counted) < 100*time.Millisecond {
		return
	}
	t.counted = now
	t.w.mu.Lock()
	t.w.status.Counters = t.session.Counters()
	t.w.mu.Unlock()
}

// Reading passes a reading on and notes that the monitor gives this sign.
func (t *talk) Reading(r vital.Reading) {
	if !r.Aperiodic {
		t.given[given{r.Sign, r.Site, r.Raw}] = r
	}
	if !r.MonitorTime.IsZero() && !r.Aperiodic {
		t.w.mu.Lock()
		t.w.status.Clock.see(r.Arrived, r.MonitorTime)
		t.w.mu.Unlock()
	}
	t.w.sup.cfg.Handler.Reading(t.w.info, r)
}

// Waveform passes a waveform on.
func (t *talk) Waveform(v vital.Waveform) { t.w.sup.cfg.Handler.Waveform(t.w.info, v) }

// Alarm passes the monitor's own alarm on.
func (t *talk) Alarm(a Alarm) { t.w.sup.cfg.Handler.Alarm(t.w.info, a) }

// Monitor passes on who speaks; driver and proof are the driver's, whatever the
// session wrote.
func (t *talk) Monitor(p vital.Provenance) {
	p.Driver, p.Proven = t.driver.Name(), t.driver.Hints().Proven
	t.w.mu.Lock()
	t.w.status.Monitor = p
	t.w.mu.Unlock()
	t.w.sup.cfg.Handler.Monitor(t.w.info, p)
	t.w.sup.cfg.Handler.Changed(t.w.info)
}
