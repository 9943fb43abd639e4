// Runs the page's decoder over telemetry/wave/testdata/vectors.json, given on the
// command line, and prints what is wrong.
import { readFileSync } from "node:fs";
import { Decoder, FrameError, NotDescribed } from "../page/wave.js";

const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (h) => parseInt(h, 16));

/** The decimal as the page shows it: mantissa and exponent, never through a float. */
function text([mantissa, exponent]) {
  const m = BigInt(mantissa);
  if (exponent >= 0) return (m * 10n ** BigInt(exponent)).toString();
  const digits = (m < 0n ? -m : m).toString().padStart(1 - exponent, "0");
  return (m < 0n ? "-" : "") + digits.slice(0, digits.length + exponent) + "." + digits.slice(digits.length + exponent);
}

/** A whole number of the file may pass 2^53: it is read as text. */
const exact = (json) => JSON.parse(json.replace(/(?<=[\s[,:])-?\d{16,}(?=[\s,\]}])/g, '"$&"'));

const wrong = [];
let decoder = new Decoder();
let frames = 0;
let refused = 0;
for (const v of exact(readFileSync(process.argv[2], "utf8"))) {
  if (v.fresh) decoder = new Decoder();
  const check = (what, got, want) => {
    if (JSON.stringify(got) !== JSON.stringify(want)) wrong.push(`${v.name}: ${what} is ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
  };
  let f;
  try {
    f = decoder.decode(bytes(v.hex));
  } catch (e) {
    const known = e instanceof NotDescribed ? "live frame not yet described" : e instanceof FrameError ? "refused" : String(e);
    const want = v.frame.error === "live frame not yet described" ? v.frame.error : v.frame.error ? "refused" : "a frame";
    check("error", known, want);
    refused++;
    continue;
  }
  frames++;
  const w = v.frame;
  if (w.error) {
    wrong.push(`${v.name}: it was taken, want ${w.error}`);
    continue;
  }
  check("sequence", f.seq, w.seq);
  check("time", f.time, w.time);
  check("end", f.ended, w.ended);
  check("full", f.full, w.full);
  check("wall", f.wall === null ? null : [f.wall, f.trust], w.wall);
  check("disk", f.disk, w.disk);
  const d = f.description;
  check("binding", { encounter: d.encounter, station: d.station, boot: d.boot, epoch: d.epoch, tag: d.tag, monitor: d.monitor, call_sign: d.callSign, demo: d.demo }, w.binding);
  check("numerics",
    (f.numerics ?? []).map((n) => [n.sign, n.site, n.name, n.text, n.text === null ? n.state : 1, n.questionable, n.aperiodic, f.time - n.ageMs]),
    (w.numerics ?? []).map((n) => [n.sign, n.site, n.name, n.value === null ? null : text(n.value), n.state, n.questionable, n.aperiodic, Math.floor(n.arrived / 100) * 100]));
  check("alarms", f.alarms, w.alarms);
  check("waves",
    f.waves.map((x) => {
      const c = d.waves[x.handle];
      return [c.lead, c.name, c.rate, c.scale, c.offset, [c.min, c.max], f.time + x.startMs, [...x.samples], [...x.missing]];
    }),
    (w.waves ?? []).map((x) => {
      const missing = x.samples.map(() => 0);
      for (const [from, length] of x.gaps ?? []) missing.fill(1, from, from + length);
      return [x.lead, x.name, Number(text(x.rate)), Number(text(x.scale)), x.offset, x.range, x.arrived, x.samples.map((s, i) => (missing[i] ? 0 : s)), missing];
    }));
}
console.log(JSON.stringify({ frames, refused, wrong }));
