// Prints the page's tables, for the tests in Go.
import { tables } from "../page/words.js";
import { LEADS, SIGNS, STATES, possible, rounded, signOf, standing, unitLabel } from "../page/signs.js";

const units = [...new Set(Object.values(SIGNS).map((s) => s.unit).concat(Object.values(LEADS).map((l) => l.unit), ["[degF]", "kPa", "[lb_av]", "[in_i]"]))];
const ages = [];
for (const ageing of ["continuous", "episodic", "lasting"]) {
  for (const ms of [0, 2999, 3000, 9999, 10000, 899999, 900000, 1e9]) ages.push({ ageing, ms, stands: standing(ageing, ms) });
}
const values = JSON.parse(process.argv[2] ?? "[]");
console.log(JSON.stringify({
  words: tables, states: STATES, ages,
  signs: Object.entries(SIGNS).map(([n, s]) => ({ n: Number(n), ...s })),
  leads: Object.entries(LEADS).map(([n, l]) => ({ n: Number(n), ...l })),
  units: Object.fromEntries(units.map((u) => [u, unitLabel(u)])),
  rounded: values.map((v) => v.text === undefined ? "" : rounded(signOf(v.sign), v.text)),
  possible: values.map((v) => possible(signOf(v.sign), v.unit, v.value)),
}));
