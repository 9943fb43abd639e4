package kit

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// A station may belong to several teams: a hospital that is guest of two ambulance
// services, a tent of one organisation in an incident's joint team. The first is its
// home team, whose recovery words open the store, whose staff sign in and whose
// withdrawal locks it. Each has a roster, a gossip and an exchange of its own (a
// share), and of the record what was written for it and nothing else.

const (
	keptTeams  = "teams"                   // those beside the home team
	keptChosen = "team for new encounters" // its id; none for the home team
	// teamsMost bounds how many a store belongs to: each has two ports and a gossip.
	teamsMost = 8
)

// A joined is a team beside the home team, as the store keeps it.
type joined struct {
	Team string `json:"team"` // its id, in hex
	Name string `json:"name"` // by the invitation
}

// shares are all teams of this station, the home team's first.
func (k *Kit) shares() []*share {
	if others := k.others.Load(); others != nil {
		return append([]*share{k.share}, *others...)
	}
	return []*share{k.share}
}

// shareOf is the share of a team; nil when this station does not belong to it.
func (k *Kit) shareOf(team journal.TeamID) *share {
	is := func(s *share) bool {
		m := s.member.Load()
		return m != nil && m.team == team
	}
	if is(k.share) {
		return k.share
	}
	if i := slices.IndexFunc(k.shares(), is); i >= 0 {
		return k.shares()[i]
	}
	return nil
}

// learnTeams reads from the open store the teams beside the home team.
func (k *Kit) learnTeams(ctx context.Context) error {
	all, err := k.joinedTeams(ctx)
	if err != nil {
		return err
	}
	var others []*share
	for _, j := range all {
		s, err := k.learnTeam(ctx, j)
		if err != nil {
			return fmt.Errorf("read the team %s: %w", j.Name, err)
		}
		others = append(others, s)
	}
	k.others.Store(&others)
	return nil
}

func (k *Kit) learnTeam(ctx context.Context, j joined) (*share, error) {
	id, err := hex.DecodeString(j.Team)
	if err != nil || len(id) != len(journal.TeamID{}) {
		return nil, errors.New("its id does not read")
	}
	s := newShare(k)
	s.away, s.named = journal.TeamID(id), j.Name
	_, err = s.learn(ctx)
	return s, err
}

func (k *Kit) joinedTeams(ctx context.Context) (all []joined, err error) {
	b, err := k.store.Kept(ctx, keptTeams)
	if errors.Is(err, store.ErrNotKept) {
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &all)
	}
	if err != nil {
		return nil, fmt.Errorf("read the teams: %w", err)
	}
	return all, nil
}

// forgetTeams drops the keys of all teams: the store is locked.
func (k *Kit) forgetTeams() {
	for _, s := range k.shares() {
		s.forget()
	}
	k.others.Store(nil)
	k.visiting.Store(nil)
	k.placed.Clear()
}

// home reports whether this is the station's first team.
func (s *share) home() bool { return s.away == journal.TeamID{} }

// kept is the name under which the store keeps something of this team.
func (m *membership) kept(name string) string {
	if m.away == (journal.TeamID{}) {
		return name
	}
	return name + " of " + hex.EncodeToString(m.away[:])
}

// name is what people call the team.
func (s *share) name() string {
	if r := s.roster.Load(); r != nil && r.Genesis != nil {
		return r.Genesis.Name
	}
	return s.named
}

// in says of which team a word to people is, where there are several.
func (s *share) in(words string) string {
	if len(s.kit.shares()) == 1 {
		return words
	}
	return fmt.Sprintf("Team %s: %s", cmp.Or(s.name(), "whose log has not come"), words)
}

// heads are the epochs of this team, of each device and log the newest first.
func (s *share) heads(ctx context.Context) ([]journal.Head, error) {
	all, err := s.kit.store.Heads(ctx)
	m := s.member.Load()
	if err != nil || m == nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(h journal.Head) bool { return h.Team != m.team }), nil
}

// owns reports whether an epoch is this team's. One of which nothing is held is nobody's.
func (s *share) owns(ctx context.Context, e store.Epoch) (bool, error) {
	team, err := s.kit.store.Team(ctx, e)
	m := s.member.Load()
	return err == nil && m != nil && team == m.team, err
}

