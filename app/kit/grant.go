package kit

import (
	"slices"

	"fieldkit/sync/identity"
	"fieldkit/triage/chart"
)

// A judge says who may read an encounter: by the roster, and by what those who may
// read it said themselves. It holds no state of its own.
type judge struct {
	roster *identity.Roster
	trusts func(chart.Ref) bool
}

// readers are who may read an encounter, beside those who may read all.
type readers struct {
	judge
	openers []chart.Device
	said    []claim // by writers who may read it
	claims  []claim // of those the ones that none struck out
}

// of judges an encounter by its claims. A claim counts when its writer's key was
// trusted then and its writer may read the encounter by another's word: nobody
// lets itself in.
func (j judge) of(claims []claim) readers {
	r := readers{judge: j}
	claims = slices.DeleteFunc(slices.Clone(claims), func(c claim) bool { return !j.trusts(c.at) })
	for _, c := range claims {
		if c.kind == claimOpened && !slices.Contains(r.openers, c.at.Device) {
			r.openers = append(r.openers, c.at.Device)
		}
	}
	// Each round lets in those whom the ones let in before named.
	let := map[chart.Device]bool{}
	in := func(d chart.Device) bool { return let[d] || r.byRoster(d) }
	for more := true; more; {
		more = false
		for _, c := range claims {
			if (c.kind == claimBound || c.kind == claimHanded) && c.station != c.at.Device && in(c.at.Device) && !in(c.station) {
				let[c.station], more = true, true
			}
		}
	}
	r.said = slices.DeleteFunc(claims, func(c claim) bool { return !in(c.at.Device) })
	r.claims = slices.DeleteFunc(slices.Clone(r.said), func(c claim) bool { return struck(r.said, c.at, len(r.said)) })
	return r
}

// struck reports whether an entry is retracted by one that is not. Deep bounds a
// ring of retractions, which no honest station writes.
func struck(claims []claim, at chart.Ref, deep int) bool {
	return deep > 0 && slices.ContainsFunc(claims, func(c claim) bool {
		return c.kind == claimRetracted && c.of == at && !struck(claims, c.at, deep-1)
	})
}

// byRoster reports whether the roster alone lets a device read it: its grant is of
// all, or it or its site opened it. A device withdrawn since keeps what it could
// say before.
func (r readers) byRoster(d chart.Device) bool {
	m, ok := r.roster.Member(d)
	if !ok {
		return false
	}
	if m.Grant == identity.GrantAll {
		return true
	}
	if len(r.openers) == 0 {
		return false // what two sites say they opened is of neither
	}
	return !slices.ContainsFunc(r.openers, func(o chart.Device) bool {
		by, ok := r.roster.Member(o)
		return o != d && !(ok && m.Grant == identity.GrantSite && by.Site == m.Site)
	})
}

// may reports whether a device may read the encounter: what the roster lets it, what
// was handed to it, and what is on the way to it. A patient on the way elsewhere is
// no longer on the way here.
func (r readers) may(d chart.Device) bool {
	if r.byRoster(d) {
		return true
	}
	return slices.ContainsFunc(r.claims, func(c claim) bool {
		return c.station == d && c.at.Device != d && (c.kind == claimHanded || c.kind == claimBound && !r.rebound(c))
	})
}

// rebound reports whether the destination was said anew by somebody who had seen it.
func (r readers) rebound(old claim) bool {
	return slices.ContainsFunc(r.claims, func(c claim) bool { return c.rebinds(old) })
}

func (c claim) rebinds(old claim) bool {
	return c.kind == claimBound && old.kind == claimBound && c.at != old.at &&
		chart.Seen(chart.Entry{Ref: c.at, Saw: c.saw}, chart.Entry{Ref: old.at})
}

// partings are the entries that ended what a device may read: it gets these still, so
// that nobody there waits for a patient who went elsewhere.
func (r readers) partings(d chart.Device) (out []chart.Ref) {
	for _, old := range r.said {
		if old.station != d {
			continue
		}
		for _, c := range r.said {
			if c.rebinds(old) || c.kind == claimRetracted && c.of == old.at {
				out = append(out, c.at)
			}
		}
	}
	return out
}

// taken are the entries of other encounters that belong to this one, with where
// they came from.
func (r readers) taken() (out []claim) {
	for _, c := range r.claims {
		if c.kind == claimMoved {
			out = append(out, c)
		}
	}
	return out
}
