// ECG paper: 25 mm to the second and 10 mm to the millivolt, on squares of 1 and 5 mm.
// A gap is a gap: what was not measured, and what is not here, is never joined and
// never made up. Nothing is filtered; of an ECG only the middle of its values is taken
// for the middle of its row, the same for every sample.

import { element } from "./element.js";
import { leadOf } from "./signs.js";
import { clockTime, say, sayOf } from "./words.js";

/** The scales of ECG paper, mm. */
export const SPEED = 25;
export const GAIN = 10;

/** Room of a row above and below its middle, mm: at least so much, and at most. */
const LEAST_UP = 10;
const LEAST_DOWN = 5;
const MOST = 60;

/** The height of a row that has no scale, and what it leaves free, mm. */
const UNSCALED = 20;
const EDGE = 2;

/** A letter of the words in a gap, mm wide. */
const LETTER = 1.9;

/** Samples further apart than so many of their steps are not joined. */
const APART = 1.5;

const SVG = "http://www.w3.org/2000/svg";

/**
 * A run of evenly spaced samples as the recorder gives it: start in µs after the
 * strip's begin, mv of one count, null where the monitor had none.
 * @typedef {{lead: number, start: number, rate: number, mv?: number, offset?: number, samples: (number | null)[], why?: {from: number, len: number, why: string}[]}} Run
 * @typedef {{lead: number, name: string}} LeadName
 * @typedef {{t: number, v: number}} Point ms after the begin; mV, or counts without a scale
 * @typedef {{from: number, to: number, why: string}} Hole ms after the begin
 * @typedef {{lead: LeadName, scaled: boolean, pieces: Point[][], holes: Hole[], low: number, high: number, middle: number}} Trace
 */

/**
 * One lead's samples as pieces that may each be drawn as one line, and the holes
 * between them.
 * @param {LeadName} lead
 * @param {Run[]} runs of that lead
 * @param {number} long ms of the whole strip
 * @returns {Trace}
 */
export function traceOf(lead, runs, long) {
  const ordered = [...runs].sort((a, b) => a.start - b.start);
  const scaled = ordered[0]?.mv !== undefined;
  /** @type {Trace} */
  const trace = { lead, scaled, pieces: [], holes: [], low: 0, high: 0, middle: 0 };
  let end = 0; // up to here it was measured, or is said to be a hole
  let open = false;
  let missed = false; // something since then was not measured
  let why = "";
  let step = 0;
  for (const run of ordered) {
    step = 1000 / run.rate;
    const same = (run.mv !== undefined) === scaled; // of another scale nothing is drawn as what it is not
    for (let i = 0; i < run.samples.length; i++) {
      const t = run.start / 1000 + i * step;
      if (t < end - step / 2) continue; // told twice: the first stands
      const count = run.samples[i];
      if (count === null || !same) {
        open = false;
        missed = true;
        why = run.why?.find((w) => i >= w.from && i < w.from + w.len)?.why ?? why;
        continue;
      }
      if (missed || t - end > APART * step) {
        trace.holes.push({ from: end, to: t, why });
        open = false;
      }
      if (!open) trace.pieces.push([]);
      const v = count + (run.offset ?? 0);
      trace.pieces[trace.pieces.length - 1].push({ t, v: scaled ? v * (run.mv ?? 0) : v });
      open = true;
      missed = false;
      why = "";
      end = t + step;
    }
  }
  if (missed || long - end > Math.max(APART * step, 2)) trace.holes.push({ from: end, to: long, why });
  const values = trace.pieces.flat().map((p) => p.v).sort((a, b) => a - b);
  if (values.length > 0) {
    trace.low = values[0];
    trace.high = values[values.length - 1];
    trace.middle = values[Math.floor(values.length / 2)];
  }
  return trace;
}

/**
 * Where a trace stands in its row: how high the row is and how far down a value is, mm;
 * clipped says that it goes beyond the row.
 * @param {Trace} t
 */
export function rowOf(t) {
  if (!t.scaled) {
    const span = t.high - t.low || 1;
    return { high: UNSCALED, clipped: false, y: (/** @type {number} */ v) => UNSCALED - EDGE - ((v - t.low) / span) * (UNSCALED - 2 * EDGE) };
  }
  const room = (/** @type {number} */ mv, /** @type {number} */ least) => Math.min(MOST, Math.max(least, Math.ceil((mv * GAIN + EDGE) / 5) * 5));
  const up = room(t.high - t.middle, LEAST_UP);
  const down = room(t.middle - t.low, LEAST_DOWN);
  const clipped = (t.high - t.middle) * GAIN > up || (t.middle - t.low) * GAIN > down;
  return { high: up + down, clipped, y: (/** @type {number} */ v) => up - (v - t.middle) * GAIN };
}

