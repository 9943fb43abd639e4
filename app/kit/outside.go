package kit

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"fieldkit/sync/identity"
	"fieldkit/telemetry/gateway"
	"fieldkit/telemetry/link"
	"fieldkit/telemetry/relay"
	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
	"fieldkit/ui/board"
)

// outside is the live process: the vehicle's end of a live link and, at a
// hospital, the gateway with its page. It has no record, no account and no key but
// the page's certificate; what it may do it asks the recorder.
type outside struct {
	log     *slog.Logger
	between *Between
	who     whoWeAre // as it was at the start

	vehicle atomic.Pointer[link.Vehicle]
	// streamsTo is the gateway that the link is with: which patients go there is the
	// recorder's to say.
	streamsTo atomic.Pointer[chart.Device]
	gateway   atomic.Pointer[gateway.Gateway]
	unlinked  atomic.Pointer[string] // why no link is sought yet
	linked    atomic.Pointer[link.State]

	// streams are the counts of each stream. Only the goroutine that takes the
	// recorder's news uses them.
	streams [streamsMost]struct {
		sent uint32 // by the link's count
		last uint64 // by the recorder's
	}

	page  atomic.Pointer[servedPage]
	door  atomic.Pointer[relay.Door] // at a relay, where this hospital can only dial out
	front atomic.Pointer[front]

	open func(context.Context) (net.Conn, error) // a stream to the hospital
	work sync.WaitGroup                          // the streams carried for the recorder
}

// servedPage is where the page is found.
type servedPage struct{ board, fingerprint string }

const (
	// askAgainEvery is how often a live process asks who it is while the recorder
	// is locked or being restarted.
	askAgainEvery = 200 * time.Millisecond
	// tellStateEvery is how often it says how the link is.
	tellStateEvery = time.Second
)

// RunLive is the live process, until ctx ends or the parent is gone.
func RunLive(ctx context.Context, settings Settings, in Inherited, log *slog.Logger) error {
	if err := NoDumps(); err != nil {
		return err
	}
	ctx = in.Orphaned(ctx)
	o := &outside{log: log}
	o.open = o.openStream
	var err error
	if o.between, err = in.Join(o.answer); err != nil {
		return err
	}
	var parts sync.WaitGroup
	defer parts.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	parts.Go(func() {
		if err := o.between.Run(ctx); err != nil && ctx.Err() == nil {
			log.Error("the recorder can no longer be reached", "reason", err)
			stop()
		}
	})
	if o.who, err = o.askWho(ctx); err != nil {
		return nil // ctx ended first
	}
	parts.Go(func() { o.tellState(ctx) })
	var served error
	if settings.Serve != "" {
		parts.Go(func() {
			if served = o.serve(ctx, settings); served != nil {
				log.Error("the page is not served", "reason", served)
				stop()
			}
		})
	}
	if settings.Hospital != "" {
		parts.Go(func() { o.stream(ctx, settings) })
	}
	<-ctx.Done()
	parts.Wait()
	o.work.Wait()
	return served
}

// askWho waits until the recorder is unlocked and says who this station is.
func (o *outside) askWho(ctx context.Context) (w whoWeAre, err error) {
	for {
		if w, err = put[whoWeAre](ctx, o, "who", nothing{}); err == nil || ctx.Err() != nil {
			return w, err
		}
		select {
		case <-ctx.Done():
			return w, ctx.Err()
		case <-time.After(askAgainEvery):
		}
	}
}

// put asks the recorder a question in JSON.
func put[Out, In any](ctx context.Context, o *outside, verb string, in In) (out Out, err error) {
	b, err := json.Marshal(in)
	if err != nil {
		return out, fmt.Errorf("ask %s: %w", verb, err)
	}
	answer, err := o.between.Ask(ctx, verb, b)
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal(answer, &out); err != nil {
		return out, fmt.Errorf("read the answer to %s: %w", verb, err)
	}
	return out, nil
}

// answer takes the recorder's news: frames to send, frames filled in, devices to
// cut off; and its one question, for a stream to the hospital.
func (o *outside) answer(ctx context.Context, verb string, payload []byte) ([]byte, error) {
	switch verb {
	case "frame":
		o.frame(payload)
	case "filled":
		var f filled
		if g := o.gateway.Load(); g != nil && json.Unmarshal(payload, &f) == nil {
			g.Backfill(f.Binding, f.Frames)
		}
	case "clear", "changed":
		var encounter chart.ID
		g := o.gateway.Load()
		switch {
		case g == nil || json.Unmarshal(payload, &encounter) != nil:
		case verb == "clear":
			g.Clear(encounter)
		default:
			g.Changed(encounter)
		}
	case "cut":
		var d chart.Device
		if g := o.gateway.Load(); g != nil && json.Unmarshal(payload, &d) == nil {
			g.Cut(d)
		}
	case "stream":
		return answered(payload, func(at string) (nothing, error) { return nothing{}, o.channelTo(ctx, at) })
	}
	return nil, nil
}

