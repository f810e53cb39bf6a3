import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, onTestFinished } from "vitest";

/** Why browser tests are skipped, for their names. */
export const needsBrowser = inject("browser") === undefined ? " (skipped: needs TEST_CHROMIUM)" : "";

/** Opens pages in the browser of this run, for the tests of a file. */
export function useBrowser(): (url: string, options?: BrowserContextOptions) => Promise<Page> {
  let browser: Browser | undefined;
  beforeAll(async () => {
    const endpoint = inject("browser");
    browser = endpoint === undefined ? undefined : await chromium.connect(endpoint);
  });
  afterAll(() => browser?.close());
  return async (url, options = {}) => {
    const context = await browser?.newContext(options);
    if (context === undefined) {
      throw new Error("there is no browser");
    }
    const page = await context.newPage();
    // What fails unseen, such as a script that the policy of the server refuses.
    const faults: string[] = [];
    page.on("pageerror", ({ message }) => faults.push(message));
    page.on("console", (message) => {
      // The browser also logs statuses that the page handles.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
        faults.push(message.text());
      }
    });
    page.on("dialog", (dialog) => {
      faults.push(`dialog: ${dialog.message()}`);
      return dialog.dismiss();
    });
    onTestFinished(async () => {
      await context.close();
      expect(faults).toEqual([]);
    });
    await page.goto(url);
    return page;
  };
}
