package kit

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/devices"
	"fieldkit/triage/alarm"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// shift is a station with its recording driven by hand, over restarts.
type shift struct {
	t     *testing.T
	dir   string
	root  store.Root
	k     *Kit
	token api.Token
	stop  func()
}

func newShift(t *testing.T) *shift {
	t.Helper()
	k, _ := newKit(t)
	s := &shift{t: t, dir: k.settings.Dir}
	var err error
	if s.root, err = k.store.Root(); err != nil {
		t.Fatal(err)
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	s.open()
	t.Cleanup(func() { s.close() })
	return s
}

// open starts the station as a restarted recorder does: bindings are read from the
// record, nothing has been heard.
func (s *shift) open() {
	s.t.Helper()
	var err error
	if s.k, err = Open(s.dir, slog.New(slog.DiscardHandler)); err != nil {
		s.t.Fatal(err)
	}
	s.unlock()
}

func (s *shift) unlock() {
	s.t.Helper()
	if err := s.k.store.UnlockRoot(s.t.Context(), s.root); err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.k.share.learn(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	s.token = s.k.sessions.begin(chart.Author{Staff: "unnamed"}, byPassphrase)
	if err := s.k.restoreBeds(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	m, err := s.k.member()
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var writing sync.WaitGroup
	writing.Go(func() { s.k.record.write(ctx, s.k.store, m) })
	s.stop = func() { cancel(); writing.Wait() }
}

func (s *shift) close() {
	s.t.Helper()
	settled(s.t, s.k)
	s.stop()
	if err := s.k.Close(); err != nil {
		s.t.Error(err)
	}
}

func (s *shift) restart() { s.close(); s.open() }

func (s *shift) record(kind string, encounter chart.ID, content any) chart.ID {
	s.t.Helper()
	settled(s.t, s.k)
	b, err := json.Marshal(content)
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := s.k.Record(s.t.Context(), s.token, api.Draft{Kind: kind, Encounter: encounter, Content: b})
	if err != nil {
		s.t.Fatal(err)
	}
	return r.Encounter
}

func (s *shift) admit() chart.ID {
	s.t.Helper()
	return s.record("encounter-opened", chart.ID{}, &chart.EncounterOpened{Setting: "ambulance"})
}

func (s *shift) bind(monitor string, encounter chart.ID) {
	s.t.Helper()
	s.record("monitor-bound", encounter, &chart.MonitorBound{Monitor: monitor})
}

// hear lets a monitor on a port say a saturation, and gives where it is recorded.
func (s *shift) hear(port devices.PortInfo) chart.ID {
	s.t.Helper()
	r := vital.Of(vital.SpO2, vital.Int(97))
	r.Arrived = s.k.clock.Now()
	s.k.record.Reading(port, r)
	return s.k.record.where(port)
}

// speak lets a monitor begin to speak on a port: a reading comes before it has
// said who it is, and one after.
func (s *shift) speak(port devices.PortInfo, p vital.Provenance) chart.ID {
	s.t.Helper()
	s.hear(port)
	s.k.record.Monitor(port, p)
	return s.hear(port)
}

// silent lets time pass in which the monitor on a port was not heard.
func (s *shift) silent(port devices.PortInfo) {
	r := s.k.record
	r.mu.Lock()
	defer r.mu.Unlock()
	r.monitors[port.Identity()].heard -= vital.Instant(time.Minute)
}

var (
	left  = devices.PortInfo{Name: "/dev/ttyS1"}
	right = devices.PortInfo{Name: "/dev/ttyS2"}

	ours   = vital.Provenance{Driver: "nonin", Make: "Nonin", Serial: "77"}
	theirs = vital.Provenance{Driver: "nonin", Make: "Nonin", Serial: "78"}
	mute   = vital.Provenance{Driver: "contec", Make: "Contec"} // says no serial number
)

func TestAMonitorRecordsToThePatientItIsBoundToAndToNoOther(t *testing.T) {
	for _, c := range []struct {
		story string
		play  func(s *shift, patient chart.ID) (got chart.ID)
		stays bool // with the patient; else it must be with an unassigned one
	}{
		{"it goes on", func(s *shift, _ chart.ID) chart.ID { return s.hear(left) }, true},
		{"the recorder restarts", func(s *shift, _ chart.ID) chart.ID { s.restart(); return s.speak(left, ours) }, true},
		{"it begins anew on its port and has not said its number yet", func(s *shift, _ chart.ID) chart.ID {
			s.k.record.Monitor(left, vital.Provenance{Driver: "nonin", Make: "Nonin"})
			return s.hear(left)
		}, true},
		{"it is plugged in elsewhere", func(s *shift, _ chart.ID) chart.ID { s.silent(left); return s.speak(right, ours) }, true},
		{"another is plugged in where it was", func(s *shift, _ chart.ID) chart.ID { return s.speak(left, theirs) }, false},
		{"another make without a number is plugged in where it was", func(s *shift, _ chart.ID) chart.ID { return s.speak(left, mute) }, false},
		{"another is plugged in where it was, while the recorder was down", func(s *shift, _ chart.ID) chart.ID {
			s.restart()
			return s.speak(left, theirs)
		}, false},
		{"it moved, and a nameless one is on its old port", func(s *shift, _ chart.ID) chart.ID {
			s.silent(left)
			s.speak(right, ours)
			return s.hear(left)
		}, false},
		{"a second one that says the same number is on another port", func(s *shift, _ chart.ID) chart.ID { return s.speak(right, ours) }, false},
		{"it is unbound", func(s *shift, e chart.ID) chart.ID {
			s.record("monitor-unbound", e, &chart.MonitorUnbound{Monitor: "Nonin 77"})
			return s.hear(left)
		}, false},
		{"it is unbound after a restart", func(s *shift, e chart.ID) chart.ID {
			s.restart()
			s.speak(left, ours)
			s.record("monitor-unbound", e, &chart.MonitorUnbound{Monitor: "Nonin 77"})
			return s.hear(left)
		}, false},
		{"it is unbound, then the recorder restarts", func(s *shift, e chart.ID) chart.ID {
			s.record("monitor-unbound", e, &chart.MonitorUnbound{Monitor: "Nonin 77"})
			s.restart()
			return s.speak(left, ours)
		}, false},
		{"it is unbound while it is not there", func(s *shift, e chart.ID) chart.ID {
			s.restart()
			s.record("monitor-unbound", e, &chart.MonitorUnbound{Monitor: "Nonin 77"})
			return s.speak(left, ours)
		}, false},
		{"the encounter is closed", func(s *shift, e chart.ID) chart.ID {
			s.record("encounter-closed", e, &chart.EncounterClosed{Outcome: "handed over"})
			return s.hear(left)
		}, false},
		{"the encounter is closed after a restart", func(s *shift, e chart.ID) chart.ID {
			s.restart()
			s.record("encounter-closed", e, &chart.EncounterClosed{Outcome: "handed over"})
			return s.speak(left, ours)
		}, false},
		{"the store is locked at the start and unlocked later", func(s *shift, _ chart.ID) chart.ID {
			s.close()
			var err error
			if s.k, err = Open(s.dir, slog.New(slog.DiscardHandler)); err != nil {
				s.t.Fatal(err)
			}
			s.speak(left, ours)
			s.unlock()
			return s.hear(left)
		}, true},
	} {
		t.Run(c.story, func(t *testing.T) {
			s := newShift(t)
			s.speak(left, ours)
			patient := s.admit()
			s.bind("Nonin 77", patient)
			if got := s.hear(left); got != patient {
				t.Fatalf("bound, it records to %v", got)
			}
			got := c.play(s, patient)
			if (got == patient) != c.stays || got == (chart.ID{}) {
				t.Errorf("it records to %v, the patient is %v", got, patient)
			}
			if c.stays {
				return
			}
			settled(t, s.k)
			entries, err := s.k.entries(t.Context(), got)
			if err != nil {
				t.Fatal(err)
			}
			fold := chart.NewFold(got)
			fold.Add(entries...)
			if opened := fold.Chart().Course().Opened; opened == nil || !opened.Content.(*chart.EncounterOpened).Provisional {
				t.Error("it records to an encounter that is not provisional")
			}
		})
	}
}

func TestARebindingWhileTheMonitorIsAwayHoldsWhenItComes(t *testing.T) {
	s := newShift(t)
	s.speak(left, ours)
	first, second := s.admit(), s.admit()
	s.bind("Nonin 77", first)
	s.restart()
	s.bind("Nonin 77", second)
	if got := s.speak(left, ours); got != second {
		t.Errorf("it records to %v, want the second encounter", got)
	}
	s.restart()
	if got := s.hear(left); got != second {
		t.Errorf("after a restart, before it has said its number, it records to %v", got)
	}
}

func TestWhenAMonitorGetsItsNameItsReadingsStandOnce(t *testing.T) {
	s := newShift(t)
	s.speak(left, ours)
	b := s.k.record.beds[s.k.record.where(left)]
	if n := b.numerics(); len(n) != 1 {
		t.Errorf("%d saturations of one monitor are shown", len(n))
	}
}

func TestAMonitorThatLeavesTakesItsNumbersAndAlarmsWithIt(t *testing.T) {
	s := newShift(t)
	s.speak(left, ours)
	s.speak(right, theirs)
	first, second := s.admit(), s.admit()
	s.bind("Nonin 77", first)
	s.bind("Nonin 78", first)
	s.hear(left)
	s.hear(right)
	b := s.k.record.beds[first]
	s.k.record.Alarm(left, devices.Alarm{Text: "battery low", Priority: devices.Low, Technical: true})
	s.bind("Nonin 77", second)
	if n := b.numerics(); len(n) != 1 || len(b.alarms()) != 0 {
		t.Errorf("%d numbers and %d alarms are left, want the other monitor's number alone", len(n), len(b.alarms()))
	}
	settled(t, s.k)
	entries, err := s.k.entries(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	fold := chart.NewFold(first)
	fold.Add(entries...)
	if raised, cleared := fold.Chart().Of(chart.TypeAlarmRaised), fold.Chart().Of(chart.TypeAlarmCleared); len(raised) != 1 || len(cleared) != 1 {
		t.Errorf("%d alarms were raised and %d cleared, want one each", len(raised), len(cleared))
	}
	if got := s.k.record.where(right); got != first {
		t.Errorf("the other monitor records to %v", got)
	}
}

func TestAGoodSaturationOfOneMonitorDoesNotCalmTheOthersAlarm(t *testing.T) {
	s := newShift(t)
	patient := s.admit()
	for port, p := range map[devices.PortInfo]vital.Provenance{left: ours, right: theirs} {
		s.speak(port, p)
		s.bind(p.Make+" "+p.Serial, patient)
	}
	b := s.k.record.beds[patient]
	at := s.k.clock.Now()
	say := func(monitor string, v int64, now vital.Instant) {
		r := vital.Of(vital.SpO2, vital.Int(v))
		r.Arrived = now
		w, changes, _ := b.take(now, monitor, r, vital.Provenance{}, results{})
		s.k.record.mu.Lock()
		s.k.record.alarms(b, w, changes)
		s.k.record.mu.Unlock()
	}
	for second := range 60 {
		now := at.Add(time.Duration(second) * time.Second)
		say("Nonin 77", 80, now)
		say("Nonin 78", 98, now.Add(100*time.Millisecond))
	}
	if len(b.alarms()) != 1 {
		t.Errorf("%d alarms after a minute at 80 %%, want one", len(b.alarms()))
	}
}

func TestATileIsNeverWithoutAWord(t *testing.T) {
	one, two := newID(), newID()
	one[15], two[15] = 1, 2
	for _, c := range []struct {
		who  chart.Demographics
		want string
	}{
		{chart.Demographics{Label: "tag 0417", Sex: chart.Male}, "tag 0417"},
		{chart.Demographics{Sex: chart.Male, Age: "64 a"}, "male 64 a"},
		{chart.Demographics{Age: "64 a"}, "64 a"},
	} {
		if got := tagOf(c.who, one); got != c.want {
			t.Errorf("%+v is called %q, want %q", c.who, got, c.want)
		}
	}
	if nobody := tagOf(chart.Demographics{}, one); nobody == "" || nobody == tagOf(chart.Demographics{}, two) {
		t.Errorf("two unknown patients are both called %q", nobody)
	}
}

func TestAnAcknowledgedAlarmIsSilentAndAPauseHoldsTheOthers(t *testing.T) {
	s := newShift(t)
	patient := s.admit()
	s.speak(left, ours)
	s.bind("Nonin 77", patient)
	b := s.k.record.beds[patient]
	w := b.watch(source{monitor: "Nonin 77"})
	s.k.record.Alarm(left, devices.Alarm{Text: "battery low", Priority: devices.Low, Technical: true})
	settled(t, s.k)
	active := w.engine.Active()
	if len(active) != 1 || active[0].State != alarm.Sounding {
		t.Fatalf("%+v is active, want the monitor's own alarm sounding", active)
	}
	s.k.record.heed(patient, patient, &chart.AlarmAcknowledged{Of: []chart.Ref{{Seq: 9999}}})
	if got := w.engine.Active(); got[0].State != alarm.Sounding {
		t.Errorf("another alarm's acknowledgement made this one %v", got[0].State)
	}
	s.k.record.heed(patient, patient, &chart.AlarmAcknowledged{Of: []chart.Ref{*w.raised[active[0].Condition]}})
	if got := w.engine.Active(); len(got) != 1 || got[0].State != alarm.Acknowledged {
		t.Errorf("%+v after it was acknowledged", got)
	}
	s.k.record.heed(patient, patient, &chart.AlarmPaused{Seconds: 120})
	if until, ok := w.engine.Paused(s.k.clock.Now()); !ok || until.Sub(s.k.clock.Now()) > 120*time.Second {
		t.Errorf("paused %v until %v, want for two minutes", ok, until)
	}
}

func TestAChildIsWatchedByAChildsLimits(t *testing.T) {
	s := newShift(t)
	patient := s.admit()
	s.speak(left, ours)
	s.bind("Nonin 77", patient)
	s.hear(left)
	b := s.k.record.beds[patient]
	w := b.watch(source{monitor: "Nonin 77"})
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		who  chart.Demographics
		want alarm.Limits
	}{
		{chart.Demographics{}, alarm.Adult()},
		{chart.Demographics{Age: "7 mo"}, alarm.ForAge(7)},
		{chart.Demographics{Age: "3 wk"}, alarm.ForAge(0)},
		{chart.Demographics{Age: "4 a"}, alarm.ForAge(48)},
		{chart.Demographics{Age: "40 a", Birth: "2020-01-01"}, alarm.ForAge(82)},
		{chart.Demographics{Age: "64 a"}, alarm.Adult()},
	} {
		s.k.record.dress(patient, patient, "tag", monthsOf(c.who, now))
		if got := w.engine.Limits().ID; got != c.want.ID {
			t.Errorf("%+v is watched by %s, want %s", c.who, got, c.want.ID)
		}
	}
}

func TestACuffResultOfBeforeARestartKeepsItsAgeAndIsChartedOnce(t *testing.T) {
	s := newShift(t)
	s.speak(left, ours)
	patient := s.admit()
	s.bind("Nonin 77", patient)
	cuff := func() {
		for sign, v := range map[vital.Sign]int64{vital.NIBPSys: 121, vital.NIBPDia: 79, vital.NIBPMean: 93} {
			r := vital.Of(sign, vital.Int(v))
			r.Arrived, r.Aperiodic = s.k.clock.Now(), true
			s.k.record.Reading(left, r)
		}
	}
	charted := func() int {
		s.k.record.mu.Lock()
		b := s.k.record.beds[patient]
		now := s.k.clock.Now()
		s.k.record.second(b, now-now%vital.Instant(time.Second), now)
		s.k.record.mu.Unlock()
		settled(t, s.k)
		entries, err := s.k.entries(t.Context(), patient)
		if err != nil {
			t.Fatal(err)
		}
		fold := chart.NewFold(patient)
		fold.Add(entries...)
		n := 0
		for _, f := range fold.Chart().Of(chart.TypeVitals) {
			if f.Content.(*chart.Vitals).Reason == chart.ReasonNIBP {
				n++
			}
		}
		return n
	}
	began := s.k.clock.Now()
	cuff()
	if n := charted(); n != 1 {
		t.Errorf("one cuff result is charted %d times", n)
	}
	s.restart()
	stopped := s.k.clock.Now()
	s.speak(left, ours)
	cuff()
	for _, r := range s.k.record.beds[patient].numerics() {
		if r.Aperiodic && (r.Arrived >= stopped || r.Arrived < began-vital.Instant(time.Second)) {
			t.Errorf("%v of before the restart is said to be %v old", r.Sign, s.k.clock.Now().Sub(r.Arrived))
		}
	}
	if n := charted(); n != 1 {
		t.Errorf("the cuff result is charted %d times after a restart", n)
	}
	// The run ends, and the tablet restarts before the next patient.
	s.record("encounter-closed", patient, &chart.EncounterClosed{Outcome: "handed over"})
	s.restart()
	s.speak(left, ours)
	next := s.admit()
	s.bind("Nonin 77", next)
	cuff()
	b := s.k.record.beds[next]
	for _, r := range b.numerics() {
		if r.Aperiodic && r.State() != vital.Withheld {
			t.Errorf("%v of the patient before is shown to the next one's crew", r.Sign)
		}
	}
	if b.result {
		t.Error("the cuff result of the patient before is charted to the next one")
	}
}

// The crew took up the encounter that a monitor had opened by itself and cared for
// the patient in it; then came the next.
func TestAPressureOfAPatientTakenUpFromTheMonitorStaysThere(t *testing.T) {
	for _, again := range []string{"at once", "after a restart"} {
		t.Run(again, func(t *testing.T) {
			s := newShift(t)
			ann := s.speak(left, ours)
			cuff := func() {
				for sign, v := range map[vital.Sign]int64{vital.NIBPSys: 121, vital.NIBPDia: 79} {
					r := vital.Of(sign, vital.Int(v))
					r.Arrived, r.Aperiodic = s.k.clock.Now(), true
					s.k.record.Reading(left, r)
				}
			}
			cuff()
			s.record("note", ann, &chart.Note{Text: "chest pain"})
			s.k.record.mu.Lock()
			s.k.record.chartResult(s.k.record.beds[ann], s.k.clock.Now())
			s.k.record.mu.Unlock()
			bob := s.admit()
			s.bind("Nonin 77", bob)
			if again != "at once" {
				s.restart()
				s.speak(left, ours)
			}
			cuff()
			for _, r := range s.k.record.beds[bob].numerics() {
				if r.Aperiodic && r.State() != vital.Withheld {
					t.Errorf("%v of the patient before stands on the next one's screen", r.Sign)
				}
			}
			settled(t, s.k)
			row, err := s.k.rowOf(t.Context(), ann)
			if err != nil || row.Status == chart.StoodDown {
				t.Errorf("the encounter with the first patient's care is %v, %v", row.Status, err)
			}
		})
	}
}

// A monitor that was moved to another port says its last result before its number.
func TestAResultSaidOnAnotherPortIsAsOldAsItWas(t *testing.T) {
	all := results{}
	first := vital.Of(vital.NIBPSys, vital.Int(120))
	first.Aperiodic, first.Arrived = true, 1
	key := func(monitor string) numeric { return numeric{monitor: monitor, sign: vital.NIBPSys} }
	all.hear(newBed(chart.ID{1}, chart.ID{}), key("GE 9"), first)
	again := first
	again.Arrived = vital.Instant(time.Hour)
	nobodys := newBed(chart.ID{2}, chart.ID{})
	nobodys.provisional = true
	all.hear(nobodys, key("port 2"), again)
	all.rename("port 2", "GE 9")
	if r := all[key("GE 9")]; r.Arrived != 1 || r.encounter != (chart.ID{1}) {
		t.Errorf("after it said its number the result is of %v, of %v", time.Duration(r.Arrived), r.encounter)
	}
}

func TestOfTwoMonitorsOfOnePatientTheOneThatMeasuresIsShown(t *testing.T) {
	b := newBed(chart.ID{1}, chart.ID{})
	now := vital.Instant(time.Hour)
	for _, c := range []struct {
		story    string
		old, new vital.Reading
		before   time.Duration // ago, of the monitor named last
		ago      time.Duration
		want     string
	}{
		{"the other was taken off", vital.Of(vital.SpO2, vital.Int(97)), vital.Of(vital.SpO2, vital.Int(71)), 6 * time.Second, 0, "71 %"},
		{"its cuff measured longer ago", vital.Of(vital.NIBPSys, vital.Int(130)), vital.Of(vital.NIBPSys, vital.Int(80)), 10 * time.Minute, time.Minute, "80 mmHg"},
		{"the newer has no probe on", vital.Of(vital.SpO2, vital.Int(97)), vital.None(vital.SpO2, vital.ProbeOff), 0, 0, "97 %"},
		{"both measure: always the same", vital.Of(vital.SpO2, vital.Int(97)), vital.Of(vital.SpO2, vital.Int(96)), 500 * time.Millisecond, 0, "97 %"},
	} {
		b.readings = map[numeric]heard{}
		c.old.Arrived, c.new.Arrived = now.Add(-c.before), now.Add(-c.ago)
		b.readings[numeric{monitor: "Zoll 1", sign: c.old.Sign}] = heard{Reading: c.old}
		b.readings[numeric{monitor: "Corpuls 2", sign: c.new.Sign}] = heard{Reading: c.new}
		if got := b.shown(now); len(got) != 1 || got[0].String() != c.want {
			t.Errorf("%s: %v, want %s", c.story, got, c.want)
		}
	}
}
