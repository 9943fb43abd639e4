package kit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

var _ api.Sharer = (*Kit)(nil)

// Visit implements api.Sharer.
func (k *Kit) Visit(ctx context.Context, t api.Token, in api.Visiting) (api.VisitRow, error) {
	if _, err := k.allow(t, identity.MayRecord); err != nil {
		return api.VisitRow{}, err
	}
	k.turning.Lock() // no lock and no unlock meanwhile
	defer k.turning.Unlock()
	m, err := k.member()
	if err != nil {
		return api.VisitRow{}, err
	}
	ticket, err := identity.ParseTicket(in.Ticket)
	if err != nil {
		return api.VisitRow{}, &api.Fault{Code: api.CodeInvalid, What: "that is not a ticket to a shared patient, or not a whole one", Do: "Have the other station show it again, and copy it whole."}
	}
	at, err := addressesOf(in.Addresses)
	if err != nil {
		return api.VisitRow{}, err
	}
	if err := k.mayVisit(ctx, m, ticket, at); err != nil {
		return api.VisitRow{}, err
	}
	text, err := ticket.Text()
	if err != nil {
		return api.VisitRow{}, err
	}
	g := k.guestOf(ticket.Team)
	fresh := g == nil
	if fresh {
		g = newGuest(k, ticket.Team)
		now := append(slices.Clone(k.guests()), g)
		k.visiting.Store(&now)
	}
	v := visit{Text: text, Addresses: at, Until: ticket.Until, ticket: ticket}
	g.mu.Lock()
	before := slices.Clone(g.visits)
	if i := g.at(ticket.Encounter); i >= 0 {
		v.Heard, v.Erased = g.visits[i].Heard, g.visits[i].Erased
		g.visits[i] = v
	} else {
		g.visits = append(g.visits, v)
	}
	g.mu.Unlock()
	if err := k.keepGuests(ctx); err != nil {
		g.mu.Lock()
		g.visits = before
		g.mu.Unlock()
		if fresh {
			now := slices.DeleteFunc(slices.Clone(k.guests()), func(o *guest) bool { return o == g })
			k.visiting.Store(&now)
		}
		return api.VisitRow{}, storeFault(err)
	}
	if fresh {
		k.mu.Lock()
		if o := k.opened; o != nil {
			o.work.Go(func() { g.run(o.sharing, m) })
		}
		k.mu.Unlock()
	}
	wake(g.call)
	return k.visitRow(ticket.Encounter)
}

// mayVisit refuses a ticket that is not for this station, or leads where it must not.
func (k *Kit) mayVisit(ctx context.Context, m *membership, t identity.Ticket, at []string) error {
	now, trust := k.clock.Wall()
	visits := k.visitRows()
	again := slices.ContainsFunc(visits, func(v api.VisitRow) bool { return v.Encounter == t.Encounter })
	switch {
	case t.Visitor != identity.PublicOf(m.key):
		return &api.Fault{Code: api.CodeRefused, What: "that ticket is for another station's key", Do: "Show them the key that 'identity' prints here, and have them share the patient with that."}
	case k.share.withdrawn.Load():
		return &api.Fault{Code: api.CodeRefused, What: "this tablet was withdrawn from its team and is shown no patient", Do: "Bring it to an admin of the team."}
	case k.shareOf(t.Team) != nil:
		return &api.Fault{Code: api.CodeInvalid, What: "this station belongs to that team: it receives what the team's roster grants it", Do: "Have the patient bound for this station, or handed over to it."}
	case chart.At(now) >= t.Until && trust != chart.ClockUnset:
		return &api.Fault{Code: api.CodeRefused, What: "what that ticket is for was shared until " + t.Until.Time().Local().Format("2006-01-02 15:04"), Do: "Have them share it anew; or set this machine's clock, if that is wrong."}
	case len(at)+len(t.Addresses) == 0:
		return &api.Fault{Code: api.CodeInvalid, What: "the ticket does not say where the other station can be reached", Do: "Name its address with --at HOST:PORT; 'peers' and its network settings show it."}
	case !again && max(len(visits), len(k.guests())) >= visitsMost:
		return &api.Fault{Code: api.CodeRefused, What: fmt.Sprintf("this station holds %d encounters of others already", visitsMost), Do: "Remove some that are over: 'visits --end ENCOUNTER --remove'."}
	}
	if _, err := addressesOf(t.Addresses); err != nil {
		return err
	}
	other := slices.ContainsFunc(k.guests(), func(g *guest) bool {
		g.mu.RLock()
		defer g.mu.RUnlock()
		return g.team != t.Team && g.at(t.Encounter) >= 0
	})
	card, err := k.store.Card(ctx, t.Encounter)
	if err != nil && !errors.Is(err, store.ErrNoSubject) {
		return storeFault(err)
	}
	if other || err == nil && k.rightful(ctx, card).Team != t.Team || k.decided(t.Encounter) != nil {
		return &api.Fault{Code: api.CodeRefused, What: "that ticket names an encounter that is on the record here already, of another team", Do: "Nothing was changed. Ask the other station for a ticket to their own patient."}
	}
	return nil
}

