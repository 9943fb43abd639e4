package kit

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
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

var _ api.Team = (*Kit)(nil)

const (
	keptInvites = "invitations" // given out and not answered yet
	keptAnswer  = "answer"      // this station's own, until an admin's approval has come
	// inviteLasts is how long an invitation is good for; invitesMost bounds how many
	// wait at once, the oldest makes room.
	inviteLasts = 24 * time.Hour
	invitesMost = 32
)

// An invited is an invitation that was given out.
type invited struct {
	Text    string    `json:"text"`
	Expires time.Time `json:"expires"`
}

// invites are those given out and still good.
func (k *Kit) invites(ctx context.Context) ([]invited, error) {
	b, err := k.store.Kept(ctx, keptInvites)
	if errors.Is(err, store.ErrNotKept) {
		return nil, nil
	}
	var all []invited
	if err == nil {
		err = json.Unmarshal(b, &all)
	}
	if err != nil {
		return nil, fmt.Errorf("read the invitations: %w", err)
	}
	now := time.Now()
	return slices.DeleteFunc(all, func(i invited) bool { // also those of a clock that ran far ahead
		return now.After(i.Expires) || i.Expires.After(now.Add(inviteLasts))
	}), nil
}

func (k *Kit) keepInvites(ctx context.Context, all []invited) error {
	b, err := json.Marshal(all)
	if err == nil {
		err = k.store.Keep(ctx, keptInvites, b)
	}
	return storeFault(err)
}

// administer is the author and membership of an act that counts only from an admin
// station, by whoever may administer.
func (k *Kit) administer(t api.Token, do string) (chart.Author, *membership, error) {
	author, err := k.allow(t, identity.MayAdminister)
	if err != nil {
		return author, nil, err
	}
	m, err := k.member()
	if err != nil {
		return author, nil, err
	}
	return author, m, k.mustBeAdmin(m, do)
}

// Invite implements api.Team.
func (k *Kit) Invite(ctx context.Context, t api.Token) (api.Invitation, error) {
	_, m, err := k.administer(t, "Invite at an admin's station: elsewhere nobody could approve the answer.")
	if err != nil {
		return api.Invitation{}, err
	}
	i := identity.Invite{Team: m.team, Name: k.share.roster.Load().Genesis.Name, Admin: identity.PublicOf(m.key), Addresses: k.share.addresses(), Gossip: k.share.gossipKey()}
	rand.Read(i.Secret[:])
	text, err := i.Text()
	if err != nil {
		return api.Invitation{}, err
	}
	given := invited{Text: text, Expires: time.Now().Add(inviteLasts).UTC().Truncate(time.Second)}
	waiting, err := k.invites(ctx)
	if err != nil {
		return api.Invitation{}, err
	}
	waiting = append(waiting, given)
	waiting = waiting[max(0, len(waiting)-invitesMost):]
	if err := k.keepInvites(ctx, waiting); err != nil {
		return api.Invitation{}, err
	}
	return api.Invitation{Text: given.Text, Expires: given.Expires}, nil
}

// answered is the invitation that an answer is to, and its place among those that
// wait.
func (k *Kit) answered(ctx context.Context, text string) (identity.Invite, identity.Join, int, error) {
	j, err := identity.ParseJoin(text)
	if err != nil {
		return identity.Invite{}, j, 0, &api.Fault{Code: api.CodeInvalid, What: "the answer cannot be read", Do: "Scan or type it again."}
	}
	waiting, err := k.invites(ctx)
	if err != nil {
		return identity.Invite{}, j, 0, err
	}
	for n, w := range waiting {
		if i, err := identity.ParseInvite(w.Text); err == nil && i.Check(j) == nil {
			return i, j, n, nil
		}
	}
	return identity.Invite{}, j, 0, &api.Fault{Code: api.CodeRefused, What: "this answers no invitation that waits here", Do: "Show a new invitation: each is good for one answer and one day, at the station that made it."}
}

