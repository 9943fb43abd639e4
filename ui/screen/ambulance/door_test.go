package ambulance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"fieldkit/triage/alarm"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/rehearsal"
	"fieldkit/ui/theme"
	"fieldkit/ui/uitest"
)

// signIn lets somebody in, past the keys.
func (r *rig) signIn() {
	r.t.Helper()
	if err := r.desk.SignIn(context.Background(), "a", rehearsal.PIN); err != nil {
		r.t.Fatal(err)
	}
	r.ask()
}

// reads reports whether any text on the screen has these words.
func (r *rig) reads(words string) bool {
	for _, o := range test.LaidOutObjects(r.Object()) {
		if text, ok := o.(*canvas.Text); ok && text.Visible() && strings.Contains(text.Text, words) {
			return true
		}
	}
	return false
}

func TestALockedScreenShowsTheMonitorAndNoNameAndRecordsNothing(t *testing.T) {
	r := crew(t)
	other := rehearsal.Well(chart.ID{15: 2})
	r.desk.Add(other, chart.Demographics{Label: "tag 0418", Given: "Rosa", Family: "Diaz"})
	r.ask()
	r.tap(r.station.SignedIn)
	r.ask()
	r.run(5 * time.Second)
	if got := r.tile(oxygen); got.Digits != "97" || got.Standing != vital.Fresh {
		t.Errorf("the locked screen shows the saturation as %q, %v", got.Digits, got.Standing)
	}
	for _, secret := range []string{"64", "Rosa", "DIAZ"} {
		if r.reads(secret) {
			t.Errorf("the locked screen shows %q", secret)
		}
	}
	before := len(r.desk.Recorded())
	for _, target := range uitest.Targets(r.Object()) {
		if strings.HasPrefix(target.Name, r.say(lang.Event)) || strings.HasPrefix(target.Name, r.say(lang.Drug)) || strings.HasPrefix(target.Name, r.say(lang.NewPatient)) {
			t.Errorf("%q can be tapped while the screen is locked", target.Name)
		}
	}
	uitest.Tap(t, r.Object(), r.frame.band.AccessibilityLabel())
	r.settle()
	if _, ok := r.page.(*monitor); !ok {
		t.Errorf("a tap on the band of a locked screen led to %T", r.page)
	}
	if n := len(r.desk.Recorded()); n != before {
		t.Errorf("%d entries were recorded while it was locked", n-before)
	}
}

func TestThePINOpensTheScreenAndAWrongOneDoesNot(t *testing.T) {
	r := crew(t)
	r.tap(r.station.SignedIn)
	r.ask()
	r.tap(r.say(lang.SignIn))
	r.tap("B. Lindqvist")
	for _, digit := range "1357" {
		r.tap(string(digit))
	}
	r.tap(r.say(lang.SignIn))
	if !r.locked() || !r.reads("the PIN is wrong") || r.page.(*signin).secret.Len() != 0 {
		t.Fatalf("after a wrong PIN: locked %v, still typed %d digits", r.locked(), r.page.(*signin).secret.Len())
	}
	taps := 0
	for _, digit := range rehearsal.PIN {
		r.tap(string(digit))
		taps++
	}
	r.tap(r.say(lang.SignIn))
	if r.locked() || r.station.SignedIn != "B. Lindqvist" {
		t.Fatalf("signed in as %q", r.station.SignedIn)
	}
	r.ask()
	if got := r.frame.band.Who(); !strings.Contains(got, "tag 0417") || !strings.Contains(got, "64") {
		t.Errorf("after signing in the band says %q", got)
	}
	if _, ok := r.page.(*monitor); !ok {
		t.Errorf("after signing in %T is on screen", r.page)
	}
}

func TestAScreenIsLockedEvenWhenTheStationIsAway(t *testing.T) {
	r := crew(t)
	r.desk.Away(errors.New("no station is running"))
	r.tap(r.station.SignedIn)
	if !r.locked() || len(r.rows) != 0 {
		t.Error("the screen stays open while the station is away")
	}
	if got := r.frame.bar.Notice(); !strings.Contains(got.Text, "station was not told") {
		t.Errorf("the bar says %v", got)
	}
}

