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
	subjects map[chart.ID]granted                     // encounters, and their patients
	places   map[exchange.Place]map[chart.ID]struct{} // where entries of theirs stand
	taken    map[journal.Place][]taken                // entries granted by themselves
	// Who registered which patient, and the patients named by none that may say so.
	registrars map[chart.ID][]chart.Device
	refused    map[chart.ID]struct{}
	stranger   bool // on no roster: it reads the encounters shared with it, and nothing else
}

// A granted says as what an id is granted. An encounter's id that is named as a
// patient's, or a patient's under which an encounter is opened, grants nothing of the
// other.
type granted uint8

const (
	asEncounter granted = 1 << iota
	asPatient
)

// A taken is a span of entries of one encounter. Those of others in it stay theirs.
type taken struct {
	chart.Span
	from chart.ID
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
		s.kit.log.Error("what a peer may see could not be read; it sees nothing until the next contact", "reason", err)
	}
	return v
}

// make makes the view anew if the roster has changed since.
func (v *view) make(ctx context.Context) error {
	v.making.Lock()
	defer v.making.Unlock()
	return v.remake(ctx)
}

// remake is make for a caller that holds making. A view that cannot be made shows
// nothing.
func (v *view) remake(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			v.shut()
		}
	}()
	roster := v.share.roster.Load()
	v.mu.RLock()
	made := v.roster == roster
	v.mu.RUnlock()
	if made {
		return nil
	}
	member, known := roster.Member(v.peer)
	subjects := map[chart.ID]granted{}
	var moved []claim
	parted := map[chart.ID][]chart.Ref{}
	registrars, refused := map[chart.ID][]chart.Device{}, map[chart.ID]struct{}{}
	if member.Grant != identity.GrantAll {
		st, j := v.share.kit.store, v.share.judge(roster)
		self := v.share.member.Load()
		if self == nil {
			return storeFault(store.ErrLocked)
		}
		err := st.Marked(ctx, func(id chart.ID, marks []store.Mark) {
			claims := readClaims(self.own(marks))
			if len(claims) == 0 {
				return // of another team
			}
			j.register(registrars, claims)
			if r := j.of(claims); !known {
				if v.share.strangers.reads(v.peer, id, v.share.now()) {
					subjects[id] = asEncounter
				}
			} else if r.may(v.peer) {
				subjects[id] = asEncounter
				moved = append(moved, r.taken()...)
			} else {
				parted[id] = r.partings(v.peer)
			}
		})
		if err != nil {
			return err
		}
		for _, id := range slices.Collect(maps.Keys(subjects)) {
			if !known {
				break // the encounter alone
			}
			reach, err := v.share.reach(ctx, id)
			if err != nil {
				return err
			}
			patients, not := j.whom(reach, registrars)
			know(subjects, patients)
			for _, p := range not {
				refused[p] = struct{}{}
			}
		}
	}
	// The encounters stand in the view before their places are read: whatever is
	// recorded from here on finds them there.
	v.mu.Lock()
	v.member, v.subjects, v.stranger = member, subjects, !known
	v.places, v.taken = map[exchange.Place]map[chart.ID]struct{}{}, map[journal.Place][]taken{}
	v.registrars, v.refused = registrars, refused
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
	for id, refs := range parted {
		v.part(id, refs)
	}
	v.mu.Lock()
	v.roster = roster
	v.mu.Unlock()
	return nil
}

// shut has the view show nothing until it is made anew at the next contact.
func (v *view) shut() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.roster = nil
	v.member.Grant, v.member.Admin, v.member.Out = identity.GrantHanded, false, true
	v.subjects, v.places, v.taken = map[chart.ID]granted{}, map[exchange.Place]map[chart.ID]struct{}{}, map[journal.Place][]taken{}
}

// part takes in entries that ended what the peer may read of an encounter, and
// returns where.
func (v *view) part(encounter chart.ID, refs []chart.Ref) (out []exchange.Place) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, r := range refs {
		at := journal.Place{Device: r.Device, Epoch: r.Epoch}
		span := taken{chart.Span{Device: r.Device, Epoch: r.Epoch, From: r.Seq, To: r.Seq}, encounter}
		p := exchange.Place{Device: r.Device, Log: journal.Chart, Epoch: r.Epoch}
		if !slices.Contains(v.taken[at], span) {
			v.taken[at] = append(v.taken[at], span)
			v.stands(p, chart.ID{})
			out = append(out, p)
		}
	}
	return out
}

// know adds the patients of an encounter.
func know(subjects map[chart.ID]granted, patients []chart.ID) {
	for _, p := range patients {
		subjects[p] |= asPatient
	}
}

// judge is what judges encounters by a roster.
func (s *share) judge(r *identity.Roster) judge { return judge{roster: r, trusts: s.trusts} }

