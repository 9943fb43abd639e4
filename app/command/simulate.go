package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"fieldkit/app/kit"
	"fieldkit/devices"
	"fieldkit/devices/serialport"
	"fieldkit/devices/sim"
	"fieldkit/triage/vital"
)

func (s *session) simulateCommand() *cobra.Command {
	var driver, scenario, listen string
	var seed uint64
	var speed float64
	c := &cobra.Command{
		Use:   "simulate",
		Short: "Be a monitor on a simulated patient, speaking the true bytes",
		Long: `Be a monitor on a simulated patient and speak its true wire bytes on a pty or a
TCP port, whose name is printed. On standard input, "probe off" and "probe on"
take the sensor off and put it back.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			make, ok := kit.Simulators()[driver]
			if !ok {
				return &usageError{fmt.Errorf("there is no simulated monitor %q; there are %s", driver, strings.Join(slices.Sorted(maps.Keys(kit.Simulators())), ", "))}
			}
			story, err := storyOf(scenario)
			if err != nil {
				return &usageError{err}
			}
			if speed <= 0 {
				return &usageError{errors.New("--speed must be above 0")}
			}
			return s.simulate(c.Context(), make(), sim.New(story, seed, 0), listen, speed)
		},
	}
	f := c.Flags()
	f.StringVar(&driver, "driver", "nonin", "which monitor")
	f.StringVar(&scenario, "scenario", "stable", "what happens to the patient: a `name` or a file; names are "+strings.Join(sim.Names(), ", "))
	f.StringVar(&listen, "listen", "pty", "where to speak: pty, or tcp:host:port")
	f.Uint64Var(&seed, "seed", 1, "equal seeds give equal bytes")
	f.Float64Var(&speed, "speed", 1, "how fast the patient lives")
	return c
}

// storyOf is the scenario in a file of that name, or one that comes with the
// program.
func storyOf(scenario string) (*sim.Story, error) {
	b, err := os.ReadFile(scenario)
	if errors.Is(err, fs.ErrNotExist) {
		return sim.Named(scenario)
	}
	if err != nil {
		return nil, fmt.Errorf("read the scenario: %w", err)
	}
	return sim.Parse(string(b))
}

func (s *session) simulate(ctx context.Context, monitor devices.Simulator, body devices.Body, listen string, speed float64) error {
	line, name, err := openLine(ctx, listen)
	if err != nil {
		return err
	}
	if err := s.print(struct {
		Port string `json:"port"`
	}{name}, func(w io.Writer) { fmt.Fprintln(w, name) }); err != nil {
		return err
	}
	p := &probe{Body: body}
	go p.obey(s.in) // ends with the process: a read of standard input has no other end
	began := time.Now()
	now := func() vital.Instant { return vital.Instant(float64(time.Since(began)) * speed) }
	return devices.Simulate(ctx, monitor, p, line, now)
}

// openLine is the simulated monitor's end of a line, and the name of the other.
func openLine(ctx context.Context, listen string) (line io.ReadWriteCloser, name string, err error) {
	if listen == "pty" {
		pty, err := serialport.OpenPty()
		if err != nil {
			return nil, "", err
		}
		return pty, pty.Name, nil
	}
	address, ok := strings.CutPrefix(listen, "tcp:")
	if !ok {
		return nil, "", &usageError{fmt.Errorf("cannot speak on %q: use pty or tcp:host:port", listen)}
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, "", fmt.Errorf("listen for a host: %w", err)
	}
	defer l.Close()
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	conn, err := l.Accept()
	if err != nil {
		return nil, "", fmt.Errorf("wait for a host: %w", err)
	}
	return conn, listen, nil
}

// A probe is a body whose sensor can be taken off by hand.
type probe struct {
	devices.Body
	off atomic.Bool
}

// Reading implements devices.Body.
func (p *probe) Reading(s vital.Sign, t vital.Instant) vital.Reading {
	if p.off.Load() {
		return vital.None(s, vital.ProbeOff)
	}
	return p.Body.Reading(s, t)
}

// Sample implements devices.Body.
func (p *probe) Sample(l vital.Lead, t vital.Instant) (float64, bool) {
	if p.off.Load() {
		return 0, false
	}
	return p.Body.Sample(l, t)
}

func (p *probe) obey(in io.Reader) {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		switch strings.TrimSpace(lines.Text()) {
		case "probe off":
			p.off.Store(true)
		case "probe on":
			p.off.Store(false)
		}
	}
}
