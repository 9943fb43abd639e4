package handover

import (
	"fmt"
	"strings"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// An Order is a published order of telling; its text is the record's format.
type Order string

// The orders.
const (
	IMISTAMBO Order = "IMIST-AMBO"
	ATMIST    Order = "ATMIST"
)

// A Part is one heading of a handover, the same in every order.
type Part string

// The parts. A key of an item begins with its part.
const (
	Identification Part = "identification"
	Time           Part = "time" // of the incident
	Mechanism      Part = "mechanism"
	Injuries       Part = "injuries" // and information
	Signs          Part = "signs"
	Treatment      Part = "treatment"
	Allergies      Part = "allergies"
	Medicines      Part = "medicines"
	Background     Part = "background"
	Other          Part = "other"
)

// PartOf is the part that an item with that key belongs to, also of a handover
// read from the record; Other when the key is not of this package.
func PartOf(key string) Part {
	name, _, _ := strings.Cut(key, "-")
	for _, h := range orders[IMISTAMBO] {
		if string(h.part) == name {
			return h.part
		}
	}
	if name == string(Time) {
		return Time
	}
	return Other
}

// Letter is the part's letter in the order, "" when the order has none for it.
func (o Order) Letter(p Part) string {
	for _, h := range orders[o] {
		if h.part == p {
			return h.letter
		}
	}
	return ""
}

type heading struct {
	part   Part
	letter string
}

// orders are the parts as they are told. The time of the incident has no letter in
// IMIST-AMBO and is told with the mechanism.
var orders = map[Order][]heading{
	IMISTAMBO: {{Identification, "I"}, {Mechanism, "M"}, {Injuries, "I"}, {Signs, "S"}, {Treatment, "T"},
		{Allergies, "A"}, {Medicines, "M"}, {Background, "B"}, {Other, "O"}},
	ATMIST: {{Identification, "A"}, {Time, "T"}, {Mechanism, "M"}, {Injuries, "I"}, {Signs, "S"}, {Treatment, "T"},
		{Allergies, ""}, {Medicines, ""}, {Background, ""}, {Other, ""}},
}

// An Item is one thing to be told and read back.
type Item struct {
	Part     Part
	Key      string // unique within the handover: "allergies", "treatment-drug-2"
	Text     string
	Known    bool // false: the record does not say, and neither does Text
	Critical bool // must be read back before the handover counts as received
	// From are the entries it comes from, by place; empty when nothing is known.
	From []chart.Ref
}

// mostSources is how many entries an item names, the last ones told: an offer must
// fit a body of 64 KiB, and a place takes about 60 bytes.
const mostSources = 32

// notKnown is what an item says when the record does not.
const notKnown = "not known"

// Compose is the handover as the chart has it at now, in that order; an order that
// is not known is told as IMIST-AMBO. There is at least one item for each part.
func Compose(c *chart.Chart, o Order, now time.Time) []Item {
	if _, ok := orders[o]; !ok {
		o = IMISTAMBO
	}
	w := writer{c: c, now: now, order: o, views: map[vital.Sign]chart.SignView{}}
	for _, v := range c.Vitals() {
		w.views[v.Sign] = v
	}
	for _, h := range orders[o] {
		w.part = h.part
		before := len(w.items)
		w.tell(h.part)
		if len(w.items) == before {
			w.item("", Item{Text: notKnown})
		}
	}
	return w.items
}

// Offer is the content that offers these items, ready to be written to the record.
func Offer(o Order, items []Item) *chart.HandoverOffered {
	offer := &chart.HandoverOffered{Format: string(o)}
	for _, i := range items {
		offer.Items = append(offer.Items, chart.HandoverItem{Key: i.Key, Text: i.Text, Critical: i.Critical, From: i.From})
	}
	return offer
}

// A writer gathers the items of one handover.
type writer struct {
	c     *chart.Chart
	now   time.Time
	order Order
	views map[vital.Sign]chart.SignView
	part  Part
	items []Item
}

func (w *writer) tell(p Part) {
	switch p {
	case Identification:
		w.identification()
	case Time:
		w.incident()
	case Mechanism:
		if w.order.Letter(Time) == "" {
			w.incident()
		}
		w.mechanism()
	case Injuries:
		w.injuries()
	case Signs:
		w.signs()
	case Treatment:
		w.treatment()
	case Allergies:
		w.background("", true, w.c.Allergies())
	case Medicines:
		w.background("", false, w.c.Medicines())
	case Background:
		w.background("", false, w.c.Conditions())
	case Other:
		w.other()
	}
}

// item adds one item under the part's key and name. Text too long for the record is
// cut, and says so.
func (w *writer) item(name string, i Item) {
	i.Part, i.Key = w.part, string(w.part)
	if name != "" {
		i.Key += "-" + name
	}
	const cut = " (cut short: read the record)"
	if len(i.Text) > chart.MaxText {
		i.Text = strings.ToValidUTF8(i.Text[:chart.MaxText-len(cut)], "") + cut
	}
	i.From = sorted(i.From[max(0, len(i.From)-mostSources):])
	w.items = append(w.items, i)
}

// clock is the fact's time as it is told.
func (w *writer) clock(f *chart.Fact) string {
	at := w.at(f.At)
	if f.Trust == chart.ClockUnset {
		return at + " (clock not set)"
	}
	return at
}

func (w *writer) at(t time.Time) string {
	t = t.In(w.now.Location())
	if t.Format(time.DateOnly) != w.now.Format(time.DateOnly) {
		return t.Format("2006-01-02 15:04")
	}
	return t.Format("15:04")
}

// doubted is what is said after a fact that a withdrawn tablet wrote.
func doubted(f *chart.Fact) string {
	if f.Standing == chart.Unconfirmed {
		return " (not confirmed: written on a withdrawn tablet)"
	}
	return ""
}

func minutes(d time.Duration) string { return fmt.Sprintf("%d min", int(d.Minutes())) }
