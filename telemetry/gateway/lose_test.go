package gateway

import (
	"sync"
	"testing"

	"fieldkit/triage/chart"
)

// A page asks for a patient in the very moment in which the minute's check finds that its
// person may no longer see them.
func TestAPageThatAsksWhileItsPatientIsTakenFromItWatchesNothing(t *testing.T) {
	w := newWard(t, nil)
	g := w.gateway
	patient := &tile{g: g, v: g.newVehicle(admitted{device: chart.Device{1}}), handle: 7, phase: phaseOpen, watchers: map[*viewer]bool{}}
	for range 5000 {
		v := &viewer{g: g, queue: make(chan message, viewerQueue), cancel: func() {}, may: map[uint32]*tile{7: patient}, watched: map[uint32]watching{}}
		var both sync.WaitGroup
		both.Go(func() { v.take(t.Context(), pageMessage{Type: "watch", Tile: 7}) })
		both.Go(func() { v.lose(patient, "no longer yours to see") })
		both.Wait()
		patient.mu.Lock()
		still := patient.watchers[v]
		patient.mu.Unlock()
		if still {
			t.Fatal("its frames go on to the page")
		}
	}
}
