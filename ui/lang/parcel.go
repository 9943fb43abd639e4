package lang

// The keys of parcels.
const (
	ParcelWord     Key = "parcel"
	ParcelAsk      Key = "parcel ask"
	ParcelNone     Key = "parcel none"
	ParcelMore     Key = "parcel more"
	ParcelWritten  Key = "parcel written"
	ParcelLeft     Key = "parcel left"
	ParcelFailed   Key = "parcel failed"
	ParcelReads    Key = "parcel reads"
	ParcelCame     Key = "parcel came"
	ParcelNothing  Key = "parcel nothing"
	ParcelNot      Key = "parcel not"
	ParcelUnlisted Key = "parcel unlisted"
	HoldParcelOut  Key = "hold parcel out"
	HoldParcelIn   Key = "hold parcel in"
)

// parcelWords are their words: English, French, Spanish.
var parcelWords = map[Key][3]string{
	ParcelWord:     {"Parcel", "Colis", "Paquete"},
	ParcelAsk:      {"Carries the record by stick to another station of the team, sealed. Choose a stick to write, a parcel to take in.", "Porte le dossier, scellé, à une autre station de l'équipe. Choisir une clé pour écrire, un colis à recevoir.", "Lleva el registro, sellado, a otra estación del equipo. Elija una memoria para escribir o un paquete que recibir."},
	ParcelNone:     {"No parcel is on this stick.", "Aucun colis sur cette clé.", "No hay paquetes en esta memoria."},
	ParcelMore:     {"%d older parcels on this stick are not shown.", "%d colis plus anciens ne sont pas montrés.", "%d paquetes anteriores no se muestran."},
	ParcelWritten:  {"Written: %d entries for %d other stations, in %s. The stick can be removed.", "Écrit : %d entrées pour %d autres stations, dans %s. La clé peut être retirée.", "Escrito: %d entradas para otras %d estaciones, en %s. Puede retirar la memoria."},
	ParcelLeft:     {"%d stations that receive only part of the record cannot open it.", "%d stations à accès partiel ne peuvent pas l'ouvrir.", "%d estaciones con acceso parcial no pueden abrirlo."},
	ParcelFailed:   {"NO PARCEL WAS WRITTEN: %s", "AUCUN COLIS ÉCRIT : %s", "NO SE ESCRIBIÓ EL PAQUETE: %s"},
	ParcelReads:    {"Reading %s. Leave the stick where it is.", "Lecture de %s. Laissez la clé en place.", "Leyendo %s. No retire la memoria."},
	ParcelCame:     {"From %s, made %s: %d new of %d entries. The stick can be removed.", "De %s, fait le %s : %d nouvelles sur %d entrées. La clé peut être retirée.", "De %s, hecho el %s: %d nuevas de %d entradas. Puede retirar la memoria."},
	ParcelNothing:  {"From %s, made %s: nothing new came.", "De %s, fait le %s : rien de nouveau.", "De %s, hecho el %s: nada nuevo."},
	ParcelNot:      {"NOTHING WAS TAKEN IN: %s", "RIEN N'A ÉTÉ REÇU : %s", "NO SE RECIBIÓ NADA: %s"},
	ParcelUnlisted: {"THE STICK CANNOT BE READ: %s", "CLÉ ILLISIBLE : %s", "MEMORIA ILEGIBLE: %s"},
	HoldParcelOut:  {"HOLD: WRITE", "MAINTENIR : ÉCRIRE", "MANTENER: ESCRIBIR"},
	HoldParcelIn:   {"HOLD: TAKE IN", "MAINTENIR : RECEVOIR", "MANTENER: RECIBIR"},
}
