package intellivue

import (
	"encoding/binary"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A Simulator is a monitor on RS-232, or on a network, where messages have no frames
// and it announces itself each second. Set its fields before the first Poll.
type Simulator struct {
	Network bool
	MAC     [6]byte // of its network card
	Port    int     // on which it takes associations
	Demo    bool    // it is in demonstration mode
	Clock   time.Time
	// BatteryLow raises a technical alarm.
	BatteryLow bool

	line       deframer
	net        []byte
	started    bool
	associated bool
	heard      vital.Instant
	asked      [3]bool // numbers, waves, alarms
	next       [3]vital.Instant
	beacon     vital.Instant
	number     uint16
	object     uint16 // which of a kind's objects a result is of
	reply      []byte
	ends       []int // on a network, of reply's messages
	out        []byte
}

// NewSimulator is a monitor on RS-232, or on a network.
func NewSimulator(network bool) *Simulator {
	return &Simulator{Network: network, MAC: [6]byte{0x02, 0, 0, 0, 0, 1}, Port: ExportPort, Clock: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
}

// How often results come, by kind, and which kinds there are.
var (
	every = [3]time.Duration{1024 * time.Millisecond, 256 * time.Millisecond, 1024 * time.Millisecond}
	kinds = [3]uint16{kindNumbers, kindWaves, kindAlarms}
)

// Receive takes what the host sent.
func (m *Simulator) Receive(now vital.Instant, b []byte) {
	if !m.Network {
		for _, c := range b {
			if message, o := m.line.add(c); o == whole {
				m.take(now, message)
			}
		}
		return
	}
	m.net = append(m.net, b...)
	for len(m.net) > 0 {
		n := 0
		if m.net[0] == sessionConnect && len(m.net) > 1 {
			n = within(m.net, 2+int(m.net[1]))
		} else {
			n = lengthOf(m.net, true)
		}
		if n == 0 {
			return
		}
		if n < 0 {
			m.net = m.net[:0]
			return
		}
		m.take(now, m.net[:n])
		m.net = m.net[n:]
	}
}

func words(b []byte, v ...uint16) []byte {
	for _, w := range v {
		b = binary.BigEndian.AppendUint16(b, w)
	}
	return b
}

// block is v with its length before it.
func block(v []byte) []byte { return append(words(nil, uint16(len(v))), v...) }

// counted is elements with their number and length before them.
func counted(elements ...[]byte) []byte {
	var all []byte
	for _, e := range elements {
		all = append(all, e...)
	}
	return append(words(nil, uint16(len(elements)), uint16(len(all))), all...)
}

func attribute(id uint16, value []byte) []byte { return append(words(nil, id), block(value)...) }

// operation is a message of an association.
func operation(op uint16, head []byte, rest []byte) []byte {
	return append(append(words(nil, 0xe100, 2, op), block(append(head, rest...))[0:2]...), append(head, rest...)...)
}

func (m *Simulator) take(now vital.Instant, b []byte) {
	m.heard = now
	switch {
	case b[0] == sessionConnect:
		m.associated = true
		m.asked = [3]bool{}
		m.say([]byte{sessionAccept, 16, 0x05, 0x08, 0x13, 0x01, 0x00, 0x16, 0x01, 0x02, 0x80, 0x00, 0x14, 0x02, 0x00, 0x02, 0xc1, 0x00})
		created := append(words(nil, classMDS, 0, 0, 0, 0, eventCreate), block(append(words(nil, classMDS, 0, 0), m.itself()...))...)
		m.say(operation(opInvoke, append(words(nil, 1, 1), block(created)[:2]...), created))
	case m.associated && len(b) >= 36 && b[0] == sessionData && binary.BigEndian.Uint16(b[4:]) == opInvoke:
		action, kind := binary.BigEndian.Uint16(b[24:]), binary.BigEndian.Uint16(b[32:])
		for i, k := range kinds {
			if action == actionPollLong && k == kind {
				m.asked[i], m.next[i] = true, now
			}
		}
		if action == actionPoll {
			m.result(now, actionPoll, classMDS, opResult, counted(attribute(attrMode, m.mode())))
		}
	}
}

func (m *Simulator) mode() []byte {
	if m.Demo {
		return words(nil, modeDemo)
	}
	return words(nil, 0x4000)
}

// itself is the list of what the monitor says of itself.
func (m *Simulator) itself() []byte {
	spec := func(kind, component uint16, text string) []byte {
		return append(words(nil, kind, component), block([]byte(text))...)
	}
	return counted(
		attribute(attrModel, append(block([]byte("Philips\x00")), block([]byte("SIM866\x00\x00"))...)),
		attribute(attrProduction, counted(spec(1, 8, "DE00000001\x00\x00"), spec(4, 0x58, "L.01.18\x00"))),
		attribute(attrMode, m.mode()),
		attribute(attrProtocols, counted(words(nil, 5, 1, uint16(m.Port), 0))),
		attribute(attrAddress, append(append([]byte(nil), m.MAC[:]...), 127, 0, 0, 1, 255, 0, 0, 0)),
	)
}

func (m *Simulator) say(message []byte) {
	if m.Network {
		m.reply = append(m.reply, message...)
		m.ends = append(m.ends, len(m.reply))
		return
	}
	m.reply = appendFrame(m.reply, message)
}

// result says the result of a poll: one object that has attributes.
func (m *Simulator) result(now vital.Instant, action, kind, op uint16, attributes []byte) {
	m.number++
	at := m.Clock.Add(time.Duration(now))
	head := words(nil, classMDS, 0, 0, action)
	list := words(nil, m.number)
	if action == actionPollLong {
		list = words(list, m.number)
	}
	list = binary.BigEndian.AppendUint32(list, uint32(time.Duration(now)/(125*time.Microsecond)))
	list = append(append(list, bcd(at)...), words(nil, partition, kind, 0)...)
	object := append(words(nil, 42+kind+m.object), attributes...)
	context := append(words(nil, 0), counted(object)...)
	list = append(list, counted(context)...)
	body := append(head, block(list)...)
	before := words(nil, 1, 7)
	if op == opLinked {
		before = words([]byte{1, 1}, 1, 7)
	}
	m.say(operation(op, before, block(body)))
}

func bcd(t time.Time) []byte {
	d := func(v int) byte { return byte(v/10<<4 | v%10) }
	return []byte{d(t.Year() / 100), d(t.Year() % 100), d(int(t.Month())), d(t.Day()), d(t.Hour()), d(t.Minute()), d(t.Second()), 0}
}

// Poll gives the bytes that leave the monitor at now; on a network one message at a
// time, each of which is a datagram.
func (m *Simulator) Poll(now vital.Instant, body devices.Body) ([]byte, vital.Instant) {
	again := m.speakAll(now, body)
	n := len(m.reply)
	if len(m.ends) > 0 {
		n = m.ends[0]
		m.ends = m.ends[:copy(m.ends, m.ends[1:])]
		for i := range m.ends {
			m.ends[i] -= n
		}
	}
	m.out = append(m.out[:0], m.reply[:n]...)
	m.reply = m.reply[:copy(m.reply, m.reply[n:])]
	if len(m.ends) > 0 {
		again = now
	}
	return m.out, again
}

// speakAll puts what is due at now into reply.
func (m *Simulator) speakAll(now vital.Instant, body devices.Body) (again vital.Instant) {
	if !m.started {
		m.started, m.beacon = true, now
	}
	if m.associated && now.Sub(m.heard) > 10*time.Second {
		m.associated = false
		m.beacon = now
	}
	again = devices.Never
	if m.associated {
		for i := range kinds {
			if !m.asked[i] {
				continue
			}
			for m.next[i] <= now {
				m.speak(i, m.next[i], body)
				m.next[i] = m.next[i].Add(every[i])
			}
			again = min(again, m.next[i])
		}
		again = min(again, m.heard.Add(10*time.Second+1))
	} else if m.Network {
		for m.beacon <= now {
			rest := append(words(nil, classConnect, 0, 0, 0, 0, eventConnect), block(m.itself())...)
			event := append(words(nil, 0, 0), block(rest)...)
			m.say(append(words(nil, 0, 0x100, opInvoke), block(event)...))
			m.beacon = m.beacon.Add(time.Second)
		}
		again = m.beacon
	}
	return again
}

type number struct {
	sign     vital.Sign
	id, unit uint16
}

var spoken = []number{
	{vital.HeartRate, 0x4182, 0x0aa0}, {vital.SpO2, 0x4bb8, 0x0220}, {vital.PulseRate, 0x4822, 0x0aa0},
	{vital.RespRate, 0x500a, 0x0ae0}, {vital.EtCO2, 0x50b0, 0x0f20},
}

var cuff = []number{{vital.NIBPSys, 0x4a05, 0x0f20}, {vital.NIBPDia, 0x4a06, 0x0f20}, {vital.NIBPMean, 0x4a07, 0x0f20}}

const cuffEvery = 3 * time.Minute

func (m *Simulator) speak(kind int, t vital.Instant, body devices.Body) {
	switch kinds[kind] {
	case kindNumbers:
		var all [][]byte
		for _, n := range spoken {
			all = append(all, attribute(attrNumber, m.observed(n, t, body)))
		}
		m.result(t, actionPollLong, kindNumbers, opResult, counted(all...))
		taken := t - t%vital.Instant(cuffEvery)
		var pressures [][]byte
		for _, n := range cuff {
			pressures = append(pressures, m.observed(n, taken, body))
		}
		m.result(t, actionPollLong, kindNumbers, opLinked, counted(
			attribute(attrNumbers, counted(pressures...)), attribute(attrTimeAbsolute, bcd(m.Clock.Add(time.Duration(taken))))))
	case kindWaves:
		m.trace(t, body, vital.ECGII, 0x0102, 16, 128, 0x10b2, -20, 20)
		m.trace(t, body, vital.Pleth, 0x4bb4, 64, 32, 0x0200, 0, 100)
	case kindAlarms:
		var list [][]byte
		if m.BatteryLow {
			text := words(nil, uint16('L'), uint16('O'), uint16('W'), uint16(' '), uint16('B'), uint16('A'), uint16('T'), uint16('T'))
			info := append(words(nil, 1, 1, 0, 0), block(text)...)
			list = append(list, append(words(nil, 8, 0xf100, 1, 0, 0, 0, 0, infoText), block(info)...))
		}
		m.result(t, actionPollLong, kindAlarms, opResult, counted(attribute(attrTechAlarm, counted(list...))))
	}
}

// observed is one value, in tenths.
func (m *Simulator) observed(n number, t vital.Instant, body devices.Body) []byte {
	r := body.Reading(n.sign, t)
	state, bits := uint16(0), uint32(0x007fffff)
	if v, ok := r.Value(); ok {
		bits = 0xff000000 | uint32(int32(v.Float()*10+0.5))&0xffffff
	} else {
		state = map[vital.State]uint16{vital.NotCalibrated: stateCalibrating, vital.Demo: stateDemo, vital.Withheld: stateInvalid, vital.Artefact: stateInvalid}[r.State()]
		if state == 0 {
			state = stateUnavailable
		}
	}
	if r.Questionable {
		state |= stateDoubted
	}
	if m.Demo {
		state |= stateDemo
	}
	return binary.BigEndian.AppendUint32(words(nil, n.id, state, n.unit), bits)
}

// trace is a wave of n samples, period in 1/8 ms, scaled from low to high, given in
// tenths, over 4096 counts.
func (m *Simulator) trace(t vital.Instant, body devices.Body, l vital.Lead, id uint16, period uint32, n int, unit uint16, low, high int) {
	tenth := func(v int) []byte { return binary.BigEndian.AppendUint32(nil, 0xff000000|uint32(int32(v))&0xffffff) }
	bottom, span := float64(low)/10, float64(high-low)/10
	var samples []byte
	state := uint16(0)
	if m.Demo {
		state = stateDemo
	}
	for i := range n {
		v, ok := body.Sample(l, t.Add(time.Duration(i)*time.Duration(period)*125*time.Microsecond))
		if l == vital.Pleth {
			v /= 10 // its scale is 0 to 10
		}
		if !ok {
			state |= stateUnavailable
		}
		samples = words(samples, uint16(min(max((v-bottom)/span*4095, 0), 4095)))
	}
	m.object = id // each wave is an object of its own
	defer func() { m.object = 0 }()
	m.result(t, actionPollLong, kindWaves, opResult, counted(
		attribute(attrWaveSpec, []byte{byte(n >> 8), byte(n), 16, 12, 0, 0}),
		attribute(attrSamplePeriod, binary.BigEndian.AppendUint32(nil, period)),
		attribute(attrUnit, words(nil, unit)),
		attribute(attrWaveScale, words(append(tenth(low), tenth(high)...), 0, 4095)),
		attribute(attrWave, append(words(nil, id, state), block(samples)...)),
	))
}
