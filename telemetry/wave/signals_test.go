package wave

import (
	"bytes"
	"compress/bzip2"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"
	"testing"
	"time"

	"fieldkit/build/foreign"
	"fieldkit/triage/vital"
)

// ecg is the first lead of a MIT-BIH record (360 Hz, format 212) resampled to 250
// Hz by straight lines, rounded to its own counts.
func ecg(t testing.TB, record string, seconds int) []int32 {
	raw, read := recordings[record]
	if !read {
		// The first 200 s are enough, and the rest costs time to unpack.
		in := bzip2.NewReader(bytes.NewReader(foreign.Read(t, "devices", "mitdb", record+".dat.bz2")))
		raw = make([]byte, 3*360*200)
		if _, err := io.ReadFull(in, raw); err != nil {
			t.Fatal(err)
		}
		recordings[record] = raw
	}
	at := func(i int) float64 {
		v := int32(raw[3*i]) | int32(raw[3*i+1]&0x0f)<<8
		return float64(v << 20 >> 20)
	}
	out := make([]int32, seconds*250)
	for i := range out {
		x := float64(i) * 360 / 250
		n := int(x)
		out[i] = int32(math.Round(at(n) + (x-float64(n))*(at(n+1)-at(n))))
	}
	return out
}

// table reads a BIDMC csv file: one row per line, the header dropped.
func table(t testing.TB, name string) [][]float64 {
	var in io.Reader = bytes.NewReader(foreign.Read(t, "devices", "bidmc", name))
	if name[len(name)-4:] == ".bz2" {
		in = bzip2.NewReader(in)
	}
	rows, err := csv.NewReader(in).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := make([][]float64, len(rows)-1)
	for i, row := range rows[1:] {
		out[i] = make([]float64, len(row))
		for j, cell := range row {
			v, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				v = math.NaN()
			}
			out[i][j] = v
		}
	}
	return out
}

// What was read already.
var (
	recordings = map[string][]byte{}
	tables     = map[string][][]float64{}
)

// A patient is real signals and numerics, tenth by tenth.
type patient struct {
	ecg, pleth, resp []int32
	numerics         [][]float64 // HR, PULSE, RESP, SpO2 each second
}

func readPatient(t testing.TB, record string, subject, seconds int) patient {
	p := patient{ecg: ecg(t, record, seconds)}
	name := fmt.Sprintf("bidmc_%02d_Signals.csv.bz2", subject)
	if tables[name] == nil {
		tables[name] = table(t, name)
	}
	for i, row := range tables[name][:seconds*125] {
		p.pleth = append(p.pleth, int32(math.Round(row[2]*1023))) // 10 bits, as recorded
		if i%2 == 0 {
			p.resp = append(p.resp, int32(math.Round(row[1]*1023)))
		}
	}
	p.numerics = table(t, fmt.Sprintf("bidmc_%02d_Numerics.csv", subject))
	return p
}

// at fills now with tenth number n: samples n to n+1 of each trace, and ten
// numerics, four of them the recording's own.
func (p *patient) at(n int, now *Now) {
	start := vital.Instant(3_600_000+100*n) * vital.Instant(time.Millisecond) // an hour into the shift
	now.Time = start
	now.Wall = time.UnixMilli(1_790_000_000_000 + int64(100*n)).UTC()
	now.Trust = 3
	now.Disk = uint64(36_000 + n/10)
	now.Binding = Binding{Tag: "A-0417", Monitor: "Nonin 9560 & GE B40", CallSign: "Medic 7"}
	for i := range now.Binding.Station {
		now.Binding.Station[i] = byte(i*37 + 1)
	}
	for i := range now.Binding.Encounter {
		now.Binding.Encounter[i], now.Binding.Boot[i], now.Binding.Epoch[i] = byte(i+1), byte(200-i), byte(7*i)
	}
	now.Waves = now.Waves[:0]
	for _, w := range []struct {
		lead   vital.Lead
		rate   vital.Decimal
		scale  vital.Decimal
		offset int32
		all    []int32
		hz10   int
	}{
		{vital.ECGII, vital.Int(250), vital.Dec(5, -3), -1024, p.ecg, 2500},
		{vital.Pleth, vital.Int(125), vital.Dec(1, 0), -512, p.pleth, 1250},
		{vital.Resp, vital.Dec(625, -1), vital.Dec(1, 0), -512, p.resp, 625},
	} {
		from, to := (n*w.hz10+99)/100, ((n+1)*w.hz10+99)/100
		late := time.Duration(from)*10*time.Second/time.Duration(w.hz10) - time.Duration(n)*100*time.Millisecond
		now.Waves = append(now.Waves, vital.Waveform{
			Lead: w.lead, Rate: w.rate, Scale: w.scale, Offset: w.offset, Unit: w.lead.Info().Unit, Max: 2047,
			Arrived: start.Add(late.Truncate(time.Millisecond)), Samples: w.all[from:to],
		})
	}
	row := p.numerics[n/10]
	now.Numerics = now.Numerics[:0]
	arrived := vital.Instant(3_600_000+n/10*1000) * vital.Instant(time.Millisecond)
	add := func(r vital.Reading) {
		r.Arrived = arrived
		now.Numerics = append(now.Numerics, r)
	}
	whole := func(s vital.Sign, v float64) {
		if math.IsNaN(v) {
			add(vital.None(s, vital.Searching))
			return
		}
		add(vital.Of(s, vital.Int(int64(v))))
	}
	whole(vital.HeartRate, row[1])
	whole(vital.PulseRate, row[2])
	whole(vital.RespRateImpedance, row[3])
	whole(vital.SpO2, row[4])
	add(vital.Of(vital.PerfusionIndex, vital.Dec(int64(230+n/10%5), -2)))
	whole(vital.EtCO2, 36)
	arrived = vital.Instant(3_400_000) * vital.Instant(time.Millisecond)
	whole(vital.NIBPSys, 118)
	whole(vital.NIBPDia, 71)
	whole(vital.NIBPMean, 87)
	temp := vital.Of(vital.Temperature, vital.Dec(367, -1))
	temp.Site = vital.SiteTympanic
	add(temp)
}

