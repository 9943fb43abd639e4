package devices

import (
	"time"

	"fieldkit/triage/vital"
)

// Drift compares the monitor's own clock with arrival.
type Drift struct {
	Known   bool
	Arrived vital.Instant // of the last monitor time seen
	Monitor time.Time     // that time
	// PPM is by how many parts in a million the monitor's clock runs fast; 0 until
	// it has been watched for a minute.
	PPM float64
	// Jumps counts times the monitor's clock was set, or leapt by over 5 s.
	Jumps uint64

	from    vital.Instant
	at      time.Time
	fromMin time.Duration // the least lateness seen in the first quarter minute
	lateMin time.Duration // and in the running one
	since   vital.Instant
}

const (
	driftJump   = 5 * time.Second
	driftWindow = 15 * time.Second
	driftLeast  = time.Minute
)

// see takes one pair of times. Arrival is never early, and monitors round their
// time down to a second: so the least lateness of a window is compared with the
// least lateness of the first.
func (d *Drift) see(arrived vital.Instant, monitor time.Time) {
	late := arrived.Sub(d.from) - monitor.Sub(d.at)
	if d.Known {
		step := arrived.Sub(d.Arrived) - monitor.Sub(d.Monitor)
		if step > driftJump || step < -driftJump {
			*d = Drift{Jumps: d.Jumps + 1}
		}
	}
	if !d.Known {
		*d = Drift{Known: true, Jumps: d.Jumps, from: arrived, at: monitor, since: arrived}
		late = 0
	}
	d.Arrived, d.Monitor = arrived, monitor
	watched := arrived.Sub(d.from)
	switch {
	case watched <= driftWindow:
		d.fromMin = min(d.fromMin, late)
		d.since, d.lateMin = arrived, late
	case arrived.Sub(d.since) < driftWindow:
		d.lateMin = min(d.lateMin, late)
	default:
		d.lateMin = min(d.lateMin, late)
		if watched >= driftLeast {
			d.PPM = -float64(d.lateMin-d.fromMin) / float64(watched-driftWindow) * 1e6
		}
		d.since, d.lateMin = arrived, late
	}
}
