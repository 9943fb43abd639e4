// The page's words, in one table. French and Spanish are not yet reviewed by a
// clinician. {0} and {1} are filled in.

export const en = {
  title: "Incoming", safety: "Secondary display. Not a certified medical device.",
  signIn: "Sign in", name: "Name", password: "Password", signOut: "Sign out",
  refused: "Name or password is wrong, or the account is locked.", slow: "Too many tries. Wait a moment.",
  noAnswer: "The hospital's station does not answer. Try again.",
  nobody: "No vehicle is on its way.", day: "Day", night: "Night", wall: "Wall size", soundOn: "Sound on", soundOff: "Sound off",
  training: "TRAINING", unknown: "unknown", back: "Back", open: "Open", dismiss: "Remove", noAlarm: "No alarm is sent",
  relayCut: "The relay is not reached since {0}: no vehicle outside reaches this hospital. Tell whoever runs the network.",
  pageCut: "This page has no connection to the hospital's station", noSignal: "NO SIGNAL for {0}", lastHeard: "last heard {0}", neverHeard: "nothing came yet",
  live: "live over {0}", delay: "{0} old", loss: "{0} % lost", connecting: "connecting", silent: "silent for {0}",
  over: "Ended {0}", gone: "The vehicle's connection is gone", anew: "The vehicle starts anew", waiting: "Waiting for the vehicle",
  ended: "The hospital no longer receives this patient", clockOff: "the vehicle's clock is off by {0}",
  eta: "ETA {0} min", etaNow: "ETA now", etaLate: "ETA passed {0} ago", etaUnknown: "ETA not known", saidAgo: "said {0} ago", acuity: "Acuity", acuityUnknown: "acuity not known",
  urgency1: "Immediate", urgency2: "Very urgent", urgency3: "Urgent", urgency4: "Standard", urgency5: "Non-urgent", urgency6: "Expectant", urgency7: "Dead",
  disputed: "disputed", complaintUnknown: "complaint not known", years: "{0} y", months: "{0} mo", weeks: "{0} wk", days: "{0} d",
  male: "M", female: "F", other: "X", doubleDose: "possible double dose", notWhole: "the record here is not complete", chartAway: "the chart cannot be read",
  age: "age {0}", mean: "mean {0}", questionable: "doubtful", seenHere: "{0} to {1}", seenSince: "Beside each number: lowest to highest that this page saw since {0}. Not the whole record.",
  not_measured: "not measured", measured: "measured", probe_off: "probe off", searching: "searching", artefact: "artefact", under_range: "under range",
  over_range: "over range", not_calibrated: "not calibrated", disconnected: "disconnected", withheld: "withheld", demo: "demo",
  high: "HIGH", medium: "MEDIUM", low: "LOW", none: "ALARM", technical: "technical", acknowledged: "seen by the crew", silenced: "silenced",
  alarmsHere: "Alarms", alarmOver: "over: {0}", stateNow: "{0}: {1}", stateBack: "{0}: measured again", traceOf: "{0}, moving trace",
  events: "Seen by this page", eventsNone: "Nothing yet.", acts: "Answer the crew", numbersOf: "Numbers", noTrace: "No waveform is sent.",
  accept: "Accept", accepted: "Accepted", divert: "Divert", diverted: "Diverted", bay: "Bay", bayIs: "Bay: {0}", otherBay: "Other bay", assign: "Assign",
  team: "Call team", stroke: "Stroke", stemi: "STEMI", trauma: "Trauma", arrest: "Arrest", teamCalled: "{0} team called", callOff: "Call off {0}",
  undo: "Undo", holdTo: "hold 1 s", whyDivert: "Why? Hold to send.", noBed: "No bed", noScanner: "No CT", noTeam: "No team", unsafeHere: "Not safe here",
  sending: "sending", recorded: "recorded {0}", failed: "not recorded, try again", notKnown: "not known if recorded", refusedAct: "refused",
  newsWhole: "NEWS2 {0} ({1})", newsLeast: "NEWS2 at least {0}, incomplete", missingParts: "missing {0}",
  band_low: "low", "band_low-medium": "low to medium", band_medium: "medium", band_high: "high",
  silentNow: "no signal", silentFrom: "no signal from here", heardAgain: "signal is back",
  parts: "Parts of the patient's view", tab_live: "Live", tab_handover: "Handover", tab_trends: "Trends", tab_told: "Record", tab_messages: "Messages",
  recordWaits: "The record is being read.", recordOld: "The record could not be read for over 10 s: what stands here may be old.", recordCut: "Only the latest rows are shown.",
  handoverOf: "Handover, {0}", draft: "From the record, not yet given", notOffered: "The crew has not given the handover. This is what the record says now; it cannot be read back.",
  offeredBy: "given by {0} at {1}", takenOver: "taken over by {0} at {1}", crew: "Crew", hospital: "Hospital", here: "here",
  part_identification: "Identification", part_time: "Time", part_mechanism: "Mechanism or complaint", part_injuries: "Injuries and information", part_signs: "Signs", part_treatment: "Treatment",
  part_allergies: "Allergies", part_medicines: "Medicines", part_background: "Background", part_other: "Other",
  readRight: "Right", readWrong: "Heard otherwise", whatHeard: "What did you hear?", send: "Send", mustReadBack: "must be read back",
  readBackBy: "read back, {0}", heardBy: "heard “{0}”, {1}: open", leftToRead: "{0} still to be read back", mayTakeOver: "All that must be read back is.", takeOver: "Take over the patient (hold 1 s)",
  trendsOf: "As charted from {0} to {1}. A gap was not measured or not charted. Lines stand 15 min apart.", trendsNone: "Nothing is charted yet.", notThisHour: "not in this hour", atTime: "at {0}",
  lowestEver: "lowest ever {0} at {1}", highestEver: "highest ever {0} at {1}", trendFrom: "from {0} at {1}", gapsIn: "{0} gaps",
  givenAndDone: "Given, done and found", toldNone: "Nothing is recorded yet.", scores: "Scores", scoresNone: "Nothing to score was measured in the last 15 min.", clockUnset: "clock was not set",
  "kind_drug-given": "drug", "kind_drug-refused": "drug refused", kind_procedure: "done", kind_event: "event", kind_assessment: "found", kind_triage: "triage",
  "kind_allergy-added": "allergy", "kind_medicine-added": "takes", "kind_condition-added": "has", "kind_code-status": "resuscitation", kind_snapshot: "strip", "kind_encounter-moved": "moved",
  standing_amended: "corrected since", standing_retracted: "taken back", "standing_withdrawn tablet, not confirmed": "withdrawn tablet, not confirmed", "standing_moved to another encounter": "moved to another patient",
  messages: "Messages", messagesNone: "No message yet.", writeToCrew: "Write to the crew", toWhom: "to {0}", messageCut: "The rest is in the record.",
  weSaw: "Seen", weSawBy: "seen here by {0} at {1}", tileWrote: "Crew wrote: {0}", tileOffered: "Handover given, read it back", tileReceived: "Handover read back", tileTaken: "Patient taken over",
  seenEver: "Beside each number: lowest to highest of the record and of what this page saw since {0}.",
  keys: "1 to 9 opens a vehicle, Esc goes back.",
};

