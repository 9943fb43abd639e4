package kit

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fieldkit/app/api"
	"fieldkit/sync/identity"
	"fieldkit/telemetry/gateway"
	"fieldkit/telemetry/link"
	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
	"fieldkit/triage/score"
)

// What the live process asks the recorder, which alone has keys, accounts and
// record. Every answer is a decision of the recorder's; the live process only
// carries it.

// whoWeAre is this station as the live process may know it.
type whoWeAre struct {
	Device    chart.Device   `json:"device"`
	Hospitals []chart.Device `json:"hospitals"` // the gateways that may answer us; none when the roster names none
	Settings  Settings       `json:"settings"`
	Kind      string         `json:"kind"`
}

// refused is what a question is answered with when it may not be.
const refused = "refused"

func errRefused(why string) error { return fmt.Errorf("%s: %s", refused, why) }

// isRefused tells a refusal, here or in the other process, from an answer that could
// not be had.
func isRefused(err error) bool { return err != nil && strings.Contains(err.Error(), refused+": ") }

func (l *live) who() (whoWeAre, error) {
	m := l.kit.share.member.Load()
	if m == nil {
		return whoWeAre{}, errRefused("the store is locked")
	}
	w := whoWeAre{Device: m.device, Settings: l.kit.settings, Kind: l.kit.kindName()}
	// Of several teams the one that encounters are opened for comes first.
	for _, s := range append([]*share{l.kit.chosen(context.Background())}, l.kit.shares()...) {
		for _, d := range s.hospitals() {
			if !slices.Contains(w.Hospitals, d) {
				w.Hospitals = append(w.Hospitals, d)
			}
		}
	}
	return w, nil
}

// hospitals are the gateways that may answer this station as one of this team; none when
// this station is out.
func (s *share) hospitals() (out []chart.Device) {
	m, r := s.member.Load(), s.roster.Load()
	if m == nil || r == nil || s.withdrawn.Load() {
		return nil
	}
	for _, state := range r.Members() {
		if state.Kind == identity.Hospital && !state.Out && state.Device != m.device {
			out = append(out, state.Device)
		}
	}
	return out
}

// hospitalAt is which of them answers at the address of the settings, as far as the
// live process has found out; zero while nobody can say.
func (s *share) hospitalAt() chart.Device {
	l := s.kit.live
	l.mu.Lock()
	found := l.said.Hospital
	l.mu.Unlock()
	switch of := s.hospitals(); {
	case slices.Contains(of, found):
		return found
	case len(of) == 1:
		return of[0]
	}
	return chart.Device{}
}

// goesOut reports whether an encounter's live frames may go to the hospital of the
// link: it is one of the encounter's team. Of an encounter whose team is not decided
// yet nothing goes.
func (l *live) goesOut(encounter chart.ID, hospital chart.Device) bool {
	s := l.kit.carriedBy(encounter)
	if s == nil || s.withdrawn.Load() {
		return false
	}
	if len(l.kit.shares()) == 1 {
		return true
	}
	r := s.roster.Load()
	if r == nil {
		return false
	}
	state, ok := r.Member(hospital)
	return ok && !state.Out && state.Kind == identity.Hospital
}

// signed is an offer or answer with its signature.
type signed struct {
	Terms     link.Terms `json:"terms"`
	Signature []byte     `json:"signature"`
}

func (l *live) signOffer(t link.Terms) ([]byte, error) { return l.sign(t.Device, t.OfferMessage()) }

func (l *live) signAnswer(t link.Terms) ([]byte, error) { return l.sign(t.Gateway, t.AnswerMessage()) }

// sign signs a message that speaks for this device and no other.
func (l *live) sign(as string, message []byte) ([]byte, error) {
	m := l.kit.share.member.Load()
	in := func(s *share) bool { return !s.withdrawn.Load() }
	if m == nil || !slices.ContainsFunc(l.kit.shares(), in) {
		return nil, errRefused("the store is locked, or this station was withdrawn from its team")
	}
	if as != hex.EncodeToString(m.device[:]) {
		return nil, errRefused("that is not this device")
	}
	return ed25519.Sign(m.key, message), nil
}

func (l *live) checkAnswer(s signed) (nothing, error) {
	_, err := l.verify(s.Terms.Gateway, s.Terms.AnswerMessage(), s.Signature, identity.Hospital)
	return nothing{}, err
}

func (l *live) checkOffer(s signed) (callSign string, err error) {
	state, err := l.verify(s.Terms.Device, s.Terms.OfferMessage(), s.Signature, 0)
	return state.CallSign, err
}

