package ambulance

import (
	"slices"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// monitor is the home of a call: traces, numbers, and the way to everything else.
type monitor struct {
	s       *Screen
	of      chart.ID
	boot    chart.Boot
	root    *fyne.Container
	traces  []*widget.Trace // in the order of lanes
	empty   *widget.Trace   // stands while no trace is there, for its words
	tiles   []*widget.Tile
	buttons []*widget.Button // those below: of care, or while the screen is locked of the door
	care    []*widget.Button
	door    []*widget.Button
}

// lanes is the order of traces from the top, and maxLanes how many there are room
// for.
var lanes = [...]vital.Lead{
	vital.ECGII, vital.ECGMLII, vital.ECGPads, vital.ECG, vital.ECGI, vital.ECGIII, vital.ECGV, vital.ECGV1, vital.ECGV2, vital.ECGV3,
	vital.ECGV4, vital.ECGV5, vital.ECGV6, vital.ECGAVR, vital.ECGAVL, vital.ECGAVF,
	vital.Pleth, vital.ABP, vital.CO2, vital.Resp, vital.P1, vital.P2, vital.Airway, vital.Flow, vital.CVP,
}

const maxLanes = 4

// slots are the tiles: of the signs of each the first that has a value is shown,
// under its own name.
var slots = [...][]vital.Sign{
	{vital.HeartRate, vital.PulseRate},
	{vital.SpO2},
	{vital.NIBPSys, vital.NIBPDia, vital.NIBPMean},
	{vital.RespRateCO2, vital.RespRate, vital.RespRateImpedance, vital.RespRateAirway, vital.RespRatePleth},
	{vital.EtCO2},
	{vital.Temperature, vital.Temperature2},
}

func newMonitor(s *Screen) *monitor {
	m := &monitor{s: s, of: s.on}
	for range slots {
		m.tiles = append(m.tiles, widget.NewTile())
	}
	m.empty = widget.NewTrace(vital.UnknownLead)
	m.empty.Caption = func(string, float64) string { return "" }
	m.care = []*widget.Button{
		widget.NewWide("", func() { s.open(newEvents(s)) }),
		widget.NewWide("", func() { s.open(newDrugs(s)) }),
		widget.NewWide("", func() { s.open(newVitals(s)) }),
		widget.NewWide("", func() { s.open(newCard(s)) }),
		widget.NewWide("", func() { s.open(newTelling(s)) }),
		widget.NewWide("", func() { s.open(newTrends(s)) }),
		widget.NewWide("", s.markStrip),
		widget.NewWide("", s.newPatient),
		widget.NewWide("", func() { s.open(newLink(s)) }),
		widget.NewWide("", func() { s.open(newMore(s)) }),
	}
	m.door = []*widget.Button{
		widget.NewPrimary("", func() { s.open(newSignin(s)) }),
		widget.NewWide("", func() { s.open(newBreaking(s)) }),
	}
	m.buttons = m.care
	m.root = container.New(m)
	m.fill()
	m.say()
	return m
}

func (m *monitor) say() {
	for i, k := range [...]lang.Key{lang.Event, lang.Drug, lang.Vitals, lang.TriageWord, lang.HandoverWord, lang.Trends, lang.StripMarked, lang.NewPatient, lang.LinkAndDevices, lang.More} {
		second := ""
		if k == lang.HandoverWord {
			second = m.s.telling(m.of)
		}
		m.care[i].Say(m.s.speech.Say(k), second)
	}
	m.door[0].Say(m.s.speech.Say(lang.SignIn), m.s.speech.Say(lang.StillShown))
	m.door[1].Say(m.s.speech.Say(lang.Emergency), "")
	buttons := m.care
	if m.s.locked() {
		buttons = m.door
	}
	if buttons[0] != m.buttons[0] {
		m.buttons = buttons
		m.fill()
		m.root.Refresh()
		m.Layout(nil, m.root.Size())
	}
}

// telling is how far the last handover of a patient has come, in words: what is in
// question before all.
func (s *Screen) telling(of chart.ID) string {
	row, _ := s.row(of)
	switch {
	case row.Questioned > 0:
		return s.speech.Say(lang.TellQuestioned, row.Questioned)
	case row.Handover == chart.HandoverSent:
		return s.speech.Say(lang.TellSent)
	case row.Handover == chart.HandoverReceived:
		return s.speech.Say(lang.TellReceived)
	case row.Handover == chart.HandoverTaken:
		return s.speech.Say(lang.TellTaken)
	}
	return ""
}

func (m *monitor) object() fyne.CanvasObject { return m.root }

func (m *monitor) fill() {
	m.root.Objects = nil
	if len(m.traces) == 0 {
		m.root.Add(m.empty)
	}
	for _, t := range m.traces {
		m.root.Add(t)
	}
	for _, t := range m.tiles {
		m.root.Add(t)
	}
	for _, b := range m.buttons {
		m.root.Add(b)
	}
}

// MinSize implements [fyne.Layout].
func (m *monitor) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(400, 240) }

