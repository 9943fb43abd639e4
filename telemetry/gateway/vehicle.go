package gateway

import (
	"context"
	"errors"
	"sync"
	"time"

	"fieldkit/telemetry/link"
	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// A vehicle is one station that sends: a link.Handler. Its frames come from one
// goroutine; what the page and the caller ask comes under its lock.
type vehicle struct {
	g        *Gateway
	device   chart.Device
	callSign string

	mu      sync.Mutex
	run     uint64
	streams [link.MaxStreams]stream
	state   link.State
	ended   bool
}

// A stream is one patient's frames of a vehicle.
type stream struct {
	decoder wave.Decoder
	frame   wave.Frame // scratch
	newest  uint64     // Seq of the frame that chose the tile
	tile    *tile      // nil before the first described frame
	resumed bool       // the tile is of the run before and no frame of this one came
	waiting []link.Frame
}

// waitingAtMost is how many frames wait for their description: two seconds.
const waitingAtMost = 20

func (g *Gateway) newVehicle(a admitted) *vehicle {
	return &vehicle{g: g, device: a.device, callSign: a.callSign}
}

// enter puts v on the list, once frames or states come: of the vehicles made for
// several offers of one device only the first is used by the link.
func (v *vehicle) enter() {
	v.g.mu.Lock()
	if !v.ended {
		v.g.vehicles[v.device] = v
	}
	v.g.mu.Unlock()
}

// State takes the link's state; see link.Handler.
func (v *vehicle) State(s link.State) {
	v.mu.Lock()
	v.state = s
	v.mu.Unlock()
	if s.Phase != link.Ended {
		v.enter()
		v.g.tellVehicle(v)
		return
	}
	v.clear("the vehicle has gone")
	v.g.mu.Lock()
	v.ended = true
	if v.g.vehicles[v.device] == v {
		delete(v.g.vehicles, v.device)
	}
	v.g.mu.Unlock()
	v.g.tellVehicle(v)
}

// Note hands on what the vehicle sent back; see link.Handler.
func (v *vehicle) Note(text []byte) {
	if v.g.conf.Note != nil {
		v.g.conf.Note(v.device, text)
	}
}

// Frame decodes a frame, finds its tile and shows it; see link.Handler.
func (v *vehicle) Frame(run uint64, f link.Frame) {
	arrived := time.Now()
	v.mu.Lock()
	defer v.mu.Unlock()
	if run != v.run {
		v.restart(run)
	}
	s := &v.streams[f.Stream]
	if !v.take(s, f, arrived) {
		return
	}
	waiting := s.waiting
	s.waiting = nil
	for _, w := range waiting {
		v.take(s, w, arrived)
	}
}

// restart begins anew: the vehicle's live process has started again and counts its
// frames from 1. A tile stays while its binding does, so that the gap is seen and
// filled; what lies between is asked of the journal.
func (v *vehicle) restart(run uint64) {
	v.run = run
	for i := range v.streams {
		t := v.streams[i].tile
		v.streams[i] = stream{tile: t, resumed: t != nil}
		if t != nil {
			t.recount()
		}
	}
}

// take shows one frame and reports whether a description may now be known that
// waiting frames lacked. The caller holds mu.
func (v *vehicle) take(s *stream, f link.Frame, arrived time.Time) bool {
	err := s.decoder.Decode(f.Bytes, &s.frame)
	switch {
	case errors.Is(err, wave.ErrNotDescribed):
		if len(s.waiting) < waitingAtMost {
			s.waiting = append(s.waiting, f)
		} else {
			v.g.metrics.dropped.WithLabelValues("not described").Inc()
		}
		return false
	case err != nil:
		v.g.metrics.dropped.WithLabelValues("malformed").Inc()
		return false
	case uint64(f.Seq) != s.frame.Seq || chart.Device(s.frame.Binding.Station) != v.device:
		// A frame that says another number or station than the link that brought
		// it is nobody's.
		v.g.metrics.dropped.WithLabelValues("not its own").Inc()
		return true
	}
	if s.frame.Seq > s.newest && !s.frame.Ended &&
		(s.tile == nil || s.tile.binding != s.frame.Binding || s.tile.mayReturn()) {
		v.end(s, "another patient or monitor")
		s.tile = v.g.newTile(v, s.frame.Binding, f.Stream)
	}
	if s.tile == nil || s.tile.binding != s.frame.Binding || s.tile.over() {
		s.newest = max(s.newest, s.frame.Seq)
		v.g.metrics.dropped.WithLabelValues("of no open binding").Inc()
		return true
	}
	s.newest = max(s.newest, s.frame.Seq)
	if s.frame.Ended {
		v.g.metrics.frames.Inc()
		s.tile.end(bindingEnded)
		return true
	}
	v.g.metrics.frames.Inc()
	if s.resumed {
		s.resumed = false
		if gap, ok := s.tile.gapBefore(s.frame.Time); ok && v.g.conf.Gap != nil {
			v.g.conf.Gap(gap)
		}
	}
	s.tile.add(f.Seq, s.frame.Time, f.Bytes, arrived, v.state.Trip)
	return true
}

// end clears a stream's tile.
func (v *vehicle) end(s *stream, why string) {
	if s.tile != nil {
		s.tile.end(why)
		s.tile = nil
	}
}

// Lost tells the caller what the journal must fill; see link.Handler.
func (v *vehicle) Lost(run uint64, number uint8, spans []link.Span) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, span := range spans {
		v.g.metrics.lost.Add(float64(span.To-span.From) + 1)
	}
	s := &v.streams[number]
	if run != v.run || s.tile == nil || v.g.conf.Gap == nil {
		return
	}
	for _, span := range spans {
		if gap, ok := s.tile.gap(span); ok {
			v.g.conf.Gap(gap)
		}
	}
}

