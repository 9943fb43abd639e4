package lang

// The keys of sound, sign-in and what is about the station.
const (
	PauseSound   Key = "pause sound"
	PauseLong    Key = "for two minutes"
	SoundPaused  Key = "sound paused"
	TapForSound  Key = "tap for sound"
	OnMonitor    Key = "on the monitor"
	SoundOn      Key = "sound on"
	NoSound      Key = "no sound"
	SoundWorks   Key = "sound works"
	PausedAlarm  Key = "paused alarm"
	AlarmOfOther Key = "alarm of another"

	PersonWord   Key = "person"
	PersonAsk    Key = "person ask"
	PersonLimits Key = "person limits"
	PersonBorn   Key = "person born"

	LimitsAdult Key = "limits adult"
	LimitsChild Key = "limits child"

	CallWord       Key = "call"
	CallAccepted   Key = "call accepted"
	CallDiverted   Key = "call diverted"
	CallDivertedTo Key = "call diverted to"
	CallBay        Key = "call bay"
	CallTeam       Key = "call team"
	CallTeamOff    Key = "call team off"
	CallCut        Key = "call cut"

	Lock         Key = "lock"
	ScreenLocked Key = "screen locked"
	TapToSignIn  Key = "tap to sign in"
	SignIn       Key = "sign in"
	WhoAreYou    Key = "who are you"
	PINField     Key = "pin"
	DeleteKey    Key = "delete key"
	ClearKey     Key = "clear key"
	NotSignedIn  Key = "not signed in"
	SigningIn    Key = "signing in"
	StillShown   Key = "still shown"
	NotLocked    Key = "lock not told"
	Emergency    Key = "emergency"
	EmergencyWhy Key = "emergency why"
	HoldToOpen   Key = "hold to open"
	WhyNobody    Key = "why nobody"
	WhyForgotten Key = "why forgotten"
	WhyDanger    Key = "why danger"
	WhyMany      Key = "why many"

	AboutStation  Key = "about station"
	ThisIs        Key = "this is"
	Notices       Key = "notices"
	ReviewedIs    Key = "reviewed"
	UnreviewedIs  Key = "unreviewed"
	BoardAt       Key = "board at"
	SoundTest     Key = "sound test"
	Ruler         Key = "ruler"
	RulerAsk      Key = "ruler ask"
	RulerUse      Key = "ruler use"
	RulerWrong    Key = "ruler wrong"
	RulerNow      Key = "ruler now"
	Backup        Key = "backup"
	BackupAsk     Key = "backup ask"
	NoStick       Key = "no stick"
	StickIs       Key = "stick is"
	BackupRuns    Key = "backup runs"
	BackupDone    Key = "backup done"
	BackupFailed  Key = "backup failed"
	Record        Key = "record"
	RecordOf      Key = "record of"
	FromHere      Key = "from here"
	FromUnknown   Key = "from unknown"
	ByStation     Key = "by station"
	Unproved      Key = "unproved"
	WrittenAt     Key = "written at"
	IsRetracted   Key = "is retracted"
	IsAmended     Key = "is amended"
	IsUnconfirmed Key = "is unconfirmed"
	IsMoved       Key = "is moved"
	IsAbsent      Key = "is absent"
)

