package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"fieldkit/app/kit"
	"fieldkit/devices"
	"fieldkit/devices/replay"
	"fieldkit/triage/vital"
)

// where says on which ports a command looks for monitors.
type where struct {
	port, announcements, hl7 string
	bluetooth                []string
}

func (w *where) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&w.port, "port", "", "only this `port`, or tcp:host:port or udp:host:port")
	f.StringVar(&w.announcements, "announcements", "", "UDP `address` on which monitors on the network announce themselves, or off (default :24005 without --port)")
	f.StringSliceVar(&w.bluetooth, "bluetooth", nil, "`address` of a Bluetooth device to read, or any (default none)")
	f.StringVar(&w.hl7, "hl7", "", "`address` to which monitors connect that send HL7, such as :2575 (default none)")
}

// lines are the machine's and the network's, or the only one asked for. They must
// be closed.
func (s *session) lines(w where) (*kit.Lines, error) {
	settings := kit.Settings{Announcements: w.announcements, HL7: w.hl7, Bluetooth: w.bluetooth}
	if w.port != "" {
		settings.Ports, settings.OnlyPorts = []string{w.port}, true
	}
	lines, err := kit.NewLines(settings, s.log())
	if err != nil {
		return nil, &usageError{err}
	}
	return lines, nil
}

// fixed is Choices made on the command line: the same for every port, and nothing
// is remembered after the command. It is safe for concurrent use.
type fixed struct {
	driver     string
	listenOnly bool

	mu    sync.Mutex
	found map[string]devices.Choice
}

// Choice implements devices.Choices.
func (f *fixed) Choice(identity string) (devices.Choice, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c, ok := f.found[identity]; ok {
		return c, true
	}
	return devices.Choice{Driver: f.driver, ListenOnly: f.listenOnly, Fixed: f.driver != ""}, true
}

// Keep implements devices.Choices.
func (f *fixed) Keep(identity string, c devices.Choice) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.found == nil {
		f.found = map[string]devices.Choice{}
	}
	f.found[identity] = c
	return nil
}

// clockFromNow is a monotonic clock that starts now.
func clockFromNow() func() vital.Instant {
	began := time.Now()
	return func() vital.Instant { return vital.Instant(time.Since(began)) }
}

