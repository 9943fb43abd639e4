package hl7

import (
	"bytes"
	"hash/maphash"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// Driver is that of monitors that send HL7, see the package comment.
type Driver struct{}

// Name is "hl7".
func (Driver) Name() string { return "hl7" }

// Hints says where to look.
func (Driver) Hints() devices.Hints {
	return devices.Hints{
		TCP:      []int{2575}, // IANA's for HL7; monitors are set to any
		Quiet:    70 * time.Second,
		Proven:   true,
		Evidence: "one message each of a real Mindray VS-900 and GE B40; Comen's dialect and alerts follow descriptions only",
	}
}

var (
	head   = []byte("MSH|^~\\&|")
	result = []byte("|ORU^R")
)

// Sender is who sends the message at the front of b, framed or bare: its facility
// and its application, in printable words. more says that b does not hold that yet;
// with neither, b is no message. Nothing of a patient stands before it.
func Sender(b []byte) (who string, more bool) {
	b = bytes.TrimLeft(b, "\x0b\r\n")
	n := min(len(b), len(head))
	if !bytes.Equal(b[:n], head[:n]) {
		return "", false
	}
	if bytes.Count(b, []byte{'|'}) < 4 { // the facility has not ended
		return "", !bytes.ContainsRune(b, '\r')
	}
	facility := appendWords(nil, field(b, 3))
	who = string(bytes.TrimSpace(appendWords(append(facility, ' '), field(b, 2))))
	if who == "" {
		who = "unnamed"
	}
	return who, false
}

// Recognise looks for the head of a message and its type.
func (Driver) Recognise(heard []byte, _ devices.Line) devices.Confidence {
	i := bytes.Index(heard, head)
	if i < 0 {
		return 0
	}
	for rest := heard[i:]; len(rest) > 0; {
		line, after, whole := bytes.Cut(rest, []byte{'\r'})
		if bytes.HasPrefix(line, head) && bytes.Contains(line, result) && whole {
			return 95
		}
		rest = after
	}
	return 30
}

// Open starts a conversation.
func (Driver) Open(listenOnly bool) devices.Session {
	return &session{listenOnly: listenOnly, names: make(map[string]string), seed: maphash.MakeSeed()}
}

const (
	messageMost = 64 << 10
	// pauseAfter ends a bare message that nothing follows: ten times what a gap
	// inside one could be on a local network.
	pauseAfter = 500 * time.Millisecond
	namesMost  = 256

	startBlock, endBlock = 0x0b, 0x1c
)

type session struct {
	listenOnly bool
	buf        [messageMost]byte
	held       int
	framed     bool // what is held began with 0B
	last       vital.Instant
	skipping   bool
	counters   devices.Counters

	who    vital.Provenance
	bed    string            // where the messages that are read come from, as PV1-3 says
	bedAt  vital.Instant     // when the last of them came
	others bool              // messages of other beds were said not to be read
	names  map[string]string // raw names, so that a steady stream costs no memory
	seed   maphash.Seed
	before uint64 // of the last message, to know a repeat
	seen   []seen
	reply  []byte

	scratch []byte
}

// seen is a sign that the message being read has given.
type seen struct {
	sign  vital.Sign
	site  vital.Site
	value vital.Decimal
	ok    bool
}

// Counters is what the session has seen.
func (s *session) Counters() devices.Counters { return s.counters }

// Receive takes bytes that arrived at now.
func (s *session) Receive(now vital.Instant, b []byte, to devices.Sink) {
	s.last = now
	for _, c := range b {
		switch {
		case c == startBlock:
			s.end(now, to, false)
			s.framed = true
			continue
		case c == endBlock:
			s.end(now, to, s.framed)
			continue
		case c == '\n' || c == '\r' && s.held == 0:
			continue
		case s.held == len(s.buf):
			s.counters.Bad++
			s.drop()
		}
		s.buf[s.held] = c
		s.held++
		switch {
		case s.held <= len(head):
			if c != head[s.held-1] {
				s.drop()
				if c == head[0] {
					s.buf[0], s.held = c, 1
				}
			}
		case !s.framed && bytes.HasSuffix(s.buf[:s.held], head) && s.buf[s.held-len(head)-1] == '\r':
			s.held -= len(head)
			s.end(now, to, false)
			s.held = copy(s.buf[:], head)
		}
	}
}

// drop gives up what is held.
func (s *session) drop() {
	s.held = 0
	if !s.skipping {
		s.skipping = true
		s.counters.Resync++
	}
}

// Poll acknowledges, and ends a bare message that nothing followed.
func (s *session) Poll(now vital.Instant, to devices.Sink) (send []byte, again vital.Instant) {
	again = devices.Never
	if s.held > 0 && !s.framed {
		if end := s.last.Add(pauseAfter); now < end {
			again = end
		} else {
			s.end(now, to, false)
		}
	}
	if len(s.reply) > 0 {
		send = append(send, s.reply...)
		s.reply = s.reply[:0]
	}
	return send, again
}

// end takes what is held as one message. closed says that its end was marked; if
// not, a last segment without its CR is cut off.
func (s *session) end(now vital.Instant, to devices.Sink, closed bool) {
	b, framed := s.buf[:s.held], s.framed
	s.held, s.framed = 0, false
	if len(b) == 0 {
		return
	}
	if !closed && b[len(b)-1] != '\r' {
		s.counters.Bad++
		b = b[:bytes.LastIndexByte(b, '\r')+1]
	}
	s.message(now, b, framed, to)
}

func (s *session) message(now vital.Instant, b []byte, framed bool, to devices.Sink) {
	msh, rest, _ := bytes.Cut(b, []byte{'\r'})
	kind := field(msh, 8)
	results, alert := bytes.HasPrefix(kind, []byte("ORU^R01")), bytes.HasPrefix(kind, []byte("ORU^R40"))
	if !bytes.HasPrefix(msh, head) || len(kind) < 3 || len(field(msh, 9)) == 0 {
		s.counters.Bad++
		s.drop()
		return
	}
	s.skipping = false
	s.counters.Frames++
	s.acknowledge(msh, framed, results || alert)
	sum := maphash.Bytes(s.seed, b)
	if sum == s.before {
		return // sent again because the acknowledgement was lost
	}
	s.before = sum
	sole := bytes.Count(b, []byte("\rPID|")) <= 1
	mine := s.at(now, placeIn(rest), sole, to)
	if mine {
		s.identify(msh, to)
	}
	m := message{arrived: now, demo: string(component(field(msh, 10), 1)) != "P"}
	m.at, _ = moment(field(msh, 6))
	s.seen = s.seen[:0]
	var a alarm
	patients := 0
	for len(rest) > 0 {
		var segment []byte
		segment, rest, _ = bytes.Cut(rest, []byte{'\r'})
		switch {
		case is(segment, "PID"):
			if patients++; patients > 1 {
				mine = s.at(now, placeIn(rest), sole, to)
			}
		case !mine:
		case is(segment, "OBR"):
			if t, ok := moment(field(segment, 7)); ok {
				m.at = t
			}
		case !is(segment, "OBX"):
		case results:
			s.result(m, segment, to)
		case alert:
			a.take(segment)
		}
	}
	switch {
	case alert && a.named:
		to.Alarm(devices.Alarm{Arrived: now, MonitorTime: stamp(m.at), Text: s.name(a.text), Priority: a.priority, Technical: a.technical, Ended: a.ended})
	case !results:
		s.counters.Unknown++
	}
}

// placeIn is the bed that the segments are of, as the first PV1-3 up to the next
// patient says; nil where none does.
func placeIn(segments []byte) []byte {
	for len(segments) > 0 {
		var segment []byte
		segment, segments, _ = bytes.Cut(segments, []byte{'\r'})
		if is(segment, "PV1") {
			return field(segment, 3)
		}
		if is(segment, "OBX") {
			break
		}
	}
	return nil
}

// bedFor is how long the bed that is read may be silent before another takes its
// place: above the longest time between two messages of a monitor.
const bedFor = 70 * time.Second

// at says whether what comes from a place is to be read: one connection is one
// patient's. A gateway that sends several beds through one connection would mix
// them; the first is read, and the others are said not to be. A message of a sole
// patient that names no place, as alerts may, is of the bed that is read, if no
// other was heard.
func (s *session) at(now vital.Instant, place []byte, sole bool, to devices.Sink) bool {
	s.scratch = appendWords(s.scratch[:0], place)
	bed := s.name(s.scratch)
	if bed == "" && sole && s.bedAt != 0 && !s.others {
		s.bedAt = max(now, 1)
		return true
	}
	if s.bedAt == 0 || s.bed == "" && sole || bed == s.bed || now.Sub(s.bedAt) >= bedFor {
		s.bed, s.bedAt = bed, max(now, 1)
		return true
	}
	s.counters.Unknown++
	if !s.others {
		s.others = true
		to.Alarm(devices.Alarm{Arrived: now, Text: "other beds on this connection are not read", Priority: devices.Medium, Technical: true})
	}
	return false
}

// appendWords adds a field's printable text, its components parted by a space.
func appendWords(to, f []byte) []byte {
	from := len(to)
	for _, c := range f[:min(len(f), 80)] {
		switch {
		case c > ' ' && c <= '~' && c != '^':
			to = append(to, c)
		case len(to) > from && to[len(to)-1] != ' ':
			to = append(to, ' ')
		}
	}
	return bytes.TrimRight(to, " ")
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

// name is b as a string, without new memory for what was said before.
func (s *session) name(b []byte) string {
	b = b[:min(len(b), 120)]
	if text, ok := s.names[string(b)]; ok {
		return text
	}
	if len(s.names) >= namesMost {
		clear(s.names)
	}
	text := string(b)
	s.names[text] = text
	return text
}

// identify says who speaks: the sending application is the model and, after ^, its
// EUI-64; the sending facility is the make, when it is given. The bed belongs to the
// serial number: through one gateway, two beds are two instruments.
func (s *session) identify(msh []byte, to devices.Sink) {
	app, facility := field(msh, 2), field(msh, 3)
	who := vital.Provenance{Make: s.name(component(facility, 1)), Model: s.name(component(app, 1)), Serial: s.name(component(app, 2))}
	if who.Make == "" && bytes.HasPrefix(app, []byte("MINDRAY")) {
		who.Make = "Mindray"
	}
	if s.bed != "" {
		s.scratch = append(append(append(s.scratch[:0], who.Serial...), " bed "...), s.bed...)
		who.Serial = s.name(s.scratch)
	}
	if who != s.who {
		s.who = who
		to.Monitor(who)
	}
}

// acknowledge prepares the answer: a commit where MSH-15 asks for one, an
// application's where MSH-16 does, or where neither says anything (original mode). A
// kind of message that is not read is rejected, so that nobody takes it for kept.
func (s *session) acknowledge(msh []byte, framed, read bool) {
	accept, application := string(field(msh, 14)), string(field(msh, 15))
	if s.listenOnly || !framed {
		return
	}
	outcome := byte('A')
	if !read {
		outcome = 'R'
	}
	id, trigger := component(field(msh, 9), 1), component(field(msh, 8), 2)
	add := func(mode byte) {
		r := append(s.reply, startBlock)
		r = append(append(r, "MSH|^~\\&|FIELDKIT||"...), field(msh, 2)...)
		r = append(append(append(r, '|'), field(msh, 3)...), '|')
		r = append(append(append(r, field(msh, 6)...), "||ACK^"...), trigger...)
		r = append(append(append(r, "^ACK|"...), id...), '|')
		r = append(append(append(r, field(msh, 10)...), '|'), field(msh, 11)...)
		r = append(append(r, "\rMSA|"...), mode, outcome, '|')
		s.reply = append(append(r, id...), '\r', endBlock, '\r')
	}
	refused := !read
	switch {
	case accept == "AL", accept == "ER" && refused, accept == "SU" && !refused:
		add('C')
	case accept == "" && application == "":
		add('A')
	}
	if application == "AL" || application == "ER" && refused || application == "SU" && !refused {
		add('A')
	}
}
