package wfdb

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// ErrFormat reports bytes that are not what the WFDB manual describes, or that
// use a part of it this package does not read. Get the record anew.
var ErrFormat = errors.New("not a readable WFDB record")

const (
	maxSignals = 64      // per record; a 12-lead record has 12
	maxSamples = 1 << 28 // per signal; 8 days at 360 Hz
)

// A Header is a .hea file: what a record's signals are and where they stand.
type Header struct {
	Name     string
	Rate     float64   // frames per second
	Samples  int64     // frames; 0 when the header does not say
	Signals  []Signal  // empty in a record of several segments
	Segments []Segment // empty in a record of one
	Comments []string  // the text after each '#', trimmed
}

// A Signal is one line of a header: a lead, and how its samples are stored.
type Signal struct {
	File      string
	Format    int // 16 or 212
	PerFrame  int // samples per frame, 1 or more
	Skew      int // frames by which this signal is late
	Offset    int64
	Gain      float64 // counts per Unit; 200 when the header does not say
	Baseline  int     // the count that means 0
	Unit      string  // "mV" when the header does not say
	Bits      int
	First     int
	Checksum  int16 // sum of all counts, modulo 65536
	Checked   bool  // the header gives a checksum
	Described string
}

// A Segment is one record of a chain. "~" stands for a gap.
type Segment struct {
	Name    string
	Samples int64
}

// ParseHeader reads a .hea file.
func ParseHeader(text []byte) (*Header, error) {
	h := &Header{}
	want := -1
	segmented := false
	for n, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if comment, ok := strings.CutPrefix(line, "#"); ok {
			if h.Name != "" {
				h.Comments = append(h.Comments, strings.TrimSpace(comment))
			}
			continue
		}
		if line == "" {
			continue
		}
		var err error
		switch {
		case want < 0:
			want, segmented, err = h.parseRecord(line)
		case segmented && len(h.Segments) < want:
			err = h.parseSegment(line)
		case !segmented && len(h.Signals) < want:
			err = h.parseSignal(line)
		}
		if err != nil {
			return nil, fmt.Errorf("read header line %d: %w", n+1, err)
		}
	}
	switch {
	case want < 0:
		return nil, fmt.Errorf("read header: no record line: %w", ErrFormat)
	case segmented && len(h.Segments) < want, !segmented && len(h.Signals) < want:
		return nil, fmt.Errorf("read header: fewer lines than its first line says: %w", ErrFormat)
	}
	return h, nil
}

// parseRecord reads "name[/segments] signals [rate[/counter]] [samples] ...".
func (h *Header) parseRecord(line string) (want int, segmented bool, err error) {
	f := strings.Fields(line)
	if len(f) < 2 {
		return 0, false, fmt.Errorf("record line has no number of signals: %w", ErrFormat)
	}
	name, segments, segmented := strings.Cut(f[0], "/")
	if err := validName(name); err != nil {
		return 0, false, err
	}
	h.Name, h.Rate = name, 250 // the manual's default
	if want, err = number(f[1], 0, maxSignals); err != nil {
		return 0, false, err
	}
	if segmented {
		if want, err = number(segments, 1, 1<<16); err != nil {
			return 0, false, err
		}
	}
	if len(f) > 2 {
		rate, _, _ := strings.Cut(f[2], "/")
		if h.Rate, err = strconv.ParseFloat(rate, 64); err != nil || !(h.Rate > 0 && h.Rate <= 1e6) {
			return 0, false, fmt.Errorf("rate %q: %w", rate, ErrFormat)
		}
	}
	if len(f) > 3 {
		n, err := number(f[3], 0, maxSamples)
		if err != nil {
			return 0, false, err
		}
		h.Samples = int64(n)
	}
	return want, segmented, nil
}

