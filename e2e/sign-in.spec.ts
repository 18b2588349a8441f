// From the button through the real provider to Home, and the ways that can fail.
import { expectStatus } from "./support/watch.ts";
import { expect, test } from "./support/test.ts";

test("the button leads through the provider to Home, which says who I am", async ({ portal, page }) => {
  await portal.signIn("lena.hartmann");
  await expect(portal.heading).toHaveText("Home");
  await portal.expectSignedInAs("lena.hartmann");
  await expect(page).toHaveURL("/");
  await expect(page.getByRole("main")).toContainText("Payments");
  await portal.openAccountMenu();
});

test("a link to a page asks for sign-in and then leads to that page", async ({ portal, page }) => {
  await page.goto("/audit?kind=session");
  await expect(portal.signInButton).toBeVisible();
  await portal.signInButton.click();
  await portal.pick("samuel.okafor");
  await expect(page).toHaveURL("/audit?kind=session");
  await expect(portal.heading).toHaveText("Audit");
});

for (const target of ["//evil.example/x", "/\\evil.example", "https://evil.example/", "/%5cevil.example", "javascript:alert(1)"]) {
  test(`security_13_return_to ${target} lands on Home`, async ({ portal, page }) => {
    await portal.signIn("ines.duarte", target);
    await expect(page).toHaveURL("/");
  });
}

test("no code, state or token stays in the address or the history entry", async ({ portal, page }) => {
  await portal.signIn("ines.duarte");
  expect(page.url()).not.toMatch(/code=|state=|iss=/);
  expect(await page.evaluate(() => document.referrer)).not.toMatch(/code=/);
});

test("cancelling at the provider is told plainly and can be tried again", async ({ portal, page, watch }) => {
  expectStatus(watch, 400);
  expectStatus(watch, 403);
  await page.goto("/sign-in");
  await portal.signInButton.click();
  await page.getByRole("button", { name: "Cancel and return" }).click();
  await expect(page).toHaveURL((url) => url.origin === portal.stack.url);
  await expect(page.getByRole("alert")).toBeVisible();
  await expect(page.getByRole("main")).toContainText(/reference|trace/i);
  await portal.signInButton.click();
  await portal.pick("ines.duarte");
  await portal.expectSignedInAs("ines.duarte");
});

test("security_15_text of the provider's error is not shown", async ({ portal, page, stack, watch }) => {
  expectStatus(watch, 400);
  expectStatus(watch, 502);
  await stack.idp("next-error", {
    error: "temporarily_unavailable",
    error_description: "canary-text <img src=x onerror=alert(1)>",
  });
  await page.goto("/sign-in");
  await portal.signInButton.click();
  await portal.pick("ines.duarte");
  await expect(page.getByRole("alert")).toBeVisible();
  await expect(page.locator("body")).not.toContainText("canary-text");
  expect(page.url()).not.toContain("canary-text");
});

test("a provider that is down does not break the portal", async ({ portal, page, stack, watch }) => {
  expectStatus(watch, 502);
  expectStatus(watch, 503);
  await stack.idp("down", { down: true });
  try {
    await page.goto("/sign-in");
    await portal.signInButton.click();
    // Metadata is known, so the browser may get as far as the provider's own 503.
    await expect(page.locator("body")).toContainText(/down on purpose|try again/i);
  } finally {
    await stack.idp("down", { down: false });
  }
  await portal.signIn("ines.duarte");
  await portal.expectSignedInAs("ines.duarte");
});

test("a rotated key is fetched and the sign-in succeeds", async ({ portal, stack, otherBrowser }) => {
  await portal.signIn("ines.duarte");
  await stack.idp("rotate-keys");
  const other = portal.on(await otherBrowser.newPage());
  await other.signIn("lena.hartmann");
  await other.expectSignedInAs("lena.hartmann");
});

test("somebody in no known group is signed in without access and told so", async ({ portal, page }) => {
  await portal.signIn("nora.outside");
  await portal.expectSignedInAs("nora.outside");
  await expect(page.getByRole("main")).toContainText(/no access yet/i);
});

for (const username of ["gus.nogroups", "hugo.huge"]) {
  test(`security_14_groups of ${username} grant nothing, and the page says why`, async ({ portal, page }) => {
    await portal.signIn(username);
    await portal.expectSignedInAs(username);
    await expect(page.getByRole("main")).toContainText(/no access yet/i);
    await expect(page.getByRole("main")).toContainText(/groups/i);
  });
}
