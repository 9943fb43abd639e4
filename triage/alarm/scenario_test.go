package alarm

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fieldkit/triage/vital"
)

// A scene tells the engine what happens, second by second, and keeps what it said.
type scene struct {
	t    *testing.T
	e    *Engine
	now  vital.Instant
	said []Transition
}

func begin(t *testing.T, l Limits) *scene { return &scene{t: t, e: NewEngine(l)} }

var (
	lowSpO2 = Condition{What: TooLow, Sign: vital.SpO2}
	highHR  = Condition{What: TooHigh, Sign: vital.HeartRate}
	noBeats = Condition{What: NoBeats, About: "ECG"}
	noSpO2  = Condition{What: NoValue, Sign: vital.SpO2}
	link    = Condition{What: Silent, About: "link"}
)

// reads gives the value each second for d.
func (s *scene) reads(sign vital.Sign, n int64, d time.Duration) {
	for range int(d / time.Second) {
		s.now = s.now.Add(time.Second)
		r := vital.Of(sign, vital.Int(n))
		r.Arrived = s.now
		s.said = append(s.said, s.e.Step(s.now, r)...)
	}
}

// says gives a reading without a value each second for d.
func (s *scene) says(sign vital.Sign, why vital.State, d time.Duration) {
	for range int(d / time.Second) {
		s.now = s.now.Add(time.Second)
		r := vital.None(sign, why)
		r.Arrived = s.now
		s.said = append(s.said, s.e.Step(s.now, r)...)
	}
}

// passes lets time pass without a reading.
func (s *scene) passes(d time.Duration) {
	for range int(d / time.Second) {
		s.now = s.now.Add(time.Second)
		s.said = append(s.said, s.e.Tick(s.now)...)
	}
}

func (s *scene) raise(c Condition, p Priority, on bool) {
	s.said = append(s.said, s.e.Raise(s.now, c, p, on)...)
}

func (s *scene) acknowledges(c Condition) {
	s.said = append(s.said, s.e.Acknowledge(s.now, c)...)
}

// is holds the condition to a state and a priority.
func (s *scene) is(c Condition, state State, p Priority) {
	s.t.Helper()
	for _, a := range s.e.Active() {
		if a.Condition == c {
			if a.State != state || a.Priority != p {
				s.t.Errorf("at %v: %v is %v %v, want %v %v", time.Duration(s.now), c, a.Priority, a.State, p, state)
			}
			return
		}
	}
	if state != Quiet {
		s.t.Errorf("at %v: %v is quiet, want %v %v", time.Duration(s.now), c, p, state)
	}
}

func (s *scene) never(c Condition, state State) {
	s.t.Helper()
	for _, x := range s.said {
		if x.Condition == c && x.To == state {
			s.t.Errorf("at %v: %v was %v", time.Duration(x.At), c, state)
		}
	}
}

func TestDesaturationInTransfer(t *testing.T) {
	s := begin(t, Adult())
	s.reads(vital.SpO2, 97, 30*time.Second)
	s.is(lowSpO2, Quiet, None)
	s.reads(vital.SpO2, 93, 15*time.Second) // 2 points of NEWS2: 15 s are not over
	s.is(lowSpO2, Pending, None)
	s.reads(vital.SpO2, 93, 2*time.Second)
	s.is(lowSpO2, Sounding, Medium)
	s.reads(vital.SpO2, 90, 16*time.Second) // 3 points, for 15 s
	s.is(lowSpO2, Sounding, High)
	s.acknowledges(lowSpO2)
	s.is(lowSpO2, Acknowledged, High)
	s.reads(vital.SpO2, 90, 119*time.Second)
	s.is(lowSpO2, Acknowledged, High)
	s.reads(vital.SpO2, 90, 2*time.Second) // still there after 2 min: it sounds again
	s.is(lowSpO2, Sounding, High)
	s.acknowledges(lowSpO2)
	s.reads(vital.SpO2, 94, time.Minute) // better, but not by the hysteresis
	s.is(lowSpO2, Acknowledged, High)
	s.reads(vital.SpO2, 95, 9*time.Second)
	s.reads(vital.SpO2, 94, 20*time.Second) // for less than 10 s
	s.is(lowSpO2, Acknowledged, High)
	s.reads(vital.SpO2, 95, 10*time.Second)
	s.is(lowSpO2, Acknowledged, High)
	s.reads(vital.SpO2, 95, time.Second)
	s.is(lowSpO2, Quiet, None)
}

func TestSaturationBelow80IsSignalledAtOnce(t *testing.T) {
	s := begin(t, Adult())
	s.reads(vital.SpO2, 97, 5*time.Second)
	s.reads(vital.SpO2, 79, time.Second)
	s.is(lowSpO2, Sounding, High)
}

