import { expect, test } from "vitest";
import { z } from "zod";
import { configureConnector } from "../connector/configure-connector.js";
import { defineConnector, stepFor } from "../connector/define-connector.js";
import type { RemovedReason } from "../connector/stored-document.js";
import { parseJson } from "../json/parse-json.js";
import { createLogger } from "../log/create-logger.js";
import { runConnectors } from "../run/run-connectors.js";
import { acquireLease } from "../store/lease.js";
import { createDataRedactor } from "../store/redact-data.js";
import { describeOnMongo } from "../testing/mongo-servers.js";
import { listRejected } from "./list-rejected.js";
import { quarantine } from "./quarantine.js";
import { retryRejected } from "./retry-rejected.js";

const strict = z.object({ id: z.string(), n: z.number() });
/** What a later version takes. */
const lenient = z.object({ id: z.string(), n: z.coerce.number() });

function source(
  record: z.ZodType<z.output<typeof strict>>,
  records: readonly unknown[] = [],
  findRemoval?: () => Promise<RemovedReason | undefined>,
) {
  const things = stepFor({ config: z.object({}) })({
    ...(findRemoval && { findRemoval }),
    name: "things",
    summary: "",
    collection: "things",
    record,
    async *extract() {
      yield { records };
    },
    transform: ({ id, n }) => ({ _id: id, enriched: { n } }),
  });
  const definition = defineConnector({ name: "source", summary: "", config: z.object({}), steps: [things] });
  return [configureConnector(definition, {})];
}

const at = (minute: number) => new Date(Date.UTC(2026, 10, 27, 12, minute));

