package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// A Finding is something on the disk that is not as it was written. Ref is zero
// when it is no entry.
type Finding struct {
	Ref  chart.Ref
	Log  journal.Log
	What string // in words; nothing of a patient
}

// A Report is what Verify found. Without findings everything that was written is
// there, in its order, sealed by its writer.
type Report struct {
	Epochs, Entries, Seals int
	Findings               []Finding // the first bad entry of each epoch first
}

// maxFindings bounds a report: a disk that is damaged all over is said in a page.
const maxFindings = 200

// Verify reads everything: SQLite's own structure, every blob, every chain, every
// seal, every lookup and card, and goes on behind what is bad. Recording goes on
// meanwhile.
func (s *Store) Verify(ctx context.Context) (Report, error) {
	u, done, err := s.use()
	if err != nil {
		return Report{}, err
	}
	defer done()
	v := verifier{u: u}
	for _, q := range []struct {
		into **sql.Stmt
		text string
	}{
		{&v.rows, "SELECT id, epoch, seq, key, seal, blob FROM entry WHERE id BETWEEN ? AND ?"},
		{&v.leads, "SELECT count(*) FROM lookup WHERE hash = ? AND id = ?"},
	} {
		if *q.into, err = u.db.read.PrepareContext(ctx, q.text); err != nil {
			return Report{}, fmt.Errorf("verify: %w", explain(err))
		}
		defer (*q.into).Close()
	}
	for _, step := range []func(context.Context) error{v.structure, v.epochs, v.cards, v.rest} {
		if err := step(ctx); err != nil {
			if ctx.Err() != nil {
				return v.report, ctx.Err()
			}
			v.find(Finding{What: err.Error()})
		}
	}
	return v.report, nil
}

type verifier struct {
	u           *unlocked
	report      Report
	rows, leads *sql.Stmt
}

func (v *verifier) find(f Finding) {
	if len(v.report.Findings) < maxFindings {
		v.report.Findings = append(v.report.Findings, f)
	}
}

func (v *verifier) bad(p *place, seq uint64, format string, a ...any) {
	what := fmt.Sprintf("%s log of device %x, epoch %x, entry %d: ", p.log, p.device[:4], p.epoch[:4], seq)
	v.find(Finding{Ref: p.ref(seq), Log: p.log, What: what + fmt.Sprintf(format, a...)})
}

// structure asks SQLite about its pages and indexes.
func (v *verifier) structure(ctx context.Context) error {
	rows, err := v.u.db.read.QueryContext(ctx, "PRAGMA integrity_check(20)")
	if err != nil {
		return fmt.Errorf("check database: %w", explain(err))
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return fmt.Errorf("check database: %w", explain(err))
		}
		if line != "ok" {
			v.find(Finding{What: "database: " + line})
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("check database: %w", explain(err))
	}
	return nil
}

func (v *verifier) epochs(ctx context.Context) error {
	rows, err := v.u.db.read.QueryContext(ctx, "SELECT num FROM epoch ORDER BY num")
	if err != nil {
		return fmt.Errorf("list epochs: %w", explain(err))
	}
	var nums []int64
	for rows.Next() {
		var num int64
		if err := rows.Scan(&num); err != nil {
			break
		}
		nums = append(nums, num)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		v.find(Finding{What: fmt.Sprintf("list epochs: %v", explain(err))})
	}
	for _, num := range nums {
		heads, err := v.u.db.heads(ctx, "WHERE num = ?", num)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			v.find(Finding{What: fmt.Sprintf("head of epoch number %d: %v", num, explain(err))})
			continue
		}
		for _, h := range heads {
			v.report.Epochs++
			if h.mac != v.u.headMAC(h) {
				v.find(Finding{Log: h.place.log, What: fmt.Sprintf("head of epoch number %d (%s log of device %x): its row is damaged", num, h.place.log, h.place.device[:4])})
			}
			if h.pruned {
				continue
			}
			if err := v.epoch(ctx, h); err != nil {
				return err
			}
		}
	}
	return nil
}

// epoch follows one chain. Where an entry is bad the chain is lost, until the
// next seal that has its hash beside it.
func (v *verifier) epoch(ctx context.Context, h head) error {
	p := h.place
	key, err := v.u.store.config.key(p.device)
	if err != nil {
		v.bad(p, p.base+1, "its seals cannot be checked: %v", err)
	}
	at := journal.Start(p.team, p.device, p.log, p.epoch)
	sound := true // at.Chain is known
	if p.base > 0 {
		at.Seq = p.base
		main, err := v.u.db.branches(ctx, p.device, p.log, p.epoch)
		if err == nil && len(main) > 0 {
			at.Chain, err = v.u.chainAt(ctx, main[0], p.base)
		}
		sound = err == nil
	}
	for at.Seq < h.seq {
		piece, ids, err := v.piece(ctx, p, at)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			v.bad(p, at.Seq+1, "%v", err)
			return nil // nothing leads further
		}
		v.report.Entries += len(piece.Records)
		v.report.Seals++
		whole := true
		for i, r := range piece.Records {
			if r.Absent == chart.Damaged {
				v.bad(p, at.Seq+1+uint64(i), "its bytes were damaged")
				whole = false
				continue
			}
			if err := v.lookup(ctx, p, at.Seq+1+uint64(i), ids+int64(i), r); err != nil {
				return err
			}
		}
		switch {
		case whole && sound && key != nil:
			piece.Seal.Chain = at.Chain
			for _, r := range piece.Records {
				piece.Seal.Chain = link(piece.Seal.Chain, r.Envelope)
			}
			next, err := at.Extend(piece, key)
			if err != nil {
				var entry *journal.EntryError
				seq := at.Seq + 1
				if errors.As(err, &entry) {
					seq, err = entry.Ref.Seq, entry.Err
				}
				v.bad(p, seq, "%v", err)
				sound = false
			} else {
				at = next
			}
		case whole && sound:
			for _, r := range piece.Records {
				at.Chain = link(at.Chain, r.Envelope)
			}
		default:
			sound = false
		}
		at.Seq = piece.Seal.Seq
		if chain := piece.Seal.Chain; !sound && chain != (journal.Hash{}) {
			at.Chain, sound = chain, true
		}
	}
	if sound && (at.Seq != h.seq || at.Chain != h.chain) {
		v.bad(p, h.seq, "the log does not end in its head")
	}
	return nil
}

