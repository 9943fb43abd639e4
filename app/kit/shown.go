package kit

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/triage/alarm"
	"fieldkit/triage/chart"
)

// keptShown is under which name the store keeps the encounter that was on screen
// when it was locked: a recorder that restarts goes on showing it.
const keptShown = "shown"

// A screen is what this process knows of the encounter on the locked screen: it
// holds though the disk took nothing of it.
type screen struct {
	mu    sync.Mutex // guards what follows, and one change of what is kept at a time
	known bool       // since something was set
	on    chart.ID
	stale bool // the store has kept something else
}

// shown is the encounter whose live numbers a locked screen shows; zero when none.
func (k *Kit) shown(ctx context.Context) (chart.ID, error) {
	k.screen.mu.Lock()
	defer k.screen.mu.Unlock()
	return k.onScreen(ctx)
}

// onScreen is shown for a caller that holds the screen's mu.
func (k *Kit) onScreen(ctx context.Context) (chart.ID, error) {
	b, err := k.store.Kept(ctx, keptShown)
	if err != nil && !errors.Is(err, store.ErrNotKept) {
		return chart.ID{}, storeFault(err)
	}
	if k.screen.known {
		return k.screen.on, nil
	}
	var id chart.ID
	if len(b) != len(id) {
		return id, nil
	}
	return chart.ID(b), nil
}

// show has a locked screen show that encounter from now on, or none when it is zero,
// and ends the faces that follow without a session.
func (k *Kit) show(ctx context.Context, encounter chart.ID) {
	k.screen.mu.Lock()
	defer k.screen.mu.Unlock()
	k.showing(ctx, encounter)
}

// showing is show for a caller that holds the screen's mu.
func (k *Kit) showing(ctx context.Context, encounter chart.ID) {
	before, err := k.onScreen(ctx)
	k.screen.known, k.screen.on = true, encounter
	k.live.shownChanged()
	if err == nil && before == encounter && !k.screen.stale {
		return
	}
	kept := encounter[:]
	if encounter == (chart.ID{}) {
		kept = nil
	}
	err = k.store.Keep(ctx, keptShown, kept)
	k.screen.stale = err != nil
	if err != nil {
		k.log.Warn("which patient the locked screen shows could not be kept; a restarted recorder may show another", "reason", err)
	}
}

// hideEnded takes an encounter off the locked screen if it has ended.
func (k *Kit) hideEnded(ctx context.Context, encounter chart.ID) {
	k.screen.mu.Lock()
	defer k.screen.mu.Unlock()
	if on, err := k.onScreen(ctx); err != nil || on != encounter || on == (chart.ID{}) {
		return
	}
	if row, err := k.rowOf(ctx, encounter); err == nil && (row.Status == chart.Closed || row.Status == chart.StoodDown) {
		k.showing(ctx, chart.ID{})
	}
}

func nothingShown() error {
	return &api.Fault{Code: api.CodeSession, What: "nobody is signed in, and no patient was on screen when it was locked", Do: "Sign in."}
}

// LockScreen implements api.Shower. The session ends whatever becomes of the rest.
func (k *Kit) LockScreen(ctx context.Context, t api.Token, encounter chart.ID) error {
	if _, err := k.sessions.check(t); err != nil {
		return err
	}
	k.wentOut(ctx, k.sessions.end(t))
	k.live.signedOut(t)
	k.show(ctx, encounter)
	return nil
}

// followShown follows the encounter that was on screen when it was locked.
func (k *Kit) followShown(ctx context.Context, each func([]byte) error) error {
	f, err := k.joinShown(ctx, each)
	if err != nil {
		return err
	}
	return k.live.wait(ctx, f)
}

// joinShown is one who follows what is on screen at this moment.
func (k *Kit) joinShown(ctx context.Context, each func([]byte) error) (*follower, error) {
	k.screen.mu.Lock()
	defer k.screen.mu.Unlock()
	only, err := k.onScreen(ctx)
	if err != nil {
		return nil, err
	}
	if only == (chart.ID{}) {
		return nil, nothingShown()
	}
	return k.live.join("", only, each)
}

// shownChanged ends the faces that follow without a session: another patient may be
// on screen, or none.
func (l *live) shownChanged() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for f := range l.followers {
		if f.token == "" {
			delete(l.followers, f)
			f.end(&api.Fault{Code: api.CodeSession, What: "the screen was locked anew or opened, or the patient's encounter has ended", Do: "Follow again."})
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
	k.show(ctx, chart.ID{})
	t := k.sessions.begin(chart.Author{Staff: "emergency", Checked: chart.CheckedNone}, byEmergency)
	k.cameIn(ctx, t, howEmergency, atStation)
	return t, nil
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
