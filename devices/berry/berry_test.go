package berry_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldkit/devices"
	"fieldkit/devices/berry"
	"fieldkit/devices/drivertest"
	"fieldkit/triage/vital"
)

// hear gives b to a session, at one moment.
func hear(b []byte) (*drivertest.Events, devices.Counters) {
	got := &drivertest.Events{}
	c := drivertest.Listen(berry.Driver{}, []drivertest.Chunk{{At: 1, Bytes: b}}, got)
	return got, c
}

func last(e *drivertest.Events, s vital.Sign) string {
	for _, r := range slices.Backward(e.Readings) {
		if r.Sign == s {
			if r.Questionable {
				return r.String() + " ?"
			}
			return r.String()
		}
	}
	return ""
}

// packet is from the vendor's layout.
func packet(b0, pleth, b2, pulse, spo2 int) []byte {
	return []byte{0x80 | byte(b0), byte(pleth), byte(b2 | pulse>>1&0x40), byte(pulse & 0x7f), byte(spo2)}
}

func TestEveryHeartRate(t *testing.T) {
	// 300 does not fit in eight bits; 255 is "no rate".
	for rate, want := range map[int]string{25: "25 /min", 127: "127 /min", 128: "128 /min", 254: "254 /min", 255: "searching", 0: "searching"} {
		e, _ := hear(bytes.Repeat(packet(6, 50, 5, rate, 97), 12))
		if got := last(e, vital.PulseRate); got != want {
			t.Errorf("rate %d: %s, want %s", rate, got, want)
		}
	}
}

func TestEveryStatus(t *testing.T) {
	for _, c := range []struct {
		name   string
		packet []byte
		want   string
		alarm  string
	}{
		{"well placed", packet(6, 50, 5, 72, 97), "97 %", ""},
		{"beep", packet(0x46, 50, 5, 72, 97), "97 %", ""},
		{"probe unplugged", packet(0x26, 0, 0, 72, 97), "disconnected", "probe unplugged"},
		{"no finger", packet(6, 0, 0x10, 255, 127), "probe off", "no finger"},
		{"no finger, old values", packet(6, 0, 0x10, 72, 97), "probe off", "no finger"},
		{"pulse search", packet(6, 50, 0x20, 255, 127), "searching", ""},
		{"pulse search, old values", packet(6, 50, 0x20, 72, 97), "97 % ?", ""},
		{"no signal", packet(0x16, 50, 0, 72, 97), "97 % ?", "no signal"},
		{"weak signal", packet(1, 50, 0, 72, 97), "97 % ?", ""},
		{"no value", packet(6, 50, 5, 72, 127), "searching", ""},
	} {
		e, _ := hear(bytes.Repeat(c.packet, 12))
		if got := last(e, vital.SpO2); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		all := strings.Join(e.Lines, "\n")
		if told := strings.Contains(all, "Priority"); told != (c.alarm != "") || !strings.Contains(all, c.alarm) {
			t.Errorf("%s: told %v, want %q", c.name, told, c.alarm)
		}
	}
}

func TestTheRateOfSamplesIsMeasured(t *testing.T) {
	for _, rate := range []int{60, 100} {
		w := &waves{}
		chunks := drivertest.Record(berry.Driver{}, drivertest.Monitor{New: func() devices.Simulator { return &berry.Simulator{Rate: rate} }}, 10*time.Second)
		drivertest.Listen(berry.Driver{}, chunks, w)
		samples := 0
		for _, v := range w.all {
			if v.Rate != vital.Int(int64(rate)) {
				t.Fatalf("%d a second is taken for %v", rate, v.Rate)
			}
			samples += len(v.Samples)
		}
		if samples < 10*rate-rate/10 {
			t.Errorf("%d samples of %d", samples, 10*rate)
		}
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

func TestOneWrongPacketIsNotBelieved(t *testing.T) {
	good, bad := packet(6, 50, 5, 72, 97), packet(6, 50, 5, 8, 97)
	e, _ := hear(slices.Concat(bytes.Repeat(good, 60), bad, bad, bytes.Repeat(good, 70)))
	for _, r := range e.Readings {
		if r.Sign == vital.PulseRate && r.String() != "72 /min" {
			t.Errorf("two garbled packets became %v", r)
		}
	}
}

// Where no speed tells Berry's packets from Contec's, nobody is sure.
func TestWithoutALineAPersonMustChoose(t *testing.T) {
	b := bytes.Repeat(packet(6, 50, 5, 72, 97), 200)
	if got := (berry.Driver{}).Recognise(b, devices.Line{}); got == 0 || got >= devices.Sure {
		t.Errorf("confidence %d", got)
	}
	if got := (berry.Driver{}).Recognise(b, devices.Line{Baud: 19200, DataBits: 8, Parity: devices.OddParity, StopBits: 1}); got != 0 {
		t.Errorf("confidence %d at Contec's speed", got)
	}
}

func FuzzSession(f *testing.F) {
	f.Add(bytes.Repeat(packet(6, 50, 5, 130, 97), 9), uint8(3))
	f.Add(slices.Concat(bytes.Repeat(packet(6, 0, 0x10, 255, 127), 6), []byte{0x86, 1, 2}, bytes.Repeat(packet(0x26, 0, 0, 255, 127), 6)), uint8(0))
	f.Fuzz(func(t *testing.T, b []byte, cut uint8) {
		whole, one := hear(b)
		got, s := &drivertest.Events{}, berry.Driver{}.Open(true)
		for rest := b; len(rest) > 0; {
			n := min(int(cut)+1, len(rest))
			s.Receive(1, rest[:n], got)
			rest = rest[n:]
		}
		if !slices.Equal(whole.Lines, got.Lines) || one != s.Counters() {
			t.Fatalf("cut into %d: %v, whole: %v", int(cut)+1, got.Lines, whole.Lines)
		}
		if len(b) > 0 {
			berry.Driver{}.Recognise(b, devices.Line{})
		}
	})
}
