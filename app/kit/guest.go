package kit

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/exchange"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// The receiving side of an encounter shared with a station on no roster. What is read
// stands in this station's store beside its own, under the other team's id, by which
// everything that is read of the store is parted; of that team no roster, gossip key or
// other encounter is held. This station reads it and writes nothing: no team of its
// own learns of it, no monitor is bound to it, and the page does not show it.

// keptVisits is under which name the store keeps what others share with this station.
const keptVisits = "visits"

const (
	// visitsMost bounds how many encounters others share, or shared, with this station.
	visitsMost = 256
	// guestEntries bounds what one team's stations may bring here in all, and guestBytes
	// since the start: years of an ambulance's charting. Without it who shares could
	// fill the disk.
	guestEntries = 1 << 20
	guestBytes   = 1 << 30
	// writersMost bounds whose words are known of one team.
	writersMost = 1024
)

// A guest is this station as reader of what stations of one other team share with it.
type guest struct {
	kit  *Kit
	team journal.TeamID
	poke chan struct{} // whom to call has changed
	call chan struct{} // and everybody is to be called at once

	taking sync.Mutex // entries are stored, or an erase order is obeyed: one at a time

	mu       sync.RWMutex // guards everything that follows
	visits   []visit      // one for each encounter
	writers  map[chart.Device]identity.Writer
	exchange *exchange.Exchange
	troubles map[chart.Device]string // why a host is not reached
	entries  uint64                  // held of this team's, in envelopes
	bytes    uint64                  // taken since the start
}

// A visit is one encounter that is read, as the store keeps it.
type visit struct {
	Text      string       `json:"ticket"`
	Addresses []string     `json:"addresses,omitempty"`
	Until     chart.Moment `json:"until"`
	Heard     time.Time    `json:"heard,omitzero"`
	Gone      bool         `json:"gone,omitempty"`   // by the host's word it is shared no more
	Erased    bool         `json:"erased,omitempty"` // by its team
	Ended     time.Time    `json:"ended,omitzero"`   // by a person here

	ticket identity.Ticket
}

// goes reports whether more may come of it.
func (v visit) goes(now time.Time) bool { return v.Ended.IsZero() && chart.At(now) < v.Until }

// over is why nothing more comes, in words; "" while more is to.
func (v visit) over(now time.Time) string {
	switch {
	case v.Erased:
		return "its team had it erased"
	case !v.Ended.IsZero():
		return "ended at this station"
	case chart.At(now) >= v.Until:
		return "it was shared until " + v.Until.Time().Local().Format("2006-01-02 15:04")
	case v.Gone:
		return "it is shared with this station no longer"
	}
	return ""
}

// A keptGuest is a guest as the store keeps it.
type keptGuest struct {
	Team    string            `json:"team"`
	Visits  []visit           `json:"visits"`
	Writers []identity.Writer `json:"writers"`
}

func newGuest(k *Kit, team journal.TeamID) *guest {
	return &guest{kit: k, team: team, poke: make(chan struct{}, 1), call: make(chan struct{}, 1), writers: map[chart.Device]identity.Writer{}, troubles: map[chart.Device]string{}}
}

// guests are the teams of which stations share something with this one; none while the
// store is locked.
func (k *Kit) guests() []*guest {
	if all := k.visiting.Load(); all != nil {
		return *all
	}
	return nil
}

// guestOf is this station as guest of a team; nil when it is none, or belongs to it.
func (k *Kit) guestOf(team journal.TeamID) *guest {
	if i := slices.IndexFunc(k.guests(), func(g *guest) bool { return g.team == team }); i >= 0 && k.shareOf(team) == nil {
		return k.guests()[i]
	}
	return nil
}

// learnGuests reads from the open store what others share with this station. What
// cannot be read keeps nobody from their own patients.
func (k *Kit) learnGuests(ctx context.Context) {
	kept, err := k.keptGuests(ctx)
	if err != nil {
		k.log.Error("what other teams' stations share with this one could not be read; it is not shown", "reason", err)
	}
	var all []*guest
	for _, of := range kept {
		id, err := hex.DecodeString(of.Team)
		if err != nil || len(id) != len(journal.TeamID{}) {
			continue
		}
		g := newGuest(k, journal.TeamID(id))
		for _, v := range of.Visits {
			if v.ticket, err = identity.ParseTicket(v.Text); err == nil && v.ticket.Team == g.team {
				g.visits = append(g.visits, v)
			}
		}
		for _, w := range of.Writers {
			g.writers[w.Key.Device()] = w
		}
		all = append(all, g)
	}
	k.visiting.Store(&all)
}

