package link

import (
	"errors"
	"slices"
	"time"
)

// Notes are short reliable messages that ride the live lane in both directions:
// acknowledgements and read-backs. Each is repeated until the other end has
// handed it on. They arrive in order, at least once: after a restart of either
// end one may come again, so it carries an id of its own.
const (
	MaxNote     = 900 // bytes
	maxNotes    = 64  // waiting to be answered
	noteRepeat  = 150 * time.Millisecond
	noteSlowest = 2 * time.Second
)

// ErrBusy reports that too many notes wait for an answer. Show the person that
// the other end does not answer.
var ErrBusy = errors.New("the other end has not answered the last 64 messages")

// ErrTooLong reports a note or frame too large for one packet.
var ErrTooLong = errors.New("too long for the live link")

// A mailbox is one end's notes. It is pure and not safe for concurrent use.
type mailbox struct {
	next    uint32 // id of the next note to post
	waiting []waitingNote

	run    uint64 // of the other end
	want   uint32 // next id of the other end's notes
	answer bool   // say at once how far we are
}

type waitingNote struct {
	id    uint32
	text  []byte
	again time.Duration
	wait  time.Duration
}

func (m *mailbox) post(now time.Duration, text []byte) error {
	if len(text) > MaxNote {
		return ErrTooLong
	}
	if len(m.waiting) == maxNotes {
		return ErrBusy
	}
	m.next++
	m.waiting = append(m.waiting, waitingNote{id: m.next, text: slices.Clone(text), again: now, wait: noteRepeat})
	return nil
}

// due is what goes now into a datagram with space bytes left.
func (m *mailbox) due(now time.Duration, space int) []note {
	var out []note
	for i := range m.waiting {
		w := &m.waiting[i]
		size := sectionHead + 8 + len(w.text)
		if now < w.again || size > space {
			continue
		}
		space -= size
		w.again = now + w.wait
		w.wait = min(2*w.wait, noteSlowest)
		out = append(out, note{id: w.id, first: m.waiting[0].id, text: w.text})
	}
	return out
}

// waitingAt says that a note is due now.
func (m *mailbox) waitingAt(now time.Duration) bool {
	return slices.ContainsFunc(m.waiting, func(w waitingNote) bool { return now >= w.again })
}

// take accepts the other end's notes and returns those that are new, in order.
func (m *mailbox) take(run uint64, notes []note) []note {
	var out []note
	if run != m.run {
		m.run, m.want = run, 0
	}
	for _, n := range notes {
		m.answer = true
		if m.want == 0 {
			m.want = n.first
		}
		if n.id == m.want {
			m.want++
			out = append(out, note{id: n.id, text: slices.Clone(n.text)})
		}
	}
	return out
}

// settled drops our notes below next.
func (m *mailbox) settled(next uint32) {
	m.waiting = slices.DeleteFunc(m.waiting, func(w waitingNote) bool { return w.id < next })
}

// state is how far the other end's notes were handed on, nil while it sent none.
func (m *mailbox) state() *noted {
	m.answer = false
	if m.want == 0 {
		return nil
	}
	return &noted{run: m.run, next: m.want}
}
