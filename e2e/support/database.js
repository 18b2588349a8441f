// The way into a stack's own database, for what a person cannot do in a browser: let time
// pass, take the database away. Only tests go in here, as the cluster's superuser.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const MAINTENANCE = "postgres";

/** @typedef {{ socket: string, port: string, uid: number, gid: number }} Cluster */

/** Finds the cluster that the portal keeps in its data folder. @param {string} data @returns {Cluster} */
export function findCluster(data) {
  const pidFile = findFile(data, "postmaster.pid", 3);
  if (!pidFile) throw new Error(`no running cluster below ${data}`);
  const lines = readFileSync(pidFile, "utf8").split("\n");
  const { uid, gid } = statSync(pidFile);
  return { port: lines[3], socket: lines[4], uid, gid };
}

/** Runs one statement and returns its rows as text. @param {Cluster} cluster @param {string} database @param {string} statement */
export function sql(cluster, database, statement) {
  const { socket, port, uid, gid } = cluster;
  return execFileSync(psql(), ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement], {
    ...(process.getuid?.() === 0 && { uid, gid }),
    cwd: "/",
    env: { PATH: process.env.PATH, PGHOST: socket, PGPORT: port, PGUSER: "postgres", PGDATABASE: database },
    encoding: "utf8",
  }).trim();
}

/** Runs statements that may be many megabytes. @param {Cluster} cluster @param {string} database @param {string} statements */
export function script(cluster, database, statements) {
  const { socket, port, uid, gid } = cluster;
  execFileSync(psql(), ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-"], {
    ...(process.getuid?.() === 0 && { uid, gid }),
    cwd: "/",
    env: { PATH: process.env.PATH, PGHOST: socket, PGPORT: port, PGUSER: "postgres", PGDATABASE: database },
    input: statements,
    maxBuffer: 1 << 24,
  });
}

/** The one database that is not PostgreSQL's own. @param {Cluster} cluster */
export function applicationDatabase(cluster) {
  return sql(cluster, MAINTENANCE, "select datname from pg_database where datname not in ('postgres', 'template0', 'template1')");
}

/** Makes a person's sessions look unused for so many minutes. @param {Cluster} cluster @param {string} sub @param {number} minutes */
export function idle(cluster, sub, minutes) {
  if (!/^[a-z-]+$/.test(sub)) throw new Error(`not a demo sub: ${sub}`);
  const changed = sql(
    cluster,
    applicationDatabase(cluster),
    `update session set last_seen_at = now() - interval '${Number(minutes)} minutes' where sub = '${sub}' and revoked_at is null returning 1`,
  );
  if (!changed) throw new Error(`${sub} has no session`);
}

/** The database has no connection left for the portal (SQLSTATE 53300) until the returned function is called. @param {Cluster} cluster */
export function pauseDatabase(cluster) {
  const name = applicationDatabase(cluster);
  sql(cluster, MAINTENANCE, `alter database "${name}" connection limit 0`);
  sql(cluster, MAINTENANCE, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
  return () => void sql(cluster, MAINTENANCE, `alter database "${name}" connection limit -1`);
}

/** @param {string} folder @param {string} name @param {number} depth @returns {string | undefined} */
function findFile(folder, name, depth) {
  const here = join(folder, name);
  if (existsSync(here)) return here;
  if (depth === 0) return undefined;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const found = entry.isDirectory() ? findFile(join(folder, entry.name), name, depth - 1) : undefined;
    if (found) return found;
  }
  return undefined;
}

function psql() {
  const debian = "/usr/lib/postgresql";
  if (!existsSync(debian)) return "psql";
  const versions = readdirSync(debian).sort((one, other) => Number(other) - Number(one));
  const found = versions.map((version) => join(debian, version, "bin/psql")).find((path) => existsSync(path));
  return found ?? "psql";
}
