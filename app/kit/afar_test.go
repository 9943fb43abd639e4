package kit

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/sync/exchange"
	"fieldkit/sync/identity"
	"fieldkit/telemetry/relay"
	"fieldkit/triage/chart"
)

// A far hospital is one that runs, with its page's port, and an ambulance's folder
// that is enrolled with it.
type farHospital struct {
	ambulance string // the folder
	device    chart.Device
	kit       *running
	front     *front
}

func newFarHospital(t *testing.T) farHospital {
	t.Helper()
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
	h := farHospital{ambulance: ambulance.settings.Dir}
	h.kit = startWith(t, Settings{Dir: dir, Listen: "127.0.0.1:0", Serve: port.Addr().String()}, func(*Kit) {})
	h.device = h.kit.share.member.Load().device
	h.front = newFront(port, identity.Protocol, outsideOf(t, h.kit).toRecorder, log)
	t.Cleanup(func() { h.front.Close() })
	return h
}

// outsideOf is the live process of a recorder of this test.
func outsideOf(t *testing.T, k *running) *outside {
	t.Helper()
	conn, err := packets(k.liveEnd)
	if err != nil {
		t.Fatal(err)
	}
	o := &outside{log: slog.New(slog.DiscardHandler)}
	o.open = o.openStream
	o.between = newBetween(conn, o.answer)
	ctx, stop := context.WithCancel(context.Background())
	var live sync.WaitGroup
	live.Go(func() { o.between.Run(ctx) })
	t.Cleanup(func() {
		stop()
		live.Wait()
		o.work.Wait()
		conn.Close()
	})
	return o
}

// gets waits until the hospital holds something of an encounter.
func (h farHospital) gets(t *testing.T, encounter chart.ID) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		entries, err := h.kit.store.Encounter(t.Context(), encounter)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) > 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatal("the hospital never got the record")
		}
	}
}

// opens records an encounter.
func opens(t *testing.T, k *running) chart.ID {
	t.Helper()
	opened, err := k.Record(t.Context(), k.token, api.Draft{Kind: "encounter-opened", Content: json.RawMessage(`{"setting":"ambulance"}`)})
	if err != nil {
		t.Fatal(err)
	}
	return opened.Encounter
}

// The ambulance reaches nothing of the hospital's but its page's port: no gossip,
// no mDNS, no port of the exchange.
func TestTheRecordReachesAHospitalOfWhichOnlyThePageIsReached(t *testing.T) {
	t.Parallel()
	h := newFarHospital(t)
	vehicle := startWith(t, Settings{Dir: h.ambulance, Listen: "127.0.0.1:0", Hospital: "https://" + h.front.Addr().String()}, func(*Kit) {})
	h.gets(t, opens(t, vehicle))
	if at, err := h.kit.live.exchangeAt(); err != nil || at == "" {
		t.Errorf("the recorder answers nowhere (%v)", err)
	}
}

// A vehicle that the hospital's live link refuses brings its record at once, in which
// stands that it may; and asks by name, for a relay in front of several hospitals.
func TestARefusedVehicleBringsItsRecordAtOnce(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	newPost(t, "ST-MARY", a, aGuest)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	host, name := "localhost", "localhost"
	if all, err := net.LookupHost(host); err != nil || !slices.Contains(all, "127.0.0.1") {
		host, name = "127.0.0.1", "" // a machine without even that name: an address is never asked for by name
	}
	a.Kit.settings.Hospital = "https://" + net.JoinHostPort(host, port)
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
	if g, _, ok := relay.Hello(conn); !ok || g.Server != name || len(g.Speaks) != 1 || g.Speaks[0] != identity.Protocol {
		t.Errorf("it asks for %+v (%v), want the exchange of %q", g, ok, name)
	}
}

// Nothing answers by TCP. The channel is broken once, as a renewed connection breaks
// it, and the next one brings what was written since.
func TestTheRecordGoesByADataChannelWhereTCPIsShut(t *testing.T) {
	t.Parallel()
	h := newFarHospital(t)
	shut, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	shut.Close()
	vehicle := startWith(t, Settings{Dir: h.ambulance, Listen: "127.0.0.1:0", Hospital: "https://" + shut.Addr().String()}, func(k *Kit) {
		k.share.patience = time.Hour // on a busy machine it would open a channel of its own beside the trial's
	})
	o := outsideOf(t, vehicle)
	channels := make(chan net.Conn, 2)
	o.open = func(context.Context) (net.Conn, error) {
		here, there := net.Pipe()
		go h.front.channel(there) // ends with the pipe
		channels <- here
		return here, nil
	}
	var x *exchange.Exchange
	until(t, "the vehicle to share", func() bool {
		vehicle.share.mu.Lock()
		defer vehicle.share.mu.Unlock()
		x = vehicle.share.exchange
		return x != nil
	})
	for range 2 {
		ctx, stop := context.WithCancel(t.Context())
		var contact sync.WaitGroup
		contact.Go(func() { vehicle.share.callByChannel(ctx, x, h.device) })
		h.gets(t, opens(t, vehicle))
		(<-channels).Close()
		contact.Wait()
		stop()
	}
}

func TestADataChannelBringsTheExchangeAlone(t *testing.T) {
	t.Parallel()
	f := newFront(listening(t), identity.Protocol, func(context.Context) (net.Conn, error) {
		t.Error("the recorder was asked")
		return nil, net.ErrClosed
	}, slog.New(slog.DiscardHandler))
	defer f.Close()
	for name, protocols := range map[string][]string{"the page": {"http/1.1"}, "nothing": nil, "both": {identity.Protocol, "http/1.1"}} {
		here, there := net.Pipe()
		var passed sync.WaitGroup
		passed.Go(func() { f.channel(there) })
		if err := tls.Client(here, &tls.Config{ServerName: "er", NextProtos: protocols}).Handshake(); err == nil {
			t.Errorf("%s: was answered", name)
		}
		here.Close()
		passed.Wait()
	}
}

func listening(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestWhenTCPIsHeldToBeShut(t *testing.T) {
	at := func(seconds int) time.Time { return time.Unix(1_900_000_000+int64(seconds), 0) }
	type try struct {
		began, ended int
		answered     bool
	}
	for _, c := range []struct {
		name  string
		tries []try
		want  bool
	}{
		{"it was never tried", nil, false},
		{"one refusal", []try{{0, 0, false}}, false},
		{"refused for half a minute", []try{{0, 0, false}, {8, 8, false}, {30, 30, false}}, true},
		{"one try into a black hole for half a minute", []try{{0, 30, false}}, true},
		{"it answered in between", []try{{0, 0, false}, {10, 11, true}, {25, 25, false}}, false},
		{"it answers again", []try{{0, 0, false}, {30, 30, false}, {40, 90, true}}, false},
	} {
		var w way
		shut := false
		for _, try := range c.tries {
			shut = w.tried(at(try.began), at(try.ended), try.answered)
		}
		if shut != c.want {
			t.Errorf("%s: shut is %v", c.name, shut)
		}
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
