// When things go wrong: 403, 404, the database gone, the network gone.
import { expectStatus } from "./support/watch.ts";
import { startStack } from "./support/stack.js";
import { Portal } from "./support/portal.ts";
import { expect, test } from "./support/test.ts";

test("a page that does not exist is 404 and leads on", async ({ portal, page, watch }) => {
  expectStatus(watch, 404);
  await portal.signIn("ines.duarte");
  const response = await page.goto("/environmnets");
  expect(response?.status()).toBe(404);
  await expect(portal.heading).toBeVisible();
  await expect(page.getByRole("main").getByRole("link").first()).toBeVisible();
  await portal.expectSignedInAs("ines.duarte");
});

test("a page without the right is 403 and says what is missing", async ({ portal, page, watch }) => {
  expectStatus(watch, 403);
  await portal.signIn("ines.duarte");
  const response = await page.goto("/admin");
  expect(response?.status()).toBe(403);
  await expect(page.getByRole("main")).toContainText(/admin/i);
  await portal.expectSignedInAs("ines.duarte");
});

test("a stranger gets the sign-in page, not a 404 that tells what exists", async ({ portal, page, watch }) => {
  expectStatus(watch, 404);
  for (const path of ["/environments", "/admin", "/sessions"]) {
    await page.goto(path);
    await expect(portal.signInButton, path).toBeVisible();
  }
});

test("without a network the page says so and recovers", async ({ portal, page, context, watch }) => {
  watch.expect(/ERR_INTERNET_DISCONNECTED|Failed to fetch/);
  await portal.signIn("ines.duarte");
  await expect(async () => {
    await context.setOffline(true);
    await expect(page.getByText(/you are offline/i)).toBeVisible({ timeout: 1000 });
  }).toPass();
  await context.setOffline(false);
  await expect(page.getByText(/you are offline/i)).toBeHidden();
});

test("security_50_a database that is gone is a 503 page that recovers", async ({ browser, watch }) => {
  test.setTimeout(240_000);
  const own = await startStack();
  try {
    const context = await browser.newContext({ baseURL: own.url });
    await watch.attach(context);
    const portal = new Portal(await context.newPage(), own);
    await portal.signIn("ines.duarte");
    expectStatus(watch, 503);
    const resume = own.pauseDatabase();
    try {
      const response = await portal.page.goto("/environments", { timeout: 45_000 });
      expect(response?.status()).toBe(503);
      expect(response?.headers()["retry-after"]).toBeTruthy();
      await expect(portal.page.locator("body")).not.toContainText(/sqlx|postgres|panicked|connection refused/i);
    } finally {
      resume();
    }
    await expect(async () => {
      expect((await portal.page.goto("/environments"))?.status()).toBe(200);
    }).toPass({ timeout: 60_000 });
    await portal.expectSignedInAs("ines.duarte");
    await context.close();
  } finally {
    await own.stop();
  }
});

test("an error page carries a reference and no cause", async ({ portal, page, watch }) => {
  expectStatus(watch, 400);
  await page.goto("/auth/callback/demo?code=x&state=unknown");
  await expect(page.getByRole("alert")).toBeVisible();
  await expect(page.getByRole("main")).toContainText(/(reference|trace)\s*:?\s*[0-9a-f-]{8,}/i);
  await expect(page.locator("body")).not.toContainText(/panicked|\.rs:|sqlx|backtrace/i);
  await expect(portal.signInButton).toBeVisible();
});
