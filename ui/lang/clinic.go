package lang

// The keys of the clinic.
const (
	Queue           Key = "queue"
	WaitingNow      Key = "waiting now"
	NotSortedYet    Key = "not sorted yet"
	SortsDiffer     Key = "sorts differ"
	WaitsFor        Key = "waits for"
	ArrivedAt       Key = "arrived at"
	TakeFromMonitor Key = "take from monitor"
	VisitOver       Key = "visit over"
	Admit           Key = "admit"
	FemaleWord      Key = "female word"
	MaleWord        Key = "male word"
	UnknownWord     Key = "unknown word"
	Fever           Key = "fever"
	Wound           Key = "wound"
	Pain            Key = "pain"
	Breathless      Key = "breathless"
	Diarrhoea       Key = "diarrhoea"
	Pregnancy       Key = "pregnancy"
	ChestPain       Key = "chest pain"
	OtherWord       Key = "other word"
)

// clinicWords are their words: English, French, Spanish.
var clinicWords = map[Key][3]string{
	Queue:           {"Queue", "File", "Cola"},
	WaitingNow:      {"%d waiting", "%d en attente", "%d en espera"},
	NotSortedYet:    {"NOT SORTED YET", "PAS ENCORE TRIÉ", "SIN CLASIFICAR"},
	SortsDiffer:     {"(sorts differ)", "(tris différents)", "(clasificaciones distintas)"},
	WaitsFor:        {"waits %s", "attend %s", "espera %s"},
	ArrivedAt:       {"Arrived %s", "Arrivé(e) %s", "Llegó %s"},
	TakeFromMonitor: {"Take from monitor", "Prendre du moniteur", "Tomar del monitor"},
	VisitOver:       {"HOLD: VISIT OVER", "MAINTENIR : FIN", "MANTENER: FIN"},
	Admit:           {"Register", "Inscrire", "Registrar"},
	FemaleWord:      {"Female", "Femme", "Mujer"},
	MaleWord:        {"Male", "Homme", "Hombre"},
	UnknownWord:     {"Unknown", "Inconnu", "Desconocido"},
	Fever:           {"Fever", "Fièvre", "Fiebre"},
	Wound:           {"Wound", "Plaie", "Herida"},
	Pain:            {"Pain", "Douleur", "Dolor"},
	Breathless:      {"Breathing", "Respiration", "Respiración"},
	Diarrhoea:       {"Diarrhoea", "Diarrhée", "Diarrea"},
	Pregnancy:       {"Pregnancy", "Grossesse", "Embarazo"},
	ChestPain:       {"Chest pain", "Thorax", "Tórax"},
	OtherWord:       {"Other", "Autre", "Otro"},
}
