package wave

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
	"time"
	"unicode/utf8"

	"fieldkit/triage/vital"
	"fieldkit/triage/vital/pack"
)

// remembered is how many descriptions a decoder keeps of a stream: frames of the
// one before may still come as repeats after a change.
const remembered = 4

// MaxStreams is how many streams a decoder can be set to tell apart.
const MaxStreams = 64

// A Decoder reads the frames of one stream, or of Streams of them mixed, in any
// order. The zero Decoder is ready; it is not safe for concurrent use.
type Decoder struct {
	Streams int // 0 is one; at most [MaxStreams] are kept apart

	known []description
	next  int // where the next new one goes, once all places are taken
}

// description is what a mark stands for.
type description struct {
	mark    uint32
	bytes   []byte
	binding Binding
	leads   []vital.Waveform
}

// Head is the sequence and time of a frame, without reading the rest.
func Head(b []byte) (seq uint64, at vital.Instant, err error) {
	r := reader{b: b}
	if version := r.byte(); r.bad || version != Version {
		return 0, 0, ErrFrame
	}
	r.byte()
	seq, ms := r.uvarint(math.MaxUint64), r.uvarint(math.MaxInt64/uint64(time.Millisecond))
	if r.bad {
		return 0, 0, ErrFrame
	}
	return seq, vital.Instant(ms) * vital.Instant(time.Millisecond), nil
}

// Renumber appends the frame b to dst with another sequence, for whoever passes
// frames on to a link that counts for itself. The rest stays byte for byte.
func Renumber(dst, b []byte, seq uint64) ([]byte, error) {
	if _, _, err := Head(b); err != nil {
		return dst, err
	}
	_, n := binary.Uvarint(b[2:])
	out := binary.AppendUvarint(append(dst, b[:2]...), seq)
	return append(out, b[2+n:]...), nil
}

// Decode reads one frame into f, whose slices it uses again; nothing in f refers
// to b. On ErrNotDescribed, f holds Seq and Time and nothing else; on any other
// error f holds nothing. Any input is accepted; the cost is bounded by [MaxFrame]
// and [MaxSamples].
func (d *Decoder) Decode(b []byte, f *Frame) error {
	*f = Frame{Waves: f.Waves[:0], Numerics: f.Numerics[:0], Alarms: f.Alarms[:0]}
	if len(b) == 0 || len(b) > MaxFrame {
		return fmt.Errorf("decode live frame of %d bytes: %w", len(b), ErrFrame)
	}
	if b[0] != Version {
		return fmt.Errorf("decode live frame of version %d: %w", b[0], ErrVersion)
	}
	r := reader{b: b[1:]}
	flags := r.byte()
	seq, ms := r.uvarint(math.MaxUint64), r.uvarint(math.MaxInt64/uint64(time.Millisecond))
	mark := uint32(r.byte())<<24 | uint32(r.byte())<<16 | uint32(r.byte())<<8 | uint32(r.byte())
	var told description
	if flags&flagDescription != 0 {
		told.bytes = r.take(r.uvarint(MaxFrame))
		told.mark = mark
	}
	if r.bad {
		return fmt.Errorf("decode live frame: %w", ErrFrame)
	}
	f.Seq, f.Time = seq, vital.Instant(ms)*vital.Instant(time.Millisecond)
	known, err := d.lookUp(mark, told)
	if err == nil {
		f.Binding = known.binding
		if !r.frame(flags, known, f) {
			err = ErrFrame
		}
	}
	switch err {
	case nil:
		return nil
	case ErrFrame:
		*f = Frame{Waves: f.Waves[:0], Numerics: f.Numerics[:0], Alarms: f.Alarms[:0]}
	}
	return fmt.Errorf("decode live frame: %w", err)
}

