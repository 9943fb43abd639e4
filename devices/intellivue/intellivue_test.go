package intellivue

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"fieldkit/build/foreign"
	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/triage/vital"
)

func monitors() []drivertest.Monitor {
	return []drivertest.Monitor{
		{Name: "RS-232", New: func() devices.Simulator { return NewSimulator(false) }},
		{Name: "network", New: func() devices.Simulator { return NewSimulator(true) }},
	}
}

func TestEveryRule(t *testing.T) { drivertest.Check(t, Driver{}, monitors()) }

func TestFoundOnTheWire(t *testing.T) {
	drivertest.Find(t, []drivertest.Subject{{Driver: Driver{}, Monitors: monitors()[:1]}})
}

func TestNothingElseIsTakenForAnIntelliVue(t *testing.T) {
	drivertest.Apart(t, []drivertest.Subject{{Driver: Driver{}, Monitors: monitors()}}, drivertest.Captures(t)...)
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestForeignFrameChecks(t *testing.T) {
	// mdpnp OpenICE's two vectors are bare, without the 11 01 head; the
	// second one's check 95 C1 is sent as 95 7D E1.
	for message, want := range map[string]uint16{"3a71": 0x269b, "3a91": 0xc195} {
		sum := uint16(0xffff)
		for _, c := range unhex(t, message) {
			sum = x25(sum, c)
		}
		if ^sum != want {
			t.Errorf("check of %s is %04x, want %04x", message, ^sum, want)
		}
	}
	// Every byte value survives the line.
	var all []byte
	for i := range 256 {
		all = append(all, byte(i))
	}
	var d deframer
	for _, c := range appendFrame(nil, all) {
		if m, o := d.add(c); o == whole {
			if !bytes.Equal(m, all) {
				t.Errorf("% x", m)
			}
			return
		}
	}
	t.Error("no frame came through")
}

func TestRequestsAreThoseOfVSCapture(t *testing.T) {
	// DataConstants of xeonfusion/VSCaptureMP, with invoke id and poll number 1.
	h := &host{}
	if got, want := h.request(actionPollLong, kindNumbers, 0), unhex(t, "e1000002 00010028 00010007 0022 0021 00000000 00000000 f13b 0014 00010001 00060000 00010008 f13e0004 00493e00"); !bytes.Equal(got, want) {
		t.Errorf("long poll\n% x, want\n% x", got, want)
	}
	h = &host{}
	if got, want := h.request(actionPoll, classMDS, 0), unhex(t, "e1000002 0001001c 00010007 0016 0021 00000000 00000000 0c16 0008 00010001 00210000"); !bytes.Equal(got, want) {
		t.Errorf("poll\n% x, want\n% x", got, want)
	}
	h = &host{}
	h.created(0, 1, 0x21, 0, 0)
	if got, want := h.answer, unhex(t, "e1000002 00020014 00010001 000e 0021 00000000 00000000 0d060000"); !bytes.Equal(got, want) {
		t.Errorf("answer\n% x, want\n% x (but for the time)", got, want)
	}
}

// capture is the bytes of a hex dump.
func capture(t *testing.T) []byte {
	var b []byte
	for l := range strings.Lines(string(foreign.Read(t, "devices", "philips", "connect-indication.hexdump.txt"))) {
		f := strings.Fields(l)
		if len(f) > 1 {
			b = append(b, unhex(t, strings.Join(f[1:], ""))...)
		}
	}
	return b
}

func TestARealMonitorsIndication(t *testing.T) {
	packet := capture(t)
	i, ok := ParseIndication(packet[0x2a:])
	want := Indication{Make: "Philips", Model: "866062", Serial: "DE351A4061", Firmware: "L.01.18", Port: 24105, MAC: "0009fb88c1bd"}
	if !ok || i != want {
		t.Errorf("%+v %v, want %+v", i, ok, want)
	}
	// In the whole Ethernet frame too, as a capture file has it.
	e := &drivertest.Events{}
	s := Driver{}.Open(true)
	s.Receive(1, packet, e)
	if len(e.Lines) != 1 || !strings.Contains(e.Lines[0], "Serial:DE351A4061") || s.Counters() != (devices.Counters{Frames: 1, Resync: 1}) {
		t.Errorf("%v %+v", e.Lines, s.Counters())
	}
	for n := range len(packet) - 0x2a {
		if _, ok := ParseIndication(packet[0x2a : 0x2a+n]); ok {
			t.Fatalf("cut at %d it is still one", n)
		}
	}
	if got := (Driver{}).Recognise(packet[0x2a:], devices.Line{}); got < devices.Sure {
		t.Errorf("recognised with %d", got)
	}
}

func TestFloats(t *testing.T) {
	// Koshsky's base/float_test.go, and the special values of ISO/IEEE 11073-20601.
	for _, c := range []struct {
		bits uint32
		want string
		why  vital.State
	}{
		{0xfd007d00, "32.000", vital.Measured}, {0xff000140, "32.0", vital.Measured}, {0x01000140, "3200", vital.Measured}, {0x02000020, "3200", vital.Measured},
		{0xffffff9c, "-10.0", vital.Measured},
		{0x007fffff, "", vital.NotMeasured}, {0x00800000, "", vital.Withheld}, {0x007ffffe, "", vital.OverRange}, {0x00800002, "", vital.UnderRange}, {0x00800001, "", vital.Withheld},
	} {
		d, why := float(c.bits)
		if why != c.why || why == vital.Measured && d.String() != c.want {
			t.Errorf("%08x is %v %v, want %s %v", c.bits, d, why, c.want, c.why)
		}
	}
}

// result is a poll result with one numeric.
func result(t *testing.T, id, state, unit, value string) []byte {
	observed := unhex(t, id+state+unit+value)
	return operationOf(attribute(attrNumber, observed))
}

func operationOf(attributes ...[]byte) []byte {
	m := NewSimulator(true)
	m.result(0, actionPollLong, kindNumbers, opResult, counted(attributes...))
	return m.reply
}

func TestEveryReasonForNoValue(t *testing.T) {
	for _, c := range []struct{ name, id, state, unit, value, want string }{
		{"measured", "4bb8", "0000", "0220", "ff0003d4", "98.0 %"},
		{"in alarm, validated", "4bb8", "0082", "0220", "00000062", "98 %"},
		{"doubted", "4bb8", "4000", "0220", "00000062", "98 % ?"},
		{"invalid", "4bb8", "8000", "0220", "00000062", "withheld"},
		{"unavailable", "4bb8", "2000", "0220", "007fffff", "not measured"},
		{"calibrating", "4bb8", "1000", "0220", "00000062", "not calibrated"},
		{"test", "4bb8", "0800", "0220", "00000062", "demo"},
		{"demonstration", "4bb8", "0400", "0220", "00000062", "demo"},
		{"not a number", "4bb8", "0000", "0220", "007fffff", "not measured"},
		{"not at this resolution", "4bb8", "0000", "0220", "00800000", "withheld"},
		{"above", "4bb8", "0000", "0220", "007ffffe", "over range"},
		{"below", "4bb8", "0000", "0220", "00800002", "under range"},
		{"impossible", "4bb8", "0000", "0220", "00000065", "withheld"},
		{"127", "4182", "0000", "0aa0", "0000007f", "127 /min"},
		{"128", "4182", "0000", "0aa0", "00000080", "128 /min"},
		{"255", "4182", "0000", "0aa0", "000000ff", "255 /min"},
		{"256", "4182", "0000", "0aa0", "00000100", "256 /min"},
		{"300", "4182", "0000", "0aa0", "0000012c", "300 /min"},
		{"kilopascal", "50b0", "0000", "0f03", "ff000033", "5.1 kPa"},
		{"temperature", "4b48", "0000", "17a0", "ff000170", "36.8 °C"},
	} {
		e := &drivertest.Events{}
		Driver{}.Open(true).Receive(1, appendFrame(nil, result(t, c.id, c.state, c.unit, c.value)), e)
		if len(e.Readings) != 1 {
			t.Errorf("%s: %v", c.name, e.Lines)
			continue
		}
		got := e.Readings[0].String()
		if e.Readings[0].Questionable {
			got += " ?"
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	e := &drivertest.Events{}
	s := Driver{}.Open(true)
	s.Receive(1, appendFrame(nil, result(t, "f123", "0000", "0220", "00000062")), e)
	s.Receive(1, appendFrame(nil, result(t, "4182", "0000", "ffff", "00000062")), e)
	if len(e.Readings) != 2 || e.Readings[0].Raw != "0xF123" || e.Readings[1].Sign != vital.Unknown || e.Readings[1].Raw != "0x4182 unit 0xFFFF" || s.Counters().Unknown != 2 {
		t.Errorf("unknown id and unit: %v", e.Lines)
	}
}

// talk lets a monitor and a session talk for a while.
func talk(m *Simulator, d time.Duration, body devices.Body) (*drivertest.Events, devices.Session) {
	got, s := &drivertest.Events{}, Driver{}.Open(false)
	for now := vital.Instant(0); now < vital.Instant(d); now = now.Add(20 * time.Millisecond) {
		send, _ := s.Poll(now, got)
		m.Receive(now, send)
		b, _ := m.Poll(now, body)
		s.Receive(now, b, got)
	}
	return got, s
}

func count(e *drivertest.Events, sign vital.Sign) (n int, last vital.Reading) {
	for _, r := range e.Readings {
		if r.Sign == sign {
			n, last = n+1, r
		}
	}
	return n, last
}

func TestAConversation(t *testing.T) {
	for _, network := range []bool{false, true} {
		m := NewSimulator(network)
		m.BatteryLow = true
		e, s := talk(m, 20*time.Minute, drivertest.Body{})
		if n, last := count(e, vital.HeartRate); n < 1100 || last.String() != "71.0 /min" {
			t.Errorf("network %v: %d heart rates, the last %v", network, n, last)
		}
		if n, last := count(e, vital.NIBPSys); n < 6 || n > 8 || !last.Aperiodic || last.MonitorTime.Minute()%3 != 0 {
			t.Errorf("network %v: %d cuff results, the last %v of %v; want one each three minutes", network, n, last, last.MonitorTime)
		}
		if e.Samples < 500*1100 || s.Counters().Bad != 0 {
			t.Errorf("network %v: %d samples, %+v", network, e.Samples, s.Counters())
		}
		alarms := 0
		for _, l := range e.Lines {
			if strings.Contains(l, "Text:LOW BATT Priority:low Technical:true Ended:false") {
				alarms++
			}
		}
		if alarms != 1 {
			t.Errorf("network %v: the alarm is told %d times", network, alarms)
		}
	}
}

type waveSink struct {
	drivertest.Nothing
	got  []float64
	last vital.Waveform
}

func (s *waveSink) Waveform(w vital.Waveform) {
	s.got = nil
	for _, v := range w.Samples {
		s.got = append(s.got, float64(v+w.Offset)*w.Scale.Float())
	}
	s.last = w
	s.last.Gaps = append([]vital.Gap(nil), w.Gaps...)
}

func TestAWaveIsInItsUnit(t *testing.T) {
	// An ECG of 14 bits from -1 mV at 0 to 1 mV at 4000, every 2 ms; bit 14 is the
	// mark for no value, bit 15 of a pacer. The layout is VSCaptureMP's SaSpec, ScaleRangeSpec16 and SaObsValue.
	m := NewSimulator(false)
	m.result(0, actionPollLong, kindWaves, opResult, counted(
		attribute(attrWaveSpec, []byte{0, 4, 16, 14, 0, 0}),
		attribute(attrSamplePeriod, unhex(t, "00000010")),
		attribute(attrUnit, unhex(t, "10b2")),
		attribute(attrWaveScale, unhex(t, "00ffffff 00000001 0000 0fa0")),
		attribute(attrWaveMarks, counted(unhex(t, "00014000"))),
		attribute(attrWave, unhex(t, "0102 0000 0008 0000 0fa0 87d0 4000")),
	))
	w := &waveSink{}
	Driver{}.Open(true).Receive(1, m.reply, w)
	if w.last.Lead != vital.ECGII || w.last.Unit != vital.Millivolt || w.last.Rate != vital.Int(500) || len(w.got) != 4 {
		t.Fatalf("%+v", w.last)
	}
	for i, want := range []float64{-1, 1, 0} {
		if d := w.got[i] - want; d < -1e-6 || d > 1e-6 {
			t.Errorf("sample %d is %v mV, want %v", i, w.got[i], want)
		}
	}
	if len(w.last.Gaps) != 1 || w.last.Gaps[0] != (vital.Gap{From: 3, Len: 1, Why: vital.Artefact}) {
		t.Errorf("gaps %+v, want the last sample", w.last.Gaps)
	}
}

func TestADemonstrationIsNoPatient(t *testing.T) {
	m := NewSimulator(false)
	m.Demo = true
	e, _ := talk(m, 10*time.Second, drivertest.Body{})
	for _, r := range e.Readings {
		if r.State() != vital.Demo {
			t.Fatalf("%v %v", r.Sign, r)
		}
	}
	if len(e.Readings) == 0 || !strings.Contains(strings.Join(e.Lines, " "), "Why:demo") {
		t.Error("nothing was heard, or a trace of a demonstration has no gap")
	}
}

func TestASpoiledFrameIsNotTakenForADatagram(t *testing.T) {
	good := appendFrame(nil, result(t, "4182", "0000", "0aa0", "00000048"))
	for at := range good {
		for _, before := range [][]byte{nil, good} {
			spoiled := append([]byte(nil), good...)
			spoiled[at] ^= 0x04
			e := &drivertest.Events{}
			s := Driver{}.Open(true)
			s.Receive(1, before, e)
			n := len(e.Readings)
			s.Receive(1, append(spoiled, spoiled[:at]...), e)
			if len(e.Readings) != n {
				t.Fatalf("byte %d flipped: %v", at, e.Lines)
			}
		}
	}
}

func TestAMonitorThatWasSwitchedOffIsAskedAgain(t *testing.T) {
	got, s := &drivertest.Events{}, Driver{}.Open(false)
	m := NewSimulator(false)
	for now := vital.Instant(0); now < vital.Instant(60*time.Second); now = now.Add(20 * time.Millisecond) {
		if now == vital.Instant(20*time.Second) {
			m = NewSimulator(false)
			got.Readings = nil
		}
		send, _ := s.Poll(now, got)
		m.Receive(now, send)
		b, _ := m.Poll(now, drivertest.Body{})
		s.Receive(now, b, got)
	}
	if n, _ := count(got, vital.HeartRate); n < 15 {
		t.Errorf("%d heart rates after the monitor was switched on again", n)
	}
}

func TestATapSendsNothing(t *testing.T) {
	s := Driver{}.Open(true)
	m := NewSimulator(false)
	m.Receive(0, appendFrame(nil, associate))
	b, _ := m.Poll(0, drivertest.Body{})
	s.Receive(1, b, drivertest.Nothing{})
	if b, _ := s.Poll(vital.Instant(time.Hour), drivertest.Nothing{}); len(b) > 0 || s.Counters().Frames != 2 {
		t.Errorf("sent % x, %+v", b, s.Counters())
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, m := range monitors() {
		b.Run(m.Name, func(b *testing.B) { drivertest.Benchmark(b, Driver{}, m) })
	}
}

func FuzzReceive(f *testing.F) {
	m := NewSimulator(true)
	m.BatteryLow = true
	for kind := range kinds {
		m.speak(kind, 0, drivertest.Body{})
		f.Add(m.reply, true)
		m.reply = nil
	}
	f.Add(appendFrame(nil, associate), false)
	f.Fuzz(func(t *testing.T, b []byte, framed bool) {
		s := Driver{}.Open(false)
		if framed {
			s.Receive(1, appendFrame(nil, b[:min(len(b), messageMost)]), drivertest.Nothing{})
		}
		s.Receive(1, b, drivertest.Nothing{})
		s.Poll(2, drivertest.Nothing{})
		Driver{}.Recognise(b, devices.Line{})
	})
}
