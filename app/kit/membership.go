package kit

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/sync/mesh"
	"fieldkit/triage/chart"
)

// Names under which the store keeps what the station is.
const (
	keptDevice  = "device key"
	keptTeam    = "team"
	keptGossip  = "gossip key"
	keptSponsor = "sponsor"
	keptPorts   = "ports"
)

const gossipKeySize = identity.GossipKeySize

// A membership is what makes this station part of a team: its own key, the team,
// and whom to believe before the team log has come.
type membership struct {
	key    ed25519.PrivateKey
	signer *store.Signer
	device chart.Device
	team   journal.TeamID
	gossip []byte
	away   journal.TeamID // the same where this is not the station's home team, else zero
	share  *share         // the flow of this team; nil while a station is made
	// sponsor is the admin whose invitation this station took; zero at the
	// station that began the team. It is believed until the roster is held.
	sponsor identity.Key
}

func newMembership(key ed25519.PrivateKey) *membership {
	return &membership{key: key, signer: store.NewSigner(key), device: identity.PublicOf(key).Device()}
}

// readMembership is what the unlocked store keeps of it: of the home team, or of the
// one that away names.
func readMembership(ctx context.Context, s *store.Store, away journal.TeamID) (*membership, error) {
	key, err := s.Kept(ctx, keptDevice)
	if err != nil {
		return nil, fmt.Errorf("read the device key: %w", err)
	}
	if len(key) != ed25519.PrivateKeySize {
		return nil, errors.New("read the device key: the store holds none; make the station with 'init'")
	}
	m := newMembership(key)
	m.away = away
	team, err := s.Kept(ctx, m.kept(keptTeam))
	if err != nil || len(team) != len(m.team) {
		return nil, errors.Join(errors.New("read the team: the store holds none"), err)
	}
	m.team = journal.TeamID(team)
	if m.gossip, err = s.Kept(ctx, m.kept(keptGossip)); err != nil || len(m.gossip) != gossipKeySize {
		return nil, errors.Join(errors.New("read the gossip key: the store holds none"), err)
	}
	if sponsor, err := s.Kept(ctx, m.kept(keptSponsor)); err == nil && len(sponsor) == len(m.sponsor) {
		m.sponsor = identity.Key(sponsor)
	}
	return m, nil
}

func (m *membership) keep(ctx context.Context, s *store.Store) error {
	for _, k := range []struct {
		name  string
		value []byte
	}{
		{keptDevice, m.key}, {m.kept(keptTeam), m.team[:]}, {m.kept(keptGossip), m.gossip}, {m.kept(keptSponsor), m.sponsor[:]},
	} {
		if err := s.Keep(ctx, k.name, k.value); err != nil {
			return fmt.Errorf("keep the %s: %w", k.name, err)
		}
	}
	return nil
}

// New is what a station is made of.
type New struct {
	Nameplate
	Passphrase string
	// Team is the name of a team to begin; Invitation, when not "", is one to join.
	Team       string
	Invitation string
}

// Made says what Init made.
type Made struct {
	Device string `json:"device"` // this station's key: an admin approves it
	Team   string `json:"team,omitempty"`
	// Answer is for the admin who invited to scan or type, and Words are the six that
	// both screens must show.
	Answer string `json:"answer,omitempty"`
	Words  string `json:"words,omitempty"`
	// Recovery is the team's recovery secret, shown this once: write it on paper.
	Recovery string `json:"recovery,omitempty"`
}

