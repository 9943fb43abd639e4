package nellcor

import "time"

// lineMost is longer than any line known.
const lineMost = 160

// The status codes.
const (
	alarmOff = iota
	alarmSilenced
	lowBattery
	lossWithInterference
	lossOfPulse
	interference
	rateHigh
	rateLow
	pulseSearch
	satHigh
	satLow
	sensorDisconnected
	sensorOff
	codes
)

var codeOf = [codes]string{"AO", "AS", "LB", "LM", "LP", "MO", "PH", "PL", "PS", "SH", "SL", "SD", "SO"}

// A number is one column, which may be dashes.
type number struct {
	v    int
	here bool
}

// A line is what one line says.
type line struct {
	at         time.Time
	spo2, rate number
	amplitude  number
	status     [codes]bool
	ends       [3]int // columns in which the numbers end
}

var months = [...]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}

// parse reads a line of values without its end. It does not allocate.
func (l *line) parse(b []byte) (ok bool) {
	*l = line{}
	if len(b) < 18 || b[2] != '-' || b[6] != '-' || b[9] != ' ' || b[12] != ':' || b[15] != ':' || !l.clock(b) {
		return false
	}
	rest := b[18:]
	for i, n := range [...]*number{&l.spo2, &l.rate, &l.amplitude} {
		var word []byte
		if word, rest = next(rest); !n.parse(word) {
			return false
		}
		l.ends[i] = len(b) - len(rest)
		if word[len(word)-1] == '*' {
			l.ends[i]--
		}
		if i < 2 && n.here && n.v > 350 {
			return false
		}
	}
	for {
		var word []byte
		word, rest = next(rest)
		if len(word) == 0 {
			break
		}
		found := false
		for i, code := range codeOf {
			if string(word) == code && !l.status[i] {
				l.status[i], found = true, true
			}
		}
		if !found {
			return false
		}
	}
	return !l.spo2.here || l.spo2.v <= 100
}

// next takes a word and the spaces before it.
func next(b []byte) (word, rest []byte) {
	for len(b) > 0 && b[0] == ' ' {
		b = b[1:]
	}
	n := 0
	for n < len(b) && b[n] != ' ' {
		n++
	}
	return b[:n], b[n:]
}

// parse reads up to three digits, perhaps with a star, or three dashes.
func (n *number) parse(b []byte) bool {
	if len(b) > 1 && b[len(b)-1] == '*' {
		b = b[:len(b)-1]
	}
	if string(b) == "---" {
		return true
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
		n.v = n.v*10 + int(c-'0')
	}
	n.here = true
	return len(b) >= 1 && len(b) <= 3
}

// clock reads DD-Mon-YY HH:MM:SS.
func (l *line) clock(b []byte) bool {
	two := func(i int) int {
		if b[i] < '0' || b[i] > '9' || b[i+1] < '0' || b[i+1] > '9' {
			return 100
		}
		return int(b[i]-'0')*10 + int(b[i+1]-'0')
	}
	month := 0
	for i, name := range months {
		if string(b[3:6]) == name {
			month = i + 1
		}
	}
	day, year, hour, minute, second := two(0), two(7), two(10), two(13), two(16)
	if month == 0 || year > 99 || hour > 23 || minute > 59 || second > 59 {
		return false
	}
	l.at = time.Date(2000+year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	return l.at.Day() == day
}
