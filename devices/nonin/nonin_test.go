package nonin_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldkit/build/foreign"
	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/devices/nonin"
	"fieldkit/triage/vital"
)

// hear gives b to a session that only listens, at one moment.
func hear(b []byte) (*drivertest.Events, devices.Counters) {
	got := &drivertest.Events{}
	c := drivertest.Listen(nonin.Driver{}, []drivertest.Chunk{{At: 1, Bytes: b}}, got)
	return got, c
}

// last is the text of a sign's last reading, "" when there is none; with "?" when
// the monitor doubts it.
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

// packetOf is 25 frames of format 2 or 7 with the given numbers. It is written out
// here, apart from the simulator, from reference layouts: mdpnp Packet/Status and
// mattjlewis DataFormat2Packet.
func packetOf(f nonin.Format, rate, spo2, status, status2 int) []byte {
	data := [25]byte{0: byte(rate >> 7 & 3), 1: byte(rate & 0x7f), 2: byte(spo2), 3: 30, 7: byte(status2)}
	var b []byte
	for i, d := range data {
		s := 0x80 | byte(status)
		if i == 0 {
			s |= 0x01
		}
		frame := []byte{0x01, s, byte(100 + i), d}
		if f == nonin.DF7 {
			frame = []byte{s, 0x80, byte(100 + i), d}
		}
		b = append(b, append(frame, frame[0]+frame[1]+frame[2]+frame[3])...)
	}
	return b
}

// packets is n equal packets and the first frame of another, which ends the last.
func packets(f nonin.Format, n, rate, spo2, status, status2 int) []byte {
	p := packetOf(f, rate, spo2, status, status2)
	return append(bytes.Repeat(p, n), p[:5]...)
}

// short is n frames of format 8 or 1.
func short(f nonin.Format, n, rate, spo2, status, status2 int) []byte {
	frame := []byte{0x80 | byte(status) | byte(rate>>7&3), byte(rate & 0x7f), byte(spo2), byte(status2)}
	if f == nonin.DF1 {
		frame = frame[:3]
	}
	return bytes.Repeat(frame, n)
}

func TestForeignFrames(t *testing.T) {
	lines := bufio.NewScanner(bytes.NewReader(foreign.Read(t, "devices", "nonin-vectors", "pufferfish_df2_frames.txt")))
	var frames []nonin.Frame
	var ok []bool
	var stream []byte
	for lines.Scan() {
		text := strings.TrimSpace(lines.Text())
		if text == "" || text[0] == '#' {
			continue
		}
		b, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		f, good := nonin.ParseFrame(nonin.DF2, b)
		frames, ok, stream = append(frames, f), append(ok, good), append(stream, b...)
	}
	if !slices.Equal(ok, []bool{true, true, true, false}) {
		t.Fatalf("%d frames, good %v; want three good and one whose checksum is wrong", len(frames), ok)
	}
	want := []nonin.Frame{{Status: 0x81, Pleth: 0x01}, {Status: 0x80, Pleth: 0x01, Data: 0x48}}
	if !slices.Equal(frames[:2], want) {
		t.Errorf("frames %+v, want %+v", frames[:2], want)
	}
	if e, _ := hear(stream); len(e.Readings) != 0 {
		t.Errorf("readings %v from two frames of a packet of 25", e.Lines)
	}
}

