package kit

import (
	"slices"

	"fieldkit/app/store"
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
	said    []claim // by writers who may read it, or might
	claims  []claim // of those the ones that count
}

// of judges an encounter by its claims. A claim counts when its writer's key was
// trusted then and its writer might read the encounter by another's word when it was
// written: nobody lets itself in. What a writer says it had seen is its own word, so
// who was sent away is judged by what the entry that did so had seen.
func (j judge) of(claims []claim) readers {
	r := readers{judge: j}
	claims = slices.DeleteFunc(slices.Clone(claims), func(c claim) bool { return !j.trusts(c.at) })
	for _, c := range claims {
		if c.kind == claimOpened && !slices.Contains(r.openers, c.at.Device) {
			r.openers = append(r.openers, c.at.Device)
		}
	}
	strikes := r.strikes(claims)
	var away []claim // where the patient goes, by the word of those whom the roster lets in
	for _, c := range claims {
		if c.kind == claimBound && r.byRoster(c.at.Device) && !strikes.struck(c.at) {
			away = append(away, c)
		}
	}
	r.said = r.backed(claims, func(claim, claim) bool { return true })
	r.claims = r.backed(claims, func(c, by claim) bool {
		return !strikes.struck(by.at) && !slices.ContainsFunc(away, func(b claim) bool { return b.rebinds(by) && !b.hadSeen(c) })
	})
	r.claims = slices.DeleteFunc(r.claims, func(c claim) bool {
		return strikes.struck(c.at) || c.kind == claimRetracted && !r.mayStrike(c)
	})
	return r
}

// backed are the claims of which the roster lets the writer in, or a claim that is
// backed itself names it and holds for what it says. Each round takes in what the
// ones before back.
func (r readers) backed(claims []claim, holds func(c, by claim) bool) (out []claim) {
	var bases []claim // name a station
	rest := slices.Clone(claims)
	for more := true; more; {
		more = false
		rest = slices.DeleteFunc(rest, func(c claim) bool {
			if !r.byRoster(c.at.Device) && !slices.ContainsFunc(bases, func(by claim) bool {
				return by.station == c.at.Device && holds(c, by)
			}) {
				return false
			}
			out, more = append(out, c), true
			if (c.kind == claimBound || c.kind == claimHanded) && c.station != c.at.Device {
				bases = append(bases, c)
			}
			return true
		})
	}
	return out
}

// mayStrike reports whether a retraction takes a grant, or the end of one, back: of
// its writer's own word, or by one whom the roster lets in.
func (r readers) mayStrike(c claim) bool {
	return c.of.Device == c.at.Device || r.byRoster(c.at.Device)
}

// strikes are the retractions that take effect, by what they strike out.
type strikes struct {
	of    map[chart.Ref][]chart.Ref
	known map[chart.Ref]bool
}

func (r readers) strikes(claims []claim) strikes {
	s := strikes{map[chart.Ref][]chart.Ref{}, map[chart.Ref]bool{}}
	for _, c := range claims {
		if c.kind == claimRetracted && r.mayStrike(c) {
			s.of[c.of] = append(s.of[c.of], c.at)
		}
	}
	return s
}

// struck reports whether an entry is retracted by one that is not. A ring of
// retractions, which no honest station writes, ends where it was begun.
func (s strikes) struck(at chart.Ref) bool {
	known, ok := s.known[at]
	if !ok {
		s.known[at] = false
		known = slices.ContainsFunc(s.of[at], func(by chart.Ref) bool { return !s.struck(by) })
		s.known[at] = known
	}
	return known
}

// byRoster reports whether the roster alone lets a device read it: its grant is of
// all, or it or its site opened it. A device withdrawn since keeps what it could
// say before.
func (r readers) byRoster(d chart.Device) bool { return r.owns(r.openers, d) }

// owns reports whether a device's grant is of all, or what these devices began is
// its own or its site's.
func (j judge) owns(began []chart.Device, d chart.Device) bool {
	m, ok := j.roster.Member(d)
	if !ok {
		return false
	}
	if m.Grant == identity.GrantAll {
		return true
	}
	if len(began) == 0 {
		return false // what two sites say they began is of neither
	}
	return !slices.ContainsFunc(began, func(o chart.Device) bool {
		by, ok := j.roster.Member(o)
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
	return c.kind == claimBound && old.kind == claimBound && c.at != old.at && c.hadSeen(old)
}

func (c claim) hadSeen(old claim) bool {
	return chart.Seen(chart.Entry{Ref: c.at, Saw: c.saw}, chart.Entry{Ref: old.at})
}

// partings are the entries that ended what a device may read: it gets these still, so
// that nobody there waits for a patient who went elsewhere.
func (r readers) partings(d chart.Device) (out []chart.Ref) {
	for _, old := range r.said {
		if old.station != d || old.kind != claimBound && old.kind != claimHanded {
			continue
		}
		counts := slices.ContainsFunc(r.claims, func(c claim) bool { return c.at == old.at })
		for _, c := range r.claims {
			// One who was sent away named this device without its having been seen.
			unseen := !counts && c.kind == claimBound && r.byRoster(c.at.Device)
			if unseen || c.rebinds(old) || c.kind == claimRetracted && c.of == old.at {
				out = append(out, c.at)
			}
		}
	}
	return out
}

// whom are the patients of an encounter whose own entries go with it: those named by
// a writer that may say so, which is one with a grant of all, or whose site
// registered the patient. Else who knows an id would read whatever is said of it.
func (j judge) whom(encounter store.Reach, registrars map[chart.ID][]chart.Device) (out, refused []chart.ID) {
	for _, n := range encounter.Named {
		if n.Patient == encounter.Subject {
			continue // said of a patient alone, under whose id somebody opened an encounter
		}
		if j.trusts(n.Ref) && j.owns(registrars[n.Patient], n.Ref.Device) {
			out = append(out, n.Patient)
		} else {
			refused = append(refused, n.Patient)
		}
	}
	return out, refused
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
