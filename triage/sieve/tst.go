package sieve

import "fieldkit/triage/score/finding"

var tst = Rule{
	ID: "tst", Title: "Ten Second Triage", Version: "NHS England 2023-04",
	Inputs: []finding.Key{finding.Walking, finding.SevereBleeding, finding.Talking, finding.PenetratingTorso, finding.Breathing, finding.BreathingAirway,
		finding.RR, finding.Consciousness},
	Source:  "NHS England: Ten Second Triage Tool, April 2023; Vassallo J et al, Emerg Med J 2024",
	Licence: "tool of NHS England; the rule is used, its artwork is not",
	tree: plain(finding.Walking, end(P3, "walks"),
		plain(finding.SevereBleeding, end(P1, "severe bleeding: press, tourniquet, pack"),
			question(talks,
				plain(finding.PenetratingTorso, end(P1, "penetrating injury of the torso, front or back"), end(P2, "talks, no penetrating injury of the torso")),
				question(breathes, end(P1, "does not talk, breathes: recovery position"), end(NotBreathing, "does not breathe after the airway was opened; this is not a finding of death"),
					finding.BreathingAirway, finding.Breathing),
				finding.Talking))),
	warn: func(in finding.Set, out *Result) {
		if in.Answer(finding.Walking) == finding.Yes && in.Answer(finding.SevereBleeding) == finding.Yes {
			out.note("conflict: walking with severe bleeding is p3 by the order of the chart; stop the bleeding and sort again")
		}
	},
}
