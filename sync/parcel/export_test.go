package parcel

import (
	"crypto/ed25519"
	"encoding/binary"
	"io"
	"slices"

	"fieldkit/sync/identity"
)

// BoxBytes is a device's X25519 key as bytes.
func BoxBytes(k identity.Key) ([]byte, error) {
	p, err := identity.BoxOf(k)
	if err != nil {
		return nil, err
	}
	return p.Bytes(), nil
}

// Forge makes an empty parcel that c.Key signs in another's name.
func Forge(w io.Writer, c Contents, as identity.Key) error {
	s, err := newSealer(w, c)
	if err != nil {
		return err
	}
	if err := s.heads(c.Made, nil); err != nil {
		return err
	}
	b := binary.BigEndian.AppendUint64(append([]byte{frameEnd}, as[:]...), 0)
	signed := s.all.Sum(slices.Concat([]byte(labelSign), b))
	return s.frame(append(b, ed25519.Sign(c.Key, signed)...))
}
