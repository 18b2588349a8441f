// The log on a job's page, as people use it.
import { expect, type Locator, type Page } from "@playwright/test";

export class LogView {
  readonly body: Locator;
  readonly search: Locator;

  constructor(readonly page: Page) {
    this.body = page.getByRole("log");
    this.search = page.getByRole("searchbox", { name: "Search in log" });
  }

  line(number: number): Locator {
    return this.body.locator(`#L${number}`);
  }

  /** Lines the page holds. */
  held(): Promise<number> {
    return this.body.locator(".ln").count();
  }

  async expectSeen(number: number): Promise<void> {
    await expect(this.line(number)).toBeInViewport();
  }

  async scrollTo(where: "start" | "end"): Promise<void> {
    await this.body.evaluate((body, to) => {
      body.scrollTop = to === "start" ? 0 : body.scrollHeight;
    }, where);
  }
}
