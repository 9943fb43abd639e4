package chart

import (
	"strings"

	"fieldkit/triage/vital"
)

// A Drug is what a medicine is called and, where known, its code. Entries are of
// one drug when their names agree but for case and spaces, or their codes do: two
// names of one drug are told to be the same only by code, so give it.
type Drug struct {
	Name string `cbor:"1,keyasint,omitempty" json:"name"`
	Code string `cbor:"2,keyasint,omitempty" json:"code,omitempty"` // "ATC:N02BE01"; the system is before the colon
	Form string `cbor:"3,keyasint,omitempty" json:"form,omitempty"` // strength and form: "10 mg/mL amp"
}

// folded is a name without case and needless spaces: two entries that name a drug
// or an allergy alike but for those name the same.
func folded(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// Same reports whether two entries are of one drug: their names agree but for case and
// spaces, or their codes do.
func (d Drug) Same(e Drug) bool {
	name, code := folded(d.Name), folded(d.Code)
	return name != "" && name == folded(e.Name) || code != "" && code == folded(e.Code)
}

func (d Drug) check(c *check) {
	c.needed("drug's name", d.Name, MaxName)
	c.name("drug's code", d.Code)
	c.name("drug's form", d.Form)
}

// A Dose is how much and by which way.
type Dose struct {
	Amount *vital.Decimal `cbor:"1,keyasint,omitempty" json:"amount,omitempty"`
	Unit   vital.Unit     `cbor:"2,keyasint,omitempty" json:"unit,omitempty"` // UCUM: "mg", "ug/kg/min"
	Route  string         `cbor:"3,keyasint,omitempty" json:"route,omitempty"`
	Site   string         `cbor:"4,keyasint,omitempty" json:"site,omitempty"`
}

func (d Dose) check(c *check) {
	c.positive("dose", d.Amount)
	c.must(d.Amount == nil || d.Unit != vital.NoUnit, "dose has no unit")
	c.name("dose's unit", string(d.Unit))
	c.name("route", d.Route)
	c.name("site", d.Site)
}

// DrugOrdered is a drug someone asked for and nobody has given yet.
type DrugOrdered struct {
	Drug Drug   `cbor:"1,keyasint,omitzero" json:"drug"`
	Dose Dose   `cbor:"2,keyasint,omitzero" json:"dose,omitzero"`
	Why  string `cbor:"3,keyasint,omitempty" json:"why,omitempty"`
}

// Validate implements [Content].
func (d *DrugOrdered) Validate() error {
	var c check
	d.Drug.check(&c)
	d.Dose.check(&c)
	c.text("why", d.Why, MaxText)
	return c.err()
}

// Phase is which part of giving a drug an entry tells.
type Phase string

// The phases.
const (
	SingleDose      Phase = "" // given and done
	InfusionStarted Phase = "started"
	InfusionChanged Phase = "changed"
	InfusionStopped Phase = "stopped"
)

// DrugGiven is a drug that went into the patient.
type DrugGiven struct {
	Drug  Drug  `cbor:"1,keyasint,omitzero" json:"drug"`
	Dose  Dose  `cbor:"2,keyasint,omitzero" json:"dose,omitzero"`
	Phase Phase `cbor:"3,keyasint,omitempty" json:"phase,omitempty"`
	// Unknown says that the amount is not known, as when a bystander gave it.
	Unknown  bool   `cbor:"4,keyasint,omitempty" json:"unknown,omitempty"`
	Order    *Ref   `cbor:"5,keyasint,omitempty" json:"order,omitempty"`
	Infusion *Ref   `cbor:"6,keyasint,omitempty" json:"infusion,omitempty"` // the start that a change or stop belongs to
	Lot      string `cbor:"7,keyasint,omitempty" json:"lot,omitempty"`
	Why      string `cbor:"8,keyasint,omitempty" json:"why,omitempty"`
	By       string `cbor:"9,keyasint,omitempty" json:"by,omitempty"` // when not the author: "bystander", "patient"
	// Despite names warnings the giver saw and overrode: an allergy, an earlier dose.
	Despite []Ref `cbor:"10,keyasint,omitempty" json:"despite,omitempty"`
}

// Validate implements [Content].
func (d *DrugGiven) Validate() error {
	var c check
	d.Drug.check(&c)
	d.Dose.check(&c)
	among(&c, "phase", d.Phase, true, InfusionStarted, InfusionChanged, InfusionStopped)
	if d.Phase != InfusionStopped {
		c.must((d.Dose.Amount != nil) != d.Unknown, "exactly one of the dose's amount and unknown must be there")
	}
	c.name("lot", d.Lot)
	c.text("why", d.Why, MaxText)
	c.name("by", d.By)
	c.refs("despite", d.Despite)
	c.optional("order", d.Order)
	c.optional("infusion", d.Infusion)
	return c.err()
}

// DrugRefused is a drug that was offered and not taken.
type DrugRefused struct {
	Drug  Drug   `cbor:"1,keyasint,omitzero" json:"drug"`
	Order *Ref   `cbor:"2,keyasint,omitempty" json:"order,omitempty"`
	Why   string `cbor:"3,keyasint,omitempty" json:"why,omitempty"`
}

// Validate implements [Content].
func (d *DrugRefused) Validate() error {
	var c check
	d.Drug.check(&c)
	c.optional("order", d.Order)
	c.text("why", d.Why, MaxText)
	return c.err()
}

// DrugDispensed is a drug handed over to be taken later.
type DrugDispensed struct {
	Drug     Drug           `cbor:"1,keyasint,omitzero" json:"drug"`
	Quantity *vital.Decimal `cbor:"2,keyasint,omitempty" json:"quantity"`
	Unit     vital.Unit     `cbor:"3,keyasint,omitempty" json:"unit"` // "{tablet}", "mL"
	Take     string         `cbor:"4,keyasint,omitempty" json:"take,omitempty"`
	Lot      string         `cbor:"5,keyasint,omitempty" json:"lot,omitempty"`
	Order    *Ref           `cbor:"6,keyasint,omitempty" json:"order,omitempty"`
}

// Validate implements [Content].
func (d *DrugDispensed) Validate() error {
	var c check
	d.Drug.check(&c)
	c.optional("order", d.Order)
	c.must(d.Quantity != nil, "quantity is missing")
	c.positive("quantity", d.Quantity)
	c.needed("unit", string(d.Unit), MaxName)
	c.text("take", d.Take, MaxText)
	c.name("lot", d.Lot)
	return c.err()
}

// DrugWasted is what was drawn up and thrown away.
type DrugWasted struct {
	Drug   Drug           `cbor:"1,keyasint,omitzero" json:"drug"`
	Amount *vital.Decimal `cbor:"2,keyasint,omitempty" json:"amount"`
	Unit   vital.Unit     `cbor:"3,keyasint,omitempty" json:"unit"`
	Lot    string         `cbor:"4,keyasint,omitempty" json:"lot,omitempty"`
	Given  *Ref           `cbor:"5,keyasint,omitempty" json:"given,omitempty"` // the dose it was left over from
	Why    string         `cbor:"6,keyasint,omitempty" json:"why,omitempty"`
}

// Validate implements [Content].
func (d *DrugWasted) Validate() error {
	var c check
	d.Drug.check(&c)
	c.optional("given", d.Given)
	c.must(d.Amount != nil, "amount is missing")
	c.positive("amount", d.Amount)
	c.needed("unit", string(d.Unit), MaxName)
	c.name("lot", d.Lot)
	c.text("why", d.Why, MaxText)
	return c.err()
}

// DoseReviewed says that a person looked at a possible double dose and what they
// found. The doses stay as they are: whoever finds that one was charted twice takes
// that entry back.
type DoseReviewed struct {
	First  Ref    `cbor:"1,keyasint,omitzero" json:"first"`
	Second Ref    `cbor:"2,keyasint,omitzero" json:"second"`
	Found  string `cbor:"3,keyasint,omitempty" json:"found"` // "both given", "charted twice", "not known"
	Why    string `cbor:"4,keyasint,omitempty" json:"why,omitempty"`
}

// Validate implements [Content].
func (d *DoseReviewed) Validate() error {
	var c check
	c.ref("first", d.First)
	c.ref("second", d.Second)
	c.must(d.First != d.Second, "first and second are the same entry")
	among(&c, "found", d.Found, false, "both given", "charted twice", "not known")
	c.text("why", d.Why, MaxText)
	return c.err()
}
