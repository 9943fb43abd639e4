package nmea_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"fieldkit/build/foreign"
	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/devices/nmea"
)

func monitors() []drivertest.Monitor {
	return []drivertest.Monitor{
		{Name: "with a fix", New: func() devices.Simulator { return nmea.NewSimulator() }},
		{Name: "without", New: func() devices.Simulator { return &nmea.Simulator{NoFix: true} }},
	}
}

func TestEveryRule(t *testing.T) { drivertest.Check(t, nmea.Driver{}, monitors()) }

func TestFoundOnTheWire(t *testing.T) {
	drivertest.Find(t, []drivertest.Subject{{Driver: nmea.Driver{}, Monitors: monitors()}})
}

// Each sentence with the outcome that adrianmo/go-nmea's own tests expect.
func TestForeignSentences(t *testing.T) {
	good, bad := 0, 0
	for row := range strings.Lines(string(foreign.Read(t, "devices", "nmea", "sentences.tsv"))) {
		f := strings.Split(strings.TrimRight(row, "\r\n"), "\t")
		if len(f) != 4 || f[0][0] == '#' {
			continue
		}
		_, _, err := nmea.Parse([]byte(f[2]), time.Time{})
		switch want := f[3]; {
		case want == "OK":
			good++
			if err != nil {
				t.Errorf("%s: %v, want it read", f[2], err)
			}
		default:
			bad++
			if !errors.Is(err, nmea.ErrField) {
				t.Errorf("%s: %v, want %s", f[2], err, want)
			}
		}
	}
	if good != 15 || bad != 12 {
		t.Errorf("%d good and %d bad sentences, want 15 and 12", good, bad)
	}
}

func TestPlaceAndTime(t *testing.T) {
	// Decimal degrees worked out by hand: 51°33.82' is 51+33.82/60.
	day := time.Date(2026, 12, 31, 23, 59, 58, 0, time.UTC)
	for _, c := range []struct {
		name, sentence string
		before         time.Time
		lat, lon       float64
		valid          bool
		at             time.Time
	}{
		{"in London", "$GPRMC,220516,A,5133.82,N,00042.24,W,173.8,231.8,130694,004.2,W*70", time.Time{}, 51.5636667, -0.704, true, time.Date(1994, 6, 13, 22, 5, 16, 0, time.UTC)},
		{"south and east", "$GPGGA,034225.077,3356.4650,S,15124.5567,E,1,03,9.7,-25.0,M,21.0,M,,0000*51", time.Time{}, -33.9410833, 151.4092783, true, time.Time{}},
		{"no fix", "$GPGGA,000001.00,,,,,0,00,,,M,,M,,*", day, 0, 0, false, time.Date(2027, 1, 1, 0, 0, 1, 0, time.UTC)},
		{"a sentence of before midnight, late", "$GPGGA,235959.00,,,,,0,00,,,M,,M,,*", day.Add(4 * time.Second), 0, 0, false, day.Add(time.Second)},
		{"warning", "$GPRMC,000001.00,V,,,,,,,010127,,,N*", time.Time{}, 0, 0, false, time.Date(2027, 1, 1, 0, 0, 1, 0, time.UTC)},
		{"a stale place with a warning is none", "$GPRMC,000001.00,V,5133.82,N,00042.24,W,,,010127,,,N*", time.Time{}, 0, 0, false, time.Date(2027, 1, 1, 0, 0, 1, 0, time.UTC)},
		{"leap second", "$GPRMC,235960.00,V,,,,,,,311226,,,N*", time.Time{}, 0, 0, false, time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)},
		{"leap day", "$GPRMC,120000,V,,,,,,,290228,,,N*", time.Time{}, 0, 0, false, time.Date(2028, 2, 29, 12, 0, 0, 0, time.UTC)},
	} {
		p, located, err := nmea.Parse([]byte(withSum(c.sentence)), c.before)
		if err != nil || !located {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if p.Valid != c.valid || math.Abs(p.Latitude-c.lat) > 1e-6 || math.Abs(p.Longitude-c.lon) > 1e-6 || !p.At.Equal(c.at) {
			t.Errorf("%s: %+v, want %v, %v at %v", c.name, p, c.lat, c.lon, c.at)
		}
	}
	for name, s := range map[string]string{
		"a place north of the pole":   "$GPRMC,220516,A,9133.82,N,00042.24,W,0,0,130694,,W*",
		"61 minutes":                  "$GPRMC,220516,A,5161.82,N,00042.24,W,0,0,130694,,W*",
		"30 February":                 "$GPRMC,220516,A,5133.82,N,00042.24,W,0,0,300226,,W*",
		"a fix without a place":       "$GPRMC,220516,A,,,,,0,0,130694,,W*",
		"a negative place":            "$GPRMC,220516,A,-133.82,N,00042.24,W,0,0,130694,,W*",
		"a time of 25 o'clock":        "$GPGGA,250000,5133.82,N,00042.24,W,1,03,9.7,1,M,1,M,,*",
		"more fields than any can be": "$GPGGA," + strings.Repeat(",", 60) + "*",
	} {
		if _, _, err := nmea.Parse([]byte(withSum(s)), time.Time{}); !errors.Is(err, nmea.ErrField) {
			t.Errorf("%s: %v, want ErrField", name, err)
		}
	}
	if _, _, err := nmea.Parse([]byte("$GPRMC,220516,A,5133.82,N,00042.24,W,173.8,231.8,130694,004.2,W*71"), time.Time{}); !errors.Is(err, nmea.ErrChecksum) {
		t.Errorf("one wrong digit: %v, want ErrChecksum", err)
	}
}

