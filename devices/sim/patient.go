package sim

import (
	"math"
	"time"

	"fieldkit/triage/vital"
)

// A Patient is a body for simulated monitors. It is safe for concurrent use.
type Patient struct {
	story   *Story
	seed    uint64
	start   vital.Instant
	beats   course[beat]
	breaths course[breath]
}

// New is a patient whose story begins at start. Equal stories, seeds and starts
// give equal patients.
func New(story *Story, seed uint64, start vital.Instant) *Patient {
	p := &Patient{story: story, seed: seed, start: start}
	p.beats = course[beat]{next: p.nextBeat, from: func(b beat) time.Duration { return b.at }}
	p.breaths = course[breath]{next: p.nextBreath, from: func(b breath) time.Duration { return b.at }}
	return p
}

// since is how far the story is at t.
func (p *Patient) since(t vital.Instant) time.Duration { return max(t.Sub(p.start), 0) }

// Monitors average rates over about this many beats and breaths.
const (
	beatsAveraged   = 8
	breathsAveraged = 4
	// A monitor that hears no breath for this long says so.
	apnoeaAfter = 20 * time.Second
)

// Reading is the sign as a good monitor would show it at t.
func (p *Patient) Reading(s vital.Sign, t vital.Instant) vital.Reading {
	r := p.reading(s, p.since(t))
	if !r.Aperiodic {
		r.Arrived = t
	}
	return r
}

func (p *Patient) reading(s vital.Sign, t time.Duration) vital.Reading {
	moving := now(p.story.motion, t, false)
	switch s {
	case vital.HeartRate:
		if !p.story.on(ecgLeads, t) {
			return vital.None(s, vital.ProbeOff)
		}
		return p.rate(s, t, false)
	case vital.PulseRate, vital.SpO2, vital.PerfusionIndex:
		if !p.story.on(oximeterProbe, t) {
			return vital.None(s, vital.ProbeOff)
		}
		r := p.rate(vital.PulseRate, t, true)
		if r.State() == vital.Measured && s != vital.PulseRate {
			r = p.number(s, t)
		} else if r.State() != vital.Measured {
			r = vital.None(s, r.State())
		}
		r.Questionable = moving || p.story.value(perfusion, t) < 0.5
		if moving && draws(p.seed, kindNoise, t.Truncate(4*time.Second)).Float64() < 0.4 {
			return vital.None(s, vital.Artefact)
		}
		return r
	case vital.RespRate, vital.RespRateImpedance, vital.RespRateCO2:
		if s == vital.RespRateImpedance && !p.story.on(ecgLeads, t) || s == vital.RespRateCO2 && !p.story.on(co2Line, t) {
			return vital.None(s, vital.ProbeOff)
		}
		return p.breathing(s, t)
	case vital.EtCO2, vital.FiCO2:
		if !p.story.on(co2Line, t) {
			return vital.None(s, vital.ProbeOff)
		}
		if r := p.breathing(vital.RespRateCO2, t); s == vital.EtCO2 && r.String() == vital.Of(vital.RespRateCO2, vital.Int(0)).String() {
			return vital.Of(s, vital.Int(0))
		}
		return p.number(s, t)
	case vital.Temperature:
		if !p.story.on(tempProbe, t) {
			return vital.None(s, vital.ProbeOff)
		}
		return p.number(s, t)
	case vital.ABPSys, vital.ABPDia, vital.ABPMean, vital.P1Sys, vital.P1Dia, vital.P1Mean:
		if !p.story.on(arterialLine, t) {
			return vital.None(s, vital.NotMeasured)
		}
		return p.number(s, t)
	case vital.NIBPSys, vital.NIBPDia, vital.NIBPMean, vital.PulseRateNIBP:
		return p.cuffResult(s, t)
	case vital.Glucose:
		return p.number(s, t)
	case vital.STI, vital.STII, vital.STIII, vital.STV:
		if !p.story.on(ecgLeads, t) {
			return vital.None(s, vital.ProbeOff)
		}
		return p.number(s, t)
	}
	return vital.None(s, vital.NotMeasured)
}

