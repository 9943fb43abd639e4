package store

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// MaxCommit is how many entries one transaction of this station's own takes.
const MaxCommit = journal.MaxUnsealed

// A Signer is this station's device key.
type Signer struct{ key ed25519.PrivateKey }

// NewSigner signs with key. It forgets nothing: keep the key in the store (Keep)
// and drop the Signer on lock.
func NewSigner(key ed25519.PrivateKey) *Signer { return &Signer{key} }

// A Draft is an entry that this station wants to record.
type Draft struct {
	Team journal.TeamID
	Log  journal.Log
	Body journal.Body // its salt is made here
	// Content makes the body's content, when set, from where the drafts before it in
	// the same Commit stand. It must not fail for other places of equal number.
	Content func(before []chart.Ref) ([]byte, error)
}

// body is the encoded body, for drafts before it that stand there.
func (d Draft) body(before []chart.Ref) ([]byte, error) {
	if d.Content != nil {
		content, err := d.Content(before)
		if err != nil {
			return nil, err
		}
		d.Body.Content = content
	}
	return journal.EncodeBody(d.Body)
}

type draft struct {
	line line
	body []byte
	late *Draft // what the body is made of once it is known where others stand, nil when it is made
}

// Commit records drafts in order, as one transaction: after a nil error all of
// them survive a power cut, after an error none is there. It returns where they
// stand. At most MaxCommit drafts. Callers at the same time share a transaction.
// When ctx ends before the work began nothing is recorded; later it is too late.
func (s *Store) Commit(ctx context.Context, signer *Signer, drafts []Draft) ([]chart.Ref, error) {
	u, done, err := s.use()
	if err != nil {
		return nil, err
	}
	defer done()
	if u.clerk == nil {
		return nil, ErrReadOnly
	}
	if len(drafts) == 0 {
		return nil, nil
	}
	if len(drafts) > MaxCommit {
		return nil, fmt.Errorf("record %d entries: at most %d at once", len(drafts), MaxCommit)
	}
	j := &job{ctx: ctx, signer: signer, drafts: make([]draft, len(drafts))}
	for i, d := range drafts {
		rand.Read(d.Body.Salt[:])
		// One that names others is made twice: here with places nobody has, so that what
		// cannot be made fails for its caller alone.
		body, err := d.body(slices.Repeat([]chart.Ref{{Seq: 1 << 62}}, i))
		if err != nil {
			return nil, fmt.Errorf("record entry %d of %d: %w", i+1, len(drafts), err)
		}
		j.drafts[i] = draft{line: line{d.Team, d.Log}, body: body}
		if d.Content != nil {
			j.drafts[i].late = &d
		}
	}
	u.clerk.ask(j)
	if j.err != nil {
		return nil, fmt.Errorf("record: %w", j.err)
	}
	return j.refs, nil
}

// ask returns when j is done: by this caller, with whatever else waits, or by
// another that came before.
func (c *clerk) ask(j *job) {
	c.waiting.mu.Lock()
	c.waiting.jobs = append(c.waiting.jobs, j)
	c.waiting.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	for !j.done {
		batch := c.gather()
		refs, err := c.commit(batch)
		for i, b := range batch {
			b.done, b.err = true, err
			if err == nil {
				b.refs = refs[i]
			}
		}
		c.tidy()
	}
}

// gather takes from those who wait, in their order, as many as fit into one
// transaction.
func (c *clerk) gather() (batch []*job) {
	c.waiting.mu.Lock()
	defer c.waiting.mu.Unlock()
	size, taken := 0, 0
	for _, j := range c.waiting.jobs {
		if size+len(j.drafts) > MaxCommit || len(batch) > 0 && j.signer != batch[0].signer {
			break
		}
		taken++
		if err := j.ctx.Err(); err != nil {
			j.done, j.err = true, err
			continue
		}
		batch, size = append(batch, j), size+len(j.drafts)
	}
	c.waiting.jobs = slices.Delete(c.waiting.jobs, 0, taken)
	return batch
}

// A run is what a batch adds to one log.
type run struct {
	writer *writer
	piece  journal.Piece
	rows   []row
}

