package ui

import (
	"time"

	"fieldkit/triage/chart"
)

// A Pause is a silence that a person asked for: of one alarm, or with Alarm 0 of all
// alarms of an encounter. It ends by itself and is shown until it does.
type Pause struct {
	Encounter chart.ID
	Alarm     uint32        // the alarm's ID
	Left      time.Duration // when the station said so
}
