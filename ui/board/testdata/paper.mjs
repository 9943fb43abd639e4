// Lays strips on paper without a screen, for the tests in Go.
// Standard input: [{lead, runs, long}]
import { readFileSync } from "node:fs";
import { pathOf, rowOf, traceOf } from "../page/paper.js";

console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(({ lead, runs, long }) => {
  const t = traceOf(lead, runs, long);
  const { high, clipped } = rowOf(t);
  return { scaled: t.scaled, pieces: t.pieces, holes: t.holes, path: pathOf(t), high, clipped };
})));
