package gateway

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"fieldkit/telemetry/link"
	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

func TestAPulseReachesThePage(t *testing.T) {
	before := runtime.NumGoroutine()
	w := newWard(t, nil)
	e := encounter(w)
	a := w.dispatch(e)
	page := w.open(w.signIn("ann"))
	a.send(50)
	until(t, "fifty frames at the page", func() bool { return page.count(e) == 50 })
	late := w.open(w.signIn("ben"))
	until(t, "a page that comes late has the last half minute", func() bool { return late.count(e) == 50 })
	if err := w.gateway.Note(a.device, []byte("bay 2")); err != nil {
		t.Fatal(err)
	}
	until(t, "the note in the vehicle", func() bool { a.mu.Lock(); defer a.mu.Unlock(); return len(a.notes) == 1 })
	page.mu.Lock()
	for handle, l := range page.links {
		if !l.Live || l.Lane != "UDP" || l.Base == 0 {
			t.Errorf("tile %d has link %+v", handle, l)
		}
	}
	page.mu.Unlock()
	page.close()
	late.close()
	a.stop()
	w.close()
	until(t, "every goroutine has ended", func() bool { return runtime.NumGoroutine() <= before })
	if n := len(w.recorder.audit); n != 4 {
		t.Errorf("the audit is %v, want the beginning and the end of each of two", w.recorder.audit)
	}
}

func TestNobodysNumbersComeUnderAnothersName(t *testing.T) {
	w := newWard(t, nil)
	first, second := encounter(w), encounter(w)
	a := w.dispatch(first)
	page := w.open(w.signIn("ann"))
	a.rate = 72
	a.send(25)
	a.binding.Encounter, a.binding.Tag, a.rate = second, "P2", 140
	a.send(25)
	until(t, "the second patient's frames", func() bool { return page.count(second) == 25 })
	if page.ended(first) == "" {
		t.Error("the first patient's tile was not cleared")
	}
	page.mu.Lock()
	defer page.mu.Unlock()
	for handle, tile := range page.tiles {
		want := vital.Int(72)
		if tile.Encounter == second {
			want = vital.Int(140)
		}
		for seq, f := range page.frames[handle] {
			if chart.ID(f.Binding.Encounter) != tile.Encounter {
				t.Fatalf("frame %d of %v is in the tile of %v", seq, f.Binding.Encounter, tile.Encounter)
			}
			for _, r := range f.Numerics {
				if v, _ := r.Value(); v.Cmp(want) != 0 {
					t.Fatalf("frame %d shows %v, want %v", seq, v, want)
				}
			}
		}
	}
}

func TestLateFramesOfTheLastPatientAreShownToNobody(t *testing.T) {
	w := newWard(t, nil)
	first, second := encounter(w), encounter(w)
	device := chart.Device{1}
	v := w.gateway.newVehicle(admitted{device: device, callSign: "MEDIC 1"})
	v.State(link.State{Phase: link.Live})
	page := w.open(w.signIn("ann"))
	var encoder wave.Encoder
	var frames []link.Frame
	for i := range 40 {
		now := wave.Now{Time: vital.Instant(i) * vital.Instant(100*time.Millisecond), Binding: wave.Binding{Encounter: first, Station: device}}
		if i >= 20 {
			now.Binding.Encounter = second
		}
		b, err := encoder.Encode(nil, &now)
		if err != nil {
			t.Fatal(err)
		}
		frames = append(frames, link.Frame{Seq: uint32(i + 1), Bytes: b})
	}
	for i, f := range frames {
		if i != 12 && i != 19 && i != 25 {
			v.Frame(1, f)
		}
	}
	for _, late := range []int{25, 12, 19} {
		v.Frame(1, frames[late])
	}
	until(t, "the second patient's frames", func() bool { return page.count(second) == 20 })
	time.Sleep(100 * time.Millisecond)
	page.mu.Lock()
	defer page.mu.Unlock()
	for handle, tile := range page.tiles {
		for seq, f := range page.frames[handle] {
			if chart.ID(f.Binding.Encounter) != tile.Encounter {
				t.Errorf("frame %d of the first patient is in the second's tile", seq)
			}
		}
	}
	if n := count(t, w.gateway.metrics.dropped.WithLabelValues("of no open binding")); n != 2 {
		t.Errorf("%v frames were counted as dropped, want the two late ones", n)
	}
}

