package kit

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"fieldkit/app/api"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/telemetry/link"
	"fieldkit/telemetry/wave"
	"fieldkit/triage/alarm"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

const (
	// frameEvery is a live frame's length.
	frameEvery = 100 * time.Millisecond
	// followersMost bounds the faces on this machine.
	followersMost = 32
	// diskWait is how long the first frames of a bed on the link wait for its first
	// second to be on disk, so that they can say in which epoch it is counted.
	diskWait = 3 * time.Second
	// streamsMost is how many patients one vehicle streams at once.
	streamsMost = link.MaxStreams
)

// live is the flow from readings to faces: ten frames a second of every bed, to
// the faces on this machine and to the live process. It never waits for either.
type live struct {
	kit     *Kit
	between *Between
	pace    pace // of the record beside the live stream
	folded  folded
	hints   *hints

	auditing sync.Mutex // one entry of who watched whom at a time
	fetching sync.Mutex // one strip at a time

	mu        sync.Mutex // guards everything that follows
	streams   map[chart.ID]*stream
	free      []uint8   // numbers of streams not in use
	rung      link.Rung // what the link can carry now
	followers map[*follower]bool
	said      liveState // what the live process last said of itself
	fills     map[wave.Binding]*fill
	fetches   map[journal.Place]bool // logs being fetched for gaps: true to be asked once more
}

// A stream is one bed's frames.
type stream struct {
	number          uint8 // on the link
	numbered        bool  // a link carries so many patients: the others are on the record and on the faces here
	began           vital.Instant
	outward, inward wave.Encoder // to the link, to the faces here
	binding         wave.Binding
}

type follower struct {
	token api.Token
	only  chart.ID // the one encounter it may follow, zero for all
	each  func([]byte) error
	ended chan error
	once  sync.Once
}

func newLive(k *Kit) *live {
	l := &live{kit: k, streams: map[chart.ID]*stream{}, followers: map[*follower]bool{}, fills: map[wave.Binding]*fill{}, fetches: map[journal.Place]bool{}, hints: newHints()}
	for n := range uint8(streamsMost) {
		l.free = append(l.free, n)
	}
	return l
}

// run makes frames until ctx ends: one for each whole tenth of the station's
// clock, so that a tenth filled in from the record is known to be the same one, and
// between them for the faces here what a monitor has just said.
func (l *live) run(ctx context.Context) {
	defer l.endFollowers()
	began := wholeTenth(l.kit.clock.Now())
	var dropped uint64
	var told vital.Instant
	var soon soon
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.kit.record.said:
			soon.hear(l.kit.clock.Now(), began.Add(frameEvery))
			continue
		case <-soon.due:
		case <-time.After(began.Add(frameEvery).Sub(l.kit.clock.Now())): // each as soon as it is whole
		}
		now := l.kit.clock.Now()
		if now.Sub(began) > lateMost {
			began = wholeTenth(now) // the machine slept: the record says since when
		}
		for ; now.Sub(began) >= frameEvery; began = began.Add(frameEvery) {
			l.frames(began, began.Add(frameEvery))
		}
		l.prompt(now)
		soon.shown(now)
		if n := l.between.Dropped(); n > dropped && now.Sub(told) > droppedEvery {
			l.kit.log.Warn("messages to the live process found no room; the record has what they said", "messages", n-dropped)
			dropped, told = n, now
		}
	}
}

// lateMost is how far behind its clock the flow catches up by frames of their own.
const lateMost = 2 * time.Second

// droppedEvery is how often it is said that messages found no room.
const droppedEvery = 10 * time.Second

// wholeTenth is the tenth of a second in which t lies, by the station's clock.
func wholeTenth(t vital.Instant) vital.Instant { return t - t%vital.Instant(frameEvery) }

// frames sends one frame of each bed, and an end for each that is gone.
func (l *live) frames(began, now vital.Instant) {
	moments := l.kit.record.moments(began, now)
	recording := l.kit.recording()
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, s := range l.streams {
		if _, there := moments[id]; !there {
			l.send(s, &wave.Now{Time: began, Binding: s.binding, Ended: true}, true)
			delete(l.streams, id)
			if s.numbered {
				l.free = append(l.free, s.number)
			}
		}
	}
	for id, m := range moments {
		s := l.streams[id]
		if s == nil {
			s = &stream{began: now}
			l.streams[id] = s
		}
		if !s.numbered && len(l.free) > 0 {
			s.number, s.numbered = l.free[0], true
			l.free = l.free[1:]
		}
		s.binding = m.Binding
		// The link is told in which epoch the bed is counted, as soon as it is known;
		// the faces here need not wait for a disk.
		waits := m.Binding.Epoch == (chart.Epoch{}) && now.Sub(s.began) < diskWait && recording
		l.send(s, m, !waits && l.goesOut(id, l.said.Hospital))
	}
}