// What was asked of the station before the screen was locked must not open it again
// when the answer comes late.
func TestALateAnswerDoesNotOpenALockedScreen(t *testing.T) {
	r := crew(t)
	turn := r.inbox.turned()
	r.tap(r.station.SignedIn)
	if turn == r.inbox.turned() {
		t.Error("an answer of before is taken for one of now")
	}
}

func TestAnEmergencyOpensTheScreenAndItsReasonIsRecorded(t *testing.T) {
	r := crew(t)
	on := r.On()
	r.tap(r.station.SignedIn)
	r.ask()
	r.tap(r.say(lang.Emergency))
	r.hold(r.say(lang.HoldToOpen), 1100*time.Millisecond)
	if !r.locked() {
		t.Fatal("it opened without a reason")
	}
	r.tap(r.say(lang.WhyDanger))
	r.hold(r.say(lang.HoldToOpen), 1100*time.Millisecond)
	events := r.desk.Recorded(chart.TypeEvent)
	if r.locked() || len(events) != 1 || events[0].Encounter != on || events[0].Content.(*chart.Event).Text != "the patient is in danger now" {
		t.Errorf("locked %v, on record %v", r.locked(), events)
	}
}

func TestAnAlarmIsSilencedOnALockedScreen(t *testing.T) {
	r := crew(t)
	r.desk.Change(0, func(p *rehearsal.Patient) { *p = *rehearsal.Desaturating(chart.ID{15: 1}) })
	r.run(time.Second)
	r.tap(r.station.SignedIn)
	r.ask()
	r.run(time.Second)
	r.tap(r.say(lang.Acknowledge))
	acks := r.desk.Recorded(chart.TypeAlarmAcknowledged)
	if len(acks) != 1 || acks[0].Encounter != r.On() {
		t.Errorf("acknowledged: %v", acks)
	}
}

// ear is a voice that notes what it was told to sound.
type ear struct {
	heard  []alarm.Priority
	broken error
}

func (e *ear) Sound(p alarm.Priority) { e.heard = append(e.heard, p) }
func (e *ear) Silent() error          { return e.broken }

func listening(t *testing.T) (*rig, *ear) {
	r := crew(t)
	e := &ear{}
	r.voice = e
	return r, e
}

func TestAnAlarmSoundsUntilItIsPausedAndThePauseIsShownWithItsTime(t *testing.T) {
	r, e := listening(t)
	r.run(10 * time.Second)
	if len(e.heard) != 0 {
		t.Fatalf("a well patient sounds %v", e.heard)
	}
	r.desk.Change(0, func(p *rehearsal.Patient) { *p = *rehearsal.Desaturating(chart.ID{15: 1}) })
	r.run(13 * time.Second)
	if n := len(e.heard); n < 2 || e.heard[0] != alarm.High {
		t.Fatalf("in 13 s of a high alarm: %v", e.heard)
	}
	r.tap(r.say(lang.PauseSound))
	r.ask()
	paused := r.desk.Recorded(chart.TypeAlarmPaused)
	if len(paused) != 1 || paused[0].Content.(*chart.AlarmPaused).Seconds != 120 || len(paused[0].Content.(*chart.AlarmPaused).Of) != 0 {
		t.Fatalf("recorded %v", paused)
	}
	before := len(e.heard)
	r.run(45 * time.Second)
	if len(e.heard) != before {
		t.Errorf("it sounds %d times while it is paused", len(e.heard)-before)
	}
	if !r.reads("PAUSED 1:15") || !r.reads("SpO₂ low") {
		t.Error("the pause, its time or the alarm is not on the screen")
	}
	for range 9 {
		r.run(10 * time.Second)
		r.ask()
	}
	if len(e.heard) == before || r.reads("PAUSED") {
		t.Error("after two minutes it is still quiet")
	}
	r.tap(r.say(lang.PauseSound))
	r.ask()
	r.tap("PAUSED")
	r.ask()
	r.run(2 * time.Second)
	if r.reads("PAUSED") {
		t.Error("a second tap did not end the pause")
	}
}

