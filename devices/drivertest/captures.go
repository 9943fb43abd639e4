package drivertest

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fieldkit/build/foreign"
	"fieldkit/devices"
)

// captureMost is enough of a long recording.
const captureMost = 64 << 10

// Captures is what foreign data has of bytes as they came over a serial line, each
// with the name of the driver whose they are. The test is skipped without them.
func Captures(t testing.TB) []Capture {
	t.Helper()
	root := foreign.Dir(t, "devices")
	line := func(baud int, p devices.Parity) devices.Line {
		return devices.Line{Baud: baud, DataBits: 8, Parity: p, StopBits: 1}
	}
	var all []Capture
	for _, c := range []struct {
		path, driver string
		line         devices.Line
		text         func([]byte) []byte
	}{
		{"ge-s5-dri/db00.raw", "datex", line(19200, devices.EvenParity), as},
		{"ge-s5-dri/nb_raw.raw", "datex", line(19200, devices.EvenParity), as},
		{"openice-ivy450c/*", "ivy", line(9600, devices.NoParity), as},
		{"contec-cms50e/data.hex.txt", "contec", line(115200, devices.NoParity), fromHex},
		{"masimo-nellcor/masimo-*", "masimo", line(9600, devices.NoParity), lines},
		{"masimo-nellcor/nellcor-*", "nellcor", line(9600, devices.NoParity), lines},
		{"nmea/*", "nmea", line(9600, devices.NoParity), sentences},
		{"hl7/*", "hl7", devices.Line{}, as},
		{"antidote/*/*", "phd", devices.Line{}, as},
	} {
		names, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(c.path)))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err != nil || strings.HasPrefix(filepath.Base(name), "LICENSE") {
				continue // a folder, or not a capture
			}
			all = append(all, Capture{
				Name: filepath.Base(filepath.Dir(name)) + "/" + filepath.Base(name), Driver: c.driver, Line: c.line,
				Bytes: c.text(b[:min(len(b), captureMost)]),
			})
		}
	}
	return all
}

func as(b []byte) []byte { return b }

func fromHex(b []byte) []byte {
	out, err := hex.DecodeString(string(bytes.Join(bytes.Fields(b), nil)))
	if err != nil {
		return nil
	}
	return out
}

// lines gives text the line ends it had on the wire.
func lines(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) }

// sentences is the third column of a table of NMEA sentences.
func sentences(b []byte) []byte {
	var out []byte
	for row := range strings.Lines(string(b)) {
		if f := strings.Split(row, "\t"); len(f) > 2 && strings.HasPrefix(f[2], "$") {
			out = append(out, f[2]+"\r\n"...)
		}
	}
	return out
}
