package journal

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"fieldkit/triage/chart"
)

// A HeadRecord is what stays of an epoch for ever, also when it is pruned: how
// far it reached and the hash that pins every envelope in it.
type HeadRecord struct {
	Team  TeamID
	Log   Log
	Epoch chart.Epoch // as refs name it: the epoch's id, or a branch's name
	Seq   uint64
	Chain Hash
	// Of is, for a branch of a fork, the id its envelopes carry; else zero.
	Of chart.Epoch
}

// Record is the head record of h.
func (h Head) Record() HeadRecord {
	return HeadRecord{Team: h.Team, Log: h.Log, Epoch: h.Epoch, Seq: h.Seq, Chain: h.Chain}
}

// Head is where r's epoch goes on: a new piece is checked against it. A branch
// goes on under the id that its envelopes carry.
func (r HeadRecord) Head(device chart.Device) Head {
	epoch := r.Epoch
	if r.Of != (chart.Epoch{}) {
		epoch = r.Of
	}
	return Head{Team: r.Team, Device: device, Log: r.Log, Epoch: epoch, Seq: r.Seq, Chain: r.Chain}
}

func compareHeads(a, b HeadRecord) int {
	return cmp.Or(bytes.Compare(a.Team[:], b.Team[:]), cmp.Compare(a.Log, b.Log), bytes.Compare(a.Epoch[:], b.Epoch[:]))
}

// A Digest is 16 bytes that are equal when what they stand for is equal.
type Digest [16]byte

// DeviceDigest stands for all that is held of one device, without its stream
// log. Two stations whose digests of a device are equal hold the same envelopes.
func DeviceDigest(device chart.Device, heads []HeadRecord) Digest {
	sorted := slices.SortedFunc(slices.Values(heads), compareHeads)
	b := make([]byte, 0, 128+105*len(heads))
	b = append(append(b, labelDevice...), device[:]...)
	for _, h := range sorted {
		if h.Log == Stream {
			continue
		}
		b = append(append(append(b, h.Team[:]...), byte(h.Log)), h.Epoch[:]...)
		b = append(binary.BigEndian.AppendUint64(b, h.Seq), h.Chain[:]...)
		b = append(b, h.Of[:]...)
	}
	sum := sha256.Sum256(b)
	return Digest(sum[:16])
}

// VectorDigest stands for all devices: it goes into the gossip tag, so that
// equal peers exchange nothing. A device of which nothing is held is left out by
// the caller.
func VectorDigest(devices map[chart.Device]Digest) Digest {
	names := make([]chart.Device, 0, len(devices))
	for d := range devices {
		names = append(names, d)
	}
	slices.SortFunc(names, func(a, b chart.Device) int { return bytes.Compare(a[:], b[:]) })
	b := make([]byte, 0, 64+48*len(names))
	b = append(b, labelVector...)
	for _, d := range names {
		digest := devices[d]
		b = append(append(b, d[:]...), digest[:]...)
	}
	sum := sha256.Sum256(b)
	return Digest(sum[:16])
}

// EncodeHeads is one device's head records as deterministic CBOR, about 57 bytes
// an epoch: {team: {log: {epoch: [seq, chain]}}}, with the branch's id as a third
// part.
func EncodeHeads(heads []HeadRecord) ([]byte, error) {
	sorted := slices.SortedFunc(slices.Values(heads), compareHeads)
	for i, h := range sorted {
		switch {
		case h.Seq == 0 || h.Seq > MaxSeq:
			return nil, errors.New("write heads: an epoch without an entry")
		case i > 0 && compareHeads(sorted[i-1], h) == 0:
			return nil, errors.New("write heads: one epoch is named twice")
		}
	}
	teams := chunks(sorted, func(h HeadRecord) TeamID { return h.Team })
	b := appendHead(nil, cborMap, uint64(len(teams)))
	for _, team := range teams {
		logs := chunks(team, func(h HeadRecord) Log { return h.Log })
		b = appendHead(appendBytes(b, team[0].Team[:]), cborMap, uint64(len(logs)))
		for _, log := range logs {
			b = appendHead(appendUint(b, uint64(log[0].Log)), cborMap, uint64(len(log)))
			for _, h := range log {
				parts := uint64(2)
				if h.Of != (chart.Epoch{}) {
					parts = 3
				}
				b = appendHead(appendBytes(b, h.Epoch[:]), cborArray, parts)
				b = appendBytes(appendUint(b, h.Seq), h.Chain[:])
				if parts == 3 {
					b = appendBytes(b, h.Of[:])
				}
			}
		}
	}
	return b, nil
}

// chunks cuts s, in its order, into runs with one key.
func chunks[K comparable](s []HeadRecord, key func(HeadRecord) K) [][]HeadRecord {
	var out [][]HeadRecord
	for i, h := range s {
		if i == 0 || key(s[i-1]) != key(h) {
			out = append(out, s[i:i:len(s)])
		}
		last := &out[len(out)-1]
		*last = (*last)[:len(*last)+1]
	}
	return out
}

// DecodeHeads reads what EncodeHeads writes. Its cost is bounded by len(b).
func DecodeHeads(b []byte) ([]HeadRecord, error) {
	r := reader{b: b}
	r.item() // holds the keys of all maps to their order
	if err := r.end(); err != nil {
		return nil, fmt.Errorf("read heads: %w", err)
	}
	r = reader{b: b}
	var out []HeadRecord
	var h HeadRecord
	for range r.count(cborMap, "a map of teams") {
		r.fixed(h.Team[:])
		logs := r.nonEmpty("a map of logs")
		for range logs {
			h.Log = Log(r.upTo(255))
			for range r.nonEmpty("a map of epochs") {
				h.Of = chart.Epoch{}
				r.fixed(h.Epoch[:])
				parts := r.of(cborArray, "an array")
				if r.err == nil && parts != 2 && parts != 3 {
					r.fail("wanted seq and chain")
				}
				if h.Seq = r.upTo(MaxSeq); r.err == nil && h.Seq == 0 {
					r.fail("an epoch without an entry")
				}
				r.fixed(h.Chain[:])
				if parts == 3 {
					if r.fixed(h.Of[:]); r.err == nil && h.Of == (chart.Epoch{}) {
						r.fail("a branch of no epoch")
					}
				}
				if r.err != nil {
					return nil, fmt.Errorf("read heads: %w", r.err)
				}
				out = append(out, h)
			}
		}
	}
	if err := r.end(); err != nil {
		return nil, fmt.Errorf("read heads: %w", err)
	}
	return out, nil
}

// nonEmpty reads the length of a map that must hold something.
func (r *reader) nonEmpty(what string) int {
	n := r.count(cborMap, what)
	if r.err == nil && n == 0 {
		r.fail("%s that is empty", what)
	}
	return n
}
