package sieve

import (
	"strings"

	"fieldkit/triage/score/finding"
	"fieldkit/triage/vital"
)

var usft2021 = Rule{
	ID: "usft2021", Title: "National Guideline for the Field Triage of Injured Patients", Version: "2021",
	Inputs:  usftInputs(),
	Source:  "Newgard CD et al: National guideline for the field triage of injured patients. J Trauma Acute Care Surg 2022;93:e49-60. Codes: NEMSIS 3.5.1 eInjury.03 and .04",
	Licence: "open access; codes of NEMSIS",
	judge:   judgeUSFT,
	warn: func(in finding.Set, out *Result) {
		if age, ok := in.Years(); ok && age < 1 && in.Above(finding.RR, vital.Int(29)) == finding.Yes {
			out.note("over 29 breaths a minute is normal in an infant; the rule has no infant exception")
		}
	},
}

// A criterion is one line of the guideline.
type criterion struct {
	code  string
	words string
	keys  []finding.Key
	met   func(finding.Set) finding.Tri
	seen  bool // looked for by a person, so that "all criteria checked" answers it
}

func look(code, words string, k finding.Key) criterion {
	return criterion{code, words, []finding.Key{k}, func(in finding.Set) finding.Tri { return in.Answer(k) }, true}
}

func over(code, words string, k finding.Key, bound int64) criterion {
	return criterion{code, words, []finding.Key{k}, func(in finding.Set) finding.Tri { return in.Above(k, vital.Int(bound)) }, true}
}

var usftRed = []criterion{
	look("2903015", "penetrating injury of head, neck, torso or proximal limb", finding.PenetratingUpper),
	look("2903009", "skull deformed or fracture suspected", finding.SkullFracture),
	look("2903039", "spinal injury suspected with new loss of movement or feeling", finding.SpinalDeficit),
	look("2903005", "chest wall unstable, deformed or flail", finding.FlailChest),
	look("2903013", "pelvic fracture suspected", finding.PelvicFracture),
	look("2903021", "two or more proximal long bones fractured", finding.TwoLongBones),
	look("2903003", "limb crushed, degloved, mangled or pulseless", finding.CrushedLimb),
	look("2903001", "amputation proximal to wrist or ankle", finding.Amputation),
	look("2903023", "active bleeding that needs a tourniquet or packing", finding.SevereBleeding),
	{"2903041", "unable to follow commands (motor GCS under 6)", []finding.Key{finding.GCSMotor, finding.Obeys}, func(in finding.Set) finding.Tri { return obeys(in).Not() }, false},
	{"2903037", "respiratory rate under 10 or over 29", []finding.Key{finding.RR}, func(in finding.Set) finding.Tri {
		return finding.Any(in.Below(finding.RR, vital.Int(10)), in.Above(finding.RR, vital.Int(29)))
	}, false},
	{"2903033", "respiratory distress or need for respiratory support", []finding.Key{finding.RespDistress, finding.RespSupport}, func(in finding.Set) finding.Tri {
		return finding.Any(distressed(in), in.Answer(finding.RespSupport), finding.All(in.Answer(finding.OnOxygen), in.Below(finding.SpO2, vital.Int(90))))
	}, false},
	{"2903035", "SpO₂ under 90 % on room air", []finding.Key{finding.SpO2, finding.OnOxygen}, func(in finding.Set) finding.Tri {
		return finding.All(in.Below(finding.SpO2, vital.Int(90)), in.Answer(finding.OnOxygen).Not())
	}, false},
	{"2903029", "0 to 9 years: systolic pressure under 70 + 2 × age", []finding.Key{finding.SBP, finding.AgeYears}, func(in finding.Set) finding.Tri {
		age, known := in.Years()
		if !known { // the highest bound of a child is 88
			return finding.All(finding.Unknown, child(in, 10), in.Below(finding.SBP, vital.Int(88)))
		}
		return finding.All(finding.Of(age <= 9), in.Below(finding.SBP, vital.Int(int64(70+2*age))))
	}, false},
	{"2903029", "age not known: systolic pressure under 70, low at any age", []finding.Key{finding.SBP}, func(in finding.Set) finding.Tri {
		_, known := in.Years()
		return finding.All(finding.Of(!known), in.Below(finding.SBP, vital.Int(70)))
	}, false},
	{"2903031", "10 to 64 years: systolic pressure under 90", []finding.Key{finding.SBP, finding.AgeYears}, func(in finding.Set) finding.Tri {
		return finding.All(aged(in, 10, 64), in.Below(finding.SBP, vital.Int(90)))
	}, false},
	{"2903027", "65 years and over: systolic pressure under 110", []finding.Key{finding.SBP, finding.AgeYears}, func(in finding.Set) finding.Tri {
		return finding.All(aged(in, 65, 200), in.Below(finding.SBP, vital.Int(110)))
	}, false},
	{"2903025", "10 years and over: heart rate above systolic pressure", []finding.Key{finding.HR, finding.SBP, finding.AgeYears}, func(in finding.Set) finding.Tri {
		sbp, ok := in.Number(finding.SBP)
		if !ok {
			return finding.All(aged(in, 10, 200), finding.Unknown)
		}
		return finding.All(aged(in, 10, 200), in.Above(finding.HR, sbp))
	}, false},
}

