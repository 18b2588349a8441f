// Jobs: handed in, watched, stopped, tried again, decided on.
import { seedJob } from "./support/jobs.js";
import { expect, test } from "./support/test.ts";

test("an example runs before my eyes", async ({ portal, page }) => {
  test.setTimeout(120_000);
  await portal.signIn("samir.khan");
  await page.goto("/jobs");
  await page.getByRole("link", { name: "Run a job" }).first().click();
  await page.getByRole("link", { name: "Four steps" }).click();
  await page.getByRole("button", { name: "Run this job" }).click();
  await expect(page).toHaveURL(/\/jobs\/\d+$/);
  await expect(portal.heading).toHaveText("See the runner work");

  // Live: lines arrive, steps go on, without a reload.
  await page.evaluate(() => Object.assign(window, { untouched: true }));
  const steps = page.getByRole("region", { name: /^Steps/ });
  await expect(page.getByRole("log")).toContainText("Looked at thing", { timeout: 30_000 });
  await expect(steps.getByRole("link", { name: /Prepare/ })).toContainText("succeeded", { timeout: 30_000 });
  await expect(page.getByRole("log")).toContainText(/(Left|Right): step \d+ done/, { timeout: 30_000 });
  await expect(page.locator(".page-head .badge")).toHaveText("Succeeded", { timeout: 60_000 });
  expect(await page.evaluate(() => "untouched" in window)).toBe(true);
  await steps.getByRole("link", { name: /Report/ }).click();
  await expect(page.getByText("https://example.invalid")).toBeVisible();
});

test("a plan is shown before it is carried out", async ({ portal, page }) => {
  test.setTimeout(120_000);
  await portal.signIn("samir.khan");
  await page.goto("/jobs/new?example=plan");
  await page.getByRole("button", { name: "Run this job" }).click();
  await expect(page.locator(".page-head .badge")).toHaveText("Succeeded", { timeout: 60_000 });
  await page.getByRole("link", { name: /Plan the database/ }).first().click();
  const plan = page.getByRole("region", { name: "Plan", exact: true });
  await expect(plan.getByText("+2").first()).toBeVisible();
  await expect(plan.getByText("database.main").first()).toBeVisible();
  await page.getByRole("link", { name: "demo/database" }).click();
  await expect(portal.heading).toHaveText("demo/database");
});

test("what is wrong in a job is named by step and field, and what I wrote stays", async ({ portal, page, watch }) => {
  watch.expect(/status of 422/);
  await portal.signIn("samir.khan");
  await page.goto("/jobs/new");
  const text = page.getByLabel("Job, as YAML or JSON");
  await text.fill("title: Wrong\nteam: payments\nsteps:\n  - {name: a, driver: echo, operation: check, needs: [b]}\n");
  await page.getByRole("button", { name: "Run this job" }).click();
  await expect(page.getByRole("alert")).toContainText('steps[0].needs: no step is called "b"');
  await expect(text).toHaveValue(/title: Wrong/);
  await text.fill("title: [");
  await page.getByRole("button", { name: "Run this job" }).click();
  await expect(page.getByRole("alert")).toContainText(/line 1/);
});

test("who may not run jobs is not offered it, and is refused", async ({ portal, page, watch }) => {
  watch.expect(/status of 403/);
  await portal.signIn("ines.duarte");
  await page.goto("/jobs");
  await expect(page.getByRole("link", { name: "Run a job" })).toHaveCount(0);
  await page.goto("/jobs/new");
  await expect(page.getByText("You may not see this page")).toBeVisible();
});

test("the list is filtered by its address", async ({ portal, page }) => {
  const failed = seedJob(portal.stack, { title: "Filter me: failed", state: "failed", environment: "filter-env", steps: [{ name: "a", state: "failed", attempts: [{ state: "failed" }] }] });
  seedJob(portal.stack, { title: "Filter me: succeeded", team: "checkout", steps: [{ name: "a", attempts: [{}] }] });
  await portal.signIn("samir.khan");
  await page.goto("/jobs?text=filter+me");
  const rows = page.getByRole("table").getByRole("row").filter({ has: page.getByRole("cell") });
  await expect(rows).toHaveCount(2);
  await page.getByRole("button", { name: "State" }).click();
  await page.getByRole("link", { name: "Failed", exact: true }).click();
  await expect(page).toHaveURL(/state=failed/);
  await expect(rows).toHaveCount(1);
  await expect(rows.first()).toContainText(`JOB-${failed}`);
  await expect(rows.first()).toContainText("filter-env");
  await page.getByRole("link", { name: /Remove state filter/ }).click();
  await expect(rows).toHaveCount(2);
  await page.goto("/jobs?text=there+is+no+such+job");
  await expect(page.getByText("No job matches")).toBeVisible();
  await page.getByRole("link", { name: "Clear filter" }).click();
  await expect(page).toHaveURL(/\/jobs$/);
});

