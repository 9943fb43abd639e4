package masimo_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldkit/build/foreign"
	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/devices/masimo"
	"fieldkit/triage/vital"
)

// hear gives text to a session, at one moment.
func hear(b []byte) (*drivertest.Events, devices.Counters) {
	got := &drivertest.Events{}
	c := drivertest.Listen(masimo.Driver{}, []drivertest.Chunk{{At: 1, Bytes: b}}, got)
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

// OpenICE keeps whole numbers only: PI 04.25 is lost there.
func TestForeignLines(t *testing.T) {
	e, c := hear(foreign.Read(t, "devices", "masimo-nellcor", "masimo-rad8-ascii1.txt"))
	if c.Frames != 12 || c.Bad != 0 || c.Resync != 0 || c.Unknown != 0 {
		t.Errorf("counters %+v, want 12 lines", c)
	}
	for sign, want := range map[vital.Sign][]string{
		vital.SpO2:           {"98 %", "98 %", "98 %", "98 %", "97 %", "97 %", "97 %", "97 %", "97 %", "97 %", "98 %", "probe off"},
		vital.PulseRate:      {"97 /min", "96 /min", "96 /min", "96 /min", "80 /min", "81 /min", "81 /min", "81 /min", "80 /min", "80 /min", "57 /min", "probe off"},
		vital.PerfusionIndex: {"3.60 %", "3.95 %", "4.25 %", "3.19 %", "4.96 %", "5.04 %", "5.04 %", "5.13 %", "5.26 %", "5.31 %", "7.02 %", "probe off"},
	} {
		if got := values(e, sign); !slices.Equal(got, want) {
			t.Errorf("%v: %v, want %v", sign, got, want)
		}
	}
	if at := e.Readings[0].MonitorTime; !at.Equal(time.Date(2016, 2, 22, 22, 47, 45, 0, time.UTC)) {
		t.Errorf("monitor time %v", at)
	}
	all := strings.Join(e.Lines, "\n")
	for _, want := range []string{"Serial:0000056661", "Serial:0000182948", "pulse rate low", "sensor off", "low perfusion"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not told", want)
		}
	}
}

// lineOf is a Rad-8's line, with some of its words replaced.
func lineOf(words ...string) string {
	all := []string{"02/22/16", "22:47:47", "SN=0000056661", "SPO2=098%", "BPM=096", "PI=04.25%", "SPCO=--.-%", "SPMET=--.-%", "DESAT=--", "PIDELTA=+--", "ALARM=0000", "EXC=000800"}
	for _, w := range words {
		key, _, _ := strings.Cut(w, "=")
		if at := slices.IndexFunc(all, func(s string) bool { return strings.HasPrefix(s, key+"=") }); at >= 0 {
			all[at] = w
		} else {
			all = append(all, w)
		}
	}
	return strings.Join(all, " ") + "\r\n"
}

func TestEveryDialect(t *testing.T) {
	for name, text := range map[string]string{
		"Rad-8":      lineOf("SPCO=01.0%", "SPMET=01.1%"),
		"Rad-5":      strings.Replace(lineOf("SPCO=01.0%", "SPMET=01.1%"), "SN=0000056661 ", "", 1),
		"with PVI":   lineOf("SPCO=01.0%", "SPMET=01.1%", "PVI=014"),
		"Radical-7":  "02/22/16 22:47:47 SN=0000056661 SPO2=098% BPM=096 PI=04.25 SPCO=01% SPMET=01.1% SPHB=13.3 SPOC=18 RESVD=--- DESAT=-- PIDELTA=+-- PVI=014 ALARM=000000 EXC=0000800 EXC1=0000000\r\n",
		"other ends": strings.TrimSuffix(lineOf("SPCO=01.0%", "SPMET=01.1%"), "\r\n") + " \n",
	} {
		e, c := hear([]byte(text))
		if c.Frames != 1 || c.Bad != 0 {
			t.Errorf("%s: %+v", name, c)
		}
		for sign, want := range map[vital.Sign]string{vital.SpO2: "98 %", vital.PulseRate: "96 /min", vital.PerfusionIndex: "4.25 %", vital.SpMet: "1.1 %"} {
			if got := values(e, sign); !slices.Equal(got, []string{want}) {
				t.Errorf("%s: %v is %v, want %s", name, sign, got, want)
			}
		}
		if got := values(e, vital.SpCO); len(got) != 1 || got[0] != "1.0 %" && got[0] != "1 %" {
			t.Errorf("%s: SpCO %v", name, got)
		}
		if name == "Radical-7" {
			if hb, oc, pvi := values(e, vital.SpHb), values(e, vital.SpOC), values(e, vital.PlethVariability); hb[0] != "13.3 g/dL" || oc[0] != "18 mL/dL" || pvi[0] != "14 %" || c.Unknown != 2 {
				t.Errorf("SpHb %v, SpOC %v, PVI %v, unknown %d", hb, oc, pvi, c.Unknown)
			}
		}
	}
}

