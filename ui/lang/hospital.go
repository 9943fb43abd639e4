package lang

// The keys of the hospital's window, and of changing what a station is.
const (
	BoardWord      Key = "board word"
	BoardOpen      Key = "board open"
	BoardIn        Key = "board in"
	BoardOpening   Key = "board opening"
	BoardOpened    Key = "board opened"
	BoardNotOpened Key = "board not opened"
	BoardNone      Key = "board none"
	BoardNoneWhy   Key = "board none why"
	BoardPrint     Key = "board fingerprint"
	BoardPrintWhy  Key = "board fingerprint why"
	BoardElse      Key = "board elsewhere"
	KindHospital   Key = "kind hospital"
	KindWord       Key = "kind word"
	KindIs         Key = "kind is"
	KindWhy        Key = "kind why"
	HoldKind       Key = "hold kind"
	KindChanging   Key = "kind changing"
	KindChanged    Key = "kind changed"
	KindRefused    Key = "kind refused"
)

// hospitalWords are their words: English, French, Spanish.
var hospitalWords = map[Key][3]string{
	BoardWord:      {"Board", "Tableau", "Tablero"},
	BoardOpen:      {"Open the board", "Ouvrir le tableau", "Abrir el tablero"},
	BoardIn:        {"in the browser", "dans le navigateur", "en el navegador"},
	BoardOpening:   {"The browser is being opened.", "Le navigateur s'ouvre.", "Se abre el navegador."},
	BoardOpened:    {"The board was handed to the browser.", "Le tableau a été passé au navigateur.", "El tablero se pasó al navegador."},
	BoardNotOpened: {"Not opened: %s", "Pas ouvert : %s", "No abierto: %s"},
	BoardNone:      {"This station serves no board now.", "Cette station ne sert pas de tableau.", "Esta estación no sirve tablero ahora."},
	BoardNoneWhy:   {"It comes when the store is unlocked and its live process runs; see Link, devices.", "Il vient quand la station est déverrouillée et son processus live marche ; voir Liaison.", "Aparece al desbloquear la estación y correr su proceso live; vea Enlace."},
	BoardPrint:     {"The certificate's fingerprint, SHA-256:", "L'empreinte du certificat, SHA-256 :", "La huella del certificado, SHA-256:"},
	BoardPrintWhy:  {"The browser warns once. Go on only if it shows this same fingerprint.", "Le navigateur avertit une fois. Continuez seulement si l'empreinte est la même.", "El navegador avisa una vez. Siga solo si la huella es la misma."},
	BoardElse:      {"Any browser on this network opens it too, at this address.", "Tout navigateur de ce réseau l'ouvre aussi, à cette adresse.", "Todo navegador de esta red lo abre también, en esta dirección."},
	KindHospital:   {"hospital", "hôpital", "hospital"},
	KindWord:       {"Kind", "Type", "Tipo"},
	KindIs:         {"This station is: %s", "Cette station est : %s", "Esta estación es: %s"},
	KindWhy:        {"An admin may change it. The window follows at once, the record stays.", "Un administrateur peut le changer. La fenêtre suit, le dossier reste.", "Un administrador puede cambiarlo. La ventana sigue, el registro queda."},
	HoldKind:       {"HOLD: CHANGE", "MAINTENIR : CHANGER", "MANTENER: CAMBIAR"},
	KindChanging:   {"Being changed.", "Changement en cours.", "Cambiando."},
	KindChanged:    {"Changed to: %s", "Changé en : %s", "Cambiado a: %s"},
	KindRefused:    {"Not changed: %s", "Pas changé : %s", "No cambiado: %s"},
}
