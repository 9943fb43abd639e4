package identity

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// The contents of this package, in the range 900 to 999 that the team log keeps
// for the roster. Never reused.
const (
	TypeGenesis chart.Type = 900
	TypeMember  chart.Type = 901
	TypeRevoked chart.Type = 902
	TypePerson  chart.Type = 903
	TypeGossip  chart.Type = 904
	// TypeRetention is how long records are kept.
	TypeRetention chart.Type = 905
)

// Content gives a pointer to a new, empty content of a type of this package: one
// of the tables that journal.Kinds joins.
func Content(t chart.Type) (chart.Content, bool) {
	switch t {
	case TypeGenesis:
		return new(Genesis), true
	case TypeMember:
		return new(Member), true
	case TypeRevoked:
		return new(Revoked), true
	case TypePerson:
		return new(Person), true
	case TypeGossip:
		return new(GossipKey), true
	case TypeRetention:
		return new(Retention), true
	}
	return nil, false
}

// A Kind is what a station is. The numbers stand in the record.
type Kind uint8

// The kinds.
const (
	Ambulance Kind = 1
	Clinic    Kind = 2
	Kiosk     Kind = 3
	Hospital  Kind = 4
)

// A Grant is which bodies a device receives. The numbers stand in the record,
// narrowest first.
type Grant uint8

// The grants.
const (
	GrantHanded Grant = 1 // only encounters handed to it or bound for it: a guest
	GrantSite   Grant = 2 // its site's
	GrantAll    Grant = 3
)

var (
	kindWords  = [...]string{Ambulance: "ambulance", Clinic: "clinic", Kiosk: "kiosk", Hospital: "hospital"}
	grantWords = [...]string{GrantHanded: "handed", GrantSite: "site", GrantAll: "all"}
)

// String is the kind in lower case.
func (k Kind) String() string { return word(kindWords[:], int(k)) }

// MarshalText writes the kind in lower case.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (k *Kind) UnmarshalText(b []byte) error {
	n, err := number(kindWords[:], string(b))
	*k = Kind(n)
	return err
}

// String is the grant in lower case.
func (g Grant) String() string { return word(grantWords[:], int(g)) }

// MarshalText writes the grant in lower case.
func (g Grant) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (g *Grant) UnmarshalText(b []byte) error {
	n, err := number(grantWords[:], string(b))
	*g = Grant(n)
	return err
}

func word(words []string, n int) string {
	if n > 0 && n < len(words) {
		return words[n]
	}
	return "unknown"
}

func number(words []string, text string) (int, error) {
	for n, w := range words {
		if n > 0 && w == text {
			return n, nil
		}
	}
	return 0, fmt.Errorf("read %q: wanted one of %q", text, words[1:])
}

// Genesis begins a team. Its encoding's hash is the team's id (see [TeamOf]), so
// nobody else can be its first admin.
type Genesis struct {
	Name         string   `cbor:"1,keyasint" json:"name"`
	Nonce        [16]byte `cbor:"2,keyasint" json:"-"` // random: two teams of one name and admin differ
	Admin        Member   `cbor:"3,keyasint" json:"admin"`
	RecoveryBox  [32]byte `cbor:"4,keyasint" json:"-"` // X25519: what the recovery secret opens
	RecoverySign Key      `cbor:"5,keyasint" json:"-"` // Ed25519: what the recovery secret signs
}

// Member puts a device's key on the roster, or changes what stands there.
type Member struct {
	Key      Key    `cbor:"1,keyasint" json:"key"`
	Kind     Kind   `cbor:"2,keyasint" json:"kind"`
	Site     string `cbor:"3,keyasint,omitempty" json:"site,omitempty"`
	CallSign string `cbor:"4,keyasint,omitempty" json:"call_sign,omitempty"`
	Grant    Grant  `cbor:"5,keyasint" json:"grant"`
	Admin    bool   `cbor:"6,keyasint,omitempty" json:"admin,omitempty"`
}

// Revoked takes a device off the roster. What its key wrote up to the pins stays
// trusted; what came after is kept and shown apart.
type Revoked struct {
	Device chart.Device `cbor:"1,keyasint" json:"device"`
	Pins   []Pin        `cbor:"2,keyasint,omitempty" json:"pins,omitempty"` // at most one a log; a log without a pin is not trusted at all
	Why    string       `cbor:"3,keyasint,omitempty" json:"why,omitempty"`  // "tablet stolen"; no patient data
}

// A Pin is the last trusted entry of a log. Earlier epochs of that log follow
// from it: each epoch names the one before and its last entry.
type Pin struct {
	_     struct{} `cbor:",toarray"`
	Log   journal.Log
	Epoch chart.Epoch
	Seq   uint64
	Chain journal.Hash
}

