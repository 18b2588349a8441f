// Search from everywhere: Ctrl K, pages and people, keyboard through.
import type { Page } from "@playwright/test";
import { expect, test } from "./support/test.ts";

async function open(page: Page, keys = "Control+k") {
  const dialog = page.getByRole("dialog", { name: /search/i });
  // The shortcut works once wasm has taken over; before that it does nothing.
  await expect(async () => {
    await page.keyboard.press(keys);
    await expect(dialog).toBeVisible({ timeout: 500 });
  }).toPass();
  return dialog;
}

test("Ctrl K opens it, typing finds a page, Enter goes there", async ({ portal, page }) => {
  await portal.signIn("ines.duarte");
  const dialog = await open(page);
  const field = dialog.getByRole("combobox");
  await expect(field).toBeFocused();
  await field.fill("runb");
  await expect(dialog.getByRole("option", { name: /Runbooks/ }).first()).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL("/runbooks");
  await expect(dialog).toBeHidden();
});

test("arrows move the selection, Escape closes and gives the focus back", async ({ portal, page }) => {
  await portal.signIn("ines.duarte");
  const trigger = page.getByRole("link", { name: /search or jump to/i });
  await trigger.focus();
  const dialog = await open(page);
  const selected = dialog.getByRole("option", { selected: true });
  const first = await selected.textContent();
  await page.keyboard.press("ArrowDown");
  await expect(selected).toHaveCount(1);
  await expect(selected).not.toHaveText(first ?? "");
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(trigger).toBeFocused();
});

test("it finds people who have signed in", async ({ portal, page, otherBrowser }) => {
  await portal.on(await otherBrowser.newPage()).signIn("lena.hartmann");
  await portal.signIn("ines.duarte");
  const dialog = await open(page);
  await dialog.getByRole("combobox").fill("hartm");
  await expect(dialog.getByRole("option", { name: /Lena Hartmann/ })).toBeVisible();
});

test("words that match nothing say so, markup stays text", async ({ portal, page }) => {
  await portal.signIn("ines.duarte");
  const dialog = await open(page);
  const hostile = '<img src=x onerror="document.title=1">zzz';
  await dialog.getByRole("combobox").fill(hostile);
  await expect(dialog).toContainText(/nothing (matches|found)|no results/i);
  expect(await dialog.locator("img").count()).toBe(0);
});

test("the trigger is a link to the search page, which works by itself", async ({ portal, page }) => {
  await portal.signIn("ines.duarte");
  await page.goto("/search?q=runbook");
  await expect(page.getByRole("main").getByRole("link", { name: /Runbooks/ }).first()).toBeVisible();
});
