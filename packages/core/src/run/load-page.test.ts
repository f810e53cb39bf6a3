import { expect, test, vi } from "vitest";
import { z } from "zod";
import { configureConnector } from "../connector/configure-connector.js";
import type { ExtractedPage, LoadDocument, StoredContent } from "../connector/connector.js";
import { defineConnector, stepFor } from "../connector/define-connector.js";
import { createLogger } from "../log/create-logger.js";
import { describeOnMongo, type TestDatabase, writeCommands } from "../testing/mongo-servers.js";
import { type RunConnectorsOptions, runConnectors } from "./run-connectors.js";
import type { RunEvent } from "./run-event.js";

// Pages of millions of records.
vi.setConfig({ testTimeout: 120_000 });

const record = z.object({ id: z.string(), n: z.number() });
type Transform = (thing: z.output<typeof record>) => void;

function loading(
  records: readonly unknown[],
  onTransform: Transform = () => {},
  more: {
    readonly page?: Partial<ExtractedPage<never>>;
    readonly reconcile?: (document: LoadDocument, stored: StoredContent) => LoadDocument;
  } = {},
) {
  const things = stepFor({ config: z.object({}) })({
    ...(more.reconcile && { reconcile: more.reconcile }),
    name: "things",
    summary: "",
    collection: "things",
    keepsHistory: true,
    record,
    async *extract() {
      yield { records, ...more.page };
    },
    transform(thing) {
      onTransform(thing);
      return [{ collection: "things", _id: thing.id, data: { n: thing.n }, enriched: {} }];
    },
  });
  const source = defineConnector({ name: "source", summary: "", config: z.object({}), steps: [things] });
  return [configureConnector(source, {})];
}

function run(
  { store }: Pick<TestDatabase, "store">,
  connectors: RunConnectorsOptions["connectors"],
  options: Pick<RunConnectorsOptions, "onEvent" | "overlap"> = {},
) {
  return runConnectors({ connectors, store, log: createLogger({ level: "silent" }), ...options });
}

/** So many records that differ, the first of them with the number `from`. */
function numbered(count: number, from = 0) {
  return Array.from({ length: count }, (_, index) => ({ id: `id-${from + index}`, n: from + index }));
}

/** Loads a page that lists all its records, twice, and counts what that takes. */
async function costOf(count: number, { store }: TestDatabase) {
  const cost = { commands: 0, charactersSent: 0, readsOfRecords: 0, readsOfListing: 0 };
  const records = numbered(count).map(
    (thing) =>
      new Proxy(thing, {
        get(target, name, receiver) {
          cost.readsOfRecords += 1;
          return Reflect.get(target, name, receiver);
        },
      }),
  );
  class CountedSet extends Set<string> {
    override has(id: string): boolean {
      cost.readsOfListing += 1;
      return super.has(id);
    }
    override *[Symbol.iterator]() {
      for (const id of super[Symbol.iterator]()) {
        cost.readsOfListing += 1;
        yield id;
      }
      return undefined;
    }
  }
  const listed = new CountedSet(numbered(count).map(({ id }) => id));
  const page = { listings: [{ collection: "things", scope: {}, listed, isSuperseded: () => false }] };
  const { client } = store.database;
  const tally = ({ command }: { readonly command: unknown }) => {
    cost.commands += 1;
    cost.charactersSent += JSON.stringify(command).length;
  };
  client.on("commandStarted", tally);
  try {
    for (const outcome of [{ inserted: count }, { unchanged: count }]) {
      expect(
        await run(
          { store },
          loading(records, () => {}, { page }),
        ),
      ).toMatchObject({
        connectors: [{ steps: [outcome] }],
      });
    }
  } finally {
    client.off("commandStarted", tally);
    await store.database.collection("things").drop();
  }
  return cost;
}

