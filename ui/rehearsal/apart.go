package rehearsal

import (
	"time"

	"fieldkit/triage/chart"
	"fieldkit/ui"
)

// Apart writes an entry as another station of the team did while away, in a device of
// that number: its writer had seen only what that device itself wrote.
func (d *Desk) Apart(device byte, staff string, ago time.Duration, draft ui.Draft) chart.Ref {
	d.mu.Lock()
	defer d.mu.Unlock()
	seq := uint64(1)
	for _, e := range d.entries {
		if e.Ref.Device == (chart.Device{device}) {
			seq = e.Ref.Seq + 1
		}
	}
	at := d.now.Add(-ago)
	e := chart.Entry{
		Ref: chart.Ref{Device: chart.Device{device}, Epoch: chart.Epoch{device}, Seq: seq}, Log: 2, Demo: true,
		Wall: at, Happened: at, Trust: chart.ClockNetwork, Author: chart.Author{Staff: staff, Checked: chart.CheckedPIN},
		Patient: draft.Patient, Encounter: draft.Encounter, Content: draft.Content,
	}
	d.entries = append(d.entries, e)
	return e.Ref
}

// Withdraw makes what a device of that number wrote that of a withdrawn tablet.
func (d *Desk) Withdraw(device byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.entries {
		if d.entries[i].Ref.Device == (chart.Device{device}) {
			d.entries[i].Withdrawn = true
		}
	}
}
