package kit

import (
	"context"
	"encoding/json"
	"net"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/journal"
	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/triage/vital/pack"
)

// ends are the two ends of the socket between recorder and live process.
func ends(t *testing.T) (recorder *Between, live net.Conn) {
	t.Helper()
	a, b, err := packetPair()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := packets(a)
	if err != nil {
		t.Fatal(err)
	}
	if live, err = packets(b); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); live.Close() })
	return newBetween(conn, func(context.Context, string, []byte) ([]byte, error) { return nil, nil }), live
}

func TestALiveFrameDoesNotWaitBehindAnAnswerThatFindsNoRoom(t *testing.T) {
	b, _ := ends(t)
	for b.Dropped() == 0 { // the live process does not read
		b.Tell("frame", make([]byte, 32<<10))
	}
	answered := make(chan error, 1)
	go func() { answered <- b.write(heading{ID: 1, Answer: true}, make([]byte, 64<<10), time.Hour) }()
	time.Sleep(20 * tellWait)
	for range 10 {
		b.Tell("frame", make([]byte, 64<<10)) // behind the answer they would wait an hour
	}
	select {
	case err := <-answered:
		t.Errorf("the answer gave up before its time (%v)", err)
	default:
	}
	if err := b.conn.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-answered; err == nil {
		t.Error("an answer that found no room counts as sent")
	}
}

func TestALongGapIsFilledWholeAndOnlyWhileSomeoneWaits(t *testing.T) {
	const seconds = 30
	k, token := newKit(t)
	opened, err := k.Record(t.Context(), token, api.Draft{Kind: "encounter-opened", Content: json.RawMessage(`{"setting":"ambulance"}`)})
	if err != nil {
		t.Fatal(err)
	}
	m, err := k.member()
	if err != nil {
		t.Fatal(err)
	}
	samples := make([]int32, 250)
	for i := range samples {
		samples[i] = int32(i * i % 997) // does not pack well
	}
	packed, err := pack.Append(nil, samples)
	if err != nil {
		t.Fatal(err)
	}
	second := &chart.Second{Monitors: []string{"Nonin 77"}}
	for _, lead := range []vital.Lead{vital.ECGII, vital.Pleth, vital.Resp} {
		second.Blocks = append(second.Blocks, chart.Block{Lead: lead, Rate: vital.Int(250), Scale: vital.Int(1), Max: 1000, Count: uint32(len(samples)), Packed: packed})
	}
	var drafts []store.Draft
	for i := range seconds {
		body, err := stationBody(k.clock, second, nil, false)
		if err != nil {
			t.Fatal(err)
		}
		body.Encounter, body.Mono = opened.Encounter, time.Duration(i*int(time.Second)).Milliseconds()
		drafts = append(drafts, store.Draft{Team: m.team, Log: journal.Stream, Body: body})
	}
	refs, err := k.store.Commit(t.Context(), m.signer, drafts)
	if err != nil {
		t.Fatal(err)
	}
	var pieces []journal.Piece
	if err := k.store.Pieces(t.Context(), m.device, journal.Stream, refs[0].Epoch, 0, func(p journal.Piece) error {
		pieces = append(pieces, p)
		return nil
	}); err != nil {
		t.Fatal(err)
	}

	between, live := ends(t)
	k.live.between = between
	binding := wave.Binding{Encounter: opened.Encounter, Station: m.device, Epoch: refs[0].Epoch, Boot: k.clock.Boot()}
	waiting := &fill{to: vital.Instant(1<<63 - 1), until: time.Now().Add(time.Hour)}
	k.live.fills[binding] = waiting
	frames := make(chan int, 1)
	go func() {
		n, buffer := 0, make([]byte, maxPacket)
		for n < 10*seconds {
			live.SetReadDeadline(time.Now().Add(time.Minute))
			size, err := live.Read(buffer)
			if err != nil {
				break
			}
			var f filled
			if p, err := parsePacket(buffer[:size]); err == nil && p.Verb == "filled" && json.Unmarshal(p.payload, &f) == nil {
				n += len(f.Frames)
			}
		}
		frames <- n
	}()
	k.live.repaired(store.Change{Pieces: pieces})
	if n := <-frames; n != 10*seconds {
		t.Errorf("%d frames of %d came", n, 10*seconds)
	}

	waiting.until = time.Now().Add(-time.Second)
	k.live.repaired(store.Change{Pieces: pieces})
	if len(k.live.fills) != 0 {
		t.Error("a gap that nobody waits for any more is still filled")
	}
}
