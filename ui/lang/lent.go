package lang

// The keys of a patient whom a station of another team shows this one.
const (
	LentLive   Key = "lent live"
	LentStale  Key = "lent stale"
	LentUnread Key = "lent unread"
	LentOnly   Key = "lent only"
	AnotherIs  Key = "another team's"
)

// lentWords are their words: English, French, Spanish.
var lentWords = map[Key][3]string{
	LentLive:   {"SHARED BY %s until %s, read only", "PARTAGÉ PAR %s jusqu'à %s, lecture seule", "COMPARTIDO POR %s hasta las %s, solo lectura"},
	LentStale:  {"SHARED BY %s, NOT UPDATED SINCE %s", "PARTAGÉ PAR %s, FIGÉ DEPUIS %s", "DE %s, SIN ACTUALIZAR DESDE %s"},
	LentUnread: {"SHARED BY %s, NOTHING READ YET", "PARTAGÉ PAR %s, RIEN DE LU ENCORE", "COMPARTIDO POR %s, NADA LEÍDO AÚN"},
	LentOnly:   {"NOT RECORDED: %s. This patient's record is %s's and is only read here: tell that crew.", "NON ENREGISTRÉ : %s. Ce dossier est celui de %s, en lecture seule ici : prévenez cette équipe.", "NO REGISTRADO: %s. Este registro es de %s y aquí solo se lee: avise a ese equipo."},
	AnotherIs:  {"another team", "une autre équipe", "otro equipo"},
}