func (k *Kit) keptGuests(ctx context.Context) (all []keptGuest, err error) {
	b, err := k.store.Kept(ctx, keptVisits)
	if errors.Is(err, store.ErrNotKept) {
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &all)
	}
	if err != nil {
		return nil, fmt.Errorf("read the visits: %w", err)
	}
	return all, nil
}

// keepGuests seals them all as they stand now.
func (k *Kit) keepGuests(ctx context.Context) error {
	k.guesting.Lock() // an older state must not be kept last
	defer k.guesting.Unlock()
	all := []keptGuest{}
	for _, g := range k.guests() {
		g.mu.RLock()
		of := keptGuest{Team: hex.EncodeToString(g.team[:]), Visits: slices.Clone(g.visits)}
		for _, w := range g.writers {
			of.Writers = append(of.Writers, w)
		}
		g.mu.RUnlock()
		slices.SortFunc(of.Writers, func(a, b identity.Writer) int { return slices.Compare(a.Key[:], b.Key[:]) })
		if len(of.Visits)+len(of.Writers) > 0 { // by whose keys what is held is verified
			all = append(all, of)
		}
	}
	b, err := json.Marshal(all)
	if err == nil {
		err = k.store.Keep(ctx, keptVisits, b)
	}
	return err
}

// keyOf is the key of a device whose entries were vouched for. A key names its device,
// so nobody can be vouched for under another's name.
func (g *guest) keyOf(d chart.Device) (ed25519.PublicKey, bool) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	w, ok := g.writers[d]
	return w.Key.Public(), ok
}

// trusts reports whether an entry counts as its writer's word.
func (g *guest) trusts(at chart.Ref) bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	w, ok := g.writers[at.Device]
	return ok && w.Trusts(at)
}

// reads reports whether entries of an encounter may come.
func (g *guest) reads(encounter chart.ID) bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	i := g.at(encounter)
	return i >= 0 && g.visits[i].Ended.IsZero() && !g.visits[i].Erased
}

// at is the place of an encounter among the visits, -1 for none. Caller holds mu.
func (g *guest) at(encounter chart.ID) int {
	return slices.IndexFunc(g.visits, func(v visit) bool { return v.ticket.Encounter == encounter })
}

// withholds reports whether what others shared is not shown: on a tablet that was
// withdrawn from its home team.
func (g *guest) withholds() bool { return g.kit.share.withdrawn.Load() }

// now is the time by which a sharing ends.
func (g *guest) now() time.Time {
	now, _ := g.kit.clock.Wall()
	return now
}

// admits is whom this station calls: the hosts of tickets that go on.
func (g *guest) admits(k identity.Key) error {
	now := g.now()
	g.mu.RLock()
	defer g.mu.RUnlock()
	if !g.withholds() && slices.ContainsFunc(g.visits, func(v visit) bool { return v.ticket.Host == k && v.goes(now) }) {
		return nil
	}
	return identity.ErrUnknown
}

// vouched takes a host's word of what it shows and who wrote it.
func (g *guest) vouched(ctx context.Context, from chart.Device, message []byte) error {
	said, err := identity.DecodeVouch(message)
	if err != nil {
		return err
	}
	now, self := g.now(), g.kit.share.member.Load()
	if self == nil {
		return storeFault(store.ErrLocked)
	}
	// What is on its way to the disk must not come behind an erase order.
	g.taking.Lock()
	defer g.taking.Unlock()
	if err := g.obey(ctx, from, said, now); err != nil {
		return err
	}
	g.mu.Lock()
	for i := range g.visits {
		v := &g.visits[i]
		if v.ticket.Host.Device() != from {
			continue
		}
		at := slices.IndexFunc(said.Shown, func(e identity.Shown) bool { return e.Encounter == v.ticket.Encounter })
		v.Heard, v.Gone = time.Now(), at < 0
		if at < 0 {
			continue
		}
		e := said.Shown[at]
		v.Until, v.Erased = min(e.Until, chart.At(now.Add(sharedMost))), e.Erased
	}
	for _, w := range said.Writers {
		d := w.Key.Device()
		if _, known := g.writers[d]; d != self.device && (known || len(g.writers) < writersMost) {
			g.writers[d] = w
		}
	}
	g.mu.Unlock()
	return g.kit.keepGuests(ctx)
}

