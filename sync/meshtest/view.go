package meshtest

import (
	"bytes"
	"context"
	"slices"
	"sync"

	"fieldkit/sync/exchange"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// Subject is the encounter that a body of these tests is of: what stands before its
// first colon; "" for none.
func Subject(body []byte) string {
	subject, _, ok := bytes.Cut(body, []byte(":"))
	if !ok {
		return ""
	}
	return string(subject)
}

// A View is a record as a peer may see it that is granted some encounters. It
// satisfies exchange.View. A guest knows only of epochs that hold one.
type View struct {
	Guest bool

	ledger  *Ledger
	mu      sync.Mutex // taken before the ledger's
	granted map[string]bool
}

// NewView returns a view of a record that grants nothing yet.
func NewView(l *Ledger, guest bool) *View {
	return &View{Guest: guest, ledger: l, granted: map[string]bool{}}
}

// Grant adds an encounter and returns the epochs that hold entries of it.
func (v *View) Grant(subject string) (places []exchange.Place) {
	v.mu.Lock()
	v.granted[subject] = true
	v.mu.Unlock()
	for p, ep := range v.ledger.all() {
		if slices.ContainsFunc(ep, func(r journal.Record) bool { return Subject(r.Body) == subject }) {
			places = append(places, p)
		}
	}
	return places
}

func (v *View) may(r journal.Record) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return r.Absent == chart.Present && v.granted[Subject(r.Body)]
}

// All implements exchange.View.
func (v *View) All() bool { return !v.Guest }

// Sees implements exchange.View.
func (v *View) Sees(p exchange.Place) bool {
	return p.Log == journal.Team || slices.ContainsFunc(v.ledger.all()[p], v.may)
}

// Strip implements exchange.View.
func (v *View) Strip(p journal.Piece) journal.Piece {
	if p.Head.Log == journal.Team {
		return p
	}
	p.Records = slices.Clone(p.Records)
	for i, r := range p.Records {
		if r.Absent == chart.Present && !v.may(r) {
			p.Records[i] = journal.Record{Envelope: r.Envelope, Absent: chart.Withheld}
		}
	}
	return p
}

// Bodies implements exchange.View.
func (v *View) Bodies(_ context.Context, places ...exchange.Place) (out []exchange.Held, err error) {
	for p, records := range v.ledger.all() {
		if len(places) > 0 && !slices.Contains(places, p) {
			continue
		}
		if t := tally(records, v.may); t.Count > 0 {
			out = append(out, exchange.Held{Place: p, Tally: t})
		}
	}
	return out, nil
}

// tally sums the bodies of some records, which are those of an epoch from its first.
func tally(records []journal.Record, which func(journal.Record) bool) (t exchange.Tally) {
	for i, r := range records {
		if which(r) {
			t.Count++
			t.Sum += uint64(i+1) * uint64(i+1) * 0x9e3779b97f4a7c15
		}
	}
	return t
}

// all is every epoch's records without the stream.
func (l *Ledger) all() map[exchange.Place][]journal.Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := map[exchange.Place][]journal.Record{}
	for k, e := range l.epochs {
		if k.log == journal.Stream {
			continue
		}
		p := exchange.Place{Device: k.device, Log: k.log, Epoch: k.epoch}
		for _, piece := range e.pieces {
			out[p] = append(out[p], piece.Records...)
		}
	}
	return out
}

// Accounts is a record's account of bodies. It satisfies exchange.Bodies.
type Accounts struct {
	*Ledger
	// All says that this station is granted everything.
	All bool
}

// Tally implements exchange.Bodies.
func (a Accounts) Tally(_ context.Context, p exchange.Place) (exchange.Tally, error) {
	return tally(a.all()[p], func(r journal.Record) bool { return r.Absent == chart.Present && Subject(r.Body) != "" }), nil
}

// Absent implements exchange.Bodies.
func (a Accounts) Absent(_ context.Context, p exchange.Place) (seqs []uint64, err error) {
	for i, r := range a.all()[p] {
		if r.Absent != chart.Present {
			seqs = append(seqs, uint64(i+1))
		}
	}
	return seqs, nil
}

// Lacking implements exchange.Bodies.
func (a Accounts) Lacking(context.Context) (places []exchange.Place, err error) {
	for p, records := range a.all() {
		if slices.ContainsFunc(records, func(r journal.Record) bool { return r.Absent != chart.Present }) {
			places = append(places, p)
		}
	}
	return places, nil
}

// Due implements exchange.Bodies.
func (a Accounts) Due(chart.Device, journal.Log) bool { return a.All }
