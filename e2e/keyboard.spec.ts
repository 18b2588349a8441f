// Everything with the keyboard alone.
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "./support/test.ts";

/** Presses Tab until the focus is on `target`; fails when it never gets there. */
async function tabTo(page: Page, target: Locator, limit = 60): Promise<void> {
  for (let presses = 0; presses < limit; presses += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`the focus did not reach ${target} with ${limit} presses of Tab`);
}

test("signing in needs no mouse", async ({ portal, page }) => {
  await page.goto("/sign-in");
  await tabTo(page, portal.signInButton);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Pick who you are" }).waitFor();
  await tabTo(page, page.getByRole("button", { name: "ines.duarte" }));
  await page.keyboard.press("Enter");
  await portal.expectSignedInAs("ines.duarte");
});

test("the first Tab shows the skip link, Enter moves the focus to the content", async ({ portal, page }) => {
  await portal.signIn("ines.duarte");
  await page.goto("/catalog");
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to content" });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
});

test("the navigation is reached and followed by Tab and Enter, focus always visible", async ({ portal, page }) => {
  await portal.signIn("ines.duarte");
  const link = page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Runbooks" });
  await tabTo(page, link);
  const ring = await link.evaluate((element) => {
    const style = getComputedStyle(element);
    return { width: parseFloat(style.outlineWidth), style: style.outlineStyle };
  });
  expect(ring.style).not.toBe("none");
  expect(ring.width).toBeGreaterThanOrEqual(2);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL("/runbooks");
});

test("the account menu opens, is walked and closes by key; focus returns", async ({ portal, page }) => {
  await portal.signIn("ines.duarte");
  await tabTo(page, portal.accountButton);
  await page.keyboard.press("Enter");
  const signOut = page.getByRole("button", { name: "Sign out", exact: true });
  await expect(signOut).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(signOut).toBeHidden();
  await expect(portal.accountButton).toBeFocused();
});

test("signing out needs no mouse", async ({ portal, page }) => {
  await portal.signIn("ines.duarte");
  await tabTo(page, portal.accountButton);
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByRole("button", { name: "Sign out", exact: true }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Sign out of the demo provider?" })).toBeVisible();
});

test("G then a letter goes to a page, ? shows the shortcuts", async ({ portal, page }) => {
  await portal.signIn("ines.duarte");
  for (const [key, path] of [["c", "/catalog"], ["e", "/environments"], ["b", "/runbooks"], ["h", "/"]] as const) {
    await expect(async () => {
      await page.keyboard.press("g");
      await page.keyboard.press(key);
      await expect(page).toHaveURL(path, { timeout: 500 });
    }).toPass();
  }
  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog", { name: /shortcuts/i });
  await expect(sheet).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();
});

test("letters typed into a field stay letters", async ({ portal, page }) => {
  await portal.signIn("ines.duarte");
  await page.goto("/search");
  const field = page.getByRole("main").getByRole("searchbox").first();
  await field.focus();
  await page.keyboard.type("gc?");
  await expect(field).toHaveValue("gc?");
  await expect(page).toHaveURL(/\/search/);
});

test("on a phone the navigation drawer opens and closes by key", async ({ portal, page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await portal.signIn("ines.duarte");
  const opener = page.getByRole("button", { name: "Open navigation" });
  await tabTo(page, opener);
  await page.keyboard.press("Enter");
  const link = page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Jobs" });
  await expect(link).toBeInViewport();
  await page.keyboard.press("Escape");
  await expect(link).toBeHidden();
  await expect(opener).toBeFocused();
});
