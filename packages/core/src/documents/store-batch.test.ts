import fc from "fast-check";
import type { Document } from "mongodb";
import { expect, onTestFinished, test, vi } from "vitest";
import type { LoadDocument, StoredContent } from "../connector/connector.js";
import type { StoredDocument } from "../connector/stored-document.js";
import { canonicalText } from "../json/canonical-text.js";
import type { JsonValue } from "../json/json.js";
import { openStore, type Store, type StoreAccess } from "../store/open-store.js";
import { startCuttingProxy } from "../testing/cutting-proxy.js";
import { describeOnMongo, type TestDatabase, writeCommands } from "../testing/mongo-servers.js";
import { type LoadOptions, loadDocuments } from "./load-documents.js";
import { planGuardedUpdate } from "./plan-write.js";
import { prepareDocument } from "./prepare-document.js";

// Connections that are cut.
vi.setConfig({ testTimeout: 60_000 });

const firstAt = new Date("2026-11-22T10:00:00Z");
const laterAt = new Date("2026-11-23T10:00:00Z");
const lastAt = new Date("2026-11-24T10:00:00Z");
const withHistory = [{ name: "things", keepsHistory: true }];

function thing(_id: string, data: JsonValue, more: Partial<LoadDocument> = {}): LoadDocument {
  return { collection: "things", _id, data, enriched: {}, ...more };
}

async function load(
  store: StoreAccess,
  documents: readonly LoadDocument[],
  options: Partial<LoadOptions> = {},
) {
  const { refused, ...counts } = await loadDocuments({
    store,
    documents,
    runId: "run-1",
    at: firstAt,
    ...options,
  });
  return { ...counts, refused: refused.map(({ document, reason }) => `${document._id}: ${reason}`) };
}

const counts = (inserted: number, updated: number, unchanged: number) => ({
  inserted,
  updated,
  unchanged,
  refused: [],
});

async function stored(database: TestDatabase, _id: string): Promise<Document> {
  const document = (await database.all("things")).find((one) => one._id === _id);
  return document ?? expect.fail(`${_id} is not stored`);
}

/** Puts the releases of both together: what ATT&CK's history across releases needs. */
function uniteReleases(document: LoadDocument, { enriched }: StoredContent): LoadDocument {
  const releases = new Set([...releasesOf(enriched), ...releasesOf(document.enriched)]);
  return { ...document, enriched: { releases: [...releases].sort() } };
}

function releasesOf(enriched: unknown): readonly string[] {
  return typeof enriched === "object" && enriched !== null && "releases" in enriched
    ? [enriched.releases].flat().map(String)
    : [];
}

const inRelease = (_id: string, ...releases: string[]) => thing(_id, { id: _id }, { enriched: { releases } });

describeOnMongo("a document of the past", (database) => {
  const past = (value: number) => thing("1", { value }, { removed: "superseded" });

  test("is inserted as removed, with its reason", async () => {
    expect(await load(database().store, [past(1)])).toEqual(counts(1, 0, 0));
    expect(await stored(database(), "1")).toMatchObject({
      removed_at: firstAt,
      removed_reason: "superseded",
      first_ingested_at: firstAt,
    });
    expect(await load(database().store, [past(1)], { at: laterAt })).toEqual(counts(0, 0, 1));
    expect(await stored(database(), "1")).toMatchObject({ removed_at: firstAt });
  });

  test.each([
    { state: "listed", removed: undefined, expected: { removed_at: null } },
    {
      state: "withdrawn",
      removed: "withdrawn" as const,
      expected: { removed_at: firstAt, removed_reason: "withdrawn" },
    },
  ])("leaves a stored one $state, changed or not", async ({ removed, expected }) => {
    const { store } = database();
    await load(store, [thing("1", { value: 1 }, removed && { removed })]);
    expect(await load(store, [past(1)], { at: laterAt })).toEqual(counts(0, 0, 1));
    expect(await load(store, [past(2)], { at: laterAt, runId: "run-2" })).toEqual(counts(0, 1, 0));
    const document = await stored(database(), "1");
    expect(document).toMatchObject({
      data: { value: 2 },
      ingested_at: laterAt,
      run_id: "run-2",
      ...expected,
    });
    expect("removed_reason" in document).toBe("removed_reason" in expected);
  });

  test("comes back when it is listed", async () => {
    const { store } = database();
    await load(store, [past(1)]);
    expect(await load(store, [thing("1", { value: 1 })], { at: laterAt })).toEqual(counts(0, 1, 0));
    const document = await stored(database(), "1");
    expect(document).toMatchObject({
      removed_at: null,
      first_ingested_at: firstAt,
      absences: [{ from: firstAt, to: laterAt }],
    });
    expect(document).not.toHaveProperty("removed_reason");
  });
});

