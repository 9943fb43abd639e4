package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"fieldkit/app/kit"
	"fieldkit/devices"
	"fieldkit/devices/replay"
	"fieldkit/triage/vital"
)

func (s *session) captureCommand() *cobra.Command {
	var setting string
	choices := &fixed{}
	c := &cobra.Command{
		Use:   "capture PORT FILE",
		Short: "Record the bytes on a port, both ways, to a new file",
		Long: `Records what passes on a port with its times until interrupted, for 'replay' and
'decode'. Without --line it finds the monitor as the station would, which also keeps
its conversation alive. With --line it only listens, on that setting. The file holds
what the monitor said: treat it as a patient's record.`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			lines, err := s.lines(where{port: args[0]})
			if err != nil {
				return err
			}
			defer lines.Close()
			ports := replay.Recorder{Ports: lines, Create: recordings(args[1]), Now: clockFromNow(), Wall: time.Now}
			if setting != "" {
				line, err := parseLine(setting)
				if err != nil {
					return &usageError{err}
				}
				return s.captureRaw(c.Context(), ports, args[0], line)
			}
			if choices.driver != "" {
				if _, err := driverNamed(choices.driver); err != nil {
					return err
				}
			}
			counts := &counted{}
			devices.NewSupervisor(devices.Config{Ports: ports, Drivers: kit.Drivers(), Choices: choices, Handler: counts, Now: ports.Now}).Run(c.Context())
			return s.print(map[string]int{"readings": counts.readings}, func(w io.Writer) {
				fmt.Fprintf(w, "recorded; %d readings were understood\n", counts.readings)
			})
		},
	}
	f := c.Flags()
	f.StringVar(&setting, "line", "", "listen on this `setting` only, such as \"9600 8N1\"")
	f.StringVar(&choices.driver, "driver", "", "do not find out who speaks: "+driverNames())
	f.BoolVar(&choices.listenOnly, "listen-only", false, "never send a byte: the line is shared")
	return c
}

// recordings makes a new file at each opening of a port: name, then name-2 and so
// on. It never writes over one.
func recordings(name string) func(string) (io.WriteCloser, error) {
	n := 0
	var mu sync.Mutex
	return func(string) (io.WriteCloser, error) {
		mu.Lock()
		defer mu.Unlock()
		n++
		path := name
		if n > 1 {
			path = fmt.Sprintf("%s-%d", name, n)
		}
		return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	}
}

// parseLine reads a line setting as [devices.Line] writes it.
func parseLine(text string) (devices.Line, error) {
	l := devices.Line{RTS: true, DTR: true}
	var parity rune
	if n, err := fmt.Sscanf(text, "%d %1d%c%1d", &l.Baud, &l.DataBits, &parity, &l.StopBits); n != 4 || err != nil {
		return l, fmt.Errorf("cannot read the line setting %q: write it like \"9600 8N1\"", text)
	}
	l.Parity = devices.Parity(parity)
	known := l.Parity == devices.NoParity || l.Parity == devices.OddParity || l.Parity == devices.EvenParity
	if l.Baud <= 0 || l.DataBits < 7 || l.DataBits > 8 || l.StopBits < 1 || l.StopBits > 2 || !known {
		return l, fmt.Errorf("no line has the setting %q: write it like \"9600 8N1\"", text)
	}
	return l, nil
}

// captureRaw records a port that nobody answers on, until ctx ends or it dies.
func (s *session) captureRaw(ctx context.Context, ports devices.Ports, name string, l devices.Line) error {
	port, err := ports.Open(ctx, name, l)
	if err != nil {
		return err
	}
	defer port.Close()
	stop := context.AfterFunc(ctx, func() { port.Close() })
	defer stop()
	b, total := make([]byte, 4096), 0
	for {
		n, err := port.Read(b)
		total += n
		if ctx.Err() != nil {
			return s.print(map[string]int{"bytes": total}, func(w io.Writer) { fmt.Fprintf(w, "recorded %d bytes\n", total) })
		}
		if err != nil {
			return errors.Join(fmt.Errorf("recorded %d bytes until the port failed", total), err)
		}
	}
}

// counted is a Handler that counts readings.
type counted struct {
	mu       sync.Mutex
	readings int
}

// Reading implements devices.Handler.
func (c *counted) Reading(devices.PortInfo, vital.Reading) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.readings++
}

// Waveform implements devices.Handler.
func (*counted) Waveform(devices.PortInfo, vital.Waveform) {}

// Alarm implements devices.Handler.
func (*counted) Alarm(devices.PortInfo, devices.Alarm) {}

// Monitor implements devices.Handler.
func (*counted) Monitor(devices.PortInfo, vital.Provenance) {}

// Changed implements devices.Handler.
func (*counted) Changed(devices.PortInfo) {}
