package identity

import (
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hpke"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A Recovery is a team's recovery secret: made at genesis, shown once, kept on
// paper and on no tablet. Whoever holds it can open every store of the home team
// and change its roster.
type Recovery [32]byte

// ErrPaper reports words that are not a recovery secret, or mistyped.
var ErrPaper = errors.New("not the words of a recovery secret: check them against the paper")

// ErrBox reports a sealed key that this secret does not open.
var ErrBox = errors.New("this recovery secret does not open this store")

// NewRecovery makes a recovery secret from 32 bytes of random.
func NewRecovery(random io.Reader) (Recovery, error) {
	var r Recovery
	if _, err := io.ReadFull(random, r[:]); err != nil {
		return Recovery{}, fmt.Errorf("make recovery secret: %w", err)
	}
	return r, nil
}

// SignKey is the Ed25519 key that writes the recovery's own team log.
func (r Recovery) SignKey() (ed25519.PrivateKey, error) {
	seed, err := hkdf.Key(sha256.New, r[:], nil, labelSign, ed25519.SeedSize)
	if err != nil {
		return nil, fmt.Errorf("derive recovery signing key: %w", err)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

func (r Recovery) box() (*ecdh.PrivateKey, error) {
	b, err := hkdf.Key(sha256.New, r[:], nil, labelBox, 32)
	if err != nil {
		return nil, fmt.Errorf("derive recovery box key: %w", err)
	}
	return ecdh.X25519().NewPrivateKey(b)
}

// BoxPublic is the X25519 key to which stores seal their root key.
func (r Recovery) BoxPublic() ([32]byte, error) {
	k, err := r.box()
	if err != nil {
		return [32]byte{}, err
	}
	return [32]byte(k.PublicKey().Bytes()), nil
}

// SealToRecovery seals a store's root key, or any other small secret, to the
// public half in genesis: HPKE base mode, X25519, HKDF-SHA256, AES-256-GCM
// (RFC 9180). Info says what is sealed and where; the same must be given to open.
func SealToRecovery(box [32]byte, info, secret []byte) ([]byte, error) {
	pub, err := ecdh.X25519().NewPublicKey(box[:])
	if err != nil {
		return nil, fmt.Errorf("seal to recovery key: %w", err)
	}
	to, err := hpke.NewDHKEMPublicKey(pub)
	if err != nil {
		return nil, fmt.Errorf("seal to recovery key: %w", err)
	}
	out, err := hpke.Seal(to, hpke.HKDFSHA256(), hpke.AES256GCM(), append([]byte(labelBox), info...), secret)
	if err != nil {
		return nil, fmt.Errorf("seal to recovery key: %w", err)
	}
	return out, nil
}

// Open opens what [SealToRecovery] sealed.
func (r Recovery) Open(info, sealed []byte) ([]byte, error) {
	k, err := r.box()
	if err != nil {
		return nil, err
	}
	from, err := hpke.NewDHKEMPrivateKey(k)
	if err != nil {
		return nil, fmt.Errorf("open with recovery secret: %w", err)
	}
	out, err := hpke.Open(from, hpke.HKDFSHA256(), hpke.AES256GCM(), append([]byte(labelBox), info...), sealed)
	if err != nil {
		return nil, fmt.Errorf("open with recovery secret: %w", ErrBox)
	}
	return out, nil
}

// Paper is the secret as 17 words for paper and for typing, the last a checksum.
func (r Recovery) Paper() string {
	sum := sha256.Sum256(append([]byte(labelPaper), r[:]...))
	return strings.Join(words(slices.Concat(r[:], sum[:2])), " ")
}

// ParsePaper reads what [Recovery.Paper] writes, in either case, with spaces,
// hyphens or line ends between the words.
func ParsePaper(text string) (Recovery, error) {
	b, err := unwords(text)
	if err != nil || len(b) != len(Recovery{})+2 {
		return Recovery{}, fmt.Errorf("read recovery secret: %w", ErrPaper)
	}
	r := Recovery(b[:len(Recovery{})])
	sum := sha256.Sum256(append([]byte(labelPaper), r[:]...))
	if string(sum[:2]) != string(b[len(Recovery{}):]) {
		return Recovery{}, fmt.Errorf("read recovery secret: %w", ErrPaper)
	}
	return r, nil
}
