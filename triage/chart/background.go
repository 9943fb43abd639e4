package chart

// A Named is one allergy, condition or home medicine.
type Named struct {
	Name string `cbor:"1,keyasint,omitempty" json:"name"`
	Code string `cbor:"2,keyasint,omitempty" json:"code,omitempty"`
	Text string `cbor:"3,keyasint,omitempty" json:"text,omitempty"`
}

// Key is what makes two items the same: the name but for case and spaces, or the
// code where there is no name.
func (n Named) Key() string {
	if k := folded(n.Name); k != "" {
		return k
	}
	return folded(n.Code)
}

func (n Named) check(c *check) {
	c.needed("name", n.Name, MaxName)
	c.name("code", n.Code)
	c.text("text", n.Text, MaxText)
}

// AllergyAdded says that the patient reacts to something. "no known allergies" is
// an item like any other, so that nobody asked and none known stay apart.
type AllergyAdded struct {
	Item     Named  `cbor:"1,keyasint,omitzero" json:"item"`
	Reaction string `cbor:"2,keyasint,omitempty" json:"reaction,omitempty"`
	Severity string `cbor:"3,keyasint,omitempty" json:"severity,omitempty"` // "mild", "severe", "anaphylaxis"
	Source   string `cbor:"4,keyasint,omitempty" json:"source,omitempty"`   // "patient", "relative", "wristband"
}

// Validate implements [Content].
func (a *AllergyAdded) Validate() error {
	var c check
	a.Item.check(&c)
	c.text("reaction", a.Reaction, MaxText)
	c.name("severity", a.Severity)
	c.name("source", a.Source)
	return c.err()
}

// ConditionAdded says that the patient has or had an illness.
type ConditionAdded struct {
	Item   Named  `cbor:"1,keyasint,omitzero" json:"item"`
	Since  string `cbor:"2,keyasint,omitempty" json:"since,omitempty"`
	Source string `cbor:"3,keyasint,omitempty" json:"source,omitempty"`
}

// Validate implements [Content].
func (a *ConditionAdded) Validate() error {
	var c check
	a.Item.check(&c)
	c.name("since", a.Since)
	c.name("source", a.Source)
	return c.err()
}

// MedicineAdded says that the patient takes a medicine at home.
type MedicineAdded struct {
	Item   Named  `cbor:"1,keyasint,omitzero" json:"item"`
	Dose   string `cbor:"2,keyasint,omitempty" json:"dose,omitempty"` // as said
	Last   string `cbor:"3,keyasint,omitempty" json:"last,omitempty"` // last taken, as said
	Source string `cbor:"4,keyasint,omitempty" json:"source,omitempty"`
}

// Validate implements [Content].
func (a *MedicineAdded) Validate() error {
	var c check
	a.Item.check(&c)
	c.name("dose", a.Dose)
	c.name("last", a.Last)
	c.name("source", a.Source)
	return c.err()
}

// Removed takes items back by naming the entries that added them: those the
// remover saw. What another tablet added meanwhile stays.
type Removed struct {
	Of  []Ref  `cbor:"1,keyasint,omitempty" json:"of"`
	Why string `cbor:"2,keyasint,omitempty" json:"why"`
}

func (r *Removed) validate() error {
	var c check
	c.must(len(r.Of) > 0, "of is empty")
	c.refs("of", r.Of)
	c.needed("why", r.Why, MaxText)
	return c.err()
}

// AllergyRemoved takes allergies back.
type AllergyRemoved struct {
	Removed Removed `cbor:"1,keyasint,omitzero" json:"removed"`
}

// Validate implements [Content].
func (a *AllergyRemoved) Validate() error { return a.Removed.validate() }

// ConditionRemoved takes conditions back.
type ConditionRemoved struct {
	Removed Removed `cbor:"1,keyasint,omitzero" json:"removed"`
}

// Validate implements [Content].
func (a *ConditionRemoved) Validate() error { return a.Removed.validate() }

// MedicineRemoved takes home medicines back.
type MedicineRemoved struct {
	Removed Removed `cbor:"1,keyasint,omitzero" json:"removed"`
}

// Validate implements [Content].
func (a *MedicineRemoved) Validate() error { return a.Removed.validate() }
