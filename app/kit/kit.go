package kit

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/devices"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// A Kit is one station's recorder: the flows, and no state beside theirs. It
// implements api.Station; its methods are safe for concurrent use.
type Kit struct {
	settings Settings
	plate    Nameplate // its kind is guarded by mu
	log      *slog.Logger
	clock    *Clock
	stamps   *stamps
	store    *store.Store
	sessions *sessions
	record   *record
	live     *live
	share    *share                   // the home team's
	others   atomic.Pointer[[]*share] // the other teams'; nil while the store is locked
	visiting atomic.Pointer[[]*guest] // the teams that share single encounters with this station; nil likewise
	guesting sync.Mutex               // one keeping of these at a time
	placement
	ended    ended
	arrivals *arrivals
	keepKey  func(root []byte) error // hands the root key to the parent; nil without one

	screen screen

	lines      *Lines
	supervisor *devices.Supervisor

	signingIn sync.Mutex    // one sign-in at a time: Argon2id takes 64 MiB
	strange   strangeBadges // guarded by signingIn
	away      turnedAway

	// opening is held to write by who opens the store by a PIN before it is known
	// whose the PIN is, to read by everybody else who comes in.
	opening sync.RWMutex

	dressing sync.Mutex // one reading of the record for a bed, with what is set by it, at a time

	turning sync.Mutex // one opening or closing of the flows at a time

	mu     sync.Mutex // guards everything that follows
	opened *opened    // nil while the store is locked
	idle   string     // why the flows do not run though the store is open, in words
	ctx    context.Context
}

var _ api.Station = (*Kit)(nil)

// opened is what runs only while the store is open.
type opened struct {
	sharing context.Context
	stop    context.CancelFunc // sharing, which ends first
	cease   context.CancelFunc // the writer, when nothing waits for it any more
	work    sync.WaitGroup
}

// drainWait is how long closing waits for entries that are not on disk yet. The
// parent kills a recorder that takes longer than stopWait.
const drainWait = 3 * time.Second

// CheckStation says whether dir holds a station.
func CheckStation(dir string) error {
	_, err := readNameplate(dir)
	return err
}

// Open opens the station in dir, locked and with nothing running: for commands
// while no recorder runs.
func Open(dir string, log *slog.Logger) (*Kit, error) {
	return open(Settings{Dir: dir}, log)
}

func open(settings Settings, log *slog.Logger) (*Kit, error) {
	plate, err := readNameplate(settings.Dir)
	if err != nil {
		return nil, err
	}
	if plate.Kind == "hospital" && settings.Announcements == "" {
		settings.Announcements = Off
	}
	lines, err := NewLines(settings, log)
	if err != nil {
		return nil, err
	}
	clock := NewClock()
	k := &Kit{settings: settings, plate: plate, log: log, clock: clock, sessions: newSessions(clock), stamps: newStamps(clock), arrivals: newArrivals()}
	k.lines = lines
	k.live = newLive(k)
	k.record = newRecord(log, clock, plate)
	k.share = newShare(k)
	k.store, err = store.Open(context.Background(), settings.Dir, storeConfig(k.stamps, k.keyOf))
	if err != nil {
		return nil, storeFault(err)
	}
	k.supervisor = devices.NewSupervisor(devices.Config{
		Ports: lines, Drivers: Drivers(), Choices: &choices{kit: k}, Handler: k.record, Now: clock.Now,
	})
	return k, nil
}

// storeConfig is what the store needs of the kit.
func storeConfig(s *stamps, keyOf func(chart.Device) (ed25519.PublicKey, bool)) store.Config {
	return store.Config{
		Secrets: store.Keyring{},
		Lists:   func(t chart.Type) bool { return slices.Contains(listed, t) },
		Passes:  passed,
		Marks:   marksOf,
		KeyOf:   keyOf,
		Stamp:   s.now,
	}
}

// listed are the types of entries that make the patient list.
var listed = []chart.Type{
	chart.TypePatientRegistered, chart.TypePatientIdentified, chart.TypePatientsMerged, chart.TypePatientsUnmerged,
	chart.TypeEncounterOpened, chart.TypeEncounterBoundFor, chart.TypeEncounterMoved, chart.TypeEncounterStoodDown,
	chart.TypeEncounterClosed, chart.TypeMonitorBound, chart.TypeMonitorUnbound, chart.TypeTriage,
	chart.TypeRetraction, // of any of these
	// Whose word an end of the care is: see passed.
	chart.TypeHandoverOffered, chart.TypeHandoverAccepted, chart.TypeHandoverDeclined,
}

