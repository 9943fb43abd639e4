package kit

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"fieldkit/app/store"
	"fieldkit/sync/exchange"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// A view is the record as one peer may see it. It implements exchange.View. What it
// holds in memory are the encounters granted to the peer and the epochs these stand
// in; a new entry costs it one look-up, not a walk over the record.
type view struct {
	share *share
	peer  chart.Device

	making sync.Mutex // one making or weighing at a time

	mu       sync.RWMutex // guards everything that follows
	roster   *identity.Roster
	member   identity.MemberState                     // the peer as that roster has it
	subjects map[chart.ID]bool                        // encounters granted: true; their patients: false
	places   map[exchange.Place]map[chart.ID]struct{} // where entries of theirs stand
	taken    map[journal.Place][]chart.Span           // entries granted by themselves
}

// viewOf is what the exchange asks at each contact: nil for a peer that may see all.
func (s *share) viewOf(d chart.Device) exchange.View {
	r := s.roster.Load()
	if r == nil || r.Genesis == nil {
		return nil // our sponsor, an admin, before the roster has come
	}
	if m, ok := r.Member(d); ok && m.Grant == identity.GrantAll && m.Admin {
		return nil
	}
	s.mu.Lock()
	v := s.views[d]
	if v == nil {
		v = &view{share: s, peer: d}
		s.views[d] = v
	}
	s.mu.Unlock()
	if err := v.make(context.Background()); err != nil {
		s.kit.log.Error("what a peer may see could not be read; it sees less until the next contact", "reason", err)
	}
	return v
}

// make makes the view anew if the roster has changed since.
func (v *view) make(ctx context.Context) error {
	v.making.Lock()
	defer v.making.Unlock()
	return v.remake(ctx)
}

// remake is make for a caller that holds making.
func (v *view) remake(ctx context.Context) error {
	roster := v.share.roster.Load()
	v.mu.RLock()
	made := v.roster == roster
	v.mu.RUnlock()
	if made {
		return nil
	}
	member, _ := roster.Member(v.peer)
	subjects := map[chart.ID]bool{}
	var moved []claim
	var parted []chart.Ref
	if member.Grant != identity.GrantAll {
		st, j := v.share.kit.store, v.share.judge(roster)
		err := st.Marked(ctx, func(id chart.ID, marks []store.Mark) {
			if r := j.of(readClaims(marks)); r.may(v.peer) {
				subjects[id] = true
				moved = append(moved, r.taken()...)
			} else {
				parted = append(parted, r.partings(v.peer)...)
			}
		})
		if err != nil {
			return err
		}
		for _, id := range slices.Collect(maps.Keys(subjects)) {
			reach, err := st.Reach(ctx, id)
			if err != nil {
				return err
			}
			know(subjects, reach.Patients)
		}
	}
	// The encounters stand in the view before their places are read: whatever is
	// recorded from here on finds them there.
	v.mu.Lock()
	v.member, v.subjects = member, subjects
	v.places, v.taken = map[exchange.Place]map[chart.ID]struct{}{}, map[journal.Place][]chart.Span{}
	v.mu.Unlock()
	for id := range subjects {
		if _, err := v.locate(ctx, id); err != nil {
			return err
		}
	}
	for _, c := range moved {
		if _, err := v.take(ctx, c); err != nil {
			return err
		}
	}
	v.part(parted)
	v.mu.Lock()
	v.roster = roster
	v.mu.Unlock()
	return nil
}

// part takes in entries that ended what the peer may read, and returns where.
func (v *view) part(refs []chart.Ref) (out []exchange.Place) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, r := range refs {
		at := journal.Place{Device: r.Device, Epoch: r.Epoch}
		span := chart.Span{Device: r.Device, Epoch: r.Epoch, From: r.Seq, To: r.Seq}
		p := exchange.Place{Device: r.Device, Log: journal.Chart, Epoch: r.Epoch}
		if !slices.Contains(v.taken[at], span) {
			v.taken[at] = append(v.taken[at], span)
			v.stands(p, chart.ID{})
			out = append(out, p)
		}
	}
	return out
}

