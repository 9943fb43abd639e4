package ambulance

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// kinds changes what this station is; whether the person may, the station says.
type kinds struct {
	s      *Screen
	root   *fyne.Container
	words  *lines
	cells  []*widget.Button
	chosen string
	hold   *widget.Hold
	busy   bool
	says   string
}

func newKinds(s *Screen) *kinds {
	k := &kinds{s: s, words: newLines(2, theme.Body)}
	var cells []fyne.CanvasObject
	for _, kind := range ui.Kinds {
		b := widget.NewButton(s.kind(kind), func() {
			if !k.busy {
				k.chosen, k.says = kind, ""
				k.hold.Reset()
			}
		})
		k.cells, cells = append(k.cells, b), append(cells, b)
	}
	k.hold = widget.NewHold(s.speech.Say(lang.HoldKind), k.change)
	k.root = s.sheet(container.New(beneath{}, k.words.root, container.New(grid{len(cells), 1}, cells...)), k.hold)
	return k
}

func (k *kinds) object() fyne.CanvasObject { return k.root }

func (k *kinds) change() {
	s, to := k.s, k.chosen
	if k.busy || to == "" {
		return
	}
	k.busy, k.says = true, s.speech.Say(lang.KindChanging)
	s.apart(signInWait, func(ctx context.Context) error { return s.desk.SetKind(ctx, to) }, func(err error) {
		k.busy, k.chosen = false, ""
		k.hold.Reset()
		if err != nil {
			k.says = s.speech.Say(lang.KindRefused, reason(err))
			return
		}
		k.says = s.speech.Say(lang.KindChanged, s.kind(to))
		s.askSoon()
	})
}

func (k *kinds) show(now time.Time) {
	s := k.s
	k.hold.Tick(now)
	for i, b := range k.cells {
		b.Choose(ui.Kinds[i] == k.chosen)
		b.Disable(ui.Kinds[i] == s.station.Kind)
	}
	k.hold.Disable(k.busy || k.chosen == "" || k.chosen == s.station.Kind)
	says := k.says
	if says == "" {
		says = s.speech.Say(lang.KindWhy)
	}
	k.words.say(s.speech.Say(lang.KindIs, s.kind(s.station.Kind)), says)
}
