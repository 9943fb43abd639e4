package kit

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/exchange"
	"fieldkit/sync/journal"
	"fieldkit/telemetry/gateway"
	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
	"fieldkit/triage/handover"
	"fieldkit/triage/vital"
	"fieldkit/triage/vital/pack"
)

// A strip is a stretch of traces that somebody kept, as the page reads it: by range,
// because a 12-lead ECG is more than a packet holds. The chart's own content is the
// truth; nothing is joined, smoothed or made up on the way.

const (
	// stripLongest is how much of a strip is shown, from its begin.
	stripLongest = 2 * time.Minute
	// stripSamples is how many samples one answer holds: twelve leads of 500 a second
	// for 3 s, some 90 KiB.
	stripSamples = 18_000
	// stripOpened bounds the samples that are unpacked for one answer: a block of 6
	// bytes may hold 65,536.
	stripOpened = 2 << 20
	// stripLeast is the shortest stretch that is answered; what is denser is no trace.
	stripLeast = 20 * time.Millisecond
	// stripLeads and stripMonitors bound what a strip names.
	stripLeads    = 32
	stripMonitors = 8
)

// stripHead is what is to be said of a whole strip.
type stripHead struct {
	by
	Demo     bool     `json:"demo,omitempty"`
	Layout   string   `json:"layout"`         // "12-lead", "strip"
	Says     string   `json:"says,omitempty"` // the monitor's own interpretation
	Text     string   `json:"text,omitempty"` // the crew's, or what found no room
	Monitors []string `json:"monitors,omitempty"`
	// Absent is how many seconds of the stream are not held here, Asked whether there is
	// whom to ask for them. Gone are those that will not come.
	Absent int  `json:"absent,omitempty"`
	Asked  bool `json:"asked,omitempty"`
	Gone   int  `json:"gone,omitempty"`
	more   bool // the strip names more seconds than are shown
}

// stripSheet is one stretch of a strip.
type stripSheet struct {
	stripHead
	Leads  []leadRow  `json:"leads"`
	LongMS int64      `json:"long"`          // of the whole
	Cut    bool       `json:"cut,omitempty"` // it is longer, and that is not shown
	From   int64      `json:"from"`          // ms after the begin: what is answered here
	Upto   int64      `json:"upto"`
	Runs   []stripRun `json:"runs"`
	// Unread is how many blocks this version cannot read: they are gaps.
	Unread int `json:"unread,omitempty"`
}

// leadRow is a lead as the monitor calls it.
type leadRow struct {
	Lead uint16 `json:"lead"` // as live frames name it
	Name string `json:"name"`
}

// A stripRun is evenly spaced samples of one lead. A sample is null where the monitor
// had none; its voltage is (count + Offset) x MV. Without MV the monitor gave no scale,
// or the lead is no voltage.
type stripRun struct {
	Lead    int            `json:"lead"`  // of Leads
	StartUS int64          `json:"start"` // of the first sample, after the strip's begin
	Rate    vital.Decimal  `json:"rate"`
	MV      *vital.Decimal `json:"mv,omitempty"` // of one count
	Offset  int32          `json:"offset,omitempty"`
	Samples []*int32       `json:"samples"`
	// Why is why samples are null: index of the first, how many, the state.
	Why []gapRow `json:"why,omitempty"`
}

type gapRow struct {
	From int    `json:"from"`
	Len  int    `json:"len"`
	Why  string `json:"why"`
}

// stripAsked is somebody who asks for a stretch of a strip.
type stripAsked struct {
	watching
	gateway.Stretch
}

// strip answers a page that has a strip open. Who may read the record may read it, and
// it is audited as that is.
func (l *live) strip(ctx context.Context, in stripAsked) (json.RawMessage, error) {
	if in.From < 0 || in.To <= in.From {
		return nil, errRefused("that is no stretch of a strip")
	}
	f, err := l.stripFor(ctx, in)
	if err != nil {
		return nil, err
	}
	blocks, lack, err := l.blocksOf(ctx, f)
	if err != nil {
		return nil, err
	}
	head := headOf(f, l.own())
	head.Gone, head.more = lack.gone, lack.more
	for _, span := range lack.absent {
		head.Absent += int(span.To - span.From + 1)
		from, err := l.fetchesFrom(ctx, wave.Binding{Encounter: of(f), Station: span.Device})
		reached := func(x *exchange.Exchange) bool { return x.Connected(span.Device) }
		head.Asked = head.Asked || err == nil && slices.ContainsFunc(from, reached)
	}
	return stretched(head, blocks, in.From, in.To)
}

