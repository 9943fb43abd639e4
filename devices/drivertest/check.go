package drivertest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// recordFor is how long each monitor is let speak.
const recordFor = 40 * time.Second

// Check holds d to the rules that every driver keeps, on the bytes of its own
// monitors and on captures.
func Check(t *testing.T, d devices.Driver, monitors []Monitor, captures ...Capture) {
	t.Helper()
	type source struct {
		name   string
		line   devices.Line
		chunks []Chunk
	}
	var sources []source
	for _, m := range monitors {
		sources = append(sources, source{m.Name, lineOf(d, m), Record(d, m, recordFor)})
	}
	for _, c := range captures {
		sources = append(sources, source{c.Name, c.Line, Spread(c)})
	}
	for _, s := range sources {
		t.Run(s.name, func(t *testing.T) {
			if len(s.chunks) == 0 {
				t.Fatal("the monitor said nothing")
			}
			t.Run("cut anywhere", func(t *testing.T) { cuts(t, d, s.chunks) })
			t.Run("garbled", func(t *testing.T) { garble(t, d, s.chunks) })
			t.Run("recognised", func(t *testing.T) { recognised(t, d, s.line, s.chunks) })
			t.Run("costs no memory", func(t *testing.T) { frugal(t, d, s.chunks) })
		})
	}
	t.Run("noise", func(t *testing.T) { noise(t, d) })
}

func lineOf(d devices.Driver, m Monitor) devices.Line {
	if m.Line.Baud != 0 {
		return m.Line
	}
	if lines := d.Hints().Lines; len(lines) > 0 {
		return lines[0]
	}
	return devices.Line{}
}

// cuts: however the bytes are cut, they mean the same.
func cuts(t *testing.T, d devices.Driver, chunks []Chunk) {
	whole := &Events{}
	counters := Listen(d, chunks, whole)
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 1))
		got, s := &Events{}, d.Open(true)
		for _, c := range chunks {
			for b := c.Bytes; len(b) > 0; {
				n := 1 + random.IntN(min(len(b), 1+int(seed)))
				s.Receive(c.At, b[:n], got)
				b = b[n:]
			}
			s.Poll(c.At, got)
		}
		if !slices.Equal(got.Lines, whole.Lines) {
			at := 0
			for at < len(got.Lines) && at < len(whole.Lines) && got.Lines[at] == whole.Lines[at] {
				at++
			}
			t.Fatalf("seed %d: cut bytes mean something else at event %d of %d:\n got %s\nwant %s", seed, at, len(whole.Lines), lineAt(got.Lines, at), lineAt(whole.Lines, at))
		}
		if s.Counters() != counters {
			t.Fatalf("seed %d: counters %+v when cut, %+v when whole", seed, s.Counters(), counters)
		}
	}
}

func lineAt(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(nothing)"
}

// garble: flips, losses, insertions and doublings. After them the next good frame
// is found; how many wrong values were believed is printed.
func garble(t *testing.T, d devices.Driver, chunks []Chunk) {
	clean := &Events{}
	Listen(d, chunks, clean)
	truth := clean.Values()
	// The last third stays clean: frames must be found there again.
	tail := len(chunks) * 2 / 3
	tailClean := frames(d, chunks, tail, chunks)
	var believed, wrong int
	examples := make(map[string]int)
	const rounds = 60
	for seed := range uint64(rounds) {
		random := rand.New(rand.NewPCG(seed, 2))
		dirty := slices.Clone(chunks)
		for i := range dirty[:tail] {
			dirty[i].Bytes = spoil(random, dirty[i].Bytes, 0.002*float64(1+seed%10))
		}
		got := &Events{}
		Listen(d, dirty, got)
		for value, n := range got.Values() {
			believed += n
			if truth[value] == 0 {
				wrong += n
				examples[value] += n
			}
		}
		if n := frames(d, dirty, tail, chunks); tailClean > 3 && n < tailClean/2 {
			t.Errorf("seed %d: %d frames found after the garbling stopped, %d when it never was", seed, n, tailClean)
		}
	}
	t.Logf("wrong values believed: %d of %d (%.5f %%) with 0.2 to 2 %% of bytes spoiled", wrong, believed, 100*float64(wrong)/float64(max(believed, 1)))
	if len(examples) > 0 && testing.Verbose() {
		t.Logf("such as %v", first(examples, 5))
	}
}

