package phd

import (
	"encoding/binary"
	"math"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// Kind is an agent's specialization.
type Kind uint16

// The agents, by the number of their standard configuration.
const (
	Oximeter    Kind = 0x0190
	Cuff        Kind = 0x02bc
	Thermometer Kind = 0x0320
	Scale       Kind = 0x05dc
	Glucometer  Kind = 0x06a4
)

// A Simulator is the agent's side. It associates until it is accepted, then
// reports: an oximeter each second, the others each ten. Set its fields before the
// first Poll.
type Simulator struct {
	Kind  Kind
	Clock time.Time // at instant 0
	// Described makes it send a configuration of its own in place of the standard's
	// number.
	Described bool

	associated bool
	next       vital.Instant
	invoke     uint16
	heard      []byte
	reply      []byte
	out        []byte
}

// NewSimulator is an agent of that kind.
func NewSimulator(k Kind) *Simulator {
	return &Simulator{Kind: k, Clock: time.Date(2026, 11, 22, 16, 30, 0, 0, time.UTC)}
}

const ownConfig = 0x4000

func (m *Simulator) config() int {
	if m.Described {
		return ownConfig
	}
	return int(m.Kind)
}

// Receive takes what the manager sent.
func (m *Simulator) Receive(now vital.Instant, b []byte) {
	m.heard = append(m.heard, b...)
	for len(m.heard) > 0 {
		n := frame(m.heard)
		if n == 0 {
			return
		}
		if n < 0 {
			m.heard = m.heard[1:]
			continue
		}
		m.obey(now, m.heard[:n])
		m.heard = m.heard[n:]
	}
}

func (m *Simulator) obey(now vital.Instant, b []byte) {
	switch binary.BigEndian.Uint16(b) {
	case associated:
		if len(b) < apduHead+2 || b[5] != 0 && b[5] != 3 {
			return
		}
		m.associated, m.next = true, now
		if b[5] == 3 {
			m.describe()
		}
	case release, abort:
		m.associated = false
		m.reply = appendAPDU(m.reply, released, []byte{0, 0})
	case present:
		if binary.BigEndian.Uint16(b[8:]) == get {
			m.name(binary.BigEndian.Uint16(b[6:]))
		}
	}
}

// attribute appends an attribute to a list.
func attribute(out []byte, id int, value ...byte) []byte {
	out = binary.BigEndian.AppendUint16(out, uint16(id))
	out = binary.BigEndian.AppendUint16(out, uint16(len(value)))
	return append(out, value...)
}

// text is a string with its length, even as MDER wants it.
func text(s string) []byte {
	if len(s)%2 == 1 {
		s += "\x00"
	}
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(s))), s...)
}

// counted is a list: count, length, items.
func counted(count int, items []byte) []byte {
	out := binary.BigEndian.AppendUint16(nil, uint16(count))
	out = binary.BigEndian.AppendUint16(out, uint16(len(items)))
	return append(out, items...)
}

func (m *Simulator) name(invoke uint16) {
	list := attribute(nil, attrModel, append(text("Fieldkit"), text("simulated agent")...)...)
	serial := append([]byte{0, 1, 0, 0}, text("SIM-1")...)
	list = attribute(list, attrProduction, counted(1, serial)...)
	m.reply = appendPresent(m.reply, invoke, answeredGet, append([]byte{0, 0}, counted(2, list)...))
}

// describe sends the configuration: the standard one under a number of its own.
func (m *Simulator) describe() {
	var c config
	c.standard(int(m.Kind))
	var objects []byte
	for i := range c.n {
		o := &c.objects[i]
		code := func(k int) uint16 { return uint16(o.signs[k].Info().MDC - 2<<16) }
		kind, n := code(0), 3
		var list []byte
		if o.metrics > 1 {
			kind, n = 0x4a04, 4
			var ids []byte
			for k := range o.metrics {
				ids = binary.BigEndian.AppendUint16(ids, code(k))
			}
			list = attribute(list, attrMetrics, counted(o.metrics, ids)...)
		}
		list = attribute(list, attrType, 0, 2, byte(kind>>8), byte(kind))
		for unit, u := range unitOf {
			if u == o.unit {
				list = attribute(list, attrUnit, byte(unit>>8), byte(unit))
			}
		}
		var values []byte
		for _, a := range o.attrs[:o.nattrs] {
			values = binary.BigEndian.AppendUint16(values, uint16(a.id))
			values = binary.BigEndian.AppendUint16(values, uint16(a.size))
		}
		list = attribute(list, attrValueMap, counted(o.nattrs, values)...)
		objects = binary.BigEndian.AppendUint16(objects, classNumeric)
		objects = binary.BigEndian.AppendUint16(objects, uint16(o.handle))
		objects = append(objects, counted(n, list)...)
	}
	m.event(notiConfig, append([]byte{ownConfig >> 8, 0}, counted(c.n, objects)...))
}

