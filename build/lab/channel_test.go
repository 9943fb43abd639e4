package lab

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/triage/chart"
)

// TestTheRecordArrivesWhereTCPIsShutAfterTheLinkStands lets a box on the ambulance's
// way swallow all TCP once its live link stands. The link must stay live, and what
// the ambulance writes must reach the hospital by a data channel; with TCP back, the
// record goes on by TCP.
func TestTheRecordArrivesWhereTCPIsShutAfterTheLinkStands(t *testing.T) {
	long(t)
	l := newLab(t, 9)
	clear := Link{Delay: 25 * time.Millisecond}
	m := newTeam(t, l, 3, clear, false)
	ambulance, hospital := m.stations[0], m.stations[2]
	var state api.State
	m.await("the page", time.Minute, func(ctx context.Context) (err error) {
		if state, err = hospital.client.State(ctx); err == nil && state.Link.Fingerprint == "" {
			err = errors.New("it is not served yet")
		}
		return err
	})
	if err := ambulance.process.Stop(15 * time.Second); err != nil {
		t.Fatal(err)
	}
	ambulance.more = []string{"--hospital", "https://" + hospital.Address() + ":8443", "--hospital-pin", state.Link.Fingerprint}
	m.start(ambulance)
	m.await("the live link", 2*time.Minute, func(ctx context.Context) error { return liveByUDP(ctx, ambulance) })
	ambulance.open(t)
	m.await("the hospital to hold the first entry", 2*time.Minute, func(ctx context.Context) error { return holds(ctx, hospital, ambulance) })

	shut := clear
	shut.Only = NoTCP
	for i, link := range []Link{shut, clear} {
		ambulance.Set(link)
		if _, err := ambulance.record(t.Context(), api.Draft{Kind: "note", Encounter: ambulance.own}, &chart.Note{Text: fmt.Sprint("note ", i)}); err != nil {
			t.Fatal(err)
		}
		not := 0
		took := m.await("the hospital to hold what was written", 5*time.Minute, func(ctx context.Context) error {
			if liveByUDP(ctx, ambulance) != nil {
				not++
			}
			return holds(ctx, hospital, ambulance)
		})
		t.Logf("TCP shut %v: at the hospital after %v; %d looks found the link not live", link.Only == NoTCP, took.Round(time.Second), not)
		if not > 0 {
			t.Errorf("the live link was hurt")
		}
	}
}

func liveByUDP(ctx context.Context, s *station) error {
	state, err := s.client.State(ctx)
	if err == nil && !strings.HasPrefix(state.Link.State, "live over UDP") {
		err = errors.New("the link is " + state.Link.State)
	}
	return err
}

// holds reports whether to holds everything of from's encounter.
func holds(ctx context.Context, to, from *station) error {
	own, err := from.client.Entries(ctx, from.token, from.own)
	if err != nil {
		return err
	}
	got, err := to.client.Entries(ctx, to.token, from.own)
	if err == nil && len(got) < len(own) {
		err = fmt.Errorf("%s holds %d of %d", to.Name, len(got), len(own))
	}
	return err
}
