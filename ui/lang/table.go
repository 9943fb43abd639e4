package lang

import (
	"maps"

	"fieldkit/triage/vital"
)

// A Key names words. Its text is for the programmer.
type Key string

// The keys, by where they are said.
const (
	// Round every page.
	SafetyNotice          Key = "safety notice"
	TrainingNotice        Key = "training"
	LookWord              Key = "look"
	LookDay               Key = "look day"
	LookSun               Key = "look sun"
	LookNight             Key = "look night"
	NoPatient             Key = "no patient"
	TapForPatients        Key = "tap for patients"
	UnknownPatient        Key = "unknown patient"
	UnknownSince          Key = "unknown since"
	Female                Key = "female"
	Male                  Key = "male"
	Years                 Key = "years"
	Months                Key = "months"
	Weeks                 Key = "weeks"
	DaysOld               Key = "days old"
	Days                  Key = "days"
	Born                  Key = "born"
	AgeUnknown            Key = "age unknown"
	Since                 Key = "since"
	NamesConflict         Key = "names conflict"
	PossibleDoubleDose    Key = "possible double dose"
	RecordIncomplete      Key = "record incomplete"
	RecorderAway          Key = "recorder away"
	RecorderSilent        Key = "recorder silent"
	Connecting            Key = "connecting"
	StoreLocked           Key = "store locked"
	LockedNothingRecorded Key = "locked, nothing recorded"
	LinkLine              Key = "link line"
	LinkNotThis           Key = "link not this"
	NotSeenThere          Key = "not seen there"

	// Alarms.
	PriorityHigh   Key = "high"
	PriorityMedium Key = "medium"
	PriorityLow    Key = "low"
	Technical      Key = "technical"
	Seen           Key = "seen"
	MoreAlarms     Key = "more alarms"
	Acknowledge    Key = "acknowledge"
	NoAlarms       Key = "no alarms"
	NothingWatched Key = "nothing watched"
	IsLow          Key = "is low"
	IsHigh         Key = "is high"
	NoBeats        Key = "no beats"
	Irregular      Key = "irregular"
	NoValue        Key = "no value"
	IsSilent       Key = "is silent"
	IsFailing      Key = "is failing"

	// Recording.
	Recording    Key = "recording"
	RecordedAt   Key = "recorded at"
	NotRecorded  Key = "not recorded"
	OtherPatient Key = "other patient"

	// The monitor.
	Event          Key = "event"
	Drug           Key = "drug"
	Trends         Key = "trends"
	NewPatient     Key = "new patient"
	LinkAndDevices Key = "link and devices"
	Pleth          Key = "pleth"
	Breathing      Key = "breathing"
	NotForST       Key = "not for ST"
	NoSignal       Key = "no signal"
	NoTrace        Key = "no trace"
	NoMonitorHere  Key = "no monitor here"
	NoDataFor      Key = "no data for"
	NotMeasured    Key = "not measured"
	LastValueAgo   Key = "last value ago"
	Ago            Key = "ago"
	MonitorDoubts  Key = "monitor doubts"

	// Why there is no value.
	ProbeOff      Key = "probe off"
	Searching     Key = "searching"
	Artefact      Key = "artefact"
	UnderRange    Key = "under range"
	OverRange     Key = "over range"
	NotCalibrated Key = "not calibrated"
	Disconnected  Key = "disconnected"
	Withheld      Key = "withheld"
	DemoMode      Key = "demo mode"

	// Pages.
	BackToMonitor Key = "back"
	NextPage      Key = "next page"
	PageOf        Key = "page of"
	Undo          Key = "undo"
	TakenBack     Key = "taken back"
	TapStampsNow  Key = "tap stamps now"

	// Events.
	EventOnScene     Key = "on scene"
	EventWithPatient Key = "with patient"
	EventAirway      Key = "airway"
	EventOxygen      Key = "oxygen"
	EventIV          Key = "IV"
	EventECG         Key = "ECG"
	EventArrest      Key = "arrest"
	EventCPR         Key = "CPR"
	EventShock       Key = "shock"
	EventROSC        Key = "ROSC"
	EventLeft        Key = "left"
	EventHospital    Key = "at hospital"

	// Drugs.
	ExampleList       Key = "example list"
	ApprovedList      Key = "approved list"
	GiveTo            Key = "give to"
	HoldToRecord      Key = "hold to record"
	LastDose          Key = "last dose"
	NoDoseOnRecord    Key = "no dose on record"
	DoseAhead         Key = "dose ahead"
	ReadingRecord     Key = "reading the record"
	RecordNotRead     Key = "record not read"
	AllergyMatches    Key = "allergy matches"
	AllergyOther      Key = "allergy other"
	NoAllergyOnRecord Key = "no allergy on record"
	WeightIs          Key = "weight is"
	NoWeight          Key = "no weight"

	// Trends.
	ChartedVitals  Key = "charted vitals"
	NothingCharted Key = "nothing charted"
	Older          Key = "older"
	Newer          Key = "newer"

	// Link and devices.
	Hospital       Key = "hospital"
	NoHospital     Key = "no hospital"
	NotRecognised  Key = "not recognised"
	Unproven       Key = "unproven"
	RecordsTo      Key = "records to"
	RecordsHere    Key = "records here"
	HoldToBind     Key = "hold to bind"
	MonitorTo      Key = "monitor to"
	NoMonitorFound Key = "no monitor found"
	OtherMonitor   Key = "other monitor"
	NoPeers        Key = "no peers"
	Missing        Key = "missing"
	VersionIs      Key = "version"
	NotReviewed    Key = "not reviewed"
	MoreLines      Key = "more lines"
)