// reach is where the entries of a subject stand in this team, and what is marked of
// them there.
func (s *share) reach(ctx context.Context, subject chart.ID) (store.Reach, error) {
	r, err := s.kit.store.Reach(ctx, subject)
	if err != nil {
		return r, err
	}
	m := s.member.Load()
	if m == nil {
		return store.Reach{}, storeFault(store.ErrLocked)
	}
	r.Named = slices.DeleteFunc(r.Named, func(n store.Named) bool { return n.Team != m.team })
	r.Shares = slices.DeleteFunc(r.Shares, func(h store.Share) bool { return h.Team != m.team })
	r.Marks = m.own(r.Marks)
	return r, nil
}

// own are the marks of this team's entries.
func (m *membership) own(marks []store.Mark) []store.Mark {
	return slices.DeleteFunc(marks, func(k store.Mark) bool { return k.Team != m.team })
}

// own is what a change added to this team's record.
func (s *share) own(c store.Change) store.Change {
	m := s.member.Load()
	var team journal.TeamID
	if m != nil {
		team = m.team
	}
	out := store.Change{Local: c.Local, Forked: c.Forked}
	for _, p := range c.Pieces {
		if p.Head.Team == team {
			out.Pieces = append(out.Pieces, p)
		}
	}
	for _, e := range c.Filled {
		if e.Team == team {
			out.Filled = append(out.Filled, e)
		}
	}
	return out
}

// memberIn is the membership in the team that a request names; the home team's when
// it names none.
func (k *Kit) memberIn(ctx context.Context) (*membership, error) {
	home, err := k.member()
	name := strings.TrimSpace(api.TeamIn(ctx))
	if err != nil || name == "" {
		return home, err
	}
	var found []*share
	var names []string
	for _, s := range k.shares() {
		m := s.member.Load()
		if m == nil {
			continue
		}
		names = append(names, s.name())
		if strings.EqualFold(s.name(), name) || len(name) >= 4 && strings.HasPrefix(hex.EncodeToString(m.team[:]), strings.ToLower(name)) {
			found = append(found, s)
		}
	}
	switch len(found) {
	case 1:
		return found[0].member.Load(), nil
	case 0:
		return nil, &api.Fault{Code: api.CodeNotFound, What: fmt.Sprintf("this station belongs to no team called %q", name), Do: "It belongs to " + strings.Join(names, ", ") + "."}
	}
	return nil, &api.Fault{Code: api.CodeInvalid, What: fmt.Sprintf("%d teams are called that", len(found)), Do: "Name the one you mean by the first letters of its id, from 'team list'."}
}

// homeIn refuses a request that names another team than the home team.
func (k *Kit) homeIn(ctx context.Context) (*membership, error) {
	m, err := k.memberIn(ctx)
	if err == nil && !m.share.home() {
		err = &api.Fault{Code: api.CodeRefused, What: "the staff of this station are those of its home team", Do: "Change another team's staff at a station whose home it is."}
	}
	return m, err
}

// administerIn is administer, in the team that the request names.
func (k *Kit) administerIn(ctx context.Context, t api.Token, do string) (chart.Author, *membership, error) {
	author, err := k.allow(t, identity.MayAdminister)
	if err != nil {
		return author, nil, err
	}
	m, err := k.memberIn(ctx)
	if err != nil {
		return author, nil, err
	}
	return author, m, k.mustBeAdmin(m, do)
}

// administerOf is administer, in one team.
func (k *Kit) administerOf(of *share, t api.Token, do string) (chart.Author, *membership, error) {
	author, err := k.allow(t, identity.MayAdminister)
	if err != nil {
		return author, nil, err
	}
	m := of.member.Load()
	if m == nil {
		return author, nil, storeFault(store.ErrLocked)
	}
	return author, m, k.mustBeAdmin(m, do)
}

// Teams implements api.Team.
func (k *Kit) Teams(ctx context.Context, t api.Token) ([]api.TeamRow, error) {
	if _, err := k.sessions.check(t); err != nil {
		return nil, err
	}
	if _, err := k.member(); err != nil {
		return nil, err
	}
	chosen := k.chosen(ctx)
	var out []api.TeamRow
	for _, s := range k.shares() {
		m := s.member.Load()
		if m == nil {
			continue
		}
		row := api.TeamRow{ID: hex.EncodeToString(m.team[:]), Name: s.name(), Home: s.home(), Opens: s == chosen, Withdrawn: s.withdrawn.Load()}
		if r := s.roster.Load(); r != nil {
			for _, state := range r.Members() {
				if !state.Out {
					row.Stations++
				}
				if state.Device == m.device && !state.Out {
					row.Grant, row.Admin, row.In = state.Grant.String(), state.Admin, true
				}
			}
		}
		out = append(out, row)
	}
	return out, nil
}

