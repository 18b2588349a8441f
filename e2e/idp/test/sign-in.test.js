// The code flow as the portal walks it, and what the ID token then says.
import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import { test } from "node:test";
import { Browser, authorizationUrl, control, exchange, signIn, startProvider } from "./support.js";

test("a developer signs in by code and PKCE and the token says who she is", async (t) => {
  const idp = await startProvider(t);
  const { callback, header, payload } = await signIn(idp, new Browser(), "p-ines-duarte");
  assert.equal(callback.get("state"), "state-1");
  assert.equal(callback.get("iss"), idp.issuer);
  assert.equal(header.alg, "RS256");
  assert.equal(payload.iss, idp.issuer);
  assert.equal(payload.aud, "groundcrew");
  assert.equal(payload.sub, "p-ines-duarte");
  assert.equal(payload.nonce, "nonce-1");
  assert.equal(payload.name, "Inês Duarte");
  assert.equal(payload.email, "ines.duarte@example.test");
  assert.deepEqual(payload.groups, ["idp-payments"]);
  assert.equal(payload.acr, "urn:groundcrew:single");
  assert.deepEqual(payload.amr, ["user"]);
  assert.ok(payload.sid.length > 10);
  assert.ok(Math.abs(payload.auth_time - Date.now() / 1000) < 10);
});

test("the signature verifies with the published key, before and after a rotation", async (t) => {
  const idp = await startProvider(t);
  const kids = [];
  for (const round of [1, 2]) {
    if (round === 2) await control(idp, "rotate-keys");
    const { tokens, header } = await signIn(idp, new Browser(), "p-ines-duarte");
    const { keys } = await (await fetch(`${idp.issuer}/jwks`)).json();
    const key = createPublicKey({ key: keys.find(({ kid }) => kid === header.kid), format: "jwk" });
    const [head, body, signature] = tokens.id_token.split(".");
    assert.ok(verify("sha256", `${head}.${body}`, key, Buffer.from(signature, "base64url")));
    kids.push(header.kid);
  }
  assert.notEqual(kids[0], kids[1]);
});

for (const alg of ["ES256", "PS256", "EdDSA"]) {
  test(`tokens can be signed with ${alg}`, async (t) => {
    const idp = await startProvider(t, ["--alg", alg]);
    const { header } = await signIn(idp, new Browser(), "p-ines-duarte");
    assert.equal(header.alg, alg);
  });
}

test("without PKCE, with a plain challenge or with the wrong verifier there are no tokens", async (t) => {
  const idp = await startProvider(t);
  for (const changes of [{ code_challenge: undefined, code_challenge_method: undefined }, { code_challenge_method: "plain" }]) {
    const { callback } = await signIn(idp, new Browser(), "p-ines-duarte", changes);
    assert.equal(callback.get("error"), "invalid_request");
    assert.equal(callback.get("code"), null);
  }
  const browser = new Browser();
  await signIn(idp, browser, "p-ines-duarte");
  const { url } = authorizationUrl(idp);
  const arrived = await browser.follow(url, idp.issuer);
  const refused = await exchange(idp, new URL(arrived.url).searchParams.get("code"), "x".repeat(43));
  assert.equal(refused.error, "invalid_grant");
});

test("a redirect address that is not registered is refused on the spot", async (t) => {
  const idp = await startProvider(t);
  const { url } = authorizationUrl(idp, { redirect_uri: "http://localhost:1/elsewhere" });
  const response = await new Browser().go(url);
  assert.equal(response.status, 400);
  assert.equal(response.headers.get("location"), null);
});

test("people without groups, with too many, and under another claim name", async (t) => {
  const idp = await startProvider(t, ["--groups-claim", "roles"]);
  const lena = await signIn(idp, new Browser(), "p-lena-hartmann");
  assert.deepEqual(lena.payload.roles, ["idp-payments", "idp-payments-leads"]);
  assert.equal(lena.payload.groups, undefined);
  const gus = await signIn(idp, new Browser(), "p-gus-nogroups");
  assert.equal(gus.payload.roles, undefined);
  const hugo = await signIn(idp, new Browser(), "p-hugo-huge");
  assert.equal(hugo.payload.roles, undefined);
  assert.equal(hugo.payload.hasgroups, true);
  assert.deepEqual(hugo.payload._claim_names, { roles: "src1" });
});

test("a second sign-in is silent, max_age=0, prompt=login and acr_values are not", async (t) => {
  const idp = await startProvider(t);
  const browser = new Browser();
  const first = await signIn(idp, browser, "p-ines-duarte");
  const silent = await signIn(idp, browser, "p-jonas-weber");
  assert.equal(silent.payload.sub, "p-ines-duarte");
  assert.equal(silent.payload.auth_time, first.payload.auth_time);
  for (const changes of [{ max_age: "0" }, { prompt: "login" }, { acr_values: "urn:groundcrew:mfa" }]) {
    const { url } = authorizationUrl(idp, changes);
    const arrived = await browser.follow(url, idp.issuer);
    assert.match(arrived.url, /\/interaction\//, JSON.stringify(changes));
  }
  const { url } = authorizationUrl(idp, { max_age: "0", prompt: "none" });
  const refused = await browser.follow(url, idp.issuer);
  assert.equal(new URL(refused.url).searchParams.get("error"), "login_required");
});

test("a stronger sign-in carries the asked acr, unless the second factor is skipped", async (t) => {
  const idp = await startProvider(t);
  const browser = new Browser();
  await signIn(idp, browser, "p-lena-hartmann");
  const asked = { acr_values: "urn:groundcrew:mfa", max_age: "0" };
  const strong = await signIn(idp, browser, "p-lena-hartmann", asked);
  assert.equal(strong.payload.acr, "urn:groundcrew:mfa");
  assert.deepEqual(strong.payload.amr, ["user", "mfa"]);
  const weak = await signIn(idp, browser, "p-lena-hartmann", asked, { one_factor: "1" });
  assert.equal(weak.payload.acr, "urn:groundcrew:single");
});

test("cancelling and ordered errors reach the portal as errors", async (t) => {
  const idp = await startProvider(t);
  const browser = new Browser();
  const { url } = authorizationUrl(idp);
  const arrived = await browser.follow(url, idp.issuer);
  const posted = await browser.go(`${arrived.url}/abort`, { method: "POST" });
  const back = await browser.follow(posted.headers.get("location"), idp.issuer);
  assert.equal(new URL(back.url).searchParams.get("error"), "access_denied");
  await control(idp, "next-error", { error: "temporarily_unavailable", error_description: "<b>later</b>" });
  const { callback } = await signIn(idp, new Browser(), "p-ines-duarte");
  assert.equal(callback.get("error"), "temporarily_unavailable");
});

test("userinfo answers the access token with the same sub", async (t) => {
  const idp = await startProvider(t);
  const { tokens } = await signIn(idp, new Browser(), "p-ines-duarte");
  const response = await fetch(`${idp.issuer}/me`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
  assert.equal((await response.json()).sub, "p-ines-duarte");
});

test("another person can be picked at a fresh sign-in, with a session id of their own", async (t) => {
  const idp = await startProvider(t);
  const browser = new Browser();
  const ines = await signIn(idp, browser, "p-ines-duarte");
  const maria = await signIn(idp, browser, "p-maria-costa", { max_age: "0" });
  assert.equal(maria.payload.sub, "p-maria-costa");
  assert.notEqual(maria.payload.sid, ines.payload.sid);
  assert.equal(idp.portal.logoutTokens.length, 0);
  const silent = await signIn(idp, browser, "p-jonas-weber");
  assert.equal(silent.payload.sub, "p-maria-costa");
});
