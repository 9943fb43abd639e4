package sieve

import "fieldkit/triage/score/finding"

// The age rule is read as "2 years or less", as one public copy has it; the card
// itself was not at hand. The wider reading is the safer one.
var mitt = Rule{
	ID: "mitt", Title: "NHS Major Incident Triage Tool", Version: "NHS England 2023 (young child: up to and with 2 years)",
	Inputs: []finding.Key{finding.SevereBleeding, finding.Walking, finding.Breathing, finding.BreathingAirway, finding.Submersion, finding.BreathingRescue,
		finding.RespondsToVoice, finding.AgeYears, finding.AgeMonths, finding.LooksLikeChild, finding.RR, finding.HR,
		finding.Consciousness, finding.Obeys, finding.Talking},
	Source:  "NHS England: Major Incident Triage Tool, 2023; Vassallo J et al, Emerg Med J 2022",
	Licence: "tool of NHS England; paper CC BY-NC 4.0; the rule is used, its artwork and text are not",
	tree: physiological(
		question(drownedChild,
			plain(finding.BreathingRescue, end(P1, "breathes after rescue breaths (a child under 12 from water or smoke)"), dead),
			dead, finding.AgeYears),
		question(youngChild, end(P1, "2 years old or less and not walking"),
			question(tooFewOrMany, end(P1, "breathes under 12 or over 23 times a minute"), fastHeart, finding.RR), finding.AgeYears)),
	warn: func(in finding.Set, out *Result) {
		if out.Category == Dead && child(in, 12) != finding.No && !in.Has(finding.Submersion) {
			out.note("a child under 12 from water or smoke gets rescue breaths before this holds")
		}
	},
}

// drownedChild is asked only once somebody has said water or smoke, or that rescue
// breaths helped.
func drownedChild(in finding.Set) finding.Tri {
	switch {
	case in.Answer(finding.BreathingRescue) == finding.Yes:
		return finding.Yes
	case in.Answer(finding.Submersion) != finding.Yes:
		return finding.No
	}
	return child(in, 12)
}

// youngChild cannot be told by looking like a child alone, only ruled out by it.
func youngChild(in finding.Set) finding.Tri {
	if age, ok := in.Years(); ok {
		return finding.Of(age <= 2)
	}
	if in.Answer(finding.LooksLikeChild) == finding.No {
		return finding.No
	}
	return finding.Unknown
}
