package score

import "fieldkit/triage/score/finding"

// The coded values that RTS and triage RTS share.
var (
	rtsGCS = charted(cut{3, 0}, cut{4, 1}, cut{6, 2}, cut{9, 3}, cut{13, 4})
	rtsSBP = charted(cut{0, 0}, cut{1, 1}, cut{50, 2}, cut{76, 3}, cut{90, 4})
	rtsRR  = charted(cut{0, 0}, cut{1, 1}, cut{6, 2}, cut{10, 4}, cut{30, 3})

	rtsKeys = []finding.Key{finding.GCSEye, finding.GCSVerbal, finding.GCSMotor, finding.GCS, finding.SBP, finding.RR}
)

const rtsSource = "Champion HR et al: A revision of the Trauma Score. J Trauma 1989;29:623-9"

var (
	rts = Rule{
		ID: "rts", Title: "Revised Trauma Score", Version: "Champion 1989 (weights 0.9368, 0.7326, 0.2908)",
		Inputs: rtsKeys, Source: rtsSource, Licence: "published formula, free to use",
		judge: func(t *tally) {
			t.coma(rtsGCS)
			t.number(finding.SBP, rtsSBP)
			t.number(finding.RR, rtsRR)
			for i, weight := range [...]int{9368, 7326, 2908} {
				t.parts[i].low *= weight
				t.parts[i].high *= weight
			}
			t.places = 4
			t.fire("0.9368 × coma code + 0.7326 × pressure code + 0.2908 × breathing code")
			t.falling(func(int) verdict { return verdict{} })
		},
	}
	trts = Rule{
		ID: "trts", Title: "Triage Revised Trauma Score", Version: "Champion 1989",
		Inputs: rtsKeys, Source: rtsSource, Licence: "published formula, free to use",
		judge: func(t *tally) {
			t.coma(rtsGCS)
			t.number(finding.SBP, rtsSBP)
			t.number(finding.RR, rtsRR)
			t.falling(fall("sum", []floor{{0, "dead"}, {1, "immediate"}, {11, "urgent"}, {12, "delayed"}}))
		},
	}
)
