package drivertest

import (
	"maps"
	"slices"
	"sync"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// Notes is a Handler and Choices that keeps what it was told. The zero Notes is
// ready; it is safe for concurrent use.
type Notes struct {
	mu       sync.Mutex
	readings []vital.Reading
	alarms   []devices.Alarm
	monitors []vital.Provenance
	samples  int
	choices  map[string]devices.Choice
}

// Reading keeps r.
func (n *Notes) Reading(_ devices.PortInfo, r vital.Reading) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.readings = append(n.readings, r)
}

// Waveform counts samples.
func (n *Notes) Waveform(_ devices.PortInfo, w vital.Waveform) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.samples += len(w.Samples)
}

// Alarm keeps a.
func (n *Notes) Alarm(_ devices.PortInfo, a devices.Alarm) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.alarms = append(n.alarms, a)
}

// Monitor keeps p.
func (n *Notes) Monitor(_ devices.PortInfo, p vital.Provenance) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.monitors = append(n.monitors, p)
}

// Changed is not kept.
func (n *Notes) Changed(devices.PortInfo) {}

// Choice is what Keep was told.
func (n *Notes) Choice(identity string) (devices.Choice, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	c, ok := n.choices[identity]
	return c, ok
}

// Keep keeps c.
func (n *Notes) Keep(identity string, c devices.Choice) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.choices == nil {
		n.choices = make(map[string]devices.Choice)
	}
	n.choices[identity] = c
	return nil
}

// Readings is a copy of the readings so far.
func (n *Notes) Readings() []vital.Reading {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.readings)
}

// Alarms is a copy of the alarms so far.
func (n *Notes) Alarms() []devices.Alarm {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.alarms)
}

// Monitors is a copy of who was said to speak.
func (n *Notes) Monitors() []vital.Provenance {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.monitors)
}

// Samples is how many waveform samples came.
func (n *Notes) Samples() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.samples
}

// Choices is a copy of what is remembered.
func (n *Notes) Choices() map[string]devices.Choice {
	n.mu.Lock()
	defer n.mu.Unlock()
	return maps.Clone(n.choices)
}

// Forget drops the readings and alarms so far.
func (n *Notes) Forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.readings, n.alarms, n.monitors, n.samples = nil, nil, nil, 0
}
