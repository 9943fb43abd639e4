// The strips that the crew kept of the opened patient, and one of them on ECG paper:
// GET /strip/{encounter}/{place}?from=&to=, by range, drawn once it is whole.

import { button, element, write } from "./element.js";
import { SPEED, paper, traceOf } from "./paper.js";
import { RulerDrawer, ruler } from "./ruler.js";
import { dayTime } from "./told.js";
import { clockTime, howLong, say, sayOf } from "./words.js";

/** The longest stretch that may be asked for, ms. */
const LONGEST = 600_000;

/** What one strip may cost this page. */
const ANSWERS_AT_MOST = 100;
const SAMPLES_AT_MOST = 500_000;

/** After a failure, and while a part has not arrived, it is read again, ms. */
const AGAIN_EVERY = 5000;
const BUSY_MS = 1000;

/** How far the paper moves by a key, s. */
const MOVE = 5;

/** On the wall the paper is drawn so many times as large. */
const WALL = 2;

/**
 * @typedef {import("./record.js").By} By
 * @typedef {By & {layout: string, text: string}} StripRow
 * @typedef {By & {
 *   demo?: boolean, layout: string, says?: string, text?: string, monitors?: string[],
 *   leads: import("./paper.js").LeadName[], long: number, cut?: boolean, from: number, upto: number,
 *   runs: import("./paper.js").Run[], unread?: number, absent?: number, asked?: boolean, gone?: number,
 * }} Sheet
 */

/** Reads one strip whole, and again while a part of it is on its way. */
export class StripReader {
  /** @param {string} encounter
   * @param {string} of the strip's place
   * @param {() => void} changed */
  constructor(encounter, of, changed) {
    this.encounter = encounter;
    this.of = of;
    this.changed = changed;
    /** @type {"reading" | "whole" | "failed" | "refused"} */
    this.state = "reading";
    /** @type {Sheet | null} the strip whole; never a part of it */
    this.sheet = null;
    this.askedAt = -Infinity;
    this.asking = false;
    this.over = false;
  }

  /** Asks when it is time.
   * @param {number} at the page's clock, ms */
  async keep(at) {
    const due = this.state === "failed" || (this.state === "whole" && (this.sheet?.absent ?? 0) > 0);
    if (this.over || this.asking || (this.askedAt !== -Infinity && !(due && at - this.askedAt >= AGAIN_EVERY))) return;
    this.asking = true;
    this.askedAt = at;
    const read = await this.read().catch(() => "failed");
    this.asking = false;
    this.askedAt = performance.now();
    if (this.over) return;
    if (typeof read === "string") {
      this.state = /** @type {"failed" | "refused"} */ (read);
      if (read === "refused") this.sheet = null;
    } else {
      this.state = "whole";
      this.sheet = read;
    }
    this.changed();
  }

  /** @returns {Promise<Sheet | "failed" | "refused">} */
  async read() {
    /** @type {Sheet | null} */
    let whole = null;
    let samples = 0;
    for (let answers = 0; answers < ANSWERS_AT_MOST && !this.over; answers++) {
      const from = whole?.upto ?? 0;
      const answer = await fetch(`/strip/${encodeURIComponent(this.encounter)}/${this.of}?from=${from}&to=${LONGEST}`);
      if (answer.status === 404) return "refused";
      if (answer.status === 429) {
        await new Promise((done) => setTimeout(done, BUSY_MS));
        continue;
      }
      if (!answer.ok) return "failed";
      /** @type {Sheet} */
      const part = await answer.json();
      if (part.ref !== this.of || part.from !== from || (part.upto <= from && part.long > from)) return "failed";
      samples += part.runs.reduce((sum, r) => sum + r.samples.length, 0);
      whole = whole ? { ...part, runs: [...whole.runs, ...part.runs], unread: Math.max(whole.unread ?? 0, part.unread ?? 0) } : part;
      if (whole.upto >= whole.long) return whole;
      if (samples > SAMPLES_AT_MOST) break;
    }
    if (!whole) return "failed";
    return { ...whole, long: whole.upto, cut: true };
  }

  end() {
    this.over = true;
    this.sheet = null;
  }
}

