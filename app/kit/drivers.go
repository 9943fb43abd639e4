package kit

import (
	"fieldkit/devices"
	"fieldkit/devices/berry"
	"fieldkit/devices/capnostream"
	"fieldkit/devices/contec"
	"fieldkit/devices/contour"
	"fieldkit/devices/datex"
	"fieldkit/devices/gatt"
	"fieldkit/devices/gs1"
	"fieldkit/devices/hl7"
	"fieldkit/devices/intellivue"
	"fieldkit/devices/ivy"
	"fieldkit/devices/lifescan"
	"fieldkit/devices/masimo"
	"fieldkit/devices/medibus"
	"fieldkit/devices/nellcor"
	"fieldkit/devices/nmea"
	"fieldkit/devices/nonin"
	"fieldkit/devices/phd"
	"fieldkit/devices/suntech"
	"fieldkit/devices/taidoc"
	"fieldkit/devices/ultra2"
)

// Drivers is every protocol this station speaks. Written out, so that a reader
// sees it.
func Drivers() []devices.Driver {
	return []devices.Driver{
		berry.Driver{},
		capnostream.Driver{},
		contec.Driver{},
		contour.Driver{},
		datex.Driver{},
		gatt.Driver{},
		gs1.Driver{},
		hl7.Driver{},
		intellivue.Driver{},
		ivy.Driver{},
		lifescan.Driver{},
		masimo.Driver{},
		medibus.Driver{},
		nellcor.Driver{},
		nmea.Driver{},
		nonin.Driver{},
		phd.Driver{},
		suntech.Driver{},
		taidoc.Driver{},
		ultra2.Driver{},
	}
}

// Simulators are the monitor sides, by the name 'simulate' knows them by.
func Simulators() map[string]func() devices.Simulator {
	return map[string]func() devices.Simulator{
		"berry":       func() devices.Simulator { return berry.NewSimulator() },
		"capnostream": func() devices.Simulator { return capnostream.NewSimulator() },
		"contec":      func() devices.Simulator { return contec.NewSimulator(contec.V7) },
		"contour":     func() devices.Simulator { return contour.NewSimulator() },
		"datex":       func() devices.Simulator { return datex.NewSimulator() },
		"gatt":        func() devices.Simulator { return gatt.NewSimulator() },
		"gs1":         func() devices.Simulator { return gs1.NewSimulator() },
		"hl7":         func() devices.Simulator { return hl7.NewSimulator(hl7.Mindray) },
		"intellivue":  func() devices.Simulator { return intellivue.NewSimulator(false) },
		"ivy":         func() devices.Simulator { return ivy.NewSimulator() },
		"lifescan":    func() devices.Simulator { return lifescan.NewSimulator(false) },
		"masimo":      func() devices.Simulator { return masimo.NewSimulator(masimo.Rad8) },
		"medibus":     func() devices.Simulator { return medibus.NewSimulator() },
		"nellcor":     func() devices.Simulator { return nellcor.NewSimulator() },
		"nmea":        func() devices.Simulator { return nmea.NewSimulator() },
		"nonin":       func() devices.Simulator { return nonin.NewSimulator(nonin.DF7) },
		"phd":         func() devices.Simulator { return phd.NewSimulator(phd.Oximeter) },
		"suntech":     func() devices.Simulator { return suntech.NewSimulator() },
		"taidoc":      func() devices.Simulator { return taidoc.NewSimulator() },
		"ultra2":      func() devices.Simulator { return ultra2.NewSimulator() },
	}
}
