package command

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"fieldkit/app/kit"
	"fieldkit/devices"
	"fieldkit/devices/gs1"
	"fieldkit/devices/nmea"
	"fieldkit/devices/replay"
	"fieldkit/triage/vital"
)

func (s *session) decodeCommand() *cobra.Command {
	var driver string
	var asHex bool
	c := &cobra.Command{
		Use:   "decode --driver NAME [--hex] FILE|-",
		Short: "Decode a capture to JSON lines; nothing is stored",
		Long: `Decodes a capture: raw bytes as they came over the line, a recording of 'capture',
or, with --hex, hex text, in which white space, comments after #, the offsets and
margin of a hex dump, and \x01 escapes are allowed. Prints one JSON object a line:

  {"t":"","sign":"SpO2","mdc":150456,"value":98,"unit":"%","state":"measured","site":"","raw":""}
  {"t":"","wave":"Pleth","mdc":150452,"rate":100,"unit":"","samples":[...]}
  {"t":"","alarm":"...","priority":"..."}

t is the monitor's own time, empty when it sends none; its clock is read as UTC.
value is there only when state is measured. Units are UCUM. Waves are named by their
lead: Pleth, Resp, CO2, ECG-II and so on; samples are in unit, or counts where the
monitor gives no scale; null is a gap. mdc is 0 where there is no code. An alarm's
end has "ended":true. A position (nmea) is {"t":"","position":{...}} and a scan
(gs1) {"t":"","scan":{...}}. Last, on the standard error:
frames=N bad=N resync=N unknown=N.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			d, err := driverNamed(driver)
			if err != nil {
				return err
			}
			b, err := s.readCapture(args[0])
			if err != nil {
				return err
			}
			if asHex {
				if b, err = fromHex(b); err != nil {
					return fmt.Errorf("read the capture: %w", err)
				}
			}
			return s.decode(d, b)
		},
	}
	c.Flags().StringVar(&driver, "driver", "", "which monitor: "+driverNames())
	c.Flags().BoolVar(&asHex, "hex", false, "the capture is hex text")
	return c
}

func driverNames() string {
	var names []string
	for _, d := range kit.Drivers() {
		names = append(names, d.Name())
	}
	return strings.Join(names, ", ")
}

func driverNamed(name string) (devices.Driver, error) {
	for _, d := range kit.Drivers() {
		if d.Name() == name {
			return d, nil
		}
	}
	return nil, &usageError{fmt.Errorf("there is no driver %q; there are %s", name, driverNames())}
}

func (s *session) readCapture(name string) ([]byte, error) {
	var b []byte
	var err error
	if name == "-" {
		b, err = io.ReadAll(s.in)
	} else {
		b, err = os.ReadFile(name)
	}
	if err != nil {
		return nil, fmt.Errorf("read the capture: %w", err)
	}
	return b, nil
}

// decodeLump is how many bytes a session is given at once: the times between
// readings stay close to those on the line.
const decodeLump = 64

func (s *session) decode(d devices.Driver, b []byte) error {
	out := bufio.NewWriter(s.out)
	rows := newRows(out, "")
	conversation := d.Open(true)
	rows.followAsides(conversation)
	now := vital.Instant(0)
	if r, err := replay.NewReader(bytes.NewReader(b)); err == nil {
		now, err = playInto(r, conversation, rows)
		if err != nil {
			return errors.Join(err, out.Flush())
		}
	} else {
		baud := 9600
		if lines := d.Hints().Lines; len(lines) > 0 {
			baud = lines[0].Baud
		}
		for part := range chunksOf(b, decodeLump) {
			now = now.Add(time.Duration(len(part)) * 10 * time.Second / time.Duration(baud))
			conversation.Receive(now, part, rows)
			conversation.Poll(now, rows)
		}
	}
	conversation.Poll(now.Add(time.Minute), rows) // what waited for more is let go
	if err := errors.Join(rows.err, out.Flush()); err != nil {
		return fmt.Errorf("write what was decoded: %w", err)
	}
	if p := rows.monitor; p != (vital.Provenance{}) {
		fmt.Fprintf(s.err, "monitor: %s\n", joinWords(p.Make, p.Model, p.Serial, p.Firmware))
	}
	c := conversation.Counters()
	_, err := fmt.Fprintf(s.err, "frames=%d bad=%d resync=%d unknown=%d\n", c.Frames, c.Bad, c.Resync, c.Unknown)
	return err
}

// joinWords is those of words that are not empty, with a space between.
func joinWords(words ...string) string {
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

func chunksOf(b []byte, n int) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for len(b) > 0 {
			part := b[:min(n, len(b))]
			b = b[len(part):]
			if !yield(part) {
				return
			}
		}
	}
}

// playInto gives a recording's received bytes to a conversation at their times.
func playInto(r *replay.Reader, to devices.Session, sink devices.Sink) (last vital.Instant, err error) {
	for {
		rec, err := r.Next()
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return last, nil
		case err != nil:
			return last, err
		case rec.Kind != replay.Received:
			continue
		}
		last = vital.Instant(rec.At)
		to.Receive(last, rec.Bytes, sink)
		to.Poll(last, sink)
	}
}

// rows is a Sink that writes JSON lines.
type rows struct {
	write   *json.Encoder
	port    string // named in every line unless ""
	monitor vital.Provenance
	err     error // the first failure to write
}

func newRows(w io.Writer, port string) *rows {
	r := &rows{write: json.NewEncoder(w), port: port}
	r.write.SetEscapeHTML(false)
	return r
}

type readingRow struct {
	Port         string         `json:"port,omitempty"`
	T            string         `json:"t"`
	Sign         vital.Sign     `json:"sign"`
	MDC          uint32         `json:"mdc"`
	Value        *vital.Decimal `json:"value,omitempty"`
	Unit         vital.Unit     `json:"unit"`
	State        vital.State    `json:"state"`
	Site         vital.Site     `json:"site"`
	Raw          string         `json:"raw"`
	Questionable bool           `json:"questionable,omitempty"`
}

type waveRow struct {
	Port    string        `json:"port,omitempty"`
	T       string        `json:"t"`
	Wave    string        `json:"wave"`
	MDC     uint32        `json:"mdc"`
	Rate    vital.Decimal `json:"rate"`
	Unit    vital.Unit    `json:"unit"`
	Samples []any         `json:"samples"`
	Raw     string        `json:"raw,omitempty"`
}

type alarmRow struct {
	Port     string `json:"port,omitempty"`
	T        string `json:"t"`
	Alarm    string `json:"alarm"`
	Priority string `json:"priority"`
	Ended    bool   `json:"ended,omitempty"`
}

type positionRow struct {
	T        string        `json:"t"`
	Position nmea.Position `json:"position"`
}

type scanRow struct {
	T    string `json:"t"`
	Scan pack   `json:"scan"`
}

// A pack is what a scan says in words, with all its elements as scanned.
type pack struct {
	GTIN   string `json:"gtin,omitempty"`
	Lot    string `json:"lot,omitempty"`
	Serial string `json:"serial,omitempty"`
	Expiry string `json:"expiry,omitempty"` // the last usable day
	gs1.Scan
}

func packOf(c gs1.Scan, year int) pack {
	p := pack{GTIN: c.GTIN(), Lot: c.Lot(), Serial: c.Serial(), Scan: c}
	if d, ok := c.Expiry(year); ok {
		p.Expiry = d.Format(time.DateOnly)
	}
	return p
}

// monitorTime is a monitor's clock as it is printed.
func monitorTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

func (r *rows) put(row any) {
	if err := r.write.Encode(row); err != nil && r.err == nil {
		r.err = err
	}
}

// Reading implements devices.Sink.
func (r *rows) Reading(v vital.Reading) {
	info := v.Sign.Info()
	row := readingRow{Port: r.port, T: monitorTime(v.MonitorTime), Sign: v.Sign, MDC: info.MDC, Unit: v.Unit, State: v.State(), Site: v.Site, Raw: v.Raw, Questionable: v.Questionable}
	if v.Sign == vital.Temperature && v.Site != "" {
		row.MDC = v.Site.TemperatureMDC()
	}
	if value, ok := v.Value(); ok {
		row.Value = &value
	}
	r.put(row)
}

// waveNames are leads whose everyday spelling is not their code.
var waveNames = map[vital.Lead]string{vital.Pleth: "Pleth", vital.Resp: "Resp"}

// Waveform implements devices.Sink.
func (r *rows) Waveform(w vital.Waveform) {
	name, ok := waveNames[w.Lead]
	if !ok {
		name = w.Lead.String()
	}
	row := waveRow{Port: r.port, Wave: name, MDC: w.Lead.Info().MDC, Rate: w.Rate, Unit: w.Unit, Raw: w.Raw, Samples: make([]any, len(w.Samples))}
	for i, n := range w.Samples {
		if w.Scale.Mantissa == 0 {
			row.Samples[i] = n
			continue
		}
		row.Samples[i] = vital.Dec((int64(n)+int64(w.Offset))*w.Scale.Mantissa, w.Scale.Exponent)
	}
	for _, g := range w.Gaps {
		for i := g.From; i < g.From+g.Len && i < len(row.Samples); i++ {
			row.Samples[i] = nil
		}
	}
	r.put(row)
}

// Alarm implements devices.Sink.
func (r *rows) Alarm(a devices.Alarm) {
	r.put(alarmRow{Port: r.port, T: a.MonitorTime, Alarm: a.Text, Priority: a.Priority.String(), Ended: a.Ended})
}

// Monitor implements devices.Sink.
func (r *rows) Monitor(p vital.Provenance) { r.monitor = p }

// followAsides prints what a session tells that is no vital sign.
func (r *rows) followAsides(s devices.Session) {
	switch s := s.(type) {
	case interface{ Positions(func(nmea.Position)) }:
		s.Positions(func(p nmea.Position) { r.put(positionRow{monitorTime(p.At), p}) })
	case interface{ Scans(func(gs1.Scan)) }:
		s.Scans(func(c gs1.Scan) { r.put(scanRow{"", packOf(c, time.Now().Year())}) })
	}
}
