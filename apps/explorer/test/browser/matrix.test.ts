import { buffer } from "node:stream/consumers";
import { parse } from "csv-parse/sync";
import type { Page } from "playwright-core";
import { describe, expect, inject, test } from "vitest";
import { needsBrowser, useBrowser } from "./open-page.js";

const url = `${inject("demo") ?? ""}matrix/enterprise-attack`;

/** The technique or tactic that has the focus. */
function focused(page: Page): Promise<string> {
  return page.evaluate<string>("document.activeElement.textContent");
}

function cellNamed(page: Page, name: RegExp) {
  return page.getByRole("gridcell", { name }).first();
}

/** Of the open menu. */
async function exportAs(page: Page, name: string) {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name, exact: true }).click(),
  ]);
  return { name: download.suggestedFilename(), content: await buffer(await download.createReadStream()) };
}

describe.skipIf(needsBrowser)(`the matrix${needsBrowser}`, () => {
  const open = useBrowser();

  test("opens and closes sub-techniques, and keeps that in its address", async () => {
    const page = await open(`${url}?by=groups`);
    await page
      .getByRole("button", { name: /sub-techniques of Command and Scripting Interpreter/, expanded: false })
      .click();
    await cellNamed(page, /^T1059\.001 PowerShell/).waitFor();
    expect(page.url()).toContain("open=T1059");
    await page.reload();
    await cellNamed(page, /^T1059\.001/).waitFor();
    await page
      .getByRole("button", { name: /sub-techniques of Command and Scripting Interpreter/, expanded: true })
      .click();
    await cellNamed(page, /^T1059\.001/).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Open all sub-techniques" }).click();
    await cellNamed(page, /^T1059\.001/).waitFor();
  });

  test("says in words and numbers what its colours say", async () => {
    const page = await open(`${url}?by=subjects&subject=G0016&open=all`);
    const cell = cellNamed(page, /^T1059\.001 PowerShell.* used by APT29 \(G0016\)/);
    await cell.scrollIntoViewIfNeeded();
    // The browser draws a row, and knows its text, some time after the row is there.
    await expect.poll(() => cell.innerText(), { timeout: 20_000 }).toMatch(/PowerShell\s+A/);
    expect(await page.getByRole("list", { name: "Legend" }).innerText()).toMatch(
      /A\s+used by APT29 \(G0016\)/,
    );
  });

  test("compares what is named, and says what is wrong with a name", async () => {
    const page = await open(`${url}?by=subjects`);
    await page.getByText("Name groups, software, campaigns or malware families above").waitFor();
    const box = page.getByRole("combobox", { name: "Group, software, campaign or malware family" });
    await box.fill("APT29");
    await page.getByRole("option", { name: /APT29/ }).click();
    await page.getByRole("list", { name: "Legend" }).waitFor();
    expect(page.url()).toContain("subject=G0016");
    await box.fill("No such group");
    await box.press("Enter");
    expect(await page.getByRole("alert").innerText()).toContain("No such group");
    await page.getByRole("button", { name: "Remove No such group" }).click();
    await page.getByRole("list", { name: "Legend" }).waitFor();
  });

  test("filters by mark, by tactic and by platform", async () => {
    const page = await open(`${url}?by=subjects&subject=G0016`);
    await page.getByRole("list", { name: "Legend" }).waitFor();
    const shown = () => page.getByRole("gridcell").getByRole("link").allTextContents();
    const all = ["Phishing", "Command", "Credential", "Remote Services", "Layer Protocol"];
    const named = (...names: readonly string[]) => names.map((name) => expect.stringContaining(name));
    expect(await shown()).toEqual(named(...all));
    await page.getByRole("checkbox", { name: "Only marked" }).check();
    await expect.poll(shown).toEqual(named("Phishing", "Command", "Layer Protocol"));
    await page.locator("summary", { hasText: "Tactics" }).click();
    await page.getByRole("checkbox", { name: "Execution" }).check();
    await expect.poll(shown).toEqual(named("Command"));
    expect(await page.getByRole("columnheader").count()).toBe(1);
    expect(page.url()).toContain("only=marked&tactic=execution");
    await page.keyboard.press("Escape");
    expect(await page.getByRole("checkbox", { name: "Execution" }).isVisible()).toBe(false);
    await page.goBack();
    await page.goBack();
    await expect.poll(shown).toEqual(named(...all));
    await page.locator("summary", { hasText: "Platforms" }).click();
    await page.getByRole("checkbox", { name: "SaaS" }).check();
    await expect.poll(shown).toEqual(named("Phishing"));
  });

  test("is moved through, unfolded and opened with the keyboard", async () => {
    const page = await open(`${url}?by=groups`);
    await cellNamed(page, /^T1059 /).waitFor();
    const inOrder = page.locator('[role="grid"] [tabindex="0"]');
    expect(await inOrder.count()).toBe(1);
    await inOrder.focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Control+End");
    const end = await focused(page);
    await page.keyboard.press("Control+Home");
    expect(await focused(page)).toContain(
      await page
        .getByRole("columnheader")
        .first()
        .innerText()
        .then((text) => text.split("\n")[0] ?? ""),
    );
    expect(await focused(page)).not.toBe(end);
    expect(await inOrder.count()).toBe(1);

    await cellNamed(page, /^T1059 /).focus();
    await page.keyboard.press("Space");
    await cellNamed(page, /^T1059\.001/).waitFor();
    expect(await cellNamed(page, /^T1059 /).getAttribute("aria-expanded")).toBe("true");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/attack\/T1059\.\d{3}$/);
  });

  test("is saved as a layer, CSV, SVG and PNG", async () => {
    const page = await open(`${url}?by=subjects&subject=G0016&open=all`);
    await page.getByRole("list", { name: "Legend" }).waitFor();
    await page.locator("summary", { hasText: "Export" }).click();
    const layer = await exportAs(page, "Navigator layer");
    expect(layer.name).toMatch(/^enterprise-attack_.*apt29-g0016\.json$/);
    expect(JSON.parse(layer.content.toString())).toMatchObject({
      domain: "enterprise-attack",
      versions: { layer: "4.5" },
      techniques: expect.arrayContaining([expect.objectContaining({ techniqueID: "T1059.001", score: 1 })]),
    });

    const shown = await page.getByRole("gridcell").count();
    const csv: readonly Record<string, string>[] = parse((await exportAs(page, "CSV")).content, {
      columns: true,
    });
    expect(csv).toHaveLength(shown);
    expect(csv.find(({ attack_id }) => attack_id === "T1059.001")).toMatchObject({
      tactic: "Execution",
      name: "PowerShell",
      score: "1",
      mark: "used by APT29 (G0016)",
      url: "https://attack.mitre.org/techniques/T1059/001",
    });

    const svg = (await exportAs(page, "SVG")).content.toString();
    // The page itself must not parse anything.
    const other = await page.context().newPage();
    const texts = await other.evaluate<readonly string[]>(
      `[...new DOMParser().parseFromString(${JSON.stringify(svg)}, "image/svg+xml").querySelectorAll("text")].map(({ textContent }) => textContent)`,
    );
    expect(texts).toEqual(expect.arrayContaining(["PowerShell", "Execution", "A"]));

    const png = (await exportAs(page, "PNG")).content;
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    const [, , width, height] = /viewBox="(\d+) (\d+) (\d+) (\d+)"/.exec(svg)?.slice(1).map(Number) ?? [];
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2 * Number(width), 2 * Number(height)]);
  });
});
