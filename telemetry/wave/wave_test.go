package wave

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldkit/triage/vital"
)

func instant(ms int64) vital.Instant { return vital.Instant(time.Duration(ms) * time.Millisecond) }

func bed(tag string, encounter byte) Binding {
	return Binding{Encounter: [16]byte{encounter}, Station: [32]byte{9}, Boot: [16]byte{7}, Epoch: [16]byte{5}, Tag: tag, Monitor: "GE B40", CallSign: "Medic 7"}
}

func reading(r vital.Reading, at int64) vital.Reading {
	r.Arrived = instant(at)
	return r
}

// send encodes now and hands it to the decoder.
func send(t *testing.T, e *Encoder, d *Decoder, now *Now) (Frame, []byte, error) {
	t.Helper()
	b, err := e.Encode(nil, now)
	if err != nil {
		t.Fatal(err)
	}
	var f Frame
	return f, b, d.Decode(b, &f)
}

func TestANumberNeverComesUnderAnotherPatientsName(t *testing.T) {
	var e Encoder
	var d Decoder
	now := Now{Time: instant(1000), Binding: bed("A", 1), Numerics: []vital.Reading{reading(vital.Of(vital.SpO2, vital.Int(97)), 1000)}}
	if _, _, err := send(t, &e, &d, &now); err != nil {
		t.Fatal(err)
	}
	// The crew moves the monitor to the next patient; the frame that says so is lost.
	now.Time, now.Binding = instant(1100), bed("B", 2)
	if _, err := e.Encode(nil, &now); err != nil {
		t.Fatal(err)
	}
	now.Time = instant(1200)
	now.Numerics = []vital.Reading{reading(vital.Of(vital.SpO2, vital.Int(71)), 1200)}
	lost, err := e.Encode(nil, &now)
	if err != nil {
		t.Fatal(err)
	}
	var f Frame
	if err := d.Decode(lost, &f); !errors.Is(err, ErrNotDescribed) {
		t.Fatalf("B's frame was read as %+v, %v", f, err)
	}
	if f.Seq != 3 || f.Time != instant(1200) || len(f.Numerics)+len(f.Waves) != 0 || f.Binding != (Binding{}) {
		t.Errorf("an undescribed frame shows %+v", f)
	}
	// Within a second the description comes again.
	for n := range 10 {
		now.Time = instant(int64(1300 + 100*n))
		b, err := e.Encode(nil, &now)
		if err != nil {
			t.Fatal(err)
		}
		if d.Decode(b, &f) == nil {
			if f.Binding.Tag != "B" || !f.Full || len(f.Numerics) != 1 {
				t.Errorf("the description says %+v", f)
			}
			return
		}
	}
	t.Error("no description within a second")
}

func TestALateFrameOfTheLastPatientKeepsItsName(t *testing.T) {
	var e Encoder
	var d Decoder
	var late []byte
	now := Now{Binding: bed("A", 1), Numerics: []vital.Reading{vital.Of(vital.HeartRate, vital.Int(60))}}
	for n := range 3 {
		now.Time = instant(int64(100 * n))
		now.Numerics[0] = vital.Of(vital.HeartRate, vital.Int(int64(60+n)))
		_, late, _ = send(t, &e, &d, &now)
	}
	now.Binding = bed("B", 2)
	if f, _, err := send(t, &e, &d, &now); err != nil || f.Binding.Tag != "B" {
		t.Error(err)
	}
	var f Frame
	f.Binding = Binding{}
	if err := d.Decode(late, &f); err != nil || f.Binding.Tag != "A" {
		t.Errorf("A's late frame came as %q, %v", f.Binding.Tag, err)
	}
}

func TestAForgedMarkIsRefused(t *testing.T) {
	var e Encoder
	now := Now{Binding: bed("A", 1)}
	b, err := e.Encode(nil, &now)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(b, []byte("GE B40"))
	b[at] ^= 1 // a description that is not the one of its mark
	var d Decoder
	var f Frame
	if err := d.Decode(b, &f); !errors.Is(err, ErrFrame) {
		t.Errorf("read as %+v, %v", f, err)
	}
}