func TestEveryHeartRate(t *testing.T) {
	// OpenICE joins the nine bits as eight and eight: 128 comes out as 256 there.
	for _, c := range []struct {
		rate int
		want string
	}{
		{18, "18 /min"}, {72, "72 /min"}, {127, "127 /min"}, {128, "128 /min"}, {129, "129 /min"}, {255, "255 /min"},
		{256, "256 /min"}, {300, "300 /min"}, {321, "321 /min"},
		{0, "under range"}, {17, "under range"}, {511, "searching"},
	} {
		for _, f := range []nonin.Format{nonin.DF2, nonin.DF7} {
			e, _ := hear(packets(f, 2, c.rate, 97, 0, 0))
			if got := last(e, vital.PulseRate); got != c.want {
				t.Errorf("%v rate %d: %s, want %s", f, c.rate, got, c.want)
			}
		}
		for _, f := range []nonin.Format{nonin.DF1, nonin.DF8} {
			e, _ := hear(slices.Concat(short(f, 10, 72, 97, 0, 0), short(f, 1, c.rate, 97, 0, 0)))
			if got := last(e, vital.PulseRate); got != c.want {
				t.Errorf("%v rate %d: %s, want %s", f, c.rate, got, c.want)
			}
		}
		if c.rate <= 321 {
			e, _ := hear(fmt.Appendf(nil, "SPO2=097 HR=%03d\r\n", c.rate))
			if got := last(e, vital.PulseRate); got != c.want {
				t.Errorf("text rate %d: %s, want %s", c.rate, got, c.want)
			}
		}
	}
	// A rate no oximeter of theirs can measure is shown to nobody.
	e, _ := hear(packets(nonin.DF2, 2, 400, 97, 0, 0))
	if got := last(e, vital.PulseRate); got != "withheld" {
		t.Errorf("rate 400: %s, want withheld", got)
	}
}

func TestEverySaturationAndStatus(t *testing.T) {
	const (
		off2, moving2, lost2, alarm2, red2, green2 = 0x40, 0x20, 0x10, 0x08, 0x04, 0x02
		off8, lost8, low8, marginal8, moving8      = 0x40, 0x20, 0x10, 0x08, 0x04
	)
	for _, c := range []struct {
		name             string
		spo2, long, brie int
		want             string
	}{
		{"well", 98, green2, 0, "98 %"},
		{"full", 100, green2, 0, "100 %"},
		{"nothing at all", 0, green2, 0, "0 %"},
		{"missing", 127, green2, 0, "searching"},
		{"marginal perfusion", 98, red2 | green2, marginal8, "98 %"},
		{"low perfusion", 98, red2, low8, "98 % ?"},
		{"artefact, number kept", 98, moving2 | green2, moving8, "98 % ?"},
		{"artefact, number withdrawn", 127, moving2, moving8, "artefact"},
		{"out of track, old number still sent", 98, lost2, lost8, "searching"},
		{"sensor disconnected, old number still sent", 98, off2, off8, "probe off"},
		{"sensor disconnected", 127, off2, off8, "probe off"},
		{"disconnected and out of track", 127, off2 | lost2, off8 | lost8, "probe off"},
	} {
		for _, f := range []nonin.Format{nonin.DF2, nonin.DF7} {
			e, _ := hear(packets(f, 2, 72, c.spo2, c.long, 0))
			if got := last(e, vital.SpO2); got != c.want {
				t.Errorf("%v %s: %s, want %s", f, c.name, got, c.want)
			}
		}
		for _, f := range []nonin.Format{nonin.DF1, nonin.DF8} {
			e, _ := hear(slices.Concat(short(f, 10, 72, 97, 0, 0), short(f, 1, 72, c.spo2, c.brie, 0)))
			if got := last(e, vital.SpO2); got != c.want {
				t.Errorf("%v %s: %s, want %s", f, c.name, got, c.want)
			}
		}
	}
	e, _ := hear(packets(nonin.DF2, 2, 72, 98, alarm2, 0))
	if got := last(e, vital.SpO2); got != "probe off" {
		t.Errorf("sensor alarm: %s, want probe off", got)
	}
	e, _ = hear(packets(nonin.DF2, 2, 72, 110, green2, 0))
	if got := last(e, vital.SpO2); got != "withheld" {
		t.Errorf("110 %%: %s, want withheld", got)
	}
}

