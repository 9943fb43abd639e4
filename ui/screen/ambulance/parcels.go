package ambulance

import (
	"context"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// parcels is the page that writes the record onto a stick for another station, and
// takes in what another wrote. Either needs a hold; a parcel that is not whole, not of
// the team or not for this station changes nothing.
type parcels struct {
	s      *Screen
	sticks []ui.Stick
	stick  string // path of the one chosen, "" while none was ever found
	held   []ui.Parcel
	heldOn string // the stick's path
	parcel string // path of the one chosen, "" none
	says   []string
	unread error
	busy   bool
	asking bool
	asked  time.Time

	root  *fyne.Container
	words *notes
	cells []*widget.Button
	files []*widget.Button
	out   *widget.Hold
	in    *widget.Hold
}

func newParcels(s *Screen) *parcels {
	p := &parcels{s: s, words: newNotes(s)}
	p.words.bold = true
	row := func(tapped func(int)) (buttons []*widget.Button, _ fyne.CanvasObject) {
		var cells []fyne.CanvasObject
		for i := range sticksMost {
			b := widget.NewButton("", func() { tapped(i) })
			b.Hide()
			buttons, cells = append(buttons, b), append(cells, b)
		}
		return buttons, container.New(grid{sticksMost, 1}, cells...)
	}
	var sticks, files fyne.CanvasObject
	p.cells, sticks = row(func(i int) {
		if i < len(p.sticks) && !p.busy {
			p.stick, p.parcel, p.asked = p.sticks[i].Path, "", time.Time{}
			p.out.Reset()
			p.in.Reset()
		}
	})
	p.files, files = row(func(i int) {
		if i < len(p.held) && !p.busy {
			p.parcel = p.held[i].Path
			p.in.Reset()
		}
	})
	p.out = widget.NewHold(s.speech.Say(lang.HoldParcelOut), p.write)
	p.in = widget.NewHold(s.speech.Say(lang.HoldParcelIn), p.take)
	p.root = s.sheet(container.New(parcelLayout{}, p.words.root, sticks, files), p.out, p.in)
	return p
}

func (p *parcels) object() fyne.CanvasObject { return p.root }

// on is the stick chosen; false when it is not plugged in any more.
func (p *parcels) on() (ui.Stick, bool) {
	if at := slices.IndexFunc(p.sticks, func(s ui.Stick) bool { return s.Path == p.stick }); at >= 0 {
		return p.sticks[at], true
	}
	return ui.Stick{}, false
}

// chosen is the parcel chosen; false when it is not on the stick chosen.
func (p *parcels) chosen() (ui.Parcel, bool) {
	stick, ok := p.on()
	at := slices.IndexFunc(p.held, func(x ui.Parcel) bool { return x.Path == p.parcel })
	if !ok || at < 0 || p.heldOn != stick.Path {
		return ui.Parcel{}, false
	}
	return p.held[at], true
}

func (p *parcels) write() {
	s := p.s
	p.out.Reset()
	to, ok := p.on()
	if p.busy || !ok {
		return
	}
	p.busy, p.says = true, []string{s.speech.Say(lang.BackupRuns, to.Name)}
	var done ui.ParcelOut
	s.apart(backupWait, func(ctx context.Context) (err error) {
		done, err = s.desk.ParcelOut(ctx, to)
		return err
	}, func(err error) {
		p.busy, p.asked = false, time.Time{}
		if err != nil {
			p.says = []string{s.speech.Say(lang.ParcelFailed, reason(err))}
			s.faults = append(s.faults, fault{p.says[0]}) // the page may have been left
			return
		}
		p.says = []string{s.speech.Say(lang.ParcelWritten, done.Entries, done.For, done.File)}
		if done.Left > 0 {
			p.says = append(p.says, s.speech.Say(lang.ParcelLeft, done.Left))
		}
	})
}

func (p *parcels) take() {
	s := p.s
	p.in.Reset()
	from, ok := p.chosen()
	if p.busy || !ok {
		return
	}
	p.busy, p.says = true, []string{s.speech.Say(lang.ParcelReads, from.Name)}
	var came ui.ParcelIn
	s.apart(backupWait, func(ctx context.Context) (err error) {
		came, err = s.desk.ParcelIn(ctx, from)
		return err
	}, func(err error) {
		p.busy = false
		if err != nil {
			p.says = []string{s.speech.Say(lang.ParcelNot, reason(err))}
			s.faults = append(s.faults, fault{p.says[0]})
			return
		}
		who, made := came.From, came.Made.Local().Format("2006-01-02 15:04")
		if who == "" {
			who = s.speech.Say(lang.FromUnknown)
		}
		if came.New == 0 {
			p.says = []string{s.speech.Say(lang.ParcelNothing, who, made), came.Says}
			return
		}
		_, missing, _ := strings.Cut(came.Says, "; ") // behind the numbers
		p.says = []string{s.speech.Say(lang.ParcelCame, who, made, came.New, came.Entries), missing}
	})
}

// look finds the sticks that are plugged in now, and the parcels on the one chosen.
func (p *parcels) look(now time.Time) {
	if p.busy || p.asking || now.Sub(p.asked) < lookAgain {
		return
	}
	p.asking, p.asked = true, now
	stick := p.stick
	var found []ui.Stick
	var held []ui.Parcel
	var heldOn string
	p.s.apart(recordWait, func(ctx context.Context) (err error) {
		if found, err = p.s.desk.Sticks(ctx); err != nil || len(found) == 0 {
			return err
		}
		at := max(0, slices.IndexFunc(found, func(s ui.Stick) bool { return s.Path == stick }))
		heldOn = found[at].Path
		held, err = p.s.desk.Parcels(ctx, found[at])
		return err
	}, func(err error) {
		p.asking, p.unread = false, err
		p.sticks, p.held, p.heldOn = found[:min(len(found), sticksMost)], held, heldOn
		if p.stick == "" {
			p.stick = heldOn // the first; another that comes later does not take its place
		}
	})
}

func (p *parcels) show(now time.Time) {
	say := p.s.speech.Say
	p.look(now)
	stick, plugged := p.on()
	for i, b := range p.cells {
		if i >= len(p.sticks) {
			b.Hide()
			continue
		}
		b.Say(say(lang.StickIs, p.sticks[i].Name, float64(p.sticks[i].Free)/1e9), "")
		b.Choose(plugged && p.sticks[i].Path == stick.Path)
		b.Show()
	}
	held := p.held
	if p.heldOn != stick.Path {
		held = nil // of another stick: read again now
	}
	for i, b := range p.files {
		if i >= len(held) {
			b.Hide()
			continue
		}
		name := strings.TrimSuffix(strings.TrimPrefix(held[i].Name, "fieldkit "), ".parcel")
		b.Say(held[i].At.Local().Format("2006-01-02 15:04"), name)
		b.Choose(held[i].Path == p.parcel)
		b.Show()
	}
	_, chosen := p.chosen()
	p.out.Disable(p.busy || !plugged)
	p.in.Disable(p.busy || !chosen)
	texts := slices.Clone(p.says)
	if len(texts) == 0 {
		texts = []string{say(lang.ParcelAsk)}
	}
	switch {
	case p.busy:
	case p.unread != nil:
		texts = append(texts, say(lang.ParcelUnlisted, reason(p.unread)))
	case !plugged:
		texts = append(texts, say(lang.NoStick))
	case len(held) == 0 && p.heldOn == stick.Path:
		texts = append(texts, say(lang.ParcelNone))
	case len(held) > len(p.files):
		texts = append(texts, say(lang.ParcelMore, len(held)-len(p.files)))
	}
	p.words.say(texts...)
	p.out.Tick(now)
	p.in.Tick(now)
}

// parcelLayout lays words over two rows of buttons.
type parcelLayout struct{}

// MinSize implements [fyne.Layout].
func (parcelLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(300, 240) }

// Layout implements [fyne.Layout].
func (parcelLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	gap, tall := theme.MM(theme.GapMM), theme.MM(theme.LeastMM)
	tall = max(tall, min(theme.MM(theme.PrimaryMM), size.Height*0.3))
	head := size.Height - 2*(tall+gap)
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(fyne.NewSize(size.Width, head))
	for i, row := range o[1:] {
		row.Move(fyne.NewPos(0, head+gap+float32(i)*(tall+gap)))
		row.Resize(fyne.NewSize(size.Width, tall))
	}
}
