package lang

import (
	"strings"

	"fieldkit/triage/handover"
	"fieldkit/triage/sieve"
)

// The keys of the pages of care.
const (
	// Everywhere.
	Yes         Key = "yes"
	No          Key = "no"
	RecordIt    Key = "record it"
	TookBack    Key = "took back"
	More        Key = "more"
	Vitals      Key = "vitals"
	NotTestable Key = "not testable"
	EnterNumber Key = "enter number"
	AndMore     Key = "and more"

	// Numbers typed.
	TypeNumber    Key = "type number"
	NoNumber      Key = "no number"
	WholeOnly     Key = "whole only"
	TooManyPlaces Key = "too many places"
	NotPossible   Key = "not possible"
	TakeNumber    Key = "take number"

	// Vitals by hand.
	OtherSign          Key = "other sign"
	NumberPad          Key = "number pad"
	QuickValues        Key = "quick values"
	UnitWord           Key = "unit"
	ChooseUnit         Key = "choose unit"
	ByHandNow          Key = "by hand now"
	PressureUpsideDown Key = "pressure upside down"
	ChartedAgo         Key = "charted ago"
	CuffByHand         Key = "cuff by hand"

	// Scores.
	Scores             Key = "scores"
	AtLeastAtMost      Key = "at least, at most"
	AtLeastBand        Key = "at least, band"
	IncompleteWord     Key = "incomplete"
	NotForThis         Key = "not for this patient"
	ContradictionShort Key = "contradiction, short"
	TakenFrom          Key = "taken from"

	// Handover.
	HandoverWord        Key = "handover"
	WrittenFromRecord   Key = "written from the record"
	HoldToSend          Key = "hold to send"
	HoldNoHospital      Key = "hold, no hospital"
	SentWord            Key = "sent"
	WriteAnew           Key = "write anew"
	AsSent              Key = "as sent"
	SentReadBack        Key = "sent, read back"
	ItemsQuestioned     Key = "items questioned"
	TakenOver           Key = "taken over"
	CriticalReadBack    Key = "critical read back"
	HeardAs             Key = "heard as"
	ReadBackAt          Key = "read back at"
	NotReadBack         Key = "not read back"
	NotReadBackCritical Key = "not read back, critical"

	// Charting late.
	ChartLate      Key = "chart late"
	ChartingLate   Key = "charting late"
	MinutesEarlier Key = "minutes earlier"
	MinutesLater   Key = "minutes later"
	ItHappenedAgo  Key = "it happened ago"
	BeforeTheRun   Key = "before the run"
	Yesterday      Key = "yesterday"

	// The last ten seconds of the traces.
	StripMarked Key = "strip marked"

	// Decisions.
	DecisionsWord       Key = "decisions"
	CodeFull            Key = "code full"
	CodeNoCPR           Key = "code no CPR"
	CodeLimited         Key = "code limited"
	CodeComfort         Key = "code comfort"
	CodeNotKnown        Key = "code not known"
	RefusesTransport    Key = "refuses transport"
	RefusesTreatment    Key = "refuses treatment"
	RefusesAll          Key = "refuses all"
	CapacityYes         Key = "capacity yes"
	CapacityNo          Key = "capacity no"
	CapacityNotAssessed Key = "capacity not assessed"
	AgreeTreatment      Key = "agree treatment"
	AgreeSharing        Key = "agree sharing"
	AgreePhotograph     Key = "agree photograph"
	ConsentGiven        Key = "consent given"
	ConsentRefused      Key = "consent refused"
	ConsentWithdrawn    Key = "consent withdrawn"
	ConsentImplied      Key = "consent implied"
	ResuscitationIs     Key = "resuscitation is"
	PatientRefuses      Key = "patient refuses"
	ConsentIs           Key = "consent is"
	PaperSeen           Key = "paper seen"
	RisksExplained      Key = "risks explained"
	SayCapacity         Key = "say capacity"
	SayRefused          Key = "say refused"
	SayConsent          Key = "say consent"
	ChooseDecision      Key = "choose decision"
	NotSettled          Key = "not settled"

	// The incident board.
	IncidentBoard  Key = "incident board"
	NotSorted      Key = "not sorted"
	HandedOverWord Key = "handed over"
	ClosedWord     Key = "closed"
	SortedTwice    Key = "sorted twice"
	AlarmsStand    Key = "alarms stand"
	BoardCounts    Key = "board counts"

	// The timer of a resuscitation.
	CPRTimer      Key = "CPR timer"
	RhythmCheck   Key = "rhythm check"
	CPRStopped    Key = "CPR stopped"
	NoCPR         Key = "no CPR"
	CPRSince      Key = "CPR since"
	CPREnded      Key = "CPR ended"
	RhythmIn      Key = "rhythm in"
	RhythmNow     Key = "rhythm now"
	ShocksSo      Key = "shocks so far"
	AdrenalineSo  Key = "adrenaline so far"
	AdrenalineDue Key = "adrenaline due"
	NoAdrenaline  Key = "no adrenaline"

	// The triage card.
	TriageWord      Key = "triage"
	Walks           Key = "walks"
	NotBreathing    Key = "not breathing"
	AirwayOpened    Key = "airway opened"
	BreathesOpened  Key = "breathes once opened"
	BreathesFast    Key = "breathes fast"
	BreathesSlower  Key = "breathes slower"
	DoesNotWalk     Key = "does not walk"
	PulseYes        Key = "pulse yes"
	PulseNo         Key = "pulse no"
	ObeysYes        Key = "obeys yes"
	ObeysNo         Key = "obeys no"
	MoreFindings    Key = "more findings"
	NextCasualty    Key = "next casualty"
	UpTo            Key = "up to"
	ForChildren     Key = "for children"
	SortsDisagree   Key = "sorts disagree"
	SortsSay        Key = "sorts say"
	Because         Key = "because"
	Contradiction   Key = "contradiction"
	MonitorCounts   Key = "monitor counts"
	MonitorLeftOut  Key = "monitor left out"
	AnswerToSort    Key = "answer to sort"
	NothingToAsk    Key = "nothing to ask"
	BackToCard      Key = "back to card"
	CategoryOnFile  Key = "category on file"
	RecordedAsWords Key = "recorded as"
)

