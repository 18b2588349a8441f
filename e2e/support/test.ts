// What every journey starts from: a running stack per worker, a watched browser, and the portal's page object.
import { test as base, type BrowserContext } from "@playwright/test";
import { Portal } from "./portal.ts";
import { startStack, type Stack } from "./stack.js";
import { Watch } from "./watch.ts";

type WorkerFixtures = { stack: Stack };
type TestFixtures = {
  watch: Watch;
  portal: Portal;
  /** Another browser: own cookies, watched like the first. */
  otherBrowser: BrowserContext;
};

export const test = base.extend<TestFixtures, WorkerFixtures>({
  stack: [
    // Playwright reads the first parameter's names, so it must be a pattern.
    async ({}, use) => {
      const stack = await startStack();
      await use(stack);
      await stack.stop();
    },
    { scope: "worker", timeout: 180_000 },
  ],
  baseURL: async ({ stack }, use) => use(stack.url),
  watch: [
    async ({ context, stack }, use, info) => {
      const watch = new Watch();
      await watch.attach(context);
      await use(watch);
      if (info.status !== info.expectedStatus) {
        await info.attach("portal.log", { body: stack.portal.log(), contentType: "text/plain" });
      }
      watch.verify();
    },
    { auto: true },
  ],
  portal: async ({ page, stack }, use) => use(new Portal(page, stack)),
  otherBrowser: async ({ browser, watch, stack, javaScriptEnabled }, use) => {
    const context = await browser.newContext({ baseURL: stack.url, javaScriptEnabled });
    await watch.attach(context);
    await use(context);
    await context.close();
  },
});

export { expect } from "@playwright/test";
