package link

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// Sizes on the wire, in bytes. A datagram is one RTP payload or one WebSocket
// message. 1,150 keeps RTP, SRTP, UDP and IPv6 under the 1,280 bytes that every
// path must carry, TURN's header included.
const (
	MaxDatagram = 1150
	// MaxFrame is the largest frame: what one datagram holds beside its own head.
	MaxFrame = MaxDatagram - headSize - sectionHead - 4

	headSize    = 34
	sectionHead = 3
	wireVersion = 1
	maxSpans    = 64 // spans of missing frames in one datagram
)

// Section kinds of a datagram. The numbers are on the wire and never reused.
const (
	sectionFrame   = 1
	sectionMissing = 2
	sectionReport  = 3
	sectionNote    = 4
	sectionNoted   = 5
)

// errDatagram reports bytes that are not a datagram of this version.
var errDatagram = errors.New("not a live link datagram")

// A Span is the frames From to To, both included.
type Span struct{ From, To uint32 }

// A Frame is one tenth of a second of a patient's signs, opaque to this package:
// its bytes are telemetry/wave's. Seq counts a run's frames from 1.
type Frame struct {
	Seq   uint32
	Bytes []byte
}

// A datagram is what one end sends the other in one packet: a head and sections.
//
//	0   version, 1
//	1   flags: 1 hello (answer at once), 2 end (this connection closes)
//	2   run: random number of the sender's run, 8 bytes
//	10  number of this datagram in its connection, 4 bytes, from 1
//	14  sent: ms of the sender's monotonic clock since its run began, 4 bytes
//	18  echo: the newest `sent` received, 4 bytes; held: ms since then, 2 bytes,
//	    65535 when nothing was received
//	24  wall: the sender's wall clock, ms since 1970, 6 bytes
//	30  oldest: the oldest frame the sender can still repeat, 4 bytes, 0 for none
//	34  sections: kind, 1 byte; length, 2 bytes; content
//
// All numbers are big-endian. Unknown sections are skipped.
type datagram struct {
	hello, end bool
	run        uint64
	number     uint32
	sent, echo uint32 // ms; they wrap after 49 days, so only differences are used
	held       time.Duration
	echoed     bool
	wall       time.Time
	oldest     uint32

	frames  []Frame
	missing []Span
	report  *report
	notes   []note
	noted   *noted
}

// A report is what the receiver of frames tells their sender, five times a second.
type report struct {
	highest uint32        // newest frame received
	loss    float64       // 0..1 of the last two seconds' datagrams
	queue   time.Duration // how much longer packets waited than the fastest of the last half minute
	rate    uint32        // bytes a second received
}

// A note is one reliable message, repeated until it is noted.
type note struct {
	id    uint32
	first uint32 // lowest id the sender still repeats
	text  []byte
}

// noted says that all notes of a run below next have been handed on.
type noted struct {
	run  uint64
	next uint32
}

const heldUnknown = 65535

// append encodes d. Sections that do not fit in MaxDatagram are the caller's
// mistake: it asks size first.
func (d *datagram) append(b []byte) []byte {
	var flags byte
	if d.hello {
		flags |= 1
	}
	if d.end {
		flags |= 2
	}
	b = append(b, wireVersion, flags)
	b = binary.BigEndian.AppendUint64(b, d.run)
	b = binary.BigEndian.AppendUint32(b, d.number)
	b = binary.BigEndian.AppendUint32(b, d.sent)
	b = binary.BigEndian.AppendUint32(b, d.echo)
	held := uint16(heldUnknown)
	if d.echoed {
		held = uint16(min(d.held.Milliseconds(), heldUnknown-1))
	}
	b = binary.BigEndian.AppendUint16(b, held)
	wall := uint64(max(d.wall.UnixMilli(), 0))
	b = append(b, byte(wall>>40), byte(wall>>32), byte(wall>>24), byte(wall>>16), byte(wall>>8), byte(wall))
	b = binary.BigEndian.AppendUint32(b, d.oldest)

	for _, f := range d.frames {
		b = appendSection(b, sectionFrame, 4+len(f.Bytes))
		b = binary.BigEndian.AppendUint32(b, f.Seq)
		b = append(b, f.Bytes...)
	}
	if len(d.missing) > 0 {
		b = appendSection(b, sectionMissing, 8*len(d.missing))
		for _, s := range d.missing {
			b = binary.BigEndian.AppendUint32(b, s.From)
			b = binary.BigEndian.AppendUint32(b, s.To)
		}
	}
	if r := d.report; r != nil {
		b = appendSection(b, sectionReport, 12)
		b = binary.BigEndian.AppendUint32(b, r.highest)
		b = binary.BigEndian.AppendUint16(b, uint16(min(max(r.loss, 0), 1)*1000))
		b = binary.BigEndian.AppendUint16(b, uint16(min(max(r.queue.Milliseconds(), 0), 65535)))
		b = binary.BigEndian.AppendUint32(b, r.rate)
	}
	for _, n := range d.notes {
		b = appendSection(b, sectionNote, 8+len(n.text))
		b = binary.BigEndian.AppendUint32(b, n.first)
		b = binary.BigEndian.AppendUint32(b, n.id)
		b = append(b, n.text...)
	}
	if d.noted != nil {
		b = appendSection(b, sectionNoted, 12)
		b = binary.BigEndian.AppendUint64(b, d.noted.run)
		b = binary.BigEndian.AppendUint32(b, d.noted.next)
	}
	return b
}

