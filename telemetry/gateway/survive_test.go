package gateway

import (
	"crypto/sha256"
	"encoding/json"
	"log/slog"
	"sync"
	"testing"
	"time"

	"fieldkit/telemetry/link"
	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// A bed is one patient's frames of a vehicle, made without a link.
type bed struct {
	t       *testing.T
	v       *vehicle
	stream  uint8
	run     uint64
	binding wave.Binding
	rate    int64
	at      vital.Instant
	seq     uint32
	encoder wave.Encoder
}

// send brings n frames of b to the gateway, a tenth of a second each.
func (b *bed) send(n int, ended bool) {
	b.t.Helper()
	for range n {
		b.at = b.at.Add(100 * time.Millisecond)
		b.seq++
		now := wave.Now{Time: b.at, Binding: b.binding, Ended: ended}
		if !ended {
			r := vital.Of(vital.PulseRate, vital.Int(b.rate))
			r.Arrived = b.at
			now.Numerics = []vital.Reading{r}
		}
		bytes, err := b.encoder.Encode(nil, &now)
		if err != nil {
			b.t.Fatal(err)
		}
		b.v.Frame(b.run, link.Frame{Stream: b.stream, Seq: b.seq, Bytes: bytes})
	}
}

// rates are the numbers that the page was shown of each encounter; a frame that
// names another encounter than its tile fails the test.
func (b *board) rates() map[chart.ID]map[string]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := map[chart.ID]map[string]int{}
	for handle, tile := range b.tiles {
		if out[tile.Encounter] == nil {
			out[tile.Encounter] = map[string]int{}
		}
		for seq, f := range b.frames[handle] {
			if chart.ID(f.Binding.Encounter) != tile.Encounter {
				b.t.Errorf("frame %d of %v is in the tile of %v", seq, f.Binding.Encounter, tile.Encounter)
			}
			for _, r := range f.Numerics {
				v, _ := r.Value()
				out[tile.Encounter][v.String()]++
			}
		}
	}
	return out
}

// Two patients lie in one vehicle. The first is handed over mid-stream; a third
// takes the number of its stream, with frames of the first still under way.
func TestTwoPatientsInOneVehicleAndOneHandedOverMidStream(t *testing.T) {
	w := newWard(t, nil)
	first, second, third := encounter(w), encounter(w), encounter(w)
	device := chart.Device{1}
	v := w.gateway.newVehicle(admitted{device: device, callSign: "MEDIC 1"})
	v.State(link.State{Phase: link.Live})
	page := w.open(w.signIn("ann"))
	of := func(e chart.ID, stream uint8, rate int64) *bed {
		return &bed{t: t, v: v, stream: stream, run: 1, rate: rate, binding: wave.Binding{Encounter: e, Station: device, Tag: "P"}}
	}
	a, b := of(first, 0, 70), of(second, 1, 120)
	for range 20 {
		a.send(1, false)
		b.send(1, false)
	}
	until(t, "both patients", func() bool { return page.count(first) == 20 && page.count(second) == 20 })
	w.gateway.Clear(first)
	until(t, "the first one's end", func() bool { return page.ended(first) != "" })
	a.send(3, false) // under way when it was handed over
	a.send(1, true)
	a.binding.Encounter, a.rate = third, 45
	for range 20 {
		a.send(1, false)
		b.send(1, false)
	}
	until(t, "the third and the second", func() bool { return page.count(third) == 20 && page.count(second) == 40 })
	if page.ended(second) != "" {
		t.Error("the second patient's tile was cleared with the first one's")
	}
	for e, want := range map[chart.ID]string{first: "70", second: "120", third: "45"} {
		if got := page.rates()[e]; len(got) != 1 || got[want] == 0 {
			t.Errorf("of the patient whose pulse is %s the page was shown %v", want, got)
		}
	}
	if n := page.count(first); n != 20 {
		t.Errorf("%d frames of the first were shown after the handover", n-20)
	}
}

// The vehicle's live process starts again and counts its frames from 1: the tile
// goes on, and what lies between is asked of the journal.
func TestAVehicleThatStartsAgainKeepsItsTile(t *testing.T) {
	var mu sync.Mutex
	var gaps []Gap
	w := newWard(t, func(c *Config) {
		c.Gap = func(g Gap) { mu.Lock(); defer mu.Unlock(); gaps = append(gaps, g) }
	})
	e := encounter(w)
	device := chart.Device{2}
	v := w.gateway.newVehicle(admitted{device: device, callSign: "MEDIC 1"})
	v.State(link.State{Phase: link.Live})
	page := w.open(w.signIn("ann"))
	b := &bed{t: t, v: v, run: 1, rate: 70, binding: wave.Binding{Encounter: e, Station: device}}
	b.send(20, false)
	until(t, "frames", func() bool { return page.count(e) == 20 })
	until20 := b.at
	b.run, b.seq, b.encoder = 2, 0, wave.Encoder{}
	b.at, b.rate = b.at.Add(2*time.Second), 71
	b.send(30, false)
	until(t, "the frames of after", func() bool { return page.count(e) == 30 && page.rates()[e]["71"] > 0 })
	page.mu.Lock()
	if len(page.tiles) != 1 || len(page.ends) != 0 {
		t.Errorf("there are %d tiles, %d of them ended", len(page.tiles), len(page.ends))
	}
	page.mu.Unlock()
	mu.Lock()
	defer mu.Unlock()
	if len(gaps) != 1 || gaps[0].Binding != b.binding || gaps[0].From > time.Duration(until20.Add(100*time.Millisecond)) || gaps[0].To < time.Duration(until20.Add(2*time.Second)) {
		t.Errorf("of the journal was asked %+v", gaps)
	}
}

