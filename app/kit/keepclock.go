package kit

import (
	"fmt"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// A keepClock is how far this station's clock is believed when something is removed
// for good by it. A wrong clock delays that; it must never bring it about. So: no
// station in touch says that it is earlier; the system keeps the time by a network's,
// or a witness has agreed with it since it was set; the clock has not gone ahead by
// more than the machine ran, unless a witness says so too; and all that, with one and
// the same table, for three days of running. A witness is a station in touch that
// keeps a network's time, or an admin: tablets that were all set by hand prove nothing
// to each other. It is kept in the store, and so in backups.
type keepClock struct {
	Table string        `json:"table"`          // the rules it counts for
	Wall  time.Time     `json:"wall,omitzero"`  // when last believed
	Boot  chart.Boot    `json:"boot"`           // and in which run of the machine,
	Mono  vital.Instant `json:"mono"`           // at what time of it
	Ran   time.Duration `json:"ran"`            // how long it was believed without a break
	Doubt bool          `json:"doubt,omitzero"` // a witness must confirm it first
	Sure  bool          `json:"sure,omitzero"`  // a witness has, since it was last set
}

const (
	// keepRun is how long clock and table must stand: as long as an erase waits, so
	// that people can stop what was set by mistake or by a stolen tablet.
	keepRun = 72 * time.Hour
	// keepJump is how far the clock may be ahead of what the machine ran since the
	// last look: a tablet that lay in a cupboard.
	keepJump = 30 * 24 * time.Hour
	// keepAgree is within what two clocks agree.
	keepAgree = time.Hour
)

// A keepLook is what is seen of the time at once.
type keepLook struct {
	table  string
	wall   time.Time
	trust  chart.Trust
	boot   chart.Boot
	mono   vital.Instant
	agree  bool // a station in touch that keeps a network's time agrees
	before bool // one of those in touch says that it is earlier
	alone  bool // the team is this station
}

// look is the clock after a look, and why nothing may be removed by it yet, in
// words; "" when it may.
func (c keepClock) look(l keepLook) (keepClock, string) {
	ran := time.Duration(0)
	if c.Boot == l.boot {
		ran = max(l.mono.Sub(c.Mono), 0)
	}
	fresh := c.Wall.IsZero()
	moved := l.wall.Sub(c.Wall)
	jumped := !fresh && moved > ran+keepJump
	stepped := !fresh && (moved < -keepAgree || ran > 0 && (moved-ran).Abs() > keepAgree)
	doubt := c.Doubt
	c.Boot, c.Mono = l.boot, l.mono // what is not believed counts nothing
	c.Sure = c.Sure && !stepped && !jumped && !l.before
	stop := func(why string) (keepClock, string) {
		c.Ran = 0
		if jumped || stepped {
			c.Doubt = true
		}
		if jumped { // what it ran since must not be forgotten with the old time
			c.Wall = c.Wall.Add(ran)
		}
		return c, why
	}
	switch {
	case l.before:
		c.Doubt = true
		return stop("another station's clock says that it is earlier")
	case l.trust == chart.ClockUnset:
		return stop("this station's clock is not set")
	case jumped && !(l.agree && doubt), // of a jump the other's clock is measured anew before the next look
		doubt && !l.agree, fresh && !l.alone && !l.agree:
		c.Doubt = true
		return stop("no station in touch that keeps a network's time confirms this date; an admin can, with 'retention confirm'")
	case l.trust == chart.ClockByHand && !l.agree && !c.Sure:
		return stop("this station's clock was set by hand, and nobody has confirmed it since; an admin can, with 'retention confirm'")
	}
	again := doubt || fresh || jumped || stepped || c.Table != l.table
	c.Wall, c.Doubt, c.Table, c.Sure = l.wall, false, l.table, c.Sure || l.agree
	if again {
		c.Ran = 0
	} else {
		c.Ran += ran
	}
	if c.Ran < keepRun {
		return c, fmt.Sprintf("clock and table must stand for %d hours of running first, and have for %d", int(keepRun.Hours()), int(c.Ran.Hours()))
	}
	c.Ran = keepRun
	return c, ""
}
