package lang

// The keys of a clinic's notes.
const (
	NoteWord        Key = "note"
	NoteComplaint   Key = "note complaint"
	NoteHistory     Key = "note history"
	NoteExamination Key = "note examination"
	NoteAssessment  Key = "note assessment"
	NotePlan        Key = "note plan"
	VisitWord       Key = "visit"
	SuspectedWord   Key = "suspected"
	ConfirmedWord   Key = "confirmed"
	RuledOut        Key = "ruled out"
	RecordNote      Key = "record note"
	NotRecordedYet  Key = "not recorded yet"
	OthersNote      Key = "another's note"
	AnswersTapped   Key = "answers tapped"
	NothingTapped   Key = "nothing tapped"
	NoteFirst       Key = "note first"
	NoteRecorded    Key = "note recorded"
)

// noteWords are their words: English, French, Spanish.
var noteWords = map[Key][3]string{
	NoteWord:        {"Note", "Note", "Nota"},
	NoteComplaint:   {"Complaint", "Plainte", "Motivo"},
	NoteHistory:     {"History", "Antécédents", "Antecedentes"},
	NoteExamination: {"Examination", "Examen", "Examen"},
	NoteAssessment:  {"Assessment", "Évaluation", "Evaluación"},
	NotePlan:        {"Plan, advice", "Plan, conseils", "Plan, consejos"},
	VisitWord:       {"Visit", "Visite", "Visita"},
	SuspectedWord:   {"suspected", "suspecté", "sospecha"},
	ConfirmedWord:   {"confirmed", "confirmé", "confirmado"},
	RuledOut:        {"ruled out", "exclu", "descartado"},
	RecordNote:      {"Record note", "Enregistrer la note", "Registrar nota"},
	NotRecordedYet:  {"%d not recorded", "%d non enregistrés", "%d sin registrar"},
	OthersNote:      {"not recorded: %s", "non enregistré : %s", "sin registrar: %s"},
	AnswersTapped:   {"%d tapped", "%d choisis", "%d tocados"},
	NothingTapped:   {"Tap what is so; a second tap says no. What is not tapped was not asked.", "Toucher ce qui est vrai ; deux fois dit non. Non touché : non demandé.", "Tocar lo que es cierto; dos veces dice no. Sin tocar: no preguntado."},
	NoteFirst:       {"A note is not recorded yet: record it before the visit ends.", "Une note n'est pas enregistrée : l'enregistrer avant la fin.", "Una nota no está registrada: regístrela antes de terminar."},
	NoteRecorded:    {"note", "note", "nota"},
}
