package gateway

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sync"
	"time"

	"fieldkit/telemetry/link"
	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// A tile is one binding as viewers see it: one patient on one monitor. It shows
// nothing until the recorder has said that it may, keeps the last half minute for
// who comes late, and is over for good when the binding ends.
type tile struct {
	g       *Gateway
	v       *vehicle
	handle  uint32 // never used again while the gateway runs
	stream  uint8
	binding wave.Binding
	ended   chan struct{} // closed when it is over

	mu       sync.Mutex
	phase    tilePhase
	again    time.Time // when the same binding may be asked for again
	frames   []shown
	tenths   map[int64]bool // of the station's clock that are in frames
	newest   int64
	clock    clock
	watchers map[*viewer]bool
}

type tilePhase uint8

const (
	phaseAsking tilePhase = iota
	phaseOpen
	phaseOver
)

// askAgain is how long a refused or cleared binding stays refused: the record
// that binds it for this hospital may be on its way.
const askAgain = 2 * time.Second

// shown is a frame as it is kept for who comes late.
type shown struct {
	seq uint32 // 0 for one filled from the record
	at  vital.Instant
	raw []byte
}

// newTile makes the tile of a binding, nil when there are too many.
func (g *Gateway) newTile(v *vehicle, b wave.Binding, number uint8) *tile {
	g.mu.Lock()
	if g.closed || len(g.tiles) >= tilesAtMost {
		g.mu.Unlock()
		return nil
	}
	g.nextTile++
	t := &tile{g: g, v: v, handle: g.nextTile, stream: number, binding: b, ended: make(chan struct{}),
		tenths: map[int64]bool{}, watchers: map[*viewer]bool{}}
	g.tiles[t.handle] = t
	g.mu.Unlock()
	g.mayShow(t)
	return t
}

func (t *tile) encounter() chart.ID { return chart.ID(t.binding.Encounter) }

func (t *tile) over() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.phase == phaseOver
}

// mayReturn says that frames of the same binding may open a new tile.
func (t *tile) mayReturn() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.phase == phaseOver && !time.Now().Before(t.again)
}

// open lets viewers see the tile.
func (t *tile) open() {
	t.mu.Lock()
	if t.phase != phaseAsking {
		t.mu.Unlock()
		return
	}
	t.phase = phaseOpen
	t.mu.Unlock()
	t.g.mu.Lock()
	viewers := make([]*viewer, 0, len(t.g.viewers))
	for w := range t.g.viewers {
		viewers = append(viewers, w)
	}
	t.g.mu.Unlock()
	for _, w := range viewers {
		w.offer(t)
	}
}

// end clears the tile at every viewer. why is for people. A binding that its own
// vehicle ended may come back at once, any other after askAgain.
func (t *tile) end(why string) {
	t.mu.Lock()
	if t.phase == phaseOver {
		t.mu.Unlock()
		return
	}
	t.phase = phaseOver
	close(t.ended)
	if why != bindingEnded {
		t.again = time.Now().Add(askAgain)
	}
	t.frames, t.tenths = nil, nil
	t.watchers = nil
	t.mu.Unlock()

	t.g.mu.Lock()
	delete(t.g.tiles, t.handle)
	viewers := make([]*viewer, 0, len(t.g.viewers))
	for w := range t.g.viewers {
		viewers = append(viewers, w)
	}
	t.g.mu.Unlock()
	for _, w := range viewers {
		w.ended(t, why)
	}
}

// bindingEnded is why a tile ends when its own vehicle says so.
const bindingEnded = "the binding has ended"

// add shows a live frame and keeps it.
func (t *tile) add(seq uint32, at vital.Instant, raw []byte, arrived time.Time, trip time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.phase == phaseOver {
		return
	}
	delay := t.clock.heard(at, arrived, trip)
	t.g.metrics.delay.Observe(delay.Seconds())
	t.keep(shown{seq: seq, at: at, raw: raw})
}

// fill shows a frame made from the record, unless its tenth is there already.
func (t *tile) fill(at vital.Instant, raw []byte) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.phase == phaseOver || t.tenths[tenth(at)] || tenth(at) < t.newest-tenths(buffered) {
		return false
	}
	t.keep(shown{at: at, raw: raw})
	return true
}

// batchSize is about how long a message of several frames may be.
const batchSize = 48 << 10

// message is frames as they go to the page: the tile's handle, 4 bytes, then each
// frame behind its length, 2 bytes.
func (t *tile) message(frames ...[]byte) []byte {
	m := binary.BigEndian.AppendUint32(nil, t.handle)
	for _, f := range frames {
		m = append(binary.BigEndian.AppendUint16(m, uint16(len(f))), f...)
	}
	return m
}

