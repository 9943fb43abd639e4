package sim

import (
	"math"
	"time"

	"fieldkit/triage/vital"
)

// Sample is the lead's value at t: mV for ECG, % of full height for the pleth,
// mmHg for pressures and CO2, Ohm for breathing by impedance.
func (p *Patient) Sample(l vital.Lead, at vital.Instant) (v float64, ok bool) {
	t := p.since(at)
	switch {
	case l >= vital.ECGI && l <= vital.ECGPads:
		return p.ecg(l, t), p.story.on(ecgLeads, t)
	case l == vital.Pleth:
		return p.pleth(t), p.story.on(oximeterProbe, t)
	case l == vital.ABP, l == vital.P1:
		return p.arterial(t), p.story.on(arterialLine, t)
	case l == vital.Resp:
		return 0.8 * p.lung(t), p.story.on(ecgLeads, t)
	case l == vital.CO2:
		return p.capnogram(t), p.story.on(co2Line, t)
	}
	return 0, false
}

// An event is one of ECGSYN's: where on the circle, in degrees from the R wave,
// how high in mV once its width is worked in, and how wide in degrees.
type event struct{ angle, height, width float64 }

// Lead II of a healthy adult. Widths and the places of Q, R and S are those of
// table I of McSharry et al.; P and T stand ten degrees further out, and heights
// are set to those of a usual lead II, where the table gives tall P and T waves.
// The wide beat is our own.
var (
	sinusBeat = [...]event{{-70, 0.12, 14.3}, {-15, -0.09, 5.7}, {0, 1.15, 5.7}, {15, -0.22, 5.7}, {100, 0.30, 22.9}}
	ventBeat  = [...]event{{-12, 0.25, 18}, {8, 1.5, 26}, {120, -0.55, 34}}
)

// leadScale is how high a beat stands in each lead, by its usual axis.
var leadScale = map[vital.Lead]float64{
	vital.ECGI: 0.7, vital.ECGII: 1, vital.ECGIII: 0.4, vital.ECGAVR: -0.85, vital.ECGAVL: 0.25, vital.ECGAVF: 0.7,
	vital.ECGV1: -0.6, vital.ECGV2: -0.4, vital.ECGV3: 0.4, vital.ECGV4: 1.2, vital.ECGV5: 1.2, vital.ECGV6: 0.9,
}

func (p *Patient) ecg(l vital.Lead, t time.Duration) float64 {
	scale, ok := leadScale[l]
	if !ok {
		scale = 1
	}
	s := t.Seconds()
	wander := 0.04*math.Sin(2*math.Pi*0.25*s) + p.noise(t, 0.01)
	if now(p.story.motion, t, false) {
		wander += 0.35 * math.Sin(2*math.Pi*1.7*s+math.Sin(2*math.Pi*0.9*s))
	}
	beats := p.beats.upTo(t+time.Second, 5) // the next beat's P comes before its R
	v := 0.0
	for i, b := range beats {
		if b.rhythm == Asystole || b.rhythm == VF {
			continue
		}
		before := b.length
		if i > 0 {
			before = beats[i-1].length
		}
		// One turn of the circle lasts the interval, but the waves of a fast heart
		// keep part of their length: ECGSYN scales angles by the root of the rate.
		past := (t - b.at).Seconds()
		interval := b.length.Seconds()
		if past < 0 {
			interval = before.Seconds()
		}
		angle := past / math.Sqrt(interval) * 360
		v += p.complex(b.rhythm, angle, t)
	}
	if last := p.beats.upTo(t, 1); len(last) == 1 {
		switch last[0].rhythm {
		case VF:
			v = 0.45*math.Sin(2*math.Pi*4.7*s+1.3*math.Sin(2*math.Pi*0.7*s)) + 0.25*math.Sin(2*math.Pi*6.1*s+2*math.Sin(2*math.Pi*0.43*s))
		case AF:
			v += 0.05*math.Sin(2*math.Pi*6.3*s) + 0.03*math.Sin(2*math.Pi*7.9*s+1)
		}
	}
	return scale*v + wander
}