// know adds the patients that an encounter names, which are no encounters.
func know(subjects map[chart.ID]bool, patients []chart.ID) {
	for _, p := range patients {
		if _, there := subjects[p]; !there {
			subjects[p] = false
		}
	}
}

// judge is what judges encounters by a roster.
func (s *share) judge(r *identity.Roster) judge { return judge{roster: r, trusts: s.trusts} }

// locate takes in where entries of a subject stand, and returns where.
func (v *view) locate(ctx context.Context, subject chart.ID) ([]exchange.Place, error) {
	reach, err := v.share.kit.store.Reach(ctx, subject)
	if errors.Is(err, store.ErrNoSubject) {
		return nil, nil // a patient that only encounters' entries name
	}
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	var out []exchange.Place
	for _, s := range reach.Shares {
		p := exchange.Place(s.Epoch)
		v.stands(p, subject)
		out = append(out, p)
	}
	return out, nil
}

// stands notes that an epoch holds an entry of a subject. Caller holds mu.
func (v *view) stands(p exchange.Place, subject chart.ID) {
	if v.places[p] == nil {
		v.places[p] = map[chart.ID]struct{}{}
	}
	v.places[p][subject] = struct{}{}
}

// take takes in entries that were moved from another encounter to a granted one, if
// whoever moved them may read that one too.
func (v *view) take(ctx context.Context, c claim) ([]exchange.Place, error) {
	from, err := v.share.kit.store.Reach(ctx, c.from)
	if errors.Is(err, store.ErrNoSubject) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !v.share.judge(v.share.roster.Load()).of(readClaims(from.Marks)).may(c.at.Device) {
		return nil, nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	var out []exchange.Place
	for _, s := range from.Shares {
		for _, span := range c.spans {
			if at := (journal.Place{Device: span.Device, Epoch: span.Epoch}); at.Device == s.Device && at.Epoch == s.Epoch.Epoch {
				if !slices.Contains(v.taken[at], span) {
					v.taken[at] = append(v.taken[at], span)
				}
				v.stands(exchange.Place(s.Epoch), chart.ID{})
				out = append(out, exchange.Place(s.Epoch))
			}
		}
	}
	return out, nil
}

// weigh judges an encounter anew and returns the epochs in which the peer may now
// read more.
func (v *view) weigh(ctx context.Context, encounter chart.ID) ([]exchange.Place, error) {
	v.making.Lock() // or a making under way would forget what is found here
	defer v.making.Unlock()
	v.mu.RLock()
	roster, member, was := v.roster, v.member, v.subjects[encounter]
	v.mu.RUnlock()
	if roster == nil || member.Grant == identity.GrantAll {
		return nil, nil // made at the next contact; or nothing to weigh
	}
	reach, err := v.share.kit.store.Reach(ctx, encounter)
	if err != nil {
		return nil, err
	}
	r := v.share.judge(roster).of(readClaims(reach.Marks))
	if !r.may(v.peer) {
		if was {
			v.forget() // its patients may go too
			err = v.remake(ctx)
		}
		return v.part(r.partings(v.peer)), err
	}
	subjects := append([]chart.ID{encounter}, reach.Patients...)
	v.mu.Lock()
	v.subjects[encounter] = true
	know(v.subjects, reach.Patients)
	v.mu.Unlock()
	var out []exchange.Place
	for _, id := range subjects {
		places, err := v.locate(ctx, id)
		if err != nil {
			return nil, err
		}
		out = append(out, places...)
	}
	for _, c := range r.taken() {
		places, err := v.take(ctx, c)
		if err != nil {
			return nil, err
		}
		out = append(out, places...)
	}
	return out, nil
}

// heed takes in where a new entry stands, and reports whether its encounter must be
// weighed anew: it names a patient that the peer knew nothing of.
func (v *view) heed(p exchange.Place, b journal.Body) (weigh bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	subject := subjectOf(b)
	granted, known := v.subjects[subject]
	if !known {
		return false
	}
	v.stands(p, subject)
	_, knows := v.subjects[b.Patient]
	return granted && b.Patient != (chart.ID{}) && !knows
}

// subjectOf is what the store files an entry under.
func subjectOf(b journal.Body) chart.ID {
	if b.Encounter != (chart.ID{}) {
		return b.Encounter
	}
	return b.Patient
}

// All implements exchange.View: a guest alone does not know of every epoch.
func (v *view) All() bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.member.Grant > identity.GrantHanded
}

