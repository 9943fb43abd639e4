package datex_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldkit/build/foreign"
	"fieldkit/devices"
	"fieldkit/devices/datex"
	"fieldkit/devices/drivertest"
	"fieldkit/triage/vital"
)

// hear gives b to a session that only listens, at one moment.
func hear(b []byte) (*drivertest.Events, devices.Counters) {
	got := &drivertest.Events{}
	c := drivertest.Listen(datex.Driver{}, []drivertest.Chunk{{At: 1, Bytes: b}}, got)
	return got, c
}

// values is the texts of a sign's readings, in order.
func values(e *drivertest.Events, s vital.Sign) (all []string) {
	for _, r := range e.Readings {
		if r.Sign == s {
			all = append(all, r.String())
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

// The figures of the capture are those of ../shared/data's manifest, made with
// another reader (UN-GCPDS/python-pycollect's layouts in Python).
func TestForeignCaptures(t *testing.T) {
	e, c := hear(foreign.Read(t, "devices", "ge-s5-dri", "db00.raw"))
	if c.Frames != 3520 || c.Bad != 0 || c.Resync != 1 || c.Unknown != 0 {
		t.Errorf("counters %+v, want 3520 frames, none bad, and one start in the middle", c)
	}
	for _, w := range []struct {
		sign        vital.Sign
		n           int
		first, last string
	}{
		{vital.HeartRate, 1760, "85 /min", "69 /min"},
		{vital.RespRateImpedance, 1760, "21 /min", "14 /min"},
		{vital.SpO2, 1760, "100.00 %", "100.00 %"},
		{vital.PulseRate, 1760, "87 /min", "70 /min"},
		{vital.NIBPSys, -1, "87.00 mmHg", "81.00 mmHg"},
		{vital.NIBPDia, -1, "61.00 mmHg", "52.00 mmHg"},
		{vital.NIBPMean, -1, "73.00 mmHg", "64.00 mmHg"},
		{vital.Temperature, 1, "not measured", "not measured"},
		{vital.AmbientPressure, 1760, "759.8 mmHg", "759.8 mmHg"},
	} {
		all := values(e, w.sign)
		if len(all) == 0 || all[0] != w.first || all[len(all)-1] != w.last || w.n >= 0 && len(all) != w.n {
			t.Errorf("%v: %d readings, first %q, last %q; want %d, %q, %q", w.sign, len(all), first(all), last(e, w.sign), w.n, w.first, w.last)
		}
	}
	if n := len(values(e, vital.NIBPSys)); n > 40 {
		t.Errorf("%d cuff results in 1,760 s: repeats count as new", n)
	}
	// 1,733 records of 100 samples, 14 of 99 and 13 of 101, each of two waves.
	if want := 2 * (1733*100 + 14*99 + 13*101); e.Samples != want {
		t.Errorf("%d samples, want %d", e.Samples, want)
	}
	e, c = hear(foreign.Read(t, "devices", "ge-s5-dri", "nb_raw.raw"))
	if c.Frames != 21 {
		t.Errorf("the other capture: %+v, want 21 frames", c)
	}
	// Read by hand from the first record's bytes: 50 00, 53 00 and C1 25.
	if hr, pr, sat := values(e, vital.HeartRate), values(e, vital.PulseRate), values(e, vital.SpO2); first(hr) != "80 /min" || first(pr) != "83 /min" || first(sat) != "96.65 %" {
		t.Errorf("the other capture begins HR %s, PR %s, SpO2 %s", first(hr), first(pr), first(sat))
	}
	// SE and RE are 32 00 and 3D 00.
	if se, re := values(e, vital.EntropyState), values(e, vital.EntropyResponse); first(se) != "50" || first(re) != "61" {
		t.Errorf("the other capture begins SE %s, RE %s", first(se), first(re))
	}
}

func first(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

// recordOf is a displayed-values record with one basic class, written out here
// from the layout, apart from the simulator. set gives words by their offset after
// the subrecord's time.
func recordOf(level byte, set map[int]int) []byte {
	r := make([]byte, 40+278)
	binary.LittleEndian.PutUint16(r, uint16(len(r)))
	r[3] = level
	binary.LittleEndian.PutUint32(r[6:], 1_790_000_000)
	r[16+2], r[19+2] = 1, 0xff
	class := r[44:]
	for at := 6; at < 270; at += 2 {
		binary.LittleEndian.PutUint16(class[at:], 0x8001)
	}
	for _, group := range []int{0, 16, 30, 44, 58, 72, 86, 94, 102, 110, 118, 132, 146, 156, 166, 178, 200, 214, 232} {
		copy(class[group:], []byte{3, 0, 0, 0, 0, 0})
	}
	for at, v := range set {
		binary.LittleEndian.PutUint16(class[at:], uint16(int16(v)))
	}
	return r
}

func frameOf(r []byte) []byte {
	out, sum := []byte{0x7e}, byte(0)
	for _, c := range r {
		sum += c
	}
	for _, c := range append(slices.Clone(r), sum) {
		if c == 0x7e || c == 0x7d {
			out = append(out, 0x7d, c&0xdf)
			continue
		}
		out = append(out, c)
	}
	return append(out, 0x7e)
}

func TestEveryHeartRate(t *testing.T) {
	for _, rate := range []int{0, 30, 127, 128, 255, 256, 300, 350} {
		e, _ := hear(frameOf(recordOf(10, map[int]int{6: rate, 126: rate})))
		want := fmt.Sprintf("%d /min", rate)
		if hr, pr := last(e, vital.HeartRate), last(e, vital.PulseRate); hr != want || pr != want {
			t.Errorf("rate %d: heart %s, pulse %s", rate, hr, pr)
		}
	}
	if e, _ := hear(frameOf(recordOf(10, map[int]int{6: 3000}))); last(e, vital.HeartRate) != "withheld" {
		t.Errorf("a heart rate of 3000 is %s", last(e, vital.HeartRate))
	}
}

func TestEverySentinel(t *testing.T) {
	for v, want := range map[int]string{
		-32767: "not measured", -32766: "searching", -32765: "artefact", -32764: "under range", -32763: "over range",
		-32762: "not calibrated", -32768: "not measured", -32002: "not measured",
	} {
		set := map[int]int{}
		for _, at := range []int{6, 22, 78, 92, 124, 138, 154} {
			set[at] = v
		}
		e, _ := hear(frameOf(recordOf(10, set)))
		for _, s := range []vital.Sign{vital.HeartRate, vital.P1Sys, vital.NIBPSys, vital.Temperature, vital.SpO2, vital.EtCO2, vital.FiO2} {
			if got := last(e, s); got != want {
				t.Errorf("%d of %v is %q, want %q", v, s, got, want)
			}
		}
	}
}

func TestScalesAndLabels(t *testing.T) {
	for _, c := range []struct {
		name string
		set  map[int]int
		want string
	}{
		{"arterial line", map[int]int{20: 1, 22: 12050, 24: 6000, 26: 8000}, "ABP-SYS 120.50 mmHg  ABP-DIA 60.00 mmHg  ABP-MEAN 80.00 mmHg"},
		{"femoral artery", map[int]int{48: 16, 50: 11000}, "ABP-SYS 110.00 mmHg femoral"},
		{"central venous pressure", map[int]int{34: 2, 40: -150}, "CVP -1.50 mmHg"},
		{"pulmonary artery", map[int]int{62: 3, 64: 2500}, "P4-SYS 25.00 mmHg PA"},
		{"unlabelled pressure", map[int]int{22: 9000}, "P1-SYS 90.00 mmHg"},
		{"rectal temperature", map[int]int{90: 4, 92: 3712}, "TEMP 37.12 °C rectal"},
		{"room temperature is not the patient's", map[int]int{98: 9, 100: 2100}, "unknown 21.00 °C room"},
		// 5.00 % of 760.0 mmHg is 38 mmHg.
		{"end-tidal CO2 is a share of the ambient pressure", map[int]int{138: 500, 144: 7600}, "etCO2 38.0 mmHg"},
		{"without it, it is kept as a share", map[int]int{138: 500}, "unknown 5.00 %"},
		{"oxygen", map[int]int{154: 4000}, "FiO2 40.00 %"},
		{"PEEP", map[int]int{188: 520}, "PEEP 5.20 cmH₂O"},
		{"tidal volume", map[int]int{194: 4321}, "VTE 432.1 mL"},
		{"minute volume", map[int]int{198: 612}, "MV 6.12 L/min"},
		{"cuff", map[int]int{78: 8700, 80: 6100, 82: 7300, 84: 66}, "NIBP-SYS 87.00 mmHg  NIBP-DIA 61.00 mmHg  NIBP-MEAN 73.00 mmHg  PR-NIBP 66 /min"},
		{"what has no sign passes through", map[int]int{206: 512}, "unknown 512"},
	} {
		e, _ := hear(frameOf(recordOf(10, c.set)))
		var got []string
		for _, r := range e.Readings {
			if v, ok := r.Value(); ok && r.Sign != vital.AmbientPressure {
				if _ = v; r.Sign == vital.Unknown && r.Raw == "" {
					t.Errorf("%s: an unknown parameter without its name", c.name)
				}
				got = append(got, strings.TrimSpace(fmt.Sprint(r.Sign, " ", r, " ", r.Site)))
			}
			if strings.Contains(r.Sign.String(), "NIBP") != r.Aperiodic {
				t.Errorf("%s: %v aperiodic is %v", c.name, r.Sign, r.Aperiodic)
			}
		}
		if text := strings.Join(got, "  "); text != c.want {
			t.Errorf("%s: %s, want %s", c.name, text, c.want)
		}
	}
}

// An older monitor fills classes it does not know with zeros: no module, no number.
func TestAModuleThatIsNotThereHasNoNumbers(t *testing.T) {
	r := recordOf(5, map[int]int{124: 0, 126: 0, 238: 0, 6: 72})
	for _, group := range []int{118, 232} {
		r[44+group] = 0
	}
	e, _ := hear(frameOf(r))
	for s, want := range map[vital.Sign]string{vital.SpO2: "not measured", vital.PulseRate: "not measured", vital.SvO2: "not measured", vital.HeartRate: "72 /min"} {
		if got := last(e, s); got != want {
			t.Errorf("%v is %s, want %s", s, got, want)
		}
	}
}

func TestACuffResultIsNewOnce(t *testing.T) {
	one, two := frameOf(recordOf(10, map[int]int{78: 12000, 80: 8000})), frameOf(recordOf(10, map[int]int{78: 13000, 80: 8000}))
	e, _ := hear(slices.Concat(one, one, one, two, two))
	if got := values(e, vital.NIBPSys); !slices.Equal(got, []string{"120.00 mmHg", "130.00 mmHg"}) {
		t.Errorf("five records of two cuff results give %v", got)
	}
	if got := values(e, vital.NIBPDia); len(got) != 2 {
		t.Errorf("the second result is not whole: %v", got)
	}
}

func TestAGarbledRecordIsNotBelieved(t *testing.T) {
	good := recordOf(10, map[int]int{6: 72})
	for name, spoil := range map[string]func(r []byte) []byte{
		"length":        func(r []byte) []byte { r[0]++; return r },
		"level":         func(r []byte) []byte { r[3] = 200; return r },
		"kind":          func(r []byte) []byte { r[14] = 9; return r },
		"a byte short":  func(r []byte) []byte { return r[:len(r)-1] },
		"a byte double": func(r []byte) []byte { return append(r, 0) },
		"offset":        func(r []byte) []byte { r[16] = 1; return r },
	} {
		e, c := hear(slices.Concat(frameOf(good), frameOf(spoil(slices.Clone(good)))))
		if c.Bad != 1 || c.Frames != 1 || len(values(e, vital.HeartRate)) != 1 {
			t.Errorf("%s wrong, though with a right sum: %+v", name, c)
		}
	}
}

func TestOnAGarbledLineALeapIsBelievedOnlyTwice(t *testing.T) {
	frame := func(rate int) []byte { return frameOf(recordOf(10, map[int]int{6: rate})) }
	bad := frame(72)
	bad[60] ^= 1
	e, _ := hear(slices.Concat(frame(72), frame(140), frame(72), bad, frame(73), frame(140), frame(74), frame(140), frame(141)))
	if got := values(e, vital.HeartRate); !slices.Equal(got, []string{"72 /min", "140 /min", "72 /min", "73 /min", "141 /min"}) {
		t.Errorf("heart rates %v", got)
	}
}

// A garbled class number must not make one class's zeros another's numbers.
func TestEachClassComesOnceAndInOrder(t *testing.T) {
	two := append(recordOf(10, map[int]int{6: 72}), recordOf(10, map[int]int{6: 0})[40:]...)
	binary.LittleEndian.PutUint16(two, uint16(len(two)))
	for class, want := range map[byte]uint64{0: 1, 1: 0} {
		two[len(two)-1] = class
		if _, c := hear(frameOf(two)); c.Bad != want {
			t.Errorf("basic numbers, then class %d: %+v", class, c)
		}
	}
}

// A tapped line carries the requests of another computer too.
func TestRequestsOfAnotherComputerAreNoNumbers(t *testing.T) {
	r := make([]byte, 49)
	r[0], r[21], r[40] = 49, 0xff, 1
	e, c := hear(frameOf(r))
	if len(e.Lines) != 0 || c.Frames != 1 || c.Bad != 0 {
		t.Errorf("%v, %+v", e.Lines, c)
	}
}

// waveOf is a record of one waveform, from the layout.
func waveOf(kind byte, samples ...int) []byte {
	r := make([]byte, 46+2*len(samples))
	binary.LittleEndian.PutUint16(r, uint16(len(r)))
	r[3], r[14] = 10, 1
	r[18], r[21] = kind, 0xff
	binary.LittleEndian.PutUint16(r[40:], uint16(len(samples)))
	for i, v := range samples {
		binary.LittleEndian.PutUint16(r[46+2*i:], uint16(int16(v)))
	}
	return r
}

func TestWavesCarryUnitScaleAndGaps(t *testing.T) {
	w := &waves{}
	drivertest.Listen(datex.Driver{}, []drivertest.Chunk{{At: vital.Instant(time.Second), Bytes: frameOf(waveOf(1, 100, -1000, -32767, -32767, -32765, 5))}}, w)
	if len(w.all) != 1 {
		t.Fatalf("%d waveforms", len(w.all))
	}
	got := w.all[0]
	if got.Lead != vital.ECG || got.Unit != vital.Millivolt || got.Scale != vital.Dec(1, -3) || got.Rate != vital.Int(300) || got.Samples[1] != -1000 {
		t.Errorf("%+v", got)
	}
	want := []vital.Gap{{From: 2, Len: 2, Why: vital.NotMeasured}, {From: 4, Len: 1, Why: vital.Artefact}}
	if !slices.Equal(got.Gaps, want) {
		t.Errorf("gaps %v, want %v", got.Gaps, want)
	}
	if _, c := hear(frameOf(waveOf(99, 1, 2))); c.Unknown != 1 || c.Bad != 0 {
		t.Errorf("a wave of a later version: %+v", c)
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

func TestAlarmsBeginAndEnd(t *testing.T) {
	record := func(silenced int, texts ...string) []byte {
		r := make([]byte, 40+510)
		binary.LittleEndian.PutUint16(r, uint16(len(r)))
		r[3], r[14], r[18], r[21] = 10, 4, 1, 0xff
		r[48] = byte(silenced)
		for i, text := range texts {
			copy(r[50+98*i:], text[1:])
			r[50+98*i+82] = text[0] - '0'
		}
		return frameOf(r)
	}
	heard := &alarms{}
	drivertest.Listen(datex.Driver{}, []drivertest.Chunk{{At: 1, Bytes: slices.Concat(record(0, "3Asystole", "1NIBP cuff loose"), record(4, "1NIBP cuff loose", "2HR high"), record(0))}}, heard)
	want := []string{
		"+Asystole high", "+NIBP cuff loose low",
		"+HR high medium silenced", "-Asystole high",
		"-NIBP cuff loose low", "-HR high medium",
	}
	if !slices.Equal(heard.all, want) {
		t.Errorf("alarms %q, want %q", heard.all, want)
	}
}

type alarms struct {
	drivertest.Nothing
	all []string
}

func (a *alarms) Alarm(v devices.Alarm) {
	text := "+" + v.Text + " " + v.Priority.String()
	if v.Ended {
		text = "-" + text[1:]
	}
	if v.Silenced {
		text += " silenced"
	}
	a.all = append(a.all, text)
}

func TestAMonitorIsAskedForNumbersWavesAndAlarms(t *testing.T) {
	e := &drivertest.Events{}
	m := datex.NewSimulator()
	m.Alarm, m.Priority = "SpO2 low", devices.Medium
	chunks := drivertest.Record(datex.Driver{}, drivertest.Monitor{New: func() devices.Simulator { return m }}, 20*time.Second)
	drivertest.Listen(datex.Driver{}, chunks, e)
	all := strings.Join(e.Lines, "\n")
	if n := len(values(e, vital.HeartRate)); n < 15 || e.Samples < 15*500 || !strings.Contains(all, "SpO2 low") || !strings.Contains(all, "DRI level 10") {
		t.Errorf("%d heart rates, %d samples in 20 s: %.300s", n, e.Samples, all)
	}
	if send, again := (datex.Driver{}).Open(true).Poll(0, drivertest.Nothing{}); send != nil || again != devices.Never {
		t.Errorf("a session that only listens sends % x", send)
	}
}

func FuzzSession(f *testing.F) {
	f.Add(frameOf(recordOf(10, map[int]int{6: 72, 124: 9700, 78: 12000})), uint8(3))
	f.Add(frameOf(waveOf(8, 1, 2, 3, -32767)), uint8(1))
	f.Add(frameOf(append(make([]byte, 40), 1, 2)), uint8(9))
	f.Add([]byte{0x7e, 0x7d, 0x7e, 0x7d, 0x5d, 0x7e, 0x7e}, uint8(0))
	f.Fuzz(func(t *testing.T, b []byte, cut uint8) {
		whole, one := hear(b)
		got, s := &drivertest.Events{}, datex.Driver{}.Open(true)
		for rest := b; len(rest) > 0; {
			n := min(int(cut)+1, len(rest))
			s.Receive(1, rest[:n], got)
			rest = rest[n:]
		}
		if !slices.Equal(whole.Lines, got.Lines) || one != s.Counters() {
			t.Fatalf("cut into %d: %v, whole: %v", int(cut)+1, got.Lines, whole.Lines)
		}
		// What stands in a frame with a right sum is looked into further.
		hear(frameOf(b))
		datex.Driver{}.Recognise(b, devices.Line{})
		m := datex.NewSimulator()
		m.Receive(0, b)
		m.Receive(0, frameOf(b))
		m.Poll(0, drivertest.Body{})
	})
}
