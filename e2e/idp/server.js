// One HTTP server around oidc-provider: host check, the sign-in page, the start page, test control.
import { createServer } from "node:http";
import { answerControl, newControl } from "./control.js";
import { answerInteraction, sendPage } from "./interaction.js";
import { loadKeys, newKey } from "./keys.js";
import { escape, page } from "./pages.js";
import { People } from "./people.js";
import { buildProvider } from "./provider.js";
import { Store } from "./store.js";

/** Starts listening; resolves to { issuer, close }. */
export async function startServer(options) {
  const people = new People(options.people, options.groupsClaim);
  const store = new Store();
  const control = newControl();
  let keys = loadKeys(options.data, options.alg);
  let provider;
  let handle;
  incarnate();

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      console.error(error);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    issuer: options.issuer,
    close: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };

  async function answer(request, response) {
    // A name that somebody else's DNS points at this machine is not ours.
    const names = ["localhost", "127.0.0.1", "[::1]"].map((name) => `${name}:${options.port}`);
    if (!names.includes(request.headers.host)) {
      return sendPage(response, 421, page("Wrong host", "<p>This provider answers to localhost only.</p>"));
    }
    const { pathname } = new URL(request.url, options.issuer);
    if (options.testControl && pathname.startsWith("/control/")) {
      return answerControl({ request, response, control, people, rotate, provider, store });
    }
    if (control.down) {
      response.writeHead(503, { "content-type": "text/plain" });
      return response.end("down on purpose\n");
    }
    if (pathname.startsWith("/interaction/")) {
      return answerInteraction({ request, response, provider, people, takeNextError });
    }
    if (pathname === "/") return sendPage(response, 200, startPage());
    return handle(request, response);
  }

  function incarnate() {
    provider = buildProvider({ options, keys, people, store });
    handle = provider.callback();
  }

  function rotate() {
    keys = { ...keys, jwks: { keys: [newKey(options.alg)] } };
    incarnate();
    return keys.jwks.keys[0].kid;
  }

  function takeNextError() {
    const error = control.nextError;
    control.nextError = undefined;
    return error;
  }

  function startPage() {
    const rows = people.list().map((person) => `<li><strong>${escape(person.name)}</strong> <code>${escape(person.username)}</code>: ${escape(person.note)}</li>`);
    return page(
      "Who lives here",
      `<ul>${rows.join("\n")}</ul><p><a href="/session/end">Sign out here</a> · <a href="/.well-known/openid-configuration">configuration</a></p>`,
    );
  }
}
