package rehearsal

import (
	"context"

	"fieldkit/ui"
)

// SetKind implements [ui.Changer]. Only C. Moreau may.
func (d *Desk) SetKind(_ context.Context, kind string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.away != nil:
		return d.away
	case d.station.SignedIn != crew[2].Name:
		return &ui.Trouble{What: "the role of whoever is signed in does not allow that", Do: "Sign in as somebody with the role admin"}
	}
	d.station.Kind = kind
	return nil
}
