package handover

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// identification is who the patient is, as far as it is known.
func (w *writer) identification() {
	who := map[chart.Field]chart.FieldView{}
	for _, v := range w.c.Person() {
		who[v.Field] = v
	}
	var words []string
	var from []chart.Ref
	say := func(label string, f chart.Field) bool {
		var said []string
		for _, v := range slices.Concat(who[f].Stands, who[f].Unconfirmed) {
			text := v.Value + doubted(v.From)
			if f == chart.FieldAge {
				text = years(v.Value) + doubted(v.From)
			}
			if v.Value != "" && !slices.Contains(said, text) {
				said = append(said, text)
				from = append(from, v.From.Ref)
			}
		}
		if len(said) == 0 {
			return false
		}
		text := label + strings.Join(said, " or ")
		if len(said) > 1 {
			text += " (not settled)"
		}
		words = append(words, text)
		return true
	}
	family, given := say("", chart.FieldFamily), say("", chart.FieldGiven)
	if label := say(either(family || given, "also known as ", ""), chart.FieldLabel); !family && !given && !label {
		words = append(words, "name not known")
	}
	say("called ", chart.FieldCalled)
	age := say("age ", chart.FieldAge)
	if !say("born ", chart.FieldBirth) && !age {
		words = append(words, "age not known")
	}
	if !say("", chart.FieldSex) {
		words = append(words, "sex not known")
	}
	if s := w.views[vital.Weight]; s.LastValue != nil {
		words = append(words, "weight "+shown(*s.LastValue))
		from = append(from, s.LastValue.From.Ref)
	}
	w.item("", Item{Text: strings.Join(words, ", "), Known: len(from) > 0, Critical: true, From: from})
}

// years is an age as it is said: "67 a" is 67 years.
func years(age string) string {
	n, unit, _ := strings.Cut(age, " ")
	for _, u := range [...][2]string{{"a", "years"}, {"mo", "months"}, {"wk", "weeks"}, {"d", "days"}} {
		if unit == u[0] {
			return n + " " + u[1]
		}
	}
	return age
}

// began are the events that say when it happened.
var began = []string{"incident", "injury", "onset", "symptom onset", "last known well", "collapsed", "fell"}

// route are the events of the run, told with the time of the incident.
var route = []string{"on scene", "with patient", "left scene", "at hospital"}

// incident is when it happened, and the course of the run.
func (w *writer) incident() {
	var words []string
	var from []chart.Ref
	known := false
	for _, f := range w.c.Of(chart.TypeEvent) {
		name := f.Content.(*chart.Event).Name
		if slices.Contains(began, strings.ToLower(name)) || slices.Contains(route, strings.ToLower(name)) {
			words, from = append(words, name+" at "+w.clock(f)), append(from, f.Ref)
			known = known || slices.Contains(began, strings.ToLower(name))
		}
	}
	if !known {
		words = append([]string{"time of the incident " + notKnown}, words...)
	}
	w.item(either(w.part == Time, "", "time"), Item{Text: strings.Join(words, "; "), Known: known, From: from})
}

// mechanism is what happened, or what the patient complains of.
func (w *writer) mechanism() {
	var words []string
	var from []chart.Ref
	for _, f := range w.c.Of(chart.TypeEncounterOpened) {
		if said := f.Content.(*chart.EncounterOpened).Complaint; said != "" && !slices.Contains(words, said) {
			words, from = append(words, said), append(from, f.Ref)
		}
	}
	for _, f := range w.c.Of(chart.TypeAssessment) {
		if a := f.Content.(*chart.Assessment); complains(a) {
			words, from = append(words, found(a)), append(from, f.Ref)
		}
	}
	w.item("", Item{Text: cmp.Or(strings.Join(words, "; "), notKnown), Known: len(words) > 0, From: from})
}

// complains reports whether an assessment says what happened or what the patient
// complains of.
func complains(a *chart.Assessment) bool {
	return strings.EqualFold(a.Area, string(Mechanism)) || strings.EqualFold(a.Area, Complaint)
}

// Complaint is the area of an assessment that says what the patient complains of, and
// Body of one that says what is found at places of the body.
const (
	Complaint = "complaint"
	Body      = string(Injuries)
)

