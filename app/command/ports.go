package command

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"fieldkit/app/api"
	"fieldkit/app/kit"
	"fieldkit/devices"
	"fieldkit/devices/serialport"
)

// A portRow is what is known of one port.
type portRow struct {
	Port    string     `json:"port"`
	USB     string     `json:"usb"` // vendor:product, "" where there is none
	Serial  string     `json:"serial"`
	Product string     `json:"product"`
	Lasting string     `json:"lasting,omitempty"` // what a monitor on the network is known by, whatever its address
	State   string     `json:"state"`
	Do      string     `json:"do"`
	Driver  string     `json:"driver"` // recognised, "" when nobody is
	Sure    int        `json:"sure"`   // 0 to 100
	Proven  bool       `json:"proven"`
	Monitor string     `json:"monitor"`
	Line    string     `json:"line"`
	Guesses []guessRow `json:"guesses"`
	// What was heard last from a monitor nobody knows, for a person to judge.
	Heard string `json:"heard,omitempty"`
}

type guessRow struct {
	Driver string `json:"driver"`
	Sure   int    `json:"sure"`
}

func (s *session) portsCommand() *cobra.Command {
	var wait time.Duration
	var at where
	var listenOnly bool
	c := &cobra.Command{
		Use:   "ports",
		Short: "List the ports, who is on each, how sure that is, and what to do",
		Long: `Lists the ports with their USB identity and finds out who speaks on each, listening
first and asking where that is safe. It ends as soon as every port is known. Ports of
a running station are held by it: for those it is asked.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			lines, err := s.lines(at)
			if err != nil {
				return err
			}
			defer lines.Close()
			rows, err := s.lookAtPorts(c.Context(), lines, wait, listenOnly)
			if err != nil {
				return err
			}
			return s.print(rows, func(w io.Writer) { printPorts(w, rows) })
		},
	}
	at.flags(c)
	f := c.Flags()
	f.DurationVar(&wait, "wait", 15*time.Second, "how long to find out who speaks")
	f.BoolVar(&listenOnly, "listen-only", false, "never send a byte")
	return c
}

func (s *session) lookAtPorts(ctx context.Context, lines *kit.Lines, wait time.Duration, listenOnly bool) ([]portRow, error) {
	held := s.stationPorts(ctx)
	rows := []portRow{}
	for _, p := range held {
		rows = append(rows, *p)
	}
	status, err := find(ctx, others{lines, held}, lines.Waits(), wait, listenOnly)
	if err != nil {
		return nil, err
	}
	for _, p := range status {
		rows = append(rows, portRowOf(p))
	}
	slices.SortFunc(rows, func(a, b portRow) int { return strings.Compare(a.Port, b.Port) })
	return rows, nil
}

// stationPorts is what a running station says of its ports; none when none runs.
func (s *session) stationPorts(ctx context.Context) map[string]*portRow {
	client, err := api.Dial(ctx, s.dir)
	if err != nil {
		return nil
	}
	state, err := client.State(ctx)
	if err != nil {
		return nil
	}
	info := map[string]devices.PortInfo{}
	if list, err := (serialport.Ports{}).List(ctx); err == nil {
		for _, p := range list {
			info[p.Name] = p
		}
	}
	held := map[string]*portRow{}
	for _, p := range state.Ports {
		row := portRowOf(devices.PortStatus{Port: info[p.Name]})
		row.Port, row.State, row.Do, row.Driver, row.Monitor, row.Proven = p.Name, p.State, p.Do, p.Driver, p.Monitor, p.Proven
		if p.Driver != "" {
			row.Sure = 100 // it is being read
		}
		held[p.Name] = &row
	}
	return held
}

// others are ports but for those a running station holds.
type others struct {
	devices.Ports
	held map[string]*portRow
}

// List is the ports that nobody holds.
func (o others) List(ctx context.Context) ([]devices.PortInfo, error) {
	list, err := o.Ports.List(ctx)
	return slices.DeleteFunc(list, func(p devices.PortInfo) bool { return o.held[p.Name] != nil }), err
}

// announcedEvery is how often a monitor on the network announces itself, and a
// little.
const announcedEvery = 2500 * time.Millisecond

// find watches ports until each is settled or wait is over. more says that ports
// may yet appear that nobody has plugged in.
func find(ctx context.Context, ports devices.Ports, more bool, wait time.Duration, listenOnly bool) ([]devices.PortStatus, error) {
	if !more {
		if list, err := ports.List(ctx); err != nil || len(list) == 0 {
			return nil, err
		}
	}
	least := time.Now()
	if more {
		least = least.Add(announcedEvery)
	}
	ctx, stop := context.WithTimeout(ctx, wait)
	defer stop()
	sup := devices.NewSupervisor(devices.Config{Ports: ports, Drivers: kit.Drivers(), Choices: &fixed{listenOnly: listenOnly}, Handler: &counted{}, Now: clockFromNow()})
	run, end := context.WithCancel(context.WithoutCancel(ctx))
	var watching sync.WaitGroup
	watching.Go(func() { sup.Run(run) })
	defer watching.Wait()
	defer end()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return sup.Status()
		case <-tick.C:
		}
		status, err := sup.Status()
		if err == nil && (more || len(status) > 0) && !time.Now().Before(least) && !slices.ContainsFunc(status, unsettled) {
			return status, nil
		}
	}
}

// unsettled says that waiting may tell more of a port.
func unsettled(p devices.PortStatus) bool {
	switch p.State {
	case devices.Opening, devices.Listening, devices.Unrecognised, devices.Ambiguous:
		return true
	case devices.Talking:
		return p.Monitor.Make == "" && p.Counters.Frames == 0
	}
	return false
}

func portRowOf(p devices.PortStatus) portRow {
	row := portRow{
		Port: p.Port.Name, Serial: p.Port.Serial, Product: p.Port.Product,
		State: p.Words, Do: p.Do, Driver: p.Driver, Line: p.Line.String(), Guesses: []guessRow{},
	}
	row.Lasting = p.Port.Lasting
	if u := p.Port.USB; u != (devices.USBID{}) {
		row.USB = fmt.Sprintf("%04x:%04x", u.Vendor, u.Product)
	}
	for _, g := range p.Guesses {
		row.Guesses = append(row.Guesses, guessRow{g.Driver, int(g.Confidence)})
	}
	if p.Driver == "" {
		row.Heard = hex.EncodeToString(p.Heard[max(0, len(p.Heard)-64):])
		return row
	}
	row.Proven = p.Monitor.Proven
	row.Monitor = joinWords(p.Monitor.Make, p.Monitor.Model, p.Monitor.Serial)
	if d, err := driverNamed(p.Driver); err == nil {
		row.Sure = int(max(d.Recognise(p.Heard, p.Line), devices.Sure))
	}
	return row
}

func printPorts(w io.Writer, rows []portRow) {
	if len(rows) == 0 {
		fmt.Fprintln(w, "no ports: plug in a monitor or its USB adapter")
	}
	for _, r := range rows {
		fmt.Fprintf(w, "%-16s %s\n", r.Port, joinWords(r.USB, r.Product, r.Serial, r.Lasting))
		if r.Driver != "" {
			proven := ""
			if !r.Proven {
				proven = ", unproven"
			}
			at := ""
			if r.Line != "" {
				at = " at " + r.Line
			}
			fmt.Fprintf(w, "  %s (%s%s)%s, %d %% sure: %s\n", r.Monitor, r.Driver, proven, at, r.Sure, r.State)
		} else {
			fmt.Fprintf(w, "  %s\n", r.State)
		}
		for _, g := range r.Guesses {
			fmt.Fprintf(w, "  perhaps %s, %d %% sure\n", g.Driver, g.Sure)
		}
		if r.Heard != "" {
			fmt.Fprintf(w, "  heard %s\n", r.Heard)
		}
		if r.Do != "" {
			fmt.Fprintf(w, "  %s\n", r.Do)
		}
	}
}
