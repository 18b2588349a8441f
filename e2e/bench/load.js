// Asks for one page again and again and measures until its last byte.
import { Agent, get } from "node:http";

/**
 * @param {string} url
 * @param {string} cookie
 * @param {number} connections
 * @param {number} seconds
 */
export async function load(url, cookie, connections, seconds) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  for (let warm = 0; warm < 20; warm += 1) await once(url, cookie, agent);
  /** @type {number[]} */
  const times = [];
  const from = performance.now();
  const until = from + seconds * 1000;
  await Promise.all(Array.from({ length: connections }, async () => {
    while (performance.now() < until) times.push(await once(url, cookie, agent));
  }));
  const took = (performance.now() - from) / 1000;
  agent.destroy();
  times.sort((one, other) => one - other);
  const at = (/** @type {number} */ share) => round(times[Math.min(times.length - 1, Math.floor(times.length * share))]);
  return { requests: times.length, perSecond: round(times.length / took), p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** Milliseconds of one request; anything but 200 ends the measurement. @param {string} url @param {string} cookie @param {Agent} agent */
function once(url, cookie, agent) {
  const headers = { cookie, accept: "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "sec-fetch-site": "none" };
  return /** @type {Promise<number>} */ (new Promise((resolve, reject) => {
    const from = performance.now();
    get(url, { agent, headers }, (response) => {
      response.resume().on("error", reject).on("end", () => {
        if (response.statusCode === 200) resolve(performance.now() - from);
        else reject(new Error(`${url} answers ${response.statusCode}`));
      });
    }).on("error", reject);
  }));
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
