package chart

// Order asks for something other than a drug: a test, a treatment, a transport.
type Order struct {
	What   string `cbor:"1,keyasint,omitempty" json:"what"`
	Code   string `cbor:"2,keyasint,omitempty" json:"code,omitempty"`
	When   string `cbor:"3,keyasint,omitempty" json:"when,omitempty"` // "now", "every 15 min", "if pain returns"
	Text   string `cbor:"4,keyasint,omitempty" json:"text,omitempty"`
	Cancel *Ref   `cbor:"5,keyasint,omitempty" json:"cancel,omitempty"` // an order this one calls off
}

// Validate implements [Content].
func (o *Order) Validate() error {
	var c check
	c.needed("what", o.What, MaxName)
	c.name("code", o.Code)
	c.name("when", o.When)
	c.optional("cancel", o.Cancel)
	c.text("text", o.Text, MaxText)
	return c.err()
}

// Refusal is the patient, or who speaks for them, declining care.
type Refusal struct {
	What     string `cbor:"1,keyasint,omitempty" json:"what"` // "transport", "all care"
	By       string `cbor:"2,keyasint,omitempty" json:"by,omitempty"`
	Capacity string `cbor:"3,keyasint,omitempty" json:"capacity"`       // "yes", "no", "not assessed"
	Told     string `cbor:"4,keyasint,omitempty" json:"told,omitempty"` // the risks explained
	Text     string `cbor:"5,keyasint,omitempty" json:"text,omitempty"`
}

// Validate implements [Content].
func (r *Refusal) Validate() error {
	var c check
	c.needed("what", r.What, MaxName)
	c.name("by", r.By)
	among(&c, "capacity", r.Capacity, false, "yes", "no", "not assessed")
	c.text("told", r.Told, MaxText)
	c.text("text", r.Text, MaxText)
	return c.err()
}

// Consent is what the patient agreed to, or no longer agrees to.
type Consent struct {
	What   string `cbor:"1,keyasint,omitempty" json:"what"`   // "treatment", "sharing", "photograph"
	Status string `cbor:"2,keyasint,omitempty" json:"status"` // "given", "refused", "withdrawn", "implied"
	By     string `cbor:"3,keyasint,omitempty" json:"by,omitempty"`
	Text   string `cbor:"4,keyasint,omitempty" json:"text,omitempty"`
}

// Validate implements [Content].
func (s *Consent) Validate() error {
	var c check
	c.needed("what", s.What, MaxName)
	among(&c, "status", s.Status, false, "given", "refused", "withdrawn", "implied")
	c.name("by", s.By)
	c.text("text", s.Text, MaxText)
	return c.err()
}

// CodeStatus is whether and how far to resuscitate.
type CodeStatus struct {
	Status   string `cbor:"1,keyasint,omitempty" json:"status"`             // "full", "no CPR", "limited", "comfort only", "not known"
	Document string `cbor:"2,keyasint,omitempty" json:"document,omitempty"` // the paper seen, "" when only said
	Text     string `cbor:"3,keyasint,omitempty" json:"text,omitempty"`
}

// Validate implements [Content].
func (s *CodeStatus) Validate() error {
	var c check
	among(&c, "status", s.Status, false, "full", "no CPR", "limited", "comfort only", "not known")
	c.name("document", s.Document)
	c.text("text", s.Text, MaxText)
	return c.err()
}

// Decision is a clinician's choice that rules depend on: which SpO2 scale, which
// age band, a limit that does not apply. It holds until another of its kind.
type Decision struct {
	Name  string `cbor:"1,keyasint,omitempty" json:"name"`  // "spo2-scale"
	Value string `cbor:"2,keyasint,omitempty" json:"value"` // "2"
	Why   string `cbor:"3,keyasint,omitempty" json:"why"`
}

// Validate implements [Content].
func (d *Decision) Validate() error {
	var c check
	c.needed("name", d.Name, MaxName)
	c.needed("value", d.Value, MaxName)
	c.needed("why", d.Why, MaxText)
	return c.err()
}

// ShiftCheck is the check of vehicle and equipment at the start of a shift. It
// names no patient and stands in the supply log.
type ShiftCheck struct {
	What  string      `cbor:"1,keyasint,omitempty" json:"what"` // "vehicle", "monitor", "drug bag"
	Items []CheckItem `cbor:"2,keyasint,omitempty" json:"items"`
}

// CheckPutOff is what a check is of that was put off, in an emergency, and says why.
const CheckPutOff = "put off"

// A CheckItem is one line of a check.
type CheckItem struct {
	Name string `cbor:"1,keyasint,omitempty" json:"name"`
	OK   bool   `cbor:"2,keyasint,omitempty" json:"ok"`
	Text string `cbor:"3,keyasint,omitempty" json:"text,omitempty"` // needed when not OK
}

// Validate implements [Content].
func (s *ShiftCheck) Validate() error {
	var c check
	c.needed("what", s.What, MaxName)
	c.must(len(s.Items) > 0, "items is empty")
	c.length("items", len(s.Items))
	for _, i := range s.Items {
		c.needed("item's name", i.Name, MaxName)
		c.must(i.OK || i.Text != "", "an item is not ok but text is missing")
		c.text("item's text", i.Text, MaxText)
	}
	return c.err()
}
