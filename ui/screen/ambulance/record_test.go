package ambulance

import (
	"context"
	"strings"
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/ui"
	"fieldkit/ui/lang"
)

// lineOf is the line of the record that an entry of ten minutes ago is told in.
func (r *rig) lineOf(c chart.Content) string {
	r.t.Helper()
	if err := c.Validate(); err != nil {
		r.t.Fatal(err)
	}
	done := r.put(10*time.Minute, c)
	r.tap(r.say(lang.Trends))
	r.tap(r.say(lang.Record))
	r.settle()
	p := r.page.(*timeline)
	for i, f := range p.facts {
		if f.Ref == done.Ref {
			return p.words.texts[i-p.at+1].Text
		}
	}
	r.t.Fatalf("%T is not in the record", c)
	return ""
}

// The record is read aloud at a bedside: what it does not say was not done.
func TestTheRecordTellsWhatEachEntrySaysNotItsKindAlone(t *testing.T) {
	n, unconscious := vital.Int(2), vital.Int(4)
	for _, c := range []struct {
		content chart.Content
		want    []string
	}{
		{&chart.CodeStatus{Status: "no CPR", Document: "seen"}, []string{"No CPR", "Paper seen"}},
		{&chart.Refusal{What: "transport", Capacity: "yes"}, []string{"transport"}},
		{&chart.Consent{What: "treatment", Status: "refused"}, []string{"treatment"}},
		{&chart.Decision{Name: "spo2-scale", Value: "2", Why: "COPD"}, []string{"spo2-scale 2", "COPD"}},
		{&chart.DrugOrdered{Drug: chart.Drug{Name: "ceftriaxone"}, Dose: chart.Dose{Amount: &n, Unit: "g", Route: "IV"}}, []string{"asked for: ceftriaxone 2 g IV"}},
		{&chart.DrugRefused{Drug: chart.Drug{Name: "morphine"}}, []string{"morphine refused"}},
		{&chart.DrugDispensed{Drug: chart.Drug{Name: "paracetamol"}, Quantity: &n, Unit: "{tablet}"}, []string{"paracetamol 2"}},
		{&chart.DrugWasted{Drug: chart.Drug{Name: "fentanyl"}, Amount: &n, Unit: "ug"}, []string{"thrown away: fentanyl 2 microgram"}},
		{&chart.Procedure{Name: "cannula", Site: "left forearm", Outcome: "failed", Tries: 2}, []string{"cannula left forearm, failed, 2 tries"}},
		{&chart.Assessment{Area: "chest", Findings: []chart.Finding{{Name: "crackles", Presence: chart.FindingAbsent}}}, []string{"chest: no crackles"}},
		{&chart.ConditionAdded{Item: chart.Named{Name: "asthma"}}, []string{"asthma"}},
		{&chart.MedicineAdded{Item: chart.Named{Name: "warfarin"}, Dose: "3 mg"}, []string{"warfarin (3 mg)"}},
		{&chart.AllergyAdded{Item: chart.Named{Name: "latex"}, Severity: "anaphylaxis"}, []string{"latex (anaphylaxis)"}},
		{&chart.EncounterBoundFor{Name: "St Mary"}, []string{"St Mary"}},
		{&chart.Order{What: "glucose", When: "now"}, []string{"glucose now"}},
		{&chart.Vitals{Reason: chart.ReasonHand, Values: []chart.Vital{{Sign: vital.ACVPU, Value: &unconscious}}}, []string{"ACVPU U"}},
		{&chart.Vitals{Reason: chart.ReasonMinute, Values: []chart.Vital{{Sign: vital.SpO2, State: vital.ProbeOff}, {Sign: vital.HeartRate, Value: &n}}}, []string{"HR 2 /min", "SpO₂ probe off"}},
		{&chart.Vitals{Reason: chart.ReasonMinute, Values: []chart.Vital{{Sign: vital.Unknown, Raw: "PAP m", Value: &n}}}, []string{"PAP m 2"}},
	} {
		r := crew(t)
		got := r.lineOf(c.content)
		for _, want := range c.want {
			if !strings.Contains(strings.ToLower(got), strings.ToLower(want)) {
				t.Errorf("%T is told as %q, want %q", c.content, got, want)
			}
		}
		if strings.Contains(got, c.content.Type().String()) {
			t.Errorf("%T is told by its kind: %q", c.content, got)
		}
	}
}

