package journal

import (
	"bytes"
	"crypto/sha256"

	"fieldkit/triage/chart"
)

// A Fork is a log that has two different entries at one place, both sealed by
// its device: a copied key or a copied disk wrote both. Neither is true alone.
// Both branches are kept, each as a log of its own under its own name, and the
// epoch ends where they part.
type Fork struct {
	At     Head        // the last entry that both share
	Ours   chart.Epoch // name of the branch of the first run given to FindFork
	Theirs chart.Epoch // name of the branch of the second
}

// BranchName names a branch by its first envelope that differs: the first 16
// bytes of its SHA-256. It stands wherever an epoch's id stands, so that places
// in a branch cannot be taken for places in the epoch it left.
func BranchName(envelope []byte) chart.Epoch {
	sum := sha256.Sum256(envelope)
	return chart.Epoch(sum[:16])
}

// FindFork compares two verified runs that both begin after from, and reports
// where they part; ok is false when one is the beginning of the other.
func FindFork(from Head, ours, theirs []Record) (f Fork, ok bool) {
	f.At = from
	var scratch []byte
	for i := range min(len(ours), len(theirs)) {
		a, b := ours[i].Envelope, theirs[i].Envelope
		if !bytes.Equal(a, b) {
			f.Ours, f.Theirs = BranchName(a), BranchName(b)
			return f, true
		}
		f.At.Seq++
		f.At.Chain, scratch = link(f.At.Chain, a, scratch)
	}
	return Fork{}, false
}

// Branches is the head records of a fork: the epoch up to where it parts (none
// when it parts at its first entry), and each branch up to the head given.
// Stations that hold the same of both branches get the same records, whichever
// branch they met first.
func (f Fork) Branches(ours, theirs Head) []HeadRecord {
	var out []HeadRecord
	if f.At.Seq > 0 {
		out = append(out, f.At.Record())
	}
	a, b := ours.Record(), theirs.Record()
	a.Epoch, a.Of = f.Ours, f.At.Epoch
	b.Epoch, b.Of = f.Theirs, f.At.Epoch
	return append(out, a, b)
}
