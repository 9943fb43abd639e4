package setup

import (
	"context"
	"image/color"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// A Plan is what the person has said of the station. With an invitation it joins that
// team, else it begins one.
type Plan struct {
	Kind       string // ambulance, clinic or hospital
	CallSign   string
	Site       string
	Passphrase string
	Team       string
	Invitation string
}

// Made is what is shown once of a station that was made.
type Made struct {
	Recovery string // the new team's words
	Answer   string // for the admin who invited
	Words    string // the six that both screens must show
}

// A Picture is a file that may show an invitation.
type Picture struct {
	Name string
	Path string
	At   time.Time
}

// A Maker makes the station. Its methods may block, are called one at a time and not
// on Fyne's goroutine but for the first two. Errors a person can act on are
// [*ui.Trouble].
type Maker interface {
	// CheckPassphrase says why a passphrase will not do.
	CheckPassphrase(text string) error
	// Team is the name of the team an invitation is to.
	Team(invitation string) (string, error)
	// Pictures are those that are at hand, the latest first.
	Pictures(ctx context.Context) ([]Picture, error)
	// Read is the text of the QR code in a picture.
	Read(ctx context.Context, p Picture) (string, error)
	// Make makes the station aside; one made before is gone.
	Make(ctx context.Context, p Plan) (Made, error)
	// Keep puts the station in place, whole, starts it and signs in.
	Keep(ctx context.Context, p Plan) error
}

// Options is what the pages need beside the Maker.
type Options struct {
	Clock      func() time.Time // time.Now when nil
	Language   lang.Language
	OnLanguage func(lang.Language) // one was chosen
	OnDone     func()              // on Fyne's goroutine: the station runs
	Clipboard  func() string       // what was copied; nil where nothing can be
}

// A Screen is the first start in a window. Its fields belong to Fyne's goroutine, but
// for the inbox.
type Screen struct {
	maker  Maker
	o      Options
	speech *lang.Speech
	plan   Plan
	made   Made
	team   string // that an invitation is to

	root *fyne.Container
	page page
	busy bool
	done bool
	says string // what went wrong

	ctx   context.Context
	work  sync.WaitGroup
	mu    sync.Mutex // guards calls
	calls []func()
}

// A page asks one thing.
type page interface {
	show(now time.Time)
}

// New makes the pages. Call [Screen.Run] to have them live.
func New(maker Maker, o Options) *Screen {
	s := &Screen{maker: maker, o: o, speech: &lang.Speech{Language: o.Language}}
	s.begin()
	s.askLanguage()
	return s
}

func (s *Screen) begin() {
	if s.o.Clock == nil {
		s.o.Clock = time.Now
	}
	s.ctx, s.root = context.Background(), container.New(edge{})
}

// Object is the whole window's content.
func (s *Screen) Object() fyne.CanvasObject { return s.root }

// every is how often the pages are painted: nothing moves but a hold's bar.
const every = 40 * time.Millisecond

// Run paints until ctx ends or the station runs, and returns when everything it began
// has ended.
func (s *Screen) Run(ctx context.Context) {
	ctx, stop := context.WithCancel(ctx)
	defer s.work.Wait()
	defer stop()
	fyne.DoAndWait(func() { s.ctx = ctx })
	tick := time.NewTicker(every)
	defer tick.Stop()
	for done := false; !done; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			fyne.DoAndWait(func() { s.Frame(s.o.Clock()); done = s.done })
		}
	}
}

// Frame takes in what came and paints it. It is called on Fyne's goroutine.
func (s *Screen) Frame(now time.Time) {
	widget.Touch()
	s.mu.Lock()
	calls := s.calls
	s.calls = nil
	s.mu.Unlock()
	for _, f := range calls {
		f()
	}
	s.page.show(now)
}

// Settle waits for what was begun apart from Fyne's goroutine.
func (s *Screen) Settle() { s.work.Wait() }

// makeWait bounds how long making or starting a station may take.
const makeWait = 2 * time.Minute

// apart does work apart from Fyne's goroutine, one at a time, and hands what came of it
// to then. Meanwhile nothing can be tapped.
func (s *Screen) apart(work func(context.Context) error, then func(error)) {
	if s.busy {
		return
	}
	s.busy = true
	ctx := s.ctx
	s.work.Go(func() {
		ctx, stop := context.WithTimeout(ctx, makeWait)
		defer stop()
		err := work(ctx)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.calls = append(s.calls, func() {
			s.busy = false
			then(err)
		})
	})
}

// failed says what went wrong, in words.
func (s *Screen) failed(err error) { s.says = s.speech.Say(lang.SetupFailed, reason(err)) }

func reason(err error) string {
	if t, ok := err.(*ui.Trouble); ok {
		return t.Error()
	}
	return err.Error()
}

