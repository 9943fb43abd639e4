package alarm

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"fieldkit/build/foreign"
	"fieldkit/triage/vital"
)

// steady is a well patient's second: eight signs.
func steady() []vital.Reading {
	var all []vital.Reading
	for s, n := range map[vital.Sign]int64{vital.HeartRate: 80, vital.PulseRate: 80, vital.SpO2: 97, vital.RespRateImpedance: 16,
		vital.ABPSys: 120, vital.ABPDia: 70, vital.EtCO2: 38, vital.Temperature: 37} {
		all = append(all, vital.Of(s, vital.Int(n)))
	}
	return all
}

func BenchmarkStep(b *testing.B) {
	e, all := NewEngine(Adult()), steady()
	now := vital.Instant(0)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r := all[i%len(all)]
		now = now.Add(100 * time.Millisecond)
		r.Arrived = now
		e.Step(now, r)
	}
}

func TestAWellPatientCostsNoAllocation(t *testing.T) {
	e, all := NewEngine(Adult()), steady()
	now := vital.Instant(0)
	second := func() {
		for _, r := range all {
			now = now.Add(100 * time.Millisecond)
			r.Arrived = now
			e.Step(now, r)
		}
	}
	second()
	if n := testing.AllocsPerRun(100, second); n != 0 {
		t.Errorf("%v allocations a second", n)
	}
	for i, r := range all {
		if r.Sign == vital.HeartRate {
			all[i] = vital.Of(vital.HeartRate, vital.Int(140))
			all[i].Arrived = now
		}
	}
	for range 10 {
		second()
	}
	if n := testing.AllocsPerRun(20, second); n != 0 {
		t.Errorf("with an alarm standing: %v allocations a second", n)
	}
}

// Source: BIDMC PPG and Respiration Dataset (PhysioNet): the monitor's own numerics
// of adults in intensive care, one a second. Nobody marked which alarms were true.
// An alarm of heart rate, pulse or breaths counts as false when the other source of
// the same second (pulse, heart rate, annotated breaths) is not beyond the limit.
func TestFalseAlarmsAnHourOnBIDMC(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(foreign.Dir(t, "devices", "bidmc"), "*_Numerics.csv"))
	if len(files) == 0 {
		t.Fatal("devices/bidmc holds no numerics")
	}
	limits := Adult()
	other := map[vital.Sign]vital.Sign{vital.HeartRate: vital.PulseRate, vital.PulseRate: vital.HeartRate}
	var hours float64
	count := map[string]int{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		e := NewEngine(limits)
		crossings := map[vital.Sign]bool{}
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		for i, line := range lines[1:] {
			now := vital.Instant(i) * vital.Instant(time.Second)
			fields := strings.Split(line, ",")
			value := map[vital.Sign]vital.Reading{}
			for at, s := range map[int]vital.Sign{1: vital.HeartRate, 2: vital.PulseRate, 3: vital.RespRate, 4: vital.SpO2} {
				value[s] = vital.None(s, vital.Artefact)
				if at < len(fields) {
					if x, err := strconv.ParseFloat(strings.TrimSpace(fields[at]), 64); err == nil {
						if d, err := vital.Round(x, 0); err == nil {
							value[s] = vital.Of(s, d)
						}
					}
				}
			}
			for _, s := range []vital.Sign{vital.HeartRate, vital.PulseRate, vital.RespRate, vital.SpO2} {
				r := value[s]
				r.Arrived = now
				if v, ok := r.Value(); ok && worst(limits, s, v) > None {
					crossings[s] = true
				} else {
					if crossings[s] {
						count["crossings"]++
					}
					crossings[s] = false
				}
				for _, x := range e.Step(now, r) {
					if x.To != Sounding || x.From == Acknowledged || x.Escalated || x.From == Sounding {
						continue
					}
					kind := x.Priority.String()
					if x.Condition.Technical() {
						kind = "technical"
					}
					count[kind]++
					if o, ok := other[x.Condition.Sign]; ok && !x.Condition.Technical() {
						if v, ok := value[o].Value(); ok && worst(limits, o, v) == None {
							count["false by the other source"]++
						}
					}
				}
				for _, a := range e.Active() {
					if a.State == Sounding || a.State == Latched {
						e.Acknowledge(now, a.Condition) // a nurse answers at once
					}
				}
			}
		}
		hours += float64(len(lines)-1) / 3600
		count["withheld"] += int(e.WithheldCount())
	}
	line := fmt.Sprintf("BIDMC, %d patients, %.2f h:", len(files), hours)
	for _, kind := range []string{"crossings", "high", "medium", "technical", "withheld", "false by the other source"} {
		line += fmt.Sprintf(" %s %d (%.1f/h)", kind, count[kind], float64(count[kind])/hours)
	}
	t.Log(line)
	if count["high"]+count["medium"] > count["crossings"]+len(files)*4 {
		t.Error("the delays bring more alarms than there are crossings")
	}
}
