package datex

import (
	"bytes"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// An alarm record: five words, of which the fifth says what is silenced; then five
// texts, each 80 bytes, changed i16, colour i16, changed i16, six words.
const (
	alarmStatus = 1
	alarmsAt    = 10
	atSilence   = 8
	alarmSlots  = 5
	alarmText   = 80
	alarmSize   = 98
	atColour    = 82
)

// A shown is an alarm text on the monitor's screen.
type shown struct {
	text   string
	colour devices.Priority
}

// priorityOf is the colour's: white 1, yellow 2, red 3. 0 is a message.
func priorityOf(colour int) devices.Priority {
	if colour < 0 || colour > int(devices.High) {
		return devices.Unsaid
	}
	return devices.Priority(colour)
}

// alarms compares what is on the screen with what was.
func (s *session) alarms(now vital.Instant, r *record, b []byte, to devices.Sink) {
	at := ""
	if !r.at.IsZero() {
		at = r.at.Format("2006-01-02T15:04:05Z")
	}
	silenced := i16(b, atSilence) != 0
	was := s.shown
	clear(s.shown[:])
	for i := range alarmSlots {
		slot := b[alarmsAt+i*alarmSize:]
		text := slot[:alarmText]
		if end := bytes.IndexByte(text, 0); end >= 0 {
			text = text[:end]
		}
		if text = bytes.TrimSpace(text); len(text) == 0 {
			continue
		}
		s.shown[i] = shown{text: string(bytes.ToValidUTF8(text, []byte("?"))), colour: priorityOf(i16(slot, atColour))}
		if !holds(&was, s.shown[i]) {
			to.Alarm(devices.Alarm{Arrived: now, MonitorTime: at, Text: s.shown[i].text, Priority: s.shown[i].colour, Silenced: silenced})
		}
	}
	for _, a := range was {
		if a.text != "" && !holds(&s.shown, a) {
			to.Alarm(devices.Alarm{Arrived: now, MonitorTime: at, Text: a.text, Priority: a.colour, Ended: true})
		}
	}
}

func holds(all *[alarmSlots]shown, a shown) bool {
	for _, b := range all {
		if a == b {
			return true
		}
	}
	return false
}
