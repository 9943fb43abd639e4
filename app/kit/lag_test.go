package kit

import (
	"testing"
	"time"

	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// A line is a trace of a simulated monitor: runs of so many samples, each of which comes
// whole when its last sample was taken, and so much later.
type line struct {
	lead  vital.Lead
	rate  int
	run   int
	late  func(nth int) time.Duration
	sent  int
	begin vital.Instant
}

// upto are the runs that came before an instant.
func (l *line) upto(now vital.Instant) (out []trace) {
	length := time.Duration(l.run) * time.Second / time.Duration(l.rate)
	for {
		taken := l.begin.Add(time.Duration(l.sent) * length)
		came := taken.Add(length)
		if l.late != nil {
			came = came.Add(l.late(l.sent))
		}
		if came >= now {
			return out
		}
		l.sent++
		out = append(out, trace{Waveform: vital.Waveform{Lead: l.lead, Rate: vital.Int(int64(l.rate)), Arrived: taken, Samples: make([]int32, l.run)}, monitor: "M"})
	}
}

// The runs are those of real monitors: IntelliVue's ECG 128 samples at 500/s, Nonin's
// pleth 25 at 75/s, Ivy's a second at once, contec's a sample at a time.
func TestATraceIsShownWholeWhateverTheRunsInWhichItsMonitorSends(t *testing.T) {
	for _, row := range []struct {
		story string
		lines []*line
		lag   time.Duration // at most: the longest run, and the slack
		steps int           // how often the traces jump, at most
	}{
		{"runs of 256 ms", []*line{{lead: vital.ECGII, rate: 500, run: 128}}, 286 * time.Millisecond, 1},
		{"runs of a third of a second", []*line{{lead: vital.Pleth, rate: 75, run: 25}}, 364 * time.Millisecond, 1},
		{"a second at once", []*line{{lead: vital.ECG, rate: 300, run: 300}}, 1030 * time.Millisecond, 1},
		{"a sample at a time", []*line{{lead: vital.Pleth, rate: 60, run: 1}}, 47 * time.Millisecond, 1},
		{"several together", []*line{{lead: vital.ECGII, rate: 500, run: 128}, {lead: vital.Pleth, rate: 75, run: 25}, {lead: vital.CO2, rate: 25, run: 25}}, 1030 * time.Millisecond, 3},
		{"on a machine that holds bytes", []*line{{lead: vital.ECGII, rate: 500, run: 128,
			late: func(nth int) time.Duration { return time.Duration(nth*7%17) * time.Millisecond }}}, 286 * time.Millisecond, 1},
		{"one that holds them long", []*line{{lead: vital.ECGII, rate: 500, run: 128,
			late: func(nth int) time.Duration { return time.Duration(nth*37%150) * time.Millisecond }}}, 500 * time.Millisecond, 4},
	} {
		t.Run(row.story, func(t *testing.T) {
			b := newBed(chart.ID{1}, chart.ID{2})
			r := &record{beds: map[chart.ID]*bed{{1}: b}, clock: NewClock()}
			start := vital.Instant(time.Hour + 3*time.Millisecond)
			for _, l := range row.lines {
				l.begin = start
			}
			ends := map[vital.Lead]vital.Instant{}
			steps, shown := 0, 0
			for tenth := wholeTenth(start); tenth < start.Add(time.Minute); tenth = tenth.Add(frameEvery) {
				for _, l := range row.lines {
					b.fresh = append(b.fresh, l.upto(tenth.Add(frameEvery))...)
				}
				m := r.moments(tenth, tenth.Add(frameEvery))[chart.ID{1}]
				if m == nil {
					continue
				}
				var e wave.Encoder
				if _, err := e.Encode(nil, m); err != nil {
					t.Fatalf("a frame cannot tell of it: %v", err)
				}
				for _, w := range m.Waves {
					step := time.Duration(float64(time.Second) / w.Rate.Float())
					if end, before := ends[w.Lead]; before {
						apart := w.Arrived.Sub(end)
						if apart.Abs() > step/2+time.Millisecond {
							steps++
						}
						if apart < -step/2-time.Millisecond {
							t.Errorf("samples of %s lie %v over those before them", w.Lead, -apart)
						}
					}
					ends[w.Lead] = w.Arrived.Add(time.Duration(len(w.Samples)) * step)
					shown += len(w.Samples)
				}
			}
			if steps > row.steps {
				t.Errorf("the traces jumped %d times", steps)
			}
			if b.lag.by > row.lag {
				t.Errorf("they are shown %v late, want at most %v", b.lag.by, row.lag)
			}
			want := 0
			for _, l := range row.lines {
				want += l.sent * l.run
			}
			if shown != want || want == 0 {
				t.Errorf("%d samples of %d are shown", shown, want)
			}
		})
	}
}

func TestTracesBeginAnewWithoutALagOnceAllWereSilent(t *testing.T) {
	var l lag
	slow := trace{Waveform: vital.Waveform{Rate: vital.Int(300), Arrived: vital.Instant(time.Hour), Samples: make([]int32, 300)}}
	quick := trace{Waveform: vital.Waveform{Rate: vital.Int(60), Arrived: vital.Instant(time.Hour + time.Minute), Samples: make([]int32, 1)}}
	if by := l.of([]trace{slow}, vital.Instant(time.Hour+time.Second)); by != 1030*time.Millisecond {
		t.Errorf("a run of a second is shown %v late", by)
	}
	if by := l.of(nil, vital.Instant(time.Hour+30*time.Second)); by != 1030*time.Millisecond {
		t.Errorf("without a run the lag is %v", by)
	}
	if by := l.of([]trace{quick}, vital.Instant(time.Hour+time.Minute)); by != 0 {
		t.Errorf("a sample of now is shown %v late", by)
	}
	old := trace{Waveform: vital.Waveform{Rate: vital.Int(60), Arrived: 0, Samples: make([]int32, 1)}}
	if by := l.of([]trace{old}, vital.Instant(time.Hour+time.Minute)); by != 0 {
		t.Errorf("a run of before the machine slept has all others shown %v late", by)
	}
}

// What live missed is filled in where live would have shown it.
func TestARecordedSecondIsFilledInWhereItsSamplesWereShownLive(t *testing.T) {
	b := newBed(chart.ID{1}, chart.ID{2})
	r := &record{beds: map[chart.ID]*bed{{1}: b}, clock: NewClock()}
	l := &line{lead: vital.ECGII, rate: 500, run: 125, begin: vital.Instant(time.Hour - 100*time.Millisecond)}
	live := map[vital.Instant]bool{} // when each sample was shown
	began := vital.Instant(time.Hour)
	for tenth := began.Add(-100 * time.Millisecond); tenth < began.Add(2*time.Second); tenth = tenth.Add(frameEvery) {
		runs := l.upto(tenth.Add(frameEvery))
		b.fresh = append(b.fresh, runs...)
		if tenth >= began.Add(time.Second) {
			b.second = append(b.second, runs...)
		}
		for _, m := range r.moments(tenth, tenth.Add(frameEvery)) {
			for _, w := range m.Waves {
				for i := range w.Samples {
					live[w.Arrived.Add(time.Duration(i)*2*time.Millisecond)] = true
				}
			}
		}
	}
	s, err := b.flush(began.Add(time.Second), began.Add(2*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	filled := 0
	for _, m := range tenths(wave.Binding{}, began.Add(time.Second), time.UnixMilli(1_790_000_000_000), s) {
		for _, w := range m.Waves {
			if w.Arrived < m.Time {
				t.Errorf("a frame of %v would tell of a sample %v before it", m.Time, m.Time.Sub(w.Arrived))
			}
			for i := range w.Samples {
				filled++
				if at := w.Arrived.Add(time.Duration(i) * 2 * time.Millisecond); !live[at] {
					t.Fatalf("a sample is filled in at %v, where live showed none", at.Sub(began))
				}
			}
		}
	}
	if filled != 500 {
		t.Errorf("%d samples are filled in, want a second of them", filled)
	}
}
