// A patient's numbers as rows: which, in which order, how they may be shown at
// their age; and the list that shows them as real text.

import { element, write } from "./element.js";
import { STATES, rounded, signOf, standing, unitLabel } from "./signs.js";
import { howLong, say, sayOf } from "./words.js";

/** As a crew reads them; what is not named comes after, by its number. */
export const ORDER = [1, 4, 20, 24, 10, 11, 12, 13, 14, 50, 2, 60, 70, 83, 84];

/** Signs shown as one: systolic, diastolic and mean.
 * @type {Record<number, {dia: number, mean: number, label: string}>} */
const PRESSURES = {
  20: { dia: 21, mean: 22, label: "NIBP" }, 24: { dia: 25, mean: 26, label: "ABP" }, 27: { dia: 28, mean: 29, label: "P1" },
  30: { dia: 31, mean: 32, label: "P2" }, 33: { dia: 34, mean: 35, label: "P3" }, 36: { dia: 37, mean: 38, label: "P4" },
};

/** How far apart the parts of one result may come, ms. */
const TOGETHER_MS = 2000;

const ACVPU = ["A", "C", "V", "P", "U"];

/**
 * @typedef {import("./patient.js").Held} Held
 * @typedef {{key: string, sign: string, label: string, tone: string, text: string, mean: string, unit: string,
 *   state: string, stands: "fresh" | "grey" | "gone", ageMs: number, tellsAge: boolean, doubtful: boolean, seen: string}} Row
 */

/** @param {import("./wave.js").Numeric} n */
function shownText(n) {
  if (n.text === null) return null;
  if (n.sign === 84) return ACVPU[Number(n.text)] ?? n.text;
  const s = signOf(n.sign);
  return (n.unit ?? s.unit) === s.unit ? rounded(s, n.text) : n.text;
}

/** The lowest and highest ever, by sign.
 * @typedef {Map<number, {low: number, high: number}>} Worst */

/**
 * @param {import("./patient.js").Patient} patient
 * @param {number} now the station's clock, ms
 * @param {Worst} [worst] of the record, in each sign's own unit
 * @returns {Row[]}
 */
export function rowsOf(patient, now, worst) {
  const held = [...patient.numerics.values()];
  /** @param {number} sign
   * @param {Held} like */
  const beside = (sign, like) => held.find((h) => h.numeric.sign === sign && h.numeric.site === like.numeric.site);
  /** @type {Set<Held>} */
  const inside = new Set();
  for (const h of held) {
    const p = PRESSURES[h.numeric.sign];
    for (const sign of p ? [p.dia, p.mean] : []) {
      const part = beside(sign, h);
      if (part) inside.add(part);
    }
  }
  const hasHeart = held.some((h) => h.numeric.sign === 1);
  /** @param {Held} h */
  const rank = ({ numeric: n }) => {
    if (n.sign === 2 && !hasHeart) return -1;
    const at = ORDER.indexOf(n.sign);
    return at < 0 ? 100 + n.sign : at;
  };
  return held
    .filter((h) => !inside.has(h))
    .sort((a, b) => rank(a) - rank(b))
    .map((h) => {
      const p = PRESSURES[h.numeric.sign];
      // Of two sites of one sign the record's worst may be the other's.
      const alone = held.filter((other) => other.numeric.sign === h.numeric.sign).length === 1;
      const ever = alone && h.numeric.unit === null ? worst?.get(h.numeric.sign) : undefined;
      return p ? pressure(patient, now, h, beside(p.dia, h), beside(p.mean, h), p.label, ever) : row(patient, now, h, ever);
    });
}

/** From lowest to highest, of what this page saw and of the record; "" while nothing
 * varied.
 * @param {import("./patient.js").Extremes | undefined} e
 * @param {{low: number, high: number} | undefined} ever
 * @param {import("./signs.js").Sign | null} own the sign, when both are in its own unit */
function seenWords(e, ever, own) {
  const text = (/** @type {string} */ t) => (own ? rounded(own, t) : t);
  const low = e && (!ever || e.low.value < ever.low) ? text(e.low.text) : String(ever?.low ?? "");
  const high = e && (!ever || e.high.value > ever.high) ? text(e.high.text) : String(ever?.high ?? "");
  return low !== high ? say("seenHere", low, high) : "";
}

/**
 * @param {import("./patient.js").Patient} patient
 * @param {number} now
 * @param {Held} held
 * @param {{low: number, high: number} | undefined} ever
 * @returns {Row}
 */
