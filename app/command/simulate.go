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
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"fieldkit/app/kit"
	"fieldkit/devices"
	"fieldkit/devices/intellivue"
	"fieldkit/devices/netport"
	"fieldkit/devices/serialport"
	"fieldkit/devices/sim"
	"fieldkit/triage/vital"
)

func (s *session) simulateCommand() *cobra.Command {
	var driver, scenario string
	var at place
	var seed uint64
	var speed float64
	c := &cobra.Command{
		Use:   "simulate",
		Short: "Be a monitor on a simulated patient, speaking the true bytes",
		Long: `Be a monitor on a simulated patient and speak its true wire bytes: on a pty, a TCP
port or, for intellivue, a UDP port, whose name is printed; or connect to a station, as
monitors with HL7 do. On standard input, "probe off" and "probe on" take the sensor
off and put it back, "cable out" and "cable in" pull the cable and plug it in again.`,
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
			return s.simulate(c.Context(), make, sim.New(story, seed, 0), at, speed)
		},
	}
	f := c.Flags()
	f.StringVar(&driver, "driver", "nonin", "which monitor")
	f.StringVar(&scenario, "scenario", "stable", "what happens to the patient: a `name` or a file; names are "+strings.Join(sim.Names(), ", "))
	f.StringVar(&at.listen, "listen", "pty", "where to speak: pty, tcp:host:port or udp:host:port")
	f.StringVar(&at.connect, "connect", "", "speak to whoever listens at tcp:`host:port`, again and again")
	f.StringVar(&at.announce, "announce", "", "with udp, the `address` to announce the monitor to, such as 255.255.255.255:24005")
	c.MarkFlagsMutuallyExclusive("listen", "connect")
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

// place is where a simulated monitor speaks.
type place struct{ listen, connect, announce string }

func (s *session) simulate(ctx context.Context, make func() devices.Simulator, body devices.Body, at place, speed float64) error {
	p := &probe{Body: body}
	c := &cable{}
	began := time.Now()
	now := func() vital.Instant { return vital.Instant(float64(time.Since(began)) * speed) }
	named := func(name string) error {
		go obey(s.in, p, c) // ends with the process: a read of standard input has no other end
		return s.print(struct {
			Port string `json:"port"`
		}{name}, func(w io.Writer) { fmt.Fprintln(w, name) })
	}
	if at.connect != "" {
		address, ok := strings.CutPrefix(at.connect, "tcp:")
		if !ok {
			return &usageError{fmt.Errorf("cannot connect to %q: use tcp:host:port", at.connect)}
		}
		if err := named(at.connect); err != nil {
			return err
		}
		return connectAgain(ctx, address, make, p, c, now)
	}
	monitor := make()
	line, name, err := openLine(ctx, at, monitor)
	if err != nil {
		return err
	}
	if err := named(name); err != nil {
		return err
	}
	return devices.Simulate(ctx, monitor, p, c.on(line), now)
}

// connectEvery is how long a simulated monitor waits before it tries again.
const connectEvery = time.Second

// connectAgain is a monitor that connects to a station, and again whenever the
// connection ends, until ctx does.
func connectAgain(ctx context.Context, address string, make func() devices.Simulator, body devices.Body, c *cable, now func() vital.Instant) error {
	var d net.Dialer
	for {
		if conn, err := d.DialContext(ctx, "tcp", address); err == nil {
			began := now() // a monitor's own clock starts with it
			_ = devices.Simulate(ctx, make(), later{body, began}, c.on(conn), func() vital.Instant { return now() - began })
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(connectEvery):
		}
	}
}

// later is a body for a monitor whose time began later than the body's.
type later struct {
	devices.Body
	by vital.Instant
}

// Reading implements devices.Body.
func (l later) Reading(s vital.Sign, t vital.Instant) vital.Reading {
	return l.Body.Reading(s, t+l.by)
}

// Sample implements devices.Body.
func (l later) Sample(d vital.Lead, t vital.Instant) (float64, bool) { return l.Body.Sample(d, t+l.by) }

// openLine is the simulated monitor's end of a line, and the name of the other.
func openLine(ctx context.Context, at place, monitor devices.Simulator) (line io.ReadWriteCloser, name string, err error) {
	if at.listen == "pty" {
		pty, err := serialport.OpenPty()
		if err != nil {
			return nil, "", err
		}
		return pty, pty.Name, nil
	}
	if address, ok := strings.CutPrefix(at.listen, "udp:"); ok {
		bedside, ok := monitor.(*intellivue.Simulator)
		if !ok {
			return nil, "", &usageError{errors.New("only intellivue speaks over udp")}
		}
		m, err := netport.ListenMonitor(address, at.announce)
		if err != nil {
			return nil, "", err
		}
		bedside.Network, bedside.Port = true, m.Port()
		bedside.MAC[4], bedside.MAC[5] = byte(m.Port()>>8), byte(m.Port())
		host, _, _ := net.SplitHostPort(address) // it was listened on
		return m, "udp:" + net.JoinHostPort(host, strconv.Itoa(m.Port())), nil
	}
	address, ok := strings.CutPrefix(at.listen, "tcp:")
	if !ok {
		return nil, "", &usageError{fmt.Errorf("cannot speak on %q: use pty, tcp:host:port or udp:host:port", at.listen)}
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
	return conn, at.listen, nil
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

// A cable can be pulled by hand: what either side says then is lost, as on a serial
// line, which tells neither that the other is gone.
type cable struct{ out atomic.Bool }

// on is line by this cable.
func (c *cable) on(line io.ReadWriteCloser) io.ReadWriteCloser { return &cabled{line, c} }

type cabled struct {
	io.ReadWriteCloser
	by *cable
}

// Read implements io.Reader.
func (c *cabled) Read(b []byte) (int, error) {
	for {
		n, err := c.ReadWriteCloser.Read(b)
		if err != nil || !c.by.out.Load() {
			return n, err
		}
	}
}

// Write implements io.Writer.
func (c *cabled) Write(b []byte) (int, error) {
	if c.by.out.Load() {
		return len(b), nil
	}
	return c.ReadWriteCloser.Write(b)
}

// obey does what is typed, until the input ends.
func obey(in io.Reader, p *probe, c *cable) {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		switch strings.TrimSpace(lines.Text()) {
		case "probe off":
			p.off.Store(true)
		case "probe on":
			p.off.Store(false)
		case "cable out":
			c.out.Store(true)
		case "cable in":
			c.out.Store(false)
		}
	}
}
