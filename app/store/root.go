package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"sync"

	"fieldkit/triage/chart"
)

// blobsPerKey is how many blobs one data key seals. With random 96-bit nonces
// NIST SP 800-38D section 8.3 bounds one key at 2^32.
const blobsPerKey = 1 << 31

// overhead is what sealing adds to a blob: the nonce before, the tag behind.
const overhead = 12 + 16

// A Root is the key from which every other key of a store comes. Whoever holds
// it reads everything: it lives in memory only.
type Root [32]byte

// NewRoot makes a root key for a new store.
func NewRoot() Root {
	var r Root
	rand.Read(r[:])
	return r
}

// derive is HKDF-SHA256 (RFC 5869) of the root for one purpose.
func (r *Root) derive(purpose string) []byte {
	return derive(r[:], nil, purpose)
}

func derive(secret, salt []byte, purpose string) []byte {
	key, err := hkdf.Key(sha256.New, secret, salt, purpose, 32)
	if err != nil {
		panic(err) // 32 bytes are always within HKDF's bound
	}
	return key
}

// keys are the working keys of an unlocked store. Safe for concurrent use.
type keys struct {
	root  Root
	index []byte // for lookups; fixed for the store's life

	mac  sync.Pool // of hash.Hash keyed with index
	data sync.Map  // uint32 to cipher.AEAD
}

func newKeys(root Root) *keys {
	k := &keys{root: root}
	k.index = k.root.derive("fieldkit store index 1")
	k.mac.New = func() any { return hmac.New(sha256.New, k.index) }
	return k
}

// wipe forgets the keys as far as Go allows: expanded cipher keys stay until the
// collector takes them.
func (k *keys) wipe() {
	clear(k.root[:])
	clear(k.index)
	k.data.Clear()
}

// aead is data key number n.
func (k *keys) aead(n uint32) cipher.AEAD {
	if a, ok := k.data.Load(n); ok {
		return a.(cipher.AEAD)
	}
	a := gcm(k.root.derive(fmt.Sprintf("fieldkit store data %d", n)))
	k.data.Store(n, a)
	return a
}

func gcm(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // keys are always 32 bytes
	}
	a, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return a
}

// seal appends nonce, ciphertext and tag of plain to dst.
func seal(a cipher.AEAD, dst, plain, place []byte) []byte {
	at := len(dst)
	dst = append(dst, make([]byte, 12)...)
	nonce := dst[at:]
	rand.Read(nonce)
	return a.Seal(dst, nonce, plain, place)
}

var errSealed = errors.New("sealed bytes do not open: they were damaged, moved or made by another store")

// open appends the plain bytes of blob to dst.
func open(a cipher.AEAD, dst, blob, place []byte) ([]byte, error) {
	if len(blob) < overhead {
		return dst, errSealed
	}
	plain, err := a.Open(dst, blob[:12], blob[12:], place)
	if err != nil {
		return dst, errSealed
	}
	return plain, nil
}

// lookup leads to the entries of one encounter in one log. The zero encounter
// leads to the log's entries of no encounter.
func (k *keys) lookup(log uint8, encounter chart.ID) int64 {
	var in [17]byte
	in[0] = log
	copy(in[1:], encounter[:])
	return k.hash8(in[:])
}

// hash16 is 16 bytes of the keyed hash of in.
func (k *keys) hash16(in []byte) [16]byte {
	mac := k.mac.Get().(hash.Hash)
	defer k.mac.Put(mac)
	mac.Reset()
	mac.Write(in)
	var sum [sha256.Size]byte
	return [16]byte(mac.Sum(sum[:0])[:16])
}

// hash8 is eight bytes of the keyed hash of in, as SQLite's integer.
func (k *keys) hash8(in []byte) int64 {
	sum := k.hash16(in)
	return int64(binary.BigEndian.Uint64(sum[:]))
}
