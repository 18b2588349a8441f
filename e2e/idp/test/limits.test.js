// What the provider refuses, and the program around it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, statSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { loadKeys } from "../keys.js";
import { readOptions } from "../options.js";
import { Browser, authorizationUrl, control, freePort, secretFile, startProvider } from "./support.js";

const GOOD = ["--client-secret-file", secretFile(), "--redirect-uri", "http://localhost:8080/auth/callback/demo"];
const MAIN = new URL("../main.js", import.meta.url).pathname;

for (const host of ["0.0.0.0", "::", "192.168.1.10", "localhost", "10.0.0.1", ""]) {
  test(`binding ${host || "nothing"} is refused`, () => {
    assert.throws(() => readOptions([...GOOD, "--host", host], {}), /binds 127\.0\.0\.1 or ::1 only/);
    assert.throws(() => readOptions(GOOD, { IDP_HOST: host }), /binds 127\.0\.0\.1 or ::1 only/);
  });
}

test("a portal that is not on this machine is refused", () => {
  for (const uri of ["https://portal.example.com/cb", "http://localhost.example.com/cb", "http://192.168.1.10/cb", "nonsense"]) {
    assert.throws(() => readOptions([...GOOD.slice(0, 2), "--redirect-uri", uri], {}), /only loopback/);
  }
});

test("all mistakes are reported at once", () => {
  assert.throws(() => readOptions(["--port", "0", "--alg", "HS256"], {}), (error) =>
    ["--port", "--alg", "--redirect-uri", "--client-secret-file"].every((flag) => error.message.includes(flag)));
});

test("options come from the environment, flags win", () => {
  const options = readOptions([...GOOD, "--port", "4011"], { IDP_PORT: "4012", IDP_GROUPS_CLAIM: "roles" });
  assert.equal(options.port, 4011);
  assert.equal(options.groupsClaim, "roles");
});

test("keys in a data folder outlive a restart and are private to their owner", () => {
  const folder = join(mkdtempSync(join(tmpdir(), "demo-idp-")), "keys");
  const first = loadKeys(folder, "RS256");
  assert.deepEqual(loadKeys(folder, "RS256"), first);
  const path = join(folder, "signing-keys-RS256.json");
  assert.equal(statSync(path).mode & 0o077, 0);
  assert.deepEqual(JSON.parse(readFileSync(path, "utf8")), first);
});

test("another host name is 421: somebody else's DNS must not reach us", async (t) => {
  const { issuer } = await startProvider(t);
  const status = await new Promise((resolve, reject) => {
    request(`${issuer}/`, { headers: { host: "evil.example" } }, (response) => resolve(response.resume().statusCode))
      .on("error", reject).end();
  });
  assert.equal(status, 421);
});

test("control is closed unless asked for, and never open to a page", async (t) => {
  const idp = await startProvider(t);
  const fromPage = await fetch(`${idp.issuer}/control/down`, { method: "POST", headers: { "sec-fetch-site": "cross-site" }, body: "{}" });
  assert.equal(fromPage.status, 403);
  const port = await freePort();
  const child = spawn(process.execPath, [MAIN, ...GOOD, "--port", String(port)], { stdio: ["ignore", "pipe", "ignore"] });
  t.after(() => child.kill("SIGKILL"));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  const closed = await fetch(`http://localhost:${port}/control/rotate-keys`, { method: "POST" });
  assert.equal(closed.status, 404);
});

test("down on purpose answers 503 until told otherwise", async (t) => {
  const idp = await startProvider(t);
  await control(idp, "down", { down: true });
  assert.equal((await fetch(`${idp.issuer}/jwks`)).status, 503);
  await control(idp, "down", { down: false });
  assert.equal((await fetch(`${idp.issuer}/jwks`)).status, 200);
});

test("the program says one line when ready and ends on SIGTERM", async (t) => {
  const port = await freePort();
  const child = spawn(process.execPath, [MAIN, ...GOOD, "--port", String(port)], { stdio: ["ignore", "pipe", "ignore"] });
  t.after(() => child.kill("SIGKILL"));
  let output = "";
  child.stdout.on("data", (chunk) => { output += chunk; });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  child.kill("SIGTERM");
  const code = await new Promise((resolve) => child.once("exit", resolve));
  assert.equal(code, 0);
  assert.equal(output, `demo identity provider ready: http://localhost:${port}\n`);
});

test("an interaction without its cookie is refused", async (t) => {
  const idp = await startProvider(t);
  const { url } = authorizationUrl(idp);
  const arrived = await new Browser().follow(url, idp.issuer);
  const stranger = await new Browser().go(`${arrived.url}/login`, { method: "POST", form: { sub: "p-maria-costa" } });
  assert.equal(stranger.status, 400);
});
