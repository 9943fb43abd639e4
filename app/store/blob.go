package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"sync"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// A blob's plain bytes are: why the body is absent (one byte); the envelope's
// length (uvarint); the envelope; the body. Where the body is there, what the
// envelope repeats is cut out of it and put back on reading, byte for byte: the
// epoch's id and the body's SHA-256, and where an epoch opens its team and device.
// That is 48 bytes of every entry. The two highest bits of the first byte say so,
// and a byte for each cut, after the length, says where.
const (
	cutTwo  = 0x80 // epoch, body hash
	cutFour = 0xc0 // and team, device
)

// cuts are the parts that a blob leaves out, in the order in which an envelope has
// them.
func cuts(p *place, body []byte, form byte) [][]byte {
	sum := sha256.Sum256(body)
	all := [][]byte{p.epoch[:], sum[:], p.team[:], p.device[:]}
	if form == cutFour {
		return all
	}
	return all[:2]
}

func appendRecord(dst []byte, p *place, r journal.Record) []byte {
	if r.Absent == chart.Present {
		for _, form := range [...]byte{cutFour, cutTwo} {
			if out, ok := appendCut(dst, p, r, form); ok {
				return out
			}
		}
	}
	dst = append(dst, byte(r.Absent))
	dst = binary.AppendUvarint(dst, uint64(len(r.Envelope)))
	dst = append(dst, r.Envelope...)
	return append(dst, r.Body...)
}

// appendCut is false where the envelope has not all that form cuts.
func appendCut(dst []byte, p *place, r journal.Record, form byte) ([]byte, bool) {
	parts := cuts(p, r.Body, form)
	dst = append(dst, form)
	dst = binary.AppendUvarint(dst, uint64(len(r.Envelope)))
	at := 0
	for _, part := range parts {
		i := bytes.Index(r.Envelope[at:], part)
		if i < 0 || at+i > 255 {
			return dst, false
		}
		dst = append(dst, byte(at+i))
		at += i + len(part)
	}
	places := dst[len(dst)-len(parts):]
	at = 0
	for i, part := range parts {
		dst = append(dst, r.Envelope[at:places[i]]...)
		at = int(places[i]) + len(part)
	}
	dst = append(dst, r.Envelope[at:]...)
	return append(dst, r.Body...), true
}

// parseRecord reads what appendRecord writes. The record shares b's memory where
// it can.
func parseRecord(p *place, b []byte) (journal.Record, error) {
	if len(b) < 2 {
		return journal.Record{}, errSealed
	}
	size, n := binary.Uvarint(b[1:])
	if n <= 0 || size > journal.MaxEnvelope {
		return journal.Record{}, errSealed
	}
	form, rest := b[0]&cutFour, b[1+n:]
	r := journal.Record{Absent: chart.Absent(b[0] &^ cutFour)}
	if form == 0 {
		if size > uint64(len(rest)) {
			return journal.Record{}, errSealed
		}
		r.Envelope = rest[:size:size]
		if r.Absent == chart.Present {
			r.Body = rest[size:]
		}
		return r, nil
	}
	count, gone := 2, len(p.epoch)+sha256.Size
	if form == cutFour {
		count, gone = 4, gone+len(p.team)+len(p.device)
	}
	if len(rest) < count || int(size) < gone || int(size)-gone > len(rest)-count {
		return journal.Record{}, errSealed
	}
	places, left := rest[:count], rest[count:count+int(size)-gone]
	r.Body = rest[count+len(left):]
	r.Envelope = make([]byte, 0, size)
	for i, part := range cuts(p, r.Body, form) {
		keep := int(places[i]) - len(r.Envelope)
		if keep < 0 || keep > len(left) {
			return journal.Record{}, errSealed
		}
		r.Envelope = append(append(r.Envelope, left[:keep]...), part...)
		left = left[keep:]
	}
	r.Envelope = append(r.Envelope, left...)
	return r, nil
}

// A row is an entry ready to be written.
type row struct {
	place *place
	seq   uint64
	key   uint32
	seal  []byte // nil but at the end of a piece
	blob  []byte
	hash  int64
	found bool // hash leads to it: the body is there
	note  note
}

// sealRow makes the row of a record and reads from its body what the index needs.
// now says under which data key.
func (u *unlocked) sealRow(p *place, seq uint64, r journal.Record, key uint32) row {
	plain := scratch.Get().(*[]byte)
	defer scratch.Put(plain)
	*plain = appendRecord((*plain)[:0], p, r)
	var at [160]byte
	out := row{place: p, seq: seq, key: key}
	out.blob = seal(u.keys.aead(key), make([]byte, 0, len(*plain)+overhead), *plain, p.bind(at[:0], seq))
	clear(*plain)
	out.note = u.index.read(p, seq, r)
	switch {
	case r.Absent == chart.Present:
		out.hash, out.found = u.keys.lookup(class(p.log), out.note.subject), true
	case awaited(p.log, r.Absent):
		out.hash, out.found = u.absents(), true
	}
	return out
}

var scratch = sync.Pool{New: func() any { return new([]byte) }}

// class keeps the stream, of which there is an entry every second, apart from
// everything else: a chart opens without touching it.
func class(log journal.Log) uint8 {
	if log == journal.Stream {
		return 2
	}
	return 1
}

// unread is the subject of bodies that this program cannot read, so that a later
// version finds them.
var unread = chart.ID{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// An opener opens rows one after another into memory that it hands out.
type opener struct {
	u     *unlocked
	arena []byte
	at    []byte
	place *place
}

// arenaSize is what is allocated at once for opened entries.
const arenaSize = 64 << 10

// open opens one row. The record has its own memory. A blob that does not open
// is an error, with the place it stands at.
func (o *opener) open(ctx context.Context, num int64, seq uint64, key uint32, blob []byte) (*place, journal.Record, error) {
	if o.place == nil || o.place.num != num {
		p, err := o.u.index.places.at(ctx, num)
		if err != nil {
			return nil, journal.Record{}, err
		}
		o.place = p
	}
	if need := len(blob); cap(o.arena)-len(o.arena) < need {
		o.arena = make([]byte, 0, max(arenaSize, need))
	}
	o.at = o.place.bind(o.at[:0], seq)
	start := len(o.arena)
	plain, err := open(o.u.keys.aead(key), o.arena[start:start], blob, o.at)
	if err == nil {
		o.arena = o.arena[:start+len(plain)]
		var r journal.Record
		if r, err = parseRecord(o.place, plain[:len(plain):len(plain)]); err == nil {
			return o.place, o.u.erase.hide(o.place, seq, r), nil
		}
	}
	return o.place, journal.Record{Absent: chart.Damaged}, fmt.Errorf("open entry %d of %s log, device %x, epoch %x: %w", seq, o.place.log, o.place.device[:4], o.place.epoch[:4], err)
}