func appendSection(b []byte, kind byte, size int) []byte {
	return binary.BigEndian.AppendUint16(append(b, kind), uint16(size))
}

// parseDatagram decodes b. Frames and notes in the result share b's bytes. Any
// input is safe; work and memory stay within a small multiple of len(b).
func parseDatagram(b []byte) (datagram, error) {
	var d datagram
	if len(b) < headSize || len(b) > MaxDatagram {
		return d, fmt.Errorf("read %d bytes: %w", len(b), errDatagram)
	}
	if b[0] != wireVersion {
		return d, fmt.Errorf("read version %d: %w; update the older station", b[0], errDatagram)
	}
	be := binary.BigEndian
	d.hello, d.end = b[1]&1 != 0, b[1]&2 != 0
	d.run, d.number, d.sent, d.echo = be.Uint64(b[2:]), be.Uint32(b[10:]), be.Uint32(b[14:]), be.Uint32(b[18:])
	if held := be.Uint16(b[22:]); held != heldUnknown {
		d.held, d.echoed = time.Duration(held)*time.Millisecond, true
	}
	d.wall = time.UnixMilli(int64(be.Uint64(b[22:]) & (1<<48 - 1)))
	d.oldest = be.Uint32(b[30:])

	for rest := b[headSize:]; len(rest) > 0; {
		if len(rest) < sectionHead {
			return datagram{}, fmt.Errorf("read a section's head: %w", errDatagram)
		}
		kind, size := rest[0], int(be.Uint16(rest[1:]))
		if len(rest) < sectionHead+size {
			return datagram{}, fmt.Errorf("read section %d: %w", kind, errDatagram)
		}
		if err := d.section(kind, rest[sectionHead:sectionHead+size]); err != nil {
			return datagram{}, err
		}
		rest = rest[sectionHead+size:]
	}
	return d, nil
}

func (d *datagram) section(kind byte, b []byte) error {
	be := binary.BigEndian
	wrong := fmt.Errorf("read section %d of %d bytes: %w", kind, len(b), errDatagram)
	switch kind {
	case sectionFrame:
		if len(b) < 4 || be.Uint32(b) == 0 {
			return wrong
		}
		d.frames = append(d.frames, Frame{Seq: be.Uint32(b), Bytes: b[4:]})
	case sectionMissing:
		if len(b) == 0 || len(b)%8 != 0 || len(b) > 8*maxSpans {
			return wrong
		}
		for ; len(b) > 0; b = b[8:] {
			s := Span{be.Uint32(b), be.Uint32(b[4:])}
			if s.From == 0 || s.To < s.From {
				return wrong
			}
			d.missing = append(d.missing, s)
		}
	case sectionReport:
		if len(b) != 12 {
			return wrong
		}
		d.report = &report{
			highest: be.Uint32(b),
			loss:    float64(min(be.Uint16(b[4:]), 1000)) / 1000,
			queue:   time.Duration(be.Uint16(b[6:])) * time.Millisecond,
			rate:    be.Uint32(b[8:]),
		}
	case sectionNote:
		if len(b) < 8 {
			return wrong
		}
		n := note{first: be.Uint32(b), id: be.Uint32(b[4:]), text: b[8:]}
		if n.first == 0 || n.id < n.first {
			return wrong
		}
		d.notes = append(d.notes, n)
	case sectionNoted:
		if len(b) != 12 {
			return wrong
		}
		d.noted = &noted{run: be.Uint64(b), next: be.Uint32(b[8:])}
	}
	return nil
}

// frameSize is what f takes in a datagram.
func frameSize(f Frame) int { return sectionHead + 4 + len(f.Bytes) }
