package lang

import "fieldkit/triage/chart"

// The keys of what is in doubt.
const (
	ToSettle       Key = "to settle"
	InDoubt        Key = "in doubt"
	PrevPage       Key = "previous page"
	NothingInDoubt Key = "nothing in doubt"
	DoubtHead      Key = "doubt head"
	HoldThisStands Key = "hold this stands"
	SettledWord    Key = "settled"
	OthersInDoubt  Key = "others in doubt"
	DoubtsOfAll    Key = "doubts of all"
	NobodyInDoubt  Key = "nobody in doubt"
	WroteIt        Key = "wrote it"
	TrueAtTime     Key = "true at time"
	HadNotSeen     Key = "had not seen"
	HadSeen        Key = "had seen"
	HadSeenNothing Key = "had seen nothing"
	ShownMeanwhile Key = "shown meanwhile"
	NoValueNow     Key = "no value now"
	PatientHasIt   Key = "patient has it"
	PatientHasNot  Key = "patient has not"
	OnePerson      Key = "one person"
	TwoPersons     Key = "two persons"
	BothGiven      Key = "both given"
	ChartedTwice   Key = "charted twice"
	DoseNotKnown   Key = "dose not known"
	HoldLookedAt   Key = "hold looked at"
	DoseLookedAt   Key = "dose looked at"
	DoseAsk        Key = "dose ask"
	DoseStays      Key = "dose stays"
	ClockWasUnset  Key = "clock was unset"
	IsMissingHere  Key = "is missing here"
	LookAgain      Key = "look again"

	MatterField       Key = "matter field"
	MatterAllergy     Key = "matter allergy"
	MatterCondition   Key = "matter condition"
	MatterMedicine    Key = "matter medicine"
	MatterTriage      Key = "matter triage"
	MatterCode        Key = "matter code"
	MatterConsent     Key = "matter consent"
	MatterDecision    Key = "matter decision"
	MatterEnding      Key = "matter ending"
	MatterDestination Key = "matter destination"
	MatterBay         Key = "matter bay"
	MatterMerge       Key = "matter merge"
	MatterDoses       Key = "matter doses"

	FieldFamilyWord   Key = "field family"
	FieldGivenWord    Key = "field given"
	FieldCalledWord   Key = "field called"
	FieldSexWord      Key = "field sex"
	FieldBirthWord    Key = "field birth"
	FieldAgeWord      Key = "field age"
	FieldLanguageWord Key = "field language"
	FieldPhoneWord    Key = "field phone"
	FieldAddressWord  Key = "field address"
	FieldContactWord  Key = "field contact"
	FieldLabelWord    Key = "field label"

	WhyNotFetched   Key = "why not fetched"
	WhyNotGranted   Key = "why not granted"
	WhyNotKept      Key = "why not kept"
	WhyWasErased    Key = "why was erased"
	WhyNotReadable  Key = "why not readable"
	WhyIsDamaged    Key = "why is damaged"
	WhyNotConfirmed Key = "why not confirmed"
	WhyNotReached   Key = "why not reached"
	WhyNamesAbsent  Key = "why names absent"
	WhyNoEffect     Key = "why no effect"
	WhyDemoMixed    Key = "why demo mixed"
	WhyMovedTwice   Key = "why moved twice"
	WhyTwoPatients  Key = "why two patients"
)

