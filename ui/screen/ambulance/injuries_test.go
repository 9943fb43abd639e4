package ambulance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/handover"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/rehearsal"
	"fieldkit/ui/theme"
	"fieldkit/ui/uitest"
	"fieldkit/ui/widget"
)

func (r *rig) openInjuries() {
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.InjuriesWord))
}

// place opens the page of a place from the body map, turning the figure over when need be.
func (r *rig) place(site string) {
	r.t.Helper()
	name := r.speech.Site(site)
	if where, _ := widget.RegionOf(site); !r.page.(*injuries).body.Both() && where.Side != r.page.(*injuries).body.Shown() {
		r.tap(r.say(lang.TurnOver))
	}
	r.tap(name)
	r.settle()
}

// bodyPages opens each page of the body in turn, for the tests that walk them all.
func bodyPages(r *rig, look func(name string)) {
	r.openInjuries()
	r.settle()
	look("body map")
	for _, site := range []string{"left forearm, front", "abdomen, front", "head, back"} {
		r.place(site)
		look("place " + site)
		r.tap(r.say(lang.ChooseNotThere))
		look("place, not there " + site)
		r.tap(r.say(lang.Bleeding))
		r.tap(r.say(lang.Burn))
		r.run(3 * time.Second)
		r.settle()
		look("place, charted " + site)
		r.tap(r.say(lang.BodyMap))
		r.settle()
	}
	look("body map, charted")
	r.tap(r.say(lang.BackToMonitor))
}

// injured is a patient of whom each standing is charted.
func injured(r *rig) {
	r.t.Helper()
	for _, f := range []chart.Finding{
		{Name: "wound", Presence: chart.FindingPresent, Site: "left forearm, front"}, {Name: "bleeding", Presence: chart.FindingPresent, Site: "left forearm, front"},
		{Name: "deformity", Presence: chart.FindingPresent, Site: "right ankle, front"}, {Name: "pain", Presence: chart.FindingAbsent, Site: "cervical spine"},
		{Name: anyInjury, Presence: chart.FindingAbsent, Site: "chest, front"}, {Name: anyInjury, Presence: chart.FindingNotAsked, Site: "buttocks, back"},
		{Name: "burn", Presence: chart.FindingPresent, Site: "left hand, back"}, {Name: "crackles", Presence: chart.FindingPresent, Site: "both bases"},
	} {
		if _, err := r.desk.Record(context.Background(), ui.Draft{Encounter: r.On(), Patient: chart.ID{0: 9, 15: 1}, Happened: r.desk.Now(),
			Content: &chart.Assessment{Area: handover.Body, Findings: []chart.Finding{f}}}); err != nil {
			r.t.Fatal(err)
		}
	}
}

func TestThePagesOfTheBodyLookAsTheyDid(t *testing.T) {
	for _, p := range []struct {
		name string
		open func(*rig)
	}{
		{"injuries", func(r *rig) { injured(r); r.openInjuries(); r.settle() }},
		{"place", func(r *rig) {
			injured(r)
			r.openInjuries()
			r.settle()
			r.place("left hand, back")
			r.tap(r.say(lang.Swelling))
			r.run(3 * time.Second)
		}},
		{"placenot", func(r *rig) {
			injured(r)
			r.openInjuries()
			r.settle()
			r.place("left forearm, front")
			r.tap(r.say(lang.ChooseNotThere))
		}},
	} {
		for _, look := range theme.Looks {
			t.Run(p.name+"_"+look.String(), func(t *testing.T) { picture(t, p.name, look, 1280, 800, p.open) })
		}
	}
	t.Run("injuries_small", func(t *testing.T) {
		picture(t, "injuries", theme.Night, 1024, 600, func(r *rig) { injured(r); r.openInjuries(); r.settle() })
	})
	t.Run("place_small", func(t *testing.T) {
		picture(t, "place", theme.Night, 1024, 600, func(r *rig) {
			injured(r)
			r.openInjuries()
			r.settle()
			r.place("left forearm, front")
		})
	})
}

// findings are those on record, as "site: name presence".
func (r *rig) findings() (out []string) {
	for _, e := range r.desk.Recorded(chart.TypeAssessment) {
		a := e.Content.(*chart.Assessment)
		for _, f := range a.Findings {
			out = append(out, fmt.Sprintf("%s/%s: %s %s", a.Area, f.Site, f.Name, f.Presence))
		}
	}
	return out
}