func TestProbeOffIsProbeOffAndNeverZero(t *testing.T) {
	var e Encoder
	var d Decoder
	now := Now{Time: instant(5000), Binding: bed("A", 1)}
	for s := vital.NotMeasured; s.Known(); s++ {
		if s != vital.Measured {
			r := reading(vital.None(vital.SpO2, s), 4000)
			now.Numerics = []vital.Reading{r}
			f := Frame{}
			b, err := e.Encode(nil, &now)
			if err != nil {
				t.Fatal(err)
			}
			if err := d.Decode(b, &f); err != nil || len(f.Numerics) != 1 || f.Numerics[0] != r {
				t.Errorf("%v came as %v, %v", s, f.Numerics, err)
			}
		}
	}
}

func TestNumericsOfEveryKindArriveAsTheyWere(t *testing.T) {
	temp := reading(vital.OfUnit(vital.Temperature, vital.Dec(986, -1), vital.Fahrenheit), 100)
	temp.Site = vital.SiteRectal
	nibp := reading(vital.Of(vital.NIBPSys, vital.Int(118)), 100)
	nibp.Aperiodic = true
	doubt := reading(vital.Of(vital.SpO2, vital.Dec(9665, -2)), 9_900)
	doubt.Questionable = true
	own := reading(vital.OfUnit(vital.Unknown, vital.Dec(-12345678901234, -9), "uV"), 10_000)
	own.Raw = "BISx µ"
	later := reading(vital.OfUnit(vital.Sign(900), vital.Dec(3, 7), "[foo]"), 0)
	zero := reading(vital.Of(vital.HeartRate, vital.Int(0)), 10_000)
	kpa := reading(vital.OfUnit(vital.EtCO2, vital.Dec(47, -1), vital.KPa), 10_000)
	now := Now{Time: instant(10_000), Binding: bed("A", 1), Numerics: []vital.Reading{temp, nibp, doubt, own, later, zero, kpa}}
	var e Encoder
	var d Decoder
	b, err := e.Encode(nil, &now)
	if err != nil {
		t.Fatal(err)
	}
	var f Frame
	if err := d.Decode(b, &f); err != nil || !reflect.DeepEqual(f.Numerics, now.Numerics) {
		t.Errorf("sent %+v\n got %+v, %v", now.Numerics, f.Numerics, err)
	}
}

func TestOnlyWhatChangedTravelsBetweenFullFrames(t *testing.T) {
	var e Encoder
	var d Decoder
	now := Now{Binding: bed("A", 1), Numerics: []vital.Reading{vital.Of(vital.HeartRate, vital.Int(70)), vital.Of(vital.SpO2, vital.Int(97)), vital.Of(vital.EtCO2, vital.Int(36))}}
	full := 0
	for n := range 31 {
		now.Time = instant(int64(100 * n))
		if n == 5 {
			now.Numerics[1] = vital.None(vital.SpO2, vital.ProbeOff)
		}
		if n == 17 {
			now.Numerics = now.Numerics[:2] // the capnograph is gone
		}
		b, err := e.Encode(nil, &now)
		if err != nil {
			t.Fatal(err)
		}
		var f Frame
		if err := d.Decode(b, &f); err != nil {
			t.Fatal(err)
		}
		want := 0
		switch {
		case n%10 == 0, n == 17:
			want = len(now.Numerics)
			full++
			if !f.Full {
				t.Errorf("frame %d is not full", n)
			}
		case n == 5:
			want = 1
		}
		if len(f.Numerics) != want || f.Full && want == 0 {
			t.Errorf("frame %d has %v, want %d", n, f.Numerics, want)
		}
	}
	if full != 5 {
		t.Errorf("%d full frames in 3.1 s", full)
	}
}

func TestAValueNeverLooksYoungerThanItIsNorStaleWhileItIsRenewed(t *testing.T) {
	var e Encoder
	var d Decoder
	var f Frame
	now := Now{Binding: bed("A", 1)}
	var arrived, shown vital.Instant
	for n := range 100 { // a monitor that says the same every two seconds
		now.Time = instant(int64(100*n) + 37)
		if n%20 == 1 || n == 0 { // just after a full frame
			arrived = now.Time - instant(13)
		}
		r := vital.Of(vital.SpO2, vital.Int(97))
		r.Arrived = arrived
		now.Numerics = []vital.Reading{r}
		b, err := e.Encode(nil, &now)
		if err != nil || d.Decode(b, &f) != nil {
			t.Fatal(err)
		}
		if len(f.Numerics) > 0 {
			shown = f.Numerics[0].Arrived
			if shown > arrived || arrived.Sub(shown) >= 100*time.Millisecond {
				t.Errorf("tenth %d: arrived at %v, said to have at %v", n, time.Duration(arrived), time.Duration(shown))
			}
		}
		if old := now.Time.Sub(shown); old > 2100*time.Millisecond {
			t.Errorf("tenth %d: looks %v old", n, old)
		}
	}
}

