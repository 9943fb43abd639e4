package kit

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"net"
	"net/netip"
	"slices"
	"sort"
	"strings"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/identity"
	"fieldkit/triage/chart"
)

// The giving side of an encounter shared with a station on no roster: the ticket that
// the crew hands over, and what the exchange tells that station of who wrote what it
// is shown.

// vouch is what a station on no roster is told: nothing when nothing is or was shared
// with it.
func (s *share) vouch(d chart.Device) []byte {
	r := s.roster.Load()
	if r == nil || s.withdrawn.Load() {
		return nil
	}
	if _, known := r.Member(d); known {
		return nil
	}
	shown := s.strangers.shown(d, s.now())
	if len(shown) == 0 {
		return nil
	}
	v := identity.Vouch{Shown: shown[:min(len(shown), identity.MaxShown)]}
	places := map[chart.Device][]store.Share{}
	for _, e := range v.Shown {
		if e.Erased {
			continue
		}
		reach, err := s.reach(context.Background(), e.Encounter)
		if err != nil {
			s.kit.log.Error("who wrote of a shared encounter could not be read; the station it is shared with is told later", "reason", err)
			return nil
		}
		for _, p := range reach.Shares {
			places[p.Device] = append(places[p.Device], p)
		}
	}
	for d, of := range places {
		m, ok := r.Member(d)
		if !ok || len(v.Writers) == identity.MaxWriters {
			continue
		}
		w := identity.Writer{Key: m.Key, CallSign: m.CallSign, Kind: m.Kind, Out: m.Out}
		if m.Out {
			w.Trusted = trusted(r, d, of)
		}
		v.Writers = append(v.Writers, w)
	}
	b, err := v.Encode()
	if err != nil {
		s.kit.log.Error("who wrote of a shared encounter could not be told", "reason", err)
	}
	return b
}

// trusted is how far epochs of a withdrawn device are trusted: of each a beginning.
func trusted(r *identity.Roster, d chart.Device, of []store.Share) (out []identity.Reach) {
	for _, p := range of {
		at := func(n int) chart.Ref { return chart.Ref{Device: d, Epoch: p.Epoch.Epoch, Seq: uint64(n)} }
		if n := sort.Search(1<<40, func(n int) bool { return !r.Trusts(d, at(n+1)) }); n > 0 && len(out) < identity.MaxReach {
			out = append(out, identity.Reach{Epoch: p.Epoch.Epoch, Seq: uint64(n)})
		}
	}
	return out
}

// shown is what is shared with a device now, and what was when it was erased.
func (s *strangers) shown(d chart.Device, now time.Time) (out []identity.Shown) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for id, with := range s.of {
		if until := with[d]; chart.At(now) < until {
			out = append(out, identity.Shown{Encounter: id, Until: until})
		}
	}
	for id, with := range s.erased {
		if until := with[d]; chart.At(now) < until && !slices.ContainsFunc(out, func(e identity.Shown) bool { return e.Encounter == id }) {
			out = append(out, identity.Shown{Encounter: id, Until: until, Erased: true})
		}
	}
	slices.SortFunc(out, func(a, b identity.Shown) int { return slices.Compare(a.Encounter[:], b.Encounter[:]) })
	return out
}

// exchangeAt is where a station on no roster may call this one; none while the mesh
// does not stand.
func (s *share) exchangeAt() []string {
	s.mu.Lock()
	me := s.mesh
	s.mu.Unlock()
	if me == nil {
		return nil
	}
	_, port, err := net.SplitHostPort(me.Addr().String())
	at := me.Gossip()
	if err != nil || !at.IsValid() || at.Addr().IsUnspecified() {
		return nil
	}
	return []string{net.JoinHostPort(at.Addr().String(), port)}
}

