package ambulance

import (
	"image/color"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/alarm"
	"fieldkit/triage/chart"
	"fieldkit/triage/sieve"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// A frame is what stands round every page: whose record it is, how the station is,
// the alarm bar, the safety notice, and the purple of training.
type frame struct {
	s      *Screen
	root   *fyne.Container
	ground *widget.Ground
	purple [4]*canvas.Rectangle // four strips: one outline costs a software display a whole window of shading
	band   *widget.Band
	status [2]*canvas.Text
	look   *widget.Button
	user   *widget.Button // who is at the screen; a tap locks it
	bar    *widget.Bar
	ack    *widget.Button
	pause  *widget.Button
	offer  *widget.Button // a patient handed to this station, else the check of the shift
	foot   *canvas.Text
	body   fyne.CanvasObject
}

func newFrame(s *Screen) *frame {
	f := &frame{s: s, ground: widget.NewGround(), bar: widget.NewBar()}
	f.band = widget.NewBand(func() {
		if !s.locked() {
			s.open(newPatients(s))
		}
	})
	f.user = widget.NewButton("", func() {
		if s.locked() {
			s.open(newSignin(s))
		} else {
			s.lock()
		}
	})
	f.look = widget.NewButton("", func() {
		if s.onLook != nil {
			s.onLook(s.look.Next())
		}
	})
	f.ack = widget.NewWide("", s.acknowledge)
	f.pause = widget.NewWide("", s.pause)
	f.offer = widget.NewButton("", s.openOffer)
	f.offer.Hidden = true
	for i := range f.status {
		f.status[i] = canvas.NewText("", color.White)
		f.status[i].Alignment = fyne.TextAlignTrailing
	}
	for i := range f.purple {
		f.purple[i] = canvas.NewRectangle(color.Transparent)
	}
	f.foot = canvas.NewText("", color.White)
	f.foot.Alignment = fyne.TextAlignCenter
	f.root = container.New(f)
	f.put(container.NewWithoutLayout())
	return f
}

// trainingMM is how thick the frame of training is; the margin round everything is
// wider.
const trainingMM = 1.5

type rectangle struct{ x, y, w, h float32 }

func (f *frame) put(body fyne.CanvasObject) {
	f.body = body
	f.root.Objects = []fyne.CanvasObject{f.ground, f.band, f.status[0], f.status[1], f.user, f.look, f.bar, f.offer, f.pause, f.ack, body, f.foot}
	for _, strip := range f.purple {
		f.root.Objects = append(f.root.Objects, strip)
	}
	f.root.Refresh()
	f.Layout(f.root.Objects, f.root.Size())
}

// MinSize implements [fyne.Layout]: the smallest window that is supported.
func (f *frame) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(640, 480) }

// Layout implements [fyne.Layout].
func (f *frame) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	gap := theme.MM(theme.GapMM)
	inner := fyne.NewSize(size.Width-2*gap, size.Height-2*gap)
	f.ground.Resize(size)
	thick := theme.MM(trainingMM)
	for i, r := range [...]rectangle{{0, 0, size.Width, thick}, {0, size.Height - thick, size.Width, thick}, {0, 0, thick, size.Height}, {size.Width - thick, 0, thick, size.Height}} {
		f.purple[i].Move(fyne.NewPos(r.x, r.y))
		f.purple[i].Resize(fyne.NewSize(r.w, r.h))
	}
	top, high := gap, theme.MM(theme.OrdinaryMM)
	lookWide, userWide, statusWide := theme.MM(20), theme.MM(32), min(theme.MM(58), inner.Width*0.26)
	f.look.Move(fyne.NewPos(gap+inner.Width-lookWide, top))
	f.look.Resize(fyne.NewSize(lookWide, high))
	f.user.Move(fyne.NewPos(gap+inner.Width-lookWide-gap-userWide, top))
	f.user.Resize(fyne.NewSize(userWide, high))
	right := lookWide + gap + userWide + gap
	f.band.Move(fyne.NewPos(gap, top))
	bandWide := inner.Width - right - statusWide - gap
	if f.offer.Visible() { // beside the patient, never at the cost of an alarm's words
		offerWide := bandWide * 0.42
		bandWide -= offerWide + gap
		f.offer.Move(fyne.NewPos(gap+bandWide+gap, top))
		f.offer.Resize(fyne.NewSize(offerWide, high))
	}
	f.band.Resize(fyne.NewSize(bandWide, high))
	for i, t := range f.status {
		t.TextSize = theme.Text(theme.Small)
		if i == 0 {
			t.TextSize = theme.Text(theme.Body)
		}
		t.TextSize = widget.Narrow(t.Text, t.TextStyle, statusWide, t.TextSize)
		t.Move(fyne.NewPos(gap+inner.Width-right-statusWide, top+high*(0.04+0.5*float32(i))))
		t.Resize(fyne.NewSize(statusWide, high/2))
	}
	top += high + gap
	high = theme.MM(theme.PrimaryMM)
	ackWide, pauseWide := theme.MM(38), theme.MM(32)
	f.bar.Move(fyne.NewPos(gap, top))
	f.bar.Resize(fyne.NewSize(inner.Width-ackWide-pauseWide-2*gap, high))
	f.pause.Move(fyne.NewPos(gap+inner.Width-ackWide-gap-pauseWide, top))
	f.pause.Resize(fyne.NewSize(pauseWide, high))
	f.ack.Move(fyne.NewPos(gap+inner.Width-ackWide, top))
	f.ack.Resize(fyne.NewSize(ackWide, high))
	top += high + gap
	foot := fyne.MeasureText("X", theme.Text(theme.Small), f.foot.TextStyle).Height
	f.foot.TextSize = widget.Narrow(f.foot.Text, f.foot.TextStyle, inner.Width, theme.Text(theme.Small))
	f.body.Move(fyne.NewPos(gap, top))
	f.body.Resize(fyne.NewSize(inner.Width, size.Height-top-foot-1.2*gap))
	f.foot.Move(fyne.NewPos(gap, size.Height-foot-gap))
	f.foot.Resize(fyne.NewSize(inner.Width, foot))
}

