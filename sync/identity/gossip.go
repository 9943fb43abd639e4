package identity

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// GossipKey gives the team a new gossip key, as an admin does when a device is
// revoked, or gives the one in use to a newcomer. The key stands in it sealed to
// each device that may have it and to nobody else, so that a tablet that is out
// learns nothing from the entry, however it comes by it. Of several keys the one
// with the highest number holds; of two with one number the same one everywhere. A
// number may be one more than the highest that the writer had seen and no higher:
// nobody can take the last number, after which there would be no other key.
type GossipKey struct {
	Number uint64       `cbor:"1,keyasint" json:"number"` // from 1; the team's first key has none
	ID     [8]byte      `cbor:"2,keyasint" json:"-"`      // of the key, so that entries of one key are known
	Slots  []GossipSlot `cbor:"3,keyasint" json:"slots"`
}

// A GossipSlot is the key for one device.
type GossipSlot struct {
	_      struct{} `cbor:",toarray"`
	Device chart.Device
	Sealed []byte // HPKE, as BoxOf says: 32 bytes of encapsulated key, the sealed key, 16 of tag
}

const (
	// GossipKeySize is bytes of a gossip key.
	GossipKeySize = 32
	// MostGossipSlots is how many devices one entry names: 112 bytes each, well
	// within a body.
	MostGossipSlots = 400
	gossipSealed    = 32 + GossipKeySize + 16
)

// Type implements chart.Content.
func (*GossipKey) Type() chart.Type { return TypeGossip }

// Validate implements chart.Content.
func (g *GossipKey) Validate() error {
	errs := []error{
		must(g.Number > 0 && g.Number <= journal.MaxSeq, "number is missing or too large"),
		must(len(g.Slots) > 0 && len(g.Slots) <= MostGossipSlots, "slots are missing or too many"),
	}
	for _, s := range g.Slots {
		errs = append(errs, must(s.Device != chart.Device{} && len(s.Sealed) == gossipSealed, "a slot is not whole"))
	}
	return errors.Join(errs...)
}

// ErrGossip reports a gossip key that is not for this device, or damaged.
var ErrGossip = errors.New("the gossip key does not open with this device's key")

// gossipInfo binds a sealed key to its team and number.
func gossipInfo(team journal.TeamID, number uint64) []byte {
	b := append([]byte(labelGossip), team[:]...)
	return binary.BigEndian.AppendUint64(b, number)
}

// gossipID names a key without giving it away: it is random.
func gossipID(key [GossipKeySize]byte) (id [8]byte) {
	sum := sha256.Sum256(append([]byte(labelGossip), key[:]...))
	copy(id[:], sum[:])
	return id
}

// NewGossip gives devices a gossip key, in as many entries as it takes.
func NewGossip(team journal.TeamID, number uint64, key [GossipKeySize]byte, devices []Key) ([]*GossipKey, error) {
	var out []*GossipKey
	for part := range slices.Chunk(devices, MostGossipSlots) {
		g := &GossipKey{Number: number, ID: gossipID(key)}
		for _, d := range part {
			to, err := BoxOf(d)
			if err != nil {
				return nil, fmt.Errorf("seal gossip key: %w", err)
			}
			sealed, err := hpke.Seal(to, hpke.HKDFSHA256(), hpke.AES256GCM(), gossipInfo(team, number), key[:])
			if err != nil {
				return nil, fmt.Errorf("seal gossip key: %w", err)
			}
			g.Slots = append(g.Slots, GossipSlot{Device: d.Device(), Sealed: sealed})
		}
		out = append(out, g)
	}
	return out, nil
}

// A GossipState is the team's gossip key as the roster has it.
type GossipState struct {
	Number uint64
	id     [8]byte
	slots  map[chart.Device][]byte
}

// Open is the key for the device whose private key this is.
func (g GossipState) Open(team journal.TeamID, key ed25519.PrivateKey) (out [GossipKeySize]byte, err error) {
	sealed, ok := g.slots[PublicOf(key).Device()]
	if !ok {
		return out, fmt.Errorf("open gossip key number %d: %w", g.Number, ErrGossip)
	}
	from, err := OpenerOf(key)
	if err != nil {
		return out, err
	}
	b, err := hpke.Open(from, hpke.HKDFSHA256(), hpke.AES256GCM(), gossipInfo(team, g.Number), sealed)
	if err != nil || len(b) != len(out) || gossipID([GossipKeySize]byte(b)) != g.id {
		return out, fmt.Errorf("open gossip key number %d: %w", g.Number, ErrGossip)
	}
	return [GossipKeySize]byte(b), nil
}

