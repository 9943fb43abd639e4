package ambulance

import (
	"context"
	"sync"
	"time"

	"fyne.io/fyne/v2"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/sound"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// Options is what a screen needs beside the station.
type Options struct {
	Clock    func() time.Time // with a monotonic part; time.Now when nil
	Language lang.Language
	Look     theme.Look
	OnLook   func(theme.Look) // the person wants another look
	// OnRuler is told that a line of so many units is so many millimetres long; an
	// error says that this cannot be.
	OnRuler func(units, millimetres float32) error
	Drugs   *DrugList // the site's; the example when nil
	// Terms is a word of the record in a language, where a list of the site has it; nil
	// knows none.
	Terms func(l lang.Language, word string) string
	Voice Voice // makes alarms heard; nil makes no sound and says nothing of it
	// Lobby is the first page of another room than the ambulance, and LobbyWord what
	// the way back to it is called; nil is the monitor.
	Lobby      func(*Screen) Page
	LobbyWord  lang.Key
	OnLanguage func(lang.Language) // another was chosen; may be nil
	// On is the patient to begin with, of a window that is started again; zero for none.
	// OnTurn is told, on Fyne's goroutine, of whom is on screen from now on.
	On     chart.ID
	OnTurn func(chart.ID)
	// FramesPerSecond is 30 when zero; 15 suits a machine without a GPU.
	FramesPerSecond int
	// Beat calls due on Fyne's goroutine each time before the display may be painted,
	// until ctx ends: what comes is then painted with the next picture and waits for no
	// other clock. It returns at once. When nil the screens keep a clock of their own.
	Beat func(ctx context.Context, due func())
}

// A Screen is the crew's window. Its fields belong to Fyne's goroutine, but for
// the inbox.
type Screen struct {
	desk      ui.Desk
	clock     func() time.Time
	speech    *lang.Speech
	look      theme.Look
	onLook    func(theme.Look)
	onRuler   func(units, millimetres float32) error
	drugs     *DrugList
	terms     func(lang.Language, string) string
	every     time.Duration
	beat      func(context.Context, func())
	painted   time.Time // when a frame began last
	next      time.Time // when the next one is due, with a beat from outside
	voice     Voice
	lobby     func(*Screen) Page
	lobbyWord lang.Key
	onTurn    func(chart.ID)
	onSpeak   func(lang.Language)

	frame  *frame
	watch  *monitor // of the patient on screen: its traces run on while another page stands
	page   page
	beds   map[chart.ID]*ui.Bed
	rows   []chart.Row
	on     chart.ID // the encounter on screen
	play   widget.Playhead
	tape   tape
	marked *mark // a strip that waits for its last second
	last   act
	// happened is the true time of what is charted late, zero when it is now.
	happened time.Time
	units    map[vital.Sign]vital.Unit // that the person chose for values typed by hand

	ready       readiness
	handed      []incoming         // patients handed to this station, of rows
	called      []call             // what the crew is told by others, of rows
	heeded      map[chart.Ref]bool // calls that a person has seen here
	chime       bool               // one of them is new, and nobody has heard of it
	station     ui.Station
	stationTold bool
	gone        error                 // why the station does not answer, nil when it does
	unread      error                 // why its record cannot be read, nil when it can
	goneSince   time.Time             // zero when it answers
	toldAt      time.Time             // when it last said something of itself
	keeper      sound.Keeper          // of the rhythm of alarm sounds
	seen        map[concern]time.Time // own alarms that a person has seen, until they are over
	faults      []fault               // what could not be recorded, until a person has seen it
	pending     int                   // entries on their way to the disk
	opening     bool                  // a new patient is among them
	said        string                // the last thing done, in words
	saidAt      time.Time

	ctx   context.Context
	work  sync.WaitGroup // every goroutine of ours
	inbox inbox
}

// A page is one screen of the program, for one patient.
type page interface {
	object() fyne.CanvasObject
	// show is called with every frame while the page stands.
	show(now time.Time)
}

// inbox is what other goroutines have for the screens.
type inbox struct {
	news chan struct{} // a number or an alarm waits that should not wait for the beat

	mu      sync.Mutex // guards everything that follows
	moments []*ui.Moment
	dropped int
	calls   []func()
	turns   int // how often another person came to the screen
}

// turn says that what was asked before now is of the person before.
func (i *inbox) turn() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.turns++
}

// turned is how often that was said.
func (i *inbox) turned() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.turns
}

// maxMoments bounds what waits for a window that is not being painted: a minute of
// one patient whose numbers stand still. What is dropped is drawn as a gap.
const maxMoments = 600