// OpenFor implements api.Team.
func (k *Kit) OpenFor(ctx context.Context, t api.Token) (api.TeamRow, error) {
	if _, err := k.allow(t, identity.MayAdminister); err != nil {
		return api.TeamRow{}, err
	}
	m, err := k.memberIn(ctx)
	if err != nil {
		return api.TeamRow{}, err
	}
	if m.share.withdrawn.Load() {
		return api.TeamRow{}, &api.Fault{Code: api.CodeRefused, What: "this station was withdrawn from that team", Do: "Encounters are opened for a team that it belongs to."}
	}
	if err := k.store.Keep(ctx, keptChosen, m.team[:]); err != nil {
		return api.TeamRow{}, storeFault(err)
	}
	rows, err := k.Teams(ctx, t)
	i := slices.IndexFunc(rows, func(r api.TeamRow) bool { return r.Opens })
	if err != nil || i < 0 {
		return api.TeamRow{}, err
	}
	return rows[i], nil
}

// JoinAlso implements api.Team.
func (k *Kit) JoinAlso(ctx context.Context, t api.Token, text string) (api.Answered, error) {
	if _, err := k.allow(t, identity.MayAdminister); err != nil {
		return api.Answered{}, err
	}
	home, err := k.member()
	if err != nil {
		return api.Answered{}, err
	}
	i, err := readInvitation(text)
	if err != nil {
		return api.Answered{}, err
	}
	k.turning.Lock() // no lock and no unlock meanwhile
	defer k.turning.Unlock()
	all, err := k.joinedTeams(ctx)
	if err != nil {
		return api.Answered{}, err
	}
	j := joined{Team: hex.EncodeToString(i.Team[:]), Name: i.Name}
	s := k.shareOf(i.Team)
	switch {
	case k.share.withdrawn.Load():
		return api.Answered{}, &api.Fault{Code: api.CodeRefused, What: "this tablet was withdrawn from its home team and joins no other", Do: "Bring it to an admin of that team."}
	case i.Team == home.team:
		return api.Answered{}, &api.Fault{Code: api.CodeInvalid, What: "this station belongs to that team already: it is its home team"}
	case s != nil && s.belongs():
		return api.Answered{}, &api.Fault{Code: api.CodeInvalid, What: "this station stands on that team's roster already", Do: "'team list' shows how; who was withdrawn is readmitted by that team's recovery words."}
	case k.shownBy(i.Team):
		return api.Answered{}, &api.Fault{Code: api.CodeRefused, What: "a station of that team shares a patient with this one, as with a stranger", Do: "End that first with 'visits --end ENCOUNTER'; what was read stays."}
	case s == nil && len(all)+1 >= teamsMost:
		return api.Answered{}, &api.Fault{Code: api.CodeRefused, What: fmt.Sprintf("a station belongs to at most %d teams", teamsMost)}
	}
	kind, err := k.kind()
	if err != nil {
		return api.Answered{}, err
	}
	m := newMembership(home.key)
	m.signer = home.signer // one device writes by one hand: the store groups commits by it
	m.team, m.away, m.sponsor, m.gossip = i.Team, i.Team, i.Admin, i.Gossip
	if err := m.keep(ctx, k.store); err != nil {
		return api.Answered{}, storeFault(err)
	}
	out := api.Answered{Team: i.Name, Home: k.share.name()}
	wish := identity.Member{Kind: kind, Site: k.plate.Site, CallSign: k.plate.CallSign, Grant: identity.GrantAll}
	if out.Answer, out.Words, err = answer(ctx, k.store, m, i, wish); err != nil {
		return api.Answered{}, err
	}
	if s != nil { // answered before, and not let in yet: by this invitation from now on
		if _, err := s.learn(ctx); err != nil {
			return api.Answered{}, err
		}
		s.rekey()
		return out, nil
	}
	b, err := json.Marshal(append(all, j))
	if err == nil {
		err = k.store.Keep(ctx, keptTeams, b)
	}
	if err != nil {
		return api.Answered{}, storeFault(err)
	}
	if s, err = k.learnTeam(ctx, j); err != nil {
		return api.Answered{}, err
	}
	now := append(slices.Clone(k.shares()[1:]), s)
	k.others.Store(&now)
	k.mu.Lock()
	defer k.mu.Unlock()
	if o := k.opened; o != nil {
		of := s.member.Load()
		o.work.Go(func() { s.run(o.sharing, of) })
	}
	return out, nil
}

// belongs reports whether the roster of this team names this station, in or out.
func (s *share) belongs() bool {
	m, r := s.member.Load(), s.roster.Load()
	if m == nil || r == nil {
		return false
	}
	_, ok := r.Member(m.device)
	return ok
}