// number is a sign that follows the story, as a monitor rounds it.
func (p *Patient) number(s vital.Sign, t time.Duration) vital.Reading {
	sys, dia := p.pressures(t)
	v, places := 0.0, int8(0)
	switch s {
	case vital.SpO2:
		v = p.story.value(saturation, t)
	case vital.PerfusionIndex:
		v, places = p.story.value(perfusion, t), 1
	case vital.EtCO2:
		v = p.story.value(endTidal, t)
	case vital.FiCO2:
	case vital.Temperature:
		v, places = p.story.value(temperature, t), 1
	case vital.Glucose:
		v = p.story.value(glucose, t)
	case vital.STI, vital.STII, vital.STIII, vital.STV:
		v, places = p.story.value(stShift, t)*10, 1 // 1 mm is 0.1 mV
	case vital.ABPSys, vital.P1Sys:
		v = sys
	case vital.ABPDia, vital.P1Dia:
		v = dia
	case vital.ABPMean, vital.P1Mean:
		v = dia + (sys-dia)/3
	}
	d, err := vital.Round(v, places)
	if err != nil {
		return vital.None(s, vital.Withheld)
	}
	return vital.Of(s, d)
}

// pressures is what the arteries hold; without output they fall together.
func (p *Patient) pressures(t time.Duration) (sys, dia float64) {
	if last := p.beats.upTo(t, 1); len(last) == 1 && last[0].stroke == 0 {
		return 18, 16
	}
	sys, dia = p.story.value(systolic, t), p.story.value(diastolic, t)
	return sys, min(dia, sys)
}

// rate is the mean rate of the last beats, of those with a pulse only if pulse.
func (p *Patient) rate(s vital.Sign, t time.Duration, pulse bool) vital.Reading {
	beats := p.beats.upTo(t, beatsAveraged)
	if len(beats) == 0 {
		return vital.None(s, vital.Searching) // longer ago than is kept
	}
	last := beats[len(beats)-1]
	switch {
	case pulse && last.stroke == 0, !pulse && last.rhythm == VF:
		return vital.None(s, vital.Searching)
	case last.rhythm == Asystole:
		return vital.Of(s, vital.Int(0))
	}
	sum, n := time.Duration(0), 0
	for _, b := range beats {
		if b.rhythm != Asystole && b.rhythm != VF && (!pulse || b.stroke > 0) {
			sum, n = sum+b.length, n+1
		}
	}
	return vital.Of(s, vital.Int(int64(math.Round(60*float64(n)/sum.Seconds()))))
}

// breathing is the mean rate of the last breaths, 0 after a while without any.
func (p *Patient) breathing(s vital.Sign, t time.Duration) vital.Reading {
	sum, n := time.Duration(0), 0
	last := time.Duration(-1)
	for _, b := range p.breaths.upTo(t, 60) {
		if b.length > 0 {
			last = b.at
		}
	}
	if last < 0 || t-last > apnoeaAfter {
		return vital.Of(s, vital.Int(0))
	}
	for _, b := range p.breaths.upTo(last, breathsAveraged) {
		if b.length > 0 {
			sum, n = sum+b.length, n+1
		}
	}
	return vital.Of(s, vital.Int(int64(math.Round(60*float64(n)/sum.Seconds()))))
}

// cuffTakes is how long a cuff measurement lasts.
const cuffTakes = 30 * time.Second

// cuffResult is the last result of the cuff, with the time it was ready.
func (p *Patient) cuffResult(s vital.Sign, t time.Duration) vital.Reading {
	ready := time.Duration(-1)
	for i, c := range p.story.cuffs {
		until := t
		if i+1 < len(p.story.cuffs) {
			until = min(until, p.story.cuffs[i+1].at+cuffTakes-1)
		}
		if first := c.at + cuffTakes; first <= until {
			ready = first
			if c.every > 0 {
				ready += (until - first) / c.every * c.every
			}
		}
	}
	if ready < 0 {
		return vital.None(s, vital.NotMeasured)
	}
	at := ready - cuffTakes/2
	r := vital.None(s, vital.Artefact) // no pulse to measure by
	if beats := p.beats.upTo(at, 1); len(beats) == 1 && beats[0].stroke > 0 {
		switch s {
		case vital.PulseRateNIBP:
			r = p.rate(s, at, true)
		default:
			sys, dia := p.pressures(at)
			v := map[vital.Sign]float64{vital.NIBPSys: sys, vital.NIBPDia: dia, vital.NIBPMean: dia + (sys-dia)/3}[s]
			r = vital.Of(s, vital.Int(int64(math.Round(v))))
		}
	}
	r.Aperiodic, r.Arrived = true, p.start.Add(ready)
	return r
}
