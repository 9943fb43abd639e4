package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// An entry may name those written before it in its commit, also while others write,
// and one that cannot be made takes nobody else's down with it.
func TestAnEntryNamesTheOnesBeforeItInItsCommit(t *testing.T) {
	b := newTablet(t, &roster{}, "together")
	wrong := errors.New("cannot be said")
	var work sync.WaitGroup
	for n := range 8 {
		e := newID(10 + n)
		work.Go(func() {
			first := Draft{Team: team, Log: journal.Chart, Body: b.body(e, chart.ID{}, chart.TypeNote, text("a"))}
			naming := Draft{Team: team, Log: journal.Chart, Body: b.body(e, chart.ID{}, chart.TypeNote, nil), Content: func(before []chart.Ref) ([]byte, error) {
				if n%4 == 3 {
					return nil, wrong
				}
				return text(fmt.Sprint(before)), nil
			}}
			refs, err := b.Commit(context.Background(), b.signer, []Draft{first, naming})
			if n%4 == 3 {
				if !errors.Is(err, wrong) {
					t.Errorf("what cannot be made gives %v", err)
				}
				return
			}
			if err != nil {
				t.Errorf("beside one that cannot be made: %v", err)
				return
			}
			entries, err := b.Encounter(context.Background(), e)
			if err != nil || len(entries) != 2 {
				t.Errorf("%d entries, %v", len(entries), err)
				return
			}
			body, err := journal.DecodeBody(entries[1].Record.Body)
			if want := text(fmt.Sprint(refs[:1])); err != nil || !bytes.Equal(body.Content, want) || refs[1].Seq != refs[0].Seq+1 {
				t.Errorf("the second says %q, %v, want %q", body.Content, err, want)
			}
		})
	}
	work.Wait()
	for n := range 8 {
		if n%4 != 3 {
			continue
		}
		if held, err := b.Encounter(t.Context(), newID(10+n)); err != nil || len(held) != 0 {
			t.Errorf("of a commit that failed %d entries are there, %v", len(held), err)
		}
	}
}
