package ambulance

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/triage/vital/pack"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/rehearsal"
	"fieldkit/ui/theme"
)

func (r *rig) strips() (out []*chart.Snapshot) {
	for _, e := range r.desk.Recorded(chart.TypeSnapshot) {
		out = append(out, e.Content.(*chart.Snapshot))
	}
	return out
}

func TestAMarkedStripHoldsTheTracesAsTheyCame(t *testing.T) {
	r := newRig(t, 0, 1280, 800)
	r.run(15 * time.Second)
	now := r.desk.Now()
	r.tap(r.say(lang.StripMarked))
	r.tap(r.say(lang.StripMarked)) // a second tap while one is on its way is the same
	if len(r.strips()) != 0 {
		t.Fatal("the strip is on record before its last second")
	}
	r.run(11 * time.Second)
	r.settle()
	got := r.strips()
	if len(got) != 1 {
		t.Fatalf("%d strips are on record", len(got))
	}
	if e := r.desk.Recorded(chart.TypeSnapshot)[0]; e.Encounter != r.On() || !e.Happened.Equal(now.Add(-stripBefore)) {
		t.Errorf("the strip is of %v, want it to begin at %v", e.Happened, now.Add(-stripBefore))
	}
	if err := got[0].Validate(); err != nil {
		t.Fatal(err)
	}
	if !got[0].Sources[0].Simulated || got[0].Sources[0].Model != "Example M1" {
		t.Errorf("the strip's source is %+v", got[0].Sources)
	}
	// Sample by sample what the rehearsal sends from the beginning of the strip on.
	began := vital.Instant(5 * time.Second)
	seconds := map[vital.Lead]float64{}
	for _, b := range got[0].Blocks {
		samples, err := pack.Read(nil, b.Packed)
		if err != nil || len(samples) != int(b.Count) {
			t.Fatalf("%v: %d samples of %d: %v", b.Lead, len(samples), b.Count, err)
		}
		at := began.Add(time.Duration(b.StartUS) * time.Microsecond)
		want := rehearsal.Wave(b.Lead, at, time.Duration(float64(b.Count)/b.Rate.Float()*float64(time.Second)), 72.0/60)
		for i := range min(len(samples), len(want.Samples)) {
			if samples[i] != want.Samples[i] {
				t.Fatalf("%v: sample %d of the block at %v is %d, was sent as %d", b.Lead, i, at, samples[i], want.Samples[i])
			}
		}
		seconds[b.Lead] += float64(b.Count) / b.Rate.Float()
	}
	for _, l := range []vital.Lead{vital.ECGII, vital.Pleth, vital.CO2, vital.Resp} {
		if s := seconds[l]; s < 19.7 || s > 20.2 {
			t.Errorf("the strip holds %.2f s of %v", s, l)
		}
	}
}

func TestAStripNeverJoinsOverAHole(t *testing.T) {
	var box tape
	wave := func(at time.Duration, samples ...int32) *ui.Moment {
		return &ui.Moment{At: vital.Instant(at), Waves: []vital.Waveform{{Lead: vital.Pleth, Arrived: vital.Instant(at), Rate: vital.Int(10), Max: 255, Samples: samples,
			Gaps: []vital.Gap{{From: 0, Len: 1, Why: vital.ProbeOff}}}}}
	}
	box.hear(wave(0, 1, 2))
	box.hear(wave(200*time.Millisecond, 3, 4))
	box.hear(wave(2*time.Second, 5, 6))
	s, err := box.strip(0, vital.Instant(time.Minute), "m", false)
	if err != nil || len(s.Blocks) != 2 {
		t.Fatalf("%+v, %v: want two blocks", s, err)
	}
	if b := s.Blocks[0]; b.Count != 4 || len(b.Gaps) != 2 || b.Gaps[1].From != 2 {
		t.Errorf("the first block is %+v", b)
	}
	if b := s.Blocks[1]; b.StartUS != 2_000_000 || b.Count != 2 {
		t.Errorf("the block after the hole is %+v", b)
	}
	box.hear(&ui.Moment{Boot: chart.Boot{9}})
	if _, err := box.strip(0, vital.Instant(time.Minute), "m", false); !errors.Is(err, errNoStrip) {
		t.Errorf("samples of another boot's clock are kept: %v", err)
	}
}

func TestAStripOfNothingIsSaidAndNotRecorded(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.NewPatient))
	r.tap(r.say(lang.StripMarked))
	if n := len(r.strips()); n != 0 {
		t.Errorf("%d strips of a patient without a monitor", n)
	}
	if got := r.frame.bar.Notice().Text; !strings.Contains(got, "NOT RECORDED") {
		t.Errorf("the bar says %q", got)
	}
}

func TestAStripOfOnePatientHoldsNothingOfTheOther(t *testing.T) {
	r := crew(t)
	p := rehearsal.Desaturating(chart.ID{15: 2})
	p.Leads = []vital.Lead{vital.ABP}
	r.desk.Add(p, chart.Demographics{Label: "tag 0418"})
	r.run(3 * time.Second)
	r.ask()
	r.turnTo(p.Encounter)
	r.run(time.Second)
	r.tap(r.say(lang.StripMarked))
	r.run(11 * time.Second)
	r.settle()
	if len(r.strips()) != 1 {
		t.Fatal("no strip is on record")
	}
	for _, b := range r.strips()[0].Blocks {
		if b.Lead != vital.ABP {
			t.Errorf("the strip holds %v of the patient before", b.Lead)
		}
	}
}

