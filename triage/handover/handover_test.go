package handover

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// A crew writes entries about one patient, each a minute or more after the last.
type crew struct {
	t         *testing.T
	device    chart.Device
	withdrawn bool
	wrote     []chart.Entry
}

var (
	encounter = chart.ID{0: 1, 6: 0x70, 8: 0x80, 15: 1}
	patient   = chart.ID{0: 1, 6: 0x70, 8: 0x80, 15: 2}
)

func at(clock string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", "2026-03-01 "+clock)
	if err != nil {
		panic(err)
	}
	return t
}

func (w *crew) write(clock string, c chart.Content) chart.Ref {
	w.t.Helper()
	if err := c.Validate(); err != nil {
		w.t.Fatal(err)
	}
	seq := uint64(len(w.wrote) + 1)
	e := chart.Entry{Ref: chart.Ref{Device: w.device, Epoch: chart.Epoch{w.device[0]}, Seq: seq}, Log: 2,
		Wall: at(clock), Happened: at(clock), Trust: chart.ClockNetwork, Patient: patient, Encounter: encounter, Content: c,
		Author: chart.Author{Staff: "p1", Checked: chart.CheckedPIN}, Withdrawn: w.withdrawn}
	w.wrote = append(w.wrote, e)
	return e.Ref
}

func (w *crew) measured(clock string, s vital.Sign, value string) chart.Ref {
	w.t.Helper()
	return w.write(clock, &chart.Vitals{Reason: chart.ReasonMinute, Values: []chart.Vital{{Sign: s, Value: number(value)}}})
}

func number(s string) *vital.Decimal {
	d, err := vital.ParseDecimal(s)
	if err != nil {
		panic(err)
	}
	return &d
}

func chartOf(crews ...*crew) *chart.Chart {
	f := chart.NewFold(encounter)
	for _, w := range crews {
		f.Add(w.wrote...)
	}
	return f.Chart()
}

func text(t *testing.T, items []Item, key string) string {
	t.Helper()
	i := slices.IndexFunc(items, func(i Item) bool { return i.Key == key })
	if i < 0 {
		t.Fatalf("no item %q among %v", key, keys(items))
	}
	return items[i].Text
}

func keys(items []Item) []string {
	var out []string
	for _, i := range items {
		out = append(out, i.Key)
	}
	return out
}

// letters are the letters of the items in the order told, each run of one part once.
func letters(o Order, items []Item) string {
	out, last := "", Part("")
	for _, i := range items {
		if i.Part != last {
			out += o.Letter(i.Part)
		}
		last = i.Part
	}
	return out
}

// collapse is a chart with something under every letter.
func collapse(t *testing.T) *crew {
	w := &crew{t: t, device: chart.Device{1}}
	w.write("14:00", &chart.EncounterOpened{Setting: "ambulance", CallSign: "M21", Complaint: "chest pain, collapsed"})
	w.write("14:00", &chart.PatientRegistered{Who: chart.Demographics{Family: "Berg", Given: "Ole", Sex: chart.Male, Age: "67 a", Contact: "wife, 555 0101"}})
	w.write("13:40", &chart.Event{Name: "onset"})
	w.write("14:01", &chart.Event{Name: "with patient"})
	w.write("14:02", &chart.Assessment{Area: "chest", Findings: []chart.Finding{{Name: "crackles", Presence: chart.FindingPresent, Site: "both bases"},
		{Name: "wound", Presence: chart.FindingAbsent}, {Name: "back", Presence: chart.FindingNotAsked}}})
	w.write("14:02", &chart.Triage{Scheme: "SATS", Category: "red", Urgency: chart.Immediate})
	w.measured("14:02", vital.SpO2, "81")
	w.measured("14:02", vital.NIBPSys, "84")
	w.measured("14:20", vital.NIBPSys, "112")
	w.measured("14:20", vital.SpO2, "94")
	w.measured("14:20", vital.HeartRate, "88")
	w.measured("14:20", vital.RespRate, "24")
	w.measured("14:20", vital.GCSTotal, "15")
	w.write("14:05", &chart.DrugGiven{Drug: chart.Drug{Name: "aspirin"}, Dose: chart.Dose{Amount: number("300"), Unit: "mg", Route: "oral"}})
	w.write("14:10", &chart.DrugGiven{Drug: chart.Drug{Name: "morphine"}, Dose: chart.Dose{Amount: number("2.5"), Unit: "mg", Route: "IV"}})
	w.write("14:18", &chart.DrugGiven{Drug: chart.Drug{Name: "morphine"}, Dose: chart.Dose{Amount: number("2.5"), Unit: "mg", Route: "IV"}})
	w.write("14:08", &chart.Procedure{Name: "cannula", Site: "left forearm", Size: "18 G", Outcome: "success", Tries: 2})
	w.write("14:07", &chart.Event{Name: "12-lead ECG taken"})
	w.write("14:06", &chart.AllergyAdded{Item: chart.Named{Name: "penicillin"}, Reaction: "rash", Source: "wife"})
	w.write("14:06", &chart.MedicineAdded{Item: chart.Named{Name: "warfarin"}, Dose: "3 mg", Last: "this morning"})
	w.write("14:06", &chart.ConditionAdded{Item: chart.Named{Name: "atrial fibrillation"}, Since: "2019"})
	w.write("14:06", &chart.CodeStatus{Status: "full"})
	w.write("14:21", &chart.ETA{Seconds: 600})
	return w
}