// Newcomer implements api.Team.
func (k *Kit) Newcomer(ctx context.Context, t api.Token, answer string) (api.Newcomer, error) {
	if _, _, err := k.administer(t, "Approve the newcomer at the station that invited it."); err != nil {
		return api.Newcomer{}, err
	}
	i, j, _, err := k.answered(ctx, answer)
	if err != nil {
		return api.Newcomer{}, err
	}
	words, err := i.SixWords(j)
	if err != nil {
		return api.Newcomer{}, err
	}
	return api.Newcomer{Key: j.Wish.Key.String(), Kind: j.Wish.Kind.String(), Site: j.Wish.Site, CallSign: j.Wish.CallSign, Words: words}, nil
}

// Approve implements api.Team.
func (k *Kit) Approve(ctx context.Context, t api.Token, a api.Approval) (api.Approved, error) {
	author, m, err := k.administer(t, "Approve the newcomer at an admin's station.")
	if err != nil {
		return api.Approved{}, err
	}
	roster := k.share.roster.Load()
	var n identity.Member
	var invite identity.Invite
	var join identity.Join
	place := -1
	if a.Answer != "" {
		if invite, join, place, err = k.answered(ctx, a.Answer); err != nil {
			return api.Approved{}, err
		}
		n = join.Wish
		n.Admin = false // an admin says that, not the newcomer
	} else if key, err := identity.ParseKey(a.Key); err == nil {
		n.Key = key
	} else if known, err := findDevice(roster, a.Key); err == nil {
		n.Key = known.Key
	} else {
		return api.Approved{}, &api.Fault{Code: api.CodeInvalid, What: identity.ErrKeyText.Error(), Do: "It is what 'init' printed; a member may be named by its call sign."}
	}
	n.Grant = identity.GrantAll
	if was, known := roster.Member(n.Key.Device()); known {
		if was.Out {
			return api.Approved{}, &api.Fault{Code: api.CodeRefused, What: "that device was withdrawn from the team", Do: "Only the recovery words readmit it: 'team recover'."}
		}
		if place < 0 {
			n = was.Member
		}
	}
	var kind, grant error
	if a.Kind != "" {
		kind = n.Kind.UnmarshalText([]byte(a.Kind))
	}
	if a.Grant != "" {
		grant = n.Grant.UnmarshalText([]byte(a.Grant))
	}
	if err := errors.Join(kind, grant); err != nil {
		return api.Approved{}, &api.Fault{Code: api.CodeInvalid, What: err.Error()}
	}
	if a.CallSign != "" {
		n.CallSign = a.CallSign
	}
	if a.Site != "" {
		n.Site = a.Site
	}
	n.Admin = n.Admin || a.Admin
	if n.Grant != identity.GrantAll {
		return api.Approved{}, &api.Fault{Code: api.CodeInvalid, What: fmt.Sprintf("the grant %q is not honoured by the exchange yet", n.Grant), Do: "Use the grant all, or wait with this newcomer."}
	}
	if _, err := k.act(ctx, m, m.signer, author, &n); err != nil {
		return api.Approved{}, err
	}
	if err := k.extendGossip(ctx, m, author); err != nil {
		return api.Approved{}, err
	}
	out := api.Approved{}
	if place >= 0 {
		waiting, err := k.invites(ctx)
		if err == nil && place < len(waiting) {
			err = k.keepInvites(ctx, slices.Delete(waiting, place, place+1))
		}
		if err != nil {
			return api.Approved{}, err
		}
		word, err := invite.Approve(m.key, join, roster.Genesis, n)
		if err == nil {
			out.Approval, err = word.Text()
		}
		if err != nil {
			return api.Approved{}, err
		}
	}
	state, _ := k.share.roster.Load().Member(n.Key.Device())
	out.Member = k.memberOf(state)
	return out, nil
}