// care is their words: English, French, Spanish.
var care = map[Key][3]string{
	Yes:         {"Yes", "Oui", "Sí"},
	No:          {"No", "Non", "No"},
	RecordIt:    {"RECORD", "ENREGISTRER", "REGISTRAR"},
	TookBack:    {"Undo", "Annuler", "Deshacer"},
	More:        {"More", "Plus", "Más"},
	Vitals:      {"Vitals", "Constantes", "Constantes"},
	NotTestable: {"NT", "NT", "NT"},
	EnterNumber: {"Enter number", "Saisir le nombre", "Escribir número"},
	AndMore:     {"... and %d more", "... et %d autres", "... y %d más"},

	TypeNumber:    {"Type the number", "Saisir le nombre", "Escriba el número"},
	NoNumber:      {"REFUSED: %s is not a number", "REFUSÉ : %s n'est pas un nombre", "RECHAZADO: %s no es un número"},
	WholeOnly:     {"REFUSED: %s. A whole number is kept here; nothing is rounded.", "REFUSÉ : %s. Nombre entier attendu ; rien n'est arrondi.", "RECHAZADO: %s. Debe ser un número entero; nada se redondea."},
	TooManyPlaces: {"REFUSED: %s has more than %d decimals; nothing is rounded", "REFUSÉ : %s a plus de %d décimales ; rien n'est arrondi", "RECHAZADO: %s tiene más de %d decimales; nada se redondea"},
	NotPossible:   {"REFUSED: %s is not possible. It lies between %s and %s.", "REFUSÉ : %s est impossible. La valeur est entre %s et %s.", "RECHAZADO: %s no es posible. Está entre %s y %s."},
	TakeNumber:    {"TAKE IT", "VALIDER", "ACEPTAR"},

	OtherSign:          {"Other sign", "Autre mesure", "Otra medida"},
	NumberPad:          {"Number pad", "Clavier", "Teclado"},
	QuickValues:        {"Quick values", "Valeurs rapides", "Valores rápidos"},
	UnitWord:           {"unit", "unité", "unidad"},
	ChooseUnit:         {"Choose the unit first: a glucose of 6 is one thing in mmol/L and another in mg/dL", "Choisir d'abord l'unité : 6 en mmol/L n'est pas 6 en mg/dL", "Elija primero la unidad: 6 en mmol/L no es 6 en mg/dL"},
	ByHandNow:          {"Measured by hand, now. One tap each, or the pad for any number.", "Mesuré à la main, maintenant. Un appui chacun, ou le clavier.", "Medido a mano, ahora. Un toque cada uno, o el teclado."},
	PressureUpsideDown: {"REFUSED: %s over %s. The upper value must be above the lower.", "REFUSÉ : %s sur %s. La valeur haute doit dépasser la basse.", "RECHAZADO: %s sobre %s. El valor alto debe superar al bajo."},
	ChartedAgo:         {"charted %s ago", "noté il y a %s", "anotado hace %s"},
	CuffByHand:         {"blood pressure", "pression artérielle", "presión arterial"},

	Scores:             {"Scores", "Scores", "Escalas"},
	AtLeastAtMost:      {"at least %s (to %s)", "au moins %s (à %s)", "al menos %s (a %s)"},
	AtLeastBand:        {"at least %s, %s", "au moins %s, %s", "al menos %s, %s"},
	IncompleteWord:     {"incomplete", "incomplet", "incompleto"},
	NotForThis:         {"not for this patient", "pas pour ce patient", "no para este paciente"},
	ContradictionShort: {"answers contradict", "réponses contraires", "respuestas opuestas"},
	TakenFrom:          {"From monitor and record: %s", "Du moniteur et du dossier : %s", "Del monitor y del registro: %s"},

	HandoverWord:        {"Handover", "Relève", "Traspaso"},
	WrittenFromRecord:   {"%s, written from the record. Not sent yet.", "%s, rédigé depuis le dossier. Pas encore envoyé.", "%s, escrito desde el registro. Aún no enviado."},
	HoldToSend:          {"HOLD TO SEND", "MAINTENIR POUR ENVOYER", "MANTENER PARA ENVIAR"},
	HoldNoHospital:      {"HOLD: record, no hospital set", "MAINTENIR : noter, pas d'hôpital", "MANTENER: anotar, sin hospital"},
	SentWord:            {"SENT", "ENVOYÉ", "ENVIADO"},
	WriteAnew:           {"Write anew", "Rédiger à nouveau", "Escribir de nuevo"},
	AsSent:              {"As sent", "Tel qu'envoyé", "Como se envió"},
	SentReadBack:        {"Sent %s. Read back %d of %d.", "Envoyé %s. Relu %d sur %d.", "Enviado %s. Releído %d de %d."},
	ItemsQuestioned:     {"IN QUESTION: %d.", "EN QUESTION : %d.", "EN DUDA: %d."},
	TakenOver:           {"Patient taken over %s.", "Patient pris en charge %s.", "Paciente recibido %s."},
	CriticalReadBack:    {"All critical items read back.", "Tout l'essentiel est relu.", "Todo lo crítico fue releído."},
	HeardAs:             {"IN QUESTION. Heard: %s", "EN QUESTION. Entendu : %s", "EN DUDA. Oído: %s"},
	ReadBackAt:          {"read back %s", "relu %s", "releído %s"},
	NotReadBack:         {"not yet read back", "pas encore relu", "aún no releído"},
	NotReadBackCritical: {"critical, not yet read back", "essentiel, pas encore relu", "crítico, aún no releído"},

	ChartLate:      {"Chart late", "Noter après coup", "Anotar tarde"},
	ChartingLate:   {"CHARTING AT %s, %s AGO", "NOTÉ À %s, IL Y A %s", "ANOTADO A LAS %s, HACE %s"},
	MinutesEarlier: {"%d min earlier", "%d min plus tôt", "%d min antes"},
	MinutesLater:   {"%d min later", "%d min plus tard", "%d min después"},
	ItHappenedAgo:  {"It happened %s ago. Set the true time, then choose what to chart. The way back to the monitor ends it.", "C'était il y a %s. Régler l'heure vraie, puis choisir quoi noter. Le retour au moniteur y met fin.", "Ocurrió hace %s. Ponga la hora real y elija qué anotar. Volver al monitor lo termina."},
	BeforeTheRun:   {"This is before the run began at %s", "C'est avant le début de l'intervention à %s", "Es antes del inicio a las %s"},
	Yesterday:      {"This is another day: %s", "C'est un autre jour : %s", "Es otro día: %s"},

	StripMarked: {"Strip", "Tracé", "Tira"},

	DecisionsWord:       {"Refusal, consent, code", "Refus, accord, réanimation", "Negativa, acuerdo, RCP"},
	CodeFull:            {"Full resuscitation", "Réanimer", "Reanimar"},
	CodeNoCPR:           {"No CPR", "Pas de RCP", "Sin RCP"},
	CodeLimited:         {"Limited", "Limité", "Limitado"},
	CodeComfort:         {"Comfort only", "Confort seulement", "Solo confort"},
	CodeNotKnown:        {"not known", "inconnu", "no se sabe"},
	RefusesTransport:    {"Refuses transport", "Refuse le transport", "Rechaza traslado"},
	RefusesTreatment:    {"Refuses treatment", "Refuse le traitement", "Rechaza tratamiento"},
	RefusesAll:          {"Refuses all care", "Refuse tout soin", "Rechaza todo"},
	CapacityYes:         {"has capacity", "capable", "capaz"},
	CapacityNo:          {"no capacity", "incapable", "incapaz"},
	CapacityNotAssessed: {"capacity not assessed", "capacité non évaluée", "capacidad no evaluada"},
	AgreeTreatment:      {"Consent to treatment", "Accord au traitement", "Acuerdo a tratamiento"},
	AgreeSharing:        {"Consent to sharing", "Accord au partage", "Acuerdo a compartir"},
	AgreePhotograph:     {"Consent to photograph", "Accord à la photo", "Acuerdo a fotografía"},
	ConsentGiven:        {"agreed", "accepté", "aceptado"},
	ConsentRefused:      {"refused", "refusé", "rechazado"},
	ConsentWithdrawn:    {"withdrawn", "retiré", "retirado"},
	ConsentImplied:      {"implied", "présumé", "presunto"},
	ResuscitationIs:     {"Resuscitation: %s", "Réanimation : %s", "Reanimación: %s"},
	PatientRefuses:      {"%s, %s", "%s, %s", "%s, %s"},
	ConsentIs:           {"%s: %s", "%s : %s", "%s: %s"},
	PaperSeen:           {"Paper seen", "Document vu", "Documento visto"},
	RisksExplained:      {"Risks explained", "Risques expliqués", "Riesgos explicados"},
	SayCapacity:         {"Say whether the patient has the capacity to refuse", "Dire si le patient est capable de refuser", "Diga si el paciente es capaz de rechazar"},
	SayRefused:          {"Say what is refused", "Dire ce qui est refusé", "Diga qué se rechaza"},
	SayConsent:          {"Say what for, and whether the patient agrees", "Dire à quoi, et si le patient accepte", "Diga a qué, y si el paciente acepta"},
	ChooseDecision:      {"Choose what was decided. On record:", "Choisir ce qui est décidé. Au dossier :", "Elija lo decidido. Registrado:"},
	NotSettled:          {"NOT SETTLED: both stand", "NON TRANCHÉ : les deux valent", "SIN RESOLVER: ambos valen"},

	IncidentBoard:  {"All casualties", "Toutes les victimes", "Todas las víctimas"},
	NotSorted:      {"not sorted", "non trié", "sin clasificar"},
	HandedOverWord: {"handed over", "transmis", "entregado"},
	ClosedWord:     {"closed", "clos", "cerrado"},
	SortedTwice:    {"SORTED TWICE", "TRI DISCORDANT", "TRIAJE DISTINTO"},
	AlarmsStand:    {"alarms: %d", "alarmes : %d", "alarmas: %d"},
	BoardCounts:    {"%d seen. Immediate %d, urgent %d, standard %d, expectant %d, dead %d, not sorted %d, gone on %d", "%d vus. Immédiat %d, urgent %d, standard %d, dépassé %d, mort %d, non trié %d, partis %d", "%d vistos. Inmediato %d, urgente %d, normal %d, expectante %d, muerto %d, sin clasificar %d, idos %d"},

	CPRTimer:      {"CPR timer", "Minuteur RCP", "Reloj de RCP"},
	RhythmCheck:   {"Rhythm check", "Analyse du rythme", "Ver ritmo"},
	CPRStopped:    {"CPR stopped", "RCP arrêtée", "RCP terminada"},
	NoCPR:         {"No resuscitation on record", "Aucune réanimation au dossier", "Sin reanimación registrada"},
	CPRSince:      {"CPR since %s", "RCP depuis %s", "RCP desde %s"},
	CPREnded:      {"CPR ended %s, %s ago", "RCP finie %s, il y a %s", "RCP terminada %s, hace %s"},
	RhythmIn:      {"Rhythm check in %s", "Analyse du rythme dans %s", "Ver ritmo en %s"},
	RhythmNow:     {"RHYTHM CHECK: over by %s", "ANALYSE DU RYTHME : dépassée de %s", "VER RITMO: pasado por %s"},
	ShocksSo:      {"Shocks: %d, the last %s ago", "Chocs : %d, le dernier il y a %s", "Descargas: %d, la última hace %s"},
	AdrenalineSo:  {"Adrenaline: %d, the last %s ago", "Adrénaline : %d, la dernière il y a %s", "Adrenalina: %d, la última hace %s"},
	AdrenalineDue: {"(every %d to %d min)", "(toutes les %d à %d min)", "(cada %d a %d min)"},
	NoAdrenaline:  {"No adrenaline on record", "Pas d'adrénaline au dossier", "Sin adrenalina registrada"},

	TriageWord:      {"Triage", "Tri", "Triaje"},
	Walks:           {"Walks", "Marche", "Camina"},
	NotBreathing:    {"Does not breathe", "Ne respire pas", "No respira"},
	AirwayOpened:    {"airway opened", "voies ouvertes", "vía abierta"},
	BreathesOpened:  {"Breathes once opened", "Respire si ouvert", "Respira al abrir"},
	BreathesFast:    {"Breathes over 30", "Respire plus de 30", "Respira más de 30"},
	BreathesSlower:  {"Breathes 30 or less", "Respire 30 ou moins", "Respira 30 o menos"},
	DoesNotWalk:     {"does not walk", "ne marche pas", "no camina"},
	PulseYes:        {"Pulse at wrist: yes", "Pouls radial : oui", "Pulso radial: sí"},
	PulseNo:         {"Pulse at wrist: no", "Pouls radial : non", "Pulso radial: no"},
	ObeysYes:        {"Obeys: yes", "Obéit : oui", "Obedece: sí"},
	ObeysNo:         {"Obeys: no", "Obéit : non", "Obedece: no"},
	MoreFindings:    {"More findings", "Autres signes", "Más hallazgos"},
	NextCasualty:    {"Next casualty", "Victime suivante", "Víctima siguiente"},
	UpTo:            {"up to %s", "jusqu'à %s", "hasta %s"},
	ForChildren:     {"children 1 to 8", "enfants 1 à 8 ans", "niños de 1 a 8"},
	SortsDisagree:   {"THE SORTS DISAGREE: %s. The most urgent holds unless you choose.", "LES TRIS DIFFÈRENT : %s. Le plus urgent vaut, sauf choix.", "LOS TRIAJES DIFIEREN: %s. Vale el más urgente, salvo elección."},
	SortsSay:        {"%s says %s", "%s dit %s", "%s dice %s"},
	Because:         {"%s: %s", "%s : %s", "%s: %s"},
	Contradiction:   {"These findings cannot all be true: %s", "Ces signes se contredisent : %s", "Estos hallazgos se contradicen: %s"},
	MonitorCounts:   {"The monitor counts %s breaths. Count, and tap your answer again to hold to it.", "Le moniteur compte %s respirations. Compter, puis toucher encore pour confirmer.", "El monitor cuenta %s respiraciones. Cuente y toque otra vez para confirmar."},
	MonitorLeftOut:  {"The monitor's values contradict what you say and are left out", "Les valeurs du moniteur contredisent vos réponses et sont écartées", "Los valores del monitor contradicen sus respuestas y se omiten"},
	AnswerToSort:    {"Answer what you see. What nobody answered stays unknown and never lowers the urgency.", "Répondre ce que l'on voit. L'inconnu n'abaisse jamais l'urgence.", "Responda lo que ve. Lo desconocido nunca baja la urgencia."},
	NothingToAsk:    {"Nothing more is asked", "Plus de questions", "No hay más preguntas"},
	BackToCard:      {"Back", "Retour", "Atrás"},
	CategoryOnFile:  {"On record: %s", "Au dossier : %s", "Registrado: %s"},
	RecordedAsWords: {"%s: %s", "%s : %s", "%s: %s"},
}

