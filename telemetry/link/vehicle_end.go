package link

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// A vehicleEnd is all the hospital knows of one vehicle. One goroutine owns it: a
// panic there ends this vehicle's connections and no other's.
type vehicleEnd struct {
	h       *Hospital
	device  string
	handler Handler
	run     uint64
	began   time.Time
	events  chan event
	ctx     context.Context
	cancel  context.CancelFunc
	open    atomic.Int32
	dropped atomic.Uint64

	sessions []*Session
	stream   uint64 // the vehicle's run
	recv     [MaxStreams]*receiver
	mail     mailbox
	best     *Session // last heard
	heard    time.Duration
	rung     Rung // as the vehicle last said
	lost     uint64
	told     State
	toldAt   time.Duration
	idle     time.Duration // since when it has no session
	handling item          // what the handler has in hand
	poison   item          // what it panicked over last time: not handed on again
}

// An item is one frame or note of one run.
type item struct {
	run    uint64
	stream uint8
	seq    uint32
	note   uint32
}

// An event is a datagram, a new session, or a note to send.
type event struct {
	from *Session
	data []byte
	at   time.Duration
	note []byte
	done chan error
}

func newVehicleEnd(h *Hospital, device string, handler Handler) *vehicleEnd {
	var id [8]byte
	rand.Read(id[:])
	v := &vehicleEnd{h: h, device: device, handler: handler, run: binary.BigEndian.Uint64(id[:]),
		began: time.Now(), events: make(chan event, inboxAtMost), heard: -1}
	v.ctx, v.cancel = context.WithCancel(context.Background())
	return v
}

func (v *vehicleEnd) now() time.Duration { return time.Since(v.began) }

// work is the vehicle's goroutine.
func (v *vehicleEnd) work() {
	defer v.finish()
	defer func() {
		if crash := recover(); crash != nil {
			v.h.spoiled(v.device, v.handling)
			v.h.crashed(v.device)
		}
	}()
	ticker := time.NewTicker(pulse)
	defer ticker.Stop()
	for {
		select {
		case <-v.ctx.Done():
			return
		case e := <-v.events:
			v.take(e)
		case <-ticker.C:
			if !v.step(v.now()) {
				return
			}
		}
	}
}

// finish closes what is left and tells the handler.
func (v *vehicleEnd) finish() {
	v.cancel()
	v.h.mu.Lock()
	if v.h.vehicles[v.device] == v {
		delete(v.h.vehicles, v.device)
	}
	v.h.mu.Unlock()
	for _, s := range v.sessions {
		s.Close()
	}
	for {
		select {
		case e := <-v.events:
			if e.from != nil {
				e.from.Close()
			}
			continue
		default:
		}
		break
	}
	defer func() {
		if crash := recover(); crash != nil {
			v.h.crashed(v.device)
		}
	}()
	v.handler.State(State{Phase: Ended, Missed: v.lost})
}

func (v *vehicleEnd) take(e event) {
	switch {
	case e.done != nil:
		e.done <- v.mail.post(v.now(), e.note)
	case e.data == nil:
		v.sessions = append(v.sessions, e.from)
	default:
		v.datagram(e)
	}
}

// datagram takes in what a session received.
func (v *vehicleEnd) datagram(e event) {
	d, err := parseDatagram(e.data)
	s := e.from
	select {
	case <-s.gone:
		return // a closed session's last packets: the others bring them again
	default:
	}
	if err != nil || !slices.Contains(v.sessions, s) {
		return
	}
	now := v.now()
	s.path.heard(e.at, time.Now(), &d, len(e.data))
	v.best, v.heard, v.rung = s, now, d.rung
	if v.stream != d.run {
		v.stream, v.recv = d.run, [MaxStreams]*receiver{} // the vehicle has started anew
	}
	urgent := false
	for stream := range v.recv {
		if v.frames(now, d.parts, uint8(stream), s.path.rtt) {
			urgent = true
		}
	}
	for _, n := range v.mail.take(d.run, d.notes) {
		v.hand(item{run: d.run, note: n.id}, func() { v.handler.Note(n.text) })
	}
	if d.noted != nil && d.noted.run == v.run {
		v.mail.settled(d.noted.next)
	}
	if d.hello || urgent || v.mail.answer {
		v.transmit(s, now, d.hello)
	}
}

// frames hands on what is new of one stream and reports whether to ask at once.
func (v *vehicleEnd) frames(now time.Duration, parts []part, stream uint8, rtt time.Duration) bool {
	parts = slices.DeleteFunc(slices.Clone(parts), func(p part) bool { return p.Stream != stream })
	if len(parts) == 0 {
		return false
	}
	r := v.recv[stream]
	if r == nil {
		r = newReceiver()
		v.recv[stream] = r
	}
	if rtt > 0 {
		r.rtt = rtt
	}
	fresh, urgent := r.take(now, parts)
	for _, f := range fresh {
		v.hand(item{run: v.stream, stream: stream, seq: f.Seq}, func() { v.handler.Frame(v.stream, f) })
	}
	if lost := r.takeLost(); len(lost) > 0 {
		for _, span := range lost {
			v.lost += uint64(span.To-span.From) + 1
		}
		v.handler.Lost(v.stream, stream, lost)
	}
	return urgent
}

