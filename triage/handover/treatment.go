package handover

import (
	"fmt"
	"slices"
	"strings"

	"fieldkit/triage/chart"
)

// treatment is what was given and done, with true times; in ATMIST the time of
// arrival, in IMIST-AMBO the trends.
func (w *writer) treatment() {
	w.drugs()
	done := 0
	for _, f := range w.c.Of(chart.TypeProcedure) {
		p := f.Content.(*chart.Procedure)
		done++
		w.item(fmt.Sprintf("procedure-%d", done), Item{Text: procedure(p) + " at " + w.clock(f), Known: true, Critical: true, From: []chart.Ref{f.Ref}})
	}
	var words []string
	var from []chart.Ref
	for _, f := range w.c.Of(chart.TypeEvent) {
		e := f.Content.(*chart.Event)
		if slices.Contains(began, strings.ToLower(e.Name)) || slices.Contains(route, strings.ToLower(e.Name)) {
			continue
		}
		text := e.Name + " at " + w.clock(f)
		if e.Text != "" {
			text += ": " + e.Text
		}
		words, from = append(words, text), append(from, f.Ref)
	}
	if len(words) > 0 {
		w.item("events", Item{Text: strings.Join(words, "; "), Known: true, Critical: true, From: from})
	}
	if w.order == ATMIST {
		w.arrival()
	} else {
		w.trends()
	}
}

func procedure(p *chart.Procedure) string {
	words := []string{p.Name}
	for _, more := range [...]string{p.Site, p.Size} {
		if more != "" {
			words = append(words, more)
		}
	}
	text := strings.Join(words, " ")
	if p.Outcome != "" {
		text += ", " + p.Outcome
	}
	if p.Tries > 1 {
		text += fmt.Sprintf(", %d tries", p.Tries)
	}
	if p.Text != "" {
		text += ", " + p.Text
	}
	return text
}

// drugs are those given, one item each: every dose with its time, and the sum of
// single doses. That none is recorded is said, and is not that none was given.
func (w *writer) drugs() {
	doubles := w.c.DoubleDoses()
	n := 0
	for _, v := range w.c.Drugs() {
		var words []string
		var from []chart.Ref
		for _, f := range v.Doses {
			words, from = append(words, w.dose(f)+doubted(f)), append(from, f.Ref)
		}
		for _, f := range v.Refused {
			words, from = append(words, "refused at "+w.clock(f)), append(from, f.Ref)
		}
		if len(words) == 0 {
			continue
		}
		text := v.Drug.Name + " " + strings.Join(words, ", ")
		for _, t := range v.Totals {
			if t.Doses > 1 {
				text += fmt.Sprintf("; %d doses, together %s", t.Doses, t.Amount.String()+unit(t.Unit))
			}
		}
		if slices.ContainsFunc(doubles, func(d chart.DoubleDose) bool { return slices.Contains(v.Doses, d.First) }) {
			text += "; possible double dose, charted by two who did not see each other"
		}
		n++
		w.item(fmt.Sprintf("drug-%d", n), Item{Text: text, Known: true, Critical: true, From: from})
	}
	if n == 0 {
		w.item("drugs", Item{Text: "drugs given: none recorded", Critical: true})
	}
}

// dose is one dose in words.
func (w *writer) dose(f *chart.Fact) string {
	g := f.Content.(*chart.DrugGiven)
	var words []string
	switch g.Phase {
	case chart.InfusionStarted, chart.InfusionChanged, chart.InfusionStopped:
		words = append(words, "infusion "+string(g.Phase))
	}
	switch {
	case g.Dose.Amount != nil:
		words = append(words, g.Dose.Amount.String()+unit(g.Dose.Unit))
	case g.Phase != chart.InfusionStopped:
		words = append(words, "amount not known")
	}
	for _, more := range [...]string{g.Dose.Route, g.Dose.Site} {
		if more != "" {
			words = append(words, more)
		}
	}
	words = append(words, "at "+w.clock(f))
	if g.By != "" {
		words = append(words, "by "+g.By)
	}
	return strings.Join(words, " ")
}
