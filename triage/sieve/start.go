package sieve

import (
	"fieldkit/triage/score/finding"
	"fieldkit/triage/vital"
)

// START lets a respiratory rate of exactly 30 pass: "over 30" fires. Of its two
// perfusion variants either may be given; when both are, the worse one counts.
var start = Rule{
	ID: "start", Title: "Simple Triage and Rapid Treatment", Version: "1996 (RR over 30; radial pulse or capillary refill over 2 s)",
	Inputs: []finding.Key{finding.Walking, finding.Breathing, finding.BreathingAirway, finding.RR, finding.RadialPulse, finding.CRT, finding.Obeys,
		finding.Consciousness, finding.GCSMotor, finding.Talking, finding.SevereBleeding, finding.BleedingControlled, finding.AgeYears, finding.AgeMonths, finding.LooksLikeChild},
	Source:  "Newport Beach Fire Department and Hoag Hospital: START, 1983, revised 1996",
	Licence: "free to use",
	tree: plain(finding.Walking, end(Minor, "walks"),
		question(breathing,
			question(func(in finding.Set) finding.Tri { return in.Above(finding.RR, vital.Int(30)) },
				end(Immediate, "breathes more than 30 times a minute"),
				question(perfused,
					question(obeys, end(Delayed, "breathes 30 times a minute or less, is perfused and obeys commands"),
						end(Immediate, "does not obey commands"), finding.Obeys),
					end(Immediate, "no radial pulse, or capillary refill over 2 s: control bleeding"), finding.RadialPulse, finding.CRT),
				finding.RR),
			plain(finding.BreathingAirway, end(Immediate, "breathes only after the airway was opened"), end(Deceased, "does not breathe after the airway was opened")),
			finding.Breathing)),
	warn: func(in finding.Set, out *Result) {
		warnWalkingBleeder(in, out)
		if in.Below(finding.RR, vital.Int(10)) == finding.Yes && in.Above(finding.RR, vital.Int(0)) == finding.Yes {
			out.note("breathing is slow; START has no lower limit")
		}
		if n, ok := in.Number(finding.RR); ok && n.Cmp(vital.Int(30)) == 0 {
			out.note("a respiratory rate of exactly 30 passes here; some cards fail it")
		}
		if in.Has(finding.CRT) {
			out.note("capillary refill is unreliable in cold and dark; the radial pulse is preferred")
		}
		if child(in, 8) == finding.Yes {
			out.note("a child: use jumpstart")
		}
	},
}

func perfused(in finding.Set) finding.Tri {
	radial, slow := in.Answer(finding.RadialPulse), in.Above(finding.CRT, vital.Int(2))
	switch {
	case radial == finding.No || slow == finding.Yes:
		return finding.No
	case radial == finding.Yes || slow == finding.No:
		return finding.Yes
	}
	return finding.Unknown
}
