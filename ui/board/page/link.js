// The page's WebSocket to its gateway: reconnects by itself, keeps the offset of
// the gateway's clock, matches answers to acts, and says how long nothing has been
// heard.

const FIRST_WAIT = 250;
const LONGEST_WAIT = 3000;
const TIME_EVERY = 5000;

/** An act not answered for that long may or may not be in the record. */
const ANSWER_WITHIN = 8000;

/** A wall clock that moved that much against the page's own: the machine slept, or
 * was set. Everything is asked anew. */
const JUMP_MS = 1500;

/**
 * @typedef {{ok: boolean, unknown?: boolean, error?: string, body?: any}} Answer
 * @typedef {{onMessage: (m: any) => void, onFrame: (tile: number, bytes: Uint8Array) => void, onOpen: () => void, onRefused: () => void}} Ears
 */

/**
 * A binary message: the tile's handle, 4 bytes, then each frame behind its length,
 * 2 bytes, the highest first. What is cut short is not used.
 * @param {ArrayBuffer} message
 */
export function unpack(message) {
  const view = new DataView(message);
  if (view.byteLength < 4) return { tile: 0, frames: [] };
  /** @type {Uint8Array[]} */
  const frames = [];
  for (let at = 4; at + 2 <= view.byteLength; ) {
    const length = view.getUint16(at);
    at += 2;
    if (length === 0 || at + length > view.byteLength) break;
    frames.push(new Uint8Array(message, at, length));
    at += length;
  }
  return { tile: view.getUint32(0), frames };
}

export class Link {
  /** @param {Ears} ears */
  constructor(ears) {
    this.ears = ears;
    this.wait = FIRST_WAIT;
    this.heard = performance.now();
    /** Gateway time less this page's monotonic clock, ms. */
    this.offset = Date.now() - performance.now();
    this.drift = Date.now() - performance.now();
    this.quickest = Infinity;
    this.ids = 0;
    /** @type {Map<number, number>} when each "time" was asked */
    this.asked = new Map();
    /** @type {Map<number, (a: Answer) => void>} */
    this.acts = new Map();
    /** @type {WebSocket | null} */
    this.socket = null;
    setInterval(() => this.askTime(), TIME_EVERY);
  }

  open() {
    if (this.socket) return;
    const socket = new WebSocket(`wss://${location.host}/watch`);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.onopen = () => {
      this.wait = FIRST_WAIT;
      this.quickest = Infinity;
      this.asked.clear();
      this.drift = Date.now() - performance.now();
      this.ears.onOpen();
      this.askTime();
    };
    socket.onmessage = (e) => {
      this.heard = performance.now();
      if (e.data instanceof ArrayBuffer) {
        const { tile, frames } = unpack(e.data);
        for (const f of frames) this.ears.onFrame(tile, f);
        return;
      }
      const m = JSON.parse(e.data);
      if (m.type === "hello") this.offset = m.now - performance.now();
      if (m.type === "time") this.keepTime(m);
      if (m.type === "answer") this.acts.get(m.id)?.(m);
      this.ears.onMessage(m);
    };
    socket.onclose = () => void this.again();
  }

  /** After a loss: asks whether this page is still signed in, then dials again. */
  async again() {
    this.socket = null;
    for (const settle of [...this.acts.values()]) settle({ ok: false, unknown: true });
    const session = await fetch("/session").catch(() => null);
    if (session?.status === 401) {
      this.ears.onRefused();
      return;
    }
    setTimeout(() => this.open(), this.wait);
    this.wait = Math.min(2 * this.wait, LONGEST_WAIT);
  }

  /** @param {object} m
   * @returns {boolean} whether it could be sent */
  say(m) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(m));
    return true;
  }

  /**
   * Sends what a person did to the recorder, and waits for its answer.
   * @param {string} encounter
   * @param {string} kind a content kind of triage/chart
   * @param {object} body its JSON
   * @returns {Promise<Answer>}
   */
  act(encounter, kind, body) {
    const id = ++this.ids;
    return new Promise((resolve) => {
      /** @param {Answer} a */
      const settle = (a) => {
        this.acts.delete(id);
        resolve(a);
      };
      if (!this.say({ type: "act", id, encounter, kind, body })) {
        settle({ ok: false });
        return;
      }
      this.acts.set(id, settle);
      setTimeout(() => settle({ ok: false, unknown: true }), ANSWER_WITHIN);
    });
  }

  askTime() {
    const id = ++this.ids;
    this.asked.set(id, performance.now());
    this.quickest *= 1.1; // an old quick answer must not outlive a drifting clock
    this.say({ type: "time", id });
  }

  /** @param {{id: number, now: number}} m */
  keepTime(m) {
    const asked = this.asked.get(m.id);
    this.asked.delete(m.id);
    if (asked === undefined) return;
    const trip = performance.now() - asked;
    if (trip > this.quickest * 1.5) return;
    this.quickest = Math.min(this.quickest, trip);
    this.offset = m.now + trip / 2 - performance.now();
  }

  /** Drops the connection when the machine slept: what is on screen may be old. */
  watchClock() {
    const drift = Date.now() - performance.now();
    const jumped = Math.abs(drift - this.drift) > JUMP_MS;
    this.drift = drift;
    if (jumped) this.socket?.close();
  }

  /** The gateway's time now, ms since 1970. */
  now() {
    return performance.now() + this.offset;
  }

  /** How long nothing has been heard, ms. */
  silent() {
    return performance.now() - this.heard;
  }
}
