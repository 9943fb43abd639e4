package kit

import (
	"fieldkit/devices"
	"fieldkit/devices/berry"
	"fieldkit/devices/contec"
	"fieldkit/devices/datex"
	"fieldkit/devices/gatt"
	"fieldkit/devices/gs1"
	"fieldkit/devices/hl7"
	"fieldkit/devices/ivy"
	"fieldkit/devices/masimo"
	"fieldkit/devices/nellcor"
	"fieldkit/devices/nmea"
	"fieldkit/devices/nonin"
	"fieldkit/devices/phd"
)

// Drivers is every protocol this station speaks. Written out, so that a reader
// sees it.
func Drivers() []devices.Driver {
	return []devices.Driver{
		berry.Driver{},
		contec.Driver{},
		datex.Driver{},
		gatt.Driver{},
		gs1.Driver{},
		hl7.Driver{},
		ivy.Driver{},
		masimo.Driver{},
		nellcor.Driver{},
		nmea.Driver{},
		nonin.Driver{},
		phd.Driver{},
	}
}

// Simulators are the monitor sides, by the name 'simulate' knows them by.
func Simulators() map[string]func() devices.Simulator {
	return map[string]func() devices.Simulator{
		"berry":   func() devices.Simulator { return berry.NewSimulator() },
		"contec":  func() devices.Simulator { return contec.NewSimulator(contec.V7) },
		"datex":   func() devices.Simulator { return datex.NewSimulator() },
		"gatt":    func() devices.Simulator { return gatt.NewSimulator() },
		"gs1":     func() devices.Simulator { return gs1.NewSimulator() },
		"hl7":     func() devices.Simulator { return hl7.NewSimulator(hl7.Mindray) },
		"ivy":     func() devices.Simulator { return ivy.NewSimulator() },
		"masimo":  func() devices.Simulator { return masimo.NewSimulator(masimo.Rad8) },
		"nellcor": func() devices.Simulator { return nellcor.NewSimulator() },
		"nmea":    func() devices.Simulator { return nmea.NewSimulator() },
		"nonin":   func() devices.Simulator { return nonin.NewSimulator(nonin.DF7) },
		"phd":     func() devices.Simulator { return phd.NewSimulator(phd.Oximeter) },
	}
}
