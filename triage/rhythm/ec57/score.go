// Package ec57 scores a beat detector against a record's reference marks as
// ANSI/AAMI EC57 asks: a detection within the window of a reference beat is
// true, the first five minutes are for learning, and what happens in ventricular
// flutter and fibrillation is left apart.
//
// # Gross
//
// All records' counts summed before a ratio is taken, so that a beat weighs the
// same in every record.
package ec57

import (
	"time"

	"fieldkit/triage/rhythm/wfdb"
)

// The standard's figures.
const (
	Window   = 150 * time.Millisecond
	Learning = 5 * time.Minute
)

// A Tally is the outcome of a comparison. Tallies of several records add up.
type Tally struct {
	Reference int // reference beats
	True      int // matched by a detection
	Missed    int // reference beats without a detection
	Extra     int // detections without a reference beat
}

// Plus is the sum of both tallies.
func (t Tally) Plus(u Tally) Tally {
	return Tally{t.Reference + u.Reference, t.True + u.True, t.Missed + u.Missed, t.Extra + u.Extra}
}

// Sensitivity is the share of reference beats found, in per cent; 0 without any.
func (t Tally) Sensitivity() float64 { return percent(t.True, t.True+t.Missed) }

// PositivePredictivity is the share of detections that are beats, in per cent.
func (t Tally) PositivePredictivity() float64 { return percent(t.True, t.True+t.Extra) }

// F1 is the harmonic mean of both, in per cent.
func (t Tally) F1() float64 { return percent(2*t.True, 2*t.True+t.Missed+t.Extra) }

func percent(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * float64(part) / float64(whole)
}

// A Fault is one beat missed or one detection too many.
type Fault struct {
	Sample int64
	Code   wfdb.Code // of the beat missed; 0 for a detection too many
}

// Compare scores detections, in order of time, against the marks of a record of
// rate samples per second. Marks before from, and both sides within flutter
// episodes, are not counted. fault, when not nil, is told of every error.
func Compare(marks []wfdb.Annotation, detections []int64, rate float64, window, from time.Duration, fault func(Fault)) Tally {
	near := int64(window.Seconds()*rate + 0.5)
	start := int64(from.Seconds() * rate)
	beats, flutter := split(marks)
	apart := func(s int64) bool {
		if s < start {
			return true
		}
		for _, f := range flutter {
			if f[0] <= s && s <= f[1] {
				return true
			}
		}
		return false
	}
	var t Tally
	miss := func(m wfdb.Annotation) {
		if apart(m.Sample) {
			return
		}
		t.Reference++
		t.Missed++
		if fault != nil {
			fault(Fault{m.Sample, m.Code})
		}
	}
	extra := func(s int64) {
		if apart(s) {
			return
		}
		t.Extra++
		if fault != nil {
			fault(Fault{Sample: s})
		}
	}
	// The pairing of the WFDB program bxb: the earlier of the two heads is paired
	// with the other if near enough and no nearer to the other side's next.
	i, j := 0, 0
	for i < len(beats) || j < len(detections) {
		switch {
		case i == len(beats):
			extra(detections[j])
			j++
		case j == len(detections):
			miss(beats[i])
			i++
		default:
			b, d := beats[i].Sample, detections[j]
			gap := max(b-d, d-b)
			nearer := false
			if d < b && j+1 < len(detections) {
				n := detections[j+1]
				nearer = max(b-n, n-b) < gap
			} else if b < d && i+1 < len(beats) {
				n := beats[i+1].Sample
				nearer = max(d-n, n-d) < gap
			}
			switch {
			case gap <= near && !nearer:
				if !apart(b) {
					t.Reference++
					t.True++
				}
				i, j = i+1, j+1
			case d < b:
				extra(d)
				j++
			default:
				miss(beats[i])
				i++
			}
		}
	}
	return t
}

// split is the beats among marks, and the spans of flutter or fibrillation. An
// episode that is never closed runs to the end.
func split(marks []wfdb.Annotation) (beats []wfdb.Annotation, flutter [][2]int64) {
	const forever = 1<<63 - 1
	for _, m := range marks {
		switch {
		case m.Code.Beat():
			beats = append(beats, m)
		case m.Code == wfdb.FlutterStart:
			flutter = append(flutter, [2]int64{m.Sample, forever})
		case m.Code == wfdb.FlutterEnd && len(flutter) > 0:
			flutter[len(flutter)-1][1] = m.Sample
		}
	}
	return beats, flutter
}
