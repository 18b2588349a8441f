// GET shows who can be picked, POST login or abort answers the portal's request.
import { FIRST_FACTOR, SECOND_FACTOR } from "./provider.js";
import { page, pickPage } from "./pages.js";

const MOST_BODY_BYTES = 4096;

/** Answers /interaction/UID[/login|/abort]; `nextError` is what tests may have ordered. */
export async function answerInteraction({ request, response, provider, people, takeNextError }) {
  const details = await provider.interactionDetails(request, response).catch(() => undefined);
  if (!details) {
    return sendPage(response, 400, page("This sign-in has ended", "<p>Go back to the portal and start again.</p>"));
  }
  const client = await provider.Client.find(details.params.client_id);
  const formTargets = client.redirectUris;
  const wanted = details.params.acr_values?.split(" ") ?? [];
  const step = new URL(request.url, provider.issuer).pathname.split("/")[3];

  if (request.method === "GET" && step === undefined) {
    return sendPage(response, 200, pickPage({
      uid: details.uid,
      clientName: client.clientName,
      people: people.list(),
      current: details.session?.accountId,
      wantedAcr: wanted[0],
      formTargets,
    }));
  }
  if (request.method !== "POST") {
    return sendPage(response, 405, page("Not like this", "<p>This address takes forms only.</p>"));
  }

  const ordered = takeNextError();
  if (ordered) return finish(ordered);
  if (step === "abort") {
    return finish({ error: "access_denied", error_description: "The person cancelled the sign-in" });
  }
  const form = await readForm(request);
  const person = people.find(form.get("sub"));
  if (step !== "login" || !person) {
    return sendPage(response, 400, page("Nobody was picked", "<p>Go back and pick a person.</p>"));
  }
  await forgetOther(provider, details, person.sub);
  const twoFactors = wanted.length > 0 && !form.has("one_factor");
  return finish({
    login: {
      accountId: person.sub,
      ts: Math.floor(Date.now() / 1000),
      acr: twoFactors ? strongest(wanted) : FIRST_FACTOR,
      amr: twoFactors ? ["user", "mfa"] : ["user"],
    },
  });

  function finish(result) {
    return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }
}

/**
 * Another person takes over this browser's session here. The library would sign the first one
 * out by a page that needs script; like providers with several accounts, we just change over.
 */
async function forgetOther(provider, details, sub) {
  const known = details.session;
  if (!known?.accountId || known.accountId === sub) return;
  const session = await provider.Session.findByUid(known.uid);
  if (!session) return;
  Object.assign(session, { accountId: undefined, loginTs: undefined, acr: undefined, amr: undefined, authorizations: {} });
  await session.persist();
  details.session = { uid: known.uid, cookie: known.cookie };
  await details.persist();
}

function strongest(wanted) {
  return wanted.includes(SECOND_FACTOR) ? SECOND_FACTOR : wanted[0];
}

export function sendPage(response, status, { html, headers }) {
  response.writeHead(status, headers);
  response.end(html);
}

async function readForm(request) {
  return new URLSearchParams(await readBody(request));
}

export async function readBody(request) {
  let body = "";
  for await (const chunk of request) {
    body += chunk;
    if (body.length > MOST_BODY_BYTES) throw new Error("body too large");
  }
  return body;
}
