package kit

import (
	"context"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// Invite is the invitation to this station's team, as text. It is a secret until
// the newcomer has joined.
func (k *Kit) Invite(ctx context.Context, t api.Token) (string, error) {
	if _, err := k.sessions.check(t); err != nil {
		return "", err
	}
	m, err := k.member()
	if err != nil {
		return "", err
	}
	i := Invitation{Team: m.team, Sponsor: identity.PublicOf(m.key)}
	copy(i.Gossip[:], m.gossip)
	return i.String(), nil
}

// Approve puts a newcomer's key on the roster with its grant, or changes what stands
// there, as an act of whoever is signed in. This station must be an admin of its team; what it writes otherwise counts
// nowhere.
func (k *Kit) Approve(ctx context.Context, t api.Token, n identity.Member) error {
	author, err := k.sessions.check(t)
	if err != nil {
		return err
	}
	m, err := k.member()
	if err != nil {
		return err
	}
	if err := k.mustBeAdmin(m, "Approve the newcomer at an admin's station."); err != nil {
		return err
	}
	saw, err := k.teamSaw(ctx)
	if err != nil {
		return err
	}
	body, err := stampedBody(k.clock, &n, k.plate.Training)
	if err != nil {
		return err
	}
	body.Author, body.Saw = author, saw
	_, err = k.store.Commit(ctx, m.signer, []store.Draft{{Team: m.team, Log: journal.Team, Body: body}})
	return storeFault(err)
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

// Roster is who belongs to the team, as far as this station holds it.
func (k *Kit) Roster(ctx context.Context, t api.Token) ([]identity.MemberState, error) {
	if _, err := k.sessions.check(t); err != nil {
		return nil, err
	}
	if _, err := k.member(); err != nil {
		return nil, err
	}
	return k.share.roster.Load().Members(), nil
}