// act writes entries of the team log, of what the author decides, and has this
// station obey them before it returns.
func (k *Kit) act(ctx context.Context, m *membership, signer *store.Signer, author chart.Author, contents ...chart.Content) ([]chart.Ref, error) {
	saw, err := k.teamSaw(ctx)
	if err != nil {
		return nil, err
	}
	var drafts []store.Draft
	for _, c := range contents {
		body, err := stampedBody(k.clock, c, k.plate.Training)
		if err != nil {
			return nil, err
		}
		body.Author, body.Saw = author, saw
		drafts = append(drafts, store.Draft{Team: m.team, Log: journal.Team, Body: body})
	}
	refs, err := k.store.Commit(ctx, signer, drafts)
	if err != nil {
		return nil, storeFault(err)
	}
	if err := k.share.fold(ctx, m.team); err != nil {
		return refs, fmt.Errorf("it is on the record, but the roster could not be read again: %w", err)
	}
	k.share.recheck()
	return refs, nil
}

// mustBeAdmin refuses an act that counts only from an admin of the team.
func (k *Kit) mustBeAdmin(m *membership, do string) error {
	roster := k.share.roster.Load()
	if roster != nil {
		if self, ok := roster.Member(m.device); ok && !self.Out && self.Admin {
			return nil
		}
	}
	return &api.Fault{Code: api.CodeRefused, What: "this station is no admin of its team", Do: do}
}

// teamSaw is how far the team log is held: an admin's act says what it had seen.
func (k *Kit) teamSaw(ctx context.Context) ([]chart.Ref, error) {
	heads, err := k.store.Heads(ctx)
	if err != nil {
		return nil, storeFault(err)
	}
	var saw []chart.Ref
	for _, h := range heads {
		if h.Log == journal.Team && h.Seq > 0 {
			saw = append(saw, h.Ref(h.Seq))
		}
	}
	return saw, nil
}

// findDevice is the one device that a person named: by key, by call sign, or by the
// first letters of its name.
func findDevice(r *identity.Roster, text string) (identity.MemberState, error) {
	text = strings.TrimSpace(text)
	var found []identity.MemberState
	key, notKey := identity.ParseKey(text)
	for _, m := range r.Members() {
		switch {
		case notKey == nil && m.Key == key:
			return m, nil
		case text != "" && strings.EqualFold(m.CallSign, text),
			len(text) >= 4 && strings.HasPrefix(hex.EncodeToString(m.Device[:]), strings.ToLower(strings.TrimSuffix(text, "…"))):
			found = append(found, m)
		}
	}
	if len(found) > 1 { // a call sign passes on: of a withdrawn tablet and its successor the latter is meant
		if in := slices.DeleteFunc(slices.Clone(found), func(m identity.MemberState) bool { return m.Out }); len(in) == 1 {
			found = in
		}
	}
	switch len(found) {
	case 0:
		return identity.MemberState{}, &api.Fault{Code: api.CodeNotFound, What: "nobody on the roster is called that", Do: "Take the call sign or the key from 'team roster'."}
	case 1:
		return found[0], nil
	}
	return identity.MemberState{}, &api.Fault{Code: api.CodeInvalid, What: fmt.Sprintf("%d devices are called that", len(found)), Do: "Name the one you mean by its key, from 'team roster'."}
}

// Revoke implements api.Team. The pins are how far this station holds the device's
// logs: what it wrote until then stays trusted.
func (k *Kit) Revoke(ctx context.Context, t api.Token, device, why string) (api.Revoked, error) {
	author, m, err := k.administer(t, "Withdraw the device at an admin's station, or with the recovery words.")
	if err != nil {
		return api.Revoked{}, err
	}
	target, err := findDevice(k.share.roster.Load(), device)
	if err != nil {
		return api.Revoked{}, err
	}
	trusted, err := k.revoke(ctx, m, m.signer, author, target, why)
	if err != nil {
		return api.Revoked{}, err
	}
	state, _ := k.share.roster.Load().Member(target.Device)
	return api.Revoked{Member: k.memberOf(state), Trusted: trusted}, nil
}