test("a failed job shows its attempts, and why it failed", async ({ portal, page }) => {
  const number = seedJob(portal.stack, {
    title: "Went wrong",
    state: "failed",
    steps: [
      { name: "make", attempts: [{ log: "made\n" }] },
      {
        name: "install",
        title: "Install the release",
        needs: ["make"],
        state: "failed",
        error: "exceeded quota: memory=12Gi, limited: memory=8Gi",
        attempts: [
          { state: "lost", log: "first try\n", error: "the worker was not heard of" },
          { state: "failed", log: "second try\nError: exceeded quota\n", error: "exceeded quota", error_class: "permanent", exit: 1 },
        ],
      },
      { name: "check", needs: ["install"], state: "skipped" },
    ],
  });
  await portal.signIn("ines.duarte");
  await page.goto(`/jobs/${number}`);
  await expect(page.getByText(/Install the release failed after/).first()).toBeVisible();
  await expect(page.getByText("exceeded quota: memory=12Gi").first()).toBeVisible();
  await expect(page.getByRole("log")).toContainText("second try");
  await page.getByRole("link", { name: "Attempt 1 lost" }).click();
  await expect(page.getByRole("log")).toContainText("first try");
  await page.getByText("Steps as a table").click();
  await expect(page.getByRole("row", { name: /Install the release/ }).first()).toContainText("Failed");
  // A developer may not retry; the page says who may.
  await expect(page.getByRole("button", { name: "Retry from failed step" })).toHaveAccessibleDescription(/leads of its team/);
});

test("an unknown end is decided on by a person", async ({ portal, page }) => {
  const report = {
    recovered: [{ address: "aws_vpc.main", action: "create", id: "vpc-1", import: true }],
    ambiguous: [{ address: "aws_db.main", action: "create", id: null, import: false }],
    remaining: [{ address: "aws_dns.main", action: "create", id: null, import: false }],
    errored: [],
    beyond: [],
    subset: true,
    changes: true,
    notes: ["the journal ends in the middle of aws_db.main"],
  };
  const number = seedJob(portal.stack, {
    title: "Nobody knows",
    state: "indeterminate",
    steps: [
      { name: "apply", title: "Make it", operation: "apply", class: "once", stack: "payments/unknown", state: "indeterminate", reconcile: report, attempts: [{ state: "indeterminate", log: "begun\n" }] },
    ],
  });
  await portal.signIn("lena.hartmann");
  await page.goto(`/jobs/${number}`);
  const section = page.getByRole("region", { name: "Unknown end of Make it" });
  await expect(section).toContainText("1 recovered, 1 ambiguous, 1 remaining");
  await expect(section.getByRole("row", { name: /aws_db.main/ })).toContainText("Ambiguous");
  await expect(section.getByRole("row", { name: /aws_vpc.main/ })).toContainText("Will be imported");
  await section.getByRole("link", { name: "Declare it done" }).click();
  const dialog = page.getByRole("dialog", { name: "Declare it done" });
  await dialog.getByLabel("Reason").fill("Looked at the console: the database is there");
  await dialog.getByRole("button", { name: "Declare it done" }).click();
  await expect(page.getByText("The decision is on the record")).toBeVisible();
  await expect(page.getByText(/Declared done by Lena Hartmann/)).toBeVisible();
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with script" : "without script", () => {
    test.use({ javaScriptEnabled });

    test("a job is cancelled with a reason", async ({ portal, page }) => {
      const number = seedJob(portal.stack, { title: "Stop me", state: "queued", steps: [{ name: "wait", state: "queued", labels: { zone: "nowhere" } }] });
      await portal.signIn("lena.hartmann");
      await page.goto(`/jobs/${number}`);
      await page.getByRole("link", { name: "Cancel job" }).click();
      const dialog = page.getByRole("dialog", { name: `Cancel JOB-${number}` });
      await expect(dialog).toContainText("Nothing new starts");
      await dialog.getByLabel("Reason").fill("Not needed any more");
      await dialog.getByRole("button", { name: "Cancel job" }).click();
      await expect(page.locator(".page-head .badge")).toHaveText("Cancelled");
    });
  });
}
