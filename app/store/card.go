package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// A card on disk is one blob under the subject's lookup. It may be a few thousand
// entries behind the journal; the head of each epoch says how far cards know it.

// cardVersion is the first byte of a card. A card of another version, or made
// with another list of facts, is not read: the index is then made again from the
// entries.
const cardVersion = 3

// listing is four bytes that change when Config.Lists picks other types.
func listing(lists func(chart.Type) bool) (out [4]byte) {
	picked := make([]byte, 1<<16/8)
	for t := range 1 << 16 {
		if lists(chart.Type(t)) {
			picked[t/8] |= 1 << (t % 8)
		}
	}
	sum := sha256.Sum256(picked)
	copy(out[:], sum[:])
	return out
}

var errCard = errors.New("a card of the patient index does not read")

func (c *card) append(b []byte, listing [4]byte) []byte {
	b = append(b, cardVersion)
	b = append(b, listing[:]...)
	b = append(b, c.subject[:]...)
	b = binary.AppendUvarint(b, uint64(len(c.patients)))
	for _, p := range c.patients {
		b = binary.AppendVarint(b, p.num)
		b = binary.AppendUvarint(b, p.seq)
		b = append(b, p.patient[:]...)
	}
	b = binary.AppendVarint(b, c.last)
	b = binary.AppendUvarint(b, uint64(len(c.spans)))
	for _, s := range c.spans {
		b = append(b, s.class)
		if s.ordered {
			b = append(b, 1)
		} else {
			b = append(b, 0)
		}
		for _, v := range [...]int64{s.num, int64(s.seq), int64(s.count), s.first, s.last - s.first, s.from, s.to - s.from, s.latest - s.from} {
			b = binary.AppendVarint(b, v)
		}
		b = binary.BigEndian.AppendUint64(b, s.sum)
	}
	b = binary.AppendUvarint(b, uint64(len(c.facts)))
	for _, f := range c.facts {
		b = binary.AppendVarint(b, f.num)
		b = binary.AppendUvarint(b, f.seq)
		b = binary.AppendUvarint(b, uint64(len(f.record.Envelope)+len(f.record.Body)+8))
		b = binary.BigEndian.AppendUint64(b, uint64(len(f.record.Envelope)))
		b = append(append(b, f.record.Envelope...), f.record.Body...)
	}
	b = binary.AppendUvarint(b, uint64(len(c.marks)))
	for _, m := range c.marks {
		b = binary.AppendVarint(b, m.num)
		b = binary.AppendUvarint(b, m.seq)
		b = append(binary.AppendUvarint(b, uint64(len(m.bytes))), m.bytes...)
	}
	return b
}

// parseCard reads what append writes; its cost is bounded by len(b). The card
// shares b's memory.
func parseCard(b []byte, listing [4]byte) (*card, error) {
	r := cardReader{b: b}
	if r.byte() != cardVersion || !bytes.Equal(r.bytes(4), listing[:]) {
		return nil, errCard
	}
	c := new(card)
	r.id(&c.subject)
	for range r.count(2 + len(chart.ID{})) {
		p := named{num: r.varint(), seq: r.uvarint()}
		r.id(&p.patient)
		c.patients = append(c.patients, p)
	}
	c.last = r.varint()
	for range r.count(18) {
		s := span{class: r.byte(), ordered: r.byte() == 1}
		s.num, s.seq, s.count = r.varint(), uint64(r.varint()), int(r.varint())
		s.first, s.last, s.from, s.to, s.latest = r.varint(), r.varint(), r.varint(), r.varint(), r.varint()
		s.last, s.to, s.latest = s.last+s.first, s.to+s.from, s.latest+s.from
		if sum := r.bytes(8); sum != nil {
			s.sum = binary.BigEndian.Uint64(sum)
		}
		c.spans = append(c.spans, s)
	}
	for range r.count(11) {
		f := fact{num: r.varint(), seq: r.uvarint()}
		whole := r.bytes(r.uvarint())
		if len(whole) < 8 || binary.BigEndian.Uint64(whole) > uint64(len(whole)-8) {
			return nil, errCard
		}
		split := 8 + binary.BigEndian.Uint64(whole)
		f.record = journal.Record{Envelope: whole[8:split:split], Body: whole[split:]}
		c.facts = append(c.facts, f)
	}
	for range r.count(3) {
		c.marks = append(c.marks, mark{r.varint(), r.uvarint(), r.bytes(r.uvarint())})
	}
	if r.bad || len(r.b) != 0 {
		return nil, errCard
	}
	return c, nil
}

