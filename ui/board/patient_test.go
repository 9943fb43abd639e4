package board

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// A story is frames as they come to one tile.
type story struct {
	Encounter string   `json:"encounter"`
	Frames    []string `json:"frames"`
	Now       int64    `json:"now"` // the station's clock when it is looked at, ms

	now     wave.Now
	encoder wave.Encoder
}

func newStory() *story {
	s := &story{}
	s.now.Time = vital.Instant(stationStart)
	s.now.Binding = wave.Binding{Encounter: [16]byte{15: 7}, Station: [32]byte{1}, Boot: [16]byte{1}, Epoch: [16]byte{2}, Tag: "tag 0417"}
	s.Encounter = chart.ID(s.now.Binding.Encounter).String()
	return s
}

// make makes the next tenth's frame without telling it to the page.
func (s *story) make(t *testing.T) string {
	t.Helper()
	raw, err := s.encoder.Encode(nil, &s.now)
	if err != nil {
		t.Fatal(err)
	}
	s.Now = time.Duration(s.now.Time).Milliseconds()
	s.now.Time = s.now.Time.Add(100 * time.Millisecond)
	return hex.EncodeToString(raw)
}

func (s *story) tell(t *testing.T, numerics ...vital.Reading) *story {
	t.Helper()
	for i := range numerics {
		if numerics[i].Arrived == 0 {
			numerics[i].Arrived = s.now.Time
		}
	}
	s.now.Numerics = numerics
	s.Frames = append(s.Frames, s.make(t))
	return s
}

// tellFull tells a whole second, so that the last frame that counts is full.
func (s *story) tellFull(t *testing.T, numerics ...vital.Reading) *story {
	t.Helper()
	for range 10 {
		s.tell(t, slices.Clone(numerics)...)
	}
	return s
}

type shownRow struct {
	Sign, Label, Text, Mean, State, Stands, Seen string
	Doubtful                                     bool
}

type told struct {
	Stories []struct {
		Rows                   []shownRow
		Refused, Late, Missing int
		Numbers                int // how often they became others
		Traces                 []struct {
			Held  int
			First *float64
		}
		Events []string
	}
	Spans []float64
}

func of(sign vital.Sign, value int64) vital.Reading { return vital.Of(sign, vital.Int(value)) }

// ago is a whole number that came that long before the story begins.
func ago(d time.Duration, sign vital.Sign, value int64) vital.Reading {
	r := of(sign, value)
	r.Arrived = vital.Instant(stationStart).Add(-d)
	return r
}

