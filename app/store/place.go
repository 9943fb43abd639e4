package store

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// A place is an epoch of a log as this store numbers it. It never changes.
type place struct {
	num    int64
	team   journal.TeamID
	device chart.Device
	log    journal.Log
	epoch  chart.Epoch
	// aside is zero, or the name of a branch that contradicts the log that came
	// first and is kept beside it.
	aside chart.Epoch
	// branch is zero, or the name that entries after parted go by because the log
	// has two different entries there.
	branch chart.Epoch
	parted uint64
	base   uint64 // sequence before the first entry here; 0 but for a branch kept aside
}

// A head is how far a place reaches and how much of it the cards on disk know.
type head struct {
	place  *place
	seq    uint64
	chain  journal.Hash
	opened int64
	carded uint64
	pruned bool
	state  int64 // of pruning, as in the row
	mac    int64
}

func (h head) journal() journal.Head {
	p := h.place
	return journal.Head{Team: p.team, Device: p.device, Log: p.log, Epoch: p.epoch, Seq: h.seq, Chain: h.chain}
}

func (p *place) ref(seq uint64) chart.Ref {
	if p.branch != (chart.Epoch{}) && seq > p.parted {
		return chart.Ref{Device: p.device, Epoch: p.branch, Seq: seq}
	}
	return chart.Ref{Device: p.device, Epoch: p.epoch, Seq: seq}
}

// bind appends where an entry stands: the associated data of its blob.
func (p *place) bind(dst []byte, seq uint64) []byte {
	dst = append(dst, "entry"...)
	dst = append(dst, p.device[:]...)
	dst = append(dst, byte(p.log))
	dst = append(dst, p.epoch[:]...)
	dst = append(dst, p.aside[:]...)
	return binary.BigEndian.AppendUint64(dst, seq)
}

// headMAC is the keyed hash of a head's row: a flipped byte in it would hide or
// misplace a whole epoch. Carded is left out: it moves without the journal, and a
// wrong one costs the index only.
func (u *unlocked) headMAC(h head) int64 {
	p := h.place
	b := make([]byte, 0, 256)
	b = append(b, "head"...)
	b = append(append(append(b, p.team[:]...), p.device[:]...), byte(p.log))
	b = append(append(append(append(b, p.epoch[:]...), p.aside[:]...), p.branch[:]...), h.chain[:]...)
	for _, n := range [...]uint64{uint64(p.num), p.parted, p.base, h.seq, uint64(h.opened), uint64(h.state)} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return u.keys.hash8(b)
}

// places remembers epochs that were looked up. Epochs are few to a shift, and a
// store holds years of them, so they are read when they are asked for.
type places struct {
	db *database

	mu    sync.Mutex
	byNum map[int64]*place
}

const placeColumns = "num, team, device, log, epoch, aside, branch, parted, base, seq, chain, opened, carded, pruned, mac"

func scanHead(scan func(...any) error) (head, error) {
	var p place
	var h head
	var team, device, epoch, aside, branch, chain []byte
	var log, parted, base, seq, carded, pruned int64
	if err := scan(&p.num, &team, &device, &log, &epoch, &aside, &branch, &parted, &base, &seq, &chain, &h.opened, &carded, &pruned, &h.mac); err != nil {
		return head{}, err
	}
	whole := func(into, from []byte) bool { return len(from) == len(into) && copy(into, from) == len(into) }
	if !whole(p.team[:], team) || !whole(p.device[:], device) || !whole(p.epoch[:], epoch) || !whole(h.chain[:], chain) ||
		len(aside) > 0 && !whole(p.aside[:], aside) || len(branch) > 0 && !whole(p.branch[:], branch) {
		return head{}, fmt.Errorf("read head of epoch number %d: %w", p.num, ErrDamaged)
	}
	p.log, p.parted, p.base = journal.Log(log), uint64(parted), uint64(base)
	h.place, h.seq, h.carded, h.pruned = &p, uint64(seq), uint64(carded), pruned != 0
	h.state = pruned
	return h, nil
}

// at is the place with a number.
func (s *places) at(ctx context.Context, num int64) (*place, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.byNum[num]; p != nil {
		return p, nil
	}
	h, err := scanHead(s.db.read.QueryRowContext(ctx, "SELECT "+placeColumns+" FROM head WHERE num = ?", num).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("find epoch number %d: %w", num, ErrDamaged)
	}
	if err != nil {
		return nil, err
	}
	if s.byNum == nil {
		s.byNum = make(map[int64]*place)
	}
	s.byNum[num] = h.place
	return h.place, nil
}

// forget makes the next look at a place read it again.
func (s *places) forget(num int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byNum, num)
}

// heads reads the heads that a condition picks, forks after the log they left.
func (d *database) heads(ctx context.Context, where string, args ...any) ([]head, error) {
	return scanHeads(d.read.QueryContext(ctx, "SELECT "+placeColumns+" FROM head "+where, args...))
}

func scanHeads(rows *sql.Rows, err error) ([]head, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []head
	for rows.Next() {
		h, err := scanHead(rows.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, rows.Err()
}

// branches are the log that came first and its forks, in that order.
func (d *database) branches(ctx context.Context, device chart.Device, log journal.Log, epoch chart.Epoch) ([]head, error) {
	// It is on the way of every entry from a peer: compiling the statement, and the
	// goroutine that waits for a context to end, would cost more than the look.
	return scanHeads(d.branch.QueryContext(context.WithoutCancel(ctx), epoch[:4], epoch[:], int64(log), device[:]))
}

// key is a device's public key, checked against its name.
func (c *Config) key(device chart.Device) (ed25519.PublicKey, error) {
	key, ok := c.KeyOf(device)
	if !ok {
		return nil, fmt.Errorf("device %x: %w", device[:4], ErrStranger)
	}
	return key, nil
}

// ErrStranger reports entries of a device whose key is not known.
var ErrStranger = errors.New("the device is on no roster we hold: fetch the team's log first")
