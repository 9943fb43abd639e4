//go:build cgo

package main

import (
	"context"
	"os"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"fieldkit/app/command"
	"fieldkit/app/fieldkit/browser"
	"fieldkit/app/fieldkit/parent"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/screen/ambulance"
	"fieldkit/ui/screen/clinic"
	"fieldkit/ui/screen/hospital"
	"fieldkit/ui/screen/setup"
	"fieldkit/ui/theme"
)

// A view is the window and what its pages have in common. Its fields belong to Fyne's
// goroutine once it runs.
type view struct {
	o        options
	kept     *keeper
	drugs    *ambulance.DrugList
	notes    *clinic.NoteList
	app      fyne.App
	window   fyne.Window
	theme    *theme.Theme
	language lang.Language
}

// Under which names the window's preferences keep what was chosen last.
const (
	languageKept = "language"
	lookKept     = "look"
)

func newView(o options, kept *keeper, drugs *ambulance.DrugList, notes *clinic.NoteList) *view {
	app.SetMetadata(fyne.AppMetadata{
		ID: "org.fieldkit.window", Name: "Fieldkit", Migrations: map[string]bool{"fyneDo": true},
	})
	v := &view{o: o, kept: kept, drugs: drugs, notes: notes, app: app.NewWithID("org.fieldkit.window")}
	if o.language == "" {
		o.language = v.app.Preferences().String(languageKept)
	}
	v.language, _ = lang.ByCode(o.language)
	if o.look == "" {
		o.look = v.app.Preferences().String(lookKept)
	}
	look, _ := lookOf(o.look)
	v.theme = ruled(theme.New(look), v.app.Preferences())
	v.app.Settings().SetTheme(v.theme)
	v.window = v.app.NewWindow("Fieldkit")
	v.window.SetPadded(false)
	v.window.Resize(fyne.NewSize(1280, 800))
	v.window.SetFullScreen(o.full)
	return v
}

// lookOf is the look of that name.
func lookOf(name string) (theme.Look, bool) {
	for _, l := range theme.Looks {
		if l.String() == name {
			return l, true
		}
	}
	return theme.Day, false
}

func (v *view) setTheme(t *theme.Theme) {
	v.theme = t
	v.app.Settings().SetTheme(t)
}

func (v *view) setLanguage(l lang.Language) {
	v.language = l
	v.app.Preferences().SetString(languageKept, l.Code())
}

// run opens the window, does work beside Fyne's goroutine, and returns when the window
// is closed and the work has ended. A window whose work has ended by itself is closed.
func (v *view) run(ctx context.Context, work func(context.Context)) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan struct{})
	v.app.Lifecycle().SetOnStarted(func() {
		go func() {
			defer close(ended)
			defer v.kept.window.Guard()
			work(ctx)
			if ctx.Err() == nil {
				fyne.DoAndWait(v.app.Quit)
			}
			// A signal ends us, and Fyne the window, by itself: closing it here too would
			// close what is gone.
		}()
	})
	v.window.SetOnClosed(stop)
	v.window.ShowAndRun()
	stop()
	<-ended
}

// rooms is the screens of the room that the station's kind asks for, until ctx ends: an
// admin may change the kind at any time.
func (v *view) rooms(ctx context.Context, s *source) {
	room := roomOf(ctx, v.o, s.desk)
	for ctx.Err() == nil {
		now, stop := context.WithCancel(ctx)
		var watch sync.WaitGroup
		watch.Go(func() {
			defer stop()
			room = nextRoom(now, v.o, s.desk, room)
		})
		v.care(now, s, room)
		stop()
		watch.Wait()
	}
}

// care is the screens of one room, until ctx ends.
func (v *view) care(ctx context.Context, s *source, room string) {
	ctx, stop := context.WithCancel(ctx)
	voice := newVoice(players)
	var screen *ambulance.Screen
	fyne.DoAndWait(func() {
		make := ambulance.New
		switch room {
		case clinicRoom:
			make = func(desk ui.Desk, o ambulance.Options) *ambulance.Screen { return clinic.NewWith(desk, o, v.notes) }
		case hospitalRoom:
			make = func(d ui.Desk, o ambulance.Options) *ambulance.Screen { return hospital.New(d, o, openBoard) }
		}
		screen = make(s.desk, ambulance.Options{
			Clock: s.clock, Language: v.language, Look: v.theme.Look, Drugs: v.drugs, FramesPerSecond: v.o.frames, Beat: beat,
			OnLook: func(l theme.Look) {
				v.setTheme(v.theme.With(l))
				v.app.Preferences().SetString(lookKept, l.String())
				screen.SetLook(l)
			},
			OnRuler: func(units, millimetres float32) error {
				t, err := v.theme.Calibrate(units, millimetres)
				if err != nil {
					return err
				}
				v.setTheme(t)
				screen.SetLook(t.Look)
				keepRuler(v.app.Preferences(), units, millimetres)
				return nil
			},
			OnLanguage: v.setLanguage,
			Voice:      voice, On: v.kept.on(), OnTurn: v.kept.patient,
		})
		v.window.SetContent(screen.Object())
	})
	var beside sync.WaitGroup
	defer beside.Wait()
	defer stop() // a panic must not wait for those beside
	beside.Go(func() { s.run(ctx) })
	beside.Go(func() { voice.run(ctx) })
	screen.Run(ctx)
}

// firstStart is the pages on which a station is made, and then its screens.
func (v *view) firstStart(ctx context.Context, first *command.Setup) {
	var passphrase string
	done := false
	m := &maker{setup: first, start: func(ctx context.Context, words string) error {
		passphrase = words
		return running(ctx, v.o)
	}}
	var pages *setup.Screen
	fyne.DoAndWait(func() {
		pages = setup.New(m, setup.Options{
			Language: v.language, OnLanguage: v.setLanguage, OnDone: func() { done = true },
			Clipboard: func() string { return v.app.Clipboard().Content() },
		})
		v.window.SetContent(pages.Object())
	})
	pages.Run(ctx)
	if !done {
		return
	}
	d := newDesk(v.o.dir, passphrase, nil, v.kept.door)
	v.rooms(ctx, sourceOf(d))
}

// ask shows a page with two ways out and returns when a person wants no more; who wants
// it once more is obeyed by the parent.
func (v *view) ask(ctx context.Context, page func(o setup.Options, again, end func()) *setup.Screen) {
	again := false
	v.run(ctx, func(ctx context.Context) {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		var shown *setup.Screen
		fyne.DoAndWait(func() {
			shown = page(setup.Options{Language: v.language}, func() { again = true; stop() }, stop)
			v.window.SetContent(shown.Object())
		})
		shown.Run(ctx)
	})
	if again {
		os.Exit(parent.TryAgain)
	}
}

// openBoard opens the station's own page in the system's browser.
func openBoard(ctx context.Context, address string) error {
	err := browser.Open(ctx, address)
	if err == nil {
		return nil
	}
	return &ui.Trouble{What: err.Error(), Do: "Open the address above in a browser by hand"}
}
