// axe finds nothing, on every page, in both themes, wide and narrow.
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { seedEveryState } from "./support/jobs.js";
import { PAGES } from "./support/portal.ts";
import { expectStatus } from "./support/watch.ts";
import { expect, test } from "./support/test.ts";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

async function expectNoFindings(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
  const findings = violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html}`));
  expect.soft(findings, where).toEqual([]);
}

async function expectNoSidewaysScroll(page: Page, where: string): Promise<void> {
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect.soft(excess, `${where} scrolls sideways by so many pixels`).toBeLessThanOrEqual(0);
}

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1440, 390]) {
    test.describe(`${colorScheme}, ${width} px`, () => {
      test.use({ colorScheme, viewport: { width, height: 900 } });

      test("every page", async ({ portal, page, watch }) => {
        test.setTimeout(180_000);
        expectStatus(watch, 404);
        expectStatus(watch, 403);
        await portal.signIn("samuel.okafor");
        for (const { path } of [...PAGES, { path: "/search?q=home" }, { path: "/nowhere" }]) {
          const where = `${path} ${colorScheme} ${width}`;
          await page.goto(path);
          await expectNoFindings(page, where);
          await expectNoSidewaysScroll(page, where);
        }
      });

      test("jobs in every state", async ({ portal, page }) => {
        test.setTimeout(180_000);
        const numbers = seedEveryState(portal.stack);
        await portal.signIn("samir.khan");
        for (const path of [...numbers.map((number) => `/jobs/${number}`), `/jobs/${numbers[0]}?ask=cancel`, "/jobs", "/jobs/queue", "/jobs/new", "/workers"]) {
          const where = `${path} ${colorScheme} ${width}`;
          await page.goto(path);
          await expectNoFindings(page, where);
          await expectNoSidewaysScroll(page, where);
        }
      });

      test("a page that is refused", async ({ portal, page, watch }) => {
        expectStatus(watch, 403);
        await portal.signIn("nora.outside");
        await expectNoFindings(page, `no access ${colorScheme} ${width}`);
        await page.goto("/audit");
        await expectNoFindings(page, `403 ${colorScheme} ${width}`);
        await expectNoSidewaysScroll(page, `403 ${colorScheme} ${width}`);
      });

      test("the pages before sign-in and after sign-out", async ({ portal, page, watch }) => {
        expectStatus(watch, 400);
        await page.goto("/sign-in");
        await expectNoFindings(page, `sign-in ${colorScheme} ${width}`);
        await expectNoSidewaysScroll(page, `sign-in ${colorScheme} ${width}`);
        await page.goto("/auth/callback/demo?state=wrong&code=wrong");
        await expectNoFindings(page, `sign-in failed ${colorScheme} ${width}`);
        await portal.signIn("ines.duarte");
        await portal.signOut();
        await expect(page.getByRole("main")).toContainText(/signed out/i);
        await expectNoFindings(page, `signed out ${colorScheme} ${width}`);
      });

      test("menus and palette while open", async ({ portal, page }) => {
        await portal.signIn("ines.duarte");
        await portal.openAccountMenu();
        await expectNoFindings(page, `account menu ${colorScheme} ${width}`);
        await page.keyboard.press("Escape");
        const dialog = page.getByRole("dialog", { name: /search/i });
        await expect(async () => {
          await page.keyboard.press("Control+k");
          await expect(dialog).toBeVisible({ timeout: 500 });
        }).toPass();
        await expectNoFindings(page, `palette ${colorScheme} ${width}`);
      });
    });
  }
}