// stationWords are their words: English, French, Spanish.
var stationWords = map[Key][3]string{
	PauseSound:     {"Pause sound", "Pause du son", "Pausar sonido"},
	PauseLong:      {"2 min", "2 min", "2 min"},
	SoundPaused:    {"PAUSED %s", "PAUSE %s", "PAUSA %s"},
	TapForSound:    {"no sound: tap to end", "sans son : toucher", "sin sonido: toque"},
	OnMonitor:      {"Patient on the monitor", "Patient sous moniteur", "Paciente en el monitor"},
	SoundOn:        {"Sound on again", "Son rétabli", "Sonido activo"},
	NoSound:        {"NO ALARM SOUND: %s", "PAS DE SON D'ALARME : %s", "SIN SONIDO DE ALARMA: %s"},
	SoundWorks:     {"Alarm sound works", "Le son d'alarme fonctionne", "El sonido de alarma funciona"},
	PausedAlarm:    {"(sound paused)", "(son en pause)", "(sonido en pausa)"},
	PersonWord:     {"Age, sex", "Âge, sexe", "Edad, sexo"},
	PersonAsk:      {"Tap what you see; a guessed age is better than none. Alarm limits and scores go by it.", "Toucher ce que l'on voit ; un âge estimé vaut mieux qu'aucun. Seuils et scores en dépendent.", "Toque lo que ve; una edad estimada vale más que ninguna. Límites y escalas dependen de ella."},
	PersonLimits:   {"Alarms: %s", "Alarmes : %s", "Alarmas: %s"},
	PersonBorn:     {"The date of birth goes before an age: %s", "La date de naissance prime sur l'âge : %s", "La fecha de nacimiento prevalece: %s"},
	LimitsAdult:    {"adult limits, age unknown", "seuils d'adulte, âge inconnu", "límites de adulto, edad desconocida"},
	LimitsChild:    {"limits for %s %s", "seuils pour %s %s", "límites para %s %s"},
	CallWord:       {"MESSAGE", "MESSAGE", "MENSAJE"},
	CallAccepted:   {"expects the patient", "attend le patient", "espera al paciente"},
	CallDiverted:   {"DIVERTS YOU", "VOUS DÉROUTE", "LE DESVÍA"},
	CallDivertedTo: {"DIVERTS YOU to %s", "VOUS DÉROUTE vers %s", "LE DESVÍA a %s"},
	CallBay:        {"place %s", "place %s", "puesto %s"},
	CallTeam:       {"team called: %s", "équipe appelée : %s", "equipo llamado: %s"},
	CallTeamOff:    {"team called off: %s", "équipe annulée : %s", "equipo anulado: %s"},
	CallCut:        {"the rest is in the record", "la suite est au dossier", "el resto está en el registro"},

	AlarmOfOther: {"%s:  %s", "%s :  %s", "%s:  %s"},

	Lock:         {"lock", "verrouiller", "bloquear"},
	ScreenLocked: {"LOCKED", "VERROUILLÉ", "BLOQUEADO"},
	TapToSignIn:  {"tap to sign in", "toucher pour entrer", "toque para entrar"},
	SignIn:       {"Sign in", "Se connecter", "Entrar"},
	WhoAreYou:    {"Who are you? Then the PIN or passphrase.", "Qui êtes-vous ? Puis le code ou la phrase de passe.", "¿Quién es? Luego el PIN o la contraseña."},
	PINField:     {"PIN or passphrase", "Code ou phrase de passe", "PIN o contraseña"},
	DeleteKey:    {"Delete", "Effacer", "Borrar"},
	ClearKey:     {"Clear", "Vider", "Vaciar"},
	NotSignedIn:  {"Not signed in: %s", "Non connecté : %s", "No ha entrado: %s"},
	SigningIn:    {"One moment ...", "Un instant ...", "Un momento ..."},
	StillShown:   {"The monitor goes on while the screen is locked", "Le moniteur continue quand l'écran est verrouillé", "El monitor sigue con la pantalla bloqueada"},
	NotLocked:    {"The screen is locked, but the station was not told: %s", "L'écran est verrouillé, mais la station ne le sait pas : %s", "La pantalla está bloqueada, pero la estación no lo sabe: %s"},
	Emergency:    {"Emergency access", "Accès d'urgence", "Acceso de emergencia"},
	EmergencyWhy: {"Opens the record without a PIN. The reason is recorded and the whole team sees it.", "Ouvre le dossier sans code. Le motif est enregistré et toute l'équipe le voit.", "Abre el registro sin PIN. El motivo se registra y todo el equipo lo ve."},
	HoldToOpen:   {"HOLD TO OPEN", "MAINTENIR POUR OUVRIR", "MANTENER PARA ABRIR"},
	WhyNobody:    {"Nobody with a PIN is here", "Personne n'a de code ici", "Nadie con PIN está aquí"},
	WhyForgotten: {"The PIN is forgotten or refused", "Code oublié ou refusé", "PIN olvidado o rechazado"},
	WhyDanger:    {"The patient is in danger now", "Le patient est en danger", "El paciente está en peligro"},
	WhyMany:      {"Too many casualties", "Trop de victimes", "Demasiadas víctimas"},

	AboutStation:  {"Station, about", "Station, à propos", "Estación, acerca de"},
	ThisIs:        {"Fieldkit %s    %s    %s", "Fieldkit %s    %s    %s", "Fieldkit %s    %s    %s"},
	Notices:       {"Watch the patient and the monitor. A number without its age is a defect: report it.", "Surveiller le patient et le moniteur. Un chiffre sans son âge est un défaut : signalez-le.", "Vigile al paciente y al monitor. Un número sin su edad es un defecto: avise."},
	ReviewedIs:    {"English: the original words", "English : le texte d'origine", "English: el texto original"},
	UnreviewedIs:  {"%s: NOT reviewed by clinicians who speak it", "%s : NON relu par des soignants qui le parlent", "%s: NO revisado por clínicos que lo hablan"},
	BoardAt:       {"The hospital's board, in a browser: %s", "Le tableau de l'hôpital, dans un navigateur : %s", "El tablero del hospital, en un navegador: %s"},
	SoundTest:     {"Play the sound", "Essayer le son", "Probar el sonido"},
	Ruler:         {"Ruler", "Règle", "Regla"},
	RulerAsk:      {"Lay a ruler on the line. How long is it?", "Posez une règle sur le trait. Quelle longueur ?", "Ponga una regla sobre la línea. ¿Cuánto mide?"},
	RulerUse:      {"Use %d mm", "Utiliser %d mm", "Usar %d mm"},
	RulerWrong:    {"That cannot be right: measure again", "C'est impossible : mesurez encore", "No puede ser: mida otra vez"},
	RulerNow:      {"All sizes follow it. Buttons are now %s mm high.", "Toutes les tailles suivent. Les boutons font %s mm.", "Todo cambia con ella. Los botones miden %s mm."},
	Backup:        {"Backup", "Sauvegarde", "Copia"},
	BackupAsk:     {"A sealed copy of the whole record goes to the stick. Recording goes on.", "Une copie scellée de tout le dossier va sur la clé. L'enregistrement continue.", "Una copia sellada de todo el registro va a la memoria. Se sigue registrando."},
	NoStick:       {"No stick is plugged in", "Aucune clé n'est branchée", "No hay memoria conectada"},
	StickIs:       {"%s, %.1f GB free", "%s, %.1f Go libres", "%s, %.1f GB libres"},
	BackupRuns:    {"Writing to %s. Leave the stick where it is.", "Écriture sur %s. Laissez la clé en place.", "Escribiendo en %s. No retire la memoria."},
	BackupDone:    {"Done: %s. The stick can be removed.", "Terminé : %s. La clé peut être retirée.", "Hecho: %s. Puede retirar la memoria."},
	BackupFailed:  {"NO BACKUP WAS MADE: %s", "AUCUNE SAUVEGARDE : %s", "NO SE HIZO COPIA: %s"},
	Record:        {"Record", "Dossier", "Registro"},
	RecordOf:      {"The record, the latest first: when, what, who, where from", "Le dossier, le plus récent d'abord : quand, quoi, qui, d'où", "El registro, lo último primero: cuándo, qué, quién, de dónde"},
	FromHere:      {"here", "ici", "aquí"},
	FromUnknown:   {"another station", "une autre station", "otra estación"},
	ByStation:     {"the station itself", "la station elle-même", "la propia estación"},
	Unproved:      {"identity not checked", "identité non vérifiée", "identidad no comprobada"},
	WrittenAt:     {"written %s", "écrit %s", "escrito %s"},
	IsRetracted:   {"TAKEN BACK", "ANNULÉ", "DESHECHO"},
	IsAmended:     {"CORRECTED", "CORRIGÉ", "CORREGIDO"},
	IsUnconfirmed: {"WITHDRAWN TABLET, NOT CONFIRMED", "TABLETTE RETIRÉE, NON CONFIRMÉ", "TABLETA RETIRADA, NO CONFIRMADO"},
	IsMoved:       {"MOVED", "DÉPLACÉ", "MOVIDO"},
	IsAbsent:      {"cannot be shown: %s", "ne peut être montré : %s", "no se puede mostrar: %s"},
}
