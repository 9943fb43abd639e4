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
	// MaxFrame is the largest frame: sixteen parts. A usual one is one part.
	MaxFrame = partsAtMost * maxPart
	// MaxStreams is how many streams one vehicle may send: patients at once.
	MaxStreams = 8

	headSize    = 30
	sectionHead = 3
	frameHead   = sectionHead + 8
	partsAtMost = 16
	maxPart     = MaxDatagram - headSize - notedSize - frameHead
	notedSize   = sectionHead + 12
	wireVersion = 1
	maxSpans    = 64 // spans of missing frames of one stream in one datagram
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
// its bytes are telemetry/wave's. Seq counts a stream's frames from 1.
type Frame struct {
	Stream uint8 // 0 to MaxStreams-1: which of the vehicle's patients
	Seq    uint32
	Bytes  []byte
}

// A part is a frame, or a piece of one too large for one datagram.
type part struct {
	Frame
	index, last uint8
	behind      uint16 // how many frames before it the sender can still repeat
}

// An ask names the frames of one stream that are missing.
type ask struct {
	stream uint8
	spans  []Span
}

// A datagram is what one end sends the other in one packet: a head and sections.
//
//	0   version, 1
//	1   bit 0: hello, to be answered at once; bits 4 to 7: the sender's rung
//	2   run: random number of the sender's run, 8 bytes
//	10  number of this datagram in its connection, 4 bytes, from 1
//	14  sent: ms of the sender's monotonic clock since its run began, 4 bytes
//	18  echo: the newest `sent` received, 4 bytes; held: ms since then, 2 bytes,
//	    65535 when nothing was received
//	24  wall: the sender's wall clock, ms since 1970, 6 bytes
//	30  sections: kind, 1 byte; length, 2 bytes; content
//
// Sections: 1 part of a frame: stream, 1; Seq, 4; frames before it that can be
// repeated, 2; index and last index of the part, 4 bits each; bytes. 2 missing:
// stream, 1; spans of from, 4, and to, 4. 3 report: loss in thousandths, 2; queue
// in ms, 2; bytes a second, 4. 4 note: lowest id still repeated, 4; id, 4; bytes.
// 5 noted: run, 8; next id wanted, 4.
//
// All numbers are big-endian. Unknown sections are skipped.
type datagram struct {
	hello      bool
	rung       Rung
	run        uint64
	number     uint32
	sent, echo uint32 // ms; they wrap after 49 days, so only differences are used
	held       time.Duration
	echoed     bool
	wall       time.Time

	parts   []part
	missing []ask
	report  *report
	notes   []note
	noted   *noted
}

// A report is what the receiver of frames tells their sender, ten times a second.
type report struct {
	loss  float64       // 0..1 of the last two seconds' datagrams
	queue time.Duration // how much longer packets waited than the fastest of the last half minute
	rate  uint32        // bytes a second received
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
	flags := byte(d.rung) << 4
	if d.hello {
		flags |= 1
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
	for _, p := range d.parts {
		b = appendSection(b, sectionFrame, 8+len(p.Bytes))
		b = binary.BigEndian.AppendUint32(append(b, p.Stream), p.Seq)
		b = binary.BigEndian.AppendUint16(b, p.behind)
		b = append(append(b, p.index<<4|p.last), p.Bytes...)
	}
	for _, m := range d.missing {
		b = append(appendSection(b, sectionMissing, 1+8*len(m.spans)), m.stream)
		for _, s := range m.spans {
			b = binary.BigEndian.AppendUint32(b, s.From)
			b = binary.BigEndian.AppendUint32(b, s.To)
		}
	}
	if r := d.report; r != nil {
		b = appendSection(b, sectionReport, 8)
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
	d.hello, d.rung = b[1]&1 != 0, Rung(b[1]>>4)
	d.run, d.number, d.sent, d.echo = be.Uint64(b[2:]), be.Uint32(b[10:]), be.Uint32(b[14:]), be.Uint32(b[18:])
	if held := be.Uint16(b[22:]); held != heldUnknown {
		d.held, d.echoed = time.Duration(held)*time.Millisecond, true
	}
	d.wall = time.UnixMilli(int64(be.Uint64(b[22:]) & (1<<48 - 1)))

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
		if len(b) < 8 {
			return wrong
		}
		p := part{Frame: Frame{Stream: b[0], Seq: be.Uint32(b[1:]), Bytes: b[8:]},
			behind: be.Uint16(b[5:]), index: b[7] >> 4, last: b[7] & 15}
		if p.Stream >= MaxStreams || p.Seq == 0 || p.index > p.last {
			return wrong
		}
		d.parts = append(d.parts, p)
	case sectionMissing:
		if len(b) < 9 || b[0] >= MaxStreams || len(b)%8 != 1 || len(b) > 1+8*maxSpans {
			return wrong
		}
		m := ask{stream: b[0]}
		for b = b[1:]; len(b) > 0; b = b[8:] {
			s := Span{be.Uint32(b), be.Uint32(b[4:])}
			if s.From == 0 || s.To < s.From {
				return wrong
			}
			m.spans = append(m.spans, s)
		}
		d.missing = append(d.missing, m)
	case sectionReport:
		if len(b) != 8 {
			return wrong
		}
		d.report = &report{
			loss:  float64(min(be.Uint16(b), 1000)) / 1000,
			queue: time.Duration(be.Uint16(b[2:])) * time.Millisecond,
			rate:  be.Uint32(b[4:]),
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

// size is what p takes in a datagram.
func (p part) size() int { return frameHead + len(p.Bytes) }

// split cuts f into parts.
func split(f Frame) []part {
	last := uint8(max(len(f.Bytes)-1, 0) / maxPart)
	parts := make([]part, 0, last+1)
	for i := range last + 1 {
		piece := f
		piece.Bytes = f.Bytes[int(i)*maxPart : min(int(i+1)*maxPart, len(f.Bytes))]
		parts = append(parts, part{Frame: piece, index: i, last: last})
	}
	return parts
}
