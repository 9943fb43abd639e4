package ambulance

import (
	"strings"
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/ui/lang"
	"fieldkit/ui/rehearsal"
	"fieldkit/ui/widget"
)

func (r *rig) charted() (out []*chart.Vitals) {
	for _, e := range r.desk.Recorded(chart.TypeVitals) {
		out = append(out, e.Content.(*chart.Vitals))
	}
	return out
}

// tapIn taps the button of that text among those given: "120" may stand on the
// screen twice.
func (a *acts) tapIn(buttons []*widget.Button, text string) {
	a.t.Helper()
	a.n++
	for _, b := range buttons {
		if b.Text() == text {
			b.Tapped(nil)
			a.settle()
			return
		}
	}
	a.t.Fatalf("no button says %q", text)
}

func TestACuffPressureByHandIsFourTaps(t *testing.T) {
	r := crew(t)
	a := acts{rig: r}
	a.tap(r.say(lang.Vitals))
	v := r.page.(*vitals)
	a.tapIn(v.picks[0], "120")
	a.tapIn(v.picks[1], "80")
	at := r.desk.Now()
	a.tap(r.say(lang.RecordIt))
	a.want(4)
	got := r.charted()
	if len(got) != 1 || len(got[0].Values) != 2 || got[0].Reason != chart.ReasonHand || len(got[0].Sources) != 1 || got[0].Sources[0].Driver != "hand" {
		t.Fatalf("on record: %+v", got)
	}
	for i, want := range []struct {
		sign vital.Sign
		text string
	}{{vital.NIBPSys, "120"}, {vital.NIBPDia, "80"}} {
		if v := got[0].Values[i]; v.Sign != want.sign || v.Value.String() != want.text || v.In() != vital.MmHg || v.Questionable {
			t.Errorf("value %d is %+v", i, v)
		}
	}
	if e := r.desk.Recorded(chart.TypeVitals)[0]; e.Encounter != r.On() || !e.Happened.Equal(at) {
		t.Error("the pressure is another patient's or of another time")
	}
	r.ask()
	r.tap(r.say(lang.BackToMonitor))
	r.run(time.Second)
	if got := r.tile(pressure); got.Digits != "120/80" || !strings.HasPrefix(got.Foot, "charted") {
		t.Errorf("the monitor's tile shows %q, %q", got.Digits, got.Foot)
	}
}

func TestWhatCannotBeIsRefusedInWordsAndNeverRounded(t *testing.T) {
	for _, c := range []struct {
		name  string
		sign  vital.Sign
		unit  vital.Unit
		texts []string
		says  string // "" when it is taken
		value string
	}{
		{"a digit too many", vital.NIBPSys, vital.MmHg, []string{"1200", "80"}, "REFUSED: 1200 is not possible", ""},
		{"the range's end", vital.NIBPSys, vital.MmHg, []string{"300", "80"}, "", "300"},
		{"beyond the range's end", vital.NIBPSys, vital.MmHg, []string{"301", "80"}, "between 0 and 300", ""},
		{"upside down", vital.NIBPSys, vital.MmHg, []string{"80", "120"}, "upper value must be above", ""},
		{"felt only", vital.NIBPSys, vital.MmHg, []string{"90", ""}, "", "90"},
		{"the lower alone", vital.NIBPSys, vital.MmHg, []string{"", "90"}, "Type the number", ""},
		{"a half breath", vital.RespRate, vital.PerMinute, []string{"12.5"}, "nothing is rounded", ""},
		{"saturation over 100", vital.SpO2, vital.Percent, []string{"101"}, "REFUSED", ""},
		{"two decimals of a temperature", vital.Temperature, vital.Celsius, []string{"36.65"}, "more than 1 decimals", ""},
		{"one decimal of it", vital.Temperature, vital.Celsius, []string{"36.6"}, "", "36.6"},
		{"Fahrenheit typed as Celsius", vital.Temperature, vital.Celsius, []string{"98.6"}, "between 10 and 50", ""},
		{"Fahrenheit", vital.Temperature, vital.Fahrenheit, []string{"98.6"}, "", "98.6"},
		{"no unit", vital.Glucose, vital.NoUnit, []string{"6"}, "Choose the unit", ""},
		{"moles", vital.Glucose, vital.MmolPerL, []string{"6.1"}, "", "6.1"},
		{"moles typed as a mass", vital.Glucose, vital.MgPerDL, []string{"6.1"}, "whole number", ""},
		{"two points", vital.Weight, vital.Kilogram, []string{"7.0.5"}, "not a number", ""},
		{"a sign alone", vital.STII, vital.Millimetre, []string{"-"}, "not a number", ""},
		{"below nought where it may be", vital.STII, vital.Millimetre, []string{"-1.5"}, "", "-1.5"},
		{"below nought where it may not", vital.Pain, vital.NoUnit, []string{"-1"}, "REFUSED", ""},
		{"pain of 11", vital.Pain, vital.NoUnit, []string{"11"}, "between 0 and 10", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := crew(t)
			r.tap(r.say(lang.Vitals))
			v := r.page.(*vitals)
			for _, m := range measuresByHand() {
				if m.signs[0] == c.sign {
					v.take(m)
				}
			}
			v.unit = c.unit
			v.text = c.texts
			r.settle()
			r.tap(r.say(lang.RecordIt))
			got, said := r.charted(), v.refused
			if c.says != "" {
				if len(got) != 0 || !strings.Contains(said, c.says) {
					t.Errorf("it says %q and recorded %+v", said, got)
				}
				return
			}
			if len(got) != 1 || got[0].Values[0].Value.String() != c.value || got[0].Values[0].In() != c.unit {
				t.Errorf("on record: %+v, said %q", got, said)
			}
		})
	}
}

