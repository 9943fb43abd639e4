package ambulance

import (
	"math"
	"slices"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/triage/vital/pack"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// strips are the strips on record of the patient on screen, one at a time on ECG
// paper, the latest first.
type strips struct {
	known
	at     int // of all, the latest 0
	first  int // of the leads, the one on top
	from   time.Duration
	shown  chart.Ref
	all    []*chart.Fact
	lanes  []widget.Lane // of the strip shown
	long   time.Duration
	why    error
	put    bool
	root   *fyne.Container
	words  *notes
	paper  *widget.Paper
	older  *widget.Button
	leads  *widget.Button
	before *widget.Button
	after  *widget.Button
	mark   *widget.Button
}

// paperLanes is how many leads stand on a sheet at once.
const paperLanes = 3

func newStrips(s *Screen) *strips {
	p := &strips{known: known{s: s, of: s.on}, words: newNotes(s), paper: widget.NewPaper()}
	p.words.bold = true
	p.older = widget.NewWide("", func() {
		if len(p.all) > 0 {
			p.at = (p.at + 1) % len(p.all)
		}
	})
	p.leads = widget.NewWide("", func() {
		if p.first += paperLanes; p.first >= len(p.lanes) {
			p.first = 0
		}
		p.put = false
	})
	step := func(by time.Duration) func() {
		return func() {
			p.from = max(0, min(p.from+by, p.long-p.paper.Width()))
			p.put = false
		}
	}
	p.before = widget.NewWide(s.speech.Say(lang.StripEarlier), step(-5*time.Second))
	p.after = widget.NewWide(s.speech.Say(lang.StripLater), step(5*time.Second))
	p.mark = widget.NewWide(s.speech.Say(lang.StripMarked), s.markStrip)
	p.root = s.sheet(container.New(headed{}, p.words.root, p.paper), p.mark, p.older, p.leads, p.before, p.after)
	return p
}

func (p *strips) object() fyne.CanvasObject { return p.root }

func (p *strips) show(now time.Time) {
	speech := p.s.speech
	p.read(now)
	if p.chart != nil {
		p.all = slices.Clone(p.chart.Of(chart.TypeSnapshot))
		slices.Reverse(p.all)
	}
	p.at = max(0, min(p.at, len(p.all)-1))
	var words []string
	switch {
	case p.chart == nil && p.err != nil:
		words = append(words, speech.Say(lang.RecordNotRead, reason(p.err)))
	case p.chart == nil:
		words = append(words, speech.Say(lang.ReadingRecord))
	case len(p.all) == 0:
		words = append(words, speech.Say(lang.NoStrips))
	default:
		p.turn(p.all[p.at])
		words = append(words, p.says(p.all[p.at]))
	}
	p.words.say(words...)
	p.older.Say(speech.Say(lang.OtherStrip), speech.Say(lang.PageOf, p.at+1, max(1, len(p.all))))
	p.older.Disable(len(p.all) < 2)
	sheets := max(1, (len(p.lanes)+paperLanes-1)/paperLanes)
	p.leads.Say(speech.Say(lang.OtherLeads), speech.Say(lang.PageOf, p.first/paperLanes+1, sheets))
	p.leads.Disable(sheets == 1)
	p.before.Disable(p.from <= 0)
	p.after.Disable(p.from+p.paper.Width() >= p.long)
}

// turn puts a strip on the paper when another stands there.
func (p *strips) turn(f *chart.Fact) {
	if p.shown != f.Ref {
		snapshot := f.Content.(*chart.Snapshot)
		p.lanes, p.long, p.why = lanesOf(snapshot, p.s)
		p.shown, p.first, p.from, p.put = f.Ref, 0, 0, false
	}
	if !p.put && p.paper.Size().Width > 0 {
		p.put = true
		p.paper.Put(p.lanes[min(p.first, len(p.lanes)):min(p.first+paperLanes, len(p.lanes))], p.from)
	}
}

// says is a strip in one line: when, how long, what is measured on it.
func (p *strips) says(f *chart.Fact) string {
	speech, snapshot := p.s.speech, f.Content.(*chart.Snapshot)
	text := speech.Say(lang.StripIs, p.s.daySecond(f.At), strconv.Itoa(int((p.long+time.Second/2)/time.Second)))
	if p.why != nil {
		text += "; " + speech.Say(lang.StripDamaged)
	}
	if snapshot.Text != "" {
		text += "; " + snapshot.Text
	}
	if d, ok := p.paper.Measured(); ok {
		text += "; " + speech.Say(lang.BetweenMarks, int(d/time.Millisecond))
		if d >= 200*time.Millisecond {
			text += " = " + strconv.Itoa(int(time.Minute/d)) + "/min"
		}
	} else {
		text += "; " + speech.Say(lang.TapTwice)
	}
	return text
}

// lanesOf are a snapshot's blocks as lanes, in the order they stand there, and how long it is. What cannot be
// read is a gap, and the error says that something cannot.
func lanesOf(s *chart.Snapshot, screen *Screen) (out []widget.Lane, long time.Duration, why error) {
	at := map[string]int{}
	var ends []time.Duration
	for i := range s.Blocks {
		b := &s.Blocks[i]
		rate := b.Rate.Float()
		name := b.Lead.Info().Label
		if b.Lead == vital.UnknownLead || name == "" {
			name = b.Raw
		}
		samples, err := pack.Read(nil, b.Packed)
		if err != nil || rate <= 0 {
			why = err
			continue
		}
		n, known := at[name]
		perMillivolt, measured := millivolts(b)
		if !known {
			n = len(out)
			at[name] = n
			label := screen.leadName(b.Lead, name) + "   25 mm/s   "
			if measured {
				label += "10 mm/mV   " + screen.speech.Say(lang.NotForST)
			} else {
				label += screen.speech.Say(lang.NotToScale)
			}
			out, ends = append(out, widget.Lane{Label: label, Colour: theme.OfLead(b.Lead), Millivolts: measured}), append(ends, 0)
		}
		lane := &out[n]
		start := time.Duration(b.StartUS) * time.Microsecond
		step := time.Duration(float64(time.Second) / rate)
		lift := func(t time.Duration) { lane.Points = append(lane.Points, widget.LanePoint{At: t, Value: math.NaN()}) }
		if start-ends[n] > step*3/2 || lane.Millivolts != measured {
			lift(start)
		}
		if lane.Millivolts != measured {
			continue // of another scale: nothing is drawn as what it is not
		}
		gap := 0
		for j, v := range samples {
			t := start + time.Duration(float64(j)/rate*float64(time.Second))
			for gap < len(b.Gaps) && j >= b.Gaps[gap].From+b.Gaps[gap].Len {
				gap++
			}
			if gap < len(b.Gaps) && j >= b.Gaps[gap].From {
				lift(t)
				continue
			}
			value := float64(v) + float64(b.Offset)
			if b.Scale.Mantissa != 0 {
				value *= b.Scale.Float()
			}
			lane.Points = append(lane.Points, widget.LanePoint{At: t, Value: value / perMillivolt})
		}
		ends[n] = start + time.Duration(float64(len(samples))/rate*float64(time.Second))
		long = max(long, ends[n])
	}
	return out, long, why
}

// millivolts is how much of a block's unit a millivolt is; false when the monitor
// gives no scale or the unit is no voltage.
func millivolts(b *chart.Block) (float64, bool) {
	switch {
	case b.Scale.Mantissa == 0:
		return 1, false
	case b.Unit == vital.Millivolt:
		return 1, true
	case b.Unit == vital.Microvolt:
		return 1000, true
	}
	return 1, false
}

// leadName is a lead in the person's language; an ECG's is the monitor's own.
func (s *Screen) leadName(l vital.Lead, name string) string {
	switch l {
	case vital.Pleth:
		return s.speech.Say(lang.Pleth)
	case vital.Resp:
		return s.speech.Say(lang.Breathing)
	}
	return name
}
