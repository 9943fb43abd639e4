package finding

import "fieldkit/triage/vital"

// A Key names one finding, as JSON does.
type Key string

// Kind is what a finding can be.
type Kind uint8

// The kinds.
const (
	Number Kind = iota // a number from Min to Max
	Answer             // true or false
	Word               // one of Words
	Graded             // a whole number from Min to Max, or "NT": not testable
)

// NotTestable is the word for a component that cannot be examined, such as the
// voice of an intubated patient. It is not 1.
const NotTestable = "NT"

// Info is what is known of a key: one row of [Table].
type Info struct {
	Key      Key
	Kind     Kind
	Min, Max vital.Decimal // of a number, both included: what a body can show at all
	Whole    bool          // the number has no decimals
	Words    []string
	Ask      string // as a question to the crew
}

// The keys.
const (
	AgeYears       Key = "age_years"
	AgeMonths      Key = "age_months"
	LooksLikeChild Key = "looks_like_child"
	Sex            Key = "sex"
	Pregnant       Key = "pregnant"
	WeightKg       Key = "weight_kg"
	HeightCm       Key = "height_cm"

	RR               Key = "rr"
	RRIrregular      Key = "rr_irregular"
	SpO2             Key = "spo2"
	SpO2Scale        Key = "spo2_scale"
	OnOxygen         Key = "on_oxygen"
	OxygenLPM        Key = "oxygen_lpm"
	OxygenPercent    Key = "oxygen_percent"
	OxygenDevice     Key = "oxygen_device"
	SBP              Key = "sbp"
	DBP              Key = "dbp"
	HR               Key = "hr"
	TempC            Key = "temp_c"
	CRT              Key = "crt_s"
	Consciousness    Key = "consciousness"
	PainProper       Key = "pain_response_appropriate"
	GCS              Key = "gcs"
	GCSEye           Key = "gcs_e"
	GCSVerbal        Key = "gcs_v"
	GCSMotor         Key = "gcs_m"
	PupilsUnreactive Key = "pupils_unreactive"
	PupilsAbnormal   Key = "pupils_abnormal"
	SepsisSuspected  Key = "sepsis_suspected"
	SepticShock      Key = "septic_shock"
	PaCO2            Key = "paco2_mmhg"
	WBC              Key = "wbc"
	Bands            Key = "bands_percent"

	Walking            Key = "walking"
	Mobility           Key = "mobility"
	Breathing          Key = "breathing"
	BreathingAirway    Key = "breathing_after_airway"
	BreathingRescue    Key = "breathing_after_rescue_breaths"
	RadialPulse        Key = "radial_pulse"
	Pulse              Key = "pulse"
	Obeys              Key = "obeys_commands"
	Purposeful         Key = "purposeful_movement"
	RespondsToVoice    Key = "responds_to_voice"
	Talking            Key = "talking"
	SevereBleeding     Key = "severe_bleeding"
	BleedingControlled Key = "bleeding_controlled"
	RespDistress       Key = "respiratory_distress"
	PenetratingTorso   Key = "penetrating_torso"
	LikelyToSurvive    Key = "likely_to_survive"
	MinorOnly          Key = "minor_injuries_only"
	SignificantInjury  Key = "significant_external_injury"
	NotYetWalking      Key = "not_yet_walking"
	Submersion         Key = "submersion_or_smoke"
	Trauma             Key = "trauma"
	Mechanism          Key = "mechanism"

	FaceDroop     Key = "face_droop"
	ArmDrift      Key = "arm_drift"
	SpeechFault   Key = "speech_abnormal"
	BalanceLoss   Key = "balance_loss"
	EyesFault     Key = "eyes_abnormal"
	Face          Key = "face"
	Arm           Key = "arm"
	Leg           Key = "leg"
	Grip          Key = "grip"
	Gaze          Key = "gaze"
	Speech        Key = "speech"
	AphasiaAgnos  Key = "aphasia_agnosia"
	Neglect       Key = "neglect"
	LOC           Key = "loc"
	LastKnownWell Key = "last_known_well_h"
	Glucose       Key = "glucose_mmol"

	ApgarResp   Key = "apgar_respiration"
	ApgarHR     Key = "apgar_heart_rate"
	ApgarTone   Key = "apgar_tone"
	ApgarReflex Key = "apgar_reflex"
	ApgarColour Key = "apgar_colour"

	Pain             Key = "pain"
	FlaccFace        Key = "flacc_face"
	FlaccLegs        Key = "flacc_legs"
	FlaccActivity    Key = "flacc_activity"
	FlaccCry         Key = "flacc_cry"
	FlaccConsole     Key = "flacc_consolability"
	PainadBreathing  Key = "painad_breathing"
	PainadVoice      Key = "painad_vocalization"
	PainadFace       Key = "painad_face"
	PainadBody       Key = "painad_body"
	PainadConsole    Key = "painad_consolability"
	BurnPercent      Key = "tbsa_percent"
	HoursSinceBurn   Key = "hours_since_burn"
	CriteriaChecked  Key = "criteria_checked"
	PenetratingUpper Key = "penetrating_head_neck_torso_proximal"
	SkullFracture    Key = "skull_fracture"
	SpinalDeficit    Key = "spinal_injury_deficit"
	FlailChest       Key = "chest_wall_instability"
	PelvicFracture   Key = "pelvic_fracture"
	TwoLongBones     Key = "two_long_bone_fractures"
	CrushedLimb      Key = "crushed_or_pulseless_limb"
	Amputation       Key = "amputation"
	RespSupport      Key = "respiratory_support"
	CrashEjection    Key = "crash_ejection"
	CrashIntrusion   Key = "crash_intrusion_in"
	CrashIntrusionAt Key = "crash_intrusion_any_in"
	CrashExtrication Key = "crash_extrication"
	CrashDeath       Key = "crash_death"
	CrashChild       Key = "crash_child_unrestrained"
	CrashTelemetry   Key = "crash_telemetry"
	RiderSeparated   Key = "rider_separated"
	PedestrianThrown Key = "pedestrian_thrown"
	FallFeet         Key = "fall_ft"
	LowFallHead      Key = "low_fall_head_impact"
	Anticoagulant    Key = "anticoagulant"
	SuspectedAbuse   Key = "suspected_abuse"
	SpecialNeeds     Key = "special_needs"
	PregnantOver20   Key = "pregnant_over_20_weeks"
	BurnsWithTrauma  Key = "burns_with_trauma"
)

