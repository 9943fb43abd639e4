package ambulance

import (
	"cmp"
	"slices"
	"strings"

	"fieldkit/triage/chart"
	"fieldkit/triage/handover"
	"fieldkit/ui/lang"
	"fieldkit/ui/widget"
)

// injuryKinds are what is found at a place of the body, in the record's words and the
// screen's. They follow the findings of the extremities in IHE's mobile Paramedicine
// Summary of Care (Physical.Finding.of.Extremities), which are those of NEMSIS eExam.16,
// gathered to what one page of buttons holds.
var injuryKinds = [...]struct {
	name string
	key  lang.Key
}{
	{"wound", lang.Wound}, {"bleeding", lang.Bleeding}, {"penetrating wound", lang.Penetrating}, {"burn", lang.Burn},
	{"deformity", lang.Deformity}, {"pain", lang.Pain}, {"swelling", lang.Swelling}, {"bruise", lang.Bruise},
	{"crush injury", lang.CrushInjury}, {"amputation", lang.Amputation}, {"foreign body", lang.ForeignBody},
	{"numb or weak", lang.NumbOrWeak}, {"rash", lang.RashWord},
}

// anyInjury is the finding that stands for all of them: absent where a place was looked
// at and nothing is there.
const anyInjury = "injury"

// otherInjury is what is absent when the whole body was looked at and nothing more is
// there than is charted.
const otherInjury = "other injury"

// term is a finding's name in the language chosen; a name of nobody's list stays as it is.
func (s *Screen) term(name string) string {
	switch name {
	case anyInjury:
		return s.speech.Say(lang.InjuryWord)
	case otherInjury:
		return s.speech.Say(lang.OtherInjury)
	}
	for _, k := range injuryKinds {
		if k.name == name {
			return strings.ToLower(s.speech.Say(k.key))
		}
	}
	if s.terms != nil {
		return s.terms(s.speech.Language, name)
	}
	return name
}

// finding is one finding in words, without its place: present, absent and not examined
// are told apart.
func (s *Screen) finding(f chart.Finding) string {
	text := s.term(f.Name)
	if f.Value != nil {
		text += " " + f.Value.String() + " " + f.Unit.Label()
	}
	if f.Text != "" {
		text += " (" + s.term(f.Text) + ")"
	}
	switch f.Presence {
	case chart.FindingAbsent:
		return s.speech.Say(lang.NotThereOf, text)
	case chart.FindingNotAsked:
		return s.speech.Say(lang.NotExaminedOf, text)
	}
	return text
}

// placed is one finding with its place in words.
func (s *Screen) placed(f chart.Finding) string {
	if f.Site == "" {
		return s.finding(f)
	}
	return s.speech.Say(lang.AssessedArea, s.speech.Site(f.Site), s.finding(f))
}

// scoreArea is the area of an assessment that is a score.
const scoreArea = "score"

// findingsTold is how many findings of one entry a line has room for, findingsOnButton a
// button; the page behind a button has all.
const (
	findingsTold     = 5
	findingsOnButton = 1
)

// assessed is so many of an assessment's findings in words, what is there before what is
// not, and how many more there are; of a score, what it came to.
func (s *Screen) assessed(a *chart.Assessment, most int) string {
	findings := slices.Clone(a.Findings)
	if a.Area == scoreArea {
		most = 1 // its answers stand on its own page
	} else {
		slices.SortStableFunc(findings, func(f, g chart.Finding) int { return cmp.Compare(presenceRank[f.Presence], presenceRank[g.Presence]) })
	}
	var words []string
	for i, f := range findings {
		if i == most {
			words = append(words, s.speech.Say(lang.AndMore, len(findings)-i))
			break
		}
		words = append(words, s.placed(f))
	}
	if a.Text != "" {
		words = append(words, s.term(a.Text))
	}
	text := strings.Join(words, ", ")
	if a.Area == handover.Body || a.Area == scoreArea {
		return text
	}
	return s.speech.Say(lang.AssessedArea, s.term(a.Area), text)
}

// presenceRank orders presences as they are told.
var presenceRank = map[chart.Presence]int{chart.FindingPresent: 0, chart.FindingAbsent: 1, chart.FindingNotAsked: 2}

// A found is a finding that stands at a place, and the entry that says so.
type found struct {
	chart.Finding
	fact *chart.Fact
}

// places is what stands of each site that an assessment names, in order of charting. Of
// one finding charted twice at one place the later holds, but that what is there is not
// taken away by a tablet that had not seen it, nor by who did not examine.
func places(c *chart.Chart) map[string][]found {
	all := map[string][]found{}
	for _, fact := range c.Of(chart.TypeAssessment) {
		for _, f := range fact.Content.(*chart.Assessment).Findings {
			if f.Site == "" {
				continue
			}
			at := slices.IndexFunc(all[f.Site], func(g found) bool { return g.Name == f.Name })
			if at < 0 {
				all[f.Site] = append(all[f.Site], found{f, fact})
				continue
			}
			if before := all[f.Site][at]; f.Presence == chart.FindingNotAsked || f.Presence == chart.FindingAbsent &&
				before.Presence == chart.FindingPresent && chart.Concurrent(*before.fact.Entry, *fact.Entry) {
				continue
			}
			all[f.Site][at] = found{f, fact}
		}
	}
	return all
}

// marks are the signs of the body map, and what stands at places the map does not name.
// What was looked for everywhere is looked for at each place where nothing else stands.
func (s *Screen) marks(all map[string][]found) (marks map[string]widget.Mark, off []string) {
	marks = map[string]widget.Mark{}
	words := map[string][]string{}
	var elsewhere []string
	for site := range all {
		elsewhere = append(elsewhere, site)
	}
	slices.Sort(elsewhere)
	for _, site := range elsewhere {
		r, on := widget.RegionOf(site)
		for _, f := range all[site] {
			if !on {
				if site != widget.WholeBody {
					off = append(off, s.placed(f.Finding))
				}
				continue
			}
			m := marks[r.Site]
			switch f.Presence {
			case chart.FindingPresent:
				m.Found++
			case chart.FindingAbsent:
				m.Absent++
			default:
				m.Unseen = true
			}
			marks[r.Site] = m
			text := s.finding(f.Finding)
			if site != r.Site {
				text = s.placed(f.Finding)
			}
			words[r.Site] = append(words[r.Site], text)
		}
	}
	for _, r := range widget.Regions {
		m := marks[r.Site]
		if m == (widget.Mark{}) {
			for _, f := range all[widget.WholeBody] {
				if f.Presence == chart.FindingAbsent {
					m.Absent++
					words[r.Site] = append(words[r.Site], s.finding(f.Finding))
				}
			}
		}
		m.Words = strings.Join(words[r.Site], ", ")
		marks[r.Site] = m
	}
	return marks, off
}
