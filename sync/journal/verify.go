package journal

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"

	"fieldkit/triage/chart"
)

// What verification can find. Each is wrapped in an [EntryError] when one entry
// is to blame.
var (
	ErrKey    = errors.New("the key is not this device's")
	ErrGap    = errors.New("entries are missing before this piece: ask for the range from our head")
	ErrBehind = errors.New("the piece begins before what is held: ask for the range from our head")
	ErrFork   = errors.New("the log has two different entries at one place")
	ErrPlace  = errors.New("the envelope does not stand where it says")
	ErrBody   = errors.New("the body is not the one its envelope names")
	ErrSeal   = errors.New("the seal is not this device's signature over these entries")
	ErrPiece  = errors.New("the piece is empty or too long")
)

// An EntryError names the first bad entry of a piece.
type EntryError struct {
	Log Log
	Ref chart.Ref
	Err error
}

// Error names log, device, epoch and place; none of them is a patient's.
func (e *EntryError) Error() string {
	return fmt.Sprintf("verify %s log of device %x, epoch %x, entry %d: %v", e.Log, e.Ref.Device[:4], e.Ref.Epoch[:4], e.Ref.Seq, e.Err)
}

// Unwrap is the reason.
func (e *EntryError) Unwrap() error { return e.Err }

// Extend verifies that p follows h without a gap and was written and sealed by
// the device that holds key, and returns the head after p. Bodies that are there
// must be the ones their envelopes name; absent bodies are fine. On an error
// nothing of p may be stored.
//
// Its cost is bounded by the bytes of p: counts and sizes are checked before
// anything is hashed, and there is one signature check, at the end.
func (h Head) Extend(p Piece, key ed25519.PublicKey) (Head, error) {
	if len(key) != ed25519.PublicKeySize || DeviceOf(key) != h.Device {
		return Head{}, &EntryError{h.Log, h.Ref(h.Seq + 1), ErrKey}
	}
	if err := h.follows(p); err != nil {
		return Head{}, &EntryError{h.Log, h.Ref(p.Head.Seq + 1), err}
	}
	if len(p.Records) == 0 || len(p.Records) > MaxPiece {
		return Head{}, &EntryError{h.Log, h.Ref(h.Seq + 1), fmt.Errorf("%w: %d entries, wanted 1 to %d", ErrPiece, len(p.Records), MaxPiece)}
	}
	next := h
	var scratch []byte
	for i := range p.Records {
		var err error
		if scratch, err = next.step(&p.Records[i], scratch); err != nil {
			return Head{}, &EntryError{h.Log, h.Ref(next.Seq + 1), err}
		}
	}
	if p.Seal.Seq != next.Seq || p.Seal.Chain != next.Chain || !ed25519.Verify(key, sealed(next), p.Seal.Signature[:]) {
		return Head{}, &EntryError{h.Log, next.Ref(next.Seq), ErrSeal}
	}
	return next, nil
}

// follows checks that p begins exactly at h.
func (h Head) follows(p Piece) error {
	b := p.Head
	switch {
	case b.Team != h.Team || b.Device != h.Device || b.Log != h.Log || b.Epoch != h.Epoch:
		return fmt.Errorf("%w: the piece is of another epoch", ErrPlace)
	case b.Seq > h.Seq:
		return fmt.Errorf("%w (%d held, piece begins after %d)", ErrGap, h.Seq, b.Seq)
	case b.Seq < h.Seq:
		return fmt.Errorf("%w (%d held, piece begins after %d)", ErrBehind, h.Seq, b.Seq)
	case b.Chain != h.Chain:
		return fmt.Errorf("%w (up to %d)", ErrFork, h.Seq)
	}
	return nil
}

// step moves h over one record.
func (h *Head) step(r *Record, scratch []byte) ([]byte, error) {
	e, err := DecodeEnvelope(r.Envelope)
	if err != nil {
		return scratch, err
	}
	if e.Seq != h.Seq+1 || e.Epoch != h.Epoch || e.Log != h.Log {
		return scratch, fmt.Errorf("%w: it says %s log, epoch %x, entry %d", ErrPlace, e.Log, e.Epoch[:4], e.Seq)
	}
	if o := e.Opening; o != nil {
		if o.Team != h.Team || o.Device != h.Device {
			return scratch, fmt.Errorf("%w: it opens an epoch of another team or device", ErrPlace)
		}
	}
	if err := r.check(e); err != nil {
		return scratch, err
	}
	h.Seq = e.Seq
	h.Chain, scratch = link(h.Chain, r.Envelope, scratch)
	return scratch, nil
}

// check holds the body, if it is there, against its envelope.
func (r *Record) check(e Envelope) error {
	if r.Absent != chart.Present {
		if r.Body != nil {
			return fmt.Errorf("%w: it is there and called absent", ErrBody)
		}
		return nil
	}
	if len(r.Body) != e.Size {
		return fmt.Errorf("%w: %d bytes, wanted %d", ErrBody, len(r.Body), e.Size)
	}
	if sha256.Sum256(r.Body) != e.Body {
		return ErrBody
	}
	return nil
}

// CheckBody reports whether body is the one that the envelope names: for bodies
// that come later than their envelopes.
func CheckBody(envelope, body []byte) error {
	e, err := DecodeEnvelope(envelope)
	if err != nil {
		return err
	}
	r := Record{Body: body}
	return r.check(e)
}
