// The content security policy in a real browser (SECURITY.md, tests 33 and 34).
// That no journey violates it is watched in every test; here it is provoked.
import type { Page } from "@playwright/test";
import { PAGES } from "./support/portal.ts";
import { expectStatus } from "./support/watch.ts";
import { expect, test } from "./support/test.ts";

type Violation = { directive: string; blocked: string };

/** Collects violations from now on, on this page. */
async function collect(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen: Violation[] = [];
    Object.assign(window, { seen, ran: [] as string[] });
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) =>
      seen.push({ directive: effectiveDirective, blocked: blockedURI }),
    );
  });
}

const seen = (page: Page) => page.evaluate(() => (window as unknown as { seen: Violation[] }).seen);
const ran = (page: Page) => page.evaluate(() => (window as unknown as { ran: string[] }).ran);

test("security_33_nonces differ and stand in nonce attributes only", async ({ portal, page }) => {
  await portal.signIn("samuel.okafor");
  const nonces = new Set<string>();
  for (const path of ["/", "/", "/audit", "/sign-in"]) {
    const response = await page.goto(path);
    const policy = response!.headers()["content-security-policy"];
    expect(policy).toBeTruthy();
    expect(policy).not.toContain("unsafe-inline");
    expect(policy).not.toMatch(/'unsafe-eval'/);
    const nonce = policy.match(/'nonce-([^']+)'/)![1];
    nonces.add(nonce);
    const html = await response!.text();
    const inAttributes = html.split(`nonce="${nonce}"`).length - 1;
    expect(html.split(nonce).length - 1, `${path}: the nonce appears outside nonce=`).toBe(inAttributes);
    expect(inAttributes).toBeGreaterThan(0);
  }
  expect(nonces.size).toBe(4);
});

for (const [name, markup, directive] of [
  ["an event handler", '<img src="data:," onerror="ran.push(1)">', "script-src-attr"],
  ["a style attribute", '<p style="color:red">x</p>', "style-src-attr"],
  ["a style element", "style", "style-src-elem"],
  ["a base address", "base", "base-uri"],
  ["a javascript: link", "javascript", "script-src-elem"],
  ["a frame", "frame", "frame-src"],
  ["a plug-in", '<object data="/x"></object>', "object-src"],
] as const) {
  test(`security_34_${name} forced into the page is blocked`, async ({ portal, page, watch }) => {
    watch.expect(/securitypolicyviolation|Content Security Policy|Refused to/);
    await portal.signIn("ines.duarte");
    await collect(page);
    await page.evaluate((kind) => {
      const add = (tag: string, set: (element: any) => void) => {
        const element = document.createElement(tag);
        set(element);
        document.body.append(element);
        return element;
      };
      if (kind === "style") add("style", (element) => (element.textContent = "body { color: red }"));
      else if (kind === "base") document.head.prepend(add("base", (element) => (element.href = "https://evil.example/")));
      else if (kind === "frame") add("iframe", (element) => (element.src = "https://evil.example/"));
      else if (kind === "javascript") add("a", (element) => (element.href = "javascript:ran.push('link')")).click();
      else add("div", (element) => (element.innerHTML = kind));
    }, markup);
    await expect.poll(async () => (await seen(page)).map((violation) => violation.directive)).toContain(directive);
    expect(await ran(page)).toEqual([]);
    expect(await page.evaluate(() => document.baseURI)).not.toContain("evil");
  });
}

test("security_34_an inline script smuggled into the served page is blocked", async ({ portal, page, watch }) => {
  watch.expect(/securitypolicyviolation|Content Security Policy|Refused to/);
  await portal.signIn("ines.duarte");
  await page.route("**/jobs", async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace("</body>", "<script>document.title = 'ran'</script></body>");
    expect(body).toContain("<script>document.title");
    await route.fulfill({ response, body });
  });
  const violation = page.waitForEvent("console", (message) => message.text().includes("Content Security Policy"));
  await page.goto("/jobs");
  await violation;
  await expect(page).not.toHaveTitle("ran");
});

test("security_34_nothing may be fetched from or sent to other hosts", async ({ portal, page, watch }) => {
  watch.expect(/securitypolicyviolation|Content Security Policy|Refused to/);
  await portal.signIn("ines.duarte");
  await collect(page);
  await page.evaluate(async () => {
    await fetch("https://evil.example/").catch(() => undefined);
    new Image().src = "https://evil.example/x.png";
    const form = document.createElement("form");
    form.action = "https://evil.example/";
    form.method = "post";
    document.body.append(form);
    form.submit();
  });
  await expect
    .poll(async () => (await seen(page)).map((violation) => violation.directive))
    .toEqual(expect.arrayContaining(["connect-src", "img-src", "form-action"]));
});

test("security_34_violations are taken at the report address", async ({ portal, page }) => {
  await portal.signIn("ines.duarte");
  const policy = (await page.goto("/"))!.headers()["content-security-policy"];
  expect(policy).toContain("report-uri /reports/csp");
  const answer = await page.evaluate(async () => {
    const response = await fetch("/reports/csp", {
      method: "POST",
      headers: { "content-type": "application/csp-report" },
      body: JSON.stringify({ "csp-report": { "document-uri": location.href, "effective-directive": "script-src-elem", "blocked-uri": "inline" } }),
    });
    return response.status;
  });
  expect(answer).toBeGreaterThanOrEqual(200);
  expect(answer).toBeLessThan(300);
});

const HOSTILE = `"'><script>ran.push("typed")</script><img src=x onerror="ran.push('typed')"><base href="https://evil.example/"><p style="color:red">`;

test("security_34_markup typed into every field does nothing", async ({ portal, page, watch }) => {
  test.setTimeout(120_000);
  expectStatus(watch, 400);
  expectStatus(watch, 403);
  await portal.signIn("samuel.okafor");
  let typed = 0;
  for (const { path } of PAGES) {
    await page.goto(path);
    const fields = page.locator("main input:is([type='search'], [type='text'], :not([type])), main textarea");
    for (let index = 0; index < (await fields.count()); index += 1) {
      await page.goto(path);
      await collect(page);
      const field = fields.nth(index);
      if (!(await field.isVisible())) continue;
      await field.fill(HOSTILE);
      await field.press("Enter");
      await page.waitForLoadState("load");
      typed += 1;
      await expect(portal.heading).toBeVisible();
      expect(await page.locator("main script, main base, main img[src='x'], main p[style]").count(), path).toBe(0);
      expect(await page.evaluate(() => (window as unknown as { ran?: string[] }).ran ?? []), path).toEqual([]);
      expect(await page.evaluate(() => new URL(document.baseURI).origin)).toBe(portal.stack.url);
    }
  }
  expect(typed, "fields found").toBeGreaterThan(1);
});