function row(patient, now, { numeric: n, arrivedMs }, ever) {
  const s = signOf(n.sign);
  const ageMs = Math.max(0, now - arrivedMs);
  const stands = standing(s.ageing, ageMs);
  const key = `${n.sign}/${n.site}/${n.name}`;
  const e = patient.extremes.get(key);
  const state = n.text === null ? STATES[n.state] ?? "unknown" : "measured";
  return {
    key, sign: s.code, label: [n.sign === 0 ? n.name : s.label, n.site].filter(Boolean).join(" "), tone: s.tone,
    text: shownText(n) ?? "", mean: "", unit: unitLabel(n.unit ?? s.unit),
    state: state === "measured" && stands === "gone" ? "not_measured" : state, stands, ageMs,
    tellsAge: s.ageing !== "continuous" || stands !== "fresh", doubtful: n.questionable && n.text !== null,
    seen: n.sign === 84 ? "" : seenWords(e, ever, (n.unit ?? s.unit) === s.unit ? s : null),
  };
}

/**
 * Systolic over diastolic, and the mean, of one result: what did not come with the
 * newer of the two is not shown, as in the vehicle. The age is the oldest shown part's.
 * @param {import("./patient.js").Patient} patient
 * @param {number} now
 * @param {Held} sys
 * @param {Held | undefined} dia
 * @param {Held | undefined} mean
 * @param {string} label
 * @param {{low: number, high: number} | undefined} ever
 * @returns {Row}
 */
function pressure(patient, now, sys, dia, mean, label, ever) {
  const both = sys.numeric.text !== null && dia && dia.numeric.text !== null;
  const newest = both ? Math.max(sys.arrivedMs, dia.arrivedMs) : sys.arrivedMs;
  const ofOne = [sys, dia, mean].map((h) => (h && Math.abs(newest - h.arrivedMs) <= TOGETHER_MS ? h : undefined));
  const shown = ofOne.flatMap((h) => (h ? [h] : []));
  const [s, d, m] = ofOne.map((h) => (h ? shownText(h.numeric) : null));
  const r = row(patient, now, { ...sys, arrivedMs: Math.min(...shown.map((h) => h.arrivedMs)) }, ever);
  r.label = [label, sys.numeric.site].filter(Boolean).join(" ");
  if (r.seen !== "") r.seen = `sys ${r.seen}`;
  if (r.text !== "") r.text = `${s ?? "–"}/${d ?? "–"}`;
  if (m !== null) r.mean = say("mean", m);
  r.doubtful = shown.some((h) => h.numeric.questionable && h.numeric.text !== null);
  return r;
}

/** The list of numbers on screen. It changes only what is another, so that nothing
 * flickers and a screen reader keeps its place. */
export class Numbers {
  /** @param {{seen: boolean}} options seen: with the lowest and highest this page saw */
  constructor({ seen }) {
    this.seen = seen;
    this.root = element("dl", "numbers");
    this.root.setAttribute("aria-label", say("numbersOf"));
    /** @type {Map<string, HTMLElement>} */
    this.boxes = new Map();
  }

  /** @param {Row[]} rows */
  show(rows) {
    const wanted = rows.map((r) => this.box(r));
    for (const [key, box] of this.boxes) {
      if (wanted.includes(box)) continue;
      box.remove();
      this.boxes.delete(key);
    }
    wanted.forEach((box, i) => {
      if (this.root.children[i] !== box) this.root.insertBefore(box, this.root.children[i] ?? null);
    });
  }

  /** @param {Row} r */
  box(r) {
    let box = this.boxes.get(r.key);
    if (!box) {
      box = element("div", "number");
      box.append(element("dt", "label"), element("dd", "value"), element("dd", "note"));
      if (this.seen) box.append(element("dd", "seen"));
      this.boxes.set(r.key, box);
    }
    box.className = `number ${r.tone} ${r.stands}${r.text.length > 4 ? " long" : ""}`;
    box.dataset.sign = r.sign;
    box.dataset.state = r.state;
    const [label, value, note, seen] = box.children;
    write(label, r.label);
    const why = r.text === "";
    value.className = why ? "value why" : "value";
    const parts = why ? [["digits", sayOf(r.state)]] : [["digits", r.stands === "gone" ? "- -" : r.text], ["unit", r.unit]];
    if (value.children.length !== parts.length) value.replaceChildren(...parts.map(([name, text]) => element("span", name, text)));
    parts.forEach(([, text], i) => write(value.children[i], text));
    write(note, [r.doubtful ? say("questionable") : "", r.stands === "gone" ? "" : r.mean, r.tellsAge ? say("age", howLong(r.ageMs)) : ""].filter(Boolean).join("\n"));
    if (seen) write(seen, r.seen);
    return box;
  }

  /** What is on screen, read back from it. */
  shown() {
    /** @type {Record<string, {text: string, state: string}>} */
    const out = {};
    for (const box of /** @type {HTMLCollectionOf<HTMLElement>} */ (this.root.children)) {
      out[box.dataset.sign ?? ""] = { text: box.querySelector(".digits")?.textContent ?? "", state: box.dataset.state ?? "" };
    }
    return out;
  }
}
