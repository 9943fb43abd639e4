package identity

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

func aTicket() Ticket {
	return Ticket{
		Team: journal.TeamID{1, 2}, Name: "Valley EMS", Host: PublicOf(keyNamed("ambulance")), CallSign: "AMB-7", Visitor: PublicOf(keyNamed("helicopter")),
		Encounter: chart.ID{3, 4}, Until: 1795400000000, Addresses: []string{"192.168.4.1:7700", "[fd00::7]:7700"},
	}
}

func TestATicketIsReadAsItWasWrittenAndNoLetterOfItMayBeMistaken(t *testing.T) {
	want := aTicket()
	good := text(t, want)
	got, err := ParseTicket(" " + strings.ToLower(good[:30]) + "\n" + good[30:])
	if err != nil {
		t.Fatal(err)
	}
	if again := text(t, got); again != good {
		t.Errorf("it reads as %+v", got)
	}
	if len(good) > 500 {
		t.Errorf("a ticket of %d letters is a QR code too fine for a cheap camera", len(good))
	}
	for at := range good {
		l := byte('2')
		if good[at] == l {
			l = '3'
		}
		if _, err := ParseTicket(good[:at] + string(l) + good[at+1:]); !errors.Is(err, ErrText) {
			t.Errorf("letter %d was mistyped and taken", at)
		}
	}
	for what, bad := range map[string]func(*Ticket){
		"of no encounter":            func(t *Ticket) { t.Encounter = chart.ID{} },
		"from a station to itself":   func(t *Ticket) { t.Host = t.Visitor },
		"without an end":             func(t *Ticket) { t.Until = 0 },
		"with too many addresses":    func(t *Ticket) { t.Addresses = make([]string, maxAddresses+1) },
		"with a word that is a page": func(t *Ticket) { t.CallSign = strings.Repeat("x", 500) },
		"with a control character":   func(t *Ticket) { t.Name = "a\x1b[31m" },
	} {
		v := aTicket()
		bad(&v)
		line, err := v.Text()
		if err != nil {
			continue
		}
		if _, err := ParseTicket(line); !errors.Is(err, ErrText) {
			t.Errorf("a ticket %s was taken: %v", what, err)
		}
	}
}

// Whoever stands between the two screens and changes anything changes the words.
func TestTheSixWordsAreOfAllThatATicketSays(t *testing.T) {
	words, err := aTicket().SixWords()
	if err != nil || len(strings.Fields(words)) != 6 {
		t.Fatal(words, err)
	}
	for what, change := range map[string]func(*Ticket){
		"team": func(t *Ticket) { t.Team[9] ^= 1 }, "name": func(t *Ticket) { t.Name = "Valley" }, "host": func(t *Ticket) { t.Host[9] ^= 1 },
		"call sign": func(t *Ticket) { t.CallSign = "AMB-8" }, "visitor": func(t *Ticket) { t.Visitor[9] ^= 1 },
		"encounter": func(t *Ticket) { t.Encounter[9] ^= 1 }, "end": func(t *Ticket) { t.Until++ }, "address": func(t *Ticket) { t.Addresses[0] = "192.168.4.2:7700" },
	} {
		v := aTicket()
		change(&v)
		if now, err := v.SixWords(); err != nil || now == words {
			t.Errorf("with another %s the words are the same, %v", what, err)
		}
	}
}