func TestAMonitorThatSaysUnderRangeIsBeyondEveryLowerLimit(t *testing.T) {
	s := begin(t, Adult())
	s.says(vital.SpO2, vital.UnderRange, time.Second)
	s.is(lowSpO2, Sounding, High)
	s.reads(vital.SpO2, 97, 11*time.Second)
	s.is(lowSpO2, Latched, High)
}

func TestTheProbeFallsOff(t *testing.T) {
	s := begin(t, Adult())
	s.reads(vital.SpO2, 97, 20*time.Second)
	s.says(vital.SpO2, vital.ProbeOff, 10*time.Second)
	s.is(noSpO2, Quiet, None) // a probe may be moved
	s.says(vital.SpO2, vital.ProbeOff, 2*time.Second)
	s.is(noSpO2, Sounding, Low)
	s.is(lowSpO2, Quiet, None) // technical, not physiological
	if !noSpO2.Technical() || lowSpO2.Technical() {
		t.Error("technical and physiological are mixed")
	}
	s.reads(vital.SpO2, 97, time.Second)
	s.is(noSpO2, Quiet, None)
}

func TestTheMonitorFallsSilentAltogether(t *testing.T) {
	s := begin(t, Adult())
	s.reads(vital.SpO2, 97, 20*time.Second)
	s.passes(9 * time.Second)
	s.is(noSpO2, Quiet, None)
	s.passes(time.Second)
	s.is(noSpO2, Sounding, Low)
}

func TestACuffResultStaysAndIsNotMissed(t *testing.T) {
	s := begin(t, Adult())
	low := Condition{What: TooLow, Sign: vital.NIBPSys}
	s.reads(vital.NIBPSys, 85, time.Second)
	s.is(low, Sounding, High) // one result counts at once
	s.passes(5 * time.Minute)
	s.is(low, Sounding, High) // nothing measured since: it goes on
	s.is(Condition{What: NoValue, Sign: vital.NIBPSys}, Quiet, None)
	s.acknowledges(low)
	s.reads(vital.NIBPSys, 120, time.Second)
	s.passes(10 * time.Second)
	s.is(low, Quiet, None)
}

func TestMotionInTheAmbulanceIsWithheldAndCounted(t *testing.T) {
	s := begin(t, Adult())
	s.reads(vital.SpO2, 97, 10*time.Second)
	for range 5 {
		s.reads(vital.SpO2, 88, 6*time.Second) // the value falls with the movement
		s.says(vital.SpO2, vital.Artefact, 4*time.Second)
		s.is(lowSpO2, Withheld, None)
		s.reads(vital.SpO2, 97, 12*time.Second)
		s.is(lowSpO2, Quiet, None)
	}
	s.never(lowSpO2, Sounding)
	if s.e.WithheldCount() != 5 {
		t.Errorf("withheld %d times, want 5", s.e.WithheldCount())
	}
}

func TestAWithheldValueThatComesBackAsBadSoundsAtOnce(t *testing.T) {
	s := begin(t, Adult())
	s.reads(vital.SpO2, 97, 10*time.Second)
	s.reads(vital.SpO2, 88, 6*time.Second)
	s.says(vital.SpO2, vital.Artefact, 9*time.Second)
	s.is(lowSpO2, Withheld, None)
	s.reads(vital.SpO2, 88, time.Second) // 16 s since it fell
	s.is(lowSpO2, Sounding, High)
}

func TestAProbeThatFallsOffDuringADesaturationIsMoreUrgent(t *testing.T) {
	s := begin(t, Adult())
	s.reads(vital.SpO2, 97, 10*time.Second)
	s.reads(vital.SpO2, 90, 20*time.Second)
	s.is(lowSpO2, Sounding, High)
	s.says(vital.SpO2, vital.ProbeOff, 12*time.Second)
	s.is(lowSpO2, Sounding, High) // unknown never lowers an urgency
	s.is(noSpO2, Sounding, Medium)
}

func TestArrestAndReturnOfCirculation(t *testing.T) {
	s := begin(t, Adult())
	s.reads(vital.HeartRate, 80, 10*time.Second)
	s.raise(noBeats, High, true)
	s.is(noBeats, Sounding, High)
	s.reads(vital.HeartRate, 0, 6*time.Second)
	s.is(Condition{What: TooLow, Sign: vital.HeartRate}, Sounding, High)
	s.passes(0)
	s.reads(vital.HeartRate, 0, 25*time.Second)
	if a := s.e.Active(); !a[0].Escalated && !a[1].Escalated {
		t.Error("nobody answered for 30 s, and it was not passed on")
	}
	s.acknowledges(noBeats)
	s.acknowledges(Condition{What: TooLow, Sign: vital.HeartRate})
	s.e.Pause(s.now, 2*time.Minute) // the crew works and pauses the sound
	s.reads(vital.HeartRate, 0, time.Minute)
	if _, paused := s.e.Paused(s.now); !paused {
		t.Error("the pause is not visible")
	}
	s.reads(vital.HeartRate, 95, 15*time.Second) // circulation returns
	s.raise(noBeats, High, false)
	s.is(noBeats, Quiet, None)
	s.is(Condition{What: TooLow, Sign: vital.HeartRate}, Quiet, None)
}