// Layout implements [fyne.Layout]: traces left, tiles in two columns right, the
// buttons along the bottom where a thumb reaches them.
func (m *monitor) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	gap := theme.MM(1.5)
	high := theme.MM(theme.PrimaryMM)
	wide := (size.Width - gap*float32(len(m.buttons)-1)) / float32(len(m.buttons))
	for i, b := range m.buttons {
		b.Move(fyne.NewPos(float32(i)*(wide+gap), size.Height-high))
		b.Resize(fyne.NewSize(wide, high))
	}
	height := size.Height - high - gap
	column := min(theme.MM(46), size.Width*0.19)
	right := 2*column + gap
	rows := float32(len(m.tiles)+1) / 2
	tall := (height - gap*(float32(int(rows))-1)) / float32(int(rows))
	for i, t := range m.tiles {
		t.Move(fyne.NewPos(size.Width-right+float32(i%2)*(column+gap), float32(i/2)*(tall+gap)))
		t.Resize(fyne.NewSize(column, tall))
	}
	left := float32(int(size.Width - right - gap)) // whole, or ground and trace round apart
	shown := m.traces
	if len(shown) == 0 {
		shown = []*widget.Trace{m.empty}
	}
	each := height / float32(len(shown))
	for i, t := range shown {
		t.Move(fyne.NewPos(0, float32(i)*each))
		t.Resize(fyne.NewSize(left, each-gap/2))
	}
}

// hear takes a moment's waves to their traces; a lead not yet seen gets a lane in
// its fixed place, while there is room.
func (m *monitor) hear(moment *ui.Moment) {
	if moment.Boot != m.boot { // another clock: what was drawn by the old one cannot stay
		m.boot = moment.Boot
		for _, t := range m.traces {
			t.Forget()
		}
	}
	for i := range moment.Waves {
		w := &moment.Waves[i]
		if t := m.trace(w.Lead, holds(w)); t != nil {
			t.Hear(w)
		}
	}
}

// holds reports whether a run has any sample: a lead that only says that nothing
// is connected gets no lane.
func holds(w *vital.Waveform) bool {
	missing := 0
	for _, g := range w.Gaps {
		missing += g.Len
	}
	return missing < len(w.Samples)
}

// trace is the lead's, made when it may be and there is room; else nil.
func (m *monitor) trace(l vital.Lead, may bool) *widget.Trace {
	for _, t := range m.traces {
		if t.Lead == l {
			return t
		}
	}
	place := slices.Index(lanes[:], l)
	if place < 0 || !may || len(m.traces) == maxLanes {
		return nil
	}
	t := widget.NewTrace(l)
	t.Caption = m.s.caption(l)
	at := 0
	for at < len(m.traces) && slices.Index(lanes[:], m.traces[at].Lead) < place {
		at++
	}
	m.traces = slices.Insert(m.traces, at, t)
	m.fill()
	m.root.Refresh()
	m.Layout(nil, m.root.Size())
	return t
}

// caption is a trace's own words: lead, gain, speed, and what an ECG here is not
// for.
func (s *Screen) caption(l vital.Lead) func(string, float64) string {
	return func(gain string, speed float64) string {
		text := l.Info().Label
		if l == vital.Pleth {
			text = s.speech.Say(lang.Pleth)
		} else if l == vital.Resp {
			text = s.speech.Say(lang.Breathing)
		}
		if gain != "" {
			text += "   " + gain
		}
		text += "   " + strconv.FormatFloat(speed, 'g', -1, 64) + " mm/s"
		if gain != "" {
			text += "   " + s.speech.Say(lang.NotForST)
		}
		return text
	}
}

