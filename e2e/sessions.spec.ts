// My sessions: I see them all and can end each.
import { expect, test } from "./support/test.ts";

test("I see both of my sessions and end the other one", async ({ portal, page, otherBrowser }) => {
  await portal.signIn("tomasz.wolny");
  const other = portal.on(await otherBrowser.newPage());
  await other.signIn("tomasz.wolny");

  await page.goto("/sessions");
  const rows = page.getByRole("table").getByRole("row").filter({ has: page.getByRole("cell") });
  await expect(rows).toHaveCount(2);
  await expect(rows.filter({ hasText: /this session/i })).toHaveCount(1);

  const theOther = rows.filter({ hasNotText: /this session/i });
  await theOther.getByRole("button", { name: /^End/ }).click();
  await expect(rows).toHaveCount(1);

  await other.expectSignedOut();
  await page.goto("/");
  await portal.expectSignedInAs("tomasz.wolny");
});

test("ending my own session signs me out", async ({ portal, page }) => {
  await portal.signIn("aiko.tanaka");
  await page.goto("/sessions");
  const mine = page.getByRole("row").filter({ hasText: /this session/i });
  await mine.getByRole("button", { name: /^End/ }).click();
  await expect(portal.accountButton).toHaveCount(0);
  await portal.expectSignedOut();
});

test("somebody else's sessions are not listed", async ({ portal, page, otherBrowser }) => {
  await portal.on(await otherBrowser.newPage()).signIn("maria.costa");
  await portal.signIn("samir.khan");
  await page.goto("/sessions");
  await expect(page.getByRole("row").filter({ has: page.getByRole("cell") })).not.toHaveCount(0);
  await expect(page.getByRole("main")).not.toContainText("Maria Costa");
});