func number(k Key, low, high int64, ask string) Info {
	return Info{Key: k, Kind: Number, Min: vital.Int(low), Max: vital.Int(high), Ask: ask}
}

func whole(k Key, low, high int64, ask string) Info {
	i := number(k, low, high, ask)
	i.Whole = true
	return i
}

func graded(k Key, low, high int64, ask string) Info {
	i := whole(k, low, high, ask)
	i.Kind = Graded
	return i
}

func answer(k Key, ask string) Info { return Info{Key: k, Kind: Answer, Ask: ask} }

func word(k Key, ask string, words ...string) Info {
	return Info{Key: k, Kind: Word, Words: words, Ask: ask}
}

// measured is a number that is also a sign: its possible range is the sign's.
func measured(k Key, s vital.Sign, ask string) Info {
	row := s.Info()
	return Info{Key: k, Kind: Number, Min: row.Min, Max: row.Max, Ask: ask}
}

// Table lists the keys in the order they are shown. It is never changed at run
// time.
var Table = []Info{
	number(AgeYears, 0, 130, "How old is the patient, in completed years?"),
	whole(AgeMonths, 0, 1570, "How old is the child, in completed months of life?"),
	answer(LooksLikeChild, "Does the patient look like a child?"),
	word(Sex, "Is the patient female or male?", "female", "male", "other"),
	answer(Pregnant, "Is she pregnant?"),
	{Key: WeightKg, Kind: Number, Min: vital.Dec(2, -1), Max: vital.Int(700), Ask: "What does the patient weigh, in kg?"},
	measured(HeightCm, vital.Height, "How tall is the patient, in cm?"),

	measured(RR, vital.RespRate, "How many breaths in a minute?"),
	answer(RRIrregular, "Is the breathing irregular?"),
	measured(SpO2, vital.SpO2, "What is the SpO₂?"),
	whole(SpO2Scale, 1, 2, "Has a clinician decided on SpO₂ scale 2 (target 88 to 92 %)?"),
	answer(OnOxygen, "Is the patient on oxygen?"),
	number(OxygenLPM, 0, 100, "How many litres of oxygen a minute?"),
	number(OxygenPercent, 0, 100, "How many per cent of oxygen?"),
	word(OxygenDevice, "How is oxygen given?", "nasal_prongs", "face_mask", "head_box", "non_rebreather", "high_flow", "bipap", "cpap"),
	measured(SBP, vital.NIBPSys, "What is the systolic blood pressure?"),
	measured(DBP, vital.NIBPDia, "What is the diastolic blood pressure?"),
	measured(HR, vital.HeartRate, "What is the heart rate?"),
	measured(TempC, vital.Temperature, "What is the temperature, in °C?"),
	number(CRT, 0, 60, "How many seconds is the capillary refill?"),
	word(Consciousness, "Alert, newly confused, or responding to voice, to pain, or not at all (A C V P U)?", "A", "C", "V", "P", "U"),
	answer(PainProper, "Is the response to pain appropriate (localises or withdraws)?"),
	whole(GCS, 3, 15, "What is the Glasgow coma scale?"),
	graded(GCSEye, 1, 4, "GCS eyes, 1 to 4 (NT when not testable)?"),
	graded(GCSVerbal, 1, 5, "GCS verbal, 1 to 5 (NT when not testable)?"),
	graded(GCSMotor, 1, 6, "GCS motor, 1 to 6 (NT when not testable)?"),
	whole(PupilsUnreactive, 0, 2, "How many pupils do not react to light?"),
	answer(PupilsAbnormal, "Are the pupils abnormal?"),
	answer(SepsisSuspected, "Is there a new suspicion of sepsis?"),
	answer(SepticShock, "Is there septic shock?"),
	number(PaCO2, 1, 250, "What is the PaCO₂, in mmHg?"),
	number(WBC, 0, 1000, "What is the white cell count, in 10⁹/L?"),
	number(Bands, 0, 100, "How many per cent of the white cells are bands?"),

	answer(Walking, "Can the patient walk?"),
	word(Mobility, "Does the patient walk, walk with help, or lie (stretcher)?", "walking", "with_help", "stretcher"),
	answer(Breathing, "Is the patient breathing?"),
	answer(BreathingAirway, "Open the airway: does the patient breathe now?"),
	answer(BreathingRescue, "Give rescue breaths: does the child breathe now?"),
	answer(RadialPulse, "Is there a radial pulse?"),
	answer(Pulse, "Is there a palpable pulse?"),
	answer(Obeys, "Does the patient obey commands?"),
	answer(Purposeful, "Does the patient move with purpose?"),
	answer(RespondsToVoice, "Does the patient respond to voice?"),
	answer(Talking, "Is the patient talking?"),
	answer(SevereBleeding, "Is there severe bleeding?"),
	answer(BleedingControlled, "Is the bleeding controlled?"),
	word(RespDistress, "Is there respiratory distress: none, mild, moderate, severe?", "none", "mild", "moderate", "severe", present),
	answer(PenetratingTorso, "Is there a penetrating injury, front or back of the torso?"),
	answer(LikelyToSurvive, "Is the patient likely to survive with what is at hand?"),
	answer(MinorOnly, "Are there minor injuries only?"),
	answer(SignificantInjury, "Is there a significant external injury?"),
	answer(NotYetWalking, "Is this a child too young, or by disability unable, to walk?"),
	answer(Submersion, "Was the child under water or in smoke?"),
	answer(Trauma, "Is there an injury?"),
	word(Mechanism, "Was the injury blunt or penetrating?", "blunt", "penetrating"),

	answer(FaceDroop, "Does one side of the face droop?"),
	answer(ArmDrift, "Does one arm drift down or not move?"),
	answer(SpeechFault, "Is the speech slurred, wrong or absent?"),
	answer(BalanceLoss, "Is there a sudden loss of balance?"),
	answer(EyesFault, "Is there a sudden loss of sight or double vision?"),
	whole(Face, 0, 2, "Facial palsy: 0 absent, 1 present or mild, 2 moderate to severe (RACE)?"),
	whole(Arm, 0, 2, "Arm: 0 holds, 1 drifts, 2 falls rapidly or no effort?"),
	whole(Leg, 0, 2, "Leg: 0 holds, 1 drifts, 2 falls rapidly or no effort?"),
	whole(Grip, 0, 2, "Grip: 0 normal, 1 weak, 2 none?"),
	whole(Gaze, 0, 2, "Gaze: 0 normal, 1 deviates or partial, 2 forced deviation (FAST-ED)?"),
	whole(Speech, 0, 2, "Speech: 0 normal, 1 mild to moderate, 2 severe?"),
	whole(AphasiaAgnos, 0, 2, "Aphasia (right side weak) or agnosia (left side weak): 0 none, 1 moderate, 2 severe?"),
	whole(Neglect, 0, 2, "Denial or neglect: 0 none, 1 one side not felt, 2 does not know the weak side?"),
	whole(LOC, 0, 1, "Level of consciousness: 1 when questions and a command fail?"),
	number(LastKnownWell, 0, 1000, "How many hours ago was the patient last known well?"),
	number(Glucose, 0, 100, "What is the glucose, in mmol/L?"),

	whole(ApgarResp, 0, 2, "Breathing: 0 absent, 1 weak, 2 good?"),
	whole(ApgarHR, 0, 2, "Heart rate: 0 absent, 1 under 100, 2 100 or more?"),
	whole(ApgarTone, 0, 2, "Tone: 0 limp, 1 some flexion, 2 active?"),
	whole(ApgarReflex, 0, 2, "Reflex: 0 none, 1 grimace, 2 cry or cough?"),
	whole(ApgarColour, 0, 2, "Colour: 0 blue, 1 body pink, 2 pink?"),

	whole(Pain, 0, 10, "How bad is the pain, 0 to 10?"),
	whole(FlaccFace, 0, 2, "FLACC face, 0 to 2?"),
	whole(FlaccLegs, 0, 2, "FLACC legs, 0 to 2?"),
	whole(FlaccActivity, 0, 2, "FLACC activity, 0 to 2?"),
	whole(FlaccCry, 0, 2, "FLACC cry, 0 to 2?"),
	whole(FlaccConsole, 0, 2, "FLACC consolability, 0 to 2?"),
	whole(PainadBreathing, 0, 2, "PAINAD breathing, 0 to 2?"),
	whole(PainadVoice, 0, 2, "PAINAD negative vocalization, 0 to 2?"),
	whole(PainadFace, 0, 2, "PAINAD facial expression, 0 to 2?"),
	whole(PainadBody, 0, 2, "PAINAD body language, 0 to 2?"),
	whole(PainadConsole, 0, 2, "PAINAD consolability, 0 to 2?"),
	number(BurnPercent, 0, 100, "How many per cent of the body are burnt, second and third degree?"),
	number(HoursSinceBurn, 0, 240, "How many hours ago was the burn?"),

	answer(CriteriaChecked, "Have all injury and mechanism criteria been looked for?"),
	answer(PenetratingUpper, "Is there a penetrating injury of head, neck, torso or proximal limb?"),
	answer(SkullFracture, "Is the skull deformed or fractured?"),
	answer(SpinalDeficit, "Is there a spinal injury with new loss of movement or feeling?"),
	answer(FlailChest, "Is the chest wall unstable or deformed?"),
	answer(PelvicFracture, "Is a pelvic fracture suspected?"),
	answer(TwoLongBones, "Are two or more proximal long bones broken?"),
	answer(CrushedLimb, "Is a limb crushed, degloved, mangled or pulseless?"),
	answer(Amputation, "Is there an amputation above wrist or ankle?"),
	answer(RespSupport, "Does the patient need respiratory support?"),
	answer(CrashEjection, "Was the patient ejected from a vehicle?"),
	number(CrashIntrusion, 0, 200, "How many inches of intrusion at the patient's place?"),
	number(CrashIntrusionAt, 0, 200, "How many inches of intrusion anywhere?"),
	answer(CrashExtrication, "Does the patient need to be extricated?"),
	answer(CrashDeath, "Did somebody die in the same compartment?"),
	answer(CrashChild, "Was a child of 0 to 9 years unrestrained in the crash?"),
	answer(CrashTelemetry, "Does the vehicle's telemetry say severe injury?"),
	answer(RiderSeparated, "Was the rider thrown from the vehicle or animal with impact?"),
	answer(PedestrianThrown, "Was a pedestrian or cyclist thrown, run over or hit hard?"),
	number(FallFeet, 0, 1000, "How many feet did the patient fall?"),
	answer(LowFallHead, "Was it a low fall with impact to the head?"),
	answer(Anticoagulant, "Does the patient take an anticoagulant?"),
	answer(SuspectedAbuse, "Is abuse suspected?"),
	answer(SpecialNeeds, "Does the patient have special high-resource needs?"),
	answer(PregnantOver20, "Is she more than 20 weeks pregnant?"),
	answer(BurnsWithTrauma, "Are there burns together with trauma?"),
}

// present is a respiratory distress whose grade nobody said: JSON's true.
const present = "present"

var byKey = func() map[Key]Info {
	m := make(map[Key]Info, len(Table))
	for _, row := range Table {
		m[row.Key] = row
	}
	return m
}()

// Info is k's row of [Table], or false for a key that nobody knows.
func (k Key) Info() (Info, bool) {
	row, ok := byKey[k]
	return row, ok
}

// Ask is the question that k answers.
func (k Key) Ask() string { return byKey[k].Ask }