// table is every key's words: English, French, Spanish.
var table = together(careWords, bodyWords, noteWords, stationWords, clinicWords, crewWords, destinationWords, doubtWords, correctWords, joinWords, auditWords, parcelWords, setupWords, hospitalWords, lentWords)

// together is the words of several rooms as one table.
func together(rooms ...map[Key][3]string) map[Key][3]string {
	all := map[Key][3]string{}
	for _, room := range rooms {
		maps.Copy(all, room)
	}
	return all
}

// careWords are those of the screens of care.
var careWords = map[Key][3]string{
	SafetyNotice:          {"Secondary display. Not a certified medical device. Not a primary alarm.", "Affichage secondaire. N'est pas un dispositif médical certifié ni une alarme primaire.", "Pantalla secundaria. No es un producto sanitario certificado ni una alarma primaria."},
	TrainingNotice:        {"TRAINING: NOT A PATIENT", "EXERCICE : PAS UN PATIENT", "EJERCICIO: NO ES UN PACIENTE"},
	LookWord:              {"display", "affichage", "pantalla"},
	LookDay:               {"Day", "Jour", "Día"},
	LookSun:               {"Sun", "Soleil", "Sol"},
	LookNight:             {"Night", "Nuit", "Noche"},
	NoPatient:             {"No patient", "Aucun patient", "Ningún paciente"},
	TapForPatients:        {"Tap to choose a patient", "Toucher pour choisir un patient", "Toque para elegir un paciente"},
	UnknownPatient:        {"Unknown patient", "Patient inconnu", "Paciente desconocido"},
	UnknownSince:          {"Unknown %s", "Inconnu %s", "Desconocido %s"},
	Female:                {"F", "F", "M (mujer)"},
	Male:                  {"M", "H", "H"},
	Years:                 {"years", "ans", "años"},
	Months:                {"months", "mois", "meses"},
	Weeks:                 {"weeks", "semaines", "semanas"},
	DaysOld:               {"days", "jours", "días"},
	Days:                  {"%d days", "%d jours", "%d días"},
	Born:                  {"born %s", "né(e) %s", "nac. %s"},
	AgeUnknown:            {"age unknown", "âge inconnu", "edad desconocida"},
	Since:                 {"since %s", "depuis %s", "desde %s"},
	NamesConflict:         {"NAMES DIFFER", "NOMS DIFFÉRENTS", "NOMBRES DISTINTOS"},
	PossibleDoubleDose:    {"POSSIBLE DOUBLE DOSE", "DOUBLE DOSE POSSIBLE", "POSIBLE DOSIS DOBLE"},
	RecordIncomplete:      {"record not complete", "dossier incomplet", "registro incompleto"},
	RecorderAway:          {"Recorder does not answer", "L'enregistreur ne répond pas", "El registrador no responde"},
	RecorderSilent:        {"Recorder silent for %s. Nothing shown is current.", "Enregistreur muet depuis %s. Rien n'est actuel.", "Registrador sin señal desde hace %s. Nada es actual."},
	Connecting:            {"Connecting", "Connexion", "Conectando"},
	StoreLocked:           {"Locked", "Verrouillé", "Bloqueado"},
	LockedNothingRecorded: {"Locked: nothing is being recorded. Unlock the station.", "Verrouillé : rien n'est enregistré. Déverrouiller la station.", "Bloqueado: no se registra nada. Desbloquee la estación."},
	LinkNotThis:           {"Hospital: not this patient   near: %d", "Hôpital : pas ce patient   proches : %d", "Hospital: no este paciente   cerca: %d"},
	NotSeenThere:          {"The hospital does not see this patient: set the destination", "L'hôpital ne voit pas ce patient : indiquez la destination", "El hospital no ve a este paciente: indique el destino"},
	LinkLine:              {"Hospital: %s   near: %d", "Hôpital : %s   proches : %d", "Hospital: %s   cerca: %d"},

	PriorityHigh:   {"HIGH", "HAUTE", "ALTA"},
	PriorityMedium: {"MEDIUM", "MOYENNE", "MEDIA"},
	PriorityLow:    {"LOW", "BASSE", "BAJA"},
	Technical:      {"technical", "technique", "técnica"},
	Seen:           {"(seen)", "(vu)", "(visto)"},
	MoreAlarms:     {"and %d more", "et %d autres", "y %d más"},
	Acknowledge:    {"Acknowledge", "Acquitter", "Confirmar"},
	NoAlarms:       {"No alarms", "Aucune alarme", "Sin alarmas"},
	NothingWatched: {"Nothing is being watched", "Rien n'est surveillé", "No se vigila nada"},
	IsLow:          {"low", "bas", "bajo"},
	IsHigh:         {"high", "haut", "alto"},
	NoBeats:        {"no beats found", "aucun battement trouvé", "sin latidos"},
	Irregular:      {"irregular rhythm", "rythme irrégulier", "ritmo irregular"},
	NoValue:        {"no value", "aucune valeur", "sin valor"},
	IsSilent:       {"silent", "muet", "sin señal"},
	IsFailing:      {"failing", "en panne", "falla"},

	Recording:    {"Recording ...", "Enregistrement ...", "Registrando ..."},
	RecordedAt:   {"Recorded: %s at %s", "Enregistré : %s à %s", "Registrado: %s a las %s"},
	NotRecorded:  {"NOT RECORDED: %s. %s", "NON ENREGISTRÉ : %s. %s", "NO REGISTRADO: %s. %s"},
	OtherPatient: {"NOT RECORDED: %s. Another patient is on screen.", "NON ENREGISTRÉ : %s. Un autre patient est à l'écran.", "NO REGISTRADO: %s. Hay otro paciente en pantalla."},

	Event:          {"Event", "Événement", "Suceso"},
	Drug:           {"Drug", "Médic.", "Fármaco"},
	Trends:         {"Trends", "Tendances", "Tendencias"},
	NewPatient:     {"New patient", "Nouveau patient", "Nuevo paciente"},
	LinkAndDevices: {"Link, devices", "Liaison, appareils", "Enlace, equipos"},
	Pleth:          {"Pleth", "Pléth", "Pleti"},
	Breathing:      {"Breathing", "Respiration", "Respiración"},
	NotForST:       {"not for ST", "pas pour le ST", "no para ST"},
	NoSignal:       {"no signal", "pas de signal", "sin señal"},
	NoTrace:        {"This monitor sends no traces", "Ce moniteur n'envoie pas de courbes", "Este monitor no envía curvas"},
	NoMonitorHere:  {"No monitor records to this patient", "Aucun moniteur pour ce patient", "Ningún monitor para este paciente"},
	NoDataFor:      {"No data for %s", "Aucune donnée depuis %s", "Sin datos desde hace %s"},
	NotMeasured:    {"not measured", "non mesuré", "no medido"},
	LastValueAgo:   {"last value %s ago", "dernière valeur il y a %s", "último valor hace %s"},
	Ago:            {"%s ago", "il y a %s", "hace %s"},
	MonitorDoubts:  {"monitor doubts it", "le moniteur en doute", "el monitor duda"},

	ProbeOff:      {"probe off", "capteur détaché", "sensor suelto"},
	Searching:     {"searching", "recherche", "buscando"},
	Artefact:      {"artefact", "artéfact", "artefacto"},
	UnderRange:    {"under range", "sous la plage", "bajo el rango"},
	OverRange:     {"over range", "au-delà de la plage", "sobre el rango"},
	NotCalibrated: {"not calibrated", "non étalonné", "no calibrado"},
	Disconnected:  {"disconnected", "débranché", "desconectado"},
	Withheld:      {"withheld: not credible", "retenu : pas crédible", "retenido: no creíble"},
	DemoMode:      {"monitor in demo mode", "moniteur en mode démo", "monitor en modo demo"},

	BackToMonitor: {"Monitor", "Moniteur", "Monitor"},
	NextPage:      {"Next page", "Page suivante", "Página siguiente"},
	PageOf:        {"page %d of %d", "page %d sur %d", "página %d de %d"},
	Undo:          {"Undo last", "Annuler le dernier", "Deshacer último"},
	TakenBack:     {"taken back: %s", "annulé : %s", "deshecho: %s"},
	TapStampsNow:  {"A tap records the time now", "Toucher enregistre l'heure", "Un toque registra la hora"},

	EventOnScene:     {"On scene", "Sur place", "En el lugar"},
	EventWithPatient: {"With patient", "Auprès du patient", "Con el paciente"},
	EventAirway:      {"Airway", "Voies aériennes", "Vía aérea"},
	EventOxygen:      {"Oxygen", "Oxygène", "Oxígeno"},
	EventIV:          {"IV access", "Voie veineuse", "Vía venosa"},
	EventECG:         {"12-lead ECG", "ECG 12 D", "ECG 12 D"},
	EventArrest:      {"Arrest", "Arrêt cardiaque", "Parada"},
	EventCPR:         {"CPR started", "RCP débutée", "RCP iniciada"},
	EventShock:       {"Shock", "Choc", "Descarga"},
	EventROSC:        {"ROSC", "RACS", "RCE"},
	EventLeft:        {"Left scene", "Départ", "Salida"},
	EventHospital:    {"At hospital", "À l'hôpital", "En el hospital"},

	ExampleList:       {"EXAMPLE LIST, NOT APPROVED", "LISTE D'EXEMPLE, NON APPROUVÉE", "LISTA DE EJEMPLO, NO APROBADA"},
	ApprovedList:      {"List approved: %s", "Liste approuvée : %s", "Lista aprobada: %s"},
	GiveTo:            {"Record as given:  %s  %s  to  %s", "Noter comme donné :  %s  %s  à  %s", "Anotar como dado:  %s  %s  a  %s"},
	HoldToRecord:      {"HOLD TO RECORD", "MAINTENIR POUR ENREGISTRER", "MANTENER PARA REGISTRAR"},
	LastDose:          {"Last dose: %s at %s, %s ago", "Dernière dose : %s à %s, il y a %s", "Última dosis: %s a las %s, hace %s"},
	DoseAhead:         {"%s charted for %s, which has not come: a clock is wrong", "%s notée pour %s, heure à venir : une horloge est fausse", "%s anotada para las %s, hora aún no llegada: un reloj está mal"},
	NoDoseOnRecord:    {"No earlier dose on record", "Aucune dose au dossier", "Ninguna dosis registrada"},
	ReadingRecord:     {"Reading the record ...", "Lecture du dossier ...", "Leyendo el registro ..."},
	RecordNotRead:     {"The record could not be read: %s", "Dossier illisible : %s", "No se pudo leer el registro: %s"},
	AllergyMatches:    {"ALLERGY TO THIS DRUG ON RECORD: %s", "ALLERGIE À CE MÉDICAMENT : %s", "ALERGIA A ESTE FÁRMACO: %s"},
	AllergyOther:      {"Allergies: %s", "Allergies : %s", "Alergias: %s"},
	NoAllergyOnRecord: {"No allergy on record: ask", "Aucune allergie au dossier : demander", "Ninguna alergia registrada: pregunte"},
	WeightIs:          {"Weight %s, at %s", "Poids %s, à %s", "Peso %s, a las %s"},
	NoWeight:          {"No weight on record", "Aucun poids au dossier", "Sin peso registrado"},

	ChartedVitals:  {"Charted vitals, the latest first", "Constantes notées, les dernières d'abord", "Constantes anotadas, las últimas primero"},
	NothingCharted: {"Nothing charted yet", "Rien de noté", "Nada anotado"},
	Older:          {"Older", "Plus ancien", "Anterior"},
	Newer:          {"Newer", "Plus récent", "Posterior"},

	Hospital:       {"Hospital", "Hôpital", "Hospital"},
	NoHospital:     {"none set", "aucun", "ninguno"},
	NotRecognised:  {"not recognised", "non reconnu", "no reconocido"},
	Unproven:       {"UNPROVEN DRIVER", "PILOTE NON ÉPROUVÉ", "CONTROLADOR NO PROBADO"},
	RecordsTo:      {"records to %s", "enregistre pour %s", "registra a %s"},
	RecordsHere:    {"%s records here", "%s enregistre ici", "%s registra aquí"},
	HoldToBind:     {"HOLD: %s to this patient", "MAINTENIR : %s à ce patient", "MANTENER: %s a este paciente"},
	MonitorTo:      {"%s to this patient", "%s à ce patient", "%s a este paciente"},
	NoMonitorFound: {"No monitor found", "Aucun moniteur trouvé", "Ningún monitor"},
	OtherMonitor:   {"Other monitor", "Autre moniteur", "Otro monitor"},
	NoPeers:        {"No other station near by", "Aucune autre station proche", "Ninguna otra estación cerca"},
	Missing:        {"missing here %d, there %d", "manque ici %d, là-bas %d", "falta aquí %d, allí %d"},
	VersionIs:      {"Version %s", "Version %s", "Versión %s"},
	NotReviewed:    {"This translation has not been reviewed", "Cette traduction n'a pas été relue", "Esta traducción no ha sido revisada"},
	MoreLines:      {"and %d more lines", "et %d autres lignes", "y %d líneas más"},
}

// states are the words for why there is no value.
var states = map[vital.State]Key{
	vital.NotMeasured: NotMeasured, vital.ProbeOff: ProbeOff, vital.Searching: Searching, vital.Artefact: Artefact,
	vital.UnderRange: UnderRange, vital.OverRange: OverRange, vital.NotCalibrated: NotCalibrated,
	vital.Disconnected: Disconnected, vital.Withheld: Withheld, vital.Demo: DemoMode,
}

// conditions are how an alarm's English words end (triage/alarm.Condition).
var conditions = map[string]Key{
	"low": IsLow, "high": IsHigh, "no beats found": NoBeats, "irregular rhythm": Irregular,
	"no value": NoValue, "silent": IsSilent, "failing": IsFailing,
}
