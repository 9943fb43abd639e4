// The page's words, in one table. French and Spanish are not yet reviewed by a
// clinician.

const en = {
  signIn: "Sign in", name: "Name", password: "Password", incoming: "Incoming", nobody: "No vehicle is on its way.",
  safety: "Secondary display. Not a certified medical device.", training: "TRAINING", refused: "Name or password is wrong, or the account is locked.",
  noAnswer: "The hospital's station does not answer. Try again.", slow: "Too many tries. Wait a moment.", pageCut: "This page has no connection to the hospital's station",
  noSignal: "NO SIGNAL", forTime: "for", ended: "Ended", age: "age", unknown: "unknown", questionable: "doubtful", signOut: "Sign out",
  not_measured: "not measured", probe_off: "probe off", searching: "searching", artefact: "artefact", under_range: "under range",
  over_range: "over range", not_calibrated: "not calibrated", disconnected: "disconnected", withheld: "withheld", demo: "demo",
  high: "HIGH", medium: "MEDIUM", low: "LOW", none: "ALARM", acknowledged: "seen by the crew", noAlarm: "no alarm",
};

/** @type {Record<string, typeof en>} */
const tables = {
  en,
  fr: {
    signIn: "Connexion", name: "Nom", password: "Mot de passe", incoming: "Arrivées", nobody: "Aucun véhicule en route.",
    safety: "Affichage secondaire. Pas un dispositif médical certifié.", training: "FORMATION", refused: "Nom ou mot de passe incorrect, ou compte bloqué.",
    noAnswer: "La station de l'hôpital ne répond pas. Réessayez.", slow: "Trop d'essais. Patientez.", pageCut: "Cette page n'a plus de liaison avec la station de l'hôpital",
    noSignal: "PAS DE SIGNAL", forTime: "depuis", ended: "Terminé", age: "âge", unknown: "inconnu", questionable: "douteux", signOut: "Déconnexion",
    not_measured: "non mesuré", probe_off: "capteur débranché", searching: "recherche", artefact: "artefact", under_range: "sous la plage",
    over_range: "au-dessus de la plage", not_calibrated: "non étalonné", disconnected: "déconnecté", withheld: "retenu", demo: "démo",
    high: "HAUTE", medium: "MOYENNE", low: "BASSE", none: "ALARME", acknowledged: "vue par l'équipage", noAlarm: "aucune alarme",
  },
  es: {
    signIn: "Entrar", name: "Nombre", password: "Contraseña", incoming: "Llegadas", nobody: "Ningún vehículo en camino.",
    safety: "Pantalla secundaria. No es un dispositivo médico certificado.", training: "FORMACIÓN", refused: "Nombre o contraseña incorrectos, o cuenta bloqueada.",
    noAnswer: "La estación del hospital no responde. Inténtelo de nuevo.", slow: "Demasiados intentos. Espere.", pageCut: "Esta página no tiene conexión con la estación del hospital",
    noSignal: "SIN SEÑAL", forTime: "desde hace", ended: "Terminado", age: "edad", unknown: "desconocido", questionable: "dudoso", signOut: "Salir",
    not_measured: "no medido", probe_off: "sensor desconectado", searching: "buscando", artefact: "artefacto", under_range: "bajo rango",
    over_range: "sobre rango", not_calibrated: "sin calibrar", disconnected: "desconectado", withheld: "retenido", demo: "demo",
    high: "ALTA", medium: "MEDIA", low: "BAJA", none: "ALARMA", acknowledged: "vista por el equipo", noAlarm: "sin alarma",
  },
};

const asked = new URLSearchParams(location.search).get("lang") ?? navigator.language;

/** The language in use, "en" when the one asked for has no table. */
export const language = tables[asked.slice(0, 2)] ? asked.slice(0, 2) : "en";

const words = tables[language];

/** @param {keyof typeof en} key */
export const say = (key) => words[key] ?? key;
