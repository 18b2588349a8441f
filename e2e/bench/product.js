// Identity provider and portal with a data folder of their own; the portal can be started again.
import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, start, untilReady } from "../support/processes.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export async function startProduct() {
  const binary = process.env.GROUNDCREW_BIN;
  if (!binary) throw new Error("GROUNDCREW_BIN must name the groundcrew binary to measure");
  const folder = mkdtempSync(join(tmpdir(), "gc-bench-"));
  chmodSync(folder, 0o755); // the embedded database runs under another uid
  const data = join(folder, "data");
  const [port, idpPort] = [await freePort(), await freePort()];
  const [url, issuer] = [`http://localhost:${port}`, `http://localhost:${idpPort}`];
  const secretFile = join(folder, "client-secret");
  writeFileSync(secretFile, randomBytes(32).toString("base64url"), { mode: 0o600 });
  const issuers = join(folder, "issuers.yaml");
  writeFileSync(issuers, [
    "- id: demo", "  title: Demo sign-in", `  issuer: ${issuer}`, "  client_id: groundcrew", `  client_secret_file: ${secretFile}`, "",
  ].join("\n"));
  const provider = start("identity provider", process.execPath, [join(ROOT, "e2e/idp/main.js")], {
    IDP_PORT: String(idpPort),
    IDP_CLIENT_SECRET_FILE: secretFile,
    IDP_REDIRECT_URI: `${url}/auth/callback/demo`,
    IDP_POST_LOGOUT_URI: `${url}/auth/signed-out`,
    IDP_BACKCHANNEL_LOGOUT_URI: `${url}/auth/backchannel/demo`,
  });
  await untilReady(provider, `${issuer}/.well-known/openid-configuration`, 60);
  /** @type {import("../support/processes.js").Program | undefined} */
  let portal;

  return {
    url,
    issuer,
    data,
    /** Milliseconds from the start of the process to the first page. */
    async start() {
      const from = performance.now();
      portal = start("groundcrew", binary, ["serve"], {
        GROUNDCREW_PUBLIC_URL: url,
        GROUNDCREW_LISTEN: `127.0.0.1:${port}`,
        GROUNDCREW_DATA: data,
        GROUNDCREW_REPOSITORY: join(ROOT, "server/example-platform"),
        GROUNDCREW_ISSUERS: issuers,
      });
      await firstPage(portal, `${url}/sign-in`);
      return Math.round(performance.now() - from);
    },
    async stopPortal() {
      await portal?.stop();
    },
    /** Resident memory of the portal's process; the database is other processes. */
    rssKb() {
      const status = readFileSync(`/proc/${portal?.pid}/status`, "utf8");
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
    },
    async stop() {
      await Promise.all([portal?.stop(), provider.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Asks every 5 ms, which is the precision of the figure. @param {import("../support/processes.js").Program} portal @param {string} url */
async function firstPage(portal, url) {
  let over = false;
  void portal.ended.then(() => { over = true; });
  for (const deadline = Date.now() + 120_000; Date.now() < deadline && !over;) {
    const ok = await fetch(url).then(async (response) => (await response.text()) && response.ok, () => false);
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`no page from groundcrew:\n${portal.log()}`);
}
