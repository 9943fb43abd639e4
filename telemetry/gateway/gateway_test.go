package gateway

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

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
	until(t, 5*time.Second, "fifty frames at the page", func() bool { return page.count(e) == 50 })
	late := w.open(w.signIn("ben"))
	until(t, 5*time.Second, "a page that comes late has the last half minute", func() bool { return late.count(e) == 50 })
	if err := w.gateway.Note(a.device, []byte("bay 2")); err != nil {
		t.Fatal(err)
	}
	until(t, 5*time.Second, "the note in the vehicle", func() bool { a.mu.Lock(); defer a.mu.Unlock(); return len(a.notes) == 1 })
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
	until(t, 5*time.Second, "every goroutine has ended", func() bool { return runtime.NumGoroutine() <= before })
	if n := len(w.recorder.audit); n != 2 {
		t.Errorf("the audit is %v", w.recorder.audit)
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
	until(t, 5*time.Second, "the second patient's frames", func() bool { return page.count(second) == 25 })
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
	until(t, 5*time.Second, "the second patient's frames", func() bool { return page.count(second) == 20 })
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
	until(t, 5*time.Second, "frames", func() bool { return page.count(e) == 15 })
	a.sendOne(wave.Now{Ended: true})
	until(t, 2*time.Second, "the tile's end", func() bool { return page.ended(e) == bindingEnded })
	if late := w.open(w.signIn("ben")); late.count(e) != 0 {
		t.Error("a page that came later was shown an ended binding")
	}
	a.send(15)
	until(t, 5*time.Second, "a new tile", func() bool { page.mu.Lock(); defer page.mu.Unlock(); return len(page.tiles) == 2 })
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
	until(t, 5*time.Second, "frames once it is bound", func() bool { return page.count(e) > 0 })
	w.recorder.mu.Lock()
	w.recorder.bound[e] = false
	w.recorder.mu.Unlock()
	w.gateway.Clear(e)
	until(t, time.Second, "the tile's end when it is diverted", func() bool { return page.ended(e) != "" })
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
	until(t, 5*time.Second, "all of it once the recorder is back", func() bool { return page.count(e) == 30 })
}

func TestAPersonSeesOnlyWhatTheyMay(t *testing.T) {
	w := newWard(t, nil)
	mine, other := encounter(w), encounter(w)
	w.recorder.watch["ann"] = map[chart.ID]bool{mine: true}
	a, b := w.dispatch(mine), w.dispatch(other)
	page := w.open(w.signIn("ann"))
	a.send(10)
	b.send(10)
	until(t, 5*time.Second, "her own patient", func() bool { return page.count(mine) == 10 })
	page.say(map[string]any{"type": "watch", "tile": 1})
	page.say(map[string]any{"type": "watch", "tile": 2})
	time.Sleep(200 * time.Millisecond)
	if page.count(other) != 0 || len(page.tiles) != 1 {
		t.Error("she was shown another's patient")
	}
}

