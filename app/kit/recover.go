package kit

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/identity"
	"fieldkit/triage/chart"
)

// recovery is the signing key of the words, checked against the team's genesis.
func (m *membership) recovery(words string) (*store.Signer, error) {
	secret, err := identity.ParsePaper(words)
	if err != nil {
		return nil, &api.Fault{Code: api.CodeInvalid, What: "those are not the words of a recovery secret", Do: "Check them against the paper: 17 words of five letters."}
	}
	key, err := secret.SignKey()
	if err != nil {
		return nil, err
	}
	r := m.share.roster.Load()
	if r == nil || r.Genesis == nil {
		return nil, &api.Fault{Code: api.CodeFailed, What: "this station does not hold its team's log yet", Do: "Wait for the exchange with the team, or take a parcel in."}
	}
	if identity.PublicOf(key) != r.Genesis.RecoverySign {
		return nil, &api.Fault{Code: api.CodeRefused, What: "those are the recovery words of another team", Do: "Look for the paper of the team " + r.Genesis.Name + "."}
	}
	return store.NewSigner(key), nil
}

// Recover implements api.Team. The words are kept nowhere.
func (k *Kit) Recover(ctx context.Context, t api.Token, in api.Recovery) (api.Recovered, error) {
	author, err := k.sessions.check(t) // the words are the authority, whoever types them
	if err != nil {
		return api.Recovered{}, err
	}
	m, err := k.memberIn(ctx)
	if err != nil {
		return api.Recovered{}, err
	}
	signer, err := m.recovery(in.Words)
	if err != nil {
		return api.Recovered{}, err
	}
	if in.Admin == "" && in.Readmit == "" && in.Revoke == "" {
		return api.Recovered{}, &api.Fault{Code: api.CodeInvalid, What: "nothing is asked of the recovery words", Do: "Say --admin, --readmit or --revoke, and of which device."}
	}
	var out api.Recovered
	for _, let := range []struct {
		in    string
		admin bool
	}{{in.Admin, true}, {in.Readmit, false}} {
		if let.in == "" {
			continue
		}
		target, err := k.named(m, let.in)
		if err != nil {
			return out, err
		}
		if !let.admin && !target.Out {
			return out, &api.Fault{Code: api.CodeInvalid, What: "that device is in the team"}
		}
		next := target.Member
		if let.admin {
			next.Admin, next.Grant = true, identity.GrantAll
		}
		if _, err := k.act(ctx, m, signer, author, &next); err != nil {
			return out, err
		}
		words := "is in the team again"
		if let.admin {
			words = "is an admin of the team"
		}
		out.Did = append(out.Did, fmt.Sprintf("%s %s %s", next.Kind, next.CallSign, words))
	}
	if in.Revoke != "" {
		target, err := k.named(m, in.Revoke)
		if err != nil {
			return out, err
		}
		trusted, err := k.revoke(ctx, m, signer, author, target, in.Why)
		if err != nil {
			return out, err
		}
		out.Did = append(out.Did, fmt.Sprintf("%s %s was withdrawn; %d entries of it stay trusted", target.Kind, target.CallSign, trusted))
	}
	return out, nil
}

// named is the device a person named; "." is this one.
func (k *Kit) named(m *membership, text string) (identity.MemberState, error) {
	r := m.share.roster.Load()
	if text != "." {
		return findDevice(r, text)
	}
	self, ok := r.Member(m.device)
	if !ok {
		return self, &api.Fault{Code: api.CodeNotFound, What: "this station is not on the roster", Do: "The recovery words readmit and raise members; let a newcomer in with 'team approve'."}
	}
	return self, nil
}

// Reopen implements api.Team. It opens this station's store with the recovery words
// and gives it a new passphrase, in the place of all others: of a person who forgot
// it, or of a tablet that was withdrawn and found again.
func (k *Kit) Reopen(ctx context.Context, words, passphrase string) (api.Token, error) {
	secret, err := identity.ParsePaper(words)
	if err != nil {
		return "", &api.Fault{Code: api.CodeInvalid, What: "those are not the words of a recovery secret", Do: "Check them against the paper: 17 words of five letters."}
	}
	k.opening.RLock()
	defer k.opening.RUnlock()
	key := store.RecoveryKey(secret)
	if k.store.Locked() {
		err = k.store.Unlock(ctx, key)
	} else {
		err = k.store.Check(ctx, key)
	}
	if errors.Is(err, store.ErrWrongKey) {
		k.refused(ctx, "", howRecovery, atStation, false)
		return "", &api.Fault{Code: api.CodeRefused, What: "those words do not open this store", Do: "It hangs from the recovery words of the team it first belonged to."}
	}
	if err != nil {
		return "", storeFault(err)
	}
	k.turning.Lock()
	defer k.turning.Unlock()
	old, err := k.store.Slots(ctx)
	if err == nil {
		err = k.store.AddSlot(ctx, store.Slot{Key: store.Passphrase(passphrase)})
	}
	for _, s := range slices.DeleteFunc(old, func(s store.SlotInfo) bool { return s.Kind != store.PassphraseSlot }) {
		if err == nil {
			err = k.store.RemoveSlot(ctx, s.ID)
		}
	}
	if err != nil {
		return "", storeFault(err)
	}
	k.share.reopened.Store(true)
	if err := k.begin(ctx); err != nil {
		return "", err
	}
	if k.share.withdrawn.Load() { // four hours for whoever found it, from now
		if _, err := k.noteWithdrawn(ctx); err != nil {
			return "", storeFault(err)
		}
	}
	k.show(ctx, chart.ID{})
	t := k.sessions.begin(chart.Author{Staff: unnamed, Checked: chart.CheckedNone}, byPassphrase)
	k.cameIn(ctx, t, howRecovery, atStation)
	return t, nil
}
