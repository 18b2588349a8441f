// Workers: seen, added, drained, revoked.
import { expect, test } from "./support/test.ts";

test("the portal's own worker is there and says what it runs on", async ({ portal, page }) => {
  await portal.signIn("samir.khan");
  await page.goto("/workers");
  const row = page.getByRole("table").getByRole("row").filter({ hasText: "pool default" }).filter({ hasText: "Live" });
  await expect(row).toHaveCount(1);
  await expect(row).toContainText(/\d+ of \d+/);
});

test("a worker's token is shown once; it is drained and revoked", async ({ portal, page }) => {
  await portal.signIn("samir.khan");
  await page.goto("/workers");
  await page.getByLabel("Name", { exact: true }).fill("runner-test-1");
  await page.getByLabel("Pool").fill("edge");
  await page.getByRole("button", { name: "Make token" }).click();
  const token = page.getByRole("status").locator("code").first();
  await expect(token).toHaveText(/^gcw_\S{40,}$/);
  const secret = String(await token.textContent());
  await page.reload();
  expect(await page.content()).not.toContain(secret);

  const row = page.getByRole("row", { name: /runner-test-1/ });
  await expect(row).toContainText("Never heard of");
  await row.getByRole("button", { name: "Drain" }).click();
  await expect(page.getByText("The worker gets no more work")).toBeVisible();
  await row.getByRole("link", { name: "Revoke" }).click();
  await page.getByRole("dialog", { name: "Revoke runner-test-1" }).getByRole("button", { name: "Revoke worker" }).click();
  await expect(page.getByText("The worker's token is ended")).toBeVisible();
  await expect(page.getByRole("row", { name: /runner-test-1/ }).filter({ hasText: "Revoke runner" })).toHaveCount(0);
});

test("workers are for platform engineers", async ({ portal, page, watch }) => {
  watch.expect(/status of 403/);
  await portal.signIn("ines.duarte");
  await page.goto("/workers");
  await expect(page.getByText("You may not see this page")).toBeVisible();
});
