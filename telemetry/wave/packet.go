package wave

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
)

// ErrMessage reports bytes that are no packet, request or report of this version.
var ErrMessage = errors.New("not a live message")

// The first byte of what travels on a live link says what it is.
const (
	KindPacket  = 0x11 // frames
	KindMissing = 0x12 // back: frames that are missing
	KindReport  = 0x13 // back: how the link does
)

// MaxRepeats is how many earlier frames a packet may carry; MaxMissing how many
// frames one request may name.
const (
	MaxRepeats = 3
	MaxMissing = 64
)

// Packet appends a packet of the newest frame and up to three that went before,
// newest first; more are left out, and so are those that would make the packet
// longer than room bytes. The newest always goes.
func Packet(dst []byte, room int, newest []byte, before ...[]byte) []byte {
	start := len(dst)
	dst = append(dst, KindPacket, 1)
	dst = binary.AppendUvarint(dst, uint64(len(newest)))
	dst = append(dst, newest...)
	for _, frame := range before[:min(len(before), MaxRepeats)] {
		if len(dst)-start+len(frame)+binary.MaxVarintLen32 > room {
			break
		}
		dst = binary.AppendUvarint(dst, uint64(len(frame)))
		dst = append(dst, frame...)
		dst[start+1]++
	}
	return dst
}

// Split appends the frames of a packet to frames, newest first. They point into b.
func Split(frames [][]byte, b []byte) ([][]byte, error) {
	r := reader{b: b}
	kind, n := r.byte(), r.byte()
	if r.bad || kind != KindPacket || n == 0 || n > 1+MaxRepeats {
		return frames, fmt.Errorf("split packet: %w", ErrMessage)
	}
	start := len(frames)
	for range n {
		frame := r.take(r.uvarint(MaxFrame))
		if r.bad || len(frame) == 0 {
			return frames[:start], fmt.Errorf("split packet: %w", ErrMessage)
		}
		frames = append(frames, frame)
	}
	if len(r.b) != 0 {
		return frames[:start], fmt.Errorf("split packet: %w", ErrMessage)
	}
	return frames, nil
}

// Missing appends a request for frames that did not arrive. seqs must rise; of
// more than MaxMissing the latest go.
func Missing(dst []byte, seqs []uint64) []byte {
	seqs = seqs[max(len(seqs)-MaxMissing, 0):]
	dst = append(dst, KindMissing, byte(len(seqs)))
	last := uint64(0)
	for _, seq := range seqs {
		dst = binary.AppendUvarint(dst, seq-last)
		last = seq
	}
	return dst
}

// ReadMissing appends the sequence numbers of a request to seqs, rising.
func ReadMissing(seqs []uint64, b []byte) ([]uint64, error) {
	r := reader{b: b}
	start, last := len(seqs), uint64(0)
	kind, n := r.byte(), r.byte()
	ok := !r.bad && kind == KindMissing && n <= MaxMissing
	for range n {
		step := r.uvarint(math.MaxUint64)
		ok = ok && !r.bad && step > 0 && last+step > last
		if !ok {
			break
		}
		last += step
		seqs = append(seqs, last)
	}
	if !ok || len(r.b) != 0 {
		return seqs[:start], fmt.Errorf("read request: %w", ErrMessage)
	}
	return seqs, nil
}

// A Report is how the receiver sees the link since its last report.
type Report struct {
	Highest  uint64        // the latest sequence number that arrived
	Received uint64        // frames that arrived in time, first or repeated
	Lost     uint64        // frames that did not
	Packets  uint64        // packets that arrived
	Dropped  uint64        // packets that did not, as far as known
	Delay    time.Duration // how much later than the fastest packet of the last minute the median came, whole ms
	Jitter   time.Duration // between the fastest and the slowest, whole ms
}

// Append writes the report.
func (p Report) Append(dst []byte) []byte {
	dst = append(dst, KindReport)
	for _, v := range p.fields() {
		dst = binary.AppendUvarint(dst, v)
	}
	return dst
}

func (p Report) fields() [7]uint64 {
	ms := func(d time.Duration) uint64 { return uint64(max(d, 0) / time.Millisecond) }
	return [7]uint64{p.Highest, p.Received, p.Lost, p.Packets, p.Dropped, ms(p.Delay), ms(p.Jitter)}
}

// ReadReport reads a report.
func ReadReport(b []byte) (Report, error) {
	r := reader{b: b}
	kind := r.byte()
	var v [7]uint64
	for i := range v {
		limit := uint64(math.MaxUint64)
		if i >= 5 {
			limit = uint64(time.Hour / time.Millisecond)
		}
		v[i] = r.uvarint(limit)
	}
	if r.bad || kind != KindReport || len(r.b) != 0 {
		return Report{}, fmt.Errorf("read report: %w", ErrMessage)
	}
	return Report{v[0], v[1], v[2], v[3], v[4], time.Duration(v[5]) * time.Millisecond, time.Duration(v[6]) * time.Millisecond}, nil
}
