package handover

import (
	"fmt"
	"slices"
	"strings"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
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
		words, from = append(words, event(e)+" at "+w.clock(f)), append(from, f.Ref)
	}
	if len(words) > 0 {
		w.item("events", Item{Text: strings.Join(words, "; "), Known: true, Critical: true, From: from})
	}
	w.ordered()
	w.strips()
	if w.order == ATMIST {
		w.arrival()
	} else {
		w.trends()
	}
}

// ordered are the drugs asked for that nobody has given, refused or dispensed.
func (w *writer) ordered() {
	var words []string
	var from []chart.Ref
	for _, p := range w.c.Prescriptions() {
		if !p.Open() {
			continue
		}
		d := p.Order.Content.(*chart.DrugOrdered)
		text := d.Drug.Name
		if d.Dose.Amount != nil {
			text += " " + d.Dose.Amount.String() + unit(d.Dose.Unit)
		}
		if d.Dose.Route != "" {
			text += " " + d.Dose.Route
		}
		words, from = append(words, text+" at "+w.clock(p.Order)), append(from, p.Order.Ref)
	}
	if len(words) > 0 {
		w.item("ordered", Item{Text: "asked for, not recorded as given: " + strings.Join(words, "; "), Known: true, Critical: true, From: from})
	}
}

// strips are the tracings kept, with what the monitor said of them.
func (w *writer) strips() {
	var words []string
	var from []chart.Ref
	for _, f := range w.c.Of(chart.TypeSnapshot) {
		words, from = append(words, kept(f.Content.(*chart.Snapshot))+" at "+w.clock(f)), append(from, f.Ref)
	}
	if len(words) > 0 {
		w.item("strips", Item{Text: strings.Join(words, "; "), Known: true, From: from})
	}
}

func event(e *chart.Event) string {
	if e.Text == "" {
		return e.Name
	}
	return e.Name + " (" + e.Text + ")"
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
		for _, f := range v.Dispensed {
			d := f.Content.(*chart.DrugDispensed)
			words, from = append(words, d.Quantity.String()+unit(d.Unit)+" handed over to take at "+w.clock(f)+doubted(f)), append(from, f.Ref)
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

// dose is one dose with its time.
func (w *writer) dose(f *chart.Fact) string {
	g := f.Content.(*chart.DrugGiven)
	text := given(g) + " at " + w.clock(f)
	if g.By != "" {
		text += " by " + g.By
	}
	return text
}

// given is how much of a drug, and by which way.
func given(g *chart.DrugGiven) string {
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
	return strings.Join(words, " ")
}

// Words is what one entry tells, without its time: a drug, a procedure, an event, a
// category, an allergy. It is "" for a kind that a handover does not tell of.
func Words(content chart.Content) string {
	switch c := content.(type) {
	case *chart.DrugGiven:
		return c.Drug.Name + " " + given(c)
	case *chart.DrugRefused:
		return c.Drug.Name + " refused"
	case *chart.Procedure:
		return procedure(c)
	case *chart.Event:
		return event(c)
	case *chart.Assessment:
		return c.Area + ": " + found(c)
	case *chart.Triage:
		return "triage " + c.Category + " by " + c.Scheme
	case *chart.AllergyAdded, *chart.MedicineAdded, *chart.ConditionAdded:
		return brought(c)
	case *chart.CodeStatus:
		return "resuscitation: " + c.Status
	case *chart.Snapshot:
		return kept(c)
	case *chart.EncounterMoved:
		return "patient is with " + c.Place
	}
	return ""
}

// kept is a strip in words: which leads, as the monitor calls them, and for how long.
func kept(s *chart.Snapshot) string {
	var leads []string
	end := 0.0
	for _, b := range s.Blocks {
		name := b.Lead.Info().Label
		if b.Lead == vital.UnknownLead {
			name = b.Raw
		}
		if !slices.Contains(leads, name) {
			leads = append(leads, name)
		}
		if rate := b.Rate.Float(); rate > 0 {
			end = max(end, float64(b.StartUS)/1e6+float64(b.Count)/rate)
		}
	}
	text := "strip kept"
	if len(leads) > 0 {
		text = fmt.Sprintf("strip of %.0f s kept: %s", end, strings.Join(leads, ", "))
	}
	if s.Says != "" {
		text += ", the monitor says: " + s.Says
	}
	if s.Text != "" {
		text += ", " + s.Text
	}
	return text
}
