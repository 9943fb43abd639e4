package alarm

import (
	"math/rand/v2"
	"testing"
	"time"

	"fieldkit/triage/vital"
)

// No sequence of readings, gaps, acknowledgements, pauses, raised conditions and
// new limits leaves a high limit crossed for its delay without a signal. A second
// and much simpler account of "crossed for its delay" is kept here beside the
// engine's: per limit and tier, since when every value has been beyond it.
func TestNoHighLimitCrossedForItsDelayIsLeftUnsignalled(t *testing.T) {
	signs := []vital.Sign{vital.SpO2, vital.HeartRate, vital.RespRate, vital.NIBPSys, vital.ABPSys, vital.Temperature, vital.Apnoea}
	sets := []Limits{Adult(), ForAge(5), ForAge(30), ForAge(100), ForAge(160), Scale2(Adult())}
	signalled, withheld := 0, 0
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 1))
		limits := sets[r.IntN(len(sets))]
		e := NewEngine(limits)
		now := vital.Instant(0)
		type place struct {
			sign vital.Sign
			from string
		}
		type key struct {
			c    Condition
			tier int
			from string
		}
		since := map[key]vital.Instant{}
		last := map[place]vital.Reading{}
		present := map[place]bool{}
		note := func(at place, fresh bool) {
			v, _ := last[at].Value()
			for _, l := range limits.Limit {
				if l.Sign != at.sign {
					continue
				}
				for i, tier := range l.Tier {
					k := key{Condition{What: l.Side, Sign: l.Sign}, i, at.from}
					c := v.Cmp(tier.Bound)
					if l.Side == TooLow && c <= 0 || l.Side == TooHigh && c >= 0 {
						if _, was := since[k]; !was || fresh {
							since[k] = now
						}
					} else {
						delete(since, k)
					}
				}
			}
		}
		level := map[vital.Sign]int64{vital.SpO2: 97, vital.HeartRate: 80, vital.RespRate: 16, vital.NIBPSys: 120, vital.ABPSys: 120, vital.Temperature: 37}
		for range 600 {
			now = now.Add(time.Duration(r.IntN(4000)) * time.Millisecond)
			s := signs[r.IntN(len(signs))]
			at := place{s, []string{"monitor", "oximeter"}[r.IntN(2)*int(seed%2)]} // half of the shifts have two monitors
			switch r.IntN(40) {
			case 0, 1, 2:
				reading := vital.None(s, []vital.State{vital.ProbeOff, vital.Artefact, vital.Searching, vital.Disconnected}[r.IntN(4)])
				reading.Arrived = now
				e.StepFrom(now, at.from, reading)
				present[at] = false
			case 3:
				e.Pause(now, time.Duration(r.IntN(200))*time.Second)
			case 4, 5:
				if a := e.Active(); len(a) > 0 {
					e.Acknowledge(now, a[r.IntN(len(a))].Condition)
				}
			case 6:
				e.Raise(now, Condition{What: What(1 + r.IntN(13)), Sign: s}, Priority(r.IntN(5)), r.IntN(2) == 0)
			case 7:
				limits = sets[r.IntN(len(sets))]
				e.SetLimits(now, limits)
				clear(since)
				for at, ok := range present {
					if ok && now.Sub(last[at].Arrived) < goneAfter || ok && at.sign.Info().Ageing != vital.Continuous {
						note(at, true)
					}
				}
			case 8:
				now = now.Add(time.Duration(r.IntN(30)) * time.Second)
				e.Tick(now)
			default:
				level[s] += int64(r.IntN(31) - 15)
				row := s.Info()
				level[s] = min(max(level[s], row.Min.Mantissa), int64(row.Max.Float()))
				reading := vital.Of(s, vital.Int(level[s]))
				reading.Arrived = now
				e.StepFrom(now, at.from, reading)
				last[at], present[at] = reading, true
				if _, ok := reading.Value(); ok {
					note(at, false)
				}
			}
			e.Tick(now)
			active := map[Condition]Active{}
			for _, a := range e.Active() {
				active[a.Condition] = a
			}
			for _, l := range limits.Limit {
				var fit []string
				for _, from := range []string{"monitor", "oximeter"} {
					at := place{l.Sign, from}
					if present[at] && (l.Sign.Info().Ageing != vital.Continuous || now.Sub(last[at].Arrived) < goneAfter) {
						fit = append(fit, from)
					}
				}
				if len(fit) == 0 {
					if a := active[Condition{What: l.Side, Sign: l.Sign}]; a.State == Withheld {
						withheld++
						if e.WithheldCount() == 0 {
							t.Fatalf("seed %d: withheld, but not counted", seed)
						}
					}
					continue
				}
				for _, monitor := range fit {
					for i, tier := range l.Tier {
						c := Condition{What: l.Side, Sign: l.Sign}
						from, is := since[key{c, i, monitor}]
						if tier.Priority != High || !is || now.Sub(from) < tier.Delay {
							continue
						}
						signalled++
						if a := active[c]; a.Priority != High || a.State != Sounding && a.State != Acknowledged {
							t.Fatalf("seed %d at %v: %v of the %s beyond %v for %v, but %v %v", seed, time.Duration(now), c, monitor, tier.Bound, now.Sub(from), a.Priority, a.State)
						}
					}
				}
			}
		}
	}
	t.Logf("checked %d times signalled, %d times withheld", signalled, withheld)
	if signalled < 1000 || withheld < 1000 {
		t.Error("the sequences do not try what they should")
	}
}

// Equal inputs give equal outputs, so that a shift can be replayed.
func TestAShiftReplaysToTheSameTransitions(t *testing.T) {
	run := func() (all []Transition) {
		r := rand.New(rand.NewPCG(3, 3))
		e := NewEngine(Adult())
		for i := range 5000 {
			now := vital.Instant(i) * vital.Instant(300*time.Millisecond)
			s := []vital.Sign{vital.SpO2, vital.HeartRate, vital.RespRate, vital.PulseRate}[r.IntN(4)]
			reading := vital.Of(s, vital.Int(int64(r.IntN(100))))
			reading.Arrived = now
			all = append(all, e.Step(now, reading)...)
		}
		return all
	}
	a, b := run(), run()
	if len(a) == 0 || len(a) != len(b) {
		t.Fatalf("%d and %d transitions", len(a), len(b))
	}
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("transition %d differs: %+v and %+v", i, a[i], b[i])
		}
	}
}
