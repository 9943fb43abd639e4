// What the page must know of signs and leads: FORMAT.md's tables with labels,
// possible ranges, ageing and colours. A test holds them to triage/vital. Signal
// colours stay away from the alarms' red, yellow and cyan.

/**
 * @typedef {"continuous" | "episodic" | "lasting"} Ageing
 * @typedef {{code: string, label: string, unit: string, least: number, most: number, ageing: Ageing, tone: string, places: number}} Sign
 */

/**
 * @param {string} code
 * @param {string} label
 * @param {string} unit UCUM, of a value that tells none
 * @param {number} least
 * @param {number} most what the sign can possibly be, in unit
 * @param {Ageing} ageing
 * @param {string} tone
 * @param {number} places decimals shown, in unit
 * @returns {Sign}
 */
const sign = (code, label, unit, least, most, ageing, tone, places = 0) => ({ code, label, unit, least, most, ageing, tone, places });

/** @type {Record<number, Sign>} */
export const SIGNS = {
  1: sign("HR", "HR", "/min", 0, 350, "continuous", "heart"),
  2: sign("PR", "PR", "/min", 0, 350, "continuous", "oximetry"),
  3: sign("PR-NIBP", "PR NIBP", "/min", 0, 350, "episodic", "pressure"),
  4: sign("SpO2", "SpO₂", "%", 0, 100, "continuous", "oximetry"),
  5: sign("PI", "PI", "%", 0, 50, "continuous", "oximetry", 1),
  6: sign("PVI", "PVI", "%", 0, 100, "continuous", "oximetry"),
  10: sign("RR", "RR", "/min", 0, 200, "continuous", "breath"),
  11: sign("RR-IMP", "RR imp", "/min", 0, 200, "continuous", "breath"),
  12: sign("RR-CO2", "RR CO₂", "/min", 0, 200, "continuous", "breath"),
  13: sign("RR-PLETH", "RR pleth", "/min", 0, 200, "continuous", "breath"),
  14: sign("RR-AWAY", "RR vent", "/min", 0, 200, "continuous", "breath"),
  15: sign("APNOEA", "Apnoea", "s", 0, 3600, "continuous", "breath"),
  20: sign("NIBP-SYS", "NIBP sys", "mm[Hg]", 0, 300, "episodic", "pressure"),
  21: sign("NIBP-DIA", "NIBP dia", "mm[Hg]", 0, 300, "episodic", "pressure"),
  22: sign("NIBP-MEAN", "NIBP mean", "mm[Hg]", 0, 300, "episodic", "pressure"),
  23: sign("CUFF", "Cuff", "mm[Hg]", -10, 330, "continuous", "pressure"),
  24: sign("ABP-SYS", "ABP sys", "mm[Hg]", -50, 400, "continuous", "pressure"),
  25: sign("ABP-DIA", "ABP dia", "mm[Hg]", -50, 400, "continuous", "pressure"),
  26: sign("ABP-MEAN", "ABP mean", "mm[Hg]", -50, 400, "continuous", "pressure"),
  27: sign("P1-SYS", "P1 sys", "mm[Hg]", -50, 400, "continuous", "pressure"),
  28: sign("P1-DIA", "P1 dia", "mm[Hg]", -50, 400, "continuous", "pressure"),
  29: sign("P1-MEAN", "P1 mean", "mm[Hg]", -50, 400, "continuous", "pressure"),
  30: sign("P2-SYS", "P2 sys", "mm[Hg]", -50, 400, "continuous", "pressure"),
  31: sign("P2-DIA", "P2 dia", "mm[Hg]", -50, 400, "continuous", "pressure"),
  32: sign("P2-MEAN", "P2 mean", "mm[Hg]", -50, 400, "continuous", "pressure"),
  33: sign("P3-SYS", "P3 sys", "mm[Hg]", -50, 400, "continuous", "pressure"),
  34: sign("P3-DIA", "P3 dia", "mm[Hg]", -50, 400, "continuous", "pressure"),
  35: sign("P3-MEAN", "P3 mean", "mm[Hg]", -50, 400, "continuous", "pressure"),
  36: sign("P4-SYS", "P4 sys", "mm[Hg]", -50, 400, "continuous", "pressure"),
  37: sign("P4-DIA", "P4 dia", "mm[Hg]", -50, 400, "continuous", "pressure"),
  38: sign("P4-MEAN", "P4 mean", "mm[Hg]", -50, 400, "continuous", "pressure"),
  39: sign("CVP", "CVP", "mm[Hg]", -50, 400, "continuous", "pressure"),
  50: sign("etCO2", "etCO₂", "mm[Hg]", 0, 150, "continuous", "gas"),
  51: sign("FiCO2", "FiCO₂", "mm[Hg]", 0, 150, "continuous", "gas"),
  52: sign("FiO2", "FiO₂", "%", 0, 100, "continuous", "gas"),
  53: sign("etO2", "etO₂", "%", 0, 100, "continuous", "gas"),
  54: sign("FiN2O", "FiN₂O", "%", 0, 100, "continuous", "gas"),
  55: sign("etN2O", "etN₂O", "%", 0, 100, "continuous", "gas"),
  56: sign("FiAA", "FiAA", "%", 0, 30, "continuous", "gas", 1),
  57: sign("etAA", "etAA", "%", 0, 30, "continuous", "gas", 1),
  58: sign("MAC", "MAC", "", 0, 20, "continuous", "gas", 1),
  59: sign("PAMB", "Pamb", "mm[Hg]", 200, 900, "continuous", "other"),
  60: sign("TEMP", "Temp", "Cel", 10, 50, "episodic", "warmth", 1),
  61: sign("TEMP2", "Temp 2", "Cel", 10, 50, "episodic", "warmth", 1),
  62: sign("TEMP3", "Temp 3", "Cel", 10, 50, "episodic", "warmth", 1),
  63: sign("TEMP4", "Temp 4", "Cel", 10, 50, "episodic", "warmth", 1),
  70: sign("GLU", "Glucose", "mg/dL", 1, 2000, "episodic", "warmth"),
  71: sign("KET", "Ketones", "mmol/L", 0, 30, "episodic", "warmth", 1),
  80: sign("GCS-E", "GCS E", "", 1, 4, "episodic", "other"),
  81: sign("GCS-V", "GCS V", "", 1, 5, "episodic", "other"),
  82: sign("GCS-M", "GCS M", "", 1, 6, "episodic", "other"),
  83: sign("GCS", "GCS", "", 3, 15, "episodic", "other"),
  84: sign("ACVPU", "ACVPU", "", 0, 4, "episodic", "other"),
  85: sign("PAIN", "Pain", "", 0, 10, "episodic", "other"),
  90: sign("WEIGHT", "Weight", "kg", 0.2, 700, "lasting", "other", 1),
  91: sign("HEIGHT", "Height", "cm", 20, 280, "lasting", "other"),
  92: sign("BMI", "BMI", "kg/m2", 3, 250, "lasting", "other", 1),
  100: sign("SpCO", "SpCO", "%", 0, 100, "continuous", "oximetry"),
  101: sign("SpMet", "SpMet", "%", 0, 100, "continuous", "oximetry", 1),
  102: sign("SpHb", "SpHb", "g/dL", 0, 30, "continuous", "oximetry", 1),
  103: sign("SpOC", "SpOC", "mL/dL", 0, 50, "continuous", "oximetry"),
  104: sign("SvO2", "SvO₂", "%", 0, 100, "continuous", "oximetry"),
  110: sign("PPEAK", "Ppeak", "cm[H2O]", -60, 200, "continuous", "other"),
  111: sign("PPLAT", "Pplat", "cm[H2O]", -60, 200, "continuous", "other"),
  112: sign("PMEAN", "Pmean", "cm[H2O]", -60, 200, "continuous", "other"),
  113: sign("PEEP", "PEEP", "cm[H2O]", -60, 200, "continuous", "other"),
  114: sign("VTI", "VTi", "mL", 0, 5000, "continuous", "breath"),
  115: sign("VTE", "VTe", "mL", 0, 5000, "continuous", "breath"),
  116: sign("MV", "MV", "L/min", 0, 200, "continuous", "breath", 1),
  117: sign("COMPL", "Compl", "mL/cm[H2O]", 0, 500, "continuous", "other"),
  118: sign("RAW", "Resist", "cm[H2O].s/L", 0, 1000, "continuous", "other"),
  130: sign("EEG-INDEX", "EEG index", "", 0, 100, "continuous", "other"),
  131: sign("SE", "SE", "", 0, 100, "continuous", "other"),
  132: sign("RE", "RE", "", 0, 100, "continuous", "other"),
  133: sign("BSR", "BSR", "%", 0, 100, "continuous", "other"),
  140: sign("ST-I", "ST I", "mm", -25, 25, "continuous", "heart", 1),
  141: sign("ST-II", "ST II", "mm", -25, 25, "continuous", "heart", 1),
  142: sign("ST-III", "ST III", "mm", -25, 25, "continuous", "heart", 1),
  143: sign("ST-V", "ST V", "mm", -25, 25, "continuous", "heart", 1),
  150: sign("ENERGY", "Energy", "kJ", 0, 65535, "episodic", "other"),
  151: sign("RRI", "R-R", "ms", 0, 64000, "continuous", "heart"),
  152: sign("FAT", "Body fat", "%", 0, 100, "lasting", "other", 1),
};

