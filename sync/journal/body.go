package journal

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"fieldkit/triage/chart"
)

// MaxStaff is the bytes of a staff id.
const MaxStaff = 128

// A Body is what an entry says and who says it. Author, times and content are
// the device's word; the hash in the envelope binds them.
type Body struct {
	Salt [16]byte // random; keeps the body's hash from being guessed

	Wall  int64       // ms since 1970 UTC by the station's clock, trusted as Trust says
	Trust chart.Trust // of Wall
	Boot  chart.Boot
	Mono  int64 // ms on the boot's monotonic clock, not negative

	// Happened is when it was true, in ms since 1970 UTC; equal to Wall unless it
	// was charted late or ahead.
	Happened int64

	Author  chart.Author
	Witness *chart.Author // where a second person is needed

	Patient   chart.ID // zero: about no patient
	Encounter chart.ID // zero: of no encounter

	// Saw is, per device and epoch, the highest entry of this patient up to which
	// the writer had folded all it may read. In any order; no place twice.
	Saw []chart.Ref

	Demo bool // training or demonstration

	Type    chart.Type
	Content []byte // one deterministic CBOR item, see EncodeContent
}

// The keys of a body of version 1.
const (
	keySalt      = 1
	keyWall      = 2
	keyTrust     = 3
	keyBoot      = 4
	keyMono      = 5
	keyHappened  = 6 // left out when equal to wall
	keyAuthor    = 7
	keyWitness   = 8
	keyPatient   = 9
	keyEncounter = 10
	keyType      = 11
	keySaw       = 12
	keyDemo      = 13
	keyContent   = 14
)

// EncodeBody is b in its one encoding, at most [MaxBody] bytes.
func EncodeBody(b Body) ([]byte, error) {
	out, err := b.encode()
	if err != nil {
		return nil, fmt.Errorf("write body: %w", err)
	}
	return out, nil
}

func (b Body) encode() ([]byte, error) {
	if err := b.check(); err != nil {
		return nil, err
	}
	r := reader{b: b.Content}
	r.item()
	if err := r.end(); err != nil {
		return nil, fmt.Errorf("content: %w", err)
	}
	n := uint64(8)
	for _, there := range []bool{
		b.Happened != b.Wall, b.Witness != nil, b.Patient != chart.ID{}, b.Encounter != chart.ID{}, len(b.Saw) > 0, b.Demo,
	} {
		if there {
			n++
		}
	}
	out := make([]byte, 0, 128+len(b.Content)+64*len(b.Saw))
	out = appendHead(out, cborMap, n)
	out = appendBytes(append(out, keySalt), b.Salt[:])
	out = appendInt(append(out, keyWall), b.Wall)
	out = appendUint(append(out, keyTrust), uint64(b.Trust))
	out = appendBytes(append(out, keyBoot), b.Boot[:])
	out = appendUint(append(out, keyMono), uint64(b.Mono))
	if b.Happened != b.Wall {
		out = appendInt(append(out, keyHappened), b.Happened)
	}
	out = appendAuthor(append(out, keyAuthor), b.Author)
	if b.Witness != nil {
		out = appendAuthor(append(out, keyWitness), *b.Witness)
	}
	if b.Patient != (chart.ID{}) {
		out = appendBytes(append(out, keyPatient), b.Patient[:])
	}
	if b.Encounter != (chart.ID{}) {
		out = appendBytes(append(out, keyEncounter), b.Encounter[:])
	}
	out = appendUint(append(out, keyType), uint64(b.Type))
	if len(b.Saw) > 0 {
		var err error
		if out, err = appendRefs(append(out, keySaw), slices.Clone(b.Saw)); err != nil {
			return nil, fmt.Errorf("saw: %w", err)
		}
	}
	if b.Demo {
		out = append(out, keyDemo, cborTrue)
	}
	out = append(append(out, keyContent), b.Content...)
	if len(out) > MaxBody {
		return nil, fmt.Errorf("%d bytes, more than %d: put large things into stream bodies", len(out), MaxBody)
	}
	return out, nil
}

func appendAuthor(b []byte, a chart.Author) []byte {
	return appendUint(appendText(appendHead(b, cborArray, 2), a.Staff), uint64(a.Checked))
}

// DecodeBody reads a body of version 1. Bytes that are not the one encoding of
// what they say are an error. Content is not decoded and shares b's memory.
func DecodeBody(b []byte) (Body, error) {
	var v Body
	if err := v.decode(b); err != nil {
		return Body{}, fmt.Errorf("read body: %w", err)
	}
	return v, nil
}

