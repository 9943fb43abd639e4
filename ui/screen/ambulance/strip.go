package ambulance

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/triage/vital/pack"
	"fieldkit/ui"
	"fieldkit/ui/lang"
)

const (
	// stripBefore and stripAfter are how much a marked strip holds of before the mark
	// and after it.
	stripBefore = 10 * time.Second
	stripAfter  = 10 * time.Second
	// stripMost bounds a strip's packed samples, with room for the rest of its entry:
	// an entry's body is at most 64 KiB, and its blocks at most 48.
	stripMost = 46 << 10
	// blockFrame is what a block takes beside its packed samples, as CBOR.
	blockFrame = 80
)

// stripLong is how much a whole strip holds.
const stripLong = stripBefore + stripAfter

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

// strip is what came from begin on and before end, as blocks of at most a second that
// tell their start from begin. What is missing stays missing: blocks are never joined
// over a hole, and a sample that holds no measurement stays marked as none. The leads
// are the monitor's, under its names: twelve of them make no other lead. Leads come in
// the order of the monitor's lanes; one that finds no room is left out whole and named.
func (t *tape) strip(begin, end vital.Instant, monitor string, demo bool) (*chart.Snapshot, error) {
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
		if w.Arrived < begin || w.Arrived >= end || len(w.Samples) == 0 || rate <= 0 {
			continue
		}
		step := time.Duration(float64(time.Second) / rate)
		until := w.Arrived.Add(time.Duration(float64(len(w.Samples)) / rate * float64(time.Second)))
		r := open[w.Lead]
		if r != nil {
			apart := w.Arrived.Sub(r.end)
			same := r.Rate == w.Rate && r.Unit == w.Unit && r.Scale == w.Scale && r.Offset == w.Offset && r.Min == w.Min && r.Max == w.Max && r.Raw == w.Raw
			if !same || apart > step || apart < -step || until.Sub(r.Arrived) > time.Second+step || len(r.Samples)+len(w.Samples) > pack.MaxSamples {
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
		r.end = until
	}
	for _, lead := range slices.Sorted(maps.Keys(open)) {
		put(open[lead])
	}
	if err == nil && len(s.Blocks) == 0 {
		err = errNoStrip
	}
	fitted(s)
	return s, err
}

// fitted is the strip with as many leads as an entry has room for; Text names the
// others, which stand in the stream.
func fitted(s *chart.Snapshot) {
	size := map[vital.Lead]int{}
	for _, b := range s.Blocks {
		size[b.Lead] += len(b.Packed) + blockFrame
	}
	leads := slices.SortedFunc(maps.Keys(size), func(x, y vital.Lead) int { return cmp.Compare(laneOf(x), laneOf(y)) })
	var out []string
	all := 0
	for _, l := range leads {
		if all += size[l]; all > stripMost && len(leads) > 1 {
			all -= size[l]
			s.Blocks = slices.DeleteFunc(s.Blocks, func(b chart.Block) bool { return b.Lead == l })
			out = append(out, l.Info().Label)
		}
	}
	if len(out) > 0 {
		s.Text = "no room for " + strings.Join(out, ", ")
	}
	slices.SortStableFunc(s.Blocks, func(x, y chart.Block) int { return cmp.Compare(laneOf(x.Lead), laneOf(y.Lead)) })
	if !slices.ContainsFunc(twelve[:], func(l vital.Lead) bool {
		return !slices.ContainsFunc(s.Blocks, func(b chart.Block) bool { return b.Lead == l })
	}) {
		s.Layout = "12-lead"
	}
}

// twelve are the leads of a 12-lead ECG: a strip is called that only when the monitor
// gave each of them.
var twelve = [...]vital.Lead{vital.ECGI, vital.ECGII, vital.ECGIII, vital.ECGAVR, vital.ECGAVL, vital.ECGAVF,
	vital.ECGV1, vital.ECGV2, vital.ECGV3, vital.ECGV4, vital.ECGV5, vital.ECGV6}

// laneOf is where a lead stands from the top.
func laneOf(l vital.Lead) int {
	if at := slices.Index(lanes[:], l); at >= 0 {
		return at
	}
	return len(lanes) + int(l)
}

// A mark is a moment that somebody wants kept: the strip is written when its last
// second has come.
type mark struct {
	of    chart.ID
	boot  chart.Boot
	at    vital.Instant
	wall  time.Time // of at
	shown time.Time // when it was marked, by the window's clock
}

// settleFor is how long after its last second a strip waits for samples on their way.
const settleFor = 500 * time.Millisecond

// markStrip marks this moment for the patient on screen. The strip holds the ten
// seconds before it and after; when the patient leaves the screen sooner, what there
// is.
func (s *Screen) markStrip() {
	now, bed := s.clock(), s.bed()
	if bed == nil || !bed.Heard() {
		s.noStrip()
		return
	}
	if s.marked != nil {
		return // one is on its way
	}
	s.marked = &mark{of: s.on, boot: bed.Boot(), at: bed.Now(now), wall: now.Round(0), shown: now}
	s.said, s.saidAt = s.speech.Say(lang.StripGoes, int(stripAfter/time.Second)), now
	s.home()
}

func (s *Screen) noStrip() {
	s.faults = append(s.faults, fault{s.speech.Say(lang.NotRecorded, s.speech.Say(lang.StripMarked), s.speech.Say(lang.NoTrace))})
}

// keepStrip writes the strip that is marked once its time is over, or at once.
func (s *Screen) keepStrip(now time.Time, atOnce bool) {
	if s.marked == nil || !atOnce && now.Sub(s.marked.shown) < stripAfter+settleFor {
		return
	}
	if m, strip := s.endStrip(); strip != nil {
		s.recordAt(m.wall.Add(-stripBefore), s.speech.Say(lang.StripMarked), m.of, strip, nil)
	}
}

// endStrip is the strip that is marked with what there is; nil when none is, or when
// nothing was there, which is said.
func (s *Screen) endStrip() (m mark, strip *chart.Snapshot) {
	if s.marked == nil {
		return mark{}, nil
	}
	m, s.marked = *s.marked, nil
	bed := s.beds[m.of]
	if bed == nil || m.of != s.on || s.tape.boot != m.boot {
		s.noStrip() // the samples before are of another clock
		return m, nil
	}
	strip, err := s.tape.strip(m.at.Add(-stripBefore), m.at.Add(stripAfter), bed.Monitor, bed.Demo)
	if err != nil {
		s.noStrip()
		return m, nil
	}
	return m, strip
}

// lastStrip is how long the lock waits for a strip that goes to the disk before it.
const lastStrip = 2 * time.Second

// beforeLock writes the strip that is marked in the name of the one who marked it. What
// it gives is to be called apart from Fyne's goroutine, before the lock.
func (s *Screen) beforeLock() func(context.Context) {
	m, strip := s.endStrip()
	if strip == nil {
		return func(context.Context) {}
	}
	row, _ := s.row(m.of)
	draft := ui.Draft{Encounter: m.of, Patient: row.Patient, Happened: m.wall.Add(-stripBefore), Content: strip}
	return func(ctx context.Context) {
		ctx, stop := context.WithTimeout(ctx, lastStrip)
		defer stop()
		if _, err := s.desk.Record(ctx, draft); err != nil {
			s.inbox.call(func() {
				s.faults = append(s.faults, fault{s.speech.Say(lang.NotRecorded, s.speech.Say(lang.StripMarked), reason(err))})
			})
		}
	}
}
