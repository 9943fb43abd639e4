package ambulance

import (
	"errors"
	"maps"
	"slices"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/triage/vital/pack"
	"fieldkit/ui"
	"fieldkit/ui/lang"
)

// stripLong is how much of the past a marked strip holds.
const stripLong = 10 * time.Second

// A tape is the last seconds of every trace of the patient on screen, as they came.
// The zero tape is empty.
type tape struct {
	boot  chart.Boot
	waves []vital.Waveform
}

// hear takes in a moment's waves and lets go of what is older than a strip.
func (t *tape) hear(m *ui.Moment) {
	if m.Boot != t.boot {
		t.boot, t.waves = m.Boot, nil
	}
	t.waves = append(t.waves, m.Waves...)
	oldest := m.At.Add(-stripLong - time.Second)
	drop := 0
	for drop < len(t.waves) && t.waves[drop].Arrived < oldest {
		drop++
	}
	t.waves = slices.Delete(t.waves, 0, drop)
}

// errNoStrip says that there is nothing to keep.
var errNoStrip = errors.New("no trace was there in the last 10 seconds")

// strip is what came from begin on, as blocks of at most a second that tell their
// start from begin. What is missing stays missing: blocks are never joined over a
// hole, and a sample that holds no measurement stays marked as none.
func (t *tape) strip(begin vital.Instant, monitor string, demo bool) (*chart.Snapshot, error) {
	s := &chart.Snapshot{Layout: "strip", Sources: []vital.Provenance{{Model: clip(monitor, chart.MaxName), Simulated: demo}}}
	type run struct {
		vital.Waveform
		end vital.Instant
	}
	open := map[vital.Lead]*run{}
	var err error
	put := func(r *run) {
		b := chart.Block{Lead: r.Lead, Rate: r.Rate, Unit: r.Unit, Scale: r.Scale, Offset: r.Offset, Min: r.Min, Max: r.Max,
			Count: uint32(len(r.Samples)), StartUS: int32(r.Arrived.Sub(begin).Microseconds()), Gaps: r.Gaps, Raw: r.Raw}
		packed, e := pack.Append(nil, r.Samples)
		b.Packed, err = packed, errors.Join(err, e)
		s.Blocks = append(s.Blocks, b)
	}
	for _, w := range t.waves {
		rate := w.Rate.Float()
		if w.Arrived < begin || len(w.Samples) == 0 || rate <= 0 {
			continue
		}
		step := time.Duration(float64(time.Second) / rate)
		end := w.Arrived.Add(time.Duration(float64(len(w.Samples)) / rate * float64(time.Second)))
		r := open[w.Lead]
		if r != nil {
			apart := w.Arrived.Sub(r.end)
			same := r.Rate == w.Rate && r.Unit == w.Unit && r.Scale == w.Scale && r.Offset == w.Offset && r.Min == w.Min && r.Max == w.Max && r.Raw == w.Raw
			if !same || apart > step || apart < -step || end.Sub(r.Arrived) > time.Second+step || len(r.Samples)+len(w.Samples) > pack.MaxSamples {
				put(r)
				r = nil
			}
		}
		if r == nil {
			r = &run{Waveform: w}
			r.Samples, r.Gaps = nil, nil
			open[w.Lead] = r
		}
		for _, g := range w.Gaps {
			r.Gaps = append(r.Gaps, vital.Gap{From: g.From + len(r.Samples), Len: g.Len, Why: g.Why})
		}
		r.Samples = append(r.Samples, w.Samples...)
		r.end = end
	}
	for _, lead := range slices.Sorted(maps.Keys(open)) {
		put(open[lead])
	}
	if err == nil && len(s.Blocks) == 0 {
		err = errNoStrip
	}
	return s, err
}

// markStrip keeps the last ten seconds of every trace for the patient on screen.
func (s *Screen) markStrip() {
	now, bed := s.clock(), s.bed()
	words := s.speech.Say(lang.StripMarked)
	if bed == nil || !bed.Heard() {
		s.faults = append(s.faults, fault{s.speech.Say(lang.NotRecorded, words, s.speech.Say(lang.NoTrace))})
		return
	}
	strip, err := s.tape.strip(bed.Now(now).Add(-stripLong), bed.Monitor, bed.Demo)
	if err != nil {
		s.faults = append(s.faults, fault{s.speech.Say(lang.NotRecorded, words, s.speech.Say(lang.NoTrace))})
		return
	}
	s.recordAt(now.Round(0).Add(-stripLong), words, s.on, strip, nil)
	s.home()
}
