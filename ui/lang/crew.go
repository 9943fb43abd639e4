package lang

// The keys of handing a patient on, of a run's end, of the start of a shift, and of
// strips.
const (
	HandOn            Key = "hand on"
	HandOnTo          Key = "hand on to"
	HandOnChoose      Key = "hand on, choose"
	HandOnNobody      Key = "hand on, nobody"
	HandOnWaits       Key = "hand on, waits"
	HoldToHandOn      Key = "hold to hand on"
	HoldGone          Key = "hold, gone"
	TakeOfferBack     Key = "take the offer back"
	OfferedTo         Key = "offered to"
	DeclinedBy        Key = "declined by"
	WithNow           Key = "with now"
	WithUnconfirmed   Key = "with, unconfirmed"
	TakenAndWithdrawn Key = "taken and withdrawn"
	HandsYou          Key = "hands you"
	HandsYouTap       Key = "hands you, tap"
	HandsYouHead      Key = "hands you, head"
	HoldToTakeOver    Key = "hold to take over"
	DeclineNoRoom     Key = "decline, no room"
	DeclineNotOurs    Key = "decline, not ours"
	OfferOver         Key = "offer over"
	AnotherStation    Key = "another station"
	KindAmbulance     Key = "kind ambulance"
	KindClinic        Key = "kind clinic"
	KindKiosk         Key = "kind kiosk"
)

// crewWords are their words: English, French, Spanish.
var crewWords = map[Key][3]string{
	HandOn:            {"To another vehicle", "À un autre véhicule", "A otro vehículo"},
	HandOnTo:          {"Hand %s to %s. The patient stays yours until %s takes over.", "Confier %s à %s. Le patient reste le vôtre jusqu'à la prise en charge par %s.", "Entregar %s a %s. El paciente sigue siendo suyo hasta que %s lo asuma."},
	HandOnChoose:      {"Choose who takes %s.", "Choisir qui prend %s.", "Elija quién recibe a %s."},
	HandOnNobody:      {"No other vehicle or clinic of the team is known here.", "Aucun autre véhicule ni poste de l'équipe n'est connu ici.", "Aquí no se conoce otro vehículo ni clínica del equipo."},
	HandOnWaits:       {"Offered to %s at %s, not taken over yet. The patient is yours.", "Proposé à %s à %s, pas encore pris en charge. Le patient est le vôtre.", "Ofrecido a %s a las %s, aún no asumido. El paciente es suyo."},
	HoldToHandOn:      {"Hold to hand on", "Maintenir pour confier", "Mantener para entregar"},
	HoldGone:          {"Hold: they are with %s", "Maintenir : avec %s", "Mantener: está con %s"},
	TakeOfferBack:     {"Take offer back", "Retirer l'offre", "Retirar la oferta"},
	OfferedTo:         {"OFFERED to %s %s, yours until taken", "PROPOSÉ à %s %s, le vôtre jusque-là", "OFRECIDO a %s %s, suyo hasta entonces"},
	DeclinedBy:        {"%s DOES NOT TAKE: %s. Yours.", "%s NE PREND PAS : %s. Le vôtre.", "%s NO LO TOMA: %s. Suyo."},
	WithNow:           {"WITH %s since %s", "AVEC %s depuis %s", "CON %s desde %s"},
	WithUnconfirmed:   {"WITH %s since %s, not confirmed", "AVEC %s depuis %s, non confirmé", "CON %s desde %s, sin confirmar"},
	TakenAndWithdrawn: {"TAKEN BY %s AND TAKEN BACK: call them", "PRIS PAR %s ET RETIRÉ : appelez", "TOMADO POR %s Y RETIRADO: llame"},
	HandsYou:          {"%s hands you %s", "%s vous confie %s", "%s le entrega %s"},
	HandsYouTap:       {"tap to see", "toucher pour voir", "toque para ver"},
	HandsYouHead:      {"%s hands you %s, offered at %s", "%s vous confie %s, proposé à %s", "%s le entrega %s, ofrecido a las %s"},
	HoldToTakeOver:    {"Hold to take over", "Maintenir pour prendre", "Mantener para asumir"},
	DeclineNoRoom:     {"No: no room", "Non : pas de place", "No: sin sitio"},
	DeclineNotOurs:    {"No: not for us", "Non : pas pour nous", "No: no es nuestro"},
	OfferOver:         {"This offer stands no more.", "Cette offre n'est plus valable.", "Esta oferta ya no vale."},
	AnotherStation:    {"another station", "une autre station", "otra estación"},
	KindAmbulance:     {"ambulance", "ambulance", "ambulancia"},
	KindClinic:        {"clinic", "poste médical", "clínica"},
	KindKiosk:         {"kiosk", "borne", "quiosco"},
}
