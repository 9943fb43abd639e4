package finding

import (
	"errors"
	"fmt"
	"strings"

	"fieldkit/triage/vital"
)

// ErrContradiction reports findings that cannot all be true.
var ErrContradiction = errors.New("contradiction")

// Check names every contradiction, or is nil.
func (s Set) Check() error {
	var found []string
	not := func(wrong Tri, words string) {
		if wrong == Yes {
			found = append(found, words)
		}
	}
	yes := func(k Key) Tri { return s.Answer(k) }
	no := func(k Key) Tri { return s.Answer(k).Not() }
	is := func(k Key, words ...string) Tri {
		w, ok := s.Word(k)
		if !ok {
			return Unknown
		}
		for _, x := range words {
			if x == w {
				return Yes
			}
		}
		return No
	}
	zero := vital.Int(0)
	one := vital.Int(1)
	unresponsive := is(Consciousness, "U")
	asleep := is(Consciousness, "P", "U")
	awake := is(Consciousness, "A", "C", "V")
	breathes := Any(yes(Breathing), s.Above(RR, zero))
	apnoeic := Any(no(Breathing), s.Below(RR, one))

	not(All(yes(Walking), asleep), "walking but consciousness is P or U")
	not(All(yes(Walking), apnoeic), "walking but not breathing")
	not(All(yes(Walking), no(Pulse)), "walking but no pulse")
	not(All(yes(Walking), s.Below(GCSMotor, vital.Int(4))), "walking but gcs_m is below 4")
	not(All(yes(Walking), s.Below(GCS, vital.Int(8))), "walking but gcs is below 8")
	not(All(yes(Walking), is(Mobility, "stretcher")), "walking but mobility is stretcher")
	not(All(no(Walking), is(Mobility, "walking")), "not walking but mobility is walking")
	not(All(yes(Walking), yes(NotYetWalking)), "walking but not yet walking")
	not(All(yes(Talking), asleep), "talking but consciousness is P or U")
	not(All(yes(Talking), apnoeic), "talking but not breathing")
	not(All(yes(Talking), no(Pulse)), "talking but no pulse")
	not(All(yes(Talking), s.Below(GCSVerbal, vital.Int(2))), "talking but gcs_v is 1")
	not(All(yes(Obeys), asleep), "obeys commands but consciousness is P or U")
	not(All(yes(Obeys), apnoeic), "obeys commands but not breathing")
	not(All(yes(Obeys), no(Pulse)), "obeys commands but no pulse")
	not(All(yes(Obeys), s.Below(GCSMotor, vital.Int(6))), "obeys commands but gcs_m is below 6")
	not(All(no(Obeys), s.Above(GCSMotor, vital.Int(5))), "does not obey commands but gcs_m is 6")
	not(All(yes(Purposeful), unresponsive), "moves with purpose but consciousness is U")
	not(All(yes(RespondsToVoice), asleep), "responds to voice but consciousness is P or U")
	not(All(no(RespondsToVoice), is(Consciousness, "A", "C", "V")), "does not respond to voice but consciousness is A, C or V")
	not(All(no(RespondsToVoice), Any(yes(Obeys), yes(Talking), yes(Walking))), "does not respond to voice but obeys, talks or walks")
	not(All(unresponsive, s.Above(GCS, vital.Int(8))), "consciousness is U but gcs is above 8")
	not(All(unresponsive, s.Above(GCSMotor, vital.Int(5))), "consciousness is U but gcs_m is 6")
	not(All(unresponsive, s.Above(GCSVerbal, vital.Int(3))), "consciousness is U but gcs_v is 4 or 5")
	if low, _, _ := s.Coma(); low == 15 {
		not(is(Consciousness, "C", "V", "P", "U"), "consciousness is not A but gcs is 15")
	}
	not(All(is(Consciousness, "A"), s.Below(GCS, vital.Int(9))), "consciousness is A but gcs is below 9")
	if low, _, _ := s.Coma(); low == 15 {
		not(is(Consciousness, "C", "V", "P", "U"), "consciousness is not A but gcs is 15")
	}
	not(All(is(Consciousness, "A"), s.Below(GCSEye, vital.Int(2))), "consciousness is A but gcs_e is 1")
	not(All(no(Breathing), s.Above(RR, zero)), "not breathing but rr is above 0")
	not(All(yes(Breathing), s.Below(RR, one)), "breathing but rr is 0")
	not(All(Any(breathes, yes(Talking), yes(Walking), yes(Obeys), awake), no(BreathingAirway)), "breathing, talking, walking or responding, but not breathing after the airway was opened")
	not(All(awake, apnoeic), "consciousness is A, C or V but not breathing")
	not(All(awake, no(Pulse)), "consciousness is A, C or V but no pulse")
	not(All(yes(BreathingAirway), no(BreathingRescue)), "breathing after the airway was opened, but not after rescue breaths")
	not(All(yes(RadialPulse), no(Pulse)), "radial pulse but no pulse")
	not(All(no(Pulse), s.Above(SBP, zero)), "no pulse but sbp is above 0")
	not(All(yes(RadialPulse), s.Below(SBP, one)), "radial pulse but sbp is 0")
	not(All(no(OnOxygen), Any(s.Above(OxygenLPM, zero), is(OxygenDevice, "high_flow", "nasal_prongs", "face_mask", "head_box", "non_rebreather"))), "not on oxygen but oxygen is given")
	not(All(is(Sex, "male"), yes(Pregnant)), "male but pregnant")
	not(All(no(Pregnant), yes(PregnantOver20)), "not pregnant but over 20 weeks pregnant")
	if high, ok := s.Number(SBP); ok {
		not(s.Above(DBP, high), "dbp is above sbp")
	}
	if m, ok := s.Whole(AgeMonths); ok {
		if y, ok := s.Number(AgeYears); ok && int(y.Float()+1e-9) != m/12 {
			not(Yes, "age_years and age_months (the whole age in months) differ")
		}
	}
	if n, ok := s.Whole(GCS); ok {
		if low, high, _ := s.components(); n < low || n > high {
			not(Yes, "gcs is not the sum of gcs_e, gcs_v and gcs_m")
		}
	}
	if len(found) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrContradiction, strings.Join(found, "; "))
}

// Coma is the lowest and the highest Glasgow coma scale that the findings allow,
// and which of its parts are missing or not testable. Components come before a
// total that somebody summed.
func (s Set) Coma() (low, high int, missing []Key) {
	low, high, missing = s.components()
	if n, ok := s.Whole(GCS); ok && len(missing) > 0 {
		return n, n, nil
	}
	return low, high, missing
}

func (s Set) components() (low, high int, missing []Key) {
	for _, part := range [...]struct {
		key  Key
		most int
	}{{GCSEye, 4}, {GCSVerbal, 5}, {GCSMotor, 6}} {
		n, ok := s.Whole(part.key)
		if !ok {
			missing = append(missing, part.key)
			low, high = low+1, high+part.most
			continue
		}
		low, high = low+n, high+n
	}
	return low, high, missing
}
