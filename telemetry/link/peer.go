package link

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pion/ice/v2"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/rtp"
	"github.com/pion/transport/v2"
	"github.com/pion/transport/v2/stdnet"
	"github.com/pion/webrtc/v3"
)

// A Lane is the way a connection goes.
type Lane uint8

// The lanes, best first.
const (
	NoLane    Lane = 0
	Direct    Lane = 1 // UDP
	Relayed   Lane = 2 // UDP through TURN
	WebSocket Lane = 3 // over the gateway's HTTPS port
)

var laneWords = [...]string{"no way", "UDP", "UDP relay", "WebSocket"}

// String is the lane in words.
func (l Lane) String() string {
	if int(l) < len(laneWords) {
		return laneWords[l]
	}
	return "unknown"
}

// A lane carries datagrams both ways. Send never waits: what cannot go now is
// dropped, and the receiver asks for it again.
type lane interface {
	send(b []byte)
	kind() Lane
	close()
}

// Timing of a peer connection. A connection that fell silent is kept for two
// minutes, because it is live again the moment the radio is; a parallel one is
// opened meanwhile.
const (
	gatherAtMost    = 400 * time.Millisecond
	gatherRelays    = 1500 * time.Millisecond
	iceDisconnected = 2 * time.Second
	iceFailed       = 2 * time.Minute
	iceKeepalive    = time.Second
	flightFirst     = 200 * time.Millisecond // DTLS: the flight timer's 1 s would cost fifteen frames
	flightLast      = 3 * time.Second        // but a flight that is still under way must not be sent again and again
	maxSDP          = 16 << 10
)

// The RTP payload: our own datagrams on an audio media line, because that is
// what every WebRTC stack and firewall lets pass. The clock counts milliseconds.
var codec = webrtc.RTPCodecParameters{
	RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: "audio/x-fieldkit-live", ClockRate: 1000},
	PayloadType:        100,
}

// An endpoint makes peer connections.
type endpoint struct {
	loopback bool // include 127.0.0.1 and ::1, for one machine
	mux      ice.UDPMux
	publicIP []string
	relayed  bool          // use relays only
	flight   time.Duration // after which an unanswered DTLS flight goes again; 0 for flightFirst
	net      transport.Net // nil for the machine's own
}

// A machine is this machine's network as it is whenever it is asked. The library's
// own keeps the interfaces it found first, so that an ICE restart after a change of
// address would offer the addresses that are gone.
type machine struct{ *stdnet.Net }

// Interfaces implements [transport.Net].
func (machine) Interfaces() ([]*transport.Interface, error) {
	now, err := stdnet.NewNet()
	if err != nil {
		return nil, fmt.Errorf("read the network interfaces: %w", err)
	}
	return now.Interfaces()
}

func (e endpoint) api() (*webrtc.API, error) {
	media := &webrtc.MediaEngine{}
	if err := media.RegisterCodec(codec, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, fmt.Errorf("register the payload: %w", err)
	}
	var se webrtc.SettingEngine
	se.LoggerFactory = &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled}
	se.SetICETimeouts(iceDisconnected, iceFailed, iceKeepalive)
	se.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	se.SetDTLSRetransmissionInterval(min(max(e.flight, flightFirst), flightLast))
	se.SetDTLSInsecureSkipHelloVerify(true) // ICE has proved the address already
	se.SetIncludeLoopbackCandidate(e.loopback)
	se.SetRelayAcceptanceMinWait(500 * time.Millisecond)
	se.DisableActiveTCP(true)
	se.DetachDataChannels()
	se.SetSCTPMaxReceiveBufferSize(inwardMost)
	if e.mux != nil {
		se.SetICEUDPMux(e.mux)
	}
	if len(e.publicIP) > 0 {
		se.SetNAT1To1IPs(e.publicIP, webrtc.ICECandidateTypeHost)
	}
	if e.net == nil {
		e.net = machine{new(stdnet.Net)}
	}
	se.SetNet(e.net)
	return webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithSettingEngine(se),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{})), nil
}

