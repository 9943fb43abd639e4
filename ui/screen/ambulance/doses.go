package ambulance

import (
	"slices"
	"strings"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/ui/lang"
)

// names are what entries may call the drug in hand: its name and code, and the word on
// its button.
func (g *give) names() []chart.Drug { return []chart.Drug{g.drug.Drug, {Name: g.drug.Shown}} }

// is reports whether an entry's drug is the one in hand.
func (g *give) is(d chart.Drug) bool {
	return slices.ContainsFunc(g.names(), func(own chart.Drug) bool { return own.Same(d) })
}

// given are the doses of the drug in hand under any of its names, in the order they
// happened; without the ends of infusions, and with what a withdrawn tablet wrote.
func (g *give) given() (all []*chart.Fact) {
	for _, v := range g.chart.Drugs() {
		if slices.ContainsFunc(v.Doses, func(f *chart.Fact) bool { return g.is(f.Content.(*chart.DrugGiven).Drug) }) {
			all = append(all, v.Doses...)
		}
	}
	all = slices.DeleteFunc(all, func(f *chart.Fact) bool { return f.Content.(*chart.DrugGiven).Phase == chart.InfusionStopped })
	slices.SortFunc(all, (*chart.Fact).Compare)
	return all
}

// ahead is how far in the future a dose must be charted for the screen to say that a
// clock is wrong: stations' clocks are never quite the same.
const ahead = time.Minute

// lastDose is when the drug was last given, by the time it happened. Where that entry
// is of a withdrawn tablet, or not of the past, the one before it is told too.
func (g *give) lastDose(now time.Time) string {
	speech := g.s.speech
	switch {
	case g.err != nil:
		return speech.Say(lang.RecordNotRead, reason(g.err))
	case g.chart == nil:
		return speech.Say(lang.ReadingRecord)
	}
	var words []string
	for _, f := range slices.Backward(g.given()) {
		text, at := g.s.amount(f.Content.(*chart.DrugGiven)), g.s.dayTime(f.At)
		future := f.At.Sub(now) > ahead
		if future {
			text = speech.Say(lang.DoseAhead, text, at)
		} else {
			text = speech.Say(lang.LastDose, text, at, speech.Age(max(0, now.Sub(f.At))))
		}
		if f.Standing == chart.Unconfirmed {
			text += ", " + speech.Say(lang.IsUnconfirmed)
		}
		if f.Trust == chart.ClockUnset {
			text += ". " + speech.Say(lang.ClockWasUnset)
		}
		words = append(words, text)
		if !future && f.Standing != chart.Unconfirmed || len(words) == mostDoses {
			break
		}
	}
	if len(words) == 0 {
		return speech.Say(lang.NoDoseOnRecord)
	}
	return strings.Join(words, "; ")
}

// mostDoses is how many doses one line has room for.
const mostDoses = 3

type allergy struct {
	chart.Background
	matches bool // it is to the drug in hand
}

// allergies are those that stand. One is to the drug in hand when one name holds the
// other, or its code is the drug's or that of a class it belongs to: in the ATC index a
// class is the beginning of its drugs' codes. A class told by its name alone is for the
// formulary to find, which is not built; so all are shown.
func (g *give) allergies() []allergy {
	if g.chart == nil {
		return nil
	}
	var out []allergy
	for _, a := range g.chart.Allergies() {
		if a.Stands() {
			out = append(out, allergy{a, slices.ContainsFunc(a.Added, g.against)})
		}
	}
	return out
}

// against reports whether an entry tells of an allergy to the drug in hand.
func (g *give) against(f *chart.Fact) bool {
	item := f.Content.(*chart.AllergyAdded).Item
	lower := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
	for _, own := range g.names() {
		name, drug := lower(item.Name), lower(own.Name)
		if drug != "" && (strings.Contains(name, drug) || strings.Contains(drug, name)) {
			return true
		}
	}
	const atc = "atc:"
	code := lower(item.Code)
	return len(code) > len(atc) && strings.HasPrefix(code, atc) && strings.HasPrefix(lower(g.drug.Code), code)
}

func (g *give) allergyWords() string {
	if g.chart == nil {
		return ""
	}
	var these, others, words []string
	for _, a := range g.allergies() {
		if a.matches {
			these = append(these, a.Name)
		} else {
			others = append(others, a.Name)
		}
	}
	if len(these) > 0 {
		words = append(words, g.s.speech.Say(lang.AllergyMatches, strings.Join(these, ", ")))
	}
	if len(others) > 0 {
		words = append(words, g.s.speech.Say(lang.AllergyOther, strings.Join(others, ", ")))
	}
	if len(words) == 0 {
		return g.s.speech.Say(lang.NoAllergyOnRecord)
	}
	return strings.Join(words, "; ")
}
