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

// locked reports whether nobody is signed in at this screen.
func (s *Screen) locked() bool { return s.stationTold && s.station.SignedIn == "" }

// apart does work apart from Fyne's goroutine and hands what came of it to then.
func (s *Screen) apart(long time.Duration, work func(context.Context) error, then func(error)) {
	ctx := s.ctx
	s.work.Go(func() {
		ctx, stop := context.WithTimeout(ctx, long)
		defer stop()
		err := work(ctx)
		s.inbox.call(func() { then(err) })
	})
}

// lock signs out at once. The monitor of the patient on screen goes on; the names of
// patients go.
func (s *Screen) lock() {
	on, strip := s.on, s.beforeLock()
	s.become("")
	s.apart(recordWait, func(ctx context.Context) error { strip(ctx); return s.desk.LockScreen(ctx, on) }, func(err error) {
		s.inbox.turn()
		if err != nil {
			s.faults = append(s.faults, fault{s.speech.Say(lang.NotLocked, reason(err))})
		}
	})
}

// become puts another person, or with "" nobody, at the screen. What the station
// said before is of the one before.
func (s *Screen) become(who string) {
	s.inbox.turn()
	s.station.SignedIn, s.rows, s.handed, s.called = who, nil, nil, nil
	s.said = ""
	s.home()
}

// signin is the page of people and keys.
type signin struct {
	s      *Screen
	root   *fyne.Container
	people []ui.Person
	chosen int
	at     int // the page of people
	cells  []*widget.Button
	more   *widget.Button
	secret *widget.Secret
	enter  *widget.Button
	words  *notes
	says   string
	busy   bool
}

// peoplePerPage is how many people one page of the sign-in has room for.
const peoplePerPage = 4

// mostDigits bounds what the keys write; a keyboard may write a passphrase.
const mostDigits = 12

func newSignin(s *Screen) *signin {
	p := &signin{s: s, words: newNotes(s)}
	p.secret = widget.NewSecret(s.speech.Say(lang.PINField), p.try)
	cells := make([]fyne.CanvasObject, peoplePerPage)
	for i := range cells {
		b := widget.NewButton("", func() {
			if at := p.at*peoplePerPage + i; at < len(p.people) {
				p.chosen = at
			}
		})
		b.Hide()
		p.cells, cells[i] = append(p.cells, b), b
	}
	var keys []fyne.CanvasObject
	for _, digit := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"} {
		keys = append(keys, widget.NewButton(digit, func() { p.key(digit) }))
	}
	keys = append(keys,
		widget.NewButton(s.speech.Say(lang.ClearKey), p.secret.Clear),
		widget.NewButton("0", func() { p.key("0") }),
		widget.NewButton(s.speech.Say(lang.DeleteKey), p.secret.Back))
	body := container.New(doorway{}, append([]fyne.CanvasObject{p.words.root, container.New(grid{2, peoplePerPage / 2}, cells...), p.secret}, keys...)...)
	p.enter = widget.NewPrimary(s.speech.Say(lang.SignIn), p.try)
	p.more = widget.NewWide(s.speech.Say(lang.NextPage), func() { p.at++ })
	emergency := widget.NewWide(s.speech.Say(lang.Emergency), func() { s.open(newBreaking(s)) })
	letters := widget.NewWide(s.speech.Say(lang.LettersKey), func() {
		if p.chosen < len(p.people) && !p.busy {
			s.open(newSpelling(p))
		}
	})
	p.root = s.sheet(body, emergency, p.more, letters, p.enter)
	var people []ui.Person
	s.apart(recordWait, func(ctx context.Context) (err error) {
		people, err = s.desk.People(ctx)
		return err
	}, func(err error) {
		p.people = people
		if err != nil {
			p.says = s.speech.Say(lang.NotSignedIn, reason(err))
		}
	})
	return p
}

func (p *signin) object() fyne.CanvasObject { return p.root }

func (p *signin) key(digit string) {
	if p.secret.Len() < mostDigits {
		p.secret.Write(digit)
	}
}

// try signs in; what was typed is gone whatever comes of it.
func (p *signin) try() {
	s := p.s
	if p.busy || p.chosen >= len(p.people) || p.secret.Len() == 0 {
		return
	}
	who, typed := p.people[p.chosen], p.secret.Text()
	p.secret.Clear()
	p.busy, p.says = true, s.speech.Say(lang.SigningIn)
	s.inbox.turn()
	s.apart(signInWait, func(ctx context.Context) error { return s.desk.SignIn(ctx, who.ID, typed) }, func(err error) {
		p.busy = false
		if err != nil {
			p.says = s.speech.Say(lang.NotSignedIn, reason(err))
			return
		}
		s.become(who.Name)
	})
}

// signInWait bounds how long a PIN may be looked at: what opens a store is slow on
// purpose.
const signInWait = 30 * time.Second

