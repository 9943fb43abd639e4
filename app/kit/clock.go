package kit

import (
	"crypto/rand"
	"sync/atomic"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// A Clock is the station's time: monotonic since the machine's boot, for ages and
// alarms, and the wall's with how far it is trusted, for the record. Safe for
// concurrent use.
type Clock struct {
	boot  chart.Boot
	trust atomic.Uint32 // a chart.Trust
	mono  func() vital.Instant
	wall  func() time.Time
}

// NewClock is the machine's clock. A recorder that restarts goes on in the same
// boot with the same instants. The wall's time counts as set by hand until a
// network, a peer or a GPS has confirmed it, and as unset when it is before this
// program was built.
func NewClock() *Clock {
	c := &Clock{mono: bootTime, wall: time.Now}
	var ok bool
	if c.boot, ok = bootID(); !ok {
		rand.Read(c.boot[:])
	}
	c.trust.Store(uint32(chart.ClockByHand))
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
	if now.Before(earliest) {
		return now, chart.ClockUnset
	}
	return now, chart.Trust(c.trust.Load())
}

// Confirm notes that the wall's time was checked against a source of that trust.
func (c *Clock) Confirm(t chart.Trust) { c.trust.Store(uint32(t)) }
