package contec

import (
	"math"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A Simulator is the oximeter's side. Set its fields before the first Poll.
type Simulator struct {
	Format Format
	Name   string // V7: up to seven characters
	// Memory is what was recorded, SpO2 and rate a second from Start.
	Memory [][2]uint8
	Start  time.Time

	running bool
	ends    vital.Instant // V7: when it stops for want of a heartbeat
	start   vital.Instant
	sent    int
	begun   bool
	heard   []byte
	reply   []byte
	out     []byte
}

// stopsAfter is how long a V7 oximeter goes on without a heartbeat.
const stopsAfter = 5 * time.Second

// NewSimulator is an oximeter that speaks f.
func NewSimulator(f Format) *Simulator { return &Simulator{Format: f, Name: "CMS50F"} }

// Receive takes commands.
func (m *Simulator) Receive(now vital.Instant, b []byte) {
	m.heard = append(m.heard, b...)
	for len(m.heard) > 0 {
		switch {
		case m.Format == Legacy:
			if len(m.heard) >= 2 && m.heard[0] == 0xf5 && m.heard[1] == 0xf5 {
				m.replyLegacy()
			}
			m.heard = m.heard[1:]
		case m.heard[0] != typeCommand:
			m.heard = m.heard[1:]
		default:
			d, n := parseV7(m.heard)
			if n == 0 {
				return
			}
			if n < 0 {
				m.heard = m.heard[1:]
				continue
			}
			m.obey(now, d[0]|0x80)
			m.heard = m.heard[n:]
		}
	}
}

func (m *Simulator) obey(now vital.Instant, op byte) {
	m.ends = now.Add(stopsAfter)
	switch op {
	case opLive:
		m.running, m.start, m.sent = true, now, 0
	case opDevice:
		name := [7]byte{' ', ' ', ' ', ' ', ' ', ' ', ' '}
		copy(name[:], m.Name)
		m.reply = appendV7(m.reply, typeDevice, name[:]...)
	case opLength:
		n := uint32(2 * len(m.Memory))
		m.reply = appendV7(m.reply, typeLength, 0, 0, byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
	case opStart:
		t := m.Start
		m.reply = appendV7(m.reply, typeDate, 0, 0, byte(t.Year()/100), byte(t.Year()%100), byte(t.Month()), byte(t.Day()))
		m.reply = appendV7(m.reply, typeTime, 0, 0, byte(t.Hour()), byte(t.Minute()), byte(t.Second()), 0)
	case opRead:
		for i := 0; i+3 <= len(m.Memory); i += 3 {
			r := m.Memory[i:]
			m.reply = appendV7(m.reply, typeStored, r[0][0], r[0][1], r[1][0], r[1][1], r[2][0], r[2][1])
		}
	case opHeartbeat:
	default:
		m.reply = appendV7(m.reply, typeFeedback, op, 0)
	}
}

func (m *Simulator) replyLegacy() {
	for range preambleTimes {
		m.reply = append(m.reply, preamble, 0x80, 0x00)
	}
	n := 3*len(m.Memory) - 1
	m.reply = append(m.reply, byte(n>>14&0x7f)|0x80, byte(n>>7&0x7f)|0x80, byte(n&0x7f))
	for _, r := range m.Memory {
		m.reply = append(m.reply, 0xf0|r[1]>>7, 0x80|r[1], r[0])
	}
}

// appendV7 appends a packet: top bits apart from the data.
func appendV7(out []byte, kind byte, data ...byte) []byte {
	high := byte(0x80)
	for i, d := range data {
		high |= d >> 7 << i
	}
	out = append(out, kind, high)
	for _, d := range data {
		out = append(out, d|0x80)
	}
	return out
}

// Poll gives the packets due at now.
func (m *Simulator) Poll(now vital.Instant, body devices.Body) (send []byte, again vital.Instant) {
	m.out = append(m.out[:0], m.reply...)
	m.reply = m.reply[:0]
	if !m.begun {
		m.begun = true
		if m.Format == Legacy {
			m.running, m.start = true, now
		}
	}
	if m.Format == V7 && now > m.ends {
		m.running = false
	}
	if !m.running {
		return m.out, now.Add(100 * time.Millisecond)
	}
	for m.due() <= now {
		m.emit(m.due(), body)
		m.sent++
	}
	return m.out, m.due()
}

func (m *Simulator) due() vital.Instant {
	return m.start.Add(time.Duration(m.sent) * time.Second / rate)
}

func (m *Simulator) emit(t vital.Instant, body devices.Body) {
	spo2, pulse, index := body.Reading(vital.SpO2, t), body.Reading(vital.PulseRate, t), body.Reading(vital.PerfusionIndex, t)
	whole := func(r vital.Reading, none, most int) byte {
		if v, ok := r.Value(); ok {
			if n := int(math.Round(v.Float())); n >= 0 && n <= most {
				return byte(n)
			}
		}
		return byte(none)
	}
	sat, beats := whole(spo2, noSpO2, 100), whole(pulse, noPulse, noPulse-1)
	level, ok := body.Sample(vital.Pleth, t)
	wave := byte(0)
	if ok {
		wave = byte(min(max(level*1.27, 0), 127))
	}
	off := spo2.State() == vital.ProbeOff || spo2.State() == vital.Disconnected || spo2.State() == vital.NotMeasured
	searching := !off && spo2.State() != vital.Measured
	bit := func(on bool, b byte) byte {
		if on {
			return b
		}
		return 0
	}
	strength := byte(6)
	if spo2.Questionable {
		strength = 1
	}
	if m.Format == Legacy {
		m.out = append(m.out,
			0x80|strength|bit(off, 0x10), wave, wave>>3|bit(searching, 0x20)|bit(beats&0x80 != 0, 0x40), beats&0x7f, sat)
		return
	}
	pi := noIndex
	if v, ok := index.Value(); ok {
		pi = int(math.Round(v.Float() * 100))
	}
	m.out = appendV7(m.out, typeLive, strength|bit(off, 0x80), wave|bit(searching, 0x80), wave>>3|bit(pi != noIndex, 0x10), beats, sat, byte(pi), byte(pi>>8))
}