// clear ends all tiles of the vehicle.
func (v *vehicle) clear(why string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range v.streams {
		if t := v.streams[i].tile; t != nil {
			t.end(why)
		}
	}
}

// clearEncounter ends the tiles of one encounter; frames of that binding that
// still come are dropped.
func (v *vehicle) clearEncounter(encounter chart.ID) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range v.streams {
		if t := v.streams[i].tile; t != nil && chart.ID(t.binding.Encounter) == encounter {
			t.end(leftHere)
		}
	}
}

// leftHere is why a tile ends whose encounter is no longer this hospital's.
const leftHere = "the encounter has left this hospital"

// Backfill shows frames that were made from the record for what live missed. They
// must be of binding b, each encoded by a wave.Encoder of its own, so that each can
// be read alone; those whose tenth came live, is older than half a minute or has no
// tile are left out. It returns how many were shown.
func (g *Gateway) Backfill(b wave.Binding, frames [][]byte) int {
	g.mu.Lock()
	var into *tile
	for _, t := range g.tiles {
		if t.binding == b {
			into = t
		}
	}
	g.mu.Unlock()
	if into == nil {
		return 0
	}
	var f wave.Frame
	shown := 0
	for _, raw := range frames {
		var alone wave.Decoder
		if alone.Decode(raw, &f) != nil || f.Binding != b || f.Ended {
			g.metrics.dropped.WithLabelValues("malformed").Inc()
			continue
		}
		if into.fill(f.Time, raw) {
			shown++
		}
	}
	g.metrics.filled.Add(float64(shown))
	return shown
}

// mayShow asks the recorder whether the binding may be shown, without holding up
// the link.
func (g *Gateway) mayShow(t *tile) {
	ok := g.start(func() {
		ctx, cancel := context.WithTimeout(g.ctx, answerWithin)
		defer cancel()
		err := g.conf.Roster.MayShow(ctx, t.binding)
		for err != nil && !errors.Is(err, ErrRefused) && g.ctx.Err() == nil && !t.over() {
			// The recorder is away for a moment: ask again, show nothing meanwhile.
			select {
			case <-g.ctx.Done():
				return
			case <-time.After(500 * time.Millisecond):
			}
			ctx, cancel := context.WithTimeout(g.ctx, answerWithin)
			err = g.conf.Roster.MayShow(ctx, t.binding)
			cancel()
		}
		if err != nil {
			g.metrics.dropped.WithLabelValues("not bound for here").Inc()
			t.end("not bound for this hospital")
			return
		}
		t.open()
		g.watchTile(t)
	})
	if !ok {
		t.end("closing")
	}
}

// lookEvery is how often an open tile asks whether it may still be shown. The recorder
// says so itself as soon as it knows (Clear); this is for what it said into a full
// queue, or died over.
const lookEvery = 5 * time.Second

// watchTile ends a tile once it may be shown no longer. A recorder that is away for a
// moment ends nothing.
func (g *Gateway) watchTile(t *tile) {
	look := time.NewTicker(g.look)
	defer look.Stop()
	for !t.over() {
		select {
		case <-g.ctx.Done():
			return
		case <-t.ended:
			return
		case <-look.C:
		}
		ctx, cancel := context.WithTimeout(g.ctx, answerWithin)
		err := g.conf.Roster.MayShow(ctx, t.binding)
		cancel()
		if errors.Is(err, ErrRefused) {
			g.metrics.dropped.WithLabelValues("not bound for here").Inc()
			t.end(leftHere)
		}
	}
}

// tenth is which tenth of a second of the station's clock t lies in.
func tenth(t vital.Instant) int64 { return int64(time.Duration(t) / (100 * time.Millisecond)) }
