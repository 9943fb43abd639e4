package link

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/datachannel"
	"github.com/pion/webrtc/v3"
)

// A stream is a reliable, ordered way for bytes beside the live frames: a data
// channel of its own on the connection that stands. It is for the record where TCP
// is shut after the signalling, and for nothing else.
//
// The library encrypts data channels with random 64-bit nonces (CVE-2026-26014), so
// that what one key seals must be bounded. NIST SP 800-38D (8.3) wants the chance
// of a repeated nonce under 2^-32; after n records it is n^2/2^65, which makes
// n = 2^16.5, 92,681. A message here fits one record. Each sent may be sent again,
// and each received is answered, on average once at most: twice as many records as
// messages, so messagesAtMost keeps n at 2^16 and the chance at 2^-33. That is 32 MB
// of full messages; then the connection, and with it the key, is renewed.
const (
	messageMost    = 1024    // bytes: one SCTP packet, one record; far below the 16 KiB that every stack takes
	messageNarrow  = 256     // on a narrow line: 64 kbit/s take 45 ms over it, in which live frames wait
	messagesAtMost = 1 << 15 // of one connection, both ways together
	streamsAtMost  = 2       // of one connection at a time
	inFlight       = 8 << 10 // bytes not yet acknowledged, of one stream
	inwardMost     = 64 << 10
	streamLabel    = "exchange"
	streamOpens    = 2 * time.Second
	streamPatience = 10 * time.Millisecond // between looks at what holds a stream back
)

// ErrNoStream reports that no connection can carry a stream now: there is none by
// UDP, or it has carried all it may and is being renewed. Try again later.
var ErrNoStream = errors.New("no connection can carry the record now")

// streams are those of one peer connection.
type streams struct {
	ctx    context.Context // ends with the connection
	end    context.CancelFunc
	work   sync.WaitGroup
	in     func(net.Conn)            // takes what the other end opens; nil refuses it
	allow  func(n int) time.Duration // nil: at once
	most   func() int                // bytes of a message now; nil for messageMost
	spoken atomic.Int64              // messages, both ways

	mu   sync.Mutex
	over bool
	open int
}

// spent says that the connection's key has sealed all that it may.
func (s *streams) spent() bool { return s.spoken.Load() >= messagesAtMost }

// enter takes a place for a stream and runs do as one of its goroutines' owners.
func (s *streams) enter(do func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over || s.open >= streamsAtMost || s.spent() {
		return false
	}
	s.open++
	s.work.Go(func() {
		defer func() {
			s.mu.Lock()
			s.open--
			s.mu.Unlock()
		}()
		do()
	})
	return true
}

// stop ends them; wait waits, once the connection is closed.
func (s *streams) stop() {
	s.mu.Lock()
	s.over = true
	s.mu.Unlock()
	s.end()
}

// offerChannels prepares pc for streams: a channel that both ends know and nobody
// uses puts the line into the description, which cannot be added once TCP is shut.
func (p *peer) offerChannels() error {
	negotiated, id := true, uint16(0)
	if _, err := p.pc.CreateDataChannel("", &webrtc.DataChannelInit{Negotiated: &negotiated, ID: &id}); err != nil {
		return fmt.Errorf("prepare a channel: %w", err)
	}
	return nil
}

// opened takes a channel that the other end opened.
func (p *peer) opened(dc *webrtc.DataChannel) {
	dc.OnOpen(func() {
		raw, err := dc.Detach()
		if err != nil {
			return
		}
		if p.streams.in == nil || dc.Label() != streamLabel || !dc.Ordered() {
			_ = raw.Close()
			return
		}
		ours, theirs := net.Pipe()
		if !p.streams.enter(func() {
			p.streams.work.Go(func() { p.streams.in(ours) })
			p.streams.carry(dc, raw, theirs)
		}) {
			_ = raw.Close()
			_ = ours.Close()
		}
	})
}

// stream opens a channel.
func (p *peer) stream(ctx context.Context) (net.Conn, error) {
	if p.streams.spent() {
		return nil, ErrNoStream
	}
	ctx, cancel := context.WithTimeout(ctx, streamOpens)
	defer cancel()
	dc, err := p.pc.CreateDataChannel(streamLabel, nil)
	if err != nil {
		return nil, fmt.Errorf("open a stream: %w", err)
	}
	ready := make(chan datachannel.ReadWriteCloser, 1)
	dc.OnOpen(func() {
		if raw, err := dc.Detach(); err == nil {
			ready <- raw
		}
	})
	select {
	case raw := <-ready:
		ours, theirs := net.Pipe()
		if !p.streams.enter(func() { p.streams.carry(dc, raw, theirs) }) {
			_ = raw.Close()
			_ = ours.Close()
			return nil, ErrNoStream
		}
		return ours, nil
	case <-ctx.Done():
	case <-p.streams.ctx.Done():
	}
	_ = dc.Close()
	return nil, fmt.Errorf("open a stream: %w", ErrNoStream)
}