// stripFor is the strip that somebody at the page asks for.
func (l *live) stripFor(ctx context.Context, in stripAsked) (*chart.Fact, error) {
	c, err := l.read(ctx, in.watching)
	var fault *api.Fault
	if errors.As(err, &fault) && fault.Code == api.CodeNotFound {
		return nil, errRefused("no such encounter")
	}
	if err != nil {
		return nil, err
	}
	f := stripIn(c, in.Of)
	if f == nil {
		return nil, errRefused("no strip of that patient stands there")
	}
	return f, nil
}

// headOf is all that is to be said of a strip but its samples.
func headOf(f *chart.Fact, own chart.Device) stripHead {
	s := f.Content.(*chart.Snapshot)
	return stripHead{by: byOf(f, own), Demo: f.Demo, Layout: s.Layout, Says: s.Says, Text: s.Text, Monitors: monitorsOf(s)}
}

// stretched is the strip as JSON, with as much of the stretch as fits a packet.
func stretched(head stripHead, blocks []laid, from, to int64) (json.RawMessage, error) {
	for {
		s := stretchOf(blocks, from, to)
		s.stripHead, s.Cut = head, s.Cut || head.more
		b, err := json.Marshal(s)
		if err != nil || len(b) <= pageMost {
			return b, err
		}
		if s.Upto-s.From <= stripLeast.Milliseconds() {
			return nil, errRefused("the strip does not fit a packet")
		}
		to = s.From + (s.Upto-s.From)/2
	}
}

// of is the encounter in which a strip was kept: one that was moved here names seconds
// of the other.
func of(f *chart.Fact) chart.ID { return cmp.Or(f.MovedFrom, f.Encounter) }

// fetchStrip fetches the seconds that a strip names and that are not held here, by
// range: the one repair path. One strip at a time; what comes is there when the page
// asks again.
func (l *live) fetchStrip(ctx context.Context, in stripAsked) error {
	f, err := l.stripFor(ctx, in)
	if err != nil {
		return err
	}
	_, lack, err := l.blocksOf(ctx, f)
	if err != nil {
		return err
	}
	if !l.fetching.TryLock() {
		return errRefused("another strip is being fetched")
	}
	defer l.fetching.Unlock()
	ctx, stop := context.WithTimeout(ctx, fetchWait)
	defer stop()
	for _, span := range lack.absent {
		b := wave.Binding{Encounter: of(f), Station: span.Device, Epoch: span.Epoch}
		from, errFrom := l.fetchesFrom(ctx, b)
		after, errHeld := l.heldOf(ctx, b.Station, b.Epoch)
		if err = errors.Join(errFrom, errHeld); err != nil {
			return err
		}
		if len(from) == 0 {
			return errRefused("nothing can be fetched now")
		}
		for _, x := range from {
			err = x.Fetch(ctx, b.Station, exchange.Range{
				Device: b.Station, Log: journal.Stream, Epoch: b.Epoch, After: min(after, span.From-1), Upto: span.To,
			})
		}
	}
	return err
}

// stripIn is the strip of a chart that stands at a place; nil when there is none.
func stripIn(c *chart.Chart, of chart.Ref) *chart.Fact {
	f := c.Fact(of)
	if f == nil || f.Standing == chart.Elsewhere || f.Standing == chart.Missing || f.Standing == chart.Moved {
		return nil
	}
	if _, ok := f.Content.(*chart.Snapshot); !ok {
		return nil
	}
	return f
}

// stripRow is a strip in the record's list.
type stripRow struct {
	by
	Layout string `json:"layout"`
	Text   string `json:"text"`
}

