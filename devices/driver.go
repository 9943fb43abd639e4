package devices

import (
	"fmt"
	"time"

	"fieldkit/triage/vital"
)

// A Driver is one protocol. Drivers are values without state, safe for
// concurrent use; they are listed by hand in app/kit, never registered.
type Driver interface {
	// Name is the protocol's name on the command line and in provenance: "nonin".
	Name() string
	// Hints says where and how to look for this monitor.
	Hints() Hints
	// Recognise says how sure it is that heard, received on a line set to l (zero
	// where there is no line to set), came from this protocol. It is pure, and cheap enough to be asked again as more
	// arrives. heard may start in the middle of a frame.
	Recognise(heard []byte, l Line) Confidence
	// Open starts a conversation. listenOnly promises that Poll never gives bytes:
	// the line is shared with another system.
	Open(listenOnly bool) Session
}

// A DatagramDriver is a Driver whose monitors speak otherwise in datagrams than on
// a line. Only drivers with [Hints].UDP are asked about ports of datagrams.
type DatagramDriver interface {
	Driver
	// OverDatagrams is the driver for such ports: its Ask is one message, its
	// sessions are given one message by each Receive and give one by each Poll.
	OverDatagrams() Driver
}

// A Session is one conversation with one monitor, as a state machine on the
// caller's clock. It is not safe for concurrent use.
type Session interface {
	// Receive takes bytes that arrived at now, cut anywhere, and hands what they
	// mean to to before it returns. It keeps no reference to b. Any input is
	// accepted; what cannot be understood is counted.
	Receive(now vital.Instant, b []byte, to Sink)
	// Poll gives what must be sent at now (nil for nothing) and the latest time at
	// which it wants to be asked again. It may report, through to, that the
	// monitor has gone silent. The bytes are valid until the next call.
	Poll(now vital.Instant, to Sink) (send []byte, again vital.Instant)
	// Counters is what the session has seen so far.
	Counters() Counters
}

// Never is a time at which nothing is due.
const Never = vital.Instant(1<<63 - 1)

// A Sink takes what a session understood. Slices are valid only during the call;
// keep a copy.
type Sink interface {
	Reading(vital.Reading)
	Waveform(vital.Waveform)
	Alarm(Alarm)
	// Monitor says who is speaking, when first known and whenever it changes.
	Monitor(vital.Provenance)
}

// An Alarm is what the monitor itself signals. Ours are in triage/alarm.
type Alarm struct {
	Arrived     vital.Instant
	MonitorTime string // RFC 3339, "" when the monitor sent none
	Text        string // the monitor's own words or the protocol's name for the bit
	Priority    Priority
	Technical   bool // about the equipment, not the patient
	Ended       bool // the condition is over
	Silenced    bool // at the monitor
}

// Priority is an alarm's, as in IEC 60601-1-8.
type Priority uint8

// The priorities. Unsaid is for monitors that do not tell.
const (
	Unsaid Priority = iota
	Low
	Medium
	High
)

// String is the priority in a word.
func (p Priority) String() string {
	return [...]string{"", "low", "medium", "high"}[min(p, High)]
}

// Counters counts what a session saw. Bytes that could not be understood are
// never dropped without being counted here.
type Counters struct {
	Frames  uint64 // understood
	Bad     uint64 // shaped like a frame, but checksum, length or content was wrong
	Resync  uint64 // times bytes had to be skipped to find the next frame
	Unknown uint64 // good frames or parameters whose meaning this version does not know
}

// Confidence is how sure a driver is that it knows who speaks: 0 not at all, 100
// certain. Below Sure nothing is opened without a person.
type Confidence uint8

// Sure is enough to open a session by itself.
const Sure Confidence = 80

// Hints says where a monitor may be found.
type Hints struct {
	Lines []Line  // settings to try, likeliest first; empty for no serial line
	USB   []USBID // adapters known to be built in or sold with it
	TCP   []int   // ports it listens on or dials to
	UDP   []int
	// Ask is what may be sent, without any effect on monitor or patient, to make
	// it answer; nil when it must only be listened to.
	Ask []byte
	// Quiet is how long a working monitor may go without a good frame before it
	// counts as gone; 0 is [DefaultQuiet]. Give more only for monitors that speak
	// less than once a second.
	Quiet time.Duration
	// Proven is true when the driver was tested on bytes of real monitors that
	// this project did not make. Evidence says which.
	Proven   bool
	Evidence string
}

// DefaultQuiet leaves room for one late frame of a monitor that speaks once a
// second, and for saying that it is gone within 2 s.
const DefaultQuiet = 1900 * time.Millisecond

// USBID is a USB vendor and product.
type USBID struct{ Vendor, Product uint16 }

// Line is the setting of a serial line.
type Line struct {
	Baud     int
	DataBits int // 7 or 8
	Parity   Parity
	StopBits int  // 1 or 2
	RTS, DTR bool // raised after opening
}

// String is the setting as people write it: "9600 8N1". The zero Line is "".
func (l Line) String() string {
	if l.Baud == 0 {
		return ""
	}
	return fmt.Sprintf("%d %d%c%d", l.Baud, l.DataBits, l.Parity, l.StopBits)
}

// Parity of a serial line.
type Parity byte

// The parities.
const (
	NoParity   Parity = 'N'
	OddParity  Parity = 'O'
	EvenParity Parity = 'E'
)

// A Simulator is a protocol's monitor side for tests, training and
// demonstrations: it speaks the real wire bytes. It is a state machine on the
// caller's clock, like Session, and equal inputs give equal bytes.
type Simulator interface {
	// Receive takes what the host sent.
	Receive(now vital.Instant, b []byte)
	// Poll gives the bytes that leave the monitor at now and the time of the next.
	// Signals gives what the patient's body does at that moment.
	Poll(now vital.Instant, body Body) (send []byte, again vital.Instant)
}

// A Body gives a simulated patient's signs and waves at a moment. devices/sim
// has the physiology; a constant one does for tests.
type Body interface {
	// Reading is the sign's value at t, or why a monitor would have none.
	Reading(s vital.Sign, t vital.Instant) vital.Reading
	// Sample is the lead's physical value at t, in mV, %, mmHg or the like, and
	// false when there is none (lead off).
	Sample(l vital.Lead, t vital.Instant) (v float64, ok bool)
}
