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

func TestTheTimerRunsFromTheRecordAndLooksEveryTwoMinutes(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.CPRTimer))
	c := r.page.(*cpr)
	if c.big.Text != "--:--" {
		t.Errorf("before it began the clock says %q", c.big.Text)
	}
	r.tap(r.say(lang.EventCPR))
	r.settle()
	r.run(90 * time.Second)
	r.settle()
	if c.big.Text != "01:30" || !strings.HasPrefix(c.words.texts[0], "Rhythm check in 00:30") {
		t.Errorf("after 90 s: %q, %q", c.big.Text, c.words.texts)
	}
	r.run(40 * time.Second)
	if !strings.HasPrefix(c.words.texts[0], "RHYTHM CHECK: over by 00:10") {
		t.Errorf("after 130 s: %q", c.words.texts)
	}
	r.tap(r.say(lang.EventShock))
	r.settle()
	r.run(time.Second)
	if all := strings.Join(c.words.texts, "; "); !strings.Contains(all, "Rhythm check in 01:5") || !strings.Contains(all, "Shocks: 1") || !strings.Contains(all, "No adrenaline") {
		t.Errorf("after a shock: %q", all)
	}
	// The window is opened anew: the record alone tells the time.
	r.home()
	r.open(newCPR(r.Screen))
	r.settle()
	r.settle()
	if c = r.page.(*cpr); c.big.Text != "02:11" {
		t.Errorf("opened anew the clock says %q", c.big.Text)
	}
	r.tap(r.say(lang.EventROSC))
	r.settle()
	if !strings.HasPrefix(c.under.Text, "CPR ended 09:3") || c.big.Text != "--:--" {
		t.Errorf("after ROSC: %q, %q", c.big.Text, c.under.Text)
	}
	var names []string
	for _, e := range r.desk.Recorded(chart.TypeEvent) {
		names = append(names, e.Content.(*chart.Event).Name)
	}
	if strings.Join(names, ", ") != "CPR started, shock delivered, ROSC" {
		t.Errorf("on record: %v", names)
	}
}

func TestAdrenalineIsToldByItsTrueTime(t *testing.T) {
	r := crew(t)
	dose := vital.Int(1)
	put := func(ago time.Duration, c chart.Content) {
		if _, err := r.desk.Record(context.Background(), ui.Draft{Encounter: r.On(), Patient: chart.ID{0: 9, 15: 1}, Happened: r.desk.Now().Add(-ago), Content: c}); err != nil {
			t.Fatal(err)
		}
	}
	put(10*time.Minute, &chart.Event{Name: "CPR started"})
	put(4*time.Minute, &chart.DrugGiven{Drug: chart.Drug{Name: "Adrenaline"}, Dose: chart.Dose{Amount: &dose, Unit: "mg", Route: "IV"}})
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.CPRTimer))
	r.settle()
	c := r.page.(*cpr)
	if all := strings.Join(c.words.texts, "; "); !strings.Contains(all, "Adrenaline: 1, the last 04:00 ago  (every 3 to 5 min)") || c.big.Text != "10:00" {
		t.Errorf("the page says %q, %q", c.big.Text, all)
	}
}

func TestABeginningTakenBackStopsTheTimer(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.CPRTimer))
	r.tap(r.say(lang.EventCPR))
	r.settle()
	r.tap(r.say(lang.TookBack))
	r.refresh()
	if got := r.page.(*cpr).big.Text; got != "--:--" {
		t.Errorf("taken back, the clock says %q", got)
	}
}

// What counts as a dose of adrenaline for "every 3 to 5 min" (ERC Guidelines 2021) is a
// dose, under whichever name: the end of an infusion is none.
func TestTheTimerCountsDosesOfAdrenalineUnderAnyName(t *testing.T) {
	r := crew(t)
	n := vital.Dec(1, -1)
	infusion := func(p chart.Phase) *chart.DrugGiven {
		g := &chart.DrugGiven{Drug: chart.Drug{Name: "adrenaline"}, Phase: p}
		if p != chart.InfusionStopped {
			g.Dose = chart.Dose{Amount: &n, Unit: "ug/kg/min", Route: "IV"}
		}
		return g
	}
	r.put(20*time.Minute, &chart.Event{Name: "CPR started"})
	r.put(12*time.Minute, drugGiven("Adrénaline", "ATC:C01CA24", 1))
	r.put(8*time.Minute, drugGiven("EPINEPHRINE ", "", 1))
	r.put(6*time.Minute, infusion(chart.InfusionStarted))
	r.put(5*time.Minute, infusion(chart.InfusionChanged))
	r.put(time.Minute, infusion(chart.InfusionStopped))
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.CPRTimer))
	r.settle()
	if all := strings.Join(r.page.(*cpr).words.texts, "; "); !strings.Contains(all, "Adrenaline: 2, the last 08:00 ago") {
		t.Errorf("after two doses and an infusion the page says %q", all)
	}
}
