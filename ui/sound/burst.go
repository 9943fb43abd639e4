package sound

import (
	"encoding/binary"
	"math"
	"time"

	"fieldkit/triage/alarm"
)

// Rate is samples a second of one channel, 16 bits each, little end first: four
// times the highest harmonic and more, and every player takes it.
const Rate = 22050

const (
	// fundamental is C5. Small loudspeakers give little below 400 Hz; the standard
	// allows 150 to 1,000.
	fundamental = 523.25
	// harmonics are how many tones a pulse has, the fundamental counted: up to
	// 2.6 kHz, where hearing aids and worn ears still follow. Four at least must lie
	// between 300 and 4,000 Hz.
	harmonics = 5
	// step is how much weaker each harmonic is than the one below, as a factor: 3 dB.
	// All must be within 15 dB of the fundamental.
	step = 0.7079457843841379
	// rise is the part of a pulse's effective duration in which it rises from 10 to
	// 90 %; 0.1 to 0.4 is allowed. It falls as fast.
	rise = 0.15
)

// A shape is one priority's burst.
type shape struct {
	pulses int
	pulse  time.Duration // effective: while above 90 %
	gap    time.Duration // from one pulse's fall through 90 % to the next one's rise through it
	pause  time.Duration // between the fifth and the sixth of ten
	silent time.Duration // from the end of a burst to the next
	level  float64       // of full scale
}

// shapes by priority, within the standard's ranges: pulses of high priority last 75
// to 200 ms and stand 50 to 125 ms apart, twice that and a pulse after the third, and
// 0.35 to 1.3 s after the fifth; those of medium and low last 125 to 250 ms and stand
// 125 to 250 ms apart. Bursts follow each other after 2.5 to 15 s, 2.5 to 30 s, and
// more than 15 s.
var shapes = [...]shape{
	alarm.Low:    {pulses: 2, pulse: 180 * time.Millisecond, gap: 190 * time.Millisecond, silent: 20 * time.Second, level: 0.35},
	alarm.Medium: {pulses: 3, pulse: 180 * time.Millisecond, gap: 190 * time.Millisecond, silent: 8 * time.Second, level: 0.6},
	alarm.High:   {pulses: 10, pulse: 150 * time.Millisecond, gap: 115 * time.Millisecond, pause: 700 * time.Millisecond, silent: 3 * time.Second, level: 0.9},
}

// after is the gap after pulse i, counted from 0.
func (s shape) after(i int) time.Duration {
	if s.pulses != 10 {
		return s.gap
	}
	switch i % 5 {
	case 2:
		return 2*s.gap + s.pulse
	case 4:
		return s.pause
	}
	return s.gap
}

// Long is how long a burst of p lasts, and Silent how long it is silent before the
// next; both are zero for none.
func Long(p alarm.Priority) time.Duration {
	if p == alarm.None {
		return 0
	}
	s := shapes[min(p, alarm.High)]
	all := time.Duration(s.pulses) * s.pulse
	for i := range s.pulses - 1 {
		all += s.after(i)
	}
	return all + 2*s.ramp()
}

// Silent is described with [Long].
func Silent(p alarm.Priority) time.Duration {
	if p == alarm.None {
		return 0
	}
	return shapes[min(p, alarm.High)].silent
}

// ramp is how long a pulse takes from nothing to its full height, in a straight
// line, of which the part from 10 to 90 % is four fifths.
func (s shape) ramp() time.Duration { return time.Duration(rise / 0.8 * float64(s.pulse)) }

// Burst is the samples of one burst of p, nil for none.
func Burst(p alarm.Priority) []int16 {
	if p == alarm.None {
		return nil
	}
	s := shapes[min(p, alarm.High)]
	out := make([]int16, int(math.Ceil(Long(p).Seconds()*Rate)))
	begin := s.ramp() // where the first pulse rises through 90 %, less a tenth of a ramp
	for i := range s.pulses {
		s.pulseInto(out, begin)
		begin += s.pulse + s.after(i)
	}
	return out
}

// pulseInto adds the pulse that is effective from at.
func (s shape) pulseInto(out []int16, at time.Duration) {
	ramp := s.ramp().Seconds()
	from := at.Seconds() - 0.9*ramp          // the rise begins
	top := from + ramp                       // it is full
	fall := at.Seconds() + s.pulse.Seconds() // it falls through 90 %
	fall -= 0.1 * ramp                       // the fall begins
	first, last := int(from*Rate), min(int((fall+ramp)*Rate)+1, len(out))
	for n := max(first, 0); n < last; n++ {
		t := float64(n) / Rate
		height := 1.0
		switch {
		case t < top:
			height = (t - from) / ramp
		case t > fall:
			height = 1 - (t-fall)/ramp
		}
		if height > 0 {
			out[n] = int16(math.Round(height * s.level * math.MaxInt16 * tone(t-from)))
		}
	}
}

// loudest is the most that the harmonics add up to, found once.
var loudest = func() (most float64) {
	for n := range 4096 {
		most = max(most, math.Abs(sum(float64(n)/4096/fundamental)))
	}
	return most
}()

// tone is the pulse's tone at t seconds, between -1 and 1.
func tone(t float64) float64 { return sum(t) / loudest }

func sum(t float64) (v float64) {
	for k, weight := 1, 1.0; k <= harmonics; k, weight = k+1, weight*step {
		v += weight * math.Sin(2*math.Pi*fundamental*float64(k)*t)
	}
	return v
}

// WAV is samples as a file that players know.
func WAV(samples []int16) []byte {
	const header = 44
	size := uint32(2 * len(samples))
	b := make([]byte, 0, header+2*len(samples))
	b = append(b, "RIFF"...)
	b = binary.LittleEndian.AppendUint32(b, header-8+size)
	b = append(b, "WAVEfmt "...)
	b = binary.LittleEndian.AppendUint32(b, 16)     // size of the format
	b = binary.LittleEndian.AppendUint16(b, 1)      // PCM
	b = binary.LittleEndian.AppendUint16(b, 1)      // channels
	b = binary.LittleEndian.AppendUint32(b, Rate)   // samples a second
	b = binary.LittleEndian.AppendUint32(b, 2*Rate) // bytes a second
	b = binary.LittleEndian.AppendUint16(b, 2)      // bytes of a sample of all channels
	b = binary.LittleEndian.AppendUint16(b, 16)     // bits of a sample
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, size)
	for _, s := range samples {
		b = binary.LittleEndian.AppendUint16(b, uint16(s))
	}
	return b
}
