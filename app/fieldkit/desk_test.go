//go:build cgo

package main

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/telemetry/wave"
	"fieldkit/triage/alarm"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/ui"
)

func TestALiveFrameBecomesAMomentThatIsTheScreens(t *testing.T) {
	reading := vital.Of(vital.SpO2, vital.Int(97))
	reading.Arrived = vital.Instant(59900 * time.Millisecond)
	now := &wave.Now{
		Time:    vital.Instant(time.Minute),
		Binding: wave.Binding{Encounter: [16]byte{15: 4}, Boot: [16]byte{7}, Tag: "0417", Monitor: "Nonin", Demo: true},
		Waves: []vital.Waveform{{Lead: vital.Pleth, Arrived: vital.Instant(time.Minute), Rate: vital.Int(75), Min: 0, Max: 255,
			Samples: []int32{1, 2, 3, 4}, Gaps: []vital.Gap{{From: 1, Len: 2, Why: vital.ProbeOff}}}},
		Numerics: []vital.Reading{reading, vital.None(vital.HeartRate, vital.ProbeOff)},
		Alarms:   []wave.Alarm{{ID: 3, Priority: 3, Text: "SpO₂ low"}},
	}
	var e wave.Encoder
	var f frames
	frame, err := e.Encode(nil, now)
	if err != nil {
		t.Fatal(err)
	}
	m, err := f.moment(frame)
	if err != nil || m == nil {
		t.Fatalf("moment %v, %v", m, err)
	}
	if m.Encounter != (chart.ID{15: 4}) || m.Boot != (chart.Boot{7}) || m.At != now.Time || !m.Demo || m.Tag != "0417" || !m.Full {
		t.Errorf("the moment is %+v", m)
	}
	if text, ok := m.Readings[0].Shown(); !ok || text != "97" || m.Readings[0].Arrived != reading.Arrived || m.Readings[1].State() != vital.ProbeOff {
		t.Errorf("the readings are %v", m.Readings)
	}
	want := ui.Alarm{ID: 3, Priority: alarm.High, Text: "SpO₂ low"}
	if len(m.Alarms) != 1 || m.Alarms[0] != want {
		t.Errorf("the alarms are %v", m.Alarms)
	}
	samples := append([]int32(nil), m.Waves[0].Samples...)
	now.Time, now.Waves[0].Arrived = now.Time.Add(ui.Tenth), now.Time.Add(ui.Tenth)
	now.Waves[0].Samples = []int32{9, 9, 9, 9}
	if frame, err = e.Encode(nil, now); err != nil {
		t.Fatal(err)
	}
	if _, err := f.moment(frame); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(samples, m.Waves[0].Samples) || m.Waves[0].Gaps[0].Len != 2 {
		t.Error("the next frame wrote into the moment before")
	}
}

func TestAFrameNobodyDescribedShowsNothing(t *testing.T) {
	var e wave.Encoder
	now := &wave.Now{Time: vital.Instant(time.Minute), Binding: wave.Binding{Encounter: [16]byte{1}}}
	if _, err := e.Encode(nil, now); err != nil {
		t.Fatal(err)
	}
	now.Time = now.Time.Add(ui.Tenth)
	second, err := e.Encode(nil, now)
	if err != nil {
		t.Fatal(err)
	}
	var f frames
	if m, err := f.moment(second); m != nil || err != nil {
		t.Errorf("moment %v, %v", m, err)
	}
}

func TestWhatTheStationCannotDoIsSaidWithWhatToDo(t *testing.T) {
	var told *ui.Trouble
	err := trouble(&api.Fault{Code: api.CodeFailed, What: "the disk is full", Do: "Free space"})
	if !errors.As(err, &told) || told.Do != "Free space" {
		t.Errorf("said %v", err)
	}
	if err := trouble(api.ErrNoStation); !errors.As(err, &told) || told.Do == "" {
		t.Errorf("said %v", err)
	}
	if trouble(nil) != nil {
		t.Error("nothing is a trouble")
	}
}

func TestAFlagThatCannotBeMeantIsRefused(t *testing.T) {
	if _, err := parse([]string{"--frames", "500"}); err == nil {
		t.Error("500 frames a second were taken")
	}
	if o, err := parse([]string{"--demo", "--look", "night"}); err != nil || !o.demo || o.look != "night" {
		t.Errorf("read %+v, %v", o, err)
	}
}
