package journal

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"fieldkit/triage/chart"
)

// ErrVersion reports an envelope of version 0, which no released program wrote.
var ErrVersion = errors.New("version 0 is not a released format; make the store anew")

// An Envelope is the part of an entry that the chain covers. It says where the
// entry stands and names its body by hash; what leaks to whoever may hold
// envelopes only is number, size and time.
type Envelope struct {
	Version uint64
	Log     Log
	Epoch   chart.Epoch
	Seq     uint64
	Clock   HLC
	Size    int  // bytes of the body
	Body    Hash // SHA-256 of the body, whose salt keeps it from being guessed
	// Opening is there in the first envelope of an epoch and only there.
	Opening *Opening
}

// An Opening says whose epoch begins and what came before it.
type Opening struct {
	Team   TeamID
	Device chart.Device
	// Previous is the last head of the epoch this device wrote before in this log
	// for this team, as far as it was on disk; the zero Link in its first epoch.
	Previous Link
}

// A Link names the last entry of an epoch.
type Link struct {
	Epoch chart.Epoch
	Seq   uint64
	Chain Hash
}

// The keys of an envelope. They keep number, type and meaning in every later
// version, so that any version can check a chain; later versions add keys.
const (
	keyVersion  = 0
	keyLog      = 1
	keyEpoch    = 2
	keySeq      = 3
	keyClock    = 4
	keySize     = 5
	keyBody     = 6
	keyTeam     = 7
	keyDevice   = 8
	keyPrevious = 9
)

// Encode is e in its one encoding.
func (e Envelope) Encode() ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, fmt.Errorf("write envelope: %w", err)
	}
	if e.Version != Version {
		return nil, fmt.Errorf("write envelope: version %d is not ours to write", e.Version)
	}
	n := uint64(7)
	if o := e.Opening; o != nil {
		n += 2
		if o.Previous != (Link{}) {
			n++
		}
	}
	b := make([]byte, 0, 224)
	b = appendHead(b, cborMap, n)
	b = appendUint(append(b, keyVersion), e.Version)
	b = appendUint(append(b, keyLog), uint64(e.Log))
	b = appendBytes(append(b, keyEpoch), e.Epoch[:])
	b = appendUint(append(b, keySeq), e.Seq)
	b = appendUint(append(b, keyClock), uint64(e.Clock))
	b = appendUint(append(b, keySize), uint64(e.Size))
	b = appendBytes(append(b, keyBody), e.Body[:])
	if o := e.Opening; o != nil {
		b = appendBytes(append(b, keyTeam), o.Team[:])
		b = appendBytes(append(b, keyDevice), o.Device[:])
		if p := o.Previous; p != (Link{}) {
			b = appendHead(append(b, keyPrevious), cborArray, 3)
			b = appendBytes(b, p.Epoch[:])
			b = appendUint(b, p.Seq)
			b = appendBytes(b, p.Chain[:])
		}
	}
	return b, nil
}

// DecodeEnvelope reads an envelope of this or a later version; of a later one
// it reads the keys that never change and leaves the rest unread. Version 0 is
// [ErrVersion].
func DecodeEnvelope(b []byte) (Envelope, error) {
	var e Envelope
	err := e.decode(b)
	if err != nil {
		return Envelope{}, fmt.Errorf("read envelope: %w", err)
	}
	return e, nil
}

func (e *Envelope) decode(b []byte) error {
	if len(b) > MaxEnvelope {
		return fmt.Errorf("%d bytes, more than %d", len(b), MaxEnvelope)
	}
	r := reader{b: b}
	var seen uint64
	var o Opening
	r.keys(func(key uint64) bool {
		if key <= keyPrevious {
			seen |= 1 << key
		}
		switch key {
		case keyVersion:
			if e.Version = r.upTo(MaxSeq); r.err == nil && e.Version == 0 {
				r.err = ErrVersion
			}
		case keyLog:
			e.Log = Log(r.upTo(255))
		case keyEpoch:
			r.fixed(e.Epoch[:])
		case keySeq:
			e.Seq = r.upTo(MaxSeq)
		case keyClock:
			e.Clock = HLC(r.of(cborUint, "a clock"))
		case keySize:
			e.Size = int(r.upTo(MaxBody))
		case keyBody:
			r.fixed(e.Body[:])
		case keyTeam:
			r.fixed(o.Team[:])
		case keyDevice:
			r.fixed(o.Device[:])
		case keyPrevious:
			if n := r.of(cborArray, "an array"); r.err == nil && n != 3 {
				r.fail("wanted 3 parts of the previous head")
			}
			r.fixed(o.Previous.Epoch[:])
			o.Previous.Seq = r.upTo(MaxSeq)
			r.fixed(o.Previous.Chain[:])
			if r.err == nil && o.Previous.Seq == 0 {
				r.fail("an epoch before without an entry")
			}
		default:
			if seen&1 == 0 || e.Version <= Version {
				return false
			}
			r.item()
		}
		return true
	})
	if err := r.end(); err != nil {
		return err
	}
	const always = 1<<(keyBody+1) - 1
	const opening = 1<<keyTeam | 1<<keyDevice
	if seen&always != always {
		return fmt.Errorf("%w: a key is missing", ErrEncoding)
	}
	switch {
	case seen&opening == opening:
		e.Opening = &o
	case seen&(opening|1<<keyPrevious) != 0:
		return fmt.Errorf("%w: half an opening", ErrEncoding)
	}
	return e.check()
}

func (e Envelope) check() error {
	switch {
	case e.Seq == 0 || e.Seq > MaxSeq:
		return fmt.Errorf("place %d is not in a log", e.Seq)
	case (e.Seq == 1) != (e.Opening != nil):
		return errors.New("an epoch is opened by its first envelope and no other")
	case e.Size < 1 || e.Size > MaxBody:
		return fmt.Errorf("body of %d bytes, wanted 1 to %d", e.Size, MaxBody)
	case e.Log == 0 || !e.Log.Known() && e.Version <= Version:
		return fmt.Errorf("log %d is not known to version %d", e.Log, e.Version)
	case e.Epoch == (chart.Epoch{}):
		return errors.New("the epoch has no id")
	}
	if o := e.Opening; o != nil && o.Previous != (Link{}) {
		switch {
		case o.Previous.Seq == 0 || o.Previous.Seq > MaxSeq:
			return errors.New("the epoch before has no entry")
		case o.Previous.Epoch == e.Epoch:
			return errors.New("the epoch before is this epoch itself")
		}
	}
	return nil
}

// Start is the head of an epoch before its first envelope.
func Start(team TeamID, device chart.Device, log Log, epoch chart.Epoch) Head {
	h := Head{Team: team, Device: device, Log: log, Epoch: epoch}
	b := make([]byte, 0, 128)
	b = append(b, labelChain...)
	b = append(b, team[:]...)
	b = append(b, device[:]...)
	b = append(b, byte(log))
	b = append(b, epoch[:]...)
	h.Chain = sha256.Sum256(b)
	return h
}

// The labels that begin what is hashed or signed, so that no signature or hash
// can be taken for one of another kind. Each ends with a zero byte.
const (
	labelChain  = "fieldkit journal chain 1\x00"
	labelSeal   = "fieldkit journal seal 1\x00"
	labelDevice = "fieldkit journal device digest 1\x00"
	labelVector = "fieldkit journal vector digest 1\x00"
)
