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

// Access says that somebody came in at a station, went out, or was turned away. It
// stands in the audit log and holds no secret, nor what was typed in its place. Who
// came in is the entry's author.
type Access struct {
	Act    AccessAct `cbor:"1,keyasint,omitempty" json:"act"`
	How    string    `cbor:"2,keyasint,omitempty" json:"how,omitempty"`    // "PIN", "badge", "passphrase"
	Where  string    `cbor:"3,keyasint,omitempty" json:"where,omitempty"`  // "station" or "page"
	Person string    `cbor:"4,keyasint,omitempty" json:"person,omitempty"` // whom the refused one was said to be: a staff id known there, or ""
	// Times is how many refusals the entry stands for, 0 for one: of many in a minute
	// only the first have an entry each.
	Times uint32 `cbor:"5,keyasint,omitempty" json:"times,omitempty"`
}

// AccessAct is what an Access says.
type AccessAct string

// The acts.
const (
	CameIn     AccessAct = "came in"
	WentOut    AccessAct = "went out"
	TurnedAway AccessAct = "turned away"
	LockedOut  AccessAct = "locked out" // turned away, and for a while whatever is tried
)

// Validate implements [Content].
func (a *Access) Validate() error {
	var c check
	among(&c, "act", a.Act, false, CameIn, WentOut, TurnedAway, LockedOut)
	c.name("how", a.How)
	c.name("where", a.Where)
	c.name("person", a.Person)
	return c.err()
}

// AuditRead says that the entry's author read the audit log, and what they looked for.
// It stands in the audit log.
type AuditRead struct {
	Person string `cbor:"1,keyasint,omitempty" json:"person,omitempty"` // of whom, "" of all
	// About is the patient or encounter looked for, named here and not in the body as
	// [Watched] does.
	About ID     `cbor:"2,keyasint,omitzero" json:"about,omitzero"`
	Where string `cbor:"3,keyasint,omitempty" json:"where,omitempty"` // "station"
}

// Validate implements [Content].
func (a *AuditRead) Validate() error {
	var c check
	c.name("person", a.Person)
	c.needed("where", a.Where, MaxName)
	return c.err()
}
