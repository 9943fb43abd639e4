package main

import (
	"errors"
	"math"
	"time"

	"fieldkit/telemetry/link"
	"fieldkit/telemetry/wave"
	"fieldkit/triage/vital"
)

const tenth = 100 * time.Millisecond

// A patient is who the frames are of: ECG at 250 samples a second, pleth at 120,
// breathing at 60, and three numbers. About 60 bytes a frame.
type patient struct {
	binding wave.Binding
	encoder wave.Encoder
}

// moment is everything in the n-th tenth, counted from 1.
func (p *patient) moment(n int) *wave.Now {
	at := vital.Instant(time.Hour).Add(time.Duration(n) * tenth)
	now := &wave.Now{Time: at, Binding: p.binding, Disk: uint64(n)}
	for _, w := range []struct {
		lead vital.Lead
		rate int
		draw func(t float64) float64
	}{
		{vital.ECGII, 250, ecg},
		{vital.Pleth, 120, func(t float64) float64 { return 400*math.Sin(7.5*t) + 150*math.Sin(15*t+1) }},
		{vital.Resp, 60, func(t float64) float64 { return 300 * math.Sin(1.5*t) }},
	} {
		wf := vital.Waveform{Lead: w.lead, Arrived: at, Rate: vital.Int(int64(w.rate)), Unit: vital.Leads[w.lead].Unit, Scale: vital.Dec(1, -3), Min: -2048, Max: 2047}
		for i := range w.rate / 10 {
			wf.Samples = append(wf.Samples, int32(w.draw(float64(n)/10+float64(i)/float64(w.rate))))
		}
		now.Waves = append(now.Waves, wf)
	}
	for _, r := range []vital.Reading{
		vital.Of(vital.HeartRate, vital.Int(int64(72+n/20%5))), vital.Of(vital.SpO2, vital.Int(int64(97-n/50%3))), vital.Of(vital.RespRate, vital.Int(14)),
	} {
		r.Arrived = at
		now.Numerics = append(now.Numerics, r)
	}
	return now
}

// ecg is a beat of 72 a minute with noise of a few counts.
func ecg(t float64) float64 {
	phase := math.Mod(t*72/60, 1)
	hill := func(at, width, high float64) float64 { return high * math.Exp(-(phase-at)*(phase-at)/(2*width*width)) }
	return hill(.2, .03, 120) + hill(.37, .008, -150) + hill(.4, .01, 1100) + hill(.43, .008, -220) + hill(.65, .05, 260) + 4*math.Sin(977*t)
}

// frame encodes the n-th tenth as rung lets the link carry it (as app/kit does), or
// nothing when none is due.
func (p *patient) frame(n int, rung link.Rung) ([]byte, error) {
	now, every := p.moment(n), 1
	switch rung {
	case link.Everything:
	case link.ChosenWaveform:
		now.Waves = now.Waves[:1]
	case link.NumericsOnly:
		now.Waves, every = nil, 5
	default:
		now.Waves, every = nil, 10
	}
	if n%every != 0 {
		return nil, nil
	}
	return p.encoder.Encode(nil, now)
}

// A reader decodes frames in any order, and keeps those that are not yet described.
type reader struct {
	decoder wave.Decoder
	waiting [][]byte
	got     func(seq uint64)
}

func (r *reader) read(b []byte) error {
	var f wave.Frame
	switch err := r.decoder.Decode(b, &f); {
	case err == nil:
		r.got(f.Seq)
		held := r.waiting
		r.waiting = nil
		for _, b := range held {
			if r.decoder.Decode(b, &f) == nil {
				r.got(f.Seq)
			}
		}
		return nil
	case len(r.waiting) < 20 && errors.Is(err, wave.ErrNotDescribed):
		r.waiting = append(r.waiting, b)
		return nil
	default:
		return err
	}
}
