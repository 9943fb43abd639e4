// The numbers of the last hour as the record has them. What was not measured, and
// what was not charted, is a gap; the worst ever of the whole record stands beside.

import { element, write } from "./element.js";
import { ORDER } from "./numbers.js";
import { signOf } from "./signs.js";
import { clockTime, say } from "./words.js";

const HOUR = 3_600_000;

/** Chartings come each minute: further apart, nothing is known in between. */
const GAP_MS = 150_000;

const WIDE = 600;
const HIGH = 60;
const SVG = "http://www.w3.org/2000/svg";

/** @typedef {import("./record.js").Trend} Trend */

/** @param {string} tag
 * @param {Record<string, string | number>} attributes */
function drawn(tag, attributes) {
  const e = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, String(value));
  return e;
}

/**
 * The values with a time and a number, parted where there is a gap.
 * @param {Trend} t
 * @returns {{at: number, value: number, doubtful: boolean}[][]}
 */
export function runs(t) {
  /** @type {{at: number, value: number, doubtful: boolean}[][]} */
  const out = [];
  let last = -Infinity;
  let open = false;
  for (const p of t.points ?? []) {
    const at = Date.parse(p.at);
    if (p.value === undefined || p.value === null) {
      open = false;
      continue;
    }
    if (!open || t.spot || at - last > GAP_MS) out.push([]);
    out[out.length - 1].push({ at, value: p.value, doubtful: Boolean(p.doubtful) });
    last = at;
    open = true;
  }
  return out;
}

/** How often nothing was measured or charted in the hour.
 * @param {Trend} t */
export function gaps(t) {
  return t.spot ? 0 : Math.max(0, runs(t).length - 1);
}

export class TrendsPanel {
  constructor() {
    this.root = element("div", "trends");
    this.note = element("p", "quiet");
    this.rows = element("div", "trend-rows");
    this.root.append(this.note, this.rows);
    this.change = -1;
  }

  /** @param {import("./record.js").Record_ | null} record
   * @param {number} change */
  refresh(record, change) {
    if (change === this.change) return;
    this.change = change;
    const until = Date.parse(record?.until ?? "");
    const rank = (/** @type {Trend} */ t) => (ORDER.indexOf(t.number) < 0 ? 100 + t.number : ORDER.indexOf(t.number));
    const trends = [...(record?.trends ?? [])].filter((t) => t.lowest || t.points?.length).sort((a, b) => rank(a) - rank(b));
    if (Number.isNaN(until) || trends.length === 0) {
      write(this.note, record ? say("trendsNone") : say("recordWaits"));
      this.rows.replaceChildren();
      return;
    }
    write(this.note, say("trendsOf", clockTime(until - HOUR), clockTime(until)));
    this.rows.replaceChildren(...trends.map((t) => row(t, until)));
  }
}

/** @param {Trend} t
 * @param {number} until */
function row(t, until) {
  const s = signOf(t.number);
  const root = element("figure", `trend ${s.tone}`);
  const points = (t.points ?? []).filter((p) => p.value !== undefined && p.value !== null);
  const last = t.points?.[t.points.length - 1];
  const text = (/** @type {import("./record.js").Point | undefined} */ p) => (p?.value === undefined || p.value === null ? "" : `${p.value}`);
  const at = (/** @type {import("./record.js").Point} */ p) => clockTime(Date.parse(p.at));
  const head = element("figcaption", "trend-head");
  head.append(element("span", "trend-name", s.label));
  const now = last && text(last) !== "" ? `${text(last)} ${t.unit}` : last ? (last.state ?? say("unknown")) : say("notThisHour");
  head.append(element("strong", text(last) === "" ? "trend-now why" : "trend-now", now));
  if (last) head.append(element("span", "trend-at", say("atTime", at(last))));
  const worst = [t.lowest ? say("lowestEver", text(t.lowest), at(t.lowest)) : "", t.highest ? say("highestEver", text(t.highest), at(t.highest)) : ""].filter(Boolean);
  head.append(element("span", "trend-worst", worst.join(" · ")));
  root.append(head, picture(t, until, [s.label, now, points.length > 0 ? say("trendFrom", text(points[0]), at(points[0])) : "", ...worst, say("gapsIn", gaps(t))].filter(Boolean).join(", ")));
  return root;
}

/** @param {Trend} t
 * @param {number} until
 * @param {string} words for who cannot see it */
function picture(t, until, words) {
  const root = element("div", "trend-plot");
  const svg = drawn("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", role: "img", "aria-label": words });
  const parts = runs(t);
  const values = parts.flat().map((p) => p.value);
  const { low, high } = scale(values);
  const x = (/** @type {number} */ at) => ((at - until + HOUR) / HOUR) * WIDE;
  const y = (/** @type {number} */ v) => HIGH - 6 - ((v - low) / (high - low)) * (HIGH - 12);
  for (let quarter = 1; quarter < 4; quarter++) svg.append(drawn("line", { class: "grid", x1: (quarter * WIDE) / 4, x2: (quarter * WIDE) / 4, y1: 0, y2: HIGH }));
  for (const run of parts) {
    if (run.length > 1) svg.append(drawn("polyline", { class: "line", points: run.map((p) => `${x(p.at).toFixed(1)},${y(p.value).toFixed(1)}`).join(" ") }));
    for (const p of run) {
      if (!t.spot && run.length > 1 && !p.doubtful) continue;
      // A line without length and a round end is a dot at any width of the picture.
      svg.append(drawn("line", { class: p.doubtful ? "dot doubtful" : "dot", x1: x(p.at), x2: x(p.at) + 0.01, y1: y(p.value), y2: y(p.value) }));
    }
  }
  root.append(svg);
  if (values.length > 0) root.append(element("span", "trend-end top", String(high)), element("span", "trend-end bottom", String(low)));
  for (const end of root.querySelectorAll(".trend-end")) end.setAttribute("aria-hidden", "true");
  return root;
}

/** Between which whole numbers to draw: at least a fifth of the value apart, so that a
 * steady number does not look wild.
 * @param {number[]} values */
export function scale(values) {
  const least = Math.min(...values);
  const most = Math.max(...values);
  const lack = Math.max(0, Math.max(Math.abs(least + most) / 10, 2) - (most - least));
  return { low: Math.floor(least - lack / 2), high: Math.ceil(most + lack / 2) };
}
