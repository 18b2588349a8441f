// Leaving: by the menu, by the provider, and not by a link.
import { expectStatus } from "./support/watch.ts";
import { expect, test } from "./support/test.ts";

test("signing out ends the session here and at the provider", async ({ portal, page }) => {
  await portal.signIn("ines.duarte");
  await portal.signOut();
  await expect(page).toHaveURL((url) => url.origin === portal.stack.url);
  await expect(page.getByRole("main")).toContainText(/signed out/i);
  await portal.expectSignedOut();
  await portal.signInButton.click();
  await expect(page.getByRole("heading", { name: "Pick who you are" })).toBeVisible();
});

test("the local session is over before the provider is asked", async ({ portal, page, stack }) => {
  await portal.signIn("ines.duarte");
  await portal.openAccountMenu();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.getByRole("heading", { name: "Sign out of the demo provider?" }).waitFor();
  expect((await page.context().cookies(stack.url)).map(({ name }) => name)).not.toContain("__Host-groundcrew");
  await portal.expectSignedOut();
});

test("security_18_sign_out by GET is 405 and changes nothing", async ({ portal, page, watch }) => {
  expectStatus(watch, 405);
  watch.expect(/status of 404 .*favicon\.ico/); // a page that names no icon makes the browser guess one
  await portal.signIn("ines.duarte");
  const response = await page.goto("/auth/sign-out");
  expect(response?.status()).toBe(405);
  await page.goto("/");
  await portal.expectSignedInAs("ines.duarte");
});

test("security_18_sign_out works while the provider is down", async ({ portal, page, stack, watch }) => {
  expectStatus(watch, 503);
  await portal.signIn("ines.duarte");
  await stack.idp("down", { down: true });
  try {
    await portal.openAccountMenu();
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await expect(page.locator("body")).toContainText(/down on purpose|signed out/i);
    await portal.expectSignedOut();
  } finally {
    await stack.idp("down", { down: false });
  }
});

test("a sign-out at the provider ends the session here", async ({ portal, page, stack }) => {
  await portal.signIn("jonas.weber");
  const { told } = await stack.idp("sign-out", { sub: "p-jonas-weber" });
  expect(told.map(({ outcome }: { outcome: string }) => outcome)).toContain("accepted");
  await page.goto("/");
  await expect(portal.signInButton).toBeVisible();
});

test("the back button after signing out shows nothing of the session", async ({ portal, page }) => {
  await portal.signIn("ines.duarte");
  await page.goto("/sessions");
  await portal.signOut();
  await expect(page.getByRole("main")).toContainText(/signed out/i);
  await page.goBack({ waitUntil: "load" });
  await expect(portal.accountButton).toHaveCount(0);
});
