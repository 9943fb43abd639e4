package identity

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

func keyNamed(name string) ed25519.PrivateKey {
	seed := make([]byte, 32)
	copy(seed, name)
	return ed25519.NewKeyFromSeed(seed)
}

// RFC 8032, section 7.1, test 1.
func TestADeviceKeyIsPlainEd25519(t *testing.T) {
	seed, _ := hex.DecodeString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
	k, err := NewKey(bytes.NewReader(seed))
	if err != nil {
		t.Fatal(err)
	}
	public := PublicOf(k)
	if got := hex.EncodeToString(public[:]); got != "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a" {
		t.Errorf("public half is %s", got)
	}
	if _, err := NewKey(bytes.NewReader(seed[:31])); err == nil {
		t.Error("a key was made from too little random")
	}
}

func TestAKeyCanBeReadAloudAndTyped(t *testing.T) {
	k := PublicOf(keyNamed("ambulance"))
	text := k.String()
	if len(text) != 62 {
		t.Errorf("%q has %d letters", text, len(text))
	}
	aloud := strings.NewReplacer("0", "o", "1", "l", "-", " ").Replace(strings.ToLower(text))
	for _, typed := range []string{text, strings.ToLower(text), strings.ReplaceAll(text, "-", ""), aloud, "\n" + text + "\n"} {
		if got, err := ParseKey(typed); err != nil || got != k {
			t.Errorf("%q reads as %v, %v", typed, got, err)
		}
	}
	var back Key
	if b, err := k.MarshalText(); err != nil || back.UnmarshalText(b) != nil || back != k {
		t.Error("a key does not come back from its text")
	}
}

func TestOneWrongLetterOfAKeyIsNoticed(t *testing.T) {
	const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	text := PublicOf(keyNamed("ambulance")).String()
	for at := range text {
		for _, l := range letters {
			wrong := text[:at] + string(l) + text[at+1:]
			if wrong == text || text[at] == '-' {
				continue
			}
			if _, err := ParseKey(wrong); !errors.Is(err, ErrKeyText) {
				t.Fatalf("letter %d as %c was taken", at, l)
			}
		}
	}
	for _, bad := range []string{"", "x", text[:61], text + "0", text[9:] + "-" + text[:8], strings.Repeat("0", 100000), "é" + text} {
		if _, err := ParseKey(bad); !errors.Is(err, ErrKeyText) {
			t.Errorf("%.80q was taken", bad)
		}
	}
}

// D. Wilkerson, A Proposal for Proquints, arXiv 0901.4016: the table of addresses.
func TestWordsAreProquints(t *testing.T) {
	for _, c := range []struct {
		b    [4]byte
		want string
	}{
		{[4]byte{127, 0, 0, 1}, "lusab-babad"}, {[4]byte{63, 84, 220, 193}, "gutih-tugad"}, {[4]byte{63, 118, 7, 35}, "gutuk-bisog"},
		{[4]byte{140, 98, 193, 141}, "mudof-sakat"}, {[4]byte{64, 255, 6, 200}, "haguz-biram"}, {[4]byte{128, 30, 52, 45}, "mabiv-gibot"},
		{[4]byte{147, 67, 119, 2}, "natag-lisaf"}, {[4]byte{212, 58, 253, 68}, "tibup-zujah"}, {[4]byte{216, 35, 68, 215}, "tobog-higil"},
		{[4]byte{216, 68, 232, 21}, "todah-vobij"}, {[4]byte{198, 81, 129, 136}, "sinid-makam"}, {[4]byte{12, 110, 110, 204}, "budov-kuras"},
	} {
		if got := strings.Join(words(c.b[:]), "-"); got != c.want {
			t.Errorf("%v is %s, wanted %s", c.b, got, c.want)
		}
		if got, err := unwords(strings.ToUpper(c.want)); err != nil || !bytes.Equal(got, c.b[:]) {
			t.Errorf("%s is %v, %v", c.want, got, err)
		}
	}
}

