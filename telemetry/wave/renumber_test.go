package wave

import (
	"testing"

	"fieldkit/triage/vital"
)

func TestARenumberedFrameSaysTheSameUnderAnotherNumber(t *testing.T) {
	var e Encoder
	now := Now{Time: 1_000_000_000, Binding: Binding{Tag: "A"}, Numerics: []vital.Reading{vital.Of(vital.SpO2, vital.Int(97))}}
	for range 300 { // sequences of one and of two bytes
		b, err := e.Encode(nil, &now)
		if err != nil {
			t.Fatal(err)
		}
		var was, is Frame
		var before, after Decoder
		if now.Time += 100_000_000; before.Decode(b, &was) != nil {
			continue // not described: its description was in an earlier frame
		}
		if seq, at, err := Head(b); err != nil || seq != was.Seq || at != was.Time {
			t.Fatalf("head: %v, sequence %d at %v, want %d at %v", err, seq, at, was.Seq, was.Time)
		}
		out, err := Renumber(nil, b, 7)
		if err != nil {
			t.Fatal(err)
		}
		if err := after.Decode(out, &is); err != nil || is.Seq != 7 || is.Time != was.Time || len(is.Numerics) != 1 {
			t.Fatalf("renumbered frame: %v, %+v", err, is)
		}
	}
	for _, b := range [][]byte{nil, {1}, {2, 0, 1}, {1, 0, 0x80}} {
		if _, err := Renumber(nil, b, 1); err == nil {
			t.Errorf("%x passed as a frame", b)
		}
	}
}
