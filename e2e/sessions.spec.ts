// My sessions: I see them all and can end each.
import { expect, test } from "./support/test.ts";

test("I see both of my sessions and end the other one", async ({ portal, page, otherBrowser }) => {
  await portal.endAllSessionsOf("tomasz.wolny");
  await portal.signIn("tomasz.wolny");
  const other = portal.on(await otherBrowser.newPage());
  await other.signIn("tomasz.wolny");

  await page.goto("/sessions");
  await expect(portal.sessions).toHaveCount(2);
  await expect(portal.sessions.filter({ hasText: /this session/i })).toHaveCount(1);
  await portal.endOtherSession("tomasz.wolny");

  await other.expectSignedOut();
  await page.goto("/");
  await portal.expectSignedInAs("tomasz.wolny");
});

test("ending my own session signs me out", async ({ portal, page }) => {
  await portal.signIn("aiko.tanaka");
  await page.goto("/sessions");
  const mine = portal.sessions.filter({ hasText: /this session/i });
  await mine.getByRole("button", { name: "End and sign out" }).click();
  await expect(portal.accountButton).toHaveCount(0);
  await portal.expectSignedOut();
});

test("somebody else's sessions are not listed", async ({ portal, page, otherBrowser }) => {
  await portal.on(await otherBrowser.newPage()).signIn("maria.costa");
  await portal.signIn("samir.khan");
  await page.goto("/sessions");
  await expect(portal.sessions).not.toHaveCount(0);
  await expect(page.getByRole("main")).not.toContainText("Maria Costa");
});

test("security_16_ending another session needs the second factor", async ({ portal, page, otherBrowser, watch }) => {
  watch.expect(/status of 40[03]/);
  await portal.endAllSessionsOf("lena.hartmann");
  await portal.signIn("lena.hartmann");
  const other = portal.on(await otherBrowser.newPage());
  await other.signIn("lena.hartmann");
  await page.goto("/sessions");
  await portal.sessions.filter({ hasNotText: /this session/i }).getByRole("button", { name: "End" }).click();
  await page.getByRole("checkbox", { name: "Skip the second factor" }).check();
  await portal.pick("lena.hartmann");
  await expect(page).toHaveURL((url) => url.origin === portal.stack.url);
  await expect(page.getByRole("button", { name: "End now" })).toHaveCount(0);
  await other.page.goto("/");
  await other.expectSignedInAs("lena.hartmann");
});

test("security_16_somebody else's fresh sign-in ends nothing", async ({ portal, page, otherBrowser, watch }) => {
  watch.expect(/status of 40[03]/);
  await portal.endAllSessionsOf("jonas.weber");
  await portal.signIn("jonas.weber");
  const other = portal.on(await otherBrowser.newPage());
  await other.signIn("jonas.weber");
  await page.goto("/sessions");
  await portal.sessions.filter({ hasNotText: /this session/i }).getByRole("button", { name: "End" }).click();
  await portal.pick("maria.costa");
  await expect(page).toHaveURL((url) => url.origin === portal.stack.url);
  await expect(page.getByRole("button", { name: "End now" })).toHaveCount(0);
  await other.page.goto("/");
  await other.expectSignedInAs("jonas.weber");
});
