//go:build cgo

package main

import (
	"context"
	"testing"

	"fieldkit/ui"
	"fieldkit/ui/rehearsal"
)

func TestTheWindowsRoomFollowsTheKindOfTheStation(t *testing.T) {
	d := rehearsal.NewDesk()
	d.Set(func(s *ui.Station) { s.Kind = clinicRoom })
	if room := roomOf(t.Context(), options{}, d); room != clinicRoom {
		t.Errorf("a clinic opens %q", room)
	}
	if room := nextRoom(t.Context(), options{}, d, ambulanceRoom); room != clinicRoom {
		t.Errorf("a vehicle that became a clinic shows %q", room)
	}
	// The same kind, one without screens, and a room by the flag: it stays until the end.
	for _, c := range []struct {
		kind string
		o    options
	}{{ambulanceRoom, options{}}, {"kiosk", options{}}, {clinicRoom, options{room: ambulanceRoom}}} {
		d.Set(func(s *ui.Station) { s.Kind = c.kind })
		ctx, stop := context.WithTimeout(t.Context(), kindEvery*3/2)
		if room := nextRoom(ctx, c.o, d, ambulanceRoom); room != ambulanceRoom {
			t.Errorf("%+v shows %q", c, room)
		}
		stop()
	}
}
