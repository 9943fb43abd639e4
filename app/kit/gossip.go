package kit

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"time"

	"fieldkit/app/store"
	"fieldkit/sync/identity"
	"fieldkit/triage/chart"
)

// The gossip key changes when a device is revoked. The admin who revokes writes the
// new one to the team log, sealed to each device that stays; it travels with the
// exchange, to which gossip is not needed: peers' addresses are remembered.

// gossipAgain is how often an admin's station looks whether a device that is out
// still holds the key, or a member lacks it, and up to as much again: of two admins
// who both could, one mostly comes first.
const gossipAgain = 30 * time.Second

// gossipKey is the key in use.
func (s *share) gossipKey() []byte {
	if k := s.gossip.Load(); k != nil {
		return *k
	}
	return nil
}

func (s *share) gossipKeys() [][]byte {
	if k := s.gossipKey(); k != nil {
		return [][]byte{k}
	}
	return nil
}

// adoptGossip takes up the newest key that is meant for this device and has gossip
// begin anew with it.
func (s *share) adoptGossip(ctx context.Context, m *membership, r *identity.Roster) error {
	_, key, ok := r.OpenGossip(m.key)
	if !ok {
		return nil
	}
	if bytes.Equal(key[:], s.gossipKey()) {
		return nil
	}
	if err := s.kit.store.Keep(ctx, m.kept(keptGossip), key[:]); err != nil && !errors.Is(err, store.ErrReadOnly) {
		return fmt.Errorf("keep the gossip key: %w", err)
	}
	fresh := bytes.Clone(key[:])
	s.gossip.Store(&fresh)
	s.rekey()
	return nil
}

// rekey has gossip begin anew with the key in use.
func (s *share) rekey() {
	s.mu.Lock()
	me := s.mesh
	s.mu.Unlock()
	if me != nil {
		me.Rekey()
	}
}

// rotateGossip gives the team a new gossip key. Every invitation that waits holds
// the old one: those are void.
func (k *Kit) rotateGossip(ctx context.Context, m *membership, signer *store.Signer, author chart.Author) error {
	roster := m.share.roster.Load()
	var stay []identity.Key
	for _, s := range roster.Members() {
		if !s.Out {
			stay = append(stay, s.Key)
		}
	}
	if len(stay) == 0 {
		return nil
	}
	var key [identity.GossipKeySize]byte
	rand.Read(key[:])
	if err := k.sealGossip(ctx, m, signer, author, roster.GossipNumber()+1, key, stay); err != nil {
		return err
	}
	return m.keepInvites(ctx, nil)
}

// extendGossip gives the key in use to members who lack it: newcomers.
func (k *Kit) extendGossip(ctx context.Context, m *membership, author chart.Author) error {
	roster := m.share.roster.Load()
	lacking := roster.GossipLacking()
	number, key, ok := roster.OpenGossip(m.key)
	if len(lacking) == 0 || !ok || number != roster.GossipNumber() {
		return nil
	}
	return k.sealGossip(ctx, m, m.signer, author, number, key, lacking)
}

func (k *Kit) sealGossip(ctx context.Context, m *membership, signer *store.Signer, author chart.Author, number uint64, key [identity.GossipKeySize]byte, to []identity.Key) error {
	parts, err := identity.NewGossip(m.team, number, key, to)
	if err != nil {
		return err
	}
	contents := make([]chart.Content, len(parts))
	for i, p := range parts {
		contents[i] = p
	}
	if _, err := k.act(ctx, m, signer, author, contents...); err != nil {
		return fmt.Errorf("give the team its gossip key: %w", err)
	}
	return nil
}

// brokenGossip reports whether the newest key was given to this device and does not
// open: a slip, or an abuse, that a new key ends.
func (s *share) brokenGossip(m *membership, r *identity.Roster) bool {
	newest, ok := r.Gossip(m.device)
	if !ok {
		return false
	}
	number, _, ok := r.OpenGossip(m.key)
	return !ok || number < newest.Number
}

// guardGossip has an admin's station do what the admin who revoked or approved did
// not come to, until ctx ends; and settle it where two changed the key while apart.
func (s *share) guardGossip(ctx context.Context, m *membership) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(gossipAgain + mathrand.N(gossipAgain)):
		}
		r := s.roster.Load()
		if r == nil || s.kit.mustBeAdmin(m, "") != nil {
			continue
		}
		author, do := chart.Author{Checked: chart.CheckedStation}, s.kit.extendGossip
		if r.GossipExposed() || s.brokenGossip(m, r) {
			do = func(ctx context.Context, m *membership, author chart.Author) error {
				return s.kit.rotateGossip(ctx, m, m.signer, author)
			}
		}
		if err := do(ctx, m, author); err != nil && ctx.Err() == nil {
			s.kit.log.Warn("the gossip key was not given yet", "reason", err)
		}
	}
}
