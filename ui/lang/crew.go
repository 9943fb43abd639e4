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
	HandsYouHead      Key = "hands you, head"
	HoldToTakeOver    Key = "hold to take over"
	DeclineNoRoom     Key = "decline, no room"
	DeclineNotOurs    Key = "decline, not ours"
	OfferOver         Key = "offer over"
	AnotherStation    Key = "another station"
	KindAmbulance     Key = "kind ambulance"
	KindClinic        Key = "kind clinic"
	KindKiosk         Key = "kind kiosk"

	OnsetWord     Key = "onset"
	LastKnownWell Key = "last known well"
	OnsetAsk      Key = "onset, ask"
	WellAsk       Key = "last known well, ask"
	BeganAgo      Key = "began ago"
	OnRecordAt    Key = "on record at"
	HoursEarlier  Key = "hours earlier"
	HoursLater    Key = "hours later"

	StripsWord   Key = "strips"
	StripGoes    Key = "strip goes"
	StripEarlier Key = "strip, earlier"
	StripLater   Key = "strip, later"
	OtherStrip   Key = "other strip"
	OtherLeads   Key = "other leads"
	NoStrips     Key = "no strips"
	StripIs      Key = "strip is"
	StripDamaged Key = "strip damaged"
	TapTwice     Key = "tap twice"
	BetweenMarks Key = "between marks"
	NotToScale   Key = "not to scale"

	ShiftCheck       Key = "shift check"
	ShiftDue         Key = "shift check due"
	ShiftHead        Key = "shift check, head"
	ShiftDone        Key = "shift check, done"
	ShiftPutOffAt    Key = "shift check, put off at"
	ShiftPutOff      Key = "put off"
	ShiftRecord      Key = "shift check, record"
	ShiftOpen        Key = "shift check, open"
	CheckCrew        Key = "check crew"
	CheckBattery     Key = "check battery"
	CheckDisk        Key = "check disk"
	CheckClock       Key = "check clock"
	CheckMonitor     Key = "check monitor"
	CheckHospital    Key = "check hospital"
	CheckPeers       Key = "check peers"
	CheckSound       Key = "check sound"
	CheckDrugs       Key = "check drugs"
	CheckBackup      Key = "check backup"
	CheckVehicle     Key = "check vehicle"
	CheckOxygen      Key = "check oxygen"
	BatteryIs        Key = "battery is"
	BatteryCharging  Key = "battery charging"
	LookYourself     Key = "look yourself"
	LookedAt         Key = "looked at"
	DiskIs           Key = "disk is"
	ClockUnsetIs     Key = "clock unset"
	ClockByHandIs    Key = "clock by hand"
	ClockByPeerIs    Key = "clock by peer"
	ClockByNetworkIs Key = "clock by network"
	ClockByGPSIs     Key = "clock by gps"
	MonitorsRead     Key = "monitors read"
	NoneFound        Key = "none found"
	PeersTouch       Key = "peers in touch"
	SoundTap         Key = "sound, tap"
	SoundHeard       Key = "sound, heard"
	SoundOff         Key = "sound, off"
	ListExample      Key = "list is an example"
	BackupAgo        Key = "backup ago"
	NotKnownHere     Key = "not known here"
	NobodyNamed      Key = "nobody named"

	TellQuestioned Key = "handover questioned"
	TellSent       Key = "handover sent, short"
	TellReceived   Key = "handover received, short"
	TellTaken      Key = "handover taken, short"
	TellBand       Key = "handover in question"

	HoldToBackup   Key = "hold to back up"
	NothingMissing Key = "nothing missing"
	ToldOpened     Key = "told opened"
	ToldAllergy    Key = "told allergy"
	ToldOrdered    Key = "told ordered"
	ToldDispensed  Key = "told dispensed"
	ToldWasted     Key = "told wasted"
	ToldMonitorOn  Key = "told monitor on"
	ToldMonitorOff Key = "told monitor off"
	ToldOffered    Key = "told offered"
	ToldTaken      Key = "told taken"
	ToldDeclined   Key = "told declined"
	ToldHandover   Key = "told handover"

	EndRun         Key = "end run"
	EndChoose      Key = "end, choose"
	EndSays        Key = "end says"
	EndDespiteCare Key = "end despite care"
	EndAlready     Key = "end already"
	HoldToEnd      Key = "hold to end"
	EndEnRoute     Key = "end en route"
	EndOnScene     Key = "end on scene"
	EndNoneFound   Key = "end, none found"
	EndNoContact   Key = "end, no contact"
	EndNoPatient   Key = "end, not a patient call"
	EndMistake     Key = "end, mistake"
	EndHandedOver  Key = "end, handed over"
	EndStays       Key = "end, stays"
	EndDead        Key = "end, dead"
	EndedAs        Key = "ended as"
)