func TestTheOtherPatientsAlarmIsHeardAndNamed(t *testing.T) {
	r, e := listening(t)
	r.desk.Add(rehearsal.Desaturating(chart.ID{15: 2}), chart.Demographics{Label: "tag 0418"})
	r.run(time.Second)
	r.ask()
	r.run(time.Second)
	if got := r.frame.bar.Notice(); !strings.Contains(got.Text, "tag 0418") || !strings.Contains(got.Text, "SpO₂ low") {
		t.Errorf("the bar says %+v", got)
	}
	if len(e.heard) == 0 || e.heard[0] != alarm.High {
		t.Errorf("heard %v", e.heard)
	}
	for _, target := range uitest.Targets(r.Object()) {
		if target.Name == r.say(lang.Acknowledge) {
			test.Tap(r.frame.ack)
		}
	}
	r.settle()
	if n := len(r.desk.Recorded(chart.TypeAlarmAcknowledged)); n != 0 {
		t.Error("the other patient's alarm was acknowledged from this one's page")
	}
}

func TestAVoiceThatFailsIsSaid(t *testing.T) {
	r, e := listening(t)
	e.broken = &ui.Trouble{What: "no player", Do: "Install alsa-utils"}
	r.run(time.Second)
	if got := r.frame.bar.Notice(); got.Priority != alarm.Medium || !strings.Contains(got.Text, "NO ALARM SOUND: no player. Install alsa-utils") {
		t.Errorf("the bar says %+v", got)
	}
	r.tap(r.say(lang.Acknowledge))
	r.run(time.Second)
	if got := r.frame.bar.Notice(); !got.Seen || !strings.Contains(got.Text, "NO ALARM SOUND") {
		t.Errorf("after it was seen the bar says %+v", got)
	}
	r.run(seenFor)
	if got := r.frame.bar.Notice(); got.Seen {
		t.Error("two minutes later nobody is told again")
	}
}

func TestABackupGoesToTheStickAndAFailureIsSaid(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.LinkAndDevices))
	r.tap(r.say(lang.AboutStation))
	r.tap(r.say(lang.Backup))
	if !r.reads("No stick is plugged in") {
		t.Error("that there is no stick is not said")
	}
	r.desk.Plug(ui.Stick{Name: "RED", Path: "/media/red", Free: 31e9})
	r.run(3 * time.Second)
	r.settle()
	r.hold(r.say(lang.HoldToBackup), 1100*time.Millisecond)
	if !r.reads("Done: fieldkit AMB-7") {
		t.Errorf("the page says %q", r.page.(*sticks).says)
	}
	r.desk.Fail(errors.New("the stick is full"))
	r.hold(r.say(lang.HoldToBackup), 1100*time.Millisecond)
	r.tap(r.say(lang.BackToMonitor))
	if got := r.frame.bar.Notice(); !strings.Contains(got.Text, "NO BACKUP WAS MADE: the stick is full") {
		t.Errorf("the bar says %+v", got)
	}
}

func TestARulerIsTakenAndAWrongMeasureIsRefused(t *testing.T) {
	r := crew(t)
	var units, millimetres float32
	r.onRuler = func(u, mm float32) error {
		if mm < 60 {
			return theme.ErrRuler
		}
		units, millimetres = u, mm
		return nil
	}
	r.tap(r.say(lang.LinkAndDevices))
	r.tap(r.say(lang.AboutStation))
	r.tap(r.say(lang.Ruler))
	r.tap("-10 mm")
	r.tap("-1 mm")
	r.tap(r.speech.Say(lang.RulerUse, 89))
	if fmt.Sprintf("%.1f %.0f", units, millimetres) != "472.4 89" {
		t.Errorf("told that %.1f units are %.0f mm", units, millimetres)
	}
	for range 4 {
		r.tap("-10 mm")
	}
	r.tap(r.speech.Say(lang.RulerUse, 49))
	if millimetres != 89 || !r.reads(r.say(lang.RulerWrong)) {
		t.Errorf("a line of 49 mm was taken for %.0f", millimetres)
	}
}

func TestTheRecordSaysWhoWroteWhatWhereAndWhatWasTakenBack(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.Event))
	r.tap(r.say(lang.EventShock))
	r.tap(r.say(lang.Undo))
	dose := vital.Int(1)
	r.desk.Record(context.Background(), ui.Draft{Encounter: r.On(), Patient: chart.ID{0: 9, 15: 1}, Happened: r.desk.Now().Add(-30 * time.Minute),
		Content: &chart.DrugGiven{Drug: chart.Drug{Name: "Adrenaline"}, Dose: chart.Dose{Amount: &dose, Unit: "mg", Route: "IV"}}})
	r.tap(r.say(lang.BackToMonitor))
	r.tap(r.say(lang.Trends))
	r.tap(r.say(lang.Record))
	for _, words := range []string{"shock delivered   TAKEN BACK", "09:01   Adrenaline 1 mg IV", "here"} {
		if !r.reads(words) {
			t.Errorf("the record does not say %q", words)
		}
	}
}

