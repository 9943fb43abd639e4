package rhythm

import (
	"bufio"
	"compress/bzip2"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fieldkit/build/foreign"
	"fieldkit/triage/rhythm/wfdb"
)

// A marked is one lead of an MIT-BIH record with its reference marks.
type marked struct {
	name   string
	rate   float64
	scale  float64
	counts []int32
	marks  []wfdb.Annotation
}

func loadMIT(t testing.TB, name string, lead int) marked {
	t.Helper()
	fsys := os.DirFS(foreign.Dir(t, "devices", "mitdb"))
	r, err := wfdb.Open(fsys, name+".hea")
	if err != nil {
		t.Fatal(err)
	}
	marks, err := wfdb.ReadAnnotations(foreign.Read(t, "devices", "mitdb", name+".atr"))
	if err != nil {
		t.Fatal(err)
	}
	return marked{name, r.Rate, 1 / r.Signals[lead].Gain, r.Counts[lead], marks}
}

// A subject is one BIDMC recording: signals at 125 Hz in ten-thousandths, the
// monitor's numerics each second, and two annotators' breaths in seconds.
type subject struct {
	name     string
	signals  map[string][]int32
	numerics map[string][]float64
	breaths  [2][]float64
}

const bidmcRate = 125

func loadBIDMC(t testing.TB) []subject {
	t.Helper()
	dir := foreign.Dir(t, "devices", "bidmc")
	var all []subject
	for i := 1; i <= 5; i++ {
		s := subject{name: fmt.Sprintf("bidmc_%02d", i), signals: map[string][]int32{}, numerics: map[string][]float64{}}
		path := dir + "/" + s.name
		f, err := os.Open(path + "_Signals.csv.bz2")
		if err != nil {
			t.Fatal(err)
		}
		eachColumn(bufio.NewScanner(bzip2.NewReader(f)), func(name string, _ int, v float64) {
			c := int32(Missing)
			if !math.IsNaN(v) {
				c = int32(math.Round(v * 10000))
			}
			s.signals[name] = append(s.signals[name], c)
		})
		f.Close()
		eachColumn(bufio.NewScanner(strings.NewReader(readText(t, path+"_Numerics.csv"))), func(name string, _ int, v float64) {
			s.numerics[name] = append(s.numerics[name], v)
		})
		eachColumn(bufio.NewScanner(strings.NewReader(readText(t, path+"_Breaths.csv"))), func(_ string, k int, v float64) {
			if k < 2 && !math.IsNaN(v) {
				s.breaths[k] = append(s.breaths[k], v/bidmcRate)
			}
		})
		all = append(all, s)
	}
	return all
}

func readText(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// eachColumn hands out every field under its column's name; NaN where it is no number.
func eachColumn(lines *bufio.Scanner, to func(name string, column int, v float64)) {
	var names []string
	for lines.Scan() {
		fields := strings.Split(lines.Text(), ",")
		for k, f := range fields {
			f = strings.TrimSpace(f)
			if len(names) < len(fields) {
				names = append(names, f)
				continue
			}
			v, err := strconv.ParseFloat(f, 64)
			if err != nil {
				v = math.NaN()
			}
			to(names[k], k, v)
		}
	}
}

// pushAll runs a detector over counts, step samples at a time.
func pushAll(t testing.TB, rate, scale float64, counts []int32, step int) []Beat {
	t.Helper()
	d, err := NewDetector(rate)
	if err != nil {
		t.Fatal(err)
	}
	var beats []Beat
	for part := range slices.Chunk(counts, step) {
		beats = append(beats, d.Push(part, scale)...)
	}
	return beats
}

func samplesOf(beats []Beat) []int64 {
	at := make([]int64, len(beats))
	for i, b := range beats {
		at[i] = b.Sample
	}
	return at
}