// passed reports whether the patient list does without a body of a type in listed: of
// handovers it needs those to a station that cares on.
func passed(b journal.Body) bool {
	if b.Type != chart.TypeHandoverOffered {
		return false
	}
	content, err := journal.DecodeContent(b.Type, b.Content, kinds)
	offer, ok := content.(*chart.HandoverOffered)
	return err == nil && ok && !offer.Onward
}

// Close ends what runs and closes the store.
func (k *Kit) Close() error {
	k.turning.Lock()
	defer k.turning.Unlock()
	k.closeFlows()
	return errors.Join(k.lines.Close(), k.store.Close())
}

// RunRecorder is the recorder process: it reads monitors, records, shares and
// serves the local API until ctx ends or the parent is gone.
func RunRecorder(ctx context.Context, settings Settings, in Inherited, log *slog.Logger) error {
	if err := NoDumps(); err != nil {
		return err
	}
	root, err := in.RootKey()
	if err != nil {
		return err
	}
	ctx = in.Orphaned(ctx)
	k, err := open(settings, log)
	if err != nil {
		return err
	}
	defer k.Close()
	k.keepKey = in.KeepKey
	k.record.alive = in.Alive
	between, err := in.Join(k.live.answer)
	if err != nil {
		return err
	}
	k.live.between = between
	if len(root) == len(store.Root{}) {
		if err := k.store.UnlockRoot(ctx, store.Root(root)); err != nil {
			log.Error("the key that the parent held does not open the store; a person must unlock it", "reason", err)
		}
		clear(root)
	}
	return k.run(ctx)
}

// run works all flows until ctx ends.
func (k *Kit) run(ctx context.Context) error {
	listener, err := api.Listen(k.settings.Dir)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	k.mu.Lock()
	k.ctx = ctx
	k.mu.Unlock()
	if !k.store.Locked() {
		k.turning.Lock()
		err := k.openFlows()
		k.turning.Unlock()
		if err != nil {
			k.log.Error("the store is open but its flows did not start", "reason", err)
		}
	}
	var flows sync.WaitGroup
	flows.Go(func() { k.supervisor.Run(ctx) })
	flows.Go(func() { k.record.seconds(ctx) })
	flows.Go(func() { k.live.run(ctx) })
	flows.Go(func() {
		if err := k.live.between.Run(ctx); err != nil {
			k.log.Error("the live process can no longer be reached", "reason", err)
		}
	})
	flows.Go(func() { k.guardWithdrawn(ctx) })
	err = (&api.Server{Station: k, Team: k, People: k, Keeper: k, Sharer: k, Log: k.log}).Serve(ctx, listener)
	stop()
	flows.Wait()
	k.turning.Lock()
	defer k.turning.Unlock()
	k.closeFlows()
	return err
}

// openFlows starts what needs the open store. Calling it again is no error.
// Recording begins whatever becomes of sharing. Caller holds turning.
func (k *Kit) openFlows() (err error) {
	k.mu.Lock()
	ctx, running := k.ctx, k.opened != nil
	k.mu.Unlock()
	if running || ctx == nil {
		return nil
	}
	defer func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.idle = ""
		if err != nil {
			k.idle = "The store is open but nothing is recorded: " + err.Error()
		}
	}()
	member, err := k.learn(ctx)
	if err != nil {
		return err
	}
	if k.keepKey != nil {
		root, err := k.store.Root()
		if err == nil {
			err = k.keepKey(root[:])
		}
		clear(root[:])
		if err != nil {
			k.log.Warn("the parent does not hold the key; a restarted recorder will ask for it", "reason", err)
		}
	}
	k.record.setStation(member.device)
	if err := k.restoreBeds(ctx); err != nil {
		k.log.Warn("the bindings of monitors could not be read; they record to new encounters", "reason", err)
	}
	sharing, stop := context.WithCancel(ctx)
	writing, cease := context.WithCancel(context.WithoutCancel(ctx)) // it writes what waits when all else has ended
	o := &opened{sharing: sharing, stop: stop, cease: cease}
	o.work.Go(func() { k.record.write(writing, k.store, member) })
	for _, s := range k.shares() {
		m := s.member.Load()
		o.work.Go(func() { s.run(sharing, m) })
	}
	for _, g := range k.guests() {
		o.work.Go(func() { g.run(sharing, member) })
	}
	o.work.Go(func() { k.receive(sharing) })
	o.work.Go(func() { k.watchRoom(sharing) })
	k.mu.Lock()
	k.opened = o
	k.mu.Unlock()
	return nil
}

