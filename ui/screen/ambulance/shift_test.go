package ambulance

import (
	"strings"
	"testing"
	"time"

	"fieldkit/triage/alarm"
	"fieldkit/triage/chart"
	"fieldkit/ui"
	"fieldkit/ui/lang"
)

// voice notes what it was to play.
type heardVoice struct {
	played int
	all    []alarm.Priority
}

func (v *heardVoice) Sound(p alarm.Priority) { v.played, v.all = v.played+1, append(v.all, p) }
func (v *heardVoice) Silent() error          { return nil }

// unchecked is a vehicle whose shift nobody has checked.
func unchecked(t *testing.T) *rig {
	r := crew(t)
	r.desk.Ready(func(c *ui.Readiness) { c.Checked = time.Time{} })
	r.run(31 * time.Second)
	r.settle()
	return r
}

func (r *rig) checks() (out []*chart.ShiftCheck) {
	for _, e := range r.desk.Recorded(chart.TypeShiftCheck) {
		out = append(out, e.Content.(*chart.ShiftCheck))
	}
	return out
}

func (r *rig) item(c *chart.ShiftCheck, name string) chart.CheckItem {
	r.t.Helper()
	for _, i := range c.Items {
		if i.Name == name {
			return i
		}
	}
	r.t.Fatalf("the check says nothing of %q", name)
	return chart.CheckItem{}
}

func TestAShiftThatNobodyCheckedIsSaidOnEveryPageUntilItIs(t *testing.T) {
	r := unchecked(t)
	r.tap(r.say(lang.Drug))
	r.tap(r.say(lang.ShiftCheck) + ", " + r.say(lang.ShiftDue))
	r.tap(r.say(lang.CheckVehicle))
	r.tap(r.say(lang.ShiftRecord))
	got := r.checks()
	if len(got) != 1 || got[0].What != "shift" {
		t.Fatalf("on record: %+v", got)
	}
	if err := got[0].Validate(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]chart.CheckItem{
		"crew": {OK: true, Text: "A. Okoro"}, "tablet battery": {OK: true, Text: "82 %, charging"}, "disk": {OK: true, Text: "82 % free"},
		"vehicle and bags": {OK: true, Text: "looked at"}, "oxygen and suction": {Text: "look yourself, then tap"},
		"drug list": {Text: "example, not approved"}, "alarm sound": {Text: "no sound here"}, "last backup": {OK: true, Text: "26 h 0 min ago"},
	} {
		if i := r.item(got[0], name); i.OK != want.OK || !strings.Contains(i.Text, strings.TrimSuffix(want.Text, "0 min ago")) {
			t.Errorf("%s: %+v, want %+v", name, i, want)
		}
	}
	if e := r.desk.Recorded(chart.TypeShiftCheck)[0]; e.Encounter != (chart.ID{}) || e.Patient != (chart.ID{}) {
		t.Error("the check names a patient")
	}
	r.run(31 * time.Second)
	r.settle()
	if r.says(r.say(lang.ShiftDue)) {
		t.Error("it is still said to be due")
	}
}

func TestACheckIsPutOffByOneTouchAndAskedForAgain(t *testing.T) {
	r := unchecked(t)
	r.tap(r.say(lang.ShiftCheck))
	r.tap(r.say(lang.ShiftPutOff))
	if got := r.checks(); len(got) != 1 || got[0].What != chart.CheckPutOff || got[0].Validate() != nil {
		t.Fatalf("on record: %+v", got)
	}
	if r.says(r.say(lang.ShiftDue)) {
		t.Error("it is due still")
	}
	now := r.desk.Now()
	if r.shiftDue(now.Add(time.Hour)) || !r.shiftDue(now.Add(2*time.Hour)) {
		t.Error("it is not asked for again after two hours")
	}
}

func TestAShiftIsTwelveHoursAndWhatIsNotKnownIsNotDue(t *testing.T) {
	r := crew(t)
	r.settle()
	at := r.ready.Checked
	if r.shiftDue(at.Add(11*time.Hour+59*time.Minute)) || !r.shiftDue(at.Add(12*time.Hour)) {
		t.Error("the check of the shift before holds for other than 12 hours")
	}
	r.ready.told = false
	if r.shiftDue(at.Add(24 * time.Hour)) {
		t.Error("a station that has not answered is said to be unchecked")
	}
}

func TestNobodyCanTickWhatTheProgramMeasures(t *testing.T) {
	r := unchecked(t)
	r.desk.Ready(func(c *ui.Readiness) {
		c.Battery, c.DiskFree, c.Clock, c.ClockTrusted, c.Backup = &ui.Battery{Percent: 31}, 9e9, "set by hand", false, time.Time{}
	})
	r.desk.Set(func(s *ui.Station) { s.Monitors, s.Peers, s.Link = nil, nil, ui.Link{} })
	r.ask()
	r.tap(r.say(lang.ShiftCheck))
	r.run(time.Second)
	r.settle()
	for _, k := range []lang.Key{lang.CheckBattery, lang.CheckDisk, lang.CheckMonitor, lang.CheckHospital, lang.CheckPeers, lang.CheckBackup, lang.CheckSound} {
		r.tap("!  " + r.say(k))
	}
	r.tap(r.say(lang.CheckClock)) // a person compares it with a watch
	r.tap(r.say(lang.ShiftRecord))
	got := r.checks()
	if len(got) != 1 {
		t.Fatalf("%d checks are on record", len(got))
	}
	for _, name := range []string{"tablet battery", "disk", "monitors", "link to the hospital", "neighbours", "last backup"} {
		if i := r.item(got[0], name); i.OK || i.Text == "" {
			t.Errorf("%s: %+v", name, i)
		}
	}
	if i := r.item(got[0], "clock"); !i.OK {
		t.Errorf("the clock that a person compared: %+v", i)
	}
}

func TestTheSoundIsPlayedBeforeAPersonSaysThatTheyHeardIt(t *testing.T) {
	r := unchecked(t)
	v := &heardVoice{}
	r.voice = v
	r.tap(r.say(lang.ShiftCheck))
	before := v.played
	r.tap(r.say(lang.CheckSound))
	if v.played != before+1 || r.page.(*shift).line(lang.CheckSound, r.desk.Now()).ok {
		t.Errorf("one tap: played %d times, in order already", v.played-before)
	}
	r.tap(r.say(lang.CheckSound))
	if !r.page.(*shift).line(lang.CheckSound, r.desk.Now()).ok {
		t.Error("heard, and not in order")
	}
}
