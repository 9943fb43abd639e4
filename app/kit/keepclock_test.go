package kit

import (
	"cmp"
	"strings"
	"testing"
	"time"

	"fieldkit/triage/chart"
)

// A tablet of which somebody looks at the clock now and then.
type looked struct {
	clock keepClock
	at    keepLook
	why   string
}

// after is the next look, the machine and its clock having gone on by d.
func (l *looked) after(d time.Duration) *looked {
	l.at.wall, l.at.mono = l.at.wall.Add(d), l.at.mono.Add(d)
	l.clock, l.why = l.clock.look(l.at)
	return l
}

// for_ is a look every five minutes for so long.
func (l *looked) for_(d time.Duration) *looked {
	for ; d > 0; d -= 5 * time.Minute {
		l.after(5 * time.Minute)
	}
	return l
}

// boot is another run of the machine, whose clock has gone on by d.
func (l *looked) boot(d time.Duration) *looked {
	l.at.boot[0]++
	l.at.mono = 0
	l.at.wall = l.at.wall.Add(d)
	l.clock, l.why = l.clock.look(l.at)
	return l
}

func (l *looked) set(change func(*keepLook)) *looked {
	change(&l.at)
	return l
}

const year = 365 * 24 * time.Hour

func TestAClockThatCannotBeBelievedRemovesNothing(t *testing.T) {
	well := func() *looked {
		l := &looked{at: keepLook{table: "t", wall: time.Date(2031, 3, 1, 8, 0, 0, 0, time.UTC), trust: chart.ClockNetwork, boot: chart.Boot{1}, agree: true}}
		return l.for_(73 * time.Hour)
	}
	alone := func(l *keepLook) { l.agree = false }
	ahead := func(l *keepLook) { l.wall = l.wall.Add(5 * year) }
	none := func(*keepLook) {}
	for _, c := range []struct {
		story string
		do    func(*looked)
		says  string // "" when it may remove
	}{
		{"three days of running and a station that agrees", func(l *looked) { l.after(0) }, ""},
		{"by itself after that", func(l *looked) { l.set(alone).for_(time.Hour) }, ""},
		{"started again every evening", func(l *looked) { l.set(alone).boot(8 * time.Hour).for_(time.Hour) }, ""},
		{"years ahead after a start", func(l *looked) { l.set(alone).boot(5 * year).for_(200 * time.Hour) }, "confirms"},
		{"years ahead while it runs", func(l *looked) { l.set(alone).set(ahead).for_(200 * time.Hour) }, "confirms"},
		{"years ahead in touch with one that says so", func(l *looked) {
			l.set(func(l *keepLook) { l.before, l.agree = true, false }).boot(5 * year).for_(200 * time.Hour)
		}, "earlier"},
		{"and then out of touch", func(l *looked) {
			l.set(func(l *keepLook) { l.before, l.agree = true, false }).boot(5 * year).set(func(l *keepLook) { l.before = false }).for_(200 * time.Hour)
		}, "confirms"},
		{"years ahead by many small steps in a week", func(l *looked) {
			l.set(alone)
			for range 60 {
				l.set(func(l *keepLook) { l.wall = l.wall.Add(29 * 24 * time.Hour) }).for_(3 * time.Hour)
			}
		}, "72 hours"},
		{"a jump measured against another's clock of before it", func(l *looked) { l.set(ahead).after(5 * time.Minute) }, "confirms"},
		{"a year in the cupboard, and nobody near", func(l *looked) { l.set(alone).boot(year).for_(200 * time.Hour) }, "confirms"},
		{"a year in the cupboard, then the team confirms the date", func(l *looked) { l.boot(year).for_(time.Hour) }, "72 hours"},
		{"and three days go by", func(l *looked) { l.boot(year).for_(74 * time.Hour) }, ""},
		{"back to the right time after a wrong one", func(l *looked) { l.set(func(l *keepLook) { l.wall = l.wall.Add(-year) }).for_(time.Hour) }, "72 hours"},
		{"the clock was lost", func(l *looked) {
			l.set(func(l *keepLook) { l.trust, l.wall = chart.ClockUnset, time.Unix(0, 0) }).for_(time.Hour)
		}, "not set"},
		{"set by hand since, and nobody confirms it", func(l *looked) {
			l.set(func(l *keepLook) { l.trust, l.agree, l.wall = chart.ClockByHand, false, l.wall.Add(3*time.Hour) }).for_(100 * time.Hour)
		}, "confirms"},
		{"set by hand, confirmed in touch, and out of touch since", func(l *looked) {
			l.set(func(l *keepLook) { l.trust = chart.ClockByHand }).after(0)
			l.set(alone).for_(100 * time.Hour)
		}, ""},
		{"set by hand, and started again years ahead", func(l *looked) {
			l.set(func(l *keepLook) { l.trust = chart.ClockByHand }).after(0)
			l.set(alone).boot(5 * year).for_(100 * time.Hour)
		}, "confirms"},
		{"back by itself to the right time after a jump, out of touch", func(l *looked) {
			l.set(alone).set(ahead).for_(time.Hour)
			l.set(func(l *keepLook) { l.wall = l.wall.Add(-5 * year) }).for_(100 * time.Hour)
		}, "confirms"},
		{"and then in touch", func(l *looked) {
			l.set(alone).set(ahead).for_(time.Hour)
			l.set(func(l *keepLook) { l.wall, l.agree = l.wall.Add(-5*year), true }).for_(100 * time.Hour)
		}, ""},
		{"the table was changed", func(l *looked) { l.set(func(l *keepLook) { l.table = "u" }).for_(time.Hour) }, "72 hours"},
		{"and stood for three days", func(l *looked) { l.set(func(l *keepLook) { l.table = "u" }).for_(73 * time.Hour) }, ""},
		{"a machine that sleeps", func(l *looked) { l.set(alone).after(20 * time.Hour) }, ""},
		{"nothing", func(l *looked) { l.set(none) }, ""},
	} {
		l := well()
		c.do(l)
		if c.says == "" && l.why != "" || !strings.Contains(l.why, c.says) {
			t.Errorf("%s: %q, want %q", c.story, l.why, c.says)
		}
	}
}

func TestTheFirstDateIsConfirmedByAnotherStationUnlessThereIsNone(t *testing.T) {
	for _, c := range []struct {
		story string
		look  keepLook
		may   bool
	}{
		{"a team of one", keepLook{alone: true}, true},
		{"a team of one, set by hand", keepLook{alone: true, trust: chart.ClockByHand}, false},
		{"nobody in touch", keepLook{}, false},
		{"one agrees", keepLook{agree: true}, true},
	} {
		c.look.wall, c.look.trust, c.look.boot = time.Date(2031, 3, 1, 8, 0, 0, 0, time.UTC), cmp.Or(c.look.trust, chart.ClockNetwork), chart.Boot{1}
		l := (&looked{at: c.look}).for_(74 * time.Hour)
		if (l.why == "") != c.may {
			t.Errorf("%s: %q", c.story, l.why)
		}
	}
}
