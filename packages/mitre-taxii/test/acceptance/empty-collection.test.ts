import type { Store } from "@cti-connectors/core/host";
import { describeOnEmbedded } from "@cti-connectors/dev-kit/describe-on-servers";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { StixObject } from "../../src/taxii/stix-object.js";
import { contentsOf } from "../../src/testing/database.js";
import { load } from "../../src/testing/pipeline.js";
import { type ScriptedServer, startScriptedServer } from "../../src/testing/scripted-server.js";
import { tool } from "../../src/testing/write-bundle.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

describeOnEmbedded("an empty collection", (openDatabase) => {
  const id = "11111111-0000-4000-8000-000000000001";
  const at = "2024-01-01T00:00:00.000Z";
  const hourMs = 60 * 60 * 1000;

  let server: ScriptedServer;
  afterEach(() => server.close());

  interface Content {
    objects: readonly StixObject[];
    hasManifest: boolean;
    headers: Readonly<Record<string, string>>;
  }

  /** A server with one collection, which begins empty. */
  async function startEmpty(headers: Content["headers"] = {}): Promise<Content> {
    const content: Content = { objects: [], hasManifest: true, headers };
    server = await startScriptedServer((path) => {
      if (path.endsWith("/collections/")) {
        return { body: { collections: [{ id, can_read: true }] } };
      }
      if (path.endsWith("/manifest/")) {
        const records = content.objects.map(({ id, modified }) => ({
          id,
          date_added: at,
          version: modified,
        }));
        const { etag } = content.headers;
        const isSame = etag !== undefined && JSON.stringify(server.conditions.at(-1)).includes("empty");
        if (isSame) {
          return { status: 304, body: "" };
        }
        return { headers: content.headers, body: content.hasManifest ? { objects: records } : {} };
      }
      if (path.endsWith("/objects/")) {
        return { body: { objects: content.objects } };
      }
      return { body: { title: "root", versions: ["application/taxii+json;version=2.1"] } };
    });
    return content;
  }

  describe("a collection that is empty", () => {
    /** What is asked of the collection in one run. */
    async function askedIn(stored: Store, hoursLater = 0): Promise<readonly string[]> {
      const before = server.requests.length;
      const now = () => new Date(Date.parse("2026-01-01T00:00:00Z") + hoursLater * hourMs);
      await load(stored, { env: { MITRE_TAXII_URL: `${server.url}/main/` }, now });
      const asked = server.requests.slice(before).filter((url) => url.includes(`${id}/`));
      return asked.map((url) => /\/([a-z]+)\/\?/.exec(url)?.[1] ?? url);
    }

    test.each([
      ["", {}],
      [", with an ETag", { etag: '"empty"' }],
    ])("costs one request as long as it is%s, and once a day two", async (_, headers) => {
      await startEmpty(headers);
      const stored = await openDatabase();
      expect(await askedIn(stored)).toEqual(["manifest", "objects"]);
      for (const hours of [1, 10, 20]) {
        expect(await askedIn(stored, hours)).toEqual(["manifest"]);
      }
      expect(await askedIn(stored, 25)).toEqual(["manifest", "objects"]);
      expect(await askedIn(stored, 26)).toEqual(["manifest"]);
    });

    test("is loaded once it has objects, and whenever it has other ones", async () => {
      const content = await startEmpty();
      const stored = await openDatabase();
      await askedIn(stored);
      await askedIn(stored, 1);
      for (const [hours, names] of [
        [2, ["a", "b"]],
        [3, ["a", "b", "c"]],
      ] as const) {
        content.objects = names.map((name) => tool(name, at));
        await askedIn(stored, hours);
        for (const collection of ["manifest", "objects", "versions"]) {
          expect(Object.keys((await contentsOf(stored))[collection] ?? {})).toHaveLength(names.length);
        }
      }
    });

    test("is loaded within a day where its manifest stays empty", async () => {
      const content = await startEmpty();
      content.hasManifest = false;
      const stored = await openDatabase();
      await askedIn(stored);
      content.objects = [tool("a", at)];
      for (const hours of [10, 20, 25]) {
        await askedIn(stored, hours);
      }
      expect(Object.keys((await contentsOf(stored)).objects ?? {})).toEqual([`${id}/tool--a/${at}`]);
      expect(await askedIn(stored, 26)).toEqual(["manifest", "objects"]);
    });
  });
});
