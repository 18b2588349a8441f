// A session that ends while a page is open.
import { expectStatus } from "./support/watch.ts";
import { expect, test } from "./support/test.ts";

test("after the idle limit the next page asks for sign-in and leads back", async ({ portal, page, stack, watch }) => {
  expectStatus(watch, 401);
  await portal.signIn("ines.duarte");
  stack.idle("p-ines-duarte", 31);
  await page.goto("/environments");
  await expect(portal.signInButton).toBeVisible();
  await portal.signInButton.click();
  await expect(page).toHaveURL("/environments");
  await portal.expectSignedInAs("ines.duarte");
});

test("a click inside the running page notices it too", async ({ portal, page, stack, watch }) => {
  expectStatus(watch, 401);
  await portal.signIn("samuel.okafor");
  stack.idle("p-samuel-okafor", 31);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Audit" }).click();
  await expect(portal.signInButton.or(page.getByRole("link", { name: /sign in/i })).first()).toBeVisible();
});

test("29 minutes of rest end nothing", async ({ portal, page, stack }) => {
  await portal.signIn("ines.duarte");
  stack.idle("p-ines-duarte", 29);
  await page.goto("/environments");
  await expect(portal.heading).toHaveText("Environments");
});

test("security_24_a cookie without a live session is answered with its removal", async ({ page, context, stack, portal }) => {
  const cookies = async () => (await context.cookies(stack.url)).map(({ name }) => name);
  await portal.signIn("ines.duarte");
  expect(await cookies()).toContain("__Host-groundcrew");
  stack.idle("p-ines-duarte", 31);
  await page.goto("/");
  await expect(portal.signInButton).toBeVisible();
  expect(await cookies()).not.toContain("__Host-groundcrew");
});
