// A provider on a free port and a client that walks through it like a browser.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readOptions } from "../options.js";
import { startServer } from "../server.js";

export const SECRET = "a-secret-for-tests-of-the-demo-provider";
export const CLIENT = "groundcrew";

export function secretFile() {
  const path = join(mkdtempSync(join(tmpdir(), "demo-idp-")), "secret");
  writeFileSync(path, `${SECRET}\n`, { mode: 0o600 });
  return path;
}

export async function listen(server) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server.address().port;
}

export async function freePort() {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a provider; `portal` collects the logout tokens it is sent. */
export async function startProvider(t, flags = []) {
  const portal = { logoutTokens: [] };
  portal.server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    portal.logoutTokens.push(new URLSearchParams(body).get("logout_token"));
    response.end();
  });
  const portalPort = await listen(portal.server);
  const redirectUri = `http://localhost:${portalPort}/auth/callback/demo`;
  const postLogoutUri = `http://localhost:${portalPort}/auth/signed-out`;
  const port = await freePort();
  const options = readOptions([
    "--port", String(port), "--client-secret-file", secretFile(),
    "--redirect-uri", redirectUri, "--post-logout-uri", postLogoutUri,
    "--backchannel-logout-uri", `http://localhost:${portalPort}/auth/backchannel/demo`,
    "--test-control", ...flags,
  ], {});
  const server = await startServer(options);
  t.after(async () => {
    await server.close();
    portal.server.closeAllConnections();
    await new Promise((resolve) => portal.server.close(resolve));
  });
  return { issuer: server.issuer, redirectUri, postLogoutUri, portal };
}

export function decode(jwt) {
  const [header, payload] = jwt.split(".").slice(0, 2).map((part) => JSON.parse(Buffer.from(part, "base64url")));
  return { header, payload };
}

/** A browser of sorts: keeps cookies, follows nothing by itself. */
export class Browser {
  cookies = new Map();

  async go(url, { method = "GET", form } = {}) {
    const response = await fetch(url, {
      method,
      redirect: "manual",
      headers: { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
      body: form && new URLSearchParams(form),
    });
    for (const line of response.headers.getSetCookie()) {
      const [name, value] = line.split(";")[0].split(/=(.*)/s);
      if (value) this.cookies.set(name, value);
      else this.cookies.delete(name);
    }
    return response;
  }

  /** Goes on while the provider redirects within itself. */
  async follow(url, issuer) {
    for (let hops = 0; hops < 8; hops += 1) {
      const response = await this.go(url);
      const location = response.headers.get("location");
      if (!location) return { response, url };
      url = new URL(location, issuer).href;
      if (!url.startsWith(`${issuer}/`)) return { response, url };
    }
    throw new Error("redirected in circles");
  }
}

export function authorizationUrl({ issuer, redirectUri }, changes = {}) {
  const verifier = randomBytes(32).toString("base64url");
  const params = {
    client_id: CLIENT,
    response_type: "code",
    scope: "openid profile email",
    redirect_uri: redirectUri,
    state: "state-1",
    nonce: "nonce-1",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    ...changes,
  };
  const query = new URLSearchParams(Object.entries(params).filter(([, value]) => value !== undefined));
  return { url: `${issuer}/auth?${query}`, verifier };
}

/** Signs `sub` in and returns the callback's parameters and the ID token. */
export async function signIn(idp, browser, sub, changes = {}, pick = {}) {
  const { url, verifier } = authorizationUrl(idp, changes);
  let arrived = await browser.follow(url, idp.issuer);
  if (arrived.url.includes("/interaction/")) {
    assert.equal(arrived.response.status, 200);
    const posted = await browser.go(`${arrived.url}/login`, { method: "POST", form: { sub, ...pick } });
    assert.equal(posted.status, 303);
    arrived = await browser.follow(posted.headers.get("location"), idp.issuer);
  }
  const callback = new URL(arrived.url).searchParams;
  if (!callback.has("code")) return { callback };
  const tokens = await exchange(idp, callback.get("code"), verifier);
  return { callback, tokens, ...decode(tokens.id_token) };
}

export async function exchange({ issuer, redirectUri }, code, verifier) {
  const response = await fetch(`${issuer}/token`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${CLIENT}:${SECRET}`).toString("base64")}` },
    body: new URLSearchParams({
      grant_type: "authorization_code", code, redirect_uri: redirectUri, ...(verifier && { code_verifier: verifier }),
    }),
  });
  return response.json();
}

export function control({ issuer }, order, content = {}) {
  return fetch(`${issuer}/control/${order}`, { method: "POST", body: JSON.stringify(content) });
}
