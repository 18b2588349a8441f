// Starts and stops programs by process id, and waits for what they promise.
import { spawn } from "node:child_process";
import { createServer } from "node:http";

const KEPT_LOG_LINES = 400;

/**
 * @typedef {object} Program
 * @property {string} name
 * @property {number} pid
 * @property {() => string} log the last lines it wrote
 * @property {(signal: NodeJS.Signals) => void} signal
 * @property {Promise<number | string>} ended its exit code or signal
 * @property {() => Promise<void>} stop asks it to end, insists after 20 seconds
 */

/**
 * @param {string} name
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string | undefined>} env
 * @returns {Program}
 */
export function start(name, command, args, env = {}) {
  /** @type {string[]} */
  const lines = [];
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      lines.push(...text.trimEnd().split("\n"));
      lines.splice(0, Math.max(0, lines.length - KEPT_LOG_LINES));
    });
  }
  /** @type {Promise<number | string>} */
  const ended = new Promise((resolve) => {
    child.once("error", (error) => {
      lines.push(String(error));
      resolve("not started");
    });
    child.once("exit", (code, signal) => resolve(signal ?? code ?? "unknown"));
  });
  return {
    name,
    pid: child.pid ?? -1,
    log: () => lines.join("\n"),
    signal: (signal) => void child.kill(signal),
    ended,
    stop: async () => {
      child.kill("SIGTERM");
      const insist = setTimeout(() => child.kill("SIGKILL"), 20_000);
      await ended;
      clearTimeout(insist);
    },
  };
}

/**
 * Waits until `url` answers 200; fails as soon as the program has ended.
 * @param {Program} program
 * @param {string} url
 * @param {number} seconds
 */
export async function untilReady(program, url, seconds) {
  const deadline = Date.now() + seconds * 1000;
  /** @type {number | string | undefined} */
  let exit;
  void program.ended.then((code) => { exit = code; });
  let last = "no answer";
  while (Date.now() < deadline) {
    if (exit !== undefined) throw new Error(`${program.name} ended with ${exit}:\n${program.log()}`);
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
      if (response.ok) return;
      last = `${response.status}`;
    } catch (error) {
      last = String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${program.name} is not ready after ${seconds} s (${last}):\n${program.log()}`);
}

/** A port nobody listens on just now; GROUNDCREW_E2E_PORTS=4130-4139 narrows the choice. */
export async function freePort() {
  const range = process.env.GROUNDCREW_E2E_PORTS?.split("-").map(Number);
  if (!range) return tryPort(0);
  // Workers search from different places, so that two never find the same port at once.
  const first = range[0] + 4 * Number(process.env.TEST_PARALLEL_INDEX ?? 0);
  for (let port = first; port <= range[1]; port += 1) {
    if (handedOut.has(port)) continue;
    const found = await tryPort(port).catch(() => undefined);
    if (found) {
      handedOut.add(found);
      return found;
    }
  }
  throw new Error(`no free port in ${process.env.GROUNDCREW_E2E_PORTS}`);
}

const handedOut = new Set();

/** @param {number} port @returns {Promise<number>} */
function tryPort(port) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      const found = typeof address === "object" && address ? address.port : port;
      server.close(() => resolve(found));
    });
  });
}