func (s *session) listenCommand() *cobra.Command {
	var at where
	choices := &fixed{}
	c := &cobra.Command{
		Use:   "listen",
		Short: "Show what the monitors on the ports say, live; nothing is stored",
		Long: `Finds the monitors on all ports, or on one, and shows what they say: on a terminal
a table that redraws, otherwise or with --json the lines of 'decode', each with its
port. A running station holds its ports: use 'live' to follow it.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if choices.driver != "" {
				if _, err := driverNamed(choices.driver); err != nil {
					return err
				}
			}
			lines, err := s.lines(at)
			if err != nil {
				return err
			}
			defer lines.Close()
			return s.listenTo(c.Context(), lines, choices)
		},
	}
	at.flags(c)
	f := c.Flags()
	f.StringVar(&choices.driver, "driver", "", "do not find out who speaks: "+driverNames())
	f.BoolVar(&choices.listenOnly, "listen-only", false, "never send a byte: the line is shared")
	return c
}

func (s *session) replayCommand() *cobra.Command {
	var speed float64
	choices := &fixed{listenOnly: true}
	c := &cobra.Command{
		Use:   "replay FILE",
		Short: "Play a recording of 'capture' as if its monitor were there",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if choices.driver != "" {
				if _, err := driverNamed(choices.driver); err != nil {
					return err
				}
			}
			if speed <= 0 {
				return &usageError{errors.New("--speed must be above 0")}
			}
			length, err := lengthOf(args[0])
			if err != nil {
				return err
			}
			// A second more, so that what came last is understood.
			ctx, stop := context.WithTimeout(c.Context(), time.Duration(float64(length)/speed)+time.Second)
			defer stop()
			return s.listenTo(ctx, replay.Ports{Files: args, Speed: speed}, choices)
		},
	}
	c.Flags().Float64Var(&speed, "speed", 1, "how many times as fast")
	c.Flags().StringVar(&choices.driver, "driver", "", "do not find out who speaks: "+driverNames())
	return c
}

// lengthOf is how long the recording in a file lasts. One that was cut off lasts
// until there.
func lengthOf(name string) (time.Duration, error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, fmt.Errorf("open the recording: %w", err)
	}
	defer f.Close()
	r, err := replay.NewReader(f)
	if err != nil {
		return 0, err
	}
	var last time.Duration
	for {
		rec, err := r.Next()
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return last, nil
		case err != nil:
			return 0, err
		}
		last = rec.At
	}
}

// redrawEvery is slow enough to be read.
const redrawEvery = 500 * time.Millisecond

// listenTo shows what is heard on ports until ctx ends.
func (s *session) listenTo(ctx context.Context, ports devices.Ports, choices *fixed) error {
	now := clockFromNow()
	out, isFile := s.out.(*os.File)
	if s.asJSON || !isFile || !term.IsTerminal(int(out.Fd())) {
		h := &lineHandler{to: s.out}
		devices.NewSupervisor(devices.Config{Ports: ports, Drivers: kit.Drivers(), Choices: choices, Handler: h, Now: now}).Run(ctx)
		return h.err
	}
	t := &table{rows: map[tableKey]vital.Reading{}, alarms: map[alarmKey]devices.Alarm{}}
	sup := devices.NewSupervisor(devices.Config{Ports: ports, Drivers: kit.Drivers(), Choices: choices, Handler: t, Now: now})
	var listening sync.WaitGroup
	listening.Go(func() { sup.Run(ctx) })
	defer listening.Wait()
	tick := time.NewTicker(redrawEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			status, _ := sup.Status() // a list that cannot be read is tried again
			fmt.Fprint(out, "\x1b[H\x1b[2J")
			t.draw(out, status, now())
		}
	}
}

// A lineHandler writes JSON lines, each with its port.
type lineHandler struct {
	mu  sync.Mutex
	to  io.Writer
	err error
}

func (h *lineHandler) with(from devices.PortInfo, put func(*rows)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := newRows(h.to, from.Name)
	put(r)
	h.err = cmp.Or(h.err, r.err)
}

// Reading implements devices.Handler.
func (h *lineHandler) Reading(from devices.PortInfo, v vital.Reading) {
	h.with(from, func(r *rows) { r.Reading(v) })
}

// Waveform implements devices.Handler.
func (h *lineHandler) Waveform(from devices.PortInfo, w vital.Waveform) {
	h.with(from, func(r *rows) { r.Waveform(w) })
}

// Alarm implements devices.Handler.
func (h *lineHandler) Alarm(from devices.PortInfo, a devices.Alarm) {
	h.with(from, func(r *rows) { r.Alarm(a) })
}

// Monitor implements devices.Handler.
func (*lineHandler) Monitor(devices.PortInfo, vital.Provenance) {}

// Changed implements devices.Handler.
func (*lineHandler) Changed(devices.PortInfo) {}

type tableKey struct {
	port string
	sign vital.Sign
	site vital.Site
	raw  string
}

type alarmKey struct{ port, text string }

// A table is the last reading of each sign on each port. It is safe for concurrent
// use.
type table struct {
	mu     sync.Mutex
	rows   map[tableKey]vital.Reading
	alarms map[alarmKey]devices.Alarm // that have not ended
}

// Reading implements devices.Handler.
func (t *table) Reading(from devices.PortInfo, r vital.Reading) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rows[tableKey{from.Name, r.Sign, r.Site, r.Raw}] = r
}

// Alarm implements devices.Handler.
func (t *table) Alarm(from devices.PortInfo, a devices.Alarm) {
	t.mu.Lock()
	defer t.mu.Unlock()
	k := alarmKey{from.Name, a.Text}
	if a.Ended {
		delete(t.alarms, k)
	} else {
		t.alarms[k] = a
	}
}

// Waveform implements devices.Handler.
func (*table) Waveform(devices.PortInfo, vital.Waveform) {}

// Monitor implements devices.Handler.
func (*table) Monitor(devices.PortInfo, vital.Provenance) {}

// Changed implements devices.Handler.
func (*table) Changed(devices.PortInfo) {}

// draw writes the table as of now.
func (t *table) draw(w io.Writer, ports []devices.PortStatus, now vital.Instant) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(ports) == 0 {
		fmt.Fprintln(w, "no ports; plug in a monitor")
	}
	for _, p := range ports {
		fmt.Fprintf(w, "%s  %s\n", p.Port.Name, describePort(p))
		var keys []tableKey
		for k := range t.rows {
			if k.port == p.Port.Name {
				keys = append(keys, k)
			}
		}
		slices.SortFunc(keys, func(a, b tableKey) int {
			return cmp.Or(cmp.Compare(a.sign, b.sign), cmp.Compare(a.site, b.site), cmp.Compare(a.raw, b.raw))
		})
		for _, k := range keys {
			drawReading(w, t.rows[k], now)
		}
		for k, a := range t.alarms {
			if k.port == p.Port.Name {
				fmt.Fprintf(w, "  ! %s %s\n", a.Text, a.Priority)
			}
		}
	}
}

func drawReading(w io.Writer, r vital.Reading, now vital.Instant) {
	name := r.Sign.Info().Label
	if r.Sign == vital.Unknown {
		name = r.Raw
	}
	if r.Site != "" {
		name += " " + string(r.Site)
	}
	value := r.String()
	if shown, ok := r.Shown(); ok {
		value = strings.TrimSpace(shown + " " + r.Unit.Label())
	}
	age := now.Sub(r.Arrived)
	switch {
	case r.Questionable:
		value += " ?"
	case !r.Aperiodic && r.Sign.Info().Ageing.At(age) == vital.Gone:
		value = "--"
	}
	when := fmt.Sprintf("%d s ago", int(age.Seconds()))
	if r.Aperiodic && !r.MonitorTime.IsZero() {
		when = "measured " + r.MonitorTime.Format("2006-01-02 15:04:05") + " by the monitor's clock"
	}
	fmt.Fprintf(w, "  %-16s %-16s %s\n", name, value, when)
}

// describePort is who speaks on a port, or what the port is doing.
func describePort(p devices.PortStatus) string {
	text := p.Words
	if p.Driver != "" {
		who := strings.TrimSpace(p.Monitor.Make + " " + p.Monitor.Model)
		text = fmt.Sprintf("%s %s (%s", strings.TrimSpace(who), p.Line, p.Driver)
		if !p.Monitor.Proven {
			text += ", unproven"
		}
		text = strings.TrimSpace(text) + "): " + p.Words
	}
	if p.Do != "" {
		text += ". " + p.Do
	}
	return text
}
