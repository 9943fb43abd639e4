package rehearsal

import (
	"context"
	"strings"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/ui"
)

// PIN is what lets everybody in at the made-up station.
const PIN = "2468"

// crew are the people of the made-up station.
var crew = []ui.Person{{ID: "a", Name: "A. Okoro", Role: "medic"}, {ID: "b", Name: "B. Lindqvist", Role: "nurse"}, {ID: "c", Name: "C. Moreau", Role: "admin"}}

// People implements [ui.Door].
func (d *Desk) People(context.Context) ([]ui.Person, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return crew, d.away
}

// SignIn implements [ui.Door].
func (d *Desk) SignIn(_ context.Context, person, secret string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.away != nil {
		return d.away
	}
	for _, p := range crew {
		if p.ID == person && secret == PIN {
			d.station.SignedIn, d.station.Locked, d.shown = p.Name, false, chart.ID{}
			return nil
		}
	}
	return &ui.Trouble{What: "the PIN is wrong", Do: "Try again"}
}

// LockScreen implements [ui.Door].
func (d *Desk) LockScreen(_ context.Context, encounter chart.ID) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.station.SignedIn, d.shown = "", encounter
	return d.away
}

// AcknowledgeShown implements [ui.Door].
func (d *Desk) AcknowledgeShown(context.Context) error {
	d.mu.Lock()
	shown, err := d.shown, d.away
	d.mu.Unlock()
	if err == nil {
		d.put(ui.Draft{Encounter: shown, Content: &chart.AlarmAcknowledged{Of: []chart.Ref{{Device: device, Seq: 1}}}})
	}
	return err
}

// BreakGlass implements [ui.Door].
func (d *Desk) BreakGlass(_ context.Context, why string) error {
	if strings.TrimSpace(why) == "" {
		return &ui.Trouble{What: "an emergency entry needs its reason"}
	}
	d.mu.Lock()
	shown, err := d.shown, d.away
	d.mu.Unlock()
	if err != nil {
		return err
	}
	d.put(ui.Draft{Encounter: shown, Content: &chart.Event{Name: "emergency access", Text: why}})
	d.mu.Lock()
	defer d.mu.Unlock()
	d.station.SignedIn, d.shown = "EMERGENCY", chart.ID{}
	return nil
}

// Sticks implements [ui.Vault].
func (d *Desk) Sticks(context.Context) ([]ui.Stick, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sticks, d.away
}

// Plug puts a stick into the made-up station.
func (d *Desk) Plug(s ui.Stick) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sticks = append(d.sticks, s)
}

// Backup implements [ui.Vault].
func (d *Desk) Backup(_ context.Context, s ui.Stick) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.away != nil:
		return "", d.away
	case d.fail != nil:
		return "", d.fail
	}
	return "fieldkit AMB-7 " + d.now.Format(time.DateOnly) + ".backup", nil
}
