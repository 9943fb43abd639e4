package kit

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/triage/alarm"
	"fieldkit/triage/chart"
)

// keptShown is under which name the store keeps the encounter that was on screen
// when it was locked: a recorder that restarts goes on showing it.
const keptShown = "shown"

// shown is the encounter whose live numbers a locked screen shows; zero when none.
func (k *Kit) shown(ctx context.Context) (chart.ID, error) {
	b, err := k.store.Kept(ctx, keptShown)
	if errors.Is(err, store.ErrNotKept) {
		return chart.ID{}, nil
	}
	var id chart.ID
	if err != nil || len(b) != len(id) {
		return id, storeFault(err)
	}
	return chart.ID(b), nil
}

func nothingShown() error {
	return &api.Fault{Code: api.CodeSession, What: "nobody is signed in, and no patient was on screen when it was locked", Do: "Sign in."}
}

// LockScreen implements api.Shower.
func (k *Kit) LockScreen(ctx context.Context, t api.Token, encounter chart.ID) error {
	if _, err := k.sessions.check(t); err != nil {
		return err
	}
	if err := k.store.Keep(ctx, keptShown, encounter[:]); err != nil {
		return storeFault(err)
	}
	k.sessions.end(t)
	k.live.signedOut(t)
	k.live.shownChanged()
	return nil
}

// followShown follows the encounter that was on screen when it was locked.
func (k *Kit) followShown(ctx context.Context, each func([]byte) error) error {
	only, err := k.shown(ctx)
	if err != nil {
		return err
	}
	if only == (chart.ID{}) {
		return nothingShown()
	}
	return k.live.follow(ctx, "", only, each)
}

// shownChanged ends the faces that follow without a session: another patient may be
// on screen.
func (l *live) shownChanged() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for f := range l.followers {
		if f.token == "" {
			delete(l.followers, f)
			f.end(&api.Fault{Code: api.CodeSession, What: "the screen was locked anew", Do: "Follow again."})
		}
	}
}

// AcknowledgeShown implements api.Shower. A crew with its hands full may silence an
// alarm of its own patient; the entry says that nobody was signed in.
func (k *Kit) AcknowledgeShown(ctx context.Context) error {
	id, err := k.shown(ctx)
	if err != nil {
		return err
	}
	if id == (chart.ID{}) {
		return nothingShown()
	}
	refs, patient := k.record.sounding(id)
	if len(refs) == 0 {
		return &api.Fault{Code: api.CodeInvalid, What: "no alarm of the patient on screen is on the record yet", Do: "Try again in a second."}
	}
	return k.recordUnnamed(ctx, id, patient, &chart.AlarmAcknowledged{Of: refs})
}

// sounding are the places of the alarms of an encounter that nobody has
// acknowledged, and whose they are.
func (r *record) sounding(encounter chart.ID) (refs []chart.Ref, patient chart.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.beds[encounter]
	if b == nil {
		return nil, chart.ID{}
	}
	for _, w := range b.watched() {
		for _, a := range w.engine.Active() {
			if place := w.raised[a.Condition]; place != nil && place.Seq > 0 && (a.State == alarm.Sounding || a.State == alarm.Latched) {
				refs = append(refs, *place)
			}
		}
	}
	return refs, b.patient
}

// BreakGlass implements api.Shower.
func (k *Kit) BreakGlass(ctx context.Context, why string) (api.Token, error) {
	id, err := k.shown(ctx)
	if err != nil {
		return "", err
	}
	if id == (chart.ID{}) {
		return "", nothingShown()
	}
	if strings.TrimSpace(why) == "" {
		return "", &api.Fault{Code: api.CodeInvalid, What: "an emergency entry needs its reason", Do: "Say why nobody can sign in."}
	}
	_, patient := k.record.sounding(id)
	if err := k.recordUnnamed(ctx, id, patient, &chart.Event{Name: emergencyEntry, Text: why}); err != nil {
		return "", err // an entry that is not on the record opens nothing
	}
	return k.sessions.begin(chart.Author{Staff: "emergency", Checked: chart.CheckedNone}, byEmergency), nil
}

// emergencyEntry is what the record calls a session without proof.
const emergencyEntry = "emergency access"

// recordUnnamed records for an encounter while nobody is signed in, as a session of
// this one call.
func (k *Kit) recordUnnamed(ctx context.Context, encounter, patient chart.ID, c chart.Content) error {
	kind, _ := kindOf(c.Type())
	content, err := json.Marshal(c)
	if err != nil {
		return err
	}
	t := k.sessions.begin(chart.Author{Staff: "locked screen", Checked: chart.CheckedNone}, byEmergency)
	defer k.sessions.end(t)
	_, err = k.Record(ctx, t, api.Draft{Encounter: encounter, Patient: patient, Kind: kind.Name, Content: content})
	return err
}

func kindOf(t chart.Type) (chart.Kind, bool) {
	for _, kind := range chart.Kinds {
		if kind.Type == t {
			return kind, true
		}
	}
	return chart.Kind{}, false
}