// complex is one beat's height at an angle from its R wave.
func (p *Patient) complex(r Rhythm, angle float64, t time.Duration) float64 {
	if angle < -180 || angle > 330 {
		return 0
	}
	v := 0.0
	if r == VT {
		for _, e := range ventBeat {
			v += e.at(angle)
		}
		return v
	}
	for i, e := range sinusBeat {
		if i == 0 && r == AF {
			continue // no P
		}
		v += e.at(angle)
	}
	if st := p.story.value(stShift, t); st != 0 && angle > 15 && angle < 150 {
		v += st * min(1, (angle-15)/20) * min(1, (150-angle)/50)
	}
	return v
}

func (e event) at(angle float64) float64 {
	x := (angle - e.angle) / e.width
	if x > 6 || x < -6 {
		return 0
	}
	return e.height * math.Exp(-x*x/2)
}

// The pulse reaches the arm, and then the finger, this long after the R wave.
const (
	toArtery = 120 * time.Millisecond
	toFinger = 220 * time.Millisecond
)

// peak is where in a pulse its top is, in the root of its length in seconds.
const peak = 0.16

// pulse is the height, 0 to about 1, of the pulse wave at a site delay away.
func (p *Patient) pulse(t, delay time.Duration) (height float64) {
	for _, b := range p.beats.upTo(t-delay, 3) {
		if b.stroke == 0 || t < delay {
			continue
		}
		x := (t - delay - b.at).Seconds() / math.Sqrt(b.length.Seconds())
		up, notch := (x-peak)/0.07, (x-0.42)/0.10
		runoff := math.Exp(-(x - peak) / 0.26)
		if x < peak {
			runoff = 0.5 - 0.5*math.Cos(math.Pi*x/peak)
		}
		height = height*0.4 + b.stroke*(0.55*math.Exp(-up*up/2)+0.13*math.Exp(-notch*notch/2)+0.42*runoff)
	}
	return height
}

func (p *Patient) pleth(t time.Duration) float64 {
	size := min(1, 0.35+p.story.value(perfusion, t)/6)
	v := 12 + 75*size*p.pulse(t, toFinger)*(1-0.08*p.lung(t)) + p.noise(t, 0.4)
	if now(p.story.motion, t, false) {
		s := t.Seconds()
		v += 30 * math.Sin(2*math.Pi*1.3*s+2*math.Sin(2*math.Pi*0.37*s))
	}
	return min(max(v, 0), 100)
}

func (p *Patient) arterial(t time.Duration) float64 {
	sys, dia := p.pressures(t)
	return dia + (sys-dia)*min(p.pulse(t, toArtery), 1.1)*(1-0.05*p.lung(t)) + p.noise(t, 0.3)
}

// inspiration is the share of a breath that goes in.
const inspiration = 0.38

// breathing phase: the breath that is on at t and how much of it has passed, 0 to
// 1; ok is false when nobody breathes.
func (p *Patient) phase(t time.Duration) (part float64, b breath, ok bool) {
	last := p.breaths.upTo(t, 1)
	if len(last) == 0 || last[0].length == 0 {
		return 0, breath{}, false
	}
	return float64(t-last[0].at) / float64(last[0].length), last[0], true
}

// lung is how full the chest is, 0 to 1.
func (p *Patient) lung(t time.Duration) float64 {
	part, _, ok := p.phase(t)
	switch {
	case !ok:
		return 0
	case part < inspiration:
		return 0.5 - 0.5*math.Cos(math.Pi*part/inspiration)
	}
	const empties = 3.2
	left := math.Exp(-(part - inspiration) / (1 - inspiration) * empties)
	return (left - math.Exp(-empties)) / (1 - math.Exp(-empties))
}

// capnogram: nothing on the way in, a steep rise and a slowly rising plateau on
// the way out, down at the next breath.
func (p *Patient) capnogram(t time.Duration) float64 {
	part, _, ok := p.phase(t)
	if !ok {
		return 0
	}
	et := p.story.value(endTidal, t)
	out := (part - inspiration) / (1 - inspiration)
	switch {
	case out >= 0:
		return et * (1 - math.Exp(-out*14)) * (0.9 + 0.1*out)
	case part < 0.06:
		return et * math.Exp(-part/0.06*5)
	}
	return 0
}

// noise is the same at the same moment.
func (p *Patient) noise(t time.Duration, size float64) float64 {
	x := (uint64(t) + p.seed) * 0x9e3779b97f4a7c15
	x ^= x >> 29
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 32
	return size * (float64(x>>11)/(1<<53)*2 - 1)
}
