package chart

import "fieldkit/triage/vital"

// EncounterOpened begins one patient's care by one team.
type EncounterOpened struct {
	Setting   string `cbor:"1,keyasint,omitempty" json:"setting"` // "ambulance", "clinic", "kiosk", "hospital", "event"
	CallSign  string `cbor:"2,keyasint,omitempty" json:"call_sign,omitempty"`
	Incident  ID     `cbor:"3,keyasint,omitzero" json:"incident,omitzero"` // what several encounters share
	Complaint string `cbor:"4,keyasint,omitempty" json:"complaint,omitempty"`
	Place     string `cbor:"5,keyasint,omitempty" json:"place,omitempty"`
	// Provisional marks an encounter that a monitor records to until it is bound.
	Provisional bool `cbor:"6,keyasint,omitempty" json:"provisional,omitempty"`
}

// Validate implements [Content].
func (e *EncounterOpened) Validate() error {
	var c check
	c.needed("setting", e.Setting, MaxName)
	c.name("call sign", e.CallSign)
	c.text("complaint", e.Complaint, MaxText)
	c.text("place", e.Place, MaxText)
	return c.err()
}

// EncounterBoundFor says where the patient is being taken: that station, and by
// it the hospital, is granted the encounter.
type EncounterBoundFor struct {
	Station Device `cbor:"1,keyasint,omitzero" json:"station,omitzero"` // zero when it is no station of ours
	Name    string `cbor:"2,keyasint,omitempty" json:"name"`
}

// Validate implements [Content].
func (e *EncounterBoundFor) Validate() error {
	var c check
	c.needed("name", e.Name, MaxName)
	return c.err()
}

// EncounterMoved says that the patient is now elsewhere: another bed, vehicle or
// tent.
type EncounterMoved struct {
	Place   string `cbor:"1,keyasint,omitempty" json:"place"`
	Station Device `cbor:"2,keyasint,omitzero" json:"station,omitzero"`
}

// Validate implements [Content].
func (e *EncounterMoved) Validate() error {
	var c check
	c.needed("place", e.Place, MaxText)
	return c.err()
}

// EncounterStoodDown ends a run that came to no patient or was called off.
type EncounterStoodDown struct {
	Why  string `cbor:"1,keyasint,omitempty" json:"why"`
	Code string `cbor:"2,keyasint,omitempty" json:"code,omitempty"` // "system:code"
}

// Validate implements [Content].
func (e *EncounterStoodDown) Validate() error {
	var c check
	c.needed("why", e.Why, MaxText)
	c.name("code", e.Code)
	return c.err()
}

// EncounterClosed ends the team's care.
type EncounterClosed struct {
	Outcome string `cbor:"1,keyasint,omitempty" json:"outcome"` // "handed over", "discharged", "referred", "died", "left"
	Text    string `cbor:"2,keyasint,omitempty" json:"text,omitempty"`
	Code    string `cbor:"3,keyasint,omitempty" json:"code,omitempty"` // "system:code"
}

// Validate implements [Content].
func (e *EncounterClosed) Validate() error {
	var c check
	c.name("code", e.Code)
	c.needed("outcome", e.Outcome, MaxName)
	c.text("text", e.Text, MaxText)
	return c.err()
}

// MonitorBound says that from here on a monitor records to the entry's encounter.
type MonitorBound struct {
	// Monitor is the station's own lasting name for the instrument, the same in
	// every entry about it: make and serial number, or the port.
	Monitor    string           `cbor:"1,keyasint,omitempty" json:"monitor"`
	Provenance vital.Provenance `cbor:"2,keyasint,omitzero" json:"provenance,omitzero"`
}

// Validate implements [Content].
func (m *MonitorBound) Validate() error {
	var c check
	c.needed("monitor", m.Monitor, MaxName)
	checkProvenance(&c, m.Provenance)
	return c.err()
}

// MonitorUnbound ends a binding.
type MonitorUnbound struct {
	Monitor string `cbor:"1,keyasint,omitempty" json:"monitor"`
	Why     string `cbor:"2,keyasint,omitempty" json:"why,omitempty"`
}

// Validate implements [Content].
func (m *MonitorUnbound) Validate() error {
	var c check
	c.needed("monitor", m.Monitor, MaxName)
	c.text("why", m.Why, MaxText)
	return c.err()
}

// RangeReassigned moves entries recorded under the wrong patient. It is written
// twice, once in each encounter, so that both show it: in the one the entries
// stand as moved away, in the other they count. It is taken back by one the other
// way round.
type RangeReassigned struct {
	FromEncounter ID     `cbor:"1,keyasint,omitzero" json:"from_encounter"`
	ToEncounter   ID     `cbor:"2,keyasint,omitzero" json:"to_encounter"`
	ToPatient     ID     `cbor:"3,keyasint,omitzero" json:"to_patient,omitzero"`
	Monitor       string `cbor:"4,keyasint,omitempty" json:"monitor,omitempty"`
	// Entries are the places moved, in chart and stream. Of them only entries of
	// FromEncounter move.
	Entries []Span `cbor:"5,keyasint,omitempty" json:"entries"`
	Why     string `cbor:"6,keyasint,omitempty" json:"why"`
}

// Validate implements [Content].
func (r *RangeReassigned) Validate() error {
	var c check
	c.id("from_encounter", r.FromEncounter)
	c.id("to_encounter", r.ToEncounter)
	c.must(r.FromEncounter != r.ToEncounter, "from_encounter and to_encounter are the same")
	c.name("monitor", r.Monitor)
	c.must(len(r.Entries) > 0, "entries is empty")
	c.spans("entries", r.Entries)
	c.needed("why", r.Why, MaxText)
	return c.err()
}
