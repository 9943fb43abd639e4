package lang

// The keys of the page that says where the patient is going.
const (
	BoundFor       Key = "bound for"
	BoundForIs     Key = "bound for is"
	BoundForTwo    Key = "bound for two"
	BoundForNobody Key = "bound for nobody"
	BoundForHow    Key = "bound for how"
	Elsewhere      Key = "elsewhere"
	NoHospitalHere Key = "no hospital in the team"
)

// destinationWords are their words: English, French, Spanish.
var destinationWords = map[Key][3]string{
	BoundFor:       {"Bound for", "Destination", "Destino"},
	BoundForIs:     {"Bound for %s since %s", "Destination %s depuis %s", "Destino %s desde las %s"},
	BoundForTwo:    {"TWO DESTINATIONS, said while apart: tap the right one", "DEUX DESTINATIONS, dites séparément : touchez la bonne", "DOS DESTINOS, dichos por separado: toque el correcto"},
	BoundForNobody: {"Bound for no hospital yet", "Pas encore de destination", "Aún sin destino"},
	BoundForHow:    {"A hospital sees this patient only when bound for it or handed over to it.", "Un hôpital ne voit ce patient que s'il est sa destination ou s'il lui est transmis.", "Un hospital ve a este paciente solo si es su destino o si se le entrega."},
	Elsewhere:      {"Elsewhere", "Ailleurs", "Otro lugar"},
	NoHospitalHere: {"No hospital is in the team", "Aucun hôpital dans l'équipe", "Ningún hospital en el equipo"},
}
