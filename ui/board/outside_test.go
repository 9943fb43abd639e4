package board

import (
	"slices"
	"testing"
	"time"

	"fieldkit/triage/vital"
)

func TestWhatChangedIsReadAtOnceAndNoOftener(t *testing.T) {
	for what, counts := range node[map[string][]int](t, "reading.mjs") {
		if want := []int{1, 1, 2, 2, 3, 4, 4, 5}; !slices.Equal(counts, want) {
			t.Errorf("the %s was asked for %v times after each step, want %v", what, counts, want)
		}
	}
}

func TestThePageSaysThatTheRelayIsLost(t *testing.T) {
	w := newWard(t)
	s := openScreen(t, w, 1280, 800)
	s.signIn()
	shown := `(e => e.checkVisibility() + e.textContent)(document.getElementById("outside"))`
	s.until("nothing to say", shown, "false")
	run(t, w.bed(1, "AMB-7", []vital.Reading{reading(vital.SpO2, 97)}, vital.Pleth))
	s.until("SpO2", number("SpO2"), "measured 97")
	w.tell(map[string]any{"type": "outside", "reached": false, "since": time.Now().UnixMilli()})
	s.until("it to be said", shown, "trueThe relay is not reached since ")
	s.picture("relay-lost.png")
	w.tell(map[string]any{"type": "outside", "reached": true, "since": time.Now().UnixMilli()})
	s.until("it to be over", shown, "false")
}
