package lang

// The keys of the first start, of words that are written, and of a window that failed
// too often.
const (
	SetupWelcome     Key = "setup welcome"
	SetupNoStation   Key = "setup no station"
	SetupKind        Key = "setup kind"
	SetupKindLater   Key = "setup kind later"
	SetupAmbulance   Key = "setup ambulance"
	SetupClinic      Key = "setup clinic"
	SetupHospital    Key = "setup hospital"
	SetupRides       Key = "setup rides"
	SetupQueues      Key = "setup queues"
	SetupReceives    Key = "setup receives"
	SetupCallSign    Key = "setup call sign"
	SetupCallSignEg  Key = "setup call sign example"
	SetupSite        Key = "setup site"
	SetupSiteWhy     Key = "setup site why"
	SetupPassphrase  Key = "setup passphrase"
	SetupPassWhy     Key = "setup passphrase why"
	SetupAgain       Key = "setup again"
	SetupAgainWhy    Key = "setup again why"
	SetupDiffer      Key = "setup differ"
	SetupTeam        Key = "setup team"
	SetupBegin       Key = "setup begin"
	SetupBeginWhy    Key = "setup begin why"
	SetupJoin        Key = "setup join"
	SetupJoinWhy     Key = "setup join why"
	SetupTeamName    Key = "setup team name"
	SetupTeamNameWhy Key = "setup team name why"
	SetupInvite      Key = "setup invite"
	SetupInviteWhy   Key = "setup invite why"
	SetupPaste       Key = "setup paste"
	SetupPicture     Key = "setup picture"
	SetupType        Key = "setup type"
	SetupPictures    Key = "setup pictures"
	SetupPicturesWhy Key = "setup pictures why"
	SetupNoPictures  Key = "setup no pictures"
	SetupNotPasted   Key = "setup not pasted"
	SetupJoining     Key = "setup joining"
	SetupMaking      Key = "setup making"
	SetupStarting    Key = "setup starting"
	SetupRecovery    Key = "setup recovery"
	SetupRecoveryWhy Key = "setup recovery why"
	SetupHoldWritten Key = "setup hold written"
	SetupSix         Key = "setup six"
	SetupSixWhy      Key = "setup six why"
	SetupHoldSame    Key = "setup hold same"
	SetupDifferent   Key = "setup different"
	SetupDifferWhy   Key = "setup different why"
	SetupFailed      Key = "setup failed"
	SetupBack        Key = "setup back"
	SetupNext        Key = "setup next"
	SetupSkip        Key = "setup skip"
	SetupSpace       Key = "setup space"
	SetupStep        Key = "setup step"
	LettersKey       Key = "letters key"
	WindowFailed     Key = "window failed"
	WindowRecorder   Key = "window recorder"
	WindowReport     Key = "window report"
	StartFailed      Key = "start failed"
	StartAgain       Key = "start again"
	WindowNoReport   Key = "window no report"
	WindowAgain      Key = "window again"
	WindowClose      Key = "window close"
)