func TestATileClearsWhenItsBindingEndsAndComesBackWithIt(t *testing.T) {
	w := newWard(t, nil)
	e := encounter(w)
	a := w.dispatch(e)
	page := w.open(w.signIn("ann"))
	a.send(15)
	until(t, "frames", func() bool { return page.count(e) == 15 })
	a.sendOne(wave.Now{Ended: true})
	until(t, "the tile's end", func() bool { return page.ended(e) == bindingEnded })
	if late := w.open(w.signIn("ben")); late.count(e) != 0 {
		t.Error("a page that came later was shown an ended binding")
	}
	a.send(15)
	until(t, "a new tile", func() bool { page.mu.Lock(); defer page.mu.Unlock(); return len(page.tiles) == 2 })
}

func TestAnEncounterNotBoundForHereIsNotShownUntilItIs(t *testing.T) {
	w := newWard(t, nil)
	e := encounter(w)
	w.recorder.mu.Lock()
	w.recorder.bound[e] = false
	w.recorder.mu.Unlock()
	a := w.dispatch(e)
	page := w.open(w.signIn("ann"))
	a.send(50)
	if page.count(e) != 0 || len(page.tiles) != 0 {
		t.Fatal("an encounter that was not bound for here was shown")
	}
	w.recorder.mu.Lock()
	w.recorder.bound[e] = true
	w.recorder.mu.Unlock()
	a.send(150)
	until(t, "frames once it is bound", func() bool { return page.count(e) > 0 })
	w.recorder.mu.Lock()
	w.recorder.bound[e] = false
	w.recorder.mu.Unlock()
	w.gateway.Clear(e)
	until(t, "the tile's end when it is diverted", func() bool { return page.ended(e) != "" })
	n := page.count(e)
	a.send(20)
	if page.count(e) != n {
		t.Error("frames were shown after it left")
	}
}

func TestNothingIsShownWhileTheRecorderIsAway(t *testing.T) {
	w := newWard(t, nil)
	e := encounter(w)
	w.recorder.mu.Lock()
	w.recorder.away = true
	w.recorder.mu.Unlock()
	a := w.dispatch(e)
	page := w.open(w.signIn("ann"))
	a.send(30)
	if page.count(e) != 0 {
		t.Fatal("frames were shown without the recorder's word")
	}
	w.recorder.mu.Lock()
	w.recorder.away = false
	w.recorder.mu.Unlock()
	until(t, "all of it once the recorder is back", func() bool { return page.count(e) == 30 })
}

func TestARevokedDeviceIsCutOff(t *testing.T) {
	w := newWard(t, nil)
	e := encounter(w)
	a := w.dispatch(e)
	page := w.open(w.signIn("ann"))
	a.send(10)
	until(t, "frames", func() bool { return page.count(e) == 10 })
	w.recorder.mu.Lock()
	delete(w.recorder.roster, deviceName(a.device))
	w.recorder.mu.Unlock()
	cut := time.Now()
	w.gateway.Cut(a.device)
	until(t, "the tile's end", func() bool { return page.ended(e) == "withdrawn" })
	t.Logf("cut off after %v", time.Since(cut).Round(time.Millisecond))
	until(t, "its connections' end", func() bool {
		w.gateway.mu.Lock()
		defer w.gateway.mu.Unlock()
		return len(w.gateway.sessions) == 0
	})
	a.send(75)
	if page.count(e) != 10 {
		t.Error("frames came after the revocation")
	}
}

func TestASilentLinkIsSaid(t *testing.T) {
	w := newWard(t, nil)
	e := encounter(w)
	a := w.dispatch(e)
	page := w.open(w.signIn("ann"))
	a.send(10)
	until(t, "frames", func() bool { return page.count(e) == 10 })
	a.stop()
	until(t, "silence said", func() bool {
		page.mu.Lock()
		defer page.mu.Unlock()
		for _, l := range page.links {
			if l.Silent && strings.HasPrefix(l.Words, "silent") && l.SilentMS > 3000 {
				return true
			}
		}
		return false
	})
}

