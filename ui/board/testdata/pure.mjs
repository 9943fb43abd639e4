// Works out trends and times of arrival without a screen, for the tests in Go.
// Standard input: {trends: [trend], scales: [[number]], etas: [{row, now}]}
import { readFileSync } from "node:fs";
import { etaWords } from "../page/chart.js";
import { gaps, runs, scale } from "../page/trends.js";

const { trends, scales, etas } = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify({
  runs: trends.map((t) => runs(t).map((run) => run.map((p) => p.value))),
  gaps: trends.map(gaps),
  scales: scales.map((values) => scale(values)),
  etas: etas.map(({ row, now }) => etaWords(row, now)),
}));