// Person is one of the staff, as apart from devices.
type Person struct {
	ID   string `cbor:"1,keyasint" json:"id"`
	Name string `cbor:"2,keyasint" json:"name"`
	Role string `cbor:"3,keyasint,omitempty" json:"role,omitempty"` // what they may do, as the team names it
	// Verifier names the PIN or badge verifier that stands in the store where this
	// person signed in. The verifier itself never leaves that store.
	Verifier []byte `cbor:"4,keyasint,omitempty" json:"-"`
	Left     bool   `cbor:"5,keyasint,omitempty" json:"left,omitempty"`
}

// Type implements chart.Content.
func (*Genesis) Type() chart.Type { return TypeGenesis }

// Type implements chart.Content.
func (*Member) Type() chart.Type { return TypeMember }

// Type implements chart.Content.
func (*Revoked) Type() chart.Type { return TypeRevoked }

// Type implements chart.Content.
func (*Person) Type() chart.Type { return TypePerson }

// ErrFact reports a roster fact that is not complete or not possible.
var ErrFact = errors.New("the roster entry is not complete or not possible")

const maxWord = 200 // bytes of a name, site, call sign or role

// Validate implements chart.Content.
func (g *Genesis) Validate() error {
	return errors.Join(needed("team name", g.Name), must(g.Nonce != [16]byte{}, "nonce is missing"),
		must(g.RecoveryBox != [32]byte{} && g.RecoverySign != Key{}, "recovery keys are missing"),
		must(g.Admin.Admin, "the first member must be an admin"),
		must(g.Admin.Key != g.RecoverySign, "the first admin's key is the recovery key"), g.Admin.Validate())
}

// Validate implements chart.Content.
func (m *Member) Validate() error {
	return errors.Join(must(m.Key != Key{}, "key is missing"), must(m.Kind >= Ambulance && m.Kind <= Hospital, "kind is not known"),
		must(m.Grant >= GrantHanded && m.Grant <= GrantAll, "grant is not known"), optional("site", m.Site), optional("call sign", m.CallSign),
		must(m.Grant != GrantSite || m.Site != "", "a grant of its site needs a site"),
		must(!m.Admin || m.Grant == GrantAll, "an admin receives everything"))
}

// Validate implements chart.Content.
func (r *Revoked) Validate() error {
	errs := []error{must(r.Device != chart.Device{}, "device is missing"), optional("why", r.Why)}
	var logs [256]bool
	for _, p := range r.Pins {
		errs = append(errs, must(p.Log.Known() && p.Seq > 0 && p.Epoch != chart.Epoch{}, "a pin names no entry"), must(!logs[p.Log], "two pins in one log"))
		logs[p.Log] = true
	}
	return errors.Join(errs...)
}

// Validate implements chart.Content.
func (p *Person) Validate() error {
	return errors.Join(needed("staff id", p.ID), must(len(p.ID) <= journal.MaxStaff, "staff id is too long"), needed("name", p.Name),
		optional("role", p.Role), must(len(p.Verifier) <= 64, "verifier reference is too long"))
}

// same reports whether p and q say the same.
func (p *Person) same(q *Person) bool {
	return p.ID == q.ID && p.Name == q.Name && p.Role == q.Role && p.Left == q.Left && bytes.Equal(p.Verifier, q.Verifier)
}

func must(ok bool, words string) error {
	if ok {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrFact, words)
}

func needed(field, s string) error {
	return errors.Join(must(s != "", field+" is missing"), optional(field, s))
}

func optional(field, s string) error {
	if len(s) > maxWord || !utf8.ValidString(s) {
		return must(false, field+" is too long or not UTF-8")
	}
	for _, r := range s {
		if unicode.IsControl(r) {
			return must(false, field+" holds a control character")
		}
	}
	return nil
}

// TeamOf is the id of the team that g begins: a hash of its one encoding.
func TeamOf(g *Genesis) (journal.TeamID, error) {
	if err := g.Validate(); err != nil {
		return journal.TeamID{}, fmt.Errorf("begin team: %w", err)
	}
	b, err := journal.EncodeContent(g)
	if err != nil {
		return journal.TeamID{}, fmt.Errorf("begin team: %w", err)
	}
	return sha256.Sum256(append([]byte(labelTeam), b...)), nil
}

// NewGenesis begins a team with a name, its first admin and a recovery secret.
// Nonce is 16 random bytes.
func NewGenesis(name string, admin ed25519.PrivateKey, as Member, secret Recovery, nonce [16]byte) (*Genesis, error) {
	box, err := secret.BoxPublic()
	if err != nil {
		return nil, err
	}
	sign, err := secret.SignKey()
	if err != nil {
		return nil, err
	}
	as.Key, as.Admin, as.Grant = PublicOf(admin), true, GrantAll
	g := &Genesis{Name: name, Nonce: nonce, Admin: as, RecoveryBox: box, RecoverySign: PublicOf(sign)}
	return g, g.Validate()
}
