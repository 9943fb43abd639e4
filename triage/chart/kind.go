package chart

// The types. A number once given is never reused, also when its kind is dropped.
const (
	// The patient.
	TypePatientRegistered Type = 1
	TypePatientIdentified Type = 2
	TypePatientsMerged    Type = 3
	TypePatientsUnmerged  Type = 4

	// The encounter and its monitors.
	TypeEncounterOpened    Type = 10
	TypeEncounterBoundFor  Type = 11
	TypeEncounterMoved     Type = 12
	TypeEncounterStoodDown Type = 13
	TypeEncounterClosed    Type = 14
	TypeMonitorBound       Type = 15
	TypeMonitorUnbound     Type = 16
	TypeRangeReassigned    Type = 17
	TypeEncounterShared    Type = 18

	// What was measured and found.
	TypeVitals     Type = 20
	TypeAssessment Type = 21
	TypeTriage     Type = 22

	// Drugs.
	TypeDrugOrdered   Type = 23
	TypeDrugGiven     Type = 24
	TypeDrugRefused   Type = 25
	TypeDrugDispensed Type = 26
	TypeDrugWasted    Type = 27
	TypeDoseReviewed  Type = 28

	// What the patient brings along.
	TypeAllergyAdded     Type = 30
	TypeAllergyRemoved   Type = 31
	TypeConditionAdded   Type = 32
	TypeConditionRemoved Type = 33
	TypeMedicineAdded    Type = 34
	TypeMedicineRemoved  Type = 35

	// What was done and said.
	TypeProcedure  Type = 40
	TypeEvent      Type = 41
	TypeNote       Type = 42
	TypeMessage    Type = 43
	TypeAttachment Type = 44
	TypeSnapshot   Type = 45

	// Alarms.
	TypeAlarmRaised       Type = 50
	TypeAlarmAcknowledged Type = 51
	TypeAlarmPaused       Type = 52
	TypeAlarmCleared      Type = 53
	TypeLimitsSet         Type = 54

	// Handover and arrival.
	TypeHandoverOffered  Type = 60
	TypeHandoverReadBack Type = 61
	TypeHandoverAccepted Type = 62
	TypeHandoverDeclined Type = 63
	TypeETA              Type = 65
	TypePosition         Type = 66
	TypeActivation       Type = 67
	TypeArrivalAccepted  Type = 68
	TypeArrivalDiverted  Type = 69
	TypeBayAssigned      Type = 70

	// Orders and decisions.
	TypeOrder      Type = 75
	TypeRefusal    Type = 76
	TypeConsent    Type = 77
	TypeCodeStatus Type = 78
	TypeDecision   Type = 79
	TypeShiftCheck Type = 85

	// Corrections.
	TypeAmendment  Type = 90
	TypeRetraction Type = 91

	// The audit log.
	TypeWatched   Type = 95
	TypeAccess    Type = 96
	TypeAuditRead Type = 97

	// The stream log.
	TypeSecond         Type = 100
	TypeAttachmentPart Type = 101

	// The team log. 203 to 255 are left to sync/identity.
	TypeErase  Type = 200
	TypeAccept Type = 201
	TypeClock  Type = 202
)

// The logs a content is written to, numbered as in sync/journal.
const (
	teamLog   uint8 = 1
	chartLog  uint8 = 2
	supplyLog uint8 = 3
	auditLog  uint8 = 4
	streamLog uint8 = 5
)

// Scope says how far a content reaches.
type Scope uint8

// The scopes.
const (
	OfEncounter Scope = iota // counts in its encounter
	OfPatient                // counts in every encounter of its patient
	OfStation                // names no patient
)

// A Kind is one row of the table of contents.
type Kind struct {
	Type  Type
	Name  string // on the command line and in JSON
	Log   uint8  // the log it is written to, as in sync/journal
	Scope Scope
	New   func() Content // a new, empty content to decode into
}