// set changes a text and redraws it only when it differs.
func set(t *canvas.Text, text string, c color.Color) {
	if t.Text != text || t.Color != c {
		t.Text, t.Color = text, c
		t.Refresh()
	}
}

func (f *frame) show(now time.Time) {
	s := f.s
	for _, strip := range f.purple {
		if purple := theme.Colour(theme.Training); strip.FillColor != purple {
			strip.FillColor = purple
			strip.Refresh()
		}
		if strip.Visible() != s.training() {
			strip.Hidden = !s.training()
			strip.Refresh()
		}
	}
	f.showPatient()
	switch {
	case !s.stationTold:
		f.user.Say("", "")
	case s.locked():
		f.user.Say(s.speech.Say(lang.ScreenLocked), s.speech.Say(lang.TapToSignIn))
	default:
		f.user.Say(s.station.SignedIn, s.speech.Say(lang.Lock))
	}
	f.user.Disable(!s.stationTold)
	f.look.Say(s.speech.Say(looks[s.look]), s.speech.Say(lang.LookWord))
	before := [2]string{f.status[0].Text, f.status[1].Text}
	set(f.status[0], now.Format("15:04")+"  "+s.station.CallSign, theme.Colour(theme.Ink))
	set(f.status[1], f.linkWords(), theme.Colour(theme.Faint))
	notice := s.speech.Say(lang.SafetyNotice)
	if s.training() {
		notice = s.speech.Say(lang.TrainingNotice) + "   " + notice
	}
	switch {
	case s.pending > 0:
		notice = s.speech.Say(lang.Recording) + "      " + notice
	case s.said != "" && now.Sub(s.saidAt) < undoTime:
		notice = s.said + "      " + notice
	}
	if f.foot.Text != notice {
		f.foot.TextSize = widget.Narrow(notice, f.foot.TextStyle, f.foot.Size().Width, theme.Text(theme.Small))
	}
	set(f.foot, notice, theme.Colour(theme.Ink))
	f.showAlarms(now)
	f.showOffer(now)
	if before != [2]string{f.status[0].Text, f.status[1].Text} {
		f.Layout(nil, f.root.Size())
	}
}

var looks = map[theme.Look]lang.Key{theme.Day: lang.LookDay, theme.Sun: lang.LookSun, theme.Night: lang.LookNight}

// nobody is the band's colour when there is no patient.
var nobody = color.NRGBA{0x50, 0x50, 0x50, 0xff}

func (f *frame) showPatient() {
	s := f.s
	if s.on == (chart.ID{}) {
		f.band.Set(nobody, s.speech.Say(lang.NoPatient), s.speech.Say(lang.TapForPatients))
		return
	}
	row, known := s.row(s.on)
	who, about := s.who(row), s.about(row)
	if !known && s.locked() {
		who, about = s.speech.Say(lang.OnMonitor), ""
	}
	if bed := s.bed(); !known && bed != nil && bed.Tag != "" {
		who = bed.Tag
	}
	if late := s.lateWords(s.clock()); late != "" {
		about = late + "   " + about
	}
	f.band.Set(theme.Band(s.on), who, about)
}

// who is the patient's name, or what they are told apart by, with sex and age.
func (s *Screen) who(r chart.Row) string {
	name := strings.TrimSpace(r.Who.Given + " " + strings.ToUpper(r.Who.Family))
	if name == "" {
		name = r.Who.Label
	}
	if name == "" {
		name = s.speech.Say(lang.UnknownPatient)
	}
	parts := []string{name}
	switch r.Who.Sex {
	case chart.Female:
		parts = append(parts, s.speech.Say(lang.Female))
	case chart.Male:
		parts = append(parts, s.speech.Say(lang.Male))
	}
	if age := s.age(r.Who); age != "" {
		parts = append(parts, age)
	}
	return strings.Join(parts, "  ")
}