func TestEveryHeartRate(t *testing.T) {
	for _, rate := range []int{0, 25, 127, 128, 239, 255, 256, 300} {
		e, _ := hear([]byte(lineOf(fmt.Sprintf("BPM=%03d", rate))))
		if got := values(e, vital.PulseRate); !slices.Equal(got, []string{fmt.Sprintf("%d /min", rate)}) {
			t.Errorf("rate %d: %v", rate, got)
		}
	}
}

func TestEveryException(t *testing.T) {
	for exc, want := range map[int][2]string{ // without a value, and with one
		0x000001: {"disconnected", "disconnected"},
		0x000002: {"disconnected", "disconnected"},
		0x000004: {"not measured", "98 % ?"},
		0x000008: {"searching", "searching"},
		0x000010: {"artefact", "98 % ?"},
		0x000020: {"probe off", "probe off"},
		0x000040: {"artefact", "98 % ?"},
		0x000080: {"disconnected", "disconnected"},
		0x000100: {"disconnected", "disconnected"},
		0x000400: {"not measured", "98 % ?"},
		0x000800: {"not measured", "98 %"},
		0x001000: {"disconnected", "disconnected"},
		0x002000: {"not measured", "98 %"},
		0x004000: {"disconnected", "disconnected"},
		0x008000: {"disconnected", "disconnected"},
		0x010000: {"disconnected", "disconnected"},
		0x020000: {"not calibrated", "not calibrated"},
		0x040000: {"not measured", "98 %"},
		0x080000: {"not measured", "98 %"},
		0x100000: {"not measured", "98 %"},
		0x200000: {"not measured", "98 %"},
		0x400000: {"not measured", "98 %"},
	} {
		for i, spo2 := range []string{"---", "098"} {
			e, _ := hear([]byte(lineOf("SPO2="+spo2+"%", fmt.Sprintf("EXC=%06X", exc))))
			if got := values(e, vital.SpO2); !slices.Equal(got, want[i:i+1]) {
				t.Errorf("EXC %06X with %s: %v, want %s", exc, spo2, got, want[i])
			}
			if told := strings.Contains(strings.Join(e.Lines, "\n"), "Priority"); told != (exc != 0x800) {
				t.Errorf("EXC %06X is told: %v", exc, told)
			}
		}
	}
	e, _ := hear([]byte(lineOf("SPCO=03.0%", "SPMET=01.0%", "EXC=200800")))
	if co, met := values(e, vital.SpCO), values(e, vital.SpMet); co[0] != "3.0 % ?" || met[0] != "1.0 %" {
		t.Errorf("low confidence in SpCO: %v, %v", co, met)
	}
}