// lookUp finds what mark stands for, learning it first when it is told.
func (d *Decoder) lookUp(mark uint32, told description) (*description, error) {
	at := slices.IndexFunc(d.known, func(k description) bool { return k.mark == mark })
	if told.bytes == nil {
		if at < 0 {
			return nil, ErrNotDescribed
		}
		return &d.known[at], nil
	}
	if at >= 0 && slices.Equal(d.known[at].bytes, told.bytes) {
		return &d.known[at], nil
	}
	if crc32.ChecksumIEEE(told.bytes) != mark || !told.read() {
		return nil, ErrFrame
	}
	if at < 0 { // else two descriptions share a mark: the later one holds
		at = d.place()
	}
	told.bytes = slices.Clone(told.bytes)
	d.known[at] = told
	return &d.known[at], nil
}

// place is where a new description goes: beside the others, or over the one that
// was learned first.
func (d *Decoder) place() int {
	if most := remembered * min(max(d.Streams, 1), MaxStreams); len(d.known) == most {
		at := d.next
		d.next = (d.next + 1) % most
		return at
	}
	d.known = append(d.known, description{})
	return len(d.known) - 1
}

// read takes binding and leads out of the description's bytes.
func (d *description) read() bool {
	r := reader{b: d.bytes}
	b := &d.binding
	copy(b.Encounter[:], r.take(16))
	copy(b.Station[:], r.take(32))
	copy(b.Boot[:], r.take(16))
	copy(b.Epoch[:], r.take(16))
	demo := r.byte()
	b.Demo = demo == 1
	b.Tag, b.Monitor, b.CallSign = r.text(), r.text(), r.text()
	n := r.byte()
	if r.bad || demo > 1 || n > MaxWaves {
		return false
	}
	d.leads = make([]vital.Waveform, n)
	for i := range d.leads {
		w := &d.leads[i]
		w.Lead = vital.Lead(r.uvarint(math.MaxUint16))
		flags := r.byte()
		w.Rate, w.Scale = r.decimal(), r.decimal()
		w.Offset = r.int32()
		w.Unit = w.Lead.Info().Unit
		if flags&waveUnit != 0 {
			w.Unit = vital.Unit(r.text())
		}
		if flags&waveRange != 0 {
			w.Min, w.Max = r.int32(), r.int32()
		}
		if flags&waveRaw != 0 {
			w.Raw = r.text()
		}
		if r.bad || flags >= 2*waveRaw || w.Rate.Mantissa <= 0 {
			return false
		}
	}
	return len(r.b) == 0
}

// A reader takes the parts of a frame; once something is missing all is bad.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) frame(flags byte, known *description, f *Frame) bool {
	if flags&flagEnded != 0 {
		f.Ended = true
		return !r.bad && len(r.b) == 0 && flags == flagEnded|flagDescription
	}
	if flags&flagWall != 0 {
		f.Wall = time.UnixMilli(r.varint()).UTC()
		f.Trust = r.byte()
	}
	if flags&flagDisk != 0 {
		f.Disk, f.DiskTold = r.uvarint(math.MaxUint64), true
	}
	if f.Full = flags&flagFull != 0; f.Full && flags&flagNumerics == 0 {
		return false
	}
	if flags&flagNumerics != 0 {
		for range r.uvarint(MaxNumerics) {
			n, ok := r.numeric(f.Time)
			if !ok {
				return false
			}
			f.Numerics = append(f.Numerics, n)
		}
	}
	if f.AlarmsTold = flags&flagAlarms != 0; f.AlarmsTold {
		for range r.uvarint(MaxAlarms) {
			a := Alarm{ID: uint32(r.uvarint(math.MaxUint32))}
			bits := r.byte()
			a.Priority = bits & 3
			a.Technical, a.Acknowledged, a.Silenced = bits&alarmTechnical != 0, bits&alarmAcknowledged != 0, bits&alarmSilenced != 0
			a.Text = r.text()
			if r.bad || bits >= 2*alarmSilenced {
				return false
			}
			f.Alarms = append(f.Alarms, a)
		}
	}
	if r.bad {
		return false
	}
	if flags&flagWaves == 0 {
		return len(r.b) == 0
	}
	return r.waves(known, f)
}

