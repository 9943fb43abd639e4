package identity

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"fieldkit/sync/journal"
)

// Enrolment goes both ways by QR, or typed: the admin's tablet shows an [Invite],
// the newcomer answers with a [Join], both show the same six words, people
// compare them, and the admin's tablet shows an [Approval]. Each is one line of
// capital letters and digits, which is what a QR code packs best. The words are
// 96 bits of both messages, so nobody in between can have swapped a key.

// What enrolment can be refused for.
var (
	ErrText   = errors.New("not a text of this kind, or not whole: scan or type it again")
	ErrAnswer = errors.New("this answer is not to this invitation: show a new one and scan it again")
	ErrNotUs  = errors.New("this approval is not of the team that invited, or not for this tablet")
)

const (
	maxText      = 4096 // letters
	maxAddresses = 8
	maxAddress   = 100 // bytes
)

// An Invite is what an admin's tablet shows to a newcomer. It is good for one
// answer, which its keeper sees to; the secret stands in no log. Whoever copies it
// can see who is near, but no record, because the exchange asks the roster.
type Invite struct {
	Team      journal.TeamID `cbor:"1,keyasint"`
	Name      string         `cbor:"2,keyasint"` // of the team
	Admin     Key            `cbor:"3,keyasint"`
	Secret    [16]byte       `cbor:"4,keyasint"`           // random, used once
	Addresses []string       `cbor:"5,keyasint,omitempty"` // host:port where the admin's tablet listens
	Gossip    []byte         `cbor:"6,keyasint,omitempty"` // the team's gossip key; nil or 32 bytes
}

// A Join is a newcomer's answer: its key and what it wishes to be, with proof
// that it read the invitation.
type Join struct {
	Wish  Member   `cbor:"1,keyasint"`
	Nonce [16]byte `cbor:"2,keyasint"` // random
	Proof [32]byte `cbor:"3,keyasint"` // HMAC-SHA256 under the invitation's secret
}

// An Approval is the admin's signed word to the newcomer: the team's genesis,
// which its id vouches for, and what the roster says of the newcomer.
type Approval struct {
	Genesis   Genesis  `cbor:"1,keyasint"`
	As        Member   `cbor:"2,keyasint"`
	Signature [64]byte `cbor:"3,keyasint"` // by the admin's key over both messages and all of this
}

// Answer is the newcomer's answer to i. Nonce is 16 random bytes.
func (i Invite) Answer(key ed25519.PrivateKey, wish Member, nonce [16]byte) (Join, error) {
	wish.Key = PublicOf(key)
	if err := wish.Validate(); err != nil {
		return Join{}, fmt.Errorf("answer invitation: %w", err)
	}
	j := Join{Wish: wish, Nonce: nonce}
	proof, err := i.proof(j)
	j.Proof = proof
	return j, err
}

// Check reports whether j answers i. It says nothing of who answered: that is
// what people compare the six words for.
func (i Invite) Check(j Join) error {
	if err := j.Wish.Validate(); err != nil {
		return fmt.Errorf("check answer: %w", err)
	}
	want, err := i.proof(j)
	if err != nil {
		return err
	}
	if !hmac.Equal(want[:], j.Proof[:]) {
		return fmt.Errorf("check answer: %w", ErrAnswer)
	}
	return nil
}

func (i Invite) proof(j Join) ([32]byte, error) {
	j.Proof = [32]byte{}
	m, err := plainly(i, j)
	if err != nil {
		return [32]byte{}, err
	}
	h := hmac.New(sha256.New, i.Secret[:])
	h.Write([]byte(labelJoin))
	h.Write(m)
	return [32]byte(h.Sum(nil)), nil
}

// SixWords is what both tablets show for people to compare: of all that the
// invitation and the answer say.
func (i Invite) SixWords(j Join) (string, error) {
	m, err := plainly(i, j)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(slices.Concat([]byte(labelWords), m))
	return strings.Join(words(sum[:12]), " "), nil
}

// Approve is the admin's word to the newcomer, once people have compared the six
// words. As is what the roster says of it; its key is the answer's.
func (i Invite) Approve(admin ed25519.PrivateKey, j Join, g *Genesis, as Member) (Approval, error) {
	if err := i.Check(j); err != nil {
		return Approval{}, err
	}
	as.Key = j.Wish.Key
	a := Approval{Genesis: *g, As: as}
	if team, err := TeamOf(g); err != nil || team != i.Team || PublicOf(admin) != i.Admin {
		return Approval{}, fmt.Errorf("approve: %w", ErrNotUs)
	}
	if err := as.Validate(); err != nil {
		return Approval{}, fmt.Errorf("approve: %w", err)
	}
	m, err := i.approved(j, a)
	if err != nil {
		return Approval{}, err
	}
	copy(a.Signature[:], ed25519.Sign(admin, m))
	return a, nil
}

