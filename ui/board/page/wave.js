// The live frame, version 1: a decoder written from telemetry/wave/FORMAT.md.
// Whatever breaks a limit of the format throws, and nothing of the frame is used.

/**
 * A unit of null is the sign's or lead's own.
 * @typedef {{encounter: string, station: string, boot: string, epoch: string, demo: boolean,
 *   tag: string, monitor: string, callSign: string, waves: WaveDescription[]}} Description
 * @typedef {{lead: number, rate: number, scale: number, offset: number, unit: string | null,
 *   min: number, max: number, name: string}} WaveDescription
 * @typedef {{sign: number, name: string, site: string, unit: string | null, text: string | null,
 *   state: number, ageMs: number, questionable: boolean, aperiodic: boolean}} Numeric
 * @typedef {{id: number, priority: number, technical: boolean, acknowledged: boolean, silenced: boolean, text: string}} Alarm
 * @typedef {{handle: number, startMs: number, samples: Int32Array, missing: Uint8Array}} Wave
 * @typedef {{seq: number, time: number, mark: number, description: Description, ended: boolean,
 *   wall: number | null, trust: number, disk: number | null, full: boolean, numerics: Numeric[] | null,
 *   alarms: Alarm[] | null, waves: Wave[]}} Frame
 */

export const VERSION = 1;

const MAX_FRAME = 16384;
const MAX_SAMPLES = 8192;
const KEPT_DESCRIPTIONS = 4;
const MEASURED = 1;

/** Thrown for bytes that are no frame. */
export class FrameError extends Error {}

/** Thrown for a frame whose description has not come: nothing of it may be shown. */
export class NotDescribed extends Error {}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n >>> 0;
});

/** @param {Uint8Array} bytes */
function crc32(bytes) {
  let c = 0xffffffff;
  for (const b of bytes) c = crcTable[(c ^ b) & 0xff] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

class Reader {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  /** @param {number} n */
  take(n) {
    if (n > this.bytes.length - this.at) throw new FrameError("it ends too early");
    this.at += n;
    return this.bytes.subarray(this.at - n, this.at);
  }

  byte() {
    return this.take(1)[0];
  }

  /** @param {bigint} limit
   * @returns {bigint} */
  big(limit) {
    let v = 0n;
    for (let shift = 0n; ; shift += 7n) {
      if (shift > 63n) throw new FrameError("a number is too long");
      const b = this.byte();
      v |= BigInt(b & 0x7f) << shift;
      if (b < 0x80) break;
    }
    if (v >= limit) throw new FrameError("a number is too large");
    return v;
  }

  /** @param {number} limit below which the number must be, at most 2^53 */
  uvarint(limit) {
    return Number(this.big(BigInt(limit)));
  }

  signed() {
    const z = this.big(1n << 64n);
    return z & 1n ? -((z + 1n) >> 1n) : z >> 1n;
  }

  int32() {
    const v = this.signed();
    if (v < -(1n << 31n) || v >= 1n << 31n) throw new FrameError("a number does not fit 32 bits");
    return Number(v);
  }

  text() {
    const n = this.byte();
    try {
      return utf8.decode(this.take(n));
    } catch (e) {
      throw e instanceof FrameError ? e : new FrameError("a text is not UTF-8");
    }
  }

  decimal() {
    const exponent = (this.byte() << 24) >> 24;
    if (exponent < -18 || exponent > 18) throw new FrameError("an exponent is out of range");
    return decimalText(this.mantissa(), exponent);
  }

  mantissa() {
    const m = this.signed();
    if (m >= 10n ** 18n || m <= -(10n ** 18n)) throw new FrameError("a mantissa is too large");
    return m;
  }

  /** @param {number} n */
  hex(n) {
    return Array.from(this.take(n), (b) => b.toString(16).padStart(2, "0")).join("");
  }
}

/** The digits the monitor showed: 3660 x 10^-2 is "36.60".
 * @param {bigint} m
 * @param {number} exponent */
function decimalText(m, exponent) {
  if (exponent >= 0) return (m * 10n ** BigInt(exponent)).toString();
  const negative = m < 0n;
  const digits = (negative ? -m : m).toString().padStart(1 - exponent, "0");
  const cut = digits.length + exponent;
  return (negative ? "-" : "") + digits.slice(0, cut) + "." + digits.slice(cut);
}

/** @param {Uint8Array} bytes
 * @returns {Description} */
function readDescription(bytes) {
  const r = new Reader(bytes);
  const d = {
    encounter: r.hex(16), station: r.hex(32), boot: r.hex(16), epoch: r.hex(16),
    demo: false, tag: "", monitor: "", callSign: "", waves: /** @type {WaveDescription[]} */ ([]),
  };
  const demo = r.byte();
  if (demo > 1) throw new FrameError("neither a patient nor a demonstration");
  d.demo = demo === 1;
  d.tag = r.text();
  d.monitor = r.text();
  d.callSign = r.text();
  const count = r.byte();
  if (count > 64) throw new FrameError("too many waves");
  for (let i = 0; i < count; i++) {
    const lead = r.uvarint(65536);
    const flags = r.byte();
    if (flags > 7) throw new FrameError("a wave has flags of a later version");
    const w = { lead, rate: Number(r.decimal()), scale: Number(r.decimal()), offset: r.int32(), unit: /** @type {string | null} */ (null), min: 0, max: 0, name: "" };
    if (!(w.rate > 0)) throw new FrameError("a wave has no rate");
    if (flags & 1) w.unit = r.text();
    if (flags & 2) {
      w.min = r.int32();
      w.max = r.int32();
    }
    if (flags & 4) w.name = r.text();
    d.waves.push(w);
  }
  if (r.at !== bytes.length) throw new FrameError("a description has bytes left over");
  return d;
}

class Bits {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0; // in bits
  }

  bit() {
    const byte = this.bytes[this.at >> 3];
    if (byte === undefined) throw new FrameError("the samples end too early");
    const b = (byte >> (7 - (this.at & 7))) & 1;
    this.at++;
    return b;
  }

  /** @param {number} n at most 40 */
  number(n) {
    let v = 0;
    for (let i = 0; i < n; i++) v = v * 2 + this.bit();
    return v;
  }

  /** @param {number} k */
  rice(k) {
    let q = 0;
    while (this.bit()) if (++q === 20) return this.number(40);
    return q * 2 ** k + this.number(k);
  }
}

