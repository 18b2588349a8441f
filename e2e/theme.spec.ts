// Light, dark and auto: chosen once, kept, and never flashing the other one.
import type { Page } from "@playwright/test";
import { expect, test } from "./support/test.ts";

/** What the eye sees: how bright the page's background is, 0 to 255. */
async function brightness(page: Page): Promise<number> {
  return page.evaluate(() => {
    const canvas = document.createElement("canvas").getContext("2d")!;
    canvas.fillStyle = getComputedStyle(document.body).backgroundColor;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
    return (red + green + blue) / 3;
  });
}

async function choose(page: Page, theme: "Light" | "Dark" | "Auto"): Promise<void> {
  await page.getByRole("group", { name: "Theme" }).getByRole("radio", { name: theme }).check({ force: true });
}

test("auto follows the system", async ({ portal, page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await portal.signIn("ines.duarte");
  expect(await brightness(page)).toBeGreaterThan(200);
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await brightness(page)).toBeLessThan(60);
});

test("a chosen theme wins over the system and outlives a reload and other pages", async ({ portal, page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await portal.signIn("ines.duarte");
  await choose(page, "Dark");
  await expect.poll(() => brightness(page)).toBeLessThan(60);
  await page.reload();
  expect(await brightness(page)).toBeLessThan(60);
  await page.goto("/catalog");
  expect(await brightness(page)).toBeLessThan(60);
  await choose(page, "Auto");
  await expect.poll(() => brightness(page)).toBeGreaterThan(200);
});

test("the choice shows on the control after a reload", async ({ portal, page }) => {
  await portal.signIn("ines.duarte");
  await choose(page, "Light");
  await page.reload();
  await expect(page.getByRole("group", { name: "Theme" }).getByRole("radio", { name: "Light" })).toBeChecked();
});

test("the first paint already has the chosen theme", async ({ portal, page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await portal.signIn("ines.duarte");
  await choose(page, "Dark");
  // Without wasm nothing can repair the theme later: it must be right from the head on.
  await page.route(/\.wasm(\?|$)/, () => new Promise(() => {}));
  await page.goto("/jobs", { waitUntil: "domcontentloaded" });
  expect(await brightness(page)).toBeLessThan(60);
});