// frame sends a live frame, whose first byte is its stream. The link counts frames
// without a gap from 1, from the start of this process; the recorder counts from
// its own start. A number of the recorder's that is missing found no room between
// the two and is said: the record has it.
func (o *outside) frame(payload []byte) {
	v := o.vehicle.Load()
	if v == nil || len(payload) < 2 || payload[0] >= streamsMost {
		return
	}
	s := &o.streams[payload[0]]
	seq, at, err := wave.Head(payload[1:])
	if err == nil && bootTime().Sub(at) > staleFrame {
		s.last = seq
		return // it waited for this process to start: the journal fills it in, paced
	}
	var bytes []byte
	if err == nil {
		bytes, err = wave.Renumber(nil, payload[1:], uint64(s.sent)+1)
	}
	if err == nil {
		err = v.Send(link.Frame{Stream: payload[0], Seq: s.sent + 1, Bytes: bytes})
	}
	if err != nil {
		o.log.Warn("a live frame was not sent; the record has it", "reason", err)
		return
	}
	if s.last != 0 && seq > s.last+1 {
		o.log.Warn("live frames were lost between recorder and live process; the record has them", "frames", seq-s.last-1)
	}
	s.sent, s.last = s.sent+1, seq
}

// staleFrame is how old a frame may be and still be sent live: what the page's
// buffer and a repair over the link can use.
const staleFrame = time.Second

