package sim

import (
	"embed"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed scenarios/*.scenario
var scenarios embed.FS

// Names lists the scenarios that come with the program.
func Names() []string {
	entries, _ := scenarios.ReadDir("scenarios") // embedded: cannot fail
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), path.Ext(e.Name())))
	}
	return names
}

// Named is the scenario called name.
func Named(name string) (*Story, error) {
	b, err := scenarios.ReadFile("scenarios/" + name + ".scenario")
	if err != nil {
		return nil, fmt.Errorf("find scenario %q: there are %s", name, strings.Join(Names(), ", "))
	}
	return Parse(string(b))
}

// ErrScenario is what every error of Parse matches.
var ErrScenario = errors.New("not a scenario line")

// A Story is what happens to a patient.
type Story struct {
	Title   string // its first comment
	ramps   [quantities][]ramp
	rhythms []change[Rhythm]
	sensors [sensorCount][]change[bool]
	motion  []change[bool]
	cuffs   []cuff
}

// A ramp takes a quantity to a value, from whatever it is when the ramp begins.
type ramp struct {
	at, over time.Duration
	to       float64
}

type change[T any] struct {
	at time.Duration
	to T
}

// A cuff measures at at, and then every every, if that is above 0.
type cuff struct{ at, every time.Duration }

// A quantity is a number a story can move.
type quantity int

const (
	heartRate quantity = iota
	saturation
	breathRate
	systolic
	diastolic
	endTidal
	temperature
	perfusion // index, %
	stShift   // mV
	glucose   // mg/dL
	quantities
)

// Each quantity's word in a scenario, its value when none is given, and its range.
var quantityTable = [quantities]struct {
	word          string
	usual         float64
	least, utmost float64
}{
	heartRate:   {"HR", 75, 0, 300},
	saturation:  {"SpO2", 98, 0, 100},
	breathRate:  {"RR", 14, 0, 80},
	systolic:    {"Sys", 122, 0, 280},
	diastolic:   {"Dia", 76, 0, 200},
	endTidal:    {"EtCO2", 38, 0, 120},
	temperature: {"Temp", 36.8, 20, 44},
	perfusion:   {"PI", 3.5, 0, 20},
	stShift:     {"ST", 0, -1, 1},
	glucose:     {"Glucose", 98, 10, 600},
}

type sensor int

const (
	oximeterProbe sensor = iota
	ecgLeads
	co2Line
	tempProbe
	arterialLine
	sensorCount
)

var sensorWords = [sensorCount]string{"pleth", "ecg", "co2", "temp", "abp"}

// Rhythm is how the heart beats.
type Rhythm int

// The rhythms. Their rate is the story's HR, but for VF and Asystole.
const (
	Sinus Rhythm = iota
	AF           // atrial fibrillation: no P, irregular
	VT           // wide, regular, little output
	VF           // no output
	Asystole
	PEA // looks like Sinus, no output
)

var rhythmWords = []string{Sinus: "sinus", AF: "af", VT: "vt", VF: "vf", Asystole: "asystole", PEA: "pea"}

// storyMost is more lines than any story needs.
const storyMost = 2000

// Parse reads a scenario. One thing a line; # begins a comment:
//
//	HR 96                          a first value; without one, a healthy adult's
//	NIBP 118/74                    both pressures
//	nibp every 3m                  cuff measurements, the first at once
//	sensor abp on                  pleth, ecg, co2 and temp are on, abp is off
//	at 2m10s SpO2 -> 84 over 90s   a change; without "over" it is sudden
//	at 5m rhythm af                sinus, af, vt, vf, asystole, pea
//	at 6m sensor pleth off
//	at 7m motion on
//	at 8m nibp now
func Parse(text string) (*Story, error) {
	s := &Story{}
	lines := strings.Split(text, "\n")
	if len(lines) > storyMost {
		return nil, fmt.Errorf("read scenario: more than %d lines: %w", storyMost, ErrScenario)
	}
	for i, line := range lines {
		body, comment, _ := strings.Cut(line, "#")
		if s.Title == "" {
			s.Title = strings.TrimSpace(comment)
		}
		words := strings.Fields(body)
		if len(words) == 0 {
			continue
		}
		if err := s.line(words); err != nil {
			return nil, fmt.Errorf("read scenario line %d: %w", i+1, err)
		}
	}
	for q := range s.ramps {
		slices.SortStableFunc(s.ramps[q], func(a, b ramp) int { return int(a.at - b.at) })
	}
	byTime(s.rhythms)
	byTime(s.motion)
	for i := range s.sensors {
		byTime(s.sensors[i])
	}
	slices.SortStableFunc(s.cuffs, func(a, b cuff) int { return int(a.at - b.at) })
	return s, nil
}

func byTime[T any](c []change[T]) {
	slices.SortStableFunc(c, func(a, b change[T]) int { return int(a.at - b.at) })
}

func (s *Story) line(w []string) error {
	at := time.Duration(0)
	if w[0] == "at" {
		if len(w) < 3 {
			return fmt.Errorf("at what time does what happen? %w", ErrScenario)
		}
		var err error
		if at, err = length(w[1]); err != nil {
			return err
		}
		w = w[2:]
	}
	switch {
	case w[0] == "rhythm" && len(w) == 2:
		r := slices.Index(rhythmWords, w[1])
		if r < 0 {
			return fmt.Errorf("rhythm %q is none of %s: %w", w[1], strings.Join(rhythmWords, ", "), ErrScenario)
		}
		s.rhythms = append(s.rhythms, change[Rhythm]{at, Rhythm(r)})
		return nil
	case w[0] == "sensor" && len(w) == 3:
		i := slices.Index(sensorWords[:], w[1])
		if i < 0 {
			return fmt.Errorf("sensor %q is none of %s: %w", w[1], strings.Join(sensorWords[:], ", "), ErrScenario)
		}
		on, err := onOff(w[2])
		s.sensors[max(i, 0)] = append(s.sensors[max(i, 0)], change[bool]{at, on})
		return err
	case w[0] == "motion" && len(w) == 2:
		on, err := onOff(w[1])
		s.motion = append(s.motion, change[bool]{at, on})
		return err
	case w[0] == "nibp" && len(w) == 2 && w[1] == "now":
		s.cuffs = append(s.cuffs, cuff{at: at})
		return nil
	case w[0] == "nibp" && len(w) == 3 && w[1] == "every":
		every, err := length(w[2])
		if err == nil && every < time.Minute {
			err = fmt.Errorf("a cuff needs a minute: %w", ErrScenario)
		}
		s.cuffs = append(s.cuffs, cuff{at, every})
		return err
	}
	return s.move(at, w)
}

// move reads "HR 96", "HR -> 140" or "HR -> 140 over 60s".
func (s *Story) move(at time.Duration, w []string) error {
	name, rest := w[0], w[1:]
	if len(rest) > 0 && rest[0] == "->" {
		rest = rest[1:]
	}
	over := time.Duration(0)
	if len(rest) == 3 && rest[1] == "over" {
		var err error
		if over, err = length(rest[2]); err != nil {
			return err
		}
		rest = rest[:1]
	}
	if len(rest) != 1 {
		return fmt.Errorf("%q: %w", strings.Join(w, " "), ErrScenario)
	}
	if name == "NIBP" {
		sys, dia, ok := strings.Cut(rest[0], "/")
		if !ok {
			return fmt.Errorf("pressures are written 120/80, not %q: %w", rest[0], ErrScenario)
		}
		return errors.Join(s.to(systolic, at, over, sys), s.to(diastolic, at, over, dia))
	}
	for q, row := range quantityTable {
		if row.word == name {
			return s.to(quantity(q), at, over, rest[0])
		}
	}
	return fmt.Errorf("%q is not known: %w", name, ErrScenario)
}

func (s *Story) to(q quantity, at, over time.Duration, text string) error {
	v, err := strconv.ParseFloat(text, 64)
	row := quantityTable[q]
	if err != nil || !(v >= row.least && v <= row.utmost) {
		return fmt.Errorf("%s %q is not from %g to %g: %w", row.word, text, row.least, row.utmost, ErrScenario)
	}
	s.ramps[q] = append(s.ramps[q], ramp{at, over, v})
	return nil
}

func onOff(w string) (bool, error) {
	switch w {
	case "on":
		return true, nil
	case "off":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither on nor off: %w", w, ErrScenario)
}

// lengthMost is longer than any shift.
const lengthMost = 48 * time.Hour

func length(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > lengthMost {
		return 0, fmt.Errorf("%q is not a time such as 2m10s: %w", text, ErrScenario)
	}
	return d, nil
}

// value is what the story makes of q at t.
func (s *Story) value(q quantity, t time.Duration) float64 {
	v := quantityTable[q].usual
	ramps := s.ramps[q]
	for i, r := range ramps {
		if r.at > t {
			break
		}
		until := t
		if i+1 < len(ramps) {
			until = min(until, ramps[i+1].at)
		}
		if past := until - r.at; past >= r.over {
			v = r.to
		} else {
			v += (r.to - v) * float64(past) / float64(r.over)
		}
	}
	return v
}

// now is the last change at or before t, or usual.
func now[T any](changes []change[T], t time.Duration, usual T) T {
	for _, c := range changes {
		if c.at > t {
			break
		}
		usual = c.to
	}
	return usual
}

func (s *Story) rhythm(t time.Duration) Rhythm { return now(s.rhythms, t, Sinus) }

func (s *Story) on(i sensor, t time.Duration) bool { return now(s.sensors[i], t, i != arterialLine) }
