// One trace, swept from left to right by the time its samples were taken, never by
// when they arrived. What has not come is a gap. Only new columns are drawn; a
// fill of a gap that is still on screen draws the trace anew.

/** How far behind the newest sample the trace is played, so that late frames and
 * repairs are in time (measured: 300 to 400 ms). */
export const BUFFER_MS = 350;

/** What the screen holds, and how long samples are kept. */
const SECONDS = 8;
const KEPT_SECONDS = 40;

/** The dark bar ahead of the newest column, of the width. */
const BAR = 0.03;

export class Sweep {
  /** @param {HTMLCanvasElement} canvas @param {import("./wave.js").WaveDescription} wave @param {string} colour */
  constructor(canvas, wave, colour) {
    this.canvas = canvas;
    this.pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.rate = wave.rate;
    this.colour = colour;
    this.size = Math.ceil(KEPT_SECONDS * wave.rate);
    this.ring = new Float32Array(this.size).fill(NaN);
    this.index = new Float64Array(this.size).fill(-1); // which sample stands there
    this.newest = -1;
    this.played = -1; // last sample drawn
    this.low = wave.min < wave.max ? wave.min : Infinity;
    this.high = wave.min < wave.max ? wave.max : -Infinity;
    this.fixed = wave.min < wave.max;
    this.stale = true; // all of it must be drawn anew
  }

  /** @param {number} timeMs of the first sample, by the station's clock @param {Int32Array} samples @param {Uint8Array} missing */
  add(timeMs, samples, missing) {
    const first = Math.round((timeMs * this.rate) / 1000);
    for (let i = 0; i < samples.length; i++) {
      const n = first + i;
      if (n <= this.newest - this.size) continue;
      const at = n % this.size;
      if (missing[i]) continue;
      this.ring[at] = samples[i];
      this.index[at] = n;
      if (!this.fixed) {
        if (samples[i] < this.low) { this.low = samples[i]; this.stale = true; }
        if (samples[i] > this.high) { this.high = samples[i]; this.stale = true; }
      }
      if (n <= this.played && n > this.played - SECONDS * this.rate) this.stale = true;
      if (n > this.newest) this.newest = n;
    }
  }

  /** @param {number} n */
  value(n) {
    const at = n % this.size;
    return this.index[at] === n ? this.ring[at] : NaN;
  }

  /** How many samples of the window are there. */
  drawn() {
    let count = 0;
    for (let n = Math.max(0, this.played - Math.floor(SECONDS * this.rate) + 1); n <= this.played; n++) {
      if (!Number.isNaN(this.value(n))) count++;
    }
    return count;
  }

  /** Draws up to playMs of the station's clock. @param {number} playMs */
  play(playMs) {
    const { canvas, pen } = this;
    const ratio = devicePixelRatio || 1;
    const width = Math.round(canvas.clientWidth * ratio);
    const height = Math.round(canvas.clientHeight * ratio);
    if (width === 0 || height === 0) return;
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
      this.stale = true;
    }
    const to = Math.floor((playMs * this.rate) / 1000);
    const window = Math.floor(SECONDS * this.rate);
    let from = this.played;
    if (this.stale || to - from > window || to < from) {
      pen.clearRect(0, 0, width, height);
      from = to - window + Math.ceil(BAR * window);
      this.stale = false;
    }
    if (to <= from) return;
    const x = (/** @type {number} */ n) => ((n % window) / window) * width;
    const span = this.high > this.low ? this.high - this.low : 1;
    const y = (/** @type {number} */ v) => height * (0.94 - 0.88 * ((v - this.low) / span));
    const bar = Math.ceil(BAR * width);
    const column = x(to);
    const start = x(from + 1);
    if (column >= start) pen.clearRect(start, 0, column - start + bar, height);
    else {
      pen.clearRect(start, 0, width - start, height);
      pen.clearRect(0, 0, column + bar, height);
    }
    pen.strokeStyle = this.colour;
    pen.lineWidth = 2 * ratio;
    pen.lineJoin = "round";
    pen.beginPath();
    let down = false;
    for (let n = from; n <= to; n++) {
      const v = this.value(n);
      if (Number.isNaN(v) || (down && n % window === 0)) down = false;
      if (Number.isNaN(v)) continue;
      if (down) pen.lineTo(x(n), y(v));
      else pen.moveTo(x(n), y(v));
      down = true;
    }
    pen.stroke();
    this.played = to;
  }
}
