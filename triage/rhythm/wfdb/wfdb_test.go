package wfdb

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"fieldkit/build/foreign"
	"pgregory.net/rapid"
)

// The number of beats of each whole record, as the MIT-BIH Arrhythmia Database
// Directory prints them (G. Moody, R. Mark, 3rd ed., tables of beat types).
var directoryBeats = map[string]int{
	"101": 1865, "102": 2187, "104": 2229, "106": 2027, "108": 1763, "109": 2532, "112": 2539, "114": 1879,
	"115": 1953, "116": 2412, "118": 2278, "119": 1987, "122": 2476, "124": 1619, "201": 1963, "203": 2980,
	"205": 2656, "207": 1860, "208": 2955, "209": 3005, "215": 3363, "220": 2048, "223": 2605, "230": 2256,
}

func TestMITBIHRecordsReadAsTheirHeadersAndDirectorySay(t *testing.T) {
	dir := foreign.Dir(t, "devices", "mitdb")
	for name, beats := range directoryBeats {
		// Open compares the 16-bit sum of every sample with the header's.
		r, err := Open(os.DirFS(dir), name+".hea")
		if err != nil {
			t.Errorf("record %s: %v", name, err)
			continue
		}
		if r.Rate != 360 || len(r.Signals) != 2 {
			t.Errorf("record %s: %d signals at %g Hz, want 2 at 360", name, len(r.Signals), r.Rate)
		}
		for i, s := range r.Signals {
			if len(r.Counts[i]) != 650000 || int(r.Counts[i][0]) != s.First || !s.Checked {
				t.Errorf("record %s signal %d: %d samples from %d, want 650000 from %d", name, i, len(r.Counts[i]), r.Counts[i][0], s.First)
			}
			if s.Gain != 200 || s.Baseline != 1024 || s.Unit != "mV" {
				t.Errorf("record %s signal %d: gain %g, baseline %d, unit %s", name, i, s.Gain, s.Baseline, s.Unit)
			}
		}
		marks, err := ReadAnnotations(foreign.Read(t, "devices", "mitdb", name+".atr"))
		if err != nil {
			t.Errorf("record %s: %v", name, err)
		}
		n := 0
		for _, m := range marks {
			if m.Code.Beat() {
				n++
			}
		}
		if n != beats {
			t.Errorf("record %s: %d beats, the directory says %d", name, n, beats)
		}
	}
}

func TestAnnotationFilesAreWrittenAsTheyWereRead(t *testing.T) {
	dir := foreign.Dir(t, "devices", "mitdb")
	paths, _ := filepath.Glob(filepath.Join(dir, "*.atr"))
	for _, path := range paths {
		marks, err := ReadAnnotations(foreign.Read(t, "devices", "mitdb", filepath.Base(path)))
		if err != nil {
			t.Fatal(err)
		}
		b, err := AppendAnnotations(nil, marks)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ReadAnnotations(b)
		if err != nil || !slices.Equal(again, marks) {
			t.Errorf("%s: %d marks written and read are %d, %v", filepath.Base(path), len(marks), len(again), err)
		}
	}
}

func TestAnyAnnotationsCanBeWrittenAndRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var marks []Annotation
		at := int64(0)
		for range rapid.IntRange(0, 200).Draw(t, "marks") {
			at += rapid.OneOf(rapid.Int64Range(0, 2000), rapid.Int64Range(0, 1<<31-1)).Draw(t, "gap")
			marks = append(marks, Annotation{
				Sample: at, Code: Code(rapid.IntRange(1, 49).Draw(t, "code")), Sub: rapid.Int8().Draw(t, "sub"),
				Channel: rapid.Uint8().Draw(t, "channel"), Num: rapid.Int8().Draw(t, "num"),
				Aux: rapid.StringMatching(`[ -~]{0,255}`).Draw(t, "aux"),
			})
		}
		b, err := AppendAnnotations(nil, marks)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ReadAnnotations(b); err != nil || !slices.Equal(got, marks) {
			t.Fatalf("got %+v, %v, want %+v", got, err, marks)
		}
	})
}

