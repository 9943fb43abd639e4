package hl7_test

import (
	"strings"
	"testing"
	"time"

	"fieldkit/build/foreign"
	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/devices/hl7"
	"fieldkit/triage/vital"
)

func monitors() []drivertest.Monitor {
	var all []drivertest.Monitor
	for _, d := range []hl7.Dialect{hl7.Mindray, hl7.GE, hl7.Comen} {
		all = append(all, drivertest.Monitor{Name: d.String(), New: func() devices.Simulator { return hl7.NewSimulator(d) }})
	}
	return all
}

func TestEveryRule(t *testing.T) { drivertest.Check(t, hl7.Driver{}, monitors()) }

func TestNothingElseIsTakenForHL7(t *testing.T) {
	drivertest.Apart(t, []drivertest.Subject{{Driver: hl7.Driver{}, Monitors: monitors()}}, drivertest.Captures(t)...)
}

func hear(b string) (*drivertest.Events, devices.Counters) {
	got := &drivertest.Events{}
	s := hl7.Driver{}.Open(true)
	s.Receive(1, []byte(b), got)
	s.Poll(vital.Instant(time.Second), got)
	return got, s.Counters()
}

// what is the readings as text, one a line, in the order they came.
func what(e *drivertest.Events) string {
	var lines []string
	for _, r := range e.Readings {
		line := r.Sign.String() + " " + r.String()
		if r.Site != "" {
			line += " " + string(r.Site)
		}
		if r.Aperiodic {
			line += " at " + r.MonitorTime.Format("15:04:05")
		}
		if r.Questionable {
			line += " ?"
		}
		if r.Raw != "" {
			line += " raw " + r.Raw
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "; ")
}

func TestRealMonitors(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{"mindray-vs900.hl7", "SpO2 99 %; PR 94 /min; PI 0.94 %; NIBP-SYS 147 mmHg at 11:10:16; NIBP-MEAN 109 mmHg at 11:10:16; NIBP-DIA 90 mmHg at 11:10:16; TEMP 35.1 °C axilla at 11:34:15"},
		{"ge-b40.hl7", "HR 68 /min; etCO2 1 mmHg; FiCO2 1 mmHg; PR 67 /min; SpO2 97 %"},
	} {
		b := string(foreign.Read(t, "devices", "hl7", c.file))
		for _, form := range []string{b, "\x0b" + b + "\x1c\r", strings.ReplaceAll(b, "\r", "\r\n"), "\x0b" + b + "\x0b" + b[:20]} {
			e, n := hear(form)
			if got := what(e); got != c.want || n.Frames != 1 {
				t.Errorf("%s: %s (%+v)\nwant %s", c.file, got, n, c.want)
			}
		}
		e, n := hear("\x0b" + b + "\x1c\r\x0b" + b + "\x1c\r")
		if n.Frames != 2 || what(e) != c.want {
			t.Errorf("%s sent twice: %+v, %s; want it once", c.file, n, what(e))
		}
	}
}

// message is one with the given OBX segments.
func message(obx ...string) string {
	return "MSH|^~\\&|X||||20260101120000||ORU^R01^ORU_R01|1|P|2.6\rOBR|1||||||20260101120000\r" + strings.Join(obx, "\r") + "\r"
}

