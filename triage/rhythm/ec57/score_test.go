package ec57

import (
	"slices"
	"testing"
	"time"

	"fieldkit/triage/rhythm/wfdb"
)

// marks is beats at samples, at 100 per second.
func marks(at ...int64) (m []wfdb.Annotation) {
	for _, s := range at {
		m = append(m, wfdb.Annotation{Sample: s, Code: wfdb.Normal})
	}
	return m
}

func TestDetectionsAreComparedAsEC57Asks(t *testing.T) {
	flutter := slices.Concat(marks(100), []wfdb.Annotation{{Sample: 150, Code: wfdb.FlutterStart}}, marks(200, 250),
		[]wfdb.Annotation{{Sample: 300, Code: wfdb.FlutterEnd}}, marks(400))
	unclosed := append(marks(100), wfdb.Annotation{Sample: 150, Code: wfdb.FlutterStart})
	for _, c := range []struct {
		name       string
		marks      []wfdb.Annotation
		detections []int64
		from       time.Duration
		want       Tally
	}{
		{"all found", marks(100, 200), []int64{100, 200}, 0, Tally{2, 2, 0, 0}},
		{"150 ms off is found", marks(100, 200), []int64{115, 185}, 0, Tally{2, 2, 0, 0}},
		{"160 ms off is a miss and one too many", marks(100), []int64{116}, 0, Tally{1, 0, 1, 1}},
		{"one beat is not found twice", marks(100), []int64{95, 105}, 0, Tally{1, 1, 0, 1}},
		{"the nearer of two detections is the beat", marks(100, 116), []int64{90, 101}, 0, Tally{2, 1, 1, 1}},
		{"one detection between two beats finds one", marks(100, 120), []int64{110}, 0, Tally{2, 1, 1, 0}},
		{"nothing found", marks(100, 200), nil, 0, Tally{2, 0, 2, 0}},
		{"nothing there", nil, []int64{100}, 0, Tally{0, 0, 0, 1}},
		{"the learning time does not count", marks(100, 300), []int64{50, 290}, 2 * time.Second, Tally{1, 1, 0, 0}},
		{"flutter is left apart on both sides", flutter, []int64{100, 180, 230, 290, 400}, 0, Tally{2, 2, 0, 0}},
		{"flutter to the end", unclosed, []int64{100, 500, 9000}, 0, Tally{1, 1, 0, 0}},
		{"marks that are no beats do not count", append(marks(100), wfdb.Annotation{Sample: 150, Code: wfdb.Rhythm}), []int64{100}, 0, Tally{1, 1, 0, 0}},
	} {
		faults := 0
		got := Compare(c.marks, c.detections, 100, Window, c.from, func(Fault) { faults++ })
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
		if faults != got.Missed+got.Extra {
			t.Errorf("%s: told of %d faults, counted %d", c.name, faults, got.Missed+got.Extra)
		}
	}
}

func TestTheFiguresOfATally(t *testing.T) {
	sum := Tally{100, 95, 5, 10}.Plus(Tally{100, 97, 3, 0})
	if sum != (Tally{200, 192, 8, 10}) || sum.Sensitivity() != 96 || sum.PositivePredictivity() != 100*192./202 || sum.F1() != 100*384./402 {
		t.Errorf("%+v: %g %g %g", sum, sum.Sensitivity(), sum.PositivePredictivity(), sum.F1())
	}
	if (Tally{}).F1() != 0 {
		t.Error("a record without beats has a figure")
	}
}
