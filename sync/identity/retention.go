package identity

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"fieldkit/triage/chart"
)

// Retention says how long the bodies of each kind of record are kept, as an admin
// decides it. A row that it does not name stays as it was. Each station carries it
// out by itself; the envelopes stay, so that the chain holds.
//
// What law and practice ask for differs from country to country; the team sets it.
// Records of treatment: 10 years in Germany (BGB § 630f (3)), 20 in France (CSP
// R. 1112-7), 8 in England, ambulances too (NHS Records Management Code of Practice
// 2021, appendices II and III), 5 for hospitals under Medicare (42 CFR 482.24 (b)
// (1)). Of minors, at least until the 28th birthday in France and the 25th in
// England. What documents who had access: 6 years (45 CFR 164.316 (b) (2) (i)).
type Retention struct {
	Keep []Keep `cbor:"1,keyasint" json:"keep"`
	Why  string `cbor:"2,keyasint,omitempty" json:"why,omitempty"` // no patient data
}

// A Keep is how long one kind of record is kept, from when the patient was last
// seen; of a person who was a minor then, at least until a birthday. All zero is for
// ever.
type Keep struct {
	_     struct{} `cbor:",toarray"`
	Of    Kept
	Years uint16
	Days  uint16 // beside the years
	Until uint8  // minors: age in years; 0 for none
}

// Kept is a kind of record that has a row of its own. The numbers stand in the record.
type Kept uint8

// The kinds. The team log has no row: who belonged to the team is kept for ever.
const (
	KeptAdult  Kept = 1 // charts of those who were MinorBefore or older when last seen
	KeptMinor  Kept = 2 // charts of those who were younger
	KeptStream Kept = 3 // every second's numbers and waveforms, within the chart's time
	KeptAudit  Kept = 4 // who looked, who signed in
)

// MinorBefore is the age in years from which a person is no minor (Convention on the
// Rights of the Child, article 1).
const MinorBefore = 18

var keptWords = [...]string{KeptAdult: "adult", KeptMinor: "minor", KeptStream: "stream", KeptAudit: "audit"}

// Kinds is every kind that has a row, in their order.
func Kinds() []Kept { return []Kept{KeptAdult, KeptMinor, KeptStream, KeptAudit} }

// String is the kind in lower case.
func (k Kept) String() string { return word(keptWords[:], int(k)) }

// MarshalText writes the kind in lower case.
func (k Kept) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (k *Kept) UnmarshalText(b []byte) error {
	n, err := number(keptWords[:], string(b))
	*k = Kept(n)
	return err
}

// Type implements chart.Content.
func (*Retention) Type() chart.Type { return TypeRetention }

// The least and the most that a row may say: a slip of the hand must not empty the
// team's record.
const (
	leastYears = 1   // of charts and audit
	mostYears  = 150 // and of an age
	mostDays   = 366
)

// Validate implements chart.Content.
func (r *Retention) Validate() error {
	errs := []error{must(len(r.Keep) > 0, "no row is named"), optional("why", r.Why)}
	var rows [256]bool
	for _, k := range r.Keep {
		errs = append(errs, must(k.Of >= KeptAdult && k.Of <= KeptAudit, "a row is of no known kind"), must(!rows[k.Of], "two rows of one kind"),
			must(k.Years <= mostYears && k.Days <= mostDays && k.Until <= mostYears, "a row keeps longer than can be meant; say for ever"),
			must(k.Until == 0 || k.Of == KeptMinor && !k.ForEver(), "only minors' charts are kept until an age, beside a time"),
			must(k.ForEver() || k.Years >= leastYears || k.Of == KeptStream, "charts and audit are kept a year at least"))
		rows[k.Of] = true
	}
	return errors.Join(errs...)
}

// ForEver reports whether nothing of the kind is ever removed.
func (k Keep) ForEver() bool { return k.Years == 0 && k.Days == 0 }

// After is when what was last true at t is past its time; zero for never. Born is
// the latest that the birth can have been, for a minor's row.
func (k Keep) After(t, born time.Time) time.Time {
	if k.ForEver() {
		return time.Time{}
	}
	end := t.AddDate(int(k.Years), 0, int(k.Days))
	if of := born.AddDate(int(k.Until), 0, 0); k.Until > 0 && of.After(end) {
		return of
	}
	return end
}

// Longer is what keeps as long as both do.
func (k Keep) Longer(o Keep) Keep {
	if k.ForEver() || o.ForEver() {
		return Keep{Of: k.Of}
	}
	long := k
	if k.length() < o.length() {
		long = o
	}
	long.Until = max(k.Until, o.Until)
	return long
}

// length orders rows; a leap day decides nothing.
func (k Keep) length() int { return int(k.Years)*366 + int(k.Days) }

// A KeepState is one row as the roster has it.
type KeepState struct {
	Keep
	By chart.Ref // the entry that said so; zero: nobody did, and it is kept for ever
	// Disputed is true when admins, while apart, said different things: the longer
	// holds until an admin says it anew.
	Disputed bool
}

// Retention is how long each kind is kept, in the order of Kinds.
func (r *Roster) Retention() []KeepState {
	out := make([]KeepState, 0, len(keptWords)-1)
	for _, of := range Kinds() {
		state, ok := r.keep[of]
		if !ok {
			state.Of = of
		}
		out = append(out, state)
	}
	return out
}

// Keeps is the row of one kind.
func (r *Roster) Keeps(of Kept) KeepState {
	return r.Retention()[of-1]
}

// keepOf makes the rows from the entries that count.
func keepOf(entries []chart.Entry) map[Kept]KeepState {
	said := map[Kept][]chart.Entry{}
	for _, e := range entries {
		for _, k := range e.Content.(*Retention).Keep {
			said[k.Of] = append(said[k.Of], e)
		}
	}
	out := map[Kept]KeepState{}
	for of, by := range said {
		latest := latestOf(by)
		slices.SortFunc(latest, func(a, b chart.Entry) int {
			return cmp.Or(cmp.Compare(rowOf(b, of).length(), rowOf(a, of).length()), a.Ref.Compare(b.Ref))
		})
		state := KeepState{Keep: rowOf(latest[0], of), By: latest[0].Ref}
		for _, e := range latest[1:] {
			row := rowOf(e, of)
			state.Disputed = state.Disputed || row != rowOf(latest[0], of)
			state.Keep = state.Longer(row)
		}
		out[of] = state
	}
	return out
}

// rowOf is what an entry says of a kind that it names.
func rowOf(e chart.Entry, of Kept) Keep {
	keep := e.Content.(*Retention).Keep
	return keep[slices.IndexFunc(keep, func(k Keep) bool { return k.Of == of })]
}

// Table is the rows alone: equal for two rosters that keep everything alike.
func (r *Roster) Table() [4]Keep {
	var out [4]Keep
	for i, row := range r.Retention() {
		out[i] = row.Keep
	}
	return out
}