// doubtWords are their words: English, French, Spanish.
var doubtWords = map[Key][3]string{
	ToSettle:       {"%d to settle", "%d à trancher", "%d por resolver"},
	InDoubt:        {"In doubt", "En doute", "En duda"},
	PrevPage:       {"Previous", "Précédent", "Anterior"},
	NothingInDoubt: {"Nothing is in doubt of this patient.", "Rien n'est en doute pour ce patient.", "Nada está en duda de este paciente."},
	DoubtHead:      {"%d of %d: %s", "%d sur %d : %s", "%d de %d: %s"},
	HoldThisStands: {"HOLD: THIS STANDS", "MAINTENIR : RETENU", "MANTENER: VALE"},
	SettledWord:    {"Settled: %s", "Tranché : %s", "Resuelto: %s"},
	OthersInDoubt:  {"All patients", "Tous les patients", "Todos los pacientes"},
	DoubtsOfAll:    {"Patients of whom something is in doubt: %d", "Patients avec un point en doute : %d", "Pacientes con algo en duda: %d"},
	NobodyInDoubt:  {"Nothing is in doubt of any patient in care.", "Aucun doute pour les patients pris en charge.", "Nada está en duda de ningún paciente atendido."},
	WroteIt:        {"Written %s by %s, %s", "Écrit à %s par %s, %s", "Escrito %s por %s, %s"},
	TrueAtTime:     {"True at %s", "Vrai à %s", "Cierto a las %s"},
	HadNotSeen:     {"Had not seen the other entry", "N'avait pas vu l'autre entrée", "No había visto la otra entrada"},
	HadSeen:        {"Had seen before: %s, %s", "Avait vu avant : %s, %s", "Había visto antes: %s, %s"},
	HadSeenNothing: {"Had seen nothing of it before", "N'avait rien vu avant", "No había visto nada antes"},
	ShownMeanwhile: {"Shown first until it is settled", "Affiché d'abord en attendant", "Se muestra primero mientras tanto"},
	NoValueNow:     {"(taken back: not known)", "(retiré : inconnu)", "(retirado: desconocido)"},
	PatientHasIt:   {"Yes: %s", "Oui : %s", "Sí: %s"},
	PatientHasNot:  {"No, removed: %s", "Non, retiré : %s", "No, retirado: %s"},
	OnePerson:      {"One person", "Une seule personne", "Una sola persona"},
	TwoPersons:     {"Two persons", "Deux personnes", "Dos personas"},
	BothGiven:      {"Both were given", "Les deux données", "Se dieron ambas"},
	ChartedTwice:   {"One dose, charted twice", "Une dose, notée deux fois", "Una dosis, anotada dos veces"},
	DoseNotKnown:   {"Cannot be known", "Impossible à savoir", "No se puede saber"},
	HoldLookedAt:   {"HOLD: SEEN", "MAINTENIR : VU", "MANTENER: VISTO"},
	DoseLookedAt:   {"Looked at %s by %s: %s", "Vu à %s par %s : %s", "Visto %s por %s: %s"},
	DoseAsk:        {"Ask both crews. What did you find?", "Demandez aux deux équipes. Résultat ?", "Pregunte a ambos equipos. ¿Resultado?"},
	DoseStays:      {"The alert stays on the record", "L'alerte reste au dossier", "La alerta queda en el registro"},
	ClockWasUnset:  {"Its clock was not set: the times may be wrong", "Horloge non réglée : heures incertaines", "Reloj sin ajustar: horas inciertas"},
	LookAgain:      {"more was written of it just now; look again", "une autre entrée vient d'arriver ; regardez encore", "acaba de llegar otra entrada; mire de nuevo"},
	IsMissingHere:  {"Record incomplete: %s", "Dossier incomplet : %s", "Registro incompleto: %s"},

	MatterField:       {"who this is, %s", "identité, %s", "identidad, %s"},
	MatterAllergy:     {"allergy to %s", "allergie : %s", "alergia: %s"},
	MatterCondition:   {"illness %s", "maladie %s", "enfermedad %s"},
	MatterMedicine:    {"medicine at home, %s", "traitement habituel, %s", "medicación habitual, %s"},
	MatterTriage:      {"triage category", "catégorie de tri", "categoría de triaje"},
	MatterCode:        {"resuscitation", "réanimation", "reanimación"},
	MatterConsent:     {"consent to %s", "consentement : %s", "consentimiento: %s"},
	MatterDecision:    {"decision %s", "décision %s", "decisión %s"},
	MatterEnding:      {"how the care ended", "fin de la prise en charge", "fin de la atención"},
	MatterDestination: {"destination", "destination", "destino"},
	MatterBay:         {"bay", "emplacement", "puesto"},
	MatterMerge:       {"whether two records are one person", "une ou deux personnes", "una o dos personas"},
	MatterDoses:       {"possible double dose, %s", "double dose possible, %s", "posible dosis doble, %s"},

	FieldFamilyWord:   {"family name", "nom", "apellido"},
	FieldGivenWord:    {"given name", "prénom", "nombre"},
	FieldCalledWord:   {"called", "dit", "llamado"},
	FieldSexWord:      {"sex", "sexe", "sexo"},
	FieldBirthWord:    {"birth", "naissance", "nacimiento"},
	FieldAgeWord:      {"age", "âge", "edad"},
	FieldLanguageWord: {"language", "langue", "idioma"},
	FieldPhoneWord:    {"telephone", "téléphone", "teléfono"},
	FieldAddressWord:  {"address", "adresse", "dirección"},
	FieldContactWord:  {"next of kin", "proche", "familiar"},
	FieldLabelWord:    {"tag or label", "étiquette", "etiqueta"},

	WhyNotFetched:   {"on its way", "en route", "en camino"},
	WhyNotGranted:   {"withheld from this station", "non accordé à ce poste", "no concedido a esta estación"},
	WhyNotKept:      {"no longer kept", "non conservé", "no conservado"},
	WhyWasErased:    {"erased", "effacé", "borrado"},
	WhyNotReadable:  {"written by a later version", "écrit par une version plus récente", "escrito por una versión posterior"},
	WhyIsDamaged:    {"damaged", "endommagé", "dañado"},
	WhyNotConfirmed: {"from a withdrawn tablet, not confirmed", "d'une tablette retirée, non confirmé", "de una tableta retirada, sin confirmar"},
	WhyNotReached:   {"seen by others, not yet here", "vu par d'autres, pas encore ici", "visto por otros, aún no aquí"},
	WhyNamesAbsent:  {"corrects an entry that is not here", "corrige une entrée absente", "corrige una entrada ausente"},
	WhyNoEffect:     {"a correction that cannot be applied", "correction inapplicable", "corrección inaplicable"},
	WhyDemoMixed:    {"training data mixed in", "données d'entraînement mêlées", "datos de entrenamiento mezclados"},
	WhyMovedTwice:   {"moved to two encounters at once", "déplacé vers deux prises en charge", "movido a dos atenciones a la vez"},
	WhyTwoPatients:  {"names two patients who are not merged", "nomme deux patients non réunis", "nombra dos pacientes no unidos"},
}

