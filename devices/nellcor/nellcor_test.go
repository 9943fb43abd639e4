package nellcor_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldkit/build/foreign"
	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/devices/nellcor"
	"fieldkit/triage/vital"
)

// hear gives text to a session, at one moment.
func hear(text string) (*drivertest.Events, devices.Counters) {
	got := &drivertest.Events{}
	c := drivertest.Listen(nellcor.Driver{}, []drivertest.Chunk{{At: 1, Bytes: []byte(text)}}, got)
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

func TestForeignLines(t *testing.T) {
	e, c := hear(string(foreign.Read(t, "devices", "masimo-nellcor", "nellcor-n560-ascii.txt")))
	if c.Frames != 8 || c.Bad != 0 || c.Resync != 0 {
		t.Errorf("counters %+v, want five lines and three of a heading", c)
	}
	for sign, want := range map[vital.Sign][]string{
		vital.SpO2:      {"100 %", "100 %", "100 % ?", "100 % ?", "100 %"},
		vital.PulseRate: {"105 /min", "104 /min", "102 /min ?", "101 /min ?", "101 /min"},
		vital.Unknown:   {"88", "23", "36 ?", "104 ?", "26"},
	} {
		if got := values(e, sign); !slices.Equal(got, want) {
			t.Errorf("%v: %v, want %v", sign, got, want)
		}
	}
	if at := e.Readings[0].MonitorTime; !at.Equal(time.Date(2004, 1, 7, 11, 24, 50, 0, time.UTC)) {
		t.Errorf("monitor time %v", at)
	}
	all := strings.Join(e.Lines, "\n")
	for _, want := range []string{"Model:N-560", "Firmware:1.61.00", "interference", "alarms off"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not told", want)
		}
	}
}

func lineOf(spo2, rate, pa, codes string) string {
	return fmt.Sprintf("07-Jan-04 11:24:50  %4s    %4s    %4s   %s\r\n", spo2, rate, pa, codes)
}

func TestEveryHeartRate(t *testing.T) {
	for _, rate := range []int{20, 127, 128, 250, 255, 256, 300} {
		e, _ := hear(lineOf("97", fmt.Sprint(rate), "50", ""))
		if got := values(e, vital.PulseRate); !slices.Equal(got, []string{fmt.Sprintf("%d /min", rate)}) {
			t.Errorf("rate %d: %v", rate, got)
		}
	}
}

func TestEveryStatus(t *testing.T) {
	for _, c := range []struct {
		spo2, codes, want, alarm string
	}{
		{"97", "", "97 %", ""},
		{"97*", "", "97 %", ""},
		{"84*", "SL", "84 %", "SpO2 low"},
		{"100*", "SH", "100 %", "SpO2 high"},
		{"97", "PH", "97 %", "pulse rate high"},
		{"97", "PL", "97 %", "pulse rate low"},
		{"97", "LB", "97 %", "low battery"},
		{"97", "AO", "97 %", "alarms off"},
		{"97", "AS", "97 %", "alarm silenced"},
		{"97", "MO", "97 % ?", "interference"},
		{"---", "MO", "artefact", "interference"},
		{"97", "PS", "searching", "pulse search"},
		{"---", "PS", "searching", "pulse search"},
		{"97", "LP", "searching", "loss of pulse"},
		{"---", "LM", "artefact", "loss of pulse with interference"},
		{"---", "SD", "disconnected", "sensor disconnected"},
		{"97", "SO", "probe off", "sensor off"},
		{"---", "SO  LB AO", "probe off", "low battery"},
		{"---", "", "not measured", ""},
	} {
		e, _ := hear(lineOf(c.spo2, "60", "50", c.codes))
		if got := values(e, vital.SpO2); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s %s: %v, want %s", c.spo2, c.codes, got, c.want)
		}
		all := strings.Join(e.Lines, "\n")
		if told := strings.Contains(all, "Priority"); told != (c.alarm != "") || !strings.Contains(all, c.alarm) {
			t.Errorf("%s %s: told %v, want %q", c.spo2, c.codes, told, c.alarm)
		}
	}
	e, _ := hear(lineOf("84", "60", "50", "SL") + lineOf("90", "60", "50", ""))
	if n := strings.Count(strings.Join(e.Lines, "\n"), "Ended:true"); n != 1 {
		t.Errorf("%d conditions end, want 1", n)
	}
}

func TestALineOfTheWrongShapeIsNotBelieved(t *testing.T) {
	good := lineOf("97", "60", "50", "MO")
	for _, text := range []string{good[1:], "32" + good[2:], strings.Replace(good, "Jan", "Jxn", 1), lineOf("101", "60", "50", ""), lineOf("9x", "60", "50", ""), lineOf("--", "60", "50", ""),
		lineOf("97", "", "50", ""), lineOf("97", "1000", "50", ""), lineOf("97", "60", "50", "ZZ"), lineOf("97", "60", "50", "MO MO"), strings.Replace(good, "60", "6\x070", 1), strings.Repeat("y", 300) + "\n"} {
		if e, c := hear(text); c.Bad != 1 || len(e.Readings) != 0 {
			t.Errorf("%q: %+v", text, c)
		}
	}
}

func TestOnAGarbledLineALeapIsBelievedOnlyTwice(t *testing.T) {
	rate := func(n int) string { return lineOf("97", fmt.Sprint(n), "50", "") }
	e, _ := hear(rate(96) + rate(150) + rate(96) + "garbage\r\n" + rate(97) + rate(9) + rate(96) + rate(150) + rate(151))
	if got := values(e, vital.PulseRate); !slices.Equal(got, []string{"96 /min", "150 /min", "96 /min", "97 /min", "151 /min"}) {
		t.Errorf("%v", got)
	}
}

func TestALineWhoseColumnsMovedIsNotBelieved(t *testing.T) {
	lost := strings.Replace(lineOf("97", "160", "50", ""), "160", "16", 1)
	e, c := hear(lineOf("97", "160", "50", "") + lost + lineOf("97", "160", "50", ""))
	if got := values(e, vital.PulseRate); slices.Contains(got, "16 /min") || c.Bad == 0 {
		t.Errorf("a lost digit gives %v", got)
	}
	// The star of a value over its limit stands beside the column.
	at := "07-Jan-04 11:24:50   "
	e, c = hear(at + " 86     60      50\r\n" + at + " 84*    60      50    SL\r\n")
	if got := values(e, vital.SpO2); !slices.Equal(got, []string{"86 %", "84 %"}) {
		t.Errorf("with a star: %v, %+v", got, c)
	}
}

func FuzzSession(f *testing.F) {
	f.Add([]byte(lineOf("97", "60", "50", "MO AO")), uint8(3))
	f.Add([]byte("N-560    VERSION 1.61.00    CRC:XXXX  SpO2 Limit: 95-100%    PR Limit: 59-148BPM\r\n"), uint8(90))
	f.Add([]byte("TIME                 %SpO2   BPM     PA     Status\f\n"), uint8(0))
	f.Fuzz(func(t *testing.T, b []byte, cut uint8) {
		whole, one := hear(string(b))
		got, s := &drivertest.Events{}, nellcor.Driver{}.Open(true)
		for rest := b; len(rest) > 0; {
			n := min(int(cut)+1, len(rest))
			s.Receive(1, rest[:n], got)
			rest = rest[n:]
		}
		if !slices.Equal(whole.Lines, got.Lines) || one != s.Counters() {
			t.Fatalf("cut into %d: %v, whole: %v", int(cut)+1, got.Lines, whole.Lines)
		}
		nellcor.Driver{}.Recognise(b, devices.Line{})
	})
}
