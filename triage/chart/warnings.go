package chart

import (
	"slices"

	"fieldkit/triage/vital"
)

// AlarmState is how far an alarm has been dealt with.
type AlarmState string

// The states.
const (
	AlarmActive        AlarmState = "active"
	AlarmAnswered      AlarmState = "acknowledged"
	AlarmOver          AlarmState = "cleared"
	AlarmOverUnnoticed AlarmState = "cleared, not acknowledged"
)

// An AlarmView is one alarm and what became of it.
type AlarmView struct {
	Raised       *Fact // its content is an *AlarmRaised
	Acknowledged []*Fact
	Cleared      []*Fact
	Paused       []*Fact // pauses that name it
}

// State is how far the alarm has been dealt with.
func (a AlarmView) State() AlarmState {
	switch {
	case len(a.Cleared) > 0 && len(a.Acknowledged) > 0:
		return AlarmOver
	case len(a.Cleared) > 0:
		return AlarmOverUnnoticed
	case len(a.Acknowledged) > 0:
		return AlarmAnswered
	}
	return AlarmActive
}

// Alarms are the alarms as recorded, in order. What sounds now is triage/alarm's
// to say, not the record's.
func (c *Chart) Alarms() []AlarmView {
	byRaise := map[Ref][3][]*Fact{}
	note := func(slot int, of []Ref, f *Fact) {
		for _, r := range of {
			s := byRaise[r]
			s[slot] = append(s[slot], f)
			byRaise[r] = s
		}
	}
	for _, f := range c.Of(TypeAlarmAcknowledged, TypeAlarmCleared, TypeAlarmPaused) {
		switch a := f.Content.(type) {
		case *AlarmAcknowledged:
			note(0, a.Of, f)
		case *AlarmCleared:
			note(1, a.Of, f)
		case *AlarmPaused:
			note(2, a.Of, f)
		}
	}
	var out []AlarmView
	for _, f := range c.Of(TypeAlarmRaised) {
		s := byRaise[f.Ref]
		out = append(out, AlarmView{f, s[0], s[1], s[2]})
	}
	return out
}

// A LimitView is the alarm limits of one sign.
type LimitView struct {
	Sign vital.Sign
	Choice
}

// Limit is the limit that an entry of the choice sets.
func (v LimitView) Limit(f *Fact) Limit {
	limits := f.Content.(*LimitsSet).Limits
	i := slices.IndexFunc(limits, func(l Limit) bool { return l.Sign == v.Sign })
	return limits[i]
}

// Limits are the alarm limits set for this patient, by sign. Where several stand,
// the alarm engine should use the one that alarms first.
func (c *Chart) Limits() []LimitView {
	set := map[vital.Sign][]*Fact{}
	for _, f := range c.Of(TypeLimitsSet) {
		for _, l := range f.Content.(*LimitsSet).Limits {
			if of := set[l.Sign]; len(of) == 0 || of[len(of)-1] != f {
				set[l.Sign] = append(of, f)
			}
		}
	}
	var out []LimitView
	for sign, facts := range set {
		out = append(out, LimitView{sign, choose(facts)})
	}
	slices.SortFunc(out, func(a, b LimitView) int { return int(a.Sign) - int(b.Sign) })
	return out
}

// A Handover is one handover and how much of it was read back.
type Handover struct {
	Offered  *Fact // its content is a *HandoverOffered
	Items    []HandoverState
	Accepted []*Fact
	// Strange are read-backs of items that the handover does not have.
	Strange []*Fact
}

// A HandoverState is one item and what the receiver said of it.
type HandoverState struct {
	Item      HandoverItem
	Right     []*Fact
	Questions []*Fact // read-backs that got it wrong and that no later one put right
}

// ReadBack reports whether the item was read back right and nothing is open.
func (s HandoverState) ReadBack() bool { return len(s.Right) > 0 && len(s.Questions) == 0 }

// Received reports whether every critical item, or of a handover without critical
// items every item, was read back right.
func (h Handover) Received() bool {
	critical := slices.ContainsFunc(h.Items, func(s HandoverState) bool { return s.Item.Critical })
	return !slices.ContainsFunc(h.Items, func(s HandoverState) bool {
		return (s.Item.Critical || !critical) && !s.ReadBack()
	})
}

// Handovers are the handovers that end this team's care, in order; those to a station
// that cares on are [Chart.Transfers].
func (c *Chart) Handovers() []Handover {
	var out []Handover
	for _, f := range c.Of(TypeHandoverOffered) {
		if f.Content.(*HandoverOffered).Onward {
			continue
		}
		h := Handover{Offered: f}
		said := map[string][]*Fact{}
		for _, b := range c.Of(TypeHandoverReadBack) {
			r := b.Content.(*HandoverReadBack)
			if r.Of != f.Ref {
				continue
			}
			for _, i := range r.Items {
				said[i.Key] = append(said[i.Key], b)
			}
		}
		for _, item := range f.Content.(*HandoverOffered).Items {
			s := HandoverState{Item: item}
			for _, b := range heads(said[item.Key]) {
				if rightAbout(b, item.Key) {
					s.Right = append(s.Right, b)
				} else {
					s.Questions = append(s.Questions, b)
				}
			}
			h.Items = append(h.Items, s)
			delete(said, item.Key)
		}
		for _, strange := range said {
			h.Strange = append(h.Strange, strange...)
		}
		slices.SortFunc(h.Strange, (*Fact).Compare)
		h.Strange = slices.Compact(h.Strange)
		for _, a := range c.Of(TypeHandoverAccepted) {
			if a.Content.(*HandoverAccepted).Of == f.Ref {
				h.Accepted = append(h.Accepted, a)
			}
		}
		out = append(out, h)
	}
	return out
}

// rightAbout reports whether a read-back holds the item to be right; one that
// says both says not.
func rightAbout(f *Fact, key string) bool {
	right := false
	for _, i := range f.Content.(*HandoverReadBack).Items {
		if i.Key == key {
			if !i.Right {
				return false
			}
			right = true
		}
	}
	return right
}
