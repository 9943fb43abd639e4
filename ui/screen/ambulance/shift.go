package ambulance

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/alarm"
	"fieldkit/triage/chart"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/widget"
)

const (
	// shiftLong is for how long a check holds, and putOffLong for how long one that was
	// put off is not asked for again.
	shiftLong  = 12 * time.Hour
	putOffLong = 2 * time.Hour
	// readyEvery is how often the station is asked what it measures of itself.
	readyEvery = 30 * time.Second
	// batteryLow, diskLow and backupOld are where the check calls a thing out of order.
	batteryLow = 50 // percent, when it is not charging
	diskLow    = 15 // percent free: below it the station drops what others hold
	backupOld  = 7 * 24 * time.Hour
)

// A readiness is what the station last said of itself for the check.
type readiness struct {
	ui.Readiness
	told  bool
	err   error
	asked time.Time // when it was last asked
}

// askReady asks the station when that is due, apart from Fyne's goroutine.
func (s *Screen) askReady(now time.Time) {
	if s.locked() || !s.stationTold || s.station.Locked || s.station.Kind != "ambulance" || !s.ready.asked.IsZero() && now.Sub(s.ready.asked) < readyEvery {
		return
	}
	s.ready.asked = now
	turn, ctx := s.inbox.turned(), s.ctx
	s.work.Go(func() {
		ctx, stop := context.WithTimeout(ctx, recordWait)
		defer stop()
		r, err := s.desk.Readiness(ctx)
		s.inbox.call(func() {
			if s.ready.err = err; err == nil && turn == s.inbox.turned() {
				s.ready.Readiness, s.ready.told = r, true
			}
		})
	})
}

// shiftDue reports whether the check of this shift is still to be done.
func (s *Screen) shiftDue(now time.Time) bool {
	if !s.ready.told || s.locked() || s.station.Kind != "ambulance" {
		return false
	}
	long := shiftLong
	if s.ready.PutOff {
		long = putOffLong
	}
	return s.ready.Checked.IsZero() || now.Sub(s.ready.Checked) >= long
}

// A checkLine is one thing of the check as it stands.
type checkLine struct {
	words  string
	ok     bool
	person bool // only a person can say: it is ticked
}

// shift is the check at the start of a shift. What the program can measure it says and
// nobody can tick; the rest a person looks at and ticks.
type shift struct {
	s      *Screen
	root   *fyne.Container
	head   *notes
	cells  []*widget.Button
	ticked map[lang.Key]bool
	staff  []ui.Person // who may sign in here by name
	played bool        // the sound, and a person may say that they heard it
	putOff *widget.Button
	record *widget.Button
}

// shiftItems are the things of the check: the screen's words and the record's.
var shiftItems = [...]struct {
	key  lang.Key
	name string
}{
	{lang.CheckCrew, "crew"}, {lang.CheckBattery, "tablet battery"}, {lang.CheckDisk, "disk"}, {lang.CheckClock, "clock"},
	{lang.CheckMonitor, "monitors"}, {lang.CheckHospital, "link to the hospital"}, {lang.CheckPeers, "neighbours"}, {lang.CheckSound, "alarm sound"},
	{lang.CheckDrugs, "drug list"}, {lang.CheckBackup, "last backup"}, {lang.CheckVehicle, "vehicle and bags"}, {lang.CheckOxygen, "oxygen and suction"},
}

func newShift(s *Screen) *shift {
	p := &shift{s: s, head: newNotes(s), ticked: map[lang.Key]bool{}}
	p.head.bold = true
	s.ready.asked = time.Time{} // as it is now
	p.who()
	var cells []fyne.CanvasObject
	for _, item := range shiftItems {
		b := widget.NewButton(s.speech.Say(item.key), func() { p.tap(item.key) })
		p.cells, cells = append(p.cells, b), append(cells, b)
	}
	p.putOff = widget.NewWide(s.speech.Say(lang.ShiftPutOff), func() {
		p.write(&chart.ShiftCheck{What: chart.CheckPutOff, Items: []chart.CheckItem{{Name: "check", Text: "put off, in an emergency"}}}, lang.ShiftPutOff)
	})
	p.record = widget.NewPrimary("", func() { p.write(p.content(), lang.ShiftCheck) })
	p.root = s.sheet(container.New(headed{}, p.head.root, container.New(grid{4, 3}, cells...)), p.putOff, p.record)
	return p
}

// who asks the station for the names of those who may sign in.
func (p *shift) who() {
	ctx := p.s.ctx
	p.s.work.Go(func() {
		ctx, stop := context.WithTimeout(ctx, recordWait)
		defer stop()
		if staff, err := p.s.desk.People(ctx); err == nil {
			p.s.inbox.call(func() { p.staff = staff })
		}
	})
}

func (p *shift) object() fyne.CanvasObject { return p.root }

// tap ticks what only a person can say, and of the sound plays it first.
func (p *shift) tap(k lang.Key) {
	if !p.line(k, p.s.clock()).person {
		return
	}
	if k == lang.CheckSound && !p.played {
		p.played = true
		p.s.voice.Sound(alarm.High)
		return
	}
	p.ticked[k] = !p.ticked[k]
}