// Gossip is the newest gossip key that the device is given; false while the team
// has only the key of its invitations, or none is for this device.
func (r *Roster) Gossip(d chart.Device) (GossipState, bool) {
	for _, g := range r.gossip {
		if _, ok := g.slots[d]; ok {
			return g, true
		}
	}
	return GossipState{}, false
}

// OpenGossip is the newest gossip key that opens with a device's private key: one
// that was sealed wrongly keeps nobody from the one before. It is false while the
// team has only the key of its invitations, or none is for this device.
func (r *Roster) OpenGossip(key ed25519.PrivateKey) (number uint64, out [GossipKeySize]byte, ok bool) {
	for _, g := range r.gossip {
		if out, err := g.Open(r.Team, key); err == nil {
			return g.Number, out, true
		}
	}
	return 0, out, false
}

// GossipNumber is that of the newest gossip key, 0 for the first.
func (r *Roster) GossipNumber() uint64 {
	if len(r.gossip) == 0 {
		return 0
	}
	return r.gossip[0].Number
}

// GossipExposed reports whether a device that is out has the newest gossip key: an
// admin then gives a new one.
func (r *Roster) GossipExposed() bool {
	for _, m := range r.members {
		if m.Out && r.hasGossip(m.Device) {
			return true
		}
	}
	return false
}

// GossipLacking are the members to whom nobody gave the newest gossip key yet.
func (r *Roster) GossipLacking() []Key {
	var out []Key
	for _, m := range r.Members() {
		if !m.Out && !r.hasGossip(m.Device) {
			out = append(out, m.Key)
		}
	}
	return out
}

// hasGossip reports whether a device was given the newest key. The first stands in
// every invitation.
func (r *Roster) hasGossip(d chart.Device) bool {
	if len(r.gossip) == 0 {
		return true
	}
	_, ok := r.gossip[0].slots[d]
	return ok
}

// follows are the gossip entries whose number follows from one that their writer had
// seen, whoever wrote that: what counts may change with a revocation, what was seen
// does not.
func follows(acts []chart.Entry) map[chart.Ref]bool {
	var gossip []chart.Entry
	for _, e := range acts {
		if _, ok := e.Content.(*GossipKey); ok {
			gossip = append(gossip, e)
		}
	}
	number := func(e chart.Entry) uint64 { return e.Content.(*GossipKey).Number }
	out := map[chart.Ref]bool{}
	var fresh, rest []chart.Entry // that follow, and are still to be asked for what follows from them
	for _, e := range gossip {
		out[e.Ref] = number(e) == 1
		if out[e.Ref] {
			fresh = append(fresh, e)
		} else {
			rest = append(rest, e)
		}
	}
	for len(fresh) > 0 { // each pair is looked at once: whoever writes many cannot stop the team
		last := fresh[len(fresh)-1]
		fresh = fresh[:len(fresh)-1]
		rest = slices.DeleteFunc(rest, func(e chart.Entry) bool {
			if number(e)-1 > number(last) || !chart.Seen(e, last) {
				return false
			}
			out[e.Ref] = true
			fresh = append(fresh, e)
			return true
		})
	}
	return out
}

// gossipOf puts the keys of the entries that count in order, the newest first.
func gossipOf(entries []chart.Entry) []GossipState {
	var out []GossipState
	for _, e := range entries {
		g := e.Content.(*GossipKey)
		at := slices.IndexFunc(out, func(s GossipState) bool { return s.Number == g.Number && s.id == g.ID })
		if at < 0 {
			at = len(out)
			out = append(out, GossipState{Number: g.Number, id: g.ID, slots: map[chart.Device][]byte{}})
		}
		for _, s := range g.Slots {
			out[at].slots[s.Device] = s.Sealed
		}
	}
	slices.SortFunc(out, func(a, b GossipState) int {
		return cmp.Or(cmp.Compare(b.Number, a.Number), bytes.Compare(a.id[:], b.id[:]))
	})
	return out
}
