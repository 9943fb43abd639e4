package ambulance

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/ui/lang"
	"fieldkit/ui/widget"
)

// spelling is the page of letters for who signs in with a passphrase, on a tablet that
// has no other keyboard. It writes what the page of people and digits would.
type spelling struct {
	p     *signin
	root  *fyne.Container
	field *widget.Secret
	enter *widget.Button
}

func newSpelling(p *signin) *spelling {
	s := p.s
	l := &spelling{p: p}
	l.field = widget.NewSecret(s.speech.Say(lang.PINField), l.try)
	keys := widget.NewKeyboard(s.speech.Say(lang.SetupSpace))
	keys.OnText = func(text string) { l.field.Write(text); l.field.Focus() }
	keys.OnBack = func() { l.field.Back(); l.field.Focus() }
	l.enter = widget.NewPrimary(s.speech.Say(lang.SignIn), l.try)
	digits := widget.NewWide(s.speech.Say(lang.SetupBack), func() { l.field.Clear(); s.open(p) })
	// The field stands in the row of buttons: a low screen has room for the keys alone.
	l.root = container.New(above{}, keys.Object(), container.New(bar{}, digits, l.field, l.enter))
	return l
}

func (l *spelling) object() fyne.CanvasObject { return l.root }

// try hands what was written to the page before, which signs in.
func (l *spelling) try() {
	if l.field.Len() == 0 || l.p.busy {
		return
	}
	l.p.secret.Clear()
	l.p.secret.Write(l.field.Text())
	l.field.Clear()
	l.p.s.open(l.p)
	l.p.try()
}

func (l *spelling) show(time.Time) {
	who := ""
	if l.p.chosen < len(l.p.people) {
		who = l.p.people[l.p.chosen].Name
	}
	l.enter.Say(l.p.s.speech.Say(lang.SignIn), who)
	l.enter.Disable(l.field.Len() == 0)
}
