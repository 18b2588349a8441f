// The runner's figures that need a reader: log line to browser, a hundred viewers of one log, the
// list of jobs at a million past jobs. GROUNDCREW_BIN names a release binary.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { applicationDatabase, findCluster, sql } from "../support/database.js";
import { load } from "./load.js";
import { startProduct } from "./product.js";
import { follow } from "./follow.js";
import { cookiesOf } from "./session.js";

const FEW = 10_000;
const MANY = Number(process.env.GROUNDCREW_BENCH_JOBS ?? 1_000_000);
const SECONDS = Number(process.env.GROUNDCREW_BENCH_SECONDS ?? 10);
const VIEWERS = 100;
const folder = process.argv[2];
if (!folder) {
  console.error("usage: node runner.js FOLDER");
  process.exit(2);
}

const product = await startProduct();
/** @type {any} */
const figures = {};
try {
  await product.start();
  const cluster = findCluster(product.data);
  const database = applicationDatabase(cluster);
  const query = (/** @type {string} */ text) => sql(cluster, database, text);
  const cookie = await cookiesOf(product, "p-samir-khan");

  figures.line = await lineToBrowser(1);
  figures.viewers = await lineToBrowser(VIEWERS);

  figures.list = {};
  for (const jobs of [FEW, MANY]) {
    seed(query, jobs);
    figures.list[jobs] = await load(`${product.url}/jobs`, cookie, 1, SECONDS);
  }

  /** Lines that say when they were written, each heard by so many. @param {number} viewers */
  async function lineToBrowser(viewers) {
    const attempt = await start(`clock for ${viewers}`, "for n in $(seq 150); do echo \"at $EPOCHREALTIME\"; sleep 0.1; done");
    const lookups = () => Number(query("select coalesce(sum(idx_scan + seq_scan), 0) from pg_stat_user_tables where relname like 'log_chunk%'"));
    const before = lookups();
    const heard = await Promise.all(Array.from({ length: viewers }, () => follow(product.url, attempt, cookie)));
    await new Promise((resolve) => setTimeout(resolve, 1500)); // statistics come late
    const chunks = Number(query(`select count(*) from log_chunk where attempt_id = '${attempt}'`));
    const times = heard.flat().sort((one, other) => one - other);
    if (times.length < 100 * viewers) throw new Error(`${viewers} viewers heard ${times.length} lines`);
    return { viewers, lines: times.length, p50: times[times.length >> 1], p95: times[Math.floor(times.length * 0.95)], chunks, lookups: lookups() - before };
  }

  /** Hands a script in and waits until it runs. @param {string} title @param {string} run */
  async function start(title, run) {
    const file = join(product.data, "job.json");
    const step = { name: "act", driver: "script", operation: "check", spec: { run: `#!/bin/bash\n${run}\n` } };
    writeFileSync(file, JSON.stringify({ title, team: "payments", steps: [step] }));
    execFileSync(String(process.env.GROUNDCREW_BIN), ["job", "run", "--data", product.data, file], { stdio: ["ignore", "pipe", "inherit"] });
    for (let n = 0; n < 200; n += 1) {
      const id = query(`select attempt.id from attempt join step on step.id = step_id join job on job.id = job_id where job.title = '${title}' and attempt.state = 'running'`);
      if (id) return id;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`no attempt of ${title}`);
  }
} finally {
  await product.stop();
}

mkdirSync(folder, { recursive: true });
const file = join(folder, "runner-browser.json");
writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
const { line, viewers, list } = figures;
const ratio = list[MANY].p50 / list[FEW].p50;
const perChunk = viewers.lookups / viewers.chunks;
for (const [what, value, goal, reached] of [
  ["log line to browser, p50 / p95", `${line.p50} / ${line.p95} ms`, "≤ 300 ms (p95)", line.p95 <= 300],
  [`the same for ${VIEWERS} viewers at once, p95`, `${viewers.p95} ms`, "≤ 300 ms", viewers.p95 <= 300],
  ["look-ups in the log per chunk, 1 viewer", (line.lookups / line.chunks).toFixed(1), "", undefined],
  [`look-ups in the log per chunk, ${VIEWERS} viewers`, perChunk.toFixed(1), "as with 1 viewer, ± 50 %", perChunk <= 1.5 * (line.lookups / line.chunks)],
  [`list of jobs, ${MANY} past jobs against ${FEW}, p50`, `${list[MANY].p50} / ${list[FEW].p50} ms = ${ratio.toFixed(2)} ×`, "≤ 1.2 ×", ratio <= 1.2],
]) {
  const mark = reached === undefined ? "" : reached ? "✓ " : "✗ ";
  console.log(`${String(what).padEnd(58)}${String(value).padStart(24)}   ${mark}${goal}`);
}
console.log(`\nRaw figures: ${file}`);

/** Brings past jobs up to a number, each with a step. @param {(text: string) => string} query @param {number} count */
function seed(query, count) {
  const have = Number(query("select count(*) from job"));
  query(`do $$ begin
    set local session_replication_role = replica; -- the guard wants an event for each; these are not events
    create temp table made on commit drop as
      select gen_random_uuid() as id, gen_random_uuid() as step, n from generate_series(${have + 1}, ${count}) n;
    insert into job (id, title, team, environment, steps, state, made_via, made_at, started_at, finished_at)
      select id, 'Job ' || n, (array['payments', 'identity', 'search', 'web'])[1 + n % 4], null, 1,
        case when n % 9 = 0 then 'failed' else 'succeeded' end, 'bench',
        now() - n * interval '7 seconds', now() - n * interval '7 seconds', now() - n * interval '7 seconds' from made;
    insert into step (id, job_id, place, name, title, driver, operation, class, spec, state, attempts, started_at, finished_at)
      select step, id, 0, 'act', 'act', 'echo', 'check', 'retry', '{}',
        case when n % 9 = 0 then 'failed' else 'succeeded' end, 1, now(), now() from made;
  end $$`);
  query("vacuum analyze job, step");
}
