package chart

// EncounterShared gives a station that is on no roster this one encounter: it may
// read it, and write nothing, until the end named or until the entry is retracted.
type EncounterShared struct {
	Key   []byte `cbor:"1,keyasint,omitempty" json:"key"`  // its Ed25519 public key, 32 bytes
	Name  string `cbor:"2,keyasint,omitempty" json:"name"` // who it is, as the crew says
	Until Moment `cbor:"3,keyasint,omitempty" json:"until,omitempty"`
}

// Validate implements [Content].
func (e *EncounterShared) Validate() error {
	var c check
	c.must(len(e.Key) == 32, "key is not 32 bytes")
	c.needed("name", e.Name, MaxName)
	c.must(e.Until > 0, "until is missing")
	c.moment("until", e.Until)
	return c.err()
}
