// One vehicle's patient: what came, how old it is, and how it looks.

import { Decoder, FrameError, NotDescribed } from "./wave.js";
import { Sweep, BUFFER_MS } from "./sweep.js";
import { STATES, leadOf, signOf, standing } from "./signs.js";
import { say } from "./words.js";

/** A link silent for that long is said over the whole tile (DESIGN.md, Safety). */
const SILENT_MS = 3000;

/** How far back the page looks for tenths that did not come. */
const WATCHED_TENTHS = 300;

const glyphs = ["!", "!", "!!", "!!!"];
const priorities = /** @type {const} */ (["none", "low", "medium", "high"]);

/** @param {string} tag @param {string} className @param {string} [text] */
export function element(tag, className, text) {
  const e = document.createElement(tag);
  e.className = className;
  if (text !== undefined) e.textContent = text;
  return e;
}

/** @param {number} ms */
export function ageWords(ms) {
  const s = Math.floor(ms / 1000);
  return s < 60 ? `${s} s` : s < 3600 ? `${Math.floor(s / 60)} min` : `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

export class Tile {
  /** @param {any} told the gateway's tile message */
  constructor(told) {
    this.told = told;
    this.decoder = new Decoder();
    /** @type {Map<string, {numeric: import("./wave.js").Numeric, arrivedMs: number}>} */
    this.numerics = new Map();
    /** @type {import("./wave.js").Alarm[]} */
    this.alarms = [];
    /** @type {Map<number, Sweep>} */
    this.sweeps = new Map();
    /** @type {import("./wave.js").Description | null} */
    this.description = null;
    this.fullSeq = 0;
    this.newestSeq = 0;
    this.alarmSeq = 0;
    this.newestTime = 0;
    this.firstTime = 0;
    /** @type {Set<number>} tenths of the station's clock that came */
    this.tenths = new Set();
    this.late = 0; // frames that came after newer ones: repairs and fills
    this.base = NaN; // gateway time less station time, ms
    this.link = { words: "", silent: false, silentMs: 0, at: 0 };
    this.build();
  }

  build() {
    const t = this.told;
    this.root = element("article", "tile");
    this.root.tabIndex = 0;
    this.root.dataset.tile = String(t.tile);
    if (t.demo) this.root.classList.add("training");
    this.root.setAttribute("aria-label", `${t.callSign} ${t.tag}`);
    const head = element("header", "head");
    const names = element("div", "names");
    names.append(element("h2", "call-sign", t.callSign || say("unknown")), element("span", "tag", t.tag || say("unknown")));
    if (t.enrolled && t.enrolled !== t.callSign) names.append(element("span", "enrolled", `(${t.enrolled})`));
    if (t.demo) names.append(element("strong", "training-mark", say("training")));
    this.linkText = element("p", "link");
    head.append(names, this.linkText);
    this.alarmList = element("ul", "alarms");
    this.alarmList.setAttribute("role", "status");
    this.traces = element("div", "traces");
    this.numbers = element("dl", "numbers");
    this.overlay = element("div", "overlay");
    this.overlay.setAttribute("role", "alert");
    this.overlay.hidden = true;
    const body = element("div", "body");
    body.append(this.traces, this.numbers);
    this.root.append(head, this.alarmList, body, element("p", "monitor", t.monitor), this.overlay);
  }

  /** @param {any} m the gateway's link message */
  hearLink(m) {
    this.base = m.base;
    this.link = { words: m.words, silent: m.silent, silentMs: m.silentMs, at: performance.now() };
  }

  /** @param {Uint8Array} bytes */
  hearFrame(bytes) {
    let f;
    try {
      f = this.decoder.decode(bytes);
    } catch (e) {
      if (e instanceof NotDescribed || e instanceof FrameError) return;
      throw e;
    }
    if (f.ended) return; // the gateway ends the tile
    this.tenths.add(Math.round(f.time / 100));
    if (!this.firstTime || f.time < this.firstTime) this.firstTime = f.time;
    if (f.time > this.newestTime) this.newestTime = f.time;
    for (const old of this.tenths) if (old < this.newestTime / 100 - 2 * WATCHED_TENTHS) this.tenths.delete(old);
    this.describe(f.description);
    for (const w of f.waves) this.sweeps.get(w.handle)?.add(f.time + w.startMs, w.samples, w.missing);
    if (f.time < this.newestTime) {
      this.late++;
      return; // a late or filled frame draws, but its numbers are old
    }
    this.newestSeq = f.seq;
    if (f.numerics) this.takeNumerics(f.time, f.full, f.numerics);
    if (f.alarms) {
      this.alarms = f.alarms;
      this.showAlarms();
    }
  }

  /** @param {import("./wave.js").Description} d */
  describe(d) {
    if (this.description === d) return;
    const before = this.description;
    this.description = d;
    if (before && JSON.stringify(before.waves) === JSON.stringify(d.waves)) return;
    this.sweeps.clear();
    this.traces?.replaceChildren();
    d.waves.slice(0, 4).forEach((w, handle) => {
      const lead = leadOf(w.lead, w.name);
      const figure = element("figure", `trace ${lead.tone}`);
      const canvas = document.createElement("canvas");
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", lead.label);
      figure.append(element("figcaption", "lead", lead.label), canvas);
      this.traces?.append(figure);
      this.sweeps.set(handle, new Sweep(canvas, w, getComputedStyle(figure).getPropertyValue("--tone").trim() || getComputedStyle(figure).color));
    });
  }

  /** @param {number} time @param {boolean} full @param {import("./wave.js").Numeric[]} numerics */
  takeNumerics(time, full, numerics) {
    if (full) this.numerics.clear();
    for (const n of numerics) {
      this.numerics.set(`${n.sign}/${n.site}/${n.name}`, { numeric: n, arrivedMs: time - n.ageMs });
    }
  }

  showAlarms() {
    const rows = this.alarms.map((a) => {
      const p = priorities[a.priority];
      const row = element("li", `alarm ${p}${a.technical ? " technical" : ""}${a.acknowledged ? " seen" : ""}`);
      row.append(element("span", "glyph", glyphs[a.priority]), element("span", "word", say(p)), element("span", "what", a.text));
      if (a.acknowledged) row.append(element("span", "seen-by", say("acknowledged")));
      return row;
    });
    this.alarmList?.replaceChildren(...rows);
    this.root?.classList.toggle("alarming", this.alarms.some((a) => a.priority === 3 && !a.acknowledged));
  }

  /** The station's clock now, ms, as the gateway's time and base tell it. @param {number} gatewayNow */
  stationNow(gatewayNow) {
    return Number.isNaN(this.base) ? this.newestTime : gatewayNow - this.base;
  }

  /** Brings traces up to date; at most once an animation frame. @param {number} gatewayNow */
  draw(gatewayNow) {
    const play = Math.min(this.stationNow(gatewayNow) - BUFFER_MS, this.newestTime + 100);
    for (const s of this.sweeps.values()) s.play(Math.max(play, 0));
  }

  /** Brings numbers, ages and the overlay up to date, a few times a second.
   * @param {number} gatewayNow @param {number} pageSilent how long this page heard nothing, ms */
  refresh(gatewayNow, pageSilent) {
    const now = this.stationNow(gatewayNow);
    const rows = [...this.numerics.values()]
      .sort((a, b) => order(a.numeric.sign) - order(b.numeric.sign))
      .map(({ numeric, arrivedMs }) => this.row(numeric, Math.max(0, now - arrivedMs)));
    const wanted = rows.map((r) => r.key).join();
    if (this.numbers && this.numbers.dataset.rows !== wanted) {
      this.numbers.dataset.rows = wanted;
      this.numbers.replaceChildren(...rows.map((r) => r.element));
    } else {
      rows.forEach((r, i) => {
        const there = this.numbers?.children[i];
        if (there && there.outerHTML !== r.element.outerHTML) there.replaceWith(r.element);
      });
    }
    const silentMs = Math.max(this.link.silentMs + (this.link.silent ? performance.now() - this.link.at : 0), pageSilent);
    const silent = this.link.silent || pageSilent >= SILENT_MS;
    if (this.linkText) this.linkText.textContent = pageSilent >= SILENT_MS ? say("pageCut") : this.link.words;
    if (this.overlay) {
      this.overlay.hidden = !silent;
      const words = `${say("noSignal")} ${say("forTime")} ${ageWords(silentMs)}`;
      if (silent && this.overlay.textContent !== words) this.overlay.textContent = words;
    }
    this.root?.classList.toggle("silent", silent);
  }

  /** @param {import("./wave.js").Numeric} n @param {number} ageMs */
  row(n, ageMs) {
    const s = signOf(n.sign);
    const stands = standing(s.ageing, ageMs);
    const box = element("div", `number ${s.tone} ${stands}`);
    box.dataset.sign = s.code;
    box.dataset.state = n.text === null ? STATES[n.state] ?? "not_measured" : stands === "gone" ? "not_measured" : "measured";
    const label = element("dt", "label", n.sign === 0 ? n.name : s.label);
    const value = element("dd", "value");
    if (n.text === null) {
      value.classList.add("why");
      value.textContent = say(/** @type {any} */ (STATES[n.state] ?? "unknown"));
    } else {
      value.append(element("span", "digits", stands === "gone" ? "- -" : n.text), element("span", "unit", n.unit || s.unit));
    }
    box.append(label, value);
    if (n.questionable && n.text !== null) box.append(element("dd", "doubt", say("questionable")));
    if (s.ageing === "episodic" || stands !== "fresh") box.append(element("dd", "age", ageWords(ageMs)));
    return { key: `${n.sign}/${n.site}/${n.name}`, element: box };
  }

  /** What is on screen, read back from it. */
  shown() {
    /** @type {Record<string, {text: string, state: string}>} */
    const numbers = {};
    for (const box of this.root?.querySelectorAll(".number") ?? []) {
      const b = /** @type {HTMLElement} */ (box);
      numbers[b.dataset.sign ?? ""] = { text: b.querySelector(".digits, .why")?.textContent ?? "", state: b.dataset.state ?? "" };
    }
    const newest = Math.round(this.newestTime / 100);
    let missing = 0;
    for (let t = Math.max(Math.round(this.firstTime / 100), newest - WATCHED_TENTHS); t <= newest; t++) {
      if (!this.tenths.has(t)) missing++;
    }
    const drawn = [...this.sweeps.values()].reduce((sum, s) => sum + s.drawn(), 0);
    return { numbers, silent: this.overlay ? !this.overlay.hidden : false, drawn, missing, late: this.late };
  }
}

/** SpO2 first, then heart and pulse, breath, pressures: as a crew reads them. @param {number} sign */
function order(sign) {
  const first = [1, 4, 2, 10, 11, 12, 20, 21, 22];
  const at = first.indexOf(sign);
  return at < 0 ? 100 + sign : at;
}
