// Signs a person in without a browser: the same addresses, the same redirects, no markup.
// By node:http, since fetch cannot say that it navigates.
import { request } from "node:http";

/** @param {{ url: string, issuer: string }} product @param {string} sub @returns {Promise<string>} the Cookie header */
export async function cookiesOf(product, sub) {
  /** @type {Map<string, string>} */
  const jar = new Map();
  let form = /** @type {Record<string, string> | undefined} */ ({ issuer: "demo" });
  let url = `${product.url}/auth/start`;
  for (let hop = 0; hop < 15; hop += 1) {
    const response = await navigate(url, header(jar), form);
    form = undefined;
    for (const line of response.headers["set-cookie"] ?? []) {
      const [name, value] = line.split(";")[0].split(/=(.*)/s);
      if (value) jar.set(name, value);
      else jar.delete(name);
    }
    if (response.headers.location) {
      url = new URL(response.headers.location, url).href;
      if (url.startsWith(product.url) && !url.includes("/auth/")) return header(jar);
    } else if (url.includes("/interaction/")) {
      url = `${url}/login`;
      form = { sub };
    } else {
      throw new Error(`sign-in stopped at ${url}: ${response.status} ${response.body.slice(0, 300)}`);
    }
  }
  throw new Error("sign-in was redirected in circles");
}

/** @param {Map<string, string>} jar */
function header(jar) {
  return [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
}

/**
 * @param {string} url
 * @param {string} cookie
 * @param {Record<string, string> | undefined} form
 * @returns {Promise<{ status: number | undefined, headers: import("node:http").IncomingHttpHeaders, body: string }>}
 */
function navigate(url, cookie, form) {
  const body = form && new URLSearchParams(form).toString();
  const headers = {
    cookie,
    accept: "text/html",
    origin: new URL(url).origin,
    "sec-fetch-site": "same-origin",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
    ...(body && { "content-type": "application/x-www-form-urlencoded" }),
  };
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: form ? "POST" : "GET", headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part) => { text += part; });
      answer.on("error", reject).on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body: text }));
    });
    sending.on("error", reject).end(body);
  });
}