export class StripsPanel {
  /** @param {import("./coming.js").Coming} coming
   * @param {() => void} changed */
  constructor(coming, changed) {
    this.coming = coming;
    this.changed = changed;
    this.root = element("div", "strips");
    this.list = element("ol", "strip-list");
    this.note = element("p", "quiet");
    this.lists = element("section", "strip-lists");
    this.lists.append(element("h3", "", say("strips")), this.list, this.note);
    this.sheet = element("section", "strip-sheet");
    this.sheet.hidden = true;
    this.title = element("h3", "strip-title");
    this.taken = element("p", "strip-taken");
    this.told = element("p", "strip-told");
    this.wrong = element("p", "strip-wrong");
    this.wrong.setAttribute("role", "status");
    this.size = element("p", "strip-size quiet");
    this.paper = element("div", "paper");
    this.paper.tabIndex = 0;
    this.paper.setAttribute("role", "region");
    this.paper.addEventListener("keydown", (e) => {
      const to = { ArrowRight: 1, ArrowLeft: -1, PageDown: MOVE, PageUp: -MOVE, Home: -Infinity, End: Infinity }[e.key];
      if (to === undefined) return;
      e.preventDefault();
      this.move(to);
    });
    this.ruler = new RulerDrawer(() => this.changed());
    this.all = button("strip-all", say("stripAll"), () => this.close());
    const keys = element("div", "strip-keys");
    this.earlier = button("strip-earlier", say("stripEarlier"), () => this.move(-MOVE));
    this.later = button("strip-later", say("stripLater"), () => this.move(MOVE));
    keys.append(this.all, this.earlier, this.later, button("strip-ruler", say("ruler"), () => this.ruler.toggle()), this.title);
    this.sheet.append(keys, this.ruler.root, this.taken, this.told, this.wrong, this.size, this.paper);
    this.root.append(this.lists, this.sheet);
    this.root.addEventListener("keydown", (e) => {
      if (e.key !== "Escape" || !this.reader) return;
      e.stopPropagation();
      this.close();
    });
    this.change = -1;
    /** @type {StripReader | null} */
    this.reader = null;
    /** @type {StripRow[]} */
    this.rows = [];
    this.laid = ""; // what is on the paper, and how large
    this.mm = 1;
    if (coming.strip) this.begin(coming.strip);
  }

  /** How many strips nobody has opened at this page.
   * @param {import("./record.js").Record_ | null} record */
  unopened(record) {
    return (record?.strips ?? []).filter((s) => !s.standing && !this.coming.opened.has(s.ref)).length;
  }

  /** Opens a strip, by a touch.
   * @param {string} of */
  open(of) {
    this.begin(of);
    this.changed();
    this.all.focus();
  }

  /** @param {string} of */
  begin(of) {
    this.reader?.end();
    this.reader = new StripReader(this.coming.told.encounter, of, this.changed);
    this.coming.strip = of;
    this.coming.opened.add(of);
    this.laid = "";
    this.paper.replaceChildren();
  }

  /** Back to the list. */
  close() {
    const was = this.reader?.of;
    this.drop();
    this.coming.strip = null;
    this.changed();
    for (const key of this.list.querySelectorAll("button")) if (key.dataset.of === was) key.focus();
  }

  drop() {
    this.reader?.end();
    this.reader = null;
    this.laid = "";
    this.paper.replaceChildren();
    for (const e of [this.title, this.taken, this.told, this.wrong, this.size]) write(e, "");
  }

  /** Moves the paper, at once.
   * @param {number} seconds */
  move(seconds) {
    const { scrollLeft, scrollWidth } = this.paper;
    this.paper.scrollLeft = Math.min(scrollWidth, Math.max(0, scrollLeft + seconds * SPEED * this.mm));
  }

  /**
   * @param {import("./record.js").Record_ | null} record
   * @param {number} change
   * @param {number} gatewayNow
   * @param {boolean} shown whether this panel is on screen
   */
  refresh(record, change, gatewayNow, shown) {
    if (change !== this.change) {
      this.change = change;
      this.rows = record?.strips ?? [];
      this.list.replaceChildren(...this.rows.map((s) => this.row(s)));
      write(this.note, !record ? say("recordWaits") : this.rows.length === 0 ? say("stripsNone") : record.cut ? say("recordCut") : "");
      if (this.coming.over) this.drop(); // coming.strip stays: the same patient may come back
    }
    // A strip that was moved to another patient is this one's no longer.
    const row = this.rows.find((s) => s.ref === this.reader?.of);
    if (this.reader && record && !row && !record.cut) this.close();
    this.lists.hidden = this.reader !== null;
    this.sheet.hidden = this.reader === null;
    if (!this.reader || !shown) return;
    void this.reader.keep(performance.now());
    this.tell(this.reader, row, gatewayNow);
    this.lay(this.reader.sheet);
  }