// piece reads the records after at up to the next seal, and the id of the first.
// What does not open is Damaged. Seal.Chain is the one beside the seal, if any.
func (v *verifier) piece(ctx context.Context, p *place, at journal.Head) (journal.Piece, int64, error) {
	out := journal.Piece{Head: at}
	var last, sealed int64
	var signature []byte
	err := v.u.db.read.QueryRowContext(ctx, "SELECT id, seq, seal FROM entry WHERE epoch = ? AND seq > ? AND seal IS NOT NULL ORDER BY seq LIMIT 1", p.num, int64(at.Seq)).Scan(&last, &sealed, &signature)
	if errors.Is(err, sql.ErrNoRows) {
		return out, 0, errors.New("the entries from here on are missing")
	}
	if err != nil {
		return out, 0, explain(err)
	}
	count := sealed - int64(at.Seq)
	if count > journal.MaxPiece {
		return out, 0, fmt.Errorf("%d entries before the next seal: some are missing", count)
	}
	first := last - count + 1
	out.Seal.Seq = uint64(sealed)
	copy(out.Seal.Signature[:], signature)
	if len(signature) == 96 {
		copy(out.Seal.Chain[:], signature[64:])
	}
	out.Records = make([]journal.Record, count)
	for i := range out.Records {
		out.Records[i].Absent = chart.Damaged
	}
	read := make(map[int64]bool, count)
	take := func(s stored) error {
		read[s.id] = true
		if s.num != p.num || s.seq != at.Seq+1+uint64(s.id-first) {
			return nil
		}
		if plain, err := open(v.u.keys.aead(s.key), nil, s.blob, p.bind(nil, s.seq)); err == nil {
			if r, err := parseRecord(p, plain); err == nil {
				out.Records[s.id-first] = r
			}
		}
		return nil
	}
	rows, err := v.rows.QueryContext(ctx, first, last)
	if err == nil {
		err = each(rows, take)
	}
	// Where a page is damaged, the rows on the others are read one by one.
	for id := first; err != nil && id <= last; id++ {
		if ctx.Err() != nil {
			return out, 0, ctx.Err()
		}
		if read[id] {
			continue
		}
		if rows, err := v.rows.QueryContext(ctx, id, id); err == nil {
			_ = each(rows, take) // what cannot be read stays Damaged
		}
	}
	return out, first, nil
}

// lookup checks that the encounter leads to the entry, or that it is known to lack
// its body.
func (v *verifier) lookup(ctx context.Context, p *place, seq uint64, id int64, r journal.Record) error {
	hash, what := v.u.absents(), "its body may come and would not be asked for"
	if r.Absent == chart.Present {
		hash, what = v.u.keys.lookup(class(p.log), v.u.index.read(p, seq, r).subject), "its patient's chart does not lead to it"
	} else if !awaited(p.log, r.Absent) || p.log == journal.Stream {
		return nil // a store of before the stream's were awaited has no lookup of them
	}
	var there int
	err := v.leads.QueryRowContext(ctx, hash, id).Scan(&there)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil || there != 1 {
		v.bad(p, seq, "%s", what)
	}
	return nil
}

// cards opens every card on the disk.
func (v *verifier) cards(ctx context.Context) error {
	fresh := index{u: v.u, listing: v.u.index.listing, cards: make(map[chart.ID]*card)}
	if err := fresh.loadCards(ctx); err != nil {
		return fmt.Errorf("patient index: %w", explain(err))
	}
	return nil
}

// rest opens what is neither entry nor card.
func (v *verifier) rest(ctx context.Context) error {
	if _, err := v.u.slots(ctx); err != nil {
		v.find(Finding{What: err.Error()})
	}
	if _, err := v.u.kept(ctx); err != nil {
		v.find(Finding{What: fmt.Sprintf("settings: %v", explain(err))})
	}
	return v.erasures(ctx)
}

// erasures checks that the places to be erased are those that were written.
func (v *verifier) erasures(ctx context.Context) error {
	now, err := loadErasures(ctx, v.u.db, v.u.keys)
	if err != nil {
		return fmt.Errorf("erasures: %w", explain(err))
	}
	if now.damaged > 0 {
		v.find(Finding{What: fmt.Sprintf("erasures: %d rows are damaged", now.damaged)})
	}
	return nil
}