// locate takes in where entries of a subject stand, and returns where.
func (v *view) locate(ctx context.Context, subject chart.ID) ([]exchange.Place, error) {
	reach, err := v.share.reach(ctx, subject)
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
	from, err := v.share.reach(ctx, c.from)
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
				if t := (taken{span, c.from}); !slices.Contains(v.taken[at], t) {
					v.taken[at] = append(v.taken[at], t)
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
func (v *view) weigh(ctx context.Context, encounter chart.ID) (out []exchange.Place, err error) {
	v.making.Lock() // or a making under way would forget what is found here
	defer v.making.Unlock()
	defer func() {
		if err != nil {
			v.shut()
		}
	}()
	v.mu.RLock()
	roster, member, was, stranger := v.roster, v.member, v.subjects[encounter]&asEncounter != 0, v.stranger
	v.mu.RUnlock()
	if roster == nil || member.Grant == identity.GrantAll {
		return nil, nil // made at the next contact; or nothing to weigh
	}
	if stranger {
		may := v.share.strangers.reads(v.peer, encounter, v.share.now())
		if may == was {
			return nil, nil
		}
		v.forget()
		if err := v.remake(ctx); err != nil || !may {
			return nil, err
		}
		return v.locate(ctx, encounter)
	}
	reach, err := v.share.reach(ctx, encounter)
	if err != nil && !errors.Is(err, store.ErrNoSubject) {
		return nil, err
	}
	j, claims := v.share.judge(roster), readClaims(reach.Marks)
	r := j.of(claims)
	may := r.may(v.peer)
	if v.registered(j, claims) || was && !may {
		v.forget() // its patients may come or go too
		if err := v.remake(ctx); err != nil {
			return nil, err
		}
		v.mu.RLock()
		defer v.mu.RUnlock()
		return slices.Collect(maps.Keys(v.places)), nil
	}
	if !may {
		return v.part(encounter, r.partings(v.peer)), nil
	}
	v.mu.Lock()
	patients, not := j.whom(reach, v.registrars)
	v.subjects[encounter] |= asEncounter
	know(v.subjects, patients)
	for _, p := range not {
		v.refused[p] = struct{}{}
	}
	v.mu.Unlock()
	subjects := append([]chart.ID{encounter}, patients...)
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

// register takes in who registered which patient by an encounter's claims, and
// returns the patients of whom that is news.
func (j judge) register(registrars map[chart.ID][]chart.Device, claims []claim) (news []chart.ID) {
	for _, c := range claims {
		if c.kind == claimRegistered && j.trusts(c.at) && !slices.Contains(registrars[c.patient], c.at.Device) {
			registrars[c.patient] = append(registrars[c.patient], c.at.Device)
			news = append(news, c.patient)
		}
	}
	return news
}

// registered takes in who registered patients, and reports whether that changes what
// was judged before.
func (v *view) registered(j judge, claims []claim) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.ContainsFunc(j.register(v.registrars, claims), func(p chart.ID) bool {
		_, refused := v.refused[p]
		return refused || v.subjects[p]&asPatient != 0
	})
}

// heed takes in where a new entry stands, and reports whether its encounter must be
// weighed anew: it names a patient that the peer knew nothing of, or it is by a
// station that a peer on no roster knows nothing of.
func (v *view) heed(p exchange.Place, b journal.Body) (weigh bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	subject := subjectOf(b)
	as, known := v.subjects[subject]
	if !known {
		return false
	}
	if v.stranger {
		_, stood := v.places[p]
		v.stands(p, subject)
		return !stood
	}
	v.stands(p, subject)
	return as&asEncounter != 0 && b.Patient != (chart.ID{}) && v.subjects[b.Patient]&asPatient == 0
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
	return !v.stranger && (p.Log == journal.Team || p.Device == v.peer) || len(v.places[p]) > 0
}

// Reads implements exchange.Reader.
func (v *view) Reads() bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.stranger
}

// Strip implements exchange.View.
func (v *view) Strip(p journal.Piece) journal.Piece {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if !v.stranger && p.Head.Device == v.peer || p.Head.Log != journal.Audit && v.member.Grant == identity.GrantAll && !v.member.Out {
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
		if p.Head.Log != journal.Audit && !v.member.Out && slices.ContainsFunc(spans, func(t taken) bool { return t.holds(at, r.Body) }) {
			continue
		}
		records[i] = journal.Record{Envelope: r.Envelope, Absent: chart.Withheld}
	}
	p.Records = records
	return p
}

// holds reports whether an entry is of the span and of its encounter.
func (t taken) holds(at chart.Ref, body []byte) bool {
	if !t.Holds(at) {
		return false
	}
	b, err := journal.DecodeBody(body)
	return err == nil && subjectOf(b) == t.from
}

// receives reports whether the peer may have a body. One that cannot be read here
// goes to nobody whose grant is narrow: no one can say whose it is. Caller holds mu.
func (v *view) receives(log journal.Log, site string, body []byte) bool {
	if v.stranger {
		b, err := journal.DecodeBody(body)
		return err == nil && log != journal.Team && log != journal.Audit && b.Encounter != (chart.ID{}) &&
			v.share.strangers.reads(v.peer, b.Encounter, v.share.now())
	}
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
	as := asEncounter
	if b.Encounter == (chart.ID{}) {
		as = asPatient
	}
	return !v.member.Out && v.subjects[subject]&as != 0
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
		reach, err := v.share.reach(ctx, id)
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
		out = append(out, exchange.Held{Place: p, Tally: t})
	}
	return out, nil
}
