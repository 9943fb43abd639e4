package link

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pion/transport/v2/vnet"
)

func TestFramesReachTheHospitalOverLoopback(t *testing.T) {
	before := runtime.NumGoroutine()
	s := newStreet(t, nil)
	s.drive(1, 40, 120, 20*time.Millisecond)
	until(t, "all frames", func() bool { return s.ward.count() == 40 })
	if got := s.vehicle.State(); got.Phase != Live || got.Lane != Direct || got.Trip <= 0 || got.Offset.Abs() > got.Trip/2+time.Millisecond {
		t.Errorf("the vehicle says %v, %+v", got, got)
	}
	s.stop()
	if s.ward.twice > 0 {
		t.Errorf("%d frames were handed on twice", s.ward.twice)
	}
	if got := s.vehicle.State(); got.Phase != Ended {
		t.Errorf("after the end the vehicle says %v", got)
	}
	until(t, "every goroutine has ended", func() bool { return runtime.NumGoroutine() <= before })
}

func TestOneSocketServesAllVehiclesAndRestarts(t *testing.T) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	var changes chan struct{}
	s := newStreet(t, func(v *VehicleConfig, h *HospitalConfig) {
		h.UDP = conn
		changes = make(chan struct{}, 1)
		v.changes = changes
	})
	s.drive(1, 20, 120, 20*time.Millisecond)
	until(t, "frames", func() bool { return s.ward.count() == 20 })
	changes <- struct{}{}
	s.drive(21, 50, 120, 20*time.Millisecond)
	until(t, "all frames", func() bool { return s.ward.count() == 70 })
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.patches != 1 || s.posts != 1 {
		t.Errorf("%d restarts and %d offers, want one of each", s.patches, s.posts)
	}
}

func TestWhereUDPIsShutTheWebSocketCarries(t *testing.T) {
	before := runtime.NumGoroutine()
	nowhere, err := vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{"192.0.2.10"}})
	if err != nil {
		t.Fatal(err)
	}
	s := newStreet(t, func(v *VehicleConfig, _ *HospitalConfig) { v.net = nowhere })
	start := time.Now()
	until(t, "live", func() bool { return s.vehicle.State().Phase == Live })
	t.Logf("live after %v", time.Since(start).Round(time.Millisecond))
	s.drive(1, 50, 120, 10*time.Millisecond)
	until(t, "all frames", func() bool { return s.ward.count() == 50 })
	if got := s.vehicle.State().Lane; got != WebSocket {
		t.Errorf("the lane is %v", got)
	}
	s.stop()
	until(t, "every goroutine has ended", func() bool { return runtime.NumGoroutine() <= before })
}

func TestARelayCarriesWhereOnlyItIsReached(t *testing.T) {
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	relay, err := NewRelay(RelayConfig{UDP: conn, Host: "127.0.0.1", Port: conn.LocalAddr().(*net.UDPAddr).Port,
		Public: net.IPv4(127, 0, 0, 1), Peers: []net.IP{net.IPv4(127, 0, 0, 1)}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := relay.Close(); err != nil {
			t.Error(err)
		}
	})
	links := relay.Servers()
	if got := parseLinks([]string{links[0].Link()}); len(got) != 1 || got[0] != links[0] {
		t.Fatalf("the Link header %q reads as %v", links[0].Link(), got)
	}
	s := newStreet(t, func(v *VehicleConfig, _ *HospitalConfig) { v.relays, v.relayed = links, true })
	until(t, "live", func() bool { return s.vehicle.State().Phase == Live && s.vehicle.State().Lane == Relayed })
	s.drive(1, 30, 120, 10*time.Millisecond)
	until(t, "all frames", func() bool { return s.ward.count() == 30 })
}

