package identity

import (
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/sha512"
	"errors"
	"fmt"
	"math/big"
	"slices"
)

// A device's one key signs, and what is meant for that device alone is sealed to
// the same key in its X25519 form: a second long-lived key would have to be
// enrolled, shown and revoked as well.

// prime is the field of Curve25519, 2^255 - 19.
var prime = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))

// BoxOf is the X25519 form of a device's public key, for HPKE (RFC 9180):
// u = (1+y)/(1-y), RFC 7748 section 4.1. The key is public, so the arithmetic need
// not hide it.
func BoxOf(k Key) (hpke.PublicKey, error) {
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

// OpenerOf is the private half, RFC 8032 section 5.1.5: the first half of the
// seed's SHA-512.
func OpenerOf(key ed25519.PrivateKey) (hpke.PrivateKey, error) {
	h := sha512.Sum512(key.Seed())
	k, err := ecdh.X25519().NewPrivateKey(h[:32])
	if err != nil {
		return nil, fmt.Errorf("use device key to open: %w", err)
	}
	return hpke.NewDHKEMPrivateKey(k)
}
