package phd

import (
	"strconv"
	"time"

	"fieldkit/triage/vital"
)

// The measurement status.
const (
	statusInvalid     = 0x8000
	statusDoubtful    = 0x4000
	statusUnavailable = 0x2000
	statusCalibrating = 0x1000
	statusTest        = 0x0800
	statusDemo        = 0x0400
	statusEarly       = 0x0040
)

// A report gathers the readings of one APDU until all of it was understood.
type report struct {
	readings [128]vital.Reading
	n        int
	unknown  uint64
}

func (r *report) add(v vital.Reading) bool {
	if r.n == len(r.readings) {
		return false
	}
	r.readings[r.n] = v
	r.n++
	return true
}

// event takes the content of a scan report event of the object called handle.
func (s *session) event(kind, handle int, p part) bool {
	p.u16() // data request
	p.u16() // number of the report
	var fixed, variable, persons bool
	switch {
	case kind >= scanFixed && kind <= scanMPVar:
		variable, persons = (kind-scanFixed)%2 == 1, kind >= scanMPFixed
		fixed = !variable
	case kind >= unbufFirst && kind <= bufLast:
		way := (kind - unbufFirst) % 6
		persons = way >= 3
		variable, fixed = way%3 == 0, way%3 == 1
	default:
		s.report.unknown++
		return true
	}
	observations := func(p *part) bool {
		count, items := p.list()
		for range count {
			ok := true
			switch {
			case fixed:
				ok = s.fixed(&items)
			case variable:
				ok = s.variable(&items)
			default:
				ok = s.grouped(handle, part{b: items.octets()})
			}
			if !ok || items.short {
				return false
			}
		}
		return items.done()
	}
	if !persons {
		return observations(&p) && p.done()
	}
	grouped := !fixed && !variable
	count, items := p.list()
	for range count {
		person := vital.OfUnit(vital.Unknown, vital.Int(int64(items.u16())), vital.NoUnit)
		person.Raw = "PHD person"
		if !s.report.add(person) {
			return false
		}
		// Of one person a grouped report has one group, not a list of them.
		if grouped && !s.grouped(handle, part{b: items.octets()}) || !grouped && !observations(&items) {
			return false
		}
	}
	return items.done() && p.done()
}

// fixed takes an observation whose attributes stand as the configuration says.
func (s *session) fixed(p *part) bool {
	handle := p.u16()
	data := part{b: p.octets()}
	o := s.config.object(handle)
	if o == nil {
		s.report.unknown++
		return !p.short
	}
	list := o.attrs
	if o.either && len(data.b) == 10 {
		list[0] = attr{attrBasic, 2}
	}
	return s.observe(o, list[:o.nattrs], &data) && data.done()
}

// grouped takes the observations of a scanner, one after another.
func (s *session) grouped(handle int, data part) bool {
	sc := s.config.scanner(handle)
	if sc == nil {
		s.report.unknown++
		return true
	}
	for i := range sc.n {
		m := &sc.parts[i]
		o := s.config.object(m.handle)
		if o == nil {
			for _, a := range m.attrs[:m.nattrs] {
				data.take(a.size)
			}
			s.report.unknown++
			continue
		}
		if !s.observe(o, m.attrs[:m.nattrs], &data) {
			return false
		}
	}
	return data.done()
}

// variable takes an observation that names its attributes.
func (s *session) variable(p *part) bool {
	handle := p.u16()
	count, items := p.list()
	o := s.config.object(handle)
	if o == nil {
		s.strange = object{handle: handle, metrics: 1}
		o = &s.strange
		o.raws[0] = s.handleName(handle)
		s.report.unknown++
	}
	var v observation
	for range count {
		id := items.u16()
		value := part{b: items.octets()}
		if items.short || !v.take(id, value) {
			return false
		}
	}
	return items.done() && s.hand(o, &v)
}

// handleName is the name of an object that was never described; it is kept, so
// that a stream of them costs no memory.
func (s *session) handleName(handle int) string {
	if s.strangeHandle != handle || s.strangeName == "" {
		s.strangeHandle, s.strangeName = handle, "handle "+strconv.Itoa(handle)
	}
	return s.strangeName
}

// An observation is what the attributes of one report of one object say.
type observation struct {
	values [metricsMost]float
	n      int
	at     time.Time
	status int
	unit   int
	other  bool
}

// take takes one attribute.
func (v *observation) take(id int, p part) bool {
	switch id {
	case attrBasic:
		v.values[0], v.n = p.sfloat(), 1
	case attrSimple:
		v.values[0], v.n = p.float(), 1
	case attrCompound:
		count, items := p.list()
		if count > metricsMost {
			return false
		}
		for i := range count {
			v.values[i] = items.sfloat()
		}
		v.n = count
		return items.done() && p.done()
	case attrTime, attrTimeStamp:
		v.at = absolute(p.take(8))
	case attrStatus:
		v.status = p.u16()
	case attrUnit:
		v.unit = p.u16()
	default:
		v.other = true
		p.b = nil
	}
	return p.done()
}

// observe takes the attributes of list from the front of data.
func (s *session) observe(o *object, list []attr, data *part) bool {
	var v observation
	for _, a := range list {
		value := part{b: data.take(a.size)}
		if data.short || !v.take(a.id, value) {
			return false
		}
	}
	return s.hand(o, &v)
}

// hand turns an observation into readings.
func (s *session) hand(o *object, v *observation) bool {
	if v.n == 0 || v.other {
		s.report.unknown++
	}
	unit, strange := o.unit, o.strange
	if v.unit != 0 {
		u, ok := unitOf[v.unit]
		if unit = u; !ok {
			strange = v.unit
		}
	}
	for i := range min(v.n, max(o.metrics, 1)) {
		sign, f := o.signs[i], v.values[i]
		raw := o.raws[i]
		if strange != 0 && sign != vital.Unknown {
			raw, sign = sign.String(), vital.Unknown // in a unit nobody here knows: not as that sign
		}
		r := vital.None(sign, f.why)
		if f.why == vital.Measured {
			r = vital.OfUnit(sign, f.v, unit)
		}
		why := vital.Measured
		switch {
		case v.status&(statusDemo|statusTest) != 0 || s.test:
			why = vital.Demo
		case v.status&statusUnavailable != 0:
			why = vital.Searching
		case v.status&statusInvalid != 0:
			why = vital.Withheld
		case v.status&statusCalibrating != 0:
			why = vital.NotCalibrated
		}
		if _, measured := r.Value(); measured && why != vital.Measured {
			r = r.Without(why)
		}
		_, measured := r.Value()
		r.Raw, r.Site, r.MonitorTime = raw, o.site, v.at
		r.Questionable = measured && v.status&(statusDoubtful|statusEarly) != 0
		r.Aperiodic = o.spot || sign != vital.Unknown && sign.Info().Ageing != vital.Continuous
		if !s.report.add(r) {
			return false
		}
	}
	return true
}
