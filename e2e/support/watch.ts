// Nothing may go wrong unseen: console errors, page errors, policy violations and
// answers of 500 and above fail the test, unless the test said it expects them.
import { expect, type BrowserContext, type ConsoleMessage } from "@playwright/test";

declare global {
  interface Window {
    reportPolicyViolation(text: string): void;
  }
}

export class Watch {
  #problems: string[] = [];
  #expected: RegExp[] = [];

  /** From here on, problems that match are part of the test. */
  expect(pattern: RegExp): void {
    this.#expected.push(pattern);
  }

  note(problem: string): void {
    if (!this.#expected.some((pattern) => pattern.test(problem))) this.#problems.push(problem);
  }

  problems(): string[] {
    return [...this.#problems];
  }

  async attach(context: BrowserContext): Promise<void> {
    await context.exposeFunction("reportPolicyViolation", (text: string) => this.note(text));
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        window.reportPolicyViolation(
          `securitypolicyviolation: ${event.effectiveDirective} blocked ${event.blockedURI} on ${event.documentURI}`,
        );
      });
    });
    context.on("console", (message) => this.#console(message));
    context.on("weberror", (error) => this.note(`page error: ${error.error().stack ?? error.error()}`));
    context.on("response", (response) => {
      if (response.status() >= 500) this.note(`response ${response.status()}: ${response.url()}`);
    });
  }

  verify(): void {
    expect(this.#problems, "problems seen by the browser").toEqual([]);
  }

  #console(message: ConsoleMessage): void {
    if (message.type() === "error") this.note(`console: ${message.text()} (${message.location().url})`);
  }
}

/** Chromium logs every 4xx document as a console error; say which status a test visits on purpose. */
export function expectStatus(watch: Watch, status: number): void {
  watch.expect(new RegExp(`^console: Failed to load resource: the server responded with a status of ${status} `));
  watch.expect(new RegExp(`^response ${status}: `));
}
