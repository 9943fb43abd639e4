package ivy_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"fieldkit/build/foreign"
	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/devices/ivy"
	"fieldkit/triage/vital"
)

// hear gives b to a session, at one moment.
func hear(b []byte) (*drivertest.Events, devices.Counters) {
	got := &drivertest.Events{}
	c := drivertest.Listen(ivy.Driver{}, []drivertest.Chunk{{At: 1, Bytes: b}}, got)
	return got, c
}

func values(e *drivertest.Events, s vital.Sign) (all []string) {
	for _, r := range e.Readings {
		if r.Sign == s {
			all = append(all, r.String())
		}
	}
	return all
}

// messageOf is a message from the layout; lines replace those of their key.
func messageOf(lines ...string) []byte {
	all := []string{"HR=1;80;ECG-II-DIAG;", "RR=1;35;APNEA: 20 SEC;", "ETCO2=1;;;", "SPO2=1;100;PR=80 ;", "NIBP=4;121;75;92;80;;", "P1=3;111;73;88;;", "P2=3;;;;NO TRANSDUCER;", "T1=1;;;", "T2=1;;;"}
	for _, l := range lines {
		key, _, _ := strings.Cut(l, "=")
		at := slices.IndexFunc(all, func(s string) bool { return strings.HasPrefix(s, key+"=") })
		if at < 0 {
			all = append(all, l)
			continue
		}
		all[at] = l
	}
	b := append([]byte("\xffANSAR-B "), bytes.Repeat([]byte{100}, 400)...)
	for _, l := range all {
		b = append(append(b, l...), '\r')
	}
	return append(b, 0xfe)
}

