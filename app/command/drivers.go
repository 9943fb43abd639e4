package command

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"fieldkit/app/kit"
	"fieldkit/devices"
	"fieldkit/devices/sim"
	"fieldkit/triage/vital"
)

// A driverRow is what is known of one protocol.
type driverRow struct {
	Driver    string   `json:"driver"`
	Transport []string `json:"transport"`
	// Signs, Waves and Alarms are what came from its simulated monitor.
	Signs    []string `json:"signs"`
	Waves    []string `json:"waves"`
	Alarms   []string `json:"alarms"`
	Proven   bool     `json:"proven"` // on bytes of real monitors that nobody here made
	Evidence string   `json:"evidence"`
}

func (s *session) driversCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "drivers",
		Short: "List the monitors this program reads, what each gives, and how sure that is",
		Long: `Lists the protocols, where their monitors are found, and the evidence behind each:
only a proven one was tested on bytes of real monitors that this project did not make.
Signs, waves and alarms are those that each protocol's simulated monitor gives on a
patient who is well and on one whose sensor comes off: what is listed is read, and a
real monitor may give more.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			rows, err := driverTable()
			if err != nil {
				return err
			}
			return s.print(rows, func(w io.Writer) { printDrivers(w, rows) })
		},
	}
}

func driverTable() ([]driverRow, error) {
	var rows []driverRow
	simulators := kit.Simulators()
	for _, d := range kit.Drivers() {
		h := d.Hints()
		row := driverRow{Driver: d.Name(), Transport: transportsOf(h), Proven: h.Proven, Evidence: h.Evidence, Signs: []string{}, Waves: []string{}, Alarms: []string{}}
		for _, story := range [...]string{"stable", "sensor-off"} {
			told, err := sim.Named(story)
			if err != nil {
				return nil, err
			}
			converse(d, simulators[d.Name()](), sim.New(told, 1, 0), &row)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// transportsOf is where a driver's monitors are found.
func transportsOf(h devices.Hints) (all []string) {
	for _, l := range h.Lines {
		all = append(all, "serial "+l.String())
	}
	for _, p := range h.UDP {
		all = append(all, fmt.Sprintf("UDP %d", p))
	}
	for _, p := range h.TCP {
		all = append(all, fmt.Sprintf("TCP %d", p))
	}
	if len(all) == 0 {
		all = append(all, "Bluetooth")
	}
	return all
}

// talkFor is long enough for a cuff's result every three minutes.
const talkFor = 200 * time.Second

// converse lets a simulated monitor and a session talk, on a clock of their own, and
// notes in row what comes of it.
func converse(d devices.Driver, m devices.Simulator, body devices.Body, row *driverRow) {
	session, to := d.Open(false), &rowSink{row}
	var monitorDue, hostDue vital.Instant
	for now := vital.Instant(0); now < vital.Instant(talkFor); now = min(monitorDue, hostDue) {
		if hostDue <= now {
			var send []byte
			if send, hostDue = session.Poll(now, to); len(send) > 0 {
				m.Receive(now, send)
				monitorDue = now
			}
			hostDue = max(hostDue, now.Add(time.Millisecond))
		}
		if monitorDue <= now {
			var b []byte
			b, monitorDue = m.Poll(now, body)
			monitorDue = max(monitorDue, now+1)
			if len(b) > 0 {
				session.Receive(now, b, to)
				hostDue = now
			}
		}
	}
}

// A rowSink notes what a session gives. It implements devices.Sink.
type rowSink struct{ row *driverRow }

func add(to *[]string, text string) {
	if at, known := slices.BinarySearch(*to, text); !known && text != "" {
		*to = slices.Insert(*to, at, text)
	}
}

// Reading implements devices.Sink.
func (s *rowSink) Reading(r vital.Reading) {
	if _, measured := r.Value(); measured {
		add(&s.row.Signs, cmp.Or(r.Raw, r.Sign.Info().Code))
	}
}

// Waveform implements devices.Sink.
func (s *rowSink) Waveform(w vital.Waveform) {
	add(&s.row.Waves, cmp.Or(w.Raw, w.Lead.String()))
}

// Alarm implements devices.Sink.
func (s *rowSink) Alarm(a devices.Alarm) { add(&s.row.Alarms, a.Text) }

// Monitor implements devices.Sink.
func (*rowSink) Monitor(vital.Provenance) {}

func printDrivers(w io.Writer, rows []driverRow) {
	for _, r := range rows {
		proven := "proven"
		if !r.Proven {
			proven = "unproven"
		}
		fmt.Fprintf(w, "%s (%s)\n", r.Driver, proven)
		for _, part := range [...]struct {
			name string
			what []string
		}{{"found on", r.Transport}, {"signs", r.Signs}, {"waves", r.Waves}, {"alarms", r.Alarms}, {"evidence", []string{r.Evidence}}} {
			if len(part.what) > 0 {
				fmt.Fprintf(w, "  %-9s %s\n", part.name, strings.Join(part.what, ", "))
			}
		}
	}
}