func TestAnInjuryIsChartedInFourActsAndTakenBackInOne(t *testing.T) {
	a := &acts{rig: crew(t)}
	a.tap(a.say(lang.More))
	a.tap(a.say(lang.InjuriesWord))
	a.tap("left forearm, front")
	at := a.desk.Now()
	a.tap(a.say(lang.Wound))
	a.want(4)
	a.settle()
	if got := a.findings(); !slices.Equal(got, []string{"injuries/left forearm, front: wound present"}) {
		t.Fatalf("on record: %q", got)
	}
	e := a.desk.Recorded(chart.TypeAssessment)[0]
	if e.Encounter != a.On() || e.Patient != (chart.ID{0: 9, 15: 1}) || !e.Happened.Equal(at) {
		t.Errorf("recorded for %v at %v", e.Encounter, e.Happened)
	}
	a.tap(a.say(lang.TookBack))
	a.want(5)
	a.settle()
	if back := a.desk.Recorded(chart.TypeRetraction); len(back) != 1 || back[0].Content.(*chart.Retraction).Of != e.Ref {
		t.Errorf("taken back: %v", back)
	}
	a.settle()
	if got := a.page.(*region).presence("wound"); got != "" {
		t.Errorf("the page still says that the wound is %s", got)
	}
	a.tap(a.say(lang.Wound)) // it was right after all
	if got := a.findings(); len(got) != 2 {
		t.Errorf("on record: %q", got)
	}
}

func TestATapThatComesTwiceChartsOnce(t *testing.T) {
	r := crew(t)
	r.openInjuries()
	r.place("left forearm, front")
	r.tap(r.say(lang.Wound))
	r.tap(r.say(lang.Wound)) // before the page has read the record again
	r.run(refreshEvery + time.Second)
	r.settle()
	r.tap(r.say(lang.Wound)) // it is there
	r.run(15 * time.Second)
	r.settle()
	r.tap(r.say(lang.Wound))
	if got := r.findings(); len(got) != 1 {
		t.Errorf("on record: %q", got)
	}
	r.tap(r.say(lang.Bleeding)) // two different ones at once are two
	r.tap(r.say(lang.Pain))
	r.settle()
	if got := r.findings(); len(got) != 3 {
		t.Errorf("on record: %q", got)
	}
}

func TestAbsentNotExaminedAndNothingChartedStayApart(t *testing.T) {
	r := crew(t)
	r.openInjuries()
	r.place("chest, front")
	r.tap(r.say(lang.NoInjuryHere))
	r.tap(r.say(lang.BodyMap))
	r.place("right hand, back")
	r.tap(r.say(lang.NotExamined))
	r.tap(r.say(lang.BodyMap))
	r.place("abdomen, front")
	r.tap(lang.Capital("right upper abdomen"))
	r.tap(r.say(lang.Pain))
	r.tap(r.say(lang.ChooseNotThere))
	r.tap(r.say(lang.Bleeding))
	r.settle()
	want := []string{"injuries/chest, front: injury absent", "injuries/right hand, back: injury not_examined",
		"injuries/right upper abdomen: pain present", "injuries/right upper abdomen: bleeding absent"}
	if got := r.findings(); !slices.Equal(got, want) {
		t.Fatalf("on record: %q, want %q", got, want)
	}
	if r.page.(*region).absent {
		t.Error("the next tap would say that something is not there")
	}
	r.run(refreshEvery + time.Second)
	r.settle()
	r.tap(r.say(lang.BodyMap))
	r.settle()
	told := map[string]string{}
	for _, target := range uitest.Targets(r.Object()) {
		if site, words, ok := strings.Cut(target.Name, ": "); ok {
			told[site] = words
		} else {
			told[target.Name] = ""
		}
	}
	for site, words := range map[string]string{
		"chest, front": "no injury", "right hand, back": "injury not examined",
		"abdomen, front": "right upper abdomen: pain, right upper abdomen: no bleeding", "left foot, back": "",
	} {
		if got, ok := told[site]; !ok || got != words {
			t.Errorf("%s is told as %q, want %q", site, got, words)
		}
	}
}

func TestNoOtherInjuryLeavesWhatIsThere(t *testing.T) {
	r := crew(t)
	injured(r)
	r.openInjuries()
	r.settle()
	r.hold(r.say(lang.NoOtherInjury), 1100*time.Millisecond)
	r.settle()
	r.run(refreshEvery + time.Second)
	r.settle()
	if got, want := r.findings(), "injuries/whole body: other injury absent"; got[len(got)-1] != want {
		t.Errorf("on record: %q, want %q", got[len(got)-1], want)
	}
	marks, off := r.marks(places(r.page.(*injuries).chart))
	for site, want := range map[string]string{
		"left forearm, front": "+2", "right foot, front": "+1", "chest, front": "−", "neck, back": "−", "buttocks, back": "?", "left foot, back": "−",
	} {
		if got := marks[site].Sign(); got != want {
			t.Errorf("%s has the sign %q, want %q", site, got, want)
		}
	}
	if !slices.Equal(off, []string{"both bases: crackles"}) {
		t.Errorf("off the map: %q", off)
	}
}

