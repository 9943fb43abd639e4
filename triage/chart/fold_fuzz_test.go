package chart

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"fieldkit/triage/vital"
)

// FuzzFold holds charts of any entries at all to three promises: no panic, every
// view can be shown as JSON, and the order of entries does not matter.
func FuzzFold(f *testing.F) {
	for seed := range uint64(4) {
		all := newShift(seed).deliveries()
		for part := range slices.Chunk(all, 12) {
			text, err := json.Marshal(part)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var entries []Entry
		if json.Unmarshal(text, &entries) != nil || len(entries) > 100 {
			return
		}
		places := map[Ref]bool{}
		entries = slices.DeleteFunc(entries, func(e Entry) bool { // one entry at one place, as the journal has it
			again := places[e.Ref]
			places[e.Ref] = true
			return again
		})
		one, two := NewFold(encounter1), NewFold(encounter1)
		one.Add(entries...)
		slices.Reverse(entries)
		two.Add(entries...)
		want, got := fingerprint(one.Chart()), fingerprint(two.Chart())
		if want != got {
			t.Fatal(difference(want, got))
		}
		if _, err := json.Marshal(one.Chart().Facts()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestOneAbsurdEntryDoesNotKeepAChartFromBeingShown(t *testing.T) {
	w := &ward{t}
	a := w.tablet(1)
	a.write("14:00", &Note{"x"})
	year := func(n int) func(*Entry) {
		return func(e *Entry) { e.Happened = time.Date(n, 1, 1, 0, 0, 0, 0, time.UTC) }
	}
	a.writeAs("14:00", &Note{"far"}, year(20000))
	a.writeAs("14:00", &Note{"before"}, year(-20000))
	later := a.write("14:00", measured(vital.SpO2, "97"))
	later.Content = &Vitals{Reason: "new", Values: []Vital{{Sign: vital.SpO2, State: 200, MonitorTime: -1}}}
	later.Ref.Seq++
	f := NewFold(encounter1)
	f.Add(a.wrote...)
	f.Add(later)
	text, err := json.Marshal(f.Chart().Facts())
	if err != nil {
		t.Fatal(err)
	}
	var back []struct{ Entry Entry }
	if err := json.Unmarshal(text, &back); err != nil || len(back) != 5 {
		t.Fatalf("%d entries come back: %v", len(back), err)
	}
	if i := slices.IndexFunc(back, func(x struct{ Entry Entry }) bool { return x.Entry.Ref == later.Ref }); back[i].Entry.Absent != Unread {
		t.Errorf("what this version cannot write comes back as %s", back[i].Entry.Absent)
	}
	if _, err := json.Marshal(f.Chart().Row()); err != nil {
		t.Error(err)
	}
}
