package mesh

import (
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// tagName is the one Serf tag that is ours.
const tagName = "fk"

// tagLabel begins what a tag's signature covers.
const tagLabel = "fieldkit mesh tag 1\x00"

// tagSize is version, kind, port, time, device, digest and signature.
const tagSize = 1 + 1 + 2 + 8 + 32 + 16 + ed25519.SignatureSize

// A tag is what a station says of itself in gossip.
type tag struct {
	kind   uint8  // as in the roster
	port   uint16 // where its exchange listens
	time   time.Time
	device chart.Device
	digest journal.Digest // of what it holds, without stream
}

// A setting is where a tag stands: it is no good anywhere else.
type setting struct {
	team journal.TeamID
	node string
	addr netip.AddrPort
}

func (t tag) plain() []byte {
	b := make([]byte, 0, tagSize)
	b = append(b, 1, t.kind)
	b = binary.BigEndian.AppendUint16(b, t.port)
	b = binary.BigEndian.AppendUint64(b, uint64(t.time.UnixMilli()))
	b = append(b, t.device[:]...)
	return append(b, t.digest[:]...)
}

func covered(plain []byte, at setting) []byte {
	b := make([]byte, 0, 256)
	b = append(b, tagLabel...)
	b = append(b, at.team[:]...)
	b = binary.AppendUvarint(b, uint64(len(at.node)))
	b = append(b, at.node...)
	a, _ := at.addr.MarshalBinary()
	b = binary.AppendUvarint(b, uint64(len(a)))
	b = append(b, a...)
	return append(b, plain...)
}

// sign is the tag as it stands in gossip.
func (t tag) sign(key ed25519.PrivateKey, at setting) string {
	plain := t.plain()
	return string(append(plain, ed25519.Sign(key, covered(plain, at))...))
}

var errTag = errors.New("no tag of this team")

// readTag reads a tag without believing it.
func readTag(s string) (t tag, plain, signature []byte, err error) {
	b := []byte(s)
	if len(b) != tagSize || b[0] != 1 {
		return tag{}, nil, nil, errTag
	}
	t = tag{
		kind: b[1], port: binary.BigEndian.Uint16(b[2:]),
		time: time.UnixMilli(int64(binary.BigEndian.Uint64(b[4:]))),
	}
	copy(t.device[:], b[12:])
	copy(t.digest[:], b[44:])
	cut := tagSize - ed25519.SignatureSize
	return t, b[:cut], b[cut:], nil
}

// A verifier believes tags whose signature holds, and checks each only once.
type verifier struct {
	key  func(chart.Device) (ed25519.PublicKey, bool)
	good map[setting]string // the tag last found good
}

func (v *verifier) verify(s string, at setting) (tag, error) {
	t, plain, signature, err := readTag(s)
	if err != nil {
		return tag{}, err
	}
	k, ok := v.key(t.device)
	if !ok {
		return tag{}, fmt.Errorf("%w: its device is not on the roster", errTag)
	}
	if v.good[at] == s {
		return t, nil
	}
	if !ed25519.Verify(k, covered(plain, at), signature) {
		return tag{}, fmt.Errorf("%w: its signature does not hold here", errTag)
	}
	if len(v.good) > 1024 { // names of nodes long gone
		clear(v.good)
	}
	v.good[at] = s
	return t, nil
}