func (i *inbox) moment(m *ui.Moment) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.moments) == maxMoments {
		i.moments = append(i.moments[:0], i.moments[maxMoments/2:]...)
		i.dropped += maxMoments / 2
	}
	i.moments = append(i.moments, m)
	if m.Ended || m.AlarmsTold || len(m.Readings) > 0 && !m.Full {
		select {
		case i.news <- struct{}{}:
		default: // said already
		}
	}
}

func (i *inbox) call(f func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.calls = append(i.calls, f)
}

func (i *inbox) take() ([]*ui.Moment, []func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	m, c := i.moments, i.calls
	i.moments, i.calls = nil, nil
	return m, c
}

// New makes the screens of a station. Call [Screen.Run] to fill them.
func New(desk ui.Desk, o Options) *Screen {
	s := &Screen{
		desk: desk, clock: o.Clock, speech: &lang.Speech{Language: o.Language}, look: o.Look, onLook: o.OnLook, onRuler: o.OnRuler,
		inbox: inbox{news: make(chan struct{}, 1)},
		drugs: o.Drugs, terms: o.Terms, voice: o.Voice, lobby: o.Lobby, lobbyWord: o.LobbyWord, onTurn: o.OnTurn, onSpeak: o.OnLanguage, beds: map[chart.ID]*ui.Bed{}, seen: map[concern]time.Time{}, units: map[vital.Sign]vital.Unit{}, heeded: map[chart.Ref]bool{}, ctx: context.Background(),
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	if s.drugs == nil {
		s.drugs = Example()
	}
	if o.FramesPerSecond <= 0 {
		o.FramesPerSecond = 30
	}
	s.every, s.beat = time.Second/time.Duration(o.FramesPerSecond), o.Beat
	s.frame = newFrame(s)
	s.turnTo(o.On)
	return s
}

// Object is the whole window's content.
func (s *Screen) Object() fyne.CanvasObject { return s.frame.root }

// Run follows the station and paints until ctx ends, and returns when everything
// it started has ended. A frame is taken in before a picture is painted, in Fyne's
// own loop or, without a beat, in one crossing to its goroutine that is waited for: a
// slow display gets fewer frames and never a queue of them. A number or an alarm that
// comes between two frames is painted with the next picture, and the beat goes on from
// there: at most two frames in the time of one.
func (s *Screen) Run(ctx context.Context) {
	ctx, stop := context.WithCancel(ctx)
	defer s.work.Wait()
	defer stop()
	fyne.DoAndWait(func() {
		s.ctx = ctx
		if s.beat != nil {
			s.beat(ctx, s.due)
		}
	})
	s.work.Go(func() { s.follow(ctx) })
	s.work.Go(func() { s.poll(ctx) })
	if s.beat != nil {
		<-ctx.Done()
		return
	}
	tick := time.NewTicker(s.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-s.inbox.news:
			if time.Since(s.painted) < s.every/2 {
				continue // the beat is as soon as need be
			}
			tick.Reset(s.every)
		}
		s.painted = time.Now()
		fyne.DoAndWait(func() { s.Frame(s.clock()) })
	}
}

// due is called before each picture that may be painted, and takes in a frame when it is
// time for one or a number or an alarm waits.
func (s *Screen) due() { s.dueAt(time.Now()) }

func (s *Screen) dueAt(now time.Time) {
	early := s.every / 8 // a picture that comes so much early is not left out
	beat := !now.Before(s.next.Add(-early))
	if !beat && now.Sub(s.painted) < s.every/2-early {
		return
	}
	select {
	case <-s.inbox.news: // which this frame shows, whatever it is for
	default:
		if !beat {
			return
		}
	}
	// A picture that came late does not put off the next one.
	if s.next = s.next.Add(s.every); !beat || s.next.Sub(now) < s.every/2 {
		s.next = now.Add(s.every)
	}
	s.painted = now
	s.Frame(s.clock())
}

// again is how long to wait before a station that does not answer is asked again.
const again = 300 * time.Millisecond

func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

func (s *Screen) follow(ctx context.Context) {
	for ctx.Err() == nil {
		s.desk.Follow(ctx, s.inbox.moment) // why it ended, poll finds out and says
		wait(ctx, again)
	}
}

// poll asks once a second what the station says of itself and of its patients.
func (s *Screen) poll(ctx context.Context) {
	for ctx.Err() == nil {
		if s.Ask(ctx) != nil {
			wait(ctx, again)
		} else {
			wait(ctx, time.Second)
		}
	}
}