// The public Grafana reader reads ALARM by the table of EXC.
func TestEveryAlarm(t *testing.T) {
	for bits, want := range map[int]string{
		0x1: "SpO2 high", 0x2: "SpO2 low", 0x4: "pulse rate high", 0x8: "pulse rate low", 0x40: "low battery", 0x100: "SpCO high", 0x200: "SpCO low",
		0x400: "SpMet high", 0x800: "SpMet low", 0x1000: "desaturation index", 0x2000: "perfusion index changed", 0x38: "pulse rate low silenced",
	} {
		heard := &alarms{}
		text := lineOf(fmt.Sprintf("ALARM=%04X", bits)) + lineOf(fmt.Sprintf("ALARM=%04X", bits)) + lineOf()
		drivertest.Listen(masimo.Driver{}, []drivertest.Chunk{{At: 1, Bytes: []byte(text)}}, heard)
		if w := []string{"+" + want, "-" + strings.TrimSuffix(want, " silenced")}; !slices.Equal(heard.all, w) {
			t.Errorf("ALARM %04X: %q, want %q", bits, heard.all, w)
		}
	}
}

type alarms struct {
	drivertest.Nothing
	all []string
}

func (a *alarms) Alarm(v devices.Alarm) {
	text := "+" + v.Text
	if v.Ended {
		text = "-" + v.Text
	}
	if v.Silenced {
		text += " silenced"
	}
	a.all = append(a.all, text)
}

func TestALineWithOneWrongWordIsNotBelieved(t *testing.T) {
	for _, text := range []string{
		lineOf("SPO2=98%"), lineOf("SPO2=0098%"), lineOf("SPO2=09-%"), lineOf("BPM=09"), lineOf("BPM=0x6"), lineOf("PI=4..25%"), lineOf("EXC=0080"), lineOf("EXC=00080G"),
		lineOf("ALARM=00"), lineOf("spo2=098%"), lineOf() + "x\r\n", "13" + lineOf()[2:], "02/30/16" + lineOf()[8:], lineOf()[1:], lineOf("SN="), lineOf() + strings.TrimSuffix(lineOf(), "\r\n") + lineOf(),
		strings.Replace(lineOf(), "BPM=096 ", "", 1), strings.Replace(lineOf(), " BPM", "\x07BPM", 1), strings.Replace(lineOf(), "BPM=096", "BPM=096 BPM=097", 1), strings.Repeat("x", 400) + "\n",
	} {
		if _, c := hear([]byte(text)); c.Bad != 1 {
			t.Errorf("%q: %+v", text, c)
		}
	}
}

func TestOnAGarbledLineALeapIsBelievedOnlyTwice(t *testing.T) {
	bpm := func(n int) string { return lineOf(fmt.Sprintf("BPM=%03d", n)) }
	e, _ := hear([]byte(bpm(96) + bpm(150) + bpm(96) + "garbage\r\n" + bpm(97) + bpm(197) + bpm(96) + bpm(150) + bpm(151)))
	if got := values(e, vital.PulseRate); !slices.Equal(got, []string{"96 /min", "150 /min", "96 /min", "97 /min", "151 /min"}) {
		t.Errorf("%v", got)
	}
}

func TestOnAGarbledLineASensorIsBackOnlyWhenSaidTwice(t *testing.T) {
	off := lineOf("EXC=000820")
	e, _ := hear([]byte(off + "garbage\r\n" + lineOf() + lineOf()))
	if got := values(e, vital.SpO2); !slices.Equal(got, []string{"probe off", "probe off", "98 %"}) {
		t.Errorf("%v", got)
	}
}

func FuzzSession(f *testing.F) {
	f.Add([]byte(lineOf("SPCO=03.0%", "PVI=---")), uint8(3))
	f.Add([]byte(lineOf("EXC=000824", "ALARM=0038", "XYZ=1")), uint8(200))
	f.Add([]byte("\x00\r\n02/22/16 22:47:47 =\r"), uint8(0))
	f.Fuzz(func(t *testing.T, b []byte, cut uint8) {
		whole, one := hear(b)
		got, s := &drivertest.Events{}, masimo.Driver{}.Open(true)
		for rest := b; len(rest) > 0; {
			n := min(int(cut)+1, len(rest))
			s.Receive(1, rest[:n], got)
			rest = rest[n:]
		}
		if !slices.Equal(whole.Lines, got.Lines) || one != s.Counters() {
			t.Fatalf("cut into %d: %v, whole: %v", int(cut)+1, got.Lines, whole.Lines)
		}
		masimo.Driver{}.Recognise(b, devices.Line{})
	})
}