/** Every sign not in the table is shown by its number, never dropped.
 * @param {number} n
 * @returns {Sign} */
export function signOf(n) {
  return SIGNS[n] ?? sign(`sign-${n}`, `sign ${n}`, "", -Infinity, Infinity, "continuous", "other", 18);
}

/**
 * The digits of a value in the sign's own unit, with no more decimals than say
 * anything: some monitors send a saturation to the hundredth. Half goes away from
 * zero, as in the vehicle.
 * @param {Sign} s
 * @param {string} text
 */
export function rounded(s, text) {
  const [whole, decimals = ""] = text.split(".");
  if (decimals.length <= s.places) return text;
  const negative = whole.startsWith("-");
  const digits = (negative ? whole.slice(1) : whole) + decimals.slice(0, s.places);
  const n = (BigInt(digits) + (decimals[s.places] >= "5" ? 1n : 0n)).toString().padStart(s.places + 1, "0");
  const cut = n.length - s.places;
  const sign = negative && /[1-9]/.test(n) ? "-" : "";
  return sign + n.slice(0, cut) + (s.places > 0 ? "." + n.slice(cut) : "");
}

/** @type {Record<number, {label: string, tone: string, unit: string}>} */
export const LEADS = {
  1: { label: "ECG I", tone: "heart", unit: "mV" },
  2: { label: "ECG II", tone: "heart", unit: "mV" },
  3: { label: "ECG III", tone: "heart", unit: "mV" },
  4: { label: "ECG aVR", tone: "heart", unit: "mV" },
  5: { label: "ECG aVL", tone: "heart", unit: "mV" },
  6: { label: "ECG aVF", tone: "heart", unit: "mV" },
  7: { label: "ECG V1", tone: "heart", unit: "mV" },
  8: { label: "ECG V2", tone: "heart", unit: "mV" },
  9: { label: "ECG V3", tone: "heart", unit: "mV" },
  10: { label: "ECG V4", tone: "heart", unit: "mV" },
  11: { label: "ECG V5", tone: "heart", unit: "mV" },
  12: { label: "ECG V6", tone: "heart", unit: "mV" },
  13: { label: "ECG V", tone: "heart", unit: "mV" },
  14: { label: "ECG", tone: "heart", unit: "mV" },
  15: { label: "ECG MLII", tone: "heart", unit: "mV" },
  16: { label: "ECG pads", tone: "heart", unit: "mV" },
  20: { label: "Pleth", tone: "oximetry", unit: "" },
  21: { label: "Resp", tone: "breath", unit: "Ohm" },
  22: { label: "CO₂", tone: "gas", unit: "mm[Hg]" },
  23: { label: "O₂", tone: "gas", unit: "%" },
  24: { label: "AA", tone: "gas", unit: "%" },
  25: { label: "N₂O", tone: "gas", unit: "%" },
  30: { label: "P1", tone: "pressure", unit: "mm[Hg]" },
  31: { label: "P2", tone: "pressure", unit: "mm[Hg]" },
  32: { label: "P3", tone: "pressure", unit: "mm[Hg]" },
  33: { label: "P4", tone: "pressure", unit: "mm[Hg]" },
  34: { label: "P5", tone: "pressure", unit: "mm[Hg]" },
  35: { label: "P6", tone: "pressure", unit: "mm[Hg]" },
  36: { label: "ABP", tone: "pressure", unit: "mm[Hg]" },
  37: { label: "CVP", tone: "pressure", unit: "mm[Hg]" },
  38: { label: "Cuff", tone: "pressure", unit: "mm[Hg]" },
  40: { label: "Paw", tone: "breath", unit: "cm[H2O]" },
  41: { label: "Flow", tone: "breath", unit: "L/min" },
  42: { label: "Vol", tone: "breath", unit: "mL" },
  50: { label: "EEG 1", tone: "other", unit: "uV" },
  51: { label: "EEG 2", tone: "other", unit: "uV" },
  52: { label: "EEG 3", tone: "other", unit: "uV" },
  53: { label: "EEG 4", tone: "other", unit: "uV" },
  54: { label: "Entropy", tone: "other", unit: "uV" },
  55: { label: "BIS", tone: "other", unit: "uV" },
};

