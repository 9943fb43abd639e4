package trial

import (
	"fmt"
	"io"
	"io/fs"
	"math"
	"strings"
	"time"

	"fieldkit/triage/rhythm"
	"fieldkit/triage/rhythm/ec57"
	"fieldkit/triage/rhythm/wfdb"
)

// narrow is the second window that figures are given for: a third of EC57's.
const narrow = 50 * time.Millisecond

// seed makes the motion noise; any other would do as well.
const seed = 1

// A run is what the detector made of one lead, and how that compares.
type run struct {
	beats    ec57.Tally
	narrow   ec57.Tally
	trusted  ec57.Tally // only what falls in trusted time
	answered time.Duration
	asked    time.Duration
	delay    time.Duration // summed
	longest  time.Duration
	found    int
	signal   time.Duration
	spent    time.Duration
	// Fibrillation by the record's rhythm marks, in time answered.
	afTrue, afMissed, afFalse, afQuiet time.Duration
}

func (r run) plus(q run) run {
	return run{
		r.beats.Plus(q.beats), r.narrow.Plus(q.narrow), r.trusted.Plus(q.trusted), r.answered + q.answered, r.asked + q.asked,
		r.delay + q.delay, max(r.longest, q.longest), r.found + q.found, r.signal + q.signal, r.spent + q.spent,
		r.afTrue + q.afTrue, r.afMissed + q.afMissed, r.afFalse + q.afFalse, r.afQuiet + q.afQuiet,
	}
}

// measure runs a monitor over counts, a second at a time, as a port would.
func (l *lead) measure(counts []int32, clock func() time.Time) (run, error) {
	m, err := rhythm.NewMonitor(l.rate)
	if err != nil {
		return run{}, err
	}
	second := max(1, int(l.rate))
	r := run{signal: l.duration(int64(len(counts)))}
	detections := make([]int64, 0, 4096)
	trusted := make([]bool, 0, len(counts)/second+1)
	rhythms := l.rhythms()
	for at := 0; at < len(counts); at += second {
		part := counts[at:min(at+second, len(counts))]
		start := clock()
		beats, _ := m.Push(part, l.scale)
		r.spent += clock().Sub(start)
		for _, b := range beats {
			detections = append(detections, b.Sample)
			late := l.duration(b.Reported - b.Sample)
			r.delay += late
			r.longest = max(r.longest, late)
			r.found++
		}
		s := m.Now()
		trusted = append(trusted, s.Quality >= rhythm.Trusted)
		if l.duration(int64(at)) < ec57.Learning {
			continue
		}
		r.asked += time.Second
		if s.RateOK {
			r.answered += time.Second
		}
		r.fibrillation(s, rhythms(int64(at)))
	}
	r.beats = ec57.Compare(l.marks, detections, l.rate, ec57.Window, ec57.Learning, nil)
	r.narrow = ec57.Compare(l.marks, detections, l.rate, narrow, ec57.Learning, nil)
	r.trusted = r.beats
	ec57.Compare(l.marks, detections, l.rate, ec57.Window, ec57.Learning, func(f ec57.Fault) {
		// Ten seconds of quality reach the fault until five seconds after it.
		k := min(int(f.Sample)/second+5, len(trusted)-1)
		switch {
		case trusted[k]:
		case f.Code == 0:
			r.trusted.Extra--
		default:
			r.trusted.Missed--
			r.trusted.Reference--
		}
	})
	return r, nil
}

func (l *lead) duration(samples int64) time.Duration {
	return time.Duration(float64(samples) / l.rate * float64(time.Second))
}

// rhythms tells whether a sample, asked in order, lies in fibrillation or flutter of the atria.
func (l *lead) rhythms() func(sample int64) bool {
	next, on := 0, false
	return func(sample int64) bool {
		for next < len(l.marks) && l.marks[next].Sample <= sample {
			if m := l.marks[next]; m.Code == wfdb.Rhythm {
				on = strings.HasPrefix(m.Aux, "(AFIB") || strings.HasPrefix(m.Aux, "(AFL")
			}
			next++
		}
		return on
	}
}

func (r *run) fibrillation(s rhythm.State, marked bool) {
	if !s.FibrillationOK {
		return
	}
	switch found := s.Fibrillation > 0.5; {
	case marked && found:
		r.afTrue += time.Second
	case marked:
		r.afMissed += time.Second
	case found:
		r.afFalse += time.Second
	default:
		r.afQuiet += time.Second
	}
}

