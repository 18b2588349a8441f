// SECURITY.md, test 29: a page on another origin tries everything a browser offers, while
// its visitor is signed in. Twice: on another site (127.0.0.1) and on the same site but
// another origin (localhost, other port), where the session cookie does travel.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "./support/test.ts";

type Attempt = { what: string; outcome: string };

/** Runs on the hostile page: tries `target` in every way and tells what came of it. */
async function attack(target: string): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  const targets = ["/auth/sign-out", "/auth/start", "/sessions", "/fn/sessions/end", "/reports/csp", "/"];
  const within = <T>(promise: Promise<T>) =>
    Promise.race([promise, new Promise<string>((resolve) => setTimeout(() => resolve("silence"), 3000))]);
  const note = (what: string, outcome: unknown) => attempts.push({ what, outcome: String(outcome) });

  for (const path of targets) {
    const url = target + path;
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
      const answer = await fetch(url, {
        method: "POST", mode: "no-cors", credentials: "include", body: new Blob(['{"id":"x"}'], { type }),
      }).then((response) => `${response.type} ${response.status}`, () => "blocked");
      note(`no-cors POST ${type} ${path}`, answer);
    }
    note(`cors GET ${path}`, await fetch(url, { credentials: "include" }).then((response) => response.text(), () => "blocked"));
    note(`cors JSON POST ${path}`, await fetch(url, {
      method: "POST", credentials: "include", headers: { "content-type": "application/json" }, body: "{}",
    }).then((response) => response.text(), () => "blocked"));

    note(`image ${path}`, await within(new Promise((resolve) => {
      const image = new Image();
      image.onload = () => resolve(`read ${image.width}`);
      image.onerror = () => resolve("blocked");
      image.src = url;
    })));
    note(`script ${path}`, await within(new Promise((resolve) => {
      const script = document.createElement("script");
      script.onload = () => resolve("read");
      script.onerror = () => resolve("blocked");
      script.src = url;
      document.head.append(script);
    })));
    note(`EventSource ${path}`, await within(new Promise((resolve) => {
      const source = new EventSource(url, { withCredentials: true });
      source.onopen = () => resolve("read");
      source.onerror = () => { source.close(); resolve("blocked"); };
    })));
    note(`WebSocket ${path}`, await within(new Promise((resolve) => {
      const socket = new WebSocket(url.replace("http", "ws"));
      socket.onopen = () => resolve("read");
      socket.onerror = () => resolve("blocked");
    })));
    note(`iframe ${path}`, await within(new Promise((resolve) => {
      const frame = document.createElement("iframe");
      frame.onload = () => {
        try {
          resolve(frame.contentDocument ? `read ${frame.contentDocument.body.textContent}` : "blocked");
        } catch {
          resolve("blocked");
        }
      };
      frame.src = url;
      document.body.append(frame);
    })));
    note(`form in a frame ${path}`, await within(new Promise((resolve) => {
      const frame = document.createElement("iframe");
      frame.name = `target-${path}`;
      document.body.append(frame);
      const form = document.createElement("form");
      form.method = "post";
      form.action = url;
      form.target = frame.name;
      document.body.append(form);
      frame.onload = () => resolve(frame.contentDocument ? "read" : "blocked");
      form.submit();
    })));
  }
  return attempts;
}

function serve(): Promise<Server> {
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "text/html");
    response.end("<!doctype html><title>prizes</title><h1>You have won</h1>");
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

