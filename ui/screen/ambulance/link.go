package ambulance

import (
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"fieldkit/triage/chart"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// link says in words what is connected to what, and binds a monitor to the patient
// on screen.
type link struct {
	s     *Screen
	of    chart.ID
	root  *fyne.Container
	words *lines
	bind  *widget.Hold
	at    int // which of the monitors the hold is about
	next  *widget.Button
}

func newLink(s *Screen) *link {
	l := &link{s: s, of: s.on, words: newLines(14, theme.Body)}
	l.bind = widget.NewHold("", l.record)
	l.next = widget.NewWide(s.speech.Say(lang.OtherMonitor), func() { l.at++; l.bind.Reset() })
	language := widget.NewWide("", func() { s.speak(s.speech.Language.Next()) })
	language.Say(s.speech.Language.Next().Name(), "")
	station := widget.NewWide(s.speech.Say(lang.AboutStation), func() { s.open(newAbout(s)) })
	l.root = s.sheet(l.words.root, l.next, l.bind, language, station)
	return l
}

func (l *link) object() fyne.CanvasObject { return l.root }

func (l *link) monitor() (ui.Monitor, bool) {
	var known []ui.Monitor
	for _, m := range l.s.station.Monitors {
		if m.Binding != "" {
			known = append(known, m)
		}
	}
	if len(known) == 0 {
		return ui.Monitor{}, false
	}
	return known[l.at%len(known)], true
}

func (l *link) record() {
	if m, ok := l.monitor(); ok {
		l.s.record(l.s.speech.Say(lang.MonitorTo, m.Name), l.of, &chart.MonitorBound{Monitor: m.Binding}, nil)
	}
	l.bind.Reset()
}

func (l *link) show(now time.Time) {
	s, speech := l.s, l.s.speech
	m, ok := l.monitor()
	l.bind.Tick(now)
	switch {
	case !ok:
		l.bind.Say(speech.Say(lang.NoMonitorFound))
	case m.Encounter == l.of && l.of != (chart.ID{}):
		l.bind.Say(speech.Say(lang.RecordsHere, m.Name))
	default:
		l.bind.Say(speech.Say(lang.HoldToBind, m.Name))
	}
	l.bind.Disable(!ok || l.of == (chart.ID{}) || m.Encounter == l.of)
	l.next.Disable(len(s.station.Monitors) < 2)

	var texts []string
	add := func(parts ...string) { texts = append(texts, strings.Join(parts, "   ")) }
	if s.gone != nil {
		add(speech.Say(lang.RecorderAway), reason(s.gone))
	}
	for _, t := range s.station.Trouble {
		add("!", t)
	}
	to := s.station.Link.To
	if to == "" {
		to = speech.Say(lang.NoHospital)
	}
	if name := s.station.Link.Name; name != "" {
		to = name + "   " + to
	}
	add(speech.Say(lang.Hospital), to, s.station.Link.State)
	if slices.Contains(s.station.Link.Not, l.of) {
		add("!", speech.Say(lang.NotSeenThere))
	}
	for _, m := range s.station.Monitors {
		name := m.Name
		if name == "" {
			name = speech.Say(lang.NotRecognised)
		}
		line := []string{m.Port, name, m.State}
		if m.Driver != "" && !m.Proven {
			line = append(line, speech.Say(lang.Unproven))
		}
		if r, ok := s.row(m.Encounter); ok {
			line = append(line, speech.Say(lang.RecordsTo, s.who(r)))
		}
		add(append(line, m.Do)...)
	}
	if len(s.station.Monitors) == 0 {
		add(speech.Say(lang.NoMonitorFound))
	}
	for _, p := range s.station.Peers {
		lack := speech.Say(lang.NothingMissing)
		if p.MissingHere+p.MissingThere > 0 || !p.Connected {
			lack = speech.Say(lang.Missing, p.MissingHere, p.MissingThere)
		}
		add(p.CallSign, p.State, lack)
	}
	if len(s.station.Peers) == 0 {
		add(speech.Say(lang.NoPeers))
	}
	add(speech.Say(lang.VersionIs, s.station.Version))
	if !speech.Language.Reviewed() {
		add(speech.Say(lang.NotReviewed))
	}
	if len(texts) > len(l.words.texts) { // never cut silently
		rest := len(texts) - len(l.words.texts) + 1
		texts = append(texts[:len(l.words.texts)-1], speech.Say(lang.MoreLines, rest))
	}
	l.words.say(texts...)
}
