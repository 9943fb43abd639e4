package wave

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"
	"time"
)

func TestAPacketRepeatsWhatWentBefore(t *testing.T) {
	a, b, c := []byte("newest"), []byte("before"), bytes.Repeat([]byte("x"), 300)
	p := Packet([]byte{}, 1150, a, b, c, b, b)
	frames, err := Split(nil, p)
	if err != nil || len(frames) != 4 || string(frames[0]) != "newest" || string(frames[1]) != "before" || len(frames[2]) != 300 {
		t.Errorf("%d frames, %v", len(frames), err)
	}
	if frames, err = Split(nil, Packet(nil, 100, c, b)); err != nil || len(frames) != 1 {
		t.Errorf("a packet without room for repeats: %d frames, %v", len(frames), err)
	}
	for n := range p {
		if frames, err := Split(nil, p[:n]); err == nil || len(frames) != 0 {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
}

func TestMissingFramesAreAskedFor(t *testing.T) {
	seqs := []uint64{3, 4, 900, 1<<64 - 1}
	b := Missing(nil, seqs)
	if got, err := ReadMissing(nil, b); err != nil || !slices.Equal(got, seqs) {
		t.Errorf("%v, %v", got, err)
	}
	many := make([]uint64, 100)
	for i := range many {
		many[i] = uint64(1000 + i)
	}
	if got, err := ReadMissing(nil, Missing(nil, many)); err != nil || len(got) != MaxMissing || got[0] != 1036 {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range [][]byte{nil, {KindMissing}, {KindMissing, 1}, {KindMissing, 1, 0}, {KindMissing, 0, 9}, {KindReport, 0}, binary.AppendUvarint([]byte{KindMissing, 2, 1}, 1<<64-1)} {
		if got, err := ReadMissing(nil, bad); !errors.Is(err, ErrMessage) || len(got) != 0 {
			t.Errorf("%x: %v, %v", bad, got, err)
		}
	}
	r := Report{Highest: 1 << 40, Received: 99, Lost: 1, Packets: 50, Dropped: 3, Delay: 120 * time.Millisecond, Jitter: 40 * time.Millisecond}
	if got, err := ReadReport(r.Append(nil)); err != nil || got != r {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := ReadReport(r.Append(nil)[:6]); !errors.Is(err, ErrMessage) {
		t.Error(err)
	}
}

func FuzzMessages(f *testing.F) {
	f.Add(Packet(nil, 1150, []byte("a"), []byte("b")))
	f.Add(Missing(nil, []uint64{1, 5}))
	f.Add(Report{Highest: 4}.Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		if frames, err := Split(nil, b); err == nil && (len(frames) == 0 || len(frames) > 4) {
			t.Fatal(len(frames))
		}
		if seqs, err := ReadMissing(nil, b); err == nil && (len(seqs) > MaxMissing || !slices.IsSorted(seqs)) {
			t.Fatal(seqs)
		}
		if r, err := ReadReport(b); err == nil {
			if again, err := ReadReport(r.Append(nil)); err != nil || again != r {
				t.Fatal(r, again, err)
			}
		}
	})
}