// Who looks at another patient two seconds after the mark still has what there was.
func TestAStripOfAPatientWhoLeavesTheScreenHoldsWhatThereIs(t *testing.T) {
	for name, leave := range map[string]func(*rig){
		"another patient": func(r *rig) { r.tap(r.say(lang.NewPatient)) },
		"the lock":        func(r *rig) { r.tap(r.station.SignedIn) },
	} {
		r := newRig(t, 0, 1280, 800)
		r.run(15 * time.Second)
		first := r.On()
		r.tap(r.say(lang.StripMarked))
		r.run(2 * time.Second)
		leave(r)
		r.settle()
		got := r.desk.Recorded(chart.TypeSnapshot)
		if len(got) != 1 || got[0].Encounter != first {
			t.Fatalf("%s: %d strips are on record", name, len(got))
		}
		_, long, err := lanesOf(got[0].Content.(*chart.Snapshot), r.Screen)
		if err != nil || long < 11*time.Second || long > 12500*time.Millisecond {
			t.Errorf("%s: the strip is %v long (%v), want about 12 s", name, long, err)
		}
	}
}

// waves is a moment of so many leads of noise that does not pack.
func loud(at time.Duration, leads ...vital.Lead) *ui.Moment {
	m := &ui.Moment{At: vital.Instant(at)}
	for _, l := range leads {
		w := vital.Waveform{Lead: l, Arrived: vital.Instant(at), Rate: vital.Int(500), Unit: vital.Millivolt, Scale: vital.Dec(1, -3), Min: -30000, Max: 30000}
		for i := range 500 {
			w.Samples = append(w.Samples, int32((i*7919+int(l)*104729+int(at/time.Second)*15485863)%60000-30000))
		}
		m.Waves = append(m.Waves, w)
	}
	return m
}

func TestAStripTooLargeForAnEntryLeavesLeadsOutByName(t *testing.T) {
	var box tape
	for second := range 20 {
		box.hear(loud(time.Duration(second)*time.Second, vital.Resp, vital.ECGII, vital.Pleth, vital.ECGV1))
	}
	s, err := box.strip(0, vital.Instant(time.Minute), "m", false)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	if s.Blocks[0].Lead != vital.ECGII || !strings.HasPrefix(s.Text, "no room for ") || strings.Contains(s.Text, vital.ECGII.Info().Label) {
		t.Errorf("kept from %v on, %q", s.Blocks[0].Lead, s.Text)
	}
}

func TestOnlyTwelveLeadsThatTheMonitorGaveAreATwelveLead(t *testing.T) {
	for n, want := range map[int]string{3: "strip", 11: "strip", 12: "12-lead"} {
		var box tape
		m := loud(0, twelve[:n]...)
		for i := range m.Waves {
			m.Waves[i].Samples = m.Waves[i].Samples[:50]
		}
		box.hear(m)
		s, err := box.strip(0, vital.Instant(time.Minute), "m", false)
		if err != nil || s.Layout != want {
			t.Errorf("%d leads are called %q (%v), want %q", n, s.Layout, err, want)
		}
	}
}

// A block's start and gaps by hand: 10 samples a second from 0.5 s, the third without
// a measurement; then nothing until 2 s.
func TestAStripIsShownAsItWasMeasuredWithItsGaps(t *testing.T) {
	block := func(start int32, gaps []vital.Gap, samples ...int32) chart.Block {
		packed, err := pack.Append(nil, samples)
		if err != nil {
			t.Fatal(err)
		}
		return chart.Block{Lead: vital.ECGII, Rate: vital.Int(10), Unit: vital.Microvolt, Scale: vital.Dec(5, 0), Count: uint32(len(samples)), StartUS: start, Gaps: gaps, Packed: packed}
	}
	r := crew(t)
	lanes, long, err := lanesOf(&chart.Snapshot{Layout: "strip", Blocks: []chart.Block{
		block(500_000, []vital.Gap{{From: 2, Len: 1, Why: vital.ProbeOff}}, 0, 200, 0, 400), block(2_000_000, nil, 100)}}, r.Screen)
	if err != nil || long != 2100*time.Millisecond || len(lanes) != 1 || !lanes[0].Millivolts || lanes[0].Label != "II   25 mm/s   10 mm/mV   "+r.say(lang.NotForST) {
		t.Fatalf("%v of %+v: %v", long, lanes, err)
	}
	none := math.NaN()
	at := []time.Duration{500, 500, 600, 700, 800, 2000, 2000}
	for i, want := range []float64{none, 0, 1, none, 2, none, 0.5} { // 200 of 5 uV are 1 mV
		got := lanes[0].Points[i]
		if got.At != at[i]*time.Millisecond || got.Value != want && !(math.IsNaN(got.Value) && math.IsNaN(want)) {
			t.Errorf("point %d is %v, want %v at %v ms", i, got, want, at[i])
		}
	}
}

func TestTwoTapsOnAStripMeasureTheTimeBetweenThem(t *testing.T) {
	r := newRig(t, 0, 1280, 800)
	r.run(15 * time.Second)
	r.tap(r.say(lang.StripMarked))
	r.run(11 * time.Second)
	r.settle()
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.StripsWord))
	p := r.page.(*strips)
	mm := theme.MM(1)
	p.paper.Tapped(&fyne.PointEvent{Position: fyne.NewPos(50*mm, 20)})
	p.paper.Tapped(&fyne.PointEvent{Position: fyne.NewPos(75*mm, 20)}) // 25 mm further: one second
	r.settle()
	if !r.says("1000 ms = 60/min") && !r.says("999 ms = 60/min") {
		t.Errorf("the page says %q", r.texts())
	}
}