// The orders as published: IMIST-AMBO in Iedema et al, BMJ Qual Saf 2012;21:627;
// ATMIST as Age, Time of incident, Mechanism, Injuries, Signs, Treatment.
func TestAHandoverIsToldInThePublishedOrder(t *testing.T) {
	c := chartOf(collapse(t))
	for o, want := range map[Order]struct {
		letters string
		parts   []Part
	}{
		IMISTAMBO: {"IMISTAMBO", []Part{Identification, Mechanism, Injuries, Signs, Treatment, Allergies, Medicines, Background, Other}},
		ATMIST:    {"ATMIST", []Part{Identification, Time, Mechanism, Injuries, Signs, Treatment, Allergies, Medicines, Background, Other}},
	} {
		items := Compose(c, o, at("14:22"))
		if got := letters(o, items); got != want.letters {
			t.Errorf("%s is told as %s", o, got)
		}
		var parts []Part
		for _, i := range items {
			parts = append(parts, i.Part)
			if PartOf(i.Key) != i.Part {
				t.Errorf("%s: item %s reads back as part %s, is %s", o, i.Key, PartOf(i.Key), i.Part)
			}
			if !i.Known {
				t.Errorf("%s: %s is said to be not known: %s", o, i.Key, i.Text)
			}
		}
		if parts = slices.Compact(parts); !slices.Equal(parts, want.parts) {
			t.Errorf("%s has the parts %v", o, parts)
		}
	}
}

