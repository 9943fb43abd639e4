package journal

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"fieldkit/triage/chart"
)

func drawBody(t *rapid.T) Body {
	within := rapid.Int64Range(-MaxSeq, MaxSeq)
	fill := func(into []byte, name string) {
		copy(into, rapid.SliceOfN(rapid.Byte(), len(into), len(into)).Draw(t, name))
	}
	author := func() chart.Author {
		return chart.Author{Staff: rapid.StringN(0, 20, MaxStaff).Draw(t, "staff"), Checked: chart.Checked(rapid.IntRange(0, 3).Draw(t, "checked"))}
	}
	b := Body{
		Wall: within.Draw(t, "wall"), Trust: chart.Trust(rapid.IntRange(0, 4).Draw(t, "trust")), Mono: rapid.Int64Range(0, MaxSeq).Draw(t, "mono"),
		Author: author(), Type: chart.Type(rapid.IntRange(1, 65535).Draw(t, "type")), Demo: rapid.Bool().Draw(t, "demo"),
		Content: appendText(nil, rapid.String().Draw(t, "content")),
	}
	b.Happened = b.Wall
	if rapid.Bool().Draw(t, "late") {
		b.Happened = within.Draw(t, "happened")
	}
	if rapid.Bool().Draw(t, "witnessed") {
		w := author()
		b.Witness = &w
	}
	fill(b.Salt[:], "salt")
	fill(b.Boot[:], "boot")
	if rapid.Bool().Draw(t, "of a patient") {
		fill(b.Patient[:], "patient")
		fill(b.Encounter[:], "encounter")
	}
	seen := map[Place]bool{}
	for range rapid.IntRange(0, 6).Draw(t, "saw") {
		var r chart.Ref
		r.Device[0], r.Epoch[0] = rapid.Byte().Draw(t, "device"), rapid.Byte().Draw(t, "epoch")
		r.Seq = rapid.Uint64Range(1, MaxSeq).Draw(t, "seq")
		if p := (Place{r.Device, r.Epoch}); !seen[p] {
			seen[p] = true
			b.Saw = append(b.Saw, r)
		}
	}
	return b
}

func TestABodyReadsBackAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawBody(t)
		encoded, err := EncodeBody(b)
		if err != nil {
			t.Fatal(err)
		}
		if err := readItem(encoded); err != nil {
			t.Fatalf("the body is not deterministic CBOR: %v", err)
		}
		got, err := DecodeBody(encoded)
		if err != nil {
			t.Fatal(err)
		}
		again, err := EncodeBody(got)
		if err != nil || !bytes.Equal(encoded, again) {
			t.Fatalf("%x became %x, %v", encoded, again, err)
		}
		if got.Wall != b.Wall || got.Happened != b.Happened || got.Mono != b.Mono || got.Author != b.Author || got.Patient != b.Patient ||
			got.Type != b.Type || got.Demo != b.Demo || len(got.Saw) != len(b.Saw) || (got.Witness == nil) != (b.Witness == nil) || !bytes.Equal(got.Content, b.Content) {
			t.Fatalf("%+v became %+v", b, got)
		}
	})
}

