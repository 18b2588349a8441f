// graphile-worker on the PostgreSQL that DATABASE_URL names: how long from add_job to the start of
// the task, and how many jobs per second. Prints JSON. Our own queue is measured beside it.
import { Logger, makeWorkerUtils, run, runOnce } from "graphile-worker";
import pg from "pg";

const connectionString = process.env.DATABASE_URL;
const JOBS = Number(process.env.BENCH_JOBS ?? 6000);
const SAMPLES = Number(process.env.BENCH_SAMPLES ?? 300);
if (!connectionString) {
  console.error("DATABASE_URL must name a database of its own");
  process.exit(2);
}
const logger = new Logger(() => () => {});

// What its documentation starts with, its own performance test without batching, and with it.
const presets = {
  defaults: {},
  concurrent: { concurrentJobs: 24, maxPoolSize: 25 },
  batched: { concurrentJobs: 24, maxPoolSize: 25, localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 },
};

const utils = await makeWorkerUtils({ connectionString, logger });
await utils.migrate();
/** @type {any} */
const figures = { jobs: JOBS, latency: await latency(), throughput: {} };
for (const [name, worker] of Object.entries(presets)) figures.throughput[name] = await throughput(worker);
await utils.release();
console.log(JSON.stringify(figures));

/** Enqueue to start on an idle worker, one after the other, its recommended concurrency. */
async function latency() {
  /** @type {(at: number) => void} */
  let started = () => {};
  const runner = await run({
    preset: { worker: { connectionString, ...presets.concurrent, logger } },
    taskList: { tick: () => started(performance.now()) },
    noHandleSignals: true,
  });
  const times = [];
  for (let n = 0; n < SAMPLES + 20; n += 1) {
    const start = new Promise((resolve) => { started = resolve; });
    const from = performance.now();
    await utils.addJob("tick", { n });
    const at = Number(await start);
    if (n >= 20) times.push(Math.max(0, at - from));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await runner.stop();
  times.sort((one, other) => one - other);
  return { p50: at(times, 0.5), p99: at(times, 0.99) };
}

/** @param {object} worker */
async function throughput(worker) {
  const pool = new pg.Pool({ connectionString });
  await pool.query("select graphile_worker.add_job('none', json_build_object('n', n)) from generate_series(1, $1) n", [JOBS]);
  await pool.end();
  const from = performance.now();
  await runOnce({ preset: { worker: { connectionString, ...worker, logger } }, taskList: { none: () => {} }, noHandleSignals: true });
  return Math.round((JOBS / (performance.now() - from)) * 1000);
}

/** @param {number[]} times @param {number} share */
function at(times, share) {
  return Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))] * 100) / 100;
}