// Sees implements exchange.View.
func (v *view) Sees(p exchange.Place) bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return p.Log == journal.Team || p.Device == v.peer || len(v.places[p]) > 0
}

// Strip implements exchange.View.
func (v *view) Strip(p journal.Piece) journal.Piece {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if p.Head.Device == v.peer || p.Head.Log != journal.Audit && v.member.Grant == identity.GrantAll && !v.member.Out {
		return p
	}
	site := ""
	if w, ok := v.share.roster.Load().Member(p.Head.Device); ok {
		site = w.Site
	}
	spans := v.taken[journal.Place{Device: p.Head.Device, Epoch: p.Head.Epoch}]
	records := slices.Clone(p.Records)
	for i, r := range records {
		if r.Absent != chart.Present || v.receives(p.Head.Log, site, r.Body) {
			continue
		}
		at := p.Head.Ref(p.Head.Seq + 1 + uint64(i))
		if p.Head.Log != journal.Audit && slices.ContainsFunc(spans, func(s chart.Span) bool { return s.Holds(at) }) {
			continue
		}
		records[i] = journal.Record{Envelope: r.Envelope, Absent: chart.Withheld}
	}
	p.Records = records
	return p
}

// receives reports whether the peer may have a body. One that cannot be read here
// goes to nobody whose grant is narrow: no one can say whose it is. Caller holds mu.
func (v *view) receives(log journal.Log, site string, body []byte) bool {
	if log == journal.Team || log == journal.Audit {
		return v.member.Receives(log, "", false)
	}
	b, err := journal.DecodeBody(body)
	if err != nil {
		return false
	}
	subject := subjectOf(b)
	if subject == (chart.ID{}) { // of no patient: its writer's site's
		return v.member.Receives(log, site, false)
	}
	_, handed := v.subjects[subject]
	return !v.member.Out && handed
}

// Bodies implements exchange.View.
func (v *view) Bodies(ctx context.Context, places ...exchange.Place) ([]exchange.Held, error) {
	of := map[chart.ID]bool{}
	asked := map[exchange.Place]bool{}
	moved := map[exchange.Place]bool{}
	v.mu.RLock()
	if v.member.Out || v.member.Grant == identity.GrantAll {
		v.mu.RUnlock()
		return nil, nil // what is left out for it never comes later without a new contact
	}
	note := func(p exchange.Place) {
		for id := range v.places[p] {
			if id == (chart.ID{}) {
				moved[p] = true
			} else {
				of[id] = true
			}
		}
	}
	for _, p := range places {
		asked[p] = true
		note(p)
	}
	if len(places) == 0 {
		for p := range v.places {
			note(p)
		}
	}
	v.mu.RUnlock()
	tallies := map[exchange.Place]exchange.Tally{}
	for id := range of {
		reach, err := v.share.kit.store.Reach(ctx, id)
		if errors.Is(err, store.ErrNoSubject) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, s := range reach.Shares {
			if p := exchange.Place(s.Epoch); len(places) == 0 || asked[p] {
				t := tallies[p]
				tallies[p] = exchange.Tally{Count: t.Count + s.Count, Sum: t.Sum + s.Sum}
			}
		}
	}
	// Entries that were moved stand in no sum: the peer always compares such epochs
	// itself.
	for p := range moved {
		t := tallies[p]
		tallies[p] = exchange.Tally{Count: t.Count + 1<<40, Sum: t.Sum}
	}
	out := make([]exchange.Held, 0, len(tallies))
	for p, t := range tallies {
		if p.Log != journal.Stream {
			out = append(out, exchange.Held{Place: p, Tally: t})
		}
	}
	return out, nil
}
