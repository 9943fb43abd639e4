package exchange

import (
	"bytes"
	"net"
	"testing"
	"time"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// decode reads a message of a kind as a session does and writes it again.
func decode(k kind, r *reader) (again func(*writer)) {
	switch k {
	case kindHello:
		return readHello(r).append
	case kindPong:
		return readPong(r).append
	case kindDevices:
		return readDevices(r).append
	case kindVector:
		return readVector(r).append
	case kindWant:
		m := readWants(r)
		return func(w *writer) { appendWants(w, m) }
	case kindDone:
		return readDone(r).append
	case kindHave:
		m := readHave(r)
		return func(w *writer) { appendHave(w, m) }
	case kindPieces:
		return readPieces(r, journal.TeamID{}).append
	case kindBodies:
		return readBodies(r).append
	case kindAbsent:
		m := readAbsent(r)
		return func(w *writer) { appendAbsent(w, m) }
	}
	return nil
}

// FuzzMessage holds the decoders to: no panic, and what is read is exactly what
// was there.
func FuzzMessage(f *testing.F) {
	k := epochKey{chart.Device{1}, journal.Chart, chart.Epoch{2}}
	at := reach{k, 300, [8]byte{4}}
	piece := journal.Piece{Head: journal.Head{Device: k.device, Log: k.log, Epoch: k.epoch, Seq: 7}, Records: []journal.Record{
		{Envelope: []byte("envelope"), Body: []byte("body")}, {Envelope: []byte("envelope"), Absent: chart.Withheld},
	}, Seal: journal.Seal{Seq: 9}}
	for k, fill := range map[kind]func(*writer){
		kindHello:   hello{newest: 1, life: make([]byte, 8)}.append,
		kindPong:    pong{sent: 5, came: time.Unix(1, 2), left: time.Unix(3, 4)}.append,
		kindDevices: devices{last: true, answer: true, list: make([]deviceDigest, 2)}.append,
		kindVector:  vector{whole: true, device: k.device, list: []reach{at}}.append,
		kindWant:    func(w *writer) { appendWants(w, []want{{id: 1, epoch: k, after: 2, upto: 300}}) },
		kindDone:    done{5, true}.append,
		kindHave:    func(w *writer) { appendHave(w, []reach{at, at}) },
		kindPieces:  pieces{3, []journal.Piece{piece}}.append,
		kindBodies:  bodies{4, []bodiesHeld{{k, 300, Tally{5, 6}}}}.append,
		kindAbsent:  func(w *writer) { appendAbsent(w, want{id: 1, epoch: k, upto: 300, absent: []run{{2, 2}, {4, 300}}}) },
	} {
		var w writer
		fill(&w)
		f.Add(byte(k), w.b)
		f.Add(byte(k), w.b[:len(w.b)-1])
	}
	f.Fuzz(func(t *testing.T, k byte, b []byte) {
		r := &reader{b: b}
		again := decode(kind(k), r)
		if again == nil || r.bad {
			return
		}
		var w writer
		again(&w)
		used := b[:len(b)-len(r.b)]
		if kind(k) == kindDevices || kind(k) == kindVector || kind(k) == kindDone || kind(k) == kindPieces {
			// Flag bytes of a later version may hold more bits, and an absent body's
			// reason more values.
			if len(w.b) != len(used) {
				t.Errorf("kind %d: read %d bytes, wrote %d", k, len(used), len(w.b))
			}
		} else if !bytes.Equal(w.b, used) {
			t.Errorf("kind %d: read %x, wrote %x", k, used, w.b)
		}
	})
}

// FuzzFrames holds the frame reader to: no panic, and never more memory than the
// limits allow.
func FuzzFrames(f *testing.F) {
	f.Add([]byte{0, 0, 0, 2, byte(kindPing), 9}, true)
	f.Add([]byte{255, 255, 255, 255, byte(kindPieces)}, true)
	f.Add([]byte(newFrame(kindHave, func(w *writer) { w.raw(make([]byte, 4096)) })), true)
	f.Add([]byte(newFrame(kindHello, hello{}.append)), false)
	f.Fuzz(func(t *testing.T, b []byte, greeted bool) {
		c := script{Reader: bytes.NewReader(b)}
		in := &frames{conn: c, by: &deadlines{conn: c}, greeted: greeted}
		for {
			k, m, err := in.next()
			if err != nil {
				return
			}
			if len(m) > maxPieces || k != kindPieces && len(m) > maxControl {
				t.Fatalf("kind %d came with %d bytes", k, len(m))
			}
		}
	})
}

// A script is a connection that says what was written down.
type script struct {
	*bytes.Reader
	net.Conn
}

func (s script) Read(b []byte) (int, error)      { return s.Reader.Read(b) }
func (s script) SetReadDeadline(time.Time) error { return nil }

var _ net.Conn = script{}

func TestEveryRefusalHasASentenceForBothSides(t *testing.T) {
	for r := Unknown; r <= NotStored; r++ {
		for side, s := range sentences[r] {
			if len(s) < 20 {
				t.Errorf("refusal %d says %q to side %d", r, s, side)
			}
		}
	}
	if Told(200).Error() == "" || Refusal(0).Error() == "" {
		t.Error("a reason of a later version says nothing")
	}
}

// RFC 5905, section 8: the offset is the mean of both ways' differences, the
// delay what is left of the round trip.
func TestTheClockFilterBelievesTheShortestRoundTrip(t *testing.T) {
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	s := measured(100*time.Millisecond, at.Add(30050*time.Millisecond), at.Add(30060*time.Millisecond), at.Add(100*time.Millisecond))
	if s.offset != 30005*time.Millisecond || s.trip != 90*time.Millisecond {
		t.Errorf("asked at 0, came at 30.050, left at 30.060, answered at 0.100: %+v", s)
	}
	var f clockFilter
	f.add(sample{offset: 5, trip: 40}, 0)
	f.add(sample{offset: 90, trip: 900}, pingEvery)
	if got := f.add(sample{offset: 70, trip: 700}, 2*pingEvery); got.offset != 5 {
		t.Errorf("believed %+v", got)
	}
	for i := range time.Duration(100) { // a busy line, for a while: all these count as one
		if got := f.add(sample{offset: 80, trip: 800}, 3*pingEvery+i); got.offset != 5 {
			t.Errorf("after %d hasty samples, believed %+v", i, got)
		}
	}
	if got := f.add(sample{offset: 6, trip: 30}, 3*pingEvery+200); got.offset != 6 {
		t.Errorf("a better sample among them is not believed: %+v", got)
	}
	for i := range time.Duration(len(f.samples)) {
		f.add(sample{offset: 8, trip: 60}, (4+i)*pingEvery)
	}
	if got := f.add(sample{offset: 8, trip: 60}, 20*pingEvery); got.offset != 8 {
		t.Errorf("an old sample is still believed: %+v", got)
	}
}
