package wave

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldkit/triage/vital"
)

var update = flag.Bool("update", false, "write testdata/vectors.json anew; only for a new version of the format")

// plain is a decoded frame as both decoders write it down.
type plain struct {
	Error    string       `json:"error,omitempty"`
	Seq      uint64       `json:"seq,omitempty"`
	Time     int64        `json:"time"`
	Binding  *plainBed    `json:"binding,omitempty"`
	Ended    bool         `json:"ended"`
	Full     bool         `json:"full"`
	Wall     *[2]int64    `json:"wall"`
	Disk     *uint64      `json:"disk"`
	Numerics []plainSign  `json:"numerics"`
	Alarms   []plainAlarm `json:"alarms"` // null when not told
	Waves    []plainWave  `json:"waves"`
}

type plainBed struct {
	Encounter string `json:"encounter"`
	Station   string `json:"station"`
	Boot      string `json:"boot"`
	Epoch     string `json:"epoch"`
	Tag       string `json:"tag"`
	Monitor   string `json:"monitor"`
	CallSign  string `json:"call_sign"`
	Demo      bool   `json:"demo"`
}

type plainSign struct {
	Sign         uint16    `json:"sign"`
	Unit         string    `json:"unit"`
	Site         string    `json:"site"`
	Name         string    `json:"name"`
	Value        *[2]int64 `json:"value"` // mantissa, exponent
	State        uint8     `json:"state"`
	Questionable bool      `json:"questionable"`
	Aperiodic    bool      `json:"aperiodic"`
	Arrived      int64     `json:"arrived"` // ms
}

type plainAlarm struct {
	ID           uint32 `json:"id"`
	Priority     uint8  `json:"priority"`
	Technical    bool   `json:"technical"`
	Acknowledged bool   `json:"acknowledged"`
	Silenced     bool   `json:"silenced"`
	Text         string `json:"text"`
}

type plainWave struct {
	Lead    uint16   `json:"lead"`
	Name    string   `json:"name"`
	Rate    [2]int64 `json:"rate"`
	Scale   [2]int64 `json:"scale"`
	Offset  int32    `json:"offset"`
	Unit    string   `json:"unit"`
	Range   [2]int32 `json:"range"`
	Arrived int64    `json:"arrived"`
	Samples []int32  `json:"samples"`
	Gaps    [][3]int `json:"gaps"`
}

// vector is one frame of a link, and what it says to a decoder that had those
// before it.
type vector struct {
	Name  string `json:"name"`
	Fresh bool   `json:"fresh,omitempty"` // begin with a new decoder
	Hex   string `json:"hex"`
	Frame *plain `json:"frame,omitempty"`
}

func pair(d vital.Decimal) [2]int64 { return [2]int64{d.Mantissa, int64(d.Exponent)} }

func ms(t vital.Instant) int64 { return time.Duration(t).Milliseconds() }

func write(f *Frame, err error) *plain {
	if err != nil {
		for _, e := range []error{ErrNotDescribed, ErrVersion, ErrFrame} {
			if errors.Is(err, e) {
				return &plain{Error: e.Error(), Seq: f.Seq, Time: ms(f.Time)}
			}
		}
		panic(err)
	}
	b := f.Binding
	p := &plain{Seq: f.Seq, Time: ms(f.Time), Ended: f.Ended, Full: f.Full, Binding: &plainBed{
		hex.EncodeToString(b.Encounter[:]), hex.EncodeToString(b.Station[:]), hex.EncodeToString(b.Boot[:]), hex.EncodeToString(b.Epoch[:]),
		b.Tag, b.Monitor, b.CallSign, b.Demo}}
	if !f.Wall.IsZero() {
		p.Wall = &[2]int64{f.Wall.UnixMilli(), int64(f.Trust)}
	}
	if f.DiskTold {
		p.Disk = &f.Disk
	}
	for _, n := range f.Numerics {
		s := plainSign{Sign: uint16(n.Sign), Unit: string(n.Unit), Site: string(n.Site), Name: n.Raw, State: uint8(n.State()),
			Questionable: n.Questionable, Aperiodic: n.Aperiodic, Arrived: ms(n.Arrived)}
		if v, ok := n.Value(); ok {
			x := pair(v)
			s.Value = &x
		}
		p.Numerics = append(p.Numerics, s)
	}
	if f.AlarmsTold {
		p.Alarms = []plainAlarm{}
	}
	for _, a := range f.Alarms {
		p.Alarms = append(p.Alarms, plainAlarm(a))
	}
	for _, w := range f.Waves {
		x := plainWave{Lead: uint16(w.Lead), Name: w.Raw, Rate: pair(w.Rate), Scale: pair(w.Scale), Offset: w.Offset, Unit: string(w.Unit),
			Range: [2]int32{w.Min, w.Max}, Arrived: ms(w.Arrived), Samples: slices.Clone(w.Samples)}
		for _, g := range w.Gaps {
			x.Gaps = append(x.Gaps, [3]int{g.From, g.Len, int(g.Why)})
		}
		p.Waves = append(p.Waves, x)
	}
	return p
}