// The pages in order; that of the team is answered in two ways of as many steps.
const steps = 8

// sheet puts a page on screen: what it asks and why over a body over a row of buttons,
// the way back first. back is nil on the first.
func (s *Screen) sheet(p page, step int, body fyne.CanvasObject, back func(), buttons ...fyne.CanvasObject) *words {
	w := newWords()
	var row []fyne.CanvasObject
	if back != nil {
		row = append(row, widget.NewWide(s.speech.Say(lang.SetupBack), func() {
			if !s.busy {
				s.says = ""
				back()
			}
		}))
	}
	row = append(row, buttons...)
	if step > 0 {
		w.step = s.speech.Say(lang.SetupStep, step, steps)
	}
	s.page, s.root.Objects = p, []fyne.CanvasObject{widget.NewGround(), w.root, body, container.New(bar{}, row...)}
	s.root.Refresh()
	edge{}.Layout(s.root.Objects, s.root.Size())
	return w
}

// edge lays words, a body and a row of buttons over the ground.
type edge struct{}

// MinSize implements [fyne.Layout].
func (edge) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(640, 480) }

// Layout implements [fyne.Layout].
func (edge) Layout(o []fyne.CanvasObject, size fyne.Size) {
	if len(o) < 4 {
		return
	}
	gap := theme.MM(theme.GapMM)
	wide, foot, head := size.Width-2*gap, theme.MM(theme.PrimaryMM), theme.MM(wordsMM)
	o[0].Resize(size)
	put := func(o fyne.CanvasObject, y, high float32) {
		o.Move(fyne.NewPos(gap, y))
		o.Resize(fyne.NewSize(wide, high))
	}
	put(o[1], gap, head)
	put(o[2], 2*gap+head, size.Height-foot-head-4*gap)
	put(o[3], size.Height-foot-gap, foot)
}

// wordsMM is how high the words over a page are: a keyboard fits under them on a
// display of 600 units.
const wordsMM = 15

// bar is a row of equal cells; what is held is twice as wide, with 10 mm before it.
type bar struct{}

// MinSize implements [fyne.Layout].
func (bar) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(200, 90) }

// Layout implements [fyne.Layout].
func (bar) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	gap, room, all := theme.MM(theme.GapMM), size.Width, float32(0)
	weigh := func(o fyne.CanvasObject) (before, share float32) {
		if _, held := o.(*widget.Hold); held {
			return theme.MM(10), 2
		}
		return gap, 1
	}
	for i, o := range objects {
		before, share := weigh(o)
		if i > 0 {
			room -= before
		}
		all += share
	}
	x := float32(0)
	for i, o := range objects {
		before, share := weigh(o)
		if i > 0 {
			x += before
		}
		o.Move(fyne.NewPos(x, 0))
		o.Resize(fyne.NewSize(room*share/all, size.Height))
		x += room * share / all
	}
}

// words are what a page asks, why, and at the right how far one has come.
type words struct {
	root       *fyne.Container
	step       string
	head, text *canvas.Text
	corner     *canvas.Text
}

func newWords() *words {
	w := &words{head: canvas.NewText("", color.Black), text: canvas.NewText("", color.Black), corner: canvas.NewText("", color.Black)}
	w.head.TextStyle.Bold, w.corner.Alignment = true, fyne.TextAlignTrailing
	w.root = container.New(w, w.head, w.text, w.corner)
	return w
}

// MinSize implements [fyne.Layout].
func (w *words) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(200, 60) }

// Layout implements [fyne.Layout].
func (w *words) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	pad, side := theme.MM(2), theme.MM(30)
	place := func(t *canvas.Text, x, y, wide, high, most float32) {
		t.TextSize = widget.Narrow(t.Text, t.TextStyle, wide, theme.Text(most))
		t.Move(fyne.NewPos(x, y))
		t.Resize(fyne.NewSize(wide, high))
	}
	place(w.head, pad, 0, size.Width-side-2*pad, size.Height*0.55, theme.Large)
	place(w.text, pad, size.Height*0.55, size.Width-2*pad, size.Height*0.45, theme.Body)
	place(w.corner, size.Width-side-pad, 0, side, size.Height*0.55, theme.Small)
}

// say sets the words.
func (w *words) say(head, text string) {
	ink, faint := theme.Colour(theme.Ink), theme.Colour(theme.Faint)
	if w.head.Text == head && w.text.Text == text && w.head.Color == color.Color(ink) {
		return
	}
	w.head.Text, w.text.Text, w.corner.Text = head, text, w.step
	w.head.Color, w.text.Color, w.corner.Color = ink, ink, faint
	w.Layout(nil, w.root.Size())
	w.root.Refresh()
}
