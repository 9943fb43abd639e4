package nonin

import (
	"fmt"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A Simulator is the oximeter's side: it speaks the true bytes of one format, and
// of format 7 once it is told to, if it is a two-way model. Set its fields before
// the first Poll.
type Simulator struct {
	Format Format
	// TwoWay makes it answer like a WristOx2: serial number, type, format 7.
	TwoWay bool
	Serial string // up to nine characters
	// LowBattery raises the battery bit.
	LowBattery bool
	// Clock is the oximeter's time of day at instant 0, for formats that send one.
	Clock time.Time

	started bool
	start   vital.Instant
	sent    int // frames, lines or messages since start
	frame   frameSource
	out     []byte
	heard   []byte
	reply   []byte
}

// NewSimulator is a two-way oximeter that starts in format f. Formats 1 and 2 are
// those of one-way models.
func NewSimulator(f Format) *Simulator {
	return &Simulator{Format: f, TwoWay: f == DF7 || f == DF8 || f == DF13, Serial: "501234567"}
}

// frameSource holds the packet being sent, fixed when it begins.
type frameSource struct {
	data   [packetFrames]byte
	status byte // bits of all frames
}

// Receive takes what the host sent.
func (m *Simulator) Receive(_ vital.Instant, b []byte) {
	if !m.TwoWay {
		return
	}
	m.heard = append(m.heard, b...)
	for len(m.heard) > 0 {
		n := m.command(m.heard)
		if n == 0 {
			return
		}
		m.heard = m.heard[n:]
	}
}

// command obeys what stands at the front of b and gives its length, 0 to wait.
func (m *Simulator) command(b []byte) int {
	switch {
	case b[0] != 0x02:
		return 1
	case len(b) < 4 || len(b) < 4+int(b[2]):
		if len(b) > 2 && b[2] > replyMost {
			return 1
		}
		return 0
	}
	n := 4 + int(b[2])
	if b[n-1] != 0x03 {
		return 1
	}
	switch b[1] {
	case opSerial:
		m.reply = append(m.reply, 0x02, opSerial|opReply, 10, 0x02)
		m.reply = append(m.reply, fmt.Sprintf("%-9.9s", m.Serial)...)
		m.reply = append(m.reply, 0x03)
	case opType:
		m.reply = append(m.reply, 0x02, opType|opReply, 3, 0x18, 0x05, 0x09, 0x03)
	case opFormat:
		if f := map[byte]Format{2: DF2, 7: DF7, 8: DF8, 13: DF13}[b[4]]; n >= 6 && f != None {
			m.Format, m.started = f, false
			m.reply = append(m.reply, ack)
		} else {
			m.reply = append(m.reply, nak)
		}
	default:
		m.reply = append(m.reply, nak)
	}
	return n
}

// Poll gives the bytes that leave the oximeter at now. It sends at frame
// boundaries only, so that an answer never splits a frame.
func (m *Simulator) Poll(now vital.Instant, body devices.Body) (send []byte, again vital.Instant) {
	m.out = append(m.out[:0], m.reply...)
	m.reply = m.reply[:0]
	if !m.started {
		m.started, m.start, m.sent = true, now, 0
	}
	for m.due() <= now {
		m.emit(m.due(), body)
		m.sent++
	}
	return m.out, m.due()
}

// due is when the next frame, line or message leaves.
func (m *Simulator) due() vital.Instant {
	switch m.Format {
	case DF2, DF7:
		return m.start.Add(time.Duration(m.sent) * time.Second / plethRate)
	case DF13:
		// A finished measurement every ten seconds, and again each second until it
		// is acknowledged, would need a patient with ten fingers; one a ten seconds
		// is enough to be found.
		return m.start.Add(time.Duration(m.sent) * 10 * time.Second)
	}
	return m.start.Add(time.Duration(m.sent) * time.Second)
}

func (m *Simulator) emit(t vital.Instant, body devices.Body) {
	switch m.Format {
	case DF2, DF7:
		m.emitFrame(t, body)
	case DF8, DF1:
		n := numbersOf(t, body)
		status := 0x80 | byte(n.rate>>7) | n.short()
		m.out = append(m.out, status, byte(n.rate&0x7f), byte(n.spo2))
		if m.Format == DF8 {
			m.out = append(m.out, m.status2())
		}
	case DF13:
		m.emitSpot(t, body)
	case Text:
		n := numbersOf(t, body)
		m.out = append(m.out, m.Clock.Add(time.Duration(t)).Format("15:04:05")...)
		m.out = append(m.out, " SPO2="...)
		m.out = append(m.out, three(n.spo2, noSpO2)...)
		m.out = append(m.out, " HR="...)
		m.out = append(m.out, three(n.rate, noRate)...)
		m.out = append(m.out, '\r', '\n')
	}
}

func three(v, missing int) string {
	if v == missing {
		return "---"
	}
	return fmt.Sprintf("%03d", v)
}

func (m *Simulator) status2() byte {
	if m.LowBattery {
		return status2Battery
	}
	return 0
}

func (m *Simulator) emitFrame(t vital.Instant, body devices.Body) {
	i := m.sent % packetFrames
	if i == 0 {
		n := numbersOf(t, body)
		d := &m.frame.data
		*d = [packetFrames]byte{}
		high, low := byte(n.rate>>7), byte(n.rate&0x7f)
		for _, at := range [...]int{0, 13, 19, 21} { // HR, E-HR, HR-D, E-HR-D
			d[at], d[at+1] = high, low
		}
		for _, at := range [...]int{2, 8, 9, 10, 15, 16} { // SpO2 and its averages
			d[at] = byte(n.spo2)
		}
		d[atFirmware] = 30
		timer := m.sent / packetFrames % (1 << 14)
		d[5], d[6] = byte(timer>>7&0x7f), byte(timer&0x7f)
		d[atStatus2] = m.status2()
		m.frame.status = statusSet | n.long()
	}
	status := m.frame.status
	if i == 0 {
		status |= statusSync
	}
	level, ok := body.Sample(vital.Pleth, t)
	level = min(max(level, 0), 100)
	if !ok {
		level = 0
	}
	var f [5]byte
	if m.Format == DF2 {
		f = [5]byte{0x01, status, byte(level*2.55 + 0.5), m.frame.data[i]}
	} else {
		v := uint16(level*655.35 + 0.5)
		f = [5]byte{status, byte(v >> 8), byte(v), m.frame.data[i]}
	}
	f[4] = f[0] + f[1] + f[2] + f[3]
	m.out = append(m.out, f[:]...)
}

func (m *Simulator) emitSpot(t vital.Instant, body devices.Body) {
	n := numbersOf(t, body)
	at := m.Clock.Add(time.Duration(t))
	bcd := func(v int) byte { return byte(v/10<<4 | v%10) }
	status := uint16(0)
	if n.rate == noRate && n.spo2 == noSpO2 {
		status |= spotNone
	}
	if m.LowBattery {
		status |= spotBattery
	}
	data := []byte{
		0x20, bcd(at.Year() % 100), bcd(int(at.Month())), bcd(at.Day()), bcd(at.Hour()), bcd(at.Minute()), bcd(at.Second()), 0,
		byte(status >> 8), byte(status), byte(n.rate >> 8), byte(n.rate), 0, byte(n.spo2),
	}
	sum := byte(0)
	for _, c := range data {
		sum += c
	}
	m.out = append(m.out, 0x00, 0x02, 0x00, 0x0d, 0x00, byte(len(data)))
	m.out = append(m.out, data...)
	m.out = append(m.out, sum, 0x03)
}

// shown is what the oximeter makes of the body.
type shown struct {
	rate, spo2             int
	off, lost, moving, low bool
}

func numbersOf(t vital.Instant, body devices.Body) shown {
	spo2, rate := body.Reading(vital.SpO2, t), body.Reading(vital.PulseRate, t)
	s := shown{rate: noRate, spo2: noSpO2, low: spo2.Questionable || rate.Questionable}
	if v, ok := rate.Value(); ok {
		if n := int(v.Float() + 0.5); n >= 0 && n <= mostRate {
			s.rate = n
		}
	}
	if v, ok := spo2.Value(); ok {
		s.spo2 = min(max(int(v.Float()+0.5), 0), 100)
	}
	for _, why := range [...]vital.State{spo2.State(), rate.State()} {
		switch why {
		case vital.Measured:
		case vital.ProbeOff, vital.Disconnected, vital.NotMeasured:
			s.off = true
		case vital.Artefact:
			s.moving = true
		default:
			s.lost = true
		}
	}
	return s
}

// long is the status bits of formats 2 and 7; a pulse is taken to be there always.
func (s shown) long() (b byte) {
	switch {
	case s.off:
		b |= statusOff
	case s.lost:
		b |= statusLost
	case s.low:
		b |= statusRed
	default:
		b |= statusGreen
	}
	if s.moving {
		b |= statusMoving
	}
	return b
}

// short is those of formats 1 and 8.
func (s shown) short() (b byte) {
	if s.off {
		b |= shortOff
	}
	if s.lost {
		b |= shortLost
	}
	if s.low {
		b |= shortLow
	}
	if s.moving {
		b |= shortMoving
	}
	return b
}