func TestTheStepperMovesTheValueLastTouchedByItsLastPlace(t *testing.T) {
	r := crew(t)
	a := acts{rig: r}
	r.tap(r.say(lang.Vitals))
	v := r.page.(*vitals)
	a.tapIn(v.picks[0], "120")
	r.tap("+")
	r.tap("+")
	a.tapIn(v.picks[1], "80")
	r.tap("−")
	if got := v.sentence(); got != "NIBP  122/79 mmHg" {
		t.Errorf("the page says %q", got)
	}
	v.take(usual[4]) // temperature
	v.text[0] = "37"
	v.step(-1)
	if v.text[0] != "36.9" {
		t.Errorf("37 less one place is %q", v.text[0])
	}
}

func TestTheNumberPadTypesAnyNumber(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.Vitals))
	r.tap(r.say(lang.NumberPad))
	for _, key := range []string{"1", "3", "5", "⌫", "4"} {
		r.tap(key)
	}
	v := r.page.(*vitals)
	v.parts[1].Tapped(nil)
	for _, key := range []string{"8", "7"} {
		r.tap(key)
	}
	r.tap(r.say(lang.RecordIt))
	got := r.charted()
	if len(got) != 1 || got[0].Values[0].Value.String() != "134" || got[0].Values[1].Value.String() != "87" {
		t.Fatalf("on record: %+v", got)
	}
	r.tap(r.say(lang.TookBack))
	if n := len(r.desk.Recorded(chart.TypeRetraction)); n != 1 {
		t.Errorf("%d retractions after undo", n)
	}
}

func TestEverySignCanBeEnteredByHand(t *testing.T) {
	found := map[vital.Sign]int{}
	for _, m := range measuresByHand() {
		for _, s := range m.signs {
			found[s]++
			for i, picks := range m.picks {
				for _, n := range picks {
					if !m.signs[i].Possible(vital.Int(n), m.signs[i].Unit()) {
						t.Errorf("%v offers %d, which is not possible", m.signs[i], n)
					}
				}
				if len(picks) > pickColumns*pickRows {
					t.Errorf("%v offers more than there is room for", m.signs[i])
				}
			}
			for _, u := range m.units {
				if _, _, err := s.Range(u); u != vital.NoUnit && err != nil {
					t.Errorf("%v in %s: %v", s, u, err)
				}
			}
		}
	}
	for s := range vital.Signs {
		if found[s] != 1 {
			t.Errorf("%v can be entered %d times", s, found[s])
		}
	}
}

// A cuff result of the monitor that is newer goes before what somebody wrote down,
// and no number that a monitor follows by the second is ever taken from the record.
func TestTheRecordNeverCoversANewerNumberOfTheMonitor(t *testing.T) {
	r := crew(t)
	a := acts{rig: r}
	a.tap(r.say(lang.Vitals))
	v := r.page.(*vitals)
	a.tapIn(v.picks[0], "90")
	a.tap(r.say(lang.RecordIt))
	v.take(usual[1])
	r.open(v)
	r.settle()
	a.tapIn(v.picks[0], "40")
	a.tap(r.say(lang.RecordIt))
	r.ask()
	r.tap(r.say(lang.BackToMonitor))
	r.run(time.Second)
	if got := r.tile(pressure).Digits; got != "90/--" {
		t.Errorf("a pressure felt after the cuff's shows %q", got)
	}
	if got := r.tile(heart).Digits; got != "72" {
		t.Errorf("the heart rate shows %q", got)
	}
	r.run(5 * time.Minute) // the cuff of the rehearsal measures again
	if got := r.tile(pressure).Digits; got != "124/78" {
		t.Errorf("after a newer cuff result the tile shows %q", got)
	}
}

// A pulse that a person counted is charted, and never stands on a tile as if a
// monitor followed it.
func TestACountedPulseIsNoMonitorsNumber(t *testing.T) {
	r := crew(t)
	r.desk.Change(0, func(p *rehearsal.Patient) { p.Off = true })
	delete(r.beds, r.On())
	a := acts{rig: r}
	r.tap(r.say(lang.Vitals))
	v := r.page.(*vitals)
	v.take(usual[1])
	r.settle()
	a.tapIn(v.picks[0], "40")
	r.tap(r.say(lang.RecordIt))
	r.ask()
	r.tap(r.say(lang.BackToMonitor))
	if got := r.tile(heart).Digits; got != widget.Dashes || len(r.charted()) != 1 {
		t.Errorf("without a monitor the heart rate shows %q", got)
	}
}
