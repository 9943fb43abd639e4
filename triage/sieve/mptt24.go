package sieve

import (
	"fieldkit/triage/score/finding"
	"fieldkit/triage/vital"
)

var mptt24 = Rule{
	ID: "mptt24", Title: "Modified Physiological Triage Tool 24", Version: "2017 (RR under 12 or 24 and over)",
	Inputs: []finding.Key{finding.SevereBleeding, finding.Walking, finding.Breathing, finding.BreathingAirway, finding.RespondsToVoice, finding.RR, finding.HR,
		finding.Consciousness, finding.Obeys, finding.Talking, finding.AgeYears, finding.AgeMonths, finding.LooksLikeChild},
	Source:  "Vassallo J et al: The civilian validation of the Modified Physiological Triage Tool (MPTT). Emerg Med J 2017; BMJ Mil Health 2018;164:103",
	Licence: "published rule, free to use",
	tree: physiological(dead,
		question(tooFewOrMany, end(P1, "breathes under 12, or 24 and more times a minute"), fastHeart, finding.RR)),
	refuse: func(in finding.Set) string {
		if child(in, 18) == finding.Yes {
			return "MPTT-24 is not for those under 18; use mitt or jumpstart"
		}
		return ""
	},
	warn: func(in finding.Set, out *Result) {
		if _, ok := in.Years(); !ok {
			out.note("age is not known; MPTT-24 is not for those under 18")
		}
	},
}

var (
	dead      = end(Dead, "does not breathe after the airway was opened")
	fastHeart = question(func(in finding.Set) finding.Tri { return in.Below(finding.HR, vital.Int(100)).Not() },
		end(P1, "heart rate 100 or more"), end(P2, "responds, breathes 12 to 23 times a minute, heart rate under 100"), finding.HR)
)

// tooFewOrMany is under 12 or over 23 breaths; between 23 and 24 counts as over.
func tooFewOrMany(in finding.Set) finding.Tri {
	return finding.Any(in.Below(finding.RR, vital.Int(12)), in.Above(finding.RR, vital.Int(23)))
}

// physiological is the head that MPTT-24 and MITT share.
func physiological(apnoea, rest *node) *node {
	return plain(finding.SevereBleeding, end(P1, "catastrophic bleeding: treat it"),
		plain(finding.Walking, end(P3, "walks"),
			question(breathes,
				question(respondsToVoice, rest, end(P1, "does not respond to voice"), finding.RespondsToVoice, finding.Consciousness),
				apnoea, finding.Breathing, finding.BreathingAirway)))
}