// The rehearsal's clock says 09:31 on 2 March: what was ten hours ago was another day,
// and whoever reads 23:31 at a bedside takes it for last night's or this evening's.
func TestWhatHappenedOnAnotherDayHasItsDay(t *testing.T) {
	r := crew(t)
	const day = "2026-03-01 23:31"
	kg := vital.Int(38)
	late := 10 * time.Hour
	r.put(late, &chart.Event{Name: "fell"})
	r.put(late, &chart.CodeStatus{Status: "no CPR"})
	r.put(late, &chart.Vitals{Reason: chart.ReasonHand, Values: []chart.Vital{{Sign: vital.Temperature, Value: &kg}}})
	r.tap(r.say(lang.Trends))
	r.settle()
	if all := strings.Join(r.texts(), "\n"); !strings.Contains(all, day) {
		t.Errorf("the trends say\n%s", all)
	}
	r.tap(r.say(lang.Record))
	r.settle()
	for i := range r.page.(*timeline).facts[:3] {
		if got := r.page.(*timeline).words.texts[i+1].Text; strings.Contains(got, "23:31") && !strings.Contains(got, day) {
			t.Errorf("the record says %q", got)
		}
	}
	r.tap(r.say(lang.CorrectWord))
	r.settle()
	if all := strings.Join(r.texts(), "\n"); !strings.Contains(all, day) {
		t.Errorf("what may be corrected is\n%s", all)
	}
	r.home()
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.DecisionsWord))
	r.settle()
	if all := strings.Join(r.texts(), "\n"); !strings.Contains(all, day) {
		t.Errorf("the decisions say\n%s", all)
	}
	old := chart.ID{15: 5}
	if _, err := r.desk.Record(context.Background(), ui.Draft{Encounter: old, Patient: chart.ID{0: 9, 15: 5}, Happened: r.desk.Now().Add(-late), Content: &chart.EncounterOpened{Setting: "ambulance"}}); err != nil {
		t.Fatal(err)
	}
	r.ask()
	r.turnTo(old)
	r.settle()
	if got := strings.Join(r.texts(), "\n"); !strings.Contains(got, day) {
		t.Errorf("the band says\n%s", got)
	}
}

// 100.4 °F is 38 °C and 5.1 kPa 38 mmHg (NIST SP 811): one column of bare numbers of two
// units is read as one.
func TestTheTrendsNameTheirUnitsAndWhereANumberHasAnother(t *testing.T) {
	r := crew(t)
	fever, carbon, pulse := vital.Dec(1004, -1), vital.Dec(51, -1), vital.Int(88)
	r.put(time.Minute, &chart.Vitals{Reason: chart.ReasonHand, Values: []chart.Vital{
		{Sign: vital.Temperature, Value: &fever, Unit: vital.Fahrenheit}, {Sign: vital.EtCO2, Value: &carbon, Unit: vital.KPa}, {Sign: vital.PulseRate, Value: &pulse}, {Sign: vital.RespRate, Value: &pulse}}})
	r.tap(r.say(lang.Trends))
	r.settle()
	p := r.page.(*trends)
	var head, row []string
	for i := range p.cells[0] {
		head, row = append(head, p.cells[0][i].Text), append(row, p.cells[1][i].Text)
	}
	for i, want := range []string{"", "HR, PR /min", "SpO₂ %", "NIBP sys mmHg", "NIBP dia mmHg", "RR /min", "etCO₂ mmHg", "Temp °C"} {
		if head[i] != want {
			t.Errorf("column %d is headed %q, want %q", i, head[i], want)
		}
	}
	if row[7] != "100.4 °F" || row[6] != "5.1 kPa" || row[1] != "PR 88" || row[5] != "88" {
		t.Errorf("the row says %q", row)
	}
	for _, line := range p.cells {
		for _, c := range line {
			if wide := c.MinSize().Width; wide > c.Size().Width {
				t.Errorf("%q is %v wide in %v", c.Text, wide, c.Size().Width)
			}
		}
	}
}