// Kinds is the table of contents, by number. It is never changed at run time.
var Kinds = []Kind{
	{TypePatientRegistered, "patient-registered", chartLog, OfPatient, func() Content { return new(PatientRegistered) }},
	{TypePatientIdentified, "patient-identified", chartLog, OfPatient, func() Content { return new(PatientIdentified) }},
	{TypePatientsMerged, "patients-merged", chartLog, OfPatient, func() Content { return new(PatientsMerged) }},
	{TypePatientsUnmerged, "patients-unmerged", chartLog, OfPatient, func() Content { return new(PatientsUnmerged) }},

	{TypeEncounterOpened, "encounter-opened", chartLog, OfEncounter, func() Content { return new(EncounterOpened) }},
	{TypeEncounterBoundFor, "encounter-bound-for", chartLog, OfEncounter, func() Content { return new(EncounterBoundFor) }},
	{TypeEncounterMoved, "encounter-moved", chartLog, OfEncounter, func() Content { return new(EncounterMoved) }},
	{TypeEncounterStoodDown, "encounter-stood-down", chartLog, OfEncounter, func() Content { return new(EncounterStoodDown) }},
	{TypeEncounterClosed, "encounter-closed", chartLog, OfEncounter, func() Content { return new(EncounterClosed) }},
	{TypeMonitorBound, "monitor-bound", chartLog, OfEncounter, func() Content { return new(MonitorBound) }},
	{TypeMonitorUnbound, "monitor-unbound", chartLog, OfEncounter, func() Content { return new(MonitorUnbound) }},
	{TypeRangeReassigned, "range-reassigned", chartLog, OfEncounter, func() Content { return new(RangeReassigned) }},
	{TypeEncounterShared, "encounter-shared", chartLog, OfEncounter, func() Content { return new(EncounterShared) }},

	{TypeVitals, "vitals", chartLog, OfEncounter, func() Content { return new(Vitals) }},
	{TypeAssessment, "assessment", chartLog, OfEncounter, func() Content { return new(Assessment) }},
	{TypeTriage, "triage", chartLog, OfEncounter, func() Content { return new(Triage) }},

	{TypeDrugOrdered, "drug-ordered", chartLog, OfEncounter, func() Content { return new(DrugOrdered) }},
	{TypeDrugGiven, "drug-given", chartLog, OfEncounter, func() Content { return new(DrugGiven) }},
	{TypeDrugRefused, "drug-refused", chartLog, OfEncounter, func() Content { return new(DrugRefused) }},
	{TypeDrugDispensed, "drug-dispensed", chartLog, OfEncounter, func() Content { return new(DrugDispensed) }},
	{TypeDrugWasted, "drug-wasted", chartLog, OfEncounter, func() Content { return new(DrugWasted) }},
	{TypeDoseReviewed, "dose-reviewed", chartLog, OfEncounter, func() Content { return new(DoseReviewed) }},

	{TypeAllergyAdded, "allergy-added", chartLog, OfPatient, func() Content { return new(AllergyAdded) }},
	{TypeAllergyRemoved, "allergy-removed", chartLog, OfPatient, func() Content { return new(AllergyRemoved) }},
	{TypeConditionAdded, "condition-added", chartLog, OfPatient, func() Content { return new(ConditionAdded) }},
	{TypeConditionRemoved, "condition-removed", chartLog, OfPatient, func() Content { return new(ConditionRemoved) }},
	{TypeMedicineAdded, "medicine-added", chartLog, OfPatient, func() Content { return new(MedicineAdded) }},
	{TypeMedicineRemoved, "medicine-removed", chartLog, OfPatient, func() Content { return new(MedicineRemoved) }},

	{TypeProcedure, "procedure", chartLog, OfEncounter, func() Content { return new(Procedure) }},
	{TypeEvent, "event", chartLog, OfEncounter, func() Content { return new(Event) }},
	{TypeNote, "note", chartLog, OfEncounter, func() Content { return new(Note) }},
	{TypeMessage, "message", chartLog, OfEncounter, func() Content { return new(Message) }},
	{TypeAttachment, "attachment", chartLog, OfEncounter, func() Content { return new(Attachment) }},
	{TypeSnapshot, "snapshot", chartLog, OfEncounter, func() Content { return new(Snapshot) }},

	{TypeAlarmRaised, "alarm-raised", chartLog, OfEncounter, func() Content { return new(AlarmRaised) }},
	{TypeAlarmAcknowledged, "alarm-acknowledged", chartLog, OfEncounter, func() Content { return new(AlarmAcknowledged) }},
	{TypeAlarmPaused, "alarm-paused", chartLog, OfEncounter, func() Content { return new(AlarmPaused) }},
	{TypeAlarmCleared, "alarm-cleared", chartLog, OfEncounter, func() Content { return new(AlarmCleared) }},
	{TypeLimitsSet, "limits-set", chartLog, OfEncounter, func() Content { return new(LimitsSet) }},

	{TypeHandoverOffered, "handover-offered", chartLog, OfEncounter, func() Content { return new(HandoverOffered) }},
	{TypeHandoverReadBack, "handover-read-back", chartLog, OfEncounter, func() Content { return new(HandoverReadBack) }},
	{TypeHandoverAccepted, "handover-accepted", chartLog, OfEncounter, func() Content { return new(HandoverAccepted) }},
	{TypeHandoverDeclined, "handover-declined", chartLog, OfEncounter, func() Content { return new(HandoverDeclined) }},
	{TypeETA, "eta", chartLog, OfEncounter, func() Content { return new(ETA) }},
	{TypePosition, "position", chartLog, OfEncounter, func() Content { return new(Position) }},
	{TypeActivation, "activation", chartLog, OfEncounter, func() Content { return new(Activation) }},
	{TypeArrivalAccepted, "arrival-accepted", chartLog, OfEncounter, func() Content { return new(ArrivalAccepted) }},
	{TypeArrivalDiverted, "arrival-diverted", chartLog, OfEncounter, func() Content { return new(ArrivalDiverted) }},
	{TypeBayAssigned, "bay-assigned", chartLog, OfEncounter, func() Content { return new(BayAssigned) }},

	{TypeOrder, "order", chartLog, OfEncounter, func() Content { return new(Order) }},
	{TypeRefusal, "refusal", chartLog, OfEncounter, func() Content { return new(Refusal) }},
	{TypeConsent, "consent", chartLog, OfEncounter, func() Content { return new(Consent) }},
	{TypeCodeStatus, "code-status", chartLog, OfPatient, func() Content { return new(CodeStatus) }},
	{TypeDecision, "decision", chartLog, OfEncounter, func() Content { return new(Decision) }},
	{TypeShiftCheck, "shift-check", supplyLog, OfStation, func() Content { return new(ShiftCheck) }},

	{TypeAmendment, "amendment", chartLog, OfEncounter, func() Content { return new(Amendment) }},
	{TypeRetraction, "retraction", chartLog, OfEncounter, func() Content { return new(Retraction) }},

	{TypeWatched, "watched", auditLog, OfStation, func() Content { return new(Watched) }},
	{TypeAccess, "access", auditLog, OfStation, func() Content { return new(Access) }},
	{TypeAuditRead, "audit-read", auditLog, OfStation, func() Content { return new(AuditRead) }},

	{TypeSecond, "second", streamLog, OfEncounter, func() Content { return new(Second) }},
	{TypeAttachmentPart, "attachment-part", streamLog, OfEncounter, func() Content { return new(AttachmentPart) }},

	{TypeErase, "erase", teamLog, OfStation, func() Content { return new(Erase) }},
	{TypeAccept, "accept", teamLog, OfStation, func() Content { return new(Accept) }},
	{TypeClock, "clock", teamLog, OfStation, func() Content { return new(Clock) }},
}

