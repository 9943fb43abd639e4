package board

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

type pure struct {
	Runs   [][][]float64
	Gaps   []int
	Scales []struct{ Low, High float64 }
	Etas   []struct {
		Eta, Said string
		Late, Old bool
	}
}

// The record charts each minute, so that two minutes and a half without a value are
// a gap, whatever the reason.
func TestATrendIsALineOnlyWhereItWasMeasured(t *testing.T) {
	began := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	at := func(minute float64, value any) map[string]any {
		p := map[string]any{"at": began.Add(time.Duration(minute * float64(time.Minute))).Format(time.RFC3339)}
		if value != nil {
			p["value"] = value
		} else {
			p["state"] = "probe off"
		}
		return p
	}
	cases := []struct {
		name   string
		spot   bool
		points []map[string]any
		runs   [][]float64
		gaps   int
	}{
		{"minute by minute it is one line", false, []map[string]any{at(0, 97), at(1, 96), at(2, 95)}, [][]float64{{97, 96, 95}}, 0},
		{"a probe that fell off parts it", false, []map[string]any{at(0, 97), at(1, nil), at(2, 95)}, [][]float64{{97}, {95}}, 1},
		{"so do minutes that nobody charted", false, []map[string]any{at(0, 97), at(1, 96), at(4, 95)}, [][]float64{{97, 96}, {95}}, 1},
		{"0 is a value", false, []map[string]any{at(0, 0), at(1, 0)}, [][]float64{{0, 0}}, 0},
		{"cuff results are never joined, and time between them is no gap", true, []map[string]any{at(0, 120), at(1, 118)}, [][]float64{{120}, {118}}, 0},
		{"nothing was ever measured", false, []map[string]any{at(0, nil)}, [][]float64{}, 0},
	}
	var trends []map[string]any
	for _, c := range cases {
		trends = append(trends, map[string]any{"sign": "SpO2", "number": 4, "spot": c.spot, "points": c.points})
	}
	got := nodeReads[pure](t, map[string]any{"trends": trends, "scales": []any{}, "etas": []any{}}, "pure.mjs")
	for i, c := range cases {
		if !slices.EqualFunc(got.Runs[i], c.runs, slices.Equal) || got.Gaps[i] != c.gaps {
			t.Errorf("%s: %v with %d gaps, want %v with %d", c.name, got.Runs[i], got.Gaps[i], c.runs, c.gaps)
		}
	}
}

func TestASteadyNumberIsNotDrawnAsAWildOne(t *testing.T) {
	values := [][]float64{{97, 98}, {120, 121, 119}, {60, 180}, {37.1, 36.9}, {0, 0}}
	got := nodeReads[pure](t, map[string]any{"trends": []any{}, "scales": values, "etas": []any{}}, "pure.mjs").Scales
	for i, v := range values {
		low, high := slices.Min(v), slices.Max(v)
		s := got[i]
		if s.Low > low || s.High < high {
			t.Errorf("%v is drawn between %v and %v, and is not all there", v, s.Low, s.High)
		}
		if least := max((low+high)/10, 2); s.High-s.Low < least {
			t.Errorf("%v is drawn over %v, want at least %v", v, s.High-s.Low, least)
		}
	}
	if s := got[2]; s.Low != 60 || s.High != 180 {
		t.Errorf("a pulse from 60 to 180 is drawn between %v and %v", s.Low, s.High)
	}
}

func TestATimeOfArrivalSaysHowOldItIsAndWhenItIsPast(t *testing.T) {
	now := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	cases := []struct {
		said    time.Duration // ago
		seconds int
		want    string
		late    bool
		old     bool
	}{
		{90 * time.Second, 450, "ETA 6 min", false, false},
		{20 * time.Minute, 1800, "ETA 10 min", false, true},
		{10 * time.Minute, 600, "ETA now", false, false},
		{10 * time.Minute, 540, "ETA now", false, false},
		{14 * time.Minute, 600, "ETA passed 4 min ago", true, false},
		{3 * time.Hour, 600, "ETA passed 2 h 50 min ago", true, true},
	}
	var etas []map[string]any
	for _, c := range cases {
		row := map[string]any{"eta": map[string]any{"seconds": c.seconds, "at": now.Add(-c.said).Format(time.RFC3339)}}
		etas = append(etas, map[string]any{"row": row, "now": now.UnixMilli()})
	}
	etas = append(etas, map[string]any{"row": map[string]any{}, "now": now.UnixMilli()})
	got := nodeReads[pure](t, map[string]any{"trends": []any{}, "scales": []any{}, "etas": etas}, "pure.mjs").Etas
	for i, c := range cases {
		if g := got[i]; g.Eta != c.want || g.Late != c.late || g.Old != c.old || g.Said == "" {
			t.Errorf("said %v ago for %d s: %+v, want %s", c.said, c.seconds, g, fmt.Sprint(c.want, c.late, c.old))
		}
	}
	if last := got[len(cases)]; last.Eta != "ETA not known" || last.Said != "" {
		t.Errorf("nobody said when: %+v", last)
	}
}
