package identity

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// A station that is on no roster may be shown one encounter. The station that shows it
// gives a [Ticket], from screen to screen or sent; both screens show the same six
// words, so that nobody in between can have put a key or a patient of their own in its
// place. Over the exchange a [Vouch] then says who wrote what the visitor is shown:
// the roster itself stays with the team.

// A Ticket says where a visitor reads one encounter, and whom it will meet there. It
// holds no secret: only the key it is for is let in.
type Ticket struct {
	Team      journal.TeamID `cbor:"1,keyasint"`
	Name      string         `cbor:"2,keyasint,omitempty"` // of the team
	Host      Key            `cbor:"3,keyasint"`           // of the station that shows it
	CallSign  string         `cbor:"4,keyasint,omitempty"` // of that station
	Visitor   Key            `cbor:"5,keyasint"`           // whom it is for
	Encounter chart.ID       `cbor:"6,keyasint"`
	Until     chart.Moment   `cbor:"7,keyasint"`
	Addresses []string       `cbor:"8,keyasint,omitempty"` // host:port of the host's exchange
}

const prefixTicket = "FKVISIT1"

// Text is t as one line for a QR code.
func (t Ticket) Text() (string, error) { return line(prefixTicket, t) }

// SixWords is what both screens show for people to compare: of all that the ticket
// says, both keys among it.
func (t Ticket) SixWords() (string, error) {
	m, err := plainly(t)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(slices.Concat([]byte(labelTicket), m))
	return strings.Join(words(sum[:12]), " "), nil
}

// ParseTicket reads what [Ticket.Text] writes.
func ParseTicket(text string) (Ticket, error) {
	var t Ticket
	if err := parseLine(prefixTicket, text, &t); err != nil {
		return Ticket{}, fmt.Errorf("read ticket: %w", err)
	}
	ok := optional("team", t.Name) == nil && optional("call sign", t.CallSign) == nil && len(t.Addresses) <= maxAddresses &&
		t.Encounter != (chart.ID{}) && t.Host != t.Visitor && t.Until > 0
	for _, a := range t.Addresses {
		ok = ok && len(a) <= maxAddress && optional("address", a) == nil
	}
	if !ok {
		return Ticket{}, fmt.Errorf("read ticket: %w", ErrText)
	}
	return t, nil
}

// A Vouch is what a host tells a visitor of what it shows: which encounters, until
// when, and whose words these are. It is said within the exchange, whose connection
// proves the host's key. A writer's name goes by its key, so a host can vouch for a
// stranger and never speak in another's name.
type Vouch struct {
	Shown   []Shown  `cbor:"1,keyasint"`
	Writers []Writer `cbor:"2,keyasint"`
}

// Shown is one encounter that a visitor is shown.
type Shown struct {
	Encounter chart.ID     `cbor:"1,keyasint" json:"encounter"`
	Until     chart.Moment `cbor:"2,keyasint" json:"until"`
	// Erased is true when the team had the encounter erased: the visitor is to do the
	// same. It is no longer shown, and shown again if the order is stopped in time.
	Erased bool `cbor:"3,keyasint,omitempty" json:"erased,omitempty"`
}

// A Writer is a station that wrote something of what is shown.
type Writer struct {
	Key      Key    `cbor:"1,keyasint" json:"key"`
	CallSign string `cbor:"2,keyasint,omitempty" json:"call_sign,omitempty"`
	Kind     Kind   `cbor:"3,keyasint,omitempty" json:"kind,omitempty"`
	// Out is true when its key was withdrawn: then what it wrote counts as far as
	// Trusted, and the rest is shown as not confirmed.
	Out     bool    `cbor:"4,keyasint,omitempty" json:"out,omitempty"`
	Trusted []Reach `cbor:"5,keyasint,omitempty" json:"trusted,omitempty"`
}

// A Reach is how far an epoch of a writer is trusted.
type Reach struct {
	Epoch chart.Epoch `cbor:"1,keyasint" json:"epoch"`
	Seq   uint64      `cbor:"2,keyasint" json:"seq"`
}

// The most that a vouch says: one patient's record is by a handful of stations.
const (
	MaxShown   = 64
	MaxWriters = 256
	MaxReach   = 256
)

// ErrVouch reports a vouch that does not read, or says more than one may.
var ErrVouch = errors.New("what the other station says of who wrote this cannot be read")

// Trusts reports whether an entry of this writer's counts as its word.
func (w Writer) Trusts(at chart.Ref) bool {
	return at.Device == w.Key.Device() && (!w.Out || slices.ContainsFunc(w.Trusted, func(r Reach) bool { return r.Epoch == at.Epoch && at.Seq <= r.Seq }))
}

// Encode is v in its one encoding.
func (v Vouch) Encode() ([]byte, error) {
	if err := v.check(); err != nil {
		return nil, fmt.Errorf("write vouch: %w", err)
	}
	v.Shown = slices.SortedFunc(slices.Values(v.Shown), func(a, b Shown) int { return slices.Compare(a.Encounter[:], b.Encounter[:]) })
	v.Writers = slices.SortedFunc(slices.Values(v.Writers), func(a, b Writer) int { return slices.Compare(a.Key[:], b.Key[:]) })
	for i := range v.Writers {
		v.Writers[i].Trusted = slices.SortedFunc(slices.Values(v.Writers[i].Trusted), func(a, b Reach) int {
			return cmp.Or(slices.Compare(a.Epoch[:], b.Epoch[:]), cmp.Compare(a.Seq, b.Seq))
		})
	}
	return messageEncoder.Marshal(v)
}

// DecodeVouch reads what Encode writes, by this or a later version. Its cost is bounded
// by len(b).
func DecodeVouch(b []byte) (Vouch, error) {
	var v Vouch
	if err := vouchDecoder.Unmarshal(b, &v); err != nil {
		return Vouch{}, fmt.Errorf("read vouch: %w: %w", ErrVouch, err)
	}
	if err := v.check(); err != nil {
		return Vouch{}, fmt.Errorf("read vouch: %w", err)
	}
	return v, nil
}

func (v Vouch) check() error {
	ok := len(v.Shown) <= MaxShown && len(v.Writers) <= MaxWriters
	for _, w := range v.Writers {
		ok = ok && optional("call sign", w.CallSign) == nil && len(w.Trusted) <= MaxReach
	}
	if !ok {
		return ErrVouch
	}
	return nil
}

var vouchDecoder = newVouchDecoder()

func newVouchDecoder() cbor.DecMode {
	dec, err := cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: 8, MaxArrayElements: MaxWriters, MaxMapPairs: 16,
	}.DecMode()
	if err != nil {
		panic(err) // the options are constants
	}
	return dec
}
