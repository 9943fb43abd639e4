package chart

// Watched says that the entry's author began to watch an encounter live. It stands
// in the audit log, whose bodies only admins get, and names the encounter here and
// not in its body: what stands under an encounter counts as seen by who writes about
// it, and the crew could never fetch this.
type Watched struct {
	Encounter ID     `cbor:"1,keyasint,omitzero" json:"encounter"`
	Where     string `cbor:"2,keyasint,omitempty" json:"where,omitempty"` // "page"
}

// Validate implements [Content].
func (w *Watched) Validate() error {
	var c check
	c.id("encounter", w.Encounter)
	c.name("where", w.Where)
	return c.err()
}
