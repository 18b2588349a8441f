// The figures of `make bench`: cold start, memory, page times at many audit events.
// GROUNDCREW_BIN names a release binary; GROUNDCREW_BENCH_EVENTS and _SECONDS change the sizes.
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { load } from "./load.js";
import { startProduct } from "./product.js";
import { appendEvents } from "./seed.js";
import { cookiesOf } from "./session.js";

const EVENTS = Number(process.env.GROUNDCREW_BENCH_EVENTS ?? 100_000);
const SECONDS = Number(process.env.GROUNDCREW_BENCH_SECONDS ?? 10);
const CONNECTIONS = 8;
const folder = process.argv[2];
const site = process.argv[3];
if (!folder || !site) {
  console.error("usage: node main.js FOLDER SITE");
  process.exit(2);
}

/** @type {any} */
const figures = { at: new Date().toISOString(), cpus: cpus().length, cpu: cpus()[0]?.model, events: EVENTS };
const product = await startProduct();
try {
  figures.firstStartMs = await product.start();
  await product.stopPortal();
  figures.coldStartMs = await product.start();
  await new Promise((resolve) => setTimeout(resolve, 5000));
  figures.idleRssKb = product.rssKb();

  // Sign in first: the events that fill the chain are copies of these.
  const auditor = await cookiesOf(product, "p-samuel-okafor");
  console.error(`appending ${EVENTS} audit events …`);
  figures.seedSeconds = appendEvents(product.data, EVENTS);

  figures.pages = {};
  for (const [name, path] of [["Home", "/"], ["Audit", "/audit"]]) {
    const alone = await load(product.url + path, auditor, 1, SECONDS);
    const busy = await load(product.url + path, auditor, CONNECTIONS, SECONDS);
    figures.pages[name] = { alone, busy };
  }
  figures.rssAfterKb = product.rssKb();
} finally {
  await product.stop();
}
figures.bundle = bundle(site);

mkdirSync(folder, { recursive: true });
const file = join(folder, `${figures.at.replaceAll(/[:.]/g, "-")}.json`);
writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
report(figures);
console.log(`\nRaw figures: ${file}`);

/** @param {string} site */
function bundle(site) {
  const files = readdirSync(site).filter((name) => name.endsWith(".br"));
  return Object.fromEntries(files.map((name) => [name.slice(0, -3), statSync(join(site, name)).size]));
}

/** @param {any} f */
function report(f) {
  const sum = Object.values(f.bundle).reduce((total, size) => total + Number(size), 0);
  const wasm = Object.entries(f.bundle).find(([name]) => name.endsWith(".wasm"))?.[1] ?? 0;
  const rows = [
    ["first start (new database) to first page", `${f.firstStartMs} ms`],
    ["cold start to first page", `${f.coldStartMs} ms`],
    ["idle memory (RSS)", `${(f.idleRssKb / 1024).toFixed(1)} MB`],
    ["memory after load (RSS)", `${(f.rssAfterKb / 1024).toFixed(1)} MB`],
    ["bundle in brotli: wasm / all", `${(Number(wasm) / 1024).toFixed(0)} / ${(sum / 1024).toFixed(0)} KB`],
  ];
  for (const [name, { alone, busy }] of Object.entries(f.pages)) {
    rows.push([`${name}, one at a time: p50 / p99`, `${alone.p50} / ${alone.p99} ms`]);
    rows.push([`${name}, ${CONNECTIONS} at a time: p50 / p99`, `${busy.p50} / ${busy.p99} ms`]);
    rows.push([`${name}, ${CONNECTIONS} at a time`, `${busy.perSecond} requests/s`]);
  }
  console.log(`\n${f.events} audit events, ${f.cpus} CPUs (${f.cpu}), the load comes from this machine\n`);
  for (const [name, value] of rows) console.log(`  ${name.padEnd(44)}${value.padStart(20)}`);
}
