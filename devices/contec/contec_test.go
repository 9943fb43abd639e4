package contec_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldkit/build/foreign"
	"fieldkit/devices"
	"fieldkit/devices/contec"
	"fieldkit/devices/drivertest"
	"fieldkit/triage/vital"
)

// hear gives b to a session that only listens, at one moment.
func hear(b []byte) (*drivertest.Events, devices.Counters) {
	got := &drivertest.Events{}
	c := drivertest.Listen(contec.Driver{}, []drivertest.Chunk{{At: 1, Bytes: b}}, got)
	return got, c
}

func values(e *drivertest.Events, s vital.Sign) (all []string) {
	for _, r := range e.Readings {
		if r.Sign == s {
			text := r.String()
			if r.Questionable {
				text += " ?"
			}
			all = append(all, text)
		}
	}
	return all
}

func last(e *drivertest.Events, s vital.Sign) string {
	if all := values(e, s); len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}

// The figures are those of ../shared/data's manifest.
func TestForeignCapture(t *testing.T) {
	text := bytes.TrimSpace(foreign.Read(t, "devices", "contec-cms50e", "data.hex.txt"))
	b, err := hex.DecodeString(string(text))
	if err != nil {
		t.Fatal(err)
	}
	e, c := hear(b)
	if c.Frames != 102 || c.Bad != 0 || c.Resync != 0 {
		t.Errorf("counters %+v, want 102 packets", c)
	}
	for sign, want := range map[vital.Sign]string{vital.SpO2: "99 %", vital.PulseRate: "60 /min", vital.PerfusionIndex: "not measured"} {
		if all := values(e, sign); len(all) < 1 || all[0] != want || last(e, sign) != want {
			t.Errorf("%v: %v, want %s", sign, all, want)
		}
	}
	if e.Samples != 102 {
		t.Errorf("%d samples, want 102", e.Samples)
	}
	w := &waves{}
	drivertest.Listen(contec.Driver{}, []drivertest.Chunk{{At: 1, Bytes: b}}, w)
	if w.all[0].Samples[0] != 19 || w.all[0].Rate != vital.Int(60) {
		t.Errorf("pleth begins %v at %v Hz, want 19", w.all[0].Samples, w.all[0].Rate)
	}
}

type waves struct {
	drivertest.Nothing
	all []vital.Waveform
}

func (w *waves) Waveform(v vital.Waveform) {
	v.Samples, v.Gaps = slices.Clone(v.Samples), slices.Clone(v.Gaps)
	w.all = append(w.all, v)
}

// v7 is a live packet, from the vendor's layout.
func v7(d0, d1, d2, pulse, spo2, index int) []byte {
	d := []int{d0, d1, d2, pulse, spo2, index & 0xff, index >> 8}
	out, high := []byte{0x01, 0}, 0x80
	for i, v := range d {
		high |= v >> 7 & 1 << i
		out = append(out, byte(v)|0x80)
	}
	out[1] = byte(high)
	return out
}

func legacy(b0, pleth, b2, pulse, spo2 int) []byte {
	return []byte{0x80 | byte(b0), byte(pleth), byte(b2) | byte(pulse>>7&1<<6), byte(pulse & 0x7f), byte(spo2)}
}

func TestTheVendorsExample(t *testing.T) {
	if got := v7(4, 19, 0x12, 60, 99, 0xffff); !bytes.Equal(got, []byte{0x01, 0xe0, 0x84, 0x93, 0x92, 0xbc, 0xe3, 0xff, 0xff}) {
		t.Errorf("% x", got)
	}
}

func TestEveryHeartRate(t *testing.T) {
	// Two public V7 readers leave out the top bits, and a legacy one bit 7: 128
	// comes out as 0 there.
	for _, rate := range []int{1, 60, 127, 128, 200, 254} {
		want := fmt.Sprintf("%d /min", rate)
		e, _ := hear(bytes.Repeat(v7(6, 20, 0, rate, 97, 123), 5))
		if last(e, vital.PulseRate) != want || last(e, vital.PerfusionIndex) != "1.23 %" {
			t.Errorf("V7 rate %d: %v", rate, e.Lines)
		}
		e, _ = hear(bytes.Repeat(legacy(6, 20, 0, rate, 97), 9))
		if last(e, vital.PulseRate) != want {
			t.Errorf("legacy rate %d: %v", rate, e.Lines)
		}
	}
	// 255 is "no rate" in both; neither has room for 256 or 300.
	for _, b := range [][]byte{v7(6, 20, 0, 255, 97, 123), legacy(6, 20, 0, 255, 97)} {
		e, _ := hear(bytes.Repeat(b, 9))
		if last(e, vital.PulseRate) != "searching" || last(e, vital.SpO2) != "97 %" {
			t.Errorf("no rate: %v", e.Lines)
		}
	}
}

