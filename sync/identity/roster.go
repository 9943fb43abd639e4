package identity

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// Epochs tells which epoch a device wrote before another in the same log: what
// the first envelope of an epoch names. It is false while that envelope is not
// held, and a zero Link at a log's first epoch.
type Epochs interface {
	Previous(chart.Device, chart.Epoch) (journal.Link, bool)
}

// A Roster is who belongs to a team, as far as its team log is held. It is never
// changed once folded, so it is safe to share between goroutines.
type Roster struct {
	Team    journal.TeamID
	Genesis *Genesis // nil until it is held: then nobody is trusted
	// Unread counts entries of the team log that are missing or of a later version:
	// while it is not zero the roster may be out of date, and screens say so.
	Unread  int
	members map[chart.Device]MemberState
	people  map[string]PersonState
	limits  map[chart.Device][]journal.Vector // what each revocation of a device leaves trusted
	raised  journal.Vector                    // what accepts trust beyond that
	gossip  []GossipState                     // newest first
	revoked map[chart.Device][]chart.Entry    // the revocations that count
	keep    map[Kept]KeepState

	recovery chart.Device
}

// A MemberState is one device as the roster has it.
type MemberState struct {
	Member
	Device chart.Device
	// Out is true for a revoked device: its entries up to the pins stay trusted.
	Out bool
	// Disputed is true when admins, while apart, said different things of this
	// device: the narrower grant holds until an admin says it anew.
	Disputed bool
}

// Receives reports whether m's device is sent the body of an entry: of the team
// log, always; of the audit log, as an admin; else by its grant. Site is the site
// whose entry it is; handed is true when its encounter was handed to this device
// or is bound for it. Envelopes are not its business.
func (m MemberState) Receives(log journal.Log, site string, handed bool) bool {
	switch {
	case m.Out:
		return false
	case log == journal.Team:
		return true
	case log == journal.Audit:
		return m.Admin
	}
	return m.Grant == GrantAll || handed || m.Grant == GrantSite && site == m.Site
}

// A PersonState is one of the staff as the roster has it.
type PersonState struct {
	Person
	Disputed bool // admins, while apart, said different things: who left has left
}

// Fold makes the roster of a team from the entries of its team log, in any order
// and with duplicates. Entries of other kinds are passed over. Their Saw must
// cover the team log: an admin acts after having seen what made it admin.
//
// The rules: an entry counts when its writer is the first admin, the recovery
// key, or was made admin by an entry that counts and that the writer had seen;
// and when it does not stand after the pins of a revocation that counts. Admins
// who revoke each other without having seen it, also in a ring, are all out.
// A revoked key comes back only by an entry of the recovery key that had seen the
// revocation; until then whatever it wrote after the pins moves nobody.
func Fold(team journal.TeamID, entries []chart.Entry, epochs Epochs) *Roster {
	r := &Roster{Team: team, members: map[chart.Device]MemberState{}, people: map[string]PersonState{}}
	f := folding{reach: map[chart.Ref]journal.Vector{}}
	entries = slices.Clone(entries)
	slices.SortFunc(entries, func(a, b chart.Entry) int { return a.Ref.Compare(b.Ref) })
	entries = slices.CompactFunc(entries, func(a, b chart.Entry) bool { return a.Ref == b.Ref })
	for _, e := range entries {
		if e.Absent != chart.Present {
			r.Unread++
			continue
		}
		f.take(e, r)
	}
	if r.Genesis == nil {
		return r
	}
	f.genesis, r.recovery = r.Genesis.Admin.Key.Device(), r.Genesis.RecoverySign.Device()
	f.recovery = r.recovery
	f.readmit()
	for _, e := range f.acts {
		if c, ok := e.Content.(*Revoked); ok {
			f.reach[e.Ref] = reachOf(c, epochs)
		}
	}
	final := f.settle()
	f.fill(r, final)
	return r
}

// Trusts reports whether the entry at the place given was written by a member's
// key, and not after the point up to which the key is trusted.
func (r *Roster) Trusts(device chart.Device, at chart.Ref) bool {
	if r.Genesis == nil || at.Device != device {
		return false
	}
	if device == r.recovery {
		return true
	}
	if _, ok := r.members[device]; !ok {
		return false
	}
	if r.raised.Holds(at) {
		return true
	}
	for _, reach := range r.limits[device] {
		if !reach.Holds(at) {
			return false
		}
	}
	return true
}

// Admit is the [Lookup] of this roster: members that are not out.
func (r *Roster) Admit(k Key) error {
	m, ok := r.members[k.Device()]
	switch {
	case !ok:
		return ErrUnknown
	case m.Out:
		return ErrWithdraw
	}
	return nil
}

// Member is a device as the roster has it, revoked ones too.
func (r *Roster) Member(d chart.Device) (MemberState, bool) {
	m, ok := r.members[d]
	return m, ok
}

// Members is all devices, revoked ones too, ordered by device.
func (r *Roster) Members() []MemberState {
	return slices.SortedFunc(maps.Values(r.members), func(a, b MemberState) int { return bytes.Compare(a.Device[:], b.Device[:]) })
}

// Revocations are the entries that put a device out.
func (r *Roster) Revocations(d chart.Device) []chart.Entry { return r.revoked[d] }

// Person is one of the staff by id, also one who has left.
func (r *Roster) Person(id string) (PersonState, bool) {
	p, ok := r.people[id]
	return p, ok
}

// People is all staff, those who left too, ordered by id.
func (r *Roster) People() []PersonState {
	return slices.SortedFunc(maps.Values(r.people), func(a, b PersonState) int { return cmp.Compare(a.ID, b.ID) })
}