func (p *signin) show(time.Time) {
	pages := max(1, (len(p.people)+peoplePerPage-1)/peoplePerPage)
	p.at %= pages
	for i, b := range p.cells {
		at := p.at*peoplePerPage + i
		if at >= len(p.people) {
			b.Hide()
			continue
		}
		b.Say(p.people[at].Name, p.people[at].Role)
		b.Choose(at == p.chosen)
		b.Show()
	}
	p.more.Say(p.s.speech.Say(lang.NextPage), p.s.speech.Say(lang.PageOf, p.at+1, pages))
	p.more.Disable(pages == 1)
	p.enter.Disable(p.busy || p.secret.Len() == 0 || p.chosen >= len(p.people))
	p.words.say(p.says, p.s.speech.Say(lang.WhoAreYou))
}

// doorway lays the words over the people on the left, two by two, and the field over
// the keys on the right: as on a telephone where there is height, else in two rows.
type doorway struct{}

// MinSize implements [fyne.Layout].
func (doorway) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(400, 240) }

// Layout implements [fyne.Layout].
func (doorway) Layout(o []fyne.CanvasObject, size fyne.Size) {
	gap := theme.MM(theme.GapMM)
	words, people, field, keys := o[0], o[1], o[2], o[3:]
	left := size.Width * 0.42
	x, wide := left+theme.MM(5), size.Width-left-theme.MM(5)
	columns, rows := 3, 4
	if size.Height < theme.MM(theme.OrdinaryMM)*5+4*gap {
		columns, rows = 6, 2
	}
	row := (size.Height - gap*float32(rows)) / float32(rows+1)
	words.Move(fyne.NewPos(0, 0))
	words.Resize(fyne.NewSize(left, row))
	people.Move(fyne.NewPos(0, row+gap))
	people.Resize(fyne.NewSize(left, size.Height-row-gap))
	field.Move(fyne.NewPos(x, 0))
	field.Resize(fyne.NewSize(wide, row))
	cell := (wide - gap*float32(columns-1)) / float32(columns)
	for i, k := range keys {
		k.Move(fyne.NewPos(x+float32(i%columns)*(cell+gap), float32(i/columns+1)*(row+gap)))
		k.Resize(fyne.NewSize(cell, row))
	}
}

// breaking is the page that opens the record without a PIN, for a reason that is
// recorded.
type breaking struct {
	s      *Screen
	root   *fyne.Container
	words  *lines
	cells  []*widget.Button
	chosen int
	open   *widget.Hold
	says   string
}

// reasons are why nobody can sign in, as the record says them and the screen.
var reasons = [...]struct {
	name string
	key  lang.Key
}{
	{"the patient is in danger now", lang.WhyDanger}, {"nobody with a PIN is here", lang.WhyNobody},
	{"the PIN is forgotten or refused", lang.WhyForgotten}, {"too many casualties", lang.WhyMany},
}

func newBreaking(s *Screen) *breaking {
	b := &breaking{s: s, words: newLines(2, theme.Body), chosen: -1}
	cells := make([]fyne.CanvasObject, len(reasons))
	for i, r := range reasons {
		button := widget.NewButton(s.speech.Say(r.key), func() { b.chosen = i })
		b.cells, cells[i] = append(b.cells, button), button
	}
	b.open = widget.NewHold(s.speech.Say(lang.HoldToOpen), b.breakGlass)
	b.root = s.sheet(container.New(beneath{}, b.words.root, container.New(grid{2, 2}, cells...)), b.open)
	return b
}

func (b *breaking) object() fyne.CanvasObject { return b.root }

func (b *breaking) breakGlass() {
	s, why := b.s, reasons[b.chosen].name
	s.inbox.turn()
	s.apart(signInWait, func(ctx context.Context) error { return s.desk.BreakGlass(ctx, why) }, func(err error) {
		b.open.Reset()
		if err != nil {
			b.says = s.speech.Say(lang.NotSignedIn, reason(err))
			return
		}
		s.become(s.speech.Say(lang.Emergency))
	})
}

func (b *breaking) show(now time.Time) {
	b.open.Tick(now)
	for i, c := range b.cells {
		c.Choose(i == b.chosen)
	}
	b.open.Disable(b.chosen < 0)
	b.words.say(b.s.speech.Say(lang.EmergencyWhy), b.says)
}

// beneath lays two lines of words over a body.
type beneath struct{}

// MinSize implements [fyne.Layout].
func (beneath) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(200, 200) }

// Layout implements [fyne.Layout].
func (beneath) Layout(o []fyne.CanvasObject, size fyne.Size) {
	top, gap := theme.MM(13), theme.MM(theme.GapMM)
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(fyne.NewSize(size.Width, top))
	o[1].Move(fyne.NewPos(0, top+gap))
	o[1].Resize(fyne.NewSize(size.Width, size.Height-top-gap))
}