func (b *Body) decode(in []byte) error {
	if len(in) > MaxBody {
		return fmt.Errorf("%d bytes, more than %d", len(in), MaxBody)
	}
	r := reader{b: in}
	var seen uint64
	r.keys(func(key uint64) bool {
		if key > keyContent {
			return false
		}
		seen |= 1 << key
		switch key {
		case keySalt:
			r.fixed(b.Salt[:])
		case keyWall:
			b.Wall = r.int()
		case keyTrust:
			b.Trust = chart.Trust(r.upTo(uint64(chart.ClockGPS)))
		case keyBoot:
			r.fixed(b.Boot[:])
		case keyMono:
			b.Mono = int64(r.upTo(MaxSeq))
		case keyHappened:
			if b.Happened = r.int(); r.err == nil && b.Happened == b.Wall {
				r.fail("happened is spelled out though equal to wall")
			}
		case keyAuthor:
			b.Author = r.author()
		case keyWitness:
			a := r.author()
			b.Witness = &a
		case keyPatient:
			r.id(&b.Patient)
		case keyEncounter:
			r.id(&b.Encounter)
		case keyType:
			b.Type = chart.Type(r.upTo(0xffff))
		case keySaw:
			if b.Saw = r.refs(); r.err == nil && len(b.Saw) == 0 {
				r.fail("saw is spelled out though empty")
			}
		case keyDemo:
			b.Demo = r.yes()
		case keyContent:
			b.Content = r.item()
		default:
			return false
		}
		return true
	})
	if err := r.end(); err != nil {
		return err
	}
	const always = 1<<keySalt | 1<<keyWall | 1<<keyTrust | 1<<keyBoot | 1<<keyMono | 1<<keyAuthor | 1<<keyType | 1<<keyContent
	if seen&always != always {
		return fmt.Errorf("%w: a key is missing", ErrEncoding)
	}
	if seen&(1<<keyHappened) == 0 {
		b.Happened = b.Wall
	}
	return b.check()
}

func (r *reader) author() chart.Author {
	if n := r.of(cborArray, "an author"); r.err == nil && n != 2 {
		r.fail("wanted staff id and how it was checked")
	}
	staff := r.text(MaxStaff)
	return chart.Author{Staff: staff, Checked: chart.Checked(r.upTo(uint64(chart.CheckedStation)))}
}

// id reads an id; none is spelled by leaving the key out.
func (r *reader) id(into *chart.ID) {
	r.fixed(into[:])
	if r.err == nil && *into == (chart.ID{}) {
		r.fail("an id of zeros is spelled out")
	}
}

func (b Body) check() error {
	within := func(n int64) bool { return n >= -MaxSeq && n <= MaxSeq }
	switch {
	case !within(b.Wall) || !within(b.Happened):
		return errors.New("a time does not fit in 53 bits of ms")
	case b.Mono < 0 || b.Mono > MaxSeq:
		return errors.New("monotonic time is negative or does not fit")
	case b.Trust > chart.ClockGPS:
		return fmt.Errorf("trust %d is not known", b.Trust)
	case b.Type == 0:
		return errors.New("type 0 is no content")
	}
	if err := checkAuthor(b.Author); err != nil {
		return err
	}
	if b.Witness != nil {
		return checkAuthor(*b.Witness)
	}
	return nil
}

func checkAuthor(a chart.Author) error {
	switch {
	case len(a.Staff) > MaxStaff:
		return fmt.Errorf("staff id over %d bytes", MaxStaff)
	case a.Checked > chart.CheckedStation:
		return fmt.Errorf("author checked in a way %d that is not known", a.Checked)
	}
	return nil
}

// appendRefs appends {device: {epoch: seq}} in deterministic order. It sorts
// refs in place.
func appendRefs(b []byte, refs []chart.Ref) ([]byte, error) {
	slices.SortFunc(refs, compareRefs)
	devices := 0
	for i, r := range refs {
		if r.Seq == 0 || r.Seq > MaxSeq {
			return nil, fmt.Errorf("place %d is not in a log", r.Seq)
		}
		if i == 0 || r.Device != refs[i-1].Device {
			devices++
		} else if r.Epoch == refs[i-1].Epoch {
			return nil, errors.New("one epoch is named twice")
		}
	}
	b = appendHead(b, cborMap, uint64(devices))
	for len(refs) > 0 {
		device := refs[0].Device
		n := slices.IndexFunc(refs, func(r chart.Ref) bool { return r.Device != device })
		if n < 0 {
			n = len(refs)
		}
		b = appendHead(appendBytes(b, device[:]), cborMap, uint64(n))
		for _, r := range refs[:n] {
			b = appendUint(appendBytes(b, r.Epoch[:]), r.Seq)
		}
		refs = refs[n:]
	}
	return b, nil
}

func compareRefs(a, b chart.Ref) int {
	if c := bytes.Compare(a.Device[:], b.Device[:]); c != 0 {
		return c
	}
	return bytes.Compare(a.Epoch[:], b.Epoch[:])
}

// refs reads what appendRefs writes.
func (r *reader) refs() []chart.Ref {
	var out []chart.Ref
	var device, lastDevice chart.Device
	for i := range r.count(cborMap, "a map of devices") {
		if r.fixed(device[:]); i > 0 && bytes.Compare(lastDevice[:], device[:]) >= 0 {
			r.fail("devices out of order or twice")
		}
		lastDevice = device
		n := r.count(cborMap, "a map of epochs")
		if r.err == nil && n == 0 {
			r.fail("a device without epochs")
		}
		var epoch, lastEpoch chart.Epoch
		for j := range n {
			if r.fixed(epoch[:]); j > 0 && bytes.Compare(lastEpoch[:], epoch[:]) >= 0 {
				r.fail("epochs out of order or twice")
			}
			lastEpoch = epoch
			seq := r.upTo(MaxSeq)
			if r.err == nil && seq == 0 {
				r.fail("place 0 is not in a log")
			}
			if r.err != nil {
				return nil
			}
			out = append(out, chart.Ref{Device: device, Epoch: epoch, Seq: seq})
		}
		if r.err != nil {
			return nil
		}
	}
	return out
}

// Millis is t as a body spells it.
func Millis(t time.Time) int64 { return t.UnixMilli() }

// Time is ms since 1970 as a time in UTC.
func Time(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
