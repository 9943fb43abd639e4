package ambulance

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/score/finding"
	"fieldkit/triage/vital"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// typed reads a number as a person typed it. It gives the words of a refusal
// instead of a number that is none, has more decimals than are kept, or lies
// outside low to high. Nothing is rounded.
func (s *Screen) typed(text string, low, high vital.Decimal, places int8) (v vital.Decimal, refused string) {
	speech := s.speech
	v, err := vital.ParseDecimal(text)
	switch {
	case text == "":
		return v, speech.Say(lang.TypeNumber)
	case err != nil:
		return v, speech.Say(lang.NoNumber, text)
	case v.Exponent < -places && places == 0:
		return v, speech.Say(lang.WholeOnly, text)
	case v.Exponent < -places:
		return v, speech.Say(lang.TooManyPlaces, text, int(places))
	case v.Cmp(low) < 0 || v.Cmp(high) > 0:
		return v, speech.Say(lang.NotPossible, text, low.String(), high.String())
	}
	return v, ""
}

// number is a page on which one number is typed for a card that asks it.
type number struct {
	s     *Screen
	key   finding.Key
	value *canvas.Text
	words *notes
	pad   *widget.Pad
	take  *widget.Button
	root  *fyne.Container
	back  page
	done  func(vital.Decimal)
}

// newNumber asks for the number of k; done takes it, and back is where the page
// leads either way.
func newNumber(s *Screen, k finding.Key, back page, done func(vital.Decimal)) *number {
	n := &number{s: s, key: k, value: canvas.NewText("", theme.Colour(theme.Ink)), words: newNotes(s), back: back, done: done}
	n.value.TextStyle.Bold, n.value.Alignment = true, fyne.TextAlignCenter
	n.pad = widget.NewPad(func(string) {})
	n.take = widget.NewPrimary(s.speech.Say(lang.TakeNumber), func() {
		if v, refused := n.read(); refused == "" {
			n.done(v)
			s.open(n.back)
		}
	})
	back1 := widget.NewWide(s.speech.Say(lang.BackToCard), func() { s.open(n.back) })
	n.root = s.sheet(container.New(padded{}, n.value, n.words.root, n.pad.Object()), back1, n.take)
	return n
}

func (n *number) object() fyne.CanvasObject { return n.root }

func (n *number) read() (vital.Decimal, string) {
	info, _ := n.key.Info()
	return n.s.typed(n.pad.Text(), info.Min, info.Max, placesOf(info))
}

// placesOf is how many decimals a number of a score may have: what is charted as a
// sign has no more than its sign is shown with.
func placesOf(info finding.Info) int8 {
	sign, charted := signOf[info.Key]
	switch {
	case info.Whole:
		return 0
	case info.Key == finding.Glucose:
		return sign.PlacesIn(vital.MmolPerL)
	case charted:
		return sign.PlacesIn(sign.Unit())
	}
	return 2
}

func (n *number) show(time.Time) {
	_, refused := n.read()
	n.words.say(n.s.speech.Finding(n.key), refused)
	n.take.Disable(refused != "")
	say(n.value, n.pad.Text())
}

// say sets a value that is being typed; a bar stands where nothing is.
func say(t *canvas.Text, text string) {
	set(t, strings.ReplaceAll(text, "-", "−")+"|", theme.Colour(theme.Ink))
}

// padded lays a value and its words left of a pad.
type padded struct{}

// MinSize implements [fyne.Layout].
func (padded) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(300, 200) }

// Layout implements [fyne.Layout].
func (padded) Layout(o []fyne.CanvasObject, size fyne.Size) {
	gap := theme.MM(4)
	left := size.Width * 0.4
	value := o[0].(*canvas.Text)
	value.TextSize = widget.Narrow(value.Text, value.TextStyle, left, min(theme.Text(72), size.Height*0.28))
	high := min(theme.Text(72), size.Height*0.28) * 1.35
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(fyne.NewSize(left, high))
	o[1].Move(fyne.NewPos(0, high+gap/2))
	o[1].Resize(fyne.NewSize(left, size.Height-high-gap/2))
	o[2].Move(fyne.NewPos(left+gap, 0))
	o[2].Resize(fyne.NewSize(size.Width-left-gap, size.Height))
}