// A peer is one peer connection with one RTP track each way, and streams beside it
// where the record needs them.
type peer struct {
	pc    *webrtc.PeerConnection
	track *webrtc.TrackLocalStaticRTP
	begun time.Time

	mu        sync.Mutex
	seq       uint16
	up        bool
	reached   chan struct{} // closed when ICE first found a way
	connected chan struct{} // closed when first connected
	failed    chan struct{} // closed when it cannot come back
	failOnce  sync.Once
	streams   streams
}

// newPeer makes a connection with a fresh P-256 certificate, so that no long-lived
// key stands in it. in gets each datagram, from one goroutine, and must copy what
// it keeps.
func (e endpoint) newPeer(relays []ICEServer, in func([]byte)) (*peer, error) {
	api, err := e.api()
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a connection key: %w", err)
	}
	cert, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return nil, fmt.Errorf("make a connection certificate: %w", err)
	}
	conf := webrtc.Configuration{Certificates: []webrtc.Certificate{*cert}, BundlePolicy: webrtc.BundlePolicyMaxBundle}
	if e.relayed {
		conf.ICETransportPolicy = webrtc.ICETransportPolicyRelay
	}
	for _, r := range relays {
		conf.ICEServers = append(conf.ICEServers, webrtc.ICEServer{
			URLs: []string{r.URL}, Username: r.Username, Credential: r.Credential})
	}
	pc, err := api.NewPeerConnection(conf)
	if err != nil {
		return nil, fmt.Errorf("open a connection: %w", err)
	}
	p := &peer{pc: pc, begun: time.Now(), reached: make(chan struct{}), connected: make(chan struct{}), failed: make(chan struct{})}
	p.streams.ctx, p.streams.end = context.WithCancel(context.Background())
	pc.OnDataChannel(p.opened)
	p.track, err = webrtc.NewTrackLocalStaticRTP(codec.RTPCodecCapability, "live", "fieldkit")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make a track: %w", err), pc.Close())
	}
	reached := sync.OnceFunc(func() { close(p.reached) })
	pc.OnICEConnectionStateChange(func(s webrtc.ICEConnectionState) {
		if s == webrtc.ICEConnectionStateConnected {
			reached()
		}
	})
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		switch s {
		case webrtc.PeerConnectionStateConnected:
			p.mu.Lock()
			if !p.up {
				p.up = true
				close(p.connected)
			}
			p.mu.Unlock()
		case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
			p.failOnce.Do(func() { close(p.failed) })
		}
	})
	pc.OnTrack(func(t *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { readTrack(t, in) })
	return p, nil
}

// readTrack hands on the payload of each RTP packet until the track ends.
func readTrack(t *webrtc.TrackRemote, in func([]byte)) {
	buf := make([]byte, 1500)
	var packet rtp.Packet
	for {
		n, _, err := t.Read(buf)
		if err != nil {
			return
		}
		if packet.Unmarshal(buf[:n]) == nil {
			in(packet.Payload)
		}
	}
}

// offer makes the next offer, waiting for addresses no longer than the limit.
func (p *peer) offer(ctx context.Context, restart bool, limit time.Duration) ([]byte, error) {
	o, err := p.pc.CreateOffer(&webrtc.OfferOptions{ICERestart: restart})
	if err != nil {
		return nil, fmt.Errorf("make an offer: %w", err)
	}
	return p.describe(ctx, o, limit)
}

