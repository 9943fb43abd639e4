// One vehicle that is coming: its tile at the gateway, its patient, its link, its
// chart, and what this hospital answered. When the tile ends it is emptied: what is
// left says only which vehicle it was and why nothing is shown.

import { ChartReader } from "./chart.js";
import { Patient } from "./patient.js";
import { Response } from "./response.js";

/** A link silent for that long is said over the whole tile. */
const SILENT_MS = 3000;

/**
 * The gateway's "tile" message.
 * @typedef {{tile: number, vehicle: string, encounter: string, callSign: string, enrolled: string, tag: string, monitor: string, demo: boolean}} Told
 * @typedef {{live: boolean, silent: boolean, silentMs: number, lane: string, loss: number, offsetMs: number}} LinkState
 */

/** Why a tile ended, as the gateway says it, when the vehicle itself is still
 * expected; all other ends are for good.
 * @type {Record<string, import("./words.js").Key>} */
const LOST = { "the vehicle has gone": "gone", "the vehicle started anew": "anew", "another patient or monitor": "anew", "closing": "waiting" };

export class Coming {
  /** @param {Told} told
   * @param {import("./link.js").Link} link
   * @param {() => void} answered */
  constructor(told, link, answered) {
    this.told = told;
    this.patient = new Patient(told.encounter);
    this.chart = new ChartReader(told.encounter);
    this.response = new Response(link, told.encounter, answered);
    /** @type {LinkState} */
    this.link = { live: false, silent: false, silentMs: 0, lane: "", loss: 0, offsetMs: 0 };
    this.linkAt = performance.now();
    this.beganAt = performance.now();
    /** @type {import("./words.js").Key | null} why nothing is shown any more */
    this.over = null;
    this.overAt = 0; // gateway time
    this.expected = false; // though over, the vehicle may return
    this.wasSilent = false;
    this.draft = ""; // a message to the crew that was typed and not sent
    /** @type {string | null} the place of the strip that is open */
    this.strip = null;
    /** @type {Set<string>} the strips that were opened at this page */
    this.opened = new Set();
  }

  /** @param {LinkState & {base: number}} m the gateway's "link" message */
  hearLink(m) {
    this.link = m;
    this.linkAt = performance.now();
    if (m.base > 0) this.patient.base = m.base; // before the first frame there is none
  }

  /** @param {Uint8Array} bytes */
  hearFrame(bytes) {
    if (!this.over) this.patient.hearFrame(bytes, performance.now());
  }

  /** Empties it.
   * @param {string} why the gateway's words
   * @param {number} now gateway time */
  end(why, now) {
    this.over = LOST[why] ?? "ended";
    this.expected = why in LOST;
    this.overAt = now;
    this.patient = new Patient(this.told.encounter);
    this.chart = new ChartReader(this.told.encounter);
    this.told = { ...this.told, tag: "", monitor: "" };
  }

  /** The station's clock now, ms.
   * @param {number} gatewayNow */
  now(gatewayNow) {
    return this.patient.now(gatewayNow, performance.now());
  }

  /**
   * For how long nothing came of this tile, ms, when that is too long; else 0. The
   * page counts for itself too: a link may be heard and the tile still get nothing.
   * @param {number} pageSilent how long this page heard nothing at all
   */
  silentFor(pageSilent) {
    const newest = this.patient.newestAt;
    const frames = performance.now() - (Number.isNaN(newest) ? this.beganAt : newest);
    const link = this.link.silent ? this.link.silentMs + performance.now() - this.linkAt : 0;
    const longest = Math.max(frames, link, pageSilent);
    return longest >= SILENT_MS ? longest : 0;
  }

  /** Writes down when the silence began and ended.
   * @param {number} pageSilent
   * @param {number} gatewayNow */
  watchSilence(pageSilent, gatewayNow) {
    const silent = !this.over && this.silentFor(pageSilent) > 0;
    if (silent === this.wasSilent || Number.isNaN(this.patient.newestAt)) return;
    this.wasSilent = silent;
    this.patient.happened({ atMs: silent ? this.patient.newestTime : this.now(gatewayNow), kind: silent ? "silent" : "heard", what: "", priority: 0 });
  }
}