// Twenty patients who all alarm at once: the screen keeps painting, names the worst,
// and sounds one rhythm and not twenty.
func TestAStormOfAlarmsOfTwentyPatients(t *testing.T) {
	r, e := listening(t)
	r.desk.Change(0, func(p *rehearsal.Patient) { *p = *rehearsal.Desaturating(chart.ID{15: 1}) })
	for n := byte(2); n <= 20; n++ {
		r.desk.Add(rehearsal.Desaturating(chart.ID{15: n}), chart.Demographics{Label: fmt.Sprintf("tag %d", n)})
	}
	r.ask()
	r.run(20 * time.Second)
	if got := r.frame.bar.Notice(); got.Priority != alarm.High || got.More != "and 20 more" {
		t.Errorf("the bar says %+v", got)
	}
	most := int(20*time.Second/(3*time.Second)) + 1
	if n := len(e.heard); n < 2 || n > most {
		t.Errorf("%d bursts in 20 s", n)
	}
	if got := r.tile(oxygen); got.Digits != "86" || got.Standing != vital.Fresh {
		t.Errorf("in the storm the saturation shows %q, %v", got.Digits, got.Standing)
	}
	r.tap(r.say(lang.Acknowledge))
	for _, entry := range r.desk.Recorded(chart.TypeAlarmAcknowledged) {
		if entry.Encounter != r.On() {
			t.Error("another patient's alarm was acknowledged")
		}
	}
}

func BenchmarkAFrameInAStormOfAlarms(b *testing.B) {
	r := newRig(b, theme.Night, 1280, 800)
	for n := byte(1); n <= 20; n++ {
		r.desk.Add(rehearsal.Desaturating(chart.ID{15: n}), chart.Demographics{Label: fmt.Sprintf("tag %d", n)})
	}
	r.voice = &ear{}
	r.ask()
	r.run(time.Second)
	for b.Loop() {
		for _, m := range r.desk.Step(time.Second / 30) {
			r.inbox.moment(m)
		}
		r.Frame(r.desk.Now())
	}
}

// What a person has seen is the silence of then: the next one, or another patient's,
// is an alarm like the first.
func TestWhatWasSeenOfOneEpisodeDoesNotSilenceTheNext(t *testing.T) {
	other := chart.ID{15: 2}
	away := func(r *rig, err error) {
		r.desk.Away(err)
		r.ask()
	}
	off := func(is bool) func(*rehearsal.Patient) { return func(p *rehearsal.Patient) { p.Off = is } }
	cases := []struct {
		name         string
		begin, again func(r *rig)
		words        string
	}{
		{"the monitor's data stop a second time", func(r *rig) { r.desk.Change(0, off(true)) }, func(r *rig) {
			r.desk.Change(0, off(false))
			r.run(2 * time.Second)
			r.desk.Change(0, off(true))
		}, "No data for"},
		{"another patient's data stop", func(r *rig) {
			r.desk.Change(0, off(true))
			r.desk.Change(1, off(true))
		}, func(r *rig) { r.turnTo(other) }, "No data for"},
		{"they stop a second time, the first ended while another patient was on screen", func(r *rig) { r.desk.Change(0, off(true)) }, func(r *rig) {
			here := r.On()
			r.turnTo(other)
			r.desk.Change(0, off(false))
			r.run(2 * time.Second)
			r.desk.Change(0, off(true))
			r.run(time.Second)
			r.turnTo(here)
		}, "No data for"},
		{"the station stops answering a second time", func(r *rig) { away(r, errors.New("no answer")) }, func(r *rig) {
			away(r, nil)
			r.run(2 * time.Second)
			away(r, errors.New("no answer"))
		}, "Recorder silent"},
		{"the sound fails a second time", func(r *rig) { r.voice.(*ear).broken = errors.New("no player") }, func(r *rig) {
			r.voice.(*ear).broken = nil
			r.run(time.Second)
			r.voice.(*ear).broken = errors.New("no player")
		}, "NO ALARM SOUND"},
	}
	for _, c := range cases {
		r, e := listening(t)
		r.desk.Add(rehearsal.Well(other), chart.Demographics{Label: "tag 0418"})
		r.ask()
		r.run(2 * time.Second)
		c.begin(r)
		r.run(5 * time.Second)
		if got := r.frame.bar.Notice(); got.Seen || !strings.Contains(got.Text, c.words) || len(e.heard) == 0 {
			t.Errorf("%s: at first the bar says %+v, heard %v", c.name, got, e.heard)
		}
		r.tap(r.say(lang.Acknowledge))
		e.heard = nil
		r.run(20 * time.Second)
		if got := r.frame.bar.Notice(); !got.Seen || len(e.heard) != 0 {
			t.Errorf("%s: after it was seen the bar says %+v, heard %v", c.name, got, e.heard)
		}
		c.again(r)
		r.run(15 * time.Second)
		if got := r.frame.bar.Notice(); got.Seen || !strings.Contains(got.Text, c.words) || len(e.heard) == 0 {
			t.Errorf("%s: the bar says %+v, heard %v", c.name, got, e.heard)
		}
	}
}

