package kit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"fieldkit/app/store"
	"fieldkit/sync/exchange"
	"fieldkit/sync/journal"
	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/triage/vital/pack"
)

// gap is a stretch of a binding's time that did not come live, by its station's
// clock. To is zero when its end is not known.
type gap struct {
	Binding  wave.Binding
	From, To time.Duration
}

// A fill is a gap being filled from the record.
type fill struct {
	from, to vital.Instant
	until    time.Time // then it is forgotten
}

const (
	// fillFor is how long what comes in of a gap's log is shown: the page keeps
	// half a minute.
	fillFor = 40 * time.Second
	// fillsMost bounds the gaps being filled at once.
	fillsMost = 64
	// fetchWait is the longest one range may take.
	fetchWait = 30 * time.Second
)

// gap fetches what the live stream lost from the station's own log, by range: the
// one repair path. What arrives is shown by repaired. Of one log one range is under way at a
// time: on a bad line gaps come faster than they are filled.
func (l *live) gap(ctx context.Context, g gap) error {
	from, err := l.fetchesFrom(ctx, g.Binding)
	if err != nil {
		return err
	}
	if len(from) == 0 || g.Binding.Epoch == (chart.Epoch{}) {
		return errRefused("nothing can be fetched now")
	}
	l.mu.Lock()
	l.dropFills(time.Now())
	f := l.fills[g.Binding]
	if f == nil {
		if len(l.fills) >= fillsMost {
			l.mu.Unlock()
			return errRefused("too many gaps at once")
		}
		f = &fill{from: vital.Instant(g.From)}
		l.fills[g.Binding] = f
	}
	f.from = min(f.from, vital.Instant(g.From))
	f.to = max(f.to, vital.Instant(g.To))
	if g.To == 0 {
		f.to = vital.Instant(1<<63 - 1)
	}
	f.until = time.Now().Add(fillFor)
	at := journal.Place{Device: g.Binding.Station, Epoch: g.Binding.Epoch}
	if _, under := l.fetches[at]; under { // its end may be short of this gap
		l.fetches[at] = true
		l.mu.Unlock()
		return nil
	}
	l.fetches[at] = false
	l.mu.Unlock()
	for {
		err := l.fetch(ctx, g, from)
		l.mu.Lock()
		again := l.fetches[at] && err == nil
		l.fetches[at] = false
		if !again {
			delete(l.fetches, at)
		}
		l.mu.Unlock()
		if !again {
			return err
		}
	}
}

// fetch asks once for what is not held of a gap's log.
func (l *live) fetch(ctx context.Context, g gap, from []*exchange.Exchange) error {
	ctx, stop := context.WithTimeout(ctx, fetchWait)
	defer stop()
	after, err := l.heldOf(ctx, g.Binding.Station, g.Binding.Epoch)
	if err != nil {
		return err
	}
	fetched := false
	for _, x := range from {
		err = x.Fetch(ctx, g.Binding.Station, exchange.Range{
			Device: g.Binding.Station, Log: journal.Stream, Epoch: g.Binding.Epoch, After: after, Upto: journal.MaxSeq,
		})
		fetched = fetched || err == nil || errors.Is(err, exchange.ErrShort)
	}
	if !fetched {
		return fmt.Errorf("fetch what live missed: %w", err)
	}
	return nil
}

// fetchesFrom are the exchanges by which a binding's station may hand over its log:
// its encounter's team's, or, before the record has come, all that the station may be
// met in.
func (l *live) fetchesFrom(ctx context.Context, b wave.Binding) (out []*exchange.Exchange, err error) {
	of, err := l.kit.teamOf(ctx, chart.ID(b.Encounter))
	if err != nil {
		return nil, err
	}
	for _, s := range l.kit.shares() {
		if of != nil && s != of {
			continue
		}
		if r := s.roster.Load(); r != nil {
			if from, ok := r.Member(b.Station); !ok || from.Out {
				continue
			}
		}
		s.mu.Lock()
		x := s.exchange
		s.mu.Unlock()
		if x != nil {
			out = append(out, x)
		}
	}
	return out, nil
}

// heldOf is how far a stream epoch is held here.
func (l *live) heldOf(ctx context.Context, d chart.Device, e chart.Epoch) (uint64, error) {
	heads, err := l.kit.store.Heads(ctx)
	if err != nil {
		return 0, err
	}
	for _, h := range heads {
		if h.Device == d && h.Log == journal.Stream && h.Epoch == e {
			return h.Seq, nil
		}
	}
	return 0, nil
}