func TestGapsAreExplicit(t *testing.T) {
	samples := []int32{1, 2, 3, 9, 9, 4, 5, 9, 9, 9}
	now := Now{Time: instant(0), Binding: bed("A", 1), Waves: []vital.Waveform{{
		Lead: vital.ECGII, Rate: vital.Int(100), Scale: vital.Dec(5, -3), Unit: vital.Millivolt, Samples: samples, Arrived: instant(3),
		Gaps: []vital.Gap{{From: 3, Len: 2, Why: vital.Artefact}, {From: 7, Len: 3, Why: vital.ProbeOff}},
	}}}
	var e Encoder
	var d Decoder
	gaps := now.Waves[0].Gaps
	now.Waves[0].Gaps = nil
	f, _, _ := send(t, &e, &d, &now) // whose samples are used again
	now.Waves[0].Gaps = gaps
	b, err := e.Encode(nil, &now)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Decode(b, &f); err != nil {
		t.Fatal(err)
	}
	w := f.Waves[0]
	if !slices.Equal(w.Samples, []int32{1, 2, 3, 0, 0, 4, 5, 0, 0, 0}) || !slices.Equal(w.Gaps, now.Waves[0].Gaps) || w.Arrived != instant(3) {
		t.Errorf("got %+v", w)
	}
}

func TestExtremeSamplesAreLossless(t *testing.T) {
	const lo, hi = -1 << 31, 1<<31 - 1
	for _, samples := range [][]int32{{lo}, {hi, lo, hi, lo, lo, hi}, {0, hi, 0, lo}, {lo, lo, lo}, {hi}, make([]int32, 4096)} {
		for _, offset := range []int32{0, hi, lo} {
			now := Now{Binding: bed("A", 1), Waves: []vital.Waveform{{Lead: vital.UnknownLead, Raw: "X", Rate: vital.Int(1), Offset: offset, Min: lo, Max: hi, Unit: "q", Samples: samples}}}
			var e Encoder
			var d Decoder
			b, err := e.Encode(nil, &now)
			if err != nil {
				t.Fatal(err)
			}
			var f Frame
			if err := d.Decode(b, &f); err != nil {
				t.Fatalf("%v: %v", samples[:1], err)
			}
			sameWaves(t, &now, &f)
		}
	}
}

func TestTheEndOfABindingClearsAndComesAlone(t *testing.T) {
	var e Encoder
	var d Decoder
	now := Now{Binding: bed("A", 1), Numerics: []vital.Reading{vital.Of(vital.HeartRate, vital.Int(70))}, Ended: true}
	b, err := e.Encode(nil, &now)
	if err != nil {
		t.Fatal(err)
	}
	var f Frame
	if err := d.Decode(b, &f); err != nil || !f.Ended || f.Binding.Tag != "A" || len(f.Numerics) != 0 {
		t.Errorf("got %+v, %v", f, err)
	}
	now.Ended = false
	if b, err = e.Encode(nil, &now); err != nil {
		t.Fatal(err)
	}
	if err := d.Decode(b, &f); err != nil || f.Ended || !f.Full || f.Seq != 2 {
		t.Errorf("after the end: %+v, %v", f, err)
	}
}