// Tickets are on paper and in pictures, so what one says never changes. The line and
// the words were computed in Python, from RFC 8949, RFC 4648 with Crockford's letters
// and arXiv 0901.4016, without this package.
func TestWhatATicketSaysNeverChanges(t *testing.T) {
	key := func(n byte) Key {
		var seed [32]byte
		for i := range seed {
			seed[i] = n
		}
		return PublicOf(ed25519.NewKeyFromSeed(seed[:]))
	}
	v := Ticket{Team: journal.TeamID{31: 9}, Name: "north", Host: key(1), CallSign: "A1", Visitor: key(2), Encounter: chart.ID{15: 5}, Until: 1795400000000, Addresses: []string{"10.0.0.1:7700"}}
	line, err := v.Text()
	if err != nil {
		t.Fatal(err)
	}
	words, err := v.SixWords()
	if err != nil {
		t.Fatal(err)
	}
	const (
		wantLine  = "FKVISIT1-N00NG8000000000000000000000000000000000000000000000000001416AVKFE9T6G0TR4258HRYXEG4Z35FXABDJTF5TBNSCMSR9QWES84GVYDT8G0DM1XQNR13284RGAP10G4WQE3N8FMBNYNN3AHKC6K3YSK5RV2MHPKQ3F8JXYR7NQ3Y9PEA0CM000000000000000000000000050WDG0001M832VRG0120PTC9G5RR2WC1E64X3EDSG62R8NV81"
		wantWords = "jupos dinom zirul bilof rosom panus"
	)
	if line != wantLine {
		t.Errorf("the ticket is\n%s, wanted\n%s", line, wantLine)
	}
	if words != wantWords {
		t.Errorf("the words are %q, wanted %q", words, wantWords)
	}
}

func aVouch() Vouch {
	return Vouch{
		Shown: []Shown{{Encounter: chart.ID{9}, Until: 5}, {Encounter: chart.ID{3}, Until: 7, Erased: true}},
		Writers: []Writer{
			{Key: PublicOf(keyNamed("tent")), CallSign: "TENT", Kind: Clinic, Out: true, Trusted: []Reach{{chart.Epoch{2}, 9}, {chart.Epoch{1}, 4}}},
			{Key: PublicOf(keyNamed("ambulance")), CallSign: "AMB-7", Kind: Ambulance},
		},
	}
}

func TestAVouchSaysWhoseWordsCountAndHowFar(t *testing.T) {
	b, err := aVouch().Encode()
	if err != nil {
		t.Fatal(err)
	}
	v, err := DecodeVouch(b)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := v.Encode(); err != nil || hex.EncodeToString(again) != hex.EncodeToString(b) {
		t.Errorf("it is written again as %x, %v, and was %x", again, err, b)
	}
	tent, crew := PublicOf(keyNamed("tent")).Device(), PublicOf(keyNamed("ambulance")).Device()
	for _, row := range []struct {
		at   chart.Ref
		want bool
	}{
		{chart.Ref{Device: crew, Epoch: chart.Epoch{1}, Seq: 100}, true},
		{chart.Ref{Device: tent, Epoch: chart.Epoch{1}, Seq: 4}, true},
		{chart.Ref{Device: tent, Epoch: chart.Epoch{1}, Seq: 5}, false},
		{chart.Ref{Device: tent, Epoch: chart.Epoch{2}, Seq: 9}, true},
		{chart.Ref{Device: tent, Epoch: chart.Epoch{3}, Seq: 1}, false},
		{chart.Ref{Device: chart.Device{7}, Epoch: chart.Epoch{1}, Seq: 1}, false},
	} {
		got := false
		for _, w := range v.Writers {
			got = got || w.Trusts(row.at)
		}
		if got != row.want {
			t.Errorf("%v is trusted: %v, want %v", row.at, got, row.want)
		}
	}
}

func FuzzTicket(f *testing.F) {
	s := text(f, aTicket())
	b, err := keyEncoding.DecodeString(s[strings.IndexByte(s, '-')+1:])
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b[:len(b)-4])
	// The checksum is put on here, or the fuzzer would not get past it.
	f.Fuzz(func(t *testing.T, b []byte) {
		s := prefixTicket + "-" + keyEncoding.EncodeToString(append(b[:len(b):len(b)], lineSum(prefixTicket, b)...))
		v, err := ParseTicket(s)
		if err != nil {
			return
		}
		if again, err := v.Text(); err != nil || again != s {
			t.Fatalf("%s is written as %s, %v", s, again, err)
		}
		if _, err := v.SixWords(); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzVouch(f *testing.F) {
	b, err := aVouch().Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte{0xa0})
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := DecodeVouch(b)
		if err != nil {
			return
		}
		again, err := v.Encode()
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if w, err := DecodeVouch(again); err != nil || len(w.Writers) != len(v.Writers) || len(w.Shown) != len(v.Shown) {
			t.Fatalf("%+v is read again as %+v, %v", v, w, err)
		}
	})
}
