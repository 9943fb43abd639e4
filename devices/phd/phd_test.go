package phd_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldkit/build/foreign"
	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/devices/phd"
	"fieldkit/triage/vital"
)

// hear gives APDUs to a session that only listens, at one moment.
func hear(apdus ...[]byte) (*drivertest.Events, devices.Counters) {
	got := &drivertest.Events{}
	c := drivertest.Listen(phd.Driver{}, []drivertest.Chunk{{At: 1, Bytes: slices.Concat(apdus...)}}, got)
	return got, c
}

// said is the readings in one text.
func said(readings []vital.Reading) string {
	var all []string
	for _, r := range readings {
		text := r.Sign.String() + " " + r.String()
		if r.Sign == vital.Unknown {
			text = r.Raw + " " + r.String()
		}
		if r.Questionable {
			text += " ?"
		}
		if !r.MonitorTime.IsZero() {
			text += " at " + r.MonitorTime.Format("2006-01-02 15:04:05")
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

// The expected values are those of antidote's description of its oximeter's APDUs,
// and read by hand from the others'.
func TestForeignAPDUs(t *testing.T) {
	read := func(name string) []byte {
		return foreign.Read(t, append([]string{"devices", "antidote"}, strings.Split(name, "/")...)...)
	}
	ox, own := read("pulse_oximeter/pulse_oximeter_association_request"), read("pulse_oximeter/pulse_oximeter_noti_config_with_scanner")
	scale := [][]byte{read("H211"), read("H221")}
	dec := "at 2007-12-06 12:10:00"
	for _, c := range []struct {
		before [][]byte
		name   string
		want   string
	}{
		{[][]byte{ox, own}, "pulse_oximeter/pulse_oximeter_unbuf_scan_report_fixed", "SpO2 98 % " + dec + "; PR 72 /min " + dec},
		{[][]byte{ox, own}, "pulse_oximeter/pulse_oximeter_unbuf_scan_report_var", "SpO2 98 % " + dec + "; PR 72 /min " + dec},
		{[][]byte{ox, own}, "pulse_oximeter/pulse_oximeter_unbuf_scan_report_grouped", "SpO2 97.5 % at 2010-08-03 10:51:11; PR 80.1 /min at 2010-08-03 10:51:11"},
		{[][]byte{ox, own}, "pulse_oximeter/pulse_oximeter_unbuf_scan_report_mp_fixed", "PHD person 1; SpO2 98 % " + dec + "; PR 72 /min " + dec},
		{[][]byte{ox, own}, "pulse_oximeter/pulse_oximeter_unbuf_scan_report_mp_var", "PHD person 1; SpO2 98 % " + dec + "; PR 72 /min " + dec},
		{[][]byte{ox, own}, "pulse_oximeter/pulse_oximeter_unbuf_scan_report_mp_grouped", "PHD person 1; SpO2 97.5 % at 2010-08-03 10:51:11; PR 80.1 /min at 2010-08-03 10:51:11"},
		{[][]byte{ox, own}, "pulse_oximeter/pulse_oximeter_buf_scan_report_fixed", "SpO2 98 % " + dec + "; PR 72 /min " + dec},
		{[][]byte{ox, own}, "pulse_oximeter/pulse_oximeter_buf_scan_report_var", "SpO2 98 % " + dec + "; PR 72 /min " + dec},
		{[][]byte{ox, own}, "pulse_oximeter/pulse_oximeter_buf_scan_report_grouped", "SpO2 98 % at 2008-07-03 12:10:00; PR 73 /min; MDC 2:19384 fast 98 %"},
		{[][]byte{ox, own}, "pulse_oximeter/pulse_oximeter_buf_scan_report_mp_fixed", "PHD person 1; SpO2 98 % " + dec + "; PR 72 /min " + dec},
		{[][]byte{ox, own}, "pulse_oximeter/pulse_oximeter_buf_scan_report_mp_var", "PHD person 1; SpO2 98 % " + dec + "; PR 72 /min " + dec},
		// A stranger's report: what names itself passes through, what does not is counted.
		{nil, "pulse_oximeter/pulse_oximeter_unbuf_scan_report_var", "handle 1 98 " + dec + "; handle 10 72 " + dec},
		{nil, "pulse_oximeter/pulse_oximeter_unbuf_scan_report_fixed", ""},
		// 07B0 0901 of the standard oximeter: the report's handles are the standard's.
		{[][]byte{read("pulse_oximeter/pulse_oximeter_noti_config")}, "pulse_oximeter/pulse_oximeter_buf_scan_report_fixed", "SpO2 98 % " + dec + "; PR 72 /min " + dec},
		{[][]byte{read("blood_pressure/roiv_mdc_noti_config")}, "blood_pressure/roiv_mds_note_scan_report_mp_fixed",
			"PHD person 66; NIBP-SYS 113 mmHg at 2010-07-21 15:35:53; NIBP-DIA 71 mmHg at 2010-07-21 15:35:53; NIBP-MEAN 85 mmHg at 2010-07-21 15:35:53; PR-NIBP 71 /min at 2010-07-21 15:35:53; MDC 2:61458 0 at 2010-07-21 15:35:53"},
		{scale, "H241", "WEIGHT 62.4 kg at 2007-02-01 12:10:00; FAT 25.6 % at 2007-02-01 12:10:00"},
		{scale, "H244", "WEIGHT 62.4 kg at 2007-02-01 12:10:00; FAT 25.6 % at 2007-02-01 12:10:00"},
	} {
		e, counters := hear(append(slices.Clone(c.before), read(c.name))...)
		if got := said(e.Readings); got != c.want || counters.Bad != 0 || counters.Frames != uint64(len(c.before)+1) {
			t.Errorf("%s:\n got %s\nwant %s\n%+v", c.name, got, c.want, counters)
		}
	}
	e, _ := hear(read("H233"))
	if all := strings.Join(e.Lines, ""); !strings.Contains(all, "Make:TheCompany Model:TheScaleABC Serial:DE124567") {
		t.Errorf("the agent is %s", all)
	}
}

// Every APDU of antidote is understood as a frame, but for the one whose lengths
// are wrong.
func TestEveryForeignAPDUIsWhole(t *testing.T) {
	root := foreign.Dir(t, "devices", "antidote")
	names, _ := filepath.Glob(filepath.Join(root, "*"))
	more, _ := filepath.Glob(filepath.Join(root, "*", "*"))
	n := 0
	for _, name := range append(names, more...) {
		b, err := os.ReadFile(name)
		if err != nil || filepath.Base(name) == "description" {
			continue
		}
		n++
		want := uint64(1)
		if strings.HasSuffix(name, "buf_scan_report_mp_grouped") && !strings.Contains(name, "unbuf") {
			want = 0
		}
		if _, c := hear(b); c.Frames != want || c.Bad != 0 {
			t.Errorf("%s: %+v", name, c)
		}
	}
	if n != 35 {
		t.Errorf("%d APDUs, want 35", n)
	}
}

// antidote's manager gives these answers to these requests, but for its own id.
func TestTheManagerAnswersAsInTheStandardsExample(t *testing.T) {
	read := func(name string) []byte { return foreign.Read(t, "devices", "antidote", name) }
	s := phd.Driver{}.Open(false)
	s.Receive(0, read("H211"), drivertest.Nothing{})
	got, _ := s.Poll(0, drivertest.Nothing{})
	want := slices.Clone(read("H212"))
	copy(want[30:38], "FIELDKIT")
	if len(got) < len(want) || !bytes.Equal(got[:len(want)], want) {
		t.Errorf("association:\n got % x\nwant % x", got, want)
	}
	if ask := got[min(len(got), len(want)):]; len(ask) != len(read("H232")) || !bytes.Equal(ask[8:], read("H232")[8:]) {
		t.Errorf("then % x, want the question who it is, % x", ask, read("H232"))
	}
	for _, c := range [][2]string{{"H221", "H222"}, {"H241", "H242"}} {
		s.Receive(0, read(c[0]), drivertest.Nothing{})
		if got, _ := s.Poll(0, drivertest.Nothing{}); !bytes.Equal(got, read(c[1])) {
			t.Errorf("%s: got % x, want % x", c[0], got, read(c[1]))
		}
	}
	quiet := phd.Driver{}.Open(true)
	quiet.Receive(0, read("H211"), drivertest.Nothing{})
	if send, again := quiet.Poll(0, drivertest.Nothing{}); send != nil || again != devices.Never {
		t.Errorf("a session that only listens sends % x", send)
	}
}

// apdu is a confirmed event of one fixed or variable observation, from the layout.
func apdu(kind int, body ...byte) []byte {
	list := append([]byte{0xf0, 0, 0, 0, 0, 1, 0, byte(len(body))}, body...)
	event := append([]byte{0, 0, 0xff, 0xff, 0xff, 0xff, byte(kind >> 8), byte(kind), 0, byte(len(list))}, list...)
	n := len(event)
	return append([]byte{0xe7, 0, 0, byte(n + 8), 0, byte(n + 6), 0, 1, 1, 1, 0, byte(n)}, event...)
}

// associated is an association of the standard configuration id.
func associated(id int, test bool) []byte {
	b := []byte{0xe2, 0, 0, 0x32, 0x80, 0, 0, 0, 0, 1, 0, 0x2a, 0x50, 0x79, 0, 0x26, 0x80, 0, 0, 0, 0x80, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, byte(id >> 8), byte(id), 0, 1, 1, 0, 0, 0, 0, 0}
	if test {
		b[26] = 0x20
	}
	return b
}

func TestEveryHeartRate(t *testing.T) {
	for _, rate := range []int{30, 127, 128, 255, 256, 300} {
		e, _ := hear(associated(0x0190, false), apdu(0x0d1d, 0, 10, 0, 2, byte(rate>>8), byte(rate)))
		if got, want := said(e.Readings), fmt.Sprintf("PR %d /min", rate); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestEveryReasonForNoValue(t *testing.T) {
	value := func(hi, lo byte) []byte { return apdu(0x0d1d, 0, 1, 0, 2, hi, lo) }
	status := func(hi, lo byte) []byte {
		return apdu(0x0d1e, 0, 1, 0, 2, 0, 12, 0x0a, 0x4c, 0, 2, 0, 98, 0x09, 0x47, 0, 2, hi, lo)
	}
	for _, c := range []struct {
		name string
		apdu []byte
		test bool
		want string
	}{
		{"a value", value(0, 98), false, "SpO2 98 %"},
		{"tenths", value(0xf3, 0xcf), false, "SpO2 97.5 %"},
		{"not a number", value(0x07, 0xff), false, "SpO2 not measured"},
		{"not at this resolution", value(0x08, 0x00), false, "SpO2 withheld"},
		{"reserved", value(0x08, 0x01), false, "SpO2 not measured"},
		{"too high", value(0x07, 0xfe), false, "SpO2 over range"},
		{"too low", value(0x08, 0x02), false, "SpO2 under range"},
		{"not possible", value(0, 101), false, "SpO2 withheld"},
		{"valid", status(0, 0), false, "SpO2 98 %"},
		{"invalid", status(0x80, 0), false, "SpO2 withheld"},
		{"questionable", status(0x40, 0), false, "SpO2 98 % ?"},
		{"not available", status(0x20, 0), false, "SpO2 searching"},
		{"calibrating", status(0x10, 0), false, "SpO2 not calibrated"},
		{"test data", status(0x08, 0), false, "SpO2 demo"},
		{"demonstration", status(0x04, 0), false, "SpO2 demo"},
		{"early", status(0, 0x40), false, "SpO2 98 % ?"},
		{"a test association", value(0, 98), true, "SpO2 demo"},
	} {
		e, counters := hear(associated(0x0190, c.test), c.apdu)
		if got := said(e.Readings); got != c.want || counters.Bad != 0 {
			t.Errorf("%s: %s, want %s; %+v", c.name, got, c.want, counters)
		}
	}
}

func TestTheStandardConfigurations(t *testing.T) {
	at := []byte{0x20, 0x26, 0x11, 0x22, 0x16, 0x30, 0x00, 0x00}
	when := " at 2026-11-22 16:30:00"
	for _, c := range []struct {
		id   int
		body []byte
		want string
	}{
		{0x02bc, slices.Concat([]byte{0, 1, 0, 18, 0, 3, 0, 6, 0, 120, 0, 80, 0, 93}, at), "NIBP-SYS 120 mmHg" + when + "; NIBP-DIA 80 mmHg" + when + "; NIBP-MEAN 93 mmHg" + when},
		{0x0320, slices.Concat([]byte{0, 1, 0, 12, 0xff, 0, 1, 0x6f}, at), "TEMP 36.7 °C" + when},
		{0x0320, slices.Concat([]byte{0, 1, 0, 10, 0xf1, 0x6f}, at), "TEMP 36.7 °C" + when},
		{0x05dc, slices.Concat([]byte{0, 1, 0, 12, 0xff, 0, 2, 0x70}, at), "WEIGHT 62.4 kg" + when},
		{0x06a4, slices.Concat([]byte{0, 1, 0, 10, 0, 104}, at), "GLU 104 mg/dL" + when},
	} {
		e, counters := hear(associated(c.id, false), apdu(0x0d1d, c.body...))
		if got := said(e.Readings); got != c.want || counters.Bad != 0 {
			t.Errorf("%04x: %s, want %s; %+v", c.id, got, c.want, counters)
		}
		for _, r := range e.Readings {
			if !r.Aperiodic {
				t.Errorf("%v is no result with a time of its own", r)
			}
		}
	}
}

func TestWhatIsNotWholeIsNotBelieved(t *testing.T) {
	good := apdu(0x0d1d, 0, 1, 0, 2, 0, 98)
	for name, spoil := range map[string]func(b []byte){
		"value longer than said":   func(b []byte) { b[len(b)-3] = 1 },
		"list longer than said":    func(b []byte) { b[len(b)-7]++ },
		"event shorter than it is": func(b []byte) { b[21]-- },
		"inner length":             func(b []byte) { b[11]++ },
		"length":                   func(b []byte) { b[5]++ },
	} {
		b := slices.Clone(good)
		spoil(b)
		e, _ := hear(associated(0x0190, false), b)
		if len(e.Readings) != 0 {
			t.Errorf("%s: %s", name, said(e.Readings))
		}
	}
	// After a release nothing is known of the handles any more.
	e, c := hear(associated(0x0190, false), []byte{0xe4, 0, 0, 2, 0, 0}, good)
	if len(e.Readings) != 0 || c.Unknown != 1 {
		t.Errorf("%s, %+v", said(e.Readings), c)
	}
}

func TestAnAgentOfAnotherProtocolIsRefused(t *testing.T) {
	strange := associated(0x0190, false)
	strange[13] = 0x78
	s := phd.Driver{}.Open(false)
	s.Receive(0, strange, drivertest.Nothing{})
	if got, _ := s.Poll(0, drivertest.Nothing{}); !bytes.Equal(got, []byte{0xe3, 0, 0, 6, 0, 4, 0, 0, 0, 0}) {
		t.Errorf("sent % x, want a refusal", got)
	}
}

// A configuration that was garbled on the way does not end all conversation.
func TestAnAgentThatFitsNoConfigurationIsAskedAgain(t *testing.T) {
	s := phd.Driver{}.Open(false)
	s.Receive(0, associated(0x0190, false), drivertest.Nothing{})
	s.Poll(0, drivertest.Nothing{})
	for range 3 {
		s.Receive(0, apdu(0x0d1d, 0, 1, 0, 3, 0, 98, 0), drivertest.Nothing{})
	}
	if got, _ := s.Poll(0, drivertest.Nothing{}); !bytes.Equal(got, []byte{0xe6, 0, 0, 2, 0, 0}) {
		t.Errorf("sent % x, want an abort", got)
	}
}

func TestAnAgentAndTheManagerUnderstandEachOther(t *testing.T) {
	for _, m := range monitors() {
		e := &drivertest.Events{}
		drivertest.Listen(phd.Driver{}, drivertest.Record(phd.Driver{}, m, 30*time.Second), e)
		if all := strings.Join(e.Lines, ""); len(e.Readings) < 2 || !strings.Contains(all, "Serial:SIM-1") {
			t.Errorf("%s: %s", m.Name, said(e.Readings))
		}
		for _, r := range e.Readings {
			if _, ok := r.Value(); !ok {
				t.Errorf("%s: %v is %v", m.Name, r.Sign, r)
			}
		}
	}
}

func FuzzSession(f *testing.F) {
	f.Add(slices.Concat(associated(0x0190, false), apdu(0x0d1d, 0, 1, 0, 2, 0, 98)), uint8(3))
	f.Add(slices.Concat(associated(0x02bc, true), apdu(0x0d1e, 0, 1, 0, 2, 0, 12, 0x0a, 0x4c, 0, 2, 0, 98, 0x09, 0x47, 0, 2, 8, 0)), uint8(0))
	for _, m := range monitors() {
		f.Add(drivertest.Join(drivertest.Record(phd.Driver{}, m, 12*time.Second)), uint8(40))
	}
	f.Fuzz(func(t *testing.T, b []byte, cut uint8) {
		whole, one := hear(b)
		got, s := &drivertest.Events{}, phd.Driver{}.Open(true)
		for rest := b; len(rest) > 0; {
			n := min(int(cut)+1, len(rest))
			s.Receive(1, rest[:n], got)
			rest = rest[n:]
		}
		if !slices.Equal(whole.Lines, got.Lines) || one != s.Counters() {
			t.Fatalf("cut into %d: %v, whole: %v", int(cut)+1, got.Lines, whole.Lines)
		}
		talk := phd.Driver{}.Open(false)
		talk.Receive(1, b, drivertest.Nothing{})
		talk.Poll(1, drivertest.Nothing{})
		phd.Driver{}.Recognise(b, devices.Line{})
		m := phd.NewSimulator(phd.Oximeter)
		m.Receive(0, b)
		m.Poll(0, drivertest.Body{})
	})
}
