package gatt_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldkit/build/foreign"
	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/devices/gatt"
	"fieldkit/triage/vital"
)

// hear gives text to a session, at one moment.
func hear(text string) (*drivertest.Events, devices.Counters) {
	got := &drivertest.Events{}
	c := drivertest.Listen(gatt.Driver{}, []drivertest.Chunk{{At: 1, Bytes: []byte(text)}}, got)
	return got, c
}

// said is the readings of a payload in one text.
func said(readings []vital.Reading) string {
	var all []string
	for _, r := range readings {
		text := r.Sign.String() + " " + r.String()
		if r.Sign == vital.Unknown {
			text = r.Raw + " " + r.String()
		}
		if r.Site != "" {
			text += " " + string(r.Site)
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

// The expected values are the vectors' own, put in our words.
func TestForeignVectors(t *testing.T) {
	text := string(foreign.Read(t, "devices", "ble-vectors", "vectors.tsv"))
	_, c := hear(text)
	if c.Frames != 7 || c.Bad != 2 {
		t.Errorf("counters %+v, want 7 good payloads and 2 marked INVALID", c)
	}
	want := map[string]string{
		"0055":                                   "HR 85 /min",
		"04FF":                                   "HR 255 /min ?", // contact supported, not detected: not or poor, says the service
		"1E5532002100":                           "HR 85 /min; ENERGY 50 kJ; RRI 32.2 ms",
		"1F0101320101000201FFFF":                 "HR 257 /min; ENERGY 306 kJ; RRI 1.0 ms; RRI 252.0 ms; RRI 63999.0 ms",
		"06B00E00FEDC070C050B321B04":             "TEMP 37.60 °C finger at 2012-12-05 11:50:27",
		"1E8A00580078000000041114293B3C00012700": "NIBP-SYS 138 mmHg ?; NIBP-DIA 88 mmHg ?; NIBP-MEAN 120 mmHg ?; PR-NIBP 60 /min ?; BLS user 1 ?",
		"15BDF00B009FF03C001200":                 "NIBP-SYS 18.9 kPa ?; NIBP-DIA 11 kPa ?; NIBP-MEAN 15.9 kPa ?; PR-NIBP 60 /min ?",
	}
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if strings.HasPrefix(line, "#") || len(f) < 3 {
			continue
		}
		e, _ := hear(f[0] + " " + f[1] + "\n")
		if strings.HasPrefix(f[2], "INVALID") {
			if len(e.Readings) != 0 {
				t.Errorf("%s gives %s", f[1], said(e.Readings))
			}
			continue
		}
		if got := said(e.Readings); got != want[f[1]] {
			t.Errorf("%s: %s, want %s", f[1], got, want[f[1]])
		}
	}
}

func TestEveryHeartRate(t *testing.T) {
	for _, rate := range []int{30, 127, 128, 255, 256, 300} {
		e, _ := hear(fmt.Sprintf("2A37 01%02X%02X\n", rate&0xff, rate>>8))
		if got, want := said(e.Readings), fmt.Sprintf("HR %d /min", rate); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// Payloads from the services' layouts, put together by hand.
func TestEveryMeasurement(t *testing.T) {
	for _, c := range []struct{ name, line, want string }{
		{"no contact, no rate", "2A37 0400", "HR probe off"},
		{"contact, no rate", "2A37 0600", "HR searching"},

		{"stream", "2A5F 0061004800", "SpO2 97 %; PR 72 /min"},
		{"stream of 98.5", "2A5F 00D9F34800", "SpO2 98.5 %; PR 72 /min"},
		{"not a number", "2A5F 00FF07FF07", "SpO2 not measured; PR not measured"},
		{"not at this resolution", "2A5F 0000080108", "SpO2 withheld; PR not measured"},
		{"too high, too low", "2A5F 00FE070208", "SpO2 over range; PR under range"},
		{"fast and slow", "2A5F 036100480062004900 60004700", "bad"},
		{"fast and slow whole", "2A5F 0361004800620049006000" + "4700", "SpO2 97 %; PR 72 /min; SpO2 fast 98 %; PR fast 73 /min; SpO2 slow 96 %; PR slow 71 /min"},
		{"demonstration", "2A5F 0461004800" + "0004", "SpO2 demo; PR demo"},
		{"test data", "2A5F 0461004800" + "0008", "SpO2 demo; PR demo"},
		{"invalid", "2A5F 0461004800" + "0080", "SpO2 withheld; PR withheld"},
		{"unavailable", "2A5F 0461004800" + "0020", "SpO2 searching; PR searching"},
		{"calibrating", "2A5F 0461004800" + "0010", "SpO2 not calibrated; PR not calibrated"},
		{"questionable", "2A5F 0461004800" + "0040", "SpO2 97 % ?; PR 72 /min ?"},
		{"early", "2A5F 0461004800" + "4000", "SpO2 97 % ?; PR 72 /min ?"},
		{"low perfusion", "2A5F 0861004800" + "200000", "SpO2 97 % ?; PR 72 /min ?"},
		{"sensor displaced", "2A5F 0861004800" + "002000", "SpO2 probe off; PR probe off"},
		{"sensor disconnected", "2A5F 0861004800" + "008000", "SpO2 disconnected; PR disconnected"},
		{"no pulse", "2A5F 0861004800" + "800000", "SpO2 searching; PR searching"},
		{"demonstration without sensor", "2A5F 0C61004800" + "0004" + "008000", "SpO2 demo; PR demo"},
		{"pulse amplitude", "2A5F 1061004800" + "2AF0", "SpO2 97 %; PR 72 /min; PI 4.2 %"},
		{"spot check", "2A5E 0161004800" + "EA070B1610 1E00", "bad"},
		{"spot check whole", "2A5E 0161004800" + "EA070B16101E00", "SpO2 97 % at 2026-11-22 16:30:00; PR 72 /min at 2026-11-22 16:30:00"},
		{"spot check, clock not set", "2A5E 1161004800" + "EA070B16101E00", "SpO2 97 %; PR 72 /min"},

		{"cuff being filled", "2A36 009600FF07FF07", "CUFF 150 mmHg"},
		{"cuff that failed", "2A35 00FF07FF07FF07", "NIBP-SYS not measured; NIBP-DIA not measured; NIBP-MEAN not measured"},

		{"Fahrenheit, oral", "2A1C 05DA0300FF06", "TEMP 98.6 °F oral"},
		{"no temperature", "2A1C 00FFFF7F00", "TEMP not measured"},

		// 104e-5 kg/L is 104 mg/dL; 58e-4 mol/L is 5.8 mmol/L.
		{"glucose by mass", "2A18 020100EA070B16101E0068B011", "GLU 104 mg/dL finger at 2026-11-22 16:30:00"},
		{"control solution in moles, an hour later", "2A18 070100EA070B16101E003C003AC0FA", "glucose of control solution 5.8 mmol/L at 2026-11-22 17:30:00"},
		{"glucose too high", "2A18 0A0100EA070B16101E0058B2" + "11" + "2000", "GLU over range finger at 2026-11-22 16:30:00"},
		{"glucose too low", "2A18 0A0100EA070B16101E0014B0" + "11" + "4000", "GLU under range finger at 2026-11-22 16:30:00"},
		{"glucose, strip wrong", "2A18 0A0100EA070B16101E0068B0" + "11" + "1000", "GLU withheld finger at 2026-11-22 16:30:00"},
		{"control solution", "2A18 020100EA070B16101E0068B04A", "glucose of control solution 104 mg/dL at 2026-11-22 16:30:00"},

		{"weight", "2A9D 00A038", "WEIGHT 72.480 kg"},
		{"weight in pounds", "2A9D 01803E", "WEIGHT 160.00 lb"},
		{"no weight", "2A9D 00FFFF", "WEIGHT withheld"},
		{"weight, BMI and height", "2A9D 0CA03802EB00D606", "WEIGHT 72.480 kg; WSS user 2; BMI 23.5 kg/m2; HEIGHT 1.750 m"},

		{"no such date", "2A1C 026E0100FFEA070D16101E00", "bad"},
		{"too long", "2A37 005500", "bad"},
		{"no payload", "2A37", "bad"},
		{"odd payload", "2A37 005", "bad"},
		{"nonsense", "hello there world", "bad"},
		{"whole UUID", "00002a37-0000-1000-8000-00805F9B34FB 0055", "HR 85 /min"},
	} {
		e, counters := hear(c.line + "\n")
		got := said(e.Readings)
		if c.want == "bad" {
			if counters.Bad != 1 || got != "" {
				t.Errorf("%s: %s, %+v; want nothing", c.name, got, counters)
			}
			continue
		}
		got = strings.ReplaceAll(got, "kg/m²", "kg/m2")
		if got != c.want || counters.Bad != 0 {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// mcrf is CRC-16/MCRF4XX, whose check value of "123456789" is 6F91 (the CRC
// catalogue of reveng).
func mcrf(b []byte) uint16 {
	c := uint16(0xffff)
	for _, x := range b {
		x ^= byte(c)
		x ^= x << 4
		c = (uint16(x)<<8 | c>>8) ^ uint16(x>>4) ^ uint16(x)<<3
	}
	return c
}

func TestContinuousGlucose(t *testing.T) {
	if mcrf([]byte("123456789")) != 0x6f91 {
		t.Fatal("the test's own CRC is wrong")
	}
	record := []byte{8, 0x00, 0x68, 0x00, 0x05, 0x00}
	sum := mcrf(record)
	record = append(record, byte(sum), byte(sum>>8))
	for _, c := range []struct{ name, text, want string }{
		{"plain", "2AA7 060068000500\n", "GLU 104 mg/dL interstitial"},
		{"with a CRC", fmt.Sprintf("2AA7 %X\n", record), "GLU 104 mg/dL interstitial"},
		{"a wrong CRC", fmt.Sprintf("2AA7 %X\n", append(slices.Clone(record[:7]), record[7]^1)), ""},
		{"after the start of the session", "2AAA EA070B16101E000000\n2AA7 060068000500\n", "GLU 104 mg/dL interstitial at 2026-11-22 16:35:00"},
		{"two records", "2AA7 060068000500" + "06006A000A00\n", "GLU 104 mg/dL interstitial; GLU 106 mg/dL interstitial"},
		{"trend and quality", "2AA7 0A0368000500" + "0CF0" + "6000\n", "GLU 104 mg/dL interstitial; glucose trend mg/dL/min 1.2; glucose quality % 96"},
		{"sensor malfunction", "2AA7 0780680005000" + "8\n", "GLU withheld interstitial"},
		{"calibration required", "2AA7 074068000500" + "08\n", "GLU not calibrated interstitial"},
		{"below the sensor's range", "2AA7 072068000500" + "40\n", "GLU under range interstitial"},
		{"low for the patient", "2AA7 072068000500" + "01\n", "GLU 104 mg/dL interstitial"},
		{"too long a record", "2AA7 0900680005000000\n", ""},
	} {
		e, _ := hear(c.text)
		if got := said(e.Readings); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestRecordsAreAskedForAndNeverDeleted(t *testing.T) {
	for name, c := range map[string]struct {
		got  []byte
		want string
	}{
		"all": {gatt.ReportAll(), "0101"}, "from 258": {gatt.ReportFrom(258), "0103010201"}, "count": {gatt.CountAll(), "0401"}, "abort": {gatt.Abort(), "0300"},
	} {
		if hex.EncodeToString(c.got) != c.want {
			t.Errorf("%s: %x", name, c.got)
		}
	}
	if a, ok := gatt.ParseRecordAccess([]byte{6, 0, 1, 1}); !ok || !a.Done() || a.Request != 1 {
		t.Errorf("%+v", a)
	}
	if a, ok := gatt.ParseRecordAccess([]byte{6, 0, 1, 6}); !ok || !a.Done() {
		t.Errorf("no records: %+v", a)
	}
	if a, ok := gatt.ParseRecordAccess([]byte{6, 0, 1, 2}); !ok || a.Done() {
		t.Errorf("not supported: %+v", a)
	}
	if a, ok := gatt.ParseRecordAccess([]byte{5, 0, 2, 1}); !ok || a.Count != 258 {
		t.Errorf("%+v", a)
	}
	if _, ok := gatt.ParseRecordAccess([]byte{2, 1}); ok {
		t.Error("a request is taken for an answer")
	}
}

func TestThePolarECG(t *testing.T) {
	w := &waves{}
	drivertest.Listen(gatt.Driver{}, []drivertest.Chunk{{At: vital.Instant(time.Second), Bytes: []byte("FB005C82-02E7-F387-1CAD-8ACD2D8DF0C8 00" + "0011223344556677" + "00" + "E80300" + "18FCFF" + "000000\n")}}, w)
	if len(w.all) != 1 || !slices.Equal(w.all[0].Samples, []int32{1000, -1000, 0}) || w.all[0].Unit != vital.Microvolt || w.all[0].Rate != vital.Int(130) {
		t.Errorf("%+v", w.all)
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

func TestWhoAndWhatIsTold(t *testing.T) {
	e, c := hear("2A29 506F6C6172\n2A24 483130\n2A35 1000000000000" + "0" + "2000\n2A35 10000000000000" + "0000\n2AFF 00\n")
	all := strings.Join(e.Lines, "\n")
	if !strings.Contains(all, "Make:Polar Model:H10") || strings.Count(all, "cuff in the wrong position") != 2 || c.Unknown != 1 {
		t.Errorf("%s; %+v", all, c)
	}
	e, c = hear("2A19 64\n2A19 0A\n2A19 0A\n2A19 50\n2A19 65\n")
	if n := strings.Count(strings.Join(e.Lines, "\n"), "low battery"); n != 2 || c.Bad != 1 {
		t.Errorf("a battery that runs low and is changed is told %d times, want 2; %+v", n, c)
	}
	var r gatt.Receiver
	if err := r.Take(1, 0x2aff, []byte{1}, drivertest.Nothing{}); !errors.Is(err, gatt.ErrUnknown) {
		t.Error(err)
	}
	if err := r.Take(1, gatt.HeartRate, nil, drivertest.Nothing{}); !errors.Is(err, gatt.ErrPayload) {
		t.Error(err)
	}
}

func FuzzReceiver(f *testing.F) {
	for _, s := range []string{"1F0101320101000201FFFF", "06B00E00FEDC070C050B321B04", "1E8A00580078000000041114293B3C00012700", "0A0368000500", "060068000500", "020100EA070B16101E0068B011"} {
		b, _ := hex.DecodeString(s)
		f.Add(uint16(0x2a37), b)
		f.Add(uint16(0x2aa7), b)
		f.Add(uint16(0x2a18), b)
	}
	f.Fuzz(func(t *testing.T, c uint16, b []byte) {
		var r gatt.Receiver
		e := &drivertest.Events{}
		for _, known := range []gatt.Characteristic{gatt.Characteristic(c), gatt.HeartRate, gatt.OximeterStream, gatt.OximeterSpot, gatt.BloodPressure, gatt.CuffPressure, gatt.Temperature, gatt.Glucose, gatt.RecordAccess, gatt.ContinuousGlucose, gatt.SessionStart, gatt.Weight, gatt.Make, gatt.PolarData} {
			_ = r.Take(1, known, b, e)
		}
		for _, v := range e.Readings {
			if x, ok := v.Value(); ok && (!x.Valid() || !v.Sign.Possible(x, v.Unit)) {
				t.Fatalf("%v is not possible", v)
			}
		}
		hear(string(b))
		gatt.Driver{}.Recognise(b, devices.Line{})
	})
}