func TestEveryReasonForNoValue(t *testing.T) {
	spo2 := "OBX|1|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.3.1|"
	percent := "|262688^MDC_DIM_PERCENT^MDC||"
	for _, c := range []struct{ name, obx, want string }{
		{"measured", spo2 + "98" + percent + "|||R", "SpO2 98 %"},
		{"impossible", spo2 + "101" + percent + "|||R", "SpO2 withheld"},
		{"-999", spo2 + "-999" + percent + "|||R", "SpO2 withheld"},
		{"-99.9", spo2 + "-99.9" + percent + "|||R", "SpO2 withheld"},
		{"-100", spo2 + "-100" + percent + "|||R", "SpO2 withheld"},
		{"NaN", spo2 + "8388607" + percent + "|||R", "SpO2 withheld"},
		{"status X", spo2 + "98" + percent + "|||X", "SpO2 not measured"},
		{"empty", spo2 + percent + "|||R", "SpO2 not measured"},
		{"invalid", spo2 + "98" + percent + "INV|||R", "SpO2 withheld"},
		{"not available", spo2 + percent + "NAV|||R", "SpO2 not measured"},
		{"doubted", spo2 + "88" + percent + "QUES|||R", "SpO2 88 % ?"},
		{"doubted and alarming", spo2 + "88" + percent + "L~QUES|||R", "SpO2 88 % ?"},
		{"calibrating", spo2 + "88" + percent + "CAL|||R", "SpO2 not calibrated"},
		{"demonstration", spo2 + "88" + percent + "DEMO|||R", "SpO2 demo"},
		{"test", spo2 + "88" + percent + "TEST|||R", "SpO2 demo"},
		{"under the scale", spo2 + "0" + percent + "<|||R", "SpO2 under range"},
		{"wrong", spo2 + "98" + percent + "|||W", "SpO2 withheld"},
		{"a unit that cannot be", "OBX|1|NM|150456^X^MDC|1|98|266016^MDC_DIM_MMHG^MDC|||||R", "SpO2 withheld"},
		{"a unit nobody knows", "OBX|1|NM|150456^X^MDC|1|98|999999^MDC_DIM_WHAT^MDC|||||R", "unknown 98 raw 150456^X^MDC"},
		{"no unit", "OBX|1|NM|150456^X^MDC|1|98||||||R", "unknown 98 raw 150456^X^MDC"},
		{"a code nobody knows", "OBX|1|NM|999^X^MDC|1|98|262688||||||R", "unknown 98 % raw 999^X^MDC"},
		{"NaN of a code nobody knows", "OBX|1|NM|999^X^MDC|1|8388607|262688||||||R", "unknown withheld raw 999^X^MDC"},
		{"-999 of a code nobody knows", "OBX|1|NM|999^X^MDC|1|-999|262688||||||R", "unknown withheld raw 999^X^MDC"},
		{"a local code", "OBX|1|NM|150456^X^99LOCAL|1|98|262688||||||R", "unknown 98 % raw 150456^X^99LOCAL"},
		{"a setting is no measurement", "OBX|1|NM|150456^X^MDC|1|98|262688|||||R||||||^SETTING", "unknown 98 % raw 150456^X^MDC"},
		{"kilopascal", "OBX|1|NM|151708^X^MDC|1|5.1|265987^MDC_DIM_KILO_PASCAL^MDC|||||R", "etCO2 5.1 kPa"},
		{"heart rates of 127", "OBX|1|NM|147842^X^MDC|1|127|264864|||||R", "HR 127 /min"},
		{"128", "OBX|1|NM|147842^X^MDC|1|128|264864|||||R", "HR 128 /min"},
		{"255", "OBX|1|NM|147842^X^MDC|1|255|264864|||||R", "HR 255 /min"},
		{"256", "OBX|1|NM|147842^X^MDC|1|256|264864|||||R", "HR 256 /min"},
		{"300", "OBX|1|NM|147842^X^MDC|1|300|264864|||||R", "HR 300 /min"},
		{"GE's cuff", "OBX|1|NM|150021^X^MDC|1|120|266016|||||R|||20260101110000", "NIBP-SYS 120 mmHg at 11:00:00"},
		{"Comen's cuff", "OBX|1|NM|150017^X^MDC|1|120|266016|||||R|||20260101110000|||^APERIODIC", "NIBP-SYS 120 mmHg at 11:00:00"},
		{"a transducer with Comen's code", "OBX|1|NM|150017^X^MDC|1|120|266016|||||R|||20260101110000", "P1-SYS 120 mmHg"},
		{"with a zone", "OBX|1|NM|150021^X^MDC|1|120|266016|||||R|||20260101110000.5+0130", "NIBP-SYS 120 mmHg at 09:30:00"},
	} {
		e, _ := hear(message(c.obx))
		if got := what(e); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	e, _ := hear(strings.Replace(message(spo2+"98"+percent+"|||R"), "|1|P|2.6", "|1|T|2.6", 1))
	if got := what(e); got != "SpO2 demo" {
		t.Errorf("a message in training mode gives %s, want demo", got)
	}
}

func TestOneSignOnTwoChannels(t *testing.T) {
	obx := func(channel, value string) string {
		return "OBX|1|NM|149530^PR^MDC|" + channel + "|" + value + "|264864|||||R"
	}
	if e, _ := hear(message(obx("1.3.1", "80"), obx("1.4.1", "80"))); what(e) != "PR 80 /min" {
		t.Errorf("the same value twice: %s", what(e))
	}
	if e, _ := hear(message(obx("1.3.1", "80"), obx("1.4.1", "160"))); what(e) != "PR 80 /min; unknown 160 /min raw 149530^PR^MDC 1.4.1" {
		t.Errorf("two values: %s", what(e))
	}
}

func TestACuffWithoutItsOwnTimeDoesNotTakeTheMessages(t *testing.T) {
	cuff := func(id, value string) string {
		return strings.Replace(message("OBX|1|NM|150021^X^MDC|1|"+value+"|266016|||||R"), "|1|P", "|"+id+"|P", 1)
	}
	e, n := hear(cuff("1", "120") + cuff("2", "120"))
	if got := what(e); n.Frames != 2 || got != "NIBP-SYS 120 mmHg at 00:00:00; NIBP-SYS 120 mmHg at 00:00:00" {
		t.Errorf("%+v %s; want both, of no time", n, got)
	}
}

func TestACutMessageGivesNoCutNumber(t *testing.T) {
	whole := message("OBX|1|NM|147842^X^MDC|1|128|264864|||||R", "OBX|2|NM|150456^X^MDC|1|98|262688|||||R")
	for n := range len(whole) {
		e, _ := hear(whole[:n])
		for _, r := range e.Readings {
			if v, ok := r.Value(); ok && v.Cmp(vital.Int(128)) != 0 && v.Cmp(vital.Int(98)) != 0 {
				t.Fatalf("cut at %d: %s", n, what(e))
			}
		}
	}
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct{ mode, want string }{
		{"|||AL|NE", "MSA|CA|77"}, {"|||NE|AL", "MSA|AA|77"}, {"", "MSA|AA|77"}, {"|||NE|NE", ""},
	} {
		m := "\x0bMSH|^~\\&|MON^1^EUI-64|MAKE|||20260101120000||ORU^R01^ORU_R01|77|P|2.6" + c.mode + "\r\x1c\r"
		s := hl7.Driver{}.Open(false)
		s.Receive(1, []byte(m), drivertest.Nothing{})
		send, _ := s.Poll(1, drivertest.Nothing{})
		if got := string(send); c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("mode %q is answered %q, want %q", c.mode, got, c.want)
		}
		tap := hl7.Driver{}.Open(true)
		tap.Receive(1, []byte(m), drivertest.Nothing{})
		if send, _ := tap.Poll(1, drivertest.Nothing{}); len(send) > 0 {
			t.Errorf("a tap sent %q", send)
		}
	}
}