// unstreamed is how many patients there are beyond those that the link carries.
func (l *live) unstreamed() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.kit.settings.Hospital == "" {
		return 0
	}
	for _, s := range l.streams {
		if !s.numbered {
			n++
		}
	}
	return n
}

// send makes a frame for the faces on this machine, which show everything, and one
// for the link, which carries what it can. Caller holds mu.
func (l *live) send(s *stream, m *wave.Now, outward bool) {
	if l.between != nil && outward && s.numbered {
		if shaped, due := shape(l.rung, m); due {
			if b, ok := l.encode(&s.outward, []byte{s.number}, shaped); ok {
				l.between.Tell("frame", b)
			}
		}
	}
	l.show(s, m)
}

// show makes a frame for the faces on this machine. Caller holds mu.
func (l *live) show(s *stream, m *wave.Now) {
	if len(l.followers) == 0 {
		return
	}
	frame, ok := l.encode(&s.inward, nil, m)
	if !ok {
		return
	}
	for f := range l.followers {
		if f.only != (chart.ID{}) && f.only != chart.ID(m.Binding.Encounter) {
			continue
		}
		if err := f.each(frame); err != nil {
			delete(l.followers, f)
			f.end(err)
		}
	}
}

func (l *live) encode(e *wave.Encoder, dst []byte, m *wave.Now) ([]byte, bool) {
	b, err := e.Encode(dst, m)
	if errors.Is(err, wave.ErrTooLarge) {
		bare := *m
		bare.Waves = nil // numerics and alarms always go; the record has the traces
		b, err = e.Encode(dst, &bare)
	}
	if err != nil {
		l.kit.log.Error("a live frame could not be made", "reason", err)
	}
	return b, err == nil
}

// Frames a second on the rungs without waveforms.
const (
	numericsEvery = 500 * time.Millisecond
	slowEvery     = time.Second
)

// shape is m as the rung lets the link carry it, and whether a frame of this tenth
// goes at all. Alarms and the end of a binding go on every rung.
func shape(r link.Rung, m *wave.Now) (*wave.Now, bool) {
	every := frameEvery
	shaped := *m
	switch r {
	case link.Everything:
		return m, true
	case link.ChosenWaveform:
		shaped.Waves = chosen(m.Waves)
	case link.NumericsOnly:
		shaped.Waves, every = nil, numericsEvery
	default:
		shaped.Waves, every = nil, slowEvery
	}
	return &shaped, m.Ended || m.Time%vital.Instant(every) == 0
}

// chosen is the one waveform that goes last: the ECG, else the pleth, else the
// first there is.
func chosen(waves []vital.Waveform) []vital.Waveform {
	for _, wanted := range [...]func(vital.Lead) bool{
		func(l vital.Lead) bool { return l >= vital.ECGI && l <= vital.ECGPads },
		func(l vital.Lead) bool { return l == vital.Pleth },
		func(vital.Lead) bool { return true },
	} {
		for i, w := range waves {
			if wanted(w.Lead) {
				return waves[i : i+1]
			}
		}
	}
	return nil
}

func (f *follower) end(err error) { f.once.Do(func() { f.ended <- err }) }

func (l *live) endFollowers() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for f := range l.followers {
		f.end(errors.New("the station is closing"))
	}
	clear(l.followers)
}

// signedOut ends the faces that follow by a session that is over: of all sessions
// when t is empty.
func (l *live) signedOut(t api.Token) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for f := range l.followers {
		if t == "" || f.token == t {
			delete(l.followers, f)
			f.end(&api.Fault{Code: api.CodeSession, What: "the session is over", Do: "Sign in again."})
		}
	}
}

// handOver lets the faces of one session go on by the next person's.
func (l *live) handOver(from, to api.Token) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for f := range l.followers {
		if f.token == from {
			f.token = to
		}
	}
}

// cut has the live process end what a device that was withdrawn sends.
func (l *live) cut(d chart.Device) {
	if b, err := json.Marshal(d); err == nil && l.between != nil {
		l.between.Tell("cut", b)
	}
}

// follow hands every frame, or those of only one encounter, to each until ctx or the session ends or each returns an
// error. each must not block.
func (l *live) follow(ctx context.Context, t api.Token, only chart.ID, each func([]byte) error) error {
	f, err := l.join(t, only, each)
	if err != nil {
		return err
	}
	return l.wait(ctx, f)
}

// join is a new follower.
func (l *live) join(t api.Token, only chart.ID, each func([]byte) error) (*follower, error) {
	f := &follower{token: t, only: only, each: each, ended: make(chan error, 1)}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.followers) >= followersMost {
		return nil, &api.Fault{Code: api.CodeFailed, What: "too many faces follow this station already", Do: "Close one."}
	}
	l.followers[f] = true
	return f, nil
}

