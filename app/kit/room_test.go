package kit

import (
	"strings"
	"testing"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

func TestWaveformsGiveWayBeforeTheDiskIsFull(t *testing.T) {
	const mib, gib = 1 << 20, 1 << 30
	for _, c := range []struct {
		story       string
		was         bool // waveforms are given up already
		free, total int64
		full, near  bool
	}{
		{"nobody looked", false, 0, 0, false, false},
		{"a tablet with room", false, 30 * gib, 64 * gib, false, false},
		{"a large disk of which a twentieth is free", false, 12 * gib, 256 * gib, false, false},
		{"little left", false, 3 * gib / 2, 64 * gib, false, true},
		{"a day before it is full", false, 900 * mib, 64 * gib, true, true},
		{"full", false, 0, 64 * gib, true, true},
		{"a little is freed, and would be filled at once", true, 1100 * mib, 64 * gib, true, true},
		{"enough is freed", true, 1400 * mib, 64 * gib, false, true},
		{"a small disk, half full", false, 4 * gib, 8 * gib, false, false},
		{"a small disk, nearly full", false, 200 * mib, 8 * gib, true, true},
	} {
		r := room{full: c.was}.look(c.free, c.total)
		if r.full != c.full || r.near() != c.near {
			t.Errorf("%s: no waveforms %v, said to be near %v; want %v, %v", c.story, r.full, r.near(), c.full, c.near)
		}
		if words := r.words(0); (words != "") != c.near || strings.Contains(words, "not recorded") != c.full {
			t.Errorf("%s: it says %q", c.story, words)
		}
	}
}

// A disk fills under way: numbers and what is charted stay on the record, the traces stay
// on screen, and the faces are told what is missing, also when there is room again.
func TestOnADiskThatIsNearlyFullNumbersGoOn(t *testing.T) {
	const gib = 1 << 30
	s := newShift(t)
	k := s.k
	patient := s.admit()
	port := devices.PortInfo{Name: "/dev/ttyS9"}
	s.speak(port, vital.Provenance{Make: "Nonin", Model: "3150", Serial: "77", Driver: "nonin"})
	s.bind(k.record.nameOf(port), patient)
	second := func() (values, blocks int, shown bool) {
		t.Helper()
		began := time.Now().Add(-time.Minute)
		s.hear(port)
		k.record.Waveform(port, vital.Waveform{Lead: vital.Pleth, Arrived: k.clock.Now(), Rate: vital.Int(100), Scale: vital.Int(1), Max: 255, Samples: make([]int32, 100)})
		k.record.mu.Lock()
		b := k.record.beds[patient]
		if b == nil {
			t.Fatal("the monitor does not record to the patient")
		}
		shown = len(b.fresh) > 0
		k.record.keepSecond(b, k.clock.Now()-vital.Instant(time.Second))
		b.fresh = nil
		k.record.mu.Unlock()
		settled(t, k)
		seconds, _, err := k.store.Seconds(t.Context(), patient, began, time.Now().Add(time.Minute))
		if err != nil || len(seconds) == 0 {
			t.Fatalf("%d seconds on disk, %v", len(seconds), err)
		}
		last := k.read(seconds)[len(seconds)-1].Content.(*chart.Second)
		return len(last.Values), len(last.Blocks), shown
	}
	says := func(words string) bool { return strings.Contains(strings.Join(k.record.troubles(), "\n"), words) }
	for _, step := range []struct {
		story  string
		free   int64
		blocks int
		says   string
	}{
		{"there is room", 30 * gib, 1, ""},
		{"the disk is nearly full", gib / 2, 0, "1 stretches"},
		{"still", gib / 2, 0, "2 stretches"},
		{"it was cleared", 30 * gib, 1, "2 stretches of waveform were not recorded because the disk was nearly full"},
	} {
		if err := k.lookAtRoom(t.Context(), step.free, 64*gib); err != nil {
			t.Fatal(err)
		}
		values, blocks, shown := second()
		if values != 1 || blocks != step.blocks || !shown {
			t.Errorf("%s: %d numbers and %d waveforms on disk, on screen %v; want 1, %d, true", step.story, values, blocks, shown, step.blocks)
		}
		if step.says != "" && !says(step.says) || step.says == "" && len(k.record.troubles()) > 0 {
			t.Errorf("%s: the faces are told %q", step.story, k.record.troubles())
		}
	}
	before, err := k.store.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := k.lookAtRoom(t.Context(), 0, 64*gib); err != nil {
		t.Fatal(err)
	}
	// Nobody else holds it: it stays, however full the disk.
	if values, _, _ := second(); values != 1 {
		t.Error("on a full disk numbers are not recorded")
	}
	if all, pruned, err := k.store.Seconds(t.Context(), patient, time.Now().Add(-time.Hour), time.Now().Add(time.Hour)); err != nil || pruned != 0 || len(all) != 5 {
		t.Errorf("%d seconds on disk, %d dropped, %v; of %d logs", len(all), pruned, err, len(before))
	}
}
