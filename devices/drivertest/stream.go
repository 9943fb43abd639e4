package drivertest

import (
	"fmt"
	"slices"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// A Monitor is one way a driver's monitor side can be set up.
type Monitor struct {
	Name string
	New  func() devices.Simulator
	Line devices.Line // as set on the monitor; zero for the driver's likeliest
	Body devices.Body // nil for [Body]
}

// A Capture is bytes this project did not make, as received.
type Capture struct {
	Name   string
	Driver string // whose it is, "" for nobody's
	Line   devices.Line
	Bytes  []byte
}

// A Chunk is bytes that arrived together.
type Chunk struct {
	At    vital.Instant
	Bytes []byte
}

// Record lets d talk to m for a while on a perfect line, and gives what the host
// heard. The clock is virtual.
func Record(d devices.Driver, m Monitor, length time.Duration) []Chunk {
	body := m.Body
	if body == nil {
		body = Body{}
	}
	sim, session, sink := m.New(), d.Open(false), &Events{}
	var chunks []Chunk
	var simDue, hostDue vital.Instant
	for now := vital.Instant(0); now < vital.Instant(length); now = min(simDue, hostDue) {
		if hostDue <= now {
			var send []byte
			send, hostDue = session.Poll(now, sink)
			if len(send) > 0 {
				sim.Receive(now, send)
				simDue = now
			}
			hostDue = max(hostDue, now+vital.Instant(time.Millisecond))
		}
		if simDue <= now {
			var b []byte
			b, simDue = sim.Poll(now, body)
			simDue = max(simDue, now+1)
			if len(b) > 0 {
				chunks = append(chunks, Chunk{now, slices.Clone(b)})
				session.Receive(now, b, sink)
				hostDue = now
			}
		}
	}
	return chunks
}

// Join is all bytes of a recording.
func Join(chunks []Chunk) []byte {
	var b []byte
	for _, c := range chunks {
		b = append(b, c.Bytes...)
	}
	return b
}

// Events is a Sink that keeps everything, one line of text each, so that two runs
// can be compared.
type Events struct {
	Lines    []string
	Readings []vital.Reading
	Samples  int
}

// Reading keeps r.
func (e *Events) Reading(r vital.Reading) {
	e.Readings = append(e.Readings, r)
	e.Lines = append(e.Lines, fmt.Sprintf("%d %s %s %s %v %v %v %s", r.Arrived, r.Sign.Info().Code, r, r.Site, r.MonitorTime, r.Questionable, r.Aperiodic, r.Raw))
}

// Waveform keeps w.
func (e *Events) Waveform(w vital.Waveform) {
	e.Samples += len(w.Samples)
	e.Lines = append(e.Lines, fmt.Sprintf("%+v", w))
}

// Alarm keeps a.
func (e *Events) Alarm(a devices.Alarm) { e.Lines = append(e.Lines, fmt.Sprintf("%+v", a)) }

// Monitor keeps p.
func (e *Events) Monitor(p vital.Provenance) { e.Lines = append(e.Lines, fmt.Sprintf("%+v", p)) }

// Values is the distinct measured values, by sign.
func (e *Events) Values() map[string]int {
	values := make(map[string]int)
	for _, r := range e.Readings {
		if _, ok := r.Value(); ok {
			values[fmt.Sprint(r.Sign, r.Site, r.Raw, r)]++
		}
	}
	return values
}

// Nothing is a Sink that keeps nothing.
type Nothing struct{}

// Reading drops r.
func (Nothing) Reading(vital.Reading) {}

// Waveform drops w.
func (Nothing) Waveform(vital.Waveform) {}

// Alarm drops a.
func (Nothing) Alarm(devices.Alarm) {}

// Monitor drops p.
func (Nothing) Monitor(vital.Provenance) {}

// Listen gives chunks to a session that only listens, polled as it asks to be.
func Listen(d devices.Driver, chunks []Chunk, to devices.Sink) devices.Counters {
	s := d.Open(true)
	for _, c := range chunks {
		s.Receive(c.At, c.Bytes, to)
		s.Poll(c.At, to)
	}
	return s.Counters()
}

// Spread gives the bytes of a capture times, as they would arrive on its line.
func Spread(c Capture) []Chunk {
	l := c.Line
	if l.Baud == 0 {
		l.Baud = 9600
	}
	const lump = 64
	var chunks []Chunk
	for at := 0; at < len(c.Bytes); at += lump {
		end := min(at+lump, len(c.Bytes))
		chunks = append(chunks, Chunk{vital.Instant(time.Duration(end) * 10 * time.Second / time.Duration(l.Baud)), c.Bytes[at:end]})
	}
	return chunks
}