func TestAHighAlarmThatEndsUnseenStaysUntilSomeoneSaysSo(t *testing.T) {
	s := begin(t, Adult())
	s.reads(vital.HeartRate, 150, 7*time.Second)
	s.is(highHR, Sounding, High)
	s.reads(vital.HeartRate, 90, 11*time.Second)
	s.is(highHR, Latched, High)
	s.reads(vital.HeartRate, 90, 10*time.Minute)
	s.is(highHR, Latched, High)
	s.acknowledges(highHR)
	s.is(highHR, Quiet, None)
}

func TestALatchedAlarmThatComesBackSoundsAgain(t *testing.T) {
	s := begin(t, Adult())
	s.raise(noBeats, High, true)
	s.raise(noBeats, High, false)
	s.is(noBeats, Latched, High)
	s.raise(noBeats, High, true)
	s.is(noBeats, Sounding, High)
	s.reads(vital.HeartRate, 150, 7*time.Second)
	s.reads(vital.HeartRate, 90, 11*time.Second)
	s.is(highHR, Latched, High)
	s.reads(vital.HeartRate, 115, time.Second)
	s.is(highHR, Sounding, High)
}

func TestAMediumAlarmDoesNotLatch(t *testing.T) {
	s := begin(t, Adult())
	s.reads(vital.HeartRate, 115, 7*time.Second)
	s.is(highHR, Sounding, Medium)
	s.reads(vital.HeartRate, 90, 11*time.Second)
	s.is(highHR, Quiet, None)
}

func TestAnAcknowledgedAlarmThatGetsWorseSoundsAgain(t *testing.T) {
	s := begin(t, Adult())
	s.reads(vital.HeartRate, 115, 7*time.Second)
	s.acknowledges(highHR)
	s.is(highHR, Acknowledged, Medium)
	s.reads(vital.HeartRate, 140, 7*time.Second)
	s.is(highHR, Sounding, High)
}

func TestAMediumAlarmIsPassedOnAfterTwoMinutes(t *testing.T) {
	s := begin(t, Adult())
	s.reads(vital.HeartRate, 115, 2*time.Minute)
	if s.e.Active()[0].Escalated {
		t.Error("passed on before 2 minutes")
	}
	s.reads(vital.HeartRate, 115, 10*time.Second)
	if !s.e.Active()[0].Escalated {
		t.Error("not passed on after 2 minutes")
	}
}

func TestTheLinkToTheHospitalIsLostOnBothEnds(t *testing.T) {
	for _, end := range []string{"vehicle", "hospital"} {
		s := begin(t, Adult())
		s.e.Expect(s.now, link, Medium, 3*time.Second)
		for range 10 {
			s.passes(2 * time.Second)
			s.said = append(s.said, s.e.Heard(s.now, link)...)
		}
		s.is(link, Quiet, None)
		s.passes(3 * time.Second)
		s.is(link, Sounding, Medium)
		if !link.Technical() || link.String() != "link silent" {
			t.Errorf("%s: %v", end, link)
		}
		s.acknowledges(link)
		s.passes(5 * time.Minute) // still lost: it sounds again
		s.is(link, Sounding, Medium)
		s.said = append(s.said, s.e.Heard(s.now, link)...)
		s.is(link, Quiet, None)
		s.passes(3 * time.Second)
		s.e.Expect(s.now, link, Medium, 0) // the run is over
		s.passes(time.Minute)
		s.is(link, Quiet, None)
	}
}

func TestTwoOximetersOfWhichOneShowsADesaturation(t *testing.T) {
	s := begin(t, Adult())
	both := func(a, b vital.Reading, d time.Duration) {
		for range int(d / time.Second) {
			s.now = s.now.Add(time.Second)
			a.Arrived, b.Arrived = s.now, s.now
			s.said = append(s.said, s.e.StepFrom(s.now, "monitor", a)...)
			s.said = append(s.said, s.e.StepFrom(s.now, "oximeter", b)...)
		}
	}
	well, low, off := vital.Of(vital.SpO2, vital.Int(98)), vital.Of(vital.SpO2, vital.Int(88)), vital.None(vital.SpO2, vital.ProbeOff)
	both(low, well, 16*time.Second)
	s.is(lowSpO2, Sounding, High) // the other does not hide it
	both(well, well, 11*time.Second)
	s.is(lowSpO2, Latched, High)
	s.acknowledges(lowSpO2)
	both(off, well, 20*time.Second)
	s.is(noSpO2, Quiet, None) // one of them still measures
	both(off, off, 11*time.Second)
	s.is(noSpO2, Sounding, Low)
	both(off, well, time.Second)
	s.is(noSpO2, Quiet, None)

	both(low, well, 5*time.Second)
	both(off, well, time.Second) // the one that fell loses its value: withheld, counted
	s.is(lowSpO2, Withheld, None)
	both(off, well, 11*time.Second)
	s.is(lowSpO2, Quiet, None)
	if s.e.WithheldCount() != 1 {
		t.Errorf("withheld %d times", s.e.WithheldCount())
	}
}

