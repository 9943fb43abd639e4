package clinic

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fieldkit/triage/chart"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/screen/ambulance"
	"fieldkit/ui/theme"
	"fieldkit/ui/uitest"
)

func (w *ward) openNote(patient string) {
	w.t.Helper()
	w.tap(patient)
	w.tap(w.Say(lang.NoteWord))
}

// written is what a note left on record, one line an entry.
func (w *ward) written() (out []string) {
	for _, e := range w.desk.Recorded(chart.TypeAssessment, chart.TypeConditionAdded) {
		switch c := e.Content.(type) {
		case *chart.Assessment:
			var words []string
			for _, f := range c.Findings {
				words = append(words, strings.TrimSpace(fmt.Sprintf("%s %s %s", f.Name, f.Presence, f.Text)))
			}
			out = append(out, c.Area+": "+strings.Join(append(words, c.Text), ", "))
		case *chart.ConditionAdded:
			out = append(out, "condition: "+c.Item.Name+" "+c.Source)
		}
	}
	for i := range out {
		out[i] = strings.TrimSuffix(out[i], ", ")
	}
	return out
}

func (w *ward) taps(names ...string) int {
	w.t.Helper()
	for _, n := range names {
		w.tap(n)
	}
	return len(names)
}

// chips taps words of the list in the language on screen.
func (w *ward) chips(names ...string) {
	w.t.Helper()
	for _, n := range names {
		w.tap(Chip{Name: ExampleNotes().Term(w.Language(), n)}.shown(lang.English))
	}
}

// longNote records a note in which much was asked.
func (w *ward) longNote() {
	w.t.Helper()
	w.openNote("Amina")
	w.chips("fever", "cough", "vomiting", "diarrhoea", "for 2 to 3 days")
	w.tap(w.Say(lang.NoteHistory))
	for _, c := range ExampleNotes().History[1:] {
		w.chips(c.Name, c.Name)
	}
	w.chips("asthma")
	w.tap(w.Say(lang.NoteExamination))
	w.chips("general", "ill appearance", "dehydration", "pallor", "pallor", "drowsiness", "drowsiness")
	w.tap(w.Say(lang.NoteAssessment))
	w.chips("malaria", "diarrhoea with dehydration")
	w.tap(w.Say(lang.NotePlan))
	w.chips("drink often", "oral rehydration at home", "danger signs explained", "back in 2 days")
	w.tap(w.Say(lang.RecordNote))
}

// A child with fever and cough for three days, no convulsion, a clear chest, suspected
// upper airway infection, sent home with advice: 17 taps from the queue, no letter typed.
func TestACommonNoteIsWrittenInSeventeenTaps(t *testing.T) {
	w := busy(t, theme.Day, 1280, 800, lang.English)
	say := func(k lang.Key) string { return w.Say(k) }
	n := w.taps("Amina", say(lang.NoteWord), "Fever", "Cough", "For 2 to 3 days",
		say(lang.NoteHistory), "Asthma", "Asthma", // twice is no
		say(lang.NoteExamination), "Chest", "No abnormality detected",
		say(lang.NoteAssessment), "Upper airway infection",
		say(lang.NotePlan), "Drink often", "Come back if worse")
	n += w.taps(say(lang.RecordNote))
	if n != 17 {
		t.Errorf("it took %d taps", n)
	}
	want := []string{"complaint: fever present, cough present, for 2 to 3 days", "history: asthma absent",
		"chest: no abnormality detected present", "assessment: upper airway infection present suspected", "plan: drink often present, come back if worse present"}
	if got := w.written(); !slices.Equal(got, want) {
		t.Errorf("on record:\n%q, want\n%q", got, want)
	}
	for _, e := range w.desk.Recorded(chart.TypeAssessment) {
		if e.Encounter != (chart.ID{15: 2}) || e.Patient != (chart.ID{0: 9, 15: 2}) {
			t.Errorf("an entry went to %v", e.Encounter)
		}
		if err := e.Content.Validate(); err != nil {
			t.Error(err)
		}
	}
	if got := w.Say(lang.RecordNote) + ", " + w.Say(lang.ListExample); !found(w, got) {
		t.Error("what was recorded still waits to be recorded")
	}
	w.tap(say(lang.TookBack)) // one tap takes the whole note back
	if back := w.desk.Recorded(chart.TypeRetraction); len(back) != len(want) {
		t.Errorf("%d of %d entries were taken back", len(back), len(want))
	}
}