func TestEveryStatus(t *testing.T) {
	for _, c := range []struct {
		name       string
		packet     []byte
		spo2, rate string
		alarm      string
	}{
		{"V7 well placed", v7(6, 20, 0, 72, 97, 100), "97 %", "72 /min", ""},
		{"V7 no values", v7(6, 0, 0, 255, 127, 0xffff), "probe off", "probe off", ""},
		{"V7 searching", v7(6, 0x80, 0, 255, 127, 0xffff), "searching", "searching", ""},
		{"V7 searching too long", v7(0x16, 0x80, 0, 255, 127, 0xffff), "searching", "searching", "searching for a pulse for too long"},
		{"V7 searching while it shows the last values", v7(6, 0x80, 0, 72, 97, 100), "97 % ?", "72 /min ?", ""},
		{"V7 probe error", v7(0x86, 0, 0, 72, 97, 0xffff), "probe off", "probe off", "finger out"},
		{"V7 SpO2 low", v7(0x26, 20, 0, 72, 84, 100), "84 %", "72 /min", "SpO2 dropping"},
		{"V7 weak signal", v7(1, 20, 0, 72, 97, 100), "97 % ?", "72 /min ?", ""},
		{"V7 beep", v7(0x46, 20, 0, 72, 97, 100), "97 %", "72 /min", ""},
		{"legacy finger out", legacy(0x10, 0, 0, 0, 0), "probe off", "probe off", "finger out"},
		{"legacy probe error", legacy(6, 0, 0x10, 72, 97), "probe off", "probe off", "finger out"},
		{"legacy searching", legacy(6, 0, 0x20, 0, 0), "searching", "searching", ""},
		{"legacy SpO2 dropping", legacy(0x26, 20, 0, 72, 84), "84 %", "72 /min", "SpO2 dropping"},
		{"legacy no values", legacy(6, 0, 0x20, 255, 127), "searching", "searching", ""},
	} {
		e, _ := hear(bytes.Repeat(c.packet, 9))
		if last(e, vital.SpO2) != c.spo2 || last(e, vital.PulseRate) != c.rate {
			t.Errorf("%s: %s, %s; want %s, %s", c.name, last(e, vital.SpO2), last(e, vital.PulseRate), c.spo2, c.rate)
		}
		all := strings.Join(e.Lines, "\n")
		if alarmed := strings.Contains(all, "Priority"); alarmed != (c.alarm != "") || !strings.Contains(all, c.alarm) {
			t.Errorf("%s: alarm %v, want %q", c.name, alarmed, c.alarm)
		}
	}
}

func TestOneWrongPacketIsNotBelieved(t *testing.T) {
	good, bad := v7(6, 20, 0, 72, 97, 100), v7(6, 20, 0, 8, 97, 100)
	e, _ := hear(slices.Concat(bytes.Repeat(good, 60), bad, bad, bytes.Repeat(good, 70)))
	for _, v := range values(e, vital.PulseRate) {
		if v != "72 /min" {
			t.Errorf("two garbled packets became %s", v)
		}
	}
}

func TestAV7OximeterIsStartedNamedAndKeptAwake(t *testing.T) {
	e := &drivertest.Events{}
	m := drivertest.Monitor{New: func() devices.Simulator { return contec.NewSimulator(contec.V7) }}
	chunks := drivertest.Record(contec.Driver{}, m, 20*time.Second)
	drivertest.Listen(contec.Driver{}, chunks, e)
	if all := strings.Join(e.Lines, "\n"); !strings.Contains(all, "Model:CMS50F") || e.Samples < 60*19 {
		t.Errorf("%d samples in 20 s; %.300s", e.Samples, all)
	}
	if send, again := (contec.Driver{}).Open(true).Poll(0, drivertest.Nothing{}); send != nil || again != devices.Never {
		t.Errorf("a session that only listens sends % x", send)
	}
}

