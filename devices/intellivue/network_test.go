package intellivue

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/triage/vital"
)

var overNetwork = Driver{}.OverDatagrams()

// onNetwork lets a monitor and a session talk in datagrams, each of which lose may
// lose on its way.
func onNetwork(t *testing.T, m *Simulator, d time.Duration, lose func(fromMonitor bool, datagram []byte) bool) (*drivertest.Events, devices.Session) {
	t.Helper()
	got, s := &drivertest.Events{}, overNetwork.Open(false)
	for now := vital.Instant(0); now < vital.Instant(d); now = now.Add(20 * time.Millisecond) {
		for again := now; again <= now; {
			var send []byte
			if send, again = s.Poll(now, got); len(send) == 0 {
				break
			}
			oneMessage(t, send)
			if !lose(false, send) {
				m.Receive(now, send)
			}
		}
		for again := now; again <= now; {
			var b []byte
			if b, again = m.Poll(now, drivertest.Body{}); len(b) == 0 {
				break
			}
			oneMessage(t, b)
			if !lose(true, b) {
				s.Receive(now, b, got)
			}
		}
	}
	return got, s
}

// oneMessage holds a datagram to be one message.
func oneMessage(t *testing.T, b []byte) {
	t.Helper()
	n := lengthOf(b, true)
	if b[0] == sessionConnect {
		n = 2 + int(b[1])
	}
	if n != len(b) {
		t.Fatalf("a datagram of %d bytes holds a message of %d", len(b), n)
	}
}

func TestEachDatagramIsOneMessage(t *testing.T) {
	e, s := onNetwork(t, NewSimulator(true), time.Minute, func(bool, []byte) bool { return false })
	if n, _ := count(e, vital.HeartRate); n < 50 || s.Counters().Bad != 0 || s.Counters().Resync != 0 {
		t.Errorf("%d heart rates in a minute, %+v", n, s.Counters())
	}
}

func TestAKindOfResultThatIsMissedIsAskedForAgain(t *testing.T) {
	// The request for numbers is lost once, while waves go on and keep the association.
	lost := 0
	numbers := (&host{}).request(actionPollLong, kindNumbers, 0)
	e, _ := onNetwork(t, NewSimulator(true), 30*time.Second, func(fromMonitor bool, b []byte) bool {
		if !fromMonitor && len(b) == len(numbers) && slices.Equal(b[24:26], numbers[24:26]) && b[33] == byte(kindNumbers) && lost == 0 {
			lost++
			return true
		}
		return false
	})
	if n, _ := count(e, vital.HeartRate); lost != 1 || n < 20 {
		t.Errorf("%d requests lost, then %d heart rates in 30 s", lost, n)
	}
}

// runs keeps where traces stand.
type runs struct {
	drivertest.Nothing
	ends map[vital.Lead]vital.Instant
	gaps map[vital.Lead]time.Duration
}

func (r *runs) Waveform(w vital.Waveform) {
	if end, ok := r.ends[w.Lead]; ok {
		r.gaps[w.Lead] = max(r.gaps[w.Lead], w.Arrived.Sub(end))
	}
	r.ends[w.Lead] = w.Arrived.Add(time.Duration(float64(len(w.Samples)) / w.Rate.Float() * float64(time.Second)))
}

func TestALostDatagramIsAGapInTheTrace(t *testing.T) {
	m, s := NewSimulator(true), overNetwork.Open(true)
	r := &runs{ends: map[vital.Lead]vital.Instant{}, gaps: map[vital.Lead]time.Duration{}}
	for i := range 40 {
		now := vital.Instant(i) * vital.Instant(256*time.Millisecond)
		m.reply, m.ends = m.reply[:0], m.ends[:0]
		m.speak(1, now, drivertest.Body{})
		if i == 20 {
			continue
		}
		from := 0
		for _, end := range m.ends {
			s.Receive(now.Add(256*time.Millisecond), m.reply[from:end], r)
			from = end
		}
	}
	for _, l := range []vital.Lead{vital.ECGII, vital.Pleth} {
		if g := r.gaps[l]; g < 200*time.Millisecond || g > 300*time.Millisecond {
			t.Errorf("%v: the longest gap is %v; 256 ms were lost", l, g)
		}
		if late := vital.Instant(40 * 256 * time.Millisecond).Sub(r.ends[l]); late < -50*time.Millisecond || late > 50*time.Millisecond {
			t.Errorf("%v: after ten seconds the trace is %v off", l, late)
		}
	}
}

func TestACutDatagramDoesNotSpoilTheNext(t *testing.T) {
	m := NewSimulator(true)
	m.speak(0, 0, drivertest.Body{})
	good := m.reply[:m.ends[0]]
	for n := range len(good) {
		s, e := overNetwork.Open(true), &drivertest.Events{}
		s.Receive(1, good[:n], e)
		before := len(e.Readings)
		s.Receive(2, good, e)
		if before != 0 || len(e.Readings) != len(spoken) {
			t.Fatalf("cut at %d: %d readings of it, %d of the next", n, before, len(e.Readings))
		}
	}
}

func TestAMonitorThatRefusesSaysSo(t *testing.T) {
	// A refusal of ISO 8327: its kind, its length, its reason.
	refusal := []byte{sessionRefuse, 3, 0x32, 1, 2}
	s, e := overNetwork.Open(false), &drivertest.Events{}
	for i := range 3 {
		s.Receive(vital.Instant(i+1), refusal, e)
	}
	m := NewSimulator(true)
	m.take(5, associate)
	s.Receive(6, m.reply[:m.ends[0]], e)
	if len(e.Lines) != 2 || !strings.Contains(e.Lines[0], "another computer may be using it Priority:low Technical:true Ended:false") || !strings.Contains(e.Lines[1], "Ended:true") {
		t.Errorf("%v", e.Lines)
	}
	if got := overNetwork.Recognise(refusal, devices.Line{}); got < devices.Sure {
		t.Errorf("recognised with %d", got)
	}
	if got := (Driver{}).Recognise(refusal, devices.Line{}); got > 0 {
		t.Errorf("on a serial line it is recognised with %d", got)
	}
	// A monitor announces itself while it has no association: it is asked at once.
	s = overNetwork.Open(false)
	s.Poll(1, e)
	m = NewSimulator(true)
	b, _ := m.Poll(0, drivertest.Body{})
	s.Receive(vital.Instant(100*time.Millisecond), b, e)
	if send, _ := s.Poll(vital.Instant(200*time.Millisecond), e); len(send) > 0 {
		t.Error("it is asked twice within a fraction of a second")
	}
}

func FuzzDatagrams(f *testing.F) {
	m := NewSimulator(true)
	m.BatteryLow = true
	for kind := range kinds {
		m.speak(kind, 0, drivertest.Body{})
		f.Add(m.reply)
		m.reply, m.ends = nil, nil
	}
	f.Add([]byte{sessionAccept, 2, 5, 8})
	f.Fuzz(func(t *testing.T, b []byte) {
		s := overNetwork.Open(false)
		s.Receive(1, b, drivertest.Nothing{})
		s.Receive(2, b, drivertest.Nothing{})
		for range 10 {
			s.Poll(3, drivertest.Nothing{})
		}
		overNetwork.Recognise(b, devices.Line{})
	})
}