func TestRecoveryWordsBringTheSecretBack(t *testing.T) {
	secret, err := NewRecovery(strings.NewReader(strings.Repeat("thirty-two bytes", 2)))
	if err != nil {
		t.Fatal(err)
	}
	paper := secret.Paper()
	if got := len(strings.Fields(paper)); got != 17 {
		t.Errorf("%d words", got)
	}
	for _, typed := range []string{paper, strings.ToUpper(paper), strings.ReplaceAll(paper, " ", "\n"), " " + strings.ReplaceAll(paper, " ", "-")} {
		if got, err := ParsePaper(typed); err != nil || got != secret {
			t.Errorf("%q: %v", typed, err)
		}
	}
	all := strings.Fields(paper)
	for i := range all {
		wrong := append([]string{}, all...)
		wrong[i] = "babab"
		if _, err := ParsePaper(strings.Join(wrong, " ")); !errors.Is(err, ErrPaper) {
			t.Errorf("word %d wrong: taken", i+1)
		}
	}
	for _, bad := range []string{"", paper + " babab", strings.Join(all[:16], " "), "hello world", strings.Repeat("babab ", 100000)} {
		if _, err := ParsePaper(bad); !errors.Is(err, ErrPaper) {
			t.Errorf("%.40q was taken", bad)
		}
	}
}

func TestOnlyTheRecoverySecretOpensWhatWasSealedToIt(t *testing.T) {
	secret, other := Recovery{1}, Recovery{2}
	box, err := secret.BoxPublic()
	if err != nil {
		t.Fatal(err)
	}
	root := []byte("a store's root key of 32 bytes..")
	sealed, err := SealToRecovery(box, []byte("slot 3"), root)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, root[:8]) {
		t.Error("the root key stands in the clear")
	}
	if got, err := secret.Open([]byte("slot 3"), sealed); err != nil || !bytes.Equal(got, root) {
		t.Errorf("opened as %q, %v", got, err)
	}
	for what, open := range map[string]func() ([]byte, error){
		"another secret": func() ([]byte, error) { return other.Open([]byte("slot 3"), sealed) },
		"another slot":   func() ([]byte, error) { return secret.Open([]byte("slot 4"), sealed) },
		"a flipped bit": func() ([]byte, error) {
			b := bytes.Clone(sealed)
			b[len(b)-1] ^= 1
			return secret.Open([]byte("slot 3"), b)
		},
		"half of it": func() ([]byte, error) { return secret.Open([]byte("slot 3"), sealed[:20]) },
		"nothing":    func() ([]byte, error) { return secret.Open([]byte("slot 3"), nil) },
	} {
		if _, err := open(); !errors.Is(err, ErrBox) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := SealToRecovery([32]byte{}, nil, root); err == nil {
		t.Error("sealed to a key of zeros, which anyone can open")
	}
	sign, err := secret.SignKey()
	if err != nil {
		t.Fatal(err)
	}
	again, _ := other.SignKey()
	if PublicOf(sign) == Key(box) || PublicOf(sign) == PublicOf(again) {
		t.Error("two keys of the recovery secrets are one")
	}
}

func genesisOf(t testing.TB, name string, admin ed25519.PrivateKey, secret Recovery) (*Genesis, journal.TeamID) {
	t.Helper()
	g, err := NewGenesis(name, admin, Member{Kind: Ambulance, Site: "north", CallSign: "A1"}, secret, [16]byte{7})
	if err != nil {
		t.Fatal(err)
	}
	team, err := TeamOf(g)
	if err != nil {
		t.Fatal(err)
	}
	return g, team
}

