package sieve

import (
	"fieldkit/triage/score/finding"
	"fieldkit/triage/vital"
)

// breathing is whether the patient breathes before the airway is opened. A
// counted breath or a word says so too; that the airway was opened to look says
// that there was none.
func breathing(in finding.Set) finding.Tri {
	b := in.Answer(finding.Breathing)
	switch {
	case b != finding.Unknown:
		return b
	case in.Above(finding.RR, vital.Int(0)) == finding.Yes, in.Answer(finding.Talking) == finding.Yes:
		return finding.Yes
	case in.Below(finding.RR, vital.Int(1)) == finding.Yes, in.Has(finding.BreathingAirway):
		return finding.No
	}
	return finding.Unknown
}

// breathes is whether the patient breathes, the airway opened if need be.
func breathes(in finding.Set) finding.Tri {
	if breathing(in) == finding.No {
		return in.Answer(finding.BreathingAirway)
	}
	return breathing(in)
}

// child is whether the patient is under years of age, by age or by looks.
func child(in finding.Set, years int) finding.Tri {
	if age, ok := in.Years(); ok {
		return finding.Of(age < years)
	}
	return in.Answer(finding.LooksLikeChild)
}

// peripheralPulse is the radial pulse. Where nobody felt for it, a pulse somewhere
// does not prove one at the wrist; none anywhere proves that there is none.
func peripheralPulse(in finding.Set) finding.Tri {
	if !in.Has(finding.RadialPulse) && in.Answer(finding.Pulse) == finding.No {
		return finding.No
	}
	return in.Answer(finding.RadialPulse)
}

// anyPulse is whether there is a palpable pulse at all.
func anyPulse(in finding.Set) finding.Tri {
	if in.Answer(finding.RadialPulse) == finding.Yes {
		return finding.Yes
	}
	return in.Answer(finding.Pulse)
}

func conscious(in finding.Set, words ...string) finding.Tri {
	w, ok := in.Word(finding.Consciousness)
	if !ok {
		return finding.Unknown
	}
	for _, x := range words {
		if w == x {
			return finding.Yes
		}
	}
	return finding.No
}

// obeys is whether the patient obeys commands. Motor 6 of the coma scale is just that.
func obeys(in finding.Set) finding.Tri {
	if a := in.Answer(finding.Obeys); a != finding.Unknown {
		return a
	}
	if conscious(in, "P", "U") == finding.Yes {
		return finding.No
	}
	return in.Above(finding.GCSMotor, vital.Int(5))
}

// respondsToVoice is whether the patient does anything when spoken to.
func respondsToVoice(in finding.Set) finding.Tri {
	if a := in.Answer(finding.RespondsToVoice); a != finding.Unknown {
		return a
	}
	if in.Answer(finding.Obeys) == finding.Yes || in.Answer(finding.Talking) == finding.Yes {
		return finding.Yes
	}
	return conscious(in, "A", "C", "V")
}

// talks is whether the patient talks. Who responds to pain at most does not.
func talks(in finding.Set) finding.Tri {
	if a := in.Answer(finding.Talking); a != finding.Unknown {
		return a
	}
	if conscious(in, "P", "U") == finding.Yes || breathing(in) == finding.No {
		return finding.No
	}
	return finding.Unknown
}

// distressed is whether there is any respiratory distress.
func distressed(in finding.Set) finding.Tri {
	switch low, high := in.Distress(); {
	case low > 0:
		return finding.Yes
	case high == 0:
		return finding.No
	}
	return finding.Unknown
}

// bleedingStopped is whether there is no major bleeding, or it is controlled. Who
// says "not controlled" and no more says that there is some, unless that could make
// the casualty expectant.
func bleedingStopped(in finding.Set) finding.Tri {
	if !in.Has(finding.SevereBleeding) && in.Answer(finding.BleedingControlled) == finding.No && in.Answer(finding.LikelyToSurvive) != finding.No {
		return finding.No
	}
	return finding.Any(in.Answer(finding.SevereBleeding).Not(), in.Answer(finding.BleedingControlled))
}

// warnWalkingBleeder says what a rule that lets walkers through does not see.
func warnWalkingBleeder(in finding.Set, out *Result) {
	if in.Answer(finding.Walking) == finding.Yes && bleedingStopped(in) != finding.Yes && in.Answer(finding.SevereBleeding) == finding.Yes {
		out.note("walking with severe bleeding: this rule does not see it, others do; stop the bleeding and sort again")
	}
}

func warnAge(in finding.Set, out *Result, least, below int, instead string) {
	age, ok := in.Years()
	if ok && (age < least || age >= below) {
		out.note("not published for this age; " + instead)
	}
}
