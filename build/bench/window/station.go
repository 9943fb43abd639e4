package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/demo"
	"fieldkit/triage/chart"
)

const passphrase = "training window bench five words end"

// A tablet is a station's data folder with the programs that run on it.
type tablet struct {
	dir     string
	bin     string // where fieldkit and fieldkitd are
	monitor *demo.Process
	line    string // where the monitor speaks
}

// build builds both programs as they are packaged, into dir.
func build(ctx context.Context, dir string) error {
	for program, cgo := range map[string]string{"fieldkitd": "0", "fieldkit": "1"} {
		cmd := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(dir, program), "fieldkit/app/"+program)
		cmd.Env = append(os.Environ(), "CGO_ENABLED="+cgo)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w: %s", program, err, out)
		}
	}
	return nil
}

func (t *tablet) data() string  { return filepath.Join(t.dir, "data") }
func (t *tablet) words() string { return filepath.Join(t.dir, "passphrase") }

func (t *tablet) program(name string) string { return filepath.Join(t.bin, name) }

// attach starts the monitor: four traces and their numbers.
func (t *tablet) attach() (err error) {
	if t.monitor, err = demo.Start("monitor", t.dir, t.program("fieldkitd"), "simulate", "--driver", "datex"); err != nil {
		return err
	}
	t.line, err = t.monitor.Line()
	return err
}

// start starts the station, locked, and waits until it answers.
func (t *tablet) start(ctx context.Context) (*demo.Process, *api.Client, error) {
	p, err := demo.Start("station", t.dir, t.program("fieldkitd"), "station", "--data", t.data(), "--only-ports", "--port", t.line, "--announcements", "off", "--loopback")
	if err != nil {
		return nil, nil, err
	}
	var client *api.Client
	err = until(ctx, "the station to answer", func() (err error) {
		client, err = api.Dial(ctx, t.data())
		return err
	})
	if err != nil {
		return nil, nil, errors.Join(err, p.Stop())
	}
	return p, client, nil
}

// until tries every 2 ms until it gives no error, for two minutes.
func until(ctx context.Context, what string, try func() error) error {
	ctx, stop := context.WithTimeout(ctx, 2*time.Minute)
	defer stop()
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", what, err)
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// fill makes the station and its record: encounters of 200 entries, all but the
// last closed, and the monitor bound to the last.
func (t *tablet) fill(ctx context.Context, entries int) error {
	if err := os.WriteFile(t.words(), []byte(passphrase+"\n"), 0o600); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, t.program("fieldkitd"), "init", "--kind", "ambulance", "--call-sign", "AMB-7", "--team", "Bench", "--training", "--data", t.data(), "--passphrase-file", t.words())
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("make the station: %w: %s", err, out)
	}
	p, client, err := t.start(ctx)
	if err != nil {
		return err
	}
	token, err := client.Unlock(ctx, passphrase)
	if err == nil {
		err = t.record(ctx, client, token, entries)
	}
	return errors.Join(err, p.Stop())
}

// each is how many entries an encounter has.
const each = 200

func (t *tablet) record(ctx context.Context, client *api.Client, token api.Token, entries int) error {
	record := func(d api.Draft, content chart.Content) (api.Recorded, error) {
		b, err := json.Marshal(content)
		if err != nil {
			return api.Recorded{}, err
		}
		kind, _ := chart.KindOf(content.Type())
		d.Kind, d.Content = kind.Name, b
		return client.Record(ctx, token, d)
	}
	opened := func(label string) (api.Draft, error) {
		r, err := record(api.Draft{}, &chart.EncounterOpened{Setting: "ambulance", CallSign: "AMB-7", Complaint: "chest pain"})
		if err != nil {
			return api.Draft{}, err
		}
		d := api.Draft{Encounter: r.Encounter}
		r, err = record(d, &chart.PatientRegistered{Who: chart.Demographics{Label: label, Sex: chart.Female, Age: "64 a"}})
		d.Patient = r.Patient
		return d, err
	}
	// Writers at one time share a transaction: 64 of them fill it.
	var next atomic.Int64
	var writers sync.WaitGroup
	failed := make(chan error, 64)
	text := strings.Repeat("a note of some length ", 10)
	began := time.Now()
	for range cap(failed) {
		writers.Go(func() {
			for n := next.Add(1); n < int64(entries/each); n = next.Add(1) {
				d, err := opened(fmt.Sprintf("tag %05d", n))
				for i := 0; err == nil && i < each-3; i++ {
					_, err = record(d, &chart.Note{Text: text})
				}
				if err == nil {
					_, err = record(d, &chart.EncounterClosed{Outcome: "handed over"})
				}
				if err != nil {
					failed <- err
					return
				}
			}
		})
	}
	writers.Wait()
	close(failed)
	for err := range failed {
		return err
	}
	fmt.Printf("filled with %d entries in %v through the local API\n", entries, time.Since(began).Round(time.Second))
	d, err := opened("tag 99999")
	if err != nil {
		return err
	}
	return until(ctx, "the monitor to be found", func() error {
		state, err := client.State(ctx)
		if err != nil {
			return err
		}
		for _, port := range state.Ports {
			if port.Binding != "" {
				_, err := record(d, &chart.MonitorBound{Monitor: port.Binding})
				return err
			}
		}
		return errors.New("no monitor is recognised yet")
	})
}
