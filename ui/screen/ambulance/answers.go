package ambulance

import (
	"errors"
	"slices"
	"strings"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/score/charted"
	"fieldkit/triage/score/finding"
	"fieldkit/triage/vital"
)

// answers is what a person says of one patient on one card. What the monitors
// measure at the moment stands beside it and gives way to it.
type answers struct {
	said   map[finding.Key]finding.Value
	within map[finding.Key][2]vital.Decimal // judged, not counted
}

func (a *answers) put(k finding.Key, v finding.Value) {
	if a.said == nil {
		a.said = map[finding.Key]finding.Value{}
	}
	a.said[k] = v
}

func (a *answers) drop(keys ...finding.Key) {
	for _, k := range keys {
		delete(a.said, k)
		delete(a.within, k)
	}
}

func (a *answers) between(k finding.Key, low, high int64) {
	if a.within == nil {
		a.within = map[finding.Key][2]vital.Decimal{}
	}
	a.within[k] = [2]vital.Decimal{vital.Int(low), vital.Int(high)}
}

// own is what the person said, and what the record says of age and sex.
func (a *answers) own(who chart.Demographics, now time.Time) (set finding.Set, err error) {
	var errs []error
	for k, v := range a.said {
		errs = append(errs, set.Put(k, v))
	}
	for k, w := range a.within {
		errs = append(errs, set.PutBetween(k, w[0], w[1]))
	}
	charted.PutWho(&set, who, now)
	return set, errors.Join(errs...)
}

// measured adds to set what the monitors of the patient on screen measure now, of
// those keys or of all. It gives what it added in words, as "rr 14 (2 s)".
func (s *Screen) measured(set *finding.Set, now time.Time) (from []finding.Key) {
	bed := s.bed()
	if bed == nil || !bed.Heard() {
		return nil
	}
	before := set.Keys()
	// The lower pressure is in no rule, and of an older result than an upper one that
	// somebody typed since it would contradict it.
	set.PutReadings(bed.Now(now), slices.DeleteFunc(bed.Readings(), func(r vital.Reading) bool {
		return r.Sign == vital.NIBPDia || r.Sign == vital.ABPDia
	}))
	for _, k := range set.Keys() {
		if !slices.Contains(before, k) {
			from = append(from, k)
		}
	}
	return from
}

// typedSigns are the signs a person may have typed that the sorts read.
var typedSigns = []struct {
	key   finding.Key
	signs []vital.Sign
}{
	{finding.RR, []vital.Sign{vital.RespRate}}, {finding.HR, []vital.Sign{vital.PulseRate, vital.HeartRate}},
	{finding.SpO2, []vital.Sign{vital.SpO2}}, {finding.SBP, []vital.Sign{vital.NIBPSys}},
}

// typedLately adds what the record says of a sign when no monitor measures it now, or
// an older one did: somebody typed it since. It gives the keys it added.
func typedLately(set *finding.Set, row chart.Row, now time.Time, from []finding.Key) []finding.Key {
	for _, t := range typedSigns {
		there, known := set.Get(t.key)
		if known && !slices.Contains(from, t.key) {
			continue // a person says it here
		}
		if !known && set.Above(t.key, vital.Int(-1)) != finding.Unknown {
			continue // a person judges it here, and sees the patient now
		}
		for _, sign := range t.signs {
			v, ok := lastCharted(row, sign)
			if !ok {
				continue
			}
			age := max(0, now.Sub(v.At.Time()))
			r, err := v.Vital.Reading(0).In(sign.Unit())
			n, measured := r.Value()
			if err != nil || !measured || age > charted.UsableFor || known && there.Age <= age {
				continue
			}
			if set.Put(t.key, finding.Value{Number: n, Age: age, Aged: true}) == nil && !known {
				from = append(from, t.key)
			}
			break
		}
	}
	return from
}

// measuredWords is what came from the monitors, each with its age.
func (s *Screen) measuredWords(set finding.Set, from []finding.Key) string {
	var parts []string
	for _, k := range from {
		v, _ := set.Get(k)
		parts = append(parts, strings.TrimSuffix(s.speech.Finding(k), "?")+" "+s.speech.Answer(set.Text(k))+" ("+s.speech.Age(v.Age)+")")
	}
	return strings.Join(parts, "; ")
}
