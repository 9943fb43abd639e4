package gateway

import (
	"testing"
	"time"
)

// heard counts the messages of a type that a page got beside tiles, links and ends.
func (b *board) heard(kind string, is func(map[string]any) bool) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.other {
		if m["type"] == kind && (is == nil || is(m)) {
			n++
		}
	}
	return n
}

// The patient whose tile is open is sent to another hospital, and what the recorder
// said of it found no room: the tile goes all the same. The other patient's stays.
func TestAnOpenTileEndsOnceItsPatientIsBoundElsewhere(t *testing.T) {
	w := newWard(t, nil)
	w.gateway.look = 10 * time.Millisecond
	leaves, stays := encounter(w), encounter(w)
	a, b := w.dispatch(leaves), w.dispatch(stays)
	page := w.open(w.signIn("ann"))
	a.send(5)
	b.send(5)
	until(t, "both patients", func() bool { return page.count(leaves) == 5 && page.count(stays) == 5 })
	w.recorder.mu.Lock()
	w.recorder.away = true // that ends nothing
	w.recorder.mu.Unlock()
	b.send(5)
	w.recorder.mu.Lock()
	w.recorder.away, w.recorder.bound[leaves] = false, false
	w.recorder.mu.Unlock()
	until(t, "the tile to end", func() bool { return page.ended(leaves) == leftHere })
	shown := page.count(leaves)
	a.send(10) // the page fails on a frame after the end of its tile
	b.send(5)
	until(t, "the other patient's frames", func() bool { return page.count(stays) == 15 })
	if page.ended(stays) != "" || page.count(leaves) != shown {
		t.Errorf("the other tile ended with %q; %d frames came of who left", page.ended(stays), page.count(leaves)-shown)
	}
}

func TestPagesThatShowAPatientHearThatItsRecordChanged(t *testing.T) {
	w := newWard(t, nil)
	here, elsewhere := encounter(w), encounter(w)
	a := w.dispatch(here)
	page := w.open(w.signIn("ann"))
	a.send(5)
	until(t, "the patient", func() bool { return page.count(here) == 5 })
	w.gateway.Changed(elsewhere)
	w.gateway.Changed(here)
	until(t, "the page hears it", func() bool {
		return page.heard("record", func(m map[string]any) bool { return m["encounter"] == here.String() }) == 1
	})
	if n := page.heard("record", nil); n != 1 {
		t.Errorf("%d changes were told, want one", n)
	}
}

func TestEveryPageSaysThatTheRelayIsLost(t *testing.T) {
	w := newWard(t, nil)
	early := w.open(w.signIn("ann"))
	until(t, "the page is open", func() bool { return early.heard("hello", nil) == 1 })
	reached := func(b *board, is bool) int {
		return b.heard("outside", func(m map[string]any) bool { return m["reached"] == is })
	}
	w.gateway.Outside(true, time.Now()) // nothing to say
	for range 3 {
		w.gateway.Outside(false, time.Now()) // once is enough
	}
	late := w.open(w.signIn("bob"))
	until(t, "both pages say it", func() bool { return reached(early, false) == 1 && reached(late, false) == 1 })
	w.gateway.Outside(true, time.Now())
	until(t, "both pages say that it is back", func() bool { return reached(early, true) == 1 && reached(late, true) == 1 })
	if reached(early, false) != 1 {
		t.Error("it is said again and again")
	}
}
