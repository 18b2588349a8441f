// The log of an attempt: any length, any content, with script and without.
import { seedJob } from "./support/jobs.js";
import { LogView } from "./support/log.ts";
import { expect, test } from "./support/test.ts";

const MOST = 2000;

/** Lines of one width, so that the size is known. */
function lines(count: number, width: number): string {
  const rows: string[] = [];
  for (let n = 1; n <= count; n += 1) rows.push(`line ${n} `.padEnd(width - 1, "."));
  return `${rows.join("\n")}\n`;
}

test("a log of 100 MB stays usable", async ({ portal, page }) => {
  test.setTimeout(300_000);
  const count = 1_048_576; // of 100 bytes each
  const number = seedJob(portal.stack, { title: "A hundred megabytes", steps: [{ name: "big", attempts: [{ log: lines(count, 100) }] }] });
  await portal.signIn("samir.khan");
  const log = new LogView(page);

  await page.goto(`/jobs/${number}`);
  await expect(page.getByText("1,048,576 lines")).toBeVisible();
  await log.expectSeen(1);

  // Onwards by scrolling: more arrives, and what is far away leaves.
  for (let turn = 0; turn < 14; turn += 1) {
    const before = await log.body.locator(".ln").last().getAttribute("id");
    await log.scrollTo("end");
    await expect(log.body.locator(".ln").last()).not.toHaveAttribute("id", String(before));
  }
  expect(await log.held()).toBeLessThanOrEqual(MOST);
  await expect(log.line(1)).toHaveCount(0);

  // To any line by its address.
  await page.goto(`/jobs/${number}?step=big&attempt=1&line=900000#L900000`);
  await log.expectSeen(900_000);
  await log.scrollTo("start");
  await expect(log.line(899_900)).toHaveCount(1);
  expect(await log.held()).toBeLessThanOrEqual(MOST);

  // Search finds what is far away.
  await page.goto(`/jobs/${number}`);
  await log.search.fill("line 700123 ");
  await log.search.press("Enter");
  await log.expectSeen(700_123);
  await expect(log.line(700_123).locator("mark")).toHaveText("line 700123 ");

  // Follow goes to the end.
  await page.getByRole("button", { name: "Follow" }).click();
  await log.expectSeen(count);
});

test("phases fold, and a folded one is passed over", async ({ portal, page }) => {
  const number = seedJob(portal.stack, {
    title: "Phases",
    steps: [
      {
        name: "run",
        attempts: [
          {
            log: lines(5_000, 40),
            phases: [
              { name: "init", first_line: 1, ran_ms: 1_200, exit_code: 0 },
              { name: "plan", first_line: 101, ran_ms: 161_000, exit_code: 0 },
              { name: "show", first_line: 4_901, ran_ms: 400, exit_code: 2 },
            ],
          },
        ],
      },
    ],
  });
  await portal.signIn("samir.khan");
  const log = new LogView(page);
  await page.goto(`/jobs/${number}`);
  await expect(log.body.locator("summary")).toHaveText([/init\s*1 s/, /plan\s*2 min 41 s/, /show\s*400 ms, exit code 2/]);
  await log.body.locator("summary", { hasText: "plan" }).click();
  await expect(log.line(4_901)).toBeVisible();
  await expect(log.line(150)).toBeHidden();
  await log.body.locator("summary", { hasText: "plan" }).click();
  await log.expectSeen(101);
});

test("security_36_hostile text is inert", async ({ portal, page }) => {
  test.setTimeout(120_000);
  const hostile = [
    "<script>document.title = 'owned'</script><img src=x onerror=\"document.title='owned'\">",
    "\u001b]8;;javascript:alert(1)\u0007click me\u001b]8;;\u0007",
    "\u001b]52;c;cm0gLXJmIC8=\u0007",
    "\u001b[2J\u001b[1;1H\u001b[31mred\u001b[0m \u0000 \u0007 \u009b31m",
    "\u202egpj.exe\u2066 \u200f",
    "a\u2028b\u0085c\rd",
  ];
  const log = Buffer.concat([
    Buffer.from(`${hostile.join("\n")}\n`),
    Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x0a]),
    Buffer.alloc(10 << 20, "x"),
    Buffer.from("\nafter\n"),
  ]);
  const number = seedJob(portal.stack, { title: "Hostile <b>title</b>", steps: [{ name: "evil", title: "<img src=x onerror=alert(1)>", attempts: [{ log }] }] });
  await portal.signIn("samir.khan");
  const view = new LogView(page);
  await page.goto(`/jobs/${number}`);
  await expect(portal.heading).toHaveText("Hostile <b>title</b>");
  await expect(page).toHaveTitle(/JOB-\d+ Hostile/);
  await expect(view.line(1)).toContainText("<script>document.title = 'owned'</script>");
  await expect(view.line(2)).toContainText("␛]8;;javascript:alert(1)␇click me");
  await expect(view.line(3)).toContainText("␛]52;c;");
  await expect(view.line(4).locator(".a-red")).toHaveText("red");
  await expect(view.line(5)).toContainText("<U+202E>gpj.exe<U+2066>");
  await expect(view.line(6)).toContainText("a<U+2028>b<U+0085>c␍d");
  await expect(view.line(7)).toContainText("\ufffd");
  await expect(view.line(8)).toContainText("download the log");
  expect((await view.line(8).textContent())?.length).toBeLessThan(10_000);
  await expect(view.line(9)).toContainText("after");
  const text = String(await view.body.textContent());
  expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
  expect(await view.body.locator("script, img, iframe, [onerror]").count()).toBe(0);
  expect(await view.body.locator("a:not([href^='/jobs/'])").count()).toBe(0);

  // Lines that the script fetches are no different.
  await view.search.fill("click me");
  await view.search.press("Enter");
  await expect(view.line(2).locator("mark")).toHaveText("click me");
  expect(await view.body.locator("script, img, iframe, [onerror]").count()).toBe(0);
});

test.describe("without script", () => {
  test.use({ javaScriptEnabled: false });

  test("a log is read page by page, and searched", async ({ portal, page }) => {
    const number = seedJob(portal.stack, { title: "Pages", steps: [{ name: "long", attempts: [{ log: lines(1_000, 40) }] }] });
    await portal.signIn("samir.khan");
    const log = new LogView(page);
    await page.goto(`/jobs/${number}`);
    await expect(log.line(250)).toHaveCount(1);
    await expect(log.line(251)).toHaveCount(0);
    await page.getByRole("link", { name: /^Later lines/ }).click();
    await expect(log.line(251)).toHaveCount(1);
    await page.getByRole("link", { name: /^Earlier lines/ }).click();
    await expect(log.line(1)).toHaveCount(1);
    await log.search.fill("line 777 ");
    await log.search.press("Enter");
    await page.getByRole("link", { name: "Next match, line 777" }).click();
    await expect(log.line(777).locator("mark")).toHaveText("line 777 ");
  });
});