// closeFlows stops what needs the open store, the writer last. Caller holds
// turning.
func (k *Kit) closeFlows() {
	k.mu.Lock()
	o := k.opened
	k.opened = nil
	k.mu.Unlock()
	if o == nil {
		k.forgetRows()
		return
	}
	o.stop()
	if left := k.record.drained(drainWait); left > 0 {
		k.log.Error("the store is closed before everything was recorded", "entries", left)
	}
	o.cease()
	o.work.Wait()
	k.forgetTeams()
	k.forgetRows()
}

// forgetRows drops what was made of the record for faces: the store is closed.
func (k *Kit) forgetRows() {
	k.live.folded.clear()
	k.ended.clear()
}

// learn reads from the open store who this station is and its teams.
func (k *Kit) learn(ctx context.Context) (*membership, error) {
	m, err := k.share.learn(ctx)
	if err != nil {
		return nil, err
	}
	if err := k.learnTeams(ctx); err != nil {
		return nil, err
	}
	k.learnGuests(ctx)
	return m, nil
}

// keyOf is the key of a device of any of the teams, or of one that wrote what another
// team's station shows here. Whether a team knows it is asked where its entries come in.
func (k *Kit) keyOf(d chart.Device) (ed25519.PublicKey, bool) {
	for _, s := range k.shares() {
		if key, ok := s.keyOf(d); ok {
			return key, true
		}
	}
	for _, g := range k.guests() {
		if key, ok := g.keyOf(d); ok {
			return key, true
		}
	}
	return nil, false
}

// recording reports whether entries go to the disk now.
func (k *Kit) recording() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.opened != nil
}

// member is who this station is, known since its store was opened.
func (k *Kit) member() (*membership, error) {
	if m := k.share.member.Load(); m != nil && !k.store.Locked() {
		return m, nil
	}
	return nil, storeFault(store.ErrLocked)
}

// State implements api.Station.
func (k *Kit) State(ctx context.Context) (api.State, error) {
	st := api.State{
		Version: Version, Kind: k.kindName(), CallSign: k.plate.CallSign, Locked: k.store.Locked(),
		Training: k.plate.Training, Now: time.Now(), Recorder: os.Getpid(),
	}
	ports, err := k.supervisor.Status()
	if err != nil {
		st.Trouble = append(st.Trouble, "The list of ports cannot be read: "+err.Error())
	}
	for _, p := range ports {
		st.Ports = append(st.Ports, api.Port{
			Name: p.Port.Name, Monitor: strings.TrimSpace(p.Monitor.Make + " " + p.Monitor.Model), Driver: p.Driver, Proven: p.Monitor.Proven,
			State: p.Words, Do: p.Do, Frames: p.Counters.Frames, Bad: p.Counters.Bad, Unknown: p.Counters.Unknown,
			Encounter: k.record.where(p.Port), Binding: k.record.nameOf(p.Port),
		})
	}
	st.Record = k.share.digest()
	for _, s := range k.shares() {
		st.Peers = append(st.Peers, s.peers()...)
	}
	k.live.describe(ctx, &st)
	st.Paused = k.record.pauses()
	// Worst first: what is not recorded, then what is not shared.
	var trouble []string
	if why := k.withdrawnWords(ctx); why != "" {
		trouble = append(trouble, why)
	}
	if st.Locked {
		trouble = append(trouble, "The store is locked: readings are shown and wait in memory, and are lost if this machine stops. Unlock it.")
	}
	k.mu.Lock()
	if k.idle != "" {
		trouble = append(trouble, k.idle)
	}
	k.mu.Unlock()
	if why := k.store.ReadOnly(); why != "" {
		trouble = append(trouble, "The store can only be read: "+why)
	}
	trouble = append(trouble, k.record.troubles()...)
	trouble = append(trouble, st.Trouble...)
	for _, s := range k.shares() {
		if why := s.trouble(); why != "" {
			trouble = append(trouble, s.in(why))
		}
		if !s.home() && s.withdrawn.Load() {
			trouble = append(trouble, s.in("this station was withdrawn from it: it shares nothing there and shows nothing of what others of it recorded."))
		}
	}
	if why := k.retentionDispute(); why != "" {
		trouble = append(trouble, why)
	}
	if n := k.live.unstreamed(); n > 0 {
		trouble = append(trouble, fmt.Sprintf("%d patients more than the link carries are not streamed to the hospital; they are on the record.", n))
	}
	if restored, err := k.store.Restored(ctx); err == nil && restored {
		trouble = append(trouble, "This record was restored from a backup: what was erased since then is unknown until one exchange with the team.")
	}
	st.Trouble = trouble
	if m := k.share.member.Load(); m != nil {
		st.Device = identity.PublicOf(m.key).String()
		st.Writer = m.device
	}
	return st, nil
}

