package api

import (
	"context"
	"log/slog"
	"reflect"
	"testing"

	"fieldkit/triage/chart"
)

// A lister is a station that gives its list a mark.
type lister struct {
	desk
	marks chan Mark // of the next list
}

func (l *lister) ListEncounters(ctx context.Context, t Token, have Mark) (Listing, error) {
	rows, err := l.Encounters(ctx, t)
	if err != nil {
		return Listing{}, err
	}
	mark := <-l.marks
	if have == mark {
		return Listing{Mark: mark, Same: true}, nil
	}
	return Listing{Mark: mark, Rows: rows}, nil
}

func TestAListIsToldOnceUntilItsMarkIsAnother(t *testing.T) {
	l := &lister{marks: make(chan Mark, 1)}
	dir := shortDir(t)
	listener, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- (&Server{Station: l, Log: slog.New(slog.DiscardHandler)}).Serve(ctx, listener) }()
	defer func() { stop(); <-done }()
	c, err := Dial(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	rows := []chart.Row{{Encounter: ward}}
	for _, step := range []struct {
		story      string
		mark, have Mark
		want       Listing
	}{
		{"a face that has none", "one", "", Listing{"one", false, rows}},
		{"a face that has it", "one", "one", Listing{"one", true, nil}},
		{"a face that has another", "two", "one", Listing{"two", false, rows}},
	} {
		l.marks <- step.mark
		if got, err := c.ListEncounters(t.Context(), token, step.have); err != nil || !reflect.DeepEqual(got, step.want) {
			t.Errorf("%s: %+v, %v; want %+v", step.story, got, err, step.want)
		}
	}
	if got, err := c.ListEncounters(t.Context(), "made up", "two"); !isFault(err, CodeSession) || got.Same {
		t.Errorf("the mark opens the list without a session: %+v, %v", got, err)
	}
	l.marks <- "two"
	if got, err := c.Encounters(t.Context(), token); err != nil || !reflect.DeepEqual(got, rows) {
		t.Errorf("who knows no marks is told %+v, %v", got, err)
	}
}

// A window of this version and a recorder that was not restarted since the last.
func TestAStationThatKnowsNoMarksTellsItsListEachTime(t *testing.T) {
	c, _ := serve(t, &desk{})
	want := Listing{Rows: []chart.Row{{Encounter: ward}}}
	for _, have := range []Mark{"", "one"} {
		if got, err := c.ListEncounters(t.Context(), token, have); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("with the mark %q: %+v, %v", have, got, err)
		}
	}
}
