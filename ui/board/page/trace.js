// The last samples of one wave, by the time they were taken. What has not come, and
// what the monitor could not measure, is a gap.

/** How long samples are kept, longer than any screen shows. */
const KEPT_SECONDS = 40;

/** The least height a trace is drawn for, so that noise is not drawn as a beat: of
 * an ECG in mV; of other waves as a part of what the monitor can send. */
const LEAST_MV = 1;
const LEAST_PART = 0.06;

export class Trace {
  /** @param {import("./wave.js").WaveDescription} wave
   * @param {string} unit the wave's, or its lead's own */
  constructor(wave, unit) {
    this.wave = wave;
    this.rate = wave.rate;
    this.size = Math.max(1, Math.ceil(KEPT_SECONDS * wave.rate));
    this.ring = new Float32Array(this.size).fill(NaN);
    this.index = new Float64Array(this.size).fill(-1); // which sample stands there
    this.newest = -1;
    /** Grows when a sample comes that is not the newest: what is drawn may be old. */
    this.fills = 0;
    const range = Math.abs(wave.max - wave.min); // told in any order
    this.least = unit === "mV" && wave.scale > 0 ? LEAST_MV / wave.scale : range * LEAST_PART;
  }

  /** @param {number} timeMs of the first sample, by the station's clock
   * @param {Int32Array} samples
   * @param {Uint8Array} missing 1 where the monitor had none */
  add(timeMs, samples, missing) {
    const first = Math.round((timeMs * this.rate) / 1000);
    for (let i = 0; i < samples.length; i++) {
      const n = first + i;
      if (missing[i] || n < 0 || n <= this.newest - this.size) continue;
      const at = n % this.size;
      this.ring[at] = samples[i];
      this.index[at] = n;
      if (n < this.newest) this.fills++;
      this.newest = Math.max(this.newest, n);
    }
  }

  /** The sample, NaN where there is none.
   * @param {number} n */
  value(n) {
    const at = n % this.size;
    return n >= 0 && this.index[at] === n ? this.ring[at] : NaN;
  }

  /** Which sample is played at timeMs of the station's clock.
   * @param {number} timeMs */
  at(timeMs) {
    return Math.floor((timeMs * this.rate) / 1000);
  }

  /** How many samples of from to to are there.
   * @param {number} from
   * @param {number} to both included */
  count(from, to) {
    let count = 0;
    for (let n = Math.max(0, from); n <= to; n++) if (!Number.isNaN(this.value(n))) count++;
    return count;
  }

  /** The lowest and highest sample, null when there is none.
   * @param {number} from
   * @param {number} to both included */
  extent(from, to) {
    let low = Infinity;
    let high = -Infinity;
    for (let n = Math.max(0, from); n <= to; n++) {
      const v = this.value(n);
      if (v < low) low = v;
      if (v > high) high = v;
    }
    return low > high ? null : { low, high };
  }

  /** The lowest and highest to draw for, at least the least height apart; null when
   * there is no sample.
   * @param {number} from
   * @param {number} to both included */
  bounds(from, to) {
    const extent = this.extent(from, to);
    if (!extent) return null;
    const { low, high } = extent;
    const lack = Math.max(this.least - (high - low), high === low ? 1 : 0, 0);
    return { low: low - lack / 2, high: high + lack / 2 };
  }
}