// ShareEncounter implements api.Sharer.
func (k *Kit) ShareEncounter(ctx context.Context, t api.Token, in api.Sharing) (api.Ticket, error) {
	author, err := k.allow(t, identity.MayRecord)
	if err != nil {
		return api.Ticket{}, err
	}
	key, err := identity.ParseKey(in.Key)
	if err != nil {
		return api.Ticket{}, &api.Fault{Code: api.CodeInvalid, What: identity.ErrKeyText.Error(), Do: "It is what 'identity' prints at the station that is to be shown the patient."}
	}
	at, err := addressesOf(in.Addresses)
	if err != nil {
		return api.Ticket{}, err
	}
	s, m, err := k.givesFrom(ctx, in.Encounter)
	if err != nil {
		return api.Ticket{}, err
	}
	if key == identity.PublicOf(m.key) {
		return api.Ticket{}, &api.Fault{Code: api.CodeInvalid, What: "that is this station's own key", Do: "Type or scan the other station's."}
	}
	until := in.Until
	if until.IsZero() {
		until = s.now().Add(sharedFor)
	}
	content := &chart.EncounterShared{Key: key[:], Name: strings.TrimSpace(in.Name), Until: chart.At(until)}
	if content.Name == "" {
		content.Name = "a station outside the team"
	}
	if len(at) == 0 {
		at = s.exchangeAt()
	}
	ticket := identity.Ticket{
		Team: m.team, Name: s.name(), Host: identity.PublicOf(m.key), CallSign: k.plate.CallSign, Visitor: key,
		Encounter: in.Encounter, Until: content.Until, Addresses: at,
	}
	text, err := ticket.Text()
	if err != nil {
		return api.Ticket{}, err
	}
	words, err := ticket.SixWords()
	if err != nil {
		return api.Ticket{}, err
	}
	b, err := json.Marshal(content)
	if err != nil {
		return api.Ticket{}, err
	}
	if _, err := k.recordAs(ctx, author, api.Draft{Kind: content.Type().String(), Encounter: in.Encounter, Content: b}); err != nil {
		return api.Ticket{}, err
	}
	return api.Ticket{Text: text, Words: words, Until: content.Until.Time(), Addresses: at}, nil
}

// UnshareEncounter implements api.Sharer: it takes back every sharing of the encounter
// with that key.
func (k *Kit) UnshareEncounter(ctx context.Context, t api.Token, in api.Sharing) error {
	author, err := k.allow(t, identity.MayRecord)
	if err != nil {
		return err
	}
	key, err := identity.ParseKey(in.Key)
	if err != nil {
		return &api.Fault{Code: api.CodeInvalid, What: identity.ErrKeyText.Error(), Do: "Take it from where it was typed before; 'show' prints with whom an encounter is shared."}
	}
	if _, _, err := k.givesFrom(ctx, in.Encounter); err != nil {
		return err
	}
	entries, err := k.entries(ctx, in.Encounter)
	if err != nil {
		return err
	}
	fold := chart.NewFold(in.Encounter)
	fold.Add(entries...)
	c := fold.Chart()
	var drafts []api.Draft
	for _, e := range entries {
		shared, ok := e.Content.(*chart.EncounterShared)
		if f := c.Fact(e.Ref); !ok || !key.Public().Equal(ed25519.PublicKey(shared.Key)) || f == nil || f.Standing != chart.Active {
			continue
		}
		b, err := json.Marshal(&chart.Retraction{Of: e.Ref, Why: "no longer shared"})
		if err != nil {
			return err
		}
		drafts = append(drafts, api.Draft{Kind: chart.TypeRetraction.String(), Encounter: in.Encounter, Content: b})
	}
	if len(drafts) == 0 {
		return &api.Fault{Code: api.CodeNotFound, What: "that encounter is not shared with that key"}
	}
	for part := range slices.Chunk(drafts, api.MaxTogether) {
		if _, err := k.recordAllAs(ctx, author, part); err != nil {
			return err
		}
	}
	return nil
}

// givesFrom is the team whose encounter it is, which must be held here.
func (k *Kit) givesFrom(ctx context.Context, encounter chart.ID) (*share, *membership, error) {
	if _, err := k.member(); err != nil {
		return nil, nil, err
	}
	if _, err := k.store.Card(ctx, encounter); err != nil {
		return nil, nil, unknownEncounter()
	}
	s, err := k.teamOf(ctx, encounter)
	if err != nil {
		return nil, nil, err
	}
	if s == nil {
		return nil, nil, unknownEncounter()
	}
	m := s.member.Load()
	if m == nil {
		return nil, nil, storeFault(store.ErrLocked)
	}
	if s.withdrawn.Load() {
		return nil, nil, &api.Fault{Code: api.CodeRefused, What: "this station was withdrawn from its team and shares nothing"}
	}
	return s, m, nil
}

// addressesOf are addresses as people type them, at most eight.
func addressesOf(typed []string) (out []string, err error) {
	for _, a := range typed {
		host, port, err := net.SplitHostPort(strings.TrimSpace(a))
		if n, bad := netip.ParseAddrPort(net.JoinHostPort("127.0.0.1", port)); err != nil || bad != nil || n.Port() == 0 || host == "" || len(a) > 100 {
			return nil, &api.Fault{Code: api.CodeInvalid, What: "the address is not host:port", Do: "Write it like 192.168.4.1:7700."}
		}
		out = append(out, net.JoinHostPort(host, port))
	}
	if len(out) > 8 {
		return nil, &api.Fault{Code: api.CodeInvalid, What: "more than eight addresses"}
	}
	return out, nil
}
