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

func TestANumberSaidBetweenTwoTenthsWaitsForNoneButTheRestOfItsMessage(t *testing.T) {
	ms := func(n int) vital.Instant { return vital.Instant(time.Duration(n) * time.Millisecond) }
	for _, c := range []struct {
		story     string
		last, now int // ms; the next tenth is whole at 1100
		at        int // ms; 0 when it is left to the tenth
	}{
		{"the first of a station", 0, 1050, 1052},
		{"long after the last frame between tenths", 800, 1050, 1052},
		{"just after a tenth", 900, 1001, 1003},
		{"just after a frame between tenths", 1020, 1021, 1070},
		{"while the tenth is as good as whole", 900, 1097, 0},
		{"so soon after the last that the tenth comes first", 1060, 1070, 0},
	} {
		s := soon{last: ms(c.last)}
		s.hear(ms(c.now), ms(1100))
		if waits := s.due != nil; waits != (c.at > 0) || waits && s.at != ms(c.at) {
			t.Errorf("%s: a frame of its own %v, due at %v, want %d ms", c.story, waits, time.Duration(s.at), c.at)
		}
		at, due := s.at, s.due
		s.hear(ms(c.now+1), ms(1100))
		if s.at != at || s.due != due {
			t.Errorf("%s: said twice it is put off", c.story)
		}
		if s.shown(ms(1100)); s.due != nil {
			t.Errorf("%s: it is shown and still waits", c.story)
		}
	}
}

// A storm of numbers, one each millisecond, gets thirty frames a second: the tenths,
// and two between each pair of them.
func TestFramesForFacesAreAtMostThirtyASecond(t *testing.T) {
	var s soon
	between, most := 0, 0
	for now := vital.Instant(time.Millisecond); now <= vital.Instant(10*time.Second); now = now.Add(time.Millisecond) {
		switch {
		case now == wholeTenth(now):
			s.shown(now)
			most, between = max(most, between), 0
		case s.due != nil && now >= s.at:
			s.shown(now)
			between++
		}
		s.hear(now, wholeTenth(now).Add(frameEvery))
	}
	if most != 2 {
		t.Errorf("up to %d frames between two tenths, want 2", most)
	}
}