// age is as said or, from the date of birth, in whole years.
func (s *Screen) age(d chart.Demographics) string {
	if number, unit, ok := strings.Cut(d.Age, " "); ok {
		if k, known := ageUnits[unit]; known {
			return number + " " + s.speech.Say(k)
		}
	}
	if d.Birth != "" {
		return s.speech.Say(lang.Born, d.Birth)
	}
	return s.speech.Say(lang.AgeUnknown)
}

var ageUnits = map[string]lang.Key{"a": lang.Years, "mo": lang.Months, "wk": lang.Weeks, "d": lang.DaysOld}

// about is the tag of who has a name, the triage category, what is in doubt, and since when.
func (s *Screen) about(r chart.Row) string {
	var parts []string
	if r.Lent != nil {
		parts = append(parts, s.lentWords(r.Lent))
	}
	if r.Who.Label != "" && r.Who.Given+r.Who.Family != "" {
		parts = append(parts, r.Who.Label) // what others call them, whose name is known here
	}
	if r.Ended != "" {
		parts = append(parts, s.speech.Say(lang.EndedAs, s.endWords(r.Ended)))
	}
	if passed := s.passed(r); passed != "" {
		parts = append(parts, passed)
	}
	if r.Questioned > 0 {
		parts = append(parts, s.speech.Say(lang.TellBand))
	}
	if r.Category != "" {
		parts = append(parts, s.speech.Category(sieve.Category(r.Category)))
	}
	if len(r.InConflict) > 0 && r.Disputes <= 1 { // of several the number is said
		parts = append(parts, s.speech.Say(lang.NamesConflict))
	}
	if r.DoubleDoses > 0 {
		parts = append(parts, s.speech.Say(lang.PossibleDoubleDose))
	}
	if r.Disputes > 0 && r.Lent == nil {
		parts = append(parts, s.speech.Say(lang.ToSettle, r.Disputes))
	}
	if r.Doubts > 0 {
		parts = append(parts, s.speech.Say(lang.RecordIncomplete))
	}
	if r.Team != "" && r.Lent == nil { // of several
		parts = append(parts, r.Team)
	}
	if r.Opened > 0 && r.Disputes == 0 && r.Lent == nil {
		parts = append(parts, s.speech.Say(lang.Since, s.dayTime(r.Opened.Time())))
	}
	return strings.Join(parts, "   ")
}

// linkWords is the live link and the neighbours in one line.
func (f *frame) linkWords() string {
	s := f.s
	switch {
	case s.gone != nil:
		return s.speech.Say(lang.RecorderAway)
	case !s.stationTold:
		return s.speech.Say(lang.Connecting)
	case s.station.Locked:
		return s.speech.Say(lang.StoreLocked)
	}
	near := 0
	for _, p := range s.station.Peers {
		if p.Connected {
			near++
		}
	}
	if slices.Contains(s.station.Link.Not, s.on) || s.lent(s.on) != nil {
		return s.speech.Say(lang.LinkNotThis, near)
	}
	return s.speech.Say(lang.LinkLine, s.station.Link.State, near)
}

func (f *frame) showAlarms(now time.Time) {
	s := f.s
	all := s.alarms(now)
	if len(all) == 0 {
		row, _ := s.row(s.on)
		text := strings.TrimSpace(s.speech.Say(lang.NoAlarms) + "   " + s.limits(row, now))
		if bed := s.bed(); bed == nil || !bed.Heard() {
			text = s.speech.Say(lang.NothingWatched) // quiet because nobody looks is not calm
		}
		f.bar.Set(widget.Notice{Text: text}, now)
	} else {
		n := widget.Notice{Priority: max(all[0].Priority, alarm.Low), Technical: all[0].Technical, Seen: all[0].Acknowledged, Text: all[0].Text}
		n.Word = s.speech.Priority(n.Priority)
		if all[0].call != (chart.Ref{}) {
			n.Word = s.speech.Say(lang.CallWord)
		} else if n.Technical {
			n.Word += "  " + s.speech.Say(lang.Technical)
		}
		if n.Seen {
			n.Word += "  " + s.speech.Say(lang.Seen)
		}
		if all[0].paused {
			n.Word += "  " + s.speech.Say(lang.PausedAlarm)
		}
		if more := len(all) - 1; more > 0 {
			n.More = s.speech.Say(lang.MoreAlarms, more)
		}
		f.bar.Set(n, now)
	}
	f.ack.Say(s.speech.Say(lang.Acknowledge), "")
	f.ack.Disable(!slices.ContainsFunc(all, standing.canSee))
	f.showPause(now)
}