func TestARevokedDeviceIsCutOffWithinASecond(t *testing.T) {
	w := newWard(t, nil)
	e := encounter(w)
	a := w.dispatch(e)
	page := w.open(w.signIn("ann"))
	a.send(10)
	until(t, 5*time.Second, "frames", func() bool { return page.count(e) == 10 })
	w.recorder.mu.Lock()
	delete(w.recorder.roster, deviceName(a.device))
	w.recorder.mu.Unlock()
	w.gateway.Cut(a.device)
	until(t, time.Second, "the tile's end", func() bool { return page.ended(e) == "withdrawn" })
	until(t, time.Second, "its connections' end", func() bool {
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
	until(t, 5*time.Second, "frames", func() bool { return page.count(e) == 10 })
	a.stop()
	until(t, 6*time.Second, "silence said", func() bool {
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
	until(t, 5*time.Second, "frames", func() bool { return page.count(e) == 30 })
	w.restart()
	a.send(60)
	again := w.open(client) // the recorder still knows her
	until(t, 8*time.Second, "all ninety frames", func() bool { return again.count(e) == 90 })
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
	until(t, 5*time.Second, "frames", func() bool { return page.count(e) == 20 })
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
	until(t, 3*time.Second, "the fill at the page", func() bool {
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
	until(t, 5*time.Second, "both patients", func() bool { return page.count(one) == 10 && page.count(two) == 10 })
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

func TestAnotherCertificateIsRefusedUntilItIsEnrolled(t *testing.T) {
	w := newWard(t, nil)
	pin := link.Fingerprint(sha256.Sum256(w.server.Certificate().Raw))
	var pins []link.Fingerprint
	client := link.PinnedClient(func() []link.Fingerprint { return pins })
	defer client.CloseIdleConnections()
	for name, c := range map[string]struct {
		pins []link.Fingerprint
		ok   bool
	}{
		"none": {nil, false}, "another": {[]link.Fingerprint{{1}}, false}, "old and new": {[]link.Fingerprint{{1}, pin}, true},
	} {
		pins = c.pins
		res, err := client.Get(w.server.URL + "/health")
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			res.Body.Close()
			client.CloseIdleConnections()
		}
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
	until(t, 3*time.Second, "twenty counted as dropped", func() bool {
		return count(t, w.gateway.metrics.dropped.WithLabelValues("not its own")) == 20
	})
}

func TestAPanicOverOnePageLeavesTheOthers(t *testing.T) {
	w := newWard(t, nil)
	e := encounter(w)
	a := w.dispatch(e)
	w.recorder.panicOn = "divert"
	victim, page := w.open(w.signIn("ann")), w.open(w.signIn("ben"))
	a.send(5)
	until(t, 5*time.Second, "frames", func() bool { return page.count(e) == 5 && victim.count(e) == 5 })
	victim.say(map[string]any{"type": "act", "id": 1, "encounter": e, "kind": "divert"})
	<-victim.done
	a.send(5)
	until(t, 5*time.Second, "frames at the other page", func() bool { return page.count(e) == 10 })
	if n := count(t, w.gateway.metrics.panics); n != 1 {
		t.Errorf("%v panics were counted", n)
	}
}

func TestActsAreRecordedOrSaidNotToBe(t *testing.T) {
	w := newWard(t, nil)
	e := encounter(w)
	page := w.open(w.signIn("ann"))
	for i, c := range []struct {
		name string
		say  map[string]any
		ok   bool
	}{
		{"an acceptance", map[string]any{"encounter": e, "kind": "accept", "body": map[string]any{"bay": "2"}}, true},
		{"no kind", map[string]any{"encounter": e}, false},
		{"a kind that is no word", map[string]any{"encounter": e, "kind": "../x"}, false},
		{"a body too long", map[string]any{"encounter": e, "kind": "chat", "body": strings.Repeat("x", actSize)}, false},
		{"no encounter", map[string]any{"kind": "accept"}, false},
	} {
		c.say["type"], c.say["id"] = "act", i+1
		page.say(c.say)
		until(t, 3*time.Second, "an answer to "+c.name, func() bool {
			page.mu.Lock()
			defer page.mu.Unlock()
			return slices.ContainsFunc(page.other, func(m map[string]any) bool {
				return m["type"] == "answer" && m["id"] == float64(i+1) && m["ok"] == c.ok
			})
		})
	}
	if len(w.recorder.acts) != 1 || !bytes.Equal(w.recorder.acts[0].Body, []byte(`{"bay":"2"}`)) {
		t.Errorf("the record holds %v", w.recorder.acts)
	}
}

func TestAPageThatMisbehavesIsDropped(t *testing.T) {
	w := newWard(t, nil)
	client := w.signIn("ann")
	for name, misbehave := range map[string]func(*websocket.Conn) error{
		"not JSON": func(c *websocket.Conn) error {
			return c.Write(context.Background(), websocket.MessageText, []byte("{"))
		},
		"binary": func(c *websocket.Conn) error {
			return c.Write(context.Background(), websocket.MessageBinary, []byte("{}"))
		},
		"unknown type": func(c *websocket.Conn) error {
			return c.Write(context.Background(), websocket.MessageText, []byte(`{"type":"x"}`))
		},
		"bad encounter": func(c *websocket.Conn) error {
			return c.Write(context.Background(), websocket.MessageText, []byte(`{"type":"act","encounter":"../../x"}`))
		},
		"too long": func(c *websocket.Conn) error {
			return c.Write(context.Background(), websocket.MessageText, bytes.Repeat([]byte(" "), messageSize+1))
		},
		"a flood": func(c *websocket.Conn) error {
			for range 2 * asksEach {
				if err := c.Write(context.Background(), websocket.MessageText, []byte(`{"type":"time"}`)); err != nil {
					return nil // dropped already
				}
			}
			return nil
		},
	} {
		page := w.open(client)
		if err := misbehave(page.conn); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		select {
		case <-page.done:
		case <-time.After(3 * time.Second):
			t.Errorf("%s: the page was not dropped", name)
		}
	}
	page := w.open(client)
	page.say(map[string]any{"type": "watch", "tile": 99})
	page.say(map[string]any{"type": "time", "id": 5})
	until(t, 3*time.Second, "the time", func() bool { page.mu.Lock(); defer page.mu.Unlock(); return len(page.other) == 2 })
}

func TestASlowPageIsDroppedAndCounted(t *testing.T) {
	w := newWard(t, nil)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	v := &viewer{g: w.gateway, queue: make(chan message, viewerQueue), cancel: cancel}
	for range viewerQueue {
		v.push(message{})
	}
	if ctx.Err() != nil {
		t.Fatal("it was dropped too soon")
	}
	v.push(message{})
	v.push(message{})
	if ctx.Err() == nil {
		t.Error("a full queue did not drop it")
	}
	if n := count(t, w.gateway.metrics.viewersDropped.WithLabelValues("too slow")); n != 1 {
		t.Errorf("%v were counted", n)
	}
}

func TestAPageThatStopsReadingHoldsUpNobody(t *testing.T) {
	w := newWard(t, nil)
	e := encounter(w)
	a := w.dispatch(e)
	stuck, _, err := websocket.Dial(context.Background(), w.server.URL+"/watch", &websocket.DialOptions{HTTPClient: w.signIn("ann")})
	if err != nil {
		t.Fatal(err)
	}
	defer stuck.CloseNow()
	page := w.open(w.signIn("ben"))
	a.send(5)
	until(t, 5*time.Second, "frames", func() bool { return page.count(e) == 5 })
	if err := stuck.Write(context.Background(), websocket.MessageText, []byte(`{"type":"watch","tile":1}`)); err != nil {
		t.Fatal(err)
	}
	a.send(100)
	until(t, 2*time.Second, "all frames at the page that reads", func() bool { return page.count(e) == 105 })
}

func TestSigningOutClosesThePages(t *testing.T) {
	w := newWard(t, nil)
	client := w.signIn("ann")
	page := w.open(client)
	if res := w.post(client, "/sign-out", "", nil); res.StatusCode != http.StatusNoContent {
		t.Errorf("signing out gave %d", res.StatusCode)
	}
	select {
	case <-page.done:
	case <-time.After(3 * time.Second):
		t.Error("her page stayed open")
	}
	if res, err := client.Get(w.server.URL + "/session"); err != nil || res.StatusCode != http.StatusUnauthorized {
		t.Errorf("her session goes on: %v", res)
	}
}

func TestMetricsHoldNoPatient(t *testing.T) {
	w := newWard(t, nil)
	e := encounter(w)
	a := w.dispatch(e)
	page := w.open(w.signIn("ann"))
	a.send(10)
	until(t, 5*time.Second, "frames", func() bool { return page.count(e) == 10 })
	res, err := w.server.Client().Get(w.server.URL + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	if !bytes.Contains(body, []byte("fieldkit_gateway_frames_total 10")) {
		t.Errorf("the frames are not counted:\n%s", body)
	}
	for _, secret := range []string{e.String(), deviceName(a.device), "MEDIC", "P1", "Nonin", "ann", w.name} {
		if bytes.Contains(body, []byte(secret)) {
			t.Errorf("the metrics hold %q", secret)
		}
	}
	var health struct {
		OK                bool
		Vehicles, Viewers int
	}
	res, err = w.server.Client().Get(w.server.URL + "/health")
	if err != nil || json.NewDecoder(res.Body).Decode(&health) != nil || !health.OK || health.Vehicles != 1 || health.Viewers != 1 {
		t.Errorf("health is %+v", health)
	}
}

// ask sends a signalling request.
func (w *ward) ask(method, path, body string, header map[string]string) *http.Response {
	w.t.Helper()
	req, err := http.NewRequest(method, w.server.URL+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res, err := w.server.Client().Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	res.Body.Close()
	return res
}

func TestOffersThatAreNotAVehiclesOwnAreRefused(t *testing.T) {
	w := newWard(t, nil)
	public, key, _ := ed25519.GenerateKey(rand.Reader)
	device := strings.Repeat("ab", 32)
	w.recorder.roster[device] = public
	challenge := func() []byte {
		res := w.ask("POST", "/live", "", map[string]string{link.HeaderDevice: device})
		if res.StatusCode != http.StatusPreconditionRequired {
			t.Fatalf("asking for a challenge gave %d", res.StatusCode)
		}
		c, err := link.DecodeHeader(res.Header.Get(link.HeaderChallenge))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	signed := func(c []byte, sdp string, by ed25519.PrivateKey) map[string]string {
		terms := link.Terms{Device: device, Gateway: w.name, Challenge: c, Offer: []byte(sdp)}
		return map[string]string{link.HeaderDevice: device, link.HeaderChallenge: link.EncodeHeader(c), "Content-Type": link.ContentSDP,
			link.HeaderSignature: link.EncodeHeader(ed25519.Sign(by, terms.OfferMessage()))}
	}
	_, stranger, _ := ed25519.GenerateKey(rand.Reader)
	with := func(h map[string]string, k, v string) map[string]string { h[k] = v; return h }
	forged := make([]byte, challengeSize)
	for _, c := range []struct {
		name, method, path, body string
		header                   map[string]string
		want                     int
	}{
		{"no device", "POST", "/live", "v=0", map[string]string{"Content-Type": link.ContentSDP}, 400},
		{"a device that is no name", "POST", "/live", "", map[string]string{link.HeaderDevice: "../../etc/passwd"}, 400},
		{"a device in capitals", "POST", "/live", "", map[string]string{link.HeaderDevice: strings.ToUpper(device)}, 400},
		{"no challenge", "POST", "/live", "", map[string]string{link.HeaderDevice: device}, 428},
		{"a forged challenge", "POST", "/live", "v=0", signed(forged, "v=0", key), 428},
		{"a challenge that is not base64", "POST", "/live", "v=0", with(signed(challenge(), "v=0", key), link.HeaderChallenge, "!"), 400},
		{"another's signature", "POST", "/live", "v=0", signed(challenge(), "v=0", stranger), 403},
		{"a signature of another offer", "POST", "/live", "v=0\r\n", signed(challenge(), "v=0", key), 403},
		{"an unknown device", "POST", "/live", "v=0", with(signed(challenge(), "v=0", key), link.HeaderDevice, strings.Repeat("cd", 32)), 403},
		{"another type", "POST", "/live", "v=0", with(signed(challenge(), "v=0", key), "Content-Type", "text/plain"), 415},
		{"too long", "POST", "/live", strings.Repeat("v", offerSize+1), signed(challenge(), "v=0", key), 413},
		{"signed garbage", "POST", "/live", "v=0", signed(challenge(), "v=0", key), 400},
		{"moving a connection that is not there", "PATCH", "/live/0123", "v=0", signed(challenge(), "v=0", key), 404},
		{"ending a connection that is not there", "DELETE", "/live/0123", "", map[string]string{link.HeaderDevice: device}, 404},
		{"another method", "PUT", "/live", "v=0", nil, 405},
		{"another path", "POST", "/live/../live/x", "v=0", nil, 405},
		{"a socket without a challenge", "GET", "/live/socket", "", map[string]string{link.HeaderDevice: device}, 428},
		{"a socket that is no socket", "GET", "/live/socket", "", signed(challenge(), link.SocketOffer, key), 426},
	} {
		res := w.ask(c.method, c.path, c.body, c.header)
		if res.StatusCode != c.want {
			t.Errorf("%s: %d, want %d", c.name, res.StatusCode, c.want)
		}
	}
	once := signed(challenge(), "v=0", key)
	w.ask("POST", "/live", "v=0", once)
	checks := w.recorder.checks
	if res := w.ask("POST", "/live", "v=0", once); res.StatusCode != http.StatusPreconditionRequired || w.recorder.checks != checks {
		t.Errorf("an offer sent twice gave %d, and the recorder was asked %d times more", res.StatusCode, w.recorder.checks-checks)
	}
}

func TestAnotherDeviceCannotEndAConnection(t *testing.T) {
	w := newWard(t, nil)
	e := encounter(w)
	a := w.dispatch(e)
	page := w.open(w.signIn("ann"))
	a.send(5)
	until(t, 5*time.Second, "frames", func() bool { return page.count(e) == 5 })
	w.gateway.mu.Lock()
	var id string
	for id = range w.gateway.sessions {
	}
	w.gateway.mu.Unlock()
	if res := w.ask("DELETE", "/live/"+id, "", map[string]string{link.HeaderDevice: strings.Repeat("cd", 32)}); res.StatusCode != 404 {
		t.Errorf("another device's DELETE gave %d", res.StatusCode)
	}
	if res := w.ask("DELETE", "/live/"+id, "", map[string]string{link.HeaderDevice: deviceName(a.device)}); res.StatusCode != 200 {
		t.Errorf("its own DELETE gave %d", res.StatusCode)
	}
}

func TestChallengesAreGoodOnceAndNotForLong(t *testing.T) {
	c := newChallenges([32]byte{1})
	a, b := c.give(), c.give()
	if !c.use(a) || c.use(a) || !c.use(b) {
		t.Error("a challenge must be good exactly once")
	}
	old := c.give()
	c.began = c.began.Add(-challengeFor - time.Second)
	if c.good(old) {
		t.Error("an old challenge is still good")
	}
	if other := newChallenges([32]byte{2}); other.good(c.give()) {
		t.Error("another gateway's challenge is good")
	}
	for range 3 {
		c.use(c.give())
	}
	c.began = c.began.Add(-2 * challengeFor)
	c.use(c.give())
	if len(c.used) != 1 {
		t.Errorf("%d used challenges are still remembered", len(c.used))
	}
}

func TestCrossSiteRequestsAreRefused(t *testing.T) {
	w := newWard(t, nil)
	e := encounter(w)
	client := w.signIn("ann")
	for name, h := range map[string]http.Header{
		"another site":   {"Sec-Fetch-Site": {"cross-site"}},
		"a sibling site": {"Sec-Fetch-Site": {"same-site"}},
		"another origin": {"Origin": {"https://evil.example"}},
		"no origin":      {"Origin": {"null"}},
	} {
		if res := w.post(client, "/sign-in", `{"name":"ann","secret":"correct horse"}`, h); res.StatusCode != http.StatusForbidden {
			t.Errorf("%s: signing in gave %d", name, res.StatusCode)
		}
		if res := w.post(client, "/sign-out", "", h); res.StatusCode != http.StatusForbidden {
			t.Errorf("%s: signing out gave %d", name, res.StatusCode)
		}
		if conn, _, err := websocket.Dial(context.Background(), w.server.URL+"/watch", &websocket.DialOptions{HTTPClient: client, HTTPHeader: h}); err == nil {
			t.Errorf("%s: watching was let in", name)
			conn.CloseNow()
		}
	}
	req, _ := http.NewRequest("GET", w.server.URL+"/chart/"+e.String(), nil)
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	if res, err := client.Do(req); err != nil || res.StatusCode != http.StatusForbidden {
		t.Errorf("reading a chart from another site gave %v", res)
	}
	if _, _, err := websocket.Dial(context.Background(), w.server.URL+"/watch", &websocket.DialOptions{HTTPClient: w.server.Client()}); err == nil {
		t.Error("watching without signing in was let in")
	}
}

func TestWrongPasswordsAreSlowed(t *testing.T) {
	w := newWard(t, nil)
	var got []int
	for range 5 {
		res := w.post(w.server.Client(), "/sign-in", `{"name":"ann","secret":"guess"}`, nil)
		got = append(got, res.StatusCode)
		if res.StatusCode == http.StatusTooManyRequests && res.Header.Get("Retry-After") == "" {
			t.Error("it does not say how long to wait")
		}
	}
	if want := []int{401, 401, 401, 429, 429}; !slices.Equal(got, want) {
		t.Errorf("five guesses gave %v, want %v", got, want)
	}
	if w.recorder.attempts != 3 {
		t.Errorf("the recorder was asked %d times", w.recorder.attempts)
	}
	for body, want := range map[string]int{`{`: 400, `{"name":"","secret":"x"}`: 400, `[]`: 400, strings.Repeat(" ", signInSize+1): 400} {
		if res := w.post(w.server.Client(), "/sign-in", body, nil); res.StatusCode != want {
			t.Errorf("%.20q gave %d", body, res.StatusCode)
		}
	}
	if res := w.post(w.server.Client(), "/sign-in", `{}`, http.Header{"Content-Type": {"text/plain"}}); res.StatusCode != 415 {
		t.Errorf("a form's type gave %d", res.StatusCode)
	}
}

func TestHowLongAWrongPasswordWaits(t *testing.T) {
	now := time.Unix(1e9, 0)
	s := newSlowdown()
	s.now = func() time.Time { return now }
	fail := func(n int, from, name string) {
		for range n {
			s.failed(from, name)
		}
	}
	for _, c := range []struct {
		name       string
		fails      int
		from, who  string
		askFrom    string
		ask        string
		want       time.Duration
		afterwards time.Duration
	}{
		{"two wrong", 2, "a", "ann", "a", "ann", 0, 0},
		{"three wrong", 3, "b", "bob", "b", "bob", time.Second, 0},
		{"three wrong, a second later", 3, "c", "cyd", "c", "cyd", 0, time.Second},
		{"six wrong", 6, "d", "dan", "d", "dan", 8 * time.Second, 0},
		{"many wrong wait a minute at most", 40, "e", "eve", "e", "eve", time.Minute, 0},
		{"the owner elsewhere waits five seconds at most", 40, "f", "fay", "z", "fay", 5 * time.Second, 0},
		{"a colleague at the same address is slowed only after many", 14, "g", "gus", "g", "hal", 0, 0},
		{"a colleague at an address that guesses", 17, "h", "ida", "h", "jo", 4 * time.Second, 0},
	} {
		fail(c.fails, c.from, c.who)
		now = now.Add(c.afterwards)
		if got := s.wait(c.askFrom, c.ask); got != max(c.want, 0) && (c.want != 0 || got > 0) {
			t.Errorf("%s: waits %v, want %v", c.name, got, c.want)
		}
	}
	for i := range rememberMax {
		s.failed(string(rune('a'+i%26)), rand.Text())
	}
	if len(s.by) > rememberMax+3 {
		t.Errorf("it remembers %d", len(s.by))
	}
}

func TestAnAddressThatAsksTooOftenWaits(t *testing.T) {
	now := time.Unix(1e9, 0)
	tap := newTap()
	tap.now = func() time.Time { return now }
	for i := range int(tapBurst) {
		if !tap.allow("a") {
			t.Fatalf("request %d was refused", i)
		}
	}
	if tap.allow("a") {
		t.Error("one beyond the burst was let in")
	}
	if !tap.allow("b") {
		t.Error("another address was refused")
	}
	now = now.Add(time.Second)
	if !tap.allow("a") {
		t.Error("a second later it is still refused")
	}
	for range 2 * tapsMax {
		tap.allow(rand.Text())
	}
	if len(tap.by) > tapsMax {
		t.Errorf("it remembers %d addresses", len(tap.by))
	}
	w := newWard(t, nil)
	refused := 0
	for range int(tapBurst) + 20 {
		if w.ask("GET", "/session", "", nil).StatusCode == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused == 0 {
		t.Error("the gateway refused none")
	}
}

func TestThePageAndNothingElseIsServed(t *testing.T) {
	w := newWard(t, nil)
	for path, want := range map[string]int{
		"/": 200, "/board.js": 200, "/deep/file.css": 200,
		"/.secret": 404, "/deep": 404, "/deep/": 404, "/nothing": 404, "/%2e%2e/%2e%2e/etc/passwd": 404, "/..%5c..%5cx": 404,
		"/deep/%2e%2e/.secret": 404, "/board.js/": 404, "//board.js": 404, "/deep//file.css": 404, "/" + strings.Repeat("a", 600): 414,
		"/chart/../../x": 404, "/chart/not-an-id": 404, "/board.js%00": 404,
	} {
		req, err := http.NewRequest("GET", w.server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.URL.Opaque = "//" + req.URL.Host + path
		client := *w.server.Client()
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		// A redirect to the clean path is as good as not found: the clean path is in this table.
		if res.StatusCode != want && !(want == 404 && res.StatusCode/100 == 3) {
			t.Errorf("%s gave %d, want %d", path, res.StatusCode, want)
		}
		if bytes.Contains(body, []byte("root:")) || bytes.Equal(body, []byte("no")) {
			t.Errorf("%s leaked %q", path, body)
		}
		for _, h := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Resource-Policy"} {
			if res.Header.Get(h) == "" && res.StatusCode/100 != 3 {
				t.Errorf("%s lacks %s", path, h)
			}
		}
	}
}

func TestAnAnswerThatCannotBeSignedOpensNothing(t *testing.T) {
	w := newWard(t, func(c *Config) { c.Roster = mute{c.Roster} })
	e := encounter(w)
	a := w.dispatch(e)
	a.send(20)
	until(t, 5*time.Second, "a reason in the vehicle", func() bool { return strings.Contains(a.vehicle.State().Problem, "503") })
	w.gateway.mu.Lock()
	defer w.gateway.mu.Unlock()
	if len(w.gateway.sessions) != 0 {
		t.Errorf("%d connections were left", len(w.gateway.sessions))
	}
}

type mute struct{ Roster }

func (mute) SignAnswer(context.Context, link.Terms) ([]byte, error) { return nil, errors.New("locked") }
