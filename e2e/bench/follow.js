// Reads one log as a browser does, until its end.
import { get } from "node:http";

/**
 * Milliseconds from writing to reading of each line `at SECONDS`.
 * @param {string} url @param {string} attempt @param {string} cookie @returns {Promise<number[]>}
 */
export function follow(url, attempt, cookie) {
  const headers = { cookie, accept: "text/event-stream", "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" };
  return new Promise((resolve, reject) => {
    /** @type {number[]} */
    const times = [];
    let rest = "";
    get(`${url}/streams/logs/${attempt}`, { headers, agent: false }, (response) => {
      if (response.statusCode !== 200) {
        reject(new Error(`the stream answers ${response.statusCode}`));
        return;
      }
      response.setEncoding("utf8").on("data", (text) => {
        const now = Date.now();
        rest += text;
        for (let end = rest.indexOf("\n\n"); end >= 0; end = rest.indexOf("\n\n")) {
          const event = rest.slice(0, end);
          rest = rest.slice(end + 2);
          for (const line of event.matchAll(/at (\d+\.\d+)/g)) times.push(Math.round(now - Number(line[1]) * 1000));
          if (event.includes("event: end") || event.includes("event:end")) {
            response.destroy();
            resolve(times);
          }
        }
      });
      response.on("error", reject).on("end", () => resolve(times));
    }).on("error", reject);
  });
}
