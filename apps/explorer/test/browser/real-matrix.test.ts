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

    test("draws Enterprise in under a second of a processor, and scrolls it with under 50 ms a frame", async () => {
      const page = await open("about:blank");
      const session = await page.context().newCDPSession(page);
      // Time of the page's thread, whatever else the machine does.
      await session.send("Performance.enable", { timeDomain: "threadTicks" });
      const readMs = async () => {
        const { metrics } = await session.send("Performance.getMetrics");
        const counted = metrics.filter(({ name }) => /^(?:Script|Layout|RecalcStyle)Duration$/.test(name));
        expect(counted).toHaveLength(3);
        return counted.reduce((sum, { value }) => sum + value * 1_000, 0);
      };
      await page.goto(`${url}matrix/enterprise-attack?by=groups&open=all`);
      await page.getByRole("list", { name: "Legend" }).waitFor();
      await page.getByRole("gridcell").nth(600).waitFor();
      expect(await readMs()).toBeLessThan(1_000);
      await page.getByRole("grid").hover({ position: { x: 300, y: 200 } });
      let before = await readMs();
      let slowest = 0;
      for (let frame = 0; frame < 40; frame += 1) {
        await page.mouse.wheel(frame % 4 === 3 ? 200 : 0, 300);
        await page.evaluate(
          "new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))",
        );
        const after = await readMs();
        slowest = Math.max(slowest, after - before);
        before = after;
      }
      expect(
        await page.evaluate<number>(
          "scrollY + document.querySelector('[role=grid]').parentElement.scrollTop",
        ),
      ).toBeGreaterThan(1_000);
      expect(slowest).toBeLessThan(50);
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