func TestAlarmsDiskAndWallTime(t *testing.T) {
	var e Encoder
	var d Decoder
	alarms := []Alarm{{ID: 7, Priority: 3, Text: "SpO₂ low"}, {ID: 1 << 31, Priority: 1, Technical: true, Acknowledged: true, Silenced: true, Text: "probe off"}}
	now := Now{Binding: bed("A", 1), Alarms: alarms, Disk: 41, Wall: time.UnixMilli(-5).UTC(), Trust: 4}
	var f Frame
	for n := range 12 {
		now.Time = instant(int64(100 * n))
		if n == 4 {
			now.Alarms = nil
			now.Disk = 42
		}
		b, err := e.Encode(nil, &now)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Decode(b, &f); err != nil {
			t.Fatal(err)
		}
		told := n == 0 || n == 4 || n == 10
		if f.AlarmsTold != told || f.DiskTold != told || told && f.Disk != now.Disk || f.Wall.IsZero() != (n%10 != 0) {
			t.Errorf("frame %d: %+v", n, f)
		}
		if told && !slices.Equal(f.Alarms, now.Alarms) {
			t.Errorf("frame %d: alarms %+v", n, f.Alarms)
		}
		if n == 0 && (!f.Wall.Equal(now.Wall) || f.Trust != 4) {
			t.Errorf("wall %v, trust %d", f.Wall, f.Trust)
		}
	}
}

func TestWhatDoesNotFitIsRefusedAndNothingSent(t *testing.T) {
	for name, spoil := range map[string]func(*Now){
		"long tag":          func(n *Now) { n.Binding.Tag = strings.Repeat("x", 256) },
		"bad text":          func(n *Now) { n.Binding.Tag = "\xff" },
		"too many samples":  func(n *Now) { n.Waves[0].Samples = make([]int32, MaxSamples+1) },
		"no rate":           func(n *Now) { n.Waves[0].Rate = vital.Decimal{} },
		"samples from past": func(n *Now) { n.Waves[0].Arrived = instant(1) },
		"gap without end":   func(n *Now) { n.Waves[0].Gaps = []vital.Gap{{From: 0, Len: 9}} },
		"gap that measured": func(n *Now) { n.Waves[0].Gaps = []vital.Gap{{From: 0, Len: 1, Why: vital.Measured}} },
		"too many alarms":   func(n *Now) { n.Alarms = make([]Alarm, MaxAlarms+1) },
		"texts of 16 KiB": func(n *Now) {
			n.Alarms = slices.Repeat([]Alarm{{Text: strings.Repeat("x", 255)}}, 64)
			n.Numerics = slices.Repeat([]vital.Reading{{Raw: strings.Repeat("x", 255)}}, 64)
		},
		"negative time":      func(n *Now) { n.Time = -1 },
		"priority beyond 3":  func(n *Now) { n.Alarms = []Alarm{{Priority: 4}} },
		"number of 19 digit": func(n *Now) { n.Numerics = []vital.Reading{vital.OfUnit(vital.Unknown, vital.Dec(1e18, 0), "")} },
	} {
		now := Now{Time: instant(100), Binding: bed("A", 1), Waves: []vital.Waveform{{Lead: vital.ECGII, Rate: vital.Int(10), Arrived: instant(100), Samples: []int32{1}}}}
		spoil(&now)
		var e Encoder
		if b, err := e.Encode([]byte("before"), &now); !errors.Is(err, ErrTooLarge) || string(b) != "before" || e.seq != 0 {
			t.Errorf("%s: %q, %v, seq %d", name, b, err, e.seq)
		}
	}
}

func TestOtherVersionsAreNamed(t *testing.T) {
	var d Decoder
	var f Frame
	for _, v := range []byte{0, 2, 255} {
		if err := d.Decode([]byte{v, 0, 1, 1}, &f); !errors.Is(err, ErrVersion) {
			t.Errorf("version %d: %v", v, err)
		}
	}
	if err := d.Decode(nil, &f); !errors.Is(err, ErrFrame) {
		t.Errorf("nothing: %v", err)
	}
}

func TestEveryCutFrameIsRefused(t *testing.T) {
	b := sample(t)
	for n := range b {
		var d Decoder
		var f Frame
		if err := d.Decode(b[:n], &f); err == nil || len(f.Numerics)+len(f.Waves) > 0 {
			t.Errorf("cut at %d of %d: %v, %+v", n, len(b), err, f)
		}
	}
	var d Decoder
	var f Frame
	if err := d.Decode(append(b, 0), &f); !errors.Is(err, ErrFrame) {
		t.Errorf("a byte too many: %v", err)
	}
}