// stripsOf are the strips that a page can open.
func stripsOf(c *chart.Chart, who func(*chart.Fact) by, most int) []stripRow {
	out := []stripRow{}
	for _, f := range slices.Backward(c.Facts()) {
		if f.Content == nil || f.Content.Type() != chart.TypeSnapshot || stripIn(c, f.Ref) == nil {
			continue
		}
		if len(out) == most {
			break
		}
		out = append(out, stripRow{by: who(f), Layout: f.Content.(*chart.Snapshot).Layout, Text: handover.Words(f.Content)})
	}
	return out
}

// monitorsOf are the instruments' names.
func monitorsOf(s *chart.Snapshot) (out []string) {
	for _, p := range s.Sources {
		name := cmp.Or(p.Model, p.Make)
		if name != "" && !slices.Contains(out, name) && len(out) < stripMonitors {
			out = append(out, name)
		}
	}
	return out
}

// A laid is a block with where it begins after the strip's begin.
type laid struct {
	*chart.Block
	start time.Duration
}

// long is how long a block is; 0 when it tells no rate.
func (b laid) long() time.Duration {
	rate := b.Rate.Float()
	if rate <= 0 {
		return 0
	}
	return time.Duration(min(float64(b.Count)/rate, 2*stripLongest.Seconds()) * float64(time.Second))
}

// within are the samples of a block from one time up to another: the first, and the
// first that is no longer.
func (b laid) within(begin, end time.Duration) (first, last int) {
	rate := b.Rate.Float()
	at := func(t time.Duration) int {
		n := math.Ceil((t-b.start).Seconds()*rate - 1e-6)
		return int(min(max(n, 0), float64(b.Count)))
	}
	return at(begin), at(end)
}

// row is the lead of a block.
func (b laid) row() leadRow {
	row := leadRow{uint16(b.Lead), b.Lead.Info().Label}
	if b.Lead == vital.UnknownLead || row.Name == "" {
		row.Name = b.Raw
	}
	return row
}

// run is a part of a block as the page reads it.
func (b laid) run(samples []int32, first, last int) stripRun {
	r := stripRun{StartUS: (b.start + time.Duration(float64(first)/b.Rate.Float()*float64(time.Second))).Microseconds(),
		Rate: b.Rate, MV: perCount(b.Block), Offset: b.Offset, Samples: make([]*int32, last-first)}
	for i := range r.Samples {
		r.Samples[i] = &samples[first+i]
	}
	for _, g := range gapsWithin(b.Gaps, first, last) {
		clear(r.Samples[g.From : g.From+g.Len])
		r.Why = append(r.Why, gapRow{g.From, g.Len, g.Why.String()})
	}
	return r
}

// perCount is how many millivolts a block's count is; nil when the monitor gives no
// scale or the lead is no voltage.
func perCount(b *chart.Block) *vital.Decimal {
	mv := b.Scale
	switch {
	case mv.Mantissa == 0:
		return nil
	case b.Unit == vital.Microvolt:
		mv.Exponent -= 3
	case b.Unit != vital.Millivolt:
		return nil
	}
	return &mv
}

// stretchOf is the stretch of a strip from one time to another, in ms after its begin,
// shortened until it fits a packet.
func stretchOf(blocks []laid, from, to int64) stripSheet {
	s := stripSheet{Leads: []leadRow{}, Runs: []stripRun{}}
	lead := map[leadRow]int{}
	var whole time.Duration
	var readable []laid
	for _, b := range blocks {
		_, known := lead[b.row()]
		if !known && len(s.Leads) < stripLeads {
			known = true
			lead[b.row()] = len(s.Leads)
			s.Leads = append(s.Leads, b.row())
		}
		long := b.long()
		if known && long > 0 && b.start+long > 0 {
			whole = max(whole, b.start+long)
			readable = append(readable, b)
		} else {
			s.Unread++
		}
	}
	s.Cut, whole = whole > stripLongest, min(whole, stripLongest)
	s.LongMS = int64((whole + time.Millisecond - 1) / time.Millisecond)
	begin := time.Duration(min(from, s.LongMS)) * time.Millisecond
	end := time.Duration(min(to, s.LongMS)) * time.Millisecond
	for end-begin > stripLeast && samplesIn(readable, begin, end) > stripSamples {
		end = begin + ((end - begin) / 2).Truncate(time.Millisecond)
	}
	s.From, s.Upto = begin.Milliseconds(), end.Milliseconds()
	room, opened := stripSamples, 0
	for _, b := range readable {
		first, last := b.within(begin, end)
		if first >= last {
			continue
		}
		if opened += int(b.Count); last-first > room || opened > stripOpened {
			s.Unread++
			continue
		}
		samples, err := pack.Read(nil, b.Packed)
		if err != nil || len(samples) != int(b.Count) {
			s.Unread++ // damaged, or a later version's packing: a gap
			continue
		}
		room -= last - first
		run := b.run(samples, first, last)
		run.Lead = lead[b.row()]
		s.Runs = append(s.Runs, run)
	}
	slices.SortStableFunc(s.Runs, func(x, y stripRun) int {
		return cmp.Or(cmp.Compare(x.Lead, y.Lead), cmp.Compare(x.StartUS, y.StartUS))
	})
	return s
}

