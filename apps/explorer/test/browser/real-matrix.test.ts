import { nameRealData } from "@cti-connectors/sandbox/testing";
import { describe, expect, inject, test } from "vitest";
import { realFiles } from "./load-real-attack.js";
import { needsBrowser, useBrowser } from "./open-page.js";

const url = inject("real");

describe.skipIf(url === undefined)(
  nameRealData(`the matrix of real ATT&CK data${needsBrowser}`, ...realFiles),
  () => {
    const open = useBrowser();

    test("has every technique and sub-technique of Enterprise 18.1", async () => {
      const page = await open(`${url}matrix/enterprise-attack?by=groups&open=all`);
      await page.getByRole("list", { name: "Legend" }).waitFor();
      const names = await page.getByRole("gridcell").getByRole("link").allTextContents();
      const ids = names.map((name) => name.split(" ")[0] ?? "");
      const techniques = new Set(ids.filter((id) => !id.includes(".")));
      const subTechniques = new Set(ids.filter((id) => id.includes(".")));
      // https://attack.mitre.org/resources/updates/updates-october-2025/
      expect([techniques.size, subTechniques.size]).toEqual([216, 475]);
      expect(await page.getByRole("columnheader").count()).toBe(14);
    });

    test("compares two releases of ICS, and shows an older one", async () => {
      const page = await open(`${url}matrix/ics-attack?by=changes&from=17.1&to=18.1`);
      const marked = page.getByRole("gridcell", { name: /changed: / });
      await marked.first().waitFor();
      await page.goto(`${url}matrix/ics-attack?by=groups&release=17.1`);
      await page.getByText("ATT&CK 17.1", { exact: true }).waitFor();
      await page
        .getByRole("gridcell", { name: /Hooking/ })
        .first()
        .getByRole("link")
        .click();
      await page.waitForURL("**/attack/T0874?release=17.1");
      await page.getByRole("heading", { level: 1, name: "T0874 Hooking" }).waitFor();
      const links = await page.evaluate<readonly string[]>(
        "[...document.querySelectorAll('main a')].map((link) => link.getAttribute('href'))",
      );
      expect(links.filter((link) => link.startsWith("/attack/") && !link.endsWith("?release=17.1"))).toEqual(
        [],
      );
    });
  },
);
