package rhythm

import (
	"fmt"
	"math"
	"math/rand"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"fieldkit/build/foreign"
	"fieldkit/triage/rhythm/ec57"
	"fieldkit/triage/rhythm/wfdb"
)

// BenchmarkFit makes the weights of weights.go from the MIT-BIH records given,
// prints them, and prints what weights fitted without a record make of it:
//
//	go test -run - -bench Fit -benchtime 1x ./triage/rhythm
//
// It is a benchmark so that it runs only when asked for.
func BenchmarkFit(b *testing.B) {
	for b.Loop() {
		leads := lessons(b)
		w := fit(leads)
		score("fitted to all", leads, func(*lesson) weighing { return w })
		fmt.Printf("\tbias: %.4g,\n", w.bias)
		for i, v := range w.weights {
			fmt.Printf("\t%2d: %.4g,\n", i, v)
		}
		var apart [4]weighing // each fitted without every fourth record
		for k := range apart {
			apart[k] = fit(slices.DeleteFunc(slices.Clone(leads), func(l *lesson) bool { return l.record%4 == k }))
		}
		score("fitted to others", leads, func(l *lesson) weighing { return apart[l.record%4] })
	}
}

// A lesson is one lead to learn from.
type lesson struct {
	marked
	record, lead int
	weight       float64 // second leads are often poor: they count a fifth
}

// An example is one candidate with what it was.
type example struct {
	x      [measures]float64
	beat   float64 // 1 or 0
	weight float64
}

func lessons(t testing.TB) (all []*lesson) {
	paths, _ := filepath.Glob(filepath.Join(foreign.Dir(t, "devices", "mitdb"), "*.hea"))
	for k, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".hea")
		for lead, weight := range []float64{1, 0.2} {
			all = append(all, &lesson{loadMIT(t, name, lead), k, lead, weight})
		}
	}
	return all
}

// run is one pass of a detector with weights w.
func (l *lesson) run(w weighing, observe func(candidate, features)) (beats []Beat) {
	d, err := NewDetector(l.rate)
	if err != nil {
		panic(err)
	}
	d.weighing, d.observe = w, observe
	for part := range slices.Chunk(l.counts, 360) {
		beats = append(beats, d.Push(part, l.scale)...)
	}
	return beats
}

// examples are the candidates a detector with weights w judges: its levels depend
// on what it took for beats before, so fitting and running take turns.
func (l *lesson) examples(w weighing) (all []example) {
	type judged struct {
		at     int64
		energy float32
		f      features
		label  int // 1 beat, 0 none, -1 near a beat but not the best of it
	}
	var seen []judged
	l.run(w, func(c candidate, f features) {
		seen = append(seen, judged{at: int64(float64(c.centre) * l.rate / tickRate), energy: c.energy, f: f})
	})
	near := int64(0.15 * l.rate)
	fluttering := false
	k := 0
	for _, m := range l.marks {
		for k > 0 && seen[k-1].at >= m.Sample-near {
			k--
		}
		for k < len(seen) && seen[k].at < m.Sample-near {
			if fluttering {
				seen[k].label = -1
			}
			k++
		}
		switch {
		case m.Code == wfdb.FlutterStart:
			fluttering = true
		case m.Code == wfdb.FlutterEnd:
			fluttering = false
		}
		if !m.Code.Beat() {
			continue
		}
		best := -1
		for j := k; j < len(seen) && seen[j].at <= m.Sample+near; j++ {
			if seen[j].label == 0 {
				seen[j].label = -1
			}
			if best < 0 || seen[j].energy > seen[best].energy {
				best = j
			}
		}
		if best >= 0 {
			seen[best].label = 1
		}
	}
	for _, s := range seen {
		if s.label < 0 || float64(s.at) < 8*l.rate {
			continue
		}
		e := example{beat: float64(s.label), weight: l.weight}
		for i, v := range s.f {
			e.x[i] = float64(v)
		}
		all = append(all, e)
	}
	return all
}

// fit starts from a rule of thumb, and lets fitting and running take four turns.
func fit(leads []*lesson) weighing {
	w := weighing{bias: 2.2, weights: features{energyUsual: 1.5, slopeLast: 1, ahead: 0.5, hasty: -5, tWave: -10}}
	for turn := range 4 {
		all := slices.Concat(each(leads, func(l *lesson) []example { return l.examples(w) })...)
		epochs := 5
		if turn == 3 {
			epochs = 10
		}
		w = regress(all, epochs)
	}
	return w
}

// regress is logistic regression by Adam in batches of 256, on measures of mean 0
// and deviation 1.
func regress(all []example, epochs int) weighing {
	const n = int(measures)
	var mean, dev [n]float64
	for i := range n {
		var s, ss float64
		for _, e := range all {
			s += e.x[i]
			ss += e.x[i] * e.x[i]
		}
		mean[i] = s / float64(len(all))
		dev[i] = math.Sqrt(max(0, ss/float64(len(all))-mean[i]*mean[i])) + 1e-6
		for k := range all {
			all[k].x[i] = (all[k].x[i] - mean[i]) / dev[i]
		}
	}
	r := rand.New(rand.NewSource(1))
	order := r.Perm(len(all))
	var p, m, v [n + 1]float64 // weights and bias; Adam's moments
	const batch = 256
	step := 0.0
	for epoch := range epochs {
		rate := 0.005*(1+math.Cos(math.Pi*float64(epoch)/float64(epochs))) + 1e-5
		r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for part := range slices.Chunk(order[:len(order)/batch*batch], batch) {
			var g [n + 1]float64
			for _, k := range part {
				e := &all[k]
				s := p[n]
				for i := range n {
					s += p[i] * e.x[i]
				}
				wrong := (1/(1+math.Exp(-s)) - e.beat) * e.weight
				for i := range n {
					g[i] += wrong * e.x[i]
				}
				g[n] += wrong
			}
			step++
			for i := range p {
				d := g[i]/batch + 1e-5*p[i]
				m[i] = 0.9*m[i] + 0.1*d
				v[i] = 0.999*v[i] + 0.001*d*d
				p[i] -= rate * m[i] / (1 - math.Pow(0.9, step)) / (math.Sqrt(v[i]/(1-math.Pow(0.999, step))) + 1e-8)
			}
		}
	}
	var w weighing
	for i := range n {
		w.weights[i] = float32(p[i] / dev[i])
		p[n] -= p[i] * mean[i] / dev[i]
	}
	w.bias = float32(p[n])
	return w
}

func score(what string, leads []*lesson, with func(*lesson) weighing) {
	tallies := each(leads, func(l *lesson) ec57.Tally {
		return ec57.Compare(l.marks, samplesOf(l.run(with(l), nil)), l.rate, ec57.Window, ec57.Learning, nil)
	})
	for lead := range 2 {
		var sum ec57.Tally
		for k, l := range leads {
			if l.lead == lead && l.name != "102" && l.name != "104" { // paced
				sum = sum.Plus(tallies[k])
			}
		}
		fmt.Printf("%s, lead %d: missed %d, extra %d, se %.3f ppv %.3f f1 %.3f\n",
			what, lead, sum.Missed, sum.Extra, sum.Sensitivity(), sum.PositivePredictivity(), sum.F1())
	}
}

func each[T any](leads []*lesson, f func(*lesson) T) []T {
	out := make([]T, len(leads))
	var all sync.WaitGroup
	for k, l := range leads {
		all.Go(func() { out[k] = f(l) })
	}
	all.Wait()
	return out
}
