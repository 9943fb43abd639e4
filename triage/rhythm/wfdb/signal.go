package wfdb

import (
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path"
)

// Missing is the count that stands for "no measurement" in a [Record].
const Missing = math.MinInt32

const (
	maxFile   = 1 << 28 // bytes that a signal file may unpack to
	maxJoined = 1 << 26 // samples, of all signals, that a chain may have: its gaps cost no bytes
)

// A Record is a header with its samples.
type Record struct {
	*Header
	Counts [][]int32 // per signal; Missing where nothing was measured
}

// Open reads the record whose header is at name in fsys, all signals and
// segments, and checks each signal's checksum where the header gives one. A
// signal file that is absent is looked for with ".bz2" behind its name.
func Open(fsys fs.FS, name string) (*Record, error) {
	h, err := openHeader(fsys, name)
	if err != nil {
		return nil, err
	}
	if len(h.Segments) == 0 {
		return openSingle(fsys, path.Dir(name), h)
	}
	return openSegments(fsys, path.Dir(name), h)
}

func openHeader(fsys fs.FS, name string) (*Header, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("read header: %w", err)
	}
	return ParseHeader(text)
}

func openSingle(fsys fs.FS, dir string, h *Header) (*Record, error) {
	r := &Record{Header: h, Counts: make([][]int32, len(h.Signals))}
	for from := 0; from < len(h.Signals); {
		to := from + 1
		for to < len(h.Signals) && h.Signals[to].File == h.Signals[from].File {
			to++
		}
		b, err := readSignalFile(fsys, path.Join(dir, h.Signals[from].File))
		if err != nil {
			return nil, err
		}
		counts, err := Decode(b, h.Signals[from:to], h.Samples)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", h.Signals[from].File, err)
		}
		copy(r.Counts[from:], counts)
		from = to
	}
	return r, nil
}

// openSegments joins the segments of a chain. Signals are those of the first
// segment that has any; a segment of another shape is an error, a "~" a gap.
func openSegments(fsys fs.FS, dir string, h *Header) (*Record, error) {
	r := &Record{Header: h}
	frames := int64(0)
	for _, segment := range h.Segments {
		frames += segment.Samples
		if frames > maxSamples {
			return nil, fmt.Errorf("join segments: longer than %d samples: %w", maxSamples, ErrFormat)
		}
		if segment.Name == "~" {
			continue // filled below, once the number of signals is known
		}
		head, err := openHeader(fsys, path.Join(dir, segment.Name+".hea"))
		if err != nil {
			return nil, fmt.Errorf("join segment %s: %w", segment.Name, err)
		}
		if len(head.Segments) > 0 {
			return nil, fmt.Errorf("join segment %s: it has segments of its own: %w", segment.Name, ErrFormat)
		}
		if head.Samples == 0 && len(head.Signals) == 0 {
			continue
		}
		part, err := openSingle(fsys, dir, head)
		if err != nil {
			return nil, fmt.Errorf("join segment %s: %w", segment.Name, err)
		}
		if r.Counts == nil {
			h.Signals = head.Signals
			r.Counts = make([][]int32, len(head.Signals))
		}
		if len(head.Signals) != len(h.Signals) {
			return nil, fmt.Errorf("join segment %s: %d signals, the first has %d: %w",
				segment.Name, len(head.Signals), len(h.Signals), ErrFormat)
		}
		if frames*int64(len(r.Counts)) > maxJoined {
			return nil, fmt.Errorf("join segment %s: more than %d samples: %w", segment.Name, maxJoined, ErrFormat)
		}
		for i := range r.Counts {
			per := int64(h.Signals[i].PerFrame)
			if head.Signals[i].PerFrame != int(per) || per > 16 {
				return nil, fmt.Errorf("join segment %s: another rate: %w", segment.Name, ErrFormat)
			}
			r.Counts[i] = pad(r.Counts[i], (frames-segment.Samples)*per)
			r.Counts[i] = append(r.Counts[i], part.Counts[i][:min(int64(len(part.Counts[i])), segment.Samples*per)]...)
		}
	}
	if frames*int64(len(r.Counts)) > maxJoined {
		return nil, fmt.Errorf("join segments: more than %d samples: %w", maxJoined, ErrFormat)
	}
	for i := range r.Counts {
		r.Counts[i] = pad(r.Counts[i], frames*int64(h.Signals[i].PerFrame))
	}
	return r, nil
}

