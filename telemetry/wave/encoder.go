package wave

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"time"
	"unicode/utf8"

	"fieldkit/triage/vital"
	"fieldkit/triage/vital/pack"
)

// Now is all that stands at one tenth of a second: what an Encoder makes a frame
// of. Times of readings and waveforms are of the same clock as Time.
type Now struct {
	Time     vital.Instant
	Binding  Binding
	Ended    bool // the binding ends with this frame
	Waves    []vital.Waveform
	Numerics []vital.Reading // all that are known, changed or not
	Alarms   []Alarm         // all that stand
	Disk     uint64          // 0: nothing of this epoch is on disk yet
	Wall     time.Time       // sent with every full frame unless zero
	Trust    uint8
}

const tenth = 100 * time.Millisecond

// renewAfter is how much newer an unchanged value must be than it was told to be
// sent between full frames: a monitor that speaks every two seconds must not look
// stale at three.
const renewAfter = 1500 * time.Millisecond

// fullEvery is how many frames a description and all numerics are good for: one
// second.
const fullEvery = 10

// An Encoder makes the frames of one stream: one patient at a time. The zero Encoder is ready; it is not
// safe for concurrent use.
type Encoder struct {
	seq         uint64
	since       int // frames since the last full one
	description []byte
	mark        uint32
	leads       []vital.Waveform // as described, without samples
	binding     Binding
	told        []told
	alarms      []byte
	disk        uint64
	section     []byte // scratch
	present     []int  // scratch: which of the waves given is which described
}

// told is one numeric as last sent.
type told struct {
	sign vital.Sign
	site vital.Site
	raw  string
	sent []byte // without its age
	at   vital.Instant
}

// Encode appends the frame of now to dst. On an error nothing is appended and the
// encoder goes on from where it was. After an Ended frame the next one begins
// afresh.
func (e *Encoder) Encode(dst []byte, now *Now) ([]byte, error) {
	if err := check(now); err != nil {
		return dst, err
	}
	full := e.describe(now) || e.since+1 >= fullEvery
	start := len(dst)
	flags := byte(0)
	e.seq++
	e.since++
	dst = append(dst, Version, 0)
	dst = binary.AppendUvarint(dst, e.seq)
	dst = binary.AppendUvarint(dst, uint64(time.Duration(now.Time)/time.Millisecond))
	dst = append(dst, byte(e.mark>>24), byte(e.mark>>16), byte(e.mark>>8), byte(e.mark))
	if full || now.Ended {
		e.since = 0
		flags |= flagDescription
		dst = binary.AppendUvarint(dst, uint64(len(e.description)))
		dst = append(dst, e.description...)
	}
	if now.Ended {
		dst[start+1] = flags | flagEnded
		*e = Encoder{seq: e.seq, description: e.description[:0], told: e.told[:0], section: e.section}
		return dst, nil
	}
	if full && !now.Wall.IsZero() {
		flags |= flagWall
		dst = binary.AppendVarint(dst, now.Wall.UnixMilli())
		dst = append(dst, byte(now.Trust))
	}
	if now.Disk != 0 && (full || now.Disk != e.disk) {
		flags |= flagDisk
		dst = binary.AppendUvarint(dst, now.Disk)
	}
	e.disk = now.Disk
	all, count := e.numerics(now, full)
	if all || count > 0 {
		flags |= flagNumerics
		if all {
			flags |= flagFull
		}
		dst = binary.AppendUvarint(dst, uint64(count))
		dst = append(dst, e.section...)
	}
	if e.alarmed(now, flags&flagDescription != 0) {
		flags |= flagAlarms
		dst = append(dst, e.alarms...)
	}
	if slices.ContainsFunc(now.Waves, func(w vital.Waveform) bool { return len(w.Samples) > 0 }) {
		flags |= flagWaves
		dst = e.samples(dst, now)
	}
	dst[start+1] = flags
	if len(dst)-start > MaxFrame {
		e.seq--
		e.description = e.description[:0] // what was not sent is not told
		return dst[:start], fmt.Errorf("encode live frame of %d bytes: %w", len(dst)-start, ErrTooLarge)
	}
	return dst, nil
}

