// Counts how often chart and record are asked for, for the tests in Go.
import { ChartReader } from "../page/chart.js";
import { RecordReader } from "../page/record.js";

let asked = 0;
globalThis.fetch = async () => {
  asked++;
  return new Response("{}");
};
const out = {};
for (const [name, reader] of [["chart", new ChartReader("e")], ["record", new RecordReader("e", () => {})]]) {
  asked = 0;
  const counts = [];
  for (const step of [
    () => reader.keep(0), // at first
    () => reader.keep(100), // too soon
    () => { reader.soon(); return reader.keep(200); }, // it changed
    () => reader.keep(300), // and not again
    () => { const under = reader.keep(9000); reader.soon(); return under; }, // it changed while it was read
    () => reader.keep(9100), // so once more
    () => reader.keep(9200),
    () => reader.keep(20000), // and every now and then
  ]) {
    await step();
    counts.push(asked);
  }
  out[name] = counts;
}
console.log(JSON.stringify(out));