func TestATeamsIDIsItsGenesis(t *testing.T) {
	g, team := genesisOf(t, "north", keyNamed("a"), Recovery{1})
	b, err := journal.EncodeContent(g)
	if err != nil {
		t.Fatal(err)
	}
	c, err := journal.DecodeContent(TypeGenesis, b, Content)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := TeamOf(c.(*Genesis)); err != nil || again != team {
		t.Errorf("the genesis read from the journal is of team %x, %v", again, err)
	}
	for what, change := range map[string]func(*Genesis){
		"name": func(g *Genesis) { g.Name = "south" }, "nonce": func(g *Genesis) { g.Nonce[0]++ }, "admin": func(g *Genesis) { g.Admin.Key[0]++ },
		"recovery box": func(g *Genesis) { g.RecoveryBox[0]++ }, "recovery sign": func(g *Genesis) { g.RecoverySign[0]++ },
	} {
		other := *g
		change(&other)
		if id, err := TeamOf(&other); err == nil && id == team {
			t.Errorf("another %s gives the same team", what)
		}
	}
}

func TestEveryFactReadsBackFromTheJournal(t *testing.T) {
	g, _ := genesisOf(t, "north", keyNamed("a"), Recovery{1})
	for _, c := range []chart.Content{
		g, &Member{Key: Key{1}, Kind: Kiosk, Grant: GrantHanded},
		&Revoked{Device: Key{1}.Device(), Pins: []Pin{{Log: journal.Chart, Epoch: [16]byte{1}, Seq: 9}}, Why: "tablet stolen"},
		&Person{ID: "medic-7", Name: "N. Seven", Role: "paramedic", Verifier: []byte{1, 2}},
	} {
		if err := c.Validate(); err != nil {
			t.Errorf("%T: %v", c, err)
		}
		b, err := journal.EncodeContent(c)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := journal.DecodeContent(c.Type(), b, Content); err != nil || !reflect.DeepEqual(got, c) {
			t.Errorf("%+v became %+v, %v", c, got, err)
		}
	}
	if _, ok := Content(899); ok {
		t.Error("a type of the chart's is the roster's")
	}
	for what, c := range map[string]interface{ Validate() error }{
		"a team without a name":       &Genesis{Nonce: [16]byte{1}, RecoveryBox: [32]byte{1}, RecoverySign: Key{2}, Admin: g.Admin},
		"a member without a key":      &Member{Kind: Kiosk, Grant: GrantAll},
		"a member of no kind":         &Member{Key: Key{1}, Grant: GrantAll},
		"a grant of no site's":        &Member{Key: Key{1}, Kind: Kiosk, Grant: GrantSite},
		"an admin who sees half":      &Member{Key: Key{1}, Kind: Kiosk, Grant: GrantHanded, Admin: true},
		"a revocation of nobody":      &Revoked{},
		"two pins in one log":         &Revoked{Device: Key{1}.Device(), Pins: []Pin{{Log: 2, Epoch: [16]byte{1}, Seq: 1}, {Log: 2, Epoch: [16]byte{2}, Seq: 1}}},
		"a pin of no entry":           &Revoked{Device: Key{1}.Device(), Pins: []Pin{{Log: 2, Epoch: [16]byte{1}}}},
		"a person without an id":      &Person{Name: "x"},
		"a call sign that beeps":      &Member{Key: Key{1}, Kind: Kiosk, Grant: GrantAll, CallSign: "A\a1"},
		"a name as long as a chapter": &Person{ID: "x", Name: strings.Repeat("x", 201)},
	} {
		if err := c.Validate(); !errors.Is(err, ErrFact) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	f.Add(PublicOf(keyNamed("a")).String())
	f.Add(Recovery{1}.Paper())
	f.Fuzz(func(t *testing.T, text string) {
		if k, err := ParseKey(text); err == nil {
			if again, err := ParseKey(k.String()); err != nil || again != k {
				t.Fatalf("%q", text)
			}
		}
		if r, err := ParsePaper(text); err == nil {
			if again, err := ParsePaper(r.Paper()); err != nil || again != r {
				t.Fatalf("%q", text)
			}
		}
	})
}
