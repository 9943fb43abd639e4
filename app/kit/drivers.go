package kit

import (
	"fieldkit/devices"
	"fieldkit/devices/gs1"
	"fieldkit/devices/hl7"
	"fieldkit/devices/nmea"
	"fieldkit/devices/nonin"
)

// Drivers is every protocol this station speaks. Written out, so that a reader
// sees it.
func Drivers() []devices.Driver {
	return []devices.Driver{
		nonin.Driver{},
		nmea.Driver{},
		gs1.Driver{},
		hl7.Driver{},
	}
}

// Simulators are the monitor sides, by the name 'simulate' knows them by.
func Simulators() map[string]func() devices.Simulator {
	return map[string]func() devices.Simulator{
		"nonin": func() devices.Simulator { return nonin.NewSimulator(nonin.DF7) },
		"nmea":  func() devices.Simulator { return nmea.NewSimulator() },
		"gs1":   func() devices.Simulator { return gs1.NewSimulator() },
		"hl7":   func() devices.Simulator { return hl7.NewSimulator(hl7.Mindray) },
	}
}
