package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"

	"fieldkit/triage/chart"
)

// rekeyBatch is how many entries are sealed again in one transaction.
const rekeyBatch = 1024

// Rekey writes everything that this unlocked store holds into a new store in dir,
// under a new root key and new slots: for a store whose root key someone may have
// seen. The bytes of entries and seals stay; only how they are sealed at rest
// changes. Entries whose blobs are damaged stop it: verify first. The new store is
// returned unlocked; this one is left as it is.
func (s *Store) Rekey(ctx context.Context, dir string, slots ...Slot) (_ *Store, err error) {
	u, done, err := s.use()
	if err != nil {
		return nil, err
	}
	defer done()
	if u.clerk != nil {
		// Nothing is recorded meanwhile: accepted and own entries wait.
		u.clerk.mu.Lock()
		defer u.clerk.mu.Unlock()
	}
	to, err := create(ctx, dir, s.config, NewRoot(), slots)
	if err != nil {
		return nil, err
	}
	if err := to.copyFrom(ctx, u); err != nil {
		err = fmt.Errorf("rekey: %w", explain(err))
		return nil, errors.Join(err, to.Close(), os.Remove(to.db.path))
	}
	return to, nil
}

func (s *Store) copyFrom(ctx context.Context, from *unlocked) error {
	u, done, err := s.use()
	if err != nil {
		return err
	}
	defer done()
	return u.clerk.apart(ctx, func() error { return u.clerk.copyFrom(ctx, from) })
}

func (c *clerk) copyFrom(ctx context.Context, from *unlocked) error {
	heads, err := from.db.heads(ctx, "ORDER BY num")
	if err != nil {
		return err
	}
	if err := c.transact(func() error { return c.copyHeads(ctx, heads) }); err != nil {
		return err
	}
	places := make(map[int64]*place)
	for _, h := range heads {
		places[h.place.num] = h.place
	}
	for last, more := int64(0), true; more; {
		err := c.transact(func() (err error) {
			last, more, err = c.copyEntries(ctx, from, places, last)
			return err
		})
		if err != nil {
			return err
		}
		if c.u.quota.low() {
			if err := c.u.quota.reserve(ctx, c.u.db); err != nil {
				return err
			}
		}
	}
	if err := c.copyCards(from.index, heads); err != nil {
		return err
	}
	return c.transact(func() error { return c.copyRest(ctx, from) })
}

// copyHeads writes the rows of all epochs under their old numbers.
func (c *clerk) copyHeads(ctx context.Context, heads []head) error {
	for _, h := range heads {
		num := h.place.num
		start := h
		p := *h.place
		start.place = &p
		if err := c.newPlace(start); err != nil {
			return err
		}
		if _, err := c.conn.ExecContext(ctx, "UPDATE epoch SET num = ?, pruned = ?, mac = ? WHERE num = ?", num, h.state, c.u.headMAC(h), p.num); err != nil {
			return err
		}
	}
	return nil
}

// copyEntries seals the next entries after an id again.
func (c *clerk) copyEntries(ctx context.Context, from *unlocked, places map[int64]*place, after int64) (last int64, more bool, err error) {
	rows, err := from.db.read.QueryContext(ctx, "SELECT id, epoch, seq, key, seal, blob FROM entry WHERE id > ? ORDER BY id LIMIT ?", after, rekeyBatch)
	if err != nil {
		return 0, false, err
	}
	key, err := c.u.quota.take(rekeyBatch)
	if err != nil {
		return 0, false, errors.Join(err, rows.Close())
	}
	count := 0
	err = each(rows, func(s stored) error {
		p := places[s.num]
		if p == nil {
			return ErrDamaged
		}
		plain, err := open(from.keys.aead(s.key), nil, s.blob, p.bind(nil, s.seq))
		if err != nil {
			return fmt.Errorf("entry %d of %s log, device %x, epoch %x: %w", s.seq, p.log, p.device[:4], p.epoch[:4], err)
		}
		record, err := parseRecord(p, plain)
		if err != nil {
			return err
		}
		r := c.u.sealRow(p, s.seq, record, key)
		var sealed any
		if len(s.seal) > 0 {
			sealed = []byte(s.seal)
		}
		if _, err := c.stmt.entry.Exec(s.id, s.num, int64(s.seq), int64(key), sealed, r.blob); err != nil {
			return err
		}
		if r.found {
			if _, err := c.stmt.lookup.Exec(r.hash, s.id); err != nil {
				return err
			}
		}
		last, c.next = s.id, s.id+1
		count++
		return nil
	})
	return last, count == rekeyBatch, err
}

// copyCards takes the index over as it is: numbers and ids stay.
func (c *clerk) copyCards(from *index, heads []head) error {
	x := c.u.index
	from.mu.RLock()
	x.mu.Lock()
	var err error
	for subject, old := range from.cards {
		if x.cards[subject], err = parseCard(old.append(nil, x.listing), x.listing); err != nil {
			break
		}
		x.dirty[subject] = x.cards[subject]
	}
	maps.Copy(x.tally, from.tally)
	for _, h := range heads {
		x.moved[h.place.num] = h.seq
	}
	x.mu.Unlock()
	from.mu.RUnlock()
	if err != nil {
		return err
	}
	return c.writeCards()
}

// copyRest takes over the station's settings, erasures and what others hold.
func (c *clerk) copyRest(ctx context.Context, from *unlocked) error {
	kept, err := from.kept(ctx)
	if err != nil {
		return err
	}
	for name, value := range kept {
		if err := c.keep(ctx, name, value); err != nil {
			return err
		}
	}
	rows, err := from.db.read.QueryContext(ctx, "SELECT device, epoch, seq, due, done FROM erasure")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var device, epoch []byte
		var ref chart.Ref
		var due int64
		var done bool
		if err := rows.Scan(&device, &epoch, &ref.Seq, &due, &done); err != nil {
			return err
		}
		copy(ref.Device[:], device)
		copy(ref.Epoch[:], epoch)
		mac := erasureMAC(c.u.keys, ref, due, done)
		if _, err := c.conn.ExecContext(ctx, "INSERT INTO erasure (epoch, device, seq, due, done, mac) VALUES (?, ?, ?, ?, ?, ?)", epoch, device, int64(ref.Seq), due, done, mac[:]); err != nil {
			return err
		}
		c.u.erase.mu.Lock()
		c.u.erase.done[ref] = done
		c.u.erase.mu.Unlock()
	}
	if err := rows.Err(); err != nil {
		return err
	}
	held, err := from.db.read.QueryContext(ctx, "SELECT epoch, by, safe, seq FROM held")
	if err != nil {
		return err
	}
	defer held.Close()
	for held.Next() {
		var num, safe, seq int64
		var by []byte
		if err := held.Scan(&num, &by, &safe, &seq); err != nil {
			return err
		}
		if _, err := c.conn.ExecContext(ctx, "INSERT INTO held (epoch, by, safe, seq) VALUES (?, ?, ?, ?)", num, by, safe, seq); err != nil {
			return err
		}
	}
	return held.Err()
}
