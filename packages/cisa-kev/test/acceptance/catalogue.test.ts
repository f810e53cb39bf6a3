import { readDatabase, storedIn } from "@cti-connectors/core/testing";
import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { beforeEach, describe, expect, test } from "vitest";
import { runKev } from "../../src/testing/run-kev.js";
import { entriesOf, entryOf, serveCatalogue } from "../../src/testing/serve-catalogue.js";

const nothingLoaded = [{ extracted: 0, inserted: 0, updated: 0, unchanged: 0, withdrawn: 0 }];

describeOnServers("the catalogue", (openDatabase) => {
  let store: Awaited<ReturnType<typeof openDatabase>>;
  let upstream: Awaited<ReturnType<typeof serveCatalogue>>;
  beforeEach(async () => {
    store = await openDatabase();
    upstream = await serveCatalogue();
  });

  const run = (settings: Record<string, string> = {}, options = {}) =>
    runKev(store, { KEV_URL: upstream.url, ...settings }, options);
  const removals = async (collection = "kev") =>
    Object.fromEntries(
      (await storedIn(store, collection)).map(({ _id, removed_at }) => [_id, removed_at !== null]),
    );
  const dump = async () => {
    const { etl_runs: _, ...others } = await readDatabase(store);
    return others;
  };

  test("becomes one document per CVE, with the entry as received", async () => {
    const entry = entryOf("CVE-2026-1000", { knownRansomwareCampaignUse: "Known", new_field: [1] });
    upstream.publish([entry, entryOf("CVE-2026-1001")]);
    expect(await run()).toMatchObject({
      status: "ok",
      requests: 1,
      steps: [{ name: "vulnerabilities", extracted: 2, inserted: 2, rejected: 0 }],
    });
    expect(await storedIn(store, "kev")).toMatchObject([
      {
        _id: "CVE-2026-1000",
        data: entry,
        enriched: {
          added_at: new Date("2026-11-03"),
          due_at: new Date("2026-11-24"),
          ransomware: true,
          cwes: ["CWE-22"],
        },
        removed_at: null,
      },
      { _id: "CVE-2026-1001", enriched: { ransomware: false } },
    ]);
    const indexes = await store.database.collection("kev").indexes();
    expect(indexes.map(({ key }) => Object.keys(key)[0])).toContain("enriched.due_at");
  });

  describe("that has not changed is not loaded", () => {
    test.each([
      ["ETag", { etag: '"1"' }, { ifNoneMatch: '"1"', ifModifiedSince: null }],
      [
        "Last-Modified",
        { "last-modified": "Tue, 03 Nov 2026 17:00:00 GMT" },
        { ifNoneMatch: null, ifModifiedSince: "Tue, 03 Nov 2026 17:00:00 GMT" },
      ],
    ])("nor sent, where the server tells by %s", async (_, headers, conditions) => {
      upstream.publish(entriesOf(3), { headers });
      await run();
      const before = await dump();
      expect(await run()).toMatchObject({ status: "ok", requests: 1, retries: 0, steps: nothingLoaded });
      expect(upstream.asked).toEqual([{ ifNoneMatch: null, ifModifiedSince: null }, conditions]);
      expect(await dump()).toEqual(before);
    });

    test("where it is sent again with the release that is stored", async () => {
      upstream.publish(entriesOf(3));
      await run();
      // Nothing of this is loaded, so that one sees that the release decides.
      upstream.publish(entriesOf(2));
      expect(await run()).toMatchObject({ status: "ok", steps: nothingLoaded });
      expect(await removals()).toEqual({
        "CVE-2026-1000": false,
        "CVE-2026-1001": false,
        "CVE-2026-1002": false,
      });
    });

    test("and new validators of the same release are sent back the next time", async () => {
      upstream.publish(entriesOf(3), { headers: { etag: '"1"' } });
      await run();
      upstream.publish(entriesOf(3), { headers: { etag: '"2"' } });
      await run();
      expect(await run()).toMatchObject({ status: "ok", steps: nothingLoaded });
      expect(upstream.asked.map(({ ifNoneMatch }) => ifNoneMatch)).toEqual([null, '"1"', '"2"']);
    });

    test("except with --full", async () => {
      upstream.publish(entriesOf(3), { headers: { etag: '"1"' } });
      await run();
      expect(await run({}, { full: true })).toMatchObject({ steps: [{ extracted: 3, unchanged: 3 }] });
    });
  });

  test("is loaded again where it was released a second time on one day, with one catalogVersion", async () => {
    upstream.publish(entriesOf(2), { dateReleased: "2026-11-03T15:00:00.1234Z" });
    await run();
    upstream.publish(entriesOf(3), { dateReleased: "2026-11-03T17:30:00.1234Z" });
    expect(await run()).toMatchObject({ steps: [{ inserted: 1, unchanged: 2 }] });
  });

  describe("is loaded again, whatever the checkpoint says,", () => {
    beforeEach(async () => {
      upstream.publish(entriesOf(3), { headers: { etag: '"1"' } });
      await run();
    });

    test("where it goes into another collection, and where it comes back into the first", async () => {
      expect(await run({ KEV_COLLECTION: "other" })).toMatchObject({ steps: [{ inserted: 3 }] });
      expect(Object.keys(await removals("other"))).toHaveLength(3);
      upstream.publish(entriesOf(2), { catalogVersion: "2026.11.04", headers: { etag: '"2"' } });
      await run({ KEV_COLLECTION: "other" });
      // The first collection still holds the catalogue of the day before.
      expect(await run()).toMatchObject({ steps: [{ unchanged: 2, withdrawn: 1 }] });
      expect(upstream.asked.map(({ ifNoneMatch }) => ifNoneMatch)).toEqual([null, null, '"1"', null]);
    });

    test.each(["dropped", "emptied"])("where the collection was %s", async (what) => {
      const collection = store.database.collection("kev");
      await (what === "dropped" ? collection.drop() : collection.deleteMany({}));
      expect(await run()).toMatchObject({ steps: [{ inserted: 3 }] });
    });

    test("where it comes from another address", async () => {
      const url = `${upstream.url}?mirror`;
      expect(await run({ KEV_URL: url })).toMatchObject({ steps: [{ unchanged: 3 }] });
      expect(upstream.asked.at(-1)).toEqual({ ifNoneMatch: null, ifModifiedSince: null });
    });
  });

  test("a dry run remembers nothing", async () => {
    upstream.publish(entriesOf(3), { headers: { etag: '"1"' } });
    expect(await run({}, { dryRun: true })).toMatchObject({ steps: [{ inserted: 3 }] });
    expect(await run()).toMatchObject({ steps: [{ inserted: 3 }] });
  });

  test("an entry that CISA removes is marked as withdrawn, and one that comes back is listed again", async () => {
    upstream.publish(entriesOf(3));
    await run();
    upstream.publish(entriesOf(2), { catalogVersion: "2026.11.04" });
    expect(await run()).toMatchObject({ steps: [{ unchanged: 2, withdrawn: 1 }] });
    expect((await storedIn(store, "kev")).at(-1)).toMatchObject({
      _id: "CVE-2026-1002",
      removed_at: expect.any(Date),
      removed_reason: "withdrawn",
    });
    upstream.publish(entriesOf(3), { catalogVersion: "2026.11.05" });
    await run();
    expect((await storedIn(store, "kev")).at(-1)).toMatchObject({
      removed_at: null,
      absences: [{ from: expect.any(Date), to: expect.any(Date) }],
    });
  });

  test("what CISA changes without notice is kept in the history", async () => {
    upstream.publish([entryOf("CVE-2026-1000")]);
    await run();
    const known = entryOf("CVE-2026-1000", { knownRansomwareCampaignUse: "Known" });
    upstream.publish([known], { catalogVersion: "2026.11.04" });
    expect(await run()).toMatchObject({ steps: [{ updated: 1 }] });
    expect(await storedIn(store, "kev")).toMatchObject([
      {
        enriched: { ransomware: true },
        history: [
          {
            fields: ["knownRansomwareCampaignUse"],
            before: { knownRansomwareCampaignUse: "Unknown" },
          },
        ],
      },
    ]);
  });

  test("of a CVE that is listed twice, the older entry counts, which comes last", async () => {
    const older = entryOf("CVE-2026-1000", { dateAdded: "2022-03-15" });
    upstream.publish([entryOf("CVE-2026-1000"), ...entriesOf(3).slice(1), older]);
    expect(await run()).toMatchObject({ status: "ok" });
    expect(await storedIn(store, "kev")).toMatchObject([{ data: older }, {}, {}]);
  });

  describe("an entry that cannot be used", () => {
    const bad = (cveID: string) => entryOf("CVE-2026-1002", { cveID, dateAdded: "soon" });
    beforeEach(async () => {
      upstream.publish(entriesOf(3), { headers: { etag: '"1"' } });
      await run();
    });

    test("is kept in quarantine, and what is stored of its CVE stays", async () => {
      upstream.publish([...entriesOf(2), bad("CVE-2026-1002")], { catalogVersion: "2026.11.04" });
      expect(await run()).toMatchObject({ status: "ok", steps: [{ rejected: 1, withdrawn: 0 }] });
      expect((await removals())["CVE-2026-1002"]).toBe(false);
      expect(await storedIn(store, "etl_rejected")).toMatchObject([
        { connector: "cisa-kev", reason: expect.stringMatching(/^dateAdded: must be a date/u) },
      ]);
    });

    test("and has no CVE id withdraws nothing, and the next run asks again", async () => {
      upstream.publish([entryOf("CVE-2026-1000"), bad("n/a")], {
        catalogVersion: "2026.11.04",
        headers: { etag: '"2"' },
      });
      const { steps, lines } = await run();
      expect(steps).toMatchObject([{ unchanged: 1, rejected: 1, withdrawn: 0 }]);
      expect(lines.join("")).toContain(
        "some entries have no CVE id and could be any CVE: nothing is withdrawn",
      );
      upstream.publish(entriesOf(2), { catalogVersion: "2026.11.04", headers: { etag: '"3"' } });
      expect(await run()).toMatchObject({ steps: [{ unchanged: 2, withdrawn: 1 }] });
    });
  });

  describe("is refused, and nothing changes,", () => {
    test.each([
      [
        "where entries are missing",
        () => upstream.publish(entriesOf(1), { catalogVersion: "2026.11.04", count: 3 }),
        /vulnerabilities: there are fewer than `count` says/u,
      ],
      [
        "where it is empty",
        () => upstream.publish([], { catalogVersion: "2026.11.04" }),
        /the upstream lists nothing for kev: 3 of 3 current documents/u,
      ],
      [
        "where it is another document",
        () => upstream.answerWith(200, '{"title":"Maintenance"}'),
        /catalogVersion: expected string/u,
      ],
      ["where it is a web page", () => upstream.answerWith(200, "<html>"), /a web page instead of JSON/u],
      ["where it is forbidden", () => upstream.answerWith(403, "Access Denied"), /403 Forbidden/u],
    ])("%s", async (_, publish, reason) => {
      upstream.publish(entriesOf(3), { headers: { etag: '"1"' } });
      await run();
      const before = await dump();
      publish();
      for (const options of [{ dryRun: true }, {}, {}]) {
        expect(await run({}, options)).toMatchObject({
          status: "failed",
          reason: expect.stringMatching(reason),
        });
      }
      expect(await dump()).toEqual(before);
    });
  });

  test("a key in its address is stored nowhere, and the catalogue is known all the same", async () => {
    upstream.publish(entriesOf(1));
    const settings = { KEV_URL: `${upstream.url}?api_key=5ecret-key` };
    await run(settings);
    expect(await run(settings)).toMatchObject({ status: "ok", steps: nothingLoaded });
    expect(JSON.stringify(await readDatabase(store))).not.toContain("5ecret");
  });
});