// carry joins a channel and the inner end of a pipe until either ends, or the
// connection does.
func (s *streams) carry(dc *webrtc.DataChannel, raw datachannel.ReadWriteCloser, inner net.Conn) {
	release := context.AfterFunc(s.ctx, func() { _ = inner.Close() })
	defer release()
	var ways sync.WaitGroup
	ways.Go(func() { // in
		defer inner.Close()
		b := make([]byte, 16<<10)
		for !s.spent() {
			n, err := raw.Read(b)
			if err != nil {
				return
			}
			s.spoken.Add(int64(n+messageMost-1) / messageMost) // another stack's may be longer than ours
			if _, err := inner.Write(b[:n]); err != nil {
				break
			}
		}
		_ = raw.Close()
	})
	ways.Go(func() { // out
		defer inner.Close()
		defer raw.Close() // after what was written: the channel's end goes in its turn
		b := make([]byte, messageMost)
		for !s.spent() {
			most := messageMost
			if s.most != nil {
				most = s.most()
			}
			n, err := inner.Read(b[:most])
			if n > 0 {
				if !s.room(dc, n) {
					return
				}
				s.spoken.Add(1)
				if _, err := raw.Write(b[:n]); err != nil {
					return
				}
			}
			if err != nil {
				return
			}
		}
	})
	ways.Wait()
}

// room waits until n bytes may go: what is under way is little enough, and live
// frames leave room. False when the connection ended.
func (s *streams) room(dc *webrtc.DataChannel, n int) bool {
	for {
		wait := streamPatience
		if dc.BufferedAmount() <= inFlight-messageMost {
			if s.allow == nil {
				return true
			}
			if wait = s.allow(n); wait <= 0 {
				return true
			}
		}
		select {
		case <-s.ctx.Done():
			return false
		case <-time.After(min(wait, time.Second)):
		}
	}
}

// Stream opens a reliable, ordered stream to the hospital over the UDP connection
// that stands, for the record where TCP is shut. What is written is held back by
// what the live frames leave, a write waits for it. It ends with its connection,
// which may be renewed at any time: the caller opens another.
func (v *Vehicle) Stream(ctx context.Context) (net.Conn, error) {
	v.mu.Lock()
	c := v.current
	usable := c != nil && c.peer != nil && c.well(v.now(), v.signal.slowness())
	v.mu.Unlock()
	if !usable {
		return nil, ErrNoStream
	}
	return c.peer.stream(ctx)
}

// leaves is how long n bytes of a stream must wait so that live frames are not
// delayed; 0 when they may go.
func (v *Vehicle) leaves(n int) time.Duration {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.send.stream(v.now(), n)
}

// message is how long a stream's message may be now.
func (v *Vehicle) message() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.send.beside.rate <= streamFirst || !v.send.wide(v.now()) {
		return messageNarrow
	}
	return messageMost
}

// A throttle is the pace of what is sent beside live frames: it grows while nothing
// queues and halves when something does. It is pure.
type throttle struct {
	rate   float64 // bytes a second
	tokens float64
	filled time.Duration
}

const (
	streamFirst   = 4000.0 // bytes a second
	streamSlowest = 500.0
	streamFastest = 80e3 // inFlight each tenth of a second: more would not be under way on a usual line
	streamGrowth  = 1.03 // at each report, ten a second: twice as fast every two seconds
)

// heard moves the pace by one report; wide says that no queue was seen for a while.
func (t *throttle) heard(queue time.Duration, wide bool) {
	switch {
	case queue > queueEasy:
		t.rate = max(t.rate/2, streamSlowest)
	case wide:
		t.rate = min(t.rate*streamGrowth, streamFastest)
	}
}

// take counts n bytes when they may go, else says how long they must wait.
func (t *throttle) take(now time.Duration, n int) time.Duration {
	t.tokens = min(t.tokens+t.rate*max(now-t.filled, 0).Seconds(), messageMost) // never two at once
	t.filled = now
	need := float64(min(n, messageMost))
	if t.tokens < need {
		return max(time.Duration((need-t.tokens)/t.rate*float64(time.Second)), time.Millisecond)
	}
	t.tokens -= need
	return 0
}

// stream is how long n bytes of a stream must wait. Frames that were asked for and a
// flood that drains go first.
func (s *sender) stream(now time.Duration, n int) time.Duration {
	if s.repair > 0 || s.ladder.drains > 0 {
		s.beside.filled, s.beside.tokens = now, 0
		return streamPatience
	}
	return s.beside.take(now, n)
}