func (p *peer) describe(ctx context.Context, own webrtc.SessionDescription, limit time.Duration) ([]byte, error) {
	gathered := webrtc.GatheringCompletePromise(p.pc)
	if err := p.pc.SetLocalDescription(own); err != nil {
		return nil, fmt.Errorf("use our description: %w", err)
	}
	enough := time.NewTimer(limit)
	defer enough.Stop()
	select {
	case <-gathered:
	case <-enough.C:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return slim(p.pc.LocalDescription().SDP), nil
}

// slim leaves out what the far end has no use for, a quarter of it: the addresses
// of an RTCP component that is multiplexed away, and old names of the track.
func slim(sdp string) []byte {
	var out []byte
	for l := range strings.SplitAfterSeq(sdp, "\n") {
		fields := strings.Fields(l)
		switch {
		case strings.HasPrefix(l, "a=candidate:") && len(fields) > 1 && fields[1] == "2",
			strings.HasPrefix(l, "a=ssrc:") && len(fields) > 1 && (strings.HasPrefix(fields[1], "mslabel:") || strings.HasPrefix(fields[1], "label:")),
			strings.HasPrefix(l, "a=msid-semantic:"), strings.HasPrefix(l, "a=extmap-allow-mixed"):
		default:
			out = append(out, l...)
		}
	}
	return out
}

// flightLine tells the hospital in the offer how long the line takes over a DTLS
// flight, in ms. The fastest of lines says nothing.
const flightLine = "a=x-fieldkit-flight:"

// paced is an offer that says so.
func paced(offer []byte, flight time.Duration) []byte {
	if flight <= flightFirst {
		return offer
	}
	return fmt.Appendf(offer, "%s%d\r\n", flightLine, flight.Milliseconds())
}

// flightOf is what an offer says of its line; 0 when nothing.
func flightOf(offer []byte) time.Duration {
	_, rest, _ := strings.Cut(string(offer), "\n"+flightLine)
	number, _, _ := strings.Cut(rest, "\r")
	ms, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return 0
	}
	return time.Duration(ms) * time.Millisecond
}

// addresses are those that an offer could hold now: what the machine has but for
// loopback, unless that is wanted, and addresses of one cable's length.
func (e endpoint) addresses() []string {
	n := e.net
	if n == nil {
		n = machine{new(stdnet.Net)}
	}
	all, err := n.Interfaces()
	if err != nil {
		return nil
	}
	var out []string
	for _, i := range all {
		if i.Flags&net.FlagUp == 0 {
			continue
		}
		held, err := i.Addrs()
		if err != nil {
			continue
		}
		for _, a := range held {
			ip, _, err := net.ParseCIDR(a.String())
			if err != nil || ip.IsLinkLocalUnicast() || (ip.IsLoopback() && !e.loopback) {
				continue
			}
			out = append(out, ip.String())
		}
	}
	return out
}

// accept takes the other end's answer to our offer.
func (p *peer) accept(answer []byte) error {
	err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: string(answer)})
	if err != nil {
		return fmt.Errorf("use the answer: %w", err)
	}
	return nil
}

// answer takes the other end's offer and makes our answer.
func (p *peer) answer(ctx context.Context, offer []byte, limit time.Duration) ([]byte, error) {
	err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: string(offer)})
	if err != nil {
		return nil, fmt.Errorf("use the offer: %w", err)
	}
	if len(p.pc.GetSenders()) == 0 {
		if _, err := p.pc.AddTrack(p.track); err != nil {
			return nil, fmt.Errorf("add our track: %w", err)
		}
	}
	a, err := p.pc.CreateAnswer(nil)
	if err != nil {
		return nil, fmt.Errorf("make an answer: %w", err)
	}
	return p.describe(ctx, a, limit)
}

func (p *peer) send(b []byte) {
	p.mu.Lock()
	p.seq++
	packet := rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: p.seq,
		Timestamp: uint32(time.Since(p.begun).Milliseconds())}, Payload: b}
	p.mu.Unlock()
	_ = p.track.WriteRTP(&packet) // a path that is down loses packets; the receiver asks again
}

func (p *peer) kind() Lane {
	pair, err := p.pc.SCTP().Transport().ICETransport().GetSelectedCandidatePair()
	if err == nil && pair != nil &&
		(pair.Local.Typ == webrtc.ICECandidateTypeRelay || pair.Remote.Typ == webrtc.ICECandidateTypeRelay) {
		return Relayed
	}
	return Direct
}

// close ends the connection and waits for its goroutines.
func (p *peer) close() {
	p.streams.stop()
	_ = p.pc.GracefulClose()
	p.streams.work.Wait()
}