func TestABodyThatCannotBeIsNotWritten(t *testing.T) {
	good := Body{Wall: noon, Happened: noon, Type: 60, Content: content}
	for what, change := range map[string]func(*Body){
		"no content":                        func(b *Body) { b.Content = nil },
		"two contents":                      func(b *Body) { b.Content = []byte{0xa0, 0xa0} },
		"a float in the content":            func(b *Body) { b.Content = []byte{0xf9, 0x3c, 0x00} },
		"no type":                           func(b *Body) { b.Type = 0 },
		"a negative monotonic time":         func(b *Body) { b.Mono = -1 },
		"a wall time beyond 53 bits":        func(b *Body) { b.Wall = 1 << 53 },
		"a trust that is not known":         func(b *Body) { b.Trust = 5 },
		"a witness checked in no known way": func(b *Body) { b.Witness = &chart.Author{Checked: 9} },
		"a staff id of 129 bytes":           func(b *Body) { b.Author.Staff = strings.Repeat("x", 129) },
		"an epoch twice in saw":             func(b *Body) { b.Saw = []chart.Ref{{Seq: 1}, {Seq: 2}} },
		"seq 0 in saw":                      func(b *Body) { b.Saw = []chart.Ref{{}} },
		"64 KiB of content":                 func(b *Body) { b.Content = appendBytes(nil, make([]byte, MaxBody)) },
	} {
		b := good
		change(&b)
		if got, err := EncodeBody(b); err == nil {
			t.Errorf("a body with %s was written as %x", what, got[:min(len(got), 40)])
		}
	}
	// A body of exactly 64 KiB is written and read.
	full := good
	small, err := EncodeBody(good)
	if err != nil {
		t.Fatal(err)
	}
	const head = 3 // bytes before a byte string of 256 to 65535
	full.Content = appendBytes(nil, make([]byte, MaxBody-(len(small)-len(content))-head))
	b, err := EncodeBody(full)
	if err != nil || len(b) != MaxBody {
		t.Fatalf("a body of %d bytes: %v", len(b), err)
	}
	if _, err := DecodeBody(b); err != nil {
		t.Error(err)
	}
}

func TestEncodeDoesNotReorderTheCallersSaw(t *testing.T) {
	saw := []chart.Ref{{Device: chart.Device{9}, Seq: 1}, {Device: chart.Device{1}, Seq: 1}}
	if _, err := EncodeBody(Body{Type: 1, Content: content, Saw: saw}); err != nil {
		t.Fatal(err)
	}
	if saw[0].Device[0] != 9 {
		t.Error("saw was sorted in place")
	}
}

// note is a content for these tests.
type note struct {
	Text  string    `cbor:"1,keyasint,omitempty"`
	Count int64     `cbor:"2,keyasint,omitempty"`
	At    time.Time `cbor:"3,keyasint,omitzero"`
	Deep  []int     `cbor:"4,keyasint,omitempty"`
}

func (*note) Type() chart.Type { return 50_000 }
func (*note) Validate() error  { return nil }

type weight struct {
	Kilograms float64 `cbor:"1,keyasint"`
}

func (*weight) Type() chart.Type { return 50_001 }
func (*weight) Validate() error  { return nil }

func testKinds(t chart.Type) (chart.Content, bool) {
	if t == 50_000 {
		return new(note), true
	}
	return nil, false
}

func TestAContentReadsBackAsItWasWritten(t *testing.T) {
	want := &note{Text: "tourniquet 12:04", Count: -3, At: time.Date(2026, 3, 1, 12, 4, 5, 678_000_001, time.UTC), Deep: []int{1, 2}}
	b, err := EncodeContent(want)
	if err != nil {
		t.Fatal(err)
	}
	c, err := DecodeContent(50_000, b, testKinds)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.(*note); got.Text != want.Text || got.Count != want.Count || !got.At.Equal(want.At) || len(got.Deep) != 2 {
		t.Errorf("%+v became %+v", want, got)
	}
	if b, err := EncodeContent(&weight{70.5}); err == nil {
		t.Errorf("a float was written as %x: it must be a decimal", b)
	}
}

