package sound

import (
	"encoding/binary"
	"math"
	"testing"
	"time"

	"fieldkit/triage/alarm"
)

// The ranges of IEC 60601-1-8, tables 3 and 4, as NXP AN10875 repeats them.
var published = []struct {
	priority   alarm.Priority
	pulses     int
	pulse, gap [2]float64 // ms
	longer     bool       // after the third: two gaps and a pulse; after the fifth: 350 to 1,300 ms
	between    [2]float64 // bursts, s
}{
	{alarm.High, 10, [2]float64{75, 200}, [2]float64{50, 125}, true, [2]float64{2.5, 15}},
	{alarm.Medium, 3, [2]float64{125, 250}, [2]float64{125, 250}, false, [2]float64{2.5, 30}},
	{alarm.Low, 2, [2]float64{125, 250}, [2]float64{125, 250}, false, [2]float64{15, math.Inf(1)}},
}

// envelope is the height of the tone about each sample: the largest within one
// period of the fundamental.
func envelope(samples []int16) []float64 {
	half := int(math.Ceil(Rate / fundamental / 2))
	out := make([]float64, len(samples))
	for n := range samples {
		for i := max(0, n-half); i < min(len(samples), n+half); i++ {
			out[n] = max(out[n], math.Abs(float64(samples[i])))
		}
	}
	return out
}

// above are the stretches in which the envelope is above a part of its height, ms.
func above(e []float64, part float64) (spans [][2]float64) {
	top := 0.0
	for _, v := range e {
		top = max(top, v)
	}
	inside := false
	for n, v := range e {
		ms := 1000 * float64(n) / Rate
		switch {
		case v >= part*top && !inside:
			spans, inside = append(spans, [2]float64{ms, ms}), true
		case v >= part*top:
			spans[len(spans)-1][1] = ms
		default:
			inside = false
		}
	}
	return spans
}

func within(x float64, r [2]float64) bool { return x >= r[0] && x <= r[1] }

func TestABurstHasTheRhythmOfItsPriority(t *testing.T) {
	for _, want := range published {
		e := envelope(Burst(want.priority))
		pulses, feet := above(e, 0.9), above(e, 0.1)
		if len(pulses) != want.pulses || len(feet) != want.pulses {
			t.Fatalf("%v: %d pulses, want %d", want.priority, len(pulses), want.pulses)
		}
		var first float64
		for i, p := range pulses {
			long := p[1] - p[0]
			if !within(long, want.pulse) {
				t.Errorf("%v: pulse %d lasts %.0f ms, want %v", want.priority, i+1, long, want.pulse)
			}
			if rise := (p[0] - feet[i][0]) / long; rise < 0.1 || rise > 0.4 {
				t.Errorf("%v: pulse %d rises in %.2f of its length, want 0.1 to 0.4", want.priority, i+1, rise)
			}
			if i == 0 {
				continue
			}
			gap := p[0] - pulses[i-1][1]
			if i == 1 {
				first = gap
			}
			switch {
			case want.longer && i == 5:
				if !within(gap, [2]float64{350, 1300}) {
					t.Errorf("%v: %.0f ms between the two halves", want.priority, gap)
				}
			case want.longer && i%5 == 3:
				if expect := 2*first + long; math.Abs(gap-expect) > 0.05*expect+5 {
					t.Errorf("%v: %.0f ms after the third of five, want %.0f", want.priority, gap, expect)
				}
			default:
				// Whether the gap is told from 90 % to 90 % or from foot to foot.
				if foot := feet[i][0] - feet[i-1][1]; !within(gap, want.gap) || foot < want.gap[0] {
					t.Errorf("%v: %.0f ms (from foot to foot %.0f) before pulse %d, want %v", want.priority, gap, foot, i+1, want.gap)
				}
				if math.Abs(gap-first) > 0.05*first {
					t.Errorf("%v: gaps of %.0f and %.0f ms in one burst", want.priority, first, gap)
				}
			}
		}
		if s := Silent(want.priority).Seconds(); !within(s, want.between) {
			t.Errorf("%v: the next burst comes after %.1f s, want %v", want.priority, s, want.between)
		}
	}
}

// power is how much of a tone there is (Goertzel).
func power(samples []int16, hertz float64) float64 {
	w := 2 * math.Pi * hertz / Rate
	var a, b float64
	for _, s := range samples {
		a, b = float64(s)+2*math.Cos(w)*a-b, a
	}
	return a*a + b*b - 2*math.Cos(w)*a*b
}

