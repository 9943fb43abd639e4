package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// drop replaces what is held at ref by its envelope alone and remembers the place
// as erased. The clerk calls it in a transaction, with the index held.
func (c *clerk) drop(ctx context.Context, o order) error {
	ref := o.ref
	heads, err := c.u.db.heads(ctx, "WHERE device = ? AND (epoch = ? OR branch = ?)", ref.Device[:], ref.Epoch[:], ref.Epoch[:])
	if err != nil {
		return err
	}
	for _, h := range heads {
		if !erasable(h.place.log) || h.pruned || ref.Seq <= h.place.base || ref.Seq > h.seq || h.place.aside == (chart.Epoch{}) && h.place.ref(ref.Seq) != ref {
			continue
		}
		if err := c.dropAt(ctx, h.place, ref.Seq); err != nil {
			return err
		}
	}
	mac := erasureMAC(c.u.keys, ref, o.due, true)
	_, err = c.conn.ExecContext(ctx, "UPDATE erasure SET done = 1, mac = ? WHERE epoch = ? AND device = ? AND seq = ?", mac[:], ref.Epoch[:], ref.Device[:], int64(ref.Seq))
	return err
}

func (c *clerk) dropAt(ctx context.Context, p *place, seq uint64) error {
	id, err := c.find(ctx, p, seq)
	if err != nil {
		return err
	}
	var key uint32
	var blob []byte
	if err := c.conn.QueryRowContext(ctx, "SELECT key, blob FROM entry WHERE id = ? AND epoch = ? AND seq = ?", id, p.num, int64(seq)).Scan(&key, &blob); err != nil {
		return err
	}
	plain, err := open(c.u.keys.aead(key), nil, blob, p.bind(nil, seq))
	if err == nil {
		defer clear(plain)
		var r journal.Record
		if r, err = parseRecord(p, plain); err == nil {
			c.u.index.dropFact(p, seq, r)
			return c.replace(ctx, p, seq, journal.Record{Envelope: r.Envelope, Absent: chart.Erased})
		}
	}
	// What does not open cannot keep its envelope; it must go all the same.
	_, err = c.conn.ExecContext(ctx, "UPDATE entry SET blob = zeroblob(length(blob)) WHERE id = ?", id)
	return err
}

// replace seals a record in the place of the one at seq. Caller holds the index.
func (c *clerk) replace(ctx context.Context, p *place, seq uint64, r journal.Record) error {
	id, err := c.find(ctx, p, seq)
	if err != nil {
		return err
	}
	key, err := c.u.quota.take(1)
	if err != nil {
		return err
	}
	row := c.u.sealRow(p, seq, r, key)
	if _, err := c.conn.ExecContext(ctx, "UPDATE entry SET key = ?, blob = ? WHERE id = ? AND epoch = ? AND seq = ?", int64(key), row.blob, id, p.num, int64(seq)); err != nil {
		return err
	}
	if _, err := c.conn.ExecContext(ctx, "DELETE FROM lookup WHERE hash = ? AND id = ?", c.u.absents(), id); err != nil {
		return err
	}
	if !row.found {
		return nil
	}
	row.note.id = id
	c.u.index.note(row.note)
	_, err = c.conn.ExecContext(ctx, "INSERT INTO lookup (hash, id) VALUES (?, ?) ON CONFLICT DO NOTHING", row.hash, id)
	return err
}

// find is the id of the entry at seq: the entries of a piece have neighbouring
// ids, and its last is indexed.
func (c *clerk) find(ctx context.Context, p *place, seq uint64) (int64, error) {
	var id, sealed int64
	err := c.conn.QueryRowContext(ctx, "SELECT id, seq FROM entry WHERE epoch = ? AND seq >= ? AND seal IS NOT NULL ORDER BY seq LIMIT 1", p.num, int64(seq)).Scan(&id, &sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, ErrDamaged
	}
	return id - (sealed - int64(seq)), err
}

// dropFact takes an entry out of its card. Caller holds mu.
func (x *index) dropFact(p *place, seq uint64, r journal.Record) {
	c := x.cards[x.read(p, seq, r).subject]
	if c == nil {
		return
	}
	c.marks = slices.DeleteFunc(c.marks, func(m mark) bool { return m.num == p.num && m.seq == seq })
	c.facts = slices.DeleteFunc(c.facts, func(f fact) bool { return f.num == p.num && f.seq == seq })
	x.dirty[c.subject] = c
}