// KindOf is the kind of that number; false when this version does not know it.
func KindOf(t Type) (Kind, bool) {
	for _, k := range Kinds {
		if k.Type == t {
			return k, true
		}
	}
	return Kind{}, false
}

// KindNamed is the kind of that name, as in "vitals".
func KindNamed(name string) (Kind, bool) {
	for _, k := range Kinds {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}

// String is the kind's name, or "unknown".
func (t Type) String() string {
	if k, ok := KindOf(t); ok {
		return k.Name
	}
	return "unknown"
}

// Type implements [Content].
func (*PatientRegistered) Type() Type { return TypePatientRegistered }

// Type implements [Content].
func (*PatientIdentified) Type() Type { return TypePatientIdentified }

// Type implements [Content].
func (*PatientsMerged) Type() Type { return TypePatientsMerged }

// Type implements [Content].
func (*PatientsUnmerged) Type() Type { return TypePatientsUnmerged }

// Type implements [Content].
func (*EncounterOpened) Type() Type { return TypeEncounterOpened }

// Type implements [Content].
func (*EncounterBoundFor) Type() Type { return TypeEncounterBoundFor }

// Type implements [Content].
func (*EncounterMoved) Type() Type { return TypeEncounterMoved }

// Type implements [Content].
func (*EncounterStoodDown) Type() Type { return TypeEncounterStoodDown }

// Type implements [Content].
func (*EncounterClosed) Type() Type { return TypeEncounterClosed }

// Type implements [Content].
func (*MonitorBound) Type() Type { return TypeMonitorBound }

// Type implements [Content].
func (*MonitorUnbound) Type() Type { return TypeMonitorUnbound }

// Type implements [Content].
func (*RangeReassigned) Type() Type { return TypeRangeReassigned }

// Type implements [Content].
func (*EncounterShared) Type() Type { return TypeEncounterShared }

// Type implements [Content].
func (*Vitals) Type() Type { return TypeVitals }

// Type implements [Content].
func (*Assessment) Type() Type { return TypeAssessment }

// Type implements [Content].
func (*Triage) Type() Type { return TypeTriage }

// Type implements [Content].
func (*DrugOrdered) Type() Type { return TypeDrugOrdered }

// Type implements [Content].
func (*DrugGiven) Type() Type { return TypeDrugGiven }

// Type implements [Content].
func (*DrugRefused) Type() Type { return TypeDrugRefused }

// Type implements [Content].
func (*DrugDispensed) Type() Type { return TypeDrugDispensed }

// Type implements [Content].
func (*DrugWasted) Type() Type   { return TypeDrugWasted }
func (*DoseReviewed) Type() Type { return TypeDoseReviewed }

// Type implements [Content].
func (*AllergyAdded) Type() Type { return TypeAllergyAdded }

// Type implements [Content].
func (*AllergyRemoved) Type() Type { return TypeAllergyRemoved }

// Type implements [Content].
func (*ConditionAdded) Type() Type { return TypeConditionAdded }

// Type implements [Content].
func (*ConditionRemoved) Type() Type { return TypeConditionRemoved }

// Type implements [Content].
func (*MedicineAdded) Type() Type { return TypeMedicineAdded }

// Type implements [Content].
func (*MedicineRemoved) Type() Type { return TypeMedicineRemoved }

// Type implements [Content].
func (*Procedure) Type() Type { return TypeProcedure }

// Type implements [Content].
func (*Event) Type() Type { return TypeEvent }

// Type implements [Content].
func (*Note) Type() Type { return TypeNote }

// Type implements [Content].
func (*Message) Type() Type { return TypeMessage }

// Type implements [Content].
func (*Attachment) Type() Type { return TypeAttachment }

// Type implements [Content].
func (*Snapshot) Type() Type { return TypeSnapshot }

// Type implements [Content].
func (*AlarmRaised) Type() Type { return TypeAlarmRaised }

// Type implements [Content].
func (*AlarmAcknowledged) Type() Type { return TypeAlarmAcknowledged }

// Type implements [Content].
func (*AlarmPaused) Type() Type { return TypeAlarmPaused }

// Type implements [Content].
func (*AlarmCleared) Type() Type { return TypeAlarmCleared }

// Type implements [Content].
func (*LimitsSet) Type() Type { return TypeLimitsSet }

// Type implements [Content].
func (*HandoverOffered) Type() Type { return TypeHandoverOffered }

// Type implements [Content].
func (*HandoverReadBack) Type() Type { return TypeHandoverReadBack }

// Type implements [Content].
func (*HandoverAccepted) Type() Type { return TypeHandoverAccepted }

// Type implements [Content].
func (*HandoverDeclined) Type() Type { return TypeHandoverDeclined }

// Type implements [Content].
func (*ETA) Type() Type { return TypeETA }

// Type implements [Content].
func (*Position) Type() Type { return TypePosition }

// Type implements [Content].
func (*Activation) Type() Type { return TypeActivation }

// Type implements [Content].
func (*ArrivalAccepted) Type() Type { return TypeArrivalAccepted }

// Type implements [Content].
func (*ArrivalDiverted) Type() Type { return TypeArrivalDiverted }

// Type implements [Content].
func (*BayAssigned) Type() Type { return TypeBayAssigned }

// Type implements [Content].
func (*Order) Type() Type { return TypeOrder }

// Type implements [Content].
func (*Refusal) Type() Type { return TypeRefusal }

// Type implements [Content].
func (*Consent) Type() Type { return TypeConsent }

// Type implements [Content].
func (*CodeStatus) Type() Type { return TypeCodeStatus }

// Type implements [Content].
func (*Decision) Type() Type { return TypeDecision }

// Type implements [Content].
func (*ShiftCheck) Type() Type { return TypeShiftCheck }

// Type implements [Content].
func (*Amendment) Type() Type { return TypeAmendment }

// Type implements [Content].
func (*Retraction) Type() Type { return TypeRetraction }

// Type implements [Content].

// Type implements [Content].
func (*Watched) Type() Type { return TypeWatched }

// Type implements [Content].
func (*Access) Type() Type { return TypeAccess }

// Type implements [Content].
func (*AuditRead) Type() Type { return TypeAuditRead }

// Type implements [Content].
func (*Second) Type() Type { return TypeSecond }

// Type implements [Content].
func (*AttachmentPart) Type() Type { return TypeAttachmentPart }

// Type implements [Content].
func (*Erase) Type() Type { return TypeErase }

// Type implements [Content].
func (*Accept) Type() Type { return TypeAccept }

// Type implements [Content].
func (*Clock) Type() Type { return TypeClock }
