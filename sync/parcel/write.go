package parcel

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"time"

	"fieldkit/sync/exchange"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
)

const (
	mark       = "FIELDKIT-PARCEL\n"
	version    = 0
	slotSize   = 8 + 32 + 32 + 16 // hint, encapsulated key, sealed key
	mostSlots  = 4096             // as many devices as a team may have
	chunkBytes = 1 << 20
)

// The first byte of a frame's plaintext.
const (
	frameHeads  = 1
	framePieces = 2
	frameEnd    = 3
)

// Contents is what goes into a parcel.
type Contents struct {
	Key    ed25519.PrivateKey // this tablet's, which signs
	Team   journal.TeamID
	To     []identity.Key  // the addressees: one device, or every member of the team
	Ledger exchange.Ledger // what the addressees may see
	// Has says how far the addressees are known to hold an epoch; nil is not at all.
	Has func(journal.Head) uint64
	// Stream puts the stream log in too: every second's waveforms.
	Stream bool
	Made   time.Time // now, by this tablet's clock
}

// Written says what a parcel holds.
type Written struct {
	Entries uint64
	Bytes   int64
}

// Write makes a parcel. Order as in the exchange: team, chart, supply, audit,
// newest epoch first. The file is good only once Write has returned nil and the
// carrier has been flushed.
func Write(ctx context.Context, w io.Writer, c Contents) (Written, error) {
	s, err := newSealer(w, c)
	if err != nil {
		return Written{}, err
	}
	heads, err := c.Ledger.Heads(ctx)
	if err != nil {
		return Written{}, fmt.Errorf("make parcel: read how far the record reaches: %w", err)
	}
	heads = slices.DeleteFunc(heads, func(h journal.Head) bool { return h.Log == journal.Stream && !c.Stream })
	slices.SortStableFunc(heads, func(a, b journal.Head) int { return int(a.Log) - int(b.Log) })
	if err := s.heads(c.Made, heads); err != nil {
		return Written{}, err
	}
	var out Written
	var chunk []journal.Piece
	size := 0
	flush := func() error {
		if len(chunk) == 0 {
			return nil
		}
		err := s.frame(append([]byte{framePieces}, exchange.Pack(chunk)...))
		chunk, size = nil, 0
		return err
	}
	for _, h := range heads {
		after := uint64(0)
		if c.Has != nil {
			after = c.Has(h)
		}
		if after >= h.Seq {
			continue
		}
		err := c.Ledger.Pieces(ctx, h.Device, h.Log, h.Epoch, after, func(p journal.Piece) error {
			n := exchange.Size(p)
			if size+n > chunkBytes {
				if err := flush(); err != nil {
					return err
				}
			}
			chunk, size = append(chunk, p), size+n
			out.Entries += uint64(len(p.Records))
			return ctx.Err()
		})
		if err != nil {
			return Written{}, fmt.Errorf("make parcel: %w", err)
		}
	}
	if err := flush(); err != nil {
		return Written{}, err
	}
	if err := s.end(c.Key, out.Entries); err != nil {
		return Written{}, err
	}
	out.Bytes = s.bytes
	return out, nil
}

// A sealer writes the frames.
type sealer struct {
	w      io.Writer
	aead   cipher.AEAD
	header [32]byte
	number uint64
	all    hash.Hash // of every plaintext, for the signature
	bytes  int64
}

func newSealer(w io.Writer, c Contents) (*sealer, error) {
	if len(c.To) == 0 || len(c.To) > mostSlots {
		return nil, fmt.Errorf("make parcel: for %d tablets, wanted 1 to %d", len(c.To), mostSlots)
	}
	var id [16]byte
	var key [32]byte
	rand.Read(id[:])
	rand.Read(key[:])
	var b bytes.Buffer
	b.WriteString(mark)
	b.WriteByte(version)
	b.Write(id[:])
	team := teamHint(id, c.Team)
	b.Write(team[:])
	binary.Write(&b, binary.BigEndian, uint16(len(c.To)))
	for _, k := range c.To {
		pub, err := identity.BoxOf(k)
		if err != nil {
			return nil, fmt.Errorf("make parcel: %w", err)
		}
		sealed, err := hpke.Seal(pub, hpke.HKDFSHA256(), hpke.AES256GCM(), append([]byte(labelKey), id[:]...), key[:])
		if err != nil {
			return nil, fmt.Errorf("make parcel: seal its key: %w", err)
		}
		hint := slotHint(id, k.Device())
		b.Write(hint[:])
		b.Write(sealed)
	}
	s := &sealer{w: w, aead: aeadOf(key), header: sha256.Sum256(b.Bytes()), all: sha256.New()}
	s.all.Write(s.header[:])
	return s, s.write(b.Bytes())
}

func aeadOf(key [32]byte) cipher.AEAD {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // 32 bytes are a key
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // AES has GCM's block size
	}
	return aead
}

func (s *sealer) write(b []byte) error {
	n, err := s.w.Write(b)
	s.bytes += int64(n)
	if err != nil {
		return fmt.Errorf("write parcel (is the stick full, or was it pulled?): %w", err)
	}
	return nil
}

// frame seals one frame: length, then the ciphertext.
func (s *sealer) frame(plain []byte) error {
	s.all.Write(binary.BigEndian.AppendUint32(nil, uint32(len(plain))))
	s.all.Write(plain)
	sealed := s.aead.Seal(make([]byte, 4), nonce(s.number), plain, s.header[:])
	binary.BigEndian.PutUint32(sealed, uint32(len(sealed)-4))
	s.number++
	return s.write(sealed)
}

func nonce(number uint64) []byte {
	return binary.BigEndian.AppendUint64(make([]byte, 4, 12), number)
}

// headSize is device, log, epoch, seq and chain.
const headSize = 32 + 1 + 16 + 8 + 32

// heads says when the parcel was made and what the sender holds, in as many
// frames as it takes.
func (s *sealer) heads(made time.Time, heads []journal.Head) error {
	for first := true; first || len(heads) > 0; first = false {
		n := min(len(heads), 4096)
		b := make([]byte, 0, 16+n*headSize)
		b = append(b, frameHeads)
		b = binary.BigEndian.AppendUint64(b, uint64(made.UnixMilli()))
		for _, h := range heads[:n] {
			b = append(append(b, h.Device[:]...), byte(h.Log))
			b = append(b, h.Epoch[:]...)
			b = append(binary.BigEndian.AppendUint64(b, h.Seq), h.Chain[:]...)
		}
		if err := s.frame(b); err != nil {
			return err
		}
		heads = heads[n:]
	}
	return nil
}

// end signs everything before it. The sender's key stands with the signature.
func (s *sealer) end(key ed25519.PrivateKey, entries uint64) error {
	if len(key) != ed25519.PrivateKeySize {
		return errors.New("make parcel: no device key")
	}
	b := append([]byte{frameEnd}, key.Public().(ed25519.PublicKey)...)
	b = binary.BigEndian.AppendUint64(b, entries)
	signed := s.all.Sum(slices.Concat([]byte(labelSign), b))
	return s.frame(append(b, ed25519.Sign(key, signed)...))
}
