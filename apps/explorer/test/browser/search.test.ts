import { describe, expect, inject, test } from "vitest";
import { hostile } from "./load-demo.js";
import { needsBrowser, useBrowser } from "./open-page.js";

const url = inject("demo") ?? "";

describe.skipIf(needsBrowser)(`the search${needsBrowser}`, () => {
  const open = useBrowser();

  test("suggests names while somebody types, and shows what is known", async () => {
    const page = await open(url);
    await page.getByRole("combobox", { name: "Search" }).pressSequentially("APT29");
    await page.getByRole("option", { name: /APT29/ }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/search\?q=G0016$/);
    await page.getByRole("heading", { name: "Group G0016 APT29" }).waitFor();
    expect(await page.title()).toContain("G0016");
    await page.getByRole("heading", { name: /^Techniques it uses/ }).waitFor();
  });

  test("leads to what is related, and back", async () => {
    const page = await open(`${url}search?q=APT29`);
    await page
      .getByRole("link", { name: /PowerShell/ })
      .first()
      .click();
    await page.waitForURL(/\/attack\/T1059\.001$/);
    await page.getByRole("heading", { level: 1, name: "T1059.001 PowerShell" }).waitFor();
    expect(await page.evaluate<string>("document.activeElement.tagName")).toBe("H1");
    await page.goBack();
    await page.getByRole("heading", { level: 1, name: "Search: APT29" }).waitFor();
    await page.goForward();
    await page.getByRole("heading", { level: 1, name: "T1059.001 PowerShell" }).waitFor();
  });

  test("says what it looked up where nothing is known", async () => {
    const page = await open(`${url}search?q=nothing.example`);
    const text = await page.getByText("Nothing is known about nothing.example").locator("..").innerText();
    expect(text).toContain("It was read as domain");
    expect(await page.getByText(/^threatfox, complete as of/).count()).toBe(1);
  });

  test("shows a hostile IOC as text, and copies what it really is", async () => {
    const page = await open(`${url}search?${new URLSearchParams({ q: hostile.ioc_value })}`, {
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const row = page.getByRole("row", { name: /evil\[\.\]example/ });
    const text = await row.innerText();
    for (const shown of [
      'hxxp://evil[.]example/"><script>alert(1)</script>',
      hostile.malware_printable,
      hostile.reference,
      hostile.reporter,
      "<b>bold</b>",
    ]) {
      expect(text).toContain(shown);
    }
    expect(await row.locator("b, script, img, svg").count()).toBe(0);
    const targets = await page
      .locator("a")
      .evaluateAll((links) => links.map((link) => link.getAttribute("href")));
    expect(targets.filter((target) => !/^(?:\/|https:\/\/)/.test(target ?? ""))).toEqual([]);
    expect(targets.filter((target) => target?.startsWith("http://evil"))).toEqual([]);

    await row.getByRole("button", { name: /^Copy the real value/ }).click();
    await row.getByText("Copied").waitFor();
    expect(await page.evaluate<string>("navigator.clipboard.readText()")).toBe(hostile.ioc_value);
  });

  test("says what happened and what to do where the server fails", async () => {
    const page = await open(url);
    await page.route("**/api/v1/lookup?*", (route) =>
      route.fulfill({
        status: 503,
        contentType: "application/problem+json",
        json: { title: "Service unavailable", status: 503, detail: "The database is gone: start it again." },
      }),
    );
    await page.goto(`${url}search?q=APT29`);
    const failure = page.getByRole("alert");
    expect(await failure.innerText()).toMatch(/Service unavailable.*The database is gone: start it again\./s);
    await page.unroute("**/api/v1/lookup?*");
    await failure.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "Group G0016 APT29" }).waitFor();
  });

  test("waits for a server that asks to be asked again", async () => {
    const page = await open(url);
    let asked = 0;
    await page.route("**/api/v1/iocs/daily?*", (route) => {
      asked += 1;
      const body = { title: "Service unavailable", status: 503, detail: "Ask again in a moment." };
      return asked < 3
        ? route.fulfill({ status: 503, headers: { "retry-after": "0" }, json: body })
        : route.continue();
    });
    await page.goto(`${url}new`);
    await page.getByRole("group", { name: "IOCs by series" }).waitFor();
    expect(asked).toBe(3);
    expect(await page.getByRole("alert").count()).toBe(0);
    await page.unrouteAll({ behavior: "ignoreErrors" });
  });

  test("says that an address leads nowhere", async () => {
    const page = await open(`${url}no/such/view`);
    await page.getByRole("heading", { name: "Not found" }).waitFor();
  });
});
