package chart

import "fieldkit/triage/vital"

// Second is all numerics and waveforms of one encounter in the second that
// begins at the entry's happened. It stands in the stream log.
type Second struct {
	Values   []Vital  `cbor:"1,keyasint,omitempty" json:"values,omitempty"`
	Blocks   []Block  `cbor:"2,keyasint,omitempty" json:"blocks,omitempty"`
	Monitors []string `cbor:"3,keyasint,omitempty" json:"monitors,omitempty"` // as in [MonitorBound]; values and blocks name one by index
	// LagMS is by how many milliseconds later than they were taken the samples were
	// shown live: what live missed is filled in there.
	LagMS uint32 `cbor:"4,keyasint,omitempty" json:"lag_ms,omitempty"`
}

// A Block is a run of samples of one lead, packed without loss by
// triage/vital/pack. A sample's physical value is (count + Offset) x Scale in
// Unit, as in [vital.Waveform].
type Block struct {
	Lead    vital.Lead    `cbor:"1,keyasint,omitempty" json:"lead"`
	Rate    vital.Decimal `cbor:"2,keyasint,omitzero" json:"rate"` // samples per second, above 0
	Unit    vital.Unit    `cbor:"3,keyasint,omitempty" json:"unit,omitempty"`
	Scale   vital.Decimal `cbor:"4,keyasint,omitzero" json:"scale"` // 0 when the monitor gives none
	Offset  int32         `cbor:"5,keyasint,omitempty" json:"offset,omitempty"`
	Min     int32         `cbor:"6,keyasint,omitempty" json:"min,omitempty"`
	Max     int32         `cbor:"7,keyasint,omitempty" json:"max,omitempty"`
	Count   uint32        `cbor:"8,keyasint,omitempty" json:"count"`              // samples in Packed
	StartUS int32         `cbor:"9,keyasint,omitempty" json:"start_us,omitempty"` // first sample, microseconds after the entry's happened
	Gaps    []vital.Gap   `cbor:"10,keyasint,omitempty" json:"gaps,omitempty"`
	Packed  []byte        `cbor:"11,keyasint,omitempty" json:"packed,omitempty"`
	Raw     string        `cbor:"12,keyasint,omitempty" json:"raw,omitempty"`    // the monitor's name of an unknown lead
	Source  uint8         `cbor:"13,keyasint,omitempty" json:"source,omitempty"` // index into the monitors
}

// Validate implements [Content].
func (s *Second) Validate() error {
	var c check
	c.must(len(s.Values)+len(s.Blocks) > 0, "values and blocks are empty")
	c.length("monitors", len(s.Monitors))
	for _, m := range s.Monitors {
		c.needed("monitor", m, MaxName)
	}
	checkVitals(&c, s.Values, len(s.Monitors))
	checkBlocks(&c, s.Blocks, len(s.Monitors))
	return c.err()
}

func checkBlocks(c *check, blocks []Block, sources int) {
	c.length("blocks", len(blocks))
	size := 0
	for i := range blocks {
		b := &blocks[i]
		size += len(b.Packed)
		c.positive("rate", &b.Rate)
		c.number("scale", &b.Scale, vital.Dec(-1, 9), vital.Dec(1, 9))
		c.must(b.Count > 0, "a block has no samples")
		c.must(b.Min <= b.Max, "a block's min is above its max")
		c.must(b.Source == 0 || int(b.Source) < sources, "a block names a monitor that is not listed")
		c.must(b.Lead != vital.UnknownLead || b.Raw != "", "an unknown lead lacks the monitor's own name for it")
		c.name("unit", string(b.Unit))
		c.name("raw", b.Raw)
		end := 0
		for _, g := range b.Gaps {
			ok := g.From >= end && g.Len > 0 && g.Len <= int(b.Count) && g.From <= int(b.Count)-g.Len
			c.must(ok && g.Why != vital.Measured, "gaps are not in order and inside the block")
			end = g.From + g.Len
		}
	}
	c.must(size <= maxData, "blocks hold more than 48 KiB; write an attachment")
}

// AttachmentPart is one piece of a large attachment, in the stream log. The
// attachment names its parts' places and the whole's digest.
type AttachmentPart struct {
	Index uint32 `cbor:"1,keyasint,omitempty" json:"index"`
	Data  []byte `cbor:"2,keyasint,omitempty" json:"data"`
}

// Validate implements [Content].
func (a *AttachmentPart) Validate() error {
	var c check
	c.must(len(a.Data) > 0 && len(a.Data) <= maxData, "data is not 1 byte to 48 KiB")
	return c.err()
}
