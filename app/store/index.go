package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// A Card is one line of the patient index.
type Card struct {
	// Subject is the encounter; for entries of a patient and no encounter, the
	// patient.
	Subject chart.ID
	// Team is that of the entries that came first: an encounter belongs to one.
	Team     journal.TeamID
	Patients []chart.ID // those its entries name
	// Facts are the entries of the types that Config.Lists picks, in the order in
	// which they came. They share memory with the index: do not change them.
	Facts []Entry
	Last  int64 // latest wall time of its entries, ms since 1970 UTC
	// Held is how far each epoch with entries of this subject is held, stream
	// apart: places an entry's saw must reach.
	Held []chart.Ref
	// Seconds is how many entries the stream log holds or held.
	Seconds int
}

// index is the patient index in memory.
type index struct {
	u       *unlocked
	places  places
	listing [4]byte

	mu     sync.RWMutex
	cards  map[chart.ID]*card
	dirty  map[chart.ID]*card
	moved  map[int64]uint64 // by epoch number: how far cards in memory are ahead of the disk
	tally  map[int64]Tally  // by epoch number: the bodies on cards
	unsave int              // entries known in memory only
}

// A card is one subject's part of the index. Guarded by index.mu.
type card struct {
	subject  chart.ID
	patients []named
	last     int64
	spans    []span
	facts    []fact
	marks    []mark
}

// A named is a patient that entries of one epoch name, and the first that does.
type named struct {
	num     int64
	seq     uint64
	patient chart.ID
}

// A mark is what Config.Marks said of an entry.
type mark struct {
	num   int64
	seq   uint64
	bytes []byte
}

// A span is what a card knows of its subject's entries in one epoch.
type span struct {
	num         int64
	class       uint8
	seq         uint64 // highest
	count       int
	first, last int64 // lowest and highest id
	from, to    int64 // earliest and latest happened, ms since 1970 UTC
	// ordered: no entry happened before one that stands earlier, so that a time
	// can be searched for by halving.
	ordered bool
	latest  int64  // happened of the entry at seq
	sum     uint64 // of the entries' places, see Tally
}

// A fact is an entry that the patient list shows, whole.
type fact struct {
	num    int64
	seq    uint64
	record journal.Record
}

// A note is what the index wants to know of an entry.
type note struct {
	place    *place
	seq      uint64
	id       int64
	known    bool // the body was there and could be read
	subject  chart.ID
	patient  chart.ID
	wall     int64
	happened int64
	fact     *journal.Record
	mark     []byte
}

// read takes from a record what the index needs.
func (x *index) read(p *place, seq uint64, r journal.Record) note {
	n := note{place: p, seq: seq}
	if r.Absent != chart.Present {
		return n
	}
	b, err := journal.DecodeBody(r.Body)
	if err != nil {
		n.subject = unread
		return n
	}
	n.known = true
	n.subject, n.patient, n.wall, n.happened = b.Encounter, b.Patient, b.Wall, b.Happened
	if n.subject == (chart.ID{}) {
		n.subject = b.Patient
	}
	if p.log != journal.Stream && x.u.store.config.Lists(b.Type) && !x.u.store.config.Passes(b) {
		n.fact = &journal.Record{Envelope: slices.Clone(r.Envelope), Body: slices.Clone(r.Body)}
	}
	n.mark = x.u.store.config.Marks(b)
	return n
}

// add takes rows that are on the disk now.
func (x *index) add(rows []row) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.addHeld(rows)
}

// addHeld is add for a caller that holds mu.
func (x *index) addHeld(rows []row) {
	for i := range rows {
		x.note(rows[i].note)
		x.moved[rows[i].place.num] = rows[i].seq
		x.unsave++
	}
}

// note puts one entry on its card. Caller holds mu.
func (x *index) note(n note) {
	if !n.known || n.subject == (chart.ID{}) {
		return
	}
	c := x.cards[n.subject]
	if c == nil {
		c = &card{subject: n.subject}
		x.cards[n.subject] = c
	}
	x.dirty[n.subject] = c
	if n.patient != (chart.ID{}) {
		c.name(n)
	}
	c.last = max(c.last, n.wall)
	c.span(n)
	x.tally[n.place.num] = x.tally[n.place.num].plus(Tally{1, placeSum(n.seq)})
	if n.mark != nil {
		c.marks = append(c.marks, mark{n.place.num, n.seq, n.mark})
	}
	if n.fact != nil {
		c.facts = append(c.facts, fact{n.place.num, n.seq, *n.fact})
	}
}

// name notes whom an entry names.
func (c *card) name(n note) {
	i := slices.IndexFunc(c.patients, func(p named) bool { return p.num == n.place.num && p.patient == n.patient })
	if i < 0 {
		c.patients = append(c.patients, named{n.place.num, n.seq, n.patient})
		return
	}
	c.patients[i].seq = min(c.patients[i].seq, n.seq) // a body may come late
}

// whom are the patients named, each once.
func (c *card) whom() (out []chart.ID) {
	for _, p := range c.patients {
		if !slices.Contains(out, p.patient) {
			out = append(out, p.patient)
		}
	}
	return out
}

