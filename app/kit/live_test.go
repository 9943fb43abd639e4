package kit

import (
	"testing"
	"time"

	"fieldkit/telemetry/link"
	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/triage/vital/pack"
)

func TestAWeakLinkLosesWaveformsFirstAndNumbersNever(t *testing.T) {
	m := wave.Now{
		Waves:    []vital.Waveform{{Lead: vital.Resp}, {Lead: vital.Pleth}, {Lead: vital.ECGII}},
		Numerics: []vital.Reading{vital.Of(vital.SpO2, vital.Int(97))},
		Alarms:   []wave.Alarm{{ID: 1, Priority: 3, Text: "SpO₂ low"}},
	}
	for _, c := range []struct {
		story  string
		rung   link.Rung
		waves  []vital.Lead
		frames int // of the ten of a second
	}{
		{"a good link carries everything", link.Everything, []vital.Lead{vital.Resp, vital.Pleth, vital.ECGII}, 10},
		{"a weak one keeps the ECG", link.ChosenWaveform, []vital.Lead{vital.ECGII}, 10},
		{"a bad one has numbers only", link.NumericsOnly, nil, 2},
		{"the worst has numbers once a second", link.NumericsSlow, nil, 1},
	} {
		t.Run(c.story, func(t *testing.T) {
			frames := 0
			for tenth := range 10 {
				m.Time = vital.Instant(3*time.Second + time.Duration(tenth)*frameEvery)
				shaped, due := shape(c.rung, &m)
				if !due {
					continue
				}
				frames++
				if len(shaped.Numerics) != 1 || len(shaped.Alarms) != 1 {
					t.Errorf("%d numbers and %d alarms, want one each", len(shaped.Numerics), len(shaped.Alarms))
				}
				var leads []vital.Lead
				for _, w := range shaped.Waves {
					leads = append(leads, w.Lead)
				}
				if len(leads) != len(c.waves) || len(leads) > 0 && leads[0] != c.waves[0] {
					t.Errorf("waves %v, want %v", leads, c.waves)
				}
			}
			if frames != c.frames {
				t.Errorf("%d frames a second, want %d", frames, c.frames)
			}
		})
	}
	if _, due := shape(link.NumericsSlow, &wave.Now{Time: 1, Ended: true}); !due {
		t.Error("the end of a binding waits for a beat")
	}
}

func TestARecordedSecondBecomesTenFramesWithEverySampleInItsTenth(t *testing.T) {
	samples := make([]int32, 125)
	for i := range samples {
		samples[i] = int32(i)
	}
	packed, err := pack.Append(nil, samples)
	if err != nil {
		t.Fatal(err)
	}
	value := vital.Int(97)
	began := vital.Instant(7 * time.Second)
	frames := tenths(wave.Binding{Tag: "0417"}, began, time.UnixMilli(1_790_000_000_000), &chart.Second{
		Values: []chart.Vital{{Sign: vital.SpO2, Value: &value}},
		Blocks: []chart.Block{{
			Lead: vital.Pleth, Rate: vital.Int(125), Count: 125, Packed: packed,
			Gaps: []vital.Gap{{From: 10, Len: 20, Why: vital.ProbeOff}},
		}},
	})
	if len(frames) != 10 {
		t.Fatalf("%d frames", len(frames))
	}
	next, missing := int32(0), 0
	for i, m := range frames {
		if want := began.Add(time.Duration(i) * frameEvery); m.Time != want {
			t.Errorf("frame %d is of %v, want %v", i, m.Time, want)
		}
		for _, w := range m.Waves {
			if w.Arrived < m.Time || w.Arrived >= m.Time.Add(frameEvery) {
				t.Errorf("frame %d has a wave of %v", i, w.Arrived)
			}
			for _, s := range w.Samples {
				if s != next {
					t.Fatalf("frame %d has sample %d, want %d", i, s, next)
				}
				next++
			}
			for _, g := range w.Gaps {
				missing += g.Len
			}
		}
		var alone wave.Encoder
		if _, err := alone.Encode(nil, m); err != nil {
			t.Errorf("frame %d cannot be sent: %v", i, err)
		}
	}
	if next != 125 || missing != 20 {
		t.Errorf("%d samples with %d missing came out, want 125 and 20", next, missing)
	}
}