// Category is a sort's own word, translated.
func (s *Speech) Category(c sieve.Category) string {
	if row, ok := categories[c]; ok {
		return row[min(s.Language, Spanish)]
	}
	return string(c)
}

var categories = map[sieve.Category][3]string{
	sieve.Immediate:    {"IMMEDIATE", "IMMÉDIAT", "INMEDIATO"},
	sieve.Delayed:      {"DELAYED", "DIFFÉRÉ", "DIFERIDO"},
	sieve.Minor:        {"MINOR", "LÉGER", "LEVE"},
	sieve.Minimal:      {"MINIMAL", "MINIME", "MÍNIMO"},
	sieve.Expectant:    {"EXPECTANT", "DÉPASSÉ", "EXPECTANTE"},
	sieve.Deceased:     {"DECEASED", "DÉCÉDÉ", "FALLECIDO"},
	sieve.Dead:         {"DEAD", "MORT", "MUERTO"},
	sieve.P1:           {"P1", "P1", "P1"},
	sieve.P2:           {"P2", "P2", "P2"},
	sieve.P3:           {"P3", "P3", "P3"},
	sieve.NotBreathing: {"NOT BREATHING", "NE RESPIRE PAS", "NO RESPIRA"},
	sieve.Red:          {"RED", "ROUGE", "ROJO"},
	sieve.Yellow:       {"YELLOW", "JAUNE", "AMARILLO"},
	sieve.NoCriterion:  {"no criterion", "aucun critère", "sin criterio"},
	sieve.Incomplete:   {"?", "?", "?"},
	sieve.Refused:      {"not for this one", "pas pour lui", "no para este"},
}