// hand gives the handler one item, unless it panicked over that one before: a
// vehicle repeats what is not answered, and would end its connection for ever.
func (v *vehicleEnd) hand(i item, give func()) {
	if i == v.poison {
		return
	}
	v.handling = i
	give()
	v.handling = item{}
}

// asks is what to ask for now, of all streams, in one datagram.
func (v *vehicleEnd) asks(now time.Duration) []ask {
	var out []ask
	left := maxSpans
	for stream, r := range v.recv {
		if r == nil || left == 0 {
			continue
		}
		if spans := r.ask(now, left); len(spans) > 0 {
			out = append(out, ask{stream: uint8(stream), spans: spans})
			left -= len(spans)
		}
	}
	return out
}

// step does what the clock asks for; false when the vehicle is long gone.
func (v *vehicleEnd) step(now time.Duration) bool {
	v.sessions = slices.DeleteFunc(v.sessions, func(s *Session) bool {
		over := s.over(now)
		if over {
			s.Close()
		}
		return over
	})
	if v.best != nil && !slices.Contains(v.sessions, v.best) {
		v.best = nil
	}
	for _, s := range v.sessions {
		if s.path.lastAt >= 0 && now-s.told >= reportEvery-pulse/2 {
			v.transmit(s, now, true)
		}
	}
	if v.best != nil && v.mail.waitingAt(now) {
		v.transmit(v.best, now, false)
	}
	v.tell(now)
	if len(v.sessions) > 0 || v.open.Load() > 0 {
		v.idle = now
	}
	return now-v.idle < keepVehicle
}

// over says that a session has ended or was never used.
func (s *Session) over(now time.Duration) bool {
	s.mu.Lock()
	l := s.lane
	s.mu.Unlock()
	var failed <-chan struct{}
	switch l := l.(type) {
	case *peer:
		failed = l.failed
	case *socket:
		failed = l.failed
	}
	select {
	case <-failed:
		return true
	case <-s.gone:
		return true
	default:
	}
	return s.path.lastAt < 0 && now-s.born > unusedAfter
}

// transmit sends one datagram on s: what to repeat, notes, and the report when
// it is time for one.
func (v *vehicleEnd) transmit(s *Session, now time.Duration, withReport bool) {
	d := datagram{run: v.run, sent: uint32(now.Milliseconds()), wall: time.Now()}
	s.path.echo(now, &d)
	if withReport {
		r := s.path.report(now)
		d.report, s.told = &r, now
	}
	space := MaxDatagram - headSize - notedSize - sectionHead - 8
	if s == v.best {
		d.missing = v.asks(now)
	}
	for _, m := range d.missing {
		space -= sectionHead + 1 + 8*len(m.spans)
	}
	d.noted = v.mail.state()
	if s == v.best {
		d.notes = v.mail.due(now, space)
	}
	s.number++
	d.number = s.number
	s.mu.Lock()
	l := s.lane
	s.mu.Unlock()
	if l != nil {
		l.send(d.append(make([]byte, 0, MaxDatagram)))
	}
}

// tell reports the state when it changed or a second has passed.
func (v *vehicleEnd) tell(now time.Duration) {
	s := State{Missed: v.lost, Rung: v.rung}
	if v.heard >= 0 {
		s.Phase, s.Silent = Live, now-v.heard
		if s.Silent > stalledAfter {
			s.Phase = Silent
		}
	}
	if b := v.best; b != nil {
		b.mu.Lock()
		if b.lane != nil {
			s.Lane = b.lane.kind()
		}
		b.mu.Unlock()
		s.Trip, s.Offset = b.path.rtt, b.path.offset
		r := b.path.peek(now)
		s.Loss, s.Queue = r.loss, r.queue
	}
	if s.Phase == v.told.Phase && s.Lane == v.told.Lane && s.Rung == v.told.Rung && v.toldAt > 0 && now-v.toldAt < time.Second {
		return
	}
	v.told, v.toldAt = s, now
	v.handler.State(s)
}

// channelLine is the one line that may stand beside the audio: streams'.
const channelLine = "\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"

// checkSDP refuses a description that is not what our own vehicle sends, before
// any library reads it.
func checkSDP(b []byte) error {
	switch text := string(b); {
	case len(b) > maxSDP:
		return errors.New("read the offer: too long")
	case !strings.HasPrefix(text, "v=0\r\n"):
		return errors.New("read the offer: not a session description")
	case strings.Count(text, "\nm=audio ") != 1 || strings.Count(text, "\nm=") != 1+strings.Count(text, channelLine) || strings.Count(text, channelLine) > 1:
		return errors.New("read the offer: it must have one audio line, and one of data channels at most")
	case strings.Count(text, "\na=candidate:") > 64:
		return errors.New("read the offer: too many addresses")
	case !strings.Contains(text, "\na=fingerprint:sha-256 "):
		return errors.New("read the offer: no SHA-256 fingerprint")
	}
	return nil
}