// Accept is the newcomer's check of an approval of its own answer. After it the
// newcomer trusts the team's id and the inviting admin's key, and fetches the
// team log.
func (i Invite) Accept(j Join, a Approval) error {
	team, err := TeamOf(&a.Genesis)
	if err != nil || team != i.Team || a.As.Key != j.Wish.Key || a.As.Validate() != nil {
		return fmt.Errorf("accept approval: %w", ErrNotUs)
	}
	m, err := i.approved(j, a)
	if err != nil {
		return err
	}
	if !ed25519.Verify(i.Admin.Public(), m, a.Signature[:]) {
		return fmt.Errorf("accept approval: %w", ErrNotUs)
	}
	return nil
}

func (i Invite) approved(j Join, a Approval) ([]byte, error) {
	a.Signature = [64]byte{}
	m, err := plainly(i, j, a)
	sum := sha256.Sum256(m)
	return slices.Concat([]byte(labelApprove), sum[:]), err
}

// The first letters of each message.
const (
	prefixInvite   = "FKINVITE1"
	prefixJoin     = "FKJOIN1"
	prefixApproval = "FKAPPROVE1"
)

// Text is i as one line for a QR code.
func (i Invite) Text() (string, error) { return line(prefixInvite, i) }

// Text is j as one line for a QR code.
func (j Join) Text() (string, error) { return line(prefixJoin, j) }

// Text is a as one line for a QR code.
func (a Approval) Text() (string, error) { return line(prefixApproval, a) }

// ParseInvite reads what [Invite.Text] writes.
func ParseInvite(text string) (Invite, error) {
	var i Invite
	if err := parseLine(prefixInvite, text, &i); err != nil {
		return Invite{}, fmt.Errorf("read invitation: %w", err)
	}
	ok := optional("team", i.Name) == nil && len(i.Addresses) <= maxAddresses && (len(i.Gossip) == 0 || len(i.Gossip) == GossipKeySize)
	for _, a := range i.Addresses {
		ok = ok && len(a) <= maxAddress && optional("address", a) == nil
	}
	if !ok {
		return Invite{}, fmt.Errorf("read invitation: %w", ErrText)
	}
	return i, nil
}

// ParseJoin reads what [Join.Text] writes.
func ParseJoin(text string) (Join, error) {
	var j Join
	if err := parseLine(prefixJoin, text, &j); err != nil {
		return Join{}, fmt.Errorf("read answer: %w", err)
	}
	if err := j.Wish.Validate(); err != nil {
		return Join{}, fmt.Errorf("read answer: %w", err)
	}
	return j, nil
}

// ParseApproval reads what [Approval.Text] writes.
func ParseApproval(text string) (Approval, error) {
	var a Approval
	if err := parseLine(prefixApproval, text, &a); err != nil {
		return Approval{}, fmt.Errorf("read approval: %w", err)
	}
	return a, nil
}

var messageEncoder, messageDecoder = messageModes()

func messageModes() (cbor.EncMode, cbor.DecMode) {
	enc, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		panic(err) // the options are constants
	}
	dec, err := cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: 8, MaxArrayElements: 16, MaxMapPairs: 16, ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
	}.DecMode()
	if err != nil {
		panic(err)
	}
	return enc, dec
}

// plainly is the messages one after another, each in its one encoding; each says
// by itself where it ends.
func plainly(messages ...any) ([]byte, error) {
	var out []byte
	for _, m := range messages {
		b, err := messageEncoder.Marshal(m)
		if err != nil {
			return nil, fmt.Errorf("write enrolment: %w", err)
		}
		out = append(out, b...)
	}
	return out, nil
}

func line(prefix string, v any) (string, error) {
	b, err := plainly(v)
	if err != nil {
		return "", err
	}
	text := prefix + "-" + keyEncoding.EncodeToString(append(b, lineSum(prefix, b)...))
	if len(text) > maxText {
		return "", fmt.Errorf("write enrolment: %d letters, more than %d", len(text), maxText)
	}
	return text, nil
}

func lineSum(prefix string, b []byte) []byte {
	sum := sha256.Sum256(slices.Concat([]byte(prefix), []byte{0}, b))
	return sum[:4]
}

// parseLine reads one message, of any case and with blanks anywhere after the
// first hyphen. What would not be written the same again is refused.
func parseLine(prefix, text string, into any) error {
	if len(text) > 2*maxText {
		return ErrText
	}
	head, rest, found := strings.Cut(strings.TrimSpace(text), "-")
	if !found || !strings.EqualFold(head, prefix) {
		return ErrText
	}
	b, err := fromLetters(rest)
	if err != nil || len(b) < 4 || len(b) > maxText {
		return ErrText
	}
	b, sum := b[:len(b)-4], b[len(b)-4:]
	if !bytes.Equal(lineSum(prefix, b), sum) || messageDecoder.Unmarshal(b, into) != nil {
		return ErrText
	}
	if again, err := messageEncoder.Marshal(into); err != nil || !bytes.Equal(again, b) {
		return ErrText
	}
	return nil
}