// keep buffers a frame and sends it to who watches. The caller holds mu.
func (t *tile) keep(s shown) {
	t.newest = max(t.newest, tenth(s.at))
	t.frames = append(t.frames, s)
	t.tenths[tenth(s.at)] = true
	if int64(len(t.frames)) > 2*tenths(buffered) || tenth(t.frames[0].at) < t.newest-tenths(buffered) {
		t.frames = slices.DeleteFunc(t.frames, func(old shown) bool {
			gone := tenth(old.at) < t.newest-tenths(buffered)
			if gone {
				delete(t.tenths, tenth(old.at))
			}
			return gone
		})
		if n := len(t.frames) - 2*int(tenths(buffered)); n > 0 { // a station that repeats one tenth
			t.frames = slices.Delete(t.frames, 0, n)
		}
	}
	if len(t.watchers) == 0 {
		return
	}
	m := message{binary: true, bytes: t.message(s.raw)}
	for w := range t.watchers {
		w.push(m)
	}
}

// watch begins sending to w, the last half minute first; false when it is over.
func (t *tile) watch(w *viewer) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.phase != phaseOpen {
		return false
	}
	if t.watchers[w] {
		return true
	}
	t.watchers[w] = true
	for _, m := range t.recent() {
		w.push(message{binary: true, bytes: m})
	}
	return true
}

func (t *tile) unwatch(w *viewer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.watchers, w)
}

// recent is the buffered frames by sample time, in as few messages as fit, but
// beginning with the first that can be read without those before it. The caller
// holds mu.
func (t *tile) recent() [][]byte {
	frames := slices.Clone(t.frames)
	slices.SortStableFunc(frames, func(a, b shown) int { return cmp.Compare(a.at, b.at) })
	var decoder wave.Decoder
	var f wave.Frame
	first := slices.IndexFunc(frames, func(s shown) bool { return decoder.Decode(s.raw, &f) == nil })
	if first > 0 {
		frames = slices.Concat(frames[first:], frames[:first])
	}
	var out [][]byte
	var batch [][]byte
	size := 0
	for i, s := range frames {
		batch = append(batch, s.raw)
		size += len(s.raw)
		if size >= batchSize || i == len(frames)-1 {
			out = append(out, t.message(batch...))
			batch, size = nil, 0
		}
	}
	return out
}

// gap is the time between the frames around span, by the station's clock.
func (t *tile) gap(span link.Span) (Gap, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.phase == phaseOver {
		return Gap{}, false
	}
	g := Gap{Binding: t.binding}
	var before, after uint32
	for _, s := range t.frames {
		if s.seq > 0 && s.seq < span.From && s.seq > before {
			before, g.From = s.seq, time.Duration(s.at)+100*time.Millisecond
		}
		if s.seq > span.To && (after == 0 || s.seq < after) {
			after, g.To = s.seq, time.Duration(s.at)
		}
	}
	return g, true
}

// recount notes that its vehicle counts frames from 1 again: what is kept has no
// number any more.
func (t *tile) recount() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.frames {
		t.frames[i].seq = 0
	}
}

// gapBefore is what lies between the newest frame kept and one at that time.
func (t *tile) gapBefore(at vital.Instant) (Gap, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	from := vital.Instant(t.newest+1) * vital.Instant(100*time.Millisecond)
	if t.phase == phaseOver || t.newest == 0 || from >= at {
		return Gap{}, false
	}
	return Gap{Binding: t.binding, From: time.Duration(from), To: time.Duration(at)}, true
}

func tenths(d time.Duration) int64 { return int64(d / (100 * time.Millisecond)) }

// A clock maps a station's clock to the gateway's wall clock: base is gateway
// time, ms since 1970, minus station time. The fastest frame of the last half
// minute tells it; half the round trip is taken off, and so is the tenth that a
// frame takes to fill. Good to the asymmetry of the path and the sender's delay.
type clock struct {
	fast [2]time.Duration // this and the last window's smallest arrival minus sample time
	at   time.Time
	trip time.Duration
}

const clockWindow = 15 * time.Second

// heard takes a frame's arrival and returns how much later it came than the fastest.
func (c *clock) heard(at vital.Instant, arrived time.Time, trip time.Duration) time.Duration {
	d := time.Duration(arrived.UnixNano()) - time.Duration(at)
	if c.at.IsZero() {
		c.fast, c.at = [2]time.Duration{d, d}, arrived
	}
	if arrived.Sub(c.at) > clockWindow {
		c.fast[1], c.fast[0], c.at = c.fast[0], d, arrived
	}
	c.fast[0] = min(c.fast[0], d)
	c.trip = trip
	return d - min(c.fast[0], c.fast[1])
}

// base is what is added to a station time, in ms, to get gateway time in ms since 1970.
func (c *clock) base() int64 {
	return (min(c.fast[0], c.fast[1]) - c.trip/2 - 100*time.Millisecond).Milliseconds()
}
