// The watch that all journeys rely on must itself see what it promises to see.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "@playwright/test";
import { Watch } from "./support/watch.ts";

const BODIES: Record<string, string> = {
  "/quiet": "<h1>fine</h1>",
  "/console": "<script nonce=x>console.error('broken')</script>",
  "/throws": "<script nonce=x>setTimeout(() => { throw new Error('thrown') })</script>",
  "/rejects": "<script nonce=x>Promise.reject(new Error('rejected'))</script>",
  "/style": "<p style='color: red'>x</p>",
  "/script": "<script>document.title = 'ran'</script>",
  "/500": "<h1>sorry</h1>",
};

let server: Server;
let origin: string;
test.beforeAll(async () => {
  server = createServer((request, response) => {
    response.statusCode = request.url === "/500" ? 500 : 200;
    response.setHeader("content-type", "text/html");
    response.setHeader("content-security-policy", "default-src 'none'; img-src data:; script-src 'nonce-x'");
    response.end(`<!doctype html><title>t</title><link rel="icon" href="data:,">${BODIES[request.url ?? ""] ?? ""}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
test.afterAll(() => {
  server.closeAllConnections();
  server.close();
});

for (const [path, pattern] of [
  ["/console", /^console: broken/],
  ["/throws", /^page error: .*thrown/],
  ["/rejects", /^page error: .*rejected/],
  ["/style", /^securitypolicyviolation: style-src-attr/],
  ["/script", /^securitypolicyviolation: script-src-elem/],
  ["/500", /^response 500/],
] as const) {
  test(`${path} is seen, and can be expected`, async ({ browser }) => {
    for (const expected of [false, true]) {
      const context = await browser.newContext();
      const watch = new Watch();
      await watch.attach(context);
      if (expected) watch.expect(/^(console|page error|securitypolicyviolation|response)/);
      const page = await context.newPage();
      await page.goto(origin + path);
      if (expected) {
        expect(watch.problems()).toEqual([]);
      } else {
        await expect.poll(() => watch.problems().filter((problem) => pattern.test(problem)).length).toBeGreaterThan(0);
        expect(() => watch.verify()).toThrow();
      }
      await context.close();
    }
  });
}

test("a violation is seen without script too", async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const watch = new Watch();
  await watch.attach(context);
  await (await context.newPage()).goto(`${origin}/style`);
  await expect.poll(() => watch.problems().join()).toMatch(/Content Security Policy/);
  await context.close();
});

test("a quiet page is quiet", async ({ browser }) => {
  const context = await browser.newContext();
  const watch = new Watch();
  await watch.attach(context);
  await (await context.newPage()).goto(`${origin}/quiet`);
  watch.verify();
  await context.close();
});