  /** @param {StripRow} s */
  row(s) {
    const item = element("li", `strip-row${s.standing ? " struck" : ""}`);
    const key = button("strip-open", "", () => this.open(s.ref));
    key.dataset.of = s.ref;
    const time = element("time", "", dayTime(Date.parse(s.at)));
    time.setAttribute("datetime", s.at);
    key.append(time, element(s.standing ? "s" : "span", "strip-text", s.text), element("span", "strip-by", say("stripBy", s.staff || say("unknown"))));
    const notes = notesOf(s);
    if (notes) key.append(element("span", "told-note", notes));
    item.append(key);
    return item;
  }

  /** @param {StripReader} reader
   * @param {StripRow | undefined} row
   * @param {number} gatewayNow */
  tell(reader, row, gatewayNow) {
    const s = reader.sheet;
    const at = Date.parse(s?.at ?? row?.at ?? "");
    write(this.title, [s?.demo ? say("training") : "", say((s?.layout ?? row?.layout) === "12-lead" ? "strip12" : "strip")].filter(Boolean).join(" · "));
    const ago = Number.isNaN(at) ? "" : say("stripAgo", howLong(gatewayNow - at));
    const taken = s ? say("stripTaken", dayTime(at, true), clockTime(at + s.long, true)) : "";
    write(this.taken, [taken, ago, say("stripBy", s?.staff || row?.staff || say("unknown"))].filter(Boolean).join(" · "));
    const told = s ? [s.text ? say("stripNote", s.text) : say("stripNoWhy"), s.says ? say("stripSays", s.says) : "", s.monitors?.length ? say("stripFrom", s.monitors.join(", ")) : "", say("stripNotST")] : [];
    write(this.told, told.filter(Boolean).join(" · "));
    write(this.wrong, wrongWords(reader, row).join(" · "));
  }

  /** Lays the strip on the paper when it is another, or of another size.
   * @param {Sheet | null} s */
  lay(s) {
    const { mm, measured } = ruler();
    const wall = document.documentElement.classList.contains("wall");
    this.mm = wall ? WALL * mm : mm;
    const laid = s ? `${s.ref} ${s.long} ${s.absent ?? 0} ${s.runs.length} ${this.mm}` : "";
    write(this.size, s ? say(!measured ? "stripNoSize" : wall ? "stripTwice" : "stripTrue") : "");
    if (laid === this.laid) return;
    this.laid = laid;
    const at = Date.parse(s?.at ?? "");
    if (!s) {
      this.paper.replaceChildren();
      return;
    }
    const traces = s.leads.map((lead, i) => traceOf(lead, s.runs.filter((r) => r.lead === i), s.long));
    this.paper.setAttribute("aria-label", say("stripPaper", traces.length));
    this.paper.replaceChildren(...paper(traces, s.long, at, this.mm));
  }
}

/** @param {By} b */
function notesOf(b) {
  return [b.standing ? sayOf(`standing_${b.standing}`).replace("standing_", "") : "", b.unset ? say("clockUnset") : "", b.here ? say("here") : ""].filter(Boolean).join(", ");
}

/** What makes a strip doubtful, or is not here.
 * @param {StripReader} reader
 * @param {StripRow | undefined} row */
function wrongWords(reader, row) {
  const s = reader.sheet;
  const words = [];
  if (reader.state === "reading") words.push(say("stripReading"));
  if (reader.state === "failed") words.push(say("stripFailed"));
  if (reader.state === "refused") words.push(say("stripRefused"));
  const notes = row ? notesOf(row) : s ? notesOf(s) : "";
  if (notes) words.push(notes);
  if (s?.absent) words.push(say("stripAbsent", s.absent), say(s.asked ? "stripAsked" : "stripNotAsked"));
  if (s?.gone) words.push(say("stripGone", s.gone));
  if (s?.unread) words.push(say("stripUnread"));
  if (s?.cut) words.push(say("stripCut", Math.round(s.long / 1000)));
  return words;
}
