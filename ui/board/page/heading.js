// What stands over a patient's numbers, in a tile and in the patient view: which
// vehicle, who, why, when, how the link is, which alarms stand; and the cover that
// says over everything that no signal comes.

import { acuity, cautions, etaWords, whoWords } from "./chart.js";
import { button, element, write } from "./element.js";
import { clockTime, howLong, say } from "./words.js";

/** @typedef {import("./coming.js").Coming} Coming */

export const GLYPHS = ["!", "!", "!!", "!!!"];
export const PRIORITIES = /** @type {const} */ (["none", "low", "medium", "high"]);

/** A vehicle's wall clock off by more is said. Ages do not depend on it. */
const CLOCK_OFF_MS = 5000;

export class Heading {
  /** @param {Coming} coming
   * @param {string} level the heading's element */
  constructor(coming, level) {
    const t = coming.told;
    this.root = element("header", "head");
    this.acuity = element("p", "acuity");
    this.acuityNumber = element("span", "acuity-number");
    this.acuityWord = element("span", "acuity-word");
    this.acuity.append(element("span", "only-read", say("acuity")), this.acuityNumber, this.acuityWord);
    const names = element("div", "names");
    names.append(element(level, "call-sign", t.callSign || t.enrolled || say("unknown")));
    if (t.enrolled && t.enrolled !== t.callSign) names.append(element("span", "enrolled", `(${t.enrolled})`));
    if (t.demo) names.append(element("strong", "training-mark", say("training")));
    this.tag = element("span", "tag");
    this.who = element("span", "who");
    this.complaint = element("span", "complaint");
    names.append(this.tag, this.who, this.complaint);
    const eta = element("p", "eta");
    this.etaBox = eta;
    this.eta = element("span", "eta-time");
    this.said = element("span", "eta-said");
    eta.append(this.eta, this.said);
    this.root.append(this.acuity, names, eta);
    this.link = element("p", "link");
    this.cautions = element("p", "cautions");
  }

  /** @param {Coming} coming
   * @param {number} gatewayNow
   * @param {number} pageSilent */
  refresh(coming, gatewayNow, pageSilent) {
    const row = coming.over ? null : coming.chart.row;
    const a = acuity(row);
    this.acuity.className = `acuity ${a.style}`;
    this.acuity.hidden = coming.over !== null;
    write(this.acuityNumber, a.number);
    write(this.acuityWord, a.word);
    write(this.tag, coming.over ? "" : coming.told.tag || say("unknown"));
    write(this.who, whoWords(row));
    write(this.complaint, coming.over ? "" : row?.complaint || say("complaintUnknown"));
    const e = etaWords(row, gatewayNow);
    this.etaBox.className = `eta${e.late && !coming.over ? " late" : ""}${e.old ? " old" : ""}`;
    write(this.eta, coming.over ? "" : e.eta);
    write(this.said, coming.over ? "" : e.said);
    write(this.link, linkWords(coming, gatewayNow, pageSilent));
    write(this.cautions, coming.over ? "" : cautions(coming.chart).join(" · "));
  }
}

/** @param {Coming} coming
 * @param {number} gatewayNow
 * @param {number} pageSilent */
function linkWords(coming, gatewayNow, pageSilent) {
  if (coming.over) return "";
  if (pageSilent > 3000) return say("pageCut");
  const l = coming.link;
  if (!l.live) return l.silentMs > 1000 ? say("silent", howLong(l.silentMs + performance.now() - coming.linkAt)) : say("connecting");
  const words = [say("live", l.lane)];
  const old = coming.now(gatewayNow) - coming.patient.newestTime;
  if (!Number.isNaN(coming.patient.newestAt)) words.push(say("delay", `${(Math.max(0, old) / 1000).toFixed(1)} s`));
  if (l.loss >= 0.01) words.push(say("loss", Math.round(100 * l.loss)));
  if (Math.abs(l.offsetMs) > CLOCK_OFF_MS) words.push(say("clockOff", howLong(Math.abs(l.offsetMs))));
  return words.join(" · ");
}

/**
 * What the record says of a live alarm: who of this hospital has seen it, and how to
 * say so; seen is null while the record does not have it yet.
 * @typedef {{by: string, under: string, seen: (() => void) | null}} Answered
 */

/** The alarms that stand, the most urgent first. */
export class AlarmList {
  /** @param {(a: import("./wave.js").Alarm) => Answered} [answer] what the record says of one; on a tile nothing */
  constructor(answer) {
    this.answer = answer;
    this.told = "";
    this.root = element("ul", "alarms");
    this.root.setAttribute("aria-label", say("alarmsHere"));
    this.change = -1;
  }

  /** @param {Coming} coming */
  refresh(coming) {
    const p = coming.patient;
    const answers = p.alarms.map((a) => this.answer?.(a));
    const told = answers.map((a) => (a ? `${a.by} ${a.under} ${a.seen !== null}` : "")).join("\n");
    if (this.change === p.changes.alarms && this.told === told) return;
    this.change = p.changes.alarms;
    this.told = told;
    const had = this.root.contains(document.activeElement);
    const rows = p.alarms.map((a, i) => ({ a, row: alarmRow(a, answers[i]) })).sort((a, b) => b.a.priority - a.a.priority).map(({ row }) => row);
    if (had) requestAnimationFrame(() => /** @type {HTMLElement | null} */ (this.root.querySelector("button"))?.focus());
    this.root.replaceChildren(...(rows.length > 0 ? rows : [element("li", "quiet", say("noAlarm"))]));
  }
}

/** @param {import("./wave.js").Alarm} a
 * @param {Answered} [answered] */
export function alarmRow(a, answered) {
  const p = PRIORITIES[a.priority];
  const row = element("li", `alarm ${p}${a.technical ? " technical" : ""}${a.acknowledged ? " seen" : ""}`);
  row.append(element("span", "glyph", GLYPHS[a.priority]), element("span", "word", say(p)));
  if (a.technical) row.append(element("span", "word", say("technical")));
  row.append(element("span", "what", a.text));
  const notes = [a.acknowledged ? say("acknowledged") : "", a.silenced ? say("silenced") : "", answered?.by ?? "", answered?.under ?? ""].filter(Boolean).join(", ");
  if (notes) row.append(element("span", "seen-by", notes));
  if (answered?.seen) {
    const key = button("see", say("weSaw"), answered.seen);
    key.setAttribute("aria-label", `${say("weSaw")}: ${a.text}`);
    row.append(key);
  }
  return row;
}

/** Says over the whole tile that nothing comes. */
export class Cover {
  constructor() {
    this.root = element("div", "overlay");
    this.root.setAttribute("role", "status");
    this.root.hidden = true;
    this.words = element("strong", "overlay-words");
    this.last = element("span", "overlay-last");
    this.root.append(this.words, this.last);
  }

  /** @param {Coming} coming
   * @param {number} gatewayNow
   * @param {number} pageSilent */
  refresh(coming, gatewayNow, pageSilent) {
    const silent = coming.silentFor(pageSilent);
    this.root.hidden = !coming.over && silent === 0;
    if (this.root.hidden) return;
    if (coming.over) {
      write(this.words, say(coming.over));
      write(this.last, say("over", clockTime(coming.overAt, true)));
      return;
    }
    write(this.words, say("noSignal", howLong(silent)));
    const never = Number.isNaN(coming.patient.newestAt);
    write(this.last, never ? say("neverHeard") : say("lastHeard", clockTime(gatewayNow - silent, true)));
  }
}
