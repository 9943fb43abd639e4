package kit

import (
	"context"
	"sync"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// foldedFor is how long a chart made for one page serves the others: every page asks
// every few seconds for every patient, and a chart is the same for all.
const foldedFor = time.Second

// folded is the charts made lately, for pages.
type folded struct {
	mu     sync.Mutex // guards charts
	charts map[chart.ID]made
}

type made struct {
	chart *chart.Chart
	at    vital.Instant
}

// read is the chart for somebody at the page, who may read it and whose reading is
// in the audit log: what cannot be audited is not shown.
func (l *live) read(ctx context.Context, in watching) (*chart.Chart, error) {
	if _, err := l.atPage(in.Token); err != nil {
		return nil, err
	}
	if err := l.mayRead(ctx, in.Encounter); err != nil {
		return nil, err
	}
	c, err := l.chartOf(ctx, in.Encounter)
	if err != nil {
		return nil, err
	}
	now, _ := l.kit.clock.Wall()
	return c, l.watched(ctx, watched{watching: in, From: now, To: now})
}

// chartOf is the encounter's chart, at most foldedFor old.
func (l *live) chartOf(ctx context.Context, encounter chart.ID) (*chart.Chart, error) {
	now := l.kit.clock.Now()
	if c := l.folded.get(encounter, now); c != nil {
		return c, nil
	}
	entries, err := l.kit.entries(ctx, encounter)
	if err != nil {
		return nil, err
	}
	fold := chart.NewFold(encounter)
	fold.Add(entries...)
	c := fold.Chart()
	l.folded.put(encounter, made{c, now})
	return c, nil
}

func (f *folded) get(encounter chart.ID, now vital.Instant) *chart.Chart {
	f.mu.Lock()
	defer f.mu.Unlock()
	if m := f.charts[encounter]; m.chart != nil && now.Sub(m.at) < foldedFor {
		return m.chart
	}
	return nil
}

// put keeps a chart and drops those that serve no longer, so that a closed store or a
// patient who left is not kept.
func (f *folded) put(encounter chart.ID, m made) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.charts == nil {
		f.charts = map[chart.ID]made{}
	}
	for id, old := range f.charts {
		if m.at.Sub(old.at) >= foldedFor {
			delete(f.charts, id)
		}
	}
	f.charts[encounter] = m
}

// clear drops every chart: the store is closed.
func (f *folded) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.charts)
}

// forget makes the next chart of the encounter a new one: something was written.
func (f *folded) forget(encounter chart.ID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.charts, encounter)
}
