// The page's WebSocket to its gateway: reconnects by itself, keeps the offset of
// the gateway's clock, and says how long nothing has been heard.

const FIRST_WAIT = 250;
const LONGEST_WAIT = 3000;
const TIME_EVERY = 5000;

/**
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
    /** Gateway time less this page's, ms, from the quickest of the last answers. */
    this.offset = 0;
    this.quickest = Infinity;
    this.asked = 0;
    /** @type {WebSocket | null} */
    this.socket = null;
    setInterval(() => this.askTime(), TIME_EVERY);
  }

  open() {
    const socket = new WebSocket(`wss://${location.host}/watch`);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.onopen = () => {
      this.wait = FIRST_WAIT;
      this.quickest = Infinity;
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
      if (m.type === "hello") this.offset = m.now - Date.now();
      if (m.type === "time") this.keepTime(m);
      this.ears.onMessage(m);
    };
    socket.onclose = async () => {
      this.socket = null;
      const session = await fetch("/session").catch(() => null);
      if (session && session.status === 401) {
        this.ears.onRefused();
        return;
      }
      setTimeout(() => this.open(), this.wait);
      this.wait = Math.min(2 * this.wait, LONGEST_WAIT);
    };
  }

  /** @param {object} m */
  say(m) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(m));
  }

  askTime() {
    this.asked = performance.now();
    this.say({ type: "time", id: 1 });
  }

  /** @param {{now: number}} m */
  keepTime(m) {
    const trip = performance.now() - this.asked;
    if (trip > this.quickest * 1.5) return;
    this.quickest = Math.min(this.quickest, trip);
    this.offset = m.now + trip / 2 - Date.now();
  }

  /** The gateway's time now, ms since 1970. */
  now() {
    return Date.now() + this.offset;
  }

  /** How long nothing has been heard, ms. */
  silent() {
    return performance.now() - this.heard;
  }
}
