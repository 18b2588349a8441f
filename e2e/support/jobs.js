// Jobs as history would have left them, written into a stack's database: what no journey can wait for,
// such as a log of 100 MB, a lost worker, an unknown end. Events are not written: only pages look.
import { createHash, randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { applicationDatabase, findCluster, script, sql } from "./database.js";

const CHUNK = 64 * 1024;

/**
 * @typedef {object} AttemptSeed
 * @property {string} [state]
 * @property {string | Buffer} [log]
 * @property {string} [error]
 * @property {string} [error_class]
 * @property {number} [exit]
 * @property {{ name: string, first_line: number, ran_ms: number, exit_code: number | null }[]} [phases]
 */
/**
 * @typedef {object} StepSeed
 * @property {string} name
 * @property {string} [title]
 * @property {string} [operation]
 * @property {string} [class]
 * @property {string} [state]
 * @property {string[]} [needs]
 * @property {string} [stack]
 * @property {Record<string, string>} [labels]
 * @property {string} [error]
 * @property {object} [outputs]
 * @property {object} [reconcile] the report of an unknown end
 * @property {AttemptSeed[]} [attempts]
 */
/**
 * @typedef {object} JobSeed
 * @property {string} title
 * @property {string} [team]
 * @property {string} [environment]
 * @property {string} [state]
 * @property {string} [pool]
 * @property {StepSeed[]} steps
 */

/** @param {string | null | undefined} text */
const quoted = (text) => (text === undefined || text === null ? "null" : `'${text.replaceAll("'", "''")}'`);
/** @param {object | undefined} value */
const json = (value) => (value === undefined ? "null" : `${quoted(JSON.stringify(value))}::jsonb`);
const OVER = ["succeeded", "failed", "cancelled", "skipped"];

/**
 * Writes a job and answers its number.
 * @param {{ data: string }} stack @param {JobSeed} job
 */
export function seedJob({ data }, job) {
  const cluster = findCluster(data);
  const database = applicationDatabase(cluster);
  const id = randomUUID();
  const state = job.state ?? "succeeded";
  const over = OVER.includes(state);
  const lines = [
    "begin;",
    "set local session_replication_role = replica;",
    `insert into job (id, title, team, environment, pool, steps, state, made_via, made_at, started_at, finished_at)
     values ('${id}', ${quoted(job.title)}, ${quoted(job.team ?? "payments")}, ${quoted(job.environment)}, ${quoted(job.pool ?? "default")}, ${job.steps.length}, ${quoted(state)}, 'system',
       now() - interval '5 minutes', ${state === "queued" ? "null" : "now() - interval '4 minutes'"}, ${over ? "now()" : "null"});`,
  ];
  const worker = seedWorker(lines);
  const ids = new Map(job.steps.map((step) => [step.name, randomUUID()]));
  for (const [place, step] of job.steps.entries()) seedStep(lines, { job: id, place, step, ids, worker, pool: job.pool, team: job.team });
  lines.push("commit;");
  script(cluster, database, lines.join("\n"));
  return Number(sql(cluster, database, `select number from job where id = '${id}'`));
}

/**
 * One job each: queued, running, failed with a colourful log, of unknown end. Answers their numbers.
 * @param {{ data: string }} stack
 */
export function seedEveryState(stack) {
  const colours = [30, 31, 32, 33, 34, 35, 36, 37, 90, 91, 41, 42, 43, 44, 45, 46, 47, 7].map((code) => `\u001b[${code}m colour ${code} \u001b[0m \u001b[1;${code}mbold\u001b[0m`);
  const log = ["$ tool run", ...colours, "Warning: nearly", "Error: not quite", "\u0000 \u202e"].join("\n");
  const report = { recovered: [{ address: "a.b", action: "create", id: "x-1", import: true }], ambiguous: [{ address: "c.d", action: "create", id: null, import: false }], subset: true, changes: true };
  return [
    seedJob(stack, { title: "Waits for a label", state: "queued", steps: [{ name: "far", state: "queued", labels: { zone: "moon" } }] }),
    seedJob(stack, { title: "Runs two at once", state: "running", environment: `payments-preview-${randomUUID().slice(0, 8)}`, steps: [
      { name: "first", attempts: [{ log: "done\n" }] },
      { name: "left", needs: ["first"], state: "running", attempts: [{ state: "running", log }] },
      { name: "right", needs: ["first"], state: "running", attempts: [{ state: "running", log }] },
      { name: "last", needs: ["left", "right"], state: "waiting" },
    ] }),
    seedJob(stack, { title: "Failed after a second try", state: "failed", steps: [
      { name: "make", title: "Make the thing with a name that is rather long for one line", state: "failed", error: "exceeded quota", outputs: { address: "https://example.invalid" }, attempts: [
        { state: "lost", error: "not heard of" },
        { state: "failed", log, error: "exceeded quota", exit: 1, phases: [{ name: "init", first_line: 1, ran_ms: 900, exit_code: 0 }, { name: "apply", first_line: 6, ran_ms: 61_000, exit_code: 1 }] },
      ] },
      { name: "after", needs: ["make"], state: "skipped" },
    ] }),
    seedJob(stack, { title: "Nobody knows how it ended", state: "indeterminate", steps: [
      { name: "apply", operation: "apply", class: "once", stack: "payments/axe", state: "indeterminate", reconcile: report, attempts: [{ state: "indeterminate", log }] },
    ] }),
  ];
}

/** A worker of history, for attempts to have run on. @param {string[]} lines */
function seedWorker(lines) {
  const id = randomUUID();
  lines.push(`insert into worker (id, name, pool, token_hash, expires_at, capacity, version, revoked_at)
    values ('${id}', 'seed-${id.slice(0, 8)}', 'seed', decode('${createHash("sha256").update(id).digest("hex")}', 'hex'), now() + interval '1 day', 1, '0.0.0', now());`);
  return id;
}

/**
 * @param {string[]} lines
 * @param {{ job: string, place: number, step: StepSeed, ids: Map<string, string>, worker: string, pool?: string, team?: string }} at
 */
function seedStep(lines, { job, place, step, ids, worker, pool, team }) {
  const id = ids.get(step.name);
  const state = step.state ?? "succeeded";
  const needs = (step.needs ?? []).map((name) => `'${ids.get(name)}'`).join(",");
  const attempts = step.attempts ?? [];
  const stack = step.stack ? seedStack(lines, step.stack, state === "indeterminate") : undefined;
  const started = attempts.length > 0;
  lines.push(`insert into step (id, job_id, place, name, title, driver, operation, class, needs, labels, stack_id, spec, state, attempts, started_at, finished_at, error_class, error, outputs)
    values ('${id}', '${job}', ${place}, ${quoted(step.name)}, ${quoted(step.title ?? step.name)}, 'echo', ${quoted(step.operation ?? "check")}, ${quoted(step.class ?? "retry")},
      array[${needs}]::uuid[], ${json(step.labels ?? {})}, ${quoted(stack)}, '{}', ${quoted(state)}, ${attempts.length}, ${started ? "now() - interval '3 minutes'" : "null"},
      ${OVER.includes(state) && started ? "now()" : "null"}, ${quoted(step.error && "permanent")}, ${quoted(step.error)}, ${json(step.outputs)});`);
  if (state === "queued") {
    lines.push(`insert into queue (step_id, job_id, team, pool, labels, operation, stack_id)
      values ('${id}', '${job}', ${quoted(team ?? "payments")}, ${quoted(pool ?? "default")}, ${json(step.labels ?? {})}, ${quoted(step.operation ?? "check")}, ${quoted(stack)});`);
  }
  let last = "";
  for (const [at, attempt] of attempts.entries()) last = seedAttempt(lines, { step: String(id), number: at + 1, attempt, worker });
  if (step.reconcile) {
    lines.push(`insert into reconcile (step_id, attempt_id, stack_id, report) values ('${id}', '${last}', ${quoted(stack)}, ${json(step.reconcile)});`);
  }
}

/** @param {string[]} lines @param {string} name @param {boolean} frozen */
function seedStack(lines, name, frozen) {
  const id = createHash("md5").update(name).digest("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  const why = frozen ? "the end of an attempt is not known" : null;
  lines.push(`insert into stack (id, name, team, epoch, frozen_reason) values ('${id}', ${quoted(name)}, 'payments', 1, ${quoted(why)})
    on conflict (name) do update set frozen_reason = excluded.frozen_reason;`);
  return id;
}

/** @param {string[]} lines @param {{ step: string, number: number, attempt: AttemptSeed, worker: string }} at */
function seedAttempt(lines, { step, number, attempt, worker }) {
  const id = randomUUID();
  const log = Buffer.from(attempt.log ?? "");
  const chunks = Math.ceil(log.length / CHUNK);
  const state = attempt.state ?? "succeeded";
  const hash = createHash("sha256").update(id).digest("hex");
  let newlines = 0;
  for (const byte of log) if (byte === 10) newlines += 1;
  lines.push(`insert into attempt (id, step_id, number, worker_id, token_hash, state, claimed_at, lease_until, deadline, process_started_at, finished_at, exit_code, error_class, error, log_chunks, log_bytes, log_lines, phases)
    values ('${id}', '${step}', ${number}, '${worker}', decode('${hash}', 'hex'), ${quoted(state)}, now() - interval '3 minutes', now() + interval '1 day', now() + interval '1 day',
      now() - interval '3 minutes', ${state === "running" ? "null" : "now()"}, ${attempt.exit ?? "null"}, ${quoted(attempt.error_class)}, ${quoted(attempt.error)}, ${chunks}, ${log.length}, ${newlines}, ${json(attempt.phases ?? [])});`);
  let line = 1;
  for (let seq = 0; seq < chunks; seq += 1) {
    const plain = log.subarray(seq * CHUNK, (seq + 1) * CHUNK);
    let ends = 0;
    for (const byte of plain) if (byte === 10) ends += 1;
    const sha = createHash("sha256").update(plain).digest("hex");
    lines.push(`insert into log_chunk (attempt_id, seq, day, byte_offset, raw_bytes, first_line, lines, sha256, body) values ('${id}', ${seq},
      (now() - interval '3 minutes')::date, ${seq * CHUNK}, ${plain.length}, ${line}, ${ends}, '\\x${sha}', '\\x${gzipSync(plain, { level: 1 }).toString("hex")}');`);
    line += ends;
  }
  return id;
}
