package kit

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldkit/app/store"
	"fieldkit/sync/exchange"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// BenchmarkViewOfARecord shows what a guest's view costs over records of three
// sizes: 200 entries an encounter, 1,000 an epoch, one encounter in a hundred bound
// for the guest. Its making, once a roster, grows with the encounters; a new entry
// must cost the same in a large record as in a small one.
func BenchmarkViewOfARecord(b *testing.B) {
	const rounds = 5
	var small time.Duration
	for _, entries := range []int{1_000, 10_000, 100_000} {
		a := newPost(b, "AMB-1", nil, anAdmin)
		h := newPost(b, "ST-MARY", a, aGuest)
		eventually(b, "the roster names the guest", func() bool { return len(members(a)) == 2 })
		last := manyEntries(b, a, h, entries)
		var made, heads, push []time.Duration
		for range rounds {
			v := &view{share: a.share, peer: h.x.Self()}
			made = append(made, timed(func() {
				if err := v.make(b.Context()); err != nil {
					b.Fatal(err)
				}
			}))
			held, err := a.store.Heads(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			seen := 0
			heads = append(heads, timed(func() {
				for _, h := range held {
					if v.Sees(exchange.Place{Device: h.Device, Log: h.Log, Epoch: h.Epoch}) {
						seen++
					}
				}
			}))
			a.share.mu.Lock()
			a.share.views[v.peer] = v
			a.share.mu.Unlock()
			var change store.Change
			stop := a.store.Watch(func(c store.Change) { change = c })
			a.writes(last, chart.ID{}, &chart.Note{Text: "one more"})
			stop()
			p := change.Pieces[0]
			place := exchange.Place{Device: p.Head.Device, Log: p.Head.Log, Epoch: p.Head.Epoch}
			const times = 1000
			push = append(push, timed(func() {
				for range times {
					a.share.widen(change)
					if !v.Sees(place) || v.Strip(p).Records[0].Absent != chart.Present {
						b.Fatal("the guest does not get the entry")
					}
					if got, err := v.Bodies(b.Context(), place); err != nil || len(got) != 1 {
						b.Fatal(got, err)
					}
				}
			})/times)
		}
		m, hd, p := median(made), median(heads), median(push)
		if small == 0 {
			small = p
		}
		fmt.Printf("a guest's view over %7d entries: made in %v, all heads in %v, one new entry %v, %.2f times that over 1,000 entries\n", entries, m, hd, p, float64(p)/float64(small))
	}
}

func timed(f func()) time.Duration {
	began := time.Now()
	f()
	return time.Since(began)
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// manyEntries records so many entries at a and returns the last encounter bound for h.
func manyEntries(b *testing.B, a, h *post, entries int) (bound chart.ID) {
	b.Helper()
	m := a.share.member.Load()
	root, err := a.store.Root()
	if err != nil {
		b.Fatal(err)
	}
	var drafts []store.Draft
	flush := func() {
		if _, err := a.store.Commit(b.Context(), m.signer, drafts); err != nil {
			b.Fatal(err)
		}
		drafts = drafts[:0]
	}
	var id, patient chart.ID
	for i := range entries {
		var c chart.Content = &chart.Note{Text: strings.Repeat("n", 200)}
		switch encounter := i / 200; i % 200 {
		case 0:
			id, patient = newID(), newID()
			c = &chart.EncounterOpened{Setting: "ambulance"}
		case 1:
			if encounter%100 == 4 {
				c, bound = &chart.EncounterBoundFor{Station: h.x.Self(), Name: "ST-MARY"}, id
			}
		}
		body, err := stationBody(a.clock, c, nil, false)
		if err != nil {
			b.Fatal(err)
		}
		body.Encounter, body.Patient = id, patient
		if drafts = append(drafts, store.Draft{Team: m.team, Log: journal.Chart, Body: body}); len(drafts) == store.MaxCommit || i%1000 == 999 {
			flush()
		}
		if i%1000 == 999 { // the next entry opens an epoch
			if err := a.store.Lock(); err != nil {
				b.Fatal(err)
			}
			if err := a.store.UnlockRoot(b.Context(), root); err != nil {
				b.Fatal(err)
			}
		}
	}
	return bound
}
