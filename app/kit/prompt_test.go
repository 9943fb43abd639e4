package kit

import (
	"bytes"
	"net"
	"testing"
	"time"

	"fieldkit/devices"
	"fieldkit/telemetry/wave"
	"fieldkit/triage/alarm"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// A toldLive is a live process that only keeps what it is told.
type toldLive struct {
	net.Conn
	frames int
}

func (l *toldLive) SetWriteDeadline(time.Time) error { return nil }

func (l *toldLive) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte(`"verb":"frame"`)) {
		l.frames++
	}
	return len(b), nil
}

func TestAFaceIsShownWhatAMonitorSaysBeforeItsTenthIsWholeAndTheHospitalAfter(t *testing.T) {
	k, token := newKit(t)
	hospital := &toldLive{}
	k.live.between = newBetween(hospital, nil)
	decoder := wave.Decoder{Streams: wave.MaxStreams}
	var shown []wave.Frame
	if _, err := k.live.join(token, chart.ID{}, func(b []byte) error {
		var f wave.Frame
		err := decoder.Decode(b, &f)
		shown = append(shown, f)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	port := devices.PortInfo{Name: "/dev/ttyS9"}
	now := k.clock.Now()
	say := func(r vital.Reading) {
		r.Arrived = now
		k.record.Reading(port, r)
	}
	pulse := func(v int64) vital.Reading { return vital.Of(vital.PulseRate, vital.Int(v)) }
	tenth := func() {
		now = now.Add(frameEvery)
		k.live.frames(now.Add(-frameEvery), now)
	}
	say(pulse(70))
	tenth()
	if len(shown) != 1 || hospital.frames != 1 {
		t.Fatalf("a tenth is %d frames here and %d for the hospital", len(shown), hospital.frames)
	}

	pleth := vital.Waveform{Lead: vital.Pleth, Rate: vital.Int(100), Scale: vital.Int(1), Max: 255, Samples: []int32{1, 2, 3}}
	rename := func() {
		for _, b := range k.record.beds {
			b.tag = "0417"
		}
	}
	for _, step := range []struct {
		what   string
		do     func()
		frames int
		check  func(f *wave.Frame) bool
	}{
		{"another number", func() { say(pulse(71)) }, 1, func(f *wave.Frame) bool {
			v, ok := f.Numerics[0].Value()
			end := f.Time.Add(frameEvery)
			return len(f.Numerics) == 1 && ok && v == vital.Int(71) && end <= now && now.Sub(end) < time.Millisecond
		}},
		{"nothing", func() {}, 0, nil},
		{"the same number again", func() { say(pulse(71)) }, 0, nil},
		{"samples, which wait for their tenth", func() { pleth.Arrived = now; k.record.Waveform(port, pleth) }, 0, nil},
		{"the probe is off", func() { say(vital.None(vital.PulseRate, vital.ProbeOff)) }, 1, func(f *wave.Frame) bool {
			return len(f.Waves) == 0 && len(f.Numerics) == 1 && f.Numerics[0].State() == vital.ProbeOff
		}},
		{"the monitor's alarm", func() { k.record.Alarm(port, devices.Alarm{Text: "LEAD OFF", Priority: devices.High}) }, 1, func(f *wave.Frame) bool {
			return f.AlarmsTold && len(f.Alarms) == 1 && f.Alarms[0].Priority == uint8(alarm.High)
		}},
		{"a number under a new tag, which its tenth tells first", func() { rename(); say(pulse(80)) }, 0, nil},
	} {
		before := len(shown)
		step.do()
		now = now.Add(10 * time.Millisecond)
		k.live.prompt(now)
		if n := len(shown) - before; n != step.frames {
			t.Errorf("%s: %d frames, want %d", step.what, n, step.frames)
		} else if n == 1 && !step.check(&shown[before]) {
			t.Errorf("%s: %+v", step.what, shown[before])
		}
	}
	if hospital.frames != 1 {
		t.Errorf("the hospital was sent %d frames between the tenths", hospital.frames-1)
	}
	tenth()
	last := shown[len(shown)-1]
	if last.Binding.Tag != "0417" || len(last.Waves) != 1 || len(last.Waves[0].Samples) != 3 || hospital.frames != 2 {
		t.Errorf("the tenth has tag %q, waves %+v, and the hospital %d frames", last.Binding.Tag, last.Waves, hospital.frames)
	}
	if v, ok := last.Numerics[0].Value(); !ok || v != vital.Int(80) {
		t.Errorf("the tenth says %v", last.Numerics)
	}
}

func TestFramesForFacesAreAtMostThirtyASecond(t *testing.T) {
	ms := func(n int) vital.Instant { return vital.Instant(time.Duration(n) * time.Millisecond) }
	for _, c := range []struct {
		story     string
		last, now int // ms; the next tenth is whole at 1100
		waits     bool
	}{
		{"long after the last frame", 1000, 1050, true},
		{"just after it", 1000, 1001, true},
		{"just before the tenth is whole", 1000, 1090, false},
		{"so soon after the last that the tenth comes first", 1060, 1070, false},
	} {
		s := soon{last: ms(c.last)}
		s.hear(ms(c.now), ms(1100))
		if waits := s.due != nil; waits != c.waits {
			t.Errorf("%s: a frame of its own %v, want %v", c.story, waits, c.waits)
		}
		before := s.due
		s.hear(ms(c.now), ms(1100))
		if s.due != before {
			t.Errorf("%s: said twice it is put off", c.story)
		}
		if s.shown(ms(c.now)); s.due != nil || s.last != ms(c.now) {
			t.Errorf("%s: it is shown and still waits", c.story)
		}
	}
}