// crewWords are their words: English, French, Spanish.
var crewWords = map[Key][3]string{
	HandOn:            {"To another vehicle", "À un autre véhicule", "A otro vehículo"},
	HandOnTo:          {"Hand %s to %s. The patient stays yours until %s takes over.", "Confier %s à %s. Le patient reste le vôtre jusqu'à la prise en charge par %s.", "Entregar %s a %s. El paciente sigue siendo suyo hasta que %s lo asuma."},
	HandOnChoose:      {"Choose who takes %s.", "Choisir qui prend %s.", "Elija quién recibe a %s."},
	HandOnNobody:      {"No other vehicle or clinic of the team is known here.", "Aucun autre véhicule ni poste de l'équipe n'est connu ici.", "Aquí no se conoce otro vehículo ni clínica del equipo."},
	HandOnWaits:       {"Offered to %s at %s, not taken over yet. The patient is yours.", "Proposé à %s à %s, pas encore pris en charge. Le patient est le vôtre.", "Ofrecido a %s a las %s, aún no asumido. El paciente es suyo."},
	HoldToHandOn:      {"HOLD TO HAND ON", "MAINTENIR POUR CONFIER", "MANTENER PARA ENTREGAR"},
	HoldGone:          {"HOLD: THEY ARE WITH %s", "MAINTENIR : AVEC %s", "MANTENER: ESTÁ CON %s"},
	TakeOfferBack:     {"Take offer back", "Retirer l'offre", "Retirar la oferta"},
	OfferedTo:         {"OFFERED to %s %s, yours until taken", "PROPOSÉ à %s %s, le vôtre jusque-là", "OFRECIDO a %s %s, suyo hasta entonces"},
	DeclinedBy:        {"%s DOES NOT TAKE: %s. Yours.", "%s NE PREND PAS : %s. Le vôtre.", "%s NO LO TOMA: %s. Suyo."},
	WithNow:           {"WITH %s since %s", "AVEC %s depuis %s", "CON %s desde %s"},
	WithUnconfirmed:   {"WITH %s since %s, not confirmed", "AVEC %s depuis %s, non confirmé", "CON %s desde %s, sin confirmar"},
	TakenAndWithdrawn: {"TAKEN BY %s AND TAKEN BACK: call them", "PRIS PAR %s ET RETIRÉ : appelez", "TOMADO POR %s Y RETIRADO: llame"},
	HandsYou:          {"%s hands you %s", "%s vous confie %s", "%s le entrega %s"},
	HandsYouHead:      {"%s hands you %s, offered at %s", "%s vous confie %s, proposé à %s", "%s le entrega %s, ofrecido a las %s"},
	HoldToTakeOver:    {"HOLD TO TAKE OVER", "MAINTENIR POUR PRENDRE", "MANTENER PARA ASUMIR"},
	DeclineNoRoom:     {"No: no room", "Non : pas de place", "No: sin sitio"},
	DeclineNotOurs:    {"No: not for us", "Non : pas pour nous", "No: no es nuestro"},
	OfferOver:         {"This offer stands no more.", "Cette offre n'est plus valable.", "Esta oferta ya no vale."},
	AnotherStation:    {"another station", "une autre station", "otra estación"},
	KindAmbulance:     {"ambulance", "ambulance", "ambulancia"},
	KindClinic:        {"clinic", "poste médical", "clínica"},
	KindKiosk:         {"kiosk", "borne", "quiosco"},

	OnsetWord:     {"Onset at", "Début à", "Inicio a las"},
	LastKnownWell: {"Last known well", "Vu bien à", "Visto bien a las"},
	OnsetAsk:      {"When did it begin?", "Quand cela a-t-il commencé ?", "¿Cuándo empezó?"},
	WellAsk:       {"When was the patient last known to be well?", "Quand le patient a-t-il été vu bien pour la dernière fois ?", "¿Cuándo se vio bien al paciente por última vez?"},
	BeganAgo:      {"%s ago. Set the time, then record it.", "Il y a %s. Régler l'heure, puis enregistrer.", "Hace %s. Ponga la hora y regístrela."},
	OnRecordAt:    {"On record: %s", "Au dossier : %s", "En el registro: %s"},
	HoursEarlier:  {"%d h earlier", "%d h plus tôt", "%d h antes"},
	HoursLater:    {"%d h later", "%d h plus tard", "%d h después"},

	StripsWord:   {"Strips", "Tracés", "Tiras"},
	StripGoes:    {"Strip: the next %d s are being kept too", "Tracé : les %d s suivantes sont gardées aussi", "Tira: se guardan también los %d s siguientes"},
	StripEarlier: {"5 s earlier", "5 s plus tôt", "5 s antes"},
	StripLater:   {"5 s later", "5 s plus tard", "5 s después"},
	OtherStrip:   {"Older strip", "Tracé précédent", "Tira anterior"},
	OtherLeads:   {"Other leads", "Autres voies", "Otras deriv."},
	NoStrips:     {"No strip is on record. Strip on the monitor keeps 10 s before and after.", "Aucun tracé au dossier. Tracé, sur le moniteur, garde 10 s avant et après.", "No hay tiras en el registro. Tira, en el monitor, guarda 10 s antes y después."},
	StripIs:      {"From %s, %s s", "De %s, %s s", "De las %s, %s s"},
	StripDamaged: {"A PART CANNOT BE READ", "UNE PARTIE EST ILLISIBLE", "UNA PARTE NO SE LEE"},
	TapTwice:     {"Two taps measure.", "Deux touches mesurent.", "Dos toques miden."},
	BetweenMarks: {"between the marks %d ms", "entre les repères %d ms", "entre las marcas %d ms"},
	NotToScale:   {"not to scale", "sans échelle", "sin escala"},

	ShiftCheck:       {"Shift check", "Contrôle de prise", "Revisión de turno"},
	ShiftDue:         {"not done", "à faire", "pendiente"},
	ShiftHead:        {"Tap what you have looked at yourself. ! is not in order.", "Toucher ce que vous avez vérifié. ! n'est pas en ordre.", "Toque lo que haya revisado. ! no está en orden."},
	ShiftDone:        {"Checked at %s.", "Contrôlé à %s.", "Revisado a las %s."},
	ShiftPutOffAt:    {"Put off at %s.", "Reporté à %s.", "Aplazado a las %s."},
	ShiftPutOff:      {"Emergency: later", "Urgence : plus tard", "Urgencia: después"},
	ShiftRecord:      {"RECORD the check", "ENREGISTRER", "REGISTRAR"},
	ShiftOpen:        {"%d not in order", "%d pas en ordre", "%d no en orden"},
	CheckCrew:        {"Crew", "Équipage", "Equipo"},
	CheckBattery:     {"Tablet battery", "Batterie tablette", "Batería"},
	CheckDisk:        {"Disk", "Disque", "Disco"},
	CheckClock:       {"Clock", "Horloge", "Reloj"},
	CheckMonitor:     {"Monitors", "Moniteurs", "Monitores"},
	CheckHospital:    {"Hospital", "Hôpital", "Hospital"},
	CheckPeers:       {"Neighbours", "Voisins", "Vecinos"},
	CheckSound:       {"Alarm sound", "Son d'alarme", "Sonido"},
	CheckDrugs:       {"Drug list", "Liste des médic.", "Lista fármacos"},
	CheckBackup:      {"Last backup", "Dernière copie", "Última copia"},
	CheckVehicle:     {"Vehicle, bags", "Véhicule, sacs", "Vehículo, bolsas"},
	CheckOxygen:      {"Oxygen, suction", "Oxygène, aspiration", "Oxígeno, aspirador"},
	BatteryIs:        {"%d %%", "%d %%", "%d %%"},
	BatteryCharging:  {"%d %%, charging", "%d %%, en charge", "%d %%, cargando"},
	LookYourself:     {"look yourself, then tap", "à vérifier, puis toucher", "mire y toque"},
	LookedAt:         {"looked at", "vérifié", "revisado"},
	DiskIs:           {"%d %% free", "%d %% libres", "%d %% libre"},
	ClockUnsetIs:     {"not set", "pas réglée", "sin ajustar"},
	ClockByHandIs:    {"set by hand: tap if right", "à la main : toucher si juste", "a mano: toque si es correcta"},
	ClockByPeerIs:    {"by a neighbour", "par un voisin", "por un vecino"},
	ClockByNetworkIs: {"by the network", "par le réseau", "por la red"},
	ClockByGPSIs:     {"by GPS", "par GPS", "por GPS"},
	MonitorsRead:     {"%d found", "%d trouvé(s)", "%d encontrado(s)"},
	NoneFound:        {"none", "aucun", "ninguno"},
	PeersTouch:       {"%d in touch", "%d en contact", "%d en contacto"},
	SoundTap:         {"tap to hear it", "toucher pour entendre", "toque para oírlo"},
	SoundHeard:       {"heard it? tap again", "entendu ? toucher encore", "¿se oyó? toque otra vez"},
	SoundOff:         {"no sound here", "pas de son ici", "sin sonido aquí"},
	ListExample:      {"example, not approved", "exemple, non approuvé", "ejemplo, no aprobada"},
	BackupAgo:        {"%s ago", "il y a %s", "hace %s"},
	NotKnownHere:     {"not known", "inconnu", "no se sabe"},
	NobodyNamed:      {"nobody by name", "personne de nommé", "nadie con nombre"},

	TellQuestioned: {"%d in question", "%d en question", "%d en duda"},
	TellSent:       {"not read back", "non relue", "sin repetir"},
	TellReceived:   {"read back", "relue", "repetido"},
	TellTaken:      {"taken over", "prise", "asumido"},
	TellBand:       {"HANDOVER IN QUESTION", "RELÈVE EN QUESTION", "TRASPASO EN DUDA"},

	HoldToBackup:   {"HOLD TO BACK UP", "MAINTENIR POUR COPIER", "MANTENER PARA COPIAR"},
	NothingMissing: {"nothing missing", "rien ne manque", "no falta nada"},
	ToldOpened:     {"run opened", "mission ouverte", "servicio abierto"},
	ToldOrdered:    {"asked for:", "demandé :", "pedido:"},
	ToldDispensed:  {"handed over to take:", "remis à prendre :", "entregado para tomar:"},
	ToldWasted:     {"thrown away:", "jeté :", "desechado:"},
	ToldAllergy:    {"allergy", "allergie", "alergia"},
	ToldMonitorOn:  {"monitor on: %s", "moniteur posé : %s", "monitor puesto: %s"},
	ToldMonitorOff: {"monitor off: %s", "moniteur retiré : %s", "monitor retirado: %s"},
	ToldOffered:    {"offered to %s", "proposé à %s", "ofrecido a %s"},
	ToldTaken:      {"taken over", "pris en charge", "asumido"},
	ToldDeclined:   {"not taken: %s", "non pris : %s", "no asumido: %s"},
	ToldHandover:   {"handover given", "relève donnée", "traspaso dado"},

	EndRun:         {"End the run", "Fin de mission", "Fin del servicio"},
	EndChoose:      {"How does the run with %s end?", "Comment se termine la mission avec %s ?", "¿Cómo termina el servicio con %s?"},
	EndSays:        {"%s: %s. Monitors leave this patient.", "%s : %s. Les moniteurs quittent ce patient.", "%s: %s. Los monitores dejan a este paciente."},
	EndDespiteCare: {"But care of a patient is on this record.", "Mais des soins à un patient sont au dossier.", "Pero hay cuidados de un paciente en el registro."},
	EndAlready:     {"This run has ended: %s.", "Cette mission est terminée : %s.", "Este servicio ha terminado: %s."},
	HoldToEnd:      {"HOLD TO END THE RUN", "MAINTENIR POUR TERMINER", "MANTENER PARA TERMINAR"},
	EndEnRoute:     {"Cancelled on the way", "Annulée en route", "Anulado en camino"},
	EndOnScene:     {"Cancelled on scene", "Annulée sur place", "Anulado en el lugar"},
	EndNoneFound:   {"No patient found", "Aucun patient trouvé", "Sin paciente"},
	EndNoContact:   {"No patient contact", "Pas de contact patient", "Sin contacto"},
	EndNoPatient:   {"Not a patient call", "Sans patient", "No es asistencial"},
	EndMistake:     {"Opened by mistake", "Ouvert par erreur", "Abierto por error"},
	EndHandedOver:  {"Handed over, done", "Transmis, terminé", "Entregado, fin"},
	EndStays:       {"Not transported", "Non transporté", "No trasladado"},
	EndDead:        {"Dead on scene", "Décès sur place", "Muerte en el lugar"},
	EndedAs:        {"ENDED: %s", "TERMINÉ : %s", "TERMINADO: %s"},
}
