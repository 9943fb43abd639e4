package chart

// Amendment says that entry By takes the place of entry Of. Both stay readable.
// By is an ordinary entry, written just before in the same commit, so that no
// chart counts both.
type Amendment struct {
	Of  Ref    `cbor:"1,keyasint,omitzero" json:"of"`
	By  Ref    `cbor:"2,keyasint,omitzero" json:"by"`
	Why string `cbor:"3,keyasint,omitempty" json:"why"`
}

// Validate implements [Content].
func (a *Amendment) Validate() error {
	var c check
	c.ref("of", a.Of)
	c.ref("by", a.By)
	c.must(a.Of != a.By, "of and by are the same entry")
	c.needed("why", a.Why, MaxText)
	return c.err()
}

// Retraction says that an entry should not have been written. It stays readable,
// struck out. Retracting an amendment brings the amended entry back; retracting
// a retraction brings back what it struck out.
type Retraction struct {
	Of  Ref    `cbor:"1,keyasint,omitzero" json:"of"`
	Why string `cbor:"2,keyasint,omitempty" json:"why"`
}

// Validate implements [Content].
func (r *Retraction) Validate() error {
	var c check
	c.ref("of", r.Of)
	c.needed("why", r.Why, MaxText)
	return c.err()
}

// Erase is an admin's order, in the team log, that bodies be dropped for good.
// They are hidden at once, dropped after 72 h, and never stored again.
type Erase struct {
	Of  []Span `cbor:"1,keyasint,omitempty" json:"of"`
	Why string `cbor:"2,keyasint,omitempty" json:"why"` // "patient's request"; no patient data
}

// Validate implements [Content].
func (e *Erase) Validate() error {
	var c check
	c.must(len(e.Of) > 0, "of is empty")
	c.spans("of", e.Of)
	c.needed("why", e.Why, MaxText)
	return c.err()
}

// Accept is an admin's word, in the team log, that stops an erase, or that
// entries a withdrawn tablet wrote are true up to a later place than the
// revocation said. sync/identity judges who may write it.
type Accept struct {
	Erase *Ref `cbor:"1,keyasint,omitempty" json:"erase,omitempty"`
	// Pins are the last trusted places, one per (device, epoch); they only move up.
	Pins []Ref  `cbor:"2,keyasint,omitempty" json:"pins,omitempty"`
	Why  string `cbor:"3,keyasint,omitempty" json:"why,omitempty"`
}

// Validate implements [Content].
func (a *Accept) Validate() error {
	var c check
	c.optional("erase", a.Erase)
	c.must((a.Erase != nil) != (len(a.Pins) > 0), "exactly one of erase and pins must be there")
	c.refs("pins", a.Pins)
	c.text("why", a.Why, MaxText)
	return c.err()
}

// Clock tells what time it truly was at one monotonic time of one boot of its
// writer, and so gives earlier entries of that boot their true time.
type Clock struct {
	Boot        Boot   `cbor:"1,keyasint,omitzero" json:"boot"`
	MonoMS      uint64 `cbor:"2,keyasint,omitempty" json:"mono_ms"`
	True        Moment `cbor:"3,keyasint,omitempty" json:"true"`
	Trust       Trust  `cbor:"4,keyasint,omitempty" json:"trust"`
	UncertainMS uint32 `cbor:"5,keyasint,omitempty" json:"uncertain_ms,omitempty"`
}

// Validate implements [Content].
func (k *Clock) Validate() error {
	var c check
	c.must(k.Boot != Boot{}, "boot is missing")
	c.must(k.True > 0 && k.True <= latest, "true is not between 1970 and 2199")
	c.must(k.Trust > ClockUnset && k.Trust <= ClockGPS, "trust is not 1 to 4")
	c.must(k.MonoMS < 1<<42, "mono_ms is more than 139 years")
	return c.err()
}