func (m *monitor) show(now time.Time) {
	s := m.s
	if !s.locked() && s.lent(m.of) != nil {
		s.open(newTimeline(s)) // tiles would say that nothing is measured, which nobody here knows
		return
	}
	m.say()
	bed := s.bed()
	why := s.silence(now)
	at, heard := s.play.At(now)
	for _, t := range m.traces {
		words := why
		if words == "" && t.Quiet() {
			words = s.speech.Say(lang.NoSignal)
		}
		if heard {
			t.Advance(at, words)
		}
	}
	if len(m.traces) == 0 {
		if why == "" {
			why = s.speech.Say(lang.NoTrace)
		}
		m.empty.Advance(at, why)
	}
	for i, t := range m.tiles {
		n := s.number(bed, now, slots[i])
		s.charted(&n, bed, now, slots[i])
		t.Set(n, now)
	}
}

// silence is why nothing can be coming, "" when something should.
func (s *Screen) silence(now time.Time) string {
	bed := s.bed()
	switch {
	case s.gone != nil && now.Sub(s.goneSince) >= ui.SilentAfter:
		return s.speech.Say(lang.RecorderSilent, s.speech.Age(now.Sub(s.goneSince)))
	case s.station.Locked:
		return s.speech.Say(lang.LockedNothingRecorded)
	case s.on == (chart.ID{}):
		return s.speech.Say(lang.NoPatient)
	case bed == nil || !bed.Heard():
		return s.speech.Say(lang.NoMonitorHere)
	case bed.Silent(now) >= ui.SilentAfter:
		return s.speech.Say(lang.NoDataFor, s.speech.Age(bed.Silent(now)))
	}
	return ""
}

// number is what a tile shows of its signs.
func (s *Screen) number(bed *ui.Bed, now time.Time, signs []vital.Sign) widget.Number {
	n := widget.Number{Label: s.label(signs[0]), Digits: widget.Dashes, Colour: theme.OfSign(signs[0]), Unit: signs[0].Unit().Label()}
	if bed == nil || !bed.Heard() {
		n.Foot = s.speech.Say(lang.NotMeasured)
		return n
	}
	n.Alarm, n.Seen = alarmOf(bed, signs)
	if signs[0] == vital.NIBPSys {
		s.pressure(&n, bed, now)
		return n
	}
	shown := bed.Show(now, signs...)
	n.Label, n.Colour, n.Unit = s.label(shown.Sign), theme.OfSign(shown.Sign), shown.Unit.Label()
	if shown.Text != "" {
		n.Digits = shown.Text
	}
	n.Standing, n.Foot = shown.Standing, s.foot(shown)
	return n
}

func (s *Screen) pressure(n *widget.Number, bed *ui.Bed, now time.Time) {
	sys, dia := bed.Pair(now, vital.NIBPSys, vital.NIBPDia)
	n.Standing, n.Foot = sys.Standing, s.foot(sys)
	if sys.Text == "" && dia.Text == "" {
		return
	}
	part := func(text string) string {
		if text == "" {
			return "--"
		}
		return text
	}
	n.Digits = part(sys.Text) + "/" + part(dia.Text)
	switch {
	case sys.Text == "":
		n.Foot = s.foot(dia)
	case dia.Text != "" && !sys.Questionable:
		n.Foot = s.doubted(n.Foot, dia.Questionable)
	}
	if beside, mean := bed.Pair(now, vital.NIBPSys, vital.NIBPMean); mean.Text != "" && beside.Text != "" && sys.Text != "" {
		n.Detail = "(" + mean.Text + ")"
	}
}

// label is a tile's: NIBP for the pair, RR for whichever way breaths were counted.
func (s *Screen) label(sign vital.Sign) string {
	if sign == vital.NIBPSys {
		return "NIBP"
	}
	return sign.Info().Label
}

// foot is the line under the digits: the reason there are none, or the age, or
// that the monitor doubts its own value.
func (s *Screen) foot(v ui.Shown) string {
	switch {
	case v.Text == "" && v.Why == vital.Measured:
		return s.speech.Say(lang.LastValueAgo, s.speech.Age(v.Age))
	case v.Text == "":
		return s.speech.State(v.Why)
	case v.Standing != vital.Fresh, v.Aperiodic, v.Sign.Info().Ageing == vital.Episodic:
		return s.doubted(s.speech.Say(lang.Ago, s.speech.Age(v.Age)), v.Questionable)
	}
	return s.doubted("", v.Questionable)
}
