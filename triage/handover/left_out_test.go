package handover

import (
	"slices"
	"strings"
	"testing"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// Under 3.9 mmol/L is hypoglycaemia alert value (ADA Standards of Care): 3.4 told as 3,
// or 4.6 kPa told as 5, is another patient. 1 mmol/L of glucose is 18.0156 mg/dL.
func TestANumberIsToldWithTheDecimalsOfItsUnit(t *testing.T) {
	w := &crew{t: t, device: chart.Device{1}}
	in := func(clock string, s vital.Sign, value string, u vital.Unit) {
		w.write(clock, &chart.Vitals{Reason: chart.ReasonHand, Values: []chart.Vital{{Sign: s, Value: number(value), Unit: u}}})
	}
	in("14:00", vital.Glucose, "3.4", vital.MmolPerL)
	in("14:10", vital.Glucose, "5.6", vital.MmolPerL)
	in("14:10", vital.EtCO2, "4.6", vital.KPa)
	in("14:10", vital.Temperature, "98.6", vital.Fahrenheit)
	in("14:10", vital.Height, "1.72", vital.Metre)
	items := Compose(chartOf(w), IMISTAMBO, at("14:12"))
	for key, want := range map[string]string{
		"signs-glucose":        "glucose 5.6 mmol/L at 14:10 (lowest 3.4 mmol/L at 14:00)",
		"signs-carbon-dioxide": "etCO₂ 4.6 kPa at 14:10",
		"signs-temperature":    "Temp 98.6 °F at 14:10",
		"signs-more":           "height 1.72 m at 14:10",
	} {
		if got := text(t, items, key); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
}

// What a crew measured, wrote or decided must not vanish between vehicle and emergency
// room because the mnemonic has no letter for it.
func TestNothingACrewWroteIsLeftOutSilently(t *testing.T) {
	w := &crew{t: t, device: chart.Device{1}}
	w.measured("14:00", vital.SpCO, "28")
	w.measured("14:00", vital.FiO2, "60")
	w.measured("14:00", vital.Ketone, "4.1")
	w.measured("14:00", vital.Temperature2, "33.2")
	w.measured("14:00", vital.P1Mean, "24")
	w.measured("14:00", vital.PEEP, "8")
	w.write("14:00", &chart.Vitals{Reason: chart.ReasonMinute, Values: []chart.Vital{{Sign: vital.Unknown, Raw: "PAP m", Value: number("31")}}})
	w.write("14:01", &chart.Note{Text: "daughter says he fell two days ago"})
	w.write("14:02", &chart.Decision{Name: "spo2-scale", Value: "2", Why: "known COPD, target 88 to 92 %"})
	w.write("14:03", &chart.DrugDispensed{Drug: chart.Drug{Name: "paracetamol"}, Quantity: number("8"), Unit: "{tablet}"})
	w.write("14:04", &chart.DrugOrdered{Drug: chart.Drug{Name: "ceftriaxone"}, Dose: chart.Dose{Amount: number("2"), Unit: "g", Route: "IV"}})
	w.write("14:05", &chart.Snapshot{Layout: "strip", Says: "acute MI suspected", Blocks: []chart.Block{{Lead: vital.ECGII, Count: 2500, Rate: vital.Int(250), Scale: vital.Int(1), Packed: []byte{1}}}})
	for _, o := range []Order{IMISTAMBO, ATMIST} {
		var all []string
		for _, i := range Compose(chartOf(w), o, at("14:06")) {
			all = append(all, i.Text)
		}
		told := strings.Join(all, "\n")
		for _, want := range []string{"SpCO 28 % at 14:00", "FiO₂ 60 % at 14:00", "ketones 4.1 mmol/L at 14:00", "Temp 2 33.2 °C at 14:00", "P1 mean 24 mmHg at 14:00", "PEEP 8 cmH₂O at 14:00",
			"PAP m 31 at 14:00", "daughter says he fell two days ago", "spo2-scale 2 (known COPD, target 88 to 92 %) at 14:02", "paracetamol", "ceftriaxone 2 g IV", "strip of 10 s kept: II, the monitor says: acute MI suspected at 14:05"} {
			if !strings.Contains(told, want) {
				t.Errorf("%s does not tell %q:\n%s", o, want, told)
			}
		}
	}
}

// Every sign there is is either told or named here as one that says nothing by itself.
func TestEverySignIsToldOrLeftOutByName(t *testing.T) {
	for s, info := range vital.Signs {
		w := &crew{t: t, device: chart.Device{1}}
		middle := vital.Int(int64(info.Min.Float()+info.Max.Float()) / 2)
		w.write("14:00", &chart.Vitals{Reason: chart.ReasonMinute, Values: []chart.Vital{{Sign: s, Value: &middle}}})
		told := false
		for _, i := range Compose(chartOf(w), IMISTAMBO, at("14:01")) {
			told = told || len(i.From) > 0
		}
		if left := slices.Contains(quiet, s); told == left {
			t.Errorf("%s: told %v, named as left out %v", info.Name, told, left)
		}
	}
}

// The tag on the wrist and the tile on the hospital's board say "tag 0417" also once the
// name is known.
func TestATagIsToldBesideTheName(t *testing.T) {
	w := &crew{t: t, device: chart.Device{1}}
	w.write("14:00", &chart.PatientRegistered{Who: chart.Demographics{Label: "tag 0417"}})
	if got := text(t, Compose(chartOf(w), IMISTAMBO, at("14:06")), "identification"); got != "tag 0417, age not known, sex not known" {
		t.Errorf("without a name: %q", got)
	}
	w.write("14:05", &chart.PatientIdentified{Who: chart.Demographics{Family: "Berg", Given: "Ole"}})
	if got := text(t, Compose(chartOf(w), IMISTAMBO, at("14:06")), "identification"); got != "Berg, Ole, also known as tag 0417, age not known, sex not known" {
		t.Errorf("with a name: %q", got)
	}
}
