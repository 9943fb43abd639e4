package chart

// HandoverOffered is the handover as given, item by item; its place names the
// handover ever after.
type HandoverOffered struct {
	Format  string         `cbor:"1,keyasint,omitempty" json:"format"` // "ATMIST", "ISBAR"
	To      string         `cbor:"2,keyasint,omitempty" json:"to,omitempty"`
	Station Device         `cbor:"3,keyasint,omitzero" json:"station,omitzero"`
	Items   []HandoverItem `cbor:"4,keyasint,omitempty" json:"items"`
	// Onward is a handover to a station that cares on, such as another vehicle: the
	// encounter goes on with it. See [Chart.Transfers].
	Onward bool `cbor:"5,keyasint,omitempty" json:"onward,omitempty"`
}

// A HandoverItem is one thing to be read back.
type HandoverItem struct {
	Key  string `cbor:"1,keyasint,omitempty" json:"key"` // unique within the handover: "allergies", "drug-2"
	Text string `cbor:"2,keyasint,omitempty" json:"text"`
	// Critical items must be read back before the handover counts as received.
	Critical bool  `cbor:"3,keyasint,omitempty" json:"critical,omitempty"`
	From     []Ref `cbor:"4,keyasint,omitempty" json:"from,omitempty"` // the entries it tells of
}

// Validate implements [Content].
func (h *HandoverOffered) Validate() error {
	var c check
	c.needed("format", h.Format, MaxName)
	c.name("to", h.To)
	c.must(!h.Onward || h.Station != Device{}, "onward but station is missing")
	c.must(len(h.Items) > 0, "items is empty")
	c.length("items", len(h.Items))
	seen := map[string]bool{}
	for _, i := range h.Items {
		c.needed("item's key", i.Key, MaxName)
		c.must(!seen[i.Key], "two items have one key")
		seen[i.Key] = true
		c.needed("item's text", i.Text, MaxText)
		c.refs("item's from", i.From)
	}
	return c.err()
}

// HandoverReadBack is what the receiver understood.
type HandoverReadBack struct {
	Of    Ref        `cbor:"1,keyasint,omitzero" json:"of"`
	Items []ReadBack `cbor:"2,keyasint,omitempty" json:"items"`
}

// A ReadBack is one item, said right or questioned.
type ReadBack struct {
	Key   string `cbor:"1,keyasint,omitempty" json:"key"`
	Right bool   `cbor:"2,keyasint,omitempty" json:"right"`
	Heard string `cbor:"3,keyasint,omitempty" json:"heard,omitempty"` // needed when not right
}

// Validate implements [Content].
func (h *HandoverReadBack) Validate() error {
	var c check
	c.ref("of", h.Of)
	c.must(len(h.Items) > 0, "items is empty")
	c.length("items", len(h.Items))
	for _, i := range h.Items {
		c.needed("item's key", i.Key, MaxName)
		c.must(i.Right || i.Heard != "", "an item is not right but heard is missing")
		c.text("item's heard", i.Heard, MaxText)
	}
	return c.err()
}

// HandoverAccepted says that the receiver has taken over the patient.
type HandoverAccepted struct {
	Of   Ref    `cbor:"1,keyasint,omitzero" json:"of"`
	Text string `cbor:"2,keyasint,omitempty" json:"text,omitempty"`
}

// Validate implements [Content].
func (h *HandoverAccepted) Validate() error {
	var c check
	c.ref("of", h.Of)
	c.text("text", h.Text, MaxText)
	return c.err()
}
