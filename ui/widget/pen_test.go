package widget

import (
	"image/color"
	"math"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/ui/theme"
)

var (
	ink   = color.NRGBA{0, 255, 0, 255}
	paper = color.NRGBA{0, 0, 0, 255}
)

func newPen(w, h int) *pen {
	p := &pen{ink: ink, paper: paper, speed: 100, width: 2, low: 0, high: 1}
	p.size(w, h)
	return p
}

// inked is the columns that hold any ink.
func inked(p *pen) map[int]bool {
	out := map[int]bool{}
	for x := range p.picture.Rect.Dx() {
		for y := range p.picture.Rect.Dy() {
			if p.picture.RGBAAt(x, y).G > 0 {
				out[x] = true
			}
		}
	}
	return out
}

func at(ms int) vital.Instant { return vital.Instant(time.Duration(ms) * time.Millisecond) }

// fill adds samples every 10 ms in [from, to).
func fill(p *pen, from, to int) {
	for ms := from; ms < to; ms += 10 {
		p.add(point{at(ms), 0.5})
	}
}

func TestAGapIsDrawnAsAGap(t *testing.T) {
	p := newPen(400, 50) // 4 s wide
	p.advance(at(0))
	fill(p, 0, 1000)
	p.add(point{at(1000), math.NaN()})
	fill(p, 1500, 2000)
	p.advance(at(2000))
	got := inked(p)
	for x := range 199 {
		if want := x <= 99 || x >= 150; got[x] != want {
			t.Fatalf("column %d (%d ms) has ink: %v", x, 10*x, got[x])
		}
	}
}

func TestASilentTraceIsWipedNotFrozen(t *testing.T) {
	p := newPen(400, 50)
	p.advance(at(0))
	fill(p, 0, 4000)
	p.advance(at(4000))
	if len(inked(p)) < 300 {
		t.Fatal("the trace was not drawn")
	}
	for ms := 4033; ms <= 8100; ms += 33 { // nothing comes for a whole sweep
		p.advance(at(ms))
	}
	if n := len(inked(p)); n != 0 {
		t.Errorf("%d columns of a silent trace still stand", n)
	}
}

func TestNewSamplesStandWhereTheirTimeSays(t *testing.T) {
	even, late := newPen(400, 50), newPen(400, 50)
	even.advance(at(0))
	late.advance(at(0))
	for ms := 0; ms < 3000; ms += 100 {
		fill(even, ms, ms+100)
		even.advance(at(ms + 100))
		if ms%300 == 200 { // three at once, a little late: the same picture
			fill(late, ms-200, ms+100)
		}
		late.advance(at(ms + 100))
	}
	a, b := inked(even), inked(late)
	for x := range 300 {
		if a[x] != b[x] {
			t.Fatalf("column %d differs by how its sample arrived", x)
		}
	}
}

func TestDrawingStepByStepIsDrawingAtOnce(t *testing.T) {
	step, whole := newPen(400, 60), newPen(400, 60)
	wave := func(ms int) float64 { return 0.5 + 0.4*math.Sin(float64(ms)/40) }
	step.advance(at(0))
	for ms := 0; ms < 7000; ms += 10 {
		step.add(point{at(ms), wave(ms)})
		whole.add(point{at(ms), wave(ms)})
		if ms%30 == 0 {
			step.advance(at(ms))
		}
	}
	step.advance(at(7000))
	whole.advance(at(7000))
	for i := range whole.picture.Pix {
		if step.picture.Pix[i] != whole.picture.Pix[i] {
			x, y := i%whole.picture.Stride/4, i/whole.picture.Stride
			t.Fatalf("pixel %d,%d differs between drawing as it came and drawing afresh", x, y)
		}
	}
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	p := newPen(400, 50)
	for ms := 0; ms < 10*60*1000; ms += 2 {
		p.add(point{at(ms), 0.5})
		if ms%100 == 0 && ms > 5*60*1000 { // five minutes without being painted first
			p.advance(at(ms))
		}
	}
	if len(p.points) > maxPoints {
		t.Errorf("%d points are kept", len(p.points))
	}
	if len(inked(p)) < 300 {
		t.Error("the trace was lost")
	}
}

