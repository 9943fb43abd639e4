package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"fieldkit/triage/chart"
)

func TestAPersonSeesOnlyWhatTheyMay(t *testing.T) {
	w := newWard(t, nil)
	mine, other := encounter(w), encounter(w)
	w.recorder.watch["ann"] = map[chart.ID]bool{mine: true}
	a, b := w.dispatch(mine), w.dispatch(other)
	page := w.open(w.signIn("ann"))
	a.send(10)
	b.send(10)
	until(t, "her own patient", func() bool { return page.count(mine) == 10 })
	page.say(map[string]any{"type": "watch", "tile": 1})
	page.say(map[string]any{"type": "watch", "tile": 2})
	time.Sleep(200 * time.Millisecond)
	if page.count(other) != 0 || len(page.tiles) != 1 {
		t.Error("she was shown another's patient")
	}
}

func TestAPanicOverOnePageLeavesTheOthers(t *testing.T) {
	w := newWard(t, nil)
	e := encounter(w)
	a := w.dispatch(e)
	w.recorder.panicOn = "divert"
	victim, page := w.open(w.signIn("ann")), w.open(w.signIn("ben"))
	a.send(5)
	until(t, "frames", func() bool { return page.count(e) == 5 && victim.count(e) == 5 })
	victim.say(map[string]any{"type": "act", "id": 1, "encounter": e, "kind": "divert"})
	<-victim.done
	a.send(5)
	until(t, "frames at the other page", func() bool { return page.count(e) == 10 })
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
		until(t, "an answer to "+c.name, func() bool {
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
		case <-time.After(patience):
			t.Errorf("%s: the page was not dropped", name)
		}
	}
	page := w.open(client)
	page.say(map[string]any{"type": "watch", "tile": 99})
	page.say(map[string]any{"type": "time", "id": 5})
	until(t, "the time", func() bool { page.mu.Lock(); defer page.mu.Unlock(); return len(page.other) == 2 })
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
	until(t, "frames", func() bool { return page.count(e) == 5 })
	if err := stuck.Write(context.Background(), websocket.MessageText, []byte(`{"type":"watch","tile":1}`)); err != nil {
		t.Fatal(err)
	}
	a.send(100)
	until(t, "all frames at the page that reads", func() bool { return page.count(e) == 105 })
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
	case <-time.After(patience):
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
	until(t, "frames", func() bool { return page.count(e) == 10 })
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
