// What was given, done and found, with its true times, and the scores with the rules
// that fired: the record, not what this page saw.

import { PARTS } from "./chart.js";
import { button, element, write } from "./element.js";
import { clockTime, say, sayOf } from "./words.js";

export class ToldPanel {
  /** @param {(of: string) => void} openStrip */
  constructor(openStrip) {
    this.openStrip = openStrip;
    this.root = element("div", "told");
    this.happened = element("ol", "told-list");
    this.scores = element("div", "scores");
    this.note = element("p", "quiet");
    const left = element("section", "told-part");
    left.append(element("h3", "", say("givenAndDone")), this.happened, this.note);
    const right = element("section", "told-part");
    right.append(element("h3", "", say("scores")), this.scores);
    this.root.append(left, right);
    this.change = -1;
  }

  /** @param {import("./record.js").Record_ | null} record
   * @param {number} change */
  refresh(record, change) {
    if (change === this.change) return;
    this.change = change;
    const rows = (record?.happened ?? []).map((t) => told(t, this.openStrip));
    this.happened.replaceChildren(...(rows.length > 0 ? rows : [element("li", "quiet", record ? say("toldNone") : say("recordWaits"))]));
    write(this.note, record?.cut ? say("recordCut") : "");
    const scores = (record?.scores ?? []).map(scored);
    this.scores.replaceChildren(...(scores.length > 0 ? scores : [element("p", "quiet", say("scoresNone"))]));
  }
}

/** @param {import("./record.js").Told} t
 * @param {(of: string) => void} openStrip */
function told(t, openStrip) {
  const row = element("li", `told-row kind-${t.kind}${t.standing ? " struck" : ""}`);
  const time = element("time", "", dayTime(Date.parse(t.at)));
  time.setAttribute("datetime", t.at);
  const text = element(t.standing ? "s" : "span", "told-text", t.text);
  row.append(time, element("span", "told-kind", sayOf(`kind_${t.kind}`)), text);
  const notes = [t.standing ? sayOf(`standing_${t.standing}`).replace("standing_", "") : "", t.unset ? say("clockUnset") : "", t.here ? say("here") : ""].filter(Boolean);
  if (notes.length > 0) row.append(element("span", "told-note", notes.join(", ")));
  if (t.kind === "snapshot" && !t.standing?.startsWith("moved")) {
    const key = button("told-open", say("open"), () => openStrip(t.ref));
    key.setAttribute("aria-label", `${say("open")}: ${t.text}`);
    row.append(key);
  }
  return row;
}

/** @param {import("./record.js").Result} s */
function scored(s) {
  const root = element("article", "scored");
  const head = element("p", "scored-head");
  head.append(element("strong", "", s.title), element("span", "scored-text", s.text));
  const rules = element("ul", "fired");
  rules.append(...(s.fired ?? []).map((f) => element("li", "", f)));
  root.append(head, rules);
  if (s.missing?.length) root.append(element("p", "scored-missing", say("missingParts", s.missing.map((m) => PARTS[m] ?? m).join(", "))));
  if (s.warnings?.length) root.append(element("p", "scored-missing", s.warnings.join(", ")));
  root.append(element("p", "quiet", s.version));
  return root;
}

/** The time of day, with the date when it is not today's.
 * @param {number} ms
 * @param {boolean} [seconds] */
export function dayTime(ms, seconds = false) {
  const today = new Date().toDateString() === new Date(ms).toDateString();
  return today ? clockTime(ms, seconds) : `${new Date(ms).toLocaleDateString()} ${clockTime(ms, seconds)}`;
}
