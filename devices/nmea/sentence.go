package nmea

import (
	"bytes"
	"errors"
	"fmt"
	"time"
)

// What can be wrong with a sentence.
var (
	ErrChecksum = errors.New("the checksum is wrong")
	ErrField    = errors.New("a field is not what its sentence needs")
	ErrType     = errors.New("this type of sentence is not known")
)

// A Position is where and when a receiver says it is.
type Position struct {
	// At is the receiver's time in UTC: with its date once a sentence gave one,
	// zero before.
	At time.Time `json:"-"`
	// Valid says that there is a fix. Without one the fields below are zero.
	Valid      bool    `json:"valid"`
	Latitude   float64 `json:"latitude,omitempty"`  // degrees, north above 0
	Longitude  float64 `json:"longitude,omitempty"` // degrees, east above 0
	Altitude   float64 `json:"altitude,omitempty"`  // metres above mean sea level, when HasAltitude
	Satellites int     `json:"satellites,omitempty"`
	HDOP       float64 `json:"hdop,omitempty"` // horizontal dilution of precision
	// HasAltitude says that Altitude was given.
	HasAltitude bool `json:"has_altitude,omitempty"`
	// Simulated says that the receiver itself is in simulation mode.
	Simulated bool `json:"simulated,omitempty"`
}

const (
	sentenceMost = 120 // the standard's 82, and room for receivers that exceed it
	fieldsMost   = 40
)

// A sentence is one with a right checksum, cut into fields; f[0] is talker and type.
type sentence struct {
	f [fieldsMost][]byte
	n int
}

func (s *sentence) at(i int) []byte {
	if i >= s.n {
		return nil
	}
	return s.f[i]
}

// split checks b, from '$' or '!' to the last checksum digit, and cuts it.
func split(b []byte) (s sentence, err error) {
	if len(b) < 9 || b[0] != '$' && b[0] != '!' || b[len(b)-3] != '*' {
		return s, ErrField
	}
	sum := byte(0)
	for _, c := range b[1 : len(b)-3] {
		sum ^= c
	}
	high, ok1 := hexDigit(b[len(b)-2])
	low, ok2 := hexDigit(b[len(b)-1])
	if !ok1 || !ok2 || high<<4|low != sum {
		return s, ErrChecksum
	}
	for rest := b[1 : len(b)-3]; ; s.n++ {
		if s.n == fieldsMost {
			return s, ErrField
		}
		i := bytes.IndexByte(rest, ',')
		if i < 0 {
			s.f[s.n] = rest
			s.n++
			break
		}
		s.f[s.n], rest = rest[:i], rest[i+1:]
	}
	if len(s.f[0]) < 4 || len(s.f[0]) > 7 {
		return s, ErrField
	}
	for _, c := range s.f[0] {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return s, ErrField
		}
	}
	return s, nil
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	}
	return 0, false
}

// Parse reads one sentence, without its line end. before is the time of the last
// position with a date, zero when there was none: it dates sentences that have
// only a time of day. located is false for a sentence that is good but says no
// position (GSA, GSV). Errors match ErrChecksum, ErrField and ErrType.
func Parse(b []byte, before time.Time) (p Position, located bool, err error) {
	s, err := split(b)
	if err != nil {
		return p, false, fmt.Errorf("read a sentence: %w", err)
	}
	p, located, err = s.read(before)
	if err != nil {
		return Position{}, false, fmt.Errorf("read a sentence: %w", err)
	}
	return p, located, nil
}

func (s *sentence) read(before time.Time) (p Position, located bool, err error) {
	ok := false
	kind := s.f[0][len(s.f[0])-3:]
	switch string(kind) {
	case "GGA":
		p, ok = s.gga(before)
		located = true
	case "RMC":
		p, ok = s.rmc()
		located = true
	case "GLL":
		p, ok = s.gll(before)
		located = true
	case "GSA":
		ok = s.gsa()
	case "GSV":
		ok = whole(s.at(1)) && whole(s.at(2)) && whole(s.at(3))
	default:
		return p, false, ErrType
	}
	if !ok {
		return Position{}, false, ErrField
	}
	return p, located, nil
}

func (s *sentence) gga(before time.Time) (p Position, ok bool) {
	day, timed, ok := clock(s.at(1))
	quality := s.at(6)
	if !ok || s.n < 10 || len(quality) > 1 || len(quality) == 1 && (quality[0] < '0' || quality[0] > '8') {
		return p, false
	}
	if timed {
		p.At = dated(day, before)
	}
	if len(quality) == 0 || quality[0] == '0' {
		return p, true
	}
	p.Valid, p.Simulated = true, quality[0] == '8'
	sats, _, ok1 := number(s.at(7))
	hdop, _, ok2 := number(s.at(8))
	altitude, has, ok3 := number(s.at(9))
	p.Satellites, p.HDOP, p.Altitude, p.HasAltitude = int(sats), hdop, altitude, has
	return p, s.place(&p, 2) && ok1 && ok2 && ok3 && sats >= 0 && sats < 1000
}

