// What the provider may be told, by flag or by environment, and what it refuses.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

const LOOPBACK_ADDRESSES = ["127.0.0.1", "::1"];
const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];
const ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"];

// flag -> [environment, default, explanation]
const FLAGS = {
  port: ["IDP_PORT", "4010", "port to listen on; the issuer is http://localhost:PORT"],
  host: ["IDP_HOST", "127.0.0.1", "address to bind: 127.0.0.1 or ::1, nothing else"],
  "client-id": ["IDP_CLIENT_ID", "groundcrew", "the portal's client id"],
  "client-secret-file": ["IDP_CLIENT_SECRET_FILE", "", "file that holds the portal's client secret"],
  "redirect-uri": ["IDP_REDIRECT_URI", "", "where the portal takes codes; more than one separated by commas"],
  "post-logout-uri": ["IDP_POST_LOGOUT_URI", "", "where people return to after signing out"],
  "backchannel-logout-uri": ["IDP_BACKCHANNEL_LOGOUT_URI", "", "where logout tokens are sent"],
  "groups-claim": ["IDP_GROUPS_CLAIM", "groups", "name of the claim that lists groups"],
  alg: ["IDP_ALG", "RS256", `signature of tokens: ${ALGORITHMS.join(", ")}`],
  people: ["IDP_PEOPLE", new URL("people.json", import.meta.url).pathname, "file that lists the people"],
  data: ["IDP_DATA", "", "folder that keeps the signing keys; without it they live in memory"],
};

export function usage() {
  const lines = Object.entries(FLAGS).map(([flag, [env, fallback, text]]) => {
    const shown = fallback && flag !== "people" ? ` (default ${fallback})` : "";
    return `  --${flag.padEnd(24)}${text}${shown} [${env}]`;
  });
  return [
    "Demo OpenID provider: people pick who they are, no passwords. Loopback only.",
    "",
    "node main.js --client-secret-file FILE --redirect-uri URL [options]",
    "",
    ...lines,
    "  --test-control            open /control for tests: rotate keys, change people, fail on purpose [IDP_TEST_CONTROL=1]",
    "  --help                    this text",
  ].join("\n");
}

/** Reads flags and environment. Throws one Error that lists every mistake. */
export function readOptions(argv, env) {
  const { values } = parseArgs({
    args: argv,
    options: {
      ...Object.fromEntries(Object.keys(FLAGS).map((flag) => [flag, { type: "string" }])),
      "test-control": { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return { help: true };

  const value = (flag) => values[flag] ?? env[FLAGS[flag][0]] ?? FLAGS[flag][1];
  const list = (flag) => value(flag).split(",").map((item) => item.trim()).filter(Boolean);
  const mistakes = [];

  const port = Number(value("port"));
  if (!Number.isInteger(port) || port < 1 || port > 65535) mistakes.push(`--port ${value("port")}: not a port`);

  const host = value("host");
  if (!LOOPBACK_ADDRESSES.includes(host)) {
    mistakes.push(`--host ${host}: refused, this provider signs anybody in and binds 127.0.0.1 or ::1 only`);
  }

  const alg = value("alg");
  if (!ALGORITHMS.includes(alg)) mistakes.push(`--alg ${alg}: not one of ${ALGORITHMS.join(", ")}`);

  const redirectUris = list("redirect-uri");
  if (redirectUris.length === 0) mistakes.push("--redirect-uri is missing");
  const postLogoutUris = list("post-logout-uri");
  const backchannelUri = value("backchannel-logout-uri");
  for (const uri of [...redirectUris, ...postLogoutUris, ...(backchannelUri ? [backchannelUri] : [])]) {
    if (!isLoopbackUrl(uri)) mistakes.push(`${uri}: refused, only loopback addresses may use this provider`);
  }

  const options = {
    port,
    host,
    issuer: `http://localhost:${port}`,
    clientId: value("client-id"),
    clientSecret: readFile("client-secret-file", (text) => text.trim()),
    redirectUris,
    postLogoutUris,
    backchannelUri,
    groupsClaim: value("groups-claim"),
    alg,
    people: readFile("people", JSON.parse),
    data: value("data"),
    testControl: values["test-control"] ?? env.IDP_TEST_CONTROL === "1",
  };
  if (options.clientSecret === "") mistakes.push(`--client-secret-file ${value("client-secret-file")}: empty`);
  if (mistakes.length > 0) throw new Error(mistakes.join("\n"));
  return options;

  function readFile(flag, parse) {
    const path = value(flag);
    if (!path) {
      mistakes.push(`--${flag} is missing`);
      return undefined;
    }
    try {
      return parse(readFileSync(path, "utf8"));
    } catch (error) {
      mistakes.push(`--${flag} ${path}: ${error.message}`);
      return undefined;
    }
  }
}

function isLoopbackUrl(text) {
  try {
    const url = new URL(text);
    return ["http:", "https:"].includes(url.protocol) && LOOPBACK_NAMES.includes(url.hostname);
  } catch {
    return false;
  }
}
