import { describe, expect, test } from "vitest";
import { getTaxii, icsId, objectA, openSandbox, writeTwoReleases } from "../testing/sandbox.js";
import type { TaxiiBehavior } from "./taxii-behavior.js";

const ics = `/api/v21/collections/${icsId}/`;

/** A collection of four objects, one of them in two versions, and its own object in two. */
async function open(taxii: TaxiiBehavior, flavor: "attack" | "standard" = "standard") {
  return openSandbox({ flavor, attackFiles: await writeTwoReleases(), taxii });
}

describe("one token for all pages", () => {
  test("is the same on every page, while the server moves on", async () => {
    const sandbox = await open({ oneToken: true });
    const first = await getTaxii(sandbox, `${ics}objects/?limit=1`);
    const { next } = first.body;
    const ids = [...first.ids];
    for (let more = first.body.more; more; ) {
      const page = await getTaxii(sandbox, `${ics}objects/?limit=1&next=${next}`);
      expect(page.body.next).toBe(page.body.more ? next : undefined);
      ids.push(...page.ids);
      more = page.body.more;
    }
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(4);
  });

  test("passes over a page that is asked for again, belongs to one listing, and is gone after its last page", async () => {
    const sandbox = await open({ oneToken: true });
    const { body, ids } = await getTaxii(sandbox, `${ics}objects/?limit=1`);
    const other = await getTaxii(sandbox, `${ics}manifest/?limit=1`);
    expect(other.body.next).not.toBe(body.next);
    sandbox.addFault({ upstream: "taxii", path: "next=", answer: { kind: "truncate" } });
    await expect(getTaxii(sandbox, `${ics}objects/?limit=1&next=${body.next}`)).rejects.toThrow();
    const rest = await getTaxii(sandbox, `${ics}objects/?limit=9&next=${body.next}`);
    expect([...ids, ...rest.ids]).toHaveLength(3);
    const again = await getTaxii(sandbox, `${ics}objects/?limit=9&next=${body.next}`);
    expect([again.status, again.text]).toEqual([400, expect.stringContaining("'next' not valid")]);
  });
});

describe.each([false, true])("tokens that expire (one for all pages: %s)", (oneToken) => {
  test("are 400 after their life, and work before", async () => {
    const young = await open({ oneToken, tokenLifeMs: 3_600_000 });
    const old = await open({ oneToken, tokenLifeMs: -1 });
    for (const [sandbox, status] of [
      [young, 200],
      [old, 400],
    ] as const) {
      const { body } = await getTaxii(sandbox, `${ics}objects/?limit=1`);
      expect((await getTaxii(sandbox, `${ics}objects/?limit=1&next=${body.next}`)).status).toBe(status);
    }
  });
});

describe.each(["attack", "standard"] as const)("the %s flavor", (flavor) => {
  test("lists roots that are 404", async () => {
    const path = "/api/v21/attack-11.0-beta/";
    const sandbox = await open({ deadRoots: [path] }, flavor);
    const { body } = await getTaxii(sandbox, "/taxii2/");
    expect(body.api_roots?.at(-1)).toContain("attack-11.0-beta");
    expect((await getTaxii(sandbox, path)).status).toBe(404);
    expect((await getTaxii(sandbox, `${path}collections/`)).status).toBe(404);
    expect((await getTaxii(sandbox, "/api/v21/collections/")).status).toBe(200);
  });

  test("refuses URLs that are too long with HTML", async () => {
    const sandbox = await open({ maxUrlLength: 100 }, flavor);
    const long = await getTaxii(sandbox, `${ics}objects/?match[id]=${objectA}`);
    expect([long.status, long.text.slice(0, 9)]).toEqual([403, "<!DOCTYPE"]);
    expect((await getTaxii(sandbox, `${ics}objects/`)).status).toBe(200);
  });

  test("refuses a limit above its maximum", async () => {
    const sandbox = await open({ maxLimit: 2 }, flavor);
    const refused = await getTaxii(sandbox, `${ics}manifest/?limit=3`);
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining("limit must be <= 2")]);
    expect((await getTaxii(sandbox, `${ics}manifest/?limit=2`)).ids).toHaveLength(2);
    const without = await getTaxii(sandbox, `${ics}objects/`);
    expect(without.ids).toHaveLength(flavor === "standard" ? 2 : 3);
  });

  test.each([404, 405] as const)("has no manifest: HTML %i", async (noManifest) => {
    const sandbox = await open({ noManifest }, flavor);
    const { status, text } = await getTaxii(sandbox, `${ics}manifest/`);
    expect([status, text.slice(0, 9)]).toEqual([noManifest, "<!DOCTYPE"]);
    expect((await getTaxii(sandbox, `${ics}objects/`)).status).toBe(200);
  });

  test("knows the last version only", async () => {
    const sandbox = await open({ onlyLastVersion: true }, flavor);
    expect((await getTaxii(sandbox, `${ics}manifest/?match[version]=all`)).status).toBe(400);
    expect((await getTaxii(sandbox, `${ics}manifest/?match[version]=last`)).status).toBe(200);
    expect((await getTaxii(sandbox, `${ics}objects/${objectA}/versions/`)).body.versions).toHaveLength(1);
  });

  test("shows a login page to whoever has no credentials", async () => {
    const page = await open({ loginPage: "page" }, flavor);
    const shown = await getTaxii(page, "/taxii2/");
    expect([shown.status, shown.text]).toEqual([200, expect.stringContaining('type="password"')]);

    const auth = { kind: "bearer", token: "abc" } as const;
    const redirect = await open({ loginPage: "redirect", auth }, flavor);
    const headers = { accept: "application/taxii+json;version=2.1" };
    const sent = await fetch(redirect.taxiiUrl, { headers, redirect: "manual" });
    expect([sent.status, sent.headers.get("location")]).toEqual([302, "/login"]);
    const granted = await fetch(redirect.taxiiUrl, { headers: { ...headers, authorization: "Bearer abc" } });
    expect(granted.status).toBe(200);
  });
});
