// Plays stories to the page's own state, without a screen, and prints what it holds.
// Standard input: [{encounter, steps: [{hex} | {now}]}]
import { readFileSync } from "node:fs";
import { Patient } from "../page/patient.js";
import { rowsOf } from "../page/numbers.js";
import { Trace } from "../page/trace.js";

const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (h) => parseInt(h, 16));
const { stories, heights } = JSON.parse(readFileSync(0, "utf8"));
const out = stories.map(({ encounter, frames, now }) => {
  const p = new Patient(encounter);
  for (const hex of frames) p.hearFrame(bytes(hex), 0);
  const traces = [...p.traces.values()].map((t) => ({ held: t.count(0, t.newest), first: t.value(t.newest) }));
  return { rows: rowsOf(p, now), refused: p.refused, late: p.late, missing: p.missing(), numbers: p.changes.numbers, traces, events: p.events.map((e) => `${e.kind} ${e.what}`) };
});
const spans = heights.map(({ wave, unit, samples }) => {
  const t = new Trace({ lead: 1, rate: 100, scale: 0, offset: 0, unit: "", min: 0, max: 0, name: "", ...wave }, unit);
  t.add(1000, Int32Array.from(samples), new Uint8Array(samples.length));
  const b = t.bounds(0, t.newest);
  return b ? b.high - b.low : -1;
});
console.log(JSON.stringify({ stories: out, spans }));
