package clinic

import (
	"fieldkit/triage/chart"
	"fieldkit/triage/handover"
	"fieldkit/ui/lang"
)

// The areas of a note's assessments beside the systems examined, in the record's words.
const (
	areaComplaint  = handover.Complaint
	areaHistory    = "history"
	areaAssessment = "assessment"
	areaPlan       = "plan"
)

// areaKeys are the screen's words for them.
var areaKeys = map[string]lang.Key{
	areaComplaint: lang.NoteComplaint, areaHistory: lang.NoteHistory, areaAssessment: lang.NoteAssessment, areaPlan: lang.NotePlan,
}

// suspected is what an assessment says that nobody has confirmed.
const suspected = "suspected"

// certainties are the words of an assessment.
var certainties = map[string]lang.Key{suspected: lang.SuspectedWord}

// A section is one part of a note.
type section uint8

const (
	complaint section = iota
	history
	examination
	judgement
	plan
	sections
)

// An answer is what was said of one chip. The zero answer is that nobody asked, which is
// recorded as nothing and never as no.
type answer uint8

const (
	notAsked answer = iota
	yes             // there, chosen; of a judgement suspected
	no              // asked or looked for, and not there; of a judgement ruled out
	sure            // of a judgement: confirmed
)

// A place is one chip: of which section, of an examination of which system, which.
type place struct {
	section      section
	system, chip int
}

// A note is what one person has tapped for one patient and not yet recorded.
type note struct {
	answers map[place]answer
	since   int // of the list's, -1 none
	changes int // how often it was changed
}

func newNote() *note { return &note{answers: map[place]answer{}, since: -1} }

// unrecorded is how many answers wait.
func (n *note) unrecorded() int {
	if n.since >= 0 {
		return len(n.answers) + 1
	}
	return len(n.answers)
}

// clear forgets every answer: they are recorded.
func (n *note) clear() {
	clear(n.answers)
	n.since = -1
	n.changes++
}

// lasted says how long it has lasted; the same again takes that back.
func (n *note) lasted(since int) {
	if n.since == since {
		since = -1
	}
	n.since = since
	n.changes++
}

// count is how many answers a section has.
func (n *note) count(s section) (count int) {
	for p := range n.answers {
		if p.section == s {
			count++
		}
	}
	return count
}

// tapped gives a chip its next answer: complaints and plans are there or not said;
// history and findings are yes, no, not asked; a judgement is suspected, confirmed, ruled
// out, not said. What is normal has no findings beside it.
func (n *note) tapped(l *NoteList, p place) {
	next := map[answer]answer{notAsked: yes, yes: no, no: notAsked}
	c := l.chips(p.section, p.system)[p.chip]
	switch {
	case p.section == complaint, p.section == plan, c.Normal:
		next = map[answer]answer{notAsked: yes, yes: notAsked}
	case p.section == judgement:
		next = map[answer]answer{notAsked: yes, yes: sure, sure: no, no: notAsked}
	}
	n.changes++
	to := next[n.answers[p]]
	if to == notAsked {
		delete(n.answers, p)
	} else {
		n.answers[p] = to
	}
	if p.section != examination || to != yes {
		return
	}
	for i, other := range l.Examination[p.system].Findings {
		q := place{examination, p.system, i}
		if q != p && (c.Normal || other.Normal) && n.answers[q] == yes {
			delete(n.answers, q)
		}
	}
}

// chips are those of a section; of an examination those of a system.
func (l *NoteList) chips(s section, system int) []Chip {
	switch s {
	case complaint:
		return l.Complaint
	case history:
		return l.History
	case examination:
		return l.Examination[system].Findings
	case judgement:
		return l.Assessment
	case plan:
		return l.Plan
	}
	return nil
}

// contents is the note as the record has it: an assessment for each area that has an
// answer, and what the patient has from now on as a condition. What nobody asked is not
// there.
func (n *note) contents(l *NoteList) []chart.Content {
	var out []chart.Content
	area := func(name string, s section, system int) {
		a := &chart.Assessment{Area: name}
		var lasting []chart.Content
		for i, c := range l.chips(s, system) {
			f := chart.Finding{Name: c.Name, Presence: chart.FindingPresent}
			switch said := n.answers[place{s, system, i}]; {
			case said == notAsked:
				continue
			case said == no:
				f.Presence = chart.FindingAbsent
			case said == sure:
				lasting = append(lasting, &chart.ConditionAdded{Item: chart.Named{Name: c.Name}, Source: "clinician"})
				continue
			case c.Condition:
				lasting = append(lasting, &chart.ConditionAdded{Item: chart.Named{Name: c.Name}, Source: "patient"})
				continue
			case s == judgement:
				f.Text = suspected
			}
			a.Findings = append(a.Findings, f)
		}
		if s == complaint && n.since >= 0 {
			a.Text = l.Since[n.since].Name
		}
		if len(a.Findings) > 0 || a.Text != "" {
			out = append(out, a)
		}
		out = append(out, lasting...)
	}
	area(areaComplaint, complaint, 0)
	area(areaHistory, history, 0)
	for i, s := range l.Examination {
		area(s.Name, examination, i)
	}
	area(areaAssessment, judgement, 0)
	area(areaPlan, plan, 0)
	return out
}
