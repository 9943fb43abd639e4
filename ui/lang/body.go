package lang

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The keys of the body map and of what is found on a body.
const (
	InjuriesWord   Key = "injuries"
	BodyMap        Key = "body map"
	FrontWord      Key = "front of the body"
	BackOfBody     Key = "back of the body"
	LeftSide       Key = "left side"
	RightSide      Key = "right side"
	TurnOver       Key = "turn over"
	BodyLegend     Key = "body legend"
	NothingThere   Key = "nothing charted there"
	NothingOnBody  Key = "nothing charted on the body"
	NoOtherInjury  Key = "no other injury"
	NoInjuryHere   Key = "no injury here"
	NotExamined    Key = "not examined"
	ChooseNotThere Key = "choose not there"
	NotThereOf     Key = "not there of"
	NotExaminedOf  Key = "not examined of"
	WhichFound     Key = "which is found"
	WhichNotThere  Key = "which is not there"
	AllOfIt        Key = "all of it"
	OffTheMap      Key = "off the map"
	NotConfirmed   Key = "not confirmed of"
	BodyIncomplete Key = "body incomplete"

	InjuryWord   Key = "injury"
	OtherInjury  Key = "other injury"
	Bleeding     Key = "bleeding"
	Penetrating  Key = "penetrating wound"
	Burn         Key = "burn"
	Deformity    Key = "deformity"
	Swelling     Key = "swelling"
	Bruise       Key = "bruise"
	CrushInjury  Key = "crush injury"
	Amputation   Key = "amputation"
	ForeignBody  Key = "foreign body"
	NumbOrWeak   Key = "numb or weak"
	RashWord     Key = "rash"
	ConditionIs  Key = "condition is"
	MedicineIs   Key = "medicine is"
	AssessedArea Key = "assessed area"
)

// bodyWords are their words: English, French, Spanish.
var bodyWords = map[Key][3]string{
	InjuriesWord:   {"Injuries", "Lésions", "Lesiones"},
	BodyMap:        {"Body map", "Schéma du corps", "Mapa del cuerpo"},
	FrontWord:      {"Front", "Devant", "Delante"},
	BackOfBody:     {"Back", "Dos", "Detrás"},
	LeftSide:       {"left", "gauche", "izquierda"},
	RightSide:      {"right", "droite", "derecha"},
	TurnOver:       {"Turn over", "Retourner", "Dar vuelta"},
	BodyLegend:     {"+ found;  − looked for, not there;  ? not examined;  no sign: nothing charted", "+ trouvé ;  − cherché, absent ;  ? non examiné ;  sans signe : rien noté", "+ hallado;  − buscado, ausente;  ? no examinado;  sin signo: nada anotado"},
	NothingThere:   {"Nothing charted here yet.", "Rien n'est encore noté ici.", "Nada anotado aquí todavía."},
	NothingOnBody:  {"Nothing charted on the body yet. Tap where.", "Rien n'est encore noté sur le corps. Toucher l'endroit.", "Nada anotado en el cuerpo todavía. Tocar el lugar."},
	NoOtherInjury:  {"HOLD: NO OTHER INJURY", "MAINTENIR : RIEN D'AUTRE", "MANTENER: NADA MÁS"},
	NoInjuryHere:   {"No injury here", "Aucune lésion ici", "Sin lesión aquí"},
	NotExamined:    {"Not examined", "Non examiné", "No examinado"},
	ChooseNotThere: {"Not there: ...", "Absent : ...", "Ausente: ..."},
	NotThereOf:     {"no %s", "sans %s", "sin %s"},
	NotExaminedOf:  {"%s not examined", "%s non examiné", "%s no examinado"},
	WhichFound:     {"Tap what is there. It is recorded at once.", "Toucher ce qui est là. C'est noté aussitôt.", "Tocar lo que hay. Se anota de inmediato."},
	WhichNotThere:  {"Tap what was looked for and is NOT there.", "Toucher ce qui a été cherché et N'EST PAS là.", "Tocar lo que se buscó y NO está."},
	AllOfIt:        {"All of it", "Tout", "Todo"},
	OffTheMap:      {"Not on the map: %s", "Hors du schéma : %s", "Fuera del mapa: %s"},
	NotConfirmed:   {"%s (withdrawn tablet, not confirmed)", "%s (tablette retirée, non confirmé)", "%s (tableta retirada, sin confirmar)"},
	BodyIncomplete: {"The record may be incomplete: no sign does not mean no injury.", "Dossier peut-être incomplet : sans signe ne veut pas dire sans lésion.", "Registro quizá incompleto: sin signo no significa sin lesión."},

	InjuryWord:   {"injury", "lésion", "lesión"},
	OtherInjury:  {"other injury", "autre lésion", "otra lesión"},
	Bleeding:     {"Bleeding", "Hémorragie", "Hemorragia"},
	Penetrating:  {"Penetrating wound", "Plaie pénétrante", "Herida penetrante"},
	Burn:         {"Burn", "Brûlure", "Quemadura"},
	Deformity:    {"Deformity or fracture", "Déformation ou fracture", "Deformidad o fractura"},
	Swelling:     {"Swelling", "Gonflement", "Hinchazón"},
	Bruise:       {"Bruise", "Ecchymose", "Hematoma"},
	CrushInjury:  {"Crush injury", "Écrasement", "Aplastamiento"},
	Amputation:   {"Amputation", "Amputation", "Amputación"},
	ForeignBody:  {"Foreign body", "Corps étranger", "Cuerpo extraño"},
	NumbOrWeak:   {"Numb or weak", "Perte de force", "Falta de fuerza"},
	RashWord:     {"Rash", "Éruption", "Erupción"},
	ConditionIs:  {"Condition: %s", "Antécédent : %s", "Enfermedad: %s"},
	MedicineIs:   {"Takes: %s", "Prend : %s", "Toma: %s"},
	AssessedArea: {"%s: %s", "%s : %s", "%s: %s"},
}