func TestNoPauseIsLongerThanTwoMinutes(t *testing.T) {
	s := begin(t, Adult())
	s.e.Pause(s.now, time.Hour)
	s.passes(119 * time.Second)
	if _, ok := s.e.Paused(s.now); !ok {
		t.Error("over before 2 minutes")
	}
	s.passes(2 * time.Second)
	if _, ok := s.e.Paused(s.now); ok {
		t.Error("longer than 2 minutes")
	}
	s.e.Pause(s.now, time.Minute)
	s.e.Pause(s.now, 0)
	if _, ok := s.e.Paused(s.now); ok {
		t.Error("a pause could not be ended")
	}
}

func TestLimitsSetByHandHoldAtOnceForWhatIsKnown(t *testing.T) {
	s := begin(t, Adult())
	s.reads(vital.SpO2, 87, 20*time.Second)
	s.is(lowSpO2, Sounding, High)
	s.said = append(s.said, s.e.SetLimits(s.now, Scale2(Adult()))...) // a clinician decides on 88 to 92 %
	s.reads(vital.SpO2, 88, 11*time.Second)
	s.is(lowSpO2, Latched, High)
	s.said = append(s.said, s.e.SetLimits(s.now, Limits{ID: "none"})...)
	s.is(lowSpO2, Quiet, None)
	if !strings.Contains(Scale2(Adult()).ID, "scale 2") {
		t.Error("the set does not say what it is")
	}
}

func TestAReadingInAnotherUnitIsHeldToTheSameLimit(t *testing.T) {
	s := begin(t, Adult())
	r := vital.OfUnit(vital.NIBPSys, vital.Dec(113, -1), vital.KPa) // 84.8 mmHg
	r.Arrived = 1
	s.said = s.e.Step(1, r)
	s.is(Condition{What: TooLow, Sign: vital.NIBPSys}, Sounding, High)
}

func TestTimeThatGoesBackEndsNoDelay(t *testing.T) {
	s := begin(t, Adult())
	s.reads(vital.SpO2, 90, 10*time.Second)
	s.e.Tick(0)
	s.reads(vital.SpO2, 90, 6*time.Second)
	s.is(lowSpO2, Sounding, High)

	s = begin(t, Adult())
	s.reads(vital.HeartRate, 80, 20*time.Second)
	late := vital.Of(vital.HeartRate, vital.Int(140))
	late.Arrived = s.now
	s.e.Step(1, late) // the clock says that this was long ago
	s.reads(vital.HeartRate, 140, time.Second)
	s.is(highHR, Pending, None)
}

// The state machine, state by state and input by input.
func TestTheStateMachine(t *testing.T) {
	inputs := []input{crossed, gone, delayOver, ended, endedLatch, acknowledge, worse, again}
	for state, want := range map[State]string{
		//            crossed       gone      delayOver  ended     latches   acknowledge   worse     again
		Quiet:        "pending      quiet     quiet      quiet     quiet     quiet         quiet     quiet",
		Pending:      "pending      withheld  sounding   quiet     quiet     pending       pending   pending",
		Withheld:     "pending      withheld  withheld   quiet     quiet     withheld      withheld  withheld",
		Sounding:     "sounding     sounding  sounding   quiet     latched   acknowledged  sounding  sounding",
		Acknowledged: "acknowledged acknowledged acknowledged quiet quiet acknowledged  sounding  sounding",
		Latched:      "sounding     latched   latched    latched   latched   quiet         sounding  latched",
	} {
		for i, to := range strings.Fields(want) {
			if got := step(state, inputs[i]); got.String() != to {
				t.Errorf("%v, input %d: %v, want %v", state, i, got, to)
			}
		}
	}
}

func TestPrioritiesAreTellableApartWithoutColour(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range []Priority{None, Low, Medium, High} {
		if key := fmt.Sprint(p, p.Glyph()); seen[key] || seen[p.Glyph()] {
			t.Errorf("%v looks like another", p)
		} else {
			seen[key], seen[p.Glyph()] = true, true
		}
	}
}