// wait waits until f has ended or ctx does.
func (l *live) wait(ctx context.Context, f *follower) error {
	select {
	case err := <-f.ended:
		return err
	case <-ctx.Done():
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.followers, f)
		return ctx.Err()
	}
}

// moments is what stands at every bed in the tenth that began at began. The
// samples it hands out are not handed out again.
func (r *record) moments(began, now vital.Instant) map[chart.ID]*wave.Now {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make(map[chart.ID]*wave.Now, len(r.beds))
	for id, b := range r.beds {
		if len(b.readings) == 0 && len(b.fresh) == 0 {
			continue
		}
		m := r.moment(b, began, now)
		lag := b.lag.of(b.fresh, m.Time)
		for _, w := range join(b.fresh) {
			if m.Time.Sub(w.Arrived) > lateMost {
				continue // the machine slept: it must not be drawn as if it were now
			}
			w.Arrived = w.Arrived.Add(lag)
			m.Waves = append(m.Waves, w.Waveform)
		}
		b.fresh, b.news = nil, false
		out[id] = m
	}
	return out
}

// worthShowing leaves out what a monitor names but this version does not know and
// that has no value: a monitor of many modules names dozens.
func worthShowing(readings []vital.Reading) []vital.Reading {
	return slices.DeleteFunc(readings, func(r vital.Reading) bool {
		return r.Sign == vital.Unknown && r.State() == vital.NotMeasured
	})
}

func (b *bed) binding(r *record) wave.Binding {
	binding := wave.Binding{Encounter: b.encounter, Boot: r.clock.Boot(), Epoch: b.disk.Epoch, Tag: b.tag, Demo: r.training}
	binding.Station, binding.CallSign = r.station, r.callSign
	var monitors []string
	for _, m := range r.monitors {
		if m.bed == b {
			monitors = append(monitors, strings.TrimSpace(m.prov.Make+" "+m.prov.Model))
		}
	}
	slices.Sort(monitors) // the same text each time, or each frame would be of another binding
	binding.Monitor = strings.Join(slices.Compact(monitors), ", ")
	for len(binding.Monitor) > wave.MaxText {
		monitors = monitors[:len(monitors)-1]
		binding.Monitor = strings.Join(monitors, ", ")
	}
	return binding
}

// alarms are the bed's as a live frame says them.
func (b *bed) alarms() []wave.Alarm {
	var out []wave.Alarm
	for _, w := range b.watched() {
		for _, a := range w.engine.Active() {
			if a.State == alarm.Pending || a.State == alarm.Withheld {
				continue
			}
			out = append(out, wave.Alarm{
				ID: w.ids[a.Condition], Priority: uint8(a.Priority), Technical: a.Condition.Technical(),
				Acknowledged: a.State == alarm.Acknowledged, Text: a.Condition.String(),
			})
		}
	}
	slices.SortStableFunc(out, func(x, y wave.Alarm) int { return cmp.Compare(y.Priority, x.Priority) })
	return out
}

// liveState is what the live process says of itself, once a second.
type liveState struct {
	PID         int    `json:"pid"`
	Link        string `json:"link"`
	Board       string `json:"board,omitempty"`
	Fingerprint string `json:"fingerprint,omitempty"`
	// Rung is nil until a link stands. It is told at every change too; said again,
	// a restarted recorder knows it.
	Rung *link.Rung `json:"rung,omitempty"`
	Door *doorState `json:"door,omitempty"` // at a relay, where one is set
	// Hospital is the gateway with which it has the link, zero while it has none.
	Hospital chart.Device `json:"hospital,omitzero"`
	heard    time.Time
}

// liveSilent is after how long without a word the live process is said to be
// gone. It is restarted within a second.
const liveSilent = 3 * time.Second

// describe fills in what the live process says.
func (l *live) describe(ctx context.Context, st *api.State) {
	l.mu.Lock()
	said := l.said
	l.mu.Unlock()
	st.Link.To = l.kit.settings.Hospital
	st.Link.State = "no hospital set"
	if said.heard.IsZero() || time.Since(said.heard) > liveSilent {
		if st.Link.To != "" || l.kit.settings.Serve != "" {
			st.Link.State = "the live process is being started"
		}
		return
	}
	st.Live, st.Link.Board, st.Link.Fingerprint = said.PID, said.Board, said.Fingerprint
	l.describeDoor(st, said.Door)
	if st.Link.To != "" {
		st.Link.State = said.Link
		st.Link.Name, st.Link.Not = l.notShown(ctx, said.Hospital)
	}
}

