package identity

import (
	"cmp"
	"slices"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// A folding is one fold of a roster at work.
type folding struct {
	acts              []chart.Entry // members, revocations, accepts, people, gossip keys and retention, by place
	genesis, recovery chart.Device
	reach             map[chart.Ref]journal.Vector // what each revocation leaves trusted
}

// take keeps an entry that says something about the roster. Content that no
// writer should have made is passed over, everywhere alike.
func (f *folding) take(e chart.Entry, r *Roster) {
	switch c := e.Content.(type) {
	case *Genesis:
		if id, err := TeamOf(c); err == nil && id == r.Team {
			r.Genesis = c
		}
	case *Member, *Revoked, *chart.Accept, *Person, *GossipKey, *Retention:
		if e.Content.Validate() == nil {
			f.acts = append(f.acts, e)
		}
	}
}

// readmit drops the revocations that the recovery key undid: it put the device
// on the roster again, having seen them.
func (f *folding) readmit() {
	var again []chart.Entry
	for _, e := range f.acts {
		if _, ok := e.Content.(*Member); ok && e.Ref.Device == f.recovery {
			again = append(again, e)
		}
	}
	f.acts = slices.DeleteFunc(f.acts, func(e chart.Entry) bool {
		c, ok := e.Content.(*Revoked)
		return ok && slices.ContainsFunc(again, func(m chart.Entry) bool {
			return m.Content.(*Member).Key.Device() == c.Device && chart.Seen(m, e)
		})
	})
}

// reachOf is what a revocation leaves trusted: each pinned epoch up to its pin,
// and the epochs before it as far as each names the one before.
func reachOf(c *Revoked, epochs Epochs) journal.Vector {
	v := journal.Vector{}
	for _, p := range c.Pins {
		at := chart.Ref{Device: c.Device, Epoch: p.Epoch, Seq: p.Seq}
		for !v.Holds(at) && at.Seq > 0 {
			v.Add(at)
			before, ok := epochs.Previous(at.Device, at.Epoch)
			if !ok {
				break
			}
			at.Epoch, at.Seq = before.Epoch, before.Seq
		}
	}
	return v
}

// A standing is one answer to which acts count.
type standing struct {
	counts  map[chart.Ref]bool
	admins  map[chart.Device][]chart.Entry // the entries that made each device admin
	revoked map[chart.Device][]chart.Entry // the revocations that count, by target
	raised  journal.Vector                 // by the accepts that count
}

func (s standing) revocations() int {
	n := 0
	for _, r := range s.revoked {
		n += len(r)
	}
	return n
}

// settle decides which revocations count. Whether one counts may hang on
// another, and in a ring on itself; so the answer is closed in from both sides,
// from the most that could count and the least. What stays between is a ring:
// its revocations count, so that all in it are out, and what they took the ground
// from does not. (The alternating fixpoint of Van Gelder, 1989, with doubt
// settled for safety.)
func (f *folding) settle() standing {
	most := f.derive(nil)
	for {
		least := f.derive(most.revoked)
		next := f.derive(least.revoked)
		if next.revocations() == most.revocations() {
			least.revoked = most.revoked
			return least
		}
		most = next
	}
}

// derive is what counts when the revocations given do and no others.
func (f *folding) derive(revoked map[chart.Device][]chart.Entry) standing {
	s := standing{
		counts: map[chart.Ref]bool{}, admins: map[chart.Device][]chart.Entry{},
		revoked: map[chart.Device][]chart.Entry{}, raised: journal.Vector{},
	}
	for more := true; more; {
		more = false
		for _, e := range f.acts {
			if s.counts[e.Ref] || !f.mayAct(s, e) || f.cut(s, e, revoked[e.Ref.Device]) {
				continue
			}
			more = true
			s.counts[e.Ref] = true
			switch c := e.Content.(type) {
			case *Member:
				if d := c.Key.Device(); c.Admin {
					s.admins[d] = append(s.admins[d], e)
				}
			case *Revoked:
				s.revoked[c.Device] = append(s.revoked[c.Device], e)
			case *chart.Accept:
				for _, p := range c.Pins {
					s.raised.Add(p)
				}
			}
		}
	}
	return s
}

// mayAct reports whether e's writer was admin when it wrote e.
func (f *folding) mayAct(s standing, e chart.Entry) bool {
	d := e.Ref.Device
	return d == f.genesis || d == f.recovery ||
		slices.ContainsFunc(s.admins[d], func(m chart.Entry) bool { return chart.Seen(e, m) })
}

// cut reports whether e stands after the pins of one of the revocations of e's
// writer. A revocation written in knowledge of the one against its own writer, as
// a revenge, does not cut that one. Nothing cuts the recovery key's acts.
func (f *folding) cut(s standing, e chart.Entry, by []chart.Entry) bool {
	if e.Ref.Device == f.recovery || s.raised.Holds(e.Ref) {
		return false
	}
	return slices.ContainsFunc(by, func(r chart.Entry) bool {
		if c, ok := e.Content.(*Revoked); ok && c.Device == r.Ref.Device && chart.Seen(r, e) {
			return false
		}
		return !f.reach[r.Ref].Holds(e.Ref)
	})
}

// fill writes what counts into the roster.
func (f *folding) fill(r *Roster, s standing) {
	r.raised, r.revoked = s.raised, s.revoked
	r.limits = map[chart.Device][]journal.Vector{}
	for d, by := range s.revoked {
		for _, e := range by {
			r.limits[d] = append(r.limits[d], f.reach[e.Ref])
		}
	}
	members := map[chart.Device][]chart.Entry{}
	people := map[string][]chart.Entry{}
	var gossip, keep []chart.Entry
	follow := follows(f.acts)
	for _, e := range f.acts {
		if !s.counts[e.Ref] {
			continue
		}
		switch c := e.Content.(type) {
		case *Member:
			members[c.Key.Device()] = append(members[c.Key.Device()], e)
		case *Person:
			people[c.ID] = append(people[c.ID], e)
		case *GossipKey:
			if follow[e.Ref] {
				gossip = append(gossip, e)
			}
		case *Retention:
			keep = append(keep, e)
		}
	}
	r.gossip, r.keep = gossipOf(gossip), keepOf(keep)
	if g := r.Genesis; members[f.genesis] == nil {
		r.members[f.genesis] = MemberState{Member: g.Admin, Device: f.genesis}
	}
	for d, said := range members {
		latest := latestOf(said)
		first := slices.MinFunc(latest, func(a, b chart.Entry) int {
			return cmp.Compare(a.Content.(*Member).Grant, b.Content.(*Member).Grant)
		})
		m := MemberState{Member: *first.Content.(*Member), Device: d}
		m.Disputed = slices.ContainsFunc(latest, func(e chart.Entry) bool { return *e.Content.(*Member) != m.Member })
		r.members[d] = m
	}
	for d, m := range r.members {
		if d == f.genesis || len(s.admins[d]) > 0 {
			m.Admin, m.Grant = true, GrantAll
		}
		m.Out = len(r.limits[d]) > 0
		r.members[d] = m
	}
	for id, said := range people {
		latest := latestOf(said)
		first := slices.MaxFunc(latest, func(a, b chart.Entry) int {
			return cmp.Compare(leftRank(a), leftRank(b))
		})
		p := PersonState{Person: *first.Content.(*Person)}
		p.Disputed = slices.ContainsFunc(latest, func(e chart.Entry) bool { return !e.Content.(*Person).same(&p.Person) })
		r.people[id] = p
	}
}

func leftRank(e chart.Entry) int {
	if e.Content.(*Person).Left {
		return 1
	}
	return 0
}

// latestOf is the entries that no other had seen: one, or several written while
// apart, by place.
func latestOf(said []chart.Entry) []chart.Entry {
	return slices.Collect(func(yield func(chart.Entry) bool) {
		for _, e := range said {
			if !slices.ContainsFunc(said, func(o chart.Entry) bool { return o.Ref != e.Ref && chart.Seen(o, e) && !chart.Seen(e, o) }) && !yield(e) {
				return
			}
		}
	})
}