// setupWords are their words: English, French, Spanish.
var setupWords = map[Key][3]string{
	SetupWelcome:     {"Welcome", "Bienvenue", "Bienvenido"},
	SetupNoStation:   {"This tablet is no station yet. Choose the language.", "Cette tablette n'est pas encore une station. Choisissez la langue.", "Esta tableta aún no es una estación. Elija el idioma."},
	SetupKind:        {"What is this station?", "Qu'est-ce que cette station ?", "¿Qué es esta estación?"},
	SetupKindLater:   {"A team's admin can change it later.", "Un administrateur peut le changer plus tard.", "Un administrador puede cambiarlo después."},
	SetupAmbulance:   {"Ambulance", "Ambulance", "Ambulancia"},
	SetupClinic:      {"Clinic", "Poste médical", "Clínica"},
	SetupHospital:    {"Hospital", "Hôpital", "Hospital"},
	SetupRides:       {"one patient, monitors, the road", "un patient, moniteurs, la route", "un paciente, monitores, la calle"},
	SetupQueues:      {"a queue of patients", "une file de patients", "una cola de pacientes"},
	SetupReceives:    {"receives ambulances on its page", "reçoit les ambulances sur sa page", "recibe ambulancias en su página"},
	SetupCallSign:    {"How is it called?", "Quel est son indicatif ?", "¿Cuál es su indicativo?"},
	SetupCallSignEg:  {"The call sign that others know it by, such as AMB-7.", "L'indicatif que les autres connaissent, par exemple AMB-7.", "El indicativo que otros conocen, por ejemplo AMB-7."},
	SetupSite:        {"To which place or service does it belong?", "À quel lieu ou service appartient-elle ?", "¿A qué lugar o servicio pertenece?"},
	SetupSiteWhy:     {"Stations of one site may share their patients. It may be left empty.", "Les stations d'un site peuvent partager leurs patients. Peut rester vide.", "Las estaciones de un sitio pueden compartir pacientes. Puede quedar vacío."},
	SetupPassphrase:  {"A passphrase for this station", "Une phrase secrète pour cette station", "Una frase secreta para esta estación"},
	SetupPassWhy:     {"Five words or more. Without it nobody reads what a lost tablet holds.", "Cinq mots ou plus. Sans elle, personne ne lit une tablette perdue.", "Cinco palabras o más. Sin ella nadie lee una tableta perdida."},
	SetupAgain:       {"The same passphrase again", "La même phrase secrète encore", "La misma frase secreta otra vez"},
	SetupAgainWhy:    {"So that it is the one you meant.", "Pour être sûr que c'est la bonne.", "Para que sea la que usted quiso."},
	SetupDiffer:      {"The two are not the same. Write it again.", "Les deux diffèrent. Écrivez-la encore.", "Las dos no son iguales. Escríbala otra vez."},
	SetupTeam:        {"Is there a team already?", "Y a-t-il déjà une équipe ?", "¿Ya hay un equipo?"},
	SetupBegin:       {"Begin a team", "Créer une équipe", "Crear un equipo"},
	SetupBeginWhy:    {"this is its first station", "celle-ci est sa première station", "esta es su primera estación"},
	SetupJoin:        {"Join a team", "Rejoindre une équipe", "Unirse a un equipo"},
	SetupJoinWhy:     {"by the invitation of its admin", "avec l'invitation de son administrateur", "con la invitación de su administrador"},
	SetupTeamName:    {"How is the team called?", "Comment s'appelle l'équipe ?", "¿Cómo se llama el equipo?"},
	SetupTeamNameWhy: {"All who join it read this name.", "Tous ceux qui la rejoignent lisent ce nom.", "Todos los que se unan leen este nombre."},
	SetupInvite:      {"The invitation to the team", "L'invitation de l'équipe", "La invitación del equipo"},
	SetupInviteWhy:   {"The admin's station shows it: as a QR code to be photographed, and as text.", "La station de l'administrateur la montre : code QR à photographier, et texte.", "La estación del administrador la muestra: código QR para fotografiar, y texto."},
	SetupPaste:       {"Paste the text", "Coller le texte", "Pegar el texto"},
	SetupPicture:     {"From a picture", "Depuis une image", "Desde una imagen"},
	SetupType:        {"Type the text", "Taper le texte", "Escribir el texto"},
	SetupPictures:    {"Which picture shows the QR code?", "Quelle image montre le code QR ?", "¿Qué imagen muestra el código QR?"},
	SetupPicturesWhy: {"Those in the folders for pictures and on plugged-in sticks, the latest first.", "Celles des dossiers d'images et des clés branchées, la dernière d'abord.", "Las de las carpetas de imágenes y memorias conectadas, la última primero."},
	SetupNoPictures:  {"No picture was found. Put it on a stick and plug that in.", "Aucune image trouvée. Mettez-la sur une clé et branchez-la.", "No hay imágenes. Póngala en una memoria y conéctela."},
	SetupNotPasted:   {"Nothing was copied that could be pasted.", "Rien n'a été copié.", "No hay nada copiado."},
	SetupJoining:     {"This is an invitation to the team %s.", "C'est une invitation à l'équipe %s.", "Es una invitación al equipo %s."},
	SetupMaking:      {"The station is being made. This takes some seconds.", "La station est en cours de création. Quelques secondes.", "Se está creando la estación. Unos segundos."},
	SetupStarting:    {"The station is starting.", "La station démarre.", "La estación se está iniciando."},
	SetupRecovery:    {"Write these words on paper now", "Écrivez ces mots sur papier maintenant", "Escriba ahora estas palabras en papel"},
	SetupRecoveryWhy: {"They readmit lost stations of team %s and are shown this once. Keep them away from every tablet.", "Ils réadmettent les stations perdues de l'équipe %s et ne sont montrés qu'ici. Loin de toute tablette.", "Readmiten estaciones perdidas del equipo %s y solo se muestran aquí. Lejos de toda tableta."},
	SetupHoldWritten: {"HOLD: WRITTEN ON PAPER", "MAINTENIR : ÉCRIT", "MANTENER: ESCRITO"},
	SetupSix:         {"Do both screens show these six words?", "Les deux écrans montrent-ils ces six mots ?", "¿Muestran ambas pantallas estas seis palabras?"},
	SetupSixWhy:      {"The admin photographs this answer, compares the words and lets the station in.", "L'administrateur photographie cette réponse, compare les mots et admet la station.", "El administrador fotografía esta respuesta, compara las palabras y admite la estación."},
	SetupHoldSame:    {"HOLD: THE SAME", "MAINTENIR : IDENTIQUES", "MANTENER: IGUALES"},
	SetupDifferent:   {"Different", "Différents", "Diferentes"},
	SetupDifferWhy:   {"Then somebody may stand in between. Take a new invitation.", "Quelqu'un s'interpose peut-être. Prenez une nouvelle invitation.", "Puede haber alguien en medio. Tome una invitación nueva."},
	SetupFailed:      {"Not done: %s", "Pas fait : %s", "No hecho: %s"},
	SetupBack:        {"Back", "Retour", "Atrás"},
	SetupNext:        {"Next", "Suivant", "Siguiente"},
	SetupSkip:        {"None", "Aucun", "Ninguno"},
	SetupSpace:       {"space", "espace", "espacio"},
	SetupStep:        {"Step %d of %d", "Étape %d sur %d", "Paso %d de %d"},
	LettersKey:       {"Letters", "Lettres", "Letras"},
	WindowFailed:     {"The window failed %d times", "La fenêtre a échoué %d fois", "La ventana falló %d veces"},
	WindowRecorder:   {"The recorder goes on. NO ALARM SOUNDS HERE: watch the patient and the monitor.", "L'enregistreur continue. AUCUNE ALARME NE SONNE ICI : surveillez le patient et le moniteur.", "El registrador sigue. AQUÍ NO SUENA NINGUNA ALARMA: vigile al paciente y al monitor."},
	StartFailed:      {"Fieldkit cannot begin", "Fieldkit ne peut pas commencer", "Fieldkit no puede comenzar"},
	StartAgain:       {"Try again", "Réessayer", "Intentar otra vez"},
	WindowReport:     {"The report names no patient: %s", "Le rapport ne nomme aucun patient : %s", "El informe no nombra pacientes: %s"},
	WindowNoReport:   {"The report could not be written.", "Le rapport n'a pas pu être écrit.", "No se pudo escribir el informe."},
	WindowAgain:      {"Open the window again", "Rouvrir la fenêtre", "Abrir la ventana otra vez"},
	WindowClose:      {"Close", "Fermer", "Cerrar"},
}
