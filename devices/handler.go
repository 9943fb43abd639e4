package devices

import "fieldkit/triage/vital"

// A Handler takes what a [Supervisor] hears. Calls for one port come one after
// another, those for different ports at the same time. A slow Handler delays its
// own port. Slices are valid only during the call.
type Handler interface {
	Reading(from PortInfo, r vital.Reading)
	Waveform(from PortInfo, w vital.Waveform)
	Alarm(from PortInfo, a Alarm)
	// Monitor says who speaks on the port, before its first reading and whenever
	// more becomes known.
	Monitor(from PortInfo, p vital.Provenance)
	// Changed says that [Supervisor.Status] has something new to say of the port.
	Changed(from PortInfo)
}

// A Choice is what is known of a port from before: found by the supervisor, or
// made by a person.
type Choice struct {
	Driver     string // "" to find out
	Line       Line   // of Driver
	ListenOnly bool   // never send a byte: the line is shared
	Fixed      bool   // a person said so: do not look for anything else
	Ignore     bool   // leave the port alone: it is used for something else
}

// Choices keeps choices over restarts, by [PortInfo.Identity]. It must be safe
// for concurrent use.
type Choices interface {
	Choice(identity string) (Choice, bool)
	Keep(identity string, c Choice) error
}
