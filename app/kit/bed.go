package kit

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"fieldkit/triage/alarm"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/triage/vital/pack"
)

// A bed is what is known at this moment of one encounter that is being recorded:
// the latest readings, the second that is filling, the alarms. The recording's
// lock guards it.
type bed struct {
	encounter, patient chart.ID
	provisional        bool
	tag                string // as on the triage label

	readings map[numeric]heard
	second   []trace // of the second that is filling, for the record
	fresh    []trace // since the last live frame
	lag      lag
	changed  bool // a reading came since the last second
	news     bool // what a face shows has changed since the last frame
	watches  map[source]*watch
	numbered uint32                      // how many alarms live frames have numbered
	charted  vital.Instant               // when vitals were charted last
	span     chart.Span                  // of the stream since then
	disk     chart.Ref                   // the last second that is on disk
	limits   alarm.Limits                // in force: the age band's with what people set for the patient
	band     alarm.Limits                // by the patient's age; an adult's while it is not known
	hand     []chart.Limit               // what people set for the patient
	quiet    vital.Instant               // all alarms are paused until then
	hushed   map[chart.Ref]vital.Instant // alarms that are paused until then, by their places
	result   bool                        // a result with a time of its own came since the last second
}

// A source is what one alarm engine watches: two monitors, or two sites of one,
// that measure the same sign must not calm each other's alarms.
type source struct {
	monitor string
	site    vital.Site
}

// A watch is the alarms of one source.
type watch struct {
	engine *alarm.Engine
	raised map[alarm.Condition]*chart.Ref // where an alarm's entry stands, once it does
	ids    map[alarm.Condition]uint32     // as live frames number them
}

// A numeric names one reading among those of a bed.
type numeric struct {
	monitor string
	sign    vital.Sign
	site    vital.Site
	raw     string
}

type heard struct {
	vital.Reading
	from vital.Provenance
}

// A trace is a run of samples and whose it is. Its samples are never changed.
type trace struct {
	vital.Waveform
	monitor string
}

func newBed(encounter, patient chart.ID) *bed {
	return &bed{
		encounter: encounter, patient: patient, limits: alarm.Adult(), band: alarm.Adult(),
		readings: map[numeric]heard{}, watches: map[source]*watch{},
	}
}

// watch is that of a source, made if new.
func (b *bed) watch(s source) *watch {
	w := b.watches[s]
	if w == nil {
		w = &watch{engine: alarm.NewEngine(b.limits), raised: map[alarm.Condition]*chart.Ref{}, ids: map[alarm.Condition]uint32{}}
		b.watches[s] = w
	}
	return w
}

// watched are the watches in a fixed order.
func (b *bed) watched() []*watch {
	sources := slices.SortedFunc(maps.Keys(b.watches), func(x, y source) int {
		return cmp.Or(cmp.Compare(x.monitor, y.monitor), cmp.Compare(x.site, y.site))
	})
	out := make([]*watch, 0, len(sources))
	for _, s := range sources {
		out = append(out, b.watches[s])
	}
	return out
}

// rename gives what a monitor measured its new name, so that no reading stands
// twice.
func (b *bed) rename(from, to string) {
	for k, r := range b.readings {
		if k.monitor == from {
			delete(b.readings, k)
			k.monitor = to
			b.readings[k] = r
		}
	}
	for s, w := range b.watches {
		if s.monitor == from {
			delete(b.watches, s)
			s.monitor = to
			b.watches[s] = w
		}
	}
	for _, runs := range [...][]trace{b.second, b.fresh} {
		for i := range runs {
			if runs[i].monitor == from {
				runs[i].monitor = to
			}
		}
	}
}

// forget takes away what a monitor measured that records elsewhere from now on,
// and gives its watches, whose alarms are over here.
func (b *bed) forget(monitor string) (over []*watch) {
	maps.DeleteFunc(b.readings, func(k numeric, _ heard) bool { return k.monitor == monitor })
	b.second = slices.DeleteFunc(b.second, func(t trace) bool { return t.monitor == monitor })
	b.fresh = slices.DeleteFunc(b.fresh, func(t trace) bool { return t.monitor == monitor })
	for s, w := range b.watches {
		if s.monitor == monitor {
			over = append(over, w)
			delete(b.watches, s)
		}
	}
	return over
}

// take puts a reading beside the others and gives what changes of the alarms, and
// whether it is a new result with a time of its own.
func (b *bed) take(now vital.Instant, monitor string, r vital.Reading, from vital.Provenance, all results) (w *watch, changes []alarm.Transition, result bool) {
	w = b.watch(source{monitor, r.Site})
	key := numeric{monitor, r.Sign, r.Site, r.Raw}
	if _, measured := r.Value(); measured && r.Aperiodic {
		var renewed []numeric
		r, result, renewed = all.hear(b, key, r)
		if standing, ok := b.readings[key]; ok && standing.State() == r.State() && again(standing.Reading, r) && standing.Arrived == r.Arrived {
			return w, nil, false // said again, it changes nothing
		}
		for _, k := range renewed {
			b.readings[k] = heard{all[k].Reading, from}
			changes = append(changes, w.engine.Step(now, all[k].Reading)...)
		}
	}
	standing, known := b.readings[key]
	b.news = b.news || tells(standing.Reading, known, r)
	b.readings[key] = heard{r, from}
	b.changed = true
	return w, append(changes, w.engine.Step(now, r)...), result
}

// numerics are all readings in a fixed order.
func (b *bed) numerics() []vital.Reading {
	out := make([]vital.Reading, 0, len(b.readings))
	for _, k := range b.order() {
		out = append(out, b.readings[k].Reading)
	}
	return out
}