func (c *clerk) commit(batch []*job) ([][]chart.Ref, error) {
	var order []*run
	runs := make(map[line]*run)
	refs := make([][]chart.Ref, len(batch))
	fail := func(err error) ([][]chart.Ref, error) {
		// A writer whose entries are not on the disk would use their places for
		// others: the next entry opens a new epoch.
		for l := range runs {
			delete(c.writers, l)
		}
		return nil, err
	}
	if len(batch) == 0 {
		return nil, nil // whoever waited has given up
	}
	total := 0
	for i, j := range batch {
		for _, d := range j.drafts {
			r := runs[d.line]
			if r == nil {
				w, err := c.writer(j.signer, d.line)
				if err != nil {
					return fail(err)
				}
				r = &run{writer: w, piece: journal.Piece{Head: w.Head()}}
				runs[d.line], order = r, append(order, r)
			}
			if d.late != nil {
				body, err := d.late.body(refs[i])
				if err != nil {
					return fail(err)
				}
				d.body = body
			}
			record, err := r.writer.Append(d.body, c.u.store.config.Stamp())
			if err != nil {
				return fail(err)
			}
			r.piece.Records = append(r.piece.Records, record)
			refs[i] = append(refs[i], r.writer.place.ref(r.writer.Head().Seq))
			total++
		}
	}
	key, err := c.u.quota.take(total)
	if err != nil {
		return fail(err)
	}
	for _, r := range order {
		if r.piece.Seal, err = r.writer.Seal(); err != nil {
			return fail(err)
		}
	}
	err = c.transact(func() error {
		for _, r := range order {
			w := r.writer
			if w.fresh {
				first, err := journal.DecodeEnvelope(r.piece.Records[0].Envelope)
				if err != nil {
					return err
				}
				w.since = first.Clock.Millis()
				if err := c.newPlace(w.head(r.piece.Head)); err != nil {
					return err
				}
			}
			r.rows = c.u.sealPiece(w.place, r.piece, key)
			if err := c.write(r.rows, r.piece.Head.Seq, w.head(w.Head())); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fail(err)
	}
	change := Change{Local: true}
	for _, r := range order {
		r.writer.fresh = false
		c.u.index.add(r.rows)
		change.Pieces = append(change.Pieces, r.piece)
	}
	c.u.store.watch.tell(change)
	return refs, nil
}

// sealPiece makes the rows of a piece.
func (u *unlocked) sealPiece(p *place, piece journal.Piece, key uint32) []row {
	rows := make([]row, len(piece.Records))
	for i, r := range piece.Records {
		rows[i] = u.sealRow(p, piece.Head.Seq+1+uint64(i), r, key)
	}
	rows[len(rows)-1].seal = sealBytes(piece.Seal, piece.Head.Seq)
	return rows
}

// writer is the open epoch of a log; it opens one at the first entry after a
// start and when the last is a day old.
func (c *clerk) writer(s *Signer, l line) (*writer, error) {
	if s == nil {
		return nil, errors.New("the station has no device key yet")
	}
	if c.u.store.config.Stamp == nil {
		return nil, errors.New("the station has no clock")
	}
	device := journal.DeviceOf(s.key.Public().(ed25519.PublicKey))
	w := c.writers[l]
	if w != nil && w.place.device == device && !journal.Due(time.Since(w.opened)) {
		return w, nil
	}
	last, err := c.u.db.heads(context.Background(), "WHERE team = ? AND device = ? AND log = ? AND aside = x'' ORDER BY opened DESC, num DESC LIMIT 1", l.team[:], device[:], int64(l.log))
	if err != nil {
		return nil, err
	}
	var previous journal.Link
	if len(last) > 0 {
		previous = last[0].journal().Link()
	}
	var epoch chart.Epoch
	rand.Read(epoch[:])
	jw, err := journal.NewWriter(s.key, l.team, l.log, epoch, previous)
	if err != nil {
		return nil, err
	}
	w = &writer{
		Writer: jw,
		place:  &place{team: l.team, device: device, log: l.log, epoch: epoch},
		opened: time.Now(),
		fresh:  true,
	}
	c.writers[l] = w
	return w, nil
}