func TestANoteSaysNothingOfWhatNobodyAsked(t *testing.T) {
	list := ExampleNotes()
	chip := func(s section, system int, name string) place {
		i := slices.IndexFunc(list.chips(s, system), func(c Chip) bool { return c.Name == name })
		if i < 0 {
			t.Fatalf("no chip %q", name)
		}
		return place{s, system, i}
	}
	chest := slices.IndexFunc(list.Examination, func(s System) bool { return s.Name == "chest" })
	for _, c := range []struct {
		name string
		taps []place
		want string
	}{
		{"nothing tapped", nil, ""},
		{"yes", []place{chip(history, 0, "pregnancy")}, "history: pregnancy present"},
		{"no", slices.Repeat([]place{chip(history, 0, "pregnancy")}, 2), "history: pregnancy absent"},
		{"not asked after all", slices.Repeat([]place{chip(history, 0, "pregnancy")}, 3), ""},
		{"an illness that stays", []place{chip(history, 0, "diabetes")}, "condition diabetes patient"},
		{"an illness that is not", slices.Repeat([]place{chip(history, 0, "diabetes")}, 2), "history: diabetes absent"},
		{"suspected", []place{chip(judgement, 0, "malaria")}, "assessment: malaria present suspected"},
		{"confirmed", slices.Repeat([]place{chip(judgement, 0, "malaria")}, 2), "condition malaria clinician"},
		{"ruled out", slices.Repeat([]place{chip(judgement, 0, "malaria")}, 3), "assessment: malaria absent"},
		{"normal, and then not", []place{chip(examination, chest, "no abnormality detected"), chip(examination, chest, "wheeze")}, "chest: wheeze present"},
		{"found, and then normal", []place{chip(examination, chest, "wheeze"), chip(examination, chest, "no abnormality detected")}, "chest: no abnormality detected present"},
		{"normal beside what is not there", append(slices.Repeat([]place{chip(examination, chest, "wheeze")}, 2), chip(examination, chest, "no abnormality detected")),
			"chest: no abnormality detected present, wheeze absent"},
		{"a complaint is never no", slices.Repeat([]place{chip(complaint, 0, "fever")}, 2), ""},
	} {
		n := newNote()
		for _, p := range c.taps {
			n.tapped(list, p)
		}
		var got []string
		for _, content := range n.contents(list) {
			if err := content.Validate(); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			switch x := content.(type) {
			case *chart.Assessment:
				var words []string
				for _, f := range x.Findings {
					words = append(words, strings.TrimSpace(f.Name+" "+string(f.Presence)+" "+f.Text))
				}
				got = append(got, x.Area+": "+strings.Join(words, ", "))
			case *chart.ConditionAdded:
				got = append(got, "condition "+x.Item.Name+" "+x.Source)
			}
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// A note that waits is said on the visit page, kept for the person who tapped it, and not
// recorded by another or for another patient.
func TestANoteThatWaitsIsNeitherLostNorAnothers(t *testing.T) {
	w := busy(t, theme.Day, 1280, 800, lang.English)
	w.openNote("Amina")
	w.taps("Fever", "Cough", w.Say(lang.VisitWord))
	if !found(w, w.Say(lang.NoteWord)+", "+w.Say(lang.NotRecordedYet, 2)) {
		t.Error("the visit page does not say that a note waits")
	}
	w.hold(w.Say(lang.VisitOver))
	if closed := w.desk.Recorded(chart.TypeEncounterClosed); len(closed) != 0 {
		t.Error("the visit ended before its note was recorded")
	}
	w.tap(w.Say(lang.Queue))
	w.openNote("Efua")
	if !found(w, w.Say(lang.RecordNote)+", "+w.Say(lang.ListExample)) {
		t.Error("one patient's note is on another's page")
	}
	w.tap(w.Say(lang.Queue))
	w.openNote("Amina")
	if !found(w, "Fever, "+w.Say(lang.Yes)) {
		t.Error("the note was lost on the way")
	}
	w.desk.Set(func(s *ui.Station) { s.SignedIn = "B. Diallo" })
	w.settle()
	if found(w, w.Say(lang.RecordNote)) {
		t.Error("the page of the one before still stands")
	}
	w.taps("Efua", w.Say(lang.Queue), "Amina")
	if !found(w, w.Say(lang.NoteWord)+", "+w.Say(lang.OthersNote, "A. Okoro")) {
		t.Error("the visit page does not say that another's note waits")
	}
	w.tap(w.Say(lang.NoteWord))
	if found(w, "Fever, "+w.Say(lang.Yes)) {
		t.Error("another's answers are shown as one's own")
	}
}

func TestANoteThatCannotBeRecordedStays(t *testing.T) {
	w := busy(t, theme.Day, 1280, 800, lang.English)
	w.openNote("Amina")
	w.taps("Fever", w.Say(lang.NotePlan), "Rest")
	w.desk.Fail(&ui.Trouble{What: "the disk is full", Do: "Free space"})
	w.tap(w.Say(lang.RecordNote))
	if len(w.written()) != 0 || !found(w, "Rest, "+w.Say(lang.Yes)) {
		t.Errorf("on record %q", w.written())
	}
	w.desk.Fail(nil)
	w.tap(w.Say(lang.RecordNote))
	if got := w.written(); len(got) != 2 {
		t.Errorf("on record %q", got)
	}
	w.tap(w.Say(lang.RecordNote)) // again: nothing waits
	if got := w.written(); len(got) != 2 {
		t.Errorf("on record %q", got)
	}
}

// The record's page tells each entry with who wrote it and where, and a correction takes
// it back as any other entry.
func TestANoteStandsInTheTimelineWithItsSourceAndCanBeCorrected(t *testing.T) {
	w := busy(t, theme.Day, 1280, 800, lang.French)
	w.openNote("Amina")
	w.taps("Fièvre", w.Say(lang.NoteHistory), "Asthme", w.Say(lang.NoteExamination), "Poumons", "Sibilants", "Sibilants", w.Say(lang.RecordNote))
	w.taps(w.Say(lang.VisitWord), w.Say(lang.Record))
	texts := strings.Join(uitest.Texts(w.Object()), "\n")
	for _, want := range []string{"plainte : fièvre", "Antécédent : asthme", "poumons : sans sibilants"} {
		at := strings.Index(texts, want)
		if at < 0 {
			t.Errorf("the record does not tell %q:\n%s", want, texts)
			continue
		}
		line, _, _ := strings.Cut(texts[at:], "\n")
		if !strings.Contains(line, w.Say(lang.FromHere)) {
			t.Errorf("the source is missing: %q", line)
		}
	}
	w.tap(w.Say(lang.CorrectWord))
	w.tap("09:31   plainte")
	w.tap(w.Say(lang.WrongEntry))
	w.hold(w.Say(lang.HoldTakeBack))
	if back := w.desk.Recorded(chart.TypeRetraction); len(back) != 1 {
		t.Errorf("taken back: %v", back)
	}
}

func TestTheBodyMapIsUsableInTheClinic(t *testing.T) {
	w := busy(t, theme.Day, 1280, 800, lang.English)
	w.taps("Amina", w.Say(lang.InjuriesWord), "left foot, front", w.Say(lang.Burn))
	if got := w.written(); !slices.Equal(got, []string{"injuries: burn present"}) {
		t.Errorf("on record %q", got)
	}
}

func TestTheExampleListIsApprovedByNobodyAndHasItsWordsInEveryLanguage(t *testing.T) {
	l := ExampleNotes()
	if l.Approved != "" {
		t.Error("the list the program comes with calls itself approved")
	}
	all := [][]Chip{l.Complaint, l.Since, l.History, l.Assessment, l.Plan}
	for _, s := range l.Examination {
		all = append(all, []Chip{s.Chip}, s.Findings)
	}
	for _, chips := range all {
		for _, c := range chips {
			if c.French == "" || c.Spanish == "" {
				t.Errorf("%q has no French or Spanish", c.Name)
			}
			if l.Term(lang.French, c.Name) == "" || l.Term(lang.English, c.Name) != c.Name {
				t.Errorf("%q is not found by its name", c.Name)
			}
		}
	}
	if got := l.Term(lang.Spanish, "somebody's own words"); got != "somebody's own words" {
		t.Errorf("unknown words became %q", got)
	}
}

func TestHalfAListOfNotesIsNone(t *testing.T) {
	whole := string(exampleNotes)
	for name, bad := range map[string]string{
		"a field nobody knows":          strings.Replace(whole, `"approved"`, `"aproved"`, 1),
		"a word twice":                  strings.Replace(whole, `"cough"`, `"Fever"`, 1),
		"an empty word":                 strings.Replace(whole, `"cough"`, `" "`, 1),
		"a system that is another part": strings.Replace(whole, `"name": "heart"`, `"name": "plan"`, 1),
		"too many words":                strings.Replace(whole, `"plan": [`, `"plan": [`+strings.Repeat(`{"name":"x"},`, 3), 1),
		"cut short":                     whole[:len(whole)/2],
	} {
		if l, err := ReadNotes([]byte(bad)); err == nil || l != nil {
			t.Errorf("%s: read without an error", name)
		}
	}
}

func TestASitesOwnListIsTheOneOnScreen(t *testing.T) {
	own := `{"approved":"Dr Sy, 2026-01-02","complaint":[{"name":"snake bite"}],"history":[{"name":"a"}],"examination":[{"name":"limb","findings":[{"name":"b"}]}],"assessment":[{"name":"c"}],"plan":[{"name":"d"}]}`
	list, err := ReadNotes([]byte(own))
	if err != nil {
		t.Fatal(err)
	}
	w := newWard(t, theme.Day, 1280, 800, lang.English)
	w.Screen = NewWith(w.desk, ambulance.Options{Clock: w.desk.Now}, list)
	w.win.SetContent(w.Object())
	w.settle()
	w.openNote("tag 0417")
	w.taps("Snake bite", w.Say(lang.RecordNote))
	if got := w.written(); !slices.Equal(got, []string{"complaint: snake bite present"}) {
		t.Errorf("on record %q", got)
	}
	if found(w, w.Say(lang.RecordNote)+", "+w.Say(lang.ListExample)) {
		t.Error("an approved list is called an example")
	}
}