/** @type {Record<string, typeof en>} */
export const tables = {
  en,
  fr: {
    title: "Arrivées", safety: "Affichage secondaire. Pas un dispositif médical certifié.",
    signIn: "Connexion", name: "Nom", password: "Mot de passe", signOut: "Déconnexion",
    refused: "Nom ou mot de passe incorrect, ou compte bloqué.", slow: "Trop d'essais. Patientez.",
    noAnswer: "La station de l'hôpital ne répond pas. Réessayez.",
    nobody: "Aucun véhicule en route.", day: "Jour", night: "Nuit", wall: "Taille murale", soundOn: "Son activé", soundOff: "Son coupé",
    training: "FORMATION", unknown: "inconnu", back: "Retour", open: "Ouvrir", dismiss: "Retirer", noAlarm: "Aucune alarme transmise",
    relayCut: "Le relais n'est plus joint depuis {0} : aucun véhicule au dehors ne joint cet hôpital. Prévenez le responsable du réseau.",
    pageCut: "Cette page n'a plus de liaison avec la station de l'hôpital", noSignal: "PAS DE SIGNAL depuis {0}", lastHeard: "dernier signal {0}", neverHeard: "rien reçu encore",
    live: "en direct par {0}", delay: "âge {0}", loss: "{0} % perdus", connecting: "connexion en cours", silent: "muet depuis {0}",
    over: "Terminé {0}", gone: "La liaison du véhicule est perdue", anew: "Le véhicule redémarre", waiting: "En attente du véhicule",
    ended: "L'hôpital ne reçoit plus ce patient", clockOff: "l'horloge du véhicule est décalée de {0}",
    eta: "Arrivée {0} min", etaNow: "Arrivée imminente", etaLate: "Arrivée dépassée de {0}", etaUnknown: "Arrivée inconnue", saidAgo: "annoncé il y a {0}", acuity: "Urgence", acuityUnknown: "urgence inconnue",
    urgency1: "Immédiat", urgency2: "Très urgent", urgency3: "Urgent", urgency4: "Standard", urgency5: "Non urgent", urgency6: "Dépassé", urgency7: "Décédé",
    disputed: "discuté", complaintUnknown: "motif inconnu", years: "{0} ans", months: "{0} mois", weeks: "{0} sem", days: "{0} j",
    male: "H", female: "F", other: "X", doubleDose: "double dose possible", notWhole: "le dossier ici est incomplet", chartAway: "le dossier ne peut être lu",
    age: "âge {0}", mean: "moyenne {0}", questionable: "douteux", seenHere: "{0} à {1}", seenSince: "À côté de chaque valeur : minimum à maximum vus par cette page depuis {0}. Pas tout le dossier.",
    not_measured: "non mesuré", measured: "mesuré", probe_off: "capteur débranché", searching: "recherche", artefact: "artefact", under_range: "sous la plage",
    over_range: "au-dessus de la plage", not_calibrated: "non étalonné", disconnected: "déconnecté", withheld: "retenu", demo: "démo",
    high: "HAUTE", medium: "MOYENNE", low: "BASSE", none: "ALARME", technical: "technique", acknowledged: "vue par l'équipage", silenced: "son coupé",
    alarmsHere: "Alarmes", alarmOver: "fin : {0}", stateNow: "{0} : {1}", stateBack: "{0} : de nouveau mesuré", traceOf: "{0}, tracé en mouvement",
    events: "Vu par cette page", eventsNone: "Rien encore.", acts: "Répondre à l'équipage", numbersOf: "Valeurs", noTrace: "Aucun tracé n'est envoyé.",
    accept: "Accepter", accepted: "Accepté", divert: "Dérouter", diverted: "Dérouté", bay: "Box", bayIs: "Box : {0}", otherBay: "Autre box", assign: "Attribuer",
    team: "Appeler l'équipe", stroke: "AVC", stemi: "STEMI", trauma: "Trauma", arrest: "Arrêt", teamCalled: "Équipe {0} appelée", callOff: "Annuler {0}",
    undo: "Annuler", holdTo: "tenir 1 s", whyDivert: "Pourquoi ? Tenir pour envoyer.", noBed: "Pas de lit", noScanner: "Pas de scanner", noTeam: "Pas d'équipe", unsafeHere: "Pas sûr ici",
    sending: "envoi", recorded: "enregistré {0}", failed: "non enregistré ; réessayez", notKnown: "enregistrement incertain", refusedAct: "refusé",
    newsWhole: "NEWS2 {0} ({1})", newsLeast: "NEWS2 au moins {0}, incomplet", missingParts: "manque {0}",
    band_low: "faible", "band_low-medium": "faible à moyen", band_medium: "moyen", band_high: "élevé",
    silentNow: "pas de signal", silentFrom: "plus de signal à partir d'ici", heardAgain: "le signal est revenu",
    parts: "Parties de la vue du patient", tab_live: "Direct", tab_handover: "Transmission", tab_trends: "Tendances", tab_told: "Dossier", tab_messages: "Messages",
    recordWaits: "Lecture du dossier.", recordOld: "Dossier illisible depuis plus de 10 s : ce qui est affiché peut être ancien.", recordCut: "Seules les dernières lignes sont affichées.",
    handoverOf: "Transmission, {0}", draft: "D'après le dossier, pas encore transmis", notOffered: "L'équipage n'a pas encore transmis. Voici ce que dit le dossier maintenant ; il ne peut être relu.",
    offeredBy: "transmis par {0} à {1}", takenOver: "pris en charge par {0} à {1}", crew: "Équipage", hospital: "Hôpital", here: "ici",
    part_identification: "Identité", part_time: "Heure", part_mechanism: "Mécanisme ou motif", part_injuries: "Lésions et informations", part_signs: "Signes", part_treatment: "Traitement",
    part_allergies: "Allergies", part_medicines: "Médicaments", part_background: "Antécédents", part_other: "Autre",
    readRight: "Exact", readWrong: "Entendu autrement", whatHeard: "Qu'avez-vous entendu ?", send: "Envoyer", mustReadBack: "à relire",
    readBackBy: "relu, {0}", heardBy: "entendu « {0} », {1} : ouvert", leftToRead: "{0} encore à relire", mayTakeOver: "Tout ce qui doit être relu l'est.", takeOver: "Prendre en charge le patient (tenir 1 s)",
    trendsOf: "Noté de {0} à {1}. Un vide n'a pas été mesuré ou noté. Traits tous les 15 min.", trendsNone: "Rien n'est encore noté.", notThisHour: "pas dans cette heure", atTime: "à {0}",
    lowestEver: "minimum {0} à {1}", highestEver: "maximum {0} à {1}", trendFrom: "depuis {0} à {1}", gapsIn: "{0} vides",
    givenAndDone: "Donné, fait et constaté", toldNone: "Rien n'est encore enregistré.", scores: "Scores", scoresNone: "Rien à coter n'a été mesuré depuis 15 min.", clockUnset: "horloge non réglée",
    "kind_drug-given": "médicament", "kind_drug-refused": "refusé", kind_procedure: "fait", kind_event: "événement", kind_assessment: "constaté", kind_triage: "tri",
    "kind_allergy-added": "allergie", "kind_medicine-added": "prend", "kind_condition-added": "atteint de", "kind_code-status": "réanimation", kind_snapshot: "tracé", "kind_encounter-moved": "déplacé",
    standing_amended: "corrigé depuis", standing_retracted: "retiré", "standing_withdrawn tablet, not confirmed": "tablette retirée, non confirmé", "standing_moved to another encounter": "passé à un autre patient",
    messages: "Messages", messagesNone: "Aucun message.", writeToCrew: "Écrire à l'équipage", toWhom: "à {0}", messageCut: "La suite est dans le dossier.",
    weSaw: "Vu", weSawBy: "vue ici par {0} à {1}", tileWrote: "Messages de l'équipage : {0}", tileOffered: "Transmission reçue, à relire", tileReceived: "Transmission relue", tileTaken: "Patient pris en charge",
    seenEver: "À côté de chaque valeur : minimum à maximum du dossier et de ce que cette page a vu depuis {0}.",
    keys: "1 à 9 ouvre un véhicule, Échap revient.",
  },
  es: {
    title: "Llegadas", safety: "Pantalla secundaria. No es un dispositivo médico certificado.",
    signIn: "Entrar", name: "Nombre", password: "Contraseña", signOut: "Salir",
    refused: "Nombre o contraseña incorrectos, o cuenta bloqueada.", slow: "Demasiados intentos. Espere.",
    noAnswer: "La estación del hospital no responde. Inténtelo de nuevo.",
    nobody: "Ningún vehículo en camino.", day: "Día", night: "Noche", wall: "Tamaño mural", soundOn: "Sonido activado", soundOff: "Sonido apagado",
    training: "FORMACIÓN", unknown: "desconocido", back: "Volver", open: "Abrir", dismiss: "Quitar", noAlarm: "Ninguna alarma transmitida",
    relayCut: "No se alcanza el repetidor desde {0}: ningún vehículo de fuera alcanza este hospital. Avise a quien lleva la red.",
    pageCut: "Esta página no tiene conexión con la estación del hospital", noSignal: "SIN SEÑAL desde hace {0}", lastHeard: "última señal {0}", neverHeard: "aún no llegó nada",
    live: "en directo por {0}", delay: "edad {0}", loss: "{0} % perdido", connecting: "conectando", silent: "sin señal desde hace {0}",
    over: "Terminado {0}", gone: "Se perdió la conexión del vehículo", anew: "El vehículo reinicia", waiting: "Esperando al vehículo",
    ended: "El hospital ya no recibe a este paciente", clockOff: "el reloj del vehículo difiere {0}",
    eta: "Llegada {0} min", etaNow: "Llegada ya", etaLate: "Llegada vencida hace {0}", etaUnknown: "Llegada desconocida", saidAgo: "dicho hace {0}", acuity: "Urgencia", acuityUnknown: "urgencia desconocida",
    urgency1: "Inmediato", urgency2: "Muy urgente", urgency3: "Urgente", urgency4: "Normal", urgency5: "No urgente", urgency6: "Expectante", urgency7: "Fallecido",
    disputed: "en disputa", complaintUnknown: "motivo desconocido", years: "{0} a", months: "{0} m", weeks: "{0} sem", days: "{0} d",
    male: "H", female: "M", other: "X", doubleDose: "posible dosis doble", notWhole: "el registro aquí no está completo", chartAway: "no se puede leer la historia",
    age: "edad {0}", mean: "media {0}", questionable: "dudoso", seenHere: "{0} a {1}", seenSince: "Junto a cada valor: mínimo a máximo vistos por esta página desde {0}. No es todo el registro.",
    not_measured: "no medido", measured: "medido", probe_off: "sensor desconectado", searching: "buscando", artefact: "artefacto", under_range: "bajo rango",
    over_range: "sobre rango", not_calibrated: "sin calibrar", disconnected: "desconectado", withheld: "retenido", demo: "demo",
    high: "ALTA", medium: "MEDIA", low: "BAJA", none: "ALARMA", technical: "técnica", acknowledged: "vista por el equipo", silenced: "silenciada",
    alarmsHere: "Alarmas", alarmOver: "fin: {0}", stateNow: "{0}: {1}", stateBack: "{0}: medido de nuevo", traceOf: "{0}, trazo en movimiento",
    events: "Visto por esta página", eventsNone: "Nada todavía.", acts: "Responder al equipo", numbersOf: "Valores", noTrace: "No se envía ningún trazo.",
    accept: "Aceptar", accepted: "Aceptado", divert: "Desviar", diverted: "Desviado", bay: "Box", bayIs: "Box: {0}", otherBay: "Otro box", assign: "Asignar",
    team: "Llamar al equipo", stroke: "Ictus", stemi: "IAMCEST", trauma: "Trauma", arrest: "Parada", teamCalled: "Equipo {0} avisado", callOff: "Anular {0}",
    undo: "Deshacer", holdTo: "mantener 1 s", whyDivert: "¿Por qué? Mantener para enviar.", noBed: "Sin cama", noScanner: "Sin TAC", noTeam: "Sin equipo", unsafeHere: "No es seguro aquí",
    sending: "enviando", recorded: "registrado {0}", failed: "no registrado; inténtelo de nuevo", notKnown: "registro incierto", refusedAct: "rechazado",
    newsWhole: "NEWS2 {0} ({1})", newsLeast: "NEWS2 al menos {0}, incompleto", missingParts: "falta {0}",
    band_low: "bajo", "band_low-medium": "bajo a medio", band_medium: "medio", band_high: "alto",
    silentNow: "sin señal", silentFrom: "sin señal desde aquí", heardAgain: "la señal ha vuelto",
    parts: "Partes de la vista del paciente", tab_live: "Directo", tab_handover: "Traspaso", tab_trends: "Tendencias", tab_told: "Registro", tab_messages: "Mensajes",
    recordWaits: "Leyendo el registro.", recordOld: "No se pudo leer el registro desde hace más de 10 s: lo que se ve puede ser antiguo.", recordCut: "Solo se muestran las últimas filas.",
    handoverOf: "Traspaso, {0}", draft: "Según el registro, aún no entregado", notOffered: "El equipo aún no hizo el traspaso. Esto es lo que dice el registro ahora; no se puede repetir.",
    offeredBy: "entregado por {0} a las {1}", takenOver: "a cargo de {0} desde las {1}", crew: "Equipo", hospital: "Hospital", here: "aquí",
    part_identification: "Identificación", part_time: "Hora", part_mechanism: "Mecanismo o motivo", part_injuries: "Lesiones e información", part_signs: "Signos", part_treatment: "Tratamiento",
    part_allergies: "Alergias", part_medicines: "Medicamentos", part_background: "Antecedentes", part_other: "Otros",
    readRight: "Correcto", readWrong: "Entendí otra cosa", whatHeard: "¿Qué entendió?", send: "Enviar", mustReadBack: "debe repetirse",
    readBackBy: "repetido, {0}", heardBy: "se entendió «{0}», {1}: abierto", leftToRead: "{0} por repetir", mayTakeOver: "Se repitió todo lo necesario.", takeOver: "Hacerse cargo del paciente (mantener 1 s)",
    trendsOf: "Anotado de {0} a {1}. Un hueco no se midió o no se anotó. Líneas cada 15 min.", trendsNone: "Aún no hay nada anotado.", notThisHour: "no en esta hora", atTime: "a las {0}",
    lowestEver: "mínimo {0} a las {1}", highestEver: "máximo {0} a las {1}", trendFrom: "desde {0} a las {1}", gapsIn: "{0} huecos",
    givenAndDone: "Dado, hecho y hallado", toldNone: "Aún no hay nada registrado.", scores: "Escalas", scoresNone: "No se midió nada puntuable en los últimos 15 min.", clockUnset: "reloj sin ajustar",
    "kind_drug-given": "fármaco", "kind_drug-refused": "rechazado", kind_procedure: "hecho", kind_event: "suceso", kind_assessment: "hallado", kind_triage: "triaje",
    "kind_allergy-added": "alergia", "kind_medicine-added": "toma", "kind_condition-added": "tiene", "kind_code-status": "reanimación", kind_snapshot: "tira", "kind_encounter-moved": "trasladado",
    standing_amended: "corregido después", standing_retracted: "retirado", "standing_withdrawn tablet, not confirmed": "tableta retirada, sin confirmar", "standing_moved to another encounter": "pasado a otro paciente",
    messages: "Mensajes", messagesNone: "Ningún mensaje.", writeToCrew: "Escribir al equipo", toWhom: "a {0}", messageCut: "El resto está en el registro.",
    weSaw: "Vista", weSawBy: "vista aquí por {0} a las {1}", tileWrote: "Mensajes del equipo: {0}", tileOffered: "Traspaso entregado, repítalo", tileReceived: "Traspaso repetido", tileTaken: "Paciente a cargo",
    seenEver: "Junto a cada valor: mínimo a máximo del registro y de lo que vio esta página desde {0}.",
    keys: "1 a 9 abre un vehículo, Esc vuelve.",
  },
};

const asked = (globalThis.location ? new URLSearchParams(location.search).get("lang") : null) ?? globalThis.navigator?.language ?? "en";

/** The language in use, "en" when the one asked for has no table. */
export const language = Object.hasOwn(tables, asked.slice(0, 2)) ? asked.slice(0, 2) : "en";

/** @typedef {keyof typeof en} Key */

/** @param {Key} key
 * @param {(string | number)[]} parts */
export const say = (key, ...parts) => (tables[language][key] ?? key).replace(/\{(\d)\}/g, (_, i) => String(parts[Number(i)] ?? ""));

/** A word that comes as data, such as a state's; itself when there is none.
 * @param {string} key */
export const sayOf = (key) => (Object.hasOwn(en, key) ? say(/** @type {Key} */ (key)) : key);

/** How long, in the coarsest unit that tells.
 * @param {number} ms */
export function howLong(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  return s < 60 ? `${s} s` : s < 3600 ? `${Math.floor(s / 60)} min` : `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

/** The time of day.
 * @param {number} ms since 1970
 * @param {boolean} [seconds] */
export function clockTime(ms, seconds = false) {
  return new Date(ms).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", hour12: false, ...(seconds ? { second: "2-digit" } : {}) });
}