var fields = map[chart.Field]Key{
	chart.FieldFamily: FieldFamilyWord, chart.FieldGiven: FieldGivenWord, chart.FieldCalled: FieldCalledWord,
	chart.FieldSex: FieldSexWord, chart.FieldBirth: FieldBirthWord, chart.FieldAge: FieldAgeWord,
	chart.FieldLanguage: FieldLanguageWord, chart.FieldPhone: FieldPhoneWord, chart.FieldAddress: FieldAddressWord,
	chart.FieldContact: FieldContactWord, chart.FieldLabel: FieldLabelWord,
}

// Field is a field of the demographics in words; an identifier's is its system.
func (s *Speech) Field(f chart.Field) string {
	if k, ok := fields[f]; ok {
		return s.Say(k)
	}
	if len(f) > len(chart.FieldID) && f[:len(chart.FieldID)] == chart.FieldID {
		return string(f[len(chart.FieldID):])
	}
	return string(f)
}

var matters = map[chart.Matter]Key{
	chart.AboutField: MatterField, chart.AboutAllergy: MatterAllergy, chart.AboutCondition: MatterCondition,
	chart.AboutMedicine: MatterMedicine, chart.AboutTriage: MatterTriage, chart.AboutCodeStatus: MatterCode,
	chart.AboutConsent: MatterConsent, chart.AboutDecision: MatterDecision, chart.AboutEnding: MatterEnding,
	chart.AboutDestination: MatterDestination, chart.AboutBay: MatterBay, chart.AboutMerge: MatterMerge,
	chart.AboutDoses: MatterDoses,
}

// Matter is what a dispute is about, in words.
func (s *Speech) Matter(d chart.Dispute) string {
	k, name := matters[d.Matter], d.Name
	switch d.Matter {
	case chart.AboutField:
		name = s.Field(chart.Field(name))
	case chart.AboutTriage, chart.AboutCodeStatus, chart.AboutEnding, chart.AboutDestination, chart.AboutBay, chart.AboutMerge:
		return s.Say(k)
	}
	return s.Say(k, name)
}

var whys = map[chart.Why]Key{
	chart.NotFetched: WhyNotFetched, chart.NotGranted: WhyNotGranted, chart.NotKept: WhyNotKept, chart.WasErased: WhyWasErased,
	chart.NotReadable: WhyNotReadable, chart.IsDamaged: WhyIsDamaged, chart.NotConfirmed: WhyNotConfirmed,
	chart.NotReached: WhyNotReached, chart.NamesAbsent: WhyNamesAbsent, chart.NoEffect: WhyNoEffect,
	chart.DemoMixed: WhyDemoMixed, chart.MovedTwice: WhyMovedTwice, chart.TwoPatients: WhyTwoPatients,
}

// Why is why a record is not the whole truth, in words.
func (s *Speech) Why(w chart.Why) string {
	if k, ok := whys[w]; ok {
		return s.Say(k)
	}
	return w.String()
}
