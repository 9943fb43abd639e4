package kit

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/identity"
)

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
func (m *membership) invites(ctx context.Context) ([]invited, error) {
	b, err := m.share.kit.store.Kept(ctx, m.kept(keptInvites))
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

func (m *membership) keepInvites(ctx context.Context, all []invited) error {
	b, err := json.Marshal(all)
	if err == nil {
		err = m.share.kit.store.Keep(ctx, m.kept(keptInvites), b)
	}
	return storeFault(err)
}

// Invite implements api.Team.
func (k *Kit) Invite(ctx context.Context, t api.Token) (api.Invitation, error) {
	_, m, err := k.administerIn(ctx, t, "Invite at an admin's station: elsewhere nobody could approve the answer.")
	if err != nil {
		return api.Invitation{}, err
	}
	i := identity.Invite{Team: m.team, Name: m.share.roster.Load().Genesis.Name, Admin: identity.PublicOf(m.key), Addresses: m.share.addresses(), Gossip: m.share.gossipKey()}
	rand.Read(i.Secret[:])
	text, err := i.Text()
	if err != nil {
		return api.Invitation{}, err
	}
	given := invited{Text: text, Expires: time.Now().Add(inviteLasts).UTC().Truncate(time.Second)}
	waiting, err := m.invites(ctx)
	if err != nil {
		return api.Invitation{}, err
	}
	waiting = append(waiting, given)
	waiting = waiting[max(0, len(waiting)-invitesMost):]
	if err := m.keepInvites(ctx, waiting); err != nil {
		return api.Invitation{}, err
	}
	return api.Invitation{Text: given.Text, Expires: given.Expires}, nil
}

// answered is the invitation that an answer is to, and its place among those that
// wait.
func (m *membership) answered(ctx context.Context, text string) (identity.Invite, identity.Join, int, error) {
	j, err := identity.ParseJoin(text)
	if err != nil {
		return identity.Invite{}, j, 0, &api.Fault{Code: api.CodeInvalid, What: "the answer cannot be read", Do: "Scan or type it again."}
	}
	waiting, err := m.invites(ctx)
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
	_, m, err := k.administerIn(ctx, t, "Approve the newcomer at the station that invited it.")
	if err != nil {
		return api.Newcomer{}, err
	}
	i, j, _, err := m.answered(ctx, answer)
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
	author, m, err := k.administerIn(ctx, t, "Approve the newcomer at an admin's station.")
	if err != nil {
		return api.Approved{}, err
	}
	roster := m.share.roster.Load()
	var n identity.Member
	var invite identity.Invite
	var join identity.Join
	place := -1
	if a.Answer != "" {
		if invite, join, place, err = m.answered(ctx, a.Answer); err != nil {
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
	n.Grant = 0 // until it is known what it is
	if was, known := roster.Member(n.Key.Device()); known {
		if was.Out {
			return api.Approved{}, &api.Fault{Code: api.CodeRefused, What: "that device was withdrawn from the team", Do: "Only the recovery words readmit it: 'team recover'."}
		}
		if place < 0 {
			n = was.Member
		} else { // what it wishes for is not the admin's word
			n.Grant, n.Kind, n.Site = was.Grant, was.Kind, was.Site
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
	if n.Grant == 0 {
		n.Grant = grantOf(n)
	}
	if _, err := k.act(ctx, m, m.signer, author, &n); err != nil {
		return api.Approved{}, err
	}
	if err := k.extendGossip(ctx, m, author); err != nil {
		return api.Approved{}, err
	}
	out := api.Approved{}
	if place >= 0 {
		waiting, err := m.invites(ctx)
		if err == nil && place < len(waiting) {
			err = m.keepInvites(ctx, slices.Delete(waiting, place, place+1))
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
	state, _ := m.share.roster.Load().Member(n.Key.Device())
	out.Member = m.share.memberOf(state)
	return out, nil
}

// grantOf is what a newcomer receives of whom the admin did not say it: a hospital is
// the team's guest and gets the encounters bound for it or handed to it.
func grantOf(n identity.Member) identity.Grant {
	if n.Kind == identity.Hospital && !n.Admin {
		return identity.GrantHanded
	}
	return identity.GrantAll
}

// Join implements api.Team. The approval proves that the admin who invited has read
// this station's own answer; the roster follows with the exchange.
func (k *Kit) Join(ctx context.Context, t api.Token, approval string) (api.Joined, error) {
	if _, err := k.sessions.check(t); err != nil {
		return api.Joined{}, err
	}
	var answered, told error
	for _, s := range k.shares() {
		m := s.member.Load()
		if m == nil {
			continue
		}
		b, err := k.store.Kept(ctx, m.kept(keptAnswer))
		if errors.Is(err, store.ErrNotKept) {
			continue
		}
		answered = cmp.Or(answered, err)
		a, err := accept(b, approval)
		if err != nil {
			told = err
			continue
		}
		if err := k.store.Keep(ctx, m.kept(keptAnswer), nil); err != nil {
			return api.Joined{}, storeFault(err)
		}
		if s.home() {
			if err := k.keepRecoverySlot(ctx, &a.Genesis); err != nil {
				k.log.Warn("the team's recovery key does not open this store yet; it is tried again", "reason", err)
			}
		}
		return api.Joined{Team: a.Genesis.Name, Kind: a.As.Kind.String(), CallSign: a.As.CallSign}, nil
	}
	switch {
	case answered != nil:
		return api.Joined{}, storeFault(answered)
	case told != nil:
		return api.Joined{}, told
	}
	return api.Joined{}, &api.Fault{Code: api.CodeInvalid, What: "this station has answered no invitation, or was let in already", Do: "'team roster' says who belongs to the team."}
}

// accept reads an approval of one's own answer.
func accept(answer []byte, approval string) (identity.Approval, error) {
	var own ownAnswer
	err := json.Unmarshal(answer, &own)
	i, readInvite := identity.ParseInvite(own.Invite)
	j, readJoin := identity.ParseJoin(own.Join)
	if err := errors.Join(err, readInvite, readJoin); err != nil {
		return identity.Approval{}, storeFault(err)
	}
	a, err := identity.ParseApproval(approval)
	if err == nil {
		err = i.Accept(j, a)
	}
	if err != nil {
		return a, &api.Fault{Code: api.CodeInvalid, What: "that approval is not this team's word to this station", Do: "Compare the six words on both screens, and copy the approval whole."}
	}
	return a, nil
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
