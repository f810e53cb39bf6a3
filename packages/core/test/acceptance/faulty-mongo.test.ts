import { type MongoFault, startFaultyMongo } from "@cti-connectors/sandbox";
import { expect, onTestFinished, test, vi } from "vitest";
import type { LoadDocument } from "../../src/connector/connector.js";
import { type LoadOptions, loadDocuments } from "../../src/documents/load-documents.js";
import { openStore } from "../../src/store/open-store.js";
import { StoreError } from "../../src/store/with-store-retry.js";
import { describeOnMongo, type TestDatabase } from "../../src/testing/mongo-servers.js";

// Failures of a server, with the pauses between attempts.
vi.setConfig({ testTimeout: 120_000 });

const at = new Date("2026-11-22T10:00:00Z");

function things(count: number, value: unknown = 0): LoadDocument[] {
  return Array.from({ length: count }, (_, n) => ({
    collection: "things",
    _id: `thing-${n}`,
    data: { value: String(value) },
    enriched: {},
  }));
}

/** Loads by way of faults. */
async function loadThrough(
  { store, uri }: TestDatabase,
  faults: readonly MongoFault[],
  documents: readonly LoadDocument[],
  options: Partial<LoadOptions> = {},
) {
  const proxy = await startFaultyMongo(uri, faults, "socketTimeoutMS=500");
  onTestFinished(() => proxy.close());
  const faulty = await openStore({ uri: proxy.uri, db: store.db, kind: "mongodb" });
  onTestFinished(() => faulty.close());
  const loaded = await loadDocuments({ store: faulty, documents, runId: "run", at, ...options }).then(
    ({ refused, ...counts }) => ({ ...counts, refused: refused.map(({ document: { _id } }) => _id) }),
    (error: unknown) => ({ error: error instanceof StoreError ? error.message : String(error) }),
  );
  return { loaded, hits: proxy.hits() };
}

const forEver = Number.POSITIVE_INFINITY;
const insert = { command: "insert", collection: "things" };

const passing = [
  { code: 1, name: "InternalError" },
  { code: 6, name: "HostUnreachable" },
  { code: 50, name: "MaxTimeMSExpired" },
  { code: 91, name: "ShutdownInProgress" },
  { code: 112, name: "WriteConflict" },
  { code: 189, name: "PrimarySteppedDown" },
  { code: 262, name: "ExceededTimeLimit" },
  { code: 449, name: "RateLimitExceeded" },
  { code: 10107, name: "NotWritablePrimary" },
  { code: 16500, name: "Cosmos DB: too many requests" },
];
const lasting = [
  {
    code: 8000,
    errmsg: "you are over your space quota, using 513 MB of 512 MB",
    said: /no space left.*code 8000/,
  },
  { code: 13, errmsg: "not authorized", said: /not permit/ },
  { code: 14031, errmsg: "available disk space of 0 bytes", said: /disk.*full/ },
  { code: 371, errmsg: "User writes blocked", said: /does not accept writes/ },
  { code: 61, errmsg: "document does not contain shard key", said: /sharded.*hashed/ },
  { code: 424242, errmsg: "a code that nobody knows", said: /a code that nobody knows.*424242/ },
];