/** The lines of a trace as an SVG path, mm.
 * @param {Trace} t */
export function pathOf(t) {
  const row = rowOf(t);
  return t.pieces
    .map((piece) => {
      const points = piece.map((p) => `${((p.t * SPEED) / 1000).toFixed(3)} ${row.y(p.v).toFixed(3)}`);
      return `M${points[0]}${points.length > 1 ? `L${points.slice(1).join(" ")}` : "h0"}`;
    })
    .join("");
}

/** What is on a trace, for who cannot see it.
 * @param {Trace} t
 * @param {number} long ms
 * @param {number} at ms since 1970
 */
export function traceWords(t, long, at) {
  const seconds = (/** @type {number} */ ms) => (ms / 1000).toFixed(1);
  const words = [leadOf(t.lead.lead, t.lead.name).label, say("stripLong", seconds(long), clockTime(at, true)), scaleWords(t)];
  if (t.scaled && t.pieces.length > 0) words.push(say("stripRange", t.low.toFixed(2), t.high.toFixed(2)));
  words.push(t.holes.length === 0 ? say("stripNoGap") : t.holes.map((h) => say("stripGapAt", seconds(h.from), seconds(h.to), holeWords(h))).join("; "));
  return words.join(", ");
}

/** @param {Trace} t */
export const scaleWords = (t) => [say(t.scaled ? "stripScale" : "stripSpeed"), t.scaled && rowOf(t).clipped ? say("stripClipped") : ""].filter(Boolean).join(", ");

/** @param {Hole} h */
const holeWords = (h) => (h.why ? sayOf(h.why.replaceAll(" ", "_")) : say("stripGap"));

/** @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {string} [text] */
function drawn(tag, attributes, text) {
  const e = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, String(value));
  if (text !== undefined) e.textContent = text;
  return e;
}

/** A sheet of so many mm, drawn so many pixels to the mm.
 * @param {number} wide
 * @param {number} high
 * @param {number} mm pixels */
function sheet(wide, high, mm) {
  return drawn("svg", { viewBox: `0 0 ${wide} ${high}`, width: wide * mm, height: high * mm });
}

/** The squares; a row without a scale has the time's lines alone.
 * @param {number} wide
 * @param {number} high
 * @param {boolean} scaled */
function grid(wide, high, scaled) {
  let fine = "";
  let bold = "";
  for (let x = 0; x <= wide; x++) {
    if (x % 5 === 0) bold += `M${x} 0V${high}`;
    else fine += `M${x} 0V${high}`;
  }
  for (let y = 0; scaled && y <= high; y++) {
    if (y % 5 === 0) bold += `M0 ${y}H${wide}`;
    else fine += `M0 ${y}H${wide}`;
  }
  return [drawn("path", { class: "fine", d: fine }), drawn("path", { class: "bold", d: bold })];
}

/**
 * The paper with all its leads, one below another, and the time above them.
 * @param {Trace[]} traces
 * @param {number} long ms
 * @param {number} at when it begins, ms since 1970
 * @param {number} mm pixels
 */
export function paper(traces, long, at, mm) {
  const wide = Math.max(5, Math.ceil((long * SPEED) / 1000 / 5) * 5);
  const axis = sheet(wide, 6, mm);
  axis.setAttribute("class", "axis");
  axis.setAttribute("aria-hidden", "true");
  for (let s = 0; s * SPEED <= wide - 5; s++) {
    axis.append(drawn("path", { class: "tick", d: `M${s * SPEED} 4V6` }));
    axis.append(drawn("text", { x: s * SPEED + 0.5, y: 4 }, s % 5 === 0 ? clockTime(at + s * 1000, true) : `${s} s`));
  }
  const rows = traces.map((t) => {
    const row = rowOf(t);
    const root = element("figure", "lead-row");
    const picture = sheet(wide, row.high, mm);
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", traceWords(t, long, at));
    picture.append(...grid(wide, row.high, t.scaled));
    for (const h of t.holes) {
      const x = (h.from * SPEED) / 1000;
      const w = ((h.to - h.from) * SPEED) / 1000;
      picture.append(drawn("rect", { class: "hole", x, y: 0, width: w, height: row.high }));
      const words = [holeWords(h), say("stripGap")].find((text) => text.length * LETTER + 2 <= w);
      if (words) picture.append(drawn("text", { class: "hole-words", x: x + 1, y: row.high / 2 }, words));
    }
    if (t.pieces.length > 0) picture.append(drawn("path", { class: "ink", d: pathOf(t) }));
    const name = element("figcaption", "lead-name");
    name.append(element("strong", "", leadOf(t.lead.lead, t.lead.name).label), element("span", "", scaleWords(t)));
    root.append(name, picture);
    return root;
  });
  return [axis, ...rows];
}
