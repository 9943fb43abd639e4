package nonin

// Format is one of Nonin's ways of speaking.
type Format uint8

// The formats. Text is the printable lines of the tabletop and handheld models.
const (
	None Format = iota
	DF1
	DF2
	DF7
	DF8
	DF13
	Text
)

// String is Nonin's name of the format.
func (f Format) String() string {
	return [...]string{"none", "DF1", "DF2", "DF7", "DF8", "DF13", "text"}[min(f, Text)]
}

// FormatNamed is the format called name, as String gives it, or None.
func FormatNamed(name string) Format {
	for f := DF1; f <= Text; f++ {
		if f.String() == name {
			return f
		}
	}
	return None
}

// The status byte of formats 2 and 7.
const (
	statusSet    = 0x80 // always 1
	statusOff    = 0x40 // sensor disconnected (SNSD)
	statusMoving = 0x20 // artefact (ARTF)
	statusLost   = 0x10 // out of track (OOT)
	statusAlarm  = 0x08 // sensor alarm (SNSA): unusable signal, such as no finger
	statusRed    = 0x04 // low perfusion; with green, marginal
	statusGreen  = 0x02
	statusSync   = 0x01 // first frame of a packet
)

// The status byte of formats 1 and 8; its low two bits are the rate's high ones.
const (
	shortOff    = 0x40
	shortLost   = 0x20
	shortLow    = 0x10 // low perfusion
	shortMoving = 0x04
)

// The second status byte, in frame 8 of a packet and last in format 8.
const (
	status2Battery  = 0x01 // low
	status2Critical = 0x02 // format 8: about to switch off
	status2Alarm    = 0x08 // format 8: sensor alarm
	status2Known    = 0x2f // bits any source gives a meaning
)

// Where in a packet's data bytes the numbers stand, counted from 0.
const (
	atRateHigh = 0
	atRateLow  = 1
	atSpO2     = 2
	atFirmware = 3
	atStatus2  = 7

	packetFrames = 25
)

const (
	noRate = 511
	noSpO2 = 127
	// What the oximeter can measure, in beats a minute.
	leastRate = 18
	mostRate  = 321
)

// A Frame is one of format 2 or 7.
type Frame struct {
	Status byte
	Pleth  uint16 // 0..255 in format 2, 0..65535 in format 7
	Data   byte   // its meaning depends on the frame's place in the packet
}

// ParseFrame reads one frame of five bytes; f is DF2 or DF7. ok is false when its
// fixed bits or its checksum are wrong.
func ParseFrame(f Format, b []byte) (_ Frame, ok bool) {
	if len(b) != 5 || b[0]+b[1]+b[2]+b[3] != b[4] {
		return Frame{}, false
	}
	switch {
	case f == DF2 && b[0] == 0x01 && b[1]&statusSet != 0:
		return Frame{Status: b[1], Pleth: uint16(b[2]), Data: b[3]}, true
	case f == DF7 && b[0]&statusSet != 0:
		return Frame{Status: b[0], Pleth: uint16(b[1])<<8 | uint16(b[2]), Data: b[3]}, true
	}
	return Frame{}, false
}

// size is the length of a frame of the formats that have one.
func (f Format) size() int {
	switch f {
	case DF1:
		return 3
	case DF2, DF7:
		return 5
	case DF8:
		return 4
	}
	return 0
}

// good reports whether b, of f's size, can be a frame.
func (f Format) good(b []byte) bool {
	switch f {
	case DF2, DF7:
		_, ok := ParseFrame(f, b)
		return ok
	case DF8:
		return b[3]&^status2Known == 0 && goodShort(b[:3])
	case DF1:
		return goodShort(b)
	}
	return false
}

// goodShort checks what can be checked of status, rate and SpO2: the top bits,
// and values that no oximeter sends.
func goodShort(b []byte) bool {
	rate := rateOf(b[0], b[1])
	return b[0]&0x80 != 0 && b[1]&0x80 == 0 && b[2]&0x80 == 0 &&
		(rate <= mostRate || rate == noRate) && (b[2] <= 100 || b[2] == noSpO2)
}

// rateOf joins the nine bits of a rate.
func rateOf(high, low byte) int { return int(high&0x03)<<7 | int(low&0x7f) }

// likely reports whether b, of f's size, is a good frame that also says what a
// well-placed oximeter says. Where no checksum tells, a format is not believed on
// anything less: a line that picks up hum is full of zeros.
func (f Format) likely(b []byte) bool {
	if !f.good(b) {
		return false
	}
	return f == DF2 || f == DF7 || rateOf(b[0], b[1]) >= leastRate && b[2] > 0
}

// run counts the likely frames of f at the front of b. broken says that a whole
// frame follows which is not.
func (f Format) run(b []byte) (frames int, broken bool) {
	for size := f.size(); len(b) >= size; b = b[size:] {
		if !f.likely(b[:size]) {
			return frames, true
		}
		frames++
	}
	return frames, false
}
