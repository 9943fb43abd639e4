// The traces of one patient on screen: the most telling first, as many as there is
// room for.

import { element } from "./element.js";
import { leadOf } from "./signs.js";
import { BUFFER_MS, Sweep } from "./sweep.js";
import { say } from "./words.js";

/** ECG II, any other ECG, pleth, arterial pressure, CO₂, breath; then as told.
 * @param {number} lead */
const rank = (lead) => (lead === 2 ? 0 : lead >= 1 && lead < 20 ? lead : { 20: 30, 36: 31, 22: 32, 21: 33 }[lead] ?? 100 + lead);

export class Traces {
  /** @param {number} most */
  constructor(most) {
    this.most = most;
    this.root = element("div", "traces");
    /** @type {Sweep[]} */
    this.sweeps = [];
    this.change = -1;
    /** @type {import("./patient.js").Patient | null} */
    this.patient = null;
  }

  /** @param {import("./patient.js").Patient} patient */
  refresh(patient) {
    if (patient === this.patient && patient.changes.traces === this.change) return;
    this.patient = patient;
    this.change = patient.changes.traces;
    const chosen = [...patient.traces.values()].sort((a, b) => rank(a.wave.lead) - rank(b.wave.lead)).slice(0, this.most);
    this.sweeps = [];
    const figures = chosen.map((trace) => {
      const lead = leadOf(trace.wave.lead, trace.wave.name);
      const figure = element("figure", `trace ${lead.tone}`);
      const canvas = document.createElement("canvas");
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", say("traceOf", lead.label));
      figure.append(element("figcaption", "lead", lead.label), canvas);
      this.sweeps.push(new Sweep(canvas, trace));
      return figure;
    });
    this.root.replaceChildren(...(figures.length > 0 ? figures : [element("p", "quiet", say("noTrace"))]));
  }

  /** Draws up to now.
   * @param {number} now the station's clock, ms */
  play(now) {
    for (const s of this.sweeps) s.play(Math.max(0, now - BUFFER_MS));
  }

  /** Draws all anew: the colours have changed. */
  spoil() {
    for (const s of this.sweeps) s.stale = true;
  }

  /** How many samples are on screen. */
  drawn() {
    return this.sweeps.reduce((sum, s) => sum + s.drawn(), 0);
  }
}
