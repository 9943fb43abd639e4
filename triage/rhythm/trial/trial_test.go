package trial

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"fieldkit/build/foreign"
	"fieldkit/triage/rhythm"
	"fieldkit/triage/rhythm/wfdb"
)

func mitdb(t testing.TB) fs.FS { return os.DirFS(foreign.Dir(t, "devices", "mitdb")) }

func TestBeatsOfTheMITBIHRecords(t *testing.T) {
	var table bytes.Buffer
	if err := Bench(mitdb(t), 0, time.Now, &table); err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", &table)
	lines := strings.Split(strings.TrimSpace(table.String()), "\n")
	var beats, mean, longest, speed int
	var se, ppv, f1 float64
	const last = "total beats=%d se=%f ppv=%f f1=%f delay_mean_ms=%d delay_max_ms=%d speed=%d"
	if _, err := fmt.Sscanf(lines[len(lines)-1], last, &beats, &se, &ppv, &f1, &mean, &longest, &speed); err != nil {
		t.Fatalf("last line %q: %v", lines[len(lines)-1], err)
	}
	// The goal, above what any detector measured with this scorer reaches (OSEA: F1 99.72).
	if se < 99.8 || ppv < 99.8 {
		t.Errorf("sensitivity %.2f, positive predictivity %.2f, want 99.8 each", se, ppv)
	}
	if mean >= 350 || longest >= 1000 {
		t.Errorf("reported after %d ms, at most %d, want under 350 and 1000", mean, longest)
	}
	// What these 22 records hold of the 91,285 beats that all 48 have after their first
	// five minutes and outside flutter; guards against a scorer that leaves some out.
	if beats != 42463 {
		t.Errorf("%d reference beats, want 42463", beats)
	}
}

func TestInNoiseTheQualityWithholdsRatherThanMiscounts(t *testing.T) {
	for _, decibels := range []float64{12, 6} {
		var all run
		for _, name := range []string{"101", "118", "203", "215"} {
			l, err := open(mitdb(t), name+".hea", 0)
			if err != nil {
				t.Fatal(err)
			}
			if err := l.readMarks(mitdb(t), name+".hea"); err != nil {
				t.Fatal(err)
			}
			r, err := l.measure(l.noisy(decibels, 2), time.Now)
			if err != nil {
				t.Fatal(err)
			}
			all = all.plus(r)
		}
		if all.trusted.Sensitivity() < 99.5 || all.trusted.PositivePredictivity() < 99.5 {
			t.Errorf("%g dB: in trusted time %.2f and %.2f", decibels, all.trusted.Sensitivity(), all.trusted.PositivePredictivity())
		}
		if share(all.answered, all.asked-all.answered) < 30 {
			t.Errorf("%g dB: a rate in %v of %v", decibels, all.answered, all.asked)
		}
	}
}

func TestAListingNamesBeatsAndEpisodesAndWritesThem(t *testing.T) {
	var text bytes.Buffer
	b, err := List(mitdb(t), "203.hea", 0, &text)
	if err != nil {
		t.Fatal(err)
	}
	marks, err := wfdb.ReadAnnotations(b)
	if err != nil || len(marks) < 2900 || len(marks) > 3050 {
		t.Errorf("%d annotations, %v, want about the 2980 beats of the record", len(marks), err)
	}
	if !strings.Contains(text.String(), "atrial fibrillation likely") {
		t.Error("the fibrillation of record 203 is not named")
	}
}

func TestWhatCannotBeMeasuredIsAnError(t *testing.T) {
	broken := fstest.MapFS{"r.hea": {Data: []byte("r 1 360 4\nr.dat 212\n")}, "r.atr": {}, "slow.hea": {Data: []byte("slow 1 50 1\nslow.dat 16\n")}, "slow.dat": {Data: []byte{1, 0}}}
	for _, c := range []struct {
		name string
		err  error
		want error
	}{
		{"an empty folder", Bench(fstest.MapFS{}, 0, time.Now, &bytes.Buffer{}), ErrNothing},
		{"a record without its signal", Bench(broken, 0, time.Now, &bytes.Buffer{}), fs.ErrNotExist},
		{"a record that is not there", second(List(fstest.MapFS{}, "r.hea", 0, &bytes.Buffer{})), fs.ErrNotExist},
		{"a rate too low", second(List(broken, "slow.hea", 0, &bytes.Buffer{})), rhythm.ErrRate},
		{"a lead it does not have", second(List(broken, "slow.hea", 1, &bytes.Buffer{})), ErrLead},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, c.err, c.want)
		}
	}
}

func second(_ []byte, err error) error { return err }