// The limit is the plan's: 0.7 kB/s before repeats for ECG 250 Hz, pleth 125 Hz,
// respiration 62.5 Hz and ten numerics at ten frames a second.
func TestRealSignalsFitTheLine(t *testing.T) {
	const seconds = 60
	var worst, total, frames int
	for i, record := range records {
		p := readPatient(t, record, i%5+1, seconds)
		var e Encoder
		var d Decoder
		var now Now
		var f Frame
		var buf []byte
		sum := 0
		for n := range seconds * 10 {
			p.at(n, &now)
			var err error
			if buf, err = e.Encode(buf[:0], &now); err != nil {
				t.Fatal(err)
			}
			if err := d.Decode(buf, &f); err != nil {
				t.Fatalf("frame %d: %v", n, err)
			}
			sameWaves(t, &now, &f)
			sum += len(buf)
			worst = max(worst, len(buf))
		}
		rate := float64(sum) / seconds
		t.Logf("ECG of mitdb %s, pleth and resp of bidmc %02d: %.0f bytes/s", record, i%5+1, rate)
		if rate > 700 {
			t.Errorf("mitdb %s: %.0f bytes/s, more than 700", record, rate)
		}
		total += sum
		frames += seconds * 10
	}
	t.Logf("all: %.1f bytes/s, longest frame %d bytes", float64(total)/float64(frames)*10, worst)
	if worst > 1150 {
		t.Errorf("longest frame %d bytes does not fit a packet", worst)
	}
}

// Twelve leads at 500 Hz with pleth, respiration and numerics are as much as an
// ambulance monitor gives; one frame of them must still be one packet.
func TestTwelveLeadsFitOnePacket(t *testing.T) {
	const seconds = 30
	leads := [][]int32{}
	for _, record := range records[:12] {
		leads = append(leads, ecg(t, record, 2*seconds)) // 250 Hz played at 500
	}
	p := readPatient(t, "101", 1, seconds)
	var e Encoder
	var d Decoder
	var now Now
	var f Frame
	worst, sum := 0, 0
	for n := range seconds * 10 {
		p.at(n, &now)
		now.Waves = now.Waves[1:]
		for i, lead := range leads {
			now.Waves = append(now.Waves, vital.Waveform{Lead: vital.ECGI + vital.Lead(i), Rate: vital.Int(500), Scale: vital.Dec(5, -3),
				Offset: -1024, Unit: vital.Millivolt, Arrived: now.Time, Samples: lead[50*n : 50*n+50]})
		}
		b, err := e.Encode(nil, &now)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Decode(b, &f); err != nil {
			t.Fatal(err)
		}
		worst, sum = max(worst, len(b)), sum+len(b)
	}
	t.Logf("12 leads at 500 Hz, pleth, respiration, ten numerics: %d bytes/s, longest frame %d bytes", sum/seconds, worst)
	if worst > 1150 {
		t.Errorf("longest frame %d bytes", worst)
	}
}

func sameWaves(t testing.TB, now *Now, f *Frame) {
	t.Helper()
	k := 0
	for _, w := range now.Waves {
		if len(w.Samples) == 0 {
			continue
		}
		if k >= len(f.Waves) {
			t.Fatalf("%v is missing", w.Lead)
		}
		g := f.Waves[k]
		k++
		if !sameTrace(&w, &g) || w.Arrived != g.Arrived || len(w.Samples) != len(g.Samples) || len(w.Gaps) != len(g.Gaps) {
			t.Fatalf("sent %+v, got %+v", w, g)
		}
		for i, v := range w.Samples {
			if g.Samples[i] != v {
				t.Fatalf("%v sample %d: sent %d, got %d", w.Lead, i, v, g.Samples[i])
			}
		}
	}
	if k != len(f.Waves) {
		t.Fatalf("%d waves too many", len(f.Waves)-k)
	}
}

// records are the MIT-BIH records that are here.
var records = []string{"101", "102", "104", "106", "108", "109", "112", "114", "115", "116", "118", "119",
	"122", "124", "201", "203", "205", "207", "208", "209", "215", "220", "223", "230"}
