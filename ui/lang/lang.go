// Package lang is every word on the screens, in English, French and Spanish. A
// table holds all three side by side, so that a word cannot be there in one and
// missing in another. It reads no system locale: the team's setting holds on every
// tablet, and is switched without a restart.
//
// French and Spanish were not reviewed by clinicians who speak them; the program
// says so, see [Reviewed].
package lang

import (
	"fmt"
	"strings"
	"time"

	"fieldkit/triage/alarm"
	"fieldkit/triage/vital"
)

// A Language is one of the three.
type Language uint8

// The languages.
const (
	English Language = iota
	French
	Spanish
)

// Languages are all of them, in the order a tap goes through them.
var Languages = [...]Language{English, French, Spanish}

// Name is the language's own name.
func (l Language) Name() string {
	return [...]string{"English", "Français", "Español"}[min(l, Spanish)]
}

// Next is the language one tap further.
func (l Language) Next() Language { return (l + 1) % Language(len(Languages)) }

// Reviewed reports whether people who speak the language and do the work have
// read its words.
func (l Language) Reviewed() bool { return l == English }

var codes = [...]string{"en", "fr", "es"}

// Code is "en", "fr" or "es".
func (l Language) Code() string { return codes[min(l, Spanish)] }

// ByCode is the language of "en", "fr" or "es".
func ByCode(code string) (Language, bool) {
	for i, c := range codes {
		if c == code {
			return Language(i), true
		}
	}
	return English, false
}

// A Speech says things in the language chosen. It belongs to the screens'
// goroutine.
type Speech struct{ Language Language }

// Say is the words of a key, with args put where the words have verbs of fmt.
func (s *Speech) Say(k Key, args ...any) string {
	row, ok := table[k]
	if !ok {
		row = care[k]
	}
	words := row[min(s.Language, Spanish)]
	if words == "" {
		words = string(k) // a test holds that this cannot happen
	}
	if len(args) == 0 {
		return words
	}
	return fmt.Sprintf(words, args...)
}

// State is why there is no value, in words.
func (s *Speech) State(why vital.State) string {
	if k, ok := states[why]; ok {
		return s.Say(k)
	}
	return why.String()
}

// Age is how old something is, as short as can be read at a glance: "4 s", "12
// min", "3 h". It never rounds up: an age must not look older than the next word.
func (s *Speech) Age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return s.Say(Days, int(d.Hours()/24))
}

// Priority is an alarm's priority as a word in capitals.
func (s *Speech) Priority(p alarm.Priority) string {
	switch p {
	case alarm.High:
		return s.Say(PriorityHigh)
	case alarm.Medium:
		return s.Say(PriorityMedium)
	}
	return s.Say(PriorityLow)
}

// Condition is an alarm's words, which the station tells in English as triage/alarm
// writes them: what it is about stays, what is wrong is translated. Words it does
// not know stay as they are.
func (s *Speech) Condition(text string) string {
	for what, k := range conditions {
		if about, ok := strings.CutSuffix(text, " "+what); ok {
			return about + " " + s.Say(k)
		}
	}
	return text
}