// words is 16-bit words as bytes: code<<10 | value.
func words(w ...uint16) (b []byte) {
	for _, v := range w {
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	return b
}

func TestTheManualsAnnotationCodes(t *testing.T) {
	// annot(5): SKIP 59 with a PDP-11 long, NUM 60, SUB 61, CHN 62, AUX 63.
	b := words(1<<10|18, 59<<10, 0x0001, 0x0002, 5<<10, 61<<10|7, 62<<10|1, 60<<10|2, 63<<10|5)
	b = append(b, "(AFIB\x00"...)
	b = append(b, words(1<<10|10, 0, 1<<10|99)...)
	got, err := ReadAnnotations(b)
	want := []Annotation{
		{Sample: 18, Code: 1},
		{Sample: 18 + 0x10002, Code: 5, Sub: 7, Channel: 1, Num: 2, Aux: "(AFIB"},
		{Sample: 28 + 0x10002, Code: 1, Channel: 1, Num: 2}, // channel and num stay, sub does not; nothing after the end mark
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestDamagedAnnotationsAreAnError(t *testing.T) {
	for name, b := range map[string][]byte{
		"cut in a skip": words(59<<10, 1),
		"cut in a text": append(words(1<<10|1, 63<<10|9), "(A"...),
		"unknown code":  words(55<<10 | 3),
	} {
		if _, err := ReadAnnotations(b); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v, want ErrFormat", name, err)
		}
	}
	if _, err := AppendAnnotations(nil, []Annotation{{Sample: 9, Code: 1}, {Sample: 3, Code: 1}}); !errors.Is(err, ErrFormat) {
		t.Errorf("marks out of order: %v, want ErrFormat", err)
	}
}

func TestSamplesInBothFormats(t *testing.T) {
	// signal(5): 212 packs two 12-bit two's complement samples in three bytes.
	two := []Signal{{Format: 212, PerFrame: 1}, {Format: 212, PerFrame: 1}}
	got, err := Decode([]byte{0xe3, 0x33, 0xf3, 0xff, 0xf7, 0x00}, two, 2)
	if err != nil || !slices.Equal(got[0], []int32{0x3e3, 0x7ff}) || !slices.Equal(got[1], []int32{0x3f3, -256}) {
		t.Errorf("format 212: %v, %v", got, err)
	}
	one := []Signal{{Format: 16, PerFrame: 1}}
	got, err = Decode([]byte{0x01, 0x00, 0xff, 0xff, 0x00, 0x80, 0x34, 0x12}, one, 0)
	if err != nil || !slices.Equal(got[0], []int32{1, -1, Missing, 0x1234}) {
		t.Errorf("format 16: %v, %v", got, err)
	}
	got, err = Decode([]byte{0x00, 0x08, 0x05}, []Signal{{Format: 212, PerFrame: 1}}, 2)
	if err != nil || !slices.Equal(got[0], []int32{Missing, 5}) {
		t.Errorf("format 212 with a missing sample: %v, %v", got, err)
	}
	// A signal of two samples a frame, and one stored a frame late.
	mixed := []Signal{{Format: 16, PerFrame: 2}, {Format: 16, PerFrame: 1, Skew: 1}}
	got, err = Decode(words(1, 2, 30, 3, 4, 31), mixed, 0)
	if err != nil || !slices.Equal(got[0], []int32{1, 2, 3, 4}) || !slices.Equal(got[1], []int32{31, Missing}) {
		t.Errorf("two samples a frame: %v, %v", got, err)
	}
}

func TestAHeaderWithEveryField(t *testing.T) {
	h, err := ParseHeader([]byte("r/0 2\n"))
	if !errors.Is(err, ErrFormat) {
		t.Errorf("no segments: %+v, %v", h, err)
	}
	h, err = ParseHeader([]byte("# made elsewhere\r\nicu1 2 125/7.5(3) 1000 10:00:00 1/2/2003\r\n" +
		"icu1.dat 16x4:2+24 1.5e2(-7)/uV 12 0 -3 65000 0 ECG lead II\r\nicu1.dat 212\r\n#age 45\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := Signal{File: "icu1.dat", Format: 16, PerFrame: 4, Skew: 2, Offset: 24, Gain: 150, Baseline: -7, Unit: "uV", Bits: 12,
		First: -3, Checksum: -536, Checked: true, Described: "ECG lead II"}
	if h.Name != "icu1" || h.Rate != 125 || h.Samples != 1000 || h.Signals[0] != want || !slices.Equal(h.Comments, []string{"age 45"}) {
		t.Errorf("got %+v\nwant %+v", h, want)
	}
	if s := h.Signals[1]; s.Gain != 200 || s.Unit != "mV" || s.PerFrame != 1 || s.Checked {
		t.Errorf("a line with defaults: %+v", s)
	}
}

func TestHeadersThatCannotBeTrusted(t *testing.T) {
	for _, text := range []string{
		"", "# only a comment\n", "r\n", "r 1\n", "r 999999999\n", "r -1\n", "r 1 0\nr.dat 16\n", "r 1 NaN\nr.dat 16\n",
		"r 1 250 99999999999999999999\nr.dat 16\n", "../r 0\n", "r 1\n../../etc/passwd 16\n", "r 1\n/etc/passwd 16\n",
		"r 1\nr.dat 8\n", "r 1\nr.dat 16x0\n", "r 1\nr.dat 16 200(\n", "r 1\nr.dat 16 x\n", "r/2 1 250 10\na 5\n", "r/1 1 250 10\n../a 5\n",
	} {
		if h, err := ParseHeader([]byte(text)); !errors.Is(err, ErrFormat) {
			t.Errorf("%q: %+v, %v, want ErrFormat", text, h, err)
		}
	}
}

func TestSegmentsAreJoinedAndGapsKept(t *testing.T) {
	fsys := fstest.MapFS{
		"all.hea": {Data: []byte("all/3 1 100 7\na 3\n~ 2\nb 2\n")},
		"a.hea":   {Data: []byte("a 1 100 3\na.dat 16 100/mV\n")},
		"a.dat":   {Data: words(1, 2, 3)},
		"b.hea":   {Data: []byte("b 1 100 2\nb.dat 16 100/mV\n")},
		"b.dat":   {Data: words(8, 9)},
	}
	r, err := Open(fsys, "all.hea")
	if err != nil || !slices.Equal(r.Counts[0], []int32{1, 2, 3, Missing, Missing, 8, 9}) || r.Signals[0].Gain != 100 {
		t.Fatalf("got %+v, %v", r, err)
	}
	fsys["all.hea"].Data = []byte("all/3 1 100 7\na 3\n~ 200000000\nb 2\n")
	if _, err := Open(fsys, "all.hea"); !errors.Is(err, ErrFormat) {
		t.Errorf("a gap of 23 days: %v", err)
	}
	fsys["all.hea"].Data = []byte("all/2 1 100 5\na 3\nb 2\n")
	delete(fsys, "b.dat")
	if _, err := Open(fsys, "all.hea"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a segment that is absent: %v", err)
	}
	fsys["b.hea"] = &fstest.MapFile{Data: []byte("b/1 1\nall 1\n")}
	if _, err := Open(fsys, "all.hea"); !errors.Is(err, ErrFormat) {
		t.Errorf("segments in segments: %v", err)
	}
}

func TestADamagedSampleIsNoticed(t *testing.T) {
	fsys := fstest.MapFS{
		"r.hea": {Data: []byte("r 1 100 3\nr.dat 16 200 16 0 1 6 0\n")},
		"r.dat": {Data: words(1, 2, 3)},
	}
	if _, err := Open(fsys, "r.hea"); err != nil {
		t.Fatal(err)
	}
	fsys["r.dat"].Data[2] ^= 4
	if _, err := Open(fsys, "r.hea"); !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), "checksum") {
		t.Errorf("a sample that changed: %v", err)
	}
	fsys["r.dat"].Data = words(1, 2)
	if _, err := Open(fsys, "r.hea"); !errors.Is(err, ErrFormat) {
		t.Errorf("a file cut short: %v", err)
	}
}

func FuzzHeader(f *testing.F) {
	f.Add([]byte("101 2 360 650000\n101.dat 212 200 11 1024 955 29832 0 MLII\n101.dat 212 200 11 1024 992 19589 0 V1\n# 75 F\n"))
	f.Add([]byte("all/3 1 100 7\na 3\n~ 2\nb 2\n"))
	f.Add([]byte("icu1 1 125/7.5(3) 1000\nicu1.dat 16x4:2+24 1.5e2(-7)/uV 12 0 -3 65000 0 II\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		h, err := ParseHeader(text)
		if err != nil {
			return
		}
		if !(h.Rate > 0) || len(h.Signals) > maxSignals {
			t.Fatalf("accepted %+v", h)
		}
		for _, s := range h.Signals {
			if s.Gain == 0 || strings.ContainsAny(s.File, "/\\") {
				t.Fatalf("accepted signal %+v", s)
			}
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte{0xe3, 0x33, 0xf3, 0xff, 0xf7, 0x00}, true, uint8(2), uint8(0), int64(2))
	f.Add([]byte{1, 0, 2, 0, 3}, false, uint8(1), uint8(3), int64(0))
	f.Add([]byte{1}, false, uint8(1), uint8(0), int64(1<<27))
	f.Fuzz(func(t *testing.T, b []byte, packed bool, per, skew uint8, frames int64) {
		format := 16
		if packed {
			format = 212
		}
		signals := []Signal{{Format: format, PerFrame: 1}, {Format: format, PerFrame: 1 + int(per), Skew: int(skew)}}
		counts, err := Decode(b, signals, max(0, min(frames, maxSamples)))
		if err != nil {
			return
		}
		if n := len(counts[0]) + len(counts[1]); n > len(b) {
			t.Fatalf("%d samples from %d bytes", n, len(b))
		}
	})
}

func FuzzAnnotations(f *testing.F) {
	f.Add(words(1<<10|18, 59<<10, 1, 2, 5<<10, 61<<10|7, 63<<10|2, 0x4141, 0))
	f.Add(words(59<<10, 0xffff, 0xffff, 1<<10))
	f.Fuzz(func(t *testing.T, b []byte) {
		marks, err := ReadAnnotations(b)
		if err != nil {
			return
		}
		out, err := AppendAnnotations(nil, marks)
		if err != nil {
			return // marks that go back in time are read, never written
		}
		again, err := ReadAnnotations(out)
		if err != nil || !slices.Equal(again, marks) {
			t.Fatalf("read %+v, written and read %+v, %v", marks, again, err)
		}
	})
}
