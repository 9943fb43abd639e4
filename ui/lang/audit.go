package lang

// The keys of the audit log.
const (
	AuditWord     Key = "audit word"
	AuditHead     Key = "audit head"
	AuditSome     Key = "audit some"
	AuditNothing  Key = "audit nothing"
	AuditNotYet   Key = "audit not yet"
	AuditNot      Key = "audit not"
	AuditAbsent   Key = "audit absent"
	AuditReading  Key = "audit reading"
	AuditPerson   Key = "audit person"
	AuditPatient  Key = "audit patient"
	AuditAll      Key = "audit all"
	AuditNewest   Key = "audit newest"
	AuditOlder    Key = "audit older"
	ActWatched    Key = "act watched"
	ActRead       Key = "act read"
	ActCameIn     Key = "act came in"
	ActWentOut    Key = "act went out"
	ActTurnedAway Key = "act turned away"
	ActLockedOut  Key = "act locked out"
	NotHere       Key = "not here"
	TimesOver     Key = "times over"
	SaidToBe      Key = "said to be"
	WhereStation  Key = "where station"
	WherePage     Key = "where page"
	HowBadge      Key = "how badge"
	HowPassphrase Key = "how passphrase"
	HowPassword   Key = "how password"
	HowRecovery   Key = "how recovery"
	HowEmergency  Key = "how emergency"
)

// auditWords are their words: English, French, Spanish.
var auditWords = map[Key][3]string{
	AuditWord:     {"Who looked", "Qui a vu", "Quién miró"},
	AuditHead:     {"Who looked, came in or was turned away, the newest first: %d to %d of %d. This reading is written down too.", "Qui a vu, est entré ou fut refusé, le plus récent d'abord : %d à %d sur %d. Cette lecture est notée aussi.", "Quién miró, entró o fue rechazado, lo último primero: %d a %d de %d. Esta lectura también se anota."},
	AuditSome:     {"Who looked, came in or was turned away, the newest first: %d to %d. This reading is written down too.", "Qui a vu, est entré ou fut refusé, le plus récent d'abord : %d à %d. Cette lecture est notée aussi.", "Quién miró, entró o fue rechazado, lo último primero: %d a %d. Esta lectura también se anota."},
	AuditNotYet:   {"Nothing of that among the newest entries: look among the older.", "Rien de tel parmi les plus récents : voir les plus anciens.", "Nada de eso entre lo más reciente: mire en lo anterior."},
	AuditNothing:  {"Nothing of that is in the audit log here.", "Rien de tel dans le journal d'accès ici.", "Nada de eso en el registro de accesos."},
	AuditNot:      {"THE AUDIT LOG CANNOT BE READ: %s", "JOURNAL D'ACCÈS ILLISIBLE : %s", "REGISTRO DE ACCESOS ILEGIBLE: %s"},
	AuditAbsent:   {"%d entries cannot be read here", "%d entrées illisibles ici", "%d entradas no se leen aquí"},
	AuditReading:  {"Reading ...", "Lecture ...", "Leyendo ..."},
	AuditPerson:   {"Person", "Personne", "Persona"},
	AuditPatient:  {"Patient", "Patient", "Paciente"},
	AuditAll:      {"all", "tous", "todos"},
	AuditNewest:   {"Newest", "Récents", "Recientes"},
	AuditOlder:    {"Older", "Plus anciens", "Anteriores"},
	ActWatched:    {"watched", "a regardé", "miró"},
	ActRead:       {"read who looked", "a lu ce journal", "leyó este registro"},
	ActCameIn:     {"came in", "est entré", "entró"},
	ActWentOut:    {"went out", "est sorti", "salió"},
	ActTurnedAway: {"turned away", "refusé", "rechazado"},
	ActLockedOut:  {"locked out", "bloqué", "bloqueado"},
	NotHere:       {"a patient not here", "un patient absent d'ici", "un paciente que no está aquí"},
	SaidToBe:      {"as %s", "en tant que %s", "como %s"},
	WhereStation:  {"at the station", "à la station", "en la estación"},
	WherePage:     {"on the hospital's page", "sur la page de l'hôpital", "en la página del hospital"},
	HowBadge:      {"badge", "badge", "credencial"},
	HowPassphrase: {"passphrase", "phrase de passe", "contraseña larga"},
	HowPassword:   {"password", "mot de passe", "contraseña"},
	HowRecovery:   {"recovery words", "mots de secours", "palabras de rescate"},
	HowEmergency:  {"emergency", "urgence", "emergencia"},
	TimesOver:     {"%d times", "%d fois", "%d veces"},
}

var acts = map[string]Key{
	"watched": ActWatched, "read the audit log": ActRead, "came in": ActCameIn, "went out": ActWentOut,
	"turned away": ActTurnedAway, "locked out": ActLockedOut,
}

var ways = map[string]Key{
	"station": WhereStation, "page": WherePage, "badge": HowBadge, "passphrase": HowPassphrase, "password": HowPassword,
	"recovery words": HowRecovery, "emergency": HowEmergency,
}

// Way is how or where somebody came in; words that it does not know stay as they are.
func (s *Speech) Way(way string) string {
	if k, ok := ways[way]; ok {
		return s.Say(k)
	}
	return way
}

// Act is what a row of the audit log says somebody did; words of a later version stay
// as they are.
func (s *Speech) Act(act string) string {
	if k, ok := acts[act]; ok {
		return s.Say(k)
	}
	return act
}
