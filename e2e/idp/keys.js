// Signing keys: made at the first start, kept in the data folder so that restarts keep them.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The kept key set for `alg`, or a new one. `folder` empty means in memory only. */
export function loadKeys(folder, alg) {
  if (!folder) return newKeySet(alg);
  const path = join(folder, `signing-keys-${alg}.json`);
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error.code !== "ENOENT") throw new Error(`${path}: ${error.message}`);
  }
  const keys = newKeySet(alg);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(path, JSON.stringify(keys, null, 2), { mode: 0o600 });
  return keys;
}

/** One fresh private key for `alg` and a secret that signs the provider's cookies. */
export function newKeySet(alg) {
  return { jwks: { keys: [newKey(alg)] }, cookieSecret: randomBytes(32).toString("base64url") };
}

export function newKey(alg) {
  const jwk = generate(alg).privateKey.export({ format: "jwk" });
  return { ...jwk, alg, use: "sig", kid: randomBytes(8).toString("hex") };
}

function generate(alg) {
  if (alg === "ES256") return generateKeyPairSync("ec", { namedCurve: "P-256" });
  if (alg === "EdDSA") return generateKeyPairSync("ed25519");
  return generateKeyPairSync("rsa", { modulusLength: 2048 });
}