// shownAt is what showable is at a hospital, as far as this station knows.
func (s *share) shownAt(ctx context.Context, hospital chart.Device, encounter chart.ID) bool {
	r := s.roster.Load()
	if r == nil {
		return false
	}
	m, ok := r.Member(hospital)
	may := ok && m.Grant == identity.GrantAll
	if ok && !may {
		may, _ = s.mayRead(ctx, hospital, encounter)
	}
	if !may {
		return false
	}
	elsewhere, err := s.boundElsewhere(ctx, hospital, encounter)
	return err == nil && !elsewhere
}

// notShown is the call sign of the hospital of the link, and which of the encounters with
// monitors here its page does not show. What cannot be read is not said to be shown.
func (l *live) notShown(ctx context.Context, hospital chart.Device) (name string, not []chart.ID) {
	if hospital == (chart.Device{}) {
		return "", nil
	}
	for _, s := range l.kit.shares() {
		if r := s.roster.Load(); r != nil && name == "" {
			m, _ := r.Member(hospital)
			name = m.CallSign
		}
	}
	l.mu.Lock()
	encounters := slices.Collect(maps.Keys(l.streams))
	l.mu.Unlock()
	for _, id := range encounters {
		if !l.goesOut(id, hospital) || !l.kit.carriedBy(id).shownAt(ctx, hospital, id) {
			not = append(not, id)
		}
	}
	slices.SortFunc(not, func(a, b chart.ID) int { return bytes.Compare(a[:], b[:]) })
	return name, not
}

// answer answers the live process: see outside.go for what it asks.
func (l *live) answer(ctx context.Context, verb string, payload []byte) ([]byte, error) {
	switch verb {
	case "state":
		var said liveState
		if err := json.Unmarshal(payload, &said); err != nil {
			return nil, fmt.Errorf("read the live process's state: %w", err)
		}
		said.heard = time.Now()
		l.mu.Lock()
		l.said = said
		if said.Rung != nil {
			l.rung = *said.Rung
		}
		l.mu.Unlock()
		return nil, nil
	case "rung":
		var r link.Rung
		if err := json.Unmarshal(payload, &r); err != nil {
			return nil, fmt.Errorf("read what the link carries: %w", err)
		}
		l.mu.Lock()
		l.rung = r
		l.mu.Unlock()
		return nil, nil
	case "refused":
		for _, s := range l.kit.shares() {
			wake(s.refused)
		}
		return nil, nil
	case "queue":
		return nil, l.heardQueue(payload)
	case "exchange-at":
		return reply(l.exchangeAt())
	case "who":
		return reply(l.who())
	case "sign-offer":
		return answered(payload, l.signOffer)
	case "check-answer":
		return answered(payload, l.checkAnswer)
	case "check-offer":
		return answered(payload, l.checkOffer)
	case "sign-relay":
		return answered(payload, l.signRelay)
	case "sign-answer":
		return answered(payload, l.signAnswer)
	case "may-show":
		return answered(payload, func(b wave.Binding) (nothing, error) { return l.mayShow(ctx, b) })
	case "sign-in":
		return answered(payload, func(in signIn) (signedInAs, error) { return l.signIn(ctx, in) })
	case "sign-out":
		return answered(payload, func(t api.Token) (nothing, error) { l.kit.wentOut(ctx, l.kit.sessions.end(t)); return nothing{}, nil })
	case "session":
		return answered(payload, l.session)
	case "chart":
		return answered(payload, func(in watching) (json.RawMessage, error) { return l.chart(ctx, in) })
	case "record":
		return answered(payload, func(in watching) (json.RawMessage, error) { return l.page(ctx, in) })
	case "strip":
		return answered(payload, func(in stripAsked) (json.RawMessage, error) { return l.strip(ctx, in) })
	case "strip-fetch":
		return answered(payload, func(in stripAsked) (nothing, error) { return nothing{}, l.fetchStrip(ctx, in) })
	case "watched":
		return answered(payload, func(in watched) (nothing, error) { return nothing{}, l.watched(ctx, in) })
	case "act":
		return answered(payload, func(in erAct) (api.Recorded, error) { return l.act(ctx, in) })
	case "gap":
		return answered(payload, func(in gap) (nothing, error) { return nothing{}, l.gap(ctx, in) })
	}
	return nil, fmt.Errorf("there is no question %q", verb)
}

type nothing struct{}

// answered reads a question's JSON, answers it, and writes the answer's.
func answered[In, Out any](payload []byte, do func(In) (Out, error)) ([]byte, error) {
	var in In
	if err := json.Unmarshal(payload, &in); err != nil {
		return nil, fmt.Errorf("read the question: %w", err)
	}
	return reply(do(in))
}

func reply[Out any](out Out, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return json.Marshal(out)
}
