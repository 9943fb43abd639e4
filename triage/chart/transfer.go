package chart

import "slices"

// HandoverDeclined says that whom a handover names does not take the patient, who
// stays with the giver.
type HandoverDeclined struct {
	Of  Ref    `cbor:"1,keyasint,omitzero" json:"of"`
	Why string `cbor:"2,keyasint,omitempty" json:"why"`
}

// Validate implements [Content].
func (h *HandoverDeclined) Validate() error {
	var c check
	c.ref("of", h.Of)
	c.needed("why", h.Why, MaxText)
	return c.err()
}

// TransferState is how far a transfer has come.
type TransferState string

// The states. In each but the last two the patient is with the giver.
const (
	TransferOffered   TransferState = "offered"
	TransferDeclined  TransferState = "declined"
	TransferWithdrawn TransferState = "withdrawn"
	TransferDisputed  TransferState = "taken over and withdrawn at once" // while apart
	TransferDone      TransferState = "taken over"
)

// A Transfer is a patient handed by one station that cares for them to another that
// goes on doing so: a handover that is [HandoverOffered.Onward]. Only the station it
// names can take over or decline it.
type Transfer struct {
	Offered *Fact // its content is a *HandoverOffered
	State   TransferState
	Answer  *Fact // what gave it its state, nil while it is offered
}

// Transfers are all of them, in order, those taken back too.
func (c *Chart) Transfers() []Transfer {
	var out []Transfer
	for _, f := range c.facts {
		offer, ok := f.Content.(*HandoverOffered)
		if !ok || !offer.Onward || f.Standing != Active && f.Standing != Retracted {
			continue
		}
		t := Transfer{Offered: f, State: TransferOffered}
		for _, a := range c.Of(TypeHandoverAccepted, TypeHandoverDeclined) {
			if a.Ref.Device != offer.Station {
				continue
			}
			switch said := a.Content.(type) {
			case *HandoverAccepted:
				if said.Of == f.Ref {
					t.State, t.Answer = TransferDone, a
				}
			case *HandoverDeclined:
				if said.Of == f.Ref && t.State != TransferDone {
					t.State, t.Answer = TransferDeclined, a
				}
			}
		}
		if f.Standing == Retracted {
			t.withdrawn(c)
		}
		out = append(out, t)
	}
	return out
}

// withdrawn is t's state when its offer was taken back. Who has taken a patient over
// keeps them when the giver had seen that; when neither knew of the other's word,
// both stand.
func (t *Transfer) withdrawn(c *Chart) {
	for _, r := range c.Of(TypeRetraction) {
		if r.Content.(*Retraction).Of != t.Offered.Ref {
			continue
		}
		switch {
		case t.State != TransferDone && t.State != TransferDisputed:
			t.State, t.Answer = TransferWithdrawn, r
		case t.Answer.saw(r):
			t.State, t.Answer = TransferWithdrawn, r
			return
		case !r.saw(t.Answer):
			t.State = TransferDisputed
		}
	}
}

// HandedOn is whom a station has handed the patient to, and the entry that says so:
// that the other took over on the station's own offer, or the station's own word that
// the patient is there. The entry is nil while that is not so, and once the station
// has the patient again: it took them back over, or a person bound a monitor there to
// them since. Of several the latest is told; no clock decides whether there is one.
func (c *Chart) HandedOn(by Device) (to string, said *Fact) {
	transfers := c.Transfers()
	handed := func(place string, f *Fact) {
		if !c.hasAgain(by, f, nil, transfers) && later(said, f) {
			to, said = place, f
		}
	}
	for _, t := range transfers {
		if t.State == TransferDone && t.Offered.Ref.Device == by {
			handed(t.Offered.Content.(*HandoverOffered).To, t.Answer)
		}
	}
	for _, f := range c.Of(TypeEncounterMoved) {
		m := f.Content.(*EncounterMoved)
		if f.Ref.Device == by && m.Station != (Device{}) && m.Station != by {
			handed(m.Place, f)
		}
	}
	return to, said
}