/** @param {number} n
 * @param {string} name the monitor's own */
export function leadOf(n, name) {
  return LEADS[n] ?? { label: name || `lead ${n}`, tone: "other", unit: "" };
}

/** UCUM as a person reads it.
 * @type {Record<string, string>} */
const UNIT_LABELS = {
  "mm[Hg]": "mmHg", Cel: "°C", "[degF]": "°F", "cm[H2O]": "cmH₂O", "mL/cm[H2O]": "mL/cmH₂O", "[lb_av]": "lb", "[in_i]": "in",
  uV: "µV", Ohm: "Ω", "kg/m2": "kg/m²", "cm[H2O].s/L": "cmH₂O·s/L",
};

/** @param {string} ucum */
export const unitLabel = (ucum) => UNIT_LABELS[ucum] ?? ucum;

/** The sign's own unit from another one a monitor may tell.
 * @type {Record<string, (v: number) => number>} */
const CONVERSIONS = {
  "mm[Hg]<kPa": (v) => v * 7.50062, "Cel<[degF]": (v) => ((v - 32) * 5) / 9, "mg/dL<mmol/L": (v) => v * 18.0156,
  "cm[H2O]<mbar": (v) => v * 1.01972, "cm[H2O]<kPa": (v) => v * 10.1972, "g/dL<mmol/L": (v) => v * 1.61145,
  "kg<[lb_av]": (v) => v * 0.45359237, "cm<[in_i]": (v) => v * 2.54, "cm<m": (v) => v * 100,
};

