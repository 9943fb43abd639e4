package gatt

import (
	"bytes"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// Driver reads payloads as text, see the package comment.
type Driver struct{}

// Name is "gatt".
func (Driver) Name() string { return "gatt" }

// Hints says that this is found on no port of its own.
func (Driver) Hints() devices.Hints {
	return devices.Hints{
		Quiet:    20 * time.Minute, // the radio says when a device is gone; a cuff speaks when it has measured
		Evidence: "payloads with their meaning from Nordic Semiconductor's unit tests (heart rate, thermometer, blood pressure); the rest as the services describe; no bytes of real devices",
	}
}

// Recognise looks for three lines in a row, each with a characteristic that is
// known and a payload of its shape.
func (Driver) Recognise(heard []byte, _ devices.Line) devices.Confidence {
	var r Receiver
	var room [512]byte
	good, best := 0, 0
	for text := range bytes.SplitSeq(heard, []byte{'\n'}) {
		c, payload, ok := parseLine(bytes.TrimRight(text, "\r"), room[:0])
		if ok && r.Take(0, c, payload, nothing{}) == nil {
			good++
			best = max(best, good)
		} else {
			good = 0
		}
	}
	switch {
	case best >= 3:
		return 86
	case best > 0:
		return 20
	}
	return 0
}

// Open starts a conversation.
func (Driver) Open(bool) devices.Session { return &session{} }

// nothing is a Sink that keeps nothing.
type nothing struct{}

func (nothing) Reading(vital.Reading)    {}
func (nothing) Waveform(vital.Waveform)  {}
func (nothing) Alarm(devices.Alarm)      {}
func (nothing) Monitor(vital.Provenance) {}
