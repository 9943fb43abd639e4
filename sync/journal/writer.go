package journal

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"fieldkit/triage/chart"
)

// ErrSealFirst reports that a writer holds [MaxUnsealed] entries without a
// seal: seal and commit them, then append again.
var ErrSealFirst = errors.New("seal and commit the entries before appending more")

// EpochLife is how long a writer goes on in one epoch.
const EpochLife = 24 * time.Hour

// A Writer appends to one epoch of one log. It is pure: the caller brings key,
// epoch id and clock, and commits records and seal in one transaction. When a
// commit fails the writer is thrown away and the next one opens a new epoch
// after the head that is on disk, so that no place in a log is ever used twice.
// It is not safe for concurrent use.
type Writer struct {
	key      ed25519.PrivateKey
	head     Head
	previous Link
	sealed   uint64
	hash     []byte // scratch
}

// NewWriter opens an epoch for the device that holds key. The epoch id is 16
// random bytes. Previous is the last head of this device's, log's and team's
// epoch before, as it is on disk; the zero Head or Link when there was none.
func NewWriter(key ed25519.PrivateKey, team TeamID, log Log, epoch chart.Epoch, previous Link) (*Writer, error) {
	if len(key) != ed25519.PrivateKeySize {
		return nil, errors.New("open epoch: not an Ed25519 private key")
	}
	if !log.Known() {
		return nil, fmt.Errorf("open epoch: log %d is not known", log)
	}
	if epoch == (chart.Epoch{}) {
		return nil, errors.New("open epoch: its id must be 16 random bytes, not zeros")
	}
	device := DeviceOf(key.Public().(ed25519.PublicKey))
	return &Writer{key: key, head: Start(team, device, log, epoch), previous: previous}, nil
}

// DeviceOf is the name of the device that holds the key: SHA-256 of the public
// half.
func DeviceOf(key ed25519.PublicKey) chart.Device { return sha256.Sum256(key) }

// Head is how far the writer has come, sealed or not.
func (w *Writer) Head() Head { return w.head }

// Unsealed is the number of entries since the last seal.
func (w *Writer) Unsealed() int { return int(w.head.Seq - w.sealed) }

// Append makes the next entry from an encoded body (see [EncodeBody]) and the
// clock's stamp. The record shares body's memory.
func (w *Writer) Append(body []byte, now HLC) (Record, error) {
	if w.Unsealed() >= MaxUnsealed {
		return Record{}, ErrSealFirst
	}
	e := Envelope{
		Version: Version, Log: w.head.Log, Epoch: w.head.Epoch, Seq: w.head.Seq + 1,
		Clock: now, Size: len(body), Body: sha256.Sum256(body),
	}
	if e.Seq == 1 {
		e.Opening = &Opening{Team: w.head.Team, Device: w.head.Device, Previous: w.previous}
	}
	envelope, err := e.Encode()
	if err != nil {
		return Record{}, err
	}
	w.head.Seq = e.Seq
	w.head.Chain, w.hash = link(w.head.Chain, envelope, w.hash)
	return Record{Envelope: envelope, Body: body}, nil
}

// Seal signs how far the log reaches. An epoch without an entry has no seal.
func (w *Writer) Seal() (Seal, error) {
	if w.head.Seq == 0 {
		return Seal{}, errors.New("seal: the epoch holds no entry yet")
	}
	w.sealed = w.head.Seq
	s := Seal{Seq: w.head.Seq, Chain: w.head.Chain}
	copy(s.Signature[:], ed25519.Sign(w.key, sealed(w.head)))
	return s, nil
}

// Due reports whether the next entry should open a new epoch, given how long
// this one has been open by the monotonic clock.
func Due(open time.Duration) bool { return open >= EpochLife }

// Link is how the next epoch's opening names h.
func (h Head) Link() Link {
	if h.Seq == 0 {
		return Link{}
	}
	return Link{Epoch: h.Epoch, Seq: h.Seq, Chain: h.Chain}
}

// Ref is the place of the entry at seq in h's epoch.
func (h Head) Ref(seq uint64) chart.Ref {
	return chart.Ref{Device: h.Device, Epoch: h.Epoch, Seq: seq}
}

// link is the chain hash after envelope: SHA-256 of the hash before it and the
// envelope's bytes. It uses and returns scratch.
func link(before Hash, envelope, scratch []byte) (Hash, []byte) {
	scratch = append(append(scratch[:0], before[:]...), envelope...)
	return sha256.Sum256(scratch), scratch
}

// sealed is the message that a seal at h signs.
func sealed(h Head) []byte {
	b := make([]byte, 0, 128)
	b = append(b, labelSeal...)
	b = append(b, h.Team[:]...)
	b = append(b, byte(h.Log))
	b = append(b, h.Epoch[:]...)
	b = binary.BigEndian.AppendUint64(b, h.Seq)
	return append(b, h.Chain[:]...)
}