func (k *Kit) revoke(ctx context.Context, m *membership, signer *store.Signer, author chart.Author, target identity.MemberState, why string) (trusted uint64, err error) {
	roster := k.share.roster.Load()
	byPaper := signer != m.signer
	admins := slices.DeleteFunc(roster.Members(), func(s identity.MemberState) bool { return s.Out || !s.Admin || s.Device == target.Device })
	switch {
	case strings.TrimSpace(why) == "":
		return 0, &api.Fault{Code: api.CodeInvalid, What: "the withdrawal has no reason", Do: "Say why with --reason; write nothing of a patient."}
	case target.Out:
		return 0, &api.Fault{Code: api.CodeInvalid, What: "that device was withdrawn already"}
	case len(admins) == 0 && !byPaper:
		return 0, &api.Fault{Code: api.CodeRefused, What: "that is the team's only admin", Do: "Make another station admin first: 'team approve CALL-SIGN --admin'."}
	}
	heads, err := k.store.Heads(ctx)
	if err != nil {
		return 0, storeFault(err)
	}
	out := &identity.Revoked{Device: target.Device, Why: why}
	pinned := map[journal.Log]bool{}
	for _, h := range heads { // of each log the newest epoch first
		if h.Device != target.Device || h.Seq == 0 {
			continue
		}
		trusted += h.Seq
		if !pinned[h.Log] {
			pinned[h.Log] = true
			out.Pins = append(out.Pins, identity.Pin{Log: h.Log, Epoch: h.Epoch, Seq: h.Seq, Chain: h.Chain})
		}
	}
	if _, err := k.act(ctx, m, signer, author, out); err != nil {
		return 0, err
	}
	return trusted, k.rotateGossip(ctx, m, signer, author)
}

// Accept implements api.Team.
func (k *Kit) Accept(ctx context.Context, t api.Token, a api.Acceptance) error {
	author, m, err := k.administer(t, "Accept it at an admin's station.")
	if err != nil {
		return err
	}
	if (a.Device == "") == (a.Erase == nil) {
		return &api.Fault{Code: api.CodeInvalid, What: "name either a withdrawn device or an erase order"}
	}
	if a.Erase != nil {
		waiting, err := k.erasures(ctx)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(waiting, func(e api.Erasure) bool { return e.Ref == *a.Erase }) {
			return &api.Fault{Code: api.CodeNotFound, What: "no erase order waits at that place", Do: "'erase --list' shows those that wait; what was carried out cannot be taken back."}
		}
		_, err = k.act(ctx, m, m.signer, author, &chart.Accept{Erase: a.Erase, Why: a.Why})
		return err
	}
	roster := k.share.roster.Load()
	target, err := findDevice(roster, a.Device)
	if err != nil {
		return err
	}
	heads, err := k.store.Heads(ctx)
	if err != nil {
		return storeFault(err)
	}
	var pins []chart.Ref
	for _, h := range heads {
		if h.Device == target.Device && h.Seq > 0 && !roster.Trusts(target.Device, h.Ref(h.Seq)) {
			pins = append(pins, h.Ref(h.Seq))
		}
	}
	if len(pins) == 0 {
		return &api.Fault{Code: api.CodeNotFound, What: "everything of that device that is held here is trusted already"}
	}
	_, err = k.act(ctx, m, m.signer, author, &chart.Accept{Pins: pins, Why: a.Why})
	return err
}

// Erasures implements api.Team.
func (k *Kit) Erasures(ctx context.Context, t api.Token) ([]api.Erasure, error) {
	if _, err := k.sessions.check(t); err != nil {
		return nil, err
	}
	return k.erasures(ctx)
}

func (k *Kit) erasures(ctx context.Context) ([]api.Erasure, error) {
	if _, err := k.member(); err != nil {
		return nil, err
	}
	orders, err := k.orders(ctx)
	if err != nil {
		return nil, storeFault(err)
	}
	roster := k.share.roster.Load()
	stopped := map[chart.Ref]bool{}
	for _, e := range orders {
		if a, ok := e.Content.(*chart.Accept); ok && a.Erase != nil {
			stopped[*a.Erase] = true
		}
	}
	out := []api.Erasure{}
	for _, e := range orders {
		order, ok := e.Content.(*chart.Erase)
		due := e.Wall.Add(store.EraseAfter)
		if !ok || stopped[e.Ref] || time.Now().After(due) || !roster.Trusts(e.Ref.Device, e.Ref) {
			continue
		}
		by, _ := roster.Member(e.Ref.Device)
		n := 0
		for _, s := range order.Of {
			n += int(s.To - s.From + 1)
		}
		out = append(out, api.Erasure{Ref: e.Ref, By: by.CallSign, Why: order.Why, Entries: n, Due: due})
	}
	return out, nil
}

