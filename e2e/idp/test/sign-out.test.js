// RP-initiated and back-channel logout.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Browser, control, decode, signIn, startProvider } from "./support.js";

const EVENT = "http://schemas.openid.net/event/backchannel-logout";

async function endSession(idp, browser, idToken, state) {
  const query = new URLSearchParams({ id_token_hint: idToken, client_id: "groundcrew", post_logout_redirect_uri: idp.postLogoutUri, state });
  const asked = await browser.go(`${idp.issuer}/session/end?${query}`);
  const html = await asked.text();
  assert.match(html, /Sign out of the demo provider/);
  const [, xsrf] = html.match(/name="xsrf" value="([^"]+)"/);
  return browser.go(`${idp.issuer}/session/end/confirm`, { method: "POST", form: { xsrf, logout: "yes" } });
}

test("signing out ends the session, tells the portal and returns with the state", async (t) => {
  const idp = await startProvider(t);
  const browser = new Browser();
  const { tokens, payload } = await signIn(idp, browser, "p-ines-duarte");
  const done = await endSession(idp, browser, tokens.id_token, "state-out");
  assert.equal(done.headers.get("location"), `${idp.postLogoutUri}?state=state-out`);
  assert.equal(idp.portal.logoutTokens.length, 1);
  const again = await signIn(idp, browser, "p-jonas-weber");
  assert.equal(again.payload.sub, "p-jonas-weber");
  assert.notEqual(again.payload.sid, payload.sid);
});

test("the logout token has the shape of OpenID Back-Channel Logout 1.0", async (t) => {
  const idp = await startProvider(t);
  const { payload: idToken } = await signIn(idp, new Browser(), "p-ines-duarte");
  const answer = await (await control(idp, "sign-out", { sub: "p-ines-duarte" })).json();
  assert.deepEqual(answer.told, [{ sid: idToken.sid, outcome: "accepted" }]);
  const { header, payload } = decode(idp.portal.logoutTokens[0]);
  assert.equal(header.typ, "logout+jwt");
  assert.equal(header.alg, "RS256");
  assert.equal(payload.iss, idp.issuer);
  assert.equal(payload.aud, "groundcrew");
  assert.equal(payload.sub, "p-ines-duarte");
  assert.equal(payload.sid, idToken.sid);
  assert.ok(payload.jti && payload.exp > payload.iat);
  assert.deepEqual(payload.events, { [EVENT]: {} });
  assert.equal(payload.nonce, undefined);
});

test("a return address that is not registered is refused", async (t) => {
  const idp = await startProvider(t);
  const browser = new Browser();
  const { tokens } = await signIn(idp, browser, "p-ines-duarte");
  const query = new URLSearchParams({ id_token_hint: tokens.id_token, post_logout_redirect_uri: "http://localhost:1/x" });
  const response = await browser.go(`${idp.issuer}/session/end?${query}`);
  assert.equal(response.status, 400);
});