// verify checks a signature by a device that stands on the roster of one of our
// teams, of that kind unless it is 0.
func (l *live) verify(device string, message, signature []byte, kind identity.Kind) (state identity.MemberState, err error) {
	var d chart.Device
	if err := d.UnmarshalText([]byte(device)); err != nil {
		return identity.MemberState{}, errRefused("the device is not named")
	}
	stands := false
	for _, s := range l.kit.shares() {
		r := s.roster.Load()
		if r == nil || s.withdrawn.Load() {
			continue
		}
		m, ok := r.Member(d)
		if ok && !m.Out && (kind == 0 || m.Kind == kind) {
			state, stands = m, true
			break
		}
	}
	switch {
	case !stands:
		return identity.MemberState{}, errRefused("the device is not on the roster for this")
	case !ed25519.Verify(state.Key.Public(), message, signature):
		return identity.MemberState{}, errRefused("the signature is not the device's")
	}
	return state, nil
}

// mayShow says whether an encounter's live frames may be shown at this hospital:
// the station that sends them is on our roster, and our grant lets us read the
// encounter. The record may come after the frames: the page asks again.
func (l *live) mayShow(ctx context.Context, b wave.Binding) (nothing, error) {
	l.hints.show(b) // first, so that no change falls between the look and this
	err := l.showable(ctx, b)
	if isRefused(err) {
		l.hints.hide(chart.ID(b.Encounter))
	}
	return nothing{}, err
}

func (l *live) showable(ctx context.Context, b wave.Binding) error {
	of, err := l.kit.teamOf(ctx, chart.ID(b.Encounter))
	if err != nil {
		return err
	}
	held, listed := false, false
	for _, s := range l.kit.shares() {
		r, m := s.roster.Load(), s.member.Load()
		if r == nil || m == nil || of != nil && s != of {
			continue
		}
		held = true
		if from, ok := r.Member(b.Station); !ok || from.Out {
			continue
		}
		listed = true // of an encounter not held yet, every team it may be of must allow it
		if err := l.mayReadIn(ctx, s, chart.ID(b.Encounter)); err != nil {
			return err
		}
		// One that may still read it, or may read all, shows none that goes to another hospital.
		elsewhere, err := s.boundElsewhere(ctx, m.device, chart.ID(b.Encounter))
		if err == nil && elsewhere {
			err = errRefused("the patient is on the way to another hospital")
		}
		if err != nil {
			return err
		}
	}
	switch {
	case !held:
		// No refusal: a recorder that has just been started again cannot say, and must
		// not end what is shown.
		return errors.New("no roster is held yet")
	case !listed:
		return errRefused("the station is not on the roster")
	}
	return nil
}

// mayRead refuses an encounter that this hospital's grant does not let it read.
func (l *live) mayRead(ctx context.Context, encounter chart.ID) error {
	of, err := l.kit.teamOf(ctx, encounter)
	if err != nil {
		return err
	}
	if of == nil {
		of = l.kit.share
	}
	return l.mayReadIn(ctx, of, encounter)
}

func (l *live) mayReadIn(ctx context.Context, s *share, encounter chart.ID) error {
	r, m := s.roster.Load(), s.member.Load()
	if r == nil || m == nil {
		return errRefused("no roster is held")
	}
	self, ok := r.Member(m.device)
	if !ok || self.Out {
		return errRefused("this hospital is not on the roster")
	}
	if self.Grant == identity.GrantAll {
		return nil
	}
	may, err := s.mayRead(ctx, m.device, encounter)
	if err == nil && !may {
		err = errRefused("the encounter is not bound for this hospital, as far as the record has come")
	}
	return err
}

// signIn is a name and password of the emergency room's.
type signIn struct{ Name, Secret string }

type signedInAs struct {
	Token  api.Token      `json:"token"`
	Person gateway.Person `json:"person"`
}

func (l *live) signIn(ctx context.Context, in signIn) (signedInAs, error) {
	a, err := l.kit.checkAccount(ctx, in.Name, in.Secret)
	if err != nil {
		l.kit.refusedAccount(ctx, in.Name)
		return signedInAs{}, err
	}
	t := l.kit.sessions.begin(chart.Author{Staff: a.Name, Checked: chart.CheckedPIN}, byPage)
	l.kit.cameIn(ctx, t, howPassword, atPage)
	return signedInAs{
		Token:  t,
		Person: gateway.Person{ID: a.Name, Name: a.Name, Role: a.Role},
	}, nil
}

func (l *live) session(t api.Token) (gateway.Person, error) {
	author, err := l.kit.sessions.check(t)
	if err != nil {
		return gateway.Person{}, errRefused("the session is over")
	}
	return gateway.Person{ID: author.Staff, Name: author.Staff}, nil
}

// watching is somebody who asks for an encounter.
type watching struct {
	Token     api.Token `json:"token"`
	Encounter chart.ID  `json:"encounter"`
}

func (l *live) chart(ctx context.Context, in watching) (json.RawMessage, error) {
	c, err := l.read(ctx, in)
	if err != nil {
		return nil, err
	}
	now, _ := l.kit.clock.Wall()
	s := sheetOf(c, now)
	s.Waiting, s.Handover = l.unanswered(c), handoverState(c)
	return json.Marshal(s)
}