describeOnMongo("what a server answers to a load", (database) => {
  test.each(
    passing.flatMap((fault) => [
      { ...fault, mode: "perWrite" as const, indexes: [1, 3] },
      { ...fault, mode: "command" as const },
    ]),
  )("is retried where it passes: $code ($name), $mode", async ({ code, mode, ...where }) => {
    const { loaded, hits } = await loadThrough(database(), [{ ...insert, mode, code, ...where }], things(5));
    expect(loaded).toEqual({ inserted: 5, updated: 0, unchanged: 0, refused: [] });
    expect(hits).toBe(1);
    expect(await database().all("things")).toHaveLength(5);
  });

  test.each(
    lasting.flatMap((fault) => [
      { ...fault, mode: "perWrite" as const },
      { ...fault, mode: "command" as const },
    ]),
  )("fails the load and refuses no document where it stays: $code, $mode", async ({ said, ...fault }) => {
    const failed = await loadThrough(database(), [{ ...insert, ...fault, times: forEver }], things(5));
    expect(failed.loaded).toEqual({ error: expect.stringMatching(said) });
    expect(failed.hits).toBe(1);
    const { loaded } = await loadThrough(database(), [], things(5));
    expect(loaded).toMatchObject({ refused: [] });
    expect(await database().all("things")).toHaveLength(5);
  });

  test.each([
    { code: 2, name: "BadValue" },
    { code: 121, name: "DocumentValidationFailure" },
    { code: 10334, name: "BSONObjectTooLarge" },
    { code: 17419, name: "too large after the update" },
    { code: 57, name: "DottedFieldName" },
  ])("is the document's fault beside one write: $code ($name)", async ({ code }) => {
    const fault = { ...insert, mode: "perWrite" as const, code, holding: "thing-2", times: forEver };
    const { loaded } = await loadThrough(database(), [fault], things(5));
    expect(loaded).toEqual({ inserted: 4, updated: 0, unchanged: 0, refused: ["thing-2"] });
  });

  test.each([2, 10334])(
    "is the document's fault where a command with it is refused and others are taken: %i",
    async (code) => {
      const holding = (text: string) => ({
        ...insert,
        mode: "command" as const,
        code,
        holding: text,
        times: forEver,
      });
      const faults = [holding('thing-7"'), holding('thing-33"')];
      const { loaded, hits } = await loadThrough(database(), faults, things(64));
      expect(loaded).toEqual({ inserted: 62, updated: 0, unchanged: 0, refused: ["thing-7", "thing-33"] });
      expect(hits).toBeLessThan(20);
    },
  );

  test("is the server's fault where it refuses whatever it is sent", async () => {
    const fault = { ...insert, mode: "command" as const, code: 2, errmsg: "no such option", times: forEver };
    const { loaded, hits } = await loadThrough(database(), [fault], things(500));
    expect(loaded).toEqual({ error: expect.stringMatching(/no such option.*code 2 BadValue/) });
    expect(hits).toBeLessThan(20);
  });

  test("goes on for as long as a server that limits the rate takes something each time", async () => {
    const limits = Array.from({ length: 9 }, (_, n) => ({
      ...insert,
      mode: "perWrite" as const,
      code: 16500,
      errmsg: "Error=16500, RetryAfterMs=2, Details='Request rate is large'",
      indexes: Array.from({ length: 9 - n }, (_, index) => index + 1),
    }));
    const { loaded, hits } = await loadThrough(database(), limits, things(10));
    expect(loaded).toEqual({ inserted: 10, updated: 0, unchanged: 0, refused: [] });
    expect(hits).toBe(9);
  });

  test("waits for a write concern that was not met once, and counts each document once", async () => {
    const faults = ["insert", "update"].map((command) => ({
      command,
      collection: "things",
      mode: "writeConcern" as const,
      code: 64,
      errmsg: "waiting for replication timed out",
    }));
    await loadThrough(database(), [], things(3));
    const { loaded, hits } = await loadThrough(database(), faults, things(6, 1));
    expect(loaded).toEqual({ inserted: 3, updated: 3, unchanged: 0, refused: [] });
    expect(hits).toBe(2);
  });

  test.each([64, 100])("fails where a write concern is never met: %i", async (code) => {
    const fault = {
      command: ["insert", "update"],
      mode: "writeConcern" as const,
      code,
      errmsg: "waiting for replication timed out",
      times: forEver,
    };
    const { loaded } = await loadThrough(database(), [fault], things(3));
    expect(loaded).toEqual({ error: expect.stringMatching(/did not confirm.*waiting for replication/) });
  });

  test.each(["cut", "cutBefore", "swallow", "swallowReply"] as const)(
    "does not matter where a message is lost: %s",
    async (mode) => {
      await loadThrough(database(), [], things(3));
      const faults = ["find", "insert", "update"].map((command) => ({ command, collection: "things", mode }));
      const { loaded, hits } = await loadThrough(database(), faults, things(6, 1));
      expect(loaded).toEqual({ inserted: 3, updated: 3, unchanged: 0, refused: [] });
      expect(hits).toBe(3);
    },
  );

  test("is retried where a read of a step meets it, and explained where it stays", async () => {
    const { store, uri } = database();
    await loadDocuments({ store, documents: things(3), runId: "run", at });
    const fault = { mode: "command" as const, code: 16500, errmsg: "RetryAfterMs=1" };
    const proxy = await startFaultyMongo(uri, [
      { ...fault, command: "find", collection: "things" },
      { ...fault, command: "aggregate", collection: "things" },
      { mode: "command", command: "find", collection: "others", code: 8000, errmsg: "over your space quota" },
    ]);
    onTestFinished(() => proxy.close());
    const { reader, close } = await openStore({ uri: proxy.uri, db: store.db, kind: "mongodb" });
    onTestFinished(close);
    const found: unknown[] = [];
    for await (const { _id } of reader.find("things", {}, { projection: { _id: 1 }, sort: { _id: 1 } })) {
      found.push(_id);
    }
    expect(found).toEqual(["thing-0", "thing-1", "thing-2"]);
    expect(await reader.count("things", {})).toBe(3);
    await expect(async () => {
      for await (const _ of reader.find("others", {})) {
        expect.unreachable("the read is refused");
      }
    }).rejects.toThrow(/no space left.*over your space quota/);
  });
});
