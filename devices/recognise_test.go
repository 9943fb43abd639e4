package devices_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/triage/vital"
)

// A made is a made-up protocol: one sentence, said every so often or when asked.
type made struct {
	devices.Driver
	name     string
	line     devices.Line
	every    time.Duration // 0: only when asked
	question []byte
}

func (m made) sentence() []byte { return fmt.Appendf(nil, "<%s 0123456789 0123456789>\r\n", m.name) }
func (m made) Name() string     { return m.name }
func (m made) Hints() devices.Hints {
	return devices.Hints{Lines: []devices.Line{m.line}, Ask: m.question, Quiet: 5 * time.Second}
}
func (m made) Recognise(heard []byte, _ devices.Line) devices.Confidence {
	switch {
	case bytes.Contains(heard, m.sentence()):
		return 90
	case bytes.Contains(heard, []byte("<"+m.name)):
		return 30
	}
	return 0
}
func (m made) Open(bool) devices.Session { return &madeSession{} }

type madeSession struct{ n devices.Counters }

func (s *madeSession) Receive(_ vital.Instant, b []byte, _ devices.Sink) { s.n.Frames++ }
func (s *madeSession) Poll(vital.Instant, devices.Sink) ([]byte, vital.Instant) {
	return nil, devices.Never
}
func (s *madeSession) Counters() devices.Counters { return s.n }

// speaker is the made protocol's monitor.
type speaker struct {
	made
	due   vital.Instant
	begun bool
	asked bool
}

func (s *speaker) Receive(_ vital.Instant, b []byte) {
	s.asked = s.asked || len(s.question) > 0 && bytes.Contains(b, s.question)
}

func (s *speaker) Poll(now vital.Instant, _ devices.Body) ([]byte, vital.Instant) {
	if !s.begun {
		s.begun, s.due = true, now.Add(s.every)
	}
	switch {
	case s.asked:
		s.asked = false
		return s.sentence(), devices.Never
	case s.every == 0:
		return nil, devices.Never
	case now < s.due:
		return nil, s.due
	}
	s.due = s.due.Add(s.every)
	return s.sentence(), s.due
}

// The line settings of the monitors that this project means to read, with how
// often such a monitor speaks, by reference/devices.md.
func TestEveryLineSettingIsFoundInTime(t *testing.T) {
	line := func(baud, bits int, p devices.Parity) devices.Line {
		return devices.Line{Baud: baud, DataBits: bits, Parity: p, StopBits: 1, RTS: true, DTR: true}
	}
	const n, e, o = devices.NoParity, devices.EvenParity, devices.OddParity
	protocols := []made{
		{name: "second-9600", line: line(9600, 8, n), every: time.Second},
		{name: "two-seconds-9600", line: line(9600, 8, n), every: 2 * time.Second},
		{name: "asked-9600", line: line(9600, 8, n), question: []byte("?a\r")},
		{name: "fast-19200-odd", line: line(19200, 8, o), every: 50 * time.Millisecond},
		{name: "fast-115200", line: line(115200, 8, n), every: 50 * time.Millisecond},
		{name: "asked-115200", line: line(115200, 8, n), question: []byte("?b\r")},
		{name: "fast-4800-even", line: line(4800, 8, e), every: 200 * time.Millisecond},
		{name: "asked-19200-even", line: line(19200, 8, e), question: []byte("?c\r")},
		{name: "asked-9600-even", line: line(9600, 8, e), question: []byte("?d\r")},
		{name: "asked-38400", line: line(38400, 8, n), question: []byte("?e\r")},
		{name: "second-4800", line: line(4800, 8, n), every: time.Second},
		{name: "second-38400", line: line(38400, 8, n), every: time.Second},
		{name: "asked-19200", line: line(19200, 8, n), question: []byte("?f\r")},
		{name: "two-seconds-9600-odd", line: line(9600, 8, o), every: 2 * time.Second},
	}
	var subjects []drivertest.Subject
	for _, p := range protocols {
		subjects = append(subjects, drivertest.Subject{Driver: p, Monitors: []drivertest.Monitor{{
			Name: "made up", New: func() devices.Simulator { return &speaker{made: p} },
		}}})
	}
	// Someone set the first one to a speed that only others are known to use.
	subjects[0].Monitors = append(subjects[0].Monitors, drivertest.Monitor{
		Name: "at an unusual speed", Line: line(19200, 8, n), New: func() devices.Simulator { return &speaker{made: protocols[0]} },
	})
	drivertest.Find(t, subjects)
}
