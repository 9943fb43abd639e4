package journal

import (
	"fmt"
	"maps"
	"slices"

	"fieldkit/triage/chart"
)

// A Place is one epoch of one device.
type Place struct {
	Device chart.Device
	Epoch  chart.Epoch
}

// A Vector says how far each epoch is held, in envelopes: the highest seq up to
// which there is no gap. What is not in it is not held at all.
type Vector map[Place]uint64

// Refs is v as places, ordered by device and epoch.
func (v Vector) Refs() []chart.Ref {
	out := make([]chart.Ref, 0, len(v))
	for p, seq := range v {
		if seq > 0 {
			out = append(out, chart.Ref{Device: p.Device, Epoch: p.Epoch, Seq: seq})
		}
	}
	slices.SortFunc(out, compareRefs)
	return out
}

// Add raises v to reach r. It never lowers it; a ref to no entry adds nothing.
func (v Vector) Add(r chart.Ref) {
	if p := (Place{r.Device, r.Epoch}); r.Seq > v[p] {
		v[p] = r.Seq
	}
}

// Holds reports whether v reaches r.
func (v Vector) Holds(r chart.Ref) bool { return r.Seq > 0 && v[Place{r.Device, r.Epoch}] >= r.Seq }

// Lacks is what theirs holds and v does not, ordered by device and epoch. A
// range begins after what v holds.
func (v Vector) Lacks(theirs Vector) []chart.Span {
	var out []chart.Span
	for _, r := range theirs.Refs() {
		if have := v[Place{r.Device, r.Epoch}]; have < r.Seq {
			out = append(out, chart.Span{Device: r.Device, Epoch: r.Epoch, From: have + 1, To: r.Seq})
		}
	}
	return out
}

// Equal reports whether both reach equally far.
func (v Vector) Equal(w Vector) bool { return maps.Equal(v, w) }

// Encode is v as deterministic CBOR: {device: {epoch: seq}}, about 20 bytes an
// epoch and 35 a device.
func (v Vector) Encode() ([]byte, error) {
	b, err := appendRefs(nil, v.Refs())
	if err != nil {
		return nil, fmt.Errorf("write vector: %w", err)
	}
	return b, nil
}

// DecodeVector reads what Encode writes. Its cost is bounded by len(b).
func DecodeVector(b []byte) (Vector, error) {
	r := reader{b: b}
	refs := r.refs()
	if err := r.end(); err != nil {
		return nil, fmt.Errorf("read vector: %w", err)
	}
	v := make(Vector, len(refs))
	for _, ref := range refs {
		v.Add(ref)
	}
	return v, nil
}

// Folded keeps, for one patient, what a body's saw is made of. The zero Folded
// is ready; it is not safe for concurrent use.
type Folded struct {
	reach   Vector
	waiting map[Place]map[uint64]bool
}

// Add notes that the entry at r, of this patient, has been folded.
func (f *Folded) Add(r chart.Ref) {
	if f.reach == nil {
		f.reach = Vector{}
	}
	f.reach.Add(r)
	f.Settle(r)
}

// Wait notes that the entry at r may be of this patient and may be read, but is
// not folded: its body is on its way, or of a later version. Saw stops before it.
func (f *Folded) Wait(r chart.Ref) {
	p := Place{r.Device, r.Epoch}
	if f.waiting == nil {
		f.waiting = map[Place]map[uint64]bool{}
	}
	if f.waiting[p] == nil {
		f.waiting[p] = map[uint64]bool{}
	}
	f.waiting[p][r.Seq] = true
}

// Settle notes that the entry at r needs no waiting for: it is of another
// patient, or withheld, pruned or erased.
func (f *Folded) Settle(r chart.Ref) { delete(f.waiting[Place{r.Device, r.Epoch}], r.Seq) }

// Saw is what the writer of the next entry of this patient has seen: per device
// and epoch that holds entries of this patient, the highest entry folded with
// none waiting before it.
func (f *Folded) Saw() []chart.Ref {
	out := f.reach.Refs()
	for i := range out {
		for seq := range f.waiting[Place{out[i].Device, out[i].Epoch}] {
			out[i].Seq = min(out[i].Seq, seq-1)
		}
	}
	return slices.DeleteFunc(out, func(r chart.Ref) bool { return r.Seq == 0 })
}
