package chart

import (
	"slices"
)

// Status is where an encounter is in its course.
type Status string

// The statuses.
const (
	NotOpened  Status = "not opened" // no opening entry is here
	Open       Status = "open"
	StoodDown  Status = "stood down"
	Closed     Status = "closed"
	Unsettled  Status = "ended in two ways" // closed and stood down at once
	HandedOver Status = "handed over"       // open, and a receiver has accepted the patient
)

// A Course is the encounter's status and how it came about.
type Course struct {
	Status Status
	Opened *Fact // the first opening, nil when none is here
	Ended  Choice
	// Destination, Place, Bay and Diversion are where the patient is to go and is.
	Destination, Place, Bay, Diversion Choice
	ETA, Position                      *Fact // the latest by the time it happened
	Activations                        []*Fact
	Accepted                           []*Fact
}

// Course is the encounter's course. An opening that no ending had seen stands:
// of an encounter opened and closed at once on two tablets, open holds. What a station
// says that has handed the patient on ends nothing for the one that took them over.
func (c *Chart) Course() Course {
	course := Course{
		Status:      NotOpened,
		Destination: choose(c.Of(TypeEncounterBoundFor)),
		Place:       choose(c.Of(TypeEncounterMoved)),
		Bay:         choose(c.Of(TypeBayAssigned)),
		Diversion:   choose(c.Of(TypeArrivalDiverted)),
		ETA:         last(c.Of(TypeETA)),
		Position:    last(c.Of(TypePosition)),
		Activations: c.Of(TypeActivation),
		Accepted:    c.Of(TypeArrivalAccepted),
	}
	if opened := c.Of(TypeEncounterOpened); len(opened) > 0 {
		course.Opened = opened[0]
	}
	counts := c.Of(TypeEncounterOpened, TypeEncounterClosed, TypeEncounterStoodDown)
	if transfers := c.Transfers(); len(transfers) > 0 {
		counts = slices.DeleteFunc(slices.Clone(counts), func(f *Fact) bool {
			return f.Content.Type() != TypeEncounterOpened && c.goesOn(f, transfers)
		})
	}
	stands := heads(counts)
	open := false
	for _, f := range stands {
		switch f.Content.(type) {
		case *EncounterOpened:
			open = true
		default:
			course.Ended.Stands = append(course.Ended.Stands, f)
		}
	}
	for _, f := range c.Of(TypeEncounterClosed, TypeEncounterStoodDown) {
		if !slices.Contains(course.Ended.Stands, f) {
			course.Ended.Lost = append(course.Ended.Lost, f)
		}
	}
	switch {
	case open || len(course.Ended.Stands) == 0:
		if open {
			course.Status = Open
		}
		if open && slices.ContainsFunc(c.Handovers(), func(h Handover) bool { return len(h.Accepted) > 0 }) {
			course.Status = HandedOver
		}
	case sameType(course.Ended.Stands):
		course.Status = StoodDown
		if course.Ended.Stands[0].Content.Type() == TypeEncounterClosed {
			course.Status = Closed
		}
	default:
		course.Status = Unsettled
	}
	return course
}

func sameType(facts []*Fact) bool {
	return !slices.ContainsFunc(facts, func(f *Fact) bool { return f.Content.Type() != facts[0].Content.Type() })
}

func last(facts []*Fact) *Fact {
	if len(facts) == 0 {
		return nil
	}
	return facts[len(facts)-1]
}

// Triage is the category that holds and those before it. Of several given at
// once while apart the most urgent stands first.
func (c *Chart) Triage() Choice {
	choice := choose(c.Of(TypeTriage))
	slices.SortStableFunc(choice.Stands, func(f, g *Fact) int {
		a, b := f.Content.(*Triage).Urgency, g.Content.(*Triage).Urgency
		switch {
		case a.Over(b):
			return -1
		case b.Over(a):
			return 1
		}
		return 0
	})
	return choice
}

// CodeStatus is whether to resuscitate. When two stand, a screen shows both.
func (c *Chart) CodeStatus() Choice { return choose(c.Of(TypeCodeStatus)) }

// Decisions are the clinicians' decisions, by name.
func (c *Chart) Decisions() map[string]Choice {
	return chooseBy(c.Of(TypeDecision), func(f *Fact) string { return f.Content.(*Decision).Name })
}

// Consents are what the patient agreed to, by what it is for.
func (c *Chart) Consents() map[string]Choice {
	return chooseBy(c.Of(TypeConsent), func(f *Fact) string { return folded(f.Content.(*Consent).What) })
}

func chooseBy[K comparable](facts []*Fact, key func(*Fact) K) map[K]Choice {
	parts := map[K][]*Fact{}
	for _, f := range facts {
		parts[key(f)] = append(parts[key(f)], f)
	}
	out := make(map[K]Choice, len(parts))
	for k := range parts {
		out[k] = choose(parts[k])
	}
	return out
}

// A Binding is a monitor recording to this encounter.
type Binding struct {
	Monitor string
	Bound   *Fact   // its content is a *MonitorBound
	Ended   []*Fact // the unbindings that saw it, in order; empty while it records
}

// Bindings are the monitors of this encounter, in the order they were bound. A
// monitor bound again without being unbound shows as one binding more.
func (c *Chart) Bindings() []Binding {
	var out []Binding
	for _, f := range c.Of(TypeMonitorBound) {
		b := Binding{Monitor: f.Content.(*MonitorBound).Monitor, Bound: f}
		for _, u := range c.Of(TypeMonitorUnbound) {
			if u.Content.(*MonitorUnbound).Monitor == b.Monitor && u.saw(f) {
				b.Ended = append(b.Ended, u)
			}
		}
		out = append(out, b)
	}
	return out
}

// A Correction is an entry that took another's place or struck it out.
type Correction struct {
	By *Fact // its content is an *Amendment or a *Retraction
	Of *Fact // nil when it is not here
	To *Fact // what stands in its place, nil for a retraction or when it is not here
}

// Corrections are the amendments and retractions that hold, in order.
func (c *Chart) Corrections() []Correction {
	var out []Correction
	for _, f := range c.Of(TypeAmendment, TypeRetraction) {
		of, _ := target(f)
		k := Correction{By: f, Of: c.at[of]}
		if a, ok := f.Content.(*Amendment); ok {
			k.To = c.at[a.By]
		}
		if k.Of == nil || slices.Contains(k.Of.By, f.Ref) {
			out = append(out, k)
		}
	}
	return out
}
