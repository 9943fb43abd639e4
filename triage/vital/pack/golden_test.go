package pack

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/vectors.json anew; only for a new version of the format")

// A vector is a block and its samples; no samples stand for bytes to be refused.
type vector struct {
	Name    string  `json:"name"`
	Hex     string  `json:"hex"`
	Samples []int32 `json:"samples"`
	Refused bool    `json:"refused,omitempty"`
}

// beat is a drawn heart beat a second at 250 Hz with mains hum, in whole numbers.
func beat(n int) []int32 {
	hum := []int32{0, 3, 2, -2, -3}
	shape := map[int]int32{40: 8, 41: 14, 42: 18, 43: 14, 44: 8, 70: -12, 71: -30, 72: 60, 73: 190, 74: 310, 75: 220, 76: 40, 77: -60, 78: -40, 79: -10}
	x := make([]int32, n)
	for i := range x {
		x[i] = 1024 + hum[i%5] + shape[i%250] + int32(i*i%7) - 3
		if t := i % 250; t > 120 && t < 180 {
			x[i] += int32((t - 120) * (180 - t) / 20)
		}
	}
	return x
}

func stories(t *testing.T) []vector {
	const lo, hi = -1 << 31, 1<<31 - 1
	var all []vector
	for _, c := range []struct {
		name string
		x    []int32
	}{
		{"nothing", []int32{}},
		{"one sample", []int32{-7}},
		{"a flat second", slices.Repeat([]int32{1024}, 360)},
		{"a short run", []int32{1, 4, 9, 16, 25, 36, 50, 60}},
		{"a run of extremes", []int32{lo, hi, lo, hi, 0, lo}},
		{"a second of beats", beat(250)},
		{"extremes in the long form", slices.Repeat([]int32{lo, hi, 5, 0, lo, hi, hi, 1}, 8)},
		{"quiet, then a step", append(slices.Repeat([]int32{0, 1}, 40), slices.Repeat([]int32{20000, 20003}, 40)...)},
	} {
		b, err := Append(nil, c.x)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, vector{Name: c.name, Hex: hex.EncodeToString(b), Samples: c.x})
	}
	b, _ := hex.DecodeString(all[5].Hex)
	refuse := func(name string, b []byte) {
		all = append(all, vector{Name: name, Hex: hex.EncodeToString(b), Refused: true})
	}
	refuse("cut short", b[:len(b)-1])
	refuse("a byte too many", append(slices.Clone(b), 0))
	refuse("form 3", []byte{1, 0xc0})
	refuse("too many samples", []byte{0x81, 0x80, 0x04, 0})
	refuse("an end that is not zero", []byte{1, 0x01, 0x01})
	refuse("nothing at all", nil)
	return all
}

func TestVectorsOfVersionOneHold(t *testing.T) {
	path := filepath.Join("testdata", "vectors.json")
	made := stories(t)
	if *update {
		b, err := json.Marshal(made)
		if err != nil {
			t.Fatal(err)
		}
		b = []byte(strings.ReplaceAll(string(b), "},{", "},\n{") + "\n")
		if err := os.WriteFile(path, b, 0o644); err != nil {
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
	for i, v := range kept {
		raw, _ := hex.DecodeString(v.Hex)
		got, err := Read(nil, raw)
		if (err != nil) != v.Refused || !slices.Equal(got, v.Samples) {
			t.Errorf("%s: %v, %v", v.Name, got, err)
		}
		if i < len(made) && made[i].Hex != v.Hex {
			t.Errorf("%s: now packed as other bytes; version 1 is frozen", v.Name)
		}
	}
	if len(kept) != len(made) {
		t.Errorf("%d vectors kept, %d made", len(kept), len(made))
	}
}

func TestFormatHoldsTheTables(t *testing.T) {
	b, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), "```\n"+strings.Join(lengths[:], "\n")+"\n```") {
		t.Error("the tables of FORMAT.md are not those of the code")
	}
}

func TestTheSecondReaderAgrees(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not here: the second reader was not run")
	}
	out, err := exec.CommandContext(t.Context(), python, filepath.Join("testdata", "check.py")).CombinedOutput()
	if err != nil {
		t.Errorf("check.py: %v\n%s", err, out)
	}
	t.Logf("%s", out)
}
