package score

import (
	"fmt"

	"fieldkit/triage/score/finding"
)

// either adds the number of k by one of n charts. When n is over one, because
// what chooses among them is missing, the part lies between the lowest and the
// highest that they give.
func (t *tally) either(n int, choice finding.Key, name string, k finding.Key, of func(i int) chart) {
	v, ok := t.in.Number(k)
	low, high := 1<<30, -1<<30
	for i := range n {
		c := of(i)
		a, b := c.bounds()
		if ok {
			a = c.cuts[c.at(v)].points
			b = a
		}
		low, high = min(low, a), max(high, b)
	}
	switch {
	case !ok && n > 1:
		t.add(name, low, high, "", choice, k)
	case !ok:
		t.add(name, low, high, "", k)
	case low != high:
		t.add(name, low, high, "", choice)
	default:
		words := fmt.Sprintf("%s %s", k, v)
		if n == 1 {
			c := of(0)
			words += " is " + c.words(c.at(v))
		}
		t.add(name, low, high, words)
	}
}

// coma adds what c gives for the Glasgow coma scale, total or by components.
func (t *tally) coma(c chart) {
	low, high, missing := t.in.Coma()
	a, b := c.whole(low), c.whole(high)
	if a == b {
		t.add("gcs", a, a, fmt.Sprintf("gcs %s", span15(low, high)))
		return
	}
	t.add("gcs", min(a, b), max(a, b), "", missing...)
}

// whole is what the chart gives for a whole number.
func (c chart) whole(n int) int {
	found := c.cuts[0].points
	for _, cut := range c.cuts {
		if int64(n) >= cut.from {
			found = cut.points
		}
	}
	return found
}

func span15(low, high int) string {
	if low == high {
		return fmt.Sprint(low)
	}
	return fmt.Sprintf("%d to %d", low, high)
}