func TestAPatientsNumbersAsThePageHoldsThem(t *testing.T) {
	doubtful := of(vital.SpO2, 70)
	doubtful.Questionable = true
	doubted := ago(5*time.Minute, vital.NIBPDia, 85)
	doubted.Questionable = true
	cases := []struct {
		name  string
		story *story
		rows  []shownRow
	}{
		{"the pulse leads when no ECG counts the heart", newStory().tell(t, of(vital.PulseRate, 101), of(vital.SpO2, 97)),
			[]shownRow{{Sign: "PR", Text: "101", State: "measured", Stands: "fresh"}, {Sign: "SpO2", Text: "97", State: "measured", Stands: "fresh"}}},
		{"the heart leads when an ECG counts it", newStory().tell(t, of(vital.PulseRate, 101), of(vital.HeartRate, 102), of(vital.SpO2, 97)),
			[]shownRow{{Sign: "HR", Text: "102", State: "measured", Stands: "fresh"}, {Sign: "SpO2", Text: "97", State: "measured", Stands: "fresh"}, {Sign: "PR", Text: "101", State: "measured", Stands: "fresh"}}},
		{"a cuff that found no diastolic says so", newStory().tell(t, of(vital.NIBPSys, 92), vital.None(vital.NIBPDia, vital.NotMeasured)),
			[]shownRow{{Sign: "NIBP-SYS", Text: "92/–", State: "measured", Stands: "fresh"}}},
		{"a cuff that found nothing is no pressure", newStory().tell(t, vital.None(vital.NIBPSys, vital.Artefact), of(vital.NIBPDia, 60)),
			[]shownRow{{Sign: "NIBP-SYS", Text: "", State: "artefact", Stands: "fresh"}}},
		{"a new systolic has no old diastolic beside it", newStory().tell(t, ago(0, vital.NIBPSys, 70), ago(5*time.Minute, vital.NIBPDia, 85), ago(5*time.Minute, vital.NIBPMean, 99)),
			[]shownRow{{Sign: "NIBP-SYS", Text: "70/–", State: "measured", Stands: "fresh"}}},
		{"nor a new diastolic an old systolic", newStory().tell(t, ago(8*time.Minute, vital.NIBPSys, 140), ago(0, vital.NIBPDia, 40), ago(0, vital.NIBPMean, 50)),
			[]shownRow{{Sign: "NIBP-SYS", Text: "–/40", Mean: "mean 50", State: "measured", Stands: "fresh"}}},
		{"the parts of one result may come two seconds apart", newStory().tell(t, ago(2*time.Second, vital.NIBPSys, 120), ago(0, vital.NIBPDia, 80), ago(time.Second, vital.NIBPMean, 93)),
			[]shownRow{{Sign: "NIBP-SYS", Text: "120/80", Mean: "mean 93", State: "measured", Stands: "fresh"}}},
		{"and not more", newStory().tell(t, ago(2100*time.Millisecond, vital.ABPSys, 120), ago(0, vital.ABPDia, 80)),
			[]shownRow{{Sign: "ABP-SYS", Text: "–/80", State: "measured", Stands: "fresh"}}},
		{"a mean that is newer than the pressures is not theirs", newStory().tell(t, ago(5*time.Minute, vital.NIBPSys, 120), ago(5*time.Minute, vital.NIBPDia, 80), ago(0, vital.NIBPMean, 50)),
			[]shownRow{{Sign: "NIBP-SYS", Text: "120/80", State: "measured", Stands: "fresh"}}},
		{"what the monitor doubts of an old part is not said of the new one", newStory().tell(t, ago(0, vital.NIBPSys, 70), doubted),
			[]shownRow{{Sign: "NIBP-SYS", Text: "70/–", State: "measured", Stands: "fresh"}}},
		{"a cuff that found nothing has no old mean beside it", newStory().tell(t, vital.None(vital.NIBPSys, vital.Artefact), ago(5*time.Minute, vital.NIBPDia, 85), ago(5*time.Minute, vital.NIBPMean, 99)),
			[]shownRow{{Sign: "NIBP-SYS", Text: "", State: "artefact", Stands: "fresh"}}},
		{"alert is the letter A, not 0", newStory().tell(t, of(vital.ACVPU, 0)),
			[]shownRow{{Sign: "ACVPU", Text: "A", State: "measured", Stands: "fresh"}}},
		{"the lowest and highest that the page saw, but not what the monitor doubts", newStory().tell(t, of(vital.SpO2, 97)).tell(t, of(vital.SpO2, 81)).tell(t, doubtful).tell(t, of(vital.SpO2, 94)),
			[]shownRow{{Sign: "SpO2", Text: "94", State: "measured", Stands: "fresh", Seen: "81 to 97"}}},
		{"a sign the monitor no longer sends is gone within a second", newStory().tellFull(t, of(vital.SpO2, 97), of(vital.EtCO2, 38)).tellFull(t, of(vital.SpO2, 97)).tell(t, of(vital.SpO2, 97)),
			[]shownRow{{Sign: "SpO2", Text: "97", State: "measured", Stands: "fresh"}}},
	}
	stranger := newStory().tell(t, of(vital.SpO2, 97))
	stranger.now.Binding.Encounter[0] = 9
	stranger.tell(t, of(vital.SpO2, 33))
	waits := newStory()
	waits.tell(t, of(vital.SpO2, 97)).tell(t, of(vital.SpO2, 96))
	slices.Reverse(waits.Frames)
	broken := newStory()
	broken.tell(t, of(vital.SpO2, 97)).tell(t, of(vital.SpO2, 96))
	broken.Frames[0] += "00" // a byte too many
	// Our own encoder withholds such a value itself; another's may not. 97 and 127 as
	// the format's varints.
	impossible := newStory().tell(t, of(vital.SpO2, 97))
	if n := strings.Count(impossible.Frames[0], "c201"); n != 1 {
		t.Fatalf("97 stands %d times in the frame", n)
	}
	impossible.Frames[0] = strings.Replace(impossible.Frames[0], "c201", "fe01", 1)
	cases = append(cases, []struct {
		name  string
		story *story
		rows  []shownRow
	}{
		{"another patient's frame in this tile is refused", stranger, []shownRow{{Sign: "SpO2", Text: "97", State: "measured", Stands: "fresh"}}},
		{"a value no body can have is withheld", impossible, []shownRow{{Sign: "SpO2", Text: "", State: "withheld", Stands: "fresh"}}},
		{"of a frame that is broken behind its description only that is learned", broken, []shownRow{{Sign: "SpO2", Text: "96", State: "measured", Stands: "fresh"}}},
		{"a frame that comes before its description waits for it", waits, []shownRow{{Sign: "SpO2", Text: "96", State: "measured", Stands: "fresh", Seen: "96 to 97"}}},
	}...)
	stories := []*story{}
	for _, c := range cases {
		stories = append(stories, c.story)
	}
	got := nodeReads[told](t, map[string]any{"stories": stories, "heights": []int{}}, "patient.mjs")
	for i, c := range cases {
		rows := got.Stories[i].Rows
		for j := range rows {
			rows[j].Label = ""
		}
		if !slices.Equal(rows, c.rows) {
			t.Errorf("%s: %+v, want %+v", c.name, rows, c.rows)
		}
	}
	if n := got.Stories[slices.Index(stories, stranger)].Refused; n != 1 {
		t.Errorf("%d frames of a stranger were refused, want 1", n)
	}
}

