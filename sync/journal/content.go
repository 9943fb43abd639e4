package journal

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/fxamacker/cbor/v2"

	"fieldkit/triage/chart"
)

// ErrUnread reports a content that this program cannot read in full: of a type
// or version it does not know, or with more in it than it knows. It is kept and
// passed on as it is.
var ErrUnread = errors.New("content of a later version")

// Kinds gives a pointer to a new, empty content of a type, and false for a type
// that is not known. Its caller joins the tables of chart and identity.
type Kinds func(chart.Type) (chart.Content, bool)

var contentEncoder, contentDecoder = contentModes()

func contentModes() (cbor.EncMode, cbor.DecMode) {
	o := cbor.CoreDetEncOptions()
	o.Time = cbor.TimeRFC3339NanoUTC // exact, and no float
	o.TagsMd = cbor.TagsForbidden
	enc, err := o.EncMode()
	if err != nil {
		panic(err) // the options are constants
	}
	dec, err := cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		MaxNestedLevels:   maxDepth,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
	}.DecMode()
	if err != nil {
		panic(err)
	}
	return enc, dec
}

// EncodeContent is c as it stands in a body. Floats, tags and anything else
// outside the record's encoding are an error of the struct's author.
func EncodeContent(c chart.Content) ([]byte, error) {
	b, err := contentEncoder.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("write content of type %d: %w", c.Type(), err)
	}
	r := reader{b: b}
	r.item()
	if err := r.end(); err != nil {
		return nil, fmt.Errorf("write content of type %d: %w", c.Type(), err)
	}
	return b, nil
}

// DecodeContent reads a content of the type given. What this program would not
// write back byte for byte it has not understood: that is [ErrUnread], never a
// content with parts silently left out.
func DecodeContent(t chart.Type, b []byte, kinds Kinds) (chart.Content, error) {
	c, ok := kinds(t)
	if !ok {
		return nil, fmt.Errorf("read content: %w (type %d)", ErrUnread, t)
	}
	if err := contentDecoder.Unmarshal(b, c); err != nil {
		return nil, fmt.Errorf("read content: %w (type %d has a shape this version does not know)", ErrUnread, t)
	}
	again, err := contentEncoder.Marshal(c)
	if err != nil || !bytes.Equal(b, again) {
		return nil, fmt.Errorf("read content: %w (type %d says more than this version knows)", ErrUnread, t)
	}
	return c, nil
}

// Read is the record r, which stands at ref, as the fold takes it. A body that
// is absent, of a later version or not understood gives an entry that says so in
// Absent; the error then says why in words. The record must have been verified:
// Read does not check hashes.
func Read(device chart.Device, r Record, kinds Kinds) (chart.Entry, error) {
	e, err := DecodeEnvelope(r.Envelope)
	if err != nil {
		return chart.Entry{Absent: chart.Damaged}, err
	}
	out := chart.Entry{
		Ref:    chart.Ref{Device: device, Epoch: e.Epoch, Seq: e.Seq},
		Log:    uint8(e.Log),
		Absent: r.Absent,
	}
	if r.Absent != chart.Present {
		return out, nil
	}
	out.Absent = chart.Unread
	if e.Version != Version {
		return out, fmt.Errorf("read entry %d: %w (version %d)", e.Seq, ErrUnread, e.Version)
	}
	b, err := DecodeBody(r.Body)
	if err != nil {
		return out, err
	}
	out.Demo = b.Demo
	out.Wall, out.Trust, out.Happened = Time(b.Wall), b.Trust, Time(b.Happened)
	out.Boot, out.Mono = b.Boot, time.Duration(b.Mono)*time.Millisecond
	out.Author, out.Witness = b.Author, b.Witness
	out.Patient, out.Encounter, out.Saw = b.Patient, b.Encounter, b.Saw
	if out.Content, err = DecodeContent(b.Type, b.Content, kinds); err != nil {
		return out, err
	}
	out.Absent = chart.Present
	return out, nil
}
