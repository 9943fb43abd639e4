package parcel_test

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/sync/meshtest"
	"fieldkit/sync/parcel"
	"fieldkit/triage/chart"
)

var (
	team = journal.TeamID{0: 7}
	made = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	ctx  = context.Background()
)

type roster map[chart.Device]identity.Key

func rosterOf(names ...string) roster {
	r := roster{}
	for _, n := range names {
		k := identity.PublicOf(meshtest.Key(n))
		r[k.Device()] = k
	}
	return r
}

func (r roster) key(d chart.Device) (ed25519.PublicKey, bool) {
	k, ok := r[d]
	return k.Public(), ok
}

func (r roster) admit(k identity.Key) error {
	if _, ok := r[k.Device()]; !ok {
		return identity.ErrUnknown
	}
	return nil
}

func (r roster) all() (list []identity.Key) {
	for _, k := range r {
		list = append(list, k)
	}
	return list
}

type station struct {
	name   string
	roster roster
	ledger *meshtest.Ledger
	pen    *meshtest.Pen
}

func newStation(name string, r roster) *station {
	return &station{name, r, meshtest.NewLedger(team, r.key), meshtest.NewPen(meshtest.Key(name), team)}
}

func (s *station) write(t testing.TB, log journal.Log, n int) {
	t.Helper()
	for i := range n {
		p, err := s.pen.Piece(log, fmt.Appendf(nil, "Anna Muster, morphine %d mg", i))
		if err == nil {
			err = s.ledger.Append(p)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (s *station) parcel(t testing.TB, to ...identity.Key) []byte {
	t.Helper()
	var b bytes.Buffer
	_, err := parcel.Write(ctx, &b, parcel.Contents{Key: meshtest.Key(s.name), Team: team, To: to, Ledger: s.ledger, Made: made})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (s *station) read(b []byte) (parcel.Report, error) {
	return parcel.Read(ctx, bytes.NewReader(b), parcel.Reading{Key: meshtest.Key(s.name), Team: team, Admit: s.roster.admit, Ledger: s.ledger})
}

func TestAParcelBringsWhatTheOtherLacks(t *testing.T) {
	r := rosterOf("ambulance", "clinic", "kiosk")
	a, b := newStation("ambulance", r), newStation("clinic", r)
	a.write(t, journal.Team, 2)
	a.write(t, journal.Chart, 200)
	a.write(t, journal.Stream, 5)
	b.write(t, journal.Chart, 3)
	stick := a.parcel(t, r.all()...)
	if bytes.Contains(stick, []byte("Anna")) || bytes.Contains(stick, []byte("morphine")) {
		t.Fatal("a name or a drug stands in the clear")
	}
	got, err := b.read(stick)
	if err != nil {
		t.Fatal(err)
	}
	if got.New != 202 || got.Entries != 202 || got.From != a.pen.Device() || !got.Made.Equal(made) || b.ledger.Entries() != 205 {
		t.Errorf("%+v, and the clinic holds %d entries", got, b.ledger.Entries())
	}
	again, err := b.read(stick)
	if err != nil || again.New != 0 || !strings.Contains(again.String(), "already here") {
		t.Errorf("the same parcel again: %q, %v", again, err)
	}
	// The way back leaves out what the ambulance is known to hold.
	held := map[journal.Head]uint64{}
	for _, h := range got.Heads {
		seq := h.Seq
		h.Seq, h.Chain = 0, journal.Hash{}
		held[h] = seq
	}
	var back bytes.Buffer
	out, err := parcel.Write(ctx, &back, parcel.Contents{
		Key: meshtest.Key("clinic"), Team: team, To: r.all(), Ledger: b.ledger, Made: made,
		Has: func(h journal.Head) uint64 { h.Seq, h.Chain = 0, journal.Hash{}; return held[h] },
	})
	if err != nil || out.Entries != 3 || out.Bytes != int64(back.Len()) {
		t.Errorf("the parcel back: %+v, %v; wanted the clinic's own 3 entries", out, err)
	}
	if _, err := a.read(back.Bytes()); err != nil || a.ledger.Entries() != 205 {
		t.Errorf("the ambulance holds %d entries: %v", a.ledger.Entries(), err)
	}
}

// Each row is a file that must change nothing, and the reason that is given.
func TestAParcelThatIsNotGoodChangesNothing(t *testing.T) {
	r := rosterOf("ambulance", "clinic", "kiosk")
	a := newStation("ambulance", r)
	a.write(t, journal.Chart, 300)
	clinic, kiosk := identity.PublicOf(meshtest.Key("clinic")), identity.PublicOf(meshtest.Key("kiosk"))
	good := a.parcel(t, clinic)
	flip := func(i int) []byte { b := bytes.Clone(good); b[i] ^= 1; return b }
	stranger := newStation("stranger", rosterOf("stranger"))
	stranger.write(t, journal.Chart, 1)
	other := func() []byte {
		var b bytes.Buffer
		l := meshtest.NewLedger(journal.TeamID{9}, r.key)
		parcel.Write(ctx, &b, parcel.Contents{Key: meshtest.Key("ambulance"), Team: journal.TeamID{9}, To: []identity.Key{clinic}, Ledger: l, Made: made})
		return b.Bytes()
	}()
	forged := func() []byte {
		var b bytes.Buffer
		c := parcel.Contents{Key: meshtest.Key("stranger"), Team: team, To: []identity.Key{clinic}, Ledger: a.ledger, Made: made}
		if err := parcel.Forge(&b, c, identity.PublicOf(meshtest.Key("ambulance"))); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}()
	for _, row := range []struct {
		name string
		file []byte
		want error
	}{
		{"signed by a stranger in the ambulance's name", forged, parcel.ErrSender},
		{"a photograph", []byte("\xff\xd8\xff\xe0 JFIF and so on, quite long, longer than a header"), parcel.ErrNotParcel},
		{"an empty file", nil, parcel.ErrNotParcel},
		{"of a later version", flip(16), parcel.ErrLater},
		{"of another team", other, parcel.ErrOtherTeam},
		{"for another tablet", a.parcel(t, kiosk), parcel.ErrNotForUs},
		{"by nobody of the team", stranger.parcel(t, clinic), parcel.ErrSender},
		{"with a bit changed in the sealed key", flip(100), parcel.ErrDamaged},
		{"with a bit changed in the entries", flip(len(good) / 2), parcel.ErrDamaged},
		{"with a bit changed at the end", flip(len(good) - 1), parcel.ErrDamaged},
		{"with bytes after the end", append(bytes.Clone(good), 0), parcel.ErrDamaged},
		{"cut within the header", good[:60], parcel.ErrCutShort},
		{"cut within the entries", good[:len(good)/2], parcel.ErrCutShort},
		{"cut before the last byte", good[:len(good)-1], parcel.ErrCutShort},
		{"with the last frame missing", good[:len(good)-(4+1+32+8+64+16)], parcel.ErrCutShort},
	} {
		b := newStation("clinic", r)
		if _, err := b.read(row.file); !errors.Is(err, row.want) {
			t.Errorf("%s: %v", row.name, err)
		}
		if n := b.ledger.Entries(); n != 0 {
			t.Errorf("%s: %d entries came in", row.name, n)
		}
	}
}

func TestEveryCutOfACopyIsSeen(t *testing.T) {
	r := rosterOf("ambulance", "clinic")
	a := newStation("ambulance", r)
	a.write(t, journal.Chart, 20)
	good := a.parcel(t, r.all()...)
	for n := range len(good) {
		b := newStation("clinic", r)
		if _, err := b.read(good[:n]); err == nil || b.ledger.Entries() != 0 {
			t.Fatalf("cut at %d of %d: %v and %d entries", n, len(good), err, b.ledger.Entries())
		}
	}
}

func TestAForgedEntryInAGoodParcelIsLeftOut(t *testing.T) {
	r := rosterOf("ambulance", "clinic")
	a, b := newStation("ambulance", r), newStation("clinic", r)
	a.write(t, journal.Chart, 5)
	a.pen.Turn(journal.Chart)
	p, err := a.pen.Piece(journal.Chart, []byte("given: morphine 10 mg"))
	if err != nil {
		t.Fatal(err)
	}
	p.Records[0].Body = []byte("given: morphine 90 mg")
	if err := a.ledger.Append(p); err != nil {
		t.Fatal(err)
	}
	got, err := b.read(a.parcel(t, r.all()...))
	if err != nil || got.Refused != 1 || got.New != 5 || !strings.Contains(got.String(), "refused") {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAPulledStickIsToldApartFromABadOne(t *testing.T) {
	r := rosterOf("ambulance", "clinic")
	a := newStation("ambulance", r)
	a.write(t, journal.Chart, 20)
	pulled := errors.New("input/output error")
	_, err := parcel.Write(ctx, failing{pulled}, parcel.Contents{Key: meshtest.Key("ambulance"), Team: team, To: r.all(), Ledger: a.ledger})
	if !errors.Is(err, pulled) || !strings.Contains(err.Error(), "stick") {
		t.Errorf("writing: %v", err)
	}
	_, err = parcel.Write(ctx, io.Discard, parcel.Contents{Key: meshtest.Key("ambulance"), Team: team, Ledger: a.ledger})
	if err == nil {
		t.Error("a parcel for nobody was made")
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// A device's X25519 public key must be the one that belongs to its private half
// by RFC 8032 and RFC 7748: the standard library's, from the seed.
func TestADevicesKeyOpensWhatWasSealedToIt(t *testing.T) {
	for range 50 {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		h := sha512.Sum512(key.Seed())
		k, err := ecdh.X25519().NewPrivateKey(h[:32])
		if err != nil {
			t.Fatal(err)
		}
		got, err := parcel.BoxBytes(identity.PublicOf(key))
		if err != nil || !bytes.Equal(got, k.PublicKey().Bytes()) {
			t.Fatalf("%x: %v, wanted %x", got, err, k.PublicKey().Bytes())
		}
	}
	// The base points: y = 4/5 on Ed25519 is u = 9 on Curve25519 (RFC 7748, 4.1).
	y, _ := hex.DecodeString("5866666666666666666666666666666666666666666666666666666666666666")
	if u, err := parcel.BoxBytes(identity.Key(y)); err != nil || u[0] != 9 || !bytes.Equal(u[1:], make([]byte, 31)) {
		t.Errorf("the base point became %x: %v", u, err)
	}
	for _, bad := range []byte{0, 1} { // y = 1 has no u; y = 0 is of small order
		if u, err := parcel.BoxBytes(identity.Key{bad}); err == nil && bad == 1 {
			t.Errorf("y = %d became %x", bad, u)
		}
	}
}

func FuzzRead(f *testing.F) {
	r := rosterOf("ambulance", "clinic")
	a := newStation("ambulance", r)
	a.write(f, journal.Chart, 3)
	good := a.parcel(f, r.all()...)
	f.Add(good)
	f.Add(good[:len(good)-10])
	f.Fuzz(func(t *testing.T, b []byte) {
		s := newStation("clinic", r)
		// The seeds are of another process, whose parcel was sealed with other chance.
		if report, err := s.read(b); err == nil && (report.From != a.pen.Device() || s.ledger.Entries() != 3) {
			t.Errorf("a forged parcel of %x was opened and gave %d entries", report.From[:4], s.ledger.Entries())
		}
	})
}
