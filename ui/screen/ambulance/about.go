package ambulance

import (
	"image/color"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/alarm"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// about says what this program is and is not, and leads to what is about the station
// and no patient.
type about struct {
	s     *Screen
	root  *fyne.Container
	words *lines
}

func newAbout(s *Screen) *about {
	a := &about{s: s, words: newLines(10, theme.Body)}
	a.words.headed = true
	language := widget.NewWide("", func() { s.speak(s.speech.Language.Next()); s.open(newAbout(s)) })
	language.Say(s.speech.Language.Next().Name(), "")
	test := widget.NewWide(s.speech.Say(lang.SoundTest), func() {
		if s.voice != nil {
			s.voice.Sound(alarm.Medium)
		}
	})
	test.Disable(s.voice == nil)
	a.root = s.sheet(a.words.root,
		widget.NewWide(s.speech.Say(lang.Ruler), func() { s.open(newRuler(s)) }),
		widget.NewWide(s.speech.Say(lang.Backup), func() { s.open(newSticks(s)) }),
		widget.NewWide(s.speech.Say(lang.ParcelWord), func() { s.open(newParcels(s)) }),
		widget.NewWide(s.speech.Say(lang.AuditWord), func() { s.open(newAudit(s)) }),
		widget.NewWide(s.speech.Say(lang.KindWord), func() { s.open(newKinds(s)) }), test, language)
	return a
}

func (a *about) object() fyne.CanvasObject { return a.root }

func (a *about) show(time.Time) {
	s, say := a.s, a.s.speech.Say
	texts := []string{say(lang.ThisIs, s.station.Version, s.station.Kind, s.station.CallSign), say(lang.SafetyNotice), say(lang.Notices)}
	if s.training() {
		texts = append(texts, say(lang.TrainingNotice))
	}
	if s.voice != nil {
		if why := s.voice.Silent(); why != nil {
			texts = append(texts, say(lang.NoSound, reason(why)))
		} else {
			texts = append(texts, say(lang.SoundWorks))
		}
	}
	if board := s.station.Link.Board; board != "" {
		texts = append(texts, say(lang.BoardAt, board))
	}
	for _, l := range lang.Languages {
		if l.Reviewed() {
			texts = append(texts, say(lang.ReviewedIs))
		} else {
			texts = append(texts, say(lang.UnreviewedIs, l.Name()))
		}
	}
	a.words.say(texts...)
}

// ruler lets a person say how long a line on the display truly is.
type ruler struct {
	s     *Screen
	root  *fyne.Container
	line  *canvas.Rectangle
	words *lines
	use   *widget.Button
	units float32 // how long the line is
	mm    int     // how long it is said to be
	says  string
}

// rulerUnits is how long the line is: 100 mm where the display tells its size truly.
const rulerUnits = 100 * 120 / 25.4

func newRuler(s *Screen) *ruler {
	r := &ruler{s: s, words: newLines(2, theme.Body), line: canvas.NewRectangle(color.Black), units: rulerUnits}
	r.mm = int(rulerUnits/theme.MM(1) + 0.5)
	var steps []fyne.CanvasObject
	for _, by := range []int{-10, -1, 1, 10} {
		text := strconv.Itoa(by)
		if by > 0 {
			text = "+" + text
		}
		steps = append(steps, widget.NewWide(text+" mm", func() { r.mm = min(max(r.mm+by, 10), 400); r.says = "" }))
	}
	r.use = widget.NewPrimary("", func() {
		r.says = ""
		if s.onRuler == nil || s.onRuler(r.units, float32(r.mm)) != nil {
			r.says = s.speech.Say(lang.RulerWrong)
		}
	})
	r.root = s.sheet(container.New(r, r.words.root, r.line, container.New(bar{}, steps...)), r.use)
	return r
}

func (r *ruler) object() fyne.CanvasObject { return r.root }

// MinSize implements [fyne.Layout].
func (r *ruler) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(rulerUnits, 200) }

// Layout implements [fyne.Layout]: words, the line, and the steps under it.
func (r *ruler) Layout(o []fyne.CanvasObject, size fyne.Size) {
	top, high := theme.MM(15), theme.MM(theme.PrimaryMM)
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(fyne.NewSize(size.Width, top))
	o[1].Move(fyne.NewPos((size.Width-r.units)/2, (top+size.Height-high)/2-theme.MM(1.5)))
	o[1].Resize(fyne.NewSize(r.units, theme.MM(3)))
	o[2].Move(fyne.NewPos(0, size.Height-high))
	o[2].Resize(fyne.NewSize(size.Width, high))
}

func (r *ruler) show(time.Time) {
	if ink := theme.Colour(theme.Ink); r.line.FillColor != ink {
		r.line.FillColor = ink
		r.line.Refresh()
	}
	r.use.Say(r.s.speech.Say(lang.RulerUse, r.mm), "")
	says := r.says
	if says == "" {
		says = r.s.speech.Say(lang.RulerNow, strconv.Itoa(int(theme.PrimaryMM)))
	}
	r.words.say(r.s.speech.Say(lang.RulerAsk), says)
}