// Answer is one word of an answer: a letter stays as it is.
func (s *Speech) Answer(word string) string {
	if row, ok := answers[word]; ok {
		return row[min(s.Language, Spanish)]
	}
	return word
}

var answers = map[string][3]string{
	"female": {"female", "femme", "mujer"}, "male": {"male", "homme", "hombre"}, "other": {"other", "autre", "otro"},
	"nasal_prongs": {"prongs", "lunettes", "gafas"}, "face_mask": {"mask", "masque", "máscara"}, "head_box": {"head box", "enceinte", "casco"},
	"non_rebreather": {"reservoir", "réservoir", "reservorio"}, "high_flow": {"high flow", "haut débit", "alto flujo"}, "bipap": {"BiPAP", "BiPAP", "BiPAP"}, "cpap": {"CPAP", "CPAP", "CPAP"},
	"walking": {"walks", "marche", "camina"}, "with_help": {"with help", "aidé", "con ayuda"}, "stretcher": {"stretcher", "brancard", "camilla"},
	"none": {"none", "aucune", "ninguna"}, "mild": {"mild", "légère", "leve"}, "moderate": {"moderate", "modérée", "moderada"}, "severe": {"severe", "grave", "grave"},
	"present": {"present", "présente", "presente"}, "blunt": {"blunt", "fermé", "cerrado"}, "penetrating": {"penetrating", "pénétrant", "penetrante"},
}