// repaired hands the seconds of a change that fill a gap to the live process. It
// runs in the store's writing goroutine: it opens only pieces of a log that a gap
// waits for, and never waits.
func (l *live) repaired(c store.Change) {
	if c.Local || l.between == nil {
		return
	}
	l.mu.Lock()
	l.dropFills(time.Now())
	waiting := len(l.fills) > 0
	l.mu.Unlock()
	if !waiting {
		return
	}
	for _, p := range c.Pieces {
		if p.Head.Log == journal.Stream {
			l.fillFrom(p)
		}
	}
}

// dropFills forgets the fills that are over. Caller holds mu.
func (l *live) dropFills(now time.Time) {
	maps.DeleteFunc(l.fills, func(_ wave.Binding, f *fill) bool { return now.After(f.until) })
}

// fillFrom tells each second by itself: many together are more than a packet holds.
func (l *live) fillFrom(p journal.Piece) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for b, f := range l.fills {
		if b.Station != p.Head.Device || b.Epoch != p.Head.Epoch {
			continue
		}
		for _, r := range p.Records {
			filled := filled{Binding: b}
			e, err := journal.Read(p.Head.Device, r, kinds)
			second, ok := e.Content.(*chart.Second)
			at := vital.Instant(e.Mono)
			if err != nil || !ok || e.Encounter != chart.ID(b.Encounter) || e.Boot != chart.Boot(b.Boot) ||
				at.Add(time.Second) < f.from || at > f.to {
				continue
			}
			for _, m := range tenths(b, at, e.Wall, second) {
				var alone wave.Encoder // each frame must be readable by itself
				frame, err := alone.Encode(nil, m)
				if err != nil {
					l.kit.log.Warn("a second of the record could not be made into frames", "reason", err)
					break
				}
				filled.Frames = append(filled.Frames, frame)
			}
			if len(filled.Frames) == 0 {
				continue
			}
			if b, err := json.Marshal(filled); err == nil {
				l.between.Tell("filled", b)
			}
		}
	}
}

// filled are frames made from the record.
type filled struct {
	Binding wave.Binding
	Frames  [][]byte
}

// tenths are the ten frames of a recorded second. Its numerics go with each; its
// samples go with the tenth in which they were taken.
func tenths(b wave.Binding, began vital.Instant, wall time.Time, s *chart.Second) []*wave.Now {
	const n = int(time.Second / frameEvery)
	out := make([]*wave.Now, n)
	for i := range out {
		at := began.Add(time.Duration(i) * frameEvery)
		m := &wave.Now{Time: at, Binding: b, Wall: wall.Add(time.Duration(i) * frameEvery)}
		for _, v := range s.Values {
			m.Numerics = append(m.Numerics, v.Reading(began.Add(time.Second)))
		}
		out[i] = m
	}
	lag := min(time.Duration(s.LagMS)*time.Millisecond, lateMost) // as the live frames were
	for _, block := range s.Blocks {
		samples, err := pack.Read(nil, block.Packed)
		if err != nil || len(samples) != int(block.Count) {
			continue // a later version's packing: the trace stays a gap
		}
		w := vital.Waveform{
			Lead: block.Lead, Rate: block.Rate, Unit: block.Unit, Scale: block.Scale, Offset: block.Offset,
			Min: block.Min, Max: block.Max, Raw: block.Raw,
		}
		first := began.Add(time.Duration(block.StartUS) * time.Microsecond)
		period := time.Duration(float64(time.Second) / block.Rate.Float())
		for from := 0; from < len(samples); {
			at := first.Add(time.Duration(from) * period)
			i := min(max(int(at.Sub(began)/frameEvery), 0), n-1)
			upto := from + 1
			for upto < len(samples) && (i == n-1 || first.Add(time.Duration(upto)*period).Sub(began) < time.Duration(i+1)*frameEvery) {
				upto++
			}
			part := w
			part.Arrived = max(at.Add(lag), out[i].Time)
			part.Samples = samples[from:upto]
			part.Gaps = gapsWithin(block.Gaps, from, upto)
			out[i].Waves = append(out[i].Waves, part)
			from = upto
		}
	}
	return out
}

// gapsWithin are the parts of gaps that lie between two samples, counted from the
// first.
func gapsWithin(gaps []vital.Gap, from, upto int) []vital.Gap {
	var out []vital.Gap
	for _, g := range gaps {
		begin, end := max(g.From, from), min(g.From+g.Len, upto)
		if begin < end {
			out = append(out, vital.Gap{From: begin - from, Len: end - begin, Why: g.Why})
		}
	}
	return out
}
