package kit

import (
	"context"
	"encoding/hex"
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

// administer is the author and membership of an act that counts only from an admin
// station, by whoever may administer, in the home team.
func (k *Kit) administer(t api.Token, do string) (chart.Author, *membership, error) {
	return k.administerIn(context.Background(), t, do)
}

// act writes entries of the team log, of what the author decides, and has this
// station obey them before it returns.
func (k *Kit) act(ctx context.Context, m *membership, signer *store.Signer, author chart.Author, contents ...chart.Content) ([]chart.Ref, error) {
	saw, err := m.share.teamSaw(ctx)
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
	before := m.share.roster.Load()
	refs, err := k.store.Commit(ctx, signer, drafts)
	if err != nil {
		return nil, storeFault(err)
	}
	if err := m.share.fold(ctx, m.team); err != nil {
		return refs, fmt.Errorf("it is on the record, but the roster could not be read again: %w", err)
	}
	m.share.recheck(ctx, before, m.device)
	return refs, nil
}

// mustBeAdmin refuses an act that counts only from an admin of the team.
func (k *Kit) mustBeAdmin(m *membership, do string) error {
	roster := m.share.roster.Load()
	if roster != nil {
		if self, ok := roster.Member(m.device); ok && !self.Out && self.Admin {
			return nil
		}
	}
	return &api.Fault{Code: api.CodeRefused, What: "this station is no admin of its team", Do: do}
}

// teamSaw is how far the team log is held: an admin's act says what it had seen.
func (s *share) teamSaw(ctx context.Context) ([]chart.Ref, error) {
	heads, err := s.heads(ctx)
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
	author, m, err := k.administerIn(ctx, t, "Withdraw the device at an admin's station, or with the recovery words.")
	if err != nil {
		return api.Revoked{}, err
	}
	target, err := findDevice(m.share.roster.Load(), device)
	if err != nil {
		return api.Revoked{}, err
	}
	trusted, err := k.revoke(ctx, m, m.signer, author, target, why)
	if err != nil {
		return api.Revoked{}, err
	}
	state, _ := m.share.roster.Load().Member(target.Device)
	return api.Revoked{Member: m.share.memberOf(state), Trusted: trusted}, nil
}

func (k *Kit) revoke(ctx context.Context, m *membership, signer *store.Signer, author chart.Author, target identity.MemberState, why string) (trusted uint64, err error) {
	heads, err := m.share.heads(ctx)
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
	return trusted, k.putOut(ctx, m, signer, author, target, out)
}

// putOut takes a device off the roster.
func (k *Kit) putOut(ctx context.Context, m *membership, signer *store.Signer, author chart.Author, target identity.MemberState, out *identity.Revoked) error {
	roster := m.share.roster.Load()
	byPaper := signer != m.signer
	admins := slices.DeleteFunc(roster.Members(), func(s identity.MemberState) bool { return s.Out || !s.Admin || s.Device == target.Device })
	switch {
	case strings.TrimSpace(out.Why) == "":
		return &api.Fault{Code: api.CodeInvalid, What: "the withdrawal has no reason", Do: "Say why with --reason; write nothing of a patient."}
	case target.Out:
		return &api.Fault{Code: api.CodeInvalid, What: "that device was withdrawn already"}
	case len(admins) == 0 && !byPaper:
		return &api.Fault{Code: api.CodeRefused, What: "that is the team's only admin", Do: "Make another station admin first: 'team approve CALL-SIGN --admin'."}
	}
	if _, err := k.act(ctx, m, signer, author, out); err != nil {
		return err
	}
	return k.rotateGossip(ctx, m, signer, author)
}

// Accept implements api.Team.
func (k *Kit) Accept(ctx context.Context, t api.Token, a api.Acceptance) error {
	author, m, err := k.administerIn(ctx, t, "Accept it at an admin's station.")
	if err != nil {
		return err
	}
	if (a.Device == "") == (a.Erase == nil) {
		return &api.Fault{Code: api.CodeInvalid, What: "name either a withdrawn device or an erase order"}
	}
	if a.Erase != nil {
		waiting, err := k.erasures(ctx, m)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(waiting, func(e api.Erasure) bool { return e.Ref == *a.Erase }) {
			return &api.Fault{Code: api.CodeNotFound, What: "no erase order waits at that place", Do: "'erase --list' shows those that wait; what was carried out cannot be taken back."}
		}
		_, err = k.act(ctx, m, m.signer, author, &chart.Accept{Erase: a.Erase, Why: a.Why})
		return err
	}
	roster := m.share.roster.Load()
	target, err := findDevice(roster, a.Device)
	if err != nil {
		return err
	}
	heads, err := m.share.heads(ctx)
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
	m, err := k.memberIn(ctx)
	if err != nil {
		return nil, err
	}
	return k.erasures(ctx, m)
}

func (k *Kit) erasures(ctx context.Context, m *membership) ([]api.Erasure, error) {
	orders, err := k.orders(ctx, m.share)
	if err != nil {
		return nil, storeFault(err)
	}
	roster := m.share.roster.Load()
	stopped := stoppedOf(roster, orders)
	out := []api.Erasure{}
	for _, e := range orders {
		order, ok := e.Content.(*chart.Erase)
		if !ok || stopped[e.Ref] || !mayOrder(roster, e) {
			continue
		}
		due, waits, err := k.waiting(ctx, order)
		if err != nil {
			return nil, storeFault(err)
		}
		if !waits {
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

// waiting is until when what an order names is only hidden here; false when none of it
// waits any more.
func (k *Kit) waiting(ctx context.Context, order *chart.Erase) (due time.Time, waits bool, err error) {
	for _, s := range order.Of {
		for _, seq := range []uint64{s.From, s.To} { // what one order names is carried out together
			due, waits, err = k.store.Waiting(ctx, chart.Ref{Device: s.Device, Epoch: s.Epoch, Seq: seq})
			if err != nil || waits {
				return due, waits, err
			}
		}
	}
	return due, false, nil
}

// Roster implements api.Team.
func (k *Kit) Roster(ctx context.Context, t api.Token) (api.Roster, error) {
	if _, err := k.sessions.check(t); err != nil {
		return api.Roster{}, err
	}
	self, err := k.memberIn(ctx)
	if err != nil {
		return api.Roster{}, err
	}
	r := self.share.roster.Load()
	out := api.Roster{Unread: r.Unread, Members: []api.Member{}}
	if r.Genesis != nil {
		out.Team = r.Genesis.Name
	}
	for _, m := range r.Members() {
		out.Members = append(out.Members, self.share.memberOf(m))
	}
	return out, nil
}

func (s *share) memberOf(of identity.MemberState) api.Member {
	m := api.Member{
		Key: of.Key.String(), Device: of.Device, Kind: of.Kind.String(), Site: of.Site, CallSign: of.CallSign, Grant: of.Grant.String(),
		Admin: of.Admin, Out: of.Out, Disputed: of.Disputed,
	}
	if self := s.member.Load(); self != nil {
		m.Self = self.device == of.Device
	}
	if of.Out {
		for _, e := range s.roster.Load().Revocations(of.Device) {
			m.Why = e.Content.(*identity.Revoked).Why
		}
	}
	return m
}
