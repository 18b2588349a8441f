// The portal as people meet it: roles and names, not markup.
import { expect, type Locator, type Page } from "@playwright/test";
import { person } from "./people.ts";
import type { Stack } from "./stack.js";

/** Every page behind the sign-in: address and main heading. */
export const PAGES = [
  { path: "/", heading: "Home" },
  { path: "/catalog", heading: "Catalog" },
  { path: "/environments", heading: "Environments" },
  { path: "/requests", heading: "Requests" },
  { path: "/approvals", heading: "Approvals" },
  { path: "/runbooks", heading: "Runbooks" },
  { path: "/incidents", heading: "Incidents" },
  { path: "/jobs", heading: "Jobs" },
  { path: "/jobs/queue", heading: "Queue" },
  { path: "/jobs/new", heading: "Run a job" },
  { path: "/workers", heading: "Workers" },
  { path: "/stacks", heading: "Stacks" },
  { path: "/insights", heading: "Insights" },
  { path: "/audit", heading: "Audit" },
  { path: "/admin", heading: "Admin" },
  { path: "/sessions", heading: "Sessions" },
  { path: "/search", heading: "Search" },
] as const;

export class Portal {
  constructor(
    readonly page: Page,
    readonly stack: Stack,
  ) {}

  /** The same stack in another tab or browser. */
  on(page: Page): Portal {
    return new Portal(page, this.stack);
  }

  get heading(): Locator {
    return this.page.getByRole("heading", { level: 1 });
  }

  get signInButton(): Locator {
    return this.page.locator("main form[action='/auth/start']").getByRole("button");
  }

  get accountButton(): Locator {
    return this.page.getByRole("button", { name: /^Account menu/ });
  }

  /** Through the real provider, the way a person does it. */
  async signIn(username: string, returnTo?: string): Promise<void> {
    const query = returnTo ? `?${new URLSearchParams({ return_to: returnTo })}` : "";
    await this.page.goto(`/sign-in${query}`);
    await this.signInButton.click();
    await this.pick(username);
    await expect(this.page).toHaveURL((url) => url.origin === this.stack.url && !url.pathname.startsWith("/auth/"));
  }

  /** Ends what earlier tests left open, the way a provider does: by back-channel. */
  async endAllSessionsOf(username: string): Promise<void> {
    await this.stack.idp("sign-out", { sub: person(username).sub });
  }

  /** On the provider's page. */
  async pick(username: string): Promise<void> {
    await expect(this.page.getByRole("heading", { name: "Pick who you are" })).toBeVisible();
    await this.page.getByRole("button", { name: person(username).username }).click();
  }

  /** Portal and provider: both sessions end. */
  async signOut(): Promise<void> {
    await this.openAccountMenu();
    await this.page.getByRole("button", { name: "Sign out", exact: true }).click();
    await this.page.getByRole("heading", { name: "Sign out of the demo provider?" }).waitFor();
    await this.page.getByRole("button", { name: "Sign out", exact: true }).click();
  }

  /** From the sessions page: the other session's End, the fresh sign-in it asks for, and the last word. */
  async endOtherSession(username: string): Promise<void> {
    const other = this.sessions.filter({ hasNotText: /this session/i });
    await expect(other).toHaveCount(1);
    await other.getByRole("button", { name: "End" }).click();
    await this.pick(username);
    await this.page.getByRole("button", { name: "End now" }).click();
    await expect(this.sessions).toHaveCount(1);
  }

  /** The rows of the sessions page. */
  get sessions(): Locator {
    return this.page.getByRole("table").getByRole("row").filter({ has: this.page.getByRole("cell") });
  }

  async openAccountMenu(): Promise<void> {
    await this.accountButton.click();
    await expect(this.page.getByRole("button", { name: "Sign out", exact: true })).toBeVisible();
  }

  async expectSignedInAs(username: string): Promise<void> {
    await expect(this.accountButton).toHaveAccessibleName(new RegExp(person(username).name));
  }

  /** Asks the server, not the page in the browser. */
  async expectSignedOut(): Promise<void> {
    await this.page.goto("/sessions");
    await expect(this.signInButton).toBeVisible();
    await expect(this.accountButton).toHaveCount(0);
  }
}