func samplesIn(blocks []laid, begin, end time.Duration) (n int) {
	for _, b := range blocks {
		first, last := b.within(begin, end)
		n += max(0, last-first)
	}
	return n
}

// lacks is what of a strip's stream is not here.
type lacks struct {
	absent []chart.Span // on its way, or to be asked for
	gone   int          // seconds that will not come
	more   bool         // there are more than a strip shows
}

// lack notes a second that is not here, beside the one before it.
func (l *lacks) lack(r chart.Ref) {
	if n := len(l.absent); n > 0 {
		last := &l.absent[n-1]
		if last.Device == r.Device && last.Epoch == r.Epoch && last.To+1 == r.Seq {
			last.To = r.Seq
			return
		}
	}
	l.absent = append(l.absent, chart.Span{Device: r.Device, Epoch: r.Epoch, From: r.Seq, To: r.Seq})
}

// blocksOf are the blocks of a strip: its own, or, of one that names seconds of the
// stream instead, those that are held here.
func (l *live) blocksOf(ctx context.Context, f *chart.Fact) (out []laid, h lacks, err error) {
	s := f.Content.(*chart.Snapshot)
	for i := range s.Blocks {
		out = append(out, laid{&s.Blocks[i], time.Duration(s.Blocks[i].StartUS) * time.Microsecond})
	}
	if len(s.Blocks) > 0 {
		return out, h, nil
	}
	encounter := of(f)
	var began *chart.Entry
	var from time.Duration
	seconds := 0
	for _, span := range s.Stream {
		for seq := span.From; seq <= span.To; seq++ {
			if seconds++; seconds > int(stripLongest/time.Second) {
				h.more = true
				return out, h, nil
			}
			e, err := l.second(ctx, chart.Ref{Device: span.Device, Epoch: span.Epoch, Seq: seq}, encounter)
			switch {
			case err != nil:
				return nil, h, err
			case e == nil || e.Absent == chart.Unfetched || e.Absent == chart.Withheld:
				h.lack(chart.Ref{Device: span.Device, Epoch: span.Epoch, Seq: seq})
				continue
			case e.Absent != chart.Present:
				h.gone++
				continue
			}
			second, ok := e.Content.(*chart.Second)
			if !ok || e.Encounter != encounter {
				h.gone++ // another patient's is never drawn, whatever the strip names
				continue
			}
			if began == nil {
				began, from = e, max(0, e.Happened.Sub(f.Entry.Happened))
			}
			at := from + e.Happened.Sub(began.Happened)
			if e.Boot == began.Boot && e.Boot != (chart.Boot{}) {
				at = from + e.Mono - began.Mono // that clock cannot be set
			}
			for i := range second.Blocks {
				out = append(out, laid{&second.Blocks[i], at + time.Duration(second.Blocks[i].StartUS)*time.Microsecond})
			}
		}
	}
	return out, h, nil
}

// second is an entry of the stream, nil when it is not held.
func (l *live) second(ctx context.Context, place chart.Ref, encounter chart.ID) (*chart.Entry, error) {
	e, ok, err := l.kit.store.At(ctx, place)
	if err != nil {
		return nil, storeFault(err)
	}
	at, err := l.kit.teamOf(ctx, encounter)
	if err != nil || !ok || at == nil || l.kit.shareOf(e.Team) != at || e.Log != journal.Stream {
		return nil, err
	}
	read := l.kit.read([]store.Entry{e})[0]
	return &read, nil
}