// injuries is what was found on examining, and the category given. What is there is
// told first, place by place.
func (w *writer) injuries() {
	words, from := w.places()
	for _, f := range w.c.Of(chart.TypeAssessment) {
		if a := f.Content.(*chart.Assessment); !complains(a) && !strings.EqualFold(a.Area, Body) {
			words, from = append(words, a.Area+": "+found(a)+" ("+w.clock(f)+")"), append(from, f.Ref)
		}
	}
	w.item("", Item{Text: cmp.Or(strings.Join(words, "; "), notKnown), Known: len(words) > 0, From: from})
	words, from = nil, nil
	for _, f := range w.c.Triage().Stands {
		t := f.Content.(*chart.Triage)
		words = append(words, fmt.Sprintf("triage %s by %s at %s", t.Category, t.Scheme, w.clock(f)))
		from = append(from, f.Ref)
	}
	if len(words) > 1 {
		words = append(words, "not settled")
	}
	if len(words) > 0 {
		w.item("triage", Item{Text: strings.Join(words, "; "), Known: true, From: from})
	}
}

// places is what was charted of each place of the body, with its times: those where
// something is there, then those where something was looked for and is not, then those
// that were not examined. What was there and later not is told as both.
func (w *writer) places() (words []string, from []chart.Ref) {
	type place struct {
		site string
		rank int
		told []string
		when string // of the last told
	}
	var all []*place
	for _, f := range w.c.Of(chart.TypeAssessment) {
		a := f.Content.(*chart.Assessment)
		if !strings.EqualFold(a.Area, Body) {
			continue
		}
		from = append(from, f.Ref)
		tell := func(site, text string, rank int) {
			i := slices.IndexFunc(all, func(p *place) bool { return p.site == site })
			if i < 0 {
				i, all = len(all), append(all, &place{site: site, rank: rank})
			}
			p, when := all[i], " ("+w.clock(f)+")"
			p.rank = min(p.rank, rank)
			if n := len(p.told); n > 0 && p.when == when { // said once for those of one minute
				p.told[n-1] = strings.TrimSuffix(p.told[n-1], when)
			}
			p.told, p.when = append(p.told, text+when), when
		}
		for _, x := range a.Findings {
			site := x.Site
			x.Site = ""
			tell(site, found(&chart.Assessment{Findings: []chart.Finding{x}}), rankOf(x.Presence))
		}
		if a.Text != "" {
			tell("", a.Text, rankOf(chart.FindingPresent))
		}
	}
	slices.SortStableFunc(all, func(p, q *place) int { return cmp.Compare(p.rank, q.rank) })
	for _, p := range all {
		text := strings.Join(p.told, ", ")
		if p.site != "" {
			text = p.site + ": " + text
		}
		words = append(words, text)
	}
	return words, from
}

// rankOf orders presences as they are told.
func rankOf(p chart.Presence) int {
	switch p {
	case chart.FindingPresent:
		return 0
	case chart.FindingAbsent:
		return 1
	}
	return 2
}

// found is an assessment in words. What was not examined is said to be so.
func found(a *chart.Assessment) string {
	var words []string
	for _, f := range a.Findings {
		text := f.Name
		if f.Site != "" {
			text += " " + f.Site
		}
		if f.Value != nil {
			text += " " + f.Value.String() + unit(f.Unit)
		}
		if f.Text != "" {
			text += " (" + f.Text + ")"
		}
		switch f.Presence {
		case chart.FindingAbsent:
			text = "no " + text
		case chart.FindingNotAsked:
			text += " not examined"
		}
		words = append(words, text)
	}
	if a.Text != "" {
		words = append(words, a.Text)
	}
	return strings.Join(words, ", ")
}

// background is what the patient brings along; removed items are not told.
func (w *writer) background(name string, critical bool, all []chart.Background) {
	var words []string
	var from []chart.Ref
	for _, b := range all {
		for _, f := range b.Added {
			from = append(from, f.Ref)
			if text := brought(f.Content) + doubted(f); !slices.Contains(words, text) {
				words = append(words, text)
			}
		}
	}
	w.item(name, Item{Text: cmp.Or(strings.Join(words, "; "), notKnown), Known: len(words) > 0, Critical: critical, From: from})
}

// brought is one allergy, medicine or condition in words.
func brought(content chart.Content) string {
	var n chart.Named
	var more []string
	switch c := content.(type) {
	case *chart.AllergyAdded:
		n, more = c.Item, []string{c.Reaction, c.Severity, said(c.Source)}
	case *chart.MedicineAdded:
		n, more = c.Item, []string{c.Dose, either(c.Last == "", "", "last "+c.Last), said(c.Source)}
	case *chart.ConditionAdded:
		n, more = c.Item, []string{either(c.Since == "", "", "since "+c.Since), said(c.Source)}
	}
	more = slices.DeleteFunc(append([]string{n.Text}, more...), func(s string) bool { return s == "" })
	if len(more) == 0 {
		return n.Name
	}
	return n.Name + " (" + strings.Join(more, ", ") + ")"
}