for (const [name, host] of [["another site", "127.0.0.1"], ["the same site, another origin", "localhost"]] as const) {
  test.describe(name, () => {
    let server: Server;
    let origin: string;
    test.beforeAll(async () => {
      server = await serve();
      origin = `http://${host}:${(server.address() as AddressInfo).port}`;
    });
    test.afterAll(() => {
      server.closeAllConnections();
      server.close();
    });

    test("security_29_changes nothing and reads nothing", async ({ portal, page, stack, watch }) => {
      test.setTimeout(180_000);
      watch.expect(/^console: /); // the browser says in many words what it blocked
      await portal.signIn("tomasz.wolny");
      await page.goto("/sessions");
      await expect(portal.sessions).not.toHaveCount(0);
      const before = await portal.sessions.count();

      // What Cross-Origin-Resource-Policy withholds has a request but no answer the browser shows.
      let sent = 0;
      page.context().on("request", (request) => {
        if (request.method() === "POST" && request.url().startsWith(stack.url)) sent += 1;
      });
      const answers: { method: string; url: string; status: number }[] = [];
      page.context().on("response", (response) => {
        const request = response.request();
        if (response.url().startsWith(stack.url)) {
          answers.push({ method: request.method(), url: response.url(), status: response.status() });
        }
      });
      const hostile = await page.context().newPage();
      await hostile.goto(`${origin}/`);
      const attempts = await hostile.evaluate(attack, stack.url);

      const readable = attempts.filter(({ outcome }) => !["blocked", "silence", "opaque 0"].includes(outcome));
      expect(readable, "read or done by the hostile page").toEqual([]);
      const posts = answers.filter(({ method, url }) => method === "POST" && !url.endsWith("/reports/csp"));
      expect(sent, "posts sent").toBeGreaterThan(20);
      expect(posts.length, "posts whose answer the browser shows").toBeGreaterThanOrEqual(5);
      expect(posts.filter(({ status }) => status !== 403), "posts answered by anything but 403").toEqual([]);

      await page.goto("/sessions");
      await expect(portal.sessions).toHaveCount(before);
      await portal.expectSignedInAs("tomasz.wolny");
    });

    test("security_29_a form that navigates the whole window signs nobody out", async ({ portal, page, stack, watch }) => {
      watch.expect(/^console: /);
      await portal.signIn("tomasz.wolny");
      const hostile = await page.context().newPage();
      await hostile.goto(`${origin}/`);
      const landed = hostile.waitForResponse((response) => response.url() === `${stack.url}/auth/sign-out`);
      await hostile.evaluate((target) => {
        const form = document.createElement("form");
        form.method = "post";
        form.action = `${target}/auth/sign-out`;
        document.body.append(form);
        form.submit();
      }, stack.url);
      expect((await landed).status()).toBe(403);
      await page.goto("/");
      await portal.expectSignedInAs("tomasz.wolny");
    });

    test("security_29_window.open gives no handle on the portal", async ({ portal, page, stack, watch }) => {
      watch.expect(/^console: /);
      await portal.signIn("tomasz.wolny");
      const hostile = await page.context().newPage();
      await hostile.goto(`${origin}/`);
      const popup = hostile.waitForEvent("popup");
      await hostile.evaluate((target) => {
        Object.assign(window, { opened: window.open(`${target}/sessions`) });
      }, stack.url);
      const opened = await popup;
      await opened.waitForLoadState();
      expect(await opened.evaluate(() => window.opener)).toBeNull();
      // Cross-Origin-Opener-Policy cuts the other direction too: to its opener the window looks closed.
      await expect
        .poll(() => hostile.evaluate(() => (window as unknown as { opened: Window }).opened.closed))
        .toBe(true);
    });

    test("security_29_a sign-in cannot be started from outside", async ({ page, stack, watch }) => {
      watch.expect(/^console: /);
      await page.goto(`${origin}/`);
      const answer = page.waitForResponse((response) => response.url() === `${stack.url}/auth/start`);
      await page.evaluate((target) => {
        const form = document.createElement("form");
        form.method = "post";
        form.action = `${target}/auth/start`;
        document.body.append(form);
        form.submit();
      }, stack.url);
      expect((await answer).status()).toBe(403);
      const cookies = await page.context().cookies(stack.url);
      expect(cookies.filter(({ name: cookie }) => cookie.startsWith("__Host-groundcrew"))).toEqual([]);
    });
  });
}
