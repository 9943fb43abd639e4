package journal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"testing"

	"fieldkit/triage/chart"
)

func keyFor(name string) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(named("key of "+name, 32))
}

func writerFor(t testing.TB, name string, log Log, epoch chart.Epoch) *Writer {
	t.Helper()
	w, err := NewWriter(keyFor(name), TeamID(named("team", 32)), log, epoch, Link{})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// write appends n entries and seals them.
func write(t testing.TB, w *Writer, n int) Piece {
	t.Helper()
	p := Piece{Head: w.Head()}
	for i := range n {
		at := noon + int64(w.Head().Seq)*1000
		b, err := EncodeBody(bodyAt(fmt.Sprint(i, w.Head().Seq), at))
		if err != nil {
			t.Fatal(err)
		}
		r, err := w.Append(b, Stamp(at, 0))
		if err != nil {
			t.Fatal(err)
		}
		p.Records = append(p.Records, r)
	}
	s, err := w.Seal()
	if err != nil {
		t.Fatal(err)
	}
	p.Seal = s
	return p
}

func copyPiece(p Piece) Piece {
	p.Records = slices.Clone(p.Records)
	for i, r := range p.Records {
		p.Records[i].Envelope, p.Records[i].Body = slices.Clone(r.Envelope), slices.Clone(r.Body)
	}
	return p
}

func TestARowOfPiecesIsTakenPieceByPiece(t *testing.T) {
	w := writerFor(t, "ambulance", Chart, epochNamed("x"))
	public := keyFor("ambulance").Public().(ed25519.PublicKey)
	h := w.Head()
	var all Piece
	all.Head = h
	for _, n := range []int{1, 64, 3, 1} {
		p := write(t, w, n)
		next, err := h.Extend(p, public)
		if err != nil {
			t.Fatal(err)
		}
		h = next
		all.Records, all.Seal = append(all.Records, p.Records...), p.Seal
	}
	if h != w.Head() || h.Seq != 69 {
		t.Errorf("reached %d %x, wanted %d %x", h.Seq, h.Chain, w.Head().Seq, w.Head().Chain)
	}
	// A peer that left out the seals between gives the same head for one signature.
	whole, err := all.Head.Extend(all, public)
	if err != nil || whole != h {
		t.Errorf("without the seals between: %v", err)
	}
}

func TestEveryBitOfAPieceCounts(t *testing.T) {
	w := writerFor(t, "ambulance", Chart, epochNamed("x"))
	public := keyFor("ambulance").Public().(ed25519.PublicKey)
	good := write(t, w, 3)
	refused := func(what string, at int, p Piece) {
		t.Helper()
		_, err := p.Head.Extend(p, public)
		var named *EntryError
		if !errors.As(err, &named) {
			t.Fatalf("%s %d spoiled: %v", what, at, err)
		}
	}
	for i := range good.Records {
		for at := range len(good.Records[i].Envelope) * 8 {
			p := copyPiece(good)
			p.Records[i].Envelope[at/8] ^= 1 << (at % 8)
			refused(fmt.Sprintf("entry %d, envelope bit", i+1), at, p)
		}
		for at := range len(good.Records[i].Body) * 8 {
			p := copyPiece(good)
			p.Records[i].Body[at/8] ^= 1 << (at % 8)
			_, err := p.Head.Extend(p, public)
			var named *EntryError
			if !errors.As(err, &named) || named.Ref.Seq != uint64(i+1) || !errors.Is(err, ErrBody) {
				t.Fatalf("entry %d, body bit %d spoiled: %v", i+1, at, err)
			}
		}
	}
	for at := range 64 * 8 {
		p := good
		p.Seal.Signature[at/8] ^= 1 << (at % 8)
		refused("signature bit", at, p)
	}
	for at := range 32 * 8 {
		p := good
		p.Seal.Chain[at/8] ^= 1 << (at % 8)
		refused("seal's chain, bit", at, p)
	}
}

func TestAPieceThatDoesNotFitSaysWhy(t *testing.T) {
	public := keyFor("ambulance").Public().(ed25519.PublicKey)
	w := writerFor(t, "ambulance", Chart, epochNamed("x"))
	first, second, third := write(t, w, 3), write(t, w, 2), write(t, w, 2)
	held := second.Head
	other := writerFor(t, "ambulance", Chart, epochNamed("x"))
	write(t, other, 2)
	fork := write(t, other, 1)
	forked := write(t, other, 2)
	elsewhere := write(t, writerFor(t, "ambulance", Chart, epochNamed("y")), 2)
	stranger := write(t, writerFor(t, "clinic", Chart, epochNamed("x")), 2)
	_ = fork
	edit := func(p Piece, f func(*Piece)) Piece {
		c := copyPiece(p)
		f(&c)
		return c
	}
	for _, c := range []struct {
		what string
		p    Piece
		key  ed25519.PublicKey
		want error
		seq  uint64
	}{
		{"a piece after a gap", third, public, ErrGap, 6},
		{"a piece from the beginning", first, public, ErrBehind, 1},
		{"the other branch of a fork", edit(forked, func(p *Piece) { p.Head.Chain[0] ^= 1 }), public, ErrFork, 4},
		{"a piece of another epoch", elsewhere, public, ErrPlace, 1},
		{"a piece of another device", stranger, public, ErrPlace, 1},
		{"another device's key", second, keyFor("clinic").Public().(ed25519.PublicKey), ErrKey, 4},
		{"a key of the wrong length", second, public[:31], ErrKey, 4},
		{"no entries", edit(second, func(p *Piece) { p.Records = nil }), public, ErrPiece, 4},
		{"1025 entries", edit(second, func(p *Piece) { p.Records = make([]Record, 1025) }), public, ErrPiece, 4},
		{"two entries swapped", edit(second, func(p *Piece) { p.Records[0], p.Records[1] = p.Records[1], p.Records[0] }), public, ErrPlace, 4},
		{"the last entry missing", edit(second, func(p *Piece) { p.Records = p.Records[:1] }), public, ErrSeal, 4},
		{"a seal of another piece", edit(second, func(p *Piece) { p.Seal = third.Seal }), public, ErrSeal, 5},
		{"a seal that names another seq", edit(second, func(p *Piece) { p.Seal.Seq++ }), public, ErrSeal, 5},
		{"a body called absent and there", edit(second, func(p *Piece) { p.Records[1].Absent = chart.Withheld }), public, ErrBody, 5},
		{"no body and no reason", edit(second, func(p *Piece) { p.Records[1].Body = nil }), public, ErrBody, 5},
		{"an envelope of version 0", edit(second, func(p *Piece) { p.Records[1].Envelope[2] = 0 }), public, ErrVersion, 5},
		{"an envelope that is no CBOR", edit(second, func(p *Piece) { p.Records[0].Envelope = []byte{0xff} }), public, ErrEncoding, 4},
		{"another team's opening", edit(first, func(p *Piece) { p.Head.Team[0] ^= 1 }), public, ErrPlace, 1},
	} {
		_, err := held.Extend(c.p, c.key)
		var named *EntryError
		if !errors.Is(err, c.want) || !errors.As(err, &named) || named.Ref.Seq != c.seq {
			t.Errorf("%s: %v, wanted %v at entry %d", c.what, err, c.want, c.seq)
		}
	}
}

func TestAnOpeningIsOfItsTeamAndDevice(t *testing.T) {
	w := writerFor(t, "ambulance", Chart, epochNamed("x"))
	p := write(t, w, 1)
	h := Start(TeamID{1}, w.Head().Device, Chart, epochNamed("x"))
	p.Head = h
	if _, err := h.Extend(p, keyFor("ambulance").Public().(ed25519.PublicKey)); !errors.Is(err, ErrPlace) {
		t.Errorf("an epoch of another team was taken: %v", err)
	}
}

// A device may seal what it likes; what does not stand where it says is refused
// all the same.
func TestASealDoesNotMakeAnEnvelopeFit(t *testing.T) {
	w := writerFor(t, "ambulance", Chart, epochNamed("x"))
	public := keyFor("ambulance").Public().(ed25519.PublicKey)
	body, err := EncodeBody(bodyAt("1", noon))
	if err != nil {
		t.Fatal(err)
	}
	for what, lie := range map[string]func(*Envelope){
		"another epoch":    func(e *Envelope) { e.Epoch = epochNamed("y") },
		"another log":      func(e *Envelope) { e.Log = Audit },
		"another team":     func(e *Envelope) { e.Opening.Team[0]++ },
		"another device":   func(e *Envelope) { e.Opening.Device[0]++ },
		"a later place":    func(e *Envelope) { e.Seq, e.Opening = 2, nil },
		"nothing but true": func(*Envelope) {},
	} {
		h := w.Head()
		e := Envelope{Version: Version, Log: h.Log, Epoch: h.Epoch, Seq: 1, Size: len(body), Body: sha256.Sum256(body), Opening: &Opening{Team: h.Team, Device: h.Device}}
		lie(&e)
		envelope, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		end := h
		end.Seq = 1
		end.Chain, _ = link(h.Chain, envelope, nil)
		p := Piece{Head: h, Records: []Record{{Envelope: envelope, Body: body}}, Seal: Seal{Seq: 1, Chain: end.Chain}}
		copy(p.Seal.Signature[:], ed25519.Sign(keyFor("ambulance"), sealed(end)))
		if _, err := h.Extend(p, public); errors.Is(err, ErrPlace) != (what != "nothing but true") {
			t.Errorf("a sealed envelope with %s: %v", what, err)
		}
	}
}

// One device's key cannot pass off a log as another team's, log's or epoch's: all
// are in the seal.
func TestASealHoldsForOnePlaceOnly(t *testing.T) {
	h := Head{Team: TeamID{1}, Device: chart.Device{2}, Log: Chart, Epoch: chart.Epoch{3}, Seq: 4, Chain: Hash{5}}
	seen := map[string]bool{string(sealed(h)): true}
	for what, change := range map[string]func(*Head){
		"team": func(h *Head) { h.Team[9]++ }, "log": func(h *Head) { h.Log++ }, "epoch": func(h *Head) { h.Epoch[9]++ },
		"seq": func(h *Head) { h.Seq++ }, "chain": func(h *Head) { h.Chain[9]++ },
	} {
		c := h
		change(&c)
		if m := string(sealed(c)); seen[m] {
			t.Errorf("a seal does not cover its %s", what)
		} else {
			seen[m] = true
		}
	}
	starts := map[Hash]bool{}
	for _, s := range []Head{
		Start(TeamID{1}, chart.Device{2}, Chart, chart.Epoch{3}), Start(TeamID{9}, chart.Device{2}, Chart, chart.Epoch{3}),
		Start(TeamID{1}, chart.Device{9}, Chart, chart.Epoch{3}), Start(TeamID{1}, chart.Device{2}, Audit, chart.Epoch{3}), Start(TeamID{1}, chart.Device{2}, Chart, chart.Epoch{9}),
	} {
		starts[s.Chain] = true
	}
	if len(starts) != 5 {
		t.Error("two epochs' chains start alike")
	}
}

func TestAWriterKeepsToItsBounds(t *testing.T) {
	w := writerFor(t, "ambulance", Chart, epochNamed("x"))
	if _, err := w.Seal(); err == nil {
		t.Error("an empty epoch was sealed")
	}
	body, err := EncodeBody(bodyAt("1", noon))
	if err != nil {
		t.Fatal(err)
	}
	for range MaxUnsealed {
		if _, err := w.Append(body, 0); err != nil {
			t.Fatal(err)
		}
	}
	before := w.Head()
	if _, err := w.Append(body, 0); !errors.Is(err, ErrSealFirst) || w.Head() != before {
		t.Errorf("entry 65 without a seal: %v", err)
	}
	if _, err := w.Seal(); err != nil || w.Unsealed() != 0 {
		t.Fatal(err)
	}
	for what, b := range map[string][]byte{"no body": nil, "64 KiB and one byte": make([]byte, MaxBody+1)} {
		before := w.Head()
		if _, err := w.Append(b, 0); err == nil || w.Head() != before {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := NewWriter(keyFor("a"), TeamID{}, 6, epochNamed("x"), Link{}); err == nil {
		t.Error("log 6 was opened")
	}
	if _, err := NewWriter(keyFor("a"), TeamID{}, Chart, chart.Epoch{}, Link{}); err == nil {
		t.Error("an epoch without an id was opened")
	}
	if _, err := NewWriter(nil, TeamID{}, Chart, epochNamed("x"), Link{}); err == nil {
		t.Error("an epoch was opened without a key")
	}
}

func TestABodyThatComesLaterIsHeldAgainstItsEnvelope(t *testing.T) {
	p := write(t, writerFor(t, "ambulance", Chart, epochNamed("x")), 2)
	if err := CheckBody(p.Records[0].Envelope, p.Records[0].Body); err != nil {
		t.Error(err)
	}
	if err := CheckBody(p.Records[0].Envelope, p.Records[1].Body); !errors.Is(err, ErrBody) {
		t.Errorf("another entry's body was taken: %v", err)
	}
}

// What Extend takes must be what the device sealed, whatever the bytes.
func FuzzPiece(f *testing.F) {
	w := writerFor(f, "ambulance", Chart, epochNamed("x"))
	good := write(f, w, 2)
	public := keyFor("ambulance").Public().(ed25519.PublicKey)
	f.Add(good.Records[0].Envelope, good.Records[0].Body, good.Records[1].Envelope, good.Records[1].Body, uint8(0), good.Seal.Signature[:])
	f.Add(good.Records[0].Envelope, good.Records[0].Body, good.Records[1].Envelope, []byte(nil), uint8(2), good.Seal.Signature[:])
	f.Fuzz(func(t *testing.T, e1, b1, e2, b2 []byte, absent uint8, signature []byte) {
		p := Piece{Head: good.Head, Seal: good.Seal, Records: []Record{{Envelope: e1, Body: b1}, {Envelope: e2, Body: b2, Absent: chart.Absent(absent)}}}
		p.Seal.Signature = [64]byte{}
		copy(p.Seal.Signature[:], signature)
		h, err := p.Head.Extend(p, public)
		if err != nil {
			return
		}
		if h != w.Head() || !bytes.Equal(e1, good.Records[0].Envelope) || !bytes.Equal(e2, good.Records[1].Envelope) || !bytes.Equal(b1, good.Records[0].Body) {
			t.Fatal("a piece that was never sealed was taken")
		}
		if b2 != nil && !bytes.Equal(b2, good.Records[1].Body) {
			t.Fatal("a body that was never sealed was taken")
		}
	})
}

// A seal that was not signed for this place is refused, whatever its bytes.
func FuzzSeal(f *testing.F) {
	w := writerFor(f, "ambulance", Chart, epochNamed("x"))
	good := write(f, w, 1)
	public := keyFor("ambulance").Public().(ed25519.PublicKey)
	f.Add(good.Seal.Seq, good.Seal.Chain[:], good.Seal.Signature[:])
	f.Add(uint64(1)<<63, make([]byte, 32), make([]byte, 64))
	f.Fuzz(func(t *testing.T, seq uint64, chain, signature []byte) {
		p := good
		p.Seal = Seal{Seq: seq}
		copy(p.Seal.Chain[:], chain)
		copy(p.Seal.Signature[:], signature)
		if _, err := p.Head.Extend(p, public); err == nil && p.Seal != good.Seal {
			t.Fatalf("seal %+v was taken", p.Seal)
		}
	})
}

// The cost of an entry: 500-byte bodies, a seal every 64. The peer is the bare
// hashing and one signature of the same bytes, in the same run.
func BenchmarkAppendAndSeal(b *testing.B) {
	body := body500(b)
	w := writerFor(b, "ambulance", Chart, epochNamed("x"))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Append(body, Stamp(noon, 0)); err != nil {
			b.Fatal(err)
		}
		if w.Unsealed() == MaxUnsealed {
			if _, err := w.Seal(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkVerify64(b *testing.B) {
	w := writerFor(b, "ambulance", Chart, epochNamed("x"))
	public := keyFor("ambulance").Public().(ed25519.PublicKey)
	body := body500(b)
	p := Piece{Head: w.Head()}
	for range 64 {
		r, err := w.Append(body, Stamp(noon, 0))
		if err != nil {
			b.Fatal(err)
		}
		p.Records = append(p.Records, r)
	}
	p.Seal, _ = w.Seal()
	b.Run("Extend", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := p.Head.Extend(p, public); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/64, "ns/entry")
	})
	b.Run("bare hashes and signature", func(b *testing.B) {
		message := sealed(w.Head())
		for b.Loop() {
			for _, r := range p.Records {
				sha256.Sum256(r.Body)
				sha256.Sum256(r.Envelope)
			}
			if !ed25519.Verify(public, message, p.Seal.Signature[:]) {
				b.Fatal("signature")
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/64, "ns/entry")
	})
}

func BenchmarkEncodeBody(b *testing.B) {
	body := bodyAt("1", noon)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := EncodeBody(body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeBody(b *testing.B) {
	body := body500(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeBody(body); err != nil {
			b.Fatal(err)
		}
	}
}

func body500(t testing.TB) []byte {
	t.Helper()
	v := bodyAt("1", noon)
	v.Saw = []chart.Ref{{Device: chart.Device{1}, Epoch: chart.Epoch{2}, Seq: 300}}
	v.Content = appendBytes(nil, make([]byte, 340))
	b, err := EncodeBody(v)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) < 490 || len(b) > 510 {
		t.Fatalf("the body is %d bytes", len(b))
	}
	return b
}
