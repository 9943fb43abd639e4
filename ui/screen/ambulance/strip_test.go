package ambulance

import (
	"errors"
	"strings"
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/triage/vital/pack"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/rehearsal"
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
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.StripMarked))
	got := r.strips()
	if len(got) != 1 {
		t.Fatalf("%d strips are on record", len(got))
	}
	if e := r.desk.Recorded(chart.TypeSnapshot)[0]; e.Encounter != r.On() || !e.Happened.Equal(now.Add(-stripLong)) {
		t.Errorf("the strip is of %v, want it to begin at %v", e.Happened, now.Add(-stripLong))
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
		if s := seconds[l]; s < 9.8 || s > 10.1 {
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
	s, err := box.strip(0, "m", false)
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
	if _, err := box.strip(0, "m", false); !errors.Is(err, errNoStrip) {
		t.Errorf("samples of another boot's clock are kept: %v", err)
	}
}

func TestAStripOfNothingIsSaidAndNotRecorded(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.NewPatient))
	r.tap(r.say(lang.More))
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
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.StripMarked))
	if len(r.strips()) != 1 {
		t.Fatal("no strip is on record")
	}
	for _, b := range r.strips()[0].Blocks {
		if b.Lead != vital.ABP {
			t.Errorf("the strip holds %v of the patient before", b.Lead)
		}
	}
}
