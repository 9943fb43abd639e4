package kit

import (
	"testing"

	"fieldkit/app/api"
	"fieldkit/sync/exchange"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// fetches asks a station for all of its stream that is held there.
func (p *post) fetches(from *post) {
	p.t.Helper()
	heads, err := from.store.Heads(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	eventually(p.t, "the two are in touch", func() bool { return p.x.Connected(from.x.Self()) })
	for _, h := range heads {
		if h.Log == journal.Stream {
			eventually(p.t, "the stream's envelopes come", func() bool {
				p.x.Fetch(p.t.Context(), from.x.Self(), exchange.Range{Device: h.Device, Log: h.Log, Epoch: h.Epoch, Upto: h.Seq})
				mine, err := p.store.Heads(p.t.Context())
				if err != nil {
					p.t.Fatal(err)
				}
				for _, m := range mine {
					if m.Epoch == h.Epoch && m.Seq == h.Seq {
						return true
					}
				}
				return false
			})
		}
	}
}

func (p *post) seconds(encounter chart.ID) int {
	card, err := p.store.Card(p.t.Context(), encounter)
	if err != nil {
		return 0
	}
	return int(card.Seconds)
}

// The hospital looked at the stream of one patient; the next in that log is bound for
// it later. What it was refused before comes then, without being looked for again.
func TestSecondsWithheldFromAGuestComeOnceTheirPatientIsBoundForIt(t *testing.T) {
	for _, how := range []string{"in touch", "apart", "by a wider grant"} {
		t.Run(how, func(t *testing.T) {
			a := newPost(t, "AMB-1", nil, anAdmin)
			h := newPost(t, "ST-MARY", a, aGuest)
			first, _ := a.opens("Okonkwo", "aspirin")
			a.bind(first, h)
			second, _ := a.opens("Vandersloot", "ketamine")
			third, _ := a.opens("Quispe", "morphine")
			for range 5 { // one after another, so that they share the log's pieces
				a.streams(first, 1)
				a.streams(second, 1)
				a.streams(third, 1)
			}
			end := meet(t, a, h)
			eventually(t, "the hospital reads its patient", h.reads(first, "gave aspirin"))
			h.fetches(a)
			if got := [3]int{h.seconds(first), h.seconds(second), h.seconds(third)}; got != [3]int{5, 0, 0} {
				t.Fatalf("before, the hospital has %v seconds of the three", got)
			}
			a.streams(third, 20) // which the hospital has not looked at
			all := false
			switch how {
			case "in touch":
				a.bind(second, h)
			case "apart":
				end()
				a.bind(second, h)
				h.shares()
				meet(t, a, h)
			case "by a wider grant":
				if _, err := a.Approve(t.Context(), a.token, api.Approval{Key: "ST-MARY", Grant: "all"}); err != nil {
					t.Fatal(err)
				}
				all = true
			}
			eventually(t, "the seconds come", func() bool {
				return h.seconds(first) == 5 && h.seconds(second) == 5 && (h.seconds(third) >= 5) == all
			})
			if how != "by a wider grant" && h.heard.has(string(third[:])) {
				t.Error("the third patient's id was sent too")
			}
			if r, err := h.store.Verify(t.Context()); err != nil || len(r.Findings) > 0 {
				t.Errorf("the hospital's record does not verify: %+v, %v", r, err)
			}
		})
	}
}
