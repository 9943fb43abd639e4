package lang

// The keys of joining two records of one person, and of parting them.
const (
	SamePerson     Key = "same person"
	SameWhich      Key = "same which"
	SameNobody     Key = "same nobody"
	SameNoPatient  Key = "same no patient"
	JoinedWord     Key = "joined"
	JoinedWith     Key = "joined with"
	JoinedElse     Key = "joined elsewhere"
	OnThisScreen   Key = "on this screen"
	TheOther       Key = "the other"
	JoinAsk        Key = "join ask"
	JoinStays      Key = "join stays"
	JoinDiffer     Key = "join differ"
	JoinAlike      Key = "join alike"
	JoinNoCompare  Key = "join no compare"
	JoinAllergy    Key = "join allergy"
	JoinNotHere    Key = "join not here"
	FieldIs        Key = "field is"
	VisitOn        Key = "visit on"
	HoldJoin       Key = "hold join"
	PartAsk        Key = "part ask"
	PartWhy        Key = "part why"
	HoldPart       Key = "hold part"
	JoinDone       Key = "join done"
	PartDone       Key = "part done"
	WhyNotSame     Key = "why not same"
	WhyWrongRecord Key = "why wrong record"
	WhyNotSure     Key = "why not sure"
)

// joinWords are their words: English, French, Spanish.
var joinWords = map[Key][3]string{
	SamePerson:     {"Same person?", "Même personne ?", "¿La misma persona?"},
	SameWhich:      {"Which record is of the same person? Those that share a name, birth or number stand first.", "Quel dossier est de la même personne ? D'abord ceux de même nom, naissance ou numéro.", "¿Qué registro es de la misma persona? Primero los de igual nombre, nacimiento o número."},
	SameNobody:     {"This station holds no other patient.", "Cette station n'a pas d'autre patient.", "Esta estación no tiene otro paciente."},
	SameNoPatient:  {"The record does not say yet who this patient is: nothing can be joined.", "Le dossier ne dit pas encore qui est ce patient : rien à réunir.", "El registro aún no dice quién es el paciente: nada que unir."},
	JoinedWord:     {"JOINED: %s", "RÉUNI : %s", "UNIDO: %s"},
	JoinedWith:     {"joined with %d", "réuni avec %d", "unido con %d"},
	JoinedElse:     {"a record that is not here", "un dossier absent d'ici", "un registro que no está aquí"},
	OnThisScreen:   {"On this screen", "À l'écran", "En pantalla"},
	TheOther:       {"The other record", "L'autre dossier", "El otro registro"},
	JoinAsk:        {"Is this one person?", "Est-ce une seule personne ?", "¿Es una sola persona?"},
	JoinStays:      {"Both records stay; allergies and names count for both. It can be taken back.", "Les deux dossiers restent ; allergies et noms valent pour les deux. Réversible.", "Ambos registros quedan; alergias y nombres valen para los dos. Se puede deshacer."},
	JoinDiffer:     {"THEY DIFFER: %s", "ILS DIFFÈRENT : %s", "DIFIEREN: %s"},
	JoinAlike:      {"Alike in both: %s", "Identique : %s", "Igual en ambos: %s"},
	JoinNoCompare:  {"NOTHING TO COMPARE: no name, birth, sex or number stands in both.", "RIEN À COMPARER : ni nom, naissance, sexe ou numéro dans les deux.", "NADA QUE COMPARAR: ni nombre, nacimiento, sexo ni número en ambos."},
	JoinAllergy:    {"Allergy in one record only: %s", "Allergie dans un seul dossier : %s", "Alergia en un solo registro: %s"},
	JoinNotHere:    {"The other record is not at this station: it is told when the two meet.", "L'autre dossier n'est pas ici : il l'apprendra à la prochaine rencontre.", "El otro registro no está aquí: lo sabrá cuando se encuentren."},
	FieldIs:        {"%s: %s", "%s : %s", "%s: %s"},
	VisitOn:        {"Visit %s", "Visite %s", "Visita %s"},
	HoldJoin:       {"HOLD: ONE PERSON", "MAINTENIR : RÉUNIR", "MANTENER: UNIR"},
	PartAsk:        {"Are these two persons after all?", "Sont-ce deux personnes après tout ?", "¿Son dos personas después de todo?"},
	PartWhy:        {"Choose the reason. Each record keeps its own entries.", "Choisissez le motif. Chaque dossier garde ses entrées.", "Elija el motivo. Cada registro conserva sus entradas."},
	HoldPart:       {"HOLD: TWO PERSONS", "MAINTENIR : SÉPARER", "MANTENER: SEPARAR"},
	JoinDone:       {"One person", "Une personne", "Una persona"},
	PartDone:       {"Two persons", "Deux personnes", "Dos personas"},
	WhyNotSame:     {"Not the same person", "Pas la même personne", "No es la misma persona"},
	WhyWrongRecord: {"Wrong record chosen", "Mauvais dossier choisi", "Registro equivocado"},
	WhyNotSure:     {"Not sure any more", "Plus certain", "Ya no es seguro"},
}
