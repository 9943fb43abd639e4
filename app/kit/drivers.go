package kit

import (
	"fieldkit/devices"
	"fieldkit/devices/nonin"
)

// Drivers is every protocol this station speaks. Written out, so that a reader
// sees it.
func Drivers() []devices.Driver {
	return []devices.Driver{
		nonin.Driver{},
	}
}

// Simulators are the monitor sides, by the name 'simulate' knows them by.
func Simulators() map[string]func() devices.Simulator {
	return map[string]func() devices.Simulator{
		"nonin": func() devices.Simulator { return nonin.NewSimulator(nonin.DF7) },
	}
}
