package api

import (
	"time"

	"fieldkit/triage/chart"
)

// A Pause is a silence that a person asked for: of one alarm, or of all alarms of an
// encounter. It ends by itself.
type Pause struct {
	Encounter chart.ID      `json:"encounter"`
	Alarm     uint32        `json:"alarm,omitempty"` // as live frames number it; 0: all of the encounter
	Left      time.Duration `json:"left"`
}
