package replay_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fieldkit/devices"
	"fieldkit/devices/drivertest"
	"fieldkit/devices/nonin"
	"fieldkit/devices/replay"
	"fieldkit/triage/vital"
)

var (
	wall = time.Date(2026, 11, 22, 16, 30, 0, 0, time.UTC)
	line = devices.Line{Baud: 19200, DataBits: 8, Parity: devices.OddParity, StopBits: 1, DTR: true}
)

// sample is a short recording and what is in it.
func sample(t testing.TB) ([]byte, []replay.Record) {
	t.Helper()
	var b bytes.Buffer
	w, err := replay.NewWriter(&b, wall)
	if err != nil {
		t.Fatal(err)
	}
	ms := func(n int) vital.Instant { return vital.Instant(time.Hour + time.Duration(n)*time.Millisecond) }
	w.Write(ms(0), replay.Note, []byte("/dev/ttyUSB0"))
	w.Set(ms(0), line)
	w.Write(ms(5), replay.Sent, []byte{1, 2, 3})
	w.Write(ms(1500), replay.Received, []byte{0, 255, 10})
	w.Write(ms(1400), replay.Received, []byte("a clock may not go back")) // kept at 1500
	if err := w.Err(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), []replay.Record{
		{Kind: replay.Note, Bytes: []byte("/dev/ttyUSB0")},
		{Kind: replay.Setting, Line: line},
		{Kind: replay.Sent, At: 5 * time.Millisecond, Bytes: []byte{1, 2, 3}},
		{Kind: replay.Received, At: 1500 * time.Millisecond, Bytes: []byte{0, 255, 10}},
		{Kind: replay.Received, At: 1500 * time.Millisecond, Bytes: []byte("a clock may not go back")},
	}
}

// read gives all records and the error that ended them.
func read(b []byte) ([]replay.Record, error) {
	r, err := replay.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	var all []replay.Record
	for {
		rec, err := r.Next()
		if err != nil {
			return all, err
		}
		rec.Bytes = slices.Clone(rec.Bytes)
		all = append(all, rec)
	}
}

func equal(a, b replay.Record) bool {
	return a.Kind == b.Kind && a.At == b.At && a.Line == b.Line && bytes.Equal(a.Bytes, b.Bytes)
}

func TestARecordingSaysWhatHappenedAndWhen(t *testing.T) {
	b, want := sample(t)
	got, err := read(b)
	if !errors.Is(err, io.EOF) || !slices.EqualFunc(got, want, equal) {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

func TestARecordingCutAnywhereKeepsItsWholeRecords(t *testing.T) {
	b, want := sample(t)
	for n := range b {
		got, err := read(b[:n])
		if !slices.EqualFunc(got, want[:len(got)], equal) {
			t.Fatalf("cut at %d: %+v", n, got)
		}
		if n >= 15 && err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) || n < 15 && !errors.Is(err, replay.ErrRecording) {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
}

func TestAFlippedBitIsNoticed(t *testing.T) {
	b, want := sample(t)
	for bit := 15 * 8; bit < len(b)*8; bit++ {
		bad := slices.Clone(b)
		bad[bit/8] ^= 1 << (bit % 8)
		got, err := read(bad)
		if err == io.EOF {
			t.Fatalf("bit %d: no error", bit)
		}
		if len(got) >= len(want) || !slices.EqualFunc(got, want[:len(got)], equal) {
			t.Fatalf("bit %d: %+v", bit, got)
		}
	}
}

func TestARecordedMonitorPlaysThroughTheSamePathAtAnySpeed(t *testing.T) {
	dir := t.TempDir()
	port := devices.PortInfo{Name: "/dev/ttyUSB0"}
	slow := nonin.Driver{}.Hints().Lines[0]
	watch := func(t *testing.T, ports devices.Ports, now func() vital.Instant, d time.Duration) *drivertest.Notes {
		notes := &drivertest.Notes{}
		ctx, cancel := context.WithCancel(t.Context())
		var run sync.WaitGroup
		s := devices.NewSupervisor(devices.Config{Ports: ports, Drivers: []devices.Driver{nonin.Driver{}}, Choices: notes, Handler: notes, Now: now})
		run.Go(func() { s.Run(ctx) })
		time.Sleep(d)
		cancel()
		run.Wait()
		return notes
	}
	file := filepath.Join(dir, "one.fkrec")
	var samples int
	synctest.Test(t, func(t *testing.T) {
		wire := drivertest.NewWire()
		wire.Plug(port, slow, func() devices.Simulator { return nonin.NewSimulator(nonin.DF7) }, drivertest.Body{})
		rec := replay.Recorder{Ports: wire, Now: wire.Now, Wall: time.Now, Create: func(string) (io.WriteCloser, error) { return os.Create(file) }}
		samples = watch(t, rec, wire.Now, 30*time.Second).Samples()
	})
	for _, speed := range []float64{0, 0.5, 10} {
		synctest.Test(t, func(t *testing.T) {
			boot := time.Now()
			now := func() vital.Instant { return vital.Instant(time.Since(boot)) }
			long := 30 * time.Second
			if speed > 0 {
				long = time.Duration(float64(long) / speed)
			}
			notes := watch(t, replay.Ports{Files: []string{file}, Speed: speed}, now, long+time.Second)
			if got := notes.Samples(); samples < 75*28 || got < samples-20 || got > samples {
				t.Errorf("speed %v: %d samples played, %d recorded", speed, got, samples)
			}
		})
	}
}

func FuzzReader(f *testing.F) {
	b, _ := sample(f)
	f.Add(b)
	f.Add(b[:20])
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := read(b)
		if err == nil || len(got) > len(b) {
			t.Fatalf("%d records of %d bytes, %v", len(got), len(b), err)
		}
	})
}
