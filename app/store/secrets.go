package store

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/zalando/go-keyring"
)

// Secrets keeps small secrets where copying the disk does not take them: the
// operating system's keyring.
type Secrets interface {
	Keep(name string, secret []byte) error
	Kept(name string) ([]byte, error)
	Forget(name string) error
}

// Keyring is the keyring of the desktop session: Secret Service on Linux, the
// keychain of macOS, the credential manager of Windows.
type Keyring struct{}

const keyringService = "fieldkit"

// Keep puts a secret under a name.
func (Keyring) Keep(name string, secret []byte) error {
	if err := keyring.Set(keyringService, name, base64.StdEncoding.EncodeToString(secret)); err != nil {
		return fmt.Errorf("keep secret in keyring: %w", err)
	}
	return nil
}

// Kept is the secret under a name.
func (Keyring) Kept(name string) ([]byte, error) {
	text, err := keyring.Get(keyringService, name)
	if err != nil {
		return nil, fmt.Errorf("read secret from keyring: %w", err)
	}
	secret, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("read secret from keyring: %w", err)
	}
	return secret, nil
}

// Forget removes the secret under a name; one that is not there is no error.
func (Keyring) Forget(name string) error {
	if err := keyring.Delete(keyringService, name); err != nil && !errors.Is(err, keyring.ErrNotFound) {
		return fmt.Errorf("forget secret in keyring: %w", err)
	}
	return nil
}

// secretName is a slot's name in the keyring: its salt, which says nothing.
func secretName(salt []byte) string { return "slot " + hex.EncodeToString(salt) }
