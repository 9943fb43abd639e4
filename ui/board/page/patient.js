// What the page knows of one tile's patient: what came, when it was taken, what
// the page saw at worst. It draws nothing and is cleared with its tile.

import { Decoder, FrameError, NotDescribed } from "./wave.js";
import { STATES, leadOf, possible, signOf } from "./signs.js";
import { Trace } from "./trace.js";

/** How far back the page looks for tenths that did not come. */
const WATCHED_TENTHS = 300;

/** Frames that came before their description: two seconds of them wait. */
const WAITING_AT_MOST = 20;

const EVENTS_AT_MOST = 200;

/**
 * @typedef {import("./wave.js").Numeric} Numeric
 * @typedef {{text: string, value: number}} Extreme
 * @typedef {{numeric: Numeric, arrivedMs: number}} Held when it arrived at the station, by the station's clock
 * @typedef {{low: Extreme, high: Extreme}} Extremes
 * @typedef {{atMs: number, kind: "alarm" | "over" | "state" | "back" | "silent" | "heard", what: string, priority: number}} Happening by the station's clock
 */

export class Patient {
  /** @param {string} encounter as the gateway tells it; frames of another are refused */
  constructor(encounter) {
    this.encounter = encounter.replaceAll("-", "").toLowerCase();
    this.decoder = new Decoder();
    /** @type {Uint8Array[]} */
    this.waiting = [];
    /** @type {Map<string, Held>} */
    this.numerics = new Map();
    /** @type {Map<string, Extremes>} */
    this.extremes = new Map();
    /** @type {import("./wave.js").Alarm[]} */
    this.alarms = [];
    /** @type {Map<number, Trace>} by the wave's handle */
    this.traces = new Map();
    /** @type {import("./wave.js").Description | null} */
    this.description = null;
    this.mark = -1;
    /** Grows with each change of what it counts; numbers' ages are none. */
    this.changes = { numbers: 0, traces: 0, alarms: 0, events: 0 };
    this.newestTime = 0;
    this.late = 0; // frames that came after newer ones: repairs, and fills from the record
    this.firstTime = 0;
    this.newestAt = NaN; // the page's clock when the newest frame came
    this.base = NaN; // gateway time less station time, ms
    this.disk = /** @type {number | null} */ (null);
    /** @type {Set<number>} tenths of the station's clock that came */
    this.tenths = new Set();
    /** @type {Happening[]} newest last */
    this.events = [];
    this.refused = 0;
  }

  /** @param {Uint8Array} bytes
   * @param {number} atMs the page's clock */
  hearFrame(bytes, atMs) {
    let f;
    try {
      f = this.decoder.decode(bytes);
    } catch (e) {
      if (e instanceof NotDescribed) {
        if (this.waiting.length < WAITING_AT_MOST) this.waiting.push(bytes);
      } else if (e instanceof FrameError) this.refused++;
      else throw e;
      return;
    }
    if (f.description.encounter !== this.encounter) {
      this.refused++;
      return;
    }
    if (f.ended) return; // the gateway ends the tile
    this.take(f, atMs);
    const waiting = this.waiting;
    this.waiting = [];
    for (const w of waiting) this.hearFrame(w, atMs);
  }

  /** @param {import("./wave.js").Frame} f
   * @param {number} atMs */
  take(f, atMs) {
    const newest = f.time > this.newestTime || this.firstTime === 0;
    this.tenths.add(Math.round(f.time / 100));
    this.firstTime = this.firstTime === 0 ? f.time : Math.min(this.firstTime, f.time);
    if (newest) {
      this.newestTime = f.time;
      this.newestAt = atMs;
      const oldest = f.time / 100 - 2 * WATCHED_TENTHS;
      for (const t of this.tenths) if (t < oldest) this.tenths.delete(t);
    }
    this.describe(f, newest);
    for (const w of f.waves) this.traceOf(f, w.handle)?.add(f.time + w.startMs, w.samples, w.missing);
    if (!newest) {
      this.late++;
      return; // a late or filled frame draws, but its numbers are old
    }
    if (f.disk !== null) this.disk = f.disk;
    if (f.numerics) this.takeNumerics(f.time, f.full, f.numerics);
    if (f.alarms) this.takeAlarms(f.time, f.alarms);
  }