func TestAGatewayThatStartsAgainShowsTheLastHalfMinute(t *testing.T) {
	w := newWard(t, nil)
	e := encounter(w)
	a := w.dispatch(e)
	client := w.signIn("ann")
	page := w.open(client)
	a.send(30)
	until(t, "frames", func() bool { return page.count(e) == 30 })
	w.restart()
	a.send(60)
	again := w.open(client) // the recorder still knows her
	until(t, "all ninety frames", func() bool { return again.count(e) == 90 })
}

func TestTheRecordFillsWhatLiveMissed(t *testing.T) {
	w := newWard(t, nil)
	e := encounter(w)
	a := w.dispatch(e)
	page := w.open(w.signIn("ann"))
	a.send(10)
	missed := a.now
	a.now = a.now.Add(time.Second) // ten tenths never sent
	a.send(10)
	until(t, "frames", func() bool { return page.count(e) == 20 })
	var frames [][]byte
	for at := missed - vital.Instant(300*time.Millisecond); at <= missed.Add(time.Second); at += vital.Instant(100 * time.Millisecond) {
		var alone wave.Encoder
		b, err := alone.Encode(nil, &wave.Now{Time: at, Binding: a.binding})
		if err != nil {
			t.Fatal(err)
		}
		frames = append(frames, b)
	}
	if n := w.gateway.Backfill(a.binding, frames); n != 10 {
		t.Errorf("%d frames were filled in, want the ten that were missing", n)
	}
	until(t, "the fill at the page", func() bool {
		page.mu.Lock()
		defer page.mu.Unlock()
		return page.fills == 10
	})
	if n := w.gateway.Backfill(a.binding, frames); n != 0 {
		t.Errorf("%d frames were filled in twice", n)
	}
	other := a.binding
	other.Tag = "P9"
	if n := w.gateway.Backfill(other, frames); n != 0 {
		t.Errorf("%d frames went to a binding nobody sends", n)
	}
}

func TestAFramesAgeIsRightWhateverTheClocksSay(t *testing.T) {
	// The station's clock began at its boot, the gateway's wall clock says 2031.
	// Frames leave when their tenth is over, take 40 ms, and some wait in a queue.
	began := time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)
	var c clock
	for i := range 600 {
		at := vital.Instant(time.Duration(i) * 100 * time.Millisecond)
		late := time.Duration(i%7) * 30 * time.Millisecond
		arrived := began.Add(time.Duration(at) + 100*time.Millisecond + 40*time.Millisecond + late)
		if got := c.heard(at, arrived, 80*time.Millisecond); got != late {
			t.Fatalf("frame %d came %v late, want %v", i, got, late)
		}
	}
	if got := time.UnixMilli(c.base()); !got.Equal(began) {
		t.Errorf("the station's zero is placed at %v, want %v", got, began)
	}
}

func TestTwoVehiclesOfOneCallSignStayApart(t *testing.T) {
	w := newWard(t, nil)
	one, two := encounter(w), encounter(w)
	a, b := w.dispatch(one), w.dispatch(two)
	page := w.open(w.signIn("ann"))
	a.send(10)
	b.rate = 140
	b.send(10)
	until(t, "both patients", func() bool { return page.count(one) == 10 && page.count(two) == 10 })
	page.mu.Lock()
	defer page.mu.Unlock()
	seen := map[string]chart.ID{}
	for _, tile := range page.tiles {
		if tile.CallSign != "MEDIC 1" || seen[tile.Vehicle] != (chart.ID{}) {
			t.Errorf("tile %+v", tile)
		}
		seen[tile.Vehicle] = tile.Encounter
	}
	if seen[deviceName(a.device)] != one || seen[deviceName(b.device)] != two {
		t.Errorf("the tiles are %v", seen)
	}
}

func TestFramesOfAnotherStationAreNobodys(t *testing.T) {
	w := newWard(t, nil)
	e := encounter(w)
	a := w.dispatch(e)
	page := w.open(w.signIn("ann"))
	a.binding.Station[0] ^= 1
	a.send(20)
	time.Sleep(200 * time.Millisecond)
	if page.count(e) != 0 {
		t.Error("frames were shown that name another station than the one that sent them")
	}
	until(t, "twenty counted as dropped", func() bool {
		return count(t, w.gateway.metrics.dropped.WithLabelValues("not its own")) == 20
	})
}
