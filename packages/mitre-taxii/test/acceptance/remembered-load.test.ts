import { describeOnEmbedded } from "@cti-connectors/dev-kit/describe-on-servers";
import type { Sandbox, SandboxOptions } from "@cti-connectors/sandbox";
import { describe, expect, test, vi } from "vitest";
import { contentsOf, currentIdsIn, deleteDocument } from "../../src/testing/database.js";
import { load } from "../../src/testing/pipeline.js";
import { requestsOf, useServers } from "../../src/testing/start-servers.js";
import { attackRelease, tool } from "../../src/testing/write-bundle.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

describeOnEmbedded("what a load remembers", (openDatabase) => {
  const servers = useServers();
  const id = "x-mitre-collection--1";
  const early = "2024-01-01T00:00:00.000Z";
  const late = "2025-01-01T00:00:00.000Z";
  const names = Array.from({ length: 12 }, (_, index) => String(index).padStart(2, "0"));
  const old = [attackRelease(id, "1.0", early), ...names.map((name) => tool(name, early))];
  /** 00 and 01 have a new version, 02 is gone, one is new. */
  const next = [
    attackRelease(id, "2.0", late),
    ...names.slice(0, 2).map((name) => tool(name, late)),
    ...names.slice(3).map((name) => tool(name, early)),
    tool("99", late),
  ];
  /** The same without a new release: only a comparison of the whole manifest tells. */
  const nextInRelease = [attackRelease(id, "1.0", early), ...next.slice(1)];
  const compareNow = { MITRE_CHECK_HOURS: "0" };
  /** As `requestsOf` tells it: nothing is left of it without the API root. */
  const collectionsRequest = "";
  const releaseRequest = `${id}/manifest/?match[type]=x-mitre-collection&limit=20`;
  const wholeManifest = `${id}/manifest/?limit=50`;
  const env = ({ taxiiUrl }: Sandbox) => ({ MITRE_TAXII_URL: taxiiUrl, MITRE_PAGE_SIZE: "5" });

  async function loaded(options: SandboxOptions = {}) {
    const sandbox = await servers.start([old], options);
    const database = await openDatabase();
    await load(database, { env: env(sandbox) });
    return { sandbox, database };
  }

  /** Puts another server in the place of the first. */
  async function replace(
    sandbox: Sandbox,
    bundles: readonly (readonly object[])[],
    options?: SandboxOptions,
  ) {
    await sandbox.close();
    return servers.start(bundles, { ...options, taxiiPort: Number(new URL(sandbox.taxiiUrl).port) });
  }

  async function requestsDuring(sandbox: Sandbox, run: () => Promise<unknown>): Promise<readonly string[]> {
    const before = requestsOf(sandbox).length;
    await run();
    return requestsOf(sandbox).slice(before);
  }

  test("finds what was added without a new release, on a server that keeps dates of its own", async () => {
    const options = { flavor: "standard" } as const;
    const published = "2025-02-01T00:00:00.000Z";
    const first = [attackRelease(id, "1.0", published), ...old.slice(1)];
    const sandbox = await servers.start([first], options);
    const database = await openDatabase();
    await load(database, { env: env(sandbox) });
    const unchanged = await requestsDuring(sandbox, () => load(database, { env: env(sandbox) }));
    expect(unchanged).toHaveLength(2);
    expect(unchanged.at(-1)).toContain("added_after=");
    const added = [attackRelease(id, "1.1", published), tool("new", late), tool("00", late)];
    const next = await replace(sandbox, [first, added], options);
    await load(database, { env: env(next) });
    expect(await currentIdsIn(database, "objects")).toEqual(
      expect.arrayContaining([`${id}/tool--new/${late}`, `${id}/tool--00/${late}`]),
    );
  });

  describe("where nothing changed", () => {
    test("a run asks for collections and release only", async () => {
      const { sandbox, database } = await loaded();
      const asked = await requestsDuring(sandbox, () => load(database, { env: env(sandbox) }));
      expect(asked).toEqual([collectionsRequest, releaseRequest]);
    });

    test("a run compares the manifest once a day, or as often as MITRE_CHECK_HOURS says", async () => {
      const { sandbox, database } = await loaded();
      const hour = 3_600_000;
      const at = (ms: number) => () => new Date(Date.now() + ms);
      for (const { now, hours, asked } of [
        { now: at(23 * hour), hours: "24", asked: [collectionsRequest, releaseRequest] },
        { now: at(0), hours: "0", asked: ["/taxii2/", collectionsRequest, wholeManifest] },
        { now: at(25 * hour), hours: "24", asked: ["/taxii2/", collectionsRequest, wholeManifest] },
        { now: at(26 * hour), hours: "24", asked: [collectionsRequest, releaseRequest] },
        // The clock was wrong.
        { now: at(0), hours: "24", asked: ["/taxii2/", collectionsRequest, wholeManifest] },
      ]) {
        let written = 0;
        const requests = await requestsDuring(sandbox, async () => {
          const run = await load(database, {
            env: { ...env(sandbox), MITRE_CHECK_HOURS: hours },
            now,
          });
          written = run.written;
        });
        expect(requests).toEqual(asked);
        expect(written).toBe(0);
      }
    });

    test.each([
      { taxii: { ignore: ["match[type]"] as const }, flavor: "attack" as const },
      { taxii: { ignore: ["match[type]"] as const }, flavor: "standard" as const },
    ])("a run on a $flavor server that ignores match[type] compares the manifest", async (options) => {
      const { sandbox, database } = await loaded(options);
      const second = await requestsDuring(sandbox, () => load(database, { env: env(sandbox) }));
      expect(second).toEqual([collectionsRequest, releaseRequest, wholeManifest]);
      const third = await requestsDuring(sandbox, () => load(database, { env: env(sandbox) }));
      expect(third).toEqual([collectionsRequest, wholeManifest]);
    });

    test("a run compares the manifest of a collection without a release", async () => {
      const sandbox = await servers.start([old.slice(1)]);
      const database = await openDatabase();
      await load(database, { env: env(sandbox) });
      const asked = await requestsDuring(sandbox, async () => {
        expect((await load(database, { env: env(sandbox) })).written).toBe(0);
      });
      expect(asked).toEqual([collectionsRequest, expect.stringContaining("/manifest/?limit=50")]);
    });

    describe.each(["an ETag", "dates of its own"] as const)(
      "and a server tells no release, but %s",
      (means) => {
        const taxii = { ignore: ["match[type]"], etag: means === "an ETag" } as const;
        const options = { flavor: "standard", taxii } as const;
        const first = [attackRelease(id, "1.0", late), ...names.map((name) => tool(name, early))];
        const second = [
          attackRelease(id, "2.0", "2025-06-01T00:00:00.000Z"),
          ...first.slice(1),
          tool("99", late),
        ];

        async function loadedTwice() {
          const sandbox = await servers.start([first], options);
          const database = await openDatabase();
          await load(database, { env: env(sandbox) });
          await load(database, { env: env(sandbox) });
          return { sandbox, database };
        }
        const manifestsIn = (requests: readonly string[]) =>
          requests.flatMap((request) => request.split("/manifest/")[1] ?? []);

        test("a run asks whether the manifest changed", async () => {
          const { sandbox, database } = await loadedTwice();
          const asked = await requestsDuring(sandbox, async () => {
            expect((await load(database, { env: env(sandbox) })).written).toBe(0);
          });
          const question =
            means === "an ETag" ? "?limit=50" : expect.stringMatching(/^\?added_after=.*&limit=20$/);
          expect(manifestsIn(asked)).toEqual([question]);
          expect(sandbox.requests.at(-1)?.status).toBe(means === "an ETag" ? 304 : 200);
        });

        test("a run finds out that it did", async () => {
          const { sandbox, database } = await loadedTwice();
          const newer = await replace(sandbox, [first, second], options);
          await load(database, { env: env(newer) });
          expect((await contentsOf(database)).objects).toHaveProperty(`${id}/tool--99/${late}`);
          expect(await currentIdsIn(database, "objects")).toHaveLength(14);
        });

        test("a run compares the whole manifest once a day, and finds what was taken away", async () => {
          const { sandbox, database } = await loadedTwice();
          const newer = await replace(sandbox, [first.slice(0, -1)], options);
          const run = { env: env(newer), now: () => new Date(Date.now() + 86_400_000) };
          const asked = await requestsDuring(newer, () => load(database, run));
          expect(manifestsIn(asked)).toContain("?limit=50");
          expect(await currentIdsIn(database, "objects")).toHaveLength(12);
        });
      },
    );

    test.each(["manifest", "objects", "versions"] as const)(
      "each step alone loads nothing: %s",
      async (step) => {
        const { sandbox, database } = await loaded();
        const asked = await requestsDuring(sandbox, async () => {
          const { written } = await load(database, { env: env(sandbox), steps: [step] });
          expect(written).toBe(0);
        });
        expect(asked).toEqual(["/taxii2/", collectionsRequest, releaseRequest]);
      },
    );
  });

  describe("everything is there again after a run where", () => {
    test.each(["manifest", "objects", "versions"])("%s was dropped", async (name) => {
      const { sandbox, database } = await loaded();
      const whole = await contentsOf(database);
      await database.database.collection(name).drop();
      await load(database, { env: env(sandbox) });
      expect(await contentsOf(database)).toEqual(whole);
    });

    test("one object was deleted: it alone is asked for", async () => {
      const { sandbox, database } = await loaded();
      await deleteDocument(database, "objects", `${id}/tool--03/${early}`);
      const asked = await requestsDuring(sandbox, () => load(database, { env: env(sandbox) }));
      expect(asked).toContain(`${id}/objects/?match[id]=tool--03&limit=5`);
      expect(await currentIdsIn(database, "objects")).toHaveLength(13);
    });

    test("the last ones were limited, and cut x_mitre_contents", async () => {
      const { sandbox, database } = await loaded();
      const whole = await contentsOf(database);
      await load(database, {
        env: { ...env(sandbox), MITRE_MAX_OBJECTS: "3", MITRE_MAX_CONTENTS: "2" },
      });
      expect(await contentsOf(database)).not.toEqual(whole);
      await load(database, { env: env(sandbox) });
      expect(await contentsOf(database)).toEqual(whole);
      await load(database, { env: { ...env(sandbox), MITRE_MAX_CONTENTS: "1" } });
      expect(await contentsOf(database)).not.toEqual(whole);
      await load(database, { env: env(sandbox) });
      expect(await contentsOf(database)).toEqual(whole);
    });
  });

  describe("a changed collection", () => {
    test("is loaded by id where that takes fewer requests than its pages", async () => {
      const { sandbox, database } = await loaded();
      const newer = await replace(sandbox, [nextInRelease]);
      const run = { env: { ...env(newer), ...compareNow } };
      const asked = await requestsDuring(newer, () => load(database, run));
      expect(asked.filter((request) => request.includes("/objects/?"))).toEqual([
        `${id}/objects/?match[id]=tool--00,tool--01,tool--99&limit=5`,
      ]);
      expect(await currentIdsIn(database, "objects")).toHaveLength(13);
      expect((await contentsOf(database)).objects).toMatchObject({
        [`${id}/tool--00/${early}`]: { removed: "superseded" },
        [`${id}/tool--02/${early}`]: { removed: "withdrawn" },
      });
    });

    test("is loaded whole where it has a new release, since objects change without a new version there", async () => {
      const { sandbox, database } = await loaded();
      const reworded = { ...tool("05", early), description: "Reworded, and still of the same day." };
      const newer = await replace(sandbox, [
        [
          attackRelease(id, "1.1", late),
          ...old.slice(1).map((object) => (object.id === reworded.id ? reworded : object)),
        ],
      ]);
      await load(database, { env: env(newer) });
      const stored = (await contentsOf(database)).objects?.[`${id}/tool--05/${early}`];
      expect(JSON.stringify(stored)).toContain(reworded.description);
    });

    test("is loaded by pages where that takes no more requests", async () => {
      const { sandbox, database } = await loaded();
      const newer = await replace(sandbox, [nextInRelease]);
      const run = { env: { ...env(newer), ...compareNow, MITRE_PAGE_SIZE: "20" } };
      const asked = await requestsDuring(newer, () => load(database, run));
      expect(asked.filter((request) => request.includes("/objects/?"))).toEqual([`${id}/objects/?limit=20`]);
    });

    test.each([
      { taxii: { ignore: ["match[id]"] as const }, how: "ignores it" },
      { taxii: {}, how: "refuses it", status: 400 },
      { taxii: {}, how: "finds the URL too long", status: 414 },
    ])("is loaded by pages from a server that does not select by id: it $how", async ({ taxii, status }) => {
      const { sandbox, database } = await loaded();
      const newer = await replace(sandbox, [nextInRelease], { taxii });
      const run = { env: { ...env(newer), ...compareNow } };
      if (status !== undefined) {
        const answer = { kind: "status", status, body: "{}" } as const;
        newer.addFault({ upstream: "taxii", path: "match[id]", answer, times: 1000 });
      }
      const { log } = await load(database, run);
      expect(log.join()).toContain("does not select objects by id");
      expect(await currentIdsIn(database, "objects")).toHaveLength(13);

      // One id may still be asked for, where longer lists were refused.
      await deleteDocument(database, "objects", `${id}/tool--03/${early}`);
      const again = await requestsDuring(newer, () => load(database, run));
      expect(again.filter((request) => request.includes("match[id]")).length).toBeLessThanOrEqual(1);
      await deleteDocument(database, "objects", `${id}/tool--03/${early}`);
      const asked = await requestsDuring(newer, () => load(database, run));
      expect(asked.filter((request) => request.includes("match[id]"))).toEqual([]);
      expect(await currentIdsIn(database, "objects")).toHaveLength(13);
    });

    test("is not done where a listed object comes neither by id nor by page, and is loaded the next time", async () => {
      const { sandbox, database } = await loaded();
      const newer = await replace(sandbox, [next]);
      const broken = next.filter((object) => object.id !== "tool--99");
      const nothing = { kind: "status", status: 200, body: "{}" } as const;
      const answer = { kind: "status", status: 200, body: JSON.stringify({ objects: broken }) } as const;
      newer.addFault({ upstream: "taxii", path: "match[id]", answer: nothing });
      newer.addFault({ upstream: "taxii", path: "objects/?limit=5", answer });
      await expect(load(database, { env: env(newer) })).rejects.toThrow(
        /lists \d+ objects, but the server did not send \d+ of them/,
      );
      expect((await contentsOf(database)).objects).not.toHaveProperty(`${id}/tool--99/${late}`);
      await load(database, { env: env(newer) });
      expect((await contentsOf(database)).objects).toHaveProperty(`${id}/tool--99/${late}`);
      expect(await currentIdsIn(database, "objects")).toHaveLength(13);
    });

    test("brings back what was gone", async () => {
      const { sandbox, database } = await loaded();
      const first = await currentIdsIn(database, "objects");
      const newer = await replace(sandbox, [next]);
      await load(database, { env: env(newer) });
      const again = await replace(newer, [old]);
      await load(database, { env: env(again) });
      expect(await currentIdsIn(database, "objects")).toEqual(first);
    });
  });

  describe("the API root that was found before", () => {
    test("is asked for anew where it is gone", async () => {
      const { sandbox, database } = await loaded();
      const answer = { kind: "status", status: 404, body: "" } as const;
      sandbox.addFault({ upstream: "taxii", path: "/collections/", answer });
      const asked = await requestsDuring(sandbox, () => load(database, { env: env(sandbox) }));
      expect(asked.slice(0, 3)).toEqual([collectionsRequest, "/taxii2/", collectionsRequest]);
    });

    test("is asked for anew where MITRE_TAXII_URL is another", async () => {
      const { sandbox, database } = await loaded();
      const run = {
        env: { ...env(sandbox), MITRE_TAXII_URL: new URL("/api/v21/", sandbox.taxiiUrl).href },
      };
      const asked = await requestsDuring(sandbox, () => load(database, run));
      expect(asked.slice(0, 2)).toEqual(["/api/v21/", collectionsRequest]);
    });

    test("is kept where the server is merely out of order", async () => {
      const { sandbox, database } = await loaded();
      const answer = { kind: "status", status: 500, body: "" } as const;
      sandbox.addFault({ upstream: "taxii", path: "/collections/", answer });
      await expect(load(database, { env: env(sandbox) })).rejects.toThrow("HTTP 500");
    });
  });
});
