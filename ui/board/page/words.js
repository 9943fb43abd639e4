// The page's words, in one table. French and Spanish are not yet reviewed by a
// clinician. {0} and {1} are filled in.

export const en = {
  title: "Incoming", safety: "Secondary display. Not a certified medical device.",
  signIn: "Sign in", name: "Name", password: "Password", signOut: "Sign out",
  refused: "Name or password is wrong, or the account is locked.", slow: "Too many tries. Wait a moment.",
  noAnswer: "The hospital's station does not answer. Try again.",
  nobody: "No vehicle is on its way.", day: "Day", night: "Night", wall: "Wall size", soundOn: "Sound on", soundOff: "Sound off",
  training: "TRAINING", unknown: "unknown", back: "Back", open: "Open", dismiss: "Remove", noAlarm: "No alarm is sent",
  pageCut: "This page has no connection to the hospital's station", noSignal: "NO SIGNAL for {0}", lastHeard: "last heard {0}", neverHeard: "nothing came yet",
  live: "live over {0}", delay: "{0} old", loss: "{0} % lost", connecting: "connecting", silent: "silent for {0}",
  over: "Ended {0}", gone: "The vehicle's connection is gone", anew: "The vehicle starts anew", waiting: "Waiting for the vehicle",
  ended: "The hospital no longer receives this patient", clockOff: "the vehicle's clock is off by {0}",
  eta: "ETA {0} min", etaNow: "ETA now", etaUnknown: "ETA not known", saidAgo: "said {0} ago", acuity: "Acuity", acuityUnknown: "acuity not known",
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
    pageCut: "Cette page n'a plus de liaison avec la station de l'hôpital", noSignal: "PAS DE SIGNAL depuis {0}", lastHeard: "dernier signal {0}", neverHeard: "rien reçu encore",
    live: "en direct par {0}", delay: "âge {0}", loss: "{0} % perdus", connecting: "connexion en cours", silent: "muet depuis {0}",
    over: "Terminé {0}", gone: "La liaison du véhicule est perdue", anew: "Le véhicule redémarre", waiting: "En attente du véhicule",
    ended: "L'hôpital ne reçoit plus ce patient", clockOff: "l'horloge du véhicule est décalée de {0}",
    eta: "Arrivée {0} min", etaNow: "Arrivée imminente", etaUnknown: "Arrivée inconnue", saidAgo: "annoncé il y a {0}", acuity: "Urgence", acuityUnknown: "urgence inconnue",
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
    keys: "1 à 9 ouvre un véhicule, Échap revient.",
  },
  es: {
    title: "Llegadas", safety: "Pantalla secundaria. No es un dispositivo médico certificado.",
    signIn: "Entrar", name: "Nombre", password: "Contraseña", signOut: "Salir",
    refused: "Nombre o contraseña incorrectos, o cuenta bloqueada.", slow: "Demasiados intentos. Espere.",
    noAnswer: "La estación del hospital no responde. Inténtelo de nuevo.",
    nobody: "Ningún vehículo en camino.", day: "Día", night: "Noche", wall: "Tamaño mural", soundOn: "Sonido activado", soundOff: "Sonido apagado",
    training: "FORMACIÓN", unknown: "desconocido", back: "Volver", open: "Abrir", dismiss: "Quitar", noAlarm: "Ninguna alarma transmitida",
    pageCut: "Esta página no tiene conexión con la estación del hospital", noSignal: "SIN SEÑAL desde hace {0}", lastHeard: "última señal {0}", neverHeard: "aún no llegó nada",
    live: "en directo por {0}", delay: "edad {0}", loss: "{0} % perdido", connecting: "conectando", silent: "sin señal desde hace {0}",
    over: "Terminado {0}", gone: "Se perdió la conexión del vehículo", anew: "El vehículo reinicia", waiting: "Esperando al vehículo",
    ended: "El hospital ya no recibe a este paciente", clockOff: "el reloj del vehículo difiere {0}",
    eta: "Llegada {0} min", etaNow: "Llegada ya", etaUnknown: "Llegada desconocida", saidAgo: "dicho hace {0}", acuity: "Urgencia", acuityUnknown: "urgencia desconocida",
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
    keys: "1 a 9 abre un vehículo, Esc vuelve.",
  },
};

const asked = (globalThis.location ? new URLSearchParams(location.search).get("lang") : null) ?? globalThis.navigator?.language ?? "en";

/** The language in use, "en" when the one asked for has no table. */
export const language = Object.hasOwn(tables, asked.slice(0, 2)) ? asked.slice(0, 2) : "en";

/** @typedef {keyof typeof en} Key */

/** @param {Key} key @param {(string | number)[]} parts */
export const say = (key, ...parts) => (tables[language][key] ?? key).replace(/\{(\d)\}/g, (_, i) => String(parts[Number(i)] ?? ""));

/** A word that comes as data, such as a state's; itself when there is none. @param {string} key */
export const sayOf = (key) => (Object.hasOwn(en, key) ? say(/** @type {Key} */ (key)) : key);

/** How long, in the coarsest unit that tells. @param {number} ms */
export function howLong(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  return s < 60 ? `${s} s` : s < 3600 ? `${Math.floor(s / 60)} min` : `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

/** The time of day. @param {number} ms since 1970 @param {boolean} [seconds] */
export function clockTime(ms, seconds = false) {
  return new Date(ms).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", hour12: false, ...(seconds ? { second: "2-digit" } : {}) });
}