// gender is how a part of the body wants its side said.
type gender uint8

const (
	masculine gender = iota
	feminine
	masculines
	feminines
)

// sided are left and right by language and gender, in that order.
var sided = [...][4][2]string{
	French:  {{"gauche", "droit"}, {"gauche", "droite"}, {"gauches", "droits"}, {"gauches", "droites"}},
	Spanish: {{"izquierdo", "derecho"}, {"izquierda", "derecha"}, {"izquierdos", "derechos"}, {"izquierdas", "derechas"}},
}

// bodyParts are the parts of the body as the record says them, in French and Spanish.
var bodyParts = map[string]struct {
	french   string
	inFrench gender
	spanish  string
	inSpain  gender
}{
	"head": {"tête", feminine, "cabeza", feminine}, "neck": {"cou", masculine, "cuello", masculine},
	"shoulder": {"épaule", feminine, "hombro", masculine}, "upper arm": {"bras", masculine, "brazo", masculine},
	"forearm": {"avant-bras", masculine, "antebrazo", masculine}, "elbow": {"coude", masculine, "codo", masculine},
	"hand": {"main", feminine, "mano", feminine}, "wrist": {"poignet", masculine, "muñeca", feminine},
	"thumb": {"pouce", masculine, "pulgar", masculine}, "fingers": {"doigts", masculines, "dedos", masculines},
	"thigh": {"cuisse", feminine, "muslo", masculine}, "lower leg": {"jambe", feminine, "pierna", feminine},
	"knee": {"genou", masculine, "rodilla", feminine}, "foot": {"pied", masculine, "pie", masculine},
	"ankle": {"cheville", feminine, "tobillo", masculine}, "toes": {"orteils", masculines, "dedos del pie", masculines},
	"chest": {"thorax", masculine, "tórax", masculine}, "middle of chest": {"milieu du thorax", masculine, "centro del tórax", masculine},
	"abdomen": {"abdomen", masculine, "abdomen", masculine}, "upper abdomen": {"abdomen supérieur", masculine, "abdomen superior", masculine},
	"lower abdomen": {"abdomen inférieur", masculine, "abdomen inferior", masculine},
	"pelvis":        {"bassin", masculine, "pelvis", feminine}, "hip": {"hanche", feminine, "cadera", feminine},
	"genitals":   {"organes génitaux", masculines, "genitales", masculines},
	"upper back": {"haut du dos", masculine, "espalda alta", feminine}, "lower back": {"bas du dos", masculine, "espalda baja", feminine},
	"thoracic spine": {"rachis thoracique", masculine, "columna torácica", feminine},
	"lumbar spine":   {"rachis lombaire", masculine, "columna lumbar", feminine},
	"cervical spine": {"rachis cervical", masculine, "columna cervical", feminine},
	"loin":           {"flanc", masculine, "flanco", masculine}, "buttocks": {"fesses", feminines, "nalgas", feminines},
	"buttock": {"fesse", feminine, "nalga", feminine}, "sacrum": {"sacrum", masculine, "sacro", masculine},
	"scalp": {"cuir chevelu", masculine, "cuero cabelludo", masculine}, "eye": {"œil", masculine, "ojo", masculine},
	"ear": {"oreille", feminine, "oreja", feminine}, "nose": {"nez", masculine, "nariz", feminine},
	"mouth": {"bouche", feminine, "boca", feminine}, "jaw": {"mâchoire", feminine, "mandíbula", feminine},
	"whole body": {"tout le corps", masculine, "todo el cuerpo", masculine},
}

// Capital is text with a capital first.
func Capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// Site is a place on the body, which the record tells in English: "left forearm,
// front". Words it does not know stay as they are.
func (s *Speech) Site(site string) string {
	if s.Language == English {
		return site
	}
	part, face := site, ""
	for _, f := range [...]struct {
		suffix string
		words  [3]string
	}{{", front", [3]string{"", ", devant", ", delante"}}, {", back", [3]string{"", ", derrière", ", detrás"}}} {
		if rest, ok := strings.CutSuffix(part, f.suffix); ok {
			part, face = rest, f.words[min(s.Language, Spanish)]
		}
	}
	which := -1
	for i, side := range [...]string{"left ", "right "} {
		if rest, ok := strings.CutPrefix(part, side); ok {
			part, which = rest, i
		}
	}
	words, ok := bodyParts[part]
	if !ok {
		return site
	}
	name, g := words.french, words.inFrench
	if s.Language >= Spanish {
		name, g = words.spanish, words.inSpain
	}
	if which >= 0 {
		name += " " + sided[min(s.Language, Spanish)][g][which]
	}
	return name + face
}