describeOnMongo("reconciling with what is stored", (database) => {
  test("is asked only where the content differs, and gets data and enriched as they are stored", async () => {
    const { store } = database();
    const added_at = new Date("2026-01-01");
    await load(store, [thing("same", 1), thing("other", { a: [1] }, { enriched: { added_at } })]);
    const asked: [string, StoredContent][] = [];
    const result = await load(store, [thing("same", 1), thing("other", 2), thing("new", 3)], {
      reconcile: (document, content) => {
        asked.push([document._id, content]);
        return document;
      },
    });
    expect(result).toEqual(counts(1, 1, 1));
    expect(asked).toEqual([["other", { data: { a: [1] }, enriched: { added_at } }]]);
    expect(await stored(database(), "other")).toMatchObject({ data: 2 });
  });

  test("costs what a plain load costs where nothing changed: the same reads, no write", async () => {
    const { store, commands } = database();
    const documents = Array.from({ length: 1_500 }, (_, index) => inRelease(`id-${index}`, "17.1"));
    await load(store, documents);
    const sent = async (options: Partial<LoadOptions>) => {
      commands.length = 0;
      expect(await load(store, documents, options)).toEqual(counts(0, 0, 1_500));
      return commands.map(({ name }) => name);
    };
    const plain = await sent({});
    expect(await sent({ reconcile: uniteReleases, collections: withHistory })).toEqual(plain);
    expect(plain.filter((name) => writeCommands.has(name))).toEqual([]);
  });

  test("keeps what both hold, and writes nothing when either is loaded again", async () => {
    const { store } = database();
    const reconcile = uniteReleases;
    await load(store, [inRelease("1", "17.1")], { reconcile });
    expect(await load(store, [inRelease("1", "18.1")], { reconcile, at: laterAt })).toEqual(counts(0, 1, 0));
    const before = await database().dump();
    database().commands.length = 0;
    for (const release of ["17.1", "18.1"]) {
      expect(await load(store, [inRelease("1", release)], { reconcile, at: lastAt })).toEqual(
        counts(0, 0, 1),
      );
    }
    expect(await database().dump()).toBe(before);
    expect(database().commands.filter(({ name }) => writeCommands.has(name))).toEqual([]);
    expect(await stored(database(), "1")).toMatchObject({ enriched: { releases: ["17.1", "18.1"] } });
  });

  test("keeps saying what was altered in data that stays", async () => {
    const { store } = database();
    const reconcile = uniteReleases;
    const altered = ["id: a number kept as text"];
    await load(store, [{ ...inRelease("1", "17.1"), altered }], { reconcile });
    await load(store, [inRelease("1", "18.1")], { reconcile, at: laterAt });
    expect(await stored(database(), "1")).toMatchObject({
      enriched: { releases: ["17.1", "18.1"] },
      altered,
    });
    await load(store, [thing("1", { id: "2" })], { reconcile, at: lastAt });
    expect(await stored(database(), "1")).not.toHaveProperty("altered");
  });

  test("brings a document back whose reconciled content is stored already, but as removed", async () => {
    const { store } = database();
    const reconcile = uniteReleases;
    await load(store, [{ ...inRelease("1", "17.1", "18.1"), removed: "withdrawn" }]);
    expect(await load(store, [inRelease("1", "18.1")], { reconcile, at: laterAt })).toEqual(counts(0, 1, 0));
    expect(await stored(database(), "1")).toMatchObject({
      removed_at: null,
      enriched: { releases: ["17.1", "18.1"] },
    });
  });

  test("loses none of several documents with one _id", async () => {
    const { store } = database();
    const page = ["16.1", "17.1", "16.1", "18.1"].map((release) => inRelease("1", release));
    const options = { reconcile: uniteReleases };
    expect(await load(store, [...page, inRelease("2", "18.1")], options)).toEqual(counts(2, 2, 1));
    expect(await stored(database(), "1")).toMatchObject({ enriched: { releases: ["16.1", "17.1", "18.1"] } });
    expect(await load(store, page, options)).toEqual(counts(0, 0, 4));
  });

  test("refuses what it cannot make something storable of, and leaves what is stored", async () => {
    const { store } = database();
    const ids = ["throws", "large", "surrogate", "renamed"];
    await load(
      store,
      [...ids, "fine"].map((_id) => thing(_id, { old: true })),
    );
    const outcomes: Record<string, (document: LoadDocument) => LoadDocument> = {
      throws: () => {
        throw new Error("no release is stored");
      },
      large: (document) => ({ ...document, data: "x".repeat(17 * 1024 * 1024) }),
      surrogate: (document) => ({ ...document, data: "\ud800" }),
      renamed: (document) => ({ ...document, _id: "other" }),
      fine: (document) => document,
    };
    const { refused, ...rest } = await load(
      store,
      [...ids, "fine"].map((_id) => thing(_id, { old: false })),
      { reconcile: (document) => outcomes[document._id]?.(document) ?? document },
    );
    expect(rest).toEqual({ inserted: 0, updated: 1, unchanged: 0 });
    expect(refused.sort()).toEqual([
      expect.stringMatching(/^large: .*16 MB/),
      expect.stringMatching(/^renamed: .*things\/other/),
      expect.stringMatching(/^surrogate: .*surrogate pair/),
      "throws: it could not be reconciled with what is stored: no release is stored",
    ]);
    const documents = await database().all("things");
    expect(documents.filter(({ data }) => data.old === true).map(({ _id }) => _id)).toEqual(ids.sort());
  });

  test("loses nothing when runs reconcile one document at the same time", async () => {
    const { store } = database();
    await load(store, [inRelease("1", "15.1")]);
    const releases = ["16.1", "17.1", "18.1"];
    const results = await Promise.all(
      releases.map((release) =>
        load(store, [inRelease("1", release)], { reconcile: uniteReleases, runId: release }),
      ),
    );
    expect(results).toEqual(releases.map(() => counts(0, 1, 0)));
    expect(await stored(database(), "1")).toMatchObject({
      enriched: { releases: ["15.1", "16.1", "17.1", "18.1"] },
    });
  });

  test.each([
    {
      how: "reconciled ones",
      options: {
        reconcile: (document: LoadDocument, { data }: StoredContent) => ({
          ...document,
          data: [String(data)],
        }),
      },
    },
    { how: "those whose history is long", options: { collections: withHistory } },
  ])("writes large documents a few at a time: $how", async ({ options }) => {
    const { store, commands } = database();
    const large = Array.from({ length: 8 }, (_, index) => thing(`id-${index}`, "x".repeat(4_000_000)));
    await load(store, large);
    commands.length = 0;
    const page = large.map(({ _id }) => thing(_id, "short"));
    expect(await load(store, page, options)).toEqual(counts(0, 8, 0));
    expect(commands.filter(({ name }) => name === "update")).toHaveLength(3);
  });

  test("counts the same in a dry run, and writes nothing", async () => {
    const { store } = database();
    await load(store, [inRelease("1", "17.1"), inRelease("2", "17.1"), inRelease("3", "17.1")]);
    const before = await database().dump();
    const page = [
      inRelease("1", "17.1"),
      inRelease("2", "18.1"),
      { ...inRelease("4", "18.1"), removed: "superseded" as const },
      inRelease("3", "bad"),
    ];
    const options: Partial<LoadOptions> = {
      collections: withHistory,
      reconcile: (document, content) =>
        document._id === "3" ? thing("3", "\ud800") : uniteReleases(document, content),
    };
    const dry = await load(store, page, { ...options, dryRun: true });
    expect(await database().dump()).toBe(before);
    expect(dry).toMatchObject({ inserted: 1, updated: 1, unchanged: 1 });
    expect(await load(store, page, options)).toEqual(dry);
  });
});