// What two tablets chart while apart: one says the bleeding is there, the other that it
// is not. A clock does not take it away; who had seen it may.
func TestAnInjuryIsNotTakenAwayByATabletThatHadNotSeenIt(t *testing.T) {
	entry := func(device byte, seq uint64, minute int, p chart.Presence, saw ...chart.Ref) chart.Entry {
		at := time.Date(2026, 3, 2, 9, minute, 0, 0, time.UTC)
		return chart.Entry{Ref: chart.Ref{Device: chart.Device{device}, Epoch: chart.Epoch{device}, Seq: seq}, Log: 2, Wall: at, Happened: at, Trust: chart.ClockNetwork,
			Encounter: chart.ID{15: 1}, Patient: chart.ID{15: 9}, Saw: saw, Author: chart.Author{Staff: "p1", Checked: chart.CheckedPIN},
			Content: &chart.Assessment{Area: handover.Body, Findings: []chart.Finding{{Name: "bleeding", Presence: p, Site: "left thigh, front"}}}}
	}
	there := entry(1, 1, 10, chart.FindingPresent)
	for _, c := range []struct {
		name string
		then chart.Entry
		want chart.Presence
	}{
		{"not there, by one who had not seen it", entry(2, 1, 12, chart.FindingAbsent), chart.FindingPresent},
		{"not there, by one who had", entry(2, 1, 12, chart.FindingAbsent, there.Ref), chart.FindingAbsent},
		{"not examined, by one who had", entry(2, 1, 12, chart.FindingNotAsked, there.Ref), chart.FindingPresent},
	} {
		fold := chart.NewFold(chart.ID{15: 1})
		fold.Add(there, c.then)
		if got := places(fold.Chart())["left thigh, front"]; len(got) != 1 || got[0].Presence != c.want {
			t.Errorf("%s: %+v, want %s", c.name, got, c.want)
		}
	}
}

func TestTheBodyOfOnePatientRecordsNothingForAnother(t *testing.T) {
	r := crew(t)
	second := rehearsal.Well(chart.ID{15: 2})
	r.desk.Add(second, chart.Demographics{Label: "tag 0418"})
	r.ask()
	r.openInjuries()
	r.place("left forearm, front")
	r.on = second.Encounter // as if the patient changed under the finger
	r.tap(r.say(lang.Wound))
	r.settle()
	if got := r.findings(); len(got) != 0 {
		t.Fatalf("on record: %q", got)
	}
	if got := r.frame.bar.Notice(); !strings.Contains(got.Text, "NOT RECORDED") {
		t.Errorf("the bar says %v", got)
	}
}

func TestABodyWhoseRecordCannotBeReadIsNotCalledWell(t *testing.T) {
	r := crew(t)
	r.openInjuries()
	r.settle()
	r.desk.Away(&ui.Trouble{What: "the store is gone", Do: "Restart"})
	r.open(newInjuries(r.Screen))
	r.settle()
	r.settle()
	texts := strings.Join(r.texts(), "\n")
	if !strings.Contains(texts, "the store is gone") || strings.Contains(texts, r.say(lang.NothingOnBody)) {
		t.Errorf("the page says %q", texts)
	}
}

// What a withdrawn tablet charted gives no sign and is told as doubtful; and where entries
// are missing the page says that no sign is no proof.
func TestABodyWhoseRecordIsInDoubtSaysSo(t *testing.T) {
	r := crew(t)
	at := r.desk.Now()
	entry := func(seq uint64) chart.Entry {
		return chart.Entry{Ref: chart.Ref{Device: chart.Device{7}, Epoch: chart.Epoch{7}, Seq: seq}, Log: 2, Wall: at, Happened: at, Trust: chart.ClockNetwork,
			Encounter: r.On(), Author: chart.Author{Staff: "p1", Checked: chart.CheckedPIN},
			Content: &chart.Assessment{Area: handover.Body, Findings: []chart.Finding{{Name: "burn", Presence: chart.FindingPresent, Site: "chest, front"}}}}
	}
	lost, away := entry(1), entry(2)
	lost.Withdrawn = true
	away.Content, away.Absent = nil, chart.Unfetched
	fold := chart.NewFold(r.On())
	fold.Add(lost, away)
	c := fold.Chart()
	marks, off := r.marks(places(c))
	texts := strings.Join(r.bodyTexts(c, places(c), off), "\n")
	if marks["chest, front"].Sign() != "" || !strings.Contains(texts, r.speech.Say(lang.NotConfirmed, "chest, front: burn")) || !strings.Contains(texts, r.say(lang.BodyIncomplete)) {
		t.Errorf("sign %q, words %q", marks["chest, front"].Sign(), texts)
	}
}

func TestTheRecordTellsAnInjuryInTheLanguageChosen(t *testing.T) {
	r := crew(t)
	r.speak(lang.French)
	f := &chart.Assessment{Area: handover.Body, Findings: []chart.Finding{{Name: "burn", Presence: chart.FindingAbsent, Site: "right hand, back"}}}
	if got, want := r.what(&chart.Fact{Entry: &chart.Entry{Content: f}}), "main droite, derrière : sans brûlure"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	score := &chart.Assessment{Area: scoreArea, Findings: []chart.Finding{{Name: "NEWS2", Presence: chart.FindingPresent}, {Name: "rr", Presence: chart.FindingPresent}}}
	if got := r.what(&chart.Fact{Entry: &chart.Entry{Content: score}}); !strings.HasPrefix(got, "NEWS2") || strings.Contains(got, "rr") {
		t.Errorf("a score is told as %q", got)
	}
}