// A hospital's message may be 16,000 bytes long, and the record is where all of it stands.
func TestALongEntryIsReadToItsEndInTheRecord(t *testing.T) {
	r := crew(t)
	var words []string
	for n := range 120 {
		words = append(words, "word"+vital.Int(int64(n)).String())
	}
	for range 3 {
		r.put(time.Minute, &chart.Note{Text: strings.Join(words, " ")})
	}
	r.put(time.Minute, &chart.Note{Text: strings.Repeat("endless ", 1900)})
	for range 30 {
		r.put(time.Hour, &chart.Event{Name: "IV access"})
	}
	r.tap(r.say(lang.Trends))
	r.tap(r.say(lang.Record))
	r.settle()
	p := r.page.(*timeline)
	said, count, cut := map[string]int{}, 0, false
	var first []string
	for {
		for i, l := range p.words.texts[1:] {
			if wide := l.MinSize().Width; wide > p.words.root.Size().Width {
				t.Fatalf("line %d, %.40q, is %v wide", i, l.Text, wide)
			}
			for _, w := range strings.Fields(l.Text) {
				said[w]++
			}
			count += strings.Count(l.Text, "IV access")
			cut = cut || strings.Contains(l.Text, "endless") && strings.Contains(l.Text, "more")
		}
		first = append(first, p.words.texts[1].Text)
		if p.at+len(p.rows) >= len(p.facts) {
			break
		}
		p.on.OnTap()
		r.settle()
	}
	for _, w := range words {
		if said[w] != 3 {
			t.Fatalf("%q is read %d times of 3", w, said[w])
		}
	}
	if count != 30 || !cut {
		t.Errorf("%d of 30 events are read; a note of more than a page says that it goes on: %v", count, cut)
	}
	for len(first) > 1 { // and back the same way
		first = first[:len(first)-1]
		p.back.OnTap()
		r.settle()
		if got := p.words.texts[1].Text; got != first[len(first)-1] {
			t.Fatalf("going back the page begins with %.60q, want %.60q", got, first[len(first)-1])
		}
	}
	if p.at != 0 || len(p.before) != 0 {
		t.Error("on the first page there is something newer")
	}
}

// An entry that sets an age says nothing of a name: it must not read as if the patient had
// become unknown.
func TestAnEntryOfAgeAndSexTellsThoseAlone(t *testing.T) {
	for _, c := range []struct {
		who  chart.Demographics
		want string
	}{
		{chart.Demographics{Age: "18 mo", Sex: chart.Female}, "F  18 months"},
		{chart.Demographics{Family: "Diallo", Given: "Awa"}, "Awa DIALLO"},
		{chart.Demographics{Contact: "wife, 555 0101"}, "wife, 555 0101"},
		{chart.Demographics{Birth: "1980-05-01"}, "born 1980-05-01"},
		{chart.Demographics{Label: "tag 0500"}, "tag 0500"},
	} {
		r := crew(t)
		got := r.lineOf(&chart.PatientIdentified{Who: c.who})
		if !strings.Contains(got, c.want) || strings.Contains(got, r.say(lang.UnknownPatient)) || strings.Contains(got, r.say(lang.AgeUnknown)) {
			t.Errorf("%+v is told as %q, want %q", c.who, got, c.want)
		}
	}
}