// tellState says every second how the link is.
func (o *outside) tellState(ctx context.Context) {
	tick := time.NewTicker(tellStateEvery)
	defer tick.Stop()
	for {
		said := liveState{PID: os.Getpid(), Link: "connecting"}
		if p := o.page.Load(); p != nil {
			said.Board, said.Fingerprint = p.board, p.fingerprint
		}
		o.tellDoor(&said)
		if to := o.streamsTo.Load(); to != nil {
			said.Hospital = *to
		}
		if why := o.unlinked.Load(); why != nil {
			said.Link = *why
		}
		if s := o.linked.Load(); s != nil {
			said.Link, said.Rung = s.String(), &s.Rung
		}
		if b, err := json.Marshal(said); err == nil {
			o.between.Tell("state", b)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// stream is the vehicle's end: it keeps a link to the hospital until ctx ends.
func (o *outside) stream(ctx context.Context, settings Settings) {
	client := link.PinnedClient(nil)
	if settings.HospitalPin != "" {
		pin, err := hex.DecodeString(settings.HospitalPin)
		if err != nil || len(pin) != sha256.Size {
			o.log.Error("the hospital's pin is not 64 hex digits; nothing is streamed")
			return
		}
		client = link.PinnedClient(func() []link.Fingerprint { return []link.Fingerprint{link.Fingerprint(pin)} })
	}
	at, self := strings.TrimSuffix(settings.Hospital, "/")+"/live", hex.EncodeToString(o.who.Device[:])
	again := func(ctx context.Context) ([]chart.Device, error) {
		who, err := put[whoWeAre](ctx, o, "who", nothing{})
		return who.Hospitals, err
	}
	ask := func(ctx context.Context) (string, error) { return link.AskGateway(ctx, client, at, self) }
	hospital, ok := findHospital(ctx, o.who.Hospitals, again, ask, func(why string) { o.unlinked.Store(&why) })
	if !ok {
		return
	}
	o.unlinked.Store(nil)
	o.streamsTo.Store(&hospital)
	v, err := link.NewVehicle(link.VehicleConfig{
		URL: at, Client: client, Device: self, Gateway: hex.EncodeToString(hospital[:]),
		Signer: o, Loopback: settings.Loopback,
		OnState: o.hearLink,
	})
	if err != nil {
		o.log.Error("the live link cannot be begun", "reason", err)
		return
	}
	o.vehicle.Store(v)
	if err := v.Run(ctx); err != nil && ctx.Err() == nil {
		o.log.Error("the live link ended", "reason", err)
	}
}

// findHospital is which hospital of the roster to have the link with, once that is known
// or until ctx ends, and says why it is not meanwhile. The roster may name none yet: it
// is asked for until it does. Where it names several, whoever answers at the hospital's
// address is asked which it is; one that does not say is taken for the first.
func findHospital(ctx context.Context, known []chart.Device, again func(context.Context) ([]chart.Device, error),
	ask func(context.Context) (string, error), say func(string)) (chart.Device, bool) {
	for {
		switch {
		case len(known) == 0:
			say("no hospital is on the team's roster")
		case len(known) == 1:
			return known[0], true
		default:
			name, err := ask(ctx)
			var d chart.Device
			switch {
			case err != nil:
				say("the hospital is not reached")
			case name == "":
				return known[0], true
			case d.UnmarshalText([]byte(name)) == nil && slices.Contains(known, d):
				return d, true
			default:
				say("the hospital at that address is not on the team's roster")
			}
		}
		select {
		case <-ctx.Done():
			return chart.Device{}, false
		case <-time.After(time.Second):
		}
		if now, err := again(ctx); err == nil {
			known = now
		}
	}
}

// hearLink notes how the link is, and tells the recorder at once when it carries
// more or less than before.
func (o *outside) hearLink(s link.State) {
	o.tellQueue(s)
	if s.Phase != link.Live && s.Problem == link.ErrRefused.Error() {
		o.between.Tell("refused", nil)
	}
	before := o.linked.Swap(&s)
	if before != nil && before.Rung == s.Rung {
		return
	}
	if b, err := json.Marshal(s.Rung); err == nil {
		o.between.Tell("rung", b)
	}
}

// serve is the hospital's side: the gateway and its page, until ctx ends.
func (o *outside) serve(ctx context.Context, settings Settings) error {
	certificate, err := pageCertificate(settings.Dir, settings.Serve)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(certificate.Certificate[0])
	door, err := o.openDoor(settings)
	if err != nil {
		return err
	}
	if door != nil {
		defer door.Close()
	}
	hospital, err := link.NewHospital(link.HospitalConfig{
		Loopback: settings.Loopback,
		Relays:   o.media,
		Stream: func(_ string, conn net.Conn) {
			defer conn.Close()
			if f := o.front.Load(); f != nil {
				f.channel(conn)
			}
		},
		Crashed: func(device string, stack []byte) {
			o.log.Error("the handling of one vehicle failed and was ended", "device", device[:8], "stack", string(stack))
		},
	})
	if err != nil {
		return fmt.Errorf("begin receiving: %w", err)
	}
	defer hospital.Close()
	g, err := gateway.New(gateway.Config{
		Name: hex.EncodeToString(o.who.Device[:]), Hospital: hospital, Roster: o, Desk: o, Page: board.Page(), Log: o.log,
		Outward: door != nil,
		Gap:     func(g gateway.Gap) { o.gap(ctx, g) },
	})
	if err != nil {
		return err
	}
	defer g.Close()
	listener, err := net.Listen("tcp", settings.Serve)
	if err != nil {
		return fmt.Errorf("serve the page: %w", err)
	}
	page := &servedPage{"https://" + pageHost(listener.Addr()), hex.EncodeToString(sum[:])}
	o.page.Store(page)
	o.gateway.Store(g)
	server := &http.Server{
		Handler:           g,
		TLSConfig:         &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS13, NextProtos: []string{"http/1.1"}},
		TLSNextProto:      map[string]func(*http.Server, *tls.Conn, http.Handler){}, // no HTTP/2: the WebSockets need 1.1
		ReadHeaderTimeout: 20 * time.Second,                                         // TLS counts: a line of 16 kbit/s takes three over both
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(o.log.Handler(), slog.LevelDebug),
	}
	stopped := context.AfterFunc(ctx, func() { server.Close() })
	defer stopped()
	o.log.Info("the page is served", "address", page.board, "fingerprint", page.fingerprint)
	shared := newFront(listener, identity.Protocol, o.toRecorder, o.log)
	defer shared.Close()
	o.front.Store(shared)
	if door != nil {
		carried := newFront(door, identity.Protocol, o.toRecorder, o.log)
		defer carried.Close()
		var serving sync.WaitGroup
		defer serving.Wait()
		defer server.Close()
		serving.Go(func() { _ = server.ServeTLS(carried, "", "") }) // it ends with the server alone
	}
	if err := server.ServeTLS(shared, "", ""); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the page: %w", err)
	}
	return nil
}

// gap asks the recorder to fetch what live missed. The answer takes as long as
// the fetch; what comes of it arrives as "filled".
func (o *outside) gap(ctx context.Context, g gateway.Gap) {
	go func() { // ends with its answer, three seconds at most
		in := gap{Binding: g.Binding, From: g.From, To: g.To}
		if _, err := put[nothing](ctx, o, "gap", in); err != nil && !errors.Is(err, ErrNoAnswer) && ctx.Err() == nil {
			o.log.Info("a gap of the live stream is not filled yet", "reason", err)
		}
	}()
}

// The questions of both ends of the link, asked of the recorder.

// SignOffer implements link.Signer.
func (o *outside) SignOffer(ctx context.Context, t link.Terms) ([]byte, error) {
	return put[[]byte](ctx, o, "sign-offer", t)
}

// CheckAnswer implements link.Signer.
func (o *outside) CheckAnswer(ctx context.Context, t link.Terms, signature []byte) error {
	_, err := put[nothing](ctx, o, "check-answer", signed{t, signature})
	return err
}

// CheckOffer implements gateway.Roster.
func (o *outside) CheckOffer(ctx context.Context, t link.Terms, signature []byte) (string, error) {
	callSign, err := put[string](ctx, o, "check-offer", signed{t, signature})
	return callSign, asRefused(err)
}

// SignAnswer implements gateway.Roster.
func (o *outside) SignAnswer(ctx context.Context, t link.Terms) ([]byte, error) {
	return put[[]byte](ctx, o, "sign-answer", t)
}

// MayShow implements gateway.Roster.
func (o *outside) MayShow(ctx context.Context, b wave.Binding) error {
	_, err := put[nothing](ctx, o, "may-show", b)
	return asRefused(err)
}

// SignIn implements gateway.Desk.
func (o *outside) SignIn(ctx context.Context, name, secret string) (string, gateway.Person, error) {
	in, err := put[signedInAs](ctx, o, "sign-in", signIn{name, secret})
	return string(in.Token), in.Person, asRefused(err)
}

// SignOut implements gateway.Desk.
func (o *outside) SignOut(ctx context.Context, token string) error {
	_, err := put[nothing](ctx, o, "sign-out", token)
	return err
}

// Session implements gateway.Desk.
func (o *outside) Session(ctx context.Context, token string) (gateway.Person, error) {
	p, err := put[gateway.Person](ctx, o, "session", token)
	return p, asRefused(err)
}

// MayWatch implements gateway.Desk: whoever is signed in at this hospital may see
// what is bound for it, which MayShow has checked.
func (o *outside) MayWatch(ctx context.Context, token string, _ chart.ID) error {
	_, err := o.Session(ctx, token)
	return err
}

// Watched implements gateway.Desk.
func (o *outside) Watched(ctx context.Context, token string, encounter chart.ID, from, to time.Time) error {
	in := watched{From: from, To: to}
	in.Token, in.Encounter = sessionToken(token), encounter
	_, err := put[nothing](ctx, o, "watched", in)
	return err
}

// Chart implements gateway.Desk.
func (o *outside) Chart(ctx context.Context, token string, encounter chart.ID) ([]byte, error) {
	b, err := put[json.RawMessage](ctx, o, "chart", watching{sessionToken(token), encounter})
	return b, asRefused(err)
}

// Record implements gateway.Desk.
func (o *outside) Record(ctx context.Context, token string, encounter chart.ID) ([]byte, error) {
	b, err := put[json.RawMessage](ctx, o, "record", watching{sessionToken(token), encounter})
	return b, asRefused(err)
}

// Strip implements gateway.Desk. What the strip lacks is fetched meanwhile.
func (o *outside) Strip(ctx context.Context, token string, encounter chart.ID, s gateway.Stretch) ([]byte, error) {
	in := stripAsked{watching{sessionToken(token), encounter}, s}
	b, err := put[json.RawMessage](ctx, o, "strip", in)
	var lacks struct{ Absent int }
	if err == nil && json.Unmarshal(b, &lacks) == nil && lacks.Absent > 0 {
		o.work.Go(func() { // ends with its answer, three seconds at most
			_, _ = put[nothing](context.WithoutCancel(ctx), o, "strip-fetch", in) // the page asks again
		})
	}
	return b, asRefused(err)
}

// Append implements gateway.Desk.
func (o *outside) Append(ctx context.Context, token string, act gateway.Act) ([]byte, error) {
	b, err := put[json.RawMessage](ctx, o, "act", erAct{sessionToken(token), act})
	return b, asRefused(err)
}

// asRefused turns the recorder's refusal into the gateway's.
func asRefused(err error) error {
	if isRefused(err) {
		return fmt.Errorf("%w: %w", gateway.ErrRefused, err)
	}
	return err
}
