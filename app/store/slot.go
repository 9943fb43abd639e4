package store

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"fieldkit/sync/identity"
)

// A SlotKind is a way of opening the store. The numbers stand in the file.
type SlotKind uint8

// The kinds.
const (
	PassphraseSlot SlotKind = 1
	PINSlot        SlotKind = 2
	RecoverySlot   SlotKind = 3
	UnattendedSlot SlotKind = 4
)

func (k SlotKind) String() string {
	switch k {
	case PassphraseSlot:
		return "passphrase"
	case PINSlot:
		return "PIN"
	case RecoverySlot:
		return "recovery key"
	case UnattendedSlot:
		return "key file"
	}
	return fmt.Sprintf("slot kind %d", uint8(k))
}

// Argon2id as RFC 9106 section 4 recommends second: 64 MiB, three passes, four
// lanes. 0.2 s on a small computer.
const (
	argonMemory = 64 << 10 // KiB
	argonPasses = 3
	argonLanes  = 4
)

// MinWords is the shortest passphrase that may open a store by itself. A six-digit
// PIN falls in days to whoever copies the disk; five words do not.
const MinWords = 5

// Errors of opening a store.
var (
	// ErrWrongKey reports that no slot opened. Try again: nothing is ever destroyed.
	ErrWrongKey = errors.New("that does not open this store")
	// ErrWeak reports a passphrase too short to stand alone.
	ErrWeak = errors.New("a passphrase needs five words or more: without a secret of this computer beside it, less can be guessed")
	// ErrNoSecrets reports that a PIN needs a keyring that is not there.
	ErrNoSecrets = errors.New("a PIN needs this computer's keyring, and there is none: use a passphrase of five words or more")
)

// A Key opens a slot, or closes a new one: a Passphrase, a PIN, a RecoveryBox
// or RecoveryKey, or a KeyFile.
type Key interface {
	kind() SlotKind
	// wrap seals the root under this key.
	wrap(root *Root, salt []byte, s Secrets) ([]byte, error)
	// unwrap opens what wrap made; ErrWrongKey if it does not open.
	unwrap(wrapped, salt []byte, s Secrets) (Root, error)
}

// A Passphrase is five words or more. Words are separated by white space; how
// much of it does not matter.
type Passphrase string

// A PIN is what a person types where the operating system keeps a second secret.
type PIN string

// A KeyFile is the content of a key file, a systemd credential or a secret that a
// TPM released: at least 32 bytes nobody types.
type KeyFile []byte

// A RecoveryBox is the public half of the team's recovery key, as genesis names
// it. It adds a slot and opens none.
type RecoveryBox [32]byte

// A RecoveryKey is the team's recovery secret, typed from paper. It opens what
// its RecoveryBox closed.
type RecoveryKey identity.Recovery

func (Passphrase) kind() SlotKind  { return PassphraseSlot }
func (PIN) kind() SlotKind         { return PINSlot }
func (KeyFile) kind() SlotKind     { return UnattendedSlot }
func (RecoveryBox) kind() SlotKind { return RecoverySlot }
func (RecoveryKey) kind() SlotKind { return RecoverySlot }

func (p Passphrase) words() string { return strings.Join(strings.Fields(string(p)), " ") }

func (p Passphrase) key(salt []byte) []byte {
	return derive(stretch(p.words(), salt), nil, "fieldkit store passphrase slot 1")
}

func (p Passphrase) wrap(root *Root, salt []byte, _ Secrets) ([]byte, error) {
	if len(strings.Fields(string(p))) < MinWords {
		return nil, ErrWeak
	}
	return wrapWith(p.key(salt), root, PassphraseSlot), nil
}

func (p Passphrase) unwrap(wrapped, salt []byte, _ Secrets) (Root, error) {
	return unwrapWith(p.key(salt), wrapped, PassphraseSlot)
}

func (p PIN) key(salt, secret []byte) []byte {
	return derive(append(stretch(string(p), salt), secret...), nil, "fieldkit store PIN slot 1")
}

// wrap makes a secret for this slot and leaves it with the operating system.
func (p PIN) wrap(root *Root, salt []byte, s Secrets) ([]byte, error) {
	if s == nil {
		return nil, ErrNoSecrets
	}
	secret := make([]byte, 32)
	rand.Read(secret)
	if err := s.Keep(secretName(salt), secret); err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrNoSecrets, err)
	}
	return wrapWith(p.key(salt, secret), root, PINSlot), nil
}

func (p PIN) unwrap(wrapped, salt []byte, s Secrets) (Root, error) {
	if s == nil {
		return Root{}, ErrNoSecrets
	}
	secret, err := s.Kept(secretName(salt))
	if err != nil {
		return Root{}, fmt.Errorf("%w (%w)", ErrNoSecrets, err)
	}
	return unwrapWith(p.key(salt, secret), wrapped, PINSlot)
}

func (f KeyFile) key(salt []byte) ([]byte, error) {
	if len(f) < 32 {
		return nil, fmt.Errorf("read key file: %d bytes, and fewer than 32 can be guessed", len(f))
	}
	return derive(f, salt, "fieldkit store unattended slot 1"), nil
}

func (f KeyFile) wrap(root *Root, salt []byte, _ Secrets) ([]byte, error) {
	key, err := f.key(salt)
	if err != nil {
		return nil, err
	}
	return wrapWith(key, root, UnattendedSlot), nil
}

func (f KeyFile) unwrap(wrapped, salt []byte, _ Secrets) (Root, error) {
	key, err := f.key(salt)
	if err != nil {
		return Root{}, err
	}
	return unwrapWith(key, wrapped, UnattendedSlot)
}

// recoveryInfo binds the sealed root to its purpose and its slot.
func recoveryInfo(salt []byte) []byte {
	return append([]byte("fieldkit store recovery slot 1"), salt...)
}

func (r RecoveryBox) wrap(root *Root, salt []byte, _ Secrets) ([]byte, error) {
	return identity.SealToRecovery(r, recoveryInfo(salt), root[:])
}

func (RecoveryBox) unwrap([]byte, []byte, Secrets) (Root, error) { return Root{}, ErrWrongKey }

func (r RecoveryKey) wrap(root *Root, salt []byte, s Secrets) ([]byte, error) {
	box, err := identity.Recovery(r).BoxPublic()
	if err != nil {
		return nil, err
	}
	return RecoveryBox(box).wrap(root, salt, s)
}

func (r RecoveryKey) unwrap(wrapped, salt []byte, _ Secrets) (Root, error) {
	plain, err := identity.Recovery(r).Open(recoveryInfo(salt), wrapped)
	if errors.Is(err, identity.ErrBox) || err == nil && len(plain) != len(Root{}) {
		return Root{}, ErrWrongKey
	}
	if err != nil {
		return Root{}, err
	}
	defer clear(plain)
	return Root(plain), nil
}

func stretch(words string, salt []byte) []byte {
	return argon2.IDKey([]byte(words), salt, argonPasses, argonMemory, argonLanes, 32)
}

func wrapWith(key []byte, root *Root, kind SlotKind) []byte {
	return seal(gcm(key), nil, root[:], []byte{byte(kind)})
}

func unwrapWith(key, wrapped []byte, kind SlotKind) (Root, error) {
	plain, err := open(gcm(key), nil, wrapped, []byte{byte(kind)})
	if err != nil || len(plain) != len(Root{}) {
		return Root{}, ErrWrongKey
	}
	defer clear(plain)
	return Root(plain), nil
}
