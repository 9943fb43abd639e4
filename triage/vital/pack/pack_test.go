package pack

import (
	"bytes"
	"compress/bzip2"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"fieldkit/build/foreign"
)

// The records whose statistics the tables were learned from, and those not.
var (
	learned = []string{"101", "104", "108", "112", "115", "118", "122", "201", "205", "208", "215", "223"}
	unseen  = []string{"102", "106", "109", "114", "116", "119", "124", "203", "207", "209", "220", "230"}
)

// record reads both leads of a MIT-BIH record: 360 Hz, 11 bits, format 212.
func record(t testing.TB, name string) (leads [2][]int32) {
	raw, err := io.ReadAll(bzip2.NewReader(bytes.NewReader(foreign.Read(t, "devices", "mitdb", name+".dat.bz2"))))
	if err != nil {
		t.Fatal(err)
	}
	sign := func(v int32) int32 { return v << 20 >> 20 }
	for i := 0; i+2 < len(raw); i += 3 {
		leads[0] = append(leads[0], sign(int32(raw[i])|int32(raw[i+1]&0x0f)<<8))
		leads[1] = append(leads[1], sign(int32(raw[i+2])|int32(raw[i+1]>>4)<<8))
	}
	return leads
}

// plainRice is the peer: second differences, one Rice parameter a second, the
// count, parameter and two first samples in front.
func plainRice(w *Writer, samples []int32) {
	var sum uint64
	for n := 2; n < len(samples); n++ {
		sum += zigzag(differ(samples, n, 2))
	}
	mean := sum / uint64(len(samples)-2)
	k := uint(0)
	for 1<<k < mean {
		k++
	}
	best, at := uint64(1)<<62, k
	for c := max(k, 2) - 2; c <= k+1; c++ {
		cost := uint64(0)
		for n := 2; n < len(samples); n++ {
			cost += zigzag(differ(samples, n, 2))>>c + 1 + uint64(c)
		}
		if cost < best {
			best, at = cost, c
		}
	}
	w.Bits(uint64(len(samples)), 16)
	w.Bits(uint64(at), 5)
	w.Bits(uint64(uint16(samples[0])), 16)
	w.Bits(uint64(uint16(samples[1])), 16)
	for n := 2; n < len(samples); n++ {
		u := zigzag(differ(samples, n, 2))
		for range u >> at {
			w.Bits(1, 1)
		}
		w.Bits(0, 1)
		w.Bits(u&(1<<at-1), at)
	}
}

// The limits are the plan's: 0.53 bytes a sample at most, every second on its own,
// both leads, headers counted.
func TestASecondOfECGIsHalfAByteASample(t *testing.T) {
	size := func(names []string) (ours, rice float64) {
		var bytes, peer, samples int
		var buf []byte
		var back []int32
		for _, name := range names {
			for _, lead := range record(t, name) {
				for s := 0; s < len(lead); s += 360 {
					second := lead[s:min(s+360, len(lead))]
					var err error
					if buf, err = Append(buf[:0], second); err != nil {
						t.Fatal(err)
					}
					if back, err = Read(back[:0], buf); err != nil || !slices.Equal(back, second) {
						t.Fatalf("record %s, second %d: %v", name, s/360, err)
					}
					bytes += len(buf)
					samples += len(second)
					if len(second) > 2 {
						w := Writer{Out: buf[:0]}
						plainRice(&w, second)
						peer += len(w.Close())
					}
				}
			}
		}
		return float64(bytes) / float64(samples), float64(peer) / float64(samples)
	}
	a, pa := size(learned)
	b, pb := size(unseen)
	t.Logf("bytes a sample: records learned from %.4f (plain second-difference Rice %.4f)", a, pa)
	t.Logf("bytes a sample: records never seen   %.4f (plain second-difference Rice %.4f)", b, pb)
	t.Logf("bytes a sample: all 24, both leads   %.4f (plain second-difference Rice %.4f)", (a+b)/2, (pa+pb)/2)
	if (a+b)/2 > 0.53 || b > 0.53 {
		t.Error("more than 0.53 bytes a sample")
	}
}

func TestEveryKindOfWaveformIsLossless(t *testing.T) {
	const lo, hi = -1 << 31, 1<<31 - 1
	rng := rand.New(rand.NewPCG(1, 2))
	random := func(n int, f func(i int) int32) []int32 {
		x := make([]int32, n)
		for i := range x {
			x[i] = f(i)
		}
		return x
	}
	for name, x := range map[string][]int32{
		"nothing":               {},
		"one sample":            {1024},
		"lead off, flat":        make([]int32, 360),
		"flat at the rail":      slices.Repeat([]int32{hi}, 360),
		"flat but one":          append(make([]int32, 359), 1),
		"short":                 {1, 2, 3, 5, 8},
		"24 samples":            random(24, func(i int) int32 { return int32(i * i) }),
		"rail to rail":          random(360, func(i int) int32 { return []int32{lo, hi}[i%2] }),
		"any bits":              random(360, func(int) int32 { return int32(rng.Uint32()) }),
		"16-bit noise":          random(500, func(int) int32 { return int32(int16(rng.Uint32())) }),
		"a step to the far end": append(make([]int32, 180), slices.Repeat([]int32{lo}, 180)...),
		"growing to the end":    random(MaxSamples, func(i int) int32 { return int32(i) << 15 }),
		"steps of the filter":   random(2000, func(i int) int32 { return int32(rng.IntN(2)) << 30 }),
		"pacing spikes":         random(500, func(i int) int32 { return int32(rng.IntN(6)) + int32(i/250)*5000*int32(1-i%250/249) }),
	} {
		b, err := Append([]byte{7}, x)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		back, err := Read([]int32{7}, b[1:])
		if err != nil || !slices.Equal(back[1:], x) || b[0] != 7 || back[0] != 7 {
			t.Errorf("%s: came back otherwise, %v", name, err)
		}
		if len(b) > 8+8*len(x) {
			t.Errorf("%s: %d bytes for %d samples", name, len(b), len(x))
		}
	}
	if _, err := Append(nil, make([]int32, MaxSamples+1)); err == nil {
		t.Error("more samples than a block holds were packed")
	}
}

