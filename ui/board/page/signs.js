// What the page must know of signs and leads: FORMAT.md's tables, with labels,
// ageing and colours. Signal colours stay away from the alarms' red, yellow and
// cyan.

/**
 * @typedef {"continuous" | "episodic" | "lasting"} Ageing
 * @typedef {{code: string, label: string, unit: string, ageing: Ageing, tone: string}} Sign
 */

/** @param {string} code @param {string} label @param {string} unit @param {Ageing} ageing @param {string} tone @returns {Sign} */
const sign = (code, label, unit, ageing, tone) => ({ code, label, unit, ageing, tone });

/** @type {Record<number, Sign>} */
export const SIGNS = {
  1: sign("HR", "HR", "/min", "continuous", "heart"),
  2: sign("PR", "PR", "/min", "continuous", "oximetry"),
  3: sign("PR-NIBP", "PR cuff", "/min", "episodic", "pressure"),
  4: sign("SpO2", "SpO₂", "%", "continuous", "oximetry"),
  5: sign("PI", "PI", "%", "continuous", "oximetry"),
  10: sign("RR", "RR", "/min", "continuous", "breath"),
  11: sign("RR-IMP", "RR", "/min", "continuous", "breath"),
  12: sign("RR-CO2", "RR", "/min", "continuous", "breath"),
  20: sign("NIBP-SYS", "NIBP sys", "mmHg", "episodic", "pressure"),
  21: sign("NIBP-DIA", "NIBP dia", "mmHg", "episodic", "pressure"),
  22: sign("NIBP-MEAN", "NIBP mean", "mmHg", "episodic", "pressure"),
  24: sign("ABP-SYS", "ABP sys", "mmHg", "continuous", "pressure"),
  25: sign("ABP-DIA", "ABP dia", "mmHg", "continuous", "pressure"),
  50: sign("etCO2", "etCO₂", "mmHg", "continuous", "gas"),
  60: sign("TEMP", "Temp", "°C", "episodic", "warmth"),
  70: sign("GLU", "Glucose", "mg/dL", "episodic", "warmth"),
};

/** Every sign not in the table is shown by its number, never dropped. @param {number} n @returns {Sign} */
export function signOf(n) {
  return SIGNS[n] ?? sign(`sign-${n}`, `sign ${n}`, "", "continuous", "other");
}

/** @type {Record<number, {label: string, tone: string}>} */
const LEADS = {
  1: { label: "ECG I", tone: "heart" }, 2: { label: "ECG II", tone: "heart" }, 14: { label: "ECG", tone: "heart" },
  20: { label: "Pleth", tone: "oximetry" }, 21: { label: "Resp", tone: "breath" }, 22: { label: "CO₂", tone: "gas" },
  36: { label: "ABP", tone: "pressure" },
};

/** @param {number} n @param {string} name */
export function leadOf(n, name) {
  return LEADS[n] ?? { label: name || `lead ${n}`, tone: n < 20 ? "heart" : "other" };
}

/** Why there is no value, as the format counts and as the record spells. */
export const STATES = [
  "not_measured", "measured", "probe_off", "searching", "artefact", "under_range", "over_range",
  "not_calibrated", "disconnected", "withheld", "demo",
];

/**
 * How a value of that age may be shown (DESIGN.md, Safety): continuous ones grey
 * after 3 s and become dashes after 10 s; episodic ones grey after 15 min.
 * @param {Ageing} ageing @param {number} ageMs @returns {"fresh" | "grey" | "gone"}
 */
export function standing(ageing, ageMs) {
  if (ageing === "continuous") return ageMs >= 10_000 ? "gone" : ageMs >= 3_000 ? "grey" : "fresh";
  if (ageing === "episodic") return ageMs >= 900_000 ? "grey" : "fresh";
  return "fresh";
}