// Unlock implements api.Station.
func (k *Kit) Unlock(ctx context.Context, passphrase string) (api.Token, error) {
	k.opening.RLock()
	defer k.opening.RUnlock()
	key := store.Passphrase(passphrase)
	var err error
	if k.store.Locked() {
		err = k.store.Unlock(ctx, key)
	} else {
		err = k.store.Check(ctx, key)
	}
	if only, _ := k.store.OnlyRecovery(ctx); only && errors.Is(err, store.ErrWrongKey) {
		return "", errWithdrawn()
	}
	if err != nil {
		if errors.Is(err, store.ErrWrongKey) {
			k.refused(ctx, "", howPassphrase, atStation, false)
		}
		return "", storeFault(err)
	}
	k.turning.Lock()
	defer k.turning.Unlock()
	if err := k.begin(ctx); err != nil {
		return "", err
	}
	k.show(ctx, chart.ID{})
	t := k.sessions.begin(chart.Author{Staff: unnamed, Checked: chart.CheckedNone}, byPassphrase)
	k.cameIn(ctx, t, howPassphrase, atStation)
	return t, nil
}

// begin learns who this station is from the open store and starts what needs it. A
// tablet that was withdrawn from the team may close again instead. Caller holds
// turning.
func (k *Kit) begin(ctx context.Context) error {
	if k.share.member.Load() == nil {
		if _, err := k.learn(ctx); err != nil {
			return storeFault(err)
		}
	}
	if err := k.closeWithdrawn(ctx); err != nil {
		return err
	}
	return storeFault(k.openFlows())
}

// Lock implements api.Station.
func (k *Kit) Lock(_ context.Context, t api.Token) error {
	if _, err := k.sessions.check(t); err != nil {
		return err
	}
	return k.lock()
}

// lock ends every session and closes the store.
func (k *Kit) lock() error {
	k.turning.Lock()
	defer k.turning.Unlock()
	told := k.close()
	return errors.Join(k.store.Lock(), told)
}

// close ends every session and flow and takes the key back from the parent. Caller
// holds turning.
func (k *Kit) close() (told error) {
	k.endSessions(context.Background())
	k.live.signedOut("")
	k.closeFlows()
	k.forgetTeams()
	if k.keepKey != nil {
		told = k.keepKey(nil)
	}
	return told
}

// SignOut implements api.Station.
func (k *Kit) SignOut(ctx context.Context, t api.Token) error {
	k.wentOut(ctx, k.sessions.end(t))
	k.live.signedOut(t)
	return nil
}

// Follow implements api.Station.
func (k *Kit) Follow(ctx context.Context, t api.Token, each func(frame []byte) error) error {
	if t == "" {
		return k.followShown(ctx, each)
	}
	if _, err := k.sessions.check(t); err != nil {
		return err
	}
	return k.live.follow(ctx, t, chart.ID{}, each)
}

// admits is the roster's word on a key, or the sponsor's while no roster is held.
func (m *membership) admits(r *identity.Roster, k identity.Key) error {
	if r != nil && r.Genesis != nil {
		return r.Admit(k)
	}
	if m.sponsor != (identity.Key{}) && k == m.sponsor {
		return nil
	}
	return identity.ErrUnknown
}