func TestARelayKnowsOnlyItsOwnFreshUsers(t *testing.T) {
	run := 5 * time.Hour
	r := &Relay{conf: RelayConfig{UDP: &net.UDPConn{}, Host: "relay.example", Port: 3478}, since: func() time.Duration { return run }}
	good := r.Servers()[0].Username
	for user, want := range map[string]bool{
		good: true, "": false, "x": false, "3600:abc": false, "99999999999:abc": false, "-1:a": false, "9223372036854775807:abc": false,
		"25000:abc": true, "25000": false, fmt.Sprint(time.Now().Add(time.Minute).Unix(), ":abc"): false, // whatever the wall says
	} {
		if _, ok := r.key(user, relayRealm, nil); ok != want {
			t.Errorf("user %q is let in: %v", user, ok)
		}
	}
	for run, want := range map[time.Duration]bool{5*time.Hour + relayFor - time.Second: true, 5*time.Hour + relayFor + time.Second: false} {
		r.since = func() time.Duration { return run }
		if _, ok := r.key(good, relayRealm, nil); ok != want {
			t.Errorf("after %v of running it is let in: %v", run, ok)
		}
	}
}

func TestNotesArriveOnceAndInOrder(t *testing.T) {
	onRoad(t, 0.2, 5, func(v *VehicleConfig, _ *HospitalConfig) {}, func(t *testing.T, r *road, s *street) {
		live(t, s)
		s.drive(1, 5, 60, 100*time.Millisecond)
		var want []string
		for i := range 40 {
			text := fmt.Sprintf("read-back %d", i)
			want = append(want, text)
			for _, err := range []error{s.vehicle.Note([]byte(text)), s.hospital.Note("amb", []byte(text))} {
				if err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(20 * time.Millisecond)
		}
		for range 300 { // seconds of the road's clock: one note after another, some lost five times
			time.Sleep(time.Second)
			s.ward.mu.Lock()
			all := len(s.ward.notes) >= len(want)
			s.ward.mu.Unlock()
			s.mu.Lock()
			all = all && len(s.told) >= len(want)
			s.mu.Unlock()
			if all {
				break
			}
		}
		time.Sleep(10 * time.Second) // for any that would come twice
		s.ward.mu.Lock()
		if !slices.Equal(s.ward.notes, want) {
			t.Errorf("the hospital got %q", s.ward.notes)
		}
		s.ward.mu.Unlock()
		s.mu.Lock()
		if !slices.Equal(s.told, want) {
			t.Errorf("the vehicle got %q", s.told)
		}
		s.mu.Unlock()
		if err := s.hospital.Note("nobody", nil); err == nil {
			t.Error("a note to a vehicle that is not there was taken")
		}
		if err := s.vehicle.Note(make([]byte, MaxNote+1)); !errors.Is(err, ErrTooLong) {
			t.Errorf("a long note gave %v", err)
		}
	})
}

func TestMoreNotesThanAreAnsweredAreRefused(t *testing.T) {
	var m mailbox
	for range maxNotes {
		if err := m.post(0, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.post(0, []byte("x")); !errors.Is(err, ErrBusy) {
		t.Errorf("one more gave %v", err)
	}
}

func TestTwelveLeadsInPartsAndTwoPatients(t *testing.T) {
	onRoad(t, 0.1, 5, nil, func(t *testing.T, r *road, s *street) {
		live(t, s)
		s.ward.mu.Lock()
		s.ward.apart = map[string][]byte{}
		s.ward.mu.Unlock()
		random := rand.New(rand.NewPCG(1, 1))
		sent := map[string][]byte{}
		for seq := uint32(1); seq <= 200; seq++ {
			for stream, size := range []int{120, 5000} {
				b := make([]byte, size)
				for i := range b {
					b[i] = byte(random.Uint32())
				}
				sent[fmt.Sprint(stream, seq)] = b
				if err := s.vehicle.Send(Frame{Stream: uint8(stream), Seq: seq, Bytes: b}); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(20 * time.Second)
		s.ward.mu.Lock()
		defer s.ward.mu.Unlock()
		for key, b := range sent {
			if !bytes.Equal(s.ward.apart[key], b) {
				t.Fatalf("frame %s arrived as %d bytes, want %d", key, len(s.ward.apart[key]), len(b))
			}
		}
	})
}

func TestFramesThatCannotBeSentAreSaid(t *testing.T) {
	v, err := NewVehicle(VehicleConfig{URL: "https://er.example/live", Client: &http.Client{}, Device: "a", Gateway: "g", Signer: pen{}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		f    Frame
		ok   bool
	}{
		{"number 0", Frame{}, false},
		{"the first", Frame{Seq: 9, Bytes: []byte("x")}, true},
		{"the same again", Frame{Seq: 9}, false},
		{"one left out", Frame{Seq: 11}, false},
		{"the next", Frame{Seq: 10}, true},
		{"a stream beyond the last", Frame{Stream: MaxStreams, Seq: 1}, false},
		{"the longest", Frame{Seq: 11, Bytes: make([]byte, MaxFrame)}, true},
		{"too long", Frame{Seq: 12, Bytes: make([]byte, MaxFrame+1)}, false},
	} {
		if err := v.Send(c.f); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := NewVehicle(VehicleConfig{}); err == nil {
		t.Error("a vehicle without anything was made")
	}
}

func TestAPanicOverOneVehicleEndsOnlyItsConnections(t *testing.T) {
	crashes := make(chan string, 10)
	s := newStreet(t, func(_ *VehicleConfig, h *HospitalConfig) {
		h.Crashed = func(device string, stack []byte) {
			if !bytes.Contains(stack, []byte("street_test.go")) {
				t.Error("the stack does not say where")
			}
			crashes <- device
		}
	})
	s.drive(1, 5, 60, 10*time.Millisecond)
	until(t, "frames", func() bool { return s.ward.count() == 5 })
	s.ward.mu.Lock()
	s.ward.panics = true
	s.ward.mu.Unlock()
	s.drive(6, 1, 60, 10*time.Millisecond)
	if got := <-crashes; got != "amb" {
		t.Errorf("the crash is %q's", got)
	}
	s.ward.mu.Lock()
	s.ward.panics = false
	s.ward.mu.Unlock()
	s.drive(7, 200, 60, 20*time.Millisecond)
	until(t, "the vehicle is back with its last half minute but that frame", func() bool { return s.ward.count() == 205 })
}

func TestWhatTheHandlerPanickedOverIsNotHandedOnAgain(t *testing.T) {
	s := newStreet(t, nil)
	s.ward.mu.Lock()
	s.ward.poison = map[string]bool{"boom": true, "7": true}
	s.ward.mu.Unlock()
	s.drive(1, 20, 60, 20*time.Millisecond)
	until(t, "all frames but the seventh", func() bool { return s.ward.count() == 19 })
	for _, text := range []string{"before", "boom", "after"} {
		if err := s.vehicle.Note([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "the notes around it", func() bool {
		s.ward.mu.Lock()
		defer s.ward.mu.Unlock()
		return len(s.ward.notes) > 0 && s.ward.notes[len(s.ward.notes)-1] == "after"
	})
	if n := s.hospital.Crashes(); n < 2 || n > 3 {
		t.Errorf("%d crashes, want one for each", n)
	}
}

func TestARevokedVehicleIsCutOff(t *testing.T) {
	s := newStreet(t, nil)
	s.drive(1, 5, 60, 10*time.Millisecond)
	until(t, "frames", func() bool { return s.ward.count() == 5 })
	s.mu.Lock()
	s.refuse = true
	s.mu.Unlock()
	cut := time.Now()
	s.hospital.Cut("amb")
	until(t, "the hospital says it ended", func() bool { s.ward.mu.Lock(); defer s.ward.mu.Unlock(); return s.ward.state.Phase == Ended })
	t.Logf("cut off after %v", time.Since(cut).Round(time.Millisecond))
	s.drive(6, 10, 60, 10*time.Millisecond)
	time.Sleep(300 * time.Millisecond)
	if n := s.ward.count(); n != 5 {
		t.Errorf("%d frames came after the cut", n-5)
	}
	until(t, "the vehicle says it was refused", func() bool { return strings.Contains(s.vehicle.State().Problem, "refused") })
}

func TestAnswersOfAnotherGatewayAreRefused(t *testing.T) {
	other := newPen()
	s := newStreet(t, func(v *VehicleConfig, _ *HospitalConfig) {
		own := v.Signer.(pen)
		v.Signer = pen{vehicle: own.vehicle, gateway: other.gateway} // the vehicle expects another key
	})
	until(t, "a reason", func() bool { return strings.Contains(s.vehicle.State().Problem, "not the gateway's signature") })
	if s.vehicle.State().Phase != Connecting {
		t.Error("the vehicle connected to a gateway it does not know")
	}
}

func TestMalformedOffersAreRefusedBeforeAnyLibraryReadsThem(t *testing.T) {
	h, err := NewHospital(HospitalConfig{Loopback: true})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	audio := "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=fingerprint:sha-256 00:11\r\nm=audio 9 UDP/TLS/RTP/SAVPF 100\r\n"
	for name, offer := range map[string]string{
		"nothing":            "",
		"not SDP":            "GET / HTTP/1.1\r\n\r\n",
		"two lines":          audio + "m=audio 9 UDP/TLS/RTP/SAVPF 100\r\n",
		"a data channel":     strings.Replace(audio, "m=audio", "m=application", 1),
		"two data channels":  audio + strings.Repeat("m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n", 2),
		"another channel":    audio + "m=application 9 TCP/DTLS/SCTP webrtc-datachannel\r\n",
		"no fingerprint":     strings.Replace(audio, "a=fingerprint", "a=nothing", 1),
		"many addresses":     audio + strings.Repeat("a=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n", 65),
		"too long":           audio + strings.Repeat("a=x\r\n", 4000),
		"short fingerprint":  audio,
		"garbage candidates": audio + "a=ice-ufrag:a\r\na=ice-pwd:b\r\na=candidate:x\r\n",
	} {
		_, _, err := h.Answer(context.Background(), "amb", []byte(offer), &ward{})
		if err == nil {
			t.Errorf("%s: was answered", name)
		}
	}
	h.mu.Lock()
	n := int(h.vehicles["amb"].open.Load())
	h.mu.Unlock()
	if n != 0 {
		t.Errorf("%d sessions were left open", n)
	}
}

func TestAVehicleHoldsAtMostItsSessions(t *testing.T) {
	h, err := NewHospital(HospitalConfig{Loopback: true})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	e := endpoint{loopback: true}
	p, err := e.newPeer(nil, func([]byte) {})
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	if _, err := p.pc.AddTrack(p.track); err != nil {
		t.Fatal(err)
	}
	offer, err := p.offer(context.Background(), false, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	for i := range sessionsEach + 1 {
		_, _, err := h.Answer(context.Background(), "amb", offer, &ward{})
		if full := errors.Is(err, ErrFull); full != (i == sessionsEach) {
			t.Errorf("offer %d gave %v", i, err)
		}
	}
	if _, _, err := h.Answer(context.Background(), "other", offer, &ward{}); err != nil {
		t.Errorf("another vehicle gave %v", err)
	}
}

func TestALocationElsewhereIsRefused(t *testing.T) {
	for location, ok := range map[string]bool{
		"/live/1": true, "https://er.example/live/1": true,
		"https://evil.example/live/1": false, "http://er.example/live/1": false, "//evil.example/1": false, "https://er.example:444/1": false, "::": false,
	} {
		if _, err := resolve("https://er.example/live", location); (err == nil) != ok {
			t.Errorf("%s: %v", location, err)
		}
	}
}

func FuzzDatagram(f *testing.F) {
	d := datagram{hello: true, rung: NumericsOnly, run: 7, number: 3, sent: 5, echo: 4, held: 3 * time.Millisecond, echoed: true, wall: time.UnixMilli(1.8e12),
		parts:   []part{{Frame: Frame{Stream: 1, Seq: 9, Bytes: []byte("abc")}, index: 1, last: 2, behind: 4}},
		missing: []ask{{2, []Span{{5, 6}, {3, 3}}}}, report: &report{.25, 40 * time.Millisecond, 900},
		notes: []note{{2, 1, []byte("hi")}}, noted: &noted{9, 4}}
	f.Add(d.append(nil))
	f.Add((&datagram{}).append(nil))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := parseDatagram(b)
		if err != nil {
			if !errors.Is(err, errDatagram) {
				t.Errorf("the error is %v", err)
			}
			return
		}
		again, err := parseDatagram(d.append(nil))
		if err != nil {
			t.Fatalf("what was read cannot be written and read: %v", err)
		}
		if a, b := fmt.Sprintf("%+v", d), fmt.Sprintf("%+v", again); len(d.notes) < 2 && len(d.missing) < 2 && d.report == nil && d.noted == nil && a != b {
			t.Errorf("%s\nbecame\n%s", a, b)
		}
	})
}

// FuzzReceiver feeds what an enrolled but broken vehicle might send.
func FuzzReceiver(f *testing.F) {
	f.Add([]byte{0, 0, 0, 1, 0, 0, 0, 0, 0, 9, 0, 4})
	f.Add([]byte{255, 255, 255, 255, 0, 0, 0, 0, 0, 1, 255, 255})
	f.Add([]byte{0, 0, 0, 9, 0, 0, 0, 0, 0, 9, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := newReceiver()
		seen := map[uint32]bool{}
		now := time.Duration(0)
		for ; len(b) >= 6; b = b[6:] {
			now += time.Duration(b[5]) * 10 * time.Millisecond
			seq := max(binary.BigEndian.Uint32(b), 1)
			fresh, _ := r.take(now, []part{{Frame: Frame{Seq: seq, Bytes: b[:1]}, behind: uint16(b[4]) << 4, index: b[5] & 1, last: b[5] & 1}})
			for _, got := range fresh {
				if seen[got.Seq] {
					t.Errorf("frame %d came twice", got.Seq)
				}
				seen[got.Seq] = true
			}
			for _, span := range r.ask(now, maxSpans) {
				if span.From == 0 || span.To < span.From || span.To > r.highest {
					t.Errorf("asked for %v", span)
				}
			}
			r.takeLost()
			if len(r.missing) > 3*ringFrames || len(r.got) > 3*ringFrames || len(r.pieces) > 3*ringFrames {
				t.Fatalf("holds %d missing, %d got, %d pieces", len(r.missing), len(r.got), len(r.pieces))
			}
		}
	})
}

// FuzzOffer gives what a vehicle that stands on the roster may send to the whole
// path behind the signature. A panic inside is counted as a crash, and fails.
func FuzzOffer(f *testing.F) {
	e := endpoint{loopback: true}
	p, err := e.newPeer(nil, func([]byte) {})
	if err != nil {
		f.Fatal(err)
	}
	if _, err := p.pc.AddTrack(p.track); err != nil {
		f.Fatal(err)
	}
	if err := p.offerChannels(); err != nil {
		f.Fatal(err)
	}
	offer, err := p.offer(context.Background(), false, time.Second)
	if err != nil {
		f.Fatal(err)
	}
	p.close()
	f.Add(offer)
	f.Add([]byte("v=0\r\nm=audio 9 x 100\r\na=fingerprint:sha-256 00\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := NewHospital(HospitalConfig{Loopback: true})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		_, _, _ = h.Answer(ctx, "amb", b, &ward{})
		if err := h.Close(); err != nil {
			t.Error(err)
		}
		if n := h.Crashes(); n > 0 {
			t.Errorf("%d crashes", n)
		}
	})
}