// Bench runs the detector over lead n of every marked record in fsys and prints
// the table and the gross figures, by AAMI EC57; the last line is that of all
// records without a pacemaker. clock is for the speed alone.
func Bench(fsys fs.FS, n int, clock func() time.Time, to io.Writer) error {
	headers, unmarked, err := marked(fsys)
	if err != nil {
		return err
	}
	p := &printer{to: to}
	p.linef("AAMI EC57: window %d ms, first %d min and ventricular flutter left out; lead %d; one set of parameters",
		ec57.Window.Milliseconds(), int(ec57.Learning.Minutes()), n)
	p.linef("%-8s %6s %6s %6s %7s %7s %7s  %7s %7s  %6s %6s", "record", "beats", "missed", "extra", "se", "ppv", "f1", "se50", "ppv50", "delay", "max ms")
	for _, name := range unmarked {
		p.linef("%s left out: no reference marks beside it", name)
	}
	var all, paced run
	noise := map[float64]run{12: {}, 6: {}}
	for _, header := range headers {
		l, err := open(fsys, header, n)
		if err != nil {
			return err
		}
		if err := l.readMarks(fsys, header); err != nil {
			return err
		}
		r, err := l.measure(l.counts, clock)
		if err != nil {
			return fmt.Errorf("measure %s: %w", l.name, err)
		}
		name := l.name
		if l.paced() {
			name += " paced"
			paced = paced.plus(r)
		} else {
			all = all.plus(r)
			for decibels, sum := range noise {
				r, err := l.measure(l.noisy(decibels, seed), clock)
				if err != nil {
					return fmt.Errorf("measure %s: %w", l.name, err)
				}
				noise[decibels] = sum.plus(r)
			}
		}
		p.row(name, r)
		if r.beats.F1() < 97 {
			p.linef("         under 97 %%: %s", strings.Join(l.notes, " "))
		}
	}
	p.row("gross", all)
	if paced.signal > 0 {
		p.row("paced", paced)
	}
	for _, decibels := range []float64{12, 6} {
		r := noise[decibels]
		p.linef("motion noise %2.0f dB: se=%.2f ppv=%.2f; quality withholds: in trusted time se=%.2f ppv=%.2f, rate answered %.1f %% of the time (without noise %.1f %%)",
			decibels, r.beats.Sensitivity(), r.beats.PositivePredictivity(), r.trusted.Sensitivity(), r.trusted.PositivePredictivity(),
			share(r.answered, r.asked-r.answered), share(all.answered, all.asked-all.answered))
	}
	p.linef("atrial fibrillation likely, by the marks, in time answered: se=%.1f sp=%.1f ppv=%.1f of %.0f min marked",
		share(all.afTrue, all.afMissed), share(all.afQuiet, all.afFalse), share(all.afTrue, all.afFalse), (all.afTrue + all.afMissed).Minutes())
	p.linef("window 50 ms: se=%.2f ppv=%.2f f1=%.2f", all.narrow.Sensitivity(), all.narrow.PositivePredictivity(), all.narrow.F1())
	p.linef("total beats=%d se=%.2f ppv=%.2f f1=%.2f delay_mean_ms=%d delay_max_ms=%d speed=%d",
		all.beats.Reference, all.beats.Sensitivity(), all.beats.PositivePredictivity(), all.beats.F1(),
		all.meanDelay(), all.longest.Milliseconds(), all.speed())
	return p.err
}

func (r run) meanDelay() int64 {
	return (r.delay / time.Duration(max(1, r.found))).Milliseconds()
}

// speed is how many times faster than the signal the detector was.
func (r run) speed() int64 { return int64(r.signal / max(1, r.spent)) }

// share is a of a and b, in per cent; 0 when there is neither.
func share(a, b time.Duration) float64 {
	if a+b == 0 {
		return 0
	}
	return math.Round(1000*float64(a)/float64(a+b)) / 10
}

// A printer keeps the first error of its writer.
type printer struct {
	to  io.Writer
	err error
}

func (p *printer) linef(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.to, format+"\n", args...)
	}
}

func (p *printer) row(name string, r run) {
	p.linef("%-9s%6d %6d %6d %7.2f %7.2f %7.2f  %7.2f %7.2f  %6d %6d", name, r.beats.Reference, r.beats.Missed, r.beats.Extra,
		r.beats.Sensitivity(), r.beats.PositivePredictivity(), r.beats.F1(),
		r.narrow.Sensitivity(), r.narrow.PositivePredictivity(), r.meanDelay(), r.longest.Milliseconds())
}