// hasAgain reports whether a station that had handed the patient on, by the entry f,
// has them again, or had them when it wrote then.
func (c *Chart) hasAgain(by Device, f, then *Fact, transfers []Transfer) bool {
	again := func(g *Fact) bool { return g.Ref.Device == by && g.saw(f) && (then == nil || then.saw(g)) }
	return slices.ContainsFunc(c.Of(TypeMonitorBound), func(b *Fact) bool {
		return b.Author.Checked != CheckedStation && again(b)
	}) || slices.ContainsFunc(transfers, func(t Transfer) bool {
		return t.State == TransferDone && again(t.Answer)
	})
}

// TakenFrom is the station that has taken the patient over from another and has them
// still. It ends the encounter; the giver's word no longer does.
func (c *Chart) TakenFrom(giver Device) (by string, ok bool) {
	transfers := c.Transfers()
	for _, t := range transfers {
		if t.takenFrom(giver) && !c.hasAgain(giver, t.Answer, nil, transfers) {
			return t.Offered.Content.(*HandoverOffered).To, true
		}
	}
	return "", false
}

func (t Transfer) takenFrom(giver Device) bool {
	return t.Offered.Ref.Device == giver && (t.State == TransferDone || t.State == TransferDisputed)
}

// goesOn reports whether an encounter goes on in spite of an ending: its writer had
// handed the patient on and did not have them again, and who took them over did not
// know of the end. There monitors record to it.
func (c *Chart) goesOn(end *Fact, transfers []Transfer) bool {
	giver := end.Ref.Device
	return slices.ContainsFunc(transfers, func(t Transfer) bool {
		return t.takenFrom(giver) && !t.Answer.saw(end) && !c.hasAgain(giver, t.Answer, end, transfers)
	})
}

func later(was, f *Fact) bool { return was == nil || was.Compare(f) < 0 }

// A RowTransfer is a transfer in the patient list.
type RowTransfer struct {
	Of    Ref           `cbor:"1,keyasint,omitzero" json:"of"` // the offer: its device is the giver
	To    Device        `cbor:"2,keyasint,omitzero" json:"to"`
	Name  string        `cbor:"3,keyasint,omitempty" json:"name,omitempty"`
	State TransferState `cbor:"4,keyasint,omitempty" json:"state"`
	At    Moment        `cbor:"5,keyasint,omitempty" json:"at"` // of the offer, or of what was said of it last
	Why   string        `cbor:"6,keyasint,omitempty" json:"why,omitempty"`
}

// rowTransfers are the transfers for the patient list: of each pair of stations the
// last, and none of a giver who has the patient again.
func (c *Chart) rowTransfers() []RowTransfer {
	var out []RowTransfer
	for _, t := range c.Transfers() {
		offer := t.Offered.Content.(*HandoverOffered)
		r := RowTransfer{Of: t.Offered.Ref, To: offer.Station, Name: offer.To, State: t.State, At: moment(t.Offered.At)}
		if t.Answer != nil {
			r.At = moment(t.Answer.At)
			if d, ok := t.Answer.Content.(*HandoverDeclined); ok {
				r.Why = d.Why
			}
		}
		out = slices.DeleteFunc(out, func(o RowTransfer) bool { return o.Of.Device == r.Of.Device && o.To == r.To })
		out = append(out, r)
	}
	for _, f := range c.Of(TypeEncounterMoved) {
		if m := f.Content.(*EncounterMoved); m.Station != (Device{}) && m.Station != f.Ref.Device {
			for i, r := range out { // the giver says that the patient is there, confirmed or not
				if r.Of.Device == f.Ref.Device && r.To == m.Station && r.State == TransferOffered {
					out[i].State, out[i].At = TransferGone, moment(f.At)
				}
			}
		}
	}
	return slices.DeleteFunc(out, func(r RowTransfer) bool {
		if r.State != TransferDone && r.State != TransferGone {
			return false
		}
		_, said := c.HandedOn(r.Of.Device)
		return said == nil
	})
}

// TransferGone is a transfer of which only the giver says that it is done.
const TransferGone TransferState = "gone, not confirmed"
