// The peer of build/bench/sync: one side of a PouchDB replication. It reads an
// order on its first line and answers each line with a line of JSON, times in ns.
'use strict';
const readline = require('readline');
const fs = require('fs');
const crypto = require('crypto');
const PouchDB = require('pouchdb');

const now = () => Math.round((performance.timeOrigin + performance.now()) * 1e6);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const tell = (report) => process.stdout.write(JSON.stringify(report) + '\n');
const note = (n) => ({ _id: String(n).padStart(9, '0'), text: crypto.randomBytes(342).toString('base64') });

// LevelDB syncs a write only when it is asked to, and PouchDB does not ask.
function syncEachWrite() {
  const { prototype } = require('leveldown');
  for (const [name, at] of [['_put', 2], ['_batch', 1]]) {
    const write = prototype[name];
    prototype[name] = function (...args) {
      args[at] = { ...args[at], sync: true };
      return write.apply(this, args);
    };
  }
}

async function writer(order, lines) {
  const Local = PouchDB.defaults({ prefix: order.Dir + '/' });
  const app = require('express')();
  app.use('/', require('express-pouchdb')(Local, { inMemoryConfig: true, mode: 'minimumForPouchDB', logPath: order.Dir + '/log.txt' }));
  const db = new Local('record');
  let written = 0;
  while (written < order.Entries) {
    const docs = [];
    while (docs.length < 1000 && written < order.Entries) docs.push(note(++written));
    await db.bulkDocs(docs);
  }
  await new Promise((done) => {
    const server = app.listen(0, '127.0.0.1', () => {
      tell({ Address: `http://127.0.0.1:${server.address().port}/record` });
      done();
    });
  });
  for await (const _ of lines) {
    const times = [];
    for (let i = 0; i < order.Singles; i++) {
      times.push(now());
      await db.put(note(++written));
      await sleep(order.Between);
    }
    tell({ Times: times });
  }
  process.exit(0);
}

async function reader(order, lines) {
  const Local = PouchDB.defaults({ prefix: order.Dir + '/' });
  const db = new Local('record');
  const began = now();
  await db.replicate.from(order.Address, { batch_size: order.Batch, batches_limit: 10 });
  const filled = now() - began;
  const held = (await db.info()).doc_count;
  if (held < order.Entries) throw new Error(`only ${held} documents came`);
  const seen = [];
  db.replicate.from(order.Address, { live: true, retry: true, batch_size: order.Batch }).on('change', (c) => {
    for (const _ of c.docs) seen.push(now());
  });
  await sleep(500);
  tell({ Filled: filled, Memory: fs.readFileSync('/proc/self/status', 'utf8').match(/VmHWM:\s*(.*)/)[1] });
  for await (const _ of lines) {
    for (let i = 0; i < 1000 && seen.length < order.Singles; i++) await sleep(10);
    tell({ Times: seen });
  }
  process.exit(0);
}

(async () => {
  const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const order = JSON.parse((await lines.next()).value);
  if (order.Sync) syncEachWrite();
  await fs.promises.mkdir(order.Dir, { recursive: true });
  await (order.Role === 'writer' ? writer : reader)(order, { [Symbol.asyncIterator]: () => lines });
})().catch((e) => {
  process.stderr.write(`pouch: ${e.stack}\n`);
  process.exit(1);
});