var usftYellow = []criterion{
	look("2904009", "ejected from a vehicle, partly or wholly", finding.CrashEjection),
	over("2904011", "intrusion over 12 inches at the patient's place", finding.CrashIntrusion, 12),
	over("2904011", "intrusion over 18 inches anywhere", finding.CrashIntrusionAt, 18),
	look("2904011", "needs extrication", finding.CrashExtrication),
	look("2904007", "death in the passenger compartment", finding.CrashDeath),
	look("2904029", "child of 0 to 9 years unrestrained", finding.CrashChild),
	look("2904013", "vehicle telemetry says severe injury", finding.CrashTelemetry),
	look("2904035", "rider separated from vehicle or animal with impact", finding.RiderSeparated),
	look("2904001", "pedestrian or cyclist thrown, run over or hit hard", finding.PedestrianThrown),
	over("2904031", "fall from over 10 feet", finding.FallFeet, 10),
	{"2904033", "low fall of one aged 5 or less, or 65 and over, with impact to the head", []finding.Key{finding.LowFallHead, finding.AgeYears}, func(in finding.Set) finding.Tri {
		return finding.All(in.Answer(finding.LowFallHead), finding.Any(aged(in, 0, 5), aged(in, 65, 200)))
	}, true},
	look("2904019", "takes an anticoagulant", finding.Anticoagulant),
	look("2904039", "abuse suspected", finding.SuspectedAbuse),
	look("2904037", "special high-resource needs", finding.SpecialNeeds),
	look("2904021", "over 20 weeks pregnant", finding.PregnantOver20),
	look("2904027", "burns together with trauma", finding.BurnsWithTrauma),
}

// aged is whether the age lies from low to high completed years. One who looks
// like a child may still be 10 to 15.
func aged(in finding.Set, low, high int) finding.Tri {
	if age, ok := in.Years(); ok {
		return finding.Of(age >= low && age <= high)
	}
	if in.Answer(finding.LooksLikeChild) == finding.Yes && low >= 18 {
		return finding.No
	}
	return finding.Unknown
}

func (c criterion) in(set finding.Set) finding.Tri {
	t := c.met(set)
	if t == finding.Unknown && c.seen && set.Answer(finding.CriteriaChecked) == finding.Yes {
		return finding.No
	}
	return t
}

func judgeUSFT(in finding.Set, out *Result) {
	var fired []string
	scan := func(list []criterion) finding.Tri {
		any := finding.No
		for _, c := range list {
			switch c.in(in) {
			case finding.Yes:
				any = finding.Yes
				fired = append(fired, c.words+" ("+c.code+")")
			case finding.Unknown:
				if any == finding.No {
					any = finding.Unknown
				}
				for _, k := range c.keys {
					if !in.Has(k) {
						out.lacks(k)
					}
				}
			}
		}
		return any
	}
	red := scan(usftRed)
	if red == finding.Yes {
		out.decide([]Category{Red})
		out.Fired = strings.Join(fired, "; ")
		return
	}
	yellow := scan(usftYellow)
	var possible []Category
	if red == finding.Unknown {
		possible = append(possible, Red)
	}
	if yellow != finding.No {
		possible = append(possible, Yellow)
	}
	if yellow != finding.Yes {
		possible = append(possible, NoCriterion)
	}
	out.decide(possible)
	switch {
	case len(fired) > 0:
		out.Fired = strings.Join(fired, "; ")
	case out.Category == NoCriterion:
		out.Fired = "no criterion of the guideline is met"
	default:
		out.Fired = "no criterion is met among those known"
	}
}

func usftInputs() []finding.Key {
	var keys []finding.Key
	seen := map[finding.Key]bool{}
	for _, list := range [][]criterion{usftRed, usftYellow} {
		for _, c := range list {
			for _, k := range c.keys {
				if !seen[k] {
					seen[k] = true
					keys = append(keys, k)
				}
			}
		}
	}
	return append(keys, finding.AgeMonths, finding.LooksLikeChild, finding.Consciousness, finding.CriteriaChecked)
}
