import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Collection } from "mongodb";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { configureConnector } from "../connector/configure-connector.js";
import type { ExtractedPage, StepDefinition } from "../connector/connector.js";
import { defineConnector, stepFor } from "../connector/define-connector.js";
import { createLogger } from "../log/create-logger.js";
import { acquireLease } from "../store/lease.js";
import { openStore, type Store } from "../store/open-store.js";
import { startHttpServer } from "../testing/http-server.js";
import { describeOnMongo, type TestDatabase, writeCommands } from "../testing/mongo-servers.js";
import { type RunConnectorsOptions, runConnectors } from "./run-connectors.js";
import type { RunEvent } from "./run-event.js";

const config = z.object({ SOURCE_KEY: z.string().default("source-secret-key").meta({ secret: true }) });
const record = z.looseObject({ id: z.string(), n: z.number() });
const checkpoint = z.object({ page: z.number() });

type Definition = StepDefinition<z.output<typeof config>, typeof record, z.output<typeof checkpoint>>;
type Page = ExtractedPage<z.output<typeof checkpoint>>;
type Extract = Definition["extract"];

const toThing = ({ id, n }: z.output<typeof record>) => ({ _id: id, data: { id, n } });

/** A step of the name `things`, unless the changes name another, into a collection of its name. */
function step(extract: Extract, changes: Partial<Definition> = {}) {
  return stepFor({ config })({
    name: "things",
    summary: "things",
    collection: changes.name ?? "things",
    indexes: [{ "data.n": 1 }],
    record,
    checkpoint,
    extract,
    transform: toThing,
    ...changes,
  });
}

/** Into a collection of its own, as another connector needs. */
function into(collection: string): Pick<Definition, "collection"> {
  return { collection };
}

function connector(
  steps: readonly ReturnType<typeof step>[],
  { name = "source", ...changes }: Partial<Parameters<typeof defineConnector<typeof config>>[0]> = {},
) {
  return configureConnector(
    defineConnector({ name, summary: name, config, steps, ...changes }),
    config.parse({}),
  );
}

function pages(...list: readonly Page[]): Extract {
  return async function* () {
    yield* list;
  };
}

/** Pages of two records, numbered; goes on after the checkpoint. */
function numberedPages(count: number, onPage: (page: number) => void = () => {}): Extract {
  return async function* ({ checkpoint: saved }) {
    for (let page = (saved?.page ?? 0) + 1; page <= count; page += 1) {
      onPage(page);
      yield {
        records: [
          { id: `${page}-a`, n: page },
          { id: `${page}-b`, n: page },
        ],
        checkpoint: { page },
        total: count * 2,
      };
    }
  };
}

const silent = createLogger({ level: "silent" });

function run(
  database: TestDatabase,
  connectors: RunConnectorsOptions["connectors"],
  options: Partial<RunConnectorsOptions> = {},
) {
  // On a busy machine, an independent server needs more than the 6 s for the rest of an interrupted run.
  const patient = { http: { retries: 0 }, graceMs: 60_000 };
  return runConnectors({ connectors, store: database.store, log: silent, ...patient, ...options });
}

const noCounts = { inserted: 0, updated: 0, unchanged: 0, superseded: 0, withdrawn: 0, rejected: 0 };

function checkpointOf(database: TestDatabase) {
  return database
    .all("etl_state")
    .then((documents) => documents.find(({ _id }) => String(_id) === "checkpoint/source/things")?.value);
}

