package chart

import "fieldkit/triage/vital"

// ETA is when the vehicle expects to arrive: counted from the entry's happened,
// because two stations' clocks may differ.
type ETA struct {
	Seconds uint32 `cbor:"1,keyasint,omitempty" json:"seconds"` // up to 48 h
	To      string `cbor:"2,keyasint,omitempty" json:"to,omitempty"`
	Source  string `cbor:"3,keyasint,omitempty" json:"source,omitempty"` // "crew", "navigation"
}

// Validate implements [Content].
func (e *ETA) Validate() error {
	var c check
	c.must(e.Seconds <= 48*3600, "seconds is more than 48 hours")
	c.name("to", e.To)
	c.name("source", e.Source)
	return c.err()
}

// Position is where the vehicle is, in WGS 84 degrees.
type Position struct {
	Latitude  *vital.Decimal `cbor:"1,keyasint,omitempty" json:"latitude"`
	Longitude *vital.Decimal `cbor:"2,keyasint,omitempty" json:"longitude"`
	Metres    uint32         `cbor:"3,keyasint,omitempty" json:"metres,omitempty"` // accuracy, 0 not known
	Source    string         `cbor:"4,keyasint,omitempty" json:"source,omitempty"`
}

// Validate implements [Content].
func (p *Position) Validate() error {
	var c check
	c.must(p.Latitude != nil && p.Longitude != nil, "latitude or longitude is missing")
	c.number("latitude", p.Latitude, vital.Int(-90), vital.Int(90))
	c.number("longitude", p.Longitude, vital.Int(-180), vital.Int(180))
	c.name("source", p.Source)
	return c.err()
}

// Activation asks the hospital to call a team: stroke, trauma, cardiac.
type Activation struct {
	Team string `cbor:"1,keyasint,omitempty" json:"team"`
	Why  string `cbor:"2,keyasint,omitempty" json:"why,omitempty"`
	Off  bool   `cbor:"3,keyasint,omitempty" json:"off,omitempty"` // called off
}

// Validate implements [Content].
func (a *Activation) Validate() error {
	var c check
	c.needed("team", a.Team, MaxName)
	c.text("why", a.Why, MaxText)
	return c.err()
}

// ArrivalAccepted is the hospital saying that the patient may come, and which
// activation it answers.
type ArrivalAccepted struct {
	Of   *Ref   `cbor:"1,keyasint,omitempty" json:"of,omitempty"`
	Text string `cbor:"2,keyasint,omitempty" json:"text,omitempty"`
}

// Validate implements [Content].
func (a *ArrivalAccepted) Validate() error {
	var c check
	c.optional("of", a.Of)
	c.text("text", a.Text, MaxText)
	return c.err()
}

// ArrivalDiverted is the hospital sending the patient elsewhere.
type ArrivalDiverted struct {
	To  string `cbor:"1,keyasint,omitempty" json:"to,omitempty"`
	Why string `cbor:"2,keyasint,omitempty" json:"why"`
}

// Validate implements [Content].
func (a *ArrivalDiverted) Validate() error {
	var c check
	c.name("to", a.To)
	c.needed("why", a.Why, MaxText)
	return c.err()
}

// BayAssigned is where in the hospital the patient is to go.
type BayAssigned struct {
	Bay string `cbor:"1,keyasint,omitempty" json:"bay"`
}

// Validate implements [Content].
func (b *BayAssigned) Validate() error {
	var c check
	c.needed("bay", b.Bay, MaxName)
	return c.err()
}