/** @param {number} u */
const unzigzag = (u) => (u % 2 ? -(u + 1) / 2 : u / 2);

/** One run of samples, into out from index from.
 * @param {Bits} bits
 * @param {Int32Array} out
 * @param {number} from
 * @param {number} n
 * @param {number} offset */
function readRun(bits, out, from, n, offset) {
  const order = bits.number(2);
  const k = bits.number(4);
  const length = bits.number(6);
  if (length > 34) throw new FrameError("a first sample is too long");
  for (let i = 0; i < n; i++) {
    const x = from + i;
    let v;
    if (i === 0) {
      v = unzigzag(bits.number(length)) - offset;
    } else {
      const p = [0, out[x - 1], 2 * out[x - 1] - out[x - 2], 3 * out[x - 1] - 3 * out[x - 2] + out[x - 3]][Math.min(order, i)];
      v = unzigzag(bits.rice(k)) + p;
    }
    if (v < -(2 ** 31) || v >= 2 ** 31) throw new FrameError("a sample does not fit 32 bits");
    out[x] = v;
  }
}

/** Decodes the frames of one stream, in any order, with losses and repeats. */
export class Decoder {
  constructor() {
    /** @type {Map<number, Description>} in the order learned */
    this.known = new Map();
  }

  /** @param {Uint8Array} bytes
   * @returns {Frame} */
  decode(bytes) {
    if (bytes.length > MAX_FRAME) throw new FrameError("it is too large");
    const r = new Reader(bytes);
    if (r.byte() !== VERSION) throw new FrameError("it is of another version");
    const flags = r.byte();
    const seq = r.uvarint(2 ** 53);
    const time = r.uvarint(9223372036855);
    const [a, b, c, d] = r.take(4);
    const mark = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
    let description = this.known.get(mark);
    if (flags & 1) {
      const raw = r.take(r.uvarint(MAX_FRAME));
      if (crc32(raw) !== mark) throw new FrameError("its description has another mark");
      description ??= this.learn(mark, readDescription(raw));
    }
    if (!description) throw new NotDescribed();
    if (flags & 8 && !(flags & 4)) throw new FrameError("it is full without numerics");
    if (flags & 128 && flags !== 129) throw new FrameError("an end carries something else");
    return this.rest(r, flags, { seq, time, mark, description });
  }

