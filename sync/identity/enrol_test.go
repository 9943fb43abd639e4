package identity

import (
	"errors"
	"strings"
	"testing"
)

type enrolment struct {
	genesis *Genesis
	invite  Invite
	join    Join
}

func enrolling(t testing.TB) enrolment {
	t.Helper()
	admin, newcomer := keyNamed("admin"), keyNamed("newcomer")
	g, team := genesisOf(t, "north", admin, Recovery{1})
	i := Invite{Team: team, Name: g.Name, Admin: PublicOf(admin), Secret: [16]byte{1, 2, 3}, Addresses: []string{"192.0.2.7:7946", "[2001:db8::1]:7946"}}
	j, err := i.Answer(newcomer, Member{Kind: Kiosk, Site: "square", CallSign: "K4", Grant: GrantSite}, [16]byte{4})
	if err != nil {
		t.Fatal(err)
	}
	return enrolment{g, i, j}
}

func text(t testing.TB, v interface{ Text() (string, error) }) string {
	t.Helper()
	s, err := v.Text()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestATabletJoinsByThreePictures(t *testing.T) {
	e := enrolling(t)
	// The newcomer reads the invitation, the admin the answer, each as a line of text.
	seen, err := ParseInvite(text(t, e.invite))
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseJoin(strings.ToLower(text(t, e.join)))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.invite.Check(got); err != nil {
		t.Fatal(err)
	}
	here, err := e.invite.SixWords(got)
	if err != nil {
		t.Fatal(err)
	}
	there, err := seen.SixWords(e.join)
	if err != nil || here != there || len(strings.Fields(here)) != 6 {
		t.Errorf("one tablet shows %q, the other %q", here, there)
	}
	a, err := e.invite.Approve(keyNamed("admin"), got, e.genesis, Member{Kind: Kiosk, Site: "square", CallSign: "K4", Grant: GrantHanded})
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParseApproval(text(t, a))
	if err != nil {
		t.Fatal(err)
	}
	if err := seen.Accept(e.join, back); err != nil {
		t.Fatal(err)
	}
	if back.As.Grant != GrantHanded || back.As.Key != PublicOf(keyNamed("newcomer")) {
		t.Errorf("the newcomer is told it is %+v", back.As)
	}
	for what, s := range map[string]string{"invitation": text(t, e.invite), "answer": text(t, e.join), "approval": text(t, a)} {
		if len(s) > 900 { // a QR code of version 20 at level M holds 970 such letters
			t.Errorf("the %s has %d letters, too many for a code that a tablet's camera reads", what, len(s))
		}
		if strings.ToUpper(s) != s {
			t.Errorf("the %s has letters that a QR code packs badly", what)
		}
	}
}

func TestSomeoneInBetweenChangesTheWords(t *testing.T) {
	e := enrolling(t)
	want, _ := e.invite.SixWords(e.join)
	for what, change := range map[string]func(*Invite, *Join){
		"the newcomer's key": func(i *Invite, j *Join) { j.Wish.Key = PublicOf(keyNamed("thief")) },
		"the admin's key":    func(i *Invite, j *Join) { i.Admin = PublicOf(keyNamed("thief")) },
		"the team":           func(i *Invite, j *Join) { i.Team[0]++ },
		"the secret":         func(i *Invite, j *Join) { i.Secret[0]++ },
		"the wish":           func(i *Invite, j *Join) { j.Wish.Grant = GrantAll },
		"the nonce":          func(i *Invite, j *Join) { j.Nonce[0]++ },
		"an address":         func(i *Invite, j *Join) { i.Addresses = []string{"203.0.113.9:1"} },
	} {
		i, j := e.invite, e.join
		change(&i, &j)
		if got, _ := i.SixWords(j); got == want {
			t.Errorf("%s was swapped and the words are the same", what)
		}
		if err := i.Check(j); !errors.Is(err, ErrAnswer) {
			t.Errorf("%s was swapped: %v", what, err)
		}
	}
}

func TestAnApprovalHoldsForOneTabletOfOneTeam(t *testing.T) {
	e := enrolling(t)
	admin := keyNamed("admin")
	as := Member{Kind: Kiosk, Grant: GrantHanded}
	good, err := e.invite.Approve(admin, e.join, e.genesis, as)
	if err != nil {
		t.Fatal(err)
	}
	other, _ := genesisOf(t, "south", admin, Recovery{1})
	for what, change := range map[string]func(*Invite, *Join, *Approval){
		"another team":         func(i *Invite, j *Join, a *Approval) { a.Genesis = *other },
		"a wider grant":        func(i *Invite, j *Join, a *Approval) { a.As.Grant = GrantAll },
		"another tablet's key": func(i *Invite, j *Join, a *Approval) { a.As.Key[0]++ },
		"another answer":       func(i *Invite, j *Join, a *Approval) { j.Nonce[0]++ },
		"another admin":        func(i *Invite, j *Join, a *Approval) { i.Admin = PublicOf(keyNamed("thief")) },
		"a spoiled signature":  func(i *Invite, j *Join, a *Approval) { a.Signature[9] ^= 1 },
		"an empty genesis":     func(i *Invite, j *Join, a *Approval) { a.Genesis = Genesis{} },
	} {
		i, j, a := e.invite, e.join, good
		change(&i, &j, &a)
		if err := i.Accept(j, a); !errors.Is(err, ErrNotUs) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := e.invite.Approve(keyNamed("thief"), e.join, e.genesis, as); !errors.Is(err, ErrNotUs) {
		t.Errorf("another key approved: %v", err)
	}
	if _, err := e.invite.Approve(admin, e.join, other, as); !errors.Is(err, ErrNotUs) {
		t.Errorf("approved into another team: %v", err)
	}
}

func TestATornMessageIsNotTaken(t *testing.T) {
	e := enrolling(t)
	good := text(t, e.invite)
	for _, bad := range []string{"", "FKINVITE1", "FKINVITE1-", good[:len(good)-1], good + "00", "FKJOIN1" + good[9:], strings.Repeat("A", 1<<20), text(t, e.join)} {
		if _, err := ParseInvite(bad); !errors.Is(err, ErrText) {
			t.Errorf("%.60q: %v", bad, err)
		}
	}
	for at := len("FKINVITE1-"); at < len(good); at++ {
		l := byte('7')
		if good[at] == l {
			l = '8'
		}
		if _, err := ParseInvite(good[:at] + string(l) + good[at+1:]); !errors.Is(err, ErrText) {
			t.Errorf("letter %d was mistyped and taken", at)
		}
	}
}

func FuzzEnrolment(f *testing.F) {
	e := enrolling(f)
	a, err := e.invite.Approve(keyNamed("admin"), e.join, e.genesis, Member{Kind: Kiosk, Grant: GrantHanded})
	if err != nil {
		f.Fatal(err)
	}
	for i, s := range []string{text(f, e.invite), text(f, e.join), text(f, a)} {
		b, err := keyEncoding.DecodeString(s[strings.IndexByte(s, '-')+1:])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), b[:len(b)-4])
	}
	// The checksum is put on here, or the fuzzer would not get past it.
	f.Fuzz(func(t *testing.T, which uint8, b []byte) {
		prefix := []string{prefixInvite, prefixJoin, prefixApproval}[which%3]
		s := prefix + "-" + keyEncoding.EncodeToString(append(b[:len(b):len(b)], lineSum(prefix, b)...))
		var again string
		var err error
		switch which % 3 {
		case 0:
			var v Invite
			if v, err = ParseInvite(s); err == nil {
				again, err = v.Text()
			}
		case 1:
			var v Join
			if v, err = ParseJoin(s); err == nil {
				again, err = v.Text()
				_ = e.invite.Check(v)
			}
		case 2:
			var v Approval
			if v, err = ParseApproval(s); err == nil {
				again, err = v.Text()
				if e.invite.Accept(e.join, v) == nil && v != a {
					t.Fatalf("%s was accepted", s)
				}
			}
		}
		if err == nil && again != s {
			t.Fatalf("%s is written as %s", s, again)
		}
	})
}
