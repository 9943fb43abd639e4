package phd

import (
	"strconv"

	"fieldkit/triage/vital"
)

const (
	objectsMost = 32
	attrsMost   = 8
	metricsMost = 4
)

// An attr is one attribute in a report, and its length.
type attr struct{ id, size int }

// An object is one measurement as its agent described it.
type object struct {
	handle  int
	signs   [metricsMost]vital.Sign
	site    vital.Site
	raws    [metricsMost]string // for signs that are Unknown
	metrics int
	unit    vital.Unit
	strange int // unit code that is not known, 0 when it is
	spot    bool
	attrs   [attrsMost]attr
	nattrs  int
	// either is true for a standard object whose value may have 16 or 32 bits.
	either bool
}

// A scanner is what a grouped report of one handle holds, in order.
type scanner struct {
	handle int
	parts  [objectsMost]struct {
		handle int
		attrs  [attrsMost]attr
		nattrs int
	}
	n int
}

// A config is what an agent measures.
type config struct {
	known    bool
	id       int
	objects  [objectsMost]object
	n        int
	scanners [4]scanner
	nscan    int
}

// The units, MDC_DIM numbers.
var unitOf = map[int]vital.Unit{
	512: vital.NoUnit, 544: vital.Percent, 2720: vital.PerMinute, 3872: vital.MmHg, 3843: vital.KPa, 6048: vital.Celsius, 4416: vital.Fahrenheit,
	1731: vital.Kilogram, 1760: vital.Pound, 1297: vital.Centimetre, 1376: vital.Inch, 1952: vital.KgPerM2, 2130: vital.MgPerDL, 4722: vital.MmolPerL,
}

// Supplemental types that make a second reading of the same sign.
const (
	modalityFast = 0x4c34
	modalitySlow = 0x4c38
	modalitySpot = 0x4c3c
)

// measure sets what o's metric number i is.
func (o *object) measure(i, partition, code int, modality string) {
	sign, site, ok := vital.ByMDC(uint32(partition)<<16 | uint32(code))
	if !ok || modality != "" {
		sign = vital.Unknown
	}
	o.signs[i], o.raws[i] = sign, ""
	if site != vital.NoSite {
		o.site = site
	}
	if sign == vital.Unknown {
		o.raws[i] = "MDC " + strconv.Itoa(partition) + ":" + strconv.Itoa(code) + modality
	}
	o.metrics = max(o.metrics, i+1)
}

func (o *object) setUnit(code int) {
	u, ok := unitOf[code]
	o.unit, o.strange = u, 0
	if !ok {
		o.strange = code
	}
}

// object is the one with that handle, nil when it was never described.
func (c *config) object(handle int) *object {
	for i := range c.n {
		if c.objects[i].handle == handle {
			return &c.objects[i]
		}
	}
	return nil
}

func (c *config) scanner(handle int) *scanner {
	for i := range c.nscan {
		if c.scanners[i].handle == handle {
			return &c.scanners[i]
		}
	}
	return nil
}

// attrs reads a list of attribute and length.
func attrs(p *part, to *[attrsMost]attr) (n int, ok bool) {
	count, items := p.list()
	if count > attrsMost {
		return 0, false
	}
	for i := range count {
		to[i] = attr{items.u16(), items.u16()}
	}
	return count, items.done() && !p.short
}

// parse reads a configuration report.
func (c *config) parse(p *part) bool {
	*c = config{}
	c.id = p.u16()
	count, items := p.list()
	for range count {
		class, handle := items.u16(), items.u16()
		n, list := items.list()
		if items.short || !c.describe(class, handle, n, list) {
			return false
		}
	}
	c.known = items.done() && p.done()
	return c.known
}

const classNumeric = 6

// describe takes one object of a configuration.
func (c *config) describe(class, handle, count int, list part) bool {
	var o object
	var partition, code int
	var metrics part
	modality := ""
	o.handle = handle
	for range count {
		id := list.u16()
		v := part{b: list.octets()}
		if list.short {
			return false
		}
		switch id {
		case attrType:
			partition, code = v.u16(), v.u16()
		case attrUnit:
			o.setUnit(v.u16())
		case attrValueMap:
			n, ok := attrs(&v, &o.attrs)
			if !ok {
				return false
			}
			o.nattrs = n
		case attrMetrics:
			_, metrics = v.list()
		case attrSupplemental:
			n, types := v.list()
			for range n {
				types.u16()
				switch types.u16() {
				case modalityFast:
					modality = " fast"
				case modalitySlow:
					modality = " slow"
				case modalitySpot:
					o.spot = true
				}
			}
			v.short = v.short || types.short
		case attrScanMap:
			if !c.scan(handle, &v) {
				return false
			}
		}
		if v.short {
			return false
		}
	}
	if class != classNumeric {
		return list.done() // scanners were taken; others are reported as unknown
	}
	if c.n == objectsMost {
		return false
	}
	if len(metrics.b) == 0 {
		o.measure(0, partition, code, modality)
	}
	for i := 0; len(metrics.b) >= 2 && i < metricsMost; i++ {
		o.measure(i, partition, metrics.u16(), modality)
	}
	c.objects[c.n] = o
	c.n++
	return list.done()
}

// scan takes the map of a scanner.
func (c *config) scan(handle int, v *part) bool {
	if c.nscan == len(c.scanners) {
		return false
	}
	s := &c.scanners[c.nscan]
	s.handle = handle
	count, items := v.list()
	if count > objectsMost {
		return false
	}
	for i := range count {
		s.parts[i].handle = items.u16()
		n, ok := attrs(&items, &s.parts[i].attrs)
		if !ok {
			return false
		}
		s.parts[i].nattrs = n
	}
	s.n = count
	c.nscan++
	return items.done()
}

// standard fills c with a standard configuration; ok is false when there is none.
func (c *config) standard(id int) (ok bool) {
	*c = config{id: id}
	const scada = 2
	add := func(handle, code, unit int, value attr, more ...attr) *object {
		o := &c.objects[c.n]
		c.n++
		o.handle = handle
		o.setUnit(unit)
		o.measure(0, scada, code, "")
		o.attrs[0] = value
		o.nattrs = 1 + copy(o.attrs[1:], more)
		return o
	}
	at := attr{attrTimeStamp, 8}
	basic, simple := attr{attrBasic, 2}, attr{attrSimple, 4}
	switch id {
	case 0x0190:
		add(1, 0x4bb8, 544, basic)
		add(10, 0x481a, 2720, basic)
	case 0x0191:
		add(1, 0x4bb8, 544, basic, at).spot = true
		add(10, 0x481a, 2720, basic, at).spot = true
	case 0x02bc:
		o := add(1, 0x4a04, 3872, attr{attrCompound, 10}, at)
		for i := range 3 {
			o.measure(i, scada, 0x4a05+i, "")
		}
		add(2, 0x482a, 2720, basic, at)
	case 0x0320:
		add(1, 0x4b5c, 6048, simple, at).either = true
	case 0x05dc:
		add(1, 0xe140, 1731, simple, at)
	case 0x06a4:
		add(1, 0x71b8, 2130, basic, at)
	default:
		return false
	}
	c.known = true
	return true
}
