package kit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// maxPacket is the largest message between recorder and live process.
const maxPacket = 128 << 10

// askWait is how long a question waits for its answer. A part that is being
// restarted answers within a second; longer means it will not.
const askWait = 3 * time.Second

// ErrNoAnswer reports that the other process did not answer in time. It is being
// restarted; ask again.
var ErrNoAnswer = errors.New("the other part of the station did not answer")

// heading is the first line of a packet; the rest is its payload.
type heading struct {
	ID     uint64 `json:"id,omitempty"` // of a question or of the answer to it; 0 for news
	Verb   string `json:"verb,omitempty"`
	Answer bool   `json:"answer,omitempty"`
	Error  string `json:"error,omitempty"`
}

// Between joins the recorder and the live process: questions with answers, and
// news without. Both ends may ask. Packets are whole or absent; a full buffer
// drops news and counts it. Safe for concurrent use.
type Between struct {
	conn net.Conn
	// answer answers the other side's questions and takes its news. It runs on
	// its own goroutine per question and must not outlive Run's context.
	answer func(ctx context.Context, verb string, payload []byte) ([]byte, error)

	next    atomic.Uint64
	dropped atomic.Uint64

	writing sync.Mutex // held over a deadline and its write

	mu      sync.Mutex // guards waiting
	waiting map[uint64]chan packet
}

type packet struct {
	heading
	payload []byte
}

// Join makes a Between over the inherited socket.
func (i Inherited) Join(answer func(ctx context.Context, verb string, payload []byte) ([]byte, error)) (*Between, error) {
	conn, err := packets(i.between)
	if err != nil {
		return nil, err
	}
	return newBetween(conn, answer), nil
}

func newBetween(conn net.Conn, answer func(context.Context, string, []byte) ([]byte, error)) *Between {
	return &Between{conn: conn, answer: answer, waiting: map[uint64]chan packet{}}
}

// Run reads until ctx ends or the socket dies. It waits for the answers under way.
func (b *Between) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var answers sync.WaitGroup
	defer answers.Wait()
	release := context.AfterFunc(ctx, func() { b.conn.SetReadDeadline(time.Unix(1, 0)) })
	defer release()
	buffer := make([]byte, maxPacket)
	for {
		n, err := b.conn.Read(buffer)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read from the other part: %w", err)
		}
		p, err := parsePacket(bytes.Clone(buffer[:n]))
		if err != nil {
			continue // a packet from a version we do not speak: its asker times out
		}
		if p.Answer {
			b.mu.Lock()
			waiter := b.waiting[p.ID]
			b.mu.Unlock()
			if waiter != nil {
				select {
				case waiter <- p:
				default: // answered twice: the first counts
				}
			}
			continue
		}
		if p.ID == 0 { // news keep their order
			b.answer(ctx, p.Verb, p.payload)
			continue
		}
		answers.Go(func() {
			answered, err := b.answer(ctx, p.Verb, p.payload)
			h := heading{ID: p.ID, Answer: true}
			if err != nil {
				h.Error, answered = err.Error(), nil
			}
			if err := b.write(h, answered, askWait); err != nil {
				b.dropped.Add(1)
			}
		})
	}
}

func parsePacket(b []byte) (packet, error) {
	line, payload, found := bytes.Cut(b, []byte{'\n'})
	var p packet
	if !found {
		return p, errors.New("packet without a heading")
	}
	if err := json.Unmarshal(line, &p.heading); err != nil {
		return p, fmt.Errorf("read packet heading: %w", err)
	}
	p.payload = payload
	return p, nil
}

func (b *Between) write(h heading, payload []byte, wait time.Duration) error {
	line, err := json.Marshal(h)
	if err != nil {
		return err
	}
	p := append(append(line, '\n'), payload...)
	if len(p) > maxPacket {
		return fmt.Errorf("send to the other part: %d bytes are more than a packet holds", len(p))
	}
	// Nobody holds the socket for long while it is full: an answer that waits for
	// room must not keep a live frame waiting.
	for end := time.Now().Add(wait); ; time.Sleep(tellWait) {
		err := b.writeOnce(p)
		if !errors.Is(err, os.ErrDeadlineExceeded) || time.Now().After(end) {
			return err
		}
	}
}

func (b *Between) writeOnce(p []byte) error {
	b.writing.Lock()
	defer b.writing.Unlock()
	if err := b.conn.SetWriteDeadline(time.Now().Add(tellWait)); err != nil {
		return err
	}
	_, err := b.conn.Write(p) // a packet goes whole or not at all
	return err
}

// Ask sends a question and waits for its answer.
func (b *Between) Ask(ctx context.Context, verb string, payload []byte) ([]byte, error) {
	id := b.next.Add(1) | uint64(started)<<32
	waiter := make(chan packet, 1)
	b.mu.Lock()
	b.waiting[id] = waiter
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		delete(b.waiting, id)
		b.mu.Unlock()
	}()
	if err := b.write(heading{ID: id, Verb: verb}, payload, askWait); err != nil {
		return nil, fmt.Errorf("ask %s: %w", verb, errors.Join(ErrNoAnswer, err))
	}
	timeout := time.NewTimer(askWait)
	defer timeout.Stop()
	select {
	case p := <-waiter:
		if p.Error != "" {
			return nil, fmt.Errorf("ask %s: %s", verb, p.Error)
		}
		return p.payload, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-timeout.C:
		return nil, fmt.Errorf("ask %s: %w", verb, ErrNoAnswer)
	}
}

// started tells the questions of this process from those of its dead predecessor,
// whose answers may still arrive.
var started = uint32(time.Now().UnixNano() >> 20)

// Tell sends news. It never waits: when the other side is not reading, the news
// is dropped and counted, because recording must not wait for a face.
func (b *Between) Tell(verb string, payload []byte) {
	if err := b.write(heading{Verb: verb}, payload, 0); err != nil {
		b.dropped.Add(1)
	}
}

// tellWait is the longest a piece of news may wait for room in the socket.
const tellWait = 5 * time.Millisecond

// Dropped is how many messages found no room.
func (b *Between) Dropped() uint64 { return b.dropped.Load() }