// Roster implements api.Team.
func (k *Kit) Roster(_ context.Context, t api.Token) (api.Roster, error) {
	if _, err := k.sessions.check(t); err != nil {
		return api.Roster{}, err
	}
	if _, err := k.member(); err != nil {
		return api.Roster{}, err
	}
	r := k.share.roster.Load()
	out := api.Roster{Unread: r.Unread, Members: []api.Member{}}
	if r.Genesis != nil {
		out.Team = r.Genesis.Name
	}
	for _, m := range r.Members() {
		out.Members = append(out.Members, k.memberOf(m))
	}
	return out, nil
}

func (k *Kit) memberOf(s identity.MemberState) api.Member {
	m := api.Member{
		Key: s.Key.String(), Device: s.Device, Kind: s.Kind.String(), Site: s.Site, CallSign: s.CallSign, Grant: s.Grant.String(),
		Admin: s.Admin, Out: s.Out, Disputed: s.Disputed,
	}
	if self := k.share.member.Load(); self != nil {
		m.Self = self.device == s.Device
	}
	if s.Out {
		for _, e := range k.share.roster.Load().Revocations(s.Device) {
			m.Why = e.Content.(*identity.Revoked).Why
		}
	}
	return m
}

// Join implements api.Team. The approval proves that the admin who invited has read
// this station's own answer; the roster follows with the exchange.
func (k *Kit) Join(ctx context.Context, t api.Token, approval string) (api.Joined, error) {
	if _, err := k.sessions.check(t); err != nil {
		return api.Joined{}, err
	}
	b, err := k.store.Kept(ctx, keptAnswer)
	if errors.Is(err, store.ErrNotKept) {
		return api.Joined{}, &api.Fault{Code: api.CodeInvalid, What: "this station has answered no invitation, or was let in already", Do: "'team roster' says who belongs to the team."}
	}
	var own ownAnswer
	if err == nil {
		err = json.Unmarshal(b, &own)
	}
	i, readInvite := identity.ParseInvite(own.Invite)
	j, readJoin := identity.ParseJoin(own.Join)
	if err := errors.Join(err, readInvite, readJoin); err != nil {
		return api.Joined{}, storeFault(err)
	}
	a, err := identity.ParseApproval(approval)
	if err == nil {
		err = i.Accept(j, a)
	}
	if err != nil {
		return api.Joined{}, &api.Fault{Code: api.CodeInvalid, What: "that approval is not this team's word to this station", Do: "Compare the six words on both screens, and copy the approval whole."}
	}
	if err := k.store.Keep(ctx, keptAnswer, nil); err != nil {
		return api.Joined{}, storeFault(err)
	}
	if err := k.keepRecoverySlot(ctx, &a.Genesis); err != nil {
		k.log.Warn("the team's recovery key does not open this store yet; it is tried again", "reason", err)
	}
	return api.Joined{Team: a.Genesis.Name, Kind: a.As.Kind.String(), CallSign: a.As.CallSign}, nil
}

// ownAnswer is what a newcomer keeps until it is let in.
type ownAnswer struct {
	Invite string `json:"invite"`
	Join   string `json:"join"`
}

// keepRecoverySlot lets the team's recovery words open this store, as genesis names
// their public half. Only the home team's key has a slot; once there it stays.
func (k *Kit) keepRecoverySlot(ctx context.Context, g *identity.Genesis) error {
	slots, err := k.store.Slots(ctx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(slots, func(s store.SlotInfo) bool { return s.Kind == store.RecoverySlot }) {
		return nil
	}
	return k.store.AddSlot(ctx, store.Slot{Key: store.RecoveryBox(g.RecoveryBox)})
}
