package chart

import (
	"maps"
	"slices"
	"strings"
)

// A Dispute is something of which only one can be true and several stand, because
// they were written at once while apart. Both stay until a person writes the entry
// that settles it.
type Dispute struct {
	About Subject
	// Of tells one dispute about a subject from another: the field's name, what a
	// consent is for, a decision's name, a drug.
	Of      string
	Choices []Settlement // at least two; the one that holds meanwhile first
}

// A Settlement is one way to settle a dispute.
type Settlement struct {
	Value string  // as the record says it; "" takes a field back
	From  []*Fact // who says so, the latest first
	// Content is what settles it so, to be written in this encounter by somebody who
	// has seen all of From.
	Content Content
}

// Subject is what a dispute is about.
type Subject uint8

// The subjects.
const (
	AboutField Subject = iota + 1
	AboutTriage
	AboutCodeStatus
	AboutConsent
	AboutDecision
	AboutDose // two doses: a choice keeps its own and strikes out the other
)

// Disputes are all there are, doses first, in an order that does not depend on when
// entries came.
func (c *Chart) Disputes() []Dispute {
	var out []Dispute
	for _, d := range c.DoubleDoses() {
		out = append(out, doseDispute(d))
	}
	add := func(about Subject, of string, choice Choice, value func(Content) string) {
		if d := disputed(about, of, choice, value); len(d.Choices) > 1 {
			out = append(out, d)
		}
	}
	add(AboutTriage, "", c.Triage(), func(c Content) string { return c.(*Triage).Category })
	add(AboutCodeStatus, "", c.CodeStatus(), func(c Content) string { return c.(*CodeStatus).Status })
	consents := c.Consents()
	for _, what := range slices.Sorted(maps.Keys(consents)) {
		add(AboutConsent, what, consents[what], func(c Content) string { return c.(*Consent).Status })
	}
	decisions := c.Decisions()
	for _, name := range slices.Sorted(maps.Keys(decisions)) {
		add(AboutDecision, name, decisions[name], func(c Content) string { return c.(*Decision).Value })
	}
	for _, v := range c.Person() {
		if d := fieldDispute(v); len(d.Choices) > 1 {
			out = append(out, d)
		}
	}
	return out
}

// disputed groups what stands by what it says; writing one of them again settles it.
func disputed(about Subject, of string, choice Choice, value func(Content) string) Dispute {
	d := Dispute{About: about, Of: of}
	for _, f := range choice.Stands {
		d.say(value(f.Content), f, f.Content)
	}
	return d
}

func fieldDispute(v FieldView) Dispute {
	d := Dispute{About: AboutField, Of: string(v.Field)}
	for _, s := range v.Stands {
		who := Demographics{}
		if who.set(v.Field, s.Value); s.Value == "" {
			who.Clear = []Field{v.Field}
		}
		d.say(s.Value, s.From, &PatientIdentified{Who: who, How: "settled"})
	}
	return d
}

func (d *Dispute) say(value string, from *Fact, content Content) {
	for i, c := range d.Choices {
		if c.Value == value {
			d.Choices[i].From = append(c.From, from)
			return
		}
	}
	d.Choices = append(d.Choices, Settlement{Value: value, From: []*Fact{from}, Content: content})
}

// chartedTwice is why a dose is struck out that was one with another.
const chartedTwice = "one dose charted twice"

func doseDispute(d DoubleDose) Dispute {
	keep := func(kept, struck *Fact) Settlement {
		given := kept.Content.(*DrugGiven)
		value := string(given.Dose.Unit)
		if given.Dose.Amount != nil {
			value = given.Dose.Amount.String() + " " + value
		}
		return Settlement{Value: strings.TrimSpace(value), From: []*Fact{kept}, Content: &Retraction{Of: struck.Ref, Why: chartedTwice}}
	}
	return Dispute{About: AboutDose, Of: drugOf(d.First.Content).Name, Choices: []Settlement{keep(d.First, d.Second), keep(d.Second, d.First)}}
}
