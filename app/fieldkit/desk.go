//go:build cgo

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"fieldkit/app/api"
	"fieldkit/telemetry/wave"
	"fieldkit/triage/alarm"
	"fieldkit/triage/chart"
	"fieldkit/ui"
)

// A desk is a station's API as the screens see it. It dials again after the
// recorder's restart and signs in again when its session has ended with it.
type desk struct {
	dir    string
	onDoor func(standing) // told, in order, of who is at this screen from now on

	mu         sync.Mutex // guards everything that follows
	client     *api.Client
	token      api.Token
	who        string      // at this screen, "" while it is locked: then only what needs no session is shown
	person     string      // whose secret it is, "" for the crew's
	passphrase string      // or PIN: signs in again when the recorder restarts; forgotten when the screen is locked
	list       api.Listing // of encounters, as last told: not told again while nothing is new
}

var _ ui.Desk = (*desk)(nil)

// newDesk is a station with whoever had the passphrase signed in. A window that is
// started again goes on where the one before was: what was locked stays locked, and who
// was signed in is by the session's token, without a secret to begin another.
func newDesk(dir, passphrase string, before *standing, onDoor func(standing)) *desk {
	d := &desk{dir: dir, onDoor: onDoor}
	switch {
	case before == nil && passphrase != "":
		d.who, d.passphrase = crew.Name, passphrase
	case before == nil, before.Who == "":
	case before.Person == crew.ID && before.Who == crew.Name && passphrase != "":
		d.who, d.passphrase, d.token = before.Who, passphrase, before.Token
	case before.Token != "":
		d.who, d.person, d.token = before.Who, before.Person, before.Token
	}
	d.told()
	return d
}

// told says who is at this screen. Caller holds mu, or is alone with d.
func (d *desk) told() {
	if d.onDoor != nil {
		d.onDoor(standing{Token: d.token, Who: d.who, Person: d.person})
	}
}

// dial is a client of the station and a session on it.
func (d *desk) dial(ctx context.Context) (*api.Client, api.Token, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.client == nil {
		client, err := api.Dial(ctx, d.dir)
		if err != nil {
			return nil, "", trouble(err)
		}
		d.client = client
	}
	if d.token == "" && d.passphrase != "" {
		token, _, err := prove(ctx, d.client, d.person, d.passphrase)
		if err != nil {
			return nil, "", trouble(err)
		}
		d.token = token
		d.told()
	}
	return d.client, d.token, nil
}

// forget drops a session that ended, so that the next call signs in again.
func (d *desk) forget(ended api.Token) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.token != ended {
		return
	}
	d.token = ""
	if d.passphrase == "" {
		d.who, d.list = "", api.Listing{} // an emergency's session cannot be begun again: the screen is locked
	}
	d.told()
}

// call does one thing at the station, once more with a new session when the old one
// has ended. The station has done nothing then: it asks for the session first.
func call[Out any](ctx context.Context, d *desk, do func(*api.Client, api.Token) (Out, error)) (out Out, err error) {
	for range 2 {
		client, token, err := d.dial(ctx)
		if err != nil {
			return out, err
		}
		out, err = do(client, token)
		var fault *api.Fault
		if errors.As(err, &fault) && fault.Code == api.CodeSession && token != "" {
			d.forget(token)
			continue
		}
		return out, trouble(err)
	}
	return out, &ui.Trouble{What: "the station ended the session twice", Do: "Wait a second and try again"}
}

// trouble is err as a screen says it.
func trouble(err error) error {
	var fault *api.Fault
	switch {
	case err == nil:
		return nil
	case errors.As(err, &fault):
		return &ui.Trouble{What: fault.What, Do: fault.Do}
	case errors.Is(err, api.ErrNoStation):
		return &ui.Trouble{What: "the recorder does not answer", Do: "It restarts by itself; if not, start the station"}
	}
	return err
}

// Station implements [ui.Desk]. It needs no session.
func (d *desk) Station(ctx context.Context) (ui.Station, error) {
	client, err := api.Dial(ctx, d.dir)
	if err != nil {
		return ui.Station{}, trouble(err)
	}
	st, err := client.State(ctx)
	if err != nil {
		return ui.Station{}, trouble(err)
	}
	out := stationOf(st)
	out.SignedIn = d.signedIn()
	return out, nil
}

func stationOf(st api.State) ui.Station {
	out := ui.Station{
		Kind: st.Kind, CallSign: st.CallSign, Version: st.Version, Locked: st.Locked, Training: st.Training,
		Link: ui.Link{
			To: st.Link.To, Name: st.Link.Name, State: st.Link.State, Not: st.Link.Not,
			Board: st.Link.Board, Fingerprint: st.Link.Fingerprint,
		},
		Trouble: st.Trouble,
	}
	for _, p := range st.Paused {
		out.Paused = append(out.Paused, ui.Pause{Encounter: p.Encounter, Alarm: p.Alarm, Left: p.Left})
	}
	for _, p := range st.Ports {
		out.Monitors = append(out.Monitors, ui.Monitor{
			Port: p.Name, Name: strings.TrimSpace(p.Monitor), Driver: p.Driver, Proven: p.Proven, State: p.State, Do: p.Do,
			Binding: p.Binding, Encounter: p.Encounter,
		})
	}
	out.Device = st.Writer
	for _, p := range st.Peers {
		out.Peers = append(out.Peers, ui.Peer{
			Device: p.Writer, CallSign: p.CallSign, Kind: p.Kind, State: p.State, Connected: p.Connected,
			MissingHere: p.MissingHere, MissingThere: p.MissingThere,
		})
	}
	return out
}