func TestTechnicalAlarmsBeginAndEndOnce(t *testing.T) {
	b := slices.Concat(packets(nonin.DF7, 2, 72, 98, 0x02, 0), packetOf(nonin.DF7, 72, 98, 0x02, 0)[5:],
		packets(nonin.DF7, 3, 72, 98, 0x42, 1), packetOf(nonin.DF7, 72, 98, 0x42, 1)[5:],
		packets(nonin.DF7, 2, 72, 98, 0x02, 0))
	e, c := hear(b)
	var alarms []string
	for _, l := range e.Lines {
		if strings.Contains(l, "Technical:true") {
			alarms = append(alarms, l)
		}
	}
	if len(alarms) != 4 || c.Bad != 0 {
		t.Fatalf("alarms %q, counters %+v; want battery and sensor, begun and ended", alarms, c)
	}
	for i, want := range []string{"low battery", "sensor disconnected", "low battery", "sensor disconnected"} {
		if !strings.Contains(alarms[i], want) || strings.Contains(alarms[i], "Ended:true") != (i > 1) {
			t.Errorf("alarm %d: %s", i, alarms[i])
		}
	}
}

func TestAPacketWithAFrameTooManyOrTooFewIsNotBelieved(t *testing.T) {
	good, other := packetOf(nonin.DF2, 72, 97, 2, 0), packetOf(nonin.DF2, 205, 60, 2, 0)
	for name, bad := range map[string][]byte{
		"second lost":    slices.Concat(other[:5], other[10:]),
		"third twice":    slices.Concat(other[:15], other[10:]),
		"last lost":      other[:120],
		"wrong checksum": func() []byte { b := slices.Clone(other); b[14]++; return b }(),
	} {
		e, _ := hear(slices.Concat(good, good, bad, good, good, good[:5]))
		for _, r := range e.Readings {
			if got := r.String(); got != "97 %" && got != "72 /min" {
				t.Errorf("%s: %s was believed", name, got)
			}
		}
		if len(e.Readings) < 6 {
			t.Errorf("%s: only %d readings of four good packets", name, len(e.Readings))
		}
	}
}

func TestTheMonitorsOwnNumbersComeBack(t *testing.T) {
	bodies := []struct {
		body        drivertest.Body
		spo2, pulse string
	}{
		{drivertest.Body{}, "97 %", "73 /min"},
		{drivertest.Body{Set: map[vital.Sign]vital.Decimal{vital.PulseRate: vital.Int(300), vital.SpO2: vital.Int(61)}}, "61 %", "300 /min"},
		{drivertest.Body{Why: vital.ProbeOff}, "probe off", "probe off"},
		{drivertest.Body{Why: vital.Searching}, "searching", "searching"},
		{drivertest.Body{Why: vital.Artefact}, "artefact", "artefact"},
	}
	for _, m := range monitors() {
		for _, b := range bodies {
			m.Body = b.body
			e := &drivertest.Events{}
			drivertest.Listen(nonin.Driver{}, drivertest.Record(nonin.Driver{}, m, 20*time.Second), e)
			spo2, pulse := b.spo2, b.pulse
			if b.body.Why != 0 { // spot checks and text lines do not say why
				switch m.Name {
				case "DF13":
					spo2, pulse = "not measured", "not measured"
				case "text":
					spo2, pulse = "searching", "searching"
				}
			}
			if got := last(e, vital.SpO2); got != spo2 {
				t.Errorf("%s %v: SpO2 %s, want %s", m.Name, b.body.Why, got, spo2)
			}
			if got := last(e, vital.PulseRate); got != pulse {
				t.Errorf("%s %v: pulse %s, want %s", m.Name, b.body.Why, got, pulse)
			}
		}
	}
}

