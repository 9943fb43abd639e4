package lang

// The keys of what is in dispute, and of two records that are one person's.
const (
	ToSettle          Key = "to settle"
	NothingToSettle   Key = "nothing to settle"
	WrittenApart      Key = "written apart"
	DoseTwice         Key = "dose twice"
	HoldThatHolds     Key = "hold that holds"
	HoldOnlyDose      Key = "hold only dose"
	Settled           Key = "settled"
	ResuscitationWord Key = "resuscitation word"
	ConsentTo         Key = "consent to"
	NotKnownField     Key = "not known field"
	FamilyName        Key = "family name"
	GivenName         Key = "given name"
	CalledName        Key = "called name"
	SexWord           Key = "sex word"
	BirthDate         Key = "birth date"
	AgeWord           Key = "age word"
	SpokenLanguage    Key = "spoken language"
	PhoneWord         Key = "phone word"
	AddressWord       Key = "address word"
	ContactWord       Key = "contact word"
	LabelWord         Key = "label word"
)

// disputeWords are their words: English, French, Spanish.
var disputeWords = map[Key][3]string{
	ToSettle:          {"To settle", "À trancher", "Por resolver"},
	NothingToSettle:   {"Nothing to settle: all stations say the same", "Rien à trancher : tous les postes disent la même chose", "Nada por resolver: todas las estaciones dicen lo mismo"},
	WrittenApart:      {"Written at once while apart. Both stand until somebody holds the one that is true.", "Écrit en même temps, sans contact. Les deux restent jusqu'à ce que quelqu'un maintienne le vrai.", "Escrito a la vez, sin contacto. Ambos quedan hasta que alguien mantenga el verdadero."},
	DoseTwice:         {"If one dose was charted twice, hold the one to keep; the other is struck out. If both were given, leave both.", "Si une dose a été notée deux fois, maintenir celle à garder ; l'autre est rayée. Si les deux ont été données, laisser les deux.", "Si una dosis se anotó dos veces, mantenga la que queda; la otra se tacha. Si se dieron ambas, deje las dos."},
	HoldThatHolds:     {"HOLD: %s", "MAINTENIR : %s", "MANTENER: %s"},
	HoldOnlyDose:      {"HOLD: only %s", "MAINTENIR : seulement %s", "MANTENER: solo %s"},
	Settled:           {"%s: %s", "%s : %s", "%s: %s"},
	ResuscitationWord: {"Resuscitation", "Réanimation", "Reanimación"},
	ConsentTo:         {"Consent: %s", "Consentement : %s", "Consentimiento: %s"},
	NotKnownField:     {"not known", "inconnu", "no se sabe"},
	FamilyName:        {"Family name", "Nom", "Apellido"},
	GivenName:         {"Given name", "Prénom", "Nombre"},
	CalledName:        {"Called", "Appelé(e)", "Le llaman"},
	SexWord:           {"Sex", "Sexe", "Sexo"},
	BirthDate:         {"Born", "Né(e)", "Nacimiento"},
	AgeWord:           {"Age", "Âge", "Edad"},
	SpokenLanguage:    {"Language", "Langue", "Idioma"},
	PhoneWord:         {"Telephone", "Téléphone", "Teléfono"},
	AddressWord:       {"Address", "Adresse", "Dirección"},
	ContactWord:       {"Next of kin", "Proche", "Familiar"},
	LabelWord:         {"Label", "Étiquette", "Etiqueta"},
}
