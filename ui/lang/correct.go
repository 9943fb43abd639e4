package lang

// The keys of corrections.
const (
	CorrectWord    Key = "correct"
	CorrectWhich   Key = "correct which"
	NothingCorrect Key = "nothing to correct"
	AsItStands     Key = "as it stands"
	WillBe         Key = "will be"
	StaysAsItIs    Key = "stays as it is"
	ChooseWhy      Key = "choose why"
	HoldCorrect    Key = "hold correct"
	HoldTakeBack   Key = "hold take back"
	WrongNumber    Key = "wrong number"
	WrongTime      Key = "wrong time"
	WrongEntry     Key = "wrong entry"
	CorrectedBy    Key = "corrected by"

	ACorrection    Key = "a correction"
	ATakingBack    Key = "a taking back"
	NotTheFuture   Key = "not the future"
	NoLongerCounts Key = "no longer counts"
	TappedMistaken Key = "tapped by mistake"

	AmountNotKnown  Key = "amount not known"
	InfusionStarts  Key = "infusion starts"
	InfusionChanges Key = "infusion changes"
	InfusionStops   Key = "infusion stops"
)

// correctWords are their words: English, French, Spanish.
var correctWords = map[Key][3]string{
	CorrectWord:     {"Correct", "Corriger", "Corregir"},
	AmountNotKnown:  {"amount not known", "quantité inconnue", "cantidad desconocida"},
	InfusionStarts:  {"infusion started", "perfusion commencée", "infusión iniciada"},
	InfusionChanges: {"infusion changed", "perfusion modifiée", "infusión cambiada"},
	InfusionStops:   {"infusion stopped", "perfusion arrêtée", "infusión parada"},

	CorrectWhich:   {"Which entry is wrong?", "Quelle entrée est fausse ?", "¿Qué entrada está mal?"},
	NothingCorrect: {"There is no entry to correct.", "Aucune entrée à corriger.", "No hay entradas que corregir."},
	AsItStands:     {"Now: %s", "Actuel : %s", "Ahora: %s"},
	WillBe:         {"Will be: %s", "Deviendra : %s", "Será: %s"},
	StaysAsItIs:    {"Nothing is changed yet.", "Rien n'est changé.", "Nada ha cambiado aún."},
	ChooseWhy:      {"Choose the reason. The old entry stays readable, struck through.", "Choisissez le motif. L'ancienne entrée reste lisible, barrée.", "Elija el motivo. La entrada anterior queda legible, tachada."},
	HoldCorrect:    {"HOLD: CORRECT", "MAINTENIR : CORRIGER", "MANTENER: CORREGIR"},
	HoldTakeBack:   {"HOLD: TAKE BACK", "MAINTENIR : ANNULER", "MANTENER: ANULAR"},
	WrongNumber:    {"Wrong dose or number", "Dose ou chiffre faux", "Dosis o número mal"},
	WrongTime:      {"Wrong time", "Heure fausse", "Hora equivocada"},
	WrongEntry:     {"Should not be here", "Entrée à tort", "No debería estar"},
	CorrectedBy:    {"%s by %s: %s", "%s par %s : %s", "%s por %s: %s"},

	ACorrection:    {"Correction: %s", "Correction : %s", "Corrección: %s"},
	ATakingBack:    {"Taken back: %s", "Annulation : %s", "Anulación: %s"},
	NotTheFuture:   {"That time has not come yet.", "Cette heure n'est pas encore venue.", "Esa hora aún no ha llegado."},
	NoLongerCounts: {"Somebody has corrected or taken back this entry meanwhile. Look at the record.", "Quelqu'un a déjà corrigé ou annulé cette entrée. Voir le dossier.", "Alguien ya corrigió o anuló esta entrada. Vea el registro."},
	TappedMistaken: {"tapped by mistake", "appuyé par erreur", "tocado por error"},
}
