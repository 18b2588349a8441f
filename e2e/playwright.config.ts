import { defineConfig } from "@playwright/test";
import { chromium } from "./support/chromium.js";

// Each worker runs its own stack, so journeys of different workers never meet.
export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.ts",
  outputDir: "results",
  workers: Number(process.env.GROUNDCREW_E2E_WORKERS ?? 2),
  forbidOnly: process.env.CI !== undefined,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"], ["html", { outputFolder: "report", open: "never" }]],
  use: {
    browserName: "chromium",
    launchOptions: chromium(),
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
    trace: process.env.CI === undefined ? "off" : "retain-on-failure",
    screenshot: "only-on-failure",
  },
});