func TestASpotCheckKeepsTheMonitorsTime(t *testing.T) {
	// 22 Nov 2026 16:30:05.25, SpO2 96, rate 130; sum over the 14 data bytes.
	decimal := []byte{0x20, 0x26, 0x11, 0x22, 0x16, 0x30, 0x05, 0x25, 0x02, 0x00, 0x00, 130, 0x00, 96}
	binary := []byte{20, 26, 11, 22, 16, 30, 5, 25, 0x02, 0x00, 0x00, 130, 0x00, 96}
	nonsense := []byte{0x20, 0x26, 0x13, 0x42, 0x16, 0x30, 0x05, 0x25, 0x02, 0x00, 0x00, 130, 0x00, 96}
	for name, c := range map[string]struct {
		data []byte
		want time.Time
	}{
		"decimal digits": {decimal, time.Date(2026, 11, 22, 16, 30, 5, 250e6, time.UTC)},
		"binary":         {binary, time.Date(2026, 11, 22, 16, 30, 5, 250e6, time.UTC)},
		"no such day":    {nonsense, time.Time{}},
	} {
		sum := byte(0)
		for _, b := range c.data {
			sum += b
		}
		e, n := hear(slices.Concat([]byte{0x00, 0x02, 0x00, 0x0d, 0x00, 0x0e}, c.data, []byte{sum, 0x03}))
		if len(e.Readings) != 2 || n.Frames != 1 {
			t.Fatalf("%s: %d readings, %+v", name, len(e.Readings), n)
		}
		for _, r := range e.Readings {
			if !r.MonitorTime.Equal(c.want) || !r.Aperiodic {
				t.Errorf("%s: %v at %v, want %v", name, r, r.MonitorTime, c.want)
			}
		}
		if got := last(e, vital.SpO2) + " " + last(e, vital.PulseRate); got != "96 % 130 /min" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestASpotCheckIsAcknowledgedAndABadOneRefused(t *testing.T) {
	msg := []byte{0x00, 0x02, 0x00, 0x0d, 0x00, 0x0e, 0x20, 0x26, 0x11, 0x22, 0x16, 0x30, 0x05, 0x25, 0x02, 0x00, 0x00, 130, 0x00, 96, 0, 0x03}
	for _, b := range msg[6:20] {
		msg[20] += b
	}
	bad := slices.Clone(msg)
	bad[19]++
	for name, c := range map[string]struct {
		listen bool
		bytes  []byte
		want   byte
	}{
		"good": {false, msg, 0x06}, "bad": {false, slices.Concat(msg, bad), 0x15}, "good, only listening": {true, msg, 0},
	} {
		s := nonin.Driver{}.Open(c.listen)
		s.Receive(1, c.bytes, drivertest.Nothing{})
		send, _ := s.Poll(1, drivertest.Nothing{})
		if c.want == 0 && len(send) != 0 || c.want != 0 && (len(send) != 1 || send[0] != c.want) {
			t.Errorf("%s: answered % x, want %x", name, send, c.want)
		}
	}
}

func TestTextLines(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"SPO2=098 HR=072", "98 % 72 /min"},
		{"12:34:56 SPO2=098 HR=072", "98 % 72 /min"},
		{"SPO2=098 HR=072 F*", "98 % 72 /min"},
		{"SPO2=098 HR=072*", "98 % 72 /min"},
		{"SPO2=--- HR=---", "searching searching"},
		{"SPO2= 98 HR= 72", "98 % 72 /min"},
		{"SPO2=100 HR=205 B", "100 % 205 /min"},
		{"SPO2=0x8 HR=072", " "},
		{"SPO2=098HR=", " "},
		{"SPO2=198 HR=072", " "},
		{"25:34:56 SPO2=098 HR=072", " "},
		{"SPO2=098 HR=072 Z", " "},
		{"SPO2=098% BPM=072", " "},
	} {
		e, _ := hear([]byte("\r\n" + c.line + "\r\n"))
		if got := last(e, vital.SpO2) + " " + last(e, vital.PulseRate); got != c.want {
			t.Errorf("%q: %s, want %s", c.line, got, c.want)
		}
	}
}