// sheet is what the page shows of an encounter's chart beside the live numbers: its
// row, the complaint, and when the vehicle says it comes.
type sheet struct {
	chart.Row
	Complaint string   `json:"complaint,omitempty"`
	ETA       *arrival `json:"eta,omitempty"`
	Answered  response `json:"answered"`
	// Waiting is how many messages the crew wrote since this hospital last did.
	Waiting int `json:"waiting,omitempty"`
	// Handover is "offered", "received" or "accepted" once the crew has offered one.
	Handover string `json:"handover,omitempty"`
	// NEWS2 is left out when it must not be used or contradicts itself; Refused
	// then says why.
	NEWS2   *score.Result `json:"news2,omitempty"`
	Refused string        `json:"news2_refused,omitempty"`
}

type arrival struct {
	Seconds uint32    `json:"seconds"` // from At
	At      time.Time `json:"at"`
	To      string    `json:"to,omitempty"`
}

// response is what this hospital has answered so far.
type response struct {
	Accepted bool     `json:"accepted,omitempty"`
	Bay      string   `json:"bay,omitempty"`
	Diverted string   `json:"diverted,omitempty"` // where to, or why when nowhere is named
	Teams    []string `json:"teams,omitempty"`    // called and not called off
}

func responseOf(course chart.Course) response {
	r := response{Accepted: len(course.Accepted) > 0}
	if f := course.Bay.First(); f != nil {
		r.Bay = f.Content.(*chart.BayAssigned).Bay
	}
	if f := course.Diversion.First(); f != nil {
		d := f.Content.(*chart.ArrivalDiverted)
		r.Diverted = cmp.Or(d.To, d.Why)
	}
	for _, f := range course.Activations {
		a := f.Content.(*chart.Activation)
		r.Teams = slices.DeleteFunc(r.Teams, func(team string) bool { return team == a.Team })
		if !a.Off {
			r.Teams = append(r.Teams, a.Team)
		}
	}
	return r
}

func sheetOf(c *chart.Chart, now time.Time) sheet {
	s := sheet{Row: c.Row()}
	course := c.Course()
	s.Answered = responseOf(course)
	if course.Opened != nil {
		s.Complaint = course.Opened.Content.(*chart.EncounterOpened).Complaint
	}
	if f := course.ETA; f != nil {
		eta := f.Content.(*chart.ETA)
		s.ETA = &arrival{Seconds: eta.Seconds, At: f.At, To: eta.To}
	}
	switch news2, err := news2Of(c, now); {
	case err != nil:
		s.Refused = err.Error()
	case news2.Refused != "":
		s.Refused = news2.Refused
	default:
		s.NEWS2 = &news2
	}
	return s
}

// erAct is an act of the emergency room.
type erAct struct {
	Token api.Token   `json:"token"`
	Act   gateway.Act `json:"act"`
}

// erKinds are what the emergency room records at its page, as the page's protocol
// (telemetry/gateway/PROTOCOL.md) lists them.
var erKinds = []chart.Type{
	chart.TypeArrivalAccepted, chart.TypeArrivalDiverted, chart.TypeBayAssigned, chart.TypeActivation, chart.TypeRetraction,
	chart.TypeHandoverReadBack, chart.TypeHandoverAccepted, chart.TypeMessage, chart.TypeAlarmAcknowledged,
}

// act records an act of erKinds, of an encounter that this hospital may read.
func (l *live) act(ctx context.Context, in erAct) (api.Recorded, error) {
	author, err := l.atPage(in.Token)
	if err != nil {
		return api.Recorded{}, err
	}
	if kind, ok := chart.KindNamed(in.Act.Kind); !ok || !slices.Contains(erKinds, kind.Type) {
		return api.Recorded{}, errRefused("the page does not record entries of that kind")
	}
	known, err := l.kit.accounts(ctx)
	if err != nil {
		return api.Recorded{}, storeFault(err)
	}
	if known[author.Staff].Role == identity.RoleObserver {
		return api.Recorded{}, errRefused("the role of whoever is signed in does not allow that")
	}
	if err := l.mayRead(ctx, in.Act.Encounter); err != nil {
		return api.Recorded{}, err
	}
	defer l.folded.forget(in.Act.Encounter)
	return l.kit.recordAs(ctx, author, api.Draft{Encounter: in.Act.Encounter, Kind: in.Act.Kind, Content: in.Act.Body})
}

// atPage is who is signed in at the page by that token.
func (l *live) atPage(t api.Token) (chart.Author, error) {
	in, err := l.kit.sessions.signedIn(t)
	if err != nil || in.by != byPage {
		return chart.Author{}, errRefused("the session is over")
	}
	return in.author, nil
}
