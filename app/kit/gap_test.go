package kit

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"fieldkit/sync/exchange"
	"fieldkit/sync/journal"
	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
)

// A slowStream is a vehicle's ledger that is asked for its stream and takes its time.
type slowStream struct {
	exchange.Ledger
	asked atomic.Int64
	goes  chan struct{}
}

func (s *slowStream) Pieces(ctx context.Context, d chart.Device, log journal.Log, epoch chart.Epoch, after uint64, yield func(journal.Piece) error) error {
	if log == journal.Stream {
		s.asked.Add(1)
		select {
		case <-s.goes:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return s.Ledger.Pieces(ctx, d, log, epoch, after, yield)
}

// On a bad line the live stream loses something every tenth of a second, and each loss is
// a gap that the record fills. Asked for each time, the vehicle would send its log again
// and again on that line, and refuse the hospital as one that asks for too much.
func TestManyGapsOfOneStreamAreFetchedTogether(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	h := newPost(t, "ST-MARY", a, aGuest)
	encounter, _ := a.opens("Okonkwo", "aspirin")
	a.bind(encounter, h)
	a.streams(encounter, 5)
	heads, err := a.store.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lost := gap{Binding: wave.Binding{Encounter: encounter, Station: a.x.Self()}}
	for _, head := range heads {
		if head.Log == journal.Stream {
			lost.Binding.Epoch = head.Epoch
		}
	}
	config := a.share.config(a.share.member.Load())
	slow := &slowStream{Ledger: config.Ledger, goes: make(chan struct{})}
	config.Ledger = slow
	if a.x, err = exchange.New(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	a.share.set(a.x, nil, "")
	meet(t, a, h)
	eventually(t, "the hospital reads its patient", h.reads(encounter, "gave aspirin"))
	first := make(chan error, 1)
	go func() {
		for {
			err := h.live.gap(t.Context(), lost)
			if err == nil || slow.asked.Load() > 0 || t.Context().Err() != nil { // else the contact was being made anew
				first <- err
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	eventually(t, "the vehicle is asked", func() bool { return slow.asked.Load() == 1 })
	since := h.x.Peers()[0].Since
	for range 20 {
		if err := h.live.gap(t.Context(), lost); err != nil {
			t.Fatal(err)
		}
	}
	close(slow.goes)
	if err := <-first; err != nil {
		t.Fatal(err)
	}
	if n := slow.asked.Load(); n != 2 {
		t.Errorf("the vehicle was asked %d times, want once and once more for what was lost meanwhile", n)
	}
	if n, err := h.live.heldOf(t.Context(), a.x.Self(), lost.Binding.Epoch); n != 5 || err != nil {
		t.Errorf("the hospital holds %d seconds, %v", n, err)
	}
	if p := h.x.Peers()[0]; !p.Connected || p.Since != since {
		t.Errorf("the contact was broken off: %v", p.Ended)
	}
}