// The figures are those of ../shared/data's manifest.
func TestForeignCapture(t *testing.T) {
	b := foreign.Read(t, "devices", "openice-ivy450c", "Ivy450C.1.data")
	w := &waves{}
	c := drivertest.Listen(ivy.Driver{}, []drivertest.Chunk{{At: 1, Bytes: b}}, w)
	if c.Frames != 27 || c.Bad != 0 || c.Resync != 1 || c.Unknown != 0 {
		t.Errorf("counters %+v, want 27 messages after a start in the middle", c)
	}
	e, _ := hear(b)
	for sign, want := range map[vital.Sign]string{
		vital.HeartRate: "80 /min", vital.RespRate: "35 /min", vital.SpO2: "100 %", vital.PulseRate: "80 /min", vital.EtCO2: "not measured",
		vital.NIBPSys: "121 mmHg", vital.NIBPDia: "75 mmHg", vital.NIBPMean: "92 mmHg", vital.PulseRateNIBP: "80 /min",
		vital.P1Sys: "111 mmHg", vital.P1Dia: "73 mmHg", vital.P1Mean: "88 mmHg", vital.P2Sys: "disconnected", vital.P2Mean: "disconnected",
		vital.Temperature: "not measured", vital.Temperature2: "not measured",
	} {
		all := values(e, sign)
		n := 27
		if strings.Contains(sign.String(), "NIBP") {
			n = 1
		}
		if len(all) != n || all[0] != want {
			t.Errorf("%v: %d times, first %q; want %d, %q", sign, len(all), all[:1], n, want)
		}
	}
	if len(w.all) != 5*27 || w.all[0].Lead != vital.ECGII || len(w.all[0].Samples) != 200 {
		t.Fatalf("%d waveforms, the first of %v", len(w.all), w.all[0].Lead)
	}
	if p1 := w.all[3]; p1.Lead != vital.P1 || slices.Max(p1.Samples) != 111 || slices.Min(p1.Samples) != 73 {
		t.Errorf("the first pressure wave is from %d to %d, the numbers 111 and 73", slices.Min(p1.Samples), slices.Max(p1.Samples))
	}
	if p2 := w.all[4]; !slices.Equal(p2.Gaps, []vital.Gap{{From: 0, Len: 50, Why: vital.Disconnected}}) {
		t.Errorf("no transducer: gaps %v", p2.Gaps)
	}
	// ECG: the first whole message begins 8A; (0x8A-100) x 0.02 = 0.76 mV.
	if ecg := w.all[0]; ecg.Scale != vital.Dec(2, -2) || ecg.Offset != -100 || ecg.Samples[0] != 0x8a {
		t.Errorf("%+v", ecg)
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

func TestEveryHeartRate(t *testing.T) {
	for _, rate := range []int{0, 30, 127, 128, 255, 256, 300} {
		e, _ := hear(messageOf(fmt.Sprintf("HR=1;%d;ECG-I;", rate), fmt.Sprintf("SPO2=1;97;PR=%d ;", rate)))
		want := []string{fmt.Sprintf("%d /min", rate)}
		if !slices.Equal(values(e, vital.HeartRate), want) || !slices.Equal(values(e, vital.PulseRate), want) {
			t.Errorf("rate %d: %v, %v", rate, values(e, vital.HeartRate), values(e, vital.PulseRate))
		}
	}
}

func TestReasonsAndUnits(t *testing.T) {
	for _, c := range []struct {
		line string
		sign vital.Sign
		want string
	}{
		{"HR=1;;LEAD OFF;", vital.HeartRate, "probe off"},
		{"HR=1;;ECG-II-DIAG;LEADS OFF", vital.HeartRate, "probe off"},
		{"SPO2=1;;PR= ;PULSE SEARCH", vital.SpO2, "searching"},
		{"SPO2=1;;PR= ;PULSE SEARCH", vital.PulseRate, "searching"},
		{"SPO2=1;;;SENSOR OFF", vital.SpO2, "probe off"},
		{"NIBP=4;;;;;ARTIFACT;", vital.NIBPSys, "artefact"},
		{"P1=3;;;;NOT ZEROED;", vital.P1Sys, "not calibrated"},
		{"P2=3;-5;-8;-6;CVP;", vital.P2Mean, "-6 mmHg"},
		{"T1=1;37.2;;", vital.Temperature, "37.2 °C"},
		{"T2=1;98.6;;", vital.Temperature2, "98.6 °F"},
		{"ETCO2=1;38;;", vital.EtCO2, "38 mmHg"},
		{"ETCO2=1;5.1;;", vital.Unknown, "5.1"}, // not in mmHg: kept, but not as such
		{"SPO2=1;101;PR=80 ;", vital.SpO2, "withheld"},
	} {
		e, counters := hear(messageOf(c.line))
		if all := values(e, c.sign); len(all) != 1 || all[0] != c.want || counters.Bad != 0 {
			t.Errorf("%s: %v, want %s; %+v", c.line, all, c.want, counters)
		}
	}
}

func TestAMessageWithOneWrongFieldIsNotBelieved(t *testing.T) {
	for _, l := range []string{"HR=1;8x;ECG-II;", "HR=1;80", "HR=x;80;;", "HR;1", "SPO2=1;97;PX=80;", "NIBP=4;12100;75;92;80;;", "T1=1;3..7;;", "HR=1;80;A\x80;", "RR=1;1;;;;;;x"} {
		if e, c := hear(messageOf(l)); len(e.Readings) != 0 || c.Bad != 1 {
			t.Errorf("%q: %v, %+v", l, e.Readings, c)
		}
	}
	if _, c := hear(messageOf("XX=1;2;3;\rHR=1;90;ECG-II;")); c.Bad != 1 {
		t.Errorf("two heart rates in one message: %+v", c)
	}
	if _, c := hear(messageOf("XX=1;2;3;")); c.Unknown != 1 || c.Frames != 1 {
		t.Errorf("a line of a later model: %+v", c)
	}
}

func TestOnAGarbledLineALeapIsBelievedOnlyTwice(t *testing.T) {
	hr := func(n int) []byte { return messageOf(fmt.Sprintf("HR=1;%d;ECG-II;", n)) }
	e, _ := hear(slices.Concat(hr(80), hr(140), hr(80), messageOf("HR=1;8"), hr(81), hr(10), hr(80), hr(140), hr(141)))
	if got := values(e, vital.HeartRate); !slices.Equal(got, []string{"80 /min", "140 /min", "80 /min", "81 /min", "141 /min"}) {
		t.Errorf("%v", got)
	}
}

func TestACuffResultIsNewOnce(t *testing.T) {
	two := messageOf("NIBP=4;130;80;97;82;;")
	e, _ := hear(slices.Concat(messageOf(), messageOf(), two, two))
	if got := values(e, vital.NIBPSys); !slices.Equal(got, []string{"121 mmHg", "130 mmHg"}) {
		t.Errorf("%v", got)
	}
	for _, r := range e.Readings {
		if strings.Contains(r.Sign.String(), "NIBP") != r.Aperiodic {
			t.Errorf("%v aperiodic: %v", r.Sign, r.Aperiodic)
		}
	}
}

func TestAlarmsBeginAndEnd(t *testing.T) {
	heard := &alarms{}
	high, higher := messageOf("HR=1;150;ECG-II;HR HIGH"), messageOf("HR=1;180;ECG-II;TACHYCARDIA")
	drivertest.Listen(ivy.Driver{}, []drivertest.Chunk{{At: 1, Bytes: slices.Concat(messageOf(), high, high, higher, messageOf())}}, heard)
	if want := []string{"+HR: HR HIGH", "-HR: HR HIGH", "+HR: TACHYCARDIA", "-HR: TACHYCARDIA"}; !slices.Equal(heard.all, want) {
		t.Errorf("%q, want %q", heard.all, want)
	}
}

type alarms struct {
	drivertest.Nothing
	all []string
}

func (a *alarms) Alarm(v devices.Alarm) {
	if v.Ended {
		a.all = append(a.all, "-"+v.Text)
		return
	}
	a.all = append(a.all, "+"+v.Text)
}

func FuzzSession(f *testing.F) {
	f.Add(messageOf(), uint8(3))
	f.Add(messageOf("HR=1;-;;", "SPO2=1;;;", "T1=1;-1.5;;"), uint8(200))
	f.Add([]byte("\xff\xfe\xffANSAR-B \xfe"), uint8(0))
	f.Fuzz(func(t *testing.T, b []byte, cut uint8) {
		whole, one := hear(b)
		got, s := &drivertest.Events{}, ivy.Driver{}.Open(true)
		for rest := b; len(rest) > 0; {
			n := min(int(cut)+1, len(rest))
			s.Receive(1, rest[:n], got)
			rest = rest[n:]
		}
		if !slices.Equal(whole.Lines, got.Lines) || one != s.Counters() {
			t.Fatalf("cut into %d: %v, whole: %v", int(cut)+1, got.Lines, whole.Lines)
		}
		hear(append(append(messageOf()[:409], b...), '\r', 0xfe)) // as the lines of a message
		ivy.Driver{}.Recognise(b, devices.Line{})
	})
}
