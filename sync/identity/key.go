package identity

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// A Key is the public half of a device's Ed25519 key.
type Key [32]byte

// ErrKeyText reports a text that is not a device key, or one mistyped.
var ErrKeyText = errors.New("not a device key: check it letter by letter, or scan it")

// NewKey makes a device's key from 32 bytes of random.
func NewKey(random io.Reader) (ed25519.PrivateKey, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return nil, fmt.Errorf("make device key: %w", err)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// PublicOf is the public half of key.
func PublicOf(key ed25519.PrivateKey) Key { return Key(key.Public().(ed25519.PublicKey)) }

// Device is the name of the device that holds k.
func (k Key) Device() chart.Device { return journal.DeviceOf(k[:]) }

// Public is k as crypto/ed25519 takes it.
func (k Key) Public() ed25519.PublicKey { return ed25519.PublicKey(k[:]) }

// Crockford's base 32: no I, L, O or U, so that a key can be read aloud and typed.
var keyEncoding = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

const keyCheck = 3 // bytes; a mistyped key passes once in 16 million

// String is k for people: 56 letters and digits in seven groups, the last five of
// them a checksum.
func (k Key) String() string {
	text := keyEncoding.EncodeToString(slices.Concat(k[:], k.sum()))
	groups := make([]string, 0, 7)
	for ; len(text) > 0; text = text[8:] {
		groups = append(groups, text[:8])
	}
	return strings.Join(groups, "-")
}

func (k Key) sum() []byte {
	sum := sha256.Sum256(append([]byte(labelKeyText), k[:]...))
	return sum[:keyCheck]
}

// MarshalText writes what String does.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what ParseKey does.
func (k *Key) UnmarshalText(b []byte) error {
	v, err := ParseKey(string(b))
	if err == nil {
		*k = v
	}
	return err
}

// ParseKey reads what [Key.String] writes, in either case, with or without
// hyphens and spaces, and with O for 0 and I or L for 1.
func ParseKey(text string) (Key, error) {
	if len(text) > 200 {
		return Key{}, fmt.Errorf("read device key: %w", ErrKeyText)
	}
	b, err := fromLetters(text)
	if err != nil || len(b) != len(Key{})+keyCheck {
		return Key{}, fmt.Errorf("read device key: %w", ErrKeyText)
	}
	k := Key(b[:len(Key{})])
	if string(k.sum()) != string(b[len(Key{}):]) {
		return Key{}, fmt.Errorf("read device key: %w", ErrKeyText)
	}
	return k, nil
}

// fromLetters is the bytes of what a person typed or a camera read. Letters that
// carry no whole byte are refused, so one sequence of bytes has one text.
func fromLetters(text string) ([]byte, error) {
	text = typed(text)
	b, err := keyEncoding.DecodeString(text)
	if err == nil && keyEncoding.EncodeToString(b) != text {
		err = ErrText
	}
	return b, err
}

// typed brings what a person typed to the letters of the encoding.
func typed(text string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '-', ' ', '\n', '\t', '\r':
			return -1
		case 'O':
			return '0'
		case 'I', 'L':
			return '1'
		}
		return r
	}, strings.ToUpper(text))
}

// The labels that begin what is hashed or signed here, one for each kind.
const (
	labelKeyText = "fieldkit identity key text 1\x00"
	labelTeam    = "fieldkit identity team 1\x00"
	labelBox     = "fieldkit identity recovery box 1\x00"
	labelSign    = "fieldkit identity recovery sign 1\x00"
	labelPaper   = "fieldkit identity recovery paper 1\x00"
	labelJoin    = "fieldkit identity join 1\x00"
	labelApprove = "fieldkit identity approve 1\x00"
	labelGossip  = "fieldkit identity gossip key 1\x00"
	labelWords   = "fieldkit identity six words 1\x00"
	labelTicket  = "fieldkit identity ticket six words 1\x00"
)
