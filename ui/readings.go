package ui

import (
	"maps"
	"slices"

	"fieldkit/triage/vital"
)

// Readings are the last readings of the encounter, by the clock [Bed.Now] tells,
// in no promised order; none when the monitor was taken from it.
func (b *Bed) Readings() []vital.Reading { return slices.Collect(maps.Values(b.readings)) }
