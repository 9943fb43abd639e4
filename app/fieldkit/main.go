//go:build cgo

// Command fieldkit is the window: the only program with a display, and the only
// one with cgo; without it nothing of it is built. It talks to the station on its data folder over the local API and
// starts one, in a session of its own, when none runs; it never ends one. Whatever
// happens to it, recording goes on.
//
// Called with a subcommand it is the whole kit in one file: `fieldkit live` is
// `fieldkitd live`.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"fieldkit/app/command"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/screen/ambulance"
	"fieldkit/ui/screen/clinic"
	"fieldkit/ui/theme"
)

func main() {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		os.Exit(command.Main("fieldkit", os.Args[1:]))
	}
	o, err := parse(os.Args[1:])
	if err != nil {
		os.Exit(2)
	}
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "fieldkit:", err)
		os.Exit(1)
	}
}

type options struct {
	dir            string
	passphraseFile string
	drugs          string
	language       string
	look           string
	room           string
	demo           bool
	full           bool
	frames         int
}

func parse(args []string) (options, error) {
	var o options
	f := flag.NewFlagSet("fieldkit", flag.ContinueOnError)
	f.StringVar(&o.dir, "data", defaultDir(), "the data `folder` of the station")
	f.StringVar(&o.passphraseFile, "passphrase-file", "", "read the passphrase from the first line of `file`")
	f.StringVar(&o.drugs, "drugs", "", "the site's list of drugs, a JSON `file`; an example, not approved, when empty")
	f.StringVar(&o.language, "language", "en", "en, fr or es")
	f.StringVar(&o.look, "look", "day", "day, sun or night")
	f.StringVar(&o.room, "room", "", "ambulance or clinic; by the station's kind when empty")
	f.BoolVar(&o.demo, "demo", false, "show a made-up patient without any station")
	f.BoolVar(&o.full, "fullscreen", false, "fill the screen")
	f.IntVar(&o.frames, "frames", 30, "frames a second; 15 suits a machine without a GPU")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if o.room != "" && o.room != ambulanceRoom && o.room != clinicRoom {
		fmt.Fprintln(os.Stderr, "fieldkit: --room must be ambulance or clinic")
		return o, flag.ErrHelp
	}
	if o.frames < 5 || o.frames > 60 {
		fmt.Fprintln(os.Stderr, "fieldkit: --frames must be 5 to 60")
		return o, flag.ErrHelp
	}
	return o, nil
}

// defaultDir is where `fieldkitd` keeps its data too.
func defaultDir() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "fieldkit-data"
	}
	return filepath.Join(dir, "fieldkit")
}

func run(o options) error {
	// On native Wayland taps of a touch screen may not arrive (fyne #2876).
	if os.Getenv("FYNE_PLATFORM") == "" {
		os.Setenv("FYNE_PLATFORM", "x11")
	}
	language, ok := lang.ByCode(o.language)
	if !ok {
		return fmt.Errorf("there is no language %q; there are en, fr and es", o.language)
	}
	look := theme.Day
	for _, l := range theme.Looks {
		if l.String() == o.look {
			look = l
		}
	}
	if look.String() != o.look {
		return fmt.Errorf("there is no look %q; there are day, sun and night", o.look)
	}
	drugs := ambulance.Example()
	if o.drugs != "" {
		var err error
		if drugs, err = ambulance.LoadDrugs(o.drugs); err != nil {
			return err
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	station, err := open(ctx, o)
	if err != nil {
		return err
	}
	show(ctx, o, station, language, look, drugs)
	return nil
}

// show opens the window and returns when it is closed and all it started has
// ended.
func show(ctx context.Context, o options, s *source, language lang.Language, look theme.Look, drugs *ambulance.DrugList) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	app.SetMetadata(fyne.AppMetadata{
		ID: "org.fieldkit.window", Name: "Fieldkit", Migrations: map[string]bool{"fyneDo": true},
	})
	a := app.NewWithID("org.fieldkit.window")
	current := ruled(theme.New(look), a.Preferences())
	a.Settings().SetTheme(current)
	w := a.NewWindow("Fieldkit")
	w.SetPadded(false)
	w.Resize(fyne.NewSize(1280, 800))
	w.SetFullScreen(o.full)
	voice := newVoice(players)
	var screen *ambulance.Screen
	room := ambulance.New
	if roomOf(ctx, o, s.desk) == clinicRoom {
		room = clinic.New
	}
	screen = room(s.desk, ambulance.Options{
		Clock: s.clock, Language: language, Look: look, Drugs: drugs, FramesPerSecond: o.frames, Beat: beat,
		OnLook: func(l theme.Look) {
			current = current.With(l)
			a.Settings().SetTheme(current)
			screen.SetLook(l)
		},
		OnRuler: func(units, millimetres float32) error {
			t, err := current.Calibrate(units, millimetres)
			if err != nil {
				return err
			}
			current = t
			a.Settings().SetTheme(current)
			screen.SetLook(current.Look)
			keepRuler(a.Preferences(), units, millimetres)
			return nil
		},
		Voice: voice,
	})
	w.SetContent(screen.Object())
	ended := make(chan struct{})
	a.Lifecycle().SetOnStarted(func() {
		go func() {
			defer close(ended)
			var beside sync.WaitGroup
			defer beside.Wait()
			beside.Go(func() { s.run(ctx) })
			beside.Go(func() { voice.run(ctx) })
			screen.Run(ctx)
			// A signal ends us, and Fyne the window, by itself: closing it here too would
			// close what is gone.
		}()
	})
	w.SetOnClosed(stop)
	w.ShowAndRun()
	stop()
	<-ended
}

// The rooms that there are screens for.
const (
	ambulanceRoom = "ambulance"
	clinicRoom    = "clinic"
)

// kindWait is how long the window waits for the station to say of what kind it is.
const kindWait = 5 * time.Second

// roomOf is the room that was asked for, else that of the station's kind; a station
// that says nothing, or is of a kind without screens, gets the ambulance's.
func roomOf(ctx context.Context, o options, desk ui.Desk) string {
	if o.room != "" {
		return o.room
	}
	ctx, stop := context.WithTimeout(ctx, kindWait)
	defer stop()
	for ctx.Err() == nil {
		if st, err := desk.Station(ctx); err == nil {
			return st.Kind
		}
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
	return ambulanceRoom
}
