package kit

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/sync/identity"
	"fieldkit/telemetry/relay"
)

// The ambulance reaches nothing of the hospital's but its page's port: no gossip,
// no mDNS, no port of the exchange.
func TestTheRecordReachesAHospitalOfWhichOnlyThePageIsReached(t *testing.T) {
	t.Parallel()
	log := slog.New(slog.DiscardHandler)
	ambulance, token := newKit(t)
	invitation, err := ambulance.Invite(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "hospital")
	plate := Nameplate{Kind: "hospital", CallSign: "ST MARY"}
	made, err := Init(t.Context(), dir, New{Nameplate: plate, Passphrase: words, Invitation: invitation.Text})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ambulance.Approve(t.Context(), token, api.Approval{Key: made.Device, Kind: "hospital", CallSign: plate.CallSign, Grant: "all"}); err != nil {
		t.Fatal(err)
	}
	if err := ambulance.Close(); err != nil {
		t.Fatal(err)
	}

	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	hospital := startWith(t, Settings{Dir: dir, Listen: "127.0.0.1:0", Serve: port.Addr().String()}, func(*Kit) {})
	o := &outside{log: log}
	between, err := packets(hospital.liveEnd)
	if err != nil {
		t.Fatal(err)
	}
	defer between.Close()
	o.between = newBetween(between, o.answer)
	ctx, stop := context.WithCancel(t.Context())
	var live sync.WaitGroup
	live.Go(func() { o.between.Run(ctx) })
	f := newFront(port, identity.Protocol, o.toRecorder, log)
	t.Cleanup(func() {
		f.Close()
		stop()
		live.Wait()
	})

	vehicle := startWith(t, Settings{Dir: ambulance.settings.Dir, Listen: "127.0.0.1:0", Hospital: "https://" + port.Addr().String()}, func(*Kit) {})
	opened, err := vehicle.Record(t.Context(), vehicle.token, api.Draft{Kind: "encounter-opened", Content: json.RawMessage(`{"setting":"ambulance"}`)})
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		entries, err := hospital.store.Encounter(t.Context(), opened.Encounter)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) > 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the hospital never got the record")
		}
	}
	if at, err := hospital.live.exchangeAt(); err != nil || at == "" {
		t.Errorf("the recorder answers nowhere (%v)", err)
	}
}

// A vehicle that the hospital's live link refuses brings its record at once, in which
// stands that it may; and asks by name, for a relay in front of several hospitals.
func TestARefusedVehicleBringsItsRecordAtOnce(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	newPost(t, "ST-MARY", a, aGuest)
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	a.Kit.settings.Hospital = "https://localhost:" + port
	a.share.patience = time.Hour // it would not call by itself
	ctx, stop := context.WithCancel(t.Context())
	var calling sync.WaitGroup
	calling.Go(func() { a.share.afar(ctx, a.x) })
	defer calling.Wait()
	defer stop()
	if _, err := a.Kit.live.answer(t.Context(), "refused", nil); err != nil {
		t.Fatal(err)
	}
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetReadDeadline(time.Now().Add(2 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	if g, _, ok := relay.Hello(conn); !ok || g.Server != "localhost" || len(g.Speaks) != 1 || g.Speaks[0] != identity.Protocol {
		t.Errorf("it asks for %+v (%v), want the exchange of localhost", g, ok)
	}
}

func TestWhereTheHospitalsPageIs(t *testing.T) {
	for page, want := range map[string]string{
		"https://er.example":           "er.example:443",
		"https://er.example:8443/":     "er.example:8443",
		"https://192.0.2.5:8443":       "192.0.2.5:8443",
		"https://[2001:db8::5]":        "[2001:db8::5]:443",
		"er.example":                   "",
		"":                             "",
		"https://:443":                 "",
		"https://er.example:8443/live": "er.example:8443",
	} {
		if got, err := pageAddress(page); got != want || (err == nil) != (want != "") {
			t.Errorf("%q is at %q (%v), want %q", page, got, err, want)
		}
	}
}
