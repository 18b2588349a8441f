// node screenshots.mjs FOLDER: pictures of the main pages, light and dark, wide and narrow.
// Starts its own stack from GROUNDCREW_BIN, or uses a running portal at GROUNDCREW_URL.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium as playwright } from "@playwright/test";
import { chromium } from "./support/chromium.js";
import { startStack } from "./support/stack.js";

const folder = process.argv[2];
if (!folder) {
  console.error("usage: node screenshots.mjs FOLDER");
  process.exit(2);
}
const WIDTHS = [1440, 390];
const THEMES = /** @type {const} */ (["light", "dark"]);
const PAGES = [
  ["home", "/"],
  ["audit", "/audit"],
  ["sessions", "/sessions"],
  ["catalog", "/catalog"],
  ["404", "/nowhere"],
];

mkdirSync(folder, { recursive: true });
const stack = process.env.GROUNDCREW_URL ? undefined : await startStack();
const url = process.env.GROUNDCREW_URL ?? stack?.url;
const browser = await playwright.launch(chromium());
try {
  for (const colorScheme of THEMES) {
    for (const width of WIDTHS) await picture(colorScheme, width);
  }
} finally {
  await browser.close();
  await stack?.stop();
}

/** @param {"light" | "dark"} colorScheme @param {number} width */
async function picture(colorScheme, width) {
  const context = await browser.newContext({ baseURL: url, colorScheme, viewport: { width, height: 900 }, locale: "en-GB" });
  const page = await context.newPage();
  /** @param {string} name */
  const take = async (name) => {
    const path = join(String(folder), `${name}-${colorScheme}-${width}.png`);
    await page.screenshot({ path, fullPage: name !== "palette" });
    console.log(path);
  };
  await page.goto("/sign-in");
  await take("sign-in");
  await page.locator("main form[action='/auth/start']").getByRole("button").click();
  await page.getByRole("button", { name: "samuel.okafor" }).click();
  await page.getByRole("button", { name: /^Account menu/ }).waitFor();
  for (const [name, path] of PAGES) {
    await page.goto(path, { waitUntil: "networkidle" });
    await take(name);
  }
  await page.goto("/", { waitUntil: "networkidle" });
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog", { name: /search/i }).waitFor();
  await take("palette");
  await context.close();
}
