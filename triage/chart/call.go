package chart

import "unicode/utf8"

// A RowCall is what somebody wrote to whoever has the patient: a message, or a
// receiving hospital's answer. A list keeps the last few of an encounter, so that a
// crew is told of them while it looks at something else.
type RowCall struct {
	Of   Ref    `cbor:"1,keyasint,omitzero" json:"of"`
	At   Moment `cbor:"2,keyasint,omitempty" json:"at"`
	What Type   `cbor:"3,keyasint,omitempty" json:"what"`           // message, arrival accepted or diverted, bay assigned, activation
	Name string `cbor:"4,keyasint,omitempty" json:"name,omitempty"` // the bay, the team, where to
	Text string `cbor:"5,keyasint,omitempty" json:"text,omitempty"` // of a message at most the first callText bytes
	Off  bool   `cbor:"6,keyasint,omitempty" json:"off,omitempty"`  // a team called off
	Cut  bool   `cbor:"7,keyasint,omitempty" json:"cut,omitempty"`  // Text goes on in the record
}

const (
	mostCalls = 8   // of an encounter, the last ones
	callText  = 300 // bytes
)

// calls are the kinds that call.
var calls = []Type{TypeMessage, TypeArrivalAccepted, TypeArrivalDiverted, TypeBayAssigned, TypeActivation}

// rowCalls are the last calls, in the order they happened.
func (c *Chart) rowCalls() (out []RowCall) {
	all := c.Of(calls...)
	for _, f := range all[max(0, len(all)-mostCalls):] {
		r := CallOf(f.Content)
		r.Of, r.At = f.Ref, moment(f.At)
		if len(r.Text) > callText {
			end := callText
			for !utf8.RuneStart(r.Text[end]) {
				end--
			}
			r.Text, r.Cut = r.Text[:end], true
		}
		out = append(out, r)
	}
	return out
}

// CallOf is a content that calls, whole; the zero RowCall of any other.
func CallOf(content Content) RowCall {
	switch x := content.(type) {
	case *Message:
		return RowCall{What: TypeMessage, Text: x.Text}
	case *ArrivalAccepted:
		return RowCall{What: TypeArrivalAccepted, Text: x.Text}
	case *ArrivalDiverted:
		return RowCall{What: TypeArrivalDiverted, Name: x.To, Text: x.Why}
	case *BayAssigned:
		return RowCall{What: TypeBayAssigned, Name: x.Bay}
	case *Activation:
		return RowCall{What: TypeActivation, Name: x.Team, Text: x.Why, Off: x.Off}
	}
	return RowCall{}
}
