package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"fieldkit/build/foreign"
)

// run runs the command line args with in as standard input.
func run(t *testing.T, in string, args ...string) (out, errs string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	s := &session{program: "fieldkitd", in: strings.NewReader(in), out: &o, err: &e}
	code = s.run(t.Context(), args)
	return o.String(), e.String(), code
}

func TestDecodeRealCaptures(t *testing.T) {
	for _, c := range []struct {
		driver, file string
		hex          bool
		want         []string // lines that must be there
		counters     string
	}{
		{"hl7", "devices/hl7/mindray-vs900.hl7", false, []string{
			`{"t":"2019-12-06T11:34:52Z","sign":"SpO2","mdc":150456,"value":99,"unit":"%","state":"measured","site":"","raw":""}`,
			`{"t":"2019-12-06T11:10:16Z","sign":"NIBP-SYS","mdc":150021,"value":147,"unit":"mm[Hg]","state":"measured","site":"","raw":""}`,
			`{"t":"2019-12-06T11:34:15Z","sign":"TEMP","mdc":188452,"value":35.1,"unit":"Cel","state":"measured","site":"axilla","raw":""}`,
		}, "frames=1 bad=0 resync=0 unknown=0"},
		{"nmea", "devices/nmea/sentences.tsv", false, []string{
			`{"t":"1994-06-13T22:05:16Z","position":{"valid":true,"latitude":51.56366666666667,"longitude":-0.7040000000000001}}`,
		}, "frames=15 bad=12 resync=16 unknown=0"},
		{"nonin", "devices/nonin-vectors/pufferfish_df2_frames.txt", true, []string{
			`{"t":"","wave":"Pleth","mdc":150452,"rate":75,"unit":"","samples":[1,1,1]}`,
		}, "frames=3 bad=1 resync=1 unknown=0"},
		{"intellivue", "devices/philips/connect-indication.hexdump.txt", true, nil, "frames=1 bad=0 resync=1 unknown=0"},
		{"contour", "devices/glucometer/contour_astm_header.txt", true, nil, "frames=1 bad=0 resync=1 unknown=0"},
		{"hl7", "devices/hl7/ge-b40.hl7", false, []string{
			`{"t":"2023-03-09T14:39:00Z","sign":"SpO2","mdc":150456,"value":97,"unit":"%","state":"measured","site":"","raw":""}`,
		}, "frames=1 bad=0 resync=0 unknown=0"},
		// The figures of the data's MANIFEST.
		{"datex", "devices/ge-s5-dri/db00.raw", false, []string{
			`{"t":"2018-08-02T14:30:20Z","sign":"HR","mdc":147842,"value":85,"unit":"/min","state":"measured","site":"","raw":""}`,
		}, "frames=3520 bad=0 resync=1 unknown=0"},
		{"ivy", "devices/openice-ivy450c/Ivy450C.1.data", false, []string{
			`{"t":"","sign":"HR","mdc":147842,"value":80,"unit":"/min","state":"measured","site":"","raw":""}`,
		}, "frames=27 bad=0 resync=1 unknown=0"},
		{"contec", "devices/contec-cms50e/data.hex.txt", true, []string{
			`{"t":"","sign":"SpO2","mdc":150456,"value":99,"unit":"%","state":"measured","site":"","raw":""}`,
			`{"t":"","sign":"PR","mdc":149530,"value":60,"unit":"/min","state":"measured","site":"","raw":""}`,
		}, "frames=102 bad=0 resync=0 unknown=0"},
	} {
		args := []string{"decode", "--driver", c.driver}
		if c.hex {
			args = append(args, "--hex")
		}
		out, errs, code := run(t, "", append(args, foreign.Dir(t, c.file))...)
		if code != 0 {
			t.Errorf("%s: code %d, %s", c.file, code, errs)
		}
		for _, line := range c.want {
			if !strings.Contains(out, line+"\n") {
				t.Errorf("%s: no line %s in\n%s", c.file, line, out)
			}
		}
		for line := range strings.Lines(out) {
			if !json.Valid([]byte(line)) {
				t.Errorf("%s: %q is no JSON", c.file, line)
			}
		}
		if lines := strings.Split(strings.TrimSpace(errs), "\n"); lines[len(lines)-1] != c.counters {
			t.Errorf("%s: %q ends the standard error, want %q", c.file, lines[len(lines)-1], c.counters)
		}
	}
}

