import type { Store } from "@cti-connectors/core/host";
import { describeOnEmbedded } from "@cti-connectors/dev-kit/describe-on-servers";
import { describe, expect, test, vi } from "vitest";
import { contentsOf, forgetCheckpoints } from "../testing/database.js";
import { load } from "../testing/pipeline.js";
import { requestsOf, useServers } from "../testing/start-servers.js";
import { attackRelease, tool } from "../testing/write-bundle.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

describeOnEmbedded("the versions step", (openDatabase) => {
  const servers = useServers();
  const id = "x-mitre-collection--1";
  const early = "2024-01-01T00:00:00.000Z";
  const late = "2025-01-01T00:00:00.000Z";
  const old = [attackRelease(id, "1.0", early), ...["a", "b", "c"].map((name) => tool(name, early))];
  const next = [attackRelease(id, "2.0", late), tool("a", late), tool("b", early), tool("c", early)];

  async function versionsOf(database: Store): Promise<Record<string, unknown>> {
    return Object.fromEntries(
      Object.entries((await contentsOf(database)).versions ?? {}).map(([_id, { content }]) => [
        _id.split("/")[1],
        content,
      ]),
    );
  }

  const both = {
    data: { collection_id: id, object_id: "tool--a", versions: { more: false, versions: [early, late] } },
    enriched: { type: "tool", count: 2, first: new Date(early), last: new Date(late) },
  };
  const one = {
    data: { collection_id: id, object_id: "tool--b", versions: { more: false, versions: [early] } },
    enriched: { type: "tool", count: 1, first: new Date(early), last: new Date(early) },
  };

  test("reads all versions of a collection with one request, oldest first", async () => {
    const sandbox = await servers.start([old, next], { flavor: "standard" });
    const database = await openDatabase();
    await load(database, { env: { MITRE_TAXII_URL: sandbox.taxiiUrl } });
    expect(await versionsOf(database)).toMatchObject({ "tool--a": both, "tool--b": one });
    const asked = requestsOf(sandbox).filter((request) => request.includes("version"));
    expect(asked).toEqual([`${id}/manifest/?match[version]=all&limit=50000`]);
  });

  test("groups the versions of an object that come on different pages", async () => {
    for (const taxii of [{ maxPageSize: 2 }, { omitNext: true }]) {
      const sandbox = await servers.start([old, next], { flavor: "standard", taxii });
      const database = await openDatabase();
      const env = { MITRE_TAXII_URL: sandbox.taxiiUrl, MITRE_PAGE_SIZE: "1" };
      await load(database, { env });
      expect(await versionsOf(database)).toMatchObject({ "tool--a": both, "tool--b": one });
    }
  });

  test.each([
    ["404", 404],
    ["an empty page", 200],
  ])("loses no version where the server ends the pages early, with %s", async (_, status) => {
    for (const skip of [0, 1]) {
      const sandbox = await servers.start([old, next], { flavor: "standard", taxii: { maxPageSize: 2 } });
      const answer = { kind: "status", status, body: "{}" } as const;
      sandbox.addFault({
        upstream: "taxii",
        path: "match[version]=all&limit=50000&next=",
        skip,
        answer,
      });
      const database = await openDatabase();
      await load(database, { env: { MITRE_TAXII_URL: sandbox.taxiiUrl } });
      expect(await versionsOf(database)).toMatchObject({ "tool--a": both, "tool--b": one, "tool--c": {} });
    }
  });

  test("checks once per run that the filter is honoured where no object has two versions", async () => {
    const other = [attackRelease("x-mitre-collection--2", "1.0", early), tool("a", late)];
    const sandbox = await servers.start([old, other]);
    const env = { MITRE_TAXII_URL: sandbox.taxiiUrl };
    const database = await openDatabase();
    await load(database, { env });
    const probes = () => requestsOf(sandbox).filter((request) => request.includes("match[version]=1970"));
    expect(probes()).toHaveLength(1);
    await forgetCheckpoints(database);
    await load(database, { env });
    expect(probes()).toHaveLength(2);
    expect(requestsOf(sandbox).filter((request) => request.includes("/versions/"))).toEqual([]);
  });

  describe("objects are asked for one by one", () => {
    const single = (name: string) => `${id}/objects/${name}/versions/`;

    test.each([400, 405, 422, 501])("where the server answers %i to the filter", async (status) => {
      const sandbox = await servers.start([old, next], { flavor: "standard" });
      const answer = { kind: "status", status, body: JSON.stringify({ title: "no such filter" }) } as const;
      sandbox.addFault({ upstream: "taxii", path: "match[version]", answer });
      const database = await openDatabase();
      await load(database, { env: { MITRE_TAXII_URL: sandbox.taxiiUrl } });
      expect(await versionsOf(database)).toMatchObject({ "tool--a": both, "tool--b": one });
      expect([...requestsOf(sandbox).slice(-4)].sort()).toEqual(
        ["tool--a", "tool--b", "tool--c", id].map(single).sort(),
      );
    });

    test("where the server ignores the filter", async () => {
      const sandbox = await servers.start([old, next], {
        flavor: "standard",
        taxii: { ignore: ["match[version]"] },
      });
      const database = await openDatabase();
      const { log } = await load(database, { env: { MITRE_TAXII_URL: sandbox.taxiiUrl } });
      expect(await versionsOf(database)).toMatchObject({ "tool--a": both, "tool--b": one });
      expect(log.join()).toContain("does not list all versions of 4 objects: they are requested one by one");
    });

    test("where the server ignores the filter: those that were modified, even if the last one has one version", async () => {
      const unmodified = tool("unmodified", early, { created: early });
      const sandbox = await servers.start(
        [old, [...next, unmodified, tool("lone", "2025-06-01T00:00:00.000Z")]],
        {
          flavor: "standard",
          taxii: { ignore: ["match[version]"] },
        },
      );
      const database = await openDatabase();
      await load(database, { env: { MITRE_TAXII_URL: sandbox.taxiiUrl } });
      expect(await versionsOf(database)).toMatchObject({ "tool--a": both, "tool--b": one });
      const asked = requestsOf(sandbox).filter((request) => request.endsWith("/versions/"));
      expect(asked).toContain(single("tool--lone"));
      expect(asked).not.toContain(single("tool--unmodified"));
    });

    test("where the answer leaves them out: only those", async () => {
      const sandbox = await servers.start([old, next], { flavor: "standard" });
      const record = (name: string, version: string) => ({ id: name, version, date_added: version });
      const objects = [record("tool--a", early), record("tool--a", late), record(id, late)];
      const answer = { kind: "status", status: 200, body: JSON.stringify({ objects }) } as const;
      sandbox.addFault({ upstream: "taxii", path: "match[version]", answer });
      const database = await openDatabase();
      await load(database, { env: { MITRE_TAXII_URL: sandbox.taxiiUrl } });
      expect(await versionsOf(database)).toMatchObject({ "tool--a": both, "tool--b": one });
      expect(requestsOf(sandbox).filter((request) => request.endsWith("/versions/"))).toEqual(
        ["tool--b", "tool--c"].map(single),
      );
    });

    test("going on behind the last one after an interruption", async () => {
      const sandbox = await servers.start([old, next], {
        flavor: "standard",
        taxii: { ignore: ["match[version]"] },
      });
      const env = { MITRE_TAXII_URL: sandbox.taxiiUrl };
      const whole = await openDatabase();
      const { pages } = await load(whole, { env });
      for (let stopAfterPages = 1; stopAfterPages < pages; stopAfterPages += 1) {
        const database = await openDatabase();
        await load(database, { env, stopAfterPages });
        const before = requestsOf(sandbox).length;
        await load(database, { env });
        expect(await contentsOf(database)).toEqual(await contentsOf(whole));
        // The probe for the filter, and each object that is left, once.
        const asked = requestsOf(sandbox).slice(before);
        const singles = asked.filter((request) => request.includes("/versions/"));
        expect(singles.length).toBeLessThanOrEqual(1 + Math.min(4, pages - stopAfterPages));
      }
    });

    test.each([500, 403, 406])("whatever status it refuses the filter with: %i", async (status) => {
      const sandbox = await servers.start([old]);
      const answer = { kind: "status", status, body: "" } as const;
      sandbox.addFault({ upstream: "taxii", path: "match[version]=all", answer });
      const database = await openDatabase();
      await load(database, { env: { MITRE_TAXII_URL: sandbox.taxiiUrl } });
      expect(Object.keys((await contentsOf(database)).versions ?? {})).toHaveLength(old.length);
    });

    test.each([401, 503])("but not where every request would be refused: %i", async (status) => {
      const sandbox = await servers.start([old]);
      const answer = { kind: "status", status, body: "" } as const;
      sandbox.addFault({ upstream: "taxii", path: "match[version]", answer });
      await expect(
        load(await openDatabase(), { env: { MITRE_TAXII_URL: sandbox.taxiiUrl } }),
      ).rejects.toThrow(`HTTP ${status}`);
    });
  });
});