describeOnMongo("history", (database) => {
  const change = (store: Store, documents: readonly LoadDocument[], runId: string, at: Date) =>
    load(store, documents, { runId, at, collections: withHistory });

  test("keeps what each change of data replaced, oldest first", async () => {
    const { store } = database();
    await change(store, [thing("1", { a: 1, b: { c: 1 } })], "run-1", firstAt);
    expect(await stored(database(), "1")).not.toHaveProperty("history");
    await change(store, [thing("1", { a: 2, b: { c: 1 } })], "run-2", laterAt);
    expect(await change(store, [thing("1", { b: { c: 1 }, d: null })], "run-3", lastAt)).toEqual(
      counts(0, 1, 0),
    );
    expect(await stored(database(), "1")).toMatchObject({
      data: { b: { c: 1 }, d: null },
      history: [
        { changed_at: laterAt, run_id: "run-2", fields: ["a"], before: { a: 1 } },
        { changed_at: lastAt, run_id: "run-3", fields: ["a", "d"], before: { a: 2 } },
      ],
    });
  });

  test("keeps nothing where only enriched or the order of keys changed, or where a document comes back", async () => {
    const { store } = database();
    const removed = "withdrawn" as const;
    await change(store, [thing("1", { a: 1, b: 2 }, { removed })], "run-1", firstAt);
    expect(await change(store, [thing("1", { b: 2, a: 1 })], "run-2", laterAt)).toEqual(counts(0, 1, 0));
    const enriched = { tag: "x" };
    expect(await change(store, [thing("1", { a: 1, b: 2 }, { enriched })], "run-3", lastAt)).toEqual(
      counts(0, 1, 0),
    );
    expect(await stored(database(), "1")).not.toHaveProperty("history");
    expect(await stored(database(), "1")).toMatchObject({
      enriched,
      run_id: "run-3",
      absences: [{ from: firstAt, to: laterAt }],
    });
  });

  test("keeps the change that reconciling makes, not the one that was brought", async () => {
    const { store } = database();
    await load(store, [thing("1", { seen: 5, tag: "old" })]);
    const result = await load(store, [thing("1", { seen: 3, tag: "new" })], {
      collections: withHistory,
      reconcile: (document) => ({ ...document, data: { seen: 5, tag: "new" } }),
    });
    expect(result).toEqual(counts(0, 1, 0));
    expect(await stored(database(), "1")).toMatchObject({
      history: [{ fields: ["tag"], before: { tag: "old" } }],
    });
  });

  test("keeps fields with any name and depth that data can have", async () => {
    const { store } = database();
    const deep: JsonValue = JSON.parse(`${'{"a":'.repeat(97)}1${"}".repeat(97)}`);
    const data = {
      ...JSON.parse(
        '{"a.b":1,"":2,"__proto__":{"polluted":true},"constructor":[{"x":1}],"$set":{"$gt":1},"$each":[{"$x":1}],"$ref":"a","$id":"b"}',
      ),
      deep,
    };
    expect(await change(store, [thing("1", data)], "run-1", firstAt)).toEqual(counts(1, 0, 0));
    expect(await change(store, [thing("1", {})], "run-2", laterAt)).toEqual(counts(0, 1, 0));
    const { history } = await stored(database(), "1");
    expect(new Set(history[0].fields)).toEqual(new Set(Object.keys(data)));
    expect(sorted(JSON.parse(JSON.stringify(history[0].before)))).toEqual(sorted(data));
    expect(Object.prototype).not.toHaveProperty("polluted");
  });

  test("leads back from what is stored to what was stored first, for any changes", async () => {
    const { store } = database();
    const name = fc.constantFrom("a", "b", "a.b", "$set", "$each", "", "__proto__", "constructor");
    const anyData = fc.dictionary(name, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 6 });
    let number = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyData, { minLength: 2, maxLength: 5 }), async (versions) => {
        number += 1;
        const states = versions.map((version): JsonValue => JSON.parse(JSON.stringify(version)));
        for (const state of states) {
          expect(await change(store, [thing(`${number}`, state)], "run", firstAt)).toMatchObject({
            refused: [],
          });
        }
        const document = await stored(database(), `${number}`);
        expect(sorted(undo(document.data, document.history ?? []))).toEqual(sorted(states[0]));
      }),
      { seed: 20_261_126, numRuns: 25 },
    );
  });

  test("is refused where it makes the document larger than 16 MB, and what is stored stays", async () => {
    const { store } = database();
    await change(store, [thing("1", { text: "a".repeat(9_000_000) }), thing("2", 1)], "run-1", firstAt);
    const { refused, ...rest } = await change(
      store,
      [thing("1", { text: "b".repeat(9_000_000) }), thing("2", 2)],
      "run-2",
      laterAt,
    );
    expect(rest).toEqual({ inserted: 0, updated: 1, unchanged: 0 });
    expect(refused).toEqual([expect.stringMatching(/^1: with its history it takes \d+ bytes/)]);
    expect((await stored(database(), "1")).data.text).toMatch(/^a/);
  });

  test("is pushed once where the connection is cut after the server got the update", async () => {
    const { store, uri } = database();
    const page = (value: number) => Array.from({ length: 300 }, (_, n) => thing(`id-${n}`, { n, value }));
    await load(store, page(0));
    const proxy = await startCuttingProxy(uri, "update");
    const cutStore = await openStore({ uri: proxy.uri, db: store.db, kind: "mongodb" });
    onTestFinished(() => cutStore.close());
    expect(await change(cutStore, page(1), "run-2", laterAt)).toEqual(counts(0, 300, 0));
    expect(proxy.cuts()).toBeGreaterThan(0);
    expect(await change(store, page(1), "run-2", laterAt)).toEqual(counts(0, 0, 300));
    const documents = await database().all("things");
    expect(documents.map(({ history }) => history.length)).toEqual(page(0).map(() => 1));
  });

  test("is pushed once where the same write reaches the server twice", async () => {
    const { store } = database();
    await load(store, [thing("1", { a: 1 })]);
    const collection = store.database.collection<StoredDocument>("things");
    const [before] = await collection.find().toArray();
    const brought = prepareDocument(thing("1", { a: 2 }));
    if (before === undefined || "reason" in brought) {
      expect.fail("the document is stored and storable");
    }
    const history = { changed_at: laterAt, run_id: "run-2", fields: ["a"], before: { a: 1 } };
    const { operation } = planGuardedUpdate(
      { brought, written: brought, stored: before, history },
      { runId: "run-2", at: laterAt },
    );
    if ("insert" in operation) {
      expect.fail("it is an update");
    }
    await collection.updateOne(operation.filter, operation.update);
    await collection.updateOne(operation.filter, operation.update);
    expect(await stored(database(), "1")).toMatchObject({ data: { a: 2 }, history: [history] });
  });
});

/** What `data` was before all these changes. */
function undo(data: unknown, history: readonly Document[]): unknown {
  let fields = new Map(Object.entries(Object(data)));
  for (const entry of [...history].reverse()) {
    fields = new Map([...fields].filter(([name]) => !entry.fields.includes(name)));
    for (const [name, value] of Object.entries(Object(entry.before))) {
      fields.set(name, value);
    }
  }
  return Object.fromEntries(fields);
}

/** As text, since a field named `__proto__` and the order of keys escape the usual comparison. */
function sorted(value: unknown): string[] {
  return Object.entries(Object(value))
    .map(([name, field]) => `${name}: ${canonicalText(field)}`)
    .sort();
}
