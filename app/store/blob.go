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
// epoch's id, which the row knows, and the body's SHA-256. That is 48 bytes of
// every entry; cut (a bit of the first byte) says so, and two bytes after the
// length say where.
const cut = 0x80

func appendRecord(dst []byte, p *place, r journal.Record) []byte {
	if r.Absent == chart.Present {
		sum := sha256.Sum256(r.Body)
		epoch := bytes.Index(r.Envelope, p.epoch[:])
		hash := bytes.LastIndex(r.Envelope, sum[:])
		if epoch >= 0 && epoch+len(p.epoch) <= hash && hash < 256 {
			dst = append(dst, byte(r.Absent)|cut)
			dst = binary.AppendUvarint(dst, uint64(len(r.Envelope)))
			dst = append(dst, byte(epoch), byte(hash))
			dst = append(dst, r.Envelope[:epoch]...)
			dst = append(dst, r.Envelope[epoch+len(p.epoch):hash]...)
			dst = append(dst, r.Envelope[hash+len(sum):]...)
			return append(dst, r.Body...)
		}
	}
	dst = append(dst, byte(r.Absent))
	dst = binary.AppendUvarint(dst, uint64(len(r.Envelope)))
	dst = append(dst, r.Envelope...)
	return append(dst, r.Body...)
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
	r := journal.Record{Absent: chart.Absent(b[0] &^ cut)}
	rest := b[1+n:]
	if b[0]&cut == 0 {
		if size > uint64(len(rest)) {
			return journal.Record{}, errSealed
		}
		r.Envelope = rest[:size:size]
		if r.Absent == chart.Present {
			r.Body = rest[size:]
		}
		return r, nil
	}
	const gone = len(p.epoch) + sha256.Size
	if len(rest) < 2 || size < uint64(gone) || size-uint64(gone) > uint64(len(rest)-2) {
		return journal.Record{}, errSealed
	}
	epoch, hash := int(rest[0]), int(rest[1])
	left := rest[2 : 2+size-uint64(gone)]
	r.Body = rest[2+size-uint64(gone):]
	if epoch+len(p.epoch) > hash || hash+sha256.Size > int(size) {
		return journal.Record{}, errSealed
	}
	sum := sha256.Sum256(r.Body)
	e := make([]byte, 0, size)
	e = append(append(e, left[:epoch]...), p.epoch[:]...)
	e = append(append(e, left[epoch:hash-len(p.epoch)]...), sum[:]...)
	r.Envelope = append(e, left[hash-len(p.epoch):]...)
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
	if r.Absent == chart.Present {
		out.hash, out.found = u.keys.lookup(class(p.log), out.note.subject), true
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
