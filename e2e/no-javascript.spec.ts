// The portal without any script: everything but speed is still there.
import { PAGES } from "./support/portal.ts";
import { expectStatus } from "./support/watch.ts";
import { expect, test } from "./support/test.ts";

test.use({ javaScriptEnabled: false });

test("every page can be read", async ({ portal, page, watch }) => {
  expectStatus(watch, 403);
  await portal.signIn("samir.khan");
  for (const { path, heading } of PAGES) {
    await page.goto(path);
    await expect(portal.heading, path).toHaveText(heading);
  }
});

test("links of the navigation lead where they say", async ({ portal, page }) => {
  await portal.signIn("samir.khan");
  for (const name of ["Catalog", "Environments", "Requests", "Runbooks", "Incidents", "Jobs", "Insights"]) {
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name, exact: true }).click();
    await expect(portal.heading).toHaveText(name);
  }
});

test("the audit page can be filtered and turned", async ({ portal, page }) => {
  await portal.signIn("samuel.okafor");
  await page.goto("/audit");
  const filter = page.getByRole("main").locator("form[method='get']").first();
  await filter.getByRole("searchbox").fill("sign_in");
  await filter.getByRole("button", { name: "Filter", exact: true }).last().click();
  await expect(page).toHaveURL(/\/audit\?.*sign_in/);
  await expect(page.getByRole("table").getByRole("row").filter({ has: page.getByRole("cell") })).not.toHaveCount(0);
});

test("a session can be ended", async ({ portal, page, otherBrowser }) => {
  await portal.endAllSessionsOf("maria.costa");
  await portal.signIn("maria.costa");
  const other = portal.on(await otherBrowser.newPage());
  await other.signIn("maria.costa");
  await page.goto("/sessions");
  await portal.endOtherSession("maria.costa");
  await other.expectSignedOut();
});

test("search finds pages", async ({ portal, page }) => {
  await portal.signIn("ines.duarte");
  await page.getByRole("link", { name: /search or jump to/i }).click();
  await page.getByRole("main").getByRole("searchbox").first().fill("incid");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main").getByRole("link", { name: /Incidents/ }).first()).toBeVisible();
});

test("signing out works", async ({ portal, page }) => {
  await portal.signIn("ines.duarte");
  await portal.signOut();
  await expect(page.getByRole("main")).toContainText(/signed out/i);
  await portal.expectSignedOut();
});