// obey hides what the host's team had erased, to be dropped after the time in which
// the order can be stopped, and shows again what was stopped.
func (g *guest) obey(ctx context.Context, from chart.Device, said identity.Vouch, now time.Time) error {
	g.mu.RLock()
	visits := slices.Clone(g.visits)
	g.mu.RUnlock()
	for _, v := range visits {
		at := slices.IndexFunc(said.Shown, func(e identity.Shown) bool { return e.Encounter == v.ticket.Encounter })
		if v.ticket.Host.Device() != from || at < 0 || said.Shown[at].Erased == v.Erased {
			continue
		}
		refs, err := g.refs(ctx, v.ticket.Encounter)
		switch {
		case err != nil:
		case v.Erased:
			err = g.kit.store.Spare(ctx, spansOf(refs))
		default:
			err = g.kit.store.Erase(ctx, refs, now.Add(store.EraseAfter))
		}
		if err != nil {
			return fmt.Errorf("obey an order of the team that shares: %w", err)
		}
		g.kit.live.folded.forget(v.ticket.Encounter)
	}
	return nil
}

// refs are the entries held of an encounter of this team's.
func (g *guest) refs(ctx context.Context, encounter chart.ID) (out []chart.Ref, err error) {
	held, err := g.kit.store.Encounter(ctx, encounter)
	if err != nil {
		return nil, err
	}
	seconds, _, err := g.kit.store.Seconds(ctx, encounter, journal.Time(-journal.MaxSeq), journal.Time(journal.MaxSeq))
	if err != nil {
		return nil, err
	}
	for _, e := range append(held, seconds...) {
		if e.Team == g.team {
			out = append(out, e.Ref)
		}
	}
	return out, nil
}

// rows are how it stands with the visits. The exchange is asked without the lock held:
// it asks who may be called while it holds its own.
func (g *guest) rows() (out []api.VisitRow) {
	g.mu.RLock()
	visits, x := slices.Clone(g.visits), g.exchange
	g.mu.RUnlock()
	for _, v := range visits {
		out = append(out, g.row(v, x))
	}
	return out
}

func (g *guest) row(v visit, x *exchange.Exchange) api.VisitRow {
	words, _ := v.ticket.SixWords() // what was read can be written
	out := api.VisitRow{
		Encounter: v.ticket.Encounter, By: v.ticket.CallSign, Team: v.ticket.Name, Key: v.ticket.Host.String(), Words: words,
		Until: v.Until.Time(), Heard: v.Heard, Over: v.over(g.now()),
	}
	if host := v.ticket.Host.Device(); x != nil && out.Over == "" && !v.Heard.IsZero() && x.Connected(host) && !x.Stalled(host) {
		out.Live = true
		if heard := lastHeard(x, host); heard.After(out.Heard) {
			out.Heard = heard
		}
	}
	if !out.Live && out.Over == "" {
		g.mu.RLock()
		out.Trouble = g.troubles[v.ticket.Host.Device()]
		g.mu.RUnlock()
	}
	return out
}

// lent is what the patient list says of an encounter that another team's station
// shares; nil for one of ours.
func (k *Kit) lent(team journal.TeamID, encounter chart.ID) *chart.Lent {
	g := k.guestOf(team)
	if g == nil {
		return nil
	}
	g.mu.RLock()
	i, x := g.at(encounter), g.exchange
	var v visit
	if i >= 0 {
		v = g.visits[i]
	}
	g.mu.RUnlock()
	if i < 0 {
		return &chart.Lent{Over: true}
	}
	r := g.row(v, x)
	out := &chart.Lent{By: r.By, Team: r.Team, Until: chart.At(r.Until), Heard: chart.At(r.Heard), Live: r.Live, Over: r.Over != ""}
	g.mu.RLock()
	for d, w := range g.writers {
		out.Writers = append(out.Writers, chart.LentWriter{Device: d, CallSign: w.CallSign})
	}
	g.mu.RUnlock()
	slices.SortFunc(out.Writers, func(a, b chart.LentWriter) int { return slices.Compare(a.Device[:], b.Device[:]) })
	return out
}

// tenure is how long the record of an encounter is kept that another team's station
// shared: as this station's own record of what it was told, by its own table, from when
// it was told last. That it was never closed there does not keep it here for ever.
func (g *guest) tenure(t tenure, c *chart.Chart) tenure {
	g.mu.RLock()
	i := g.at(c.Encounter)
	var v visit
	if i >= 0 {
		v = g.visits[i]
	}
	g.mu.RUnlock()
	if v.Heard.After(t.last) { // whatever the other team's clocks said
		t.last = v.Heard.UTC()
	}
	switch {
	case i >= 0 && v.goes(g.now()):
		t.held = "another team's station shares it still"
	case t.last.Before(earliest):
		t.held = "when it was written is not known"
	}
	row := c.Row()
	t.unsure = slices.Contains(row.InConflict, chart.FieldBirth) || slices.Contains(row.InConflict, chart.FieldAge)
	if months := monthsOf(row.Who, t.last); months >= 0 {
		t.born = t.last.AddDate(0, -months, 0)
	}
	return t
}