// check refuses what the format has no room for.
func check(now *Now) error {
	ok := len(now.Waves) <= MaxWaves && len(now.Numerics) <= MaxNumerics && len(now.Alarms) <= MaxAlarms && now.Time >= 0 &&
		fits(now.Binding.Tag) && fits(now.Binding.Monitor) && fits(now.Binding.CallSign)
	samples := 0
	for i := range now.Waves {
		w := &now.Waves[i]
		late := w.Arrived.Sub(now.Time).Milliseconds()
		samples += len(w.Samples)
		ok = ok && len(w.Gaps) <= MaxGaps && fits(w.Raw) && fits(string(w.Unit)) && w.Rate.Valid() && w.Rate.Mantissa > 0 &&
			w.Scale.Valid() && (len(w.Samples) == 0 || late >= 0 && late <= MaxLate)
		end := 0
		for _, g := range w.Gaps {
			ok = ok && g.From >= end && g.Len > 0 && g.Len <= len(w.Samples)-g.From && g.Why != vital.Measured
			end = g.From + g.Len
		}
	}
	for i := range now.Numerics {
		r := &now.Numerics[i]
		v, _ := r.Value()
		ok = ok && fits(r.Raw) && fits(string(r.Site)) && fits(string(r.Unit)) && v.Valid()
	}
	for i := range now.Alarms {
		ok = ok && fits(now.Alarms[i].Text) && now.Alarms[i].Priority <= 3
	}
	if !ok || samples > MaxSamples {
		return fmt.Errorf("encode live frame: %w", ErrTooLarge)
	}
	return nil
}

func fits(text string) bool { return len(text) <= MaxText && utf8.ValidString(text) }

// describe brings the description up to now and reports whether it changed. Waves
// that pause stay described; a new one is added behind, so that handles hold.
func (e *Encoder) describe(now *Now) (changed bool) {
	changed = len(e.description) == 0 || e.binding != now.Binding
	if changed {
		e.leads = e.leads[:0]
		e.told = e.told[:0]
		e.disk = 0
		e.alarms = e.alarms[:0]
	}
	e.present = e.present[:0]
	for i := range now.Waves {
		w := &now.Waves[i]
		at := slices.IndexFunc(e.leads, func(l vital.Waveform) bool { return sameTrace(&l, w) })
		if at < 0 || slices.Contains(e.present, at) {
			if len(e.leads) == MaxWaves { // the table is full of traces gone by
				e.leads = e.leads[:0]
				e.description = e.description[:0]
				return e.describe(now)
			}
			plain := *w
			plain.Samples, plain.Gaps = nil, nil
			e.leads = append(e.leads, plain)
			at = len(e.leads) - 1
			changed = true
		}
		e.present = append(e.present, at)
	}
	if !changed {
		return false
	}
	e.binding = now.Binding
	d := e.description[:0]
	b := &now.Binding
	d = append(d, b.Encounter[:]...)
	d = append(d, b.Station[:]...)
	d = append(d, b.Boot[:]...)
	d = append(d, b.Epoch[:]...)
	demo := byte(0)
	if b.Demo {
		demo = 1
	}
	d = append(d, demo)
	d = appendText(d, b.Tag)
	d = appendText(d, b.Monitor)
	d = appendText(d, b.CallSign)
	d = append(d, byte(len(e.leads)))
	for i := range e.leads {
		d = appendLead(d, &e.leads[i])
	}
	e.description = d
	e.mark = crc32.ChecksumIEEE(d)
	return true
}

func sameTrace(a, b *vital.Waveform) bool {
	return a.Lead == b.Lead && a.Raw == b.Raw && a.Rate == b.Rate && a.Unit == b.Unit && a.Scale == b.Scale &&
		a.Offset == b.Offset && a.Min == b.Min && a.Max == b.Max
}

func appendLead(d []byte, w *vital.Waveform) []byte {
	flags := byte(0)
	if w.Unit != w.Lead.Info().Unit {
		flags |= waveUnit
	}
	if w.Min != 0 || w.Max != 0 {
		flags |= waveRange
	}
	if w.Raw != "" {
		flags |= waveRaw
	}
	d = binary.AppendUvarint(d, uint64(w.Lead))
	d = append(d, flags)
	d = appendDecimal(d, w.Rate)
	d = appendDecimal(d, w.Scale)
	d = binary.AppendVarint(d, int64(w.Offset))
	if flags&waveUnit != 0 {
		d = appendText(d, string(w.Unit))
	}
	if flags&waveRange != 0 {
		d = binary.AppendVarint(d, int64(w.Min))
		d = binary.AppendVarint(d, int64(w.Max))
	}
	if flags&waveRaw != 0 {
		d = appendText(d, w.Raw)
	}
	return d
}

func appendText(d []byte, text string) []byte {
	return append(append(d, byte(len(text))), text...)
}

func appendDecimal(d []byte, v vital.Decimal) []byte {
	return binary.AppendVarint(append(d, byte(v.Exponent)), v.Mantissa)
}

