package wave

import (
	"errors"
	"time"

	"fieldkit/triage/vital"
)

var (
	// ErrFrame reports bytes that are no frame of this version. Drop them, count
	// them; the exchange brings the record.
	ErrFrame = errors.New("not a live frame")
	// ErrVersion reports a frame of another version. Update the older station.
	ErrVersion = errors.New("live frame of another version")
	// ErrNotDescribed reports a frame whose description has not arrived. Show
	// nothing of it; the description comes within a second.
	ErrNotDescribed = errors.New("live frame not yet described")
	// ErrTooLarge reports input beyond the bounds of the format.
	ErrTooLarge = errors.New("too much for one live frame")
)

// The bounds of the format. A frame of a usual monitor is 40 to 300 bytes; an
// RTP packet holds about 1150.
const (
	MaxFrame    = 16 << 10 // bytes
	MaxWaves    = 64
	MaxSamples  = 8192 // of all waves in one frame
	MaxLate     = 4096 // milliseconds from Frame.Time to a wave's first sample
	MaxGaps     = 64   // of one wave in one frame
	MaxNumerics = 256
	MaxAlarms   = 64
	MaxText     = 255 // bytes of one name or text
)

// A Binding is whose data a frame carries. Equal bindings are the same patient,
// on the same monitor, at the same station, since the same start.
type Binding struct {
	Encounter [16]byte // chart.ID
	Station   [32]byte // chart.Device
	Boot      [16]byte // names the start of the station whose clock Frame.Time is
	Epoch     [16]byte // chart.Epoch: the station's log that Frame.Disk counts in
	Tag       string   // the patient's tag, as on the triage label
	Monitor   string   // make and model
	CallSign  string
	Demo      bool // demonstration or training, never a patient
}

// A Frame is one tenth of a second.
type Frame struct {
	Seq     uint64        // counts the frames of one stream, from 1
	Time    vital.Instant // of the station's clock, whole milliseconds: the tenth's start
	Binding Binding
	// Ended says that the binding is over: clear the tile. Nothing else comes with it.
	Ended bool
	// Waves are runs of samples, each Arrived at Time or up to MaxLate ms after.
	Waves []vital.Waveform
	// Numerics are all of them when Full, else those that changed; a numeric is
	// named by sign, site and raw name. Full replaces what was known before.
	Numerics []vital.Reading
	Full     bool
	// Alarms are all that stand, when AlarmsTold; else nothing changed.
	Alarms     []Alarm
	AlarmsTold bool
	// Disk is the last sequence of Binding.Epoch that is on disk, when DiskTold.
	Disk     uint64
	DiskTold bool
	// Wall is the station's wall time at Time, zero when not told.
	Wall  time.Time
	Trust uint8 // chart.Trust: where the wall time comes from
}

// An Alarm is one that stands.
type Alarm struct {
	ID           uint32 // the same while it stands
	Priority     uint8  // as IEC 60601-1-8: 0 not said, 1 low, 2 medium, 3 high
	Technical    bool   // about the equipment, not the patient
	Acknowledged bool
	Silenced     bool   // at the monitor
	Text         string // in words
}

// The flags of a frame's second byte.
const (
	flagDescription = 1 << iota
	flagWaves
	flagNumerics
	flagFull
	flagAlarms
	flagDisk
	flagWall
	flagEnded
)

// The flags of a numeric.
const (
	numericValue = 1 << iota
	numericQuestionable
	numericUnit // else the sign's own
	numericSite
	numericAperiodic
	numericScale = 5 // shift: three bits of minus the exponent, 7 for one that follows
)

// The flags of an alarm, above two bits of priority.
const (
	alarmTechnical = 1 << (2 + iota)
	alarmAcknowledged
	alarmSilenced
)

// What a wave's description holds beyond lead, rate, scale and offset.
const (
	waveUnit = 1 << iota // else the lead's own
	waveRange
	waveRaw
)