  /** Keeps a description, whatever is wrong behind it, and forgets the one learned
   * first when there are too many.
   * @param {number} mark
   * @param {Description} d */
  learn(mark, d) {
    this.known.set(mark, d);
    if (this.known.size > KEPT_DESCRIPTIONS) this.known.delete(this.known.keys().next().value ?? 0);
    return d;
  }

  /**
   * @param {Reader} r
   * @param {number} flags
   * @param {{seq: number, time: number, mark: number, description: Description}} head
   * @returns {Frame}
   */
  rest(r, flags, head) {
    /** @type {Frame} */
    const frame = {
      ...head, ended: (flags & 128) !== 0, wall: null, trust: 0, disk: null,
      full: (flags & 8) !== 0, numerics: null, alarms: null, waves: [],
    };
    if (flags & 64) {
      frame.wall = Number(r.signed());
      frame.trust = r.byte();
    }
    if (flags & 32) frame.disk = Number(r.big(1n << 64n));
    if (flags & 4) frame.numerics = list(r, 256, readNumeric);
    if (flags & 16) frame.alarms = list(r, 64, readAlarm);
    if (flags & 2) frame.waves = readWaves(r, head.description);
    if (r.at !== r.bytes.length) throw new FrameError("it has bytes left over");
    return frame;
  }
}

/** @template T
 * @param {Reader} r
 * @param {number} most
 * @param {(r: Reader) => T} read */
function list(r, most, read) {
  const n = r.uvarint(most + 1);
  const out = [];
  for (let i = 0; i < n; i++) out.push(read(r));
  return out;
}

/** @param {Reader} r
 * @returns {Numeric} */
function readNumeric(r) {
  const sign = r.uvarint(65536);
  const name = sign === 0 ? r.text() : "";
  const flags = r.byte();
  const unit = flags & 4 ? r.text() : null;
  const site = flags & 8 ? r.text() : "";
  let text = null;
  let state = MEASURED;
  if (flags & 1) {
    const scale = flags >> 5;
    text = scale === 7 ? r.decimal() : decimalText(r.mantissa(), -scale);
  } else {
    state = r.byte();
    if (state === MEASURED) state = 0;
  }
  const ageMs = r.uvarint(9223372037) * 100;
  return { sign, name, site, unit, text, state, ageMs, questionable: (flags & 2) !== 0, aperiodic: (flags & 16) !== 0 };
}

/** @param {Reader} r
 * @returns {Alarm} */
function readAlarm(r) {
  const id = r.uvarint(2 ** 32);
  const flags = r.byte();
  if (flags > 31) throw new FrameError("an alarm has flags of a later version");
  return {
    id, priority: flags & 3, technical: (flags & 4) !== 0, acknowledged: (flags & 8) !== 0,
    silenced: (flags & 16) !== 0, text: r.text(),
  };
}

/** @param {Reader} r
 * @param {Description} description
 * @returns {Wave[]} */
function readWaves(r, description) {
  /** @type {Wave[]} */
  const waves = [];
  let total = 0;
  description.waves.forEach((_, handle) => {
    const head = r.uvarint(4 * (MAX_SAMPLES + 1));
    if (head === 0) return;
    const n = head >> 2;
    total += n;
    if (n === 0 || total > MAX_SAMPLES) throw new FrameError("a wave has a wrong number of samples");
    const startMs = head & 1 ? r.uvarint(4097) : 0;
    const missing = new Uint8Array(n);
    if (head & 2) {
      const gaps = r.uvarint(65);
      if (gaps === 0) throw new FrameError("gaps are told but there are none");
      let at = 0;
      for (let i = 0; i < gaps; i++) {
        at += r.uvarint(n + 1);
        const length = r.uvarint(n + 1);
        if (length === 0 || at + length > n || r.byte() === MEASURED) throw new FrameError("a gap is not inside the samples");
        missing.fill(1, at, at + length);
        at += length;
      }
    }
    waves.push({ handle, startMs, samples: new Int32Array(n), missing });
  });
  const bits = new Bits(r.take(r.bytes.length - r.at));
  for (const w of waves) {
    for (let from = 0; from < w.samples.length; ) {
      let to = from;
      while (to < w.samples.length && w.missing[to] === w.missing[from]) to++;
      if (!w.missing[from]) readRun(bits, w.samples, from, to - from, description.waves[w.handle].offset);
      from = to;
    }
  }
  if (bits.bytes.length !== Math.ceil(bits.at / 8)) throw new FrameError("the samples leave bytes over");
  return waves;
}
