package chart

import "fieldkit/triage/vital"

// Assessment is what was found on examining one area.
type Assessment struct {
	Area     string    `cbor:"1,keyasint,omitempty" json:"area"` // "airway", "breathing", "circulation", "disability", "chest", "pupils"
	Findings []Finding `cbor:"2,keyasint,omitempty" json:"findings,omitempty"`
	Text     string    `cbor:"3,keyasint,omitempty" json:"text,omitempty"`
}

// A Finding is present, absent or not examined. What was not examined must never
// read as absent.
type Finding struct {
	Name     string         `cbor:"1,keyasint,omitempty" json:"name"`
	Code     string         `cbor:"2,keyasint,omitempty" json:"code,omitempty"` // "system:code"
	Presence Presence       `cbor:"3,keyasint,omitempty" json:"presence"`
	Site     string         `cbor:"4,keyasint,omitempty" json:"site,omitempty"`
	Value    *vital.Decimal `cbor:"5,keyasint,omitempty" json:"value,omitempty"`
	Unit     vital.Unit     `cbor:"6,keyasint,omitempty" json:"unit,omitempty"`
	Text     string         `cbor:"7,keyasint,omitempty" json:"text,omitempty"`
}

// Presence is what an examination says of a finding.
type Presence string

// The presences.
const (
	FindingPresent  Presence = "present"
	FindingAbsent   Presence = "absent"
	FindingNotAsked Presence = "not_examined"
)

// Validate implements [Content].
func (a *Assessment) Validate() error {
	var c check
	c.needed("area", a.Area, MaxName)
	c.text("text", a.Text, MaxText)
	c.must(len(a.Findings) > 0 || a.Text != "", "findings and text are empty")
	c.length("findings", len(a.Findings))
	for _, f := range a.Findings {
		c.needed("finding's name", f.Name, MaxName)
		c.name("finding's code", f.Code)
		among(&c, "finding's presence", f.Presence, false, FindingPresent, FindingAbsent, FindingNotAsked)
		c.name("finding's site", f.Site)
		c.number("finding's value", f.Value, vital.Dec(-1, 9), vital.Dec(1, 9))
		c.name("finding's unit", string(f.Unit))
		c.text("finding's text", f.Text, MaxText)
	}
	return c.err()
}

// Urgency is how soon someone must act, on one scale for every scheme: lower is
// more urgent. Zero is not known.
type Urgency uint8

// The urgencies.
const (
	UrgencyUnknown Urgency = 0
	Immediate      Urgency = 1 // P1, red
	VeryUrgent     Urgency = 2 // orange
	Urgent         Urgency = 3 // P2, yellow, delayed
	Standard       Urgency = 4 // P3, green, minor
	NonUrgent      Urgency = 5 // blue
	Expectant      Urgency = 6 // grey: not likely to survive with what there is
	Dead           Urgency = 7 // black; also "not breathing"
)

// Over reports whether u must be acted on before v. An unknown urgency gives way
// to every known one and lowers none.
func (u Urgency) Over(v Urgency) bool {
	return u != v && u != UrgencyUnknown && (v == UrgencyUnknown || u < v)
}

// Triage is a category given to the patient by a scheme or a person.
type Triage struct {
	Scheme   string   `cbor:"1,keyasint,omitempty" json:"scheme"`   // "START", "TST", "SATS"; with version where it has one
	Category string   `cbor:"2,keyasint,omitempty" json:"category"` // the scheme's own word
	Urgency  Urgency  `cbor:"3,keyasint,omitempty" json:"urgency"`
	Fired    string   `cbor:"4,keyasint,omitempty" json:"fired,omitempty"`    // the rule that decided
	Missing  []string `cbor:"5,keyasint,omitempty" json:"missing,omitempty"`  // inputs not known
	Override string   `cbor:"6,keyasint,omitempty" json:"override,omitempty"` // why a person departed from the scheme
	Tag      string   `cbor:"7,keyasint,omitempty" json:"tag,omitempty"`      // the number on the paper tag
}

// Validate implements [Content].
func (t *Triage) Validate() error {
	var c check
	c.needed("scheme", t.Scheme, MaxName)
	c.needed("category", t.Category, MaxName)
	c.must(t.Urgency >= Immediate && t.Urgency <= Dead, "urgency is not 1 to 7")
	c.name("fired", t.Fired)
	c.length("missing", len(t.Missing))
	for _, m := range t.Missing {
		c.needed("missing", m, MaxName)
	}
	c.text("override", t.Override, MaxText)
	c.name("tag", t.Tag)
	return c.err()
}

// Procedure is something done to the patient that is not a drug.
type Procedure struct {
	Name    string `cbor:"1,keyasint,omitempty" json:"name"`
	Code    string `cbor:"2,keyasint,omitempty" json:"code,omitempty"`
	Site    string `cbor:"3,keyasint,omitempty" json:"site,omitempty"`
	Size    string `cbor:"4,keyasint,omitempty" json:"size,omitempty"`
	Outcome string `cbor:"5,keyasint,omitempty" json:"outcome,omitempty"` // "success", "failed", "abandoned", "ongoing", "ended"
	Tries   uint8  `cbor:"6,keyasint,omitempty" json:"tries,omitempty"`
	Order   *Ref   `cbor:"7,keyasint,omitempty" json:"order,omitempty"`
	Text    string `cbor:"8,keyasint,omitempty" json:"text,omitempty"`
}

