package gs1_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/devices/gs1"
	"fieldkit/triage/vital"
)

func monitors() []drivertest.Monitor {
	return []drivertest.Monitor{{Name: "scanner", New: func() devices.Simulator { return gs1.NewSimulator() }}}
}

func TestEveryRule(t *testing.T) { drivertest.Check(t, gs1.Driver{}, monitors()) }

func TestFoundOnTheWire(t *testing.T) {
	drivertest.Find(t, []drivertest.Subject{{Driver: gs1.Driver{}, Monitors: monitors()}})
}

func TestNothingElseIsTakenForAScanner(t *testing.T) {
	drivertest.Apart(t, []drivertest.Subject{{Driver: gs1.Driver{}, Monitors: monitors()}}, drivertest.Captures(t)...)
}

// Strings and meanings from the documents named in each row.
func TestPacks(t *testing.T) {
	for _, c := range []struct {
		source, scan              string
		gtin, lot, serial, expiry string
	}{
		{"gs1-go README", "]d20104150000021126172506302112345ABC\x1d10LOT42X", "04150000021126", "LOT42X", "12345ABC", "2025-06-30"},
		{"strich docs", "]d2010880638826961711230214" + "1728021310230214A3263-01\x1d21059\x1d240ARO4808C", "08806388269617", "230214A3263-01", "059", "2028-02-13"},
		{"ruby gs1", "01034531200000111719112510ABCD1234\x1d2110", "03453120000011", "ABCD1234", "10", "2019-11-25"},
		{"GS1 General Specifications, day 00", "17261200", "", "", "", "2026-12-31"},
		{"pharma-datamatrix", "0108586007703851", "08586007703851", "", "", ""},
	} {
		s, err := gs1.Parse([]byte(c.scan))
		if err != nil {
			t.Errorf("%s: %v", c.source, err)
			continue
		}
		expiry := ""
		if d, ok := s.Expiry(2026); ok {
			expiry = d.Format("2006-01-02")
		}
		if s.GTIN() != c.gtin || s.Lot() != c.lot || s.Serial() != c.serial || expiry != c.expiry {
			t.Errorf("%s: %+v expiry %s, want %+v", c.source, s, expiry, c)
		}
	}
	s, _ := gs1.Parse([]byte("]d2010880638826961711230214" + "1728021310230214A3263-01\x1d21059\x1d240ARO4808C"))
	if s.Get("11") != "230214" || s.Get("240") != "ARO4808C" || s.Symbology != "]d2" {
		t.Errorf("%+v: want made 230214, additional id ARO4808C", s)
	}
}

func TestAMisreadPackIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		scan string
		want error
	}{
		"wrong check digit":          {"0108806388269618", gs1.ErrCheck},
		"two digits swapped":         {"0108806388296617", gs1.ErrCheck},
		"GTIN cut off":               {"010880638826961", gs1.ErrElement},
		"month 13":                   {"010880638826961717281301", gs1.ErrElement},
		"31 April":                   {"17260431", gs1.ErrElement},
		"a letter in the expiry":     {"1726A431", gs1.ErrElement},
		"lot of 21 characters":       {"10ABCDEFGHIJKLMNOPQRSTU", gs1.ErrElement},
		"empty lot":                  {"10\x1d2112", gs1.ErrElement},
		"no identifier":              {"HELLO WORLD", gs1.ErrElement},
		"a plain EAN":                {"5901234123457", gs1.ErrElement},
		"nothing":                    {"", gs1.ErrElement},
		"a space in the serial":      {"2112 34", gs1.ErrElement},
		"longer than any code holds": {"91" + strings.Repeat("A", 3000), gs1.ErrElement},
	} {
		if s, err := gs1.Parse([]byte(c.scan)); !errors.Is(err, c.want) {
			t.Errorf("%s: %+v, %v; want %v", name, s, err, c.want)
		}
	}
}

func TestTheCentury(t *testing.T) {
	// GS1 General Specifications 7.12: 51 to 99 years ahead is the century before,
	// 50 to 99 years back the one after.
	for _, c := range []struct {
		text string
		year int
		want string
	}{
		{"760101", 2026, "2076-01-01"}, {"770101", 2026, "1977-01-01"}, {"991231", 2026, "1999-12-31"},
		{"000101", 2026, "2000-01-01"}, {"100101", 2080, "2110-01-01"}, {"240229", 2026, "2024-02-29"}, {"280200", 2026, "2028-02-29"},
	} {
		if d, ok := gs1.Date(c.text, c.year); !ok || d.Format(time.DateOnly) != c.want {
			t.Errorf("%s in %d is %v, want %s", c.text, c.year, d, c.want)
		}
	}
}

func TestAScanWithoutALineEnd(t *testing.T) {
	s := gs1.Driver{}.Open(false).(*gs1.Session)
	var got []gs1.Scan
	s.Scans(func(c gs1.Scan) { got = append(got, c) })
	to := &drivertest.Events{}
	s.Receive(1, []byte("01088063"), to)
	s.Poll(vital.Instant(100*time.Millisecond), to)
	s.Receive(vital.Instant(120*time.Millisecond), []byte("88269617"), to)
	if _, again := s.Poll(vital.Instant(130*time.Millisecond), to); len(got) != 0 || again != vital.Instant(320*time.Millisecond) {
		t.Fatalf("%v before the pause", got)
	}
	s.Poll(vital.Instant(320*time.Millisecond), to)
	if len(got) != 1 || got[0].GTIN() != "08806388269617" || len(to.Readings) != 0 {
		t.Errorf("%v, %d readings; want the one scan and none", got, len(to.Readings))
	}
}

func BenchmarkDecode(b *testing.B) { drivertest.Benchmark(b, gs1.Driver{}, monitors()[0]) }

func FuzzParse(f *testing.F) {
	f.Add([]byte("]d20104150000021126172506302112345ABC\x1d10LOT42X"))
	f.Add([]byte("01034531200000111719112510ABCD1234\x1d2110\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := gs1.Parse(b); err == nil && len(s.Elements) == 0 {
			t.Error("a scan of nothing")
		}
		d := gs1.Driver{}
		d.Open(true).Receive(1, b, drivertest.Nothing{})
		d.Recognise(b, devices.Line{})
	})
}
