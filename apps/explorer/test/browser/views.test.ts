import axe from "axe-core";
import type { Page } from "playwright-core";
import { describe, expect, inject, test } from "vitest";
import { needsBrowser, useBrowser } from "./open-page.js";

const url = inject("demo") ?? "";
const views = [
  { path: "", shows: "Looks up an indicator" },
  { path: "search?q=APT29", shows: "Techniques it uses" },
  { path: "search?q=nothing.example", shows: "Nothing is known" },
  { path: "attack/T1059.001", shows: "Sub-technique of" },
  { path: "family/win.hostile", shows: "Malware family" },
  { path: "matrix/enterprise-attack?by=groups&open=all", shows: "PowerShell" },
  { path: "matrix/enterprise-attack?by=subjects&subject=G0016", shows: "used by APT29" },
  { path: "new", shows: "Newest IOCs" },
  { path: "connectors", shows: "Connectors" },
];

/** What axe-core objects to. */
async function findFaults(page: Page, options: axe.RunOptions = {}): Promise<readonly string[]> {
  const { violations } = await page.evaluate<axe.AxeResults>(`axe.run(${JSON.stringify(options)})`);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join("\n")}`);
}

describe.skipIf(needsBrowser)(`each view${needsBrowser}`, () => {
  const open = useBrowser();

  test.each(views)(
    "/$path has nothing that axe-core objects to, and fits a narrow screen",
    async ({ path, shows }) => {
      const page = await open(url + path, { colorScheme: "light", reducedMotion: "reduce" });
      await page.getByText(shows).first().waitFor();
      await page.waitForLoadState("networkidle");
      await page.evaluate(axe.source);
      expect(await findFaults(page)).toEqual([]);
      await page.emulateMedia({ colorScheme: "dark" });
      expect(await findFaults(page, { runOnly: ["color-contrast", "link-in-text-block"] })).toEqual([]);
      await page.setViewportSize({ width: 360, height: 740 });
      expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(360);
    },
    20_000,
  );

  test("keeps the scheme that somebody chooses", async () => {
    const page = await open(url, { colorScheme: "light" });
    const background = () => page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
    const light = await background();
    await page.getByRole("combobox", { name: "Colours" }).selectOption("dark");
    await expect.poll(background).not.toBe(light);
    const dark = await background();
    await page.reload();
    await expect.poll(background).toBe(dark);
  });

  test("work below a path that a proxy takes away", async () => {
    const page = await open(url);
    await page.route("**/below/**", async (route) => {
      const response = await route.fetch({ url: route.request().url().replace("/below/", "/") });
      const body = (await response.text()).replace('<base href="/"', '<base href="/below/"');
      await route.fulfill({ response, body });
    });
    await page.goto(`${url}below/attack/T1059.001`);
    await page.getByRole("heading", { level: 1, name: "T1059.001 PowerShell" }).waitFor();
    await page.getByRole("link", { name: "Matrix", exact: true }).click();
    await page.waitForURL("**/below/matrix/enterprise-attack");
    await page.getByRole("gridcell").first().waitFor();
    await page.unrouteAll({ behavior: "ignoreErrors" });
  });
});