// sample is a frame with something of everything.
func sample(t testing.TB) []byte {
	now := Now{
		Time: instant(1000), Binding: bed("A", 1), Disk: 3, Wall: time.UnixMilli(1_790_000_000_000),
		Numerics: []vital.Reading{reading(vital.Of(vital.SpO2, vital.Int(97)), 900), vital.None(vital.HeartRate, vital.ProbeOff)},
		Alarms:   []Alarm{{ID: 1, Priority: 2, Text: "ECG lead off", Technical: true}},
		Waves: []vital.Waveform{
			{Lead: vital.ECGII, Rate: vital.Int(250), Scale: vital.Dec(5, -3), Offset: -1024, Unit: vital.Millivolt, Arrived: instant(1002),
				Samples: []int32{1020, 1022, 1025, 1090, 1200, 1100, 1000, 1010, 1020}, Gaps: []vital.Gap{{From: 1, Len: 2, Why: vital.Artefact}}},
			{Lead: vital.Pleth, Rate: vital.Dec(625, -1), Arrived: instant(1000), Samples: []int32{5, 6, 7}},
		},
	}
	var e Encoder
	b, err := e.Encode(nil, &now)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestNoAllocationInSteadyState(t *testing.T) {
	samples := make([]int32, 25)
	for i := range samples {
		samples[i] = int32(i * i)
	}
	now := Now{Binding: bed("A", 1), Waves: []vital.Waveform{{Lead: vital.ECGII, Rate: vital.Int(250), Unit: vital.Millivolt, Samples: samples}},
		Numerics: []vital.Reading{vital.Of(vital.HeartRate, vital.Int(70)), vital.Of(vital.SpO2, vital.Int(97))}}
	var e Encoder
	var d Decoder
	var f Frame
	buf := make([]byte, 0, 2000)
	n := testing.AllocsPerRun(500, func() {
		now.Time += instant(100)
		now.Waves[0].Arrived = now.Time
		b, err := e.Encode(buf, &now)
		if err != nil || d.Decode(b, &f) != nil {
			t.Fatal(err)
		}
	})
	if n > 0 {
		t.Errorf("%.1f allocations a frame", n)
	}
}

func FuzzDecode(f *testing.F) {
	b := sample(f)
	f.Add(b, []byte{})
	f.Add(b, []byte{1, 0, 2, 1, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, first, second []byte) {
		var d Decoder
		var out Frame
		for _, b := range [][]byte{first, second, first} {
			err := d.Decode(b, &out)
			if err != nil && (len(out.Waves)+len(out.Numerics)+len(out.Alarms) > 0 || out.Binding != (Binding{})) {
				t.Fatalf("%v, and yet %+v", err, out)
			}
			if err != nil {
				continue
			}
			total := 0
			for _, w := range out.Waves {
				total += len(w.Samples)
			}
			if total > MaxSamples {
				t.Fatalf("%d samples", total)
			}
		}
	})
}

// A description that fuzzing bytes would never find by chance: its mark is right.
func FuzzDescription(f *testing.F) {
	b := sample(f)
	f.Add(b[12:200])
	f.Fuzz(func(t *testing.T, description []byte) {
		mark := crc32.ChecksumIEEE(description)
		b := []byte{Version, flagDescription, 1, 1, byte(mark >> 24), byte(mark >> 16), byte(mark >> 8), byte(mark)}
		b = binary.AppendUvarint(b, uint64(len(description)))
		var d Decoder
		var out Frame
		_ = d.Decode(append(b, description...), &out)
	})
}

func TestMixedFramesOfSixPatientsAreAllRead(t *testing.T) {
	shared, one := Decoder{Streams: 6}, Decoder{}
	var beds [6]Encoder
	undescribed := 0
	for tenth := range int64(30) {
		for i := range beds {
			tag := string(rune('A' + i))
			now := Now{Time: instant(1000 + 100*tenth), Binding: bed(tag, byte(i+1))}
			b, err := beds[i].Encode(nil, &now)
			if err != nil {
				t.Fatal(err)
			}
			var f Frame
			if err := shared.Decode(b, &f); err != nil || f.Binding.Tag != tag {
				t.Fatalf("%s's frame of tenth %d was read as %q's: %v", tag, tenth, f.Binding.Tag, err)
			}
			if errors.Is(one.Decode(b, &f), ErrNotDescribed) {
				undescribed++
			}
		}
	}
	if undescribed == 0 {
		t.Error("a decoder of one stream kept six descriptions, want four at most")
	}
	if n := len(shared.known); n != 6 {
		t.Errorf("%d descriptions are kept of six", n)
	}
}
