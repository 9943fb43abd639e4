// Draws one trace, swept from left to right by the time its samples were taken,
// never by when they arrived. It never stands still: where nothing came, the sweep
// leaves a gap. Only new columns are drawn; a fill of a gap that is still on screen
// draws the trace anew.

/** How far behind the newest sample the trace is played, so that late frames and
 * repairs are in time (measured: 300 to 400 ms). */
export const BUFFER_MS = 350;

/** What the screen holds. */
const SECONDS = 8;

/** The dark bar ahead of the newest column, of the width. */
const BAR = 0.03;

/** How much is drawn anew before new columns, in pixels of the page: wider than a
 * line and its mitre. */
const SEAM = 6;

/** Room above and below the trace, of the height. */
const MARGIN = 0.08;

export class Sweep {
  /** @param {HTMLCanvasElement} canvas
   * @param {import("./trace.js").Trace} trace */
  constructor(canvas, trace) {
    this.canvas = canvas;
    this.pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.trace = trace;
    this.played = -1; // last sample drawn
    this.fills = 0;
    this.stale = true; // all of it must be drawn anew
    this.low = 0;
    this.high = 1;
    this.colour = "";
  }

  get window() {
    return Math.max(1, Math.floor(SECONDS * this.trace.rate));
  }

  /** The oldest sample on screen when to is the newest.
   * @param {number} to */
  oldest(to) {
    return to - this.window + Math.ceil(BAR * this.window);
  }

  /** How many samples are on screen. */
  drawn() {
    return this.played < 0 ? 0 : this.trace.count(this.oldest(this.played), this.played);
  }

  /** Draws up to playMs of the station's clock.
   * @param {number} playMs */
  play(playMs) {
    const { canvas, trace } = this;
    const ratio = devicePixelRatio || 1;
    const width = Math.round(canvas.clientWidth * ratio);
    const height = Math.round(canvas.clientHeight * ratio);
    if (width === 0 || height === 0) return;
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
      this.stale = true;
    }
    const to = trace.at(playMs);
    const back = this.played - to;
    if (back >= 0 && back < trace.rate / 2 && !this.stale) return; // the clock was set back a little: wait for it
    if (trace.fills !== this.fills || back > 0 || to - this.played >= this.window) this.stale = true;
    this.fills = trace.fills;
    const wrapped = Math.floor(to / this.window) !== Math.floor(this.played / this.window);
    const coming = trace.extent(this.played + 1, to);
    if (wrapped || (coming && (coming.low < this.low || coming.high > this.high))) this.stale = true;
    if (this.stale) {
      const bounds = trace.bounds(this.oldest(to), to);
      if (bounds) ({ low: this.low, high: this.high } = bounds);
      this.colour = getComputedStyle(canvas).color;
      this.pen.clearRect(0, 0, width, height);
      this.line(this.oldest(to), to, width, height, ratio);
    } else {
      this.advance(to, width, height, ratio);
    }
    this.stale = false;
    this.played = to;
  }

  /** @param {number} n
   * @param {number} width */
  x(n, width) {
    return ((n % this.window) / this.window) * width;
  }

  /** Draws the new columns, and a few before them anew so that lines join; clears the
   * bar ahead. All of it is in one turn: a new one is drawn whole.
   * @param {number} to
   * @param {number} width
   * @param {number} height
   * @param {number} ratio */
  advance(to, width, height, ratio) {
    const { pen, window } = this;
    const turn = to - (to % window);
    const few = Math.ceil((SEAM * ratio * window) / width);
    const from = Math.max(turn, this.played - few);
    const start = Math.floor(this.x(from, width));
    const end = Math.ceil(this.x(to, width) + BAR * width);
    pen.save();
    pen.beginPath();
    pen.rect(start, 0, width - start, height);
    pen.clip();
    pen.clearRect(start, 0, end - start, height);
    this.line(Math.max(turn, from - few), to, width, height, ratio);
    pen.restore();
    if (end > width) pen.clearRect(0, 0, end - width, height);
  }

  /** @param {number} from
   * @param {number} to
   * @param {number} width
   * @param {number} height
   * @param {number} ratio */
  line(from, to, width, height, ratio) {
    const { pen, trace } = this;
    const span = this.high - this.low || 1;
    pen.strokeStyle = this.colour;
    pen.lineWidth = 2 * ratio;
    pen.lineJoin = "round";
    pen.beginPath();
    let down = false;
    for (let n = from; n <= to; n++) {
      const v = trace.value(n);
      if (Number.isNaN(v)) {
        down = false;
        continue;
      }
      const y = height * (1 - MARGIN - (1 - 2 * MARGIN) * ((v - this.low) / span));
      if (down && n % this.window !== 0) pen.lineTo(this.x(n, width), y);
      else pen.moveTo(this.x(n, width), y);
      down = true;
    }
    pen.stroke();
  }
}
