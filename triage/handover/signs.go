package handover

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// A bound says which ends of a sign are bad.
type bound uint8

const (
	both bound = iota
	low
	high
)

// A row is the signs of one item. A needed one is told also when nobody measured it.
type row struct {
	name   string
	title  string
	needed bool
	bad    bound
	signs  []vital.Sign
}

// rows are the signs as they are told.
var rows = []row{
	{"breathing", "respiratory rate", true, both, []vital.Sign{vital.RespRateCO2, vital.RespRateImpedance, vital.RespRate, vital.RespRateAirway, vital.RespRatePleth}},
	{"oxygen", "SpO₂", true, low, []vital.Sign{vital.SpO2}},
	{"heart", "heart rate", true, both, []vital.Sign{vital.HeartRate, vital.PulseRate, vital.PulseRateNIBP}},
	{"pressure", "blood pressure", true, both, []vital.Sign{vital.ABPSys, vital.ABPDia, vital.NIBPSys, vital.NIBPDia}},
	{"consciousness", "consciousness", true, low, []vital.Sign{vital.GCSTotal, vital.GCSEye, vital.GCSVerbal, vital.GCSMotor, vital.ACVPU}},
	{"carbon-dioxide", "etCO₂", false, both, []vital.Sign{vital.EtCO2}},
	{"temperature", "temperature", false, both, []vital.Sign{vital.Temperature, vital.Temperature2, vital.Temperature3, vital.Temperature4}},
	{"glucose", "glucose", false, both, []vital.Sign{vital.Glucose, vital.Ketone}},
	{"pain", "pain", false, high, []vital.Sign{vital.Pain}},
	{"haemoglobin", "haemoglobin", false, both, []vital.Sign{vital.SpCO, vital.SpMet, vital.SpHb}},
	{"inspired-oxygen", "inspired oxygen", false, both, []vital.Sign{vital.FiO2}},
}

// quiet are the signs that are not told: they say how well something is measured, or
// follow from others that are told. The weight is told with who it is.
var quiet = []vital.Sign{
	vital.PerfusionIndex, vital.PlethVariability, vital.CuffPressure, vital.NIBPMean, vital.ABPMean, vital.RRInterval, vital.AmbientPressure,
	vital.EnergyExpended, vital.BMI, vital.BodyFat,
}

// old is the age from which a value's age is told beside its time: when a screen
// greys it.
const old = 15 * time.Minute

// signs are the numbers: the last, and the worst ever beside it.
func (w *writer) signs() {
	for _, row := range rows {
		var words []string
		var from []chart.Ref
		known := false
		for _, s := range row.signs {
			v, ok := w.views[s]
			if !ok || v.Last == nil {
				continue
			}
			bad := row.bad
			if s == vital.ACVPU { // its numbers rise as it gets worse
				bad = high
			}
			text, of := w.sign(v, bad)
			words, from = append(words, text), append(from, of...)
			known = known || v.LastValue != nil
		}
		if len(words) == 0 {
			if row.needed {
				w.item(row.name, Item{Text: row.title + " " + notKnown, Critical: true})
			}
			continue
		}
		w.item(row.name, Item{Text: strings.Join(words, "; "), Known: known, Critical: row.needed, From: from})
	}
	w.more()
}

// more are all signs that no row tells and that were ever measured, each with its last
// value; of those that only the monitor has a name for, each by that name.
func (w *writer) more() {
	var words []string
	var from []chart.Ref
	tell := func(label string, m chart.Measured) {
		words, from = append(words, label+" "+w.measured(m)), append(from, m.From.Ref)
	}
	for _, v := range w.c.Vitals() {
		switch {
		case v.LastValue == nil || v.Sign == vital.Weight || slices.Contains(quiet, v.Sign):
		case v.Sign == vital.Unknown:
			last := map[string]chart.Measured{}
			for _, m := range v.All {
				if m.Vital.Value != nil {
					last[m.Vital.Raw] = m
				}
			}
			for _, raw := range sortedKeys(last) {
				tell(raw, last[raw])
			}
		case !slices.ContainsFunc(rows, func(r row) bool { return slices.Contains(r.signs, v.Sign) }):
			tell(v.Sign.Info().Label, *v.LastValue)
		}
	}
	if len(words) > 0 {
		w.item("more", Item{Text: strings.Join(words, "; "), Known: true, From: from})
	}
}