// withSum adds the checksum to a sentence that ends in '*'.
func withSum(s string) string {
	if !strings.HasSuffix(s, "*") {
		return s
	}
	sum := byte(0)
	for _, c := range []byte(s[1 : len(s)-1]) {
		sum ^= c
	}
	return s + string("0123456789ABCDEF"[sum>>4]) + string("0123456789ABCDEF"[sum&15])
}

func TestTheChartGetsNothing(t *testing.T) {
	s := nmea.Driver{}.Open(true).(*nmea.Session)
	var got []nmea.Position
	s.Positions(func(p nmea.Position) { got = append(got, p) })
	e := &drivertest.Events{}
	s.Receive(1, []byte("4.2,W*70\r\n$GPRMC,220516,A,5133.82,N,00042.24,W,173.8,231.8,130694,004.2,W*70\r\n$GPXYZ,1*"), e)
	s.Receive(1, []byte(withSum("$GPXYZ,1*")[9:]), e)
	if len(got) != 1 || len(e.Readings) != 0 || s.Counters() != (devices.Counters{Frames: 2, Resync: 1, Unknown: 1}) {
		t.Errorf("%d positions, %d readings, %+v; want one, none, two frames of which one unknown", len(got), len(e.Readings), s.Counters())
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, m := range monitors() {
		b.Run(m.Name, func(b *testing.B) { drivertest.Benchmark(b, nmea.Driver{}, m) })
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("$GPRMC,220516,A,5133.82,N,00042.24,W,173.8,231.8,130694,004.2,W*70"))
	f.Add([]byte("$GPGGA,034225.077,3356.4650,S,15124.5567,E,1,03,9.7,-25.0,M,21.0,M,,0000*51\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, _, err := nmea.Parse(b, time.Unix(0, 0))
		if err == nil && (math.Abs(p.Latitude) > 90 || math.Abs(p.Longitude) > 180) {
			t.Errorf("%q is at %v, %v", b, p.Latitude, p.Longitude)
		}
		nmea.Driver{}.Open(true).Receive(1, b, drivertest.Nothing{})
		nmea.Driver{}.Recognise(b, devices.Line{})
	})
}

func TestNothingElseIsTakenForAReceiver(t *testing.T) {
	drivertest.Apart(t, []drivertest.Subject{{Driver: nmea.Driver{}, Monitors: monitors()}}, drivertest.Captures(t)...)
}