// visitRows are those of all teams.
func (k *Kit) visitRows() (out []api.VisitRow) {
	for _, g := range k.guests() {
		out = append(out, g.rows()...)
	}
	return out
}

func (k *Kit) visitRow(encounter chart.ID) (api.VisitRow, error) {
	rows := k.visitRows()
	if i := slices.IndexFunc(rows, func(r api.VisitRow) bool { return r.Encounter == encounter }); i >= 0 {
		return rows[i], nil
	}
	return api.VisitRow{}, &api.Fault{Code: api.CodeNotFound, What: "no other team shares that encounter with this station", Do: "'visits' lists them."}
}

// Visits implements api.Sharer.
func (k *Kit) Visits(_ context.Context, t api.Token) ([]api.VisitRow, error) {
	if _, err := k.sessions.check(t); err != nil {
		return nil, err
	}
	if _, err := k.member(); err != nil {
		return nil, err
	}
	return append([]api.VisitRow{}, k.visitRows()...), nil
}

// EndVisit implements api.Sharer.
func (k *Kit) EndVisit(ctx context.Context, t api.Token, in api.VisitEnd) (api.VisitRow, error) {
	right := identity.MayRecord
	if in.Remove {
		right = identity.MayAdminister
	}
	if _, err := k.allow(t, right); err != nil {
		return api.VisitRow{}, err
	}
	if _, err := k.member(); err != nil {
		return api.VisitRow{}, err
	}
	if _, err := k.visitRow(in.Encounter); err != nil {
		return api.VisitRow{}, err
	}
	var of *guest
	for _, g := range k.guests() {
		g.mu.Lock()
		if i := g.at(in.Encounter); i >= 0 {
			of = g
			if g.visits[i].Ended.IsZero() {
				g.visits[i].Ended = g.now()
			}
		}
		g.mu.Unlock()
	}
	if err := k.keepGuests(ctx); err != nil {
		return api.VisitRow{}, storeFault(err)
	}
	wake(of.poke)
	row, err := k.visitRow(in.Encounter)
	if err != nil || !in.Remove {
		return row, err
	}
	of.taking.Lock() // what is on its way to the disk comes before this
	defer of.taking.Unlock()
	refs, err := of.refs(ctx, in.Encounter)
	if err == nil {
		now := time.Now()
		if err = k.store.Erase(ctx, refs, now); err == nil {
			_, err = k.store.CarryOut(ctx, now)
		}
	}
	if err != nil {
		return row, storeFault(err)
	}
	of.mu.Lock()
	if i := of.at(in.Encounter); i >= 0 {
		of.visits = slices.Delete(slices.Clone(of.visits), i, i+1)
	}
	of.mu.Unlock()
	k.live.folded.forget(in.Encounter)
	row.Over = "removed from this station"
	return row, storeFault(k.keepGuests(ctx))
}

// rightful is the card of a subject with the team whose record it is: this station's
// own, whatever a station of another team says under the same id and came with first.
func (k *Kit) rightful(ctx context.Context, card store.Card) store.Card {
	if len(k.guests()) == 0 || k.shareOf(card.Team) != nil {
		return card
	}
	reach, err := k.store.Reach(ctx, card.Subject)
	if err != nil {
		return card
	}
	for _, s := range reach.Shares {
		if k.shareOf(s.Team) != nil {
			card.Team = s.Team
			break
		}
	}
	return card
}

// readOnly refuses a word on a patient of another team's, shown here by its station's
// leave.
func (g *guest) readOnly(encounter chart.ID) error {
	whose := "another team's"
	for _, r := range g.rows() {
		if r.Encounter == encounter {
			whose = strings.TrimSuffix(r.By+", "+r.Team, ", ") + "'s"
		}
	}
	return &api.Fault{
		Code: api.CodeRefused, What: "that patient's record is " + whose + ": this station is shown it and writes nothing in it",
		Do: "Tell that crew; to record what you do yourself, open an encounter of your own.",
	}
}

// shownPatient is of whom another team's station shows this one that subject, as an
// encounter or as a patient that no encounter of this station's own names; nil for nobody.
func (k *Kit) shownPatient(ctx context.Context, id chart.ID) (*guest, chart.ID) {
	for _, g := range k.guests() {
		for _, r := range g.rows() {
			card, err := k.store.Card(ctx, r.Encounter)
			if err != nil || k.rightful(ctx, card).Team != g.team {
				continue
			}
			if card.Subject == id {
				return g, card.Subject
			}
			if slices.Contains(card.Patients, id) && !k.ownPatient(ctx, id) {
				return g, card.Subject
			}
		}
	}
	return nil, chart.ID{}
}

func (k *Kit) ownPatient(ctx context.Context, id chart.ID) bool {
	cards, err := k.store.Cards(ctx)
	return err != nil || slices.ContainsFunc(cards, func(c store.Card) bool {
		return slices.Contains(c.Patients, id) && k.shareOf(k.rightful(ctx, c).Team) != nil
	})
}

// shownBy reports whether a station of a team shares something with this one that
// nobody here has ended.
func (k *Kit) shownBy(team journal.TeamID) bool {
	g := k.guestOf(team)
	if g == nil {
		return false
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	return slices.ContainsFunc(g.visits, func(v visit) bool { return v.Ended.IsZero() })
}