func TestAlerts(t *testing.T) {
	e, n := hear("MSH|^~\\&|X||||20260101120000||ORU^R40^ORU_R40|9|P|2.6\rOBR|1||||||20260101120000\r" +
		"OBX|1|CWE|196616^MDC_EVT_ALARM^MDC|1.1.1.0.1|196670^MDC_EVT_LO^MDC|||PH~SP|||R\r" +
		"OBX|2|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.1.1.0.2|end||||||R\r")
	if n.Frames != 1 || len(e.Lines) != 2 || !strings.Contains(e.Lines[1], "Text:MDC_EVT_LO Priority:high Technical:false Ended:true") {
		t.Errorf("%+v %v", n, e.Lines)
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, m := range monitors() {
		b.Run(m.Name, func(b *testing.B) { drivertest.Benchmark(b, hl7.Driver{}, m) })
	}
}

func FuzzReceive(f *testing.F) {
	f.Add([]byte("\x0b" + message("OBX|1|NM|147842^X^MDC|1|128|264864|||||R") + "\x1c\r"))
	f.Add([]byte(message("OBX|1|NM|150021^X^MDC|1|120|266016|QUES||||R|||20260101110000+0100|||^APERIODIC") + "MSH|^~\\&|"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := hl7.Driver{}.Open(false)
		s.Receive(1, b, drivertest.Nothing{})
		s.Poll(vital.Instant(time.Second), drivertest.Nothing{})
		hl7.Driver{}.Recognise(b, devices.Line{})
	})
}