func TestAnOximeterThatWasSwitchedOffIsStartedAgain(t *testing.T) {
	s := contec.Driver{}.Open(false)
	start, _ := s.Poll(0, drivertest.Nothing{})
	start = slices.Clone(start)
	at := func(seconds float64) vital.Instant { return vital.Instant(seconds * float64(time.Second)) }
	live := bytes.Repeat(v7(6, 20, 0, 72, 97, 100), 3)
	for i := range 20 {
		s.Receive(at(0.1*float64(i)), live, drivertest.Nothing{})
	}
	for now := 2.0; now < 3.5; now += 0.1 {
		if send, _ := s.Poll(at(now), drivertest.Nothing{}); bytes.Equal(send, start) {
			t.Fatalf("started again after %.1f s of silence", now-1.9)
		}
	}
	var again []byte
	for now := 3.5; now < 4.5 && !bytes.Equal(again, start); now += 0.1 {
		again, _ = s.Poll(at(now), drivertest.Nothing{})
	}
	if !bytes.Equal(again, start) {
		t.Errorf("after 2.5 s of silence % x is sent, want % x", again, start)
	}
}

// The recording in the oximeter is read with its own times, or not as now.
func TestTheStoredRecordingIsRead(t *testing.T) {
	start := time.Date(2026, 3, 1, 23, 59, 58, 0, time.UTC)
	for _, f := range []contec.Format{contec.V7, contec.Legacy} {
		m := contec.NewSimulator(f)
		m.Start = start
		for i := range 30 {
			m.Memory = append(m.Memory, [2]uint8{uint8(90 + i%5), uint8(120 + i)})
		}
		keep := &record{}
		session := contec.Driver{Stored: true}.Open(false)
		for now := vital.Instant(0); now < vital.Instant(15*time.Second); now = now.Add(20 * time.Millisecond) {
			if send, _ := session.Poll(now, keep); send != nil {
				m.Receive(now, send)
			}
			b, _ := m.Poll(now, drivertest.Body{})
			session.Receive(now, b, keep)
		}
		var stored []vital.Reading
		for _, r := range keep.all {
			if r.Aperiodic {
				stored = append(stored, r)
			}
		}
		if len(stored) != 60 {
			t.Fatalf("%v: %d stored readings, want 60", f, len(stored))
		}
		if stored[0].String() != "90 %" || stored[59].String() != "149 /min" && stored[59].String() != "149" {
			t.Errorf("%v: first %v, last %v", f, stored[0], stored[59])
		}
		if at := stored[59].MonitorTime; f == contec.V7 && !at.Equal(start.Add(29*time.Second)) || f == contec.Legacy && (stored[59].Sign != vital.Unknown || stored[59].Raw != "stored pulse rate") {
			t.Errorf("%v: last is %+v", f, stored[59])
		}
	}
}

type record struct {
	drivertest.Nothing
	all []vital.Reading
}

func (r *record) Reading(v vital.Reading) { r.all = append(r.all, v) }

func FuzzSession(f *testing.F) {
	f.Add(bytes.Repeat(v7(6, 20, 0, 130, 97, 123), 4), uint8(3), false)
	f.Add(bytes.Repeat(legacy(6, 20, 0, 130, 97), 9), uint8(1), false)
	f.Add([]byte("\xf2\x80\x00\xf2\x80\x00\xf2\x80\x00\x80\x80\x05\xf0\xc8\x61\xf1\x80\x62"), uint8(4), true)
	f.Add(slices.Concat([]byte{0x08, 0x80, 0x80, 0x80, 0x86, 0x80, 0x80, 0x80}, []byte{0x0f, 0x80, 0xe1, 0xc8, 0xe1, 0xc8, 0xe1, 0xc8}), uint8(0), true)
	f.Fuzz(func(t *testing.T, b []byte, cut uint8, stored bool) {
		d := contec.Driver{Stored: stored}
		whole, got := &drivertest.Events{}, &drivertest.Events{}
		one, s := d.Open(true), d.Open(true)
		one.Receive(1, b, whole)
		for rest := b; len(rest) > 0; {
			n := min(int(cut)+1, len(rest))
			s.Receive(1, rest[:n], got)
			rest = rest[n:]
		}
		if !slices.Equal(whole.Lines, got.Lines) || one.Counters() != s.Counters() {
			t.Fatalf("cut into %d: %v, whole: %v", int(cut)+1, got.Lines, whole.Lines)
		}
		d.Recognise(b, devices.Line{})
		m := contec.NewSimulator(contec.V7)
		m.Receive(0, b)
		m.Poll(0, drivertest.Body{})
	})
}
