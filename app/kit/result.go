package kit

import (
	"slices"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// results are what each instrument said last with a time of its own, such as a
// cuff's pressures. Many instruments say their last result again and again, for
// an hour and after a restart, and some say no time with it: said again it is as
// old as it was, and it stays with the encounter in which it was measured. The
// recording's lock guards them.
type results map[numeric]result

// A result is one number as it was said first.
type result struct {
	vital.Reading
	said        vital.Instant // when it was said last
	encounter   chart.ID
	provisional bool // nobody had said yet whose it is
}

// together is within what time the numbers of one cuff measurement arrive.
const together = time.Second

// hear takes what an instrument says for a bed. It gives the reading with the age
// that it has, whether it is a new result, and which other numbers of the same
// measurement were said again a moment before because they came out the same:
// these are as new.
func (rs results) hear(b *bed, key numeric, r vital.Reading) (aged vital.Reading, news bool, renewed []numeric) {
	was, known := rs[key]
	if !known || !again(was.Reading, r) {
		rs[key] = result{r, r.Arrived, b.encounter, b.provisional}
		for _, k := range sameMeasurement(key) {
			if s, ok := rs[k]; ok && s.Arrived < r.Arrived && r.Arrived.Sub(s.said) <= together {
				s.Arrived, s.encounter, s.provisional = r.Arrived, b.encounter, b.provisional
				rs[k] = s
				renewed = append(renewed, k)
			}
		}
		return r, true, renewed
	}
	was.said = r.Arrived
	for _, k := range sameMeasurement(key) {
		if s, ok := rs[k]; ok && s.encounter == b.encounter && s.Arrived > was.Arrived && r.Arrived.Sub(s.Arrived) <= together {
			was.Arrived, was.encounter, news = s.Arrived, b.encounter, true
		}
	}
	if was.encounter != b.encounter && was.provisional {
		was.encounter, was.provisional = b.encounter, b.provisional
	}
	rs[key] = was
	if was.encounter != b.encounter {
		return r.Without(vital.Withheld), false, nil // measured on another patient
	}
	r.Arrived = was.Arrived
	return r, news, nil
}

// again reports whether r says the result that was said before.
func again(said, r vital.Reading) bool {
	was, had := said.Value()
	is, has := r.Value()
	return had && has && was == is && said.Unit == r.Unit && said.MonitorTime.Equal(r.MonitorTime)
}

// cuff are the numbers of one cuff measurement.
var cuff = [...]vital.Sign{vital.NIBPSys, vital.NIBPDia, vital.NIBPMean, vital.PulseRateNIBP}

// sameMeasurement are the other numbers that one measurement gives with this one.
func sameMeasurement(key numeric) []numeric {
	if !slices.Contains(cuff[:], key.sign) {
		return nil
	}
	var out []numeric
	for _, s := range cuff {
		if s != key.sign {
			out = append(out, numeric{key.monitor, s, key.site, key.raw})
		}
	}
	return out
}

// restore takes what the record says that an instrument measured, unless a later
// result of it is known.
func (rs results) restore(monitor string, encounter chart.ID, provisional bool, measured []chart.Measured, clock *Clock) {
	wall, trust := clock.Wall()
	now := clock.Now()
	for _, m := range measured {
		key := numeric{monitor, m.Vital.Sign, m.Vital.Site, m.Vital.Raw}
		age, whose, nobodys := wall.Sub(m.From.At), encounter, provisional
		if trust == chart.ClockUnset || age < 0 {
			age, whose, nobodys = 0, chart.ID{}, false // how old it is cannot be said: it is withheld
		}
		r := m.Vital.Reading(now.Add(-age))
		if was, known := rs[key]; !known || was.Arrived < r.Arrived {
			rs[key] = result{r, r.Arrived, whose, nobodys}
		}
	}
}

// rename gives what an instrument measured its new name. What it had said under that
// name before, and says again, is as old as it was.
func (rs results) rename(from, to string) {
	for k, r := range rs {
		if k.monitor == from {
			delete(rs, k)
			k.monitor = to
			if was, known := rs[k]; known && again(was.Reading, r.Reading) {
				was.said = r.said
				r = was
			}
			rs[k] = r
		}
	}
}

// settle notes whose the results of an encounter are: those of one that a person
// cares for, or has closed, belong to no other.
func (rs results) settle(encounter chart.ID) {
	for k, r := range rs {
		if r.encounter == encounter {
			r.provisional = false
			rs[k] = r
		}
	}
}
