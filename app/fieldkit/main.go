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
	"slices"
	"strings"
	"syscall"
	"time"

	"fieldkit/app/command"
	"fieldkit/app/fieldkit/parent"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/screen/ambulance"
	"fieldkit/ui/screen/clinic"
	"fieldkit/ui/screen/setup"
)

func main() {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		os.Exit(command.Main("fieldkit", os.Args[1:]))
	}
	o, err := parse(os.Args[1:])
	if err != nil {
		os.Exit(2)
	}
	if !parent.Supervised() {
		os.Exit(supervise(o))
	}
	w, err := parent.Join()
	if err != nil {
		fmt.Fprintln(os.Stderr, "fieldkit:", err)
		os.Exit(1)
	}
	defer w.Guard()
	if err := run(o, w); err != nil {
		fmt.Fprintln(os.Stderr, "fieldkit:", err)
		os.Exit(1)
	}
}

// supervise runs this program again as the window, until that is closed.
func supervise(o options) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	program, err := parent.Program()
	if err == nil {
		err = parent.NoDumps()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "fieldkit:", err)
		return 1
	}
	p := parent.Parent{Program: program, Args: os.Args[1:], Dir: o.dir, Version: command.Version, Say: os.Stderr, Within: parent.CrashesWithin}
	return p.Run(ctx)
}

type options struct {
	dir            string
	passphraseFile string
	drugs          string
	notes          string
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
	f.StringVar(&o.notes, "notes", "", "the words a clinic's notes are tapped of, a JSON `file`; an example, not approved, when empty")
	f.StringVar(&o.drugs, "drugs", "", "the site's list of drugs, a JSON `file`; an example, not approved, when empty")
	f.StringVar(&o.language, "language", "", "en, fr or es; as it was last when empty")
	f.StringVar(&o.look, "look", "", "day, sun or night; as it was last when empty")
	f.StringVar(&o.room, "room", "", "ambulance, clinic or hospital; by the station's kind when empty")
	f.BoolVar(&o.demo, "demo", false, "show a made-up patient without any station")
	f.BoolVar(&o.full, "fullscreen", false, "fill the screen")
	f.IntVar(&o.frames, "frames", 30, "frames a second; 15 suits a machine without a GPU")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if o.room != "" && o.room != ambulanceRoom && o.room != clinicRoom && o.room != hospitalRoom {
		fmt.Fprintln(os.Stderr, "fieldkit: --room must be ambulance, clinic or hospital")
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

func run(o options, joined *parent.Window) error {
	// On native Wayland taps of a touch screen may not arrive (fyne #2876).
	if os.Getenv("FYNE_PLATFORM") == "" {
		os.Setenv("FYNE_PLATFORM", "x11")
	}
	if _, ok := lang.ByCode(o.language); !ok && o.language != "" {
		return fmt.Errorf("there is no language %q; there are en, fr and es", o.language)
	}
	if _, ok := lookOf(o.look); !ok && o.look != "" {
		return fmt.Errorf("there is no look %q; there are day, sun and night", o.look)
	}
	notes := clinic.ExampleNotes()
	if o.notes != "" {
		var err error
		if notes, err = clinic.LoadNotes(o.notes); err != nil {
			return err
		}
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
	v := newView(o, newKeeper(joined), drugs, notes)
	if crashes, report := joined.Crashes(); crashes > 0 {
		v.ask(ctx, func(opts setup.Options, again, end func()) *setup.Screen {
			return setup.NewFailed(opts, crashes, report, again, end)
		})
		return nil
	}
	var first *command.Setup
	var station *source
	var err error
	if !o.demo {
		first, err = command.FirstStart(o.dir)
	}
	if first == nil && err == nil {
		station, err = open(ctx, o, v.kept)
	}
	switch {
	case ctx.Err() != nil:
		return nil
	case err != nil: // who tapped a picture on a desktop sees no terminal
		fmt.Fprintln(os.Stderr, "fieldkit:", err)
		v.ask(ctx, func(opts setup.Options, again, end func()) *setup.Screen {
			return setup.NewStuck(opts, err, again, end)
		})
		os.Exit(1)
	case first != nil:
		v.run(ctx, func(ctx context.Context) { v.firstStart(ctx, first) })
	default:
		v.run(ctx, func(ctx context.Context) { v.rooms(ctx, station) })
	}
	return nil
}

// The rooms that there are screens for.
const (
	ambulanceRoom = "ambulance"
	clinicRoom    = "clinic"
	hospitalRoom  = "hospital"
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

// kindEvery is how often the station is asked whether it has become something else.
const kindEvery = 2 * time.Second

// nextRoom waits until the station asks for another room than this, and gives it; the
// same when ctx ends first. A room that was asked for by a flag stays.
func nextRoom(ctx context.Context, o options, desk ui.Desk, room string) string {
	tick := time.NewTicker(kindEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return room
		case <-tick.C:
		}
		if st, err := desk.Station(ctx); err == nil && o.room == "" && slices.Contains(ui.Kinds[:], st.Kind) && st.Kind != room {
			return st.Kind
		}
	}
}