func (h *Header) parseSegment(line string) error {
	f := strings.Fields(line)
	if len(f) < 2 {
		return fmt.Errorf("segment line has no length: %w", ErrFormat)
	}
	if f[0] != "~" {
		if err := validName(f[0]); err != nil {
			return err
		}
	}
	n, err := number(f[1], 0, maxSamples)
	if err != nil {
		return err
	}
	h.Segments = append(h.Segments, Segment{Name: f[0], Samples: int64(n)})
	return nil
}

// parseSignal reads "file format[xN][:skew][+offset] [gain[(baseline)][/unit]]
// [bits] [zero] [first] [checksum] [block] [description]".
func (h *Header) parseSignal(line string) error {
	f := strings.Fields(line)
	if len(f) < 2 {
		return fmt.Errorf("signal line has no format: %w", ErrFormat)
	}
	s := Signal{File: f[0], PerFrame: 1, Gain: 200, Unit: "mV", Bits: 12}
	if err := validName(s.File); err != nil {
		return err
	}
	if err := s.parseFormat(f[1]); err != nil {
		return err
	}
	baseline := false
	if len(f) > 2 {
		var err error
		if baseline, err = s.parseGain(f[2]); err != nil {
			return err
		}
	}
	zero := 0
	for i, to := range []*int{&s.Bits, &zero, &s.First} {
		if len(f) <= 3+i {
			break
		}
		n, err := number(f[3+i], math.MinInt32, math.MaxInt32)
		if err != nil {
			return err
		}
		*to = n
	}
	if !baseline {
		s.Baseline = zero
	}
	if len(f) > 6 {
		n, err := number(f[6], math.MinInt16, math.MaxUint16)
		if err != nil {
			return err
		}
		s.Checksum, s.Checked = int16(n), true
	}
	if len(f) > 8 {
		s.Described = strings.Join(f[8:], " ")
	}
	h.Signals = append(h.Signals, s)
	return nil
}

func (s *Signal) parseFormat(text string) (err error) {
	text, offset, hasOffset := strings.Cut(text, "+")
	text, skew, hasSkew := strings.Cut(text, ":")
	text, per, hasPer := strings.Cut(text, "x")
	if s.Format, err = number(text, 0, 1000); err != nil {
		return err
	}
	if s.Format != 16 && s.Format != 212 {
		return fmt.Errorf("signal format %d (16 and 212 are read): %w", s.Format, ErrFormat)
	}
	if hasPer {
		if s.PerFrame, err = number(per, 1, 1024); err != nil {
			return err
		}
	}
	if hasSkew {
		if s.Skew, err = number(skew, 0, 1<<16); err != nil {
			return err
		}
	}
	if hasOffset {
		n, err := number(offset, 0, maxSamples)
		if err != nil {
			return err
		}
		s.Offset = int64(n)
	}
	return nil
}

func (s *Signal) parseGain(text string) (baseline bool, err error) {
	text, unit, hasUnit := strings.Cut(text, "/")
	if hasUnit {
		s.Unit = unit
	}
	text, zero, baseline := strings.Cut(text, "(")
	if baseline {
		zero, closed := strings.CutSuffix(zero, ")")
		if !closed {
			return false, fmt.Errorf("gain %q: %w", text, ErrFormat)
		}
		if s.Baseline, err = number(zero, math.MinInt32, math.MaxInt32); err != nil {
			return false, err
		}
	}
	gain, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(gain) || math.IsInf(gain, 0) {
		return false, fmt.Errorf("gain %q: %w", text, ErrFormat)
	}
	if gain != 0 { // 0 is the manual's "not calibrated": its default holds
		s.Gain = gain
	}
	return baseline, nil
}

// validName holds a header to files beside it: no path may lead elsewhere.
func validName(name string) error {
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\\\x00") {
		return fmt.Errorf("file name %q: %w", name, ErrFormat)
	}
	return nil
}

func number(text string, low, high int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("number %q, want %d to %d: %w", text, low, high, ErrFormat)
	}
	return n, nil
}
