//go:build cgo

package main

import (
	"context"
	"log/slog"
	"os"
	"reflect"
	"sync"
	"testing"

	"fieldkit/app/api"
	"fieldkit/triage/chart"
)

// A ward is a station of which only the list is asked.
type ward struct {
	api.Station
	mu    sync.Mutex
	mark  api.Mark
	rows  []chart.Row
	told  int // how often the rows were sent
	fault error
}

func (w *ward) Unlock(context.Context, string) (api.Token, error) { return "token", nil }

func (w *ward) ListEncounters(_ context.Context, _ api.Token, have api.Mark) (api.Listing, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fault != nil {
		return api.Listing{}, w.fault
	}
	if have == w.mark {
		return api.Listing{Mark: w.mark, Same: true}, nil
	}
	w.told++
	return api.Listing{Mark: w.mark, Rows: w.rows}, nil
}

func TestTheListIsSentToTheWindowOnceAndShownUntilItChanges(t *testing.T) {
	dir, err := os.MkdirTemp("", "desk") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	l, err := api.Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := &ward{}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- (&api.Server{Station: w, Log: slog.New(slog.DiscardHandler)}).Serve(ctx, l)
	}()
	defer func() { stop(); <-ended }()
	d := newDesk(dir, "right words", nil, nil)
	row := func(b byte, family string) chart.Row {
		return chart.Row{Encounter: chart.ID{15: b}, Status: chart.Open, Who: chart.Demographics{Family: family}}
	}
	fault := &api.Fault{Code: api.CodeFailed, What: "the disk cannot be read"}
	for _, c := range []struct {
		story string
		do    func()
		told  int // in all
		shown []chart.Row
		fails bool
	}{
		{"two patients", func() { w.mark, w.rows = "a", []chart.Row{row(1, "Diallo"), row(2, "Okoro")} }, 1, []chart.Row{row(1, "Diallo"), row(2, "Okoro")}, false},
		{"nothing new", func() {}, 1, []chart.Row{row(1, "Diallo"), row(2, "Okoro")}, false},
		{"a name is learnt", func() { w.mark, w.rows = "b", []chart.Row{row(1, "Diallo-Reyes"), row(2, "Okoro")} }, 2, []chart.Row{row(1, "Diallo-Reyes"), row(2, "Okoro")}, false},
		{"the station cannot say", func() { w.fault = fault }, 2, nil, true},
		{"it can again", func() { w.fault = nil }, 3, []chart.Row{row(1, "Diallo-Reyes"), row(2, "Okoro")}, false},
		{"a station that gives no marks", func() { w.mark = "" }, 4, []chart.Row{row(1, "Diallo-Reyes"), row(2, "Okoro")}, false},
		{"the screen is locked", func() { w.mark = "b"; d.leave() }, 4, nil, false},
	} {
		w.mu.Lock()
		c.do()
		w.mu.Unlock()
		rows, err := d.Encounters(t.Context())
		if (err != nil) != c.fails || !reflect.DeepEqual(rows, c.shown) {
			t.Errorf("%s: %+v, %v; want %+v", c.story, rows, err, c.shown)
		}
		w.mu.Lock()
		told := w.told
		w.mu.Unlock()
		if told != c.told {
			t.Errorf("%s: the rows were sent %d times, want %d", c.story, told, c.told)
		}
		for i := range rows {
			rows[i] = chart.Row{} // a screen's slice is its own
		}
	}
	if !reflect.DeepEqual(d.list, api.Listing{}) {
		t.Error("rows of patients are kept while the screen is locked")
	}
}