// Encounters implements [ui.Desk]. The station is asked each time, and answers whoever
// is signed in then; what it need not tell again is the list that it told last.
func (d *desk) Encounters(ctx context.Context) ([]chart.Row, error) {
	if d.signedIn() == "" {
		return nil, nil
	}
	d.mu.Lock()
	had := d.list
	d.mu.Unlock()
	l, err := call(ctx, d, func(c *api.Client, t api.Token) (api.Listing, error) { return c.ListEncounters(ctx, t, had.Mark) })
	if err != nil {
		d.keepList(api.Listing{})
		return nil, err
	}
	if l.Same {
		l = had
	}
	d.keepList(l)
	return slices.Clone(l.Rows), nil
}

// keepList keeps the list as last told, for who is signed in.
func (d *desk) keepList(l api.Listing) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.list = (api.Listing{}); d.who != "" {
		d.list = l
	}
}

// Entries implements [ui.Desk].
func (d *desk) Entries(ctx context.Context, encounter chart.ID) ([]chart.Entry, error) {
	return call(ctx, d, func(c *api.Client, t api.Token) ([]chart.Entry, error) { return c.Entries(ctx, t, encounter) })
}

// Record implements [ui.Desk].
func (d *desk) Record(ctx context.Context, draft ui.Draft) (ui.Recorded, error) {
	asked, err := draftOf(draft)
	if err != nil {
		return ui.Recorded{}, err
	}
	done, err := call(ctx, d, func(c *api.Client, t api.Token) (api.Recorded, error) { return c.Record(ctx, t, asked) })
	return recordedOf(done), err
}

// RecordAll implements [ui.Desk].
func (d *desk) RecordAll(ctx context.Context, drafts []ui.Draft) ([]ui.Recorded, error) {
	asked := make([]api.Draft, len(drafts))
	for i, draft := range drafts {
		var err error
		if asked[i], err = draftOf(draft); err != nil {
			return nil, err
		}
	}
	done, err := call(ctx, d, func(c *api.Client, t api.Token) ([]api.Recorded, error) { return c.RecordAll(ctx, t, asked) })
	if err != nil {
		return nil, err
	}
	out := make([]ui.Recorded, len(done))
	for i := range done {
		out[i] = recordedOf(done[i])
	}
	return out, nil
}

func draftOf(draft ui.Draft) (api.Draft, error) {
	content, err := json.Marshal(draft.Content)
	if err != nil {
		return api.Draft{}, fmt.Errorf("write the entry: %w", err)
	}
	at := slices.IndexFunc(chart.Kinds, func(k chart.Kind) bool { return k.Type == draft.Content.Type() })
	if at < 0 {
		return api.Draft{}, fmt.Errorf("write the entry: type %d has no name", draft.Content.Type())
	}
	return api.Draft{
		Encounter: draft.Encounter, Patient: draft.Patient, Happened: draft.Happened, Kind: chart.Kinds[at].Name, Content: content,
		Amends: draft.Amends, Why: draft.Why,
	}, nil
}

func recordedOf(r api.Recorded) ui.Recorded {
	return ui.Recorded{Ref: r.Ref, Encounter: r.Encounter, Patient: r.Patient}
}

// Follow implements [ui.Desk].
func (d *desk) Follow(ctx context.Context, each func(*ui.Moment)) error {
	live := frames{decoder: wave.Decoder{Streams: wave.MaxStreams}}
	_, err := call(ctx, d, func(c *api.Client, t api.Token) (struct{}, error) {
		return struct{}{}, c.Follow(ctx, t, func(frame []byte) error {
			m, err := live.moment(frame)
			if m != nil {
				each(m)
			}
			return err
		})
	})
	return err
}

// A frames reads the frames of all patients of a station.
type frames struct {
	decoder wave.Decoder
	frame   wave.Frame
}

// moment is a frame as a screen takes it, nil for one that says nothing yet. It
// shares nothing with the decoder.
func (d *frames) moment(frame []byte) (*ui.Moment, error) {
	switch err := d.decoder.Decode(frame, &d.frame); {
	case errors.Is(err, wave.ErrNotDescribed):
		return nil, nil // its description comes within a second
	case err != nil:
		return nil, fmt.Errorf("read a live frame: %w", err)
	}
	f := &d.frame
	m := &ui.Moment{
		Encounter: chart.ID(f.Binding.Encounter), Tag: f.Binding.Tag, Monitor: f.Binding.Monitor, Demo: f.Binding.Demo,
		Boot: chart.Boot(f.Binding.Boot), At: f.Time, Ended: f.Ended,
		Readings: slices.Clone(f.Numerics), Full: f.Full, AlarmsTold: f.AlarmsTold,
	}
	for _, w := range f.Waves {
		w.Samples, w.Gaps = slices.Clone(w.Samples), slices.Clone(w.Gaps)
		m.Waves = append(m.Waves, w)
	}
	for _, a := range f.Alarms {
		m.Alarms = append(m.Alarms, ui.Alarm{
			ID: a.ID, Priority: min(alarm.Priority(a.Priority), alarm.High), Technical: a.Technical, Acknowledged: a.Acknowledged, Text: a.Text,
		})
	}
	return m, nil
}
