package kit

import (
	"crypto/rand"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// A Clock is the station's time: monotonic since the machine's boot, for ages and
// alarms, and the wall's with how far it is trusted, for the record. Safe for
// concurrent use.
type Clock struct {
	boot    chart.Boot
	mono    func() vital.Instant
	wall    func() time.Time
	network func() bool // the system keeps the wall's time by a network's
}

// NewClock is the machine's clock. A recorder that restarts goes on in the same
// boot with the same instants. The wall's time counts as set by hand unless the
// system says that it keeps it by a network's, and as unset when it is before this
// program was built.
func NewClock() *Clock {
	c := &Clock{mono: bootTime, wall: time.Now, network: keptByNetwork}
	var ok bool
	if c.boot, ok = bootID(); !ok {
		rand.Read(c.boot[:])
	}
	return c
}

// Now is the monotonic time since boot, sleep included.
func (c *Clock) Now() vital.Instant { return c.mono() }

// Boot names this run of the machine.
func (c *Clock) Boot() chart.Boot { return c.boot }

// earliest is before which a wall clock cannot be right: this program did not
// exist.
var earliest = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// Wall is the wall's time, to the millisecond the record keeps, and its trust.
func (c *Clock) Wall() (time.Time, chart.Trust) {
	now := c.wall().UTC().Truncate(time.Millisecond)
	switch {
	case now.Before(earliest):
		return now, chart.ClockUnset
	case c.network():
		return now, chart.ClockNetwork
	}
	return now, chart.ClockByHand
}