// A cardReader takes one value after another; after a mistake all are zero.
type cardReader struct {
	b   []byte
	bad bool
}

func (r *cardReader) bytes(n uint64) []byte {
	if r.bad || n > uint64(len(r.b)) {
		r.bad = true
		return nil
	}
	v := r.b[:n:n]
	r.b = r.b[n:]
	return v
}

func (r *cardReader) byte() byte {
	if b := r.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *cardReader) id(into *chart.ID) { copy(into[:], r.bytes(uint64(len(into)))) }

func (r *cardReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	r.bytes(uint64(max(n, 0)))
	r.bad = r.bad || n <= 0
	return v
}

func (r *cardReader) varint() int64 {
	v, n := binary.Varint(r.b)
	r.bytes(uint64(max(n, 0)))
	r.bad = r.bad || n <= 0
	return v
}

// count is a number of things of at least so many bytes each.
func (r *cardReader) count(least int) int {
	n := r.uvarint()
	if r.bad || n > uint64(len(r.b)/least) {
		r.bad = true
		return 0
	}
	return int(n)
}

// cardPlace is the associated data of a card.
func cardPlace(hash int64) []byte {
	return binary.BigEndian.AppendUint64([]byte("card"), uint64(hash))
}

func (x *index) loadCards(ctx context.Context) error {
	rows, err := x.u.db.read.QueryContext(ctx, "SELECT hash, key, blob FROM card")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var hash, key int64
		var blob []byte
		if err := rows.Scan(&hash, &key, &blob); err != nil {
			return err
		}
		plain, err := open(x.u.keys.aead(uint32(key)), nil, blob, cardPlace(hash))
		if err != nil {
			return fmt.Errorf("%w: %w", errCard, err)
		}
		c, err := parseCard(plain, x.listing)
		if err != nil {
			return err
		}
		x.cards[c.subject] = c
	}
	return rows.Err()
}

// writeCards brings the cards on disk up to what is in memory.
func (c *clerk) writeCards() error {
	x := c.u.index
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.moved) == 0 {
		return nil
	}
	if err := c.transact(func() error { return c.putCards(x) }); err != nil {
		return fmt.Errorf("write patient index: %w", err)
	}
	x.saved()
	return nil
}

// putCards writes the cards that changed. Caller holds the index and is in a
// transaction; when that is through it calls saved.
func (c *clerk) putCards(x *index) error {
	key, err := c.u.quota.take(len(x.dirty))
	if err != nil {
		return err
	}
	ctx := context.Background()
	card, err := c.conn.PrepareContext(ctx, "INSERT INTO card (hash, key, blob) VALUES (?, ?, ?) ON CONFLICT (hash) DO UPDATE SET key = excluded.key, blob = excluded.blob")
	if err != nil {
		return err
	}
	defer card.Close()
	carded, err := c.conn.PrepareContext(ctx, "UPDATE epoch SET carded = ? WHERE num = ?")
	if err != nil {
		return err
	}
	defer carded.Close()
	for subject, d := range x.dirty {
		hash := c.u.keys.lookup(0, subject)
		if _, err := card.Exec(hash, int64(key), seal(c.u.keys.aead(key), nil, d.append(nil, x.listing), cardPlace(hash))); err != nil {
			return err
		}
	}
	for num, seq := range x.moved {
		if _, err := carded.Exec(int64(seq), num); err != nil {
			return err
		}
	}
	return nil
}

// saved notes that memory and disk agree. Caller holds mu.
func (x *index) saved() {
	clear(x.dirty)
	clear(x.moved)
	x.unsave = 0
}