func (s *sentence) rmc() (p Position, ok bool) {
	day, timed, ok := clock(s.at(1))
	status := s.at(2)
	if !ok || s.n < 10 || len(status) != 1 || status[0] != 'A' && status[0] != 'V' {
		return p, false
	}
	date, has, ok := date(s.at(9))
	if !ok {
		return p, false
	}
	if timed && has {
		p.At = date.Add(day)
	}
	mode := s.at(12)
	if len(mode) > 1 {
		return p, false
	}
	if status[0] == 'V' || len(mode) == 1 && mode[0] == 'N' {
		return p, true
	}
	p.Valid, p.Simulated = true, len(mode) == 1 && mode[0] == 'S'
	return p, s.place(&p, 3)
}

func (s *sentence) gll(before time.Time) (p Position, ok bool) {
	day, timed, ok := clock(s.at(5))
	status := s.at(6)
	if !ok || len(status) != 1 || status[0] != 'A' && status[0] != 'V' {
		return p, false
	}
	if timed {
		p.At = dated(day, before)
	}
	if status[0] == 'V' {
		return p, true
	}
	p.Valid = true
	return p, s.place(&p, 1)
}

func (s *sentence) gsa() bool {
	mode, fix := s.at(1), s.at(2)
	return s.n >= 18 && len(mode) == 1 && (mode[0] == 'A' || mode[0] == 'M') && len(fix) == 1 && fix[0] >= '1' && fix[0] <= '3'
}

// place reads latitude, N or S, longitude, E or W from field i on.
func (s *sentence) place(p *Position, i int) bool {
	lat, ok1 := degrees(s.at(i), 2, 90)
	lon, ok2 := degrees(s.at(i+2), 3, 180)
	north, east := s.at(i+1), s.at(i+3)
	if !ok1 || !ok2 || len(north) != 1 || len(east) != 1 {
		return false
	}
	switch north[0] {
	case 'S':
		lat = -lat
	case 'N':
	default:
		return false
	}
	switch east[0] {
	case 'W':
		lon = -lon
	case 'E':
	default:
		return false
	}
	p.Latitude, p.Longitude = lat, lon
	return true
}

// degrees reads ddmm.mmmm, with whole digits of degrees.
func degrees(b []byte, whole int, most float64) (float64, bool) {
	if len(b) < whole+2 {
		return 0, false
	}
	d, has, ok := number(b[:whole])
	m, hasM, okM := number(b[whole:])
	v := d + m/60
	return v, ok && okM && has && hasM && b[0] != '-' && b[whole] != '-' && m < 60 && v <= most
}

// number reads a plain decimal number; an empty field has none and is ok.
func number(b []byte) (v float64, has, ok bool) {
	if len(b) == 0 {
		return 0, false, true
	}
	negative := b[0] == '-'
	if negative {
		b = b[1:]
	}
	digits, scale, dot := 0, 1.0, false
	for _, c := range b {
		switch {
		case c == '.' && !dot:
			dot = true
		case c >= '0' && c <= '9' && digits < 15:
			digits++
			v = v*10 + float64(c-'0')
			if dot {
				scale *= 10
			}
		case c >= '0' && c <= '9' && dot: // more places than a float holds
		default:
			return 0, false, false
		}
	}
	v /= scale
	if negative {
		v = -v
	}
	return v, digits > 0, digits > 0
}

func whole(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0 && len(b) < 4
}

// clock reads hhmmss.sss; a leap second 60 is allowed.
func clock(b []byte) (d time.Duration, has, ok bool) {
	if len(b) == 0 {
		return 0, false, true
	}
	if len(b) < 6 {
		return 0, false, false
	}
	h, ok1 := two(b)
	m, ok2 := two(b[2:])
	sec, hasS, ok3 := number(b[4:])
	if !ok1 || !ok2 || !ok3 || !hasS || b[4] == '-' || h > 23 || m > 59 || sec >= 61 {
		return 0, false, false
	}
	millis := time.Duration(sec*1000 + 0.5)
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + millis*time.Millisecond, true, true
}

// date reads ddmmyy.
func date(b []byte) (t time.Time, has, ok bool) {
	if len(b) == 0 {
		return t, false, true
	}
	if len(b) != 6 {
		return t, false, false
	}
	d, ok1 := two(b)
	m, ok2 := two(b[2:])
	y, ok3 := two(b[4:])
	year := 2000 + y
	if y >= 80 {
		year = 1900 + y
	}
	t = time.Date(year, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return t, true, ok1 && ok2 && ok3 && m >= 1 && m <= 12 && t.Day() == d
}

func two(b []byte) (int, bool) {
	if len(b) < 2 || b[0] < '0' || b[0] > '9' || b[1] < '0' || b[1] > '9' {
		return 0, false
	}
	return int(b[0]-'0')*10 + int(b[1]-'0'), true
}

// dated is the time of day nearest to before, or zero without it.
func dated(day time.Duration, before time.Time) time.Time {
	if before.IsZero() {
		return time.Time{}
	}
	at := before.Truncate(24 * time.Hour).Add(day)
	switch past := at.Sub(before); {
	case past > 12*time.Hour:
		return at.Add(-24 * time.Hour)
	case past < -12*time.Hour:
		return at.Add(24 * time.Hour)
	}
	return at
}