func TestAFlatSecondIsAFewBytes(t *testing.T) {
	b, err := Append(nil, slices.Repeat([]int32{1024}, 360))
	if err != nil || len(b) > 5 {
		t.Errorf("%d bytes, %v", len(b), err)
	}
}

func TestCodesArePrefixFreeAndWhole(t *testing.T) {
	for c, row := range lengths {
		if len(row) != values {
			t.Fatalf("row %d has %d values", c, len(row))
		}
		sum := 0
		for v := range row {
			w := digit(row[v])
			if w < 1 || w > longest {
				t.Errorf("row %d value %d has %d bits", c, v, w)
			}
			sum += 1 << (longest - w)
		}
		if sum != 1<<longest {
			t.Errorf("row %d: the codes fill %d of %d", c, sum, 1<<longest)
		}
	}
}

func TestACutOrSpoiltBlockIsRefused(t *testing.T) {
	x := make([]int32, 360)
	for i := range x {
		x[i] = int32(1000 + i*i%97)
	}
	b, err := Append(nil, x)
	if err != nil {
		t.Fatal(err)
	}
	for n := range b {
		if got, err := Read(nil, b[:n]); err == nil || len(got) != 0 {
			t.Errorf("cut at %d of %d: %d samples, %v", n, len(b), len(got), err)
		}
	}
	if _, err := Read(nil, append(slices.Clone(b), 0)); err == nil {
		t.Error("a byte too many was read")
	}
	for _, bad := range [][]byte{{0, 0}, {0xff, 0xff, 0xff, 0xff, 0xff, 1, 0}, {1, 0xc0}, {2, 0x00 | 0x3f>>1, 0xff, 0xff}} {
		if got, err := Read(nil, bad); err == nil {
			t.Errorf("%x was read as %v", bad, got)
		}
	}
}

func TestRunsAreLosslessAtEveryLength(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for n := range 60 {
		x := make([]int32, n)
		for i := range x {
			x[i] = int32(rng.NormFloat64() * float64(int64(1)<<(n%31)))
		}
		offset := int32(rng.Uint32())
		var w Writer
		w.AppendRun(x, offset)
		r := NewReader(w.Close())
		got := make([]int32, n)
		if err := r.ReadRun(got, offset); err != nil || r.Close() != nil || !slices.Equal(got, x) {
			t.Errorf("%d samples: %v", n, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, x := range [][]int32{{}, {5}, make([]int32, 360), {1, 2, 3, 4}} {
		b, _ := Append(nil, x)
		f.Add(b)
	}
	x := make([]int32, 60)
	for i := range x {
		x[i] = int32(i * i * i)
	}
	b, _ := Append(nil, x)
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Read(nil, b)
		if err != nil {
			return
		}
		again, err := Append(nil, got)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := Read(nil, again); err != nil || !slices.Equal(back, got) {
			t.Fatalf("%v came back as %v, %v", got, back, err)
		}
	})
}

func FuzzAppend(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8}, uint8(4))
	f.Fuzz(func(t *testing.T, b []byte, width uint8) {
		var x []int32
		step := int(width%4) + 1
		for ; len(b) >= step; b = b[step:] {
			v := uint32(0)
			for i := range step {
				v = v<<8 | uint32(b[i])
			}
			x = append(x, int32(v<<(32-8*step))>>(32-8*step))
		}
		packed, err := Append(nil, x[:min(len(x), MaxSamples)])
		if err != nil {
			t.Fatal(err)
		}
		if back, err := Read(nil, packed); err != nil || !slices.Equal(back, x[:min(len(x), MaxSamples)]) {
			t.Fatalf("not lossless: %v", err)
		}
	})
}

// BenchmarkSecond packs and unpacks seconds of real ECG, and does the same with
// the plain peer. MB are of samples at two bytes.
func BenchmarkSecond(b *testing.B) {
	leads := record(b, "119")
	seconds := make([][]int32, 0, 400)
	for s := range 200 {
		seconds = append(seconds, leads[0][s*360:(s+1)*360], leads[1][s*360:(s+1)*360])
	}
	packed := make([][]byte, len(seconds))
	for i, x := range seconds {
		packed[i], _ = Append(nil, x)
	}
	var peer time.Duration
	b.Run("peer", func(b *testing.B) {
		b.SetBytes(720)
		var buf []byte
		for i := 0; b.Loop(); i++ {
			w := Writer{Out: buf[:0]}
			plainRice(&w, seconds[i%len(seconds)])
			buf = w.Close()
		}
		peer = b.Elapsed() / time.Duration(b.N)
	})
	report := func(b *testing.B) {
		b.ReportMetric(float64(peer)/float64(b.Elapsed()/time.Duration(b.N)), "x-peer")
	}
	b.Run("pack", func(b *testing.B) {
		b.SetBytes(720)
		var buf []byte
		for i := 0; b.Loop(); i++ {
			buf, _ = Append(buf[:0], seconds[i%len(seconds)])
		}
		report(b)
	})
	b.Run("unpack", func(b *testing.B) {
		b.SetBytes(720)
		var back []int32
		for i := 0; b.Loop(); i++ {
			back, _ = Read(back[:0], packed[i%len(packed)])
		}
		report(b)
		if len(back) != 360 {
			b.Fatal(fmt.Sprint(len(back), " samples"))
		}
	})
}