// event sends a confirmed event.
func (m *Simulator) event(kind int, info []byte) {
	m.invoke++
	body := []byte{0, 0, 0xff, 0xff, 0xff, 0xff, byte(kind >> 8), byte(kind)}
	body = binary.BigEndian.AppendUint16(body, uint16(len(info)))
	m.reply = appendPresent(m.reply, m.invoke, confirmedEvent, append(body, info...))
}

// Poll gives the association request, answers, and the reports due at now.
func (m *Simulator) Poll(now vital.Instant, body devices.Body) (send []byte, again vital.Instant) {
	if now >= m.next {
		every := 2 * time.Second
		switch {
		case !m.associated:
			m.associate()
		case m.Kind == Oximeter:
			every = time.Second
			m.send(now, body)
		default:
			every = 10 * time.Second
			m.send(now, body)
		}
		m.next = now.Add(every)
	}
	m.out = append(m.out[:0], m.reply...)
	m.reply = m.reply[:0]
	return m.out, m.next
}

func (m *Simulator) associate() {
	id := m.config()
	info := []byte{0x80, 0, 0, 0, 0x80, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 8, 'S', 'I', 'M', 'U', 'L', 'A', 'T', '1', byte(id >> 8), byte(id), 0, 1, 1, 0, 0, 0, 0, 0}
	p := append([]byte{0x50, 0x79, 0, byte(len(info))}, info...)
	m.reply = appendAPDU(m.reply, associate, append([]byte{0x80, 0, 0, 0}, counted(1, p)...))
}

// encode16 and encode32 are a reading as the two floats.
func encode16(r vital.Reading) []byte {
	x := uint16(0x07ff)
	switch v, ok := r.Value(); {
	case ok:
		v = v.RoundTo(1)
		for v.Mantissa >= 2046 || v.Mantissa <= -2046 {
			v.Mantissa /= 10
			v.Exponent++
		}
		x = uint16(v.Exponent)<<12 | uint16(v.Mantissa)&0x0fff
	case r.State() == vital.OverRange:
		x = 0x07fe
	case r.State() == vital.UnderRange:
		x = 0x0802
	}
	return []byte{byte(x >> 8), byte(x)}
}

func encode32(r vital.Reading) []byte {
	x := uint32(0x007fffff)
	if v, ok := r.Value(); ok && math.Abs(float64(v.Mantissa)) < 1<<23-2 {
		x = uint32(uint8(v.Exponent))<<24 | uint32(v.Mantissa)&0xffffff
	}
	return binary.BigEndian.AppendUint32(nil, x)
}

// send sends a fixed report of all objects.
func (m *Simulator) send(now vital.Instant, body devices.Body) {
	var c config
	c.standard(int(m.Kind))
	at := m.Clock.Add(time.Duration(now))
	digits := func(n int) byte { return byte(n/10<<4 | n%10) }
	stamp := []byte{digits(at.Year() / 100), digits(at.Year() % 100), digits(int(at.Month())), digits(at.Day()), digits(at.Hour()), digits(at.Minute()), digits(at.Second()), 0}
	var all []byte
	for i := range c.n {
		o := &c.objects[i]
		var data []byte
		for _, a := range o.attrs[:o.nattrs] {
			switch a.id {
			case attrBasic:
				data = append(data, encode16(body.Reading(o.signs[0], now))...)
			case attrSimple:
				data = append(data, encode32(body.Reading(o.signs[0], now))...)
			case attrCompound:
				var values []byte
				for k := range o.metrics {
					values = append(values, encode16(body.Reading(o.signs[k], now))...)
				}
				data = append(data, counted(o.metrics, values)...)
			case attrTimeStamp:
				data = append(data, stamp...)
			}
		}
		all = binary.BigEndian.AppendUint16(all, uint16(o.handle))
		all = binary.BigEndian.AppendUint16(all, uint16(len(data)))
		all = append(all, data...)
	}
	m.event(scanFixed, append([]byte{0xf0, 0, 0, 0}, counted(c.n, all)...))
}