// frames is how many good frames the session finds from chunk tail on.
func frames(d devices.Driver, chunks []Chunk, tail int, clean []Chunk) uint64 {
	s := d.Open(true)
	for _, c := range chunks[:tail] {
		s.Receive(c.At, c.Bytes, Nothing{})
	}
	before := s.Counters().Frames
	for _, c := range clean[tail:] {
		s.Receive(c.At, c.Bytes, Nothing{})
	}
	return s.Counters().Frames - before
}

// spoil flips, drops, doubles or inserts each byte with the given chance.
func spoil(random *rand.Rand, b []byte, chance float64) []byte {
	var out []byte
	for _, c := range b {
		if random.Float64() >= chance {
			out = append(out, c)
			continue
		}
		switch random.IntN(4) {
		case 0:
			out = append(out, c^1<<random.IntN(8))
		case 1: // lost
		case 2:
			out = append(out, c, c)
		case 3:
			out = append(out, c, byte(random.IntN(256)))
		}
	}
	return out
}

func first(m map[string]int, n int) []string {
	var keys []string
	for k, v := range m {
		keys = append(keys, fmt.Sprintf("%s x%d", k, v))
	}
	slices.Sort(keys)
	return keys[:min(n, len(keys))]
}

// recognised: the driver is sure of its own monitor within half a minute, and
// from whatever byte it starts to listen. It prints how soon.
func recognised(t *testing.T, d devices.Driver, line devices.Line, chunks []Chunk) {
	random := rand.New(rand.NewPCG(1, 3))
	var soon []time.Duration
	for range 10 {
		from := random.IntN(max(len(chunks)/4, 1))
		skip := random.IntN(len(chunks[from].Bytes))
		var heard []byte
		sure := false
		for _, c := range chunks[from:] {
			heard = append(heard, c.Bytes[min(skip, len(c.Bytes)):]...)
			skip = 0
			if len(heard) > 4096 {
				heard = heard[len(heard)-4096:]
			}
			if d.Recognise(heard, line) >= devices.Sure {
				soon, sure = append(soon, c.At.Sub(chunks[from].At)), true
				break
			}
		}
		if !sure {
			t.Fatalf("listening from chunk %d: never sure", from)
		}
	}
	slices.Sort(soon)
	t.Logf("sure after %v (median), %v (worst)", soon[len(soon)/2].Round(time.Millisecond), soon[len(soon)-1].Round(time.Millisecond))
	if worst := soon[len(soon)-1]; worst > 30*time.Second {
		t.Errorf("sure only after %v", worst)
	}
}

// frugal: once the handshake is over, a session allocates nothing.
func frugal(t *testing.T, d devices.Driver, chunks []Chunk) {
	s := d.Open(true)
	chunks = chunks[len(chunks)/4:]
	last := chunks[len(chunks)-1].At
	feed := func(round int) {
		for _, c := range chunks {
			at := c.At + vital.Instant(round)*(last+vital.Instant(time.Second))
			s.Receive(at, c.Bytes, Nothing{})
			s.Poll(at, Nothing{})
		}
	}
	feed(0)
	feed(1)
	round := 1
	if n := testing.AllocsPerRun(3, func() { round++; feed(round) }); n > 0 {
		t.Errorf("%v allocations for %d chunks of a steady stream; want none", n, len(chunks))
	}
}

// noise: nothing is believed of bytes that are none of the monitor's, nobody is
// recognised, and no input makes it panic.
func noise(t *testing.T, d devices.Driver) {
	line := devices.Line{}
	if lines := d.Hints().Lines; len(lines) > 0 {
		line = lines[0]
	}
	for name, b := range Strangers() {
		heard := b[:min(len(b), 4096)]
		if sure := d.Recognise(heard, line); sure >= devices.Sure && ownerOf(name) != d.Name() {
			t.Errorf("%s is taken for this monitor (%d)", name, sure)
		}
		got := &Events{}
		counters := Listen(d, Spread(Capture{Bytes: b}), got)
		believed := 0
		for _, n := range got.Values() {
			believed += n
		}
		t.Logf("%s: %d values believed in %d bytes; %+v", name, believed, len(b), counters)
	}
}

// Benchmark prints what decoding costs on m's bytes.
func Benchmark(b *testing.B, d devices.Driver, m Monitor) {
	bytes := Join(Record(d, m, recordFor))
	if len(bytes) == 0 {
		b.Fatal("the monitor said nothing")
	}
	b.SetBytes(int64(len(bytes)))
	b.ReportAllocs()
	s, now := d.Open(true), vital.Instant(0)
	for b.Loop() {
		for at := 0; at < len(bytes); at += 64 {
			now = now.Add(10 * time.Millisecond)
			s.Receive(now, bytes[at:min(at+64, len(bytes))], Nothing{})
		}
	}
}