describeOnMongo("runConnectors", (database) => {
  test("reports the facts of what is stored, the last ones, and none where a dry run stores nothing", async () => {
    const counted = step(pages({ records: [], facts: { old: 1 } }, { records: [], facts: { old: 2 } }));
    const factsOf = async (dryRun: boolean) =>
      (await run(database(), [connector([counted])], { dryRun })).connectors[0]?.steps[0]?.facts;
    expect(await factsOf(true)).toBeUndefined();
    expect(await factsOf(false)).toEqual({ old: 2 });
  });

  test("reports a gap, even of a step that fails, and the last one", async () => {
    const gap = { from: "2026-11-01T00:00:00Z", to: "2026-11-09T00:00:00Z" };
    const fails = step(async function* () {
      yield { records: [], gap: { ...gap, to: "2026-11-02T00:00:00Z" } };
      yield { records: [], gap };
      yield { records: [{ id: "a", n: 1 }] };
      throw new Error("the gap is open");
    });
    const report = await run(database(), [connector([fails])]);
    expect(report.connectors).toMatchObject([{ status: "failed", steps: [{ gap }] }]);
  });

  test("runs steps that do not need one that failed, leaves out those that do, and tells all reasons", async () => {
    const fails = (name: string, changes: Partial<Definition> = {}) =>
      step(
        async function* () {
          yield { records: [], missing: ["old"] };
          yield { records: [{ id: name, n: 1 }], missing: [`${name} of source-secret-key`] };
          throw new Error(`${name} is down`);
        },
        { name, ...changes },
      );
    const goes = (name: string, changes: Partial<Definition>) =>
      step(pages({ records: [{ id: name, n: 1 }] }), { name, ...changes });
    const steps = [
      fails("a"),
      goes("left-out", {}),
      goes("b", { needs: [] }),
      goes("needs-left-out", { needs: ["b", "left-out"] }),
      fails("c", { needs: ["b"] }),
    ];
    const report = await run(database(), [connector(steps)]);
    expect(report.connectors).toMatchObject([
      {
        status: "failed",
        reason: "a: a is down; c: c is down",
        steps: [{ name: "a" }, { name: "b" }, { name: "c" }],
      },
    ]);
    expect(report.connectors[0]?.steps.map(({ missing }) => missing)).toEqual([
      ["a of [redacted]"],
      undefined,
      ["c of [redacted]"],
    ]);
    const stored = (name: string) => database().all(name);
    expect(await Promise.all(steps.map(({ name }) => stored(name)))).toMatchObject([
      [{ _id: "a" }],
      [],
      [{ _id: "b" }],
      [],
      [{ _id: "c" }],
    ]);
  });

  test("ends at a fault that every step would meet", async () => {
    const offline: Extract = async function* ({ http }) {
      await http.request("http://127.0.0.1:9/");
      yield { records: [] };
    };
    const steps = [step(offline, { name: "a" }), step(numberedPages(1), { name: "b", needs: [] })];
    const report = await run(database(), [connector(steps)]);
    expect(report.connectors).toMatchObject([{ status: "failed", steps: [{ name: "a" }] }]);
    expect(report.connectors[0]?.steps).toHaveLength(1);
  });

  test("loads all pages, reports, saves checkpoint and ledger, and releases the lease", async () => {
    const events: RunEvent[] = [];
    const report = await run(database(), [connector([step(numberedPages(3))])], {
      runId: "run-1",
      onEvent: (event) => events.push(event),
    });
    expect(report).toEqual({
      runId: "run-1",
      status: "ok",
      store: { kind: "mongodb", db: database().store.db },
      connectors: [
        {
          name: "source",
          status: "ok",
          requests: 0,
          retries: 0,
          throttled: 0,
          seconds: expect.any(Number),
          steps: [{ name: "things", ...noCounts, extracted: 6, inserted: 6 }],
        },
      ],
    });
    expect(await database().all("things")).toHaveLength(6);
    expect((await database().store.database.collection("things").indexes()).map(({ key }) => key)).toEqual(
      expect.arrayContaining([{ _id: 1 }, { "data.n": 1 }, { ingested_at: 1, _id: 1 }]),
    );
    expect(await database().all("etl_runs")).toMatchObject([
      {
        _id: "run-1",
        status: "ok",
        connectors: ["source"],
        full: false,
        report,
        finished_at: expect.any(Date),
      },
    ]);
    expect((await database().all("etl_state")).map(({ _id }) => _id)).toEqual(["checkpoint/source/things"]);
    expect(events[0]).toEqual({ type: "connector-started", connector: "source", steps: ["things"] });
    expect(events.filter(({ type }) => type === "page-loaded").at(-1)).toEqual({
      type: "page-loaded",
      connector: "source",
      step: "things",
      counts: { ...noCounts, extracted: 6, inserted: 6 },
      total: 6,
    });
    expect(events.slice(-2).map(({ type }) => type)).toEqual(["step-finished", "connector-finished"]);
  });

  test("writes nothing to the data when a second run finds nothing new", async () => {
    const same = () => [connector([step(pages({ records: [{ id: "1", n: 1 }] }))])];
    await run(database(), same());
    database().commands.splice(0);
    const report = await run(database(), same());
    expect(report.connectors[0]?.steps).toEqual([
      { name: "things", ...noCounts, extracted: 1, unchanged: 1 },
    ]);
    const writes = database().commands.filter(
      ({ name, collection }) => writeCommands.has(name) && !collection.startsWith("etl_"),
    );
    expect(writes).toEqual([]);
  });

  test("goes on from the checkpoint, and with full from the beginning", async () => {
    await run(database(), [connector([step(numberedPages(2))])]);
    const resumed = await run(database(), [connector([step(numberedPages(3))])]);
    expect(resumed.connectors[0]?.steps).toMatchObject([{ extracted: 2, inserted: 2 }]);
    const full = await run(database(), [connector([step(numberedPages(3))])], { full: true });
    expect(full.connectors[0]?.steps).toMatchObject([{ extracted: 6, unchanged: 6 }]);
  });

  test("forgets with full only the checkpoints of the connectors that it runs, even when the run fails", async () => {
    await run(database(), [
      connector([step(numberedPages(2))]),
      connector([step(numberedPages(2), into("others"))], { name: "other" }),
    ]);
    const failing = connector([
      step(async function* () {
        yield await Promise.reject(new Error("no page"));
      }),
    ]);
    await run(database(), [failing], { full: true });
    expect((await database().all("etl_state")).map(({ _id }) => _id)).toEqual(["checkpoint/other/things"]);
  });

  describe("a checkpoint of the scope run", () => {
    /** A step that keeps its checkpoint for this run only, and one after it; both have two pages. */
    function twoSteps(seen: (readonly [step: string, page: number])[], laterFails: () => boolean) {
      const ofThisRun = step(
        numberedPages(2, (page) => seen.push(["things", page])),
        { checkpointScope: "run" },
      );
      const later = step(
        numberedPages(2, (page) => {
          if (page === 2 && laterFails()) {
            throw new Error("crashed here");
          }
          seen.push(["later", page]);
        }),
        { name: "later" },
      );
      return connector([ofThisRun, later]);
    }

    test("is kept when a later step fails, so that the next run does not repeat its pages", async () => {
      const seen: (readonly [string, number])[] = [];
      let failing = true;
      const source = twoSteps(seen, () => failing);
      expect((await run(database(), [source])).status).toBe("failed");
      expect(await checkpointOf(database())).toBe('{"page":2}');

      failing = false;
      expect((await run(database(), [source])).status).toBe("ok");
      expect(seen).toEqual([
        ["things", 1],
        ["things", 2],
        ["later", 1],
        ["later", 2],
      ]);
    });

    test("is kept when the run is interrupted in a later step", async () => {
      const interrupt = new AbortController();
      const source = twoSteps([], () => false);
      const report = await run(database(), [source], {
        signal: interrupt.signal,
        onEvent: (event) => {
          if (event.type === "step-started" && event.step === "later") {
            interrupt.abort();
          }
        },
      });
      expect(report.status).toBe("interrupted");
      expect(await checkpointOf(database())).toBe('{"page":2}');
    });

    test("is forgotten when the run has finished, and that of a lasting step is not", async () => {
      const seen: (readonly [string, number])[] = [];
      const source = twoSteps(seen, () => false);
      await run(database(), [source]);
      expect(await checkpointOf(database())).toBeUndefined();
      expect((await database().all("etl_state")).map(({ _id }) => _id)).toEqual(["checkpoint/source/later"]);

      await run(database(), [source]);
      expect(seen.slice(4)).toEqual([
        ["things", 1],
        ["things", 2],
      ]);
    });

    test("is left alone by a dry run, which does not store what it says is stored", async () => {
      let failing = true;
      const source = twoSteps([], () => failing);
      await run(database(), [source]);
      failing = false;
      expect((await run(database(), [source], { dryRun: true })).status).toBe("ok");
      expect(await checkpointOf(database())).toBe('{"page":2}');
    });
  });

  test("starts over where the checkpoint no longer fits", async () => {
    await run(database(), [connector([step(numberedPages(2))])]);
    const other = stepFor({ config })({
      name: "things",
      summary: "",
      collection: "things",
      record,
      checkpoint: z.object({ day: z.string() }),
      async *extract({ checkpoint: saved }) {
        yield { records: [{ id: saved?.day ?? "none", n: 1 }], checkpoint: { day: "today" } };
      },
      transform: toThing,
    });
    const definition = defineConnector({ name: "source", summary: "", config, steps: [other] });
    await run(database(), [configureConnector(definition, config.parse({}))]);
    expect((await database().all("things")).map(({ _id }) => _id)).toContain("none");
  });

  test("repeats the page when it crashed between storing it and saving its checkpoint, and nothing changes", async () => {
    const crashing = storeWith(database().store, "etl_state", (collection) =>
      withFailingUpdate(collection, /^checkpoint\//),
    );
    const crashed = await run(database(), [connector([step(numberedPages(3))])], { store: crashing });
    expect(crashed.connectors[0]).toMatchObject({
      status: "failed",
      reason: expect.stringMatching(/^things: crashed here/),
      steps: [{ extracted: 2, inserted: 2 }],
    });
    expect(await checkpointOf(database())).toBeUndefined();
    const before = JSON.stringify(await database().all("things"));
    const again = await run(database(), [connector([step(numberedPages(1))])]);
    expect(again.connectors[0]?.steps).toMatchObject([{ extracted: 2, unchanged: 2 }]);
    expect(JSON.stringify(await database().all("things"))).toBe(before);
    expect(await checkpointOf(database())).toBe('{"page":1}');
  });

  test("does not move the checkpoint when the page cannot be stored", async () => {
    const failing = storeWith(database().store, "things", withFailingWrites);
    const report = await run(database(), [connector([step(numberedPages(3))])], { store: failing });
    expect(report.status).toBe("failed");
    expect(await checkpointOf(database())).toBeUndefined();
  });

  test("stores the current page when it is interrupted, and resumes after it", async () => {
    const controller = new AbortController();
    const closed: string[] = [];
    const interruptible: Extract = async function* (context) {
      try {
        yield* numberedPages(5, (page) => {
          if (page === 2) {
            controller.abort(new Error("Ctrl-C"));
          }
        })(context);
      } finally {
        closed.push("closed");
      }
    };
    const report = await run(
      database(),
      [
        connector([step(interruptible), step(numberedPages(1), { name: "later" })]),
        connector([], { name: "next" }),
      ],
      // Else the second page is read while the first one is stored, and dropped.
      { signal: controller.signal, overlap: false },
    );
    expect(report.status).toBe("interrupted");
    expect(report.connectors).toMatchObject([
      {
        name: "source",
        status: "interrupted",
        reason: "interrupted: the next run resumes here",
        steps: [{ name: "things", extracted: 4, inserted: 4 }],
      },
      { name: "next", status: "interrupted", reason: "interrupted before anything was loaded", steps: [] },
    ]);
    expect(closed).toEqual(["closed"]);
    expect(await checkpointOf(database())).toBe('{"page":2}');
    expect(await database().all("etl_runs")).toMatchObject([{ status: "interrupted" }]);
    const resumed = await run(database(), [connector([step(numberedPages(5))])]);
    expect(resumed.connectors[0]?.steps).toMatchObject([{ extracted: 6, inserted: 6 }]);
  });

  test("is interrupted, not failed, when the interruption ends a wait inside a step", async () => {
    const controller = new AbortController();
    const waiting: Extract = async function* ({ signal }) {
      controller.abort(new Error("Ctrl-C"));
      signal.throwIfAborted();
      yield { records: [] };
    };
    const report = await run(database(), [connector([step(waiting)])], { signal: controller.signal });
    expect(report.connectors).toMatchObject([{ status: "interrupted" }]);
  });

  test("puts records that cannot be understood or stored into quarantine and goes on", async () => {
    const hostile: unknown[] = [
      { id: "ok-1", n: 1 },
      { id: 7, n: "many" },
      null,
      "text",
      { id: "surrogate-\ud800", n: 1 },
      JSON.parse('{"id":"proto","n":"x","__proto__":{"polluted":true}}'),
      { id: "throws", n: 13 },
      { id: "nan", n: Number.NaN },
      JSON.parse(`${'{"id":'.repeat(20_000)}1${"}".repeat(20_000)}`),
      { id: "large", n: "x".repeat(17 * 1024 * 1024) },
      { id: "too-large", n: 17 },
      { id: "ok-2", n: 2 },
    ];
    const source = connector([
      step(pages({ records: hostile, checkpoint: { page: 1 } }), {
        transform(thing) {
          if (thing.n === 13) {
            throw new Error("thirteen is\nnot a number for source-secret-key");
          }
          const document = toThing(thing);
          return thing.n === 17 ? { ...document, data: "x".repeat(17 * 1024 * 1024) } : document;
        },
      }),
    ]);
    const report = await run(database(), [source], { runId: "run-1" });
    expect(report.connectors).toMatchObject([
      { status: "failed", steps: [{ extracted: 12, inserted: 2, rejected: 10 }] },
    ]);
    const rejected = await database().all("etl_rejected");
    expect(rejected).toHaveLength(10);
    for (const document of rejected) {
      expect(document).toMatchObject({ connector: "source", step: "things", run_id: "run-1", times: 1 });
      expect(document.reason).toMatch(/^[^\n]+$/);
      expect(document.first_seen_at).toEqual(document.last_seen_at);
    }
    const reasonOf = (text: string) => rejected.find(({ raw }) => String(raw).includes(text))?.reason;
    expect(reasonOf('"many"')).toMatch(/id: .*string.*; n: .*number/);
    expect(reasonOf('"throws"')).toBe("thirteen is not a number for [redacted]");
    expect(reasonOf("surrogate-\\ud800")).toMatch(/surrogate pair/);
    expect(reasonOf('"too-large"')).toMatch(/16 MB/);
    expect(rejected.find(({ raw }) => String(raw).includes("__proto__"))?.raw).toBe(
      '{"id":"proto","n":"x","__proto__":{"polluted":true}}',
    );
    const large = rejected.find(({ raw_length }) => raw_length > 17_000_000);
    expect(String(large?.raw)).toHaveLength(2_000_000);
    expect(await checkpointOf(database())).toBe('{"page":1}');

    await run(database(), [source], { runId: "run-2", full: true });
    const again = await database().all("etl_rejected");
    expect(again).toHaveLength(10);
    expect(again[0]).toMatchObject({ run_id: "run-2", times: 2 });
  });

  test("marks what is no longer listed, and brings it back", async () => {
    const listing = (...listed: string[]) => ({
      collection: "things",
      scope: { "data.id": "1" },
      listed: new Set(listed),
      isSuperseded: () => false,
    });
    const records = [
      { id: "1", n: 1 },
      { id: "2", n: 1 },
    ];
    const source = (...list: Page[]) => [connector([step(pages(...list))])];
    await run(database(), source({ records, listings: [listing("1")] }));
    const gone = await run(database(), source({ records: [], listings: [listing("other")] }));
    expect(gone.connectors[0]?.steps).toMatchObject([{ withdrawn: 1, superseded: 0 }]);
    expect(await database().all("things")).toMatchObject([
      { _id: "1", removed_reason: "withdrawn", removed_at: expect.any(Date) },
      { _id: "2", removed_at: null },
    ]);
    const back = await run(database(), source({ records, listings: [listing("1")] }));
    expect(back.connectors[0]?.steps).toMatchObject([{ updated: 1, unchanged: 1, withdrawn: 0 }]);
  });

  test("a dry run neither keeps files nor touches those of other runs", async () => {
    const kept = await mkdtemp(join(tmpdir(), "files-folder-"));
    onTestFinished(() => rm(kept, { recursive: true }));
    const folders: string[] = [];
    const downloads = connector([
      step(async function* ({ filesFolder }) {
        folders.push(filesFolder);
        await rm(join(filesFolder, "download"), { force: true });
        await mkdir(filesFolder, { recursive: true });
        await writeFile(join(filesFolder, "another"), "");
        yield { records: [] };
      }),
    ]);
    await writeFile(join(kept, "download"), "");
    await run(database(), [downloads], { dryRun: true, filesFolder: kept });
    expect(await readdir(kept)).toEqual(["download"]);
    expect(folders.map((folder) => existsSync(folder))).toEqual([false]);
    await run(database(), [downloads], { filesFolder: kept });
    expect(await readdir(kept)).toEqual(["another"]);
  });

  test("writes nothing in a dry run, and counts what a run would do", async () => {
    const listings = [
      {
        collection: "things",
        scope: {},
        listed: new Set(["1-a"]),
        isSuperseded: (id: string) => id === "1-b",
      },
    ];
    await run(database(), [connector([step(numberedPages(1))])]);
    const before = await database().dump();
    database().commands.splice(0);
    const records = [{ id: "1-a", n: 1 }, { id: "1-b", n: 7 }, { id: "new", n: 7 }, "bad"];
    const changed = connector([
      step(pages({ records, checkpoint: { page: 9 }, listings }), {
        indexes: [{ a: 1 }],
      }),
    ]);
    for (const full of [false, true]) {
      const report = await run(database(), [changed], { dryRun: true, full });
      expect(report).toMatchObject({
        status: "ok",
        connectors: [
          {
            steps: [
              {
                extracted: 4,
                inserted: 1,
                updated: 1,
                unchanged: 1,
                superseded: 1,
                withdrawn: 0,
                rejected: 1,
              },
            ],
          },
        ],
      });
    }
    expect(database().commands.filter(({ name }) => writeCommands.has(name))).toEqual([]);
    expect(await database().dump()).toBe(before);
  });

  describe("with a quota", () => {
    /** A connector that may send 5 requests, and a run of it that sends as many as it can, up to 10. */
    async function startUpstream() {
      const { origin, requests } = await startHttpServer((response) => response.end("[]"));
      const asking = step(async function* ({ http }) {
        for (let sent = 0; sent < 10; sent += 1) {
          await http.request(origin);
          yield { records: [{ id: String(requests.length), n: 1 }], checkpoint: { page: requests.length } };
        }
      });
      const source = connector([asking], { http: () => ({ quota: { requests: 5, windowMs: 600_000 } }) });
      return async (options: Partial<RunConnectorsOptions> = {}) => {
        const interrupt = new AbortController();
        const before = requests.length;
        const report = await run(database(), [source], {
          signal: interrupt.signal,
          onEvent: ({ type }) => type === "waiting" && interrupt.abort(),
          ...options,
        });
        return { status: report.status, sent: requests.length - before };
      };
    }

    test("a dry run sends what is left of it, and writes nothing, so that the next run does not know", async () => {
      const send = await startUpstream();
      const interrupt = new AbortController();
      let pages = 0;
      const onEvent = ({ type }: RunEvent) => {
        pages += Number(type === "page-loaded");
        return pages === 3 && interrupt.abort();
      };
      // The fourth page is read while the third one is stored.
      expect(await send({ signal: interrupt.signal, onEvent })).toEqual({ status: "interrupted", sent: 4 });
      const before = await database().dump();
      database().commands.splice(0);
      expect(await send({ dryRun: true })).toEqual({ status: "interrupted", sent: 1 });
      expect(database().commands.filter(({ name }) => writeCommands.has(name))).toEqual([]);
      expect(await database().dump()).toBe(before);
      expect((await send()).sent).toBe(1);
    });

    test("a dry run waits where the runs before have used it up", async () => {
      const send = await startUpstream();
      expect((await send()).sent).toBe(5);
      expect(await send({ dryRun: true })).toEqual({ status: "interrupted", sent: 0 });
    });

    test("a dry run leaves a database that is not there as it is: not there", async () => {
      const send = await startUpstream();
      expect((await send({ dryRun: true, full: true })).sent).toBe(5);
      expect(await database().dump()).toBe("[]");
    });
  });

  test("fails one connector with a one-line reason, runs none of its later steps, and runs the others", async () => {
    const failing = connector(
      [
        step(async function* () {
          yield { records: [{ id: "1", n: 1 }], checkpoint: { page: 1 } };
          throw new Error("the upstream\n  said source-secret-key is wrong");
        }, into("failed")),
        step(numberedPages(1), { name: "later" }),
      ],
      { name: "failing" },
    );
    const broken = connector(
      [
        step(async function* () {
          yield { records: JSON.parse("null").items };
        }, into("broken")),
      ],
      { name: "broken" },
    );
    const skipped = connector([step(numberedPages(1), into("skipped"))], {
      name: "skipped",
      skipReason: () => "SOURCE_KEY is not set: get one at https://example.com/",
    });
    const report = await run(database(), [failing, broken, skipped, connector([step(numberedPages(1))])]);
    expect(report.status).toBe("partial");
    expect(report.connectors).toMatchObject([
      {
        name: "failing",
        status: "failed",
        reason: "things: the upstream said [redacted] is wrong",
        steps: [{ name: "things", extracted: 1, inserted: 1 }],
      },
      {
        name: "broken",
        status: "failed",
        reason: expect.stringMatching(/^things: unexpected error \(TypeError\)/),
      },
      { name: "skipped", status: "skipped", reason: expect.stringContaining("SOURCE_KEY"), steps: [] },
      { name: "source", status: "ok" },
    ]);
  });

  test("is ok when all are ok or skipped, and failed when all that ran failed", async () => {
    const skipped = connector([], { name: "skipped", skipReason: () => "no key" });
    const failing = connector([
      step(async function* () {
        yield await Promise.reject(new Error("no page"));
      }),
    ]);
    expect((await run(database(), [skipped])).status).toBe("ok");
    expect((await run(database(), [skipped, failing])).status).toBe("failed");
  });

  test("logs a stack only at debug, and never a secret", async () => {
    const lines: string[] = [];
    const failing = connector([
      step(async function* () {
        yield await Promise.reject(new Error("source-secret-key is wrong"));
      }),
    ]);
    for (const level of ["info", "debug"] as const) {
      const log = createLogger({
        level,
        secrets: failing.secrets,
        destination: { write: (line) => lines.push(line) },
      });
      await run(database(), [failing], { log });
      expect(lines.join("").includes("run-connectors.test")).toBe(level === "debug");
    }
    expect(lines.join("")).not.toContain("source-secret-key");
  });

  test("lets one of two runs at the same time have the connector, and tells the other who holds it", async () => {
    const gate = deferred();
    const entered = deferred();
    const slow = connector([
      step(async function* () {
        entered.resolve();
        await gate.promise;
        yield { records: [{ id: "1", n: 1 }] };
      }),
    ]);
    const first = run(database(), [slow], { runId: "first" });
    await entered.promise;
    const second = await run(database(), [connector([step(numberedPages(1))])], { runId: "second" });
    gate.resolve();
    expect(second.connectors).toMatchObject([
      {
        status: "failed",
        reason: expect.stringMatching(/run first \(process \d+ on .+until \d{4}-/),
        steps: [],
      },
    ]);
    expect((await first).status).toBe("ok");
    expect((await run(database(), [connector([step(numberedPages(1))])])).status).toBe("ok");
  });

  test("works with a reader and settings inside a step", async () => {
    await run(database(), [connector([step(numberedPages(1))])]);
    const seen: unknown[] = [];
    const reading = step(async function* ({ store, config: settings }) {
      for await (const document of store.find("things", { "data.n": 1 }, { projection: { _id: 1 } })) {
        seen.push(document._id);
      }
      seen.push(settings.SOURCE_KEY, await store.count("things", {}));
      yield { records: [] };
    });
    await run(database(), [connector([reading])]);
    expect(seen).toEqual(["1-a", "1-b", "source-secret-key", 2]);
  });

  test("fails every connector, each with its reason, when the database is gone in the middle", async () => {
    const { uri, store } = database();
    const dying = await openStore({ uri, db: store.db, kind: "mongodb" });
    const source = connector([
      step(async function* ({ store: reader }) {
        yield { records: [{ id: "1", n: 1 }] };
        // Reads wait until the first page is stored.
        await reader.exists("things", {});
        await dying.close();
        yield { records: [{ id: "2", n: 1 }] };
      }),
    ]);
    const report = await run(database(), [source], { store: dying });
    expect(report.connectors).toMatchObject([
      { status: "failed", reason: expect.stringMatching(/^things: .*MongoDB/), steps: [{ inserted: 1 }] },
    ]);
  });

  describe("while another run has the connector", () => {
    const loading = /"source" is being loaded .* by run other/;

    async function hold() {
      const lease = await acquireLease({ store: database().store, connector: "source", runId: "other" });
      onTestFinished(() => lease.release().catch(() => undefined));
      return lease;
    }

    test.each([
      ["fail", "failed", "failed"],
      ["skip", "ok", "skipped"],
      ["wait", "ok", "skipped"],
    ] as const)(
      "%s: the run is %s, the connector %s, and nothing is written",
      async (ifRunning, ...expected) => {
        await hold();
        const sources = [connector([step(numberedPages(1))])];
        const report = await run(database(), sources, { ifRunning, runningWaitMs: 50 });
        expect([report.status, report.connectors[0]?.status]).toEqual(expected);
        expect(report.connectors[0]?.reason).toMatch(loading);
        expect(await database().all("things")).toEqual([]);
      },
    );

    test("wait: loads it as soon as it is free, and says what it waits for", async () => {
      const lease = await hold();
      const events: RunEvent[] = [];
      const report = await run(database(), [connector([step(numberedPages(1))])], {
        ifRunning: "wait",
        onEvent(event) {
          events.push(event);
          if (event.type === "waiting") {
            void lease.release();
          }
        },
      });
      expect(report).toMatchObject({ status: "ok", connectors: [{ status: "ok" }] });
      expect(events.slice(1, 3)).toMatchObject([
        { type: "waiting", reason: "running", message: expect.stringMatching(loading) },
        { type: "resumed" },
      ]);
      expect(await database().all("things")).toHaveLength(2);
    });

    test("wait: ends when it is interrupted", async () => {
      await hold();
      const interrupt = new AbortController();
      const report = await run(database(), [connector([step(numberedPages(1))])], {
        ifRunning: "wait",
        signal: interrupt.signal,
        onEvent: ({ type }) => type === "waiting" && interrupt.abort(),
      });
      expect(report.connectors).toMatchObject([{ status: "interrupted" }]);
    });
  });
});

function deferred() {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** The store with another behaviour of one of its collections. */
function storeWith(store: Store, name: string, change: (collection: Collection) => Collection): Store {
  const database = new Proxy(store.database, {
    get(target, property) {
      if (property === "collection") {
        return (asked: string) => {
          const collection = target.collection(asked);
          return asked === name ? change(collection) : collection;
        };
      }
      return Reflect.get(target, property);
    },
  });
  return { ...store, database };
}

function withFailingUpdate<Target extends object>(collection: Target, id: RegExp): Target {
  return new Proxy(collection, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (property === "updateOne" && typeof value === "function") {
        return (filter: { readonly _id: string }, ...rest: unknown[]) => {
          if (id.test(filter._id)) {
            throw new Error("crashed here");
          }
          return value.call(target, filter, ...rest);
        };
      }
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function withFailingWrites<Target extends object>(collection: Target): Target {
  return new Proxy(collection, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (property === "initializeUnorderedBulkOp") {
        const execute = () => Promise.reject(new Error("crashed here"));
        return () => ({ insert: () => undefined, execute });
      }
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
