package datex

import (
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A waveform subrecord: samples i16 count, two words, then the samples.
const (
	waveHead = 6
	waveMost = 640 // samples in a record; the monitor sends at most 600 a second in all
)

// A trace is what is known of one type of waveform.
type trace struct {
	lead  vital.Lead
	rate  int // samples a second
	unit  vital.Unit
	scale vital.Decimal // zero where it is not verified
	least int32         // for drawing
	most  int32
}

const traces = 36

var traceOf = [traces]trace{
	1:  {vital.ECG, 300, vital.Millivolt, vital.Dec(1, -3), -5000, 5000},
	2:  {vital.ECGII, 300, vital.Millivolt, vital.Dec(1, -3), -5000, 5000},
	3:  {vital.ECGV, 300, vital.Millivolt, vital.Dec(1, -3), -5000, 5000},
	4:  {vital.P1, 100, vital.MmHg, vital.Dec(1, -2), -4000, 32000},
	5:  {vital.P2, 100, vital.MmHg, vital.Dec(1, -2), -4000, 32000},
	6:  {vital.P3, 100, vital.MmHg, vital.Dec(1, -2), -4000, 32000},
	7:  {vital.P4, 100, vital.MmHg, vital.Dec(1, -2), -4000, 32000},
	8:  {vital.Pleth, 100, vital.Percent, vital.Dec(1, -2), -1000, 1000},
	9:  {vital.CO2, 25, vital.Percent, vital.Dec(1, -2), 0, 1500},
	10: {vital.O2, 25, vital.Percent, vital.Dec(1, -2), 0, 10000},
	11: {vital.N2O, 25, vital.Percent, vital.Dec(1, -2), 0, 10000},
	12: {vital.AA, 25, vital.Percent, vital.Dec(1, -2), 0, 1500},
	13: {vital.Airway, 25, vital.CmH2O, vital.Dec(1, -1), -200, 800},
	14: {vital.Flow, 25, vital.LitrePerMin, vital.Dec(1, -1), -1000, 1000},
	15: {vital.Resp, 25, vital.Ohm, vital.Dec(1, -2), -300, 300},
	16: {vital.P5, 100, vital.MmHg, vital.Dec(1, -2), -4000, 32000},
	17: {vital.P6, 100, vital.MmHg, vital.Dec(1, -2), -4000, 32000},
	18: {vital.EEG1, 100, vital.Microvolt, vital.Dec(1, -1), -4000, 4000},
	19: {vital.EEG2, 100, vital.Microvolt, vital.Dec(1, -1), -4000, 4000},
	20: {vital.EEG3, 100, vital.Microvolt, vital.Dec(1, -1), -4000, 4000},
	21: {vital.EEG4, 100, vital.Microvolt, vital.Dec(1, -1), -4000, 4000},
	23: {vital.Volume, 25, vital.Millilitre, vital.Decimal{}, -200, 2000},
	32: {vital.Entropy, 100, vital.Microvolt, vital.Dec(1, -1), -4000, 4000},
	35: {vital.BIS, 300, vital.Microvolt, vital.Decimal{}, -4000, 4000},
}

// waveLength is the count of samples a subrecord declares, -1 when it cannot be.
func waveLength(b []byte) int {
	if len(b) < waveHead {
		return -1
	}
	if n := i16(b, 0); n >= 0 && n <= waveMost {
		return n
	}
	return -1
}

// wave hands on one subrecord of samples. Samples that are sentinels are gaps.
func (s *session) wave(now vital.Instant, sr sub, to devices.Sink) {
	n := waveLength(sr.data)
	if int(sr.kind) >= traces || traceOf[sr.kind].rate == 0 {
		s.counters.Unknown++
		return
	}
	if n <= 0 {
		return
	}
	t := &traceOf[sr.kind]
	gaps := s.gaps[:0]
	for i := range n {
		v := i16(sr.data, waveHead+2*i)
		s.samples[i] = int32(v)
		if v >= leastValue {
			continue
		}
		s.samples[i] = 0
		if last := len(gaps) - 1; last >= 0 && gaps[last].From+gaps[last].Len == i && gaps[last].Why == why(v) {
			gaps[last].Len++
		} else {
			gaps = append(gaps, vital.Gap{From: i, Len: 1, Why: why(v)})
		}
	}
	to.Waveform(vital.Waveform{
		Lead: t.lead, Arrived: s.pace[sr.kind].Place(now, n, t.rate, time.Second), Rate: vital.Int(int64(t.rate)),
		Unit: t.unit, Scale: t.scale, Min: t.least, Max: t.most, Samples: s.samples[:n], Gaps: gaps,
	})
}