// What is another number, or none, is drawn with the next animation frame; what
// stays the same costs nothing.
func TestANumberThatBecameAnotherIsDrawnAtOnce(t *testing.T) {
	doubtful := of(vital.SpO2, 97)
	doubtful.Questionable = true
	cases := []struct {
		name string
		then func(*story)
		want bool
	}{
		{"the same again", func(s *story) { s.tell(t, of(vital.SpO2, 97)) }, false},
		{"the same for a second, told in full", func(s *story) { s.tellFull(t, of(vital.SpO2, 97)) }, false},
		{"another value", func(s *story) { s.tell(t, of(vital.SpO2, 96)) }, true},
		{"the probe is off", func(s *story) { s.tell(t, vital.None(vital.SpO2, vital.ProbeOff)) }, true},
		{"the monitor doubts it", func(s *story) { s.tell(t, doubtful) }, true},
		{"another sign comes", func(s *story) { s.tell(t, of(vital.SpO2, 97), of(vital.PulseRate, 70)) }, true},
		{"the monitor says nothing of it any more", func(s *story) { s.tellFull(t).tell(t) }, true},
	}
	stories := []*story{newStory().tell(t, of(vital.SpO2, 97))}
	for _, c := range cases {
		s := newStory().tell(t, of(vital.SpO2, 97))
		c.then(s)
		stories = append(stories, s)
	}
	got := nodeReads[told](t, map[string]any{"stories": stories, "heights": []int{}}, "patient.mjs").Stories
	for i, c := range cases {
		if changed := got[i+1].Numbers > got[0].Numbers; changed != c.want {
			t.Errorf("%s: %v, want %v", c.name, changed, c.want)
		}
	}
}

// A frame filled from the record may list the waves otherwise than the live ones.
func TestALateFrameDrawsOnlyIntoItsOwnWave(t *testing.T) {
	run := func(lead vital.Lead, at vital.Instant, sample int32) vital.Waveform {
		return vital.Waveform{Lead: lead, Rate: vital.Int(100), Scale: vital.Int(1), Min: 0, Max: 4095, Arrived: at, Samples: slices.Repeat([]int32{sample}, 10)}
	}
	live := newStory()
	live.now.Time = live.now.Time.Add(time.Second)
	live.now.Waves = []vital.Waveform{run(vital.ECGII, live.now.Time, 1000), run(vital.Pleth, live.now.Time, 50)}
	live.tell(t, of(vital.SpO2, 97))
	filled := newStory()
	filled.now.Binding.Tag = "tag 0417, as the record has it"
	filled.now.Waves = []vital.Waveform{run(vital.Pleth, filled.now.Time, 60), run(vital.CO2, filled.now.Time, 5)}
	live.Frames = append(live.Frames, filled.make(t))
	got := nodeReads[told](t, map[string]any{"stories": []*story{live}, "heights": []int{}}, "patient.mjs").Stories[0]
	if got.Late != 1 || len(got.Traces) != 2 || got.Traces[0].Held != 10 || got.Traces[1].Held != 20 {
		t.Errorf("%d late, traces %+v; want 1 and 10 samples of ECG, 20 of pleth", got.Late, got.Traces)
	}
	if got.Missing != 9 {
		t.Errorf("%d tenths are missing between the two, want 9", got.Missing)
	}
}

// A flat line must not be drawn as a beat.
func TestNoiseIsNotDrawnAsTallAsABeat(t *testing.T) {
	noise := []int32{1000, 1002, 999, 1001}
	type height struct {
		Wave    map[string]any `json:"wave"`
		Unit    string         `json:"unit"`
		Samples []int32        `json:"samples"`
	}
	cases := []struct {
		name string
		height
		want float64
	}{
		{"asystole, 5 µV a count: a millivolt high", height{map[string]any{"scale": 0.005}, "mV", noise}, 200},
		{"a beat of 2 mV: as high as it is", height{map[string]any{"scale": 0.005}, "mV", []int32{1000, 1400, 1000}}, 400},
		{"a pleth without a pulse: 6 % of its range", height{map[string]any{"max": 255}, "", []int32{40, 41, 40}}, 15.3},
		{"nothing is known of the wave: what there is", height{map[string]any{}, "", noise}, 3},
		{"a line of one value: one count", height{map[string]any{}, "", []int32{7, 7}}, 1},
		{"no sample: no height", height{map[string]any{}, "", []int32{}}, -1},
	}
	heights := []height{}
	for _, c := range cases {
		heights = append(heights, c.height)
	}
	got := nodeReads[told](t, map[string]any{"stories": []*story{}, "heights": heights}, "patient.mjs").Spans
	for i, c := range cases {
		if d := got[i] - c.want; d > 1e-6 || d < -1e-6 {
			t.Errorf("%s: drawn for %v counts, want %v", c.name, got[i], c.want)
		}
	}
}