// An ECG's middle is followed, its height is not: 1 mV is 10 mm or 5 mm.
func TestAMillivoltIsItsMillimetres(t *testing.T) {
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(theme.Night))
	for _, c := range []struct {
		tall float32 // millimetres
		per  float64
	}{{40, 10}, {20, 5}} {
		tr := NewTrace(vital.ECGII)
		h := int(theme.MM(c.tall))
		tr.pen.size(500, h)
		tr.rescale()
		got := (tr.pen.y(0) - tr.pen.y(1)) / float64(theme.MM(1))
		if math.Abs(got-c.per) > 0.1*c.per+0.5 {
			t.Errorf("in %v mm a millivolt is %.1f mm high, and its caption says %s", c.tall, got, tr.gain)
		}
	}
}

func TestAProbeThatIsOffLeavesAGapInTheTrace(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Night))
	tr := NewTrace(vital.Pleth)
	tr.pen.size(500, 50)
	w := &vital.Waveform{Lead: vital.Pleth, Rate: vital.Int(100), Samples: make([]int32, 100), Gaps: []vital.Gap{{From: 40, Len: 20, Why: vital.ProbeOff}}}
	for i := range w.Samples {
		w.Samples[i] = int32(100 + i%7)
	}
	tr.Hear(w)
	lifted := 0
	for _, p := range tr.pen.points {
		if math.IsNaN(p.value) {
			lifted++
			if p.at != at(400) {
				t.Errorf("the pen is lifted at %v", time.Duration(p.at))
			}
		}
	}
	if lifted != 1 || len(tr.pen.points) != 81 {
		t.Errorf("%d points with %d gaps", len(tr.pen.points), lifted)
	}
}

func TestThePlayheadRunsEvenlyOverUnevenFrames(t *testing.T) {
	var p Playhead
	start := time.Now()
	boot := chart.Boot{1}
	jitter := []int{0, 40, 5, 90, 0, 60, 20, 0, 80, 10}
	last := vital.Instant(-1 << 60)
	for i := range 100 {
		end := at(100 * (i + 1))
		p.Hear(start.Add(time.Duration(100*i+jitter[i%10])*time.Millisecond), boot, end)
		for ms := range 3 {
			now := start.Add(time.Duration(100*i+jitter[i%10]+ms*3) * time.Millisecond)
			got, heard := p.At(now)
			if !heard || got < last {
				t.Fatalf("frame %d: the playhead ran backward", i)
			}
			last = got
		}
	}
	// A frame ending at 100 ms came at 0: at 10 s the station's clock is 10.1 s.
	got, _ := p.At(start.Add(10 * time.Second))
	if late := time.Duration(got) - (10100*time.Millisecond - PlayDelay); late.Abs() > 15*time.Millisecond {
		t.Errorf("after 10 s of jitter the playhead is %v off", late)
	}
}

func TestTwoMonitorsTracesOfOneLeadAreNeverMixed(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Night))
	tr := NewTrace(vital.Pleth)
	tr.pen.size(500, 50)
	run := func(ms int, rate int64, value int32) *vital.Waveform {
		w := &vital.Waveform{Lead: vital.Pleth, Arrived: at(ms), Rate: vital.Int(rate), Samples: make([]int32, rate/10)}
		for i := range w.Samples {
			w.Samples[i] = value
		}
		return w
	}
	for ms := 0; ms < 3000; ms += 100 {
		tr.Hear(run(ms, 100, 10))
		tr.Hear(run(ms, 70, 9000))
	}
	for _, p := range tr.pen.points {
		if p.value != 10 {
			t.Fatalf("a sample of the other monitor was drawn at %v", time.Duration(p.at))
		}
	}
	for ms := 3000; ms < 6000; ms += 100 { // the first goes away
		tr.Hear(run(ms, 70, 9000))
	}
	if n := len(tr.pen.points); n < 50 || tr.pen.points[0].value != 9000 {
		t.Errorf("after 3 s of silence the other monitor's trace is not there: %d points", n)
	}
}