  /** @param {import("./wave.js").Frame} f
   * @param {boolean} newest */
  describe(f, newest) {
    const d = f.description;
    if (f.mark === this.mark || !newest) return;
    const before = this.description;
    this.mark = f.mark;
    this.description = d;
    this.numerics.clear();
    this.changes.numbers++;
    let changed = before?.waves.length !== d.waves.length;
    d.waves.forEach((w, handle) => {
      const old = this.traces.get(handle);
      if (old && JSON.stringify(old.wave) === JSON.stringify(w)) return;
      this.traces.set(handle, new Trace(w, w.unit ?? leadOf(w.lead, w.name).unit));
      changed = true;
    });
    for (const handle of this.traces.keys()) if (handle >= d.waves.length) this.traces.delete(handle);
    if (changed) this.changes.traces++;
  }

  /** The trace that a frame's wave belongs to. A late frame may come with a table of
   * waves of its own: then only the very same wave is it.
   * @param {import("./wave.js").Frame} f
   * @param {number} handle */
  traceOf(f, handle) {
    if (f.mark === this.mark) return this.traces.get(handle);
    const wave = JSON.stringify(f.description.waves[handle]);
    return [...this.traces.values()].find((t) => JSON.stringify(t.wave) === wave);
  }

  /** @param {number} time
   * @param {boolean} full
   * @param {Numeric[]} numerics */
  takeNumerics(time, full, numerics) {
    const before = full ? new Map(this.numerics) : this.numerics;
    if (full) this.numerics.clear();
    for (const told of numerics) {
      const s = signOf(told.sign);
      const impossible = told.text !== null && !possible(s, told.unit ?? s.unit, Number(told.text));
      const n = impossible ? { ...told, text: null, state: STATES.indexOf("withheld") } : told;
      const key = `${n.sign}/${n.site}/${n.name}`;
      const was = before.get(key)?.numeric;
      if (was?.text !== n.text || was.state !== n.state || was.questionable !== n.questionable) this.changes.numbers++;
      if (was && (was.text === null) !== (n.text === null)) {
        this.happened({ atMs: time, kind: n.text === null ? "state" : "back", what: `${n.name || s.label}|${STATES[n.state] ?? "unknown"}`, priority: 0 });
      }
      this.numerics.set(key, { numeric: n, arrivedMs: time - n.ageMs });
      if (n.text !== null && !n.questionable) this.remember(key, n.text);
    }
    if (before.size !== this.numerics.size) this.changes.numbers++;
  }

  /** @param {string} key
   * @param {string} text */
  remember(key, text) {
    const now = { text, value: Number(text) };
    const e = this.extremes.get(key);
    if (!e) this.extremes.set(key, { low: now, high: now });
    else if (now.value < e.low.value) e.low = now;
    else if (now.value > e.high.value) e.high = now;
  }

  /** @param {number} time
   * @param {import("./wave.js").Alarm[]} alarms */
  takeAlarms(time, alarms) {
    if (JSON.stringify(alarms) === JSON.stringify(this.alarms)) return;
    for (const a of alarms) {
      if (!this.alarms.some((b) => b.id === a.id)) this.happened({ atMs: time, kind: "alarm", what: a.text, priority: a.priority });
    }
    for (const b of this.alarms) {
      if (!alarms.some((a) => a.id === b.id)) this.happened({ atMs: time, kind: "over", what: b.text, priority: 0 });
    }
    this.alarms = alarms;
    this.changes.alarms++;
  }

  /** @param {Happening} h */
  happened(h) {
    this.events.push(h);
    if (this.events.length > EVENTS_AT_MOST) this.events.shift();
    this.changes.events++;
  }

  /**
   * The station's clock now, ms: as the gateway's time tells it, but never less than
   * what has passed here since the newest frame, so that an age is never too young.
   * @param {number} gatewayNow
   * @param {number} atMs the page's clock
   */
  now(gatewayNow, atMs) {
    const least = this.newestTime + (Number.isNaN(this.newestAt) ? 0 : atMs - this.newestAt);
    return Number.isNaN(this.base) ? least : Math.max(gatewayNow - this.base, least);
  }

  /** Tenths of the last half minute whose frames have not come, since the first frame. */
  missing() {
    const newest = Math.round(this.newestTime / 100);
    let missing = 0;
    for (let t = Math.max(Math.round(this.firstTime / 100), newest - WATCHED_TENTHS); t <= newest; t++) {
      if (!this.tenths.has(t)) missing++;
    }
    return missing;
  }
}