// numerics writes the numerics that changed, or all when full, to e.section, and
// reports whether it wrote all and how many. One that is no longer known makes it
// write all.
func (e *Encoder) numerics(now *Now, full bool) (all bool, count int) {
	e.section = e.section[:0]
	if full {
		e.told = e.told[:0]
	}
	for i := range now.Numerics {
		r := &now.Numerics[i]
		at := -1
		if !full {
			at = slices.IndexFunc(e.told, func(t told) bool { return t.sign == r.Sign && t.site == r.Site && t.raw == r.Raw })
		}
		if at < 0 {
			at = len(e.told)
			e.told = slices.Grow(e.told, 1)[:at+1]
			e.told[at] = told{sign: r.Sign, site: r.Site, raw: r.Raw, sent: e.told[at].sent[:0], at: r.Arrived}
		}
		start := len(e.section)
		e.section = appendNumeric(e.section, r)
		if !full && r.Arrived.Sub(e.told[at].at) < renewAfter && slices.Equal(e.section[start:], e.told[at].sent) {
			e.section = e.section[:start]
			continue
		}
		e.told[at].sent = append(e.told[at].sent[:0], e.section[start:]...)
		e.told[at].at = r.Arrived
		age := (max(now.Time.Sub(r.Arrived), 0) + tenth - 1) / tenth // never younger than it is
		e.section = binary.AppendUvarint(e.section, uint64(age))
		count++
	}
	if len(e.told) != len(now.Numerics) {
		return e.numerics(now, true)
	}
	return full, count
}

func appendNumeric(d []byte, r *vital.Reading) []byte {
	v, measured := r.Value()
	flags := byte(0)
	if measured {
		flags |= numericValue
		if v.Exponent <= 0 && v.Exponent > -7 {
			flags |= byte(-v.Exponent) << numericScale
		} else {
			flags |= 7 << numericScale
		}
	}
	if r.Questionable {
		flags |= numericQuestionable
	}
	if r.Unit != r.Sign.Unit() {
		flags |= numericUnit
	}
	if r.Site != "" {
		flags |= numericSite
	}
	if r.Aperiodic {
		flags |= numericAperiodic
	}
	d = binary.AppendUvarint(d, uint64(r.Sign))
	if r.Sign == vital.Unknown {
		d = appendText(d, r.Raw)
	}
	d = append(d, flags)
	if flags&numericUnit != 0 {
		d = appendText(d, string(r.Unit))
	}
	if flags&numericSite != 0 {
		d = appendText(d, string(r.Site))
	}
	if !measured {
		return append(d, byte(r.State()))
	}
	if flags>>numericScale == 7 {
		return appendDecimal(d, v)
	}
	return binary.AppendVarint(d, v.Mantissa)
}

// alarmed writes the alarms to e.alarms and reports whether they are to be sent.
func (e *Encoder) alarmed(now *Now, full bool) bool {
	e.section = binary.AppendUvarint(e.section[:0], uint64(len(now.Alarms)))
	for i := range now.Alarms {
		a := &now.Alarms[i]
		flags := a.Priority
		if a.Technical {
			flags |= alarmTechnical
		}
		if a.Acknowledged {
			flags |= alarmAcknowledged
		}
		if a.Silenced {
			flags |= alarmSilenced
		}
		e.section = binary.AppendUvarint(e.section, uint64(a.ID))
		e.section = append(e.section, flags)
		e.section = appendText(e.section, a.Text)
	}
	if !full && slices.Equal(e.section, e.alarms) {
		return false
	}
	e.alarms = append(e.alarms[:0], e.section...)
	return true
}

// samples appends the counts, starts and gaps of each described wave, then the
// bits of all.
func (e *Encoder) samples(dst []byte, now *Now) []byte {
	for at := range e.leads {
		i := slices.Index(e.present, at)
		if i < 0 || len(now.Waves[i].Samples) == 0 {
			dst = append(dst, 0)
			continue
		}
		w := &now.Waves[i]
		late := w.Arrived.Sub(now.Time).Milliseconds()
		n := uint64(len(w.Samples)) << 2
		if late != 0 {
			n |= 1
		}
		if len(w.Gaps) > 0 {
			n |= 2
		}
		dst = binary.AppendUvarint(dst, n)
		if late != 0 {
			dst = binary.AppendUvarint(dst, uint64(late))
		}
		if len(w.Gaps) > 0 {
			dst = binary.AppendUvarint(dst, uint64(len(w.Gaps)))
			end := 0
			for _, g := range w.Gaps {
				dst = binary.AppendUvarint(dst, uint64(g.From-end))
				dst = binary.AppendUvarint(dst, uint64(g.Len))
				dst = append(dst, byte(g.Why))
				end = g.From + g.Len
			}
		}
	}
	bits := pack.Writer{Out: dst}
	for at := range e.leads {
		i := slices.Index(e.present, at)
		if i < 0 {
			continue
		}
		w := &now.Waves[i]
		from := 0
		for _, g := range w.Gaps {
			bits.AppendRun(w.Samples[from:g.From], w.Offset)
			from = g.From + g.Len
		}
		bits.AppendRun(w.Samples[from:], w.Offset)
	}
	return bits.Close()
}