func TestDecodeSaysWhyThereIsNoValue(t *testing.T) {
	// Nonin's text line with dashes: layout of the 8500's manual.
	out, errs, code := run(t, "SPO2=098 HR=072\r\nSPO2=--- HR=---\r\n", "decode", "--driver", "nonin", "-")
	want := `{"t":"","sign":"SpO2","mdc":150456,"value":98,"unit":"%","state":"measured","site":"","raw":""}
{"t":"","sign":"PR","mdc":149530,"value":72,"unit":"/min","state":"measured","site":"","raw":""}
{"t":"","sign":"SpO2","mdc":150456,"unit":"%","state":"searching","site":"","raw":""}
{"t":"","sign":"PR","mdc":149530,"unit":"/min","state":"searching","site":"","raw":""}
`
	if out != want || code != 0 || !strings.HasSuffix(errs, "frames=2 bad=0 resync=0 unknown=0\n") {
		t.Errorf("code %d\n%s%s\nwant\n%s", code, out, errs, want)
	}
}

func TestDecodeOfNobodyKnown(t *testing.T) {
	if _, errs, code := run(t, "", "decode", "--driver", "nobody", "-"); code != exitUsage || !strings.Contains(errs, "nonin") {
		t.Errorf("code %d, %s; want 2 and the drivers there are", code, errs)
	}
}

func TestHexText(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"plain", "01e0849392bc", "01e0849392bc"},
		{"spaces and lines", "01 E0\n84\t93\r\n92 bc\n", "01e0849392bc"},
		{"0x and commas", "0x01, 0xE0, 0x84", "01e084"},
		{"comments", "# a frame\n01 e0 # status\n84 // sum\n", "01e084"},
		{"wireshark", "0000   01 00 5e 00 17 3f 00 09 fb 88 c1 bd 08 00 45 c0\n0010   01 be\n", "01005e00173f0009fb88c1bd080045c001be"},
		{"hexdump -C", "00000000  53 50 4f 32 3d 30 39 38  20 48 52 3d 30 37 32 0d  |SPO2=098 HR=072.|\n00000010  0a                                                |.|\n00000011\n", "53504f323d3039382048523d3037320d0a"},
		{"xxd", "00000000: 5350 4f32 3d30 3938 2048 523d 3037 320d  SPO2=098 HR=072.\n00000010: 0a                                       .\n", "53504f323d3039382048523d3037320d0a"},
		{"four digits first are bytes, not an offset", "1234 56\n7890 12\n", "123456789012"},
		{"python", `\x04\x021H|\\^&\r\n`, "0402314" + "87c5c5e260d0a"},
	} {
		b, err := fromHex([]byte(c.text))
		if got := fmt.Sprintf("%x", b); err != nil || got != c.want {
			t.Errorf("%s: %s %v, want %s", c.name, got, err, c.want)
		}
	}
	for _, text := range []string{"01 e", "hello", "01 e0\n0g", `\xzz`, `\x0`} {
		if b, err := fromHex([]byte(text)); err == nil {
			t.Errorf("%q is read as %x", text, b)
		}
	}
}

func FuzzHexText(f *testing.F) {
	f.Add([]byte("0000   01 00 5e 00\n0004 12\n"))
	f.Add([]byte(`\x04\x021H|\\^&`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if b, err := fromHex(text); err == nil && len(b) > len(text) {
			t.Errorf("%d bytes from %d characters", len(b), len(text))
		}
	})
}

func TestLineSettings(t *testing.T) {
	for text, want := range map[string]string{"9600 8N1": "9600 8N1", "19200 8E1": "19200 8E1", "4800 7O2": "4800 7O2"} {
		if l, err := parseLine(text); err != nil || l.String() != want {
			t.Errorf("%q is %v, %v", text, l, err)
		}
	}
	for _, text := range []string{"", "9600", "9600 9N1", "9600 8X1", "0 8N1", "fast 8N1"} {
		if l, err := parseLine(text); err == nil {
			t.Errorf("%q is taken for %v", text, l)
		}
	}
}