// Band is a score's own word, translated; one that is not known stays as it is.
func (s *Speech) Band(band string) string {
	if row, ok := bands[band]; ok {
		return row[min(s.Language, Spanish)]
	}
	return strings.ReplaceAll(band, "_", " ")
}

var bands = map[string][3]string{
	"none": {"none", "aucun", "ninguno"}, "low": {"low", "bas", "bajo"}, "low_medium": {"low to medium", "bas à moyen", "bajo a medio"},
	"medium": {"medium", "moyen", "medio"}, "high": {"high", "élevé", "alto"}, "mild": {"mild", "léger", "leve"}, "moderate": {"moderate", "modéré", "moderado"},
	"severe": {"severe", "grave", "grave"}, "intermediate": {"intermediate", "intermédiaire", "intermedio"}, "positive": {"positive", "positif", "positivo"},
	"negative": {"negative", "négatif", "negativo"}, "raised": {"raised", "élevé", "elevado"}, "not_raised": {"not raised", "non élevé", "no elevado"},
	"met": {"met", "rempli", "cumplido"}, "not_met": {"not met", "non rempli", "no cumplido"}, "not_high": {"not high", "pas élevé", "no alto"},
	"lvo_likely": {"LVO likely", "OGV probable", "OGV probable"}, "lvo_less_likely": {"LVO less likely", "OGV peu probable", "OGV poco probable"},
	"immediate": {"immediate", "immédiat", "inmediato"}, "urgent": {"urgent", "urgent", "urgente"}, "delayed": {"delayed", "différé", "diferido"}, "dead": {"dead", "mort", "muerto"},
	"red": {"red", "rouge", "rojo"}, "orange": {"orange", "orange", "naranja"}, "yellow": {"yellow", "jaune", "amarillo"}, "green": {"green", "vert", "verde"},
	"normal": {"normal", "normal", "normal"}, "moderately_abnormal": {"moderately abnormal", "modérément anormal", "moderadamente anormal"},
	"critically_low": {"critically low", "très bas", "muy bajo"}, "estimated": {"estimated", "estimé", "estimado"}, "given": {"given", "donné", "dado"},
	"volume": {"volume", "volume", "volumen"}, "incomplete": {"incomplete", "incomplet", "incompleto"}, "refused": {"refused", "refusé", "rechazado"},
}

// Part is a heading of a handover, translated.
func (s *Speech) Part(p handover.Part) string { return parts[p][min(s.Language, Spanish)] }

var parts = map[handover.Part][3]string{
	handover.Identification: {"who", "qui", "quién"}, handover.Time: {"time", "heure", "hora"}, handover.Mechanism: {"mechanism", "mécanisme", "mecanismo"},
	handover.Injuries: {"injuries", "lésions", "lesiones"}, handover.Signs: {"signs", "signes", "signos"}, handover.Treatment: {"treatment", "traitement", "tratamiento"},
	handover.Allergies: {"allergies", "allergies", "alergias"}, handover.Medicines: {"medicines", "médicaments", "medicinas"},
	handover.Background: {"background", "antécédents", "antecedentes"}, handover.Other: {"other", "autre", "otros"},
}