// Validate implements [Content].
func (p *Procedure) Validate() error {
	var c check
	c.needed("name", p.Name, MaxName)
	c.name("code", p.Code)
	c.name("site", p.Site)
	c.name("size", p.Size)
	c.optional("order", p.Order)
	among(&c, "outcome", p.Outcome, true, "success", "failed", "abandoned", "ongoing", "ended")
	c.text("text", p.Text, MaxText)
	return c.err()
}

// Event is something that happened: "on scene", "arrest", "ROSC", "fell".
type Event struct {
	Name string `cbor:"1,keyasint,omitempty" json:"name"`
	Code string `cbor:"2,keyasint,omitempty" json:"code,omitempty"`
	Text string `cbor:"3,keyasint,omitempty" json:"text,omitempty"`
}

// Validate implements [Content].
func (e *Event) Validate() error {
	var c check
	c.needed("name", e.Name, MaxName)
	c.name("code", e.Code)
	c.text("text", e.Text, MaxText)
	return c.err()
}

// Note is free text in the record.
type Note struct {
	Text string `cbor:"1,keyasint,omitempty" json:"text"`
}

// Validate implements [Content].
func (n *Note) Validate() error {
	var c check
	c.needed("text", n.Text, MaxNote)
	return c.err()
}

// Message is a line between the teams that share the encounter.
type Message struct {
	To      string `cbor:"1,keyasint,omitempty" json:"to,omitempty"` // "" is everyone on the encounter
	Text    string `cbor:"2,keyasint,omitempty" json:"text"`
	Answers *Ref   `cbor:"3,keyasint,omitempty" json:"answers,omitempty"`
}

// Validate implements [Content].
func (m *Message) Validate() error {
	var c check
	c.name("to", m.To)
	c.needed("text", m.Text, MaxNote)
	c.optional("answers", m.Answers)
	return c.err()
}

// Attachment is a picture, sound or document: inside the entry up to 48 KiB,
// otherwise in parts in the stream log.
type Attachment struct {
	Name   string `cbor:"1,keyasint,omitempty" json:"name"`
	Media  string `cbor:"2,keyasint,omitempty" json:"media"` // "image/jpeg"
	Size   uint64 `cbor:"3,keyasint,omitempty" json:"size"`
	SHA256 []byte `cbor:"4,keyasint,omitempty" json:"sha256"` // of the whole, 32 bytes
	Data   []byte `cbor:"5,keyasint,omitempty" json:"data,omitempty"`
	Parts  []Span `cbor:"6,keyasint,omitempty" json:"parts,omitempty"`
}

// Validate implements [Content].
func (a *Attachment) Validate() error {
	var c check
	c.needed("name", a.Name, MaxName)
	c.needed("media", a.Media, MaxName)
	c.must(len(a.SHA256) == 32, "sha256 is not 32 bytes")
	c.must((len(a.Data) > 0) != (len(a.Parts) > 0), "exactly one of data and parts must be there")
	c.must(len(a.Data) <= maxData, "data is more than 48 KiB")
	c.must(len(a.Data) == 0 || uint64(len(a.Data)) == a.Size, "size is not that of data")
	c.must(a.Size > 0, "size is missing")
	c.spans("parts", a.Parts)
	return c.err()
}

// Snapshot is a stretch of waveforms someone kept: a 12-lead ECG or a strip.
type Snapshot struct {
	Layout string  `cbor:"1,keyasint,omitempty" json:"layout"` // "12-lead", "strip"
	Blocks []Block `cbor:"2,keyasint,omitempty" json:"blocks,omitempty"`
	Stream []Span  `cbor:"3,keyasint,omitempty" json:"stream,omitempty"` // where the same seconds stand
	// Sources are the instruments; each block names one by its index.
	Sources []vital.Provenance `cbor:"4,keyasint,omitempty" json:"sources,omitempty"`
	// Says is the monitor's own interpretation, shown as the monitor's.
	Says string `cbor:"5,keyasint,omitempty" json:"says,omitempty"`
	Text string `cbor:"6,keyasint,omitempty" json:"text,omitempty"`
}

// Validate implements [Content].
func (s *Snapshot) Validate() error {
	var c check
	c.needed("layout", s.Layout, MaxName)
	c.must(len(s.Blocks) > 0 || len(s.Stream) > 0, "blocks and stream are empty")
	c.length("sources", len(s.Sources))
	for _, p := range s.Sources {
		checkProvenance(&c, p)
	}
	checkBlocks(&c, s.Blocks, len(s.Sources))
	c.spans("stream", s.Stream)
	c.text("says", s.Says, MaxText)
	c.text("text", s.Text, MaxText)
	return c.err()
}
