//go:build !linux

package kit

import (
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

var began = time.Now()

// bootTime counts from the start of this process where the system's boot cannot
// be asked for.
func bootTime() vital.Instant { return vital.Instant(time.Since(began)) }

func bootID() (chart.Boot, bool) { return chart.Boot{}, false }

func keptByNetwork() bool { return false }
