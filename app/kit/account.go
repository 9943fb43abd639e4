package kit

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/argon2"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/identity"
)

// An account is a person of the emergency room who may sign in at the page. It is
// kept sealed in the hospital's store; the password only as an Argon2id hash
// (RFC 9106, second profile).
type account struct {
	Name string `json:"name"`
	Role string `json:"role"`
	Salt []byte `json:"salt"`
	Hash []byte `json:"hash"`
	// Wrong tries since the last right one, and when the last was made.
	Tries int       `json:"tries,omitempty"`
	Tried time.Time `json:"tried,omitzero"`
}

const (
	keptAccounts = "emergency room accounts"
	// passwordLeast is the shortest password, in characters (NIST SP 800-63B-4 asks
	// for 15 where there is no second factor).
	passwordLeast = 15
	// lockedOutFor is how long an account refuses after lockedOutAfter wrong tries.
	lockedOutAfter = 5
	lockedOutFor   = time.Minute
)

// lockedOut is told by how far the last try is from now either way: a clock that was
// set back an hour must not keep the emergency room out for one.
func (a account) lockedOut() bool {
	return a.Tries >= lockedOutAfter && time.Since(a.Tried).Abs() < lockedOutFor
}

func hashPassword(password string, salt []byte) []byte {
	return argon2.IDKey([]byte(password), salt, 3, 64<<10, 4, 32)
}

func (k *Kit) accounts(ctx context.Context) (map[string]account, error) {
	known := map[string]account{}
	b, err := k.store.Kept(ctx, keptAccounts)
	if errors.Is(err, store.ErrNotKept) {
		return known, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &known)
	}
	if err != nil {
		return nil, fmt.Errorf("read the accounts: %w", err)
	}
	return known, nil
}

func (k *Kit) keepAccounts(ctx context.Context, known map[string]account) error {
	b, err := json.Marshal(known)
	if err == nil {
		err = k.store.Keep(ctx, keptAccounts, b)
	}
	if err != nil {
		return fmt.Errorf("keep the accounts: %w", err)
	}
	return nil
}

// SetAccount makes an account for the page, or changes its password.
func (k *Kit) SetAccount(ctx context.Context, t api.Token, name, role, password string) error {
	if _, err := k.allow(t, identity.MayAdminister); err != nil {
		return err
	}
	if name == "" || len(name) > 100 || len([]rune(password)) < passwordLeast {
		return &api.Fault{Code: api.CodeInvalid, What: "the account has no name, or its password is too short",
			Do: fmt.Sprintf("Use at least %d characters; a few words are easiest to remember.", passwordLeast)}
	}
	known, err := k.accounts(ctx)
	if err != nil {
		return storeFault(err)
	}
	salt := make([]byte, 16)
	rand.Read(salt)
	known[name] = account{Name: name, Role: role, Salt: salt, Hash: hashPassword(password, salt)}
	return storeFault(k.keepAccounts(ctx, known))
}

// checkAccount is the account whose name and password these are. The same work is
// done for a name that does not exist, so that names cannot be found by the clock.
func (k *Kit) checkAccount(ctx context.Context, name, password string) (account, error) {
	k.signingIn.Lock()
	defer k.signingIn.Unlock()
	known, err := k.accounts(ctx)
	if err != nil {
		return account{}, err
	}
	a, ok := known[name]
	if !ok {
		hashPassword(password, make([]byte, 16))
		return account{}, errRefused("the name or the password is wrong")
	}
	if a.lockedOut() {
		return account{}, errRefused("too many wrong passwords; wait a minute")
	}
	right := subtle.ConstantTimeCompare(hashPassword(password, a.Salt), a.Hash) == 1
	if right && a.Tries == 0 {
		return a, nil
	}
	a.Tries, a.Tried = a.Tries+1, time.Now()
	if right {
		a.Tries, a.Tried = 0, time.Time{}
	}
	known[name] = a
	if err := k.keepAccounts(ctx, known); err != nil {
		return account{}, err
	}
	if !right {
		return account{}, errRefused("the name or the password is wrong")
	}
	return a, nil
}
