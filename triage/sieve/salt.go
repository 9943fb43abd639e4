package sieve

import "fieldkit/triage/score/finding"

// SALT's global sort (walking, waving, still) only sets the order in which people
// are looked at. It is no category, so walking is no input here.
var salt = Rule{
	ID: "salt", Title: "Sort, Assess, Lifesaving interventions, Treatment and/or transport", Version: "2008",
	Inputs: []finding.Key{finding.Breathing, finding.BreathingAirway, finding.BreathingRescue, finding.Obeys, finding.Purposeful, finding.RadialPulse, finding.Pulse,
		finding.RespDistress, finding.SevereBleeding, finding.BleedingControlled, finding.LikelyToSurvive, finding.MinorOnly,
		finding.RR, finding.Consciousness, finding.GCSMotor, finding.Talking, finding.AgeYears, finding.AgeMonths, finding.LooksLikeChild},
	Source:  "Lerner EB et al: Mass casualty triage: an evaluation of the data and development of a proposed national guideline. Disaster Med Public Health Prep 2008;2 Suppl 1:S25-34",
	Licence: "non-proprietary, free to use",
	tree: question(saltBreathes,
		question(purposeful,
			question(peripheralPulse,
				question(distressed,
					saltSurvives("in respiratory distress"),
					question(bleedingStopped,
						plain(finding.MinorOnly, end(Minimal, "all four criteria met, minor injuries only"), end(Delayed, "all four criteria met, not minor injuries only")),
						saltSurvives("major bleeding is not controlled"), finding.BleedingControlled, finding.SevereBleeding),
					finding.RespDistress),
				saltSurvives("no peripheral pulse"), finding.RadialPulse, finding.Pulse),
			saltSurvives("neither obeys commands nor moves with purpose"), finding.Obeys, finding.Purposeful),
		end(Dead, "does not breathe after the lifesaving interventions"), finding.Breathing, finding.BreathingAirway, finding.BreathingRescue),
	warn: func(in finding.Set, out *Result) {
		if out.Category == Dead && child(in, 12) == finding.Unknown {
			out.note("a child gets 2 rescue breaths before this holds")
		}
	},
}

func saltSurvives(fails string) *node {
	return plain(finding.LikelyToSurvive,
		end(Immediate, fails+"; likely to survive with what is at hand"),
		end(Expectant, fails+"; not likely to survive with what is at hand"))
}

// saltBreathes asks for rescue breaths only where a child is known or suspected;
// what somebody has tried counts at any age.
func saltBreathes(in finding.Set) finding.Tri {
	b := breathes(in)
	if b == finding.No && (in.Has(finding.BreathingRescue) || child(in, 12) == finding.Yes) {
		return in.Answer(finding.BreathingRescue)
	}
	return b
}

// purposeful is one question of the card with two ways to say yes. A no to one of
// them alone counts as a no where that can only raise the urgency.
func purposeful(in finding.Set) finding.Tri {
	a := finding.Any(obeys(in), in.Answer(finding.Purposeful))
	if a == finding.Unknown && obeys(in) == finding.No && in.Answer(finding.LikelyToSurvive) != finding.No {
		return finding.No
	}
	return a
}
