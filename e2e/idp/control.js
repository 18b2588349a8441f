// For tests only (--test-control): make the provider do what real ones do on bad days.
import { readBody } from "./interaction.js";

const EMPTY = Object.freeze({});

/** What tests have ordered so far. */
export function newControl() {
  return { nextError: undefined, down: false };
}

/**
 * POST /control/rotate-keys            new signing key, the old one is gone
 * POST /control/person {sub, ...}      change groups, name, or raw claims of a person
 * POST /control/next-error {error, error_description}   the next answer to the portal is this error
 * POST /control/down {down: true}      everything but /control answers 503
 * POST /control/sign-out {sub}         end a person's sessions here and send logout tokens
 * POST /control/sessions               who is signed in here
 */
export async function answerControl({ request, response, control, people, rotate, provider, store }) {
  if (request.method !== "POST" || request.headers["sec-fetch-site"]) return answer(403, { error: "tools only" });
  const body = await readBody(request);
  const order = body ? JSON.parse(body) : EMPTY;
  switch (new URL(request.url, "http://localhost").pathname) {
    case "/control/rotate-keys":
      return answer(200, { kid: rotate() });
    case "/control/person": {
      const { sub, ...changes } = order;
      return people.change(sub, changes) ? answer(200, EMPTY) : answer(404, { error: `nobody is ${sub}` });
    }
    case "/control/next-error":
      control.nextError = order;
      return answer(200, EMPTY);
    case "/control/down":
      control.down = Boolean(order.down);
      return answer(200, EMPTY);
    case "/control/sign-out":
      return answer(200, await signOutEverywhere(provider, store, order.sub));
    case "/control/sessions":
      return answer(200, store.all("Session").map(({ accountId, authorizations }) => ({ accountId, authorizations })));
    default:
      return answer(404, { error: "no such order" });
  }

  function answer(status, content) {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(content));
  }
}

/** Ends the provider's sessions of a person and tells each client by back-channel. */
async function signOutEverywhere(provider, store, sub) {
  const told = [];
  for (const payload of store.all("Session").filter(({ accountId }) => accountId === sub)) {
    const session = await provider.Session.findByUid(payload.uid);
    for (const [clientId, { sid }] of Object.entries(session.authorizations ?? {})) {
      const client = await provider.Client.find(clientId);
      if (!client.backchannelLogoutUri) continue;
      const outcome = await client.backchannelLogout(sub, sid).then(() => "accepted", (error) => error.message);
      told.push({ sid, outcome });
    }
    await session.destroy();
  }
  return { told };
}