// A live link goes on when the hospital's certificate is another one than is
// enrolled; a new connection needs the new one enrolled, and no restart.
func TestACertificateThatChangesCutsNoLinkThatStands(t *testing.T) {
	w := newWard(t, nil)
	e := encounter(w)
	right := link.Fingerprint(sha256.Sum256(w.server.Certificate().Raw))
	var mu sync.Mutex
	enrolled := right
	w.pins = func() []link.Fingerprint { mu.Lock(); defer mu.Unlock(); return []link.Fingerprint{enrolled} }
	a := w.dispatch(e)
	client := w.signIn("ann")
	page := w.open(client)
	a.send(10)
	until(t, "frames", func() bool { return page.count(e) == 10 })
	mu.Lock()
	enrolled = link.Fingerprint{1}
	mu.Unlock()
	a.send(10)
	until(t, "frames over the link that stands", func() bool { return page.count(e) == 20 })
	w.server.CloseClientConnections()
	w.restart() // the link is gone, and the certificate is not the enrolled one
	a.send(20)
	until(t, "a reason in the vehicle", func() bool { return a.vehicle.State().Problem != "" })
	mu.Lock()
	enrolled = right
	mu.Unlock()
	again := w.open(client)
	until(t, "frames again", func() bool { a.send(5); return again.count(e) > 0 })
}

// FuzzFrameOfAVehicle gives what an enrolled but broken vehicle may send to the
// whole path behind the link.
func FuzzFrameOfAVehicle(f *testing.F) {
	var encoder wave.Encoder
	good, err := encoder.Encode(nil, &wave.Now{Time: 5, Binding: wave.Binding{Encounter: chart.ID{1}, Station: chart.Device{1}, Tag: "P1"}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint64(1), uint8(0), uint32(1), good)
	f.Add(uint64(2), uint8(7), uint32(9), good[:len(good)/2])
	f.Add(uint64(0), uint8(1), uint32(0), []byte{})
	g := &Gateway{metrics: newMetrics(), log: slog.New(slog.DiscardHandler), closed: true, tiles: map[uint32]*tile{}, vehicles: map[chart.Device]*vehicle{}}
	f.Fuzz(func(t *testing.T, run uint64, stream uint8, seq uint32, b []byte) {
		v := g.newVehicle(admitted{device: chart.Device{1}})
		for i := range uint32(2 * waitingAtMost) {
			v.Frame(run, link.Frame{Stream: stream % link.MaxStreams, Seq: seq + i, Bytes: b})
		}
		v.Frame(run+1, link.Frame{Stream: stream % link.MaxStreams, Seq: seq, Bytes: good})
		for i := range v.streams {
			if len(v.streams[i].waiting) > waitingAtMost {
				t.Errorf("%d frames wait", len(v.streams[i].waiting))
			}
		}
		v.clear("the end")
	})
}

// FuzzPageMessage reads what a page may say; nothing of it may be out of bounds
// when it reaches the recorder.
func FuzzPageMessage(f *testing.F) {
	f.Add([]byte(`{"type":"watch","tile":1}`))
	f.Add([]byte(`{"type":"act","id":1,"encounter":"018f0000-0000-7000-8000-000000000001","kind":"accept","body":{"bay":"2"}}`))
	f.Add([]byte(`{"type":"act","kind":"../x","encounter":[1]}`))
	f.Add([]byte(`{"type":"time","id":4294967296}`))
	desk := &recorder{tokens: map[string]Person{}}
	g := &Gateway{metrics: newMetrics(), log: slog.New(slog.DiscardHandler), closed: true, conf: Config{Desk: desk}}
	f.Fuzz(func(t *testing.T, b []byte) {
		var m pageMessage
		if len(b) > messageSize || json.Unmarshal(b, &m) != nil {
			return
		}
		v := &viewer{g: g, queue: make(chan message, viewerQueue), cancel: func() {}, may: map[uint32]*tile{}, watched: map[uint32]watching{}}
		v.take(t.Context(), m)
		desk.mu.Lock()
		defer desk.mu.Unlock()
		for _, a := range desk.acts {
			if !actName(a.Kind) || len(a.Body) > actSize || a.Encounter == (chart.ID{}) {
				t.Errorf("the recorder was given %+v", a)
			}
		}
		desk.acts = nil
	})
}
