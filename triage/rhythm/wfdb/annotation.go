package wfdb

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// A Code is an annotation's kind, by its number in the file.
type Code uint8

// The codes this project uses; the others are kept as they are.
const (
	Normal       Code = 1  // N
	Noise        Code = 14 // ~ signal quality changes
	Artefact     Code = 16 // |
	Paced        Code = 12 // / by a pacemaker
	Rhythm       Code = 28 // + the rhythm changes; Aux names it
	FlutterStart Code = 32 // [
	FlutterEnd   Code = 33 // ]
	Learning     Code = 30 // ?
)

// beats are the codes of QRS complexes: N L R a V F J A S E j / Q e n B ? f r.
var beats = [64]bool{1: true, 2: true, 3: true, 4: true, 5: true, 6: true, 7: true, 8: true, 9: true, 10: true,
	11: true, 12: true, 13: true, 25: true, 30: true, 34: true, 35: true, 38: true, 41: true}

// Beat reports whether c marks a QRS complex.
func (c Code) Beat() bool { return c < 64 && beats[c] }

// An Annotation is one mark on a record.
type Annotation struct {
	Sample  int64
	Code    Code // 1..49
	Sub     int8
	Channel uint8
	Num     int8
	Aux     string // up to 255 bytes; "(AFIB" in a Rhythm mark
}

// Pseudo-codes of the file format.
const (
	skip   = 59
	setNum = 60
	setSub = 61
	setChn = 62
	aux    = 63
)

// ReadAnnotations reads an annotation file in MIT format. The file may end
// without its end mark.
func ReadAnnotations(b []byte) ([]Annotation, error) {
	var out []Annotation
	var now int64
	var num int8
	var channel uint8
	for at := 0; at+2 <= len(b); {
		word := binary.LittleEndian.Uint16(b[at:])
		at += 2
		code, value := word>>10, word&0x3ff
		if word == 0 {
			return out, nil
		}
		var last *Annotation
		if len(out) > 0 {
			last = &out[len(out)-1]
		}
		switch code {
		case skip:
			if at+4 > len(b) {
				return nil, fmt.Errorf("read annotations: cut in a skip: %w", ErrFormat)
			}
			// A PDP-11 long: the high word first, each word low byte first.
			now += int64(int32(uint32(binary.LittleEndian.Uint16(b[at:]))<<16 | uint32(binary.LittleEndian.Uint16(b[at+2:]))))
			at += 4
		case setNum:
			num = int8(value)
			if last != nil {
				last.Num = num
			}
		case setSub:
			if last != nil {
				last.Sub = int8(value)
			}
		case setChn:
			channel = uint8(value)
			if last != nil {
				last.Channel = channel
			}
		case aux:
			n := int(value)
			if n > 255 || at+n > len(b) {
				return nil, fmt.Errorf("read annotations: cut in a text: %w", ErrFormat)
			}
			if last != nil {
				last.Aux = string(trimNul(b[at : at+n]))
			}
			at += n + n%2
		case 0: // a note without a kind: only moves the time
			now += int64(value)
		default:
			if code > 49 {
				return nil, fmt.Errorf("read annotations: code %d: %w", code, ErrFormat)
			}
			now += int64(value)
			out = append(out, Annotation{Sample: now, Code: Code(code), Num: num, Channel: channel})
		}
	}
	return out, nil
}

func trimNul(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	return b
}

// AppendAnnotations writes marks, which must be in order of time, in MIT format.
func AppendAnnotations(b []byte, marks []Annotation) ([]byte, error) {
	if !slices.IsSortedFunc(marks, func(a, c Annotation) int { return int(min(1, max(-1, a.Sample-c.Sample))) }) {
		return nil, fmt.Errorf("write annotations: not in order of time: %w", ErrFormat)
	}
	word := func(code, value int) { b = binary.LittleEndian.AppendUint16(b, uint16(code<<10|value&0x3ff)) }
	var now int64
	var num int8
	var channel uint8
	for _, m := range marks {
		if m.Code == 0 || m.Code > 49 || len(m.Aux) > 255 || m.Sample-now > 1<<31-1 || m.Sample-now < -1<<31 {
			return nil, fmt.Errorf("write annotation at sample %d: %w", m.Sample, ErrFormat)
		}
		gap := m.Sample - now
		if gap < 0 || gap > 0x3ff {
			word(skip, 0)
			b = binary.LittleEndian.AppendUint16(b, uint16(uint32(gap)>>16))
			b = binary.LittleEndian.AppendUint16(b, uint16(gap))
			gap = 0
		}
		word(int(m.Code), int(gap))
		if m.Sub != 0 {
			word(setSub, int(m.Sub))
		}
		if m.Channel != channel {
			word(setChn, int(m.Channel))
		}
		if m.Num != num {
			word(setNum, int(m.Num))
		}
		if m.Aux != "" {
			word(aux, len(m.Aux))
			b = append(b, m.Aux...)
			if len(m.Aux)%2 == 1 {
				b = append(b, 0)
			}
		}
		now, num, channel = m.Sample, m.Num, m.Channel
	}
	return append(b, 0, 0), nil
}
