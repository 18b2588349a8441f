// The whole product for one test worker: identity provider, portal, its own database and data folder.
import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findCluster, idle, pauseDatabase } from "./database.js";
import { freePort, start, untilReady } from "./processes.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SECONDS_TO_READY = 120;

/**
 * @typedef {object} Stack
 * @property {string} url the portal's address
 * @property {string} issuer the identity provider's address
 * @property {import("./processes.js").Program} portal
 * @property {string} data the portal's data folder
 * @property {(order: string, content?: object) => Promise<any>} idp orders for the identity provider
 * @property {(sub: string, minutes: number) => void} idle a person's sessions were last used so long ago
 * @property {() => () => void} pauseDatabase the database lets nobody in until the result is called
 * @property {() => Promise<void>} stop
 */

/** @returns {Promise<Stack>} */
export async function startStack() {
  const binary = process.env.GROUNDCREW_BIN;
  if (!binary) throw new Error("GROUNDCREW_BIN must name the groundcrew binary to test");
  const folder = mkdtempSync(join(tmpdir(), "gc-e2e-"));
  chmodSync(folder, 0o755); // the embedded database runs under another uid
  const data = join(folder, "data");
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const idpPort = await freePort();
  const issuer = `http://localhost:${idpPort}`;
  const secretFile = join(folder, "client-secret");
  writeFileSync(secretFile, randomBytes(32).toString("base64url"), { mode: 0o600 });

  const provider = start("identity provider", process.execPath, [join(ROOT, "e2e/idp/main.js"), "--test-control"], {
    IDP_PORT: String(idpPort),
    IDP_CLIENT_SECRET_FILE: secretFile,
    IDP_REDIRECT_URI: `${url}/auth/callback/demo`,
    IDP_POST_LOGOUT_URI: `${url}/auth/signed-out`,
    IDP_BACKCHANNEL_LOGOUT_URI: `${url}/auth/backchannel/demo`,
  });
  /** @type {import("./processes.js").Program[]} */
  const programs = [provider];
  const stop = async () => {
    await Promise.all(programs.map((program) => program.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilReady(provider, `${issuer}/.well-known/openid-configuration`, SECONDS_TO_READY);
    const issuers = join(folder, "issuers.yaml");
    writeFileSync(issuers, issuersFile(issuer, secretFile));
    const portal = start("groundcrew", binary, ["serve"], {
      GROUNDCREW_PUBLIC_URL: url,
      GROUNDCREW_LISTEN: `127.0.0.1:${port}`,
      GROUNDCREW_DATA: data,
      GROUNDCREW_REPOSITORY: join(ROOT, "server/example-platform"),
      GROUNDCREW_ISSUERS: issuers,
      NO_COLOR: "1",
    });
    programs.push(portal);
    await untilReady(portal, `${url}/readyz`, SECONDS_TO_READY);
    return {
      url,
      issuer,
      portal,
      data,
      stop,
      idp: (order, content) => control(issuer, order, content),
      idle: (sub, minutes) => idle(findCluster(data), sub, minutes),
      pauseDatabase: () => pauseDatabase(findCluster(data)),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @param {string} issuer @param {string} secretFile */
function issuersFile(issuer, secretFile) {
  return [
    "- id: demo",
    "  title: Demo identity provider",
    `  issuer: ${issuer}`,
    "  client_id: groundcrew",
    `  client_secret_file: ${secretFile}`,
    "  acr_values: [urn:groundcrew:mfa]",
    "",
  ].join("\n");
}

/** @param {string} issuer @param {string} order @param {object} content */
async function control(issuer, order, content = {}) {
  const response = await fetch(`${issuer}/control/${order}`, { method: "POST", body: JSON.stringify(content) });
  if (!response.ok) throw new Error(`${order}: ${response.status} ${await response.text()}`);
  return response.json();
}
