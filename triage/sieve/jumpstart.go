package sieve

import (
	"fieldkit/triage/score/finding"
	"fieldkit/triage/vital"
)

var jumpstart = Rule{
	ID: "jumpstart", Title: "JumpSTART paediatric triage", Version: "Romig 2001",
	Inputs: []finding.Key{finding.Walking, finding.NotYetWalking, finding.Breathing, finding.BreathingAirway, finding.Pulse, finding.RadialPulse, finding.BreathingRescue,
		finding.RR, finding.RRIrregular, finding.Consciousness, finding.PainProper, finding.Purposeful, finding.SignificantInjury, finding.Talking,
		finding.SevereBleeding, finding.BleedingControlled, finding.AgeYears, finding.AgeMonths},
	Source:  "Romig LE: Pediatric triage. A system to JumpSTART your triage of young patients at MCIs. JEMS 2002;27(7):52-63",
	Licence: "copyright L. Romig; freely distributed for training",
	tree: question(func(in finding.Set) finding.Tri {
		if in.Answer(finding.NotYetWalking) == finding.Yes {
			return finding.No
		}
		return in.Answer(finding.Walking)
	}, end(Minor, "walks; secondary triage first among the minor"),
		question(breathing, childBreathes,
			plain(finding.BreathingAirway, end(Immediate, "breathes only after the airway was opened"),
				question(anyPulse,
					plain(finding.BreathingRescue, end(Immediate, "breathes after 5 rescue breaths"), end(Deceased, "has a pulse, but does not breathe after 5 rescue breaths")),
					end(Deceased, "no breath after the airway was opened, and no pulse"), finding.Pulse)),
			finding.Breathing), finding.Walking),
	warn: func(in finding.Set, out *Result) {
		warnWalkingBleeder(in, out)
		if out.Category == Delayed && !in.Has(finding.RRIrregular) {
			out.note("the breathing is taken as regular, since nobody said that it is not")
		}
		warnAge(in, out, 1, 9, "published for children of 1 to 8 years; who looks like a young adult is sorted by start")
	},
}

var childBreathes = question(func(in finding.Set) finding.Tri {
	if in.Answer(finding.RRIrregular) == finding.Yes {
		return finding.Yes
	}
	return finding.Any(in.Below(finding.RR, vital.Int(15)), in.Above(finding.RR, vital.Int(45)))
}, end(Immediate, "breathes under 15 or over 45 times a minute, or irregularly"),
	question(func(in finding.Set) finding.Tri {
		if in.Has(finding.Pulse) {
			return in.Answer(finding.Pulse)
		}
		return in.Answer(finding.RadialPulse)
	}, question(reacts,
		question(carriedAndWhole, end(Minor, "not yet able to walk, meets all criteria for delayed, no significant external injury"),
			end(Delayed, "breathes 15 to 45 times a minute, has a pulse, and is alert, responds to voice, or appropriately to pain")),
		end(Immediate, "unresponsive, or responds to pain inappropriately"), finding.Consciousness, finding.PainProper),
		end(Immediate, "no palpable pulse"), finding.Pulse),
	finding.RR)

// reacts is alert, to voice, or appropriately to pain.
func reacts(in finding.Set) finding.Tri {
	switch {
	case conscious(in, "A", "C", "V") == finding.Yes:
		return finding.Yes
	case conscious(in, "P") == finding.Yes && in.Has(finding.PainProper):
		return in.Answer(finding.PainProper)
	case conscious(in, "P") == finding.Yes: // localising and withdrawing are purposeful movement
		return in.Answer(finding.Purposeful)
	case conscious(in, "U") == finding.Yes:
		return finding.No
	case in.Answer(finding.Obeys) == finding.Yes || in.Answer(finding.Talking) == finding.Yes:
		return finding.Yes
	}
	return finding.Unknown
}

// carriedAndWhole needs both said: an unknown injury does not make a child minor.
func carriedAndWhole(in finding.Set) finding.Tri {
	return finding.Of(in.Answer(finding.NotYetWalking) == finding.Yes && in.Answer(finding.SignificantInjury) == finding.No)
}