// shown are the readings for faces: one of each number, though two monitors may
// measure it. One that has a value which is not too old goes before one that has
// none, and the newer goes before the older; of two that are both fresh it is always
// the same monitor's, so that a number does not jump between them.
func (b *bed) shown(now vital.Instant) []vital.Reading {
	type number struct {
		sign vital.Sign
		site vital.Site
		raw  string
	}
	rank := func(r vital.Reading) int {
		_, measured := r.Value()
		ageing := r.Sign.Info().Ageing
		switch stands := ageing.At(now.Sub(r.Arrived)); {
		case !measured || stands == vital.Gone:
			return 0
		case ageing == vital.Continuous && stands == vital.Fresh:
			return 2
		}
		return 1
	}
	at := map[number]int{}
	var out []vital.Reading
	for _, k := range b.order() {
		r := b.readings[k].Reading
		n := number{k.sign, k.site, k.raw}
		i, known := at[n]
		switch {
		case !known:
			at[n] = len(out)
			out = append(out, r)
		case rank(r) > rank(out[i]), rank(r) == rank(out[i]) && (rank(r) == 2 || r.Arrived > out[i].Arrived):
			out[i] = r
		}
	}
	return out
}

func (b *bed) order() []numeric {
	keys := make([]numeric, 0, len(b.readings))
	for k := range b.readings {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(x, y numeric) int {
		if x.sign != y.sign {
			return int(x.sign) - int(y.sign)
		}
		switch {
		case x.monitor+"\x00"+string(x.site)+"\x00"+x.raw < y.monitor+"\x00"+string(y.site)+"\x00"+y.raw:
			return -1
		default:
			return 1
		}
	})
	return keys
}

// worthKeeping is how old a reading may be and still be written with each second:
// what is older says nothing of this second.
const worthKeeping = 3 * time.Second

// flush makes the second that began at began, and starts the next. Nil when
// nothing was measured in it.
func (b *bed) flush(began, now vital.Instant) (*chart.Second, error) {
	s := &chart.Second{}
	monitor := func(name string) uint8 {
		at := slices.Index(s.Monitors, name)
		if at < 0 {
			at = len(s.Monitors)
			s.Monitors = append(s.Monitors, name)
		}
		return uint8(at)
	}
	for _, k := range b.order() {
		if r := b.readings[k]; now.Sub(r.Arrived) <= worthKeeping {
			s.Values = append(s.Values, chart.VitalOf(r.Reading, began.Add(time.Second), monitor(k.monitor)))
		}
	}
	waves := join(b.second)
	b.second, b.changed = nil, false
	if len(waves) > 0 {
		s.LagMS = uint32(b.lag.by / time.Millisecond)
	}
	for _, w := range waves {
		packed, err := pack.Append(nil, w.Samples)
		if err != nil {
			return nil, err
		}
		s.Blocks = append(s.Blocks, chart.Block{
			Lead: w.Lead, Rate: w.Rate, Unit: w.Unit, Scale: w.Scale, Offset: w.Offset, Min: w.Min, Max: w.Max,
			Count: uint32(len(w.Samples)), StartUS: int32(w.Arrived.Sub(began).Microseconds()), Gaps: w.Gaps,
			Packed: packed, Raw: w.Raw, Source: monitor(w.monitor),
		})
	}
	if len(s.Values)+len(s.Blocks) == 0 {
		return nil, nil
	}
	return s, nil
}

// join puts runs of the same trace that follow each other into one.
func join(waves []trace) []trace {
	var out []trace
	for _, w := range waves {
		at := slices.IndexFunc(out, func(o trace) bool { return follows(o, w) })
		if at < 0 {
			w.Samples, w.Gaps = slices.Clone(w.Samples), slices.Clone(w.Gaps)
			out = append(out, w)
			continue
		}
		o := &out[at]
		for _, g := range w.Gaps {
			g.From += len(o.Samples)
			o.Gaps = append(o.Gaps, g)
		}
		o.Samples = append(o.Samples, w.Samples...)
	}
	return out
}

// follows reports whether w goes on where o ends: the same trace, and its first
// sample due within half a sample of where o's next would be.
func follows(o, w trace) bool {
	if o.monitor != w.monitor || o.Lead != w.Lead || o.Raw != w.Raw || o.Rate != w.Rate || o.Unit != w.Unit ||
		o.Scale != w.Scale || o.Offset != w.Offset || o.Min != w.Min || o.Max != w.Max {
		return false
	}
	period := float64(time.Second) / o.Rate.Float()
	due := float64(o.Arrived) + float64(len(o.Samples))*period
	apart := float64(w.Arrived) - due
	return apart > -period/2-float64(time.Millisecond) && apart < period/2+float64(time.Millisecond)
}

// vitals charts all current readings; nil when there is none. A sign that was
// measured and is not any more is charted with the reason.
func (b *bed) vitals(now vital.Instant, why chart.Reason) *chart.Vitals {
	v := &chart.Vitals{Reason: why}
	for _, k := range b.order() {
		r := b.readings[k]
		if _, measured := r.Value(); measured && k.sign.Info().Ageing.At(now.Sub(r.Arrived)) == vital.Gone {
			r.Reading = r.Without(vital.NotMeasured)
		}
		at := slices.Index(v.Sources, r.from)
		if at < 0 {
			at = len(v.Sources)
			v.Sources = append(v.Sources, r.from)
		}
		v.Values = append(v.Values, chart.VitalOf(r.Reading, now, uint8(at)))
		v.Monitor = k.monitor
	}
	if len(v.Values) == 0 {
		return nil
	}
	if b.span.To > 0 {
		v.Stream = []chart.Span{b.span}
	}
	b.charted, b.span = now, chart.Span{}
	return v
}
