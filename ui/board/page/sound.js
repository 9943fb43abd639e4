// The sound of the board: bursts by priority, as many pulses as a monitor's. It is
// a second ear, never the primary alarm. Browsers let a page sound only after a
// touch, so it is off until somebody switches it on.

/** Pulses of a burst by priority, and how long to wait after it, ms. The numbers of
 * pulses are those of IEC 60601-1-8 for medium and high. */
const BURSTS = [
  { pulses: 0, wait: 0 },
  { pulses: 0, wait: 0 },
  { pulses: 3, wait: 15_000 },
  { pulses: 10, wait: 8_000 },
];

const HERTZ = 660;
const PULSE_S = 0.15;
const STEP_S = 0.25;
const LOUDNESS = 0.2;

export class Sound {
  constructor() {
    /** @type {AudioContext | null} */
    this.context = null;
    this.next = 0;
    this.priority = 0;
  }

  get on() {
    return this.context?.state === "running";
  }

  /** Switches on or off; only from a person's touch. */
  async toggle() {
    if (this.on) await this.context?.suspend();
    else {
      this.context ??= new AudioContext();
      await this.context.resume();
    }
  }

  /** Sounds what is due.
   * @param {number} priority the highest that stands and nobody has seen, 0 to 3
   * @param {number} at the page's clock, ms */
  keep(priority, at) {
    if (priority > this.priority) this.next = 0; // a worse one does not wait
    this.priority = priority;
    const burst = BURSTS[priority];
    if (!this.on || burst.pulses === 0 || at < this.next) return;
    this.next = at + burst.wait;
    for (let i = 0; i < burst.pulses; i++) this.pulse(i * STEP_S);
  }

  /** @param {number} after s */
  pulse(after) {
    const c = this.context;
    if (!c) return;
    const from = c.currentTime + after;
    const tone = c.createOscillator();
    const gain = c.createGain();
    tone.frequency.value = HERTZ;
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(LOUDNESS, from + 0.02);
    gain.gain.setValueAtTime(LOUDNESS, from + PULSE_S - 0.03);
    gain.gain.linearRampToValueAtTime(0, from + PULSE_S);
    tone.connect(gain).connect(c.destination);
    tone.start(from);
    tone.stop(from + PULSE_S);
  }
}