func (c *card) span(n note) {
	i := len(c.spans) - 1
	for ; i >= 0 && c.spans[i].num != n.place.num; i-- {
	}
	if i < 0 {
		c.spans = append(c.spans, span{
			num: n.place.num, class: class(n.place.log), seq: n.seq, count: 1, first: n.id, last: n.id,
			from: n.happened, to: n.happened, latest: n.happened, ordered: true, sum: placeSum(n.seq),
		})
		return
	}
	s := &c.spans[i]
	// A body that came late stands before others: halving would miss it.
	s.ordered = s.ordered && n.seq > s.seq && n.happened >= s.latest
	s.seq, s.count, s.latest, s.sum = max(s.seq, n.seq), s.count+1, n.happened, s.sum+placeSum(n.seq)
	s.first, s.last = min(s.first, n.id), max(s.last, n.id)
	s.from, s.to = min(s.from, n.happened), max(s.to, n.happened)
}

// behind is how many entries the cards on disk do not know.
func (x *index) behind() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.unsave
}

// loadIndex reads the cards and then the entries that they do not know yet.
func loadIndex(ctx context.Context, u *unlocked) (*index, error) {
	x := &index{u: u, listing: listing(u.store.config.Lists)}
	x.places.db = u.db
	u.index = x
	return x, x.load(ctx)
}

// load is also how the index comes back when a transaction that it ran ahead of
// failed. Caller holds mu or is alone.
func (x *index) load(ctx context.Context) error {
	reset := func() {
		x.cards, x.dirty, x.moved, x.unsave = make(map[chart.ID]*card), make(map[chart.ID]*card), make(map[int64]uint64), 0
		x.tally = make(map[int64]Tally)
	}
	reset()
	tail, again := "WHERE carded < seq AND pruned = 0 ORDER BY num", false
	err := x.loadCards(ctx)
	if errors.Is(err, errCard) || errors.Is(explain(err), ErrDamaged) {
		// Everything on the cards stands in the entries too.
		reset()
		tail, again, err = "WHERE pruned = 0 ORDER BY num", true, nil
	}
	if err != nil {
		return fmt.Errorf("read patient index: %w", err)
	}
	for _, c := range x.cards {
		for _, s := range c.spans {
			x.tally[s.num] = x.tally[s.num].plus(Tally{uint64(s.count), s.sum})
		}
	}
	tails, err := x.u.db.heads(ctx, tail)
	if err != nil {
		return err
	}
	o := opener{u: x.u}
	for _, h := range tails {
		if again {
			h.carded = h.place.base
		}
		err := x.u.span(ctx, h.place, h.carded, h.seq, func(s stored) error {
			x.unsave++
			_, r, err := o.open(ctx, h.place.num, s.seq, s.key, s.blob)
			if err != nil {
				return nil // verify names it; the others must not wait for it
			}
			n := x.read(h.place, s.seq, r)
			n.id = s.id
			x.note(n)
			return nil
		})
		if err != nil {
			return fmt.Errorf("read newest entries: %w", err)
		}
		x.moved[h.place.num] = h.seq
	}
	return nil
}

// Cards lists the index, in no order.
func (s *Store) Cards(ctx context.Context) ([]Card, error) {
	u, done, err := s.use()
	if err != nil {
		return nil, err
	}
	defer done()
	u.index.mu.RLock()
	defer u.index.mu.RUnlock()
	out := make([]Card, 0, len(u.index.cards))
	for _, c := range u.index.cards {
		card, err := u.index.show(ctx, c)
		if err != nil {
			return nil, fmt.Errorf("list patients: %w", explain(err))
		}
		out = append(out, card)
	}
	return out, nil
}

// ErrNoSubject reports an encounter or patient of which nothing is held.
var ErrNoSubject = errors.New("nothing is held of that encounter or patient")

// Card is the index's line for one encounter or patient.
func (s *Store) Card(ctx context.Context, subject chart.ID) (Card, error) {
	u, done, err := s.use()
	if err != nil {
		return Card{}, err
	}
	defer done()
	u.index.mu.RLock()
	defer u.index.mu.RUnlock()
	c := u.index.cards[subject]
	if c == nil {
		return Card{}, ErrNoSubject
	}
	return u.index.show(ctx, c)
}

// show copies a card. Caller holds mu.
func (x *index) show(ctx context.Context, c *card) (Card, error) {
	out := Card{Subject: c.subject, Patients: c.whom(), Last: c.last, Facts: make([]Entry, 0, len(c.facts))}
	for _, f := range c.facts {
		p, err := x.places.at(ctx, f.num)
		if err != nil {
			return Card{}, err
		}
		out.Facts = append(out.Facts, entryAt(p, f.seq, x.u.erase.hide(p, f.seq, f.record)))
	}
	for i, s := range c.spans {
		stream := s.class == class(journal.Stream)
		if stream {
			out.Seconds += s.count
		}
		if stream && i > 0 {
			continue
		}
		p, err := x.places.at(ctx, s.num)
		if err != nil {
			return Card{}, err
		}
		if i == 0 {
			out.Team = p.team
		}
		if stream {
			continue
		}
		out.Held = append(out.Held, p.ref(s.seq))
	}
	return out, nil
}