// Init makes a station in dir: its store, its device key, and a team of its own
// or a place in one it was invited to.
func Init(ctx context.Context, dir string, n New) (made Made, err error) {
	var kind identity.Kind
	if err := kind.UnmarshalText([]byte(n.Kind)); err != nil {
		return made, &api.Fault{Code: api.CodeInvalid, What: fmt.Sprintf("there is no kind of station %q", n.Kind), Do: "Use ambulance, clinic or hospital."}
	}
	if n.CallSign == "" {
		return made, &api.Fault{Code: api.CodeInvalid, What: "the station has no call sign", Do: "Give it one with --call-sign."}
	}
	var invitation identity.Invite
	if n.Invitation != "" {
		if invitation, err = readInvitation(n.Invitation); err != nil {
			return made, err
		}
	}
	clock := NewClock()
	stamps := newStamps(clock)
	s, err := store.Create(ctx, dir, storeConfig(stamps, nil), store.Slot{Key: store.Passphrase(n.Passphrase)})
	if err != nil {
		return made, storeFault(err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	key, err := identity.NewKey(rand.Reader)
	if err != nil {
		return made, err
	}
	m := newMembership(key)
	made.Device = identity.PublicOf(key).String()
	if n.Invitation != "" {
		m.team, m.sponsor, m.gossip = invitation.Team, invitation.Admin, invitation.Gossip
		if err := m.keep(ctx, s); err != nil {
			return made, err
		}
		if made.Answer, made.Words, err = answer(ctx, s, m, invitation, wish(kind, n.Nameplate)); err != nil {
			return made, err
		}
		return made, writeNameplate(dir, n.Nameplate)
	}
	secret, err := identity.NewRecovery(rand.Reader)
	if err != nil {
		return made, err
	}
	var nonce [16]byte
	rand.Read(nonce[:])
	name := n.Team
	if name == "" {
		name = n.CallSign
	}
	genesis, err := identity.NewGenesis(name, key, identity.Member{Kind: kind, Site: n.Site, CallSign: n.CallSign}, secret, nonce)
	if err != nil {
		return made, err
	}
	if m.team, err = identity.TeamOf(genesis); err != nil {
		return made, err
	}
	m.gossip = make([]byte, gossipKeySize)
	rand.Read(m.gossip)
	if err := m.keep(ctx, s); err != nil {
		return made, err
	}
	body, err := stationBody(clock, genesis, nil, n.Training)
	if err != nil {
		return made, err
	}
	if _, err := s.Commit(ctx, m.signer, []store.Draft{{Team: m.team, Log: journal.Team, Body: body}}); err != nil {
		return made, storeFault(err)
	}
	if err := s.AddSlot(ctx, store.Slot{Key: store.RecoveryBox(genesis.RecoveryBox)}); err != nil {
		return made, storeFault(err)
	}
	made.Team, made.Recovery = name, secret.Paper()
	return made, writeNameplate(dir, n.Nameplate)
}

// wish is what a newcomer asks to be on the roster; the admin says what it becomes.
func wish(kind identity.Kind, n Nameplate) identity.Member {
	w := identity.Member{Kind: kind, Site: n.Site, CallSign: n.CallSign}
	w.Grant = grantOf(w)
	return w
}

// readInvitation reads an invitation that can be answered.
func readInvitation(text string) (identity.Invite, error) {
	i, err := identity.ParseInvite(text)
	if err != nil {
		return i, &api.Fault{Code: api.CodeInvalid, What: "that is not an invitation to a team, or not a whole one", Do: "Show a new one with 'team invite' and copy it whole."}
	}
	if len(i.Gossip) != gossipKeySize {
		return i, &api.Fault{Code: api.CodeInvalid, What: "that invitation lacks the team's gossip key", Do: "Show a new one with 'team invite'."}
	}
	return i, nil
}

// answer makes this station's answer to an invitation and keeps it until the
// approval has come, with the addresses at which the team may be met.
func answer(ctx context.Context, s *store.Store, m *membership, i identity.Invite, wish identity.Member) (text, words string, err error) {
	var nonce [16]byte
	rand.Read(nonce[:])
	j, err := i.Answer(m.key, wish, nonce)
	if err != nil {
		return "", "", &api.Fault{Code: api.CodeInvalid, What: "the answer cannot be right: " + err.Error(), Do: "Check kind, site and call sign."}
	}
	if words, err = i.SixWords(j); err != nil {
		return "", "", err
	}
	if text, err = j.Text(); err != nil {
		return "", "", err
	}
	invite, err := i.Text()
	if err != nil {
		return "", "", err
	}
	own, err := json.Marshal(ownAnswer{Invite: invite, Join: text})
	if err == nil {
		err = s.Keep(ctx, m.kept(keptAnswer), own)
	}
	if err != nil {
		return "", "", fmt.Errorf("keep the answer: %w", err)
	}
	var met []mesh.Known
	for _, a := range i.Addresses {
		met = append(met, mesh.Known{Gossip: a})
	}
	if len(met) == 0 {
		return text, words, nil
	}
	known, err := json.Marshal(met)
	if err == nil {
		err = s.Keep(ctx, m.kept(keptPeers), known)
	}
	if err != nil {
		return "", "", fmt.Errorf("keep the team's addresses: %w", err)
	}
	return text, words, nil
}
