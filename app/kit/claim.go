package kit

import (
	"bytes"
	"encoding/binary"
	"errors"

	"fieldkit/app/store"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// What an entry says of who may see its encounter is kept beside the encounter's
// card, so that a grant is judged without opening entries.

// A claim is one such entry. The numbers stand in the store.
type claim struct {
	at      chart.Ref // where it stands: its device is its writer
	kind    claimKind
	station chart.Device // whom it names
	of      chart.Ref    // the entry that a retraction strikes out
	from    chart.ID     // the encounter that moved entries came from
	patient chart.ID     // whom its writer registered
	until   chart.Moment // the end of a sharing
	saw     []chart.Ref
	spans   []chart.Span // the entries moved
}

type claimKind uint8

const (
	claimOpened     claimKind = 1 // its writer opened the encounter
	claimBound      claimKind = 2 // the patient is on the way to a station, or to none of ours: the latest holds
	claimHanded     claimKind = 3 // a handover, or the patient, or the record went to a station: it lasts
	claimRetracted  claimKind = 4 // an entry is struck out
	claimMoved      claimKind = 5 // entries of another encounter belong here
	claimRegistered claimKind = 6 // its writer registered a patient
	claimShared     claimKind = 7 // the encounter alone goes to a station on no roster, until then
)

// claimOf is the claim that a body makes; false for most.
func claimOf(b journal.Body) (c claim, ok bool) {
	switch b.Type {
	case chart.TypeEncounterOpened:
		return claim{kind: claimOpened}, true
	case chart.TypePatientRegistered:
		return claim{kind: claimRegistered, patient: b.Patient}, b.Patient != chart.ID{}
	case chart.TypeEncounterBoundFor, chart.TypeEncounterMoved, chart.TypeHandoverOffered, chart.TypeRetraction, chart.TypeRangeReassigned, chart.TypeEncounterShared:
	default:
		return c, false
	}
	content, err := journal.DecodeContent(b.Type, b.Content, kinds)
	if err != nil {
		return c, false
	}
	switch v := content.(type) {
	case *chart.EncounterBoundFor:
		return claim{kind: claimBound, station: v.Station, saw: b.Saw}, true
	case *chart.EncounterMoved:
		return claim{kind: claimHanded, station: v.Station}, v.Station != chart.Device{}
	case *chart.HandoverOffered:
		return claim{kind: claimHanded, station: v.Station}, v.Station != chart.Device{}
	case *chart.EncounterShared:
		return claim{kind: claimShared, station: strangerOf(v), until: v.Until}, true
	case *chart.Retraction:
		return claim{kind: claimRetracted, of: v.Of}, true
	case *chart.RangeReassigned:
		return claim{kind: claimMoved, from: v.FromEncounter, spans: v.Entries}, v.ToEncounter == b.Encounter
	}
	return c, false
}

// marksOf is store.Config.Marks: the claim of a body as the store keeps it.
func marksOf(b journal.Body) []byte {
	c, ok := claimOf(b)
	if !ok {
		return nil
	}
	out := []byte{byte(c.kind)}
	switch c.kind {
	case claimBound:
		out = append(out, c.station[:]...)
		for _, r := range c.saw {
			out = appendRef(out, r)
		}
	case claimHanded:
		out = append(out, c.station[:]...)
	case claimShared:
		out = binary.AppendUvarint(append(out, c.station[:]...), uint64(c.until))
	case claimRetracted:
		out = appendRef(out, c.of)
	case claimRegistered:
		out = append(out, c.patient[:]...)
	case claimMoved:
		out = append(out, c.from[:]...)
		for _, s := range c.spans {
			out = appendRef(out, chart.Ref{Device: s.Device, Epoch: s.Epoch, Seq: s.From})
			out = binary.AppendUvarint(out, s.To)
		}
	}
	return out
}

func appendRef(b []byte, r chart.Ref) []byte {
	return binary.AppendUvarint(append(append(b, r.Device[:]...), r.Epoch[:]...), r.Seq)
}

var errClaim = errors.New("a mark of who may see an encounter does not read")

// readClaim reads what marksOf writes.
func readClaim(m store.Mark) (claim, error) {
	r := bytes.NewReader(m.Bytes)
	kind, err := r.ReadByte()
	c := claim{at: m.Ref, kind: claimKind(kind)}
	fixed := func(into []byte) {
		if n, _ := r.Read(into); n < len(into) {
			err = errClaim
		}
	}
	number := func() uint64 {
		v, e := binary.ReadUvarint(r)
		if e != nil {
			err = errClaim
		}
		return v
	}
	ref := func() (out chart.Ref) {
		fixed(out.Device[:])
		fixed(out.Epoch[:])
		out.Seq = number()
		return out
	}
	switch c.kind {
	case claimBound, claimHanded:
		fixed(c.station[:])
		for err == nil && r.Len() > 0 {
			c.saw = append(c.saw, ref())
		}
	case claimShared:
		fixed(c.station[:])
		c.until = chart.Moment(number())
	case claimRetracted:
		c.of = ref()
	case claimRegistered:
		fixed(c.patient[:])
	case claimMoved:
		fixed(c.from[:])
		for err == nil && r.Len() > 0 {
			from := ref()
			c.spans = append(c.spans, chart.Span{Device: from.Device, Epoch: from.Epoch, From: from.Seq, To: number()})
		}
	}
	return c, err
}

// readClaims reads an encounter's marks; what does not read grants nothing.
func readClaims(marks []store.Mark) []claim {
	out := make([]claim, 0, len(marks))
	for _, m := range marks {
		if c, err := readClaim(m); err == nil {
			out = append(out, c)
		}
	}
	return out
}