describeOnMongo("retryRejected", (database) => {
  const log = createLogger({ level: "silent" });
  const load = (records: readonly unknown[], minute: number) =>
    runConnectors({
      connectors: source(strict, records),
      store: database().store,
      log,
      now: () => at(minute),
    });
  const retry = async (record = lenient, findRemoval?: () => Promise<RemovedReason | undefined>) => {
    const { store } = database();
    const [report] = await retryRejected({
      store,
      connectors: source(record, [], findRemoval),
      now: () => at(59),
      runId: "retry-1",
    });
    return report;
  };
  const things = async () =>
    (await database().all("things")).map(({ _id, enriched }) => ({ id: _id, n: enriched.n }));

  test("stores what this version understands, and takes it out of the quarantine", async () => {
    await load(
      [
        { id: "a", n: 1 },
        { id: "b", n: "2", more: [{ deep: null }] },
        { id: "c", n: "many" },
      ],
      1,
    );
    expect(await retry()).toEqual({
      name: "source",
      status: "ok",
      loaded: 1,
      outdated: 0,
      rejected: 1,
      notTried: 0,
    });
    expect(await things()).toEqual([
      { id: "a", n: 1 },
      { id: "b", n: 2 },
    ]);
    expect((await database().all("things"))[1]).toMatchObject({
      // As it was received, whatever the schema leaves out or changes.
      data: { id: "b", n: "2", more: [{ deep: null }] },
      removed_at: null,
      run_id: "retry-1",
      ingested_at: at(59),
    });
    expect(await database().all("etl_rejected")).toMatchObject([
      { raw: '{"id":"c","n":"many"}', times: 1, last_seen_at: at(1), reason: expect.stringContaining("NaN") },
    ]);
    expect(await retry()).toMatchObject({ loaded: 0, rejected: 1 });
  });

  test("still says of a document what of it is not as it came", async () => {
    const altered = [expect.stringMatching(/^n: a number kept as text/)];
    await load([parseJson('{"id":"a","n":12345678901234567890}')], 1);
    expect(await database().all("etl_rejected")).toMatchObject([{ altered }]);
    expect(await retry()).toMatchObject({ loaded: 1 });
    expect(await database().all("things")).toMatchObject([{ _id: "a", altered }]);
  });

  test("does not go back behind what was stored after the record was rejected", async () => {
    await load([{ id: "a", n: "1" }], 1);
    await load([{ id: "a", n: 2 }], 2);
    expect(await retry()).toMatchObject({ loaded: 0, outdated: 1 });
    expect(await things()).toEqual([{ id: "a", n: 2 }]);
    expect(await database().all("etl_rejected")).toEqual([]);
  });

  test("replaces what was stored before the record was rejected", async () => {
    await load([{ id: "a", n: 1 }], 1);
    await load([{ id: "a", n: "2" }], 2);
    expect(await retry()).toMatchObject({ loaded: 1 });
    expect(await things()).toEqual([{ id: "a", n: 2 }]);
  });

  test("takes the one that was rejected last where several are of one document, however many there are", async () => {
    for (let minute = 1; minute <= 3; minute += 1) {
      await load(
        Array.from({ length: 30 }, (_, index) => ({ id: `t${index}`, n: String(minute) })),
        minute,
      );
    }
    expect(await retry()).toMatchObject({ loaded: 30, outdated: 60, rejected: 0 });
    expect(await things()).toEqual(Array.from({ length: 30 }, () => expect.objectContaining({ n: 3 })));
  });

  test("leaves whether a document is listed as it is, or as the step knows it", async () => {
    await load([{ id: "a", n: 1 }], 1);
    await database()
      .store.database.collection("things")
      .updateMany({}, { $set: { removed_at: at(1), removed_reason: "withdrawn" } });
    await load(
      [
        { id: "a", n: "2" },
        { id: "b", n: "2" },
      ],
      2,
    );
    expect(await retry(lenient, async () => "superseded")).toMatchObject({ loaded: 2 });
    expect(await database().all("things")).toMatchObject([
      { _id: "a", enriched: { n: 2 }, removed_at: at(1), removed_reason: "withdrawn" },
      { _id: "b", enriched: { n: 2 }, removed_at: at(59), removed_reason: "superseded" },
    ]);
  });

  test("does not try what was cut off, nor what belongs to a step that is gone, and says so", async () => {
    const options = {
      store: database().store,
      connector: "source",
      runId: "run-1",
      at: at(1),
      redactor: createDataRedactor([]),
    };
    const deep: unknown = JSON.parse(`${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`);
    const long = { id: "a", n: "1", text: "x".repeat(2_000_001) };
    await quarantine(
      [long, deep].map((record) => ({ record, reason: "no" })),
      { ...options, step: "things" },
    );
    await quarantine([{ record: { id: "b", n: "1" }, reason: "no" }], { ...options, step: "gone" });
    expect(await retry()).toMatchObject({ loaded: 0, rejected: 0, notTried: 3 });
    const { total, records } = await listRejected({ store: database().store });
    expect([total, records.filter((record) => record.isWhole).map(({ step }) => step)]).toEqual([
      3,
      ["gone"],
    ]);
  });

  test("waits for nobody: a connector that another run holds fails", async () => {
    await load([{ id: "a", n: "1" }], 1);
    const lease = await acquireLease({ store: database().store, connector: "source", runId: "other" });
    expect(await retry()).toMatchObject({
      status: "failed",
      loaded: 0,
      reason: expect.stringContaining("source"),
    });
    await lease.release();
    expect(await retry()).toMatchObject({ status: "ok", loaded: 1 });
  });
});

describeOnMongo("listRejected", (database) => {
  test("lists the latest first, of some connectors, up to a limit", async () => {
    const { store } = database();
    for (const [index, connector] of ["one", "two", "two"].entries()) {
      const options = {
        store,
        connector,
        step: "s",
        runId: "r",
        at: at(index),
        redactor: createDataRedactor([]),
      };
      await quarantine([{ record: { index, text: "ü".repeat(300) }, reason: `reason ${index}` }], options);
    }
    expect(await listRejected({ store, connectors: ["two"], limit: 1 })).toEqual({
      total: 2,
      records: [
        {
          id: expect.stringMatching(/^[0-9a-f]{64}$/),
          connector: "two",
          step: "s",
          reason: "reason 2",
          firstSeenAt: at(2),
          lastSeenAt: at(2),
          times: 1,
          excerpt: expect.stringMatching(/^\{"index":2,"text":"ü+…$/),
          isWhole: true,
        },
      ],
    });
    expect((await listRejected({ store })).records.map(({ reason }) => reason)).toEqual([
      "reason 2",
      "reason 1",
      "reason 0",
    ]);
  });
});