/**
 * Whether a body or its monitor can show that value at all; one that cannot be is
 * withheld. A unit that is not known here passes.
 * @param {Sign} s
 * @param {string} unit
 * @param {number} value
 */
export function possible(s, unit, value) {
  const own = unit === s.unit ? value : CONVERSIONS[`${s.unit}<${unit}`]?.(value);
  const slack = unit === s.unit ? 0 : 1e-4 * Math.max(Math.abs(s.least), Math.abs(s.most));
  return own === undefined || (own >= s.least - slack && own <= s.most + slack);
}

/** Why there is no value, as the format counts and as the record spells. */
export const STATES = [
  "not_measured", "measured", "probe_off", "searching", "artefact", "under_range", "over_range",
  "not_calibrated", "disconnected", "withheld", "demo",
];

/**
 * How a value of that age may be shown: continuous ones grey after 3 s and become
 * dashes after 10 s; episodic ones grey after 15 min.
 * @param {Ageing} ageing
 * @param {number} ageMs
 * @returns {"fresh" | "grey" | "gone"}
 */
export function standing(ageing, ageMs) {
  if (ageing === "continuous") return ageMs >= 10_000 ? "gone" : ageMs >= 3_000 ? "grey" : "fresh";
  if (ageing === "episodic") return ageMs >= 900_000 ? "grey" : "fresh";
  return "fresh";
}
