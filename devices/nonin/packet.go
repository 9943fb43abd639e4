package nonin

import (
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A packet gathers 25 frames.
type packet struct {
	data     [packetFrames]byte
	any      byte // status bits seen in any frame
	pulse    byte // perfusion bits seen
	n        int  // frames gathered, when begun
	begun    bool
	poor     bool // perfusion at the last pulse was low
	moving   bool // the last pulse was an artefact
	firmware byte
	full     summary
}

// A summary is what a whole packet says.
type summary struct {
	rate, spo2        int
	firmware, status2 byte
	any               byte
	poor, moving      bool
}

// add takes the next frame and reports whether the packet before it was whole:
// 25 frames, and this one begins another. Its summary is then in full.
func (p *packet) add(f Frame) (whole bool) {
	if f.Status&statusSync != 0 {
		if whole = p.begun && p.n == packetFrames; whole {
			p.sum()
		}
		p.begun, p.n, p.any, p.pulse = true, 0, 0, 0
	}
	if !p.begun || p.n == packetFrames {
		p.begun = false // a frame too many: one was lost or doubled
		return whole
	}
	p.data[p.n] = f.Data
	p.any |= f.Status
	// Perfusion is said only during a pulse, about twelve frames. Both bits
	// together mean marginal.
	if quality := f.Status & (statusRed | statusGreen); quality != 0 {
		p.pulse |= 1 << (quality >> 1) // 1: bit 1 green, 2: bit 2 red, 3: bit 3 both
	}
	p.n++
	return whole
}

// broken says that frames were lost.
func (p *packet) broken() { p.begun = false }

func (p *packet) sum() {
	if p.pulse != 0 {
		p.poor = p.pulse == 1<<(statusRed>>1)
		p.moving = false
	}
	p.moving = p.moving || p.any&statusMoving != 0
	p.full = summary{
		rate:     rateOf(p.data[atRateHigh], p.data[atRateLow]),
		spo2:     int(p.data[atSpO2] & 0x7f),
		firmware: p.data[atFirmware],
		status2:  p.data[atStatus2],
		any:      p.any,
		poor:     p.poor,
		moving:   p.moving,
	}
}

// Five frames a waveform: fifteen waveforms a second, each at most 67 ms late.
const (
	plethChunk = 5
	plethRate  = 75
)

// A pleth gathers samples into waveforms, placed by sample count.
type pleth struct {
	samples [plethChunk]int32
	gaps    [plethChunk]vital.Gap
	n, ngap int
	most    int32
	pace    devices.Pace
	at      vital.Instant // arrival of the last sample
}

func (p *pleth) add(now vital.Instant, f Frame, format Format, to devices.Sink) {
	p.most = 255
	if format == DF7 {
		p.most = 65535
	}
	if f.Status&(statusOff|statusAlarm) != 0 {
		if last := p.ngap - 1; last >= 0 && p.gaps[last].From+p.gaps[last].Len == p.n {
			p.gaps[last].Len++
		} else {
			p.gaps[p.ngap] = vital.Gap{From: p.n, Len: 1, Why: vital.ProbeOff}
			p.ngap++
		}
	}
	p.samples[p.n] = int32(f.Pleth)
	p.n++
	p.at = now
	if p.n == plethChunk {
		p.send(to)
	}
}

// broken sends what is gathered; the next sample is placed by its own arrival.
func (p *pleth) broken(to devices.Sink) {
	p.send(to)
	p.pace.Break()
}

func (p *pleth) send(to devices.Sink) {
	if p.n == 0 {
		return
	}
	to.Waveform(vital.Waveform{
		Lead:    vital.Pleth,
		Arrived: p.pace.Place(p.at, p.n, plethRate, time.Second),
		Rate:    vital.Int(plethRate),
		Max:     p.most,
		Samples: p.samples[:p.n],
		Gaps:    p.gaps[:p.ngap],
	})
	p.n, p.ngap = 0, 0
}
