package rehearsal

import (
	"math"
	"time"

	"fieldkit/triage/vital"
)

// rates are samples a second, as common monitors send them.
var rates = map[vital.Lead]int64{vital.ECGII: 250, vital.Pleth: 75, vital.CO2: 25, vital.Resp: 25}

// Wave is a made-up run of a lead: the whole samples from at to at+long, at that
// many beats a second. The shapes only look like what they stand for.
func Wave(l vital.Lead, at vital.Instant, long time.Duration, beats float64) vital.Waveform {
	rate := rates[l]
	if rate == 0 {
		rate = 100
	}
	step := float64(time.Second) / float64(rate)
	from := int64(math.Ceil(float64(at)/step - 1e-6))
	to := int64(math.Ceil(float64(at.Add(long))/step - 1e-6))
	w := vital.Waveform{Lead: l, Arrived: vital.Instant(float64(from) * step), Rate: vital.Int(rate), Unit: l.Info().Unit}
	switch l {
	case vital.Pleth, vital.Resp:
		w.Min, w.Max = 0, 255
	default:
		w.Scale = vital.Dec(1, -3)
		if l == vital.CO2 {
			w.Scale = vital.Dec(1, -1)
		}
	}
	for n := from; n < to; n++ {
		w.Samples = append(w.Samples, int32(math.Round(shape(l, float64(n)/float64(rate), beats))))
	}
	return w
}

func shape(l vital.Lead, seconds, beats float64) float64 {
	phase := math.Mod(seconds*beats, 1)
	bump := func(at, wide, high float64) float64 {
		x := (phase - at) / wide
		return high * math.Exp(-x*x/2)
	}
	breath := math.Mod(seconds*14/60, 1)
	switch l {
	case vital.ECGII: // microvolts: P, Q, R, S, T
		return bump(0.20, 0.025, 120) + bump(0.345, 0.010, -110) + bump(0.37, 0.011, 1150) + bump(0.395, 0.010, -230) + bump(0.62, 0.05, 280)
	case vital.Pleth:
		return 60 + bump(0.45, 0.09, 140) + bump(0.72, 0.08, 45)
	case vital.CO2: // tenths of mmHg: breathed out in the second half
		rise := 1 / (1 + math.Exp(-(breath-0.45)*60))
		fall := 1 / (1 + math.Exp((breath-0.92)*90))
		return rise * fall * (340 + 60*breath)
	case vital.Resp:
		return 128 + 90*math.Sin(2*math.Pi*breath)
	}
	return 100 * math.Sin(2*math.Pi*phase)
}
