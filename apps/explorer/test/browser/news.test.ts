import { describe, expect, inject, test } from "vitest";
import { needsBrowser, useBrowser } from "./open-page.js";

const url = inject("demo") ?? "";

describe.skipIf(needsBrowser)(`what is new${needsBrowser}`, () => {
  const open = useBrowser();

  test("shows the IOCs of all families to one scale", async () => {
    const page = await open(`${url}new?days=90`);
    const table = page.getByRole("group", { name: "IOCs by series" });
    await table.waitFor();
    const rows = await table.locator("tbody tr").evaluateAll((found) =>
      found.map((row) => ({
        total: Number(row.lastElementChild?.textContent),
        bars: [...row.querySelectorAll("rect")].reduce(
          (sum, bar) => sum + Number(bar.getAttribute("height")),
          0,
        ),
      })),
    );
    expect(new Set(rows.map(({ total }) => total)).size).toBeGreaterThan(1);
    const [most] = rows;
    for (const { total, bars } of rows.filter((row) => row.total > 0)) {
      expect(bars / total).toBeCloseTo((most?.bars ?? 0) / (most?.total ?? 1), 5);
    }
  });
});
