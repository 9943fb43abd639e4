package datex

import (
	"encoding/binary"
	"math"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A Simulator is the monitor's side. It sends what it is asked for, as an S/5
// does; set its fields before the first Poll.
type Simulator struct {
	// Streaming makes it send numbers and waves unasked, as if another computer
	// had asked: for a tapped line.
	Streaming bool
	Waves     []byte // types sent while Streaming, pleth when nil
	// Clock is the monitor's time at instant 0.
	Clock time.Time
	// Alarm is the text on its screen, of Priority; "" for none.
	Alarm    string
	Priority devices.Priority

	started  bool
	start    vital.Instant
	seconds  int // ticks since start
	every    int // seconds between numbers, 0 while not asked
	waves    []byte
	diff     bool // changes of alarms are wanted
	said     string
	saidOnce bool
	in       deframer
	number   byte
	out      []byte
	record   []byte
}

// NewSimulator is a monitor that waits to be asked.
func NewSimulator() *Simulator {
	return &Simulator{Clock: time.Date(2026, 11, 22, 16, 30, 0, 0, time.UTC)}
}

// Receive takes requests.
func (m *Simulator) Receive(_ vital.Instant, b []byte) {
	for _, c := range b {
		if m.in.add(c) {
			if r, ok := m.in.record(); ok {
				m.obey(r)
			}
		}
		if c == flag {
			m.in.next()
		}
	}
}

func (m *Simulator) obey(r []byte) {
	body := r[headerSize:]
	switch int16(binary.LittleEndian.Uint16(r[atKind:])) {
	case kindNumbers:
		if len(body) >= 9 && body[0] == displayed {
			m.every = max(i16(body, 1), 0)
		}
	case kindWaves:
		if len(body) < 12 {
			return
		}
		m.waves = m.waves[:0]
		for _, kind := range body[4:12] {
			if kind == endOfSubs || i16(body, 0) != 0 {
				break
			}
			m.waves = append(m.waves, kind)
		}
	case kindAlarms:
		m.diff = len(body) >= 2 && i16(body, 0) == 2
		m.saidOnce = false
	}
}

// Poll gives the records due at now: one of each kind a second.
func (m *Simulator) Poll(now vital.Instant, body devices.Body) (send []byte, again vital.Instant) {
	m.out = m.out[:0]
	if !m.started {
		m.started, m.start = true, now
		if m.Streaming {
			m.every, m.waves, m.diff = 1, m.Waves, true
			if m.waves == nil {
				m.waves = []byte{8}
			}
		}
	}
	for m.due() <= now {
		t := m.due()
		if m.every > 0 && m.seconds%m.every == 0 {
			m.sendNumbers(t, body)
		}
		if m.seconds > 0 && len(m.waves) > 0 {
			m.sendWaves(t, body)
		}
		if m.diff && (!m.saidOnce || m.said != m.Alarm) {
			m.sendAlarms(t)
		}
		m.seconds++
	}
	return m.out, m.due()
}

func (m *Simulator) due() vital.Instant { return m.start.Add(time.Duration(m.seconds) * time.Second) }

// begin starts a record with the given kind.
func (m *Simulator) begin(t vital.Instant, kind int) {
	m.record = append(m.record[:0], make([]byte, headerSize)...)
	r := m.record
	m.number++
	r[2], r[atLevel] = m.number, 10
	binary.LittleEndian.PutUint32(r[atTime:], uint32(m.Clock.Add(time.Duration(t)).Unix()))
	binary.LittleEndian.PutUint16(r[atKind:], uint16(kind))
}

// descend notes the next subrecord, which begins at the end of the record so far;
// kind endOfSubs ends the list and sends.
func (m *Simulator) descend(i int, kind byte) {
	if i < subsMost {
		at := m.record[atSubs+3*i:]
		at[2] = kind
		if kind != endOfSubs {
			binary.LittleEndian.PutUint16(at, uint16(len(m.record)-headerSize))
		}
	}
	if kind == endOfSubs {
		binary.LittleEndian.PutUint16(m.record[atLength:], uint16(len(m.record)))
		m.out = appendFrame(m.out, m.record)
	}
}

func (m *Simulator) sendNumbers(t vital.Instant, body devices.Body) {
	m.begin(t, kindNumbers)
	for class := range 4 {
		m.descend(class, displayed)
		from := len(m.record)
		m.record = append(m.record, make([]byte, classSize)...)
		b := m.record[from:]
		binary.LittleEndian.PutUint32(b, uint32(m.Clock.Add(time.Duration(t)).Unix()))
		b[atClass], b[atClass+1] = 0xa1, byte(class)
		for i := range fields {
			if f := &fields[i]; f.class == class {
				m.put(b[4:], f, t, body)
			}
		}
	}
	m.descend(4, endOfSubs)
}

// put writes the field's number, and marks its group as there when it has one.
func (m *Simulator) put(b []byte, f *field, t vital.Instant, body devices.Body) {
	v := invalid
	if f.sign != vital.Unknown {
		r := body.Reading(f.sign, t)
		x, ok := r.Value()
		switch {
		case ok && f.kind == carbon:
			v = int(math.Round(x.Float() / 760 * 1e4))
		case ok:
			v = int(math.Round(x.Float() * math.Pow10(-int(f.exp))))
		case r.State() == vital.UnderRange:
			v = underRange
		case r.State() == vital.OverRange:
			v = overRange
		case r.State() == vital.NotCalibrated:
			v = notCalibrated
		case r.State() == vital.Searching:
			v = notUpdated
		case r.State() == vital.Artefact:
			v = discontinuity
		}
		if f.at == atAmbient && f.class == 0 {
			v = 7600
		}
		if ok || r.State() != vital.NotMeasured {
			b[f.group] |= groupExists | groupActive
		}
	}
	if v > math.MaxInt16 {
		v = overRange
	}
	binary.LittleEndian.PutUint16(b[f.at:], uint16(int16(max(v, invalid))))
}

func (m *Simulator) sendWaves(t vital.Instant, body devices.Body) {
	m.begin(t, kindWaves)
	n := 0
	for _, kind := range m.waves {
		if int(kind) >= traces || traceOf[kind].rate == 0 || n == subsMost {
			continue
		}
		tr := &traceOf[kind]
		m.descend(n, kind)
		n++
		m.record = binary.LittleEndian.AppendUint16(m.record, uint16(tr.rate))
		m.record = append(m.record, 0, 0, 0, 0)
		scale := tr.scale.Float()
		for i := range tr.rate {
			v := invalid
			if x, ok := body.Sample(tr.lead, t.Add(-time.Second+time.Duration(i)*time.Second/time.Duration(tr.rate))); ok && scale > 0 {
				if kind == 8 {
					x = (x - 50) / 10 // the pleth swings around 0, by some percent
				}
				v = int(min(max(math.Round(x/scale), leastValue), math.MaxInt16))
			}
			m.record = binary.LittleEndian.AppendUint16(m.record, uint16(int16(v)))
		}
	}
	m.descend(n, endOfSubs)
}

func (m *Simulator) sendAlarms(t vital.Instant) {
	m.said, m.saidOnce = m.Alarm, true
	m.begin(t, kindAlarms)
	m.descend(0, alarmStatus)
	m.record = append(m.record, make([]byte, alarmsAt+alarmSlots*alarmSize+10)...)
	if m.Alarm != "" {
		slot := m.record[headerSize+alarmsAt:]
		copy(slot[:alarmText-1], m.Alarm)
		binary.LittleEndian.PutUint16(slot[atColour:], uint16(m.Priority))
	}
	m.descend(1, endOfSubs)
}