// Ask asks the station once what it says of itself and of its patients; the next
// frame takes it in. It may be called from any goroutine and blocks until the station
// has answered.
func (s *Screen) Ask(ctx context.Context) error {
	turn := s.inbox.turned()
	station, err := s.desk.Station(ctx)
	var rows []chart.Row
	var unread error
	if err == nil && !station.Locked {
		rows, unread = s.desk.Encounters(ctx)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	s.inbox.call(func() {
		if turn == s.inbox.turned() {
			s.hear(station, rows, err, unread)
		}
	})
	return err
}

// Settle waits until what was begun apart from Fyne's goroutine has been done; the
// next frame shows it.
func (s *Screen) Settle() { s.work.Wait() }

// hear takes in what the station says of itself and its list of patients, or why
// it does not.
func (s *Screen) hear(station ui.Station, rows []chart.Row, err, unread error) {
	if err != nil {
		if s.gone == nil {
			s.goneSince = s.clock()
		}
		s.gone = err
		return
	}
	s.gone, s.goneSince = nil, time.Time{}
	if s.stationTold && (s.station.SignedIn == "") != (station.SignedIn == "") {
		s.become(station.SignedIn) // the session ended, or began, elsewhere
	}
	began := !s.stationTold
	s.station, s.stationTold, s.toldAt = station, true, s.clock()
	if began && s.locked() {
		s.home() // whatever was opened before it was known that nobody is signed in
	}
	s.unread = unread
	if station.Locked || unread != nil {
		return // the list stays as it was
	}
	s.rows = rows
	s.findHanded()
	s.findCalls()
	if s.on == (chart.ID{}) && s.lobby == nil {
		s.choose()
	}
}

// choose puts a first patient on screen when there is none: one a monitor records
// to, else the latest that is open. It never changes a patient that is there.
func (s *Screen) choose() {
	for _, m := range s.station.Monitors {
		if m.Encounter != (chart.ID{}) {
			s.turnTo(m.Encounter)
			return
		}
	}
	for _, r := range own(s.rows) {
		if r.Status == chart.Open {
			s.turnTo(r.Encounter)
			return
		}
	}
}

// turnTo puts another patient on screen, always on the monitor page.
func (s *Screen) turnTo(encounter chart.ID) {
	s.keepStrip(s.clock(), true)
	s.on, s.play, s.tape = encounter, widget.Playhead{}, tape{}
	if s.onTurn != nil {
		s.onTurn(encounter)
	}
	s.watch = newMonitor(s)
	s.home()
	if s.lent(encounter) != nil && !s.locked() {
		s.open(newTimeline(s)) // there is no monitor to look at
	}
}

// home puts the first page on screen. A locked screen shows the monitor in every room.
func (s *Screen) home() {
	s.happened = time.Time{}
	if s.lobby != nil && !s.locked() {
		s.Open(s.lobby(s))
		return
	}
	s.open(s.watch)
}

func (s *Screen) open(p page) {
	s.page = p
	s.frame.put(p.object())
}

// Frame takes in what came and paints it. It is called on Fyne's goroutine.
func (s *Screen) Frame(now time.Time) {
	widget.Touch()
	moments, calls := s.inbox.take()
	for _, f := range calls {
		f()
	}
	for _, m := range moments {
		s.take(now, m)
	}
	s.keepStrip(now, false)
	s.askReady(now)
	s.page.show(now)
	s.frame.show(now)
	s.announce(now)
}

func (s *Screen) take(now time.Time, m *ui.Moment) {
	bed := s.beds[m.Encounter]
	if bed == nil {
		bed = &ui.Bed{}
		s.beds[m.Encounter] = bed
	}
	bed.Hear(now, m)
	delete(s.seen, silence(m.Encounter))
	if s.on == (chart.ID{}) && s.lobby == nil {
		s.turnTo(m.Encounter)
	}
	if m.Encounter != s.on {
		return
	}
	s.play.Hear(now, m.Boot, m.At.Add(ui.Tenth))
	s.watch.hear(m)
	s.tape.hear(m)
}

// bed is the one on screen, nil when nothing was heard of it.
func (s *Screen) bed() *ui.Bed { return s.beds[s.on] }

// row is the patient list's row of an encounter.
func (s *Screen) row(encounter chart.ID) (chart.Row, bool) {
	for i := range s.rows { // of thousands, and asked in every frame: none is copied to be looked at
		if s.rows[i].Encounter == encounter {
			return s.rows[i], true
		}
	}
	return chart.Row{}, false
}

// On is the encounter on screen, zero when there is none.
func (s *Screen) On() chart.ID { return s.on }

// training reports whether what is on screen is not a patient's.
func (s *Screen) training() bool {
	bed := s.bed()
	return s.station.Training || bed != nil && bed.Demo
}

// speak changes the language at once.
func (s *Screen) speak(l lang.Language) {
	s.speech.Language = l
	if s.onSpeak != nil {
		s.onSpeak(l)
	}
	s.turnTo(s.on)
}

// SetLook tells the screens that the look has changed; the theme is the caller's
// to set.
func (s *Screen) SetLook(l theme.Look) {
	s.look = l
	s.frame.root.Refresh()
}
