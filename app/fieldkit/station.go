//go:build cgo

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/command"
	"fieldkit/ui"
	"fieldkit/ui/rehearsal"
)

// A source is where the window's data comes from.
type source struct {
	desk  ui.Desk
	clock func() time.Time
	run   func(context.Context)
}

// startWait is how long a station may take to come up.
const startWait = 60 * time.Second

// open is the station on the data folder, started when none runs, or a made-up one.
func open(ctx context.Context, o options, kept *keeper) (*source, error) {
	if o.demo {
		return pretend(), nil
	}
	passphrase, err := firstLine(o.passphraseFile)
	if err != nil {
		return nil, err
	}
	if err := running(ctx, o); err != nil {
		return nil, err
	}
	return sourceOf(newDesk(o.dir, passphrase, kept.before, kept.door)), nil
}

func sourceOf(d *desk) *source {
	return &source{desk: d, clock: time.Now, run: func(context.Context) {}}
}

// running has a station run on the data folder.
func running(ctx context.Context, o options) error {
	_, err := api.Dial(ctx, o.dir)
	if errors.Is(err, api.ErrNoStation) {
		if err = start(o); err == nil {
			err = await(ctx, o.dir)
		}
	}
	return err
}

// start runs a station as its own process in its own session, so that neither the
// window's end nor a closed terminal takes it along.
func start(o options) error {
	kind, err := command.KindOf(o.dir)
	if err != nil {
		return fmt.Errorf("start a station: %w", err)
	}
	program, args := stationProgram(), []string{"station"}
	if kind == hospitalRoom {
		args[0] = "hospital" // with its page
	}
	args = append(args, "--data", o.dir)
	if o.passphraseFile != "" {
		args = append(args, "--passphrase-file", o.passphraseFile)
	}
	log, err := os.OpenFile(filepath.Join(o.dir, "station.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("start a station: %w", err)
	}
	defer log.Close()
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = ownSession()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start a station: %w", err)
	}
	return cmd.Process.Release()
}

// stationProgram is fieldkitd beside this program, which has no display to fail
// with it, or this program itself.
func stationProgram() string {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	name := "fieldkitd"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	beside := filepath.Join(filepath.Dir(self), name)
	if info, err := os.Stat(beside); err == nil && info.Mode().IsRegular() {
		return beside
	}
	return self
}

func await(ctx context.Context, dir string) error {
	ctx, stop := context.WithTimeout(ctx, startWait)
	defer stop()
	for {
		_, err := api.Dial(ctx, dir)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the station to start: %w. See %s", err, filepath.Join(dir, "station.log"))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// firstLine is a file's first line, "" without a file: then the window shows what
// may be shown without a session.
func firstLine(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	f, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("read the passphrase: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	if !lines.Scan() {
		return "", errors.Join(fmt.Errorf("read the passphrase: %s is empty", file), lines.Err())
	}
	return strings.TrimRight(lines.Text(), "\r"), nil
}

// pretend is a made-up patient in a vehicle without a station: training data, in
// the purple frame, never mixed with a patient's.
func pretend() *source {
	desk := rehearsal.NewDesk()
	began, start := time.Now(), desk.Now()
	clock := func() time.Time { return start.Add(time.Since(began)) }
	return &source{desk: desk, clock: clock, run: func(ctx context.Context) {
		tick := time.NewTicker(ui.Tenth / 4)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				desk.Step(clock().Sub(desk.Now()))
			}
		}
	}}
}