// sign is one sign: its last value with its time, or why there is none and the
// last there was, then the worst.
func (w *writer) sign(v chart.SignView, bad bound) (string, []chart.Ref) {
	label := v.Sign.Info().Label + " "
	from := []chart.Ref{v.Last.From.Ref}
	var text string
	switch {
	case v.Last.Vital.Value != nil:
		text = label + w.measured(*v.Last)
	case v.LastValue != nil:
		text = label + v.Last.Vital.State.String() + " at " + w.at(v.Last.At) + ", last " + w.measured(*v.LastValue)
		from = append(from, v.LastValue.From.Ref)
	default:
		text = label + v.Last.Vital.State.String() + " at " + w.at(v.Last.At) + ", never measured"
	}
	var worst []string
	for _, end := range [...]struct {
		of    *chart.Measured
		words string
		wrong bound
	}{{v.Lowest, "lowest ", high}, {v.Highest, "highest ", low}} {
		if end.of == nil || bad == end.wrong || v.LastValue != nil && same(*end.of, *v.LastValue) {
			continue
		}
		word := end.words
		if v.Sign == vital.ACVPU {
			word = "worst "
		}
		worst = append(worst, word+shown(*end.of)+" at "+w.at(end.of.At))
		from = append(from, end.of.From.Ref)
	}
	if len(worst) > 0 {
		text += " (" + strings.Join(worst, ", ") + ")"
	}
	return text, from
}

// measured is a value with its time, and its age once it is old.
func (w *writer) measured(m chart.Measured) string {
	text := shown(m) + " at " + w.at(m.At)
	if m.From.Trust == chart.ClockUnset {
		text += " (clock not set)"
	}
	if age := w.now.Sub(m.At); age >= old {
		text += ", " + minutes(age) + " ago"
	}
	return text
}

// trends is how the needed signs went, from the first value to the last.
func (w *writer) trends() {
	var words []string
	var from []chart.Ref
	for _, row := range rows {
		if !row.needed {
			continue
		}
		for _, s := range row.signs {
			v := w.views[s]
			i := slices.IndexFunc(v.All, func(m chart.Measured) bool { return m.Vital.Value != nil && !m.Vital.Questionable })
			if i < 0 || v.LastValue == nil || !v.LastValue.At.After(v.All[i].At) {
				continue
			}
			words = append(words, fmt.Sprintf("%s from %s at %s to %s at %s", s.Info().Label,
				shown(v.All[i]), w.at(v.All[i].At), shown(*v.LastValue), w.at(v.LastValue.At)))
			from = append(from, v.All[i].From.Ref, v.LastValue.From.Ref)
		}
	}
	if len(words) == 0 {
		w.item("trends", Item{Text: "trends " + notKnown})
		return
	}
	w.item("trends", Item{Text: strings.Join(words, "; "), Known: true, From: from})
}

// consciousness are the words of [vital.ACVPU], by its number.
var consciousness = [...]string{"alert", "new confusion", "responds to voice", "responds to pain", "unresponsive"}

// shown is a value with its unit, and whether the monitor doubted it.
func shown(m chart.Measured) string {
	v := *m.Vital.Value
	text := v.String()
	if m.Vital.Sign != vital.Unknown { // of another monitor's own number nobody knows the decimals
		text = v.RoundTo(m.Vital.Sign.PlacesIn(m.Vital.In())).String()
	}
	text += unit(m.Vital.In())
	if i := int(v.Float()); m.Vital.Sign == vital.ACVPU && i >= 0 && i < len(consciousness) {
		text = consciousness[i]
	}
	if m.Vital.Questionable {
		text += " (doubted by the monitor)"
	}
	return text
}

// same reports whether two measurements are of one value: a worst that is the last
// is not told twice.
func same(a, b chart.Measured) bool {
	return a.Vital.In() == b.Vital.In() && a.Vital.Value.Cmp(*b.Vital.Value) == 0
}

func unit(u vital.Unit) string { return either(u == vital.NoUnit, "", " "+u.Label()) }

func seconds(n uint32) time.Duration { return time.Duration(n) * time.Second }

func either(ok bool, yes, no string) string {
	if ok {
		return yes
	}
	return no
}

func sorted(refs []chart.Ref) []chart.Ref {
	refs = slices.SortedFunc(slices.Values(refs), chart.Ref.Compare)
	return slices.Compact(refs)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