// story makes the vectors: a shift of one monitor, with everything that may
// happen to a frame.
func story(t *testing.T) []vector {
	var all []vector
	var e Encoder
	var d Decoder
	var now Now
	frame := func(name string, fresh bool, b []byte) {
		if fresh {
			d = Decoder{}
		}
		var f Frame
		err := d.Decode(b, &f)
		all = append(all, vector{Name: name, Fresh: fresh, Hex: hex.EncodeToString(b), Frame: write(&f, err)})
	}
	next := func() []byte {
		b, err := e.Encode(nil, &now)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	now.Time, now.Binding = instant(86_400_000), bed("A-0417", 1)
	now.Binding.Station = [32]byte(slices.Repeat([]byte{0xa5, 0x01}, 16))
	now.Wall, now.Trust = time.UnixMilli(1_790_000_000_123).UTC(), 3
	now.Disk = 70_000
	temp := reading(vital.OfUnit(vital.Temperature, vital.Dec(986, -1), vital.Fahrenheit), 86_300_000)
	temp.Site, temp.Aperiodic = vital.SiteTympanic, true
	own := reading(vital.OfUnit(vital.Unknown, vital.Dec(-3, 7), "[foo]"), 86_399_999)
	own.Raw, own.Questionable = "SPI µ", true
	now.Numerics = []vital.Reading{
		reading(vital.Of(vital.HeartRate, vital.Int(72)), 86_399_900), reading(vital.Of(vital.SpO2, vital.Dec(9665, -2)), 86_399_800),
		reading(vital.None(vital.EtCO2, vital.Searching), 86_399_000), temp, own,
		reading(vital.OfUnit(900, vital.Dec(123456789012345678, -18), "x"), 0),
	}
	now.Alarms = []Alarm{{ID: 3, Priority: 3, Text: "SpO₂ low"}, {ID: 1<<32 - 1, Priority: 1, Technical: true, Acknowledged: true, Silenced: true}}
	ecg := []int32{995, 993, 996, 1001, 1010, 1044, 1180, 1271, 1102, 981, 970, 988, 991, 995, 996, 996, 997, 995, 994, 996, 999, 1002, 1004, 1003, 1001}
	now.Waves = []vital.Waveform{
		{Lead: vital.ECGII, Rate: vital.Int(250), Scale: vital.Dec(5, -3), Offset: -1024, Unit: vital.Millivolt, Min: 0, Max: 2047, Arrived: now.Time.Add(2 * time.Millisecond), Samples: ecg},
		{Lead: vital.Pleth, Rate: vital.Int(125), Scale: vital.Int(1), Arrived: now.Time, Samples: []int32{0, 1, 4, 9, 16, 25, 36, 49, 64, 81, 100, 121, 144}},
		{Lead: vital.UnknownLead, Raw: "aux", Rate: vital.Dec(625, -1), Unit: "q", Arrived: now.Time.Add(99 * time.Millisecond), Samples: []int32{-1 << 31, 1<<31 - 1, -1 << 31, 1<<31 - 1, 0, 5}},
	}
	frame("everything told", true, next())
	now.Time = now.Time.Add(100 * time.Millisecond)
	now.Numerics[1] = reading(vital.None(vital.SpO2, vital.ProbeOff), 86_400_050)
	now.Waves = now.Waves[:2]
	now.Waves[0].Arrived, now.Waves[1].Arrived = now.Time, now.Time
	now.Waves[1].Samples = []int32{5, 5, 5, 7, 7, 2, 2, 3}
	now.Waves[1].Gaps = []vital.Gap{{From: 0, Len: 1, Why: vital.Searching}, {From: 3, Len: 2, Why: vital.Artefact}, {From: 7, Len: 1, Why: vital.ProbeOff}}
	second := next()
	frame("probe off, gaps, only what changed", false, second)
	now.Time = now.Time.Add(100 * time.Millisecond)
	now.Waves, now.Alarms = nil, nil
	frame("alarms over, no samples", false, next())
	frame("a frame heard without its description", true, second)
	now.Time = now.Time.Add(100 * time.Millisecond)
	now.Binding = bed("", 2)
	now.Binding.Demo = true
	now.Numerics = now.Numerics[:1]
	first := next()
	frame("another patient", false, first)
	frame("the patient before, still not described", false, second)
	now.Ended = true
	frame("the end", false, next())
	frame("version 2", true, append([]byte{2}, first[1:]...))
	frame("a byte too many", true, append(slices.Clone(first), 0))
	frame("cut short", true, first[:len(first)-1])
	spoilt := slices.Clone(first)
	spoilt[len(spoilt)-30] ^= 4
	frame("description and mark differ", true, spoilt)
	frame("flags of an end with more", true, append([]byte{1, 128 | 1 | 4}, first[2:]...))

	return all
}

func TestVectorsOfVersionOneHold(t *testing.T) {
	path := filepath.Join("testdata", "vectors.json")
	now := story(t)
	if *update {
		b, err := json.MarshalIndent(now, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var kept []vector
	if err := json.Unmarshal(b, &kept); err != nil {
		t.Fatal(err)
	}
	var d Decoder
	for i, v := range kept {
		raw, _ := hex.DecodeString(v.Hex)
		if v.Fresh {
			d = Decoder{}
		}
		var f Frame
		err := d.Decode(raw, &f)
		if got := write(&f, err); !same(got, v.Frame) {
			t.Errorf("%s: %+v, want %+v", v.Name, got, v.Frame)
		}
		if i < len(now) && now[i].Hex != v.Hex {
			t.Errorf("%s: the encoder now writes other bytes; version 1 is frozen", v.Name)
		}
	}
	if len(kept) != len(now) {
		t.Errorf("%d vectors kept, %d made", len(kept), len(now))
	}
}

func same(a, b *plain) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return reflect.DeepEqual(x, y)
}

func TestTheSecondDecoderAgrees(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not here: the second decoder was not run")
	}
	out, err := exec.CommandContext(t.Context(), python, filepath.Join("testdata", "check.py")).CombinedOutput()
	if err != nil {
		t.Errorf("check.py: %v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// The page's decoder takes its own units from FORMAT.md.
func TestFormatListsEverySignAndLead(t *testing.T) {
	b, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	before, have, found := strings.Cut(string(b), "| sign | code | own unit |")
	var want strings.Builder
	want.WriteString("| sign | code | own unit |\n|---|---|---|\n")
	line := func(n uint16, code string, u vital.Unit) {
		if u == "" {
			u = "-"
		}
		fmt.Fprintf(&want, "| %d | %s | %s |\n", n, code, u)
	}
	for _, s := range slices.Sorted(maps.Keys(vital.Signs)) {
		line(uint16(s), s.Info().Code, s.Unit())
	}
	want.WriteString("\n| lead | code | own unit |\n|---|---|---|\n")
	for _, l := range slices.Sorted(maps.Keys(vital.Leads)) {
		line(uint16(l), l.Info().Code, l.Info().Unit)
	}
	if *update {
		before = strings.TrimSuffix(before, "SIGNS\n")
		if err := os.WriteFile("FORMAT.md", []byte(before+want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !found || "| sign | code | own unit |"+have != want.String() {
		t.Error("FORMAT.md does not list the signs and leads of triage/vital; run with -update")
	}
}