func pad(counts []int32, to int64) []int32 {
	for int64(len(counts)) < to {
		counts = append(counts, Missing)
	}
	return counts
}

func readSignalFile(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	packed := false
	if errors.Is(err, fs.ErrNotExist) {
		f, err = fsys.Open(name + ".bz2")
		packed = true
	}
	if err != nil {
		return nil, fmt.Errorf("open signal file: %w", err)
	}
	defer f.Close()
	var from io.Reader = f
	if packed {
		from = bzip2.NewReader(f)
	}
	b, err := io.ReadAll(io.LimitReader(from, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read signal file: %w", err)
	}
	if len(b) > maxFile {
		return nil, fmt.Errorf("read signal file: larger than %d bytes: %w", maxFile, ErrFormat)
	}
	return b, nil
}

// Decode reads the samples of the signals that share one file. frames 0 means as
// many as the file holds; fewer than frames is an error. Cost and memory are
// bounded by the length of b.
func Decode(b []byte, signals []Signal, frames int64) ([][]int32, error) {
	if len(signals) == 0 {
		return nil, nil
	}
	format, offset, perFrame := signals[0].Format, signals[0].Offset, 0
	for _, s := range signals {
		if s.Format != format || s.Offset != offset {
			return nil, fmt.Errorf("decode signals: two formats in one file: %w", ErrFormat)
		}
		perFrame += s.PerFrame
	}
	if offset > int64(len(b)) {
		return nil, fmt.Errorf("decode signals: file ends before its first sample: %w", ErrFormat)
	}
	b = b[offset:]
	have := int64(len(b)) / 2
	if format == 212 {
		have = int64(len(b)) / 3 * 2
		if len(b)%3 == 2 {
			have++
		}
	}
	if frames == 0 {
		frames = have / int64(perFrame)
	}
	if frames*int64(perFrame) > have {
		return nil, fmt.Errorf("decode signals: file holds %d frames of %d: %w", have/int64(perFrame), frames, ErrFormat)
	}
	counts := make([][]int32, len(signals))
	sums := make([]int16, len(signals))
	for i, s := range signals {
		counts[i] = make([]int32, 0, frames*int64(s.PerFrame))
	}
	at := 0
	for range frames {
		for i, s := range signals {
			for range s.PerFrame {
				c, raw := sample(b, at, format)
				at++
				sums[i] += raw
				counts[i] = append(counts[i], c)
			}
		}
	}
	for i, s := range signals {
		if s.Checked && sums[i] != s.Checksum {
			return nil, fmt.Errorf("decode signals: checksum of signal %d is %d, header says %d: %w", i, sums[i], s.Checksum, ErrFormat)
		}
		// A signal stored late by Skew frames is moved forward.
		drop := min(s.Skew*s.PerFrame, len(counts[i]))
		counts[i] = pad(counts[i][drop:], int64(len(counts[i])))
	}
	return counts, nil
}

// sample is the at-th sample of b as a count and as stored.
func sample(b []byte, at, format int) (count int32, raw int16) {
	if format == 16 {
		raw = int16(b[2*at]) | int16(b[2*at+1])<<8
		if raw == math.MinInt16 {
			return Missing, raw
		}
		return int32(raw), raw
	}
	// Format 212: two samples of 12 bits in three bytes.
	p := b[at/2*3:]
	if at%2 == 0 {
		raw = int16(uint16(p[0])|uint16(p[1]&0x0f)<<8) << 4 >> 4
	} else {
		raw = int16(uint16(p[2])|uint16(p[1]&0xf0)<<4) << 4 >> 4
	}
	if raw == -2048 {
		return Missing, raw
	}
	return int32(raw), raw
}