func TestEachLetterTellsWhatTheCrewWroteWithItsTime(t *testing.T) {
	w := collapse(t)
	items := Compose(chartOf(w), IMISTAMBO, at("14:22"))
	for key, want := range map[string]string{
		"identification":        "Berg, Ole, age 67 years, male",
		"mechanism-time":        "onset at 13:40; with patient at 14:01",
		"mechanism":             "chest pain, collapsed",
		"injuries":              "chest: crackles both bases, no wound, back not examined (14:02)",
		"injuries-triage":       "triage red by SATS at 14:02",
		"signs-oxygen":          "SpO₂ 94 % at 14:20 (lowest 81 % at 14:02)",
		"signs-pressure":        "NIBP sys 112 mmHg at 14:20 (lowest 84 mmHg at 14:02)",
		"signs-heart":           "HR 88 /min at 14:20",
		"signs-consciousness":   "GCS 15 at 14:20",
		"treatment-drug-1":      "aspirin 300 mg oral at 14:05",
		"treatment-drug-2":      "morphine 2.5 mg IV at 14:10, 2.5 mg IV at 14:18; 2 doses, together 5.0 mg",
		"treatment-procedure-1": "cannula left forearm 18 G, success, 2 tries at 14:08",
		"treatment-events":      "12-lead ECG taken at 14:07",
		"treatment-trends":      "SpO₂ from 81 % at 14:02 to 94 % at 14:20; NIBP sys from 84 mmHg at 14:02 to 112 mmHg at 14:20",
		"allergies":             "penicillin (rash, says wife)",
		"medicines":             "warfarin (3 mg, last this morning)",
		"background":            "atrial fibrillation (since 2019)",
		"other-code-status":     "resuscitation: full",
		"other-people":          "next of kin: wife, 555 0101",
		"other-arrival":         "arrives at 14:31, as said at 14:21",
	} {
		if got := text(t, items, key); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
	if at := Compose(chartOf(w), ATMIST, at("14:22")); text(t, at, "time") != "onset at 13:40; with patient at 14:01" ||
		text(t, at, "treatment-arrival") != "arrives at 14:31, as said at 14:21" {
		t.Errorf("ATMIST: %q, %q", text(t, at, "time"), text(t, at, "treatment-arrival"))
	}
}

// What was tapped on the body map: what is there first, absent and not examined said as
// what they are, and bleeding that stopped told as both.
func TestInjuriesAreToldPlaceByPlace(t *testing.T) {
	w := &crew{t: t, device: chart.Device{1}}
	found := func(clock, site, name string, p chart.Presence) {
		w.write(clock, &chart.Assessment{Area: Body, Findings: []chart.Finding{{Name: name, Presence: p, Site: site}}})
	}
	found("14:02", "right hand, front", "injury", chart.FindingNotAsked)
	found("14:02", "chest, front", "injury", chart.FindingAbsent)
	found("14:02", "left forearm, front", "wound", chart.FindingPresent)
	found("14:02", "left forearm, front", "bleeding", chart.FindingPresent)
	found("14:03", "left thigh, front", "deformity", chart.FindingPresent)
	found("14:10", "left forearm, front", "bleeding", chart.FindingAbsent)
	struck := w.write("14:11", &chart.Assessment{Area: Body, Findings: []chart.Finding{{Name: "burn", Presence: chart.FindingPresent, Site: "neck, back"}}})
	w.write("14:12", &chart.Retraction{Of: struck, Why: "tapped by mistake"})
	w.write("14:12", &chart.Assessment{Area: "abdomen", Findings: []chart.Finding{{Name: "guarding", Presence: chart.FindingPresent}}})
	const want = "left forearm, front: wound, bleeding (14:02), no bleeding (14:10); left thigh, front: deformity (14:03); " +
		"chest, front: no injury (14:02); right hand, front: injury not examined (14:02); abdomen: guarding (14:12)"
	for _, o := range []Order{IMISTAMBO, ATMIST} {
		items := Compose(chartOf(w), o, at("14:22"))
		if got := text(t, items, "injuries"); got != want {
			t.Errorf("%s: %q, want %q", o, got, want)
		}
		i := slices.IndexFunc(items, func(i Item) bool { return i.Key == "injuries" })
		if len(items[i].From) != 7 || slices.Contains(items[i].From, struck) {
			t.Errorf("%s: the injuries come from %v", o, items[i].From)
		}
	}
}

func TestAClinicsComplaintIsToldWhereTheComplaintIs(t *testing.T) {
	w := &crew{t: t, device: chart.Device{1}}
	w.write("14:00", &chart.Assessment{Area: Complaint, Findings: []chart.Finding{{Name: "fever", Presence: chart.FindingPresent, Text: "for 3 days"}}})
	items := Compose(chartOf(w), IMISTAMBO, at("14:22"))
	if got := text(t, items, "mechanism"); got != "fever (for 3 days)" {
		t.Errorf("the complaint is told as %q", got)
	}
	if got := text(t, items, "injuries"); got != notKnown {
		t.Errorf("the complaint is told as an injury: %q", got)
	}
}

func TestEveryItemNamesTheEntriesItComesFrom(t *testing.T) {
	w := collapse(t)
	c := chartOf(w)
	for _, i := range Compose(c, IMISTAMBO, at("14:22")) {
		if len(i.From) == 0 {
			t.Errorf("%s names no entry", i.Key)
		}
		for _, r := range i.From {
			if c.Fact(r) == nil {
				t.Errorf("%s names %v, which is not in the chart", i.Key, r)
			}
		}
	}
}

func TestWhatNobodyWroteIsSaidToBeNotKnown(t *testing.T) {
	w := &crew{t: t, device: chart.Device{1}}
	for _, o := range []Order{IMISTAMBO, ATMIST} {
		items := Compose(chartOf(w), o, at("14:22"))
		for _, i := range items {
			if i.Known || len(i.From) > 0 || !strings.Contains(i.Text, "not known") && !strings.Contains(i.Text, "none recorded") {
				t.Errorf("%s of an empty chart: %+v", o, i)
			}
		}
		for _, key := range []string{"identification", "signs-heart", "signs-pressure", "signs-consciousness", "signs-breathing", "signs-oxygen",
			"allergies", "treatment-drugs", "other-code-status"} {
			i := slices.IndexFunc(items, func(i Item) bool { return i.Key == key })
			if i < 0 || !items[i].Critical {
				t.Errorf("%s: %s must be read back also when it is not known", o, key)
			}
		}
	}
}

func TestNoKnownAllergiesIsNotTheSameAsNobodyAsked(t *testing.T) {
	w := &crew{t: t, device: chart.Device{1}}
	w.write("14:00", &chart.AllergyAdded{Item: chart.Named{Name: "no known allergies"}, Source: "patient"})
	items := Compose(chartOf(w), IMISTAMBO, at("14:22"))
	if got := text(t, items, "allergies"); got != "no known allergies (says patient)" {
		t.Errorf("allergies: %q", got)
	}
}

func TestAProbeThatFellOffIsToldBesideTheLastValue(t *testing.T) {
	w := &crew{t: t, device: chart.Device{1}}
	w.measured("13:59", vital.SpO2, "99") // not told: a saturation is not bad for being high
	w.measured("14:00", vital.SpO2, "88")
	w.measured("14:01", vital.SpO2, "96")
	w.write("14:03", &chart.Vitals{Reason: chart.ReasonMinute, Values: []chart.Vital{{Sign: vital.SpO2, State: vital.ProbeOff}}})
	w.write("14:03", &chart.Vitals{Reason: chart.ReasonMinute, Values: []chart.Vital{{Sign: vital.HeartRate, State: vital.Searching}}})
	w.write("14:04", &chart.Vitals{Reason: chart.ReasonHand, Values: []chart.Vital{{Sign: vital.ACVPU, Value: number("3")}}})
	w.write("14:05", &chart.Vitals{Reason: chart.ReasonHand, Values: []chart.Vital{{Sign: vital.ACVPU, Value: number("0")}}})
	items := Compose(chartOf(w), ATMIST, at("14:25"))
	for key, want := range map[string]string{
		"signs-oxygen":        "SpO₂ " + vital.ProbeOff.String() + " at 14:03, last 96 % at 14:01, 24 min ago (lowest 88 % at 14:00)",
		"signs-heart":         "HR " + vital.Searching.String() + " at 14:03, never measured",
		"signs-consciousness": "ACVPU alert at 14:05, 20 min ago (worst responds to pain at 14:04)",
	} {
		if got := text(t, items, key); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
	if i := slices.IndexFunc(items, func(i Item) bool { return i.Key == "signs-heart" }); items[i].Known {
		t.Error("a heart rate that was never measured is known")
	}
}

func TestWhatIsDoubtfulIsToldAsDoubtful(t *testing.T) {
	w, lost := &crew{t: t, device: chart.Device{1}}, &crew{t: t, device: chart.Device{2}, withdrawn: true}
	w.write("14:00", &chart.PatientRegistered{Who: chart.Demographics{Age: "67 a"}})
	other := &crew{t: t, device: chart.Device{3}}
	other.write("14:00", &chart.PatientIdentified{Who: chart.Demographics{Age: "76 a"}})
	lost.write("14:01", &chart.AllergyAdded{Item: chart.Named{Name: "latex"}})
	w.write("14:05", &chart.DrugGiven{Drug: chart.Drug{Name: "naloxone"}, Dose: chart.Dose{Amount: number("0.4"), Unit: "mg"}})
	other.write("14:06", &chart.DrugGiven{Drug: chart.Drug{Name: "naloxone"}, Unknown: true, By: "bystander"})
	items := Compose(chartOf(w, lost, other), IMISTAMBO, at("14:22"))
	for key, want := range map[string]string{
		"identification":   `age (67 years or 76 years|76 years or 67 years) \(not settled\)`,
		"allergies":        `latex \(not confirmed: written on a withdrawn tablet\)`,
		"treatment-drug-1": `amount not known at 14:06 by bystander.*possible double dose`,
		"other-record":     `may not be whole: withdrawn tablet`,
	} {
		if got := text(t, items, key); !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%s: %q lacks %q", key, got, want)
		}
	}
}

func TestWhatWasTakenBackIsNotTold(t *testing.T) {
	w := &crew{t: t, device: chart.Device{1}}
	allergy := w.write("14:00", &chart.AllergyAdded{Item: chart.Named{Name: "penicillin"}})
	drug := w.write("14:01", &chart.DrugGiven{Drug: chart.Drug{Name: "adrenaline"}, Dose: chart.Dose{Amount: number("1"), Unit: "mg"}})
	w.write("14:02", &chart.AllergyRemoved{Removed: chart.Removed{Of: []chart.Ref{allergy}, Why: "other patient"}})
	w.write("14:03", &chart.Retraction{Of: drug, Why: "drawn up, not given"})
	for _, i := range Compose(chartOf(w), IMISTAMBO, at("14:22")) {
		if strings.Contains(i.Text, "penicillin") || strings.Contains(i.Text, "adrenaline") {
			t.Errorf("%s: %q", i.Key, i.Text)
		}
	}
}

func TestTimesAreOfThePlaceAndOfAnotherDayWithTheDate(t *testing.T) {
	w := &crew{t: t, device: chart.Device{1}}
	w.measured("23:50", vital.HeartRate, "120")
	east := time.FixedZone("east", 2*3600)
	items := Compose(chartOf(w), IMISTAMBO, at("23:55").In(east))
	if got := text(t, items, "signs-heart"); got != "HR 120 /min at 01:50" {
		t.Errorf("two hours east: %q", got)
	}
	items = Compose(chartOf(w), IMISTAMBO, at("23:55").Add(10*time.Minute))
	if got := text(t, items, "signs-heart"); got != "HR 120 /min at 2026-03-01 23:50, 15 min ago" {
		t.Errorf("after midnight: %q", got)
	}
}

func TestAnOfferFitsTheRecordWhateverTheChartHolds(t *testing.T) {
	w := collapse(t)
	w.write("14:30", &chart.Assessment{Area: "abdomen", Text: strings.Repeat("é", chart.MaxText/2)})
	for range 60 {
		w.write("14:31", &chart.Event{Name: "shock delivered"})
	}
	for _, crews := range [][]*crew{{{t: t}}, {w}} {
		c := chartOf(crews...)
		for _, o := range []Order{IMISTAMBO, ATMIST} {
			items := Compose(c, o, at("14:40"))
			if err := Offer(o, items).Validate(); err != nil {
				t.Errorf("%s: %v", o, err)
			}
		}
		if i := Compose(c, "SBAR", at("14:40")); letters(IMISTAMBO, i) != "IMISTAMBO" {
			t.Errorf("an unknown order is told as %s", letters(IMISTAMBO, i))
		}
	}
	if got := text(t, Compose(chartOf(w), ATMIST, at("14:40")), "injuries"); !strings.HasSuffix(got, "(cut short: read the record)") {
		t.Errorf("a text longer than the record takes ends with %q", got[len(got)-40:])
	}
}

func TestOneEntryIsToldInTheSameWords(t *testing.T) {
	for _, c := range []struct {
		content chart.Content
		want    string
	}{
		{&chart.DrugGiven{Drug: chart.Drug{Name: "morphine"}, Dose: chart.Dose{Amount: number("2.5"), Unit: "mg", Route: "IV"}}, "morphine 2.5 mg IV"},
		{&chart.DrugGiven{Drug: chart.Drug{Name: "noradrenaline"}, Phase: chart.InfusionStopped}, "noradrenaline infusion stopped"},
		{&chart.Event{Name: "shock delivered", Text: "200 J"}, "shock delivered (200 J)"},
		{&chart.Triage{Scheme: "SATS", Category: "red", Urgency: chart.Immediate}, "triage red by SATS"},
		{&chart.Note{Text: "x"}, ""},
	} {
		if got := Words(c.content); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