func TestAPulseHasTheHarmonicsThatTellWhereItComesFrom(t *testing.T) {
	burst := Burst(alarm.Medium)
	p := above(envelope(burst), 0.9)[0]
	pulse := burst[int(p[0]*Rate/1000):int(p[1]*Rate/1000)]
	lowest, most := 0.0, 0.0
	for hertz := 100.0; hertz < 5000; hertz++ {
		most = max(most, power(pulse, hertz))
	}
	for hertz := 100.0; hertz < 5000; hertz++ { // the lowest tone that is there
		if power(pulse, hertz) > most/2 {
			lowest = hertz
			for power(pulse, lowest+1) > power(pulse, lowest) {
				lowest++
			}
			break
		}
	}
	if lowest < 150 || lowest > 1000 {
		t.Fatalf("the fundamental is %.0f Hz, want 150 to 1,000", lowest)
	}
	found := 0
	for k := 2; float64(k)*fundamental <= 4000; k++ {
		db := 10 * math.Log10(power(pulse, float64(k)*fundamental)/power(pulse, fundamental))
		if float64(k)*fundamental >= 300 && math.Abs(db) <= 15 {
			found++
		}
		if between := 10 * math.Log10(power(pulse, (float64(k)-0.5)*fundamental)/power(pulse, fundamental)); between > -25 {
			t.Errorf("a tone %.0f dB below the fundamental lies between harmonics %d and %d", between, k-1, k)
		}
	}
	if found < 4 {
		t.Errorf("%d harmonics between 300 and 4,000 Hz within 15 dB, want 4", found)
	}
}

func TestAMilderPriorityIsNeverLouderAndNothingIsCutOff(t *testing.T) {
	before := 0.0
	for _, p := range []alarm.Priority{alarm.Low, alarm.Medium, alarm.High} {
		top := 0.0
		burst := Burst(p)
		for _, s := range burst {
			top = max(top, math.Abs(float64(s)))
		}
		if top <= before || top >= math.MaxInt16 {
			t.Errorf("%v is %.0f high; the milder one %.0f", p, top, before)
		}
		if burst[0] != 0 || math.Abs(float64(burst[len(burst)-1])) > 0.02*top {
			t.Errorf("%v begins or ends with a click", p)
		}
		before = top
	}
	if Burst(alarm.None) != nil || Long(alarm.None) != 0 || Silent(alarm.None) != 0 {
		t.Error("nothing sounds")
	}
}

func TestTheKeeperSoundsTheWorstAtOnceAndNeverBabbles(t *testing.T) {
	began := time.Date(2026, 3, 2, 9, 31, 0, 0, time.UTC)
	var k Keeper
	var bursts []time.Duration
	at := func(ms int) time.Time { return began.Add(time.Duration(ms) * time.Millisecond) }
	for ms := 0; ms < 60_000; ms += 33 {
		p := alarm.Medium
		if ms >= 20_000 {
			p = alarm.High
		}
		if ms >= 40_000 && ms/1000%2 == 1 {
			p = alarm.None // acknowledged, and back, each second
		}
		if k.Due(at(ms), p) {
			bursts = append(bursts, time.Duration(ms)*time.Millisecond)
		}
	}
	// Medium: at once, then a burst and 8 s apart; high at once at 20 s, then every
	// burst and 3 s.
	for i := 1; i < len(bursts); i++ {
		apart := bursts[i] - bursts[i-1]
		p := alarm.Medium
		if bursts[i-1] >= 20*time.Second {
			p = alarm.High
		}
		worse := bursts[i-1] < 20*time.Second && bursts[i] >= 20*time.Second
		if !worse && apart < Long(p)+Silent(p) {
			t.Errorf("a burst of %v follows after %v", p, apart)
		}
		if worse && bursts[i] > 20*time.Second+50*time.Millisecond {
			t.Errorf("high waits until %v", bursts[i])
		}
	}
	if bursts[0] != 0 || len(bursts) < 8 {
		t.Errorf("bursts at %v", bursts)
	}
}

func TestAPlayerIsGivenAFileItKnows(t *testing.T) {
	b := WAV([]int16{1, -2, 3})
	if string(b[:4]) != "RIFF" || string(b[8:16]) != "WAVEfmt " || string(b[36:40]) != "data" {
		t.Fatalf("%q", b)
	}
	if binary.LittleEndian.Uint32(b[4:]) != uint32(len(b)-8) || binary.LittleEndian.Uint32(b[40:]) != 6 || binary.LittleEndian.Uint32(b[24:]) != Rate {
		t.Errorf("the sizes are wrong: % x", b)
	}
	if int16(binary.LittleEndian.Uint16(b[46:])) != -2 {
		t.Error("the samples are wrong")
	}
}