func (r *reader) numeric(now vital.Instant) (vital.Reading, bool) {
	sign := vital.Sign(r.uvarint(math.MaxUint16))
	var raw string
	if sign == vital.Unknown {
		raw = r.text()
	}
	flags := r.byte()
	unit, site := sign.Unit(), vital.NoSite
	if flags&numericUnit != 0 {
		unit = vital.Unit(r.text())
	}
	if flags&numericSite != 0 {
		site = vital.Site(r.text())
	}
	var n vital.Reading
	if flags&numericValue != 0 {
		v := vital.Decimal{}
		if scale := flags >> numericScale; scale == 7 {
			v = r.decimal()
		} else {
			v = vital.Dec(r.varint(), -int8(scale))
		}
		if !v.Valid() {
			return n, false
		}
		n = vital.OfUnit(sign, v, unit)
	} else {
		n = vital.None(sign, vital.State(r.byte()))
		n.Unit = unit
	}
	n.Raw, n.Site = raw, site
	n.Questionable, n.Aperiodic = flags&numericQuestionable != 0, flags&numericAperiodic != 0
	n.Arrived = now.Add(-time.Duration(r.uvarint(math.MaxInt64/uint64(time.Second))) * (100 * time.Millisecond))
	return n, !r.bad
}

// waves reads counts, starts and gaps of all waves, then their bits.
func (r *reader) waves(known *description, f *Frame) bool {
	total := uint64(0)
	for i := range known.leads {
		head := r.uvarint(MaxSamples<<2 | 3)
		n := head >> 2
		if total += n; total > MaxSamples || r.bad || (n == 0 && head != 0) {
			return false
		}
		if n == 0 {
			continue
		}
		at := len(f.Waves)
		f.Waves = slices.Grow(f.Waves, 1)[:at+1]
		w := &f.Waves[at]
		samples, gaps := w.Samples[:0], w.Gaps[:0]
		*w = known.leads[i]
		w.Arrived = f.Time
		if head&1 != 0 {
			w.Arrived = f.Time.Add(time.Duration(r.uvarint(MaxLate)) * time.Millisecond)
		}
		w.Samples = slices.Grow(samples, int(n))[:n]
		w.Gaps = gaps
		if head&2 != 0 && !r.gaps(w) {
			return false
		}
	}
	if r.bad {
		return false
	}
	bits := pack.NewReader(r.b)
	for i := range f.Waves {
		w := &f.Waves[i]
		from := 0
		for _, g := range w.Gaps {
			if bits.ReadRun(w.Samples[from:g.From], w.Offset) != nil {
				return false
			}
			from = g.From + g.Len
			clear(w.Samples[g.From:from])
		}
		if bits.ReadRun(w.Samples[from:], w.Offset) != nil {
			return false
		}
	}
	return bits.Close() == nil
}

func (r *reader) gaps(w *vital.Waveform) bool {
	end := uint64(0)
	for range r.uvarint(MaxGaps) {
		from := end + r.uvarint(MaxSamples)
		length := r.uvarint(MaxSamples)
		why := vital.State(r.byte())
		end = from + length
		if r.bad || length == 0 || end > uint64(len(w.Samples)) || why == vital.Measured {
			return false
		}
		w.Gaps = append(w.Gaps, vital.Gap{From: int(from), Len: int(length), Why: why})
	}
	return len(w.Gaps) > 0
}

func (r *reader) byte() byte {
	if len(r.b) == 0 {
		r.bad = true
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

// uvarint is 0 and bad when above limit.
func (r *reader) uvarint(limit uint64) uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || v > limit {
		r.bad = true
		r.b = nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) varint() int64 {
	u := r.uvarint(math.MaxUint64)
	return int64(u>>1) ^ -int64(u&1)
}

func (r *reader) int32() int32 {
	v := r.varint()
	if v != int64(int32(v)) {
		r.bad = true
	}
	return int32(v)
}

func (r *reader) decimal() vital.Decimal {
	exponent := int8(r.byte())
	v := vital.Dec(r.varint(), exponent)
	if !v.Valid() {
		r.bad = true
	}
	return v
}

func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.bad = true
		r.b = nil
		return nil
	}
	part := r.b[:n:n]
	r.b = r.b[n:]
	return part
}

func (r *reader) text() string {
	part := r.take(uint64(r.byte()))
	if !utf8.Valid(part) {
		r.bad = true
	}
	return string(part)
}