func TestAContentThatIsNotUnderstoodWhollyIsUnread(t *testing.T) {
	for what, b := range map[string][]byte{
		"a key of a later version":           {0xa2, 1, 0x61, 'a', 9, 1},
		"null where a number belongs":        {0xa1, 2, 0xf6},
		"an empty text spelled out":          {0xa1, 1, 0x60},
		"a text where a number belongs":      {0xa1, 2, 0x61, '7'},
		"an array":                           {0x81, 1},
		"a number beyond 64 bits signed":     {0xa1, 2, 0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		"keys as text, as another encoder":   {0xa1, 0x64, 'T', 'e', 'x', 't', 0x61, 'a'},
		"null in place of the whole content": {0xf6},
	} {
		if c, err := DecodeContent(50_000, b, testKinds); !errors.Is(err, ErrUnread) {
			t.Errorf("%s: %+v, %v, wanted unread", what, c, err)
		}
	}
	if c, err := DecodeContent(777, []byte{0xa0}, testKinds); !errors.Is(err, ErrUnread) {
		t.Errorf("a type that is not known: %+v, %v", c, err)
	}
}

func TestEveryEntryReachesTheFoldOrSaysWhyNot(t *testing.T) {
	body, err := EncodeContent(&note{Text: "x"})
	if err != nil {
		t.Fatal(err)
	}
	known := bodyAt("known", noon)
	known.Type, known.Content = 50_000, body
	unknown := known
	unknown.Type = 50_777
	write := func(b Body) []byte {
		out, err := EncodeBody(b)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	later := func(e []byte) []byte {
		return bytes.Replace(e, []byte{0xa9, 0, 1}, []byte{0xa9, 0, 2}, 1)
	}
	for _, c := range []struct {
		what   string
		body   []byte
		absent chart.Absent
		edit   func([]byte) []byte
		want   chart.Absent
	}{
		{"a known content", write(known), chart.Present, nil, chart.Present},
		{"a type of a later version", write(unknown), chart.Present, nil, chart.Unread},
		{"an envelope of a later version", write(known), chart.Present, later, chart.Unread},
		{"a body that is no CBOR", []byte{0xff}, chart.Present, nil, chart.Unread},
		{"a body on its way", write(known), chart.Unfetched, nil, chart.Unfetched},
		{"a withheld body", write(known), chart.Withheld, nil, chart.Withheld},
		{"an erased body", write(known), chart.Erased, nil, chart.Erased},
	} {
		w := writerFor(t, "ambulance", Chart, epochNamed("x"))
		r, err := w.Append(c.body, Stamp(noon, 0))
		if err != nil {
			t.Fatal(err)
		}
		if c.edit != nil {
			r.Envelope = c.edit(r.Envelope)
		}
		if r.Absent = c.absent; c.absent != chart.Present {
			r.Body = nil
		}
		e, err := Read(w.Head().Device, r, testKinds)
		if e.Absent != c.want || (e.Absent == chart.Unread) != (err != nil) {
			t.Errorf("%s: absent is %v, %v", c.what, e.Absent, err)
		}
		if e.Ref != w.Head().Ref(1) || (e.Content != nil) != (c.want == chart.Present) {
			t.Errorf("%s: stands at %v with content %v", c.what, e.Ref, e.Content)
		}
		if c.want == chart.Present && (!e.Wall.Equal(Time(noon)) || e.Patient != known.Patient || e.Mono != 5*time.Second || e.Boot != known.Boot) {
			t.Errorf("%s: %+v", c.what, e)
		}
	}
}

func FuzzBody(f *testing.F) {
	v := readVectors(f)
	for _, e := range v.Epochs {
		for _, r := range recordsOf(f, e) {
			if len(r.Body) < 2000 {
				f.Add(r.Body)
			}
		}
	}
	for _, r := range v.Refused {
		if r.What == "body" && len(r.Bytes) < 2000 {
			f.Add([]byte(r.Bytes))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := DecodeBody(b)
		if err != nil {
			return
		}
		again, err := EncodeBody(v)
		if err != nil || !bytes.Equal(b, again) {
			t.Fatalf("%x was taken and is written as %x, %v", b, again, err)
		}
	})
}

func FuzzEnvelope(f *testing.F) {
	v := readVectors(f)
	for _, e := range v.Epochs {
		for _, r := range recordsOf(f, e) {
			f.Add(r.Envelope)
		}
	}
	for _, r := range v.Refused {
		if r.What == "envelope" {
			f.Add([]byte(r.Bytes))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := DecodeEnvelope(b)
		if err != nil {
			return
		}
		if e.Version == 0 || e.Seq == 0 || e.Size < 1 || e.Size > MaxBody || len(b) > MaxEnvelope {
			t.Fatalf("%x was taken as %+v", b, e)
		}
		if e.Version != Version {
			return
		}
		again, err := e.Encode()
		if err != nil || !bytes.Equal(b, again) {
			t.Fatalf("%x was taken and is written as %x, %v", b, again, err)
		}
	})
}
