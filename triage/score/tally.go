package score

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"fieldkit/triage/score/finding"
	"fieldkit/triage/vital"
)

// stale is the age beyond which an input is warned about.
const stale = 15 * time.Minute

// A tally adds up one score.
type tally struct {
	in      finding.Set
	rule    Rule
	result  Result
	parts   []part
	open    []span
	next    string
	refusal string
	places  int8 // decimal places of the total; parts count in its last place
}

// part is what one input adds: between low and high while it is missing.
type part struct{ low, high int }

// span is a set of missing inputs and how far they can move the total.
type span struct {
	keys []finding.Key
	span int
}

// A cut is where a step of a chart begins.
type cut struct {
	from   int64 // in units of the chart's last decimal place
	points int
}

// A chart turns a number into points.
type chart struct {
	places int8 // decimal places of the cuts
	exact  bool // the value is compared as it is; otherwise it is rounded to places first
	cuts   []cut
}

// charted is a chart of whole numbers.
func charted(cuts ...cut) chart { return chart{cuts: cuts} }

// at is the cut that v falls into.
func (c chart) at(v vital.Decimal) int {
	if !c.exact {
		v = v.RoundTo(c.places)
	}
	found := 0
	for i, cut := range c.cuts {
		if v.Cmp(vital.Dec(cut.from, -c.places)) >= 0 {
			found = i
		}
	}
	return found
}

// bounds are the fewest and the most points of the chart.
func (c chart) bounds() (low, high int) {
	low, high = c.cuts[0].points, c.cuts[0].points
	for _, cut := range c.cuts {
		low, high = min(low, cut.points), max(high, cut.points)
	}
	return low, high
}

// words are what values fall into cut i: "8 or less", "9 to 11", "25 or more".
func (c chart) words(i int) string {
	from := vital.Dec(c.cuts[i].from, -c.places).String()
	if i == len(c.cuts)-1 {
		return from + " or more"
	}
	to := vital.Dec(c.cuts[i+1].from, -c.places)
	if c.exact {
		if i == 0 {
			return "under " + to.String()
		}
		return from + " to under " + to.String()
	}
	to.Mantissa--
	if i == 0 {
		return to.String() + " or less"
	}
	if from == to.String() {
		return from
	}
	return from + " to " + to.String()
}

func (t *tally) warn(words string) {
	if !slices.Contains(t.result.Warnings, words) {
		t.result.Warnings = append(t.result.Warnings, words)
	}
}

func (t *tally) refuse(words string) { t.refusal = words }

func (t *tally) fire(words string) { t.result.Fired = append(t.result.Fired, words) }

func points(n int) string {
	if n == 1 || n == -1 {
		return strconv.Itoa(n) + " point"
	}
	return strconv.Itoa(n) + " points"
}

// add puts in one part. missing is what would narrow low to high; with none, low
// and high are equal.
func (t *tally) add(name string, low, high int, why string, missing ...finding.Key) {
	t.parts = append(t.parts, part{low, high})
	if low == high {
		t.result.Parts[name] = vital.Int(int64(low))
		if why != "" && low != 0 {
			t.fire(fmt.Sprintf("%s: %s", why, points(low)))
		}
	}
	if len(missing) > 0 {
		t.open = append(t.open, span{missing, high - low})
	}
}

// number adds what c gives for the number of k.
func (t *tally) number(k finding.Key, c chart) {
	v, ok := t.in.Number(k)
	if !ok {
		low, high := c.bounds()
		t.add(string(k), low, high, "", k)
		return
	}
	i := c.at(v)
	p := c.cuts[i].points
	t.add(string(k), p, p, fmt.Sprintf("%s %s is %s", k, v, c.words(i)))
}

// word adds what the word of k is worth.
func (t *tally) word(k finding.Key, worth map[string]int) {
	w, ok := t.in.Word(k)
	if p, known := worth[w]; ok && known {
		t.add(string(k), p, p, string(k)+" "+w)
		return
	}
	low, high := 1<<30, -1<<30
	for _, p := range worth {
		low, high = min(low, p), max(high, p)
	}
	t.add(string(k), low, high, "", k)
}