func TestPlethIsPlacedByCountAndHasGaps(t *testing.T) {
	s, e := nonin.Driver{}.Open(true), &waves{}
	b := slices.Concat(bytes.Repeat(packetOf(nonin.DF7, 72, 97, 2, 0), 9), bytes.Repeat(packetOf(nonin.DF7, 511, 127, 0x40, 0), 3))
	for i := range len(b) / 5 { // each frame up to 8 ms late
		late := time.Duration(i*7919%8) * time.Millisecond
		s.Receive(vital.Instant(time.Second+time.Duration(i)*time.Second/75+late), b[i*5:i*5+5], e)
	}
	if len(e.all) != 60 {
		t.Fatalf("%d waveforms of 5 samples, want 60", len(e.all))
	}
	for i, w := range e.all {
		if w.Lead != vital.Pleth || len(w.Samples) != 5 || w.Rate != vital.Int(75) || w.Max != 65535 {
			t.Fatalf("waveform %d: %+v", i, w)
		}
		if want := i >= 45; want != (len(w.Gaps) == 1 && w.Gaps[0] == vital.Gap{From: 0, Len: 5, Why: vital.ProbeOff}) {
			t.Errorf("waveform %d: gaps %v", i, w.Gaps)
		}
		if i > 0 {
			step := w.Arrived.Sub(e.all[i-1].Arrived)
			if off := step - time.Second/15; off < -time.Millisecond || off > time.Millisecond {
				t.Errorf("waveform %d begins %v after the one before, want 66.7 ms", i, step)
			}
		}
	}
	if w := e.all[0]; w.Samples[0] != 0x8000+100 || w.Samples[4] != 0x8000+104 {
		t.Errorf("samples %v", w.Samples)
	}
}

// waves keeps waveforms.
type waves struct {
	drivertest.Nothing
	all []vital.Waveform
}

func (w *waves) Waveform(v vital.Waveform) {
	v.Samples, v.Gaps = slices.Clone(v.Samples), slices.Clone(v.Gaps)
	w.all = append(w.all, v)
}

func TestATwoWayMonitorIsIdentifiedAndToldToUseFormat7(t *testing.T) {
	e := &drivertest.Events{}
	chunks := drivertest.Record(nonin.Driver{}, drivertest.Monitor{New: func() devices.Simulator { return nonin.NewSimulator(nonin.DF8) }}, 20*time.Second)
	drivertest.Listen(nonin.Driver{}, chunks, e)
	if all := strings.Join(e.Lines, "\n"); !strings.Contains(all, "Serial:501234567") || !strings.Contains(all, "WristOx2") || e.Samples < 75*10 {
		t.Errorf("%d samples; events:\n%.600s", e.Samples, all)
	}
}

func FuzzSession(f *testing.F) {
	f.Add(packets(nonin.DF2, 2, 130, 97, 2, 0), uint8(3))
	f.Add(packets(nonin.DF7, 2, 511, 127, 0x40, 1), uint8(7))
	f.Add(short(nonin.DF8, 6, 300, 88, 4, 1), uint8(1))
	f.Add(short(nonin.DF1, 9, 72, 97, 0, 0), uint8(2))
	f.Add([]byte("12:00:01 SPO2=098 HR=072\r\nSPO2=--- HR=---\r\n"), uint8(9))
	f.Add([]byte{0x00, 0x02, 0x00, 0x0d, 0x00, 0x0e, 0x20, 0x26, 0x11, 0x22, 0x16, 0x30, 0x05, 0x25, 0x02, 0x00, 0x00, 130, 0x00, 96, 0xd8, 0x03}, uint8(5))
	f.Add([]byte{0x06, 0x02, 0xf4, 0x0a, 2, '5', '0', '1', '2', '3', '4', '5', '6', '7', 0x03}, uint8(4))
	f.Fuzz(func(t *testing.T, b []byte, cut uint8) {
		whole, one := hear(b)
		got, s := &drivertest.Events{}, nonin.Driver{}.Open(true)
		for rest := b; len(rest) > 0; {
			n := min(int(cut)+1, len(rest))
			s.Receive(1, rest[:n], got)
			rest = rest[n:]
		}
		if !slices.Equal(whole.Lines, got.Lines) || one != s.Counters() {
			t.Fatalf("cut into %d: %v, whole: %v", cut+1, got.Lines, whole.Lines)
		}
		for _, r := range whole.Readings {
			if v, ok := r.Value(); ok && !r.Sign.Possible(v, r.Unit) {
				t.Fatalf("%v is not possible", r)
			}
		}
		nonin.Driver{}.Recognise(b, devices.Line{})
		m := nonin.NewSimulator(nonin.DF7)
		m.Receive(0, b)
		m.Poll(0, drivertest.Body{})
	})
}