// Another patient's silence is looked at in between: the first is the same still.
func TestASilenceThatWasSeenStaysSeenWhileItLasts(t *testing.T) {
	r := crew(t)
	r.desk.Add(rehearsal.Well(chart.ID{15: 2}), chart.Demographics{Label: "tag 0418"})
	r.ask()
	r.desk.Change(0, func(p *rehearsal.Patient) { p.Off = true })
	r.run(5 * time.Second)
	r.tap(r.say(lang.Acknowledge))
	here := r.On()
	r.turnTo(chart.ID{15: 2})
	r.run(2 * time.Second)
	r.turnTo(here)
	r.run(time.Second)
	if got := r.frame.bar.Notice(); !got.Seen || !strings.Contains(got.Text, "No data for") {
		t.Errorf("the bar says %+v", got)
	}
}

func TestOfAnotherPatientWhoseWorstAlarmIsPausedTheNextIsHeard(t *testing.T) {
	r, e := listening(t)
	other := chart.ID{15: 2}
	r.desk.Set(func(s *ui.Station) { s.Paused = []ui.Pause{{Encounter: other, Alarm: 1, Left: 2 * time.Minute}} })
	r.desk.Add(rehearsal.Desaturating(other), chart.Demographics{Label: "tag 0418"})
	r.ask()
	r.run(5 * time.Second)
	if got := r.frame.bar.Notice(); !strings.Contains(got.Text, "HR high") || len(e.heard) == 0 || e.heard[0] != alarm.Medium {
		t.Errorf("the bar says %+v, heard %v", got, e.heard)
	}
	r.desk.Set(func(s *ui.Station) {
		s.Paused = append(s.Paused, ui.Pause{Encounter: other, Alarm: 2, Left: 2 * time.Minute})
	})
	r.ask()
	e.heard = nil
	r.run(30 * time.Second)
	if got := r.frame.bar.Notice(); !strings.Contains(got.Text, "SpO₂ low") || len(e.heard) != 0 {
		t.Errorf("both paused, the bar says %+v, heard %v", got, e.heard)
	}
}

// A station's refusal is a long sentence: half of it in small print helps nobody.
func TestARefusedPINIsSaidInWordsThatCanBeRead(t *testing.T) {
	for _, size := range []fyne.Size{{Width: 1280, Height: 800}, {Width: 1024, Height: 600}} {
		r := newRig(t, theme.Day, size.Width, size.Height)
		r.tap(r.station.SignedIn)
		r.ask()
		r.tap(r.say(lang.SignIn))
		r.page.(*signin).says = r.speech.Say(lang.NotSignedIn, "that does not sign anybody in here. Try again; after 5 wrong tries it takes a minute. A first PIN or badge is set at this station by somebody with its passphrase")
		r.settle()
		for _, o := range test.LaidOutObjects(r.Object()) {
			if text, ok := o.(*canvas.Text); ok && text.Text != "" && text.TextSize < 12.5 {
				t.Errorf("%.0f wide: %q is %.1f units high", size.Width, text.Text, text.TextSize)
			}
		}
		if !r.says("Not signed in") {
			t.Errorf("%.0f wide: the refusal is not said: %q", size.Width, r.texts())
		}
	}
}