// answer adds yes points for a yes and no points for a no.
func (t *tally) answer(k finding.Key, yes, no int) {
	switch t.in.Answer(k) {
	case finding.Yes:
		t.add(string(k), yes, yes, string(k)+" yes")
	case finding.No:
		t.add(string(k), no, no, string(k)+" no")
	default:
		t.add(string(k), min(yes, no), max(yes, no), "", k)
	}
}

// grade adds the number of k itself, at most most.
func (t *tally) grade(k finding.Key, least, most int) {
	n, ok := t.in.Whole(k)
	if !ok {
		t.add(string(k), least, most, "", k)
		return
	}
	t.add(string(k), n, n, string(k)+" "+strconv.Itoa(n))
}

// criterion adds one point when met, of which keys are the inputs.
func (t *tally) criterion(name string, met finding.Tri, worth int, words string, keys ...finding.Key) {
	switch met {
	case finding.Yes:
		t.add(name, worth, worth, words)
	case finding.No:
		t.add(name, 0, 0, "")
	default:
		t.add(name, 0, worth, "", t.unknown(keys...)...)
	}
}

// unknown are those of keys that nobody has said.
func (t *tally) unknown(keys ...finding.Key) []finding.Key {
	var out []finding.Key
	for _, k := range keys {
		if _, ok := t.in.Get(k); !ok {
			out = append(out, k)
		}
	}
	if len(out) == 0 {
		return keys
	}
	return out
}

// A verdict is the band of a total, with the rule in words.
type verdict struct{ band, why string }

// bounds sums the parts.
func (t *tally) bounds() (low, high int) {
	for _, p := range t.parts {
		low, high = low+p.low, high+p.high
	}
	return low, high
}

// total closes a score whose urgency rises with the total, by the band of a sum
// and its highest single part.
func (t *tally) total(band func(sum, highest int) verdict) { t.close(band, true) }

// falling closes a score whose urgency rises as the total falls.
func (t *tally) falling(band func(sum int) verdict) {
	t.close(func(sum, _ int) verdict { return band(sum) }, false)
}

func (t *tally) close(band func(sum, highest int) verdict, rising bool) {
	low, high := t.bounds()
	least, most := vital.Dec(int64(low), -t.places), vital.Dec(int64(high), -t.places)
	r := &t.result
	r.AtLeast, r.AtMost = &least, &most
	r.Complete = len(t.open) == 0
	var lowest, highest int
	for _, p := range t.parts {
		lowest, highest = max(lowest, p.low), max(highest, p.high)
	}
	a, b := band(low, lowest), band(high, highest)
	mild := a
	if !rising {
		mild = b
	}
	switch {
	case r.Complete:
		r.Total = &least
		r.Band = a.band
		if a.why != "" {
			t.fire(a.why)
		}
	case a.band == "":
		r.Band = Incomplete
	case a.band == b.band:
		r.Band = a.band
		t.fire(a.why + ", whatever is missing")
	default:
		r.Band, r.AtLeastBand = Incomplete, mild.band
	}
}

// over is a verdict function of bands that begin at a total, lowest first.
func over(name string, bands ...floor) func(sum, highest int) verdict {
	return func(sum, _ int) verdict { return fall(name, bands)(sum) }
}

// A floor is where a band begins.
type floor struct {
	from int
	band string
}

func fall(name string, bands []floor) func(sum int) verdict {
	return func(sum int) verdict {
		at := 0
		for i, b := range bands {
			if sum >= b.from {
				at = i
			}
		}
		words := fmt.Sprintf("%d or more", bands[at].from)
		switch {
		case at == 0 && len(bands) > 1:
			words = fmt.Sprintf("under %d", bands[1].from)
		case at < len(bands)-1 && bands[at].from == bands[at+1].from-1:
			words = strconv.Itoa(bands[at].from)
		case at < len(bands)-1:
			words = fmt.Sprintf("%d to %d", bands[at].from, bands[at+1].from-1)
		}
		return verdict{bands[at].band, fmt.Sprintf("%s %s is %s", name, words, bands[at].band)}
	}
}
