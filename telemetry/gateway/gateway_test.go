package gateway

import (
	"testing"
	"time"
)

func TestAPulseReachesThePage(t *testing.T) {
	w := newWard(t, nil)
	e := encounter(w)
	a := w.dispatch(e)
	page := w.open(w.signIn("ann"))
	a.send(50)
	until(t, 5*time.Second, "fifty frames at the page", func() bool { return page.count(e) == 50 })
	late := w.open(w.signIn("ben"))
	until(t, 5*time.Second, "a page that comes late has the last half minute", func() bool { return late.count(e) == 50 })
	if err := w.gateway.Note(a.device, []byte("bay 2")); err != nil {
		t.Fatal(err)
	}
	until(t, 5*time.Second, "the note in the vehicle", func() bool { a.mu.Lock(); defer a.mu.Unlock(); return len(a.notes) == 1 })
}
