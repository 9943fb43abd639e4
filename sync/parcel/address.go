package parcel

import (
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// The labels that begin what is hashed, sealed or signed here.
const (
	labelTeam = "fieldkit parcel team 1\x00"
	labelSlot = "fieldkit parcel slot 1\x00"
	labelKey  = "fieldkit parcel key 1\x00"
	labelSign = "fieldkit parcel sign 1\x00"
)

// prime is the field of Curve25519, 2^255 - 19.
var prime = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))

// boxOf is the X25519 form of a device's public key: u = (1+y)/(1-y), RFC 7748
// section 4.1. The key is public, so the arithmetic need not hide it.
func boxOf(k identity.Key) (hpke.PublicKey, error) {
	b := slices.Clone(k[:])
	b[31] &= 0x7f // the sign of x is of no use here
	slices.Reverse(b)
	y := new(big.Int).SetBytes(b)
	one := big.NewInt(1)
	below := new(big.Int).Sub(one, y)
	if y.Cmp(prime) >= 0 || below.Mod(below, prime).Sign() == 0 {
		return nil, errors.New("not a device key")
	}
	u := new(big.Int).Add(one, y)
	u.Mul(u, below.ModInverse(below, prime)).Mod(u, prime)
	u.FillBytes(b)
	slices.Reverse(b)
	pub, err := ecdh.X25519().NewPublicKey(b)
	if err != nil {
		return nil, err
	}
	return hpke.NewDHKEMPublicKey(pub)
}

// openerOf is the private half, RFC 8032 section 5.1.5: the first half of the
// seed's SHA-512.
func openerOf(key ed25519.PrivateKey) (hpke.PrivateKey, error) {
	h := sha512.Sum512(key.Seed())
	k, err := ecdh.X25519().NewPrivateKey(h[:32])
	if err != nil {
		return nil, fmt.Errorf("use device key to open: %w", err)
	}
	return hpke.NewDHKEMPrivateKey(k)
}

func digest(label string, parts ...[]byte) [32]byte {
	h := sha256.New()
	h.Write([]byte(label))
	for _, p := range parts {
		h.Write(p)
	}
	return [32]byte(h.Sum(nil))
}

// teamHint tells a reader at once that a parcel is another team's.
func teamHint(id [16]byte, team journal.TeamID) (h [8]byte) {
	d := digest(labelTeam, id[:], team[:])
	copy(h[:], d[:])
	return h
}

// slotHint tells an addressee which slot is its own, and nobody else whose.
func slotHint(id [16]byte, d chart.Device) (h [8]byte) {
	v := digest(labelSlot, id[:], d[:])
	copy(h[:], v[:])
	return h
}
