package chart

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ErrText reports an id, device, epoch, place or time that is not written as
// this package writes it.
var ErrText = errors.New("not written as expected")

// An ID names a patient or an encounter for ever: a UUID of version 7. The zero
// ID is none.
type ID [16]byte

// A Device is the SHA-256 of a tablet's public key.
type Device [32]byte

// An Epoch is the random name of one run of a device's log.
type Epoch [16]byte

// A Boot is the random name of one start of a station, within which monotonic
// times can be compared.
type Boot [16]byte

// A Ref is where an entry stands: the place that amendments, acknowledgements
// and erasures name. Sequences start at 1. The zero Ref is none.
type Ref struct {
	_      struct{} `cbor:",toarray"`
	Device Device
	Epoch  Epoch
	Seq    uint64
}

// A Span is a run of entries of one epoch, both ends included.
type Span struct {
	_      struct{} `cbor:",toarray"`
	Device Device
	Epoch  Epoch
	From   uint64
	To     uint64
}

// Holds reports whether r stands in s.
func (s Span) Holds(r Ref) bool {
	return r.Device == s.Device && r.Epoch == s.Epoch && s.From <= r.Seq && r.Seq <= s.To
}

// Compare orders places by device, epoch and sequence. The order has no meaning
// but that it is the same everywhere.
func (r Ref) Compare(q Ref) int {
	if c := bytes.Compare(r.Device[:], q.Device[:]); c != 0 {
		return c
	}
	if c := bytes.Compare(r.Epoch[:], q.Epoch[:]); c != 0 {
		return c
	}
	return cmp.Compare(r.Seq, q.Seq)
}

// String is the UUID text, as in "018f3a5e-0000-7000-8000-000000000001".
func (id ID) String() string {
	h := hex.EncodeToString(id[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// MarshalText writes the UUID text.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads a UUID of 32 hex digits with its four hyphens.
func (id *ID) UnmarshalText(b []byte) error {
	if len(b) != 36 || b[8] != '-' || b[13] != '-' || b[18] != '-' || b[23] != '-' {
		return fmt.Errorf("read a UUID: %w", ErrText)
	}
	bare := string(b[:8]) + string(b[9:13]) + string(b[14:18]) + string(b[19:23]) + string(b[24:])
	return unhex(id[:], bare, "a UUID")
}

// String is the first eight hex digits, enough to tell tablets apart by eye.
func (d Device) String() string { return hex.EncodeToString(d[:4]) + "…" }

// MarshalText writes all 64 hex digits.
func (d Device) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(d[:])), nil }

// UnmarshalText reads 64 hex digits.
func (d *Device) UnmarshalText(b []byte) error { return unhex(d[:], string(b), "a device") }

// String is the first eight hex digits.
func (e Epoch) String() string { return hex.EncodeToString(e[:4]) + "…" }

// MarshalText writes all 32 hex digits.
func (e Epoch) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(e[:])), nil }

// UnmarshalText reads 32 hex digits.
func (e *Epoch) UnmarshalText(b []byte) error { return unhex(e[:], string(b), "an epoch") }

// MarshalText writes all 32 hex digits.
func (o Boot) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(o[:])), nil }

// UnmarshalText reads 32 hex digits.
func (o *Boot) UnmarshalText(b []byte) error { return unhex(o[:], string(b), "a boot") }

// String is short, for people: "1f2e3d4c…/5b6a7988…/17".
func (r Ref) String() string {
	return r.Device.String() + "/" + r.Epoch.String() + "/" + strconv.FormatUint(r.Seq, 10)
}

// MarshalText writes device, epoch and sequence in full: hex/hex/17.
func (r Ref) MarshalText() ([]byte, error) {
	b := hex.AppendEncode(make([]byte, 0, 120), r.Device[:])
	b = hex.AppendEncode(append(b, '/'), r.Epoch[:])
	return strconv.AppendUint(append(b, '/'), r.Seq, 10), nil
}

// UnmarshalText reads what MarshalText writes.
func (r *Ref) UnmarshalText(b []byte) error {
	seq, err := splitPlace(b, &r.Device, &r.Epoch)
	if err != nil {
		return err
	}
	r.Seq, err = readSeq(seq)
	return err
}

// MarshalText writes device, epoch and both ends in full: hex/hex/17-29.
func (s Span) MarshalText() ([]byte, error) {
	b, _ := Ref{Device: s.Device, Epoch: s.Epoch, Seq: s.From}.MarshalText()
	return strconv.AppendUint(append(b, '-'), s.To, 10), nil
}

// UnmarshalText reads what MarshalText writes.
func (s *Span) UnmarshalText(b []byte) error {
	seqs, err := splitPlace(b, &s.Device, &s.Epoch)
	if err != nil {
		return err
	}
	from, to, found := strings.Cut(seqs, "-")
	if !found {
		return fmt.Errorf("read a range of places: %w", ErrText)
	}
	if s.From, err = readSeq(from); err != nil {
		return err
	}
	s.To, err = readSeq(to)
	return err
}

func splitPlace(b []byte, d *Device, e *Epoch) (seq string, err error) {
	place := strings.Split(string(b), "/")
	if len(place) != 3 {
		return "", fmt.Errorf("read a place of device/epoch/number: %w", ErrText)
	}
	if err := d.UnmarshalText([]byte(place[0])); err != nil {
		return "", err
	}
	if err := e.UnmarshalText([]byte(place[1])); err != nil {
		return "", err
	}
	return place[2], nil
}

func readSeq(text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || strconv.FormatUint(n, 10) != text {
		return 0, fmt.Errorf("read a place's number: %w", ErrText)
	}
	return n, nil
}

func unhex(into []byte, text, what string) error {
	if len(text) != 2*len(into) {
		return fmt.Errorf("read %s of %d hex digits: %w", what, 2*len(into), ErrText)
	}
	b, err := hex.DecodeString(text)
	if err != nil {
		return fmt.Errorf("read %s of %d hex digits: %w", what, 2*len(into), ErrText)
	}
	copy(into, b)
	return nil
}

// A Moment is a wall time inside a content, in milliseconds since 1970 UTC. Zero
// is none. A station whose clock is unset writes moments of January 1970; they
// are kept, and a clock entry tells what they were.
type Moment int64

// latest is the end of year 2199, beyond which a moment is a mistake.
const latest = Moment(7258118399999)

// At is t as a Moment, cut to the millisecond. The zero time is none.
func At(t time.Time) Moment {
	if t.IsZero() {
		return 0
	}
	return Moment(t.UnixMilli())
}

// Time is m in UTC, the zero time for none.
func (m Moment) Time() time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(m)).UTC()
}

const momentText = "2006-01-02T15:04:05.000Z"

// MarshalText writes RFC 3339 in UTC with milliseconds.
func (m Moment) MarshalText() ([]byte, error) {
	if m < 0 || m > latest {
		return nil, fmt.Errorf("write a time outside 1970 to 2199: %w", ErrText)
	}
	return []byte(time.UnixMilli(int64(m)).UTC().Format(momentText)), nil
}

// UnmarshalText reads RFC 3339 with any offset; parts of a millisecond are cut.
func (m *Moment) UnmarshalText(b []byte) error {
	t, err := time.Parse(time.RFC3339Nano, string(b))
	if err != nil {
		return fmt.Errorf("read a time such as 2026-03-01T14:05:00Z: %w", ErrText)
	}
	v := Moment(t.UnixMilli())
	if v < 0 || v > latest {
		return fmt.Errorf("read a time outside 1970 to 2199: %w", ErrText)
	}
	*m = v
	return nil
}