// line is how a thing stands at now.
func (p *shift) line(k lang.Key, now time.Time) checkLine {
	s, say, r := p.s, p.s.speech.Say, p.s.ready
	look := func(words string) checkLine { return checkLine{words, p.ticked[k], true} }
	byEye := look(say(lang.LookYourself))
	if byEye.ok {
		byEye.words = say(lang.LookedAt)
	}
	switch k {
	case lang.CheckCrew:
		named := slices.ContainsFunc(p.staff, func(q ui.Person) bool { return q.ID != "" && q.Name == s.station.SignedIn })
		if !named {
			return checkLine{words: s.station.SignedIn + ": " + say(lang.NobodyNamed)}
		}
		return checkLine{words: s.station.SignedIn, ok: true}
	case lang.CheckBattery:
		switch b := r.Battery; {
		case b == nil:
			return byEye
		case b.Charging:
			return checkLine{words: say(lang.BatteryCharging, b.Percent), ok: true}
		default:
			return checkLine{words: say(lang.BatteryIs, b.Percent), ok: b.Percent >= batteryLow}
		}
	case lang.CheckDisk:
		if r.DiskAll == 0 {
			return checkLine{words: say(lang.NotKnownHere)}
		}
		free := int(float64(r.DiskFree) / float64(r.DiskAll) * 100)
		return checkLine{words: say(lang.DiskIs, free), ok: free >= diskLow}
	case lang.CheckClock:
		words := map[string]lang.Key{"not set": lang.ClockUnsetIs, "set by hand": lang.ClockByHandIs, "by a neighbour": lang.ClockByPeerIs, "by the network": lang.ClockByNetworkIs, "by GPS": lang.ClockByGPSIs}[r.Clock]
		text := r.Clock
		if words != "" {
			text = say(words)
		}
		if r.ClockTrusted {
			return checkLine{words: now.Format("15:04") + " " + text, ok: true}
		}
		return look(now.Format("15:04") + " " + text)
	case lang.CheckMonitor:
		n := 0
		for _, m := range s.station.Monitors {
			if m.Name != "" {
				n++
			}
		}
		if n == 0 {
			return checkLine{words: say(lang.NoneFound)}
		}
		return checkLine{words: say(lang.MonitorsRead, n), ok: true}
	case lang.CheckHospital:
		if s.station.Link.To == "" {
			return checkLine{words: say(lang.NoHospital)}
		}
		return checkLine{words: s.station.Link.State, ok: s.station.Link.State == "live"}
	case lang.CheckPeers:
		n := 0
		for _, peer := range s.station.Peers {
			if peer.Connected {
				n++
			}
		}
		if n == 0 {
			return checkLine{words: say(lang.NoneFound)}
		}
		return checkLine{words: say(lang.PeersTouch, n), ok: true}
	case lang.CheckSound:
		switch {
		case s.voice == nil:
			return checkLine{words: say(lang.SoundOff)}
		case s.voice.Silent() != nil:
			var trouble *ui.Trouble
			if errors.As(s.voice.Silent(), &trouble) {
				return checkLine{words: trouble.What} // what to do the alarm bar says
			}
			return checkLine{words: say(lang.SoundOff)}
		case !p.played:
			return look(say(lang.SoundTap))
		case !p.ticked[k]:
			return look(say(lang.SoundHeard))
		}
		return byEye
	case lang.CheckDrugs:
		if s.drugs.Approved == "" {
			return checkLine{words: say(lang.ListExample)}
		}
		return checkLine{words: s.drugs.Approved, ok: true}
	case lang.CheckBackup:
		if r.Backup.IsZero() {
			return checkLine{words: say(lang.NotKnownHere)}
		}
		age := max(0, now.Sub(r.Backup))
		return checkLine{words: say(lang.BackupAgo, s.speech.Age(age)), ok: age < backupOld}
	}
	return byEye
}

// content is the check as it stands.
func (p *shift) content() *chart.ShiftCheck {
	c := &chart.ShiftCheck{What: "shift"}
	for _, item := range shiftItems {
		l := p.line(item.key, p.s.clock())
		c.Items = append(c.Items, chart.CheckItem{Name: item.name, OK: l.ok, Text: clip(strings.TrimSpace(l.words), chart.MaxText)})
	}
	return c
}

// write records the check, which is of no patient.
func (p *shift) write(c *chart.ShiftCheck, words lang.Key) {
	s := p.s
	if s.pending > 0 || !s.ready.told {
		return
	}
	s.do(s.speech.Say(words), func(ctx context.Context) error {
		_, err := s.desk.Record(ctx, ui.Draft{Content: c})
		return err
	}, func() {
		s.ready.Checked, s.ready.PutOff, s.ready.asked = s.clock(), c.What == chart.CheckPutOff, time.Time{}
		if s.page == page(p) {
			s.home()
		}
	})
}

func (p *shift) show(now time.Time) {
	s, speech := p.s, p.s.speech
	open := 0
	for i, item := range shiftItems {
		l := p.line(item.key, now)
		title := speech.Say(item.key)
		if !l.ok {
			open++
			if !l.person {
				title = "!  " + title
			}
		}
		p.cells[i].Say(title, l.words)
		p.cells[i].Choose(l.ok)
	}
	var words []string
	switch {
	case s.ready.err != nil:
		words = append(words, speech.Say(lang.RecordNotRead, reason(s.ready.err)))
	case s.ready.Checked.IsZero():
	case s.ready.PutOff:
		words = append(words, speech.Say(lang.ShiftPutOffAt, s.dayTime(s.ready.Checked)))
	default:
		words = append(words, speech.Say(lang.ShiftDone, s.dayTime(s.ready.Checked)))
	}
	words = append(words, speech.Say(lang.ShiftHead))
	p.head.say(strings.Join(words, "  "))
	p.putOff.Disable(!s.ready.told)
	p.record.Say(speech.Say(lang.ShiftRecord), speech.Say(lang.ShiftOpen, open))
	p.record.Disable(!s.ready.told)
}