describeOnMongo("a page of many records", (database) => {
  test("keeps what is rejected slice by slice, so that a page of nothing else does not fill the memory", async () => {
    let transformed = 0;
    const atWrite: number[] = [];
    const { client } = database().store.database;
    const follow = ({ command }: { readonly command: { readonly update?: unknown } }) => {
      if (command.update === "etl_rejected") {
        atWrite.push(transformed);
      }
    };
    client.on("commandStarted", follow);
    const refuse = () => {
      transformed += 1;
      throw new Error("none of ours");
    };
    const report = await run(database(), loading(numbered(2_500), refuse), { overlap: false });
    client.off("commandStarted", follow);
    expect(atWrite).toEqual([1_000, 2_000, 2_500]);
    expect(report.connectors).toMatchObject([
      { steps: [{ rejected: 2_500 }], reason: expect.stringContaining("Reason: none of ours") },
    ]);
    expect(await database().all("etl_rejected")).toHaveLength(2_500);
  });

  test("costs twice as much where it has twice as many", async () => {
    const once = await costOf(3_000, database());
    const twice = await costOf(6_000, database());
    expect(once.readsOfRecords).toBeGreaterThan(3_000);
    expect(once.readsOfListing).toBeGreaterThan(3_000);
    expect(once.charactersSent).toBeGreaterThan(300_000);
    for (const [name, value] of Object.entries(once)) {
      expect(twice, name).toHaveProperty(
        name,
        expect.toSatisfy((of: number) => of <= 2.1 * value),
      );
    }
  });

  test.each([
    { overlap: false, atBatches: [1_000, 2_000, 2_500], title: "one after the other" },
    { overlap: true, atBatches: [2_000, 2_500, 2_500], title: "the next one meanwhile" },
  ])("is transformed and stored slice by slice, 1,000 records at a time, $title", async (mode) => {
    const { overlap, atBatches } = mode;
    const atBatch: number[] = [];
    const atPage: number[] = [];
    let transformed = 0;
    const connectors = loading(numbered(2_500), () => {
      transformed += 1;
    });
    const onEvent = ({ type }: RunEvent) => {
      if (type === "batch-stored") {
        atBatch.push(transformed);
      }
      if (type === "page-loaded") {
        atPage.push(transformed);
      }
    };
    const report = await run(database(), connectors, { overlap, onEvent });
    expect(report.connectors[0]?.steps).toMatchObject([{ extracted: 2_500, inserted: 2_500 }]);
    expect(atBatch).toHaveLength(3);
    for (const [index, most] of atBatches.entries()) {
      expect(atBatch[index]).toBeLessThanOrEqual(most);
      // Some of the next slice is transformed while one is stored.
      expect(atBatch[index]).toBeGreaterThan(overlap && index < 2 ? (index + 1) * 1_000 : most - 1);
    }
    expect(atPage).toEqual([2_500]);
    expect(await database().store.reader.count("things", {})).toBe(2_500);
  });

  test("stores the last of several records of one _id, wherever in the page they are, and counts it once", async () => {
    const page = [
      { id: "far", n: -1 },
      { id: "near", n: -1 },
      ...numbered(1_300),
      { id: "far", n: -2 },
      { id: "near", n: -2 },
      { id: "near", n: -3 },
      ...numbered(1_300, 1_300),
      { id: "far", n: -4 },
    ];
    const report = await run(database(), loading(page));
    expect(report.connectors[0]?.steps).toMatchObject([
      { extracted: 2_606, inserted: 2_602, updated: 0, unchanged: 0 },
    ]);
    expect(await contentOf(database(), ["far", "near"])).toEqual({ far: -4, near: -3 });

    database().commands.length = 0;
    const again = await run(database(), loading(page));
    expect(again.connectors[0]?.steps).toMatchObject([{ inserted: 0, updated: 0, unchanged: 2_602 }]);
    expect(
      database().commands.filter(
        ({ name, collection }) => collection === "things" && writeCommands.has(name),
      ),
    ).toEqual([]);
  });

  test("takes an earlier record of the same _id where the last one cannot be understood", async () => {
    await run(database(), loading([{ id: "a", n: 1 }, ...numbered(1_500), { id: "a", n: "many" }]));
    expect(await contentOf(database(), ["a"])).toEqual({ a: 1 });
    expect(await database().all("etl_rejected")).toHaveLength(1);
  });

  test("stores all records of one _id in their order, wherever in the page they are, where the step reconciles", async () => {
    const page = [
      { id: "far", n: 1 },
      { id: "near", n: 1 },
      { id: "near", n: 2 },
      ...numbered(1_300),
      { id: "far", n: 2 },
      { id: "far", n: 1 },
    ];
    const atLeast = (document: LoadDocument, { data }: StoredContent): LoadDocument => ({
      ...document,
      data: { n: Math.max(numberIn(document.data), numberIn(data)) },
    });
    const connectors = loading(page, undefined, { reconcile: atLeast });
    const report = await run(database(), connectors);
    expect(report.connectors[0]?.steps).toMatchObject([
      { extracted: 1_305, inserted: 1_302, updated: 2, unchanged: 1, rejected: 0 },
    ]);
    expect(await contentOf(database(), ["far", "near"])).toEqual({ far: 2, near: 2 });
    expect((await database().all("things")).find(({ _id }) => _id === "far")).toMatchObject({
      history: [{ run_id: report.runId, fields: ["n"], before: { n: 1 } }],
    });
    const before = await database().all("things");
    const again = await run(database(), connectors);
    expect(again.connectors[0]?.steps).toMatchObject([{ inserted: 0, updated: 0, unchanged: 1_305 }]);
    expect(await database().all("things")).toEqual(before);
  });

  test("puts a record that cannot be reconciled into quarantine, as it was received", async () => {
    await run(
      database(),
      loading([
        { id: "a", n: 1 },
        { id: "b", n: 1 },
      ]),
    );
    const reconcile = (document: LoadDocument): LoadDocument => {
      if (document._id === "a") {
        throw new Error("n went back");
      }
      return document;
    };
    const page = [
      { id: "a", n: 0 },
      { id: "b", n: 0 },
    ];
    const report = await run(database(), loading(page, undefined, { reconcile }));
    expect(report.connectors[0]?.steps).toMatchObject([{ updated: 1, rejected: 1 }]);
    expect(await contentOf(database(), ["a", "b"])).toEqual({ a: 1, b: 0 });
    expect(await database().all("etl_rejected")).toMatchObject([
      { raw: '{"id":"a","n":0}', reason: expect.stringMatching(/^things\/a: .*n went back$/) },
    ]);
  });

  test("tells with each batch and page how much there is and how far its source is read", async () => {
    const events: RunEvent[] = [];
    const extent = { total: 9_000, bytes: { read: 5_000, total: 40_000 } };
    const connectors = loading(numbered(1_200), undefined, { page: extent });
    await run(database(), connectors, { onEvent: (event) => events.push(event) });
    const progress = events.filter(({ type }) => type === "batch-stored" || type === "page-loaded");
    expect(progress.map(({ type }) => type)).toEqual(["batch-stored", "batch-stored", "page-loaded"]);
    for (const event of progress) {
      expect(event).toMatchObject(extent);
    }
  });

  test("puts refused records of all slices into quarantine, each with its own raw text", async () => {
    const page: unknown[] = numbered(2_200);
    page[3] = "first";
    page[1_100] = { id: "" };
    page[2_100] = { id: "lone \ud800", n: 1 };
    const report = await run(database(), loading(page));
    expect(report.connectors[0]?.steps).toMatchObject([{ extracted: 2_200, inserted: 2_197, rejected: 3 }]);
    const rejected = await database().all("etl_rejected");
    const reasonOf = (raw: string) => rejected.find((refusal) => refusal.raw === raw)?.reason;
    expect(reasonOf('"first"')).toMatch(/expected object/);
    expect(reasonOf('{"id":""}')).toMatch(/^n: .*number/);
    expect(reasonOf('{"id":"lone \\ud800","n":1}')).toMatch(/surrogate pair/);
  });
});

function numberIn(data: unknown): number {
  return z.object({ n: z.number() }).parse(data).n;
}

async function contentOf(database: TestDatabase, ids: readonly string[]) {
  const found = await database.all("things");
  return Object.fromEntries(
    found.filter(({ _id }) => ids.includes(String(_id))).map(({ _id, data }) => [String(_id), data.n]),
  );
}