func said(source string) string { return either(source == "", "", "says "+source) }

// other is whether to resuscitate, what the patient agreed to, whom to tell, where
// the vehicle is, and what makes the record itself doubtful.
func (w *writer) other() {
	var words []string
	var from []chart.Ref
	for _, f := range w.c.CodeStatus().Stands {
		s := f.Content.(*chart.CodeStatus)
		text := s.Status
		if s.Document != "" {
			text += ", document seen: " + s.Document
		}
		if s.Text != "" {
			text += ", " + s.Text
		}
		words, from = append(words, text), append(from, f.Ref)
	}
	text := cmp.Or(strings.Join(words, " or "), notKnown)
	if len(words) > 1 {
		text += " (not settled)"
	}
	w.item("code-status", Item{Text: "resuscitation: " + text, Known: len(words) > 0, Critical: true, From: from})

	w.people()
	w.decided()
	w.notes()
	if w.order != ATMIST {
		w.arrival()
	}
	if n := len(w.c.Doubts()); n > 0 {
		from = nil
		var why []string
		for _, d := range w.c.Doubts() {
			if !slices.Contains(why, d.Why.String()) {
				why = append(why, d.Why.String())
			}
			from = append(from, d.At)
		}
		w.item("record", Item{Text: "the record may not be whole: " + strings.Join(why, ", "), Known: true, Critical: true, From: from})
	}
}

// people is whom to tell, how to speak to the patient, and what they agreed to.
func (w *writer) people() {
	var words []string
	var from []chart.Ref
	for _, f := range [...]struct {
		field chart.Field
		label string
	}{{chart.FieldContact, "next of kin: "}, {chart.FieldLanguage, "language: "}} {
		for _, v := range w.c.Field(f.field).Stands {
			if v.Value != "" {
				words, from = append(words, f.label+v.Value), append(from, v.From.Ref)
			}
		}
	}
	for _, f := range w.c.Of(chart.TypeRefusal) {
		r := f.Content.(*chart.Refusal)
		words, from = append(words, "refused "+r.What+" at "+w.clock(f)+", capacity "+r.Capacity), append(from, f.Ref)
	}
	consents := w.c.Consents()
	for _, what := range sortedKeys(consents) {
		for _, f := range consents[what].Stands {
			words, from = append(words, "consent to "+what+": "+f.Content.(*chart.Consent).Status), append(from, f.Ref)
		}
	}
	w.item("people", Item{Text: cmp.Or(strings.Join(words, "; "), "next of kin "+notKnown), Known: len(words) > 0, From: from})
}

// decided is what clinicians decided, as that a saturation of 88 to 92 % is aimed at.
func (w *writer) decided() {
	var words []string
	var from []chart.Ref
	decisions := w.c.Decisions()
	for _, name := range sortedKeys(decisions) {
		for _, f := range decisions[name].Stands {
			d := f.Content.(*chart.Decision)
			words, from = append(words, d.Name+" "+d.Value+" ("+d.Why+") at "+w.clock(f)), append(from, f.Ref)
		}
	}
	if len(words) > 0 {
		w.item("decisions", Item{Text: strings.Join(words, "; "), Known: true, From: from})
	}
}

// notes are what the crew wrote in its own words.
func (w *writer) notes() {
	var words []string
	var from []chart.Ref
	for _, f := range w.c.Of(chart.TypeNote) {
		words, from = append(words, f.Content.(*chart.Note).Text+" ("+w.clock(f)+")"), append(from, f.Ref)
	}
	if len(words) > 0 {
		w.item("notes", Item{Text: strings.Join(words, "; "), Known: true, From: from})
	}
}

// arrival is when the vehicle says it comes, as times of the day: minutes would be
// old before they are read.
func (w *writer) arrival() {
	f := w.c.Course().ETA
	if f == nil {
		w.item("arrival", Item{Text: "time of arrival " + notKnown})
		return
	}
	at := f.At.Add(seconds(f.Content.(*chart.ETA).Seconds))
	w.item("arrival", Item{Text: fmt.Sprintf("arrives at %s, as said at %s", w.at(at), w.clock(f)), Known: true, From: []chart.Ref{f.Ref}})
}
