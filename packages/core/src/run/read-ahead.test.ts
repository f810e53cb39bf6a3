import { expect, test } from "vitest";
import { z } from "zod";
import { configureConnector } from "../connector/configure-connector.js";
import type { StepDefinition } from "../connector/connector.js";
import { defineConnector, stepFor } from "../connector/define-connector.js";
import type { HttpSettings } from "../http/http-client.js";
import { createLogger } from "../log/create-logger.js";
import { openStore } from "../store/open-store.js";
import { startHttpServer } from "../testing/http-server.js";
import { describeOnMongo, type TestDatabase } from "../testing/mongo-servers.js";
import { type RunConnectorsOptions, runConnectors } from "./run-connectors.js";

const config = z.object({});
const record = z.object({ id: z.string(), n: z.number() });
const checkpoint = z.object({ page: z.number() });
type Extract = StepDefinition<z.output<typeof config>, typeof record, z.output<typeof checkpoint>>["extract"];

interface Source {
  readonly onTransform?: (id: string) => void;
  readonly http?: HttpSettings;
}

function stepNamed(name: string, extract: Extract, onTransform?: Source["onTransform"]) {
  return stepFor({ config })({
    name,
    summary: "",
    needs: [],
    collection: name,
    record,
    checkpoint,
    extract,
    transform({ id, n }) {
      onTransform?.(id);
      return { _id: id, data: { n } };
    },
  });
}

function connectorOf(steps: readonly ReturnType<typeof stepNamed>[], http: HttpSettings = {}) {
  const source = defineConnector({ name: "source", summary: "", config, http: () => http, steps });
  return configureConnector(source, {});
}

function loading(extract: Extract, { onTransform, http }: Source = {}) {
  return connectorOf([stepNamed("things", extract, onTransform)], http);
}

/** Records with the ids `<page>-0`, `<page>-1` and so on. */
function recordsOf(page: number, count = 2) {
  return Array.from({ length: count }, (_, index) => ({ id: `${page}-${index}`, n: page }));
}

function run(
  { store }: Pick<TestDatabase, "store">,
  connector: ReturnType<typeof loading>,
  options: Partial<RunConnectorsOptions> = {},
) {
  const log = createLogger({ level: "silent" });
  // On a busy machine, an independent server needs more than the 6 s for the rest of an interrupted run.
  const patient = { http: { retries: 0 }, graceMs: 60_000 };
  return runConnectors({ connectors: [connector], store, log, ...patient, ...options });
}

function rejectWhenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) {
      abort();
    }
  });
}

describeOnMongo("a step that reads ahead", (database) => {
  const savedPage = async () => {
    const state = await database().all("etl_state");
    return state.find(({ _id }) => String(_id) === "checkpoint/source/things")?.value;
  };
  const storedIds = async () => (await database().all("things")).map(({ _id }) => String(_id));

  /** Runs a step that yields one page after the other, and tells what happened in which order. */
  async function follow(pages: readonly (Parameters<typeof yieldPage>[0] | "checkpoint")[], overlap = true) {
    const happened: string[] = [];
    const extract: Extract = async function* () {
      for (const [index, page] of pages.entries()) {
        happened.push(`read ${index + 1}`);
        yield page === "checkpoint" ? { checkpointOnly: { page: index + 1 } } : yieldPage(page, index + 1);
      }
      happened.push("end");
    };
    const report = await run(database(), loading(extract), {
      overlap,
      onEvent: ({ type }) => type === "page-loaded" && happened.push("stored"),
    });
    return { happened, report };
  }

  function yieldPage(page: "records" | "listing" | "listings" | "empty" | "rejected", number: number) {
    const records = page === "empty" ? [] : recordsOf(number, 10);
    const listed = { lists: records.map(({ id }) => id) };
    const listings = { listings: [{ listed: new Set(listed.lists), scope: { "data.n": "none" } }] };
    return {
      records: page === "rejected" ? records.map(({ id }) => ({ id })) : records,
      ...(page === "listing" && listed),
      ...(page === "listings" && listings),
      checkpoint: { page: number },
    };
  }

  test("goes on to the next page while one is stored", async () => {
    const { happened, report } = await follow(["records", "records", "records"]);
    expect(happened).toEqual(["read 1", "read 2", "stored", "read 3", "stored", "end", "stored"]);
    expect(report.connectors).toMatchObject([{ status: "ok", steps: [{ inserted: 30 }] }]);
    expect(await savedPage()).toBe('{"page":3}');
  });

  test.each(["listing", "listings", "empty", "checkpoint"] as const)(
    "waits until a page is stored that is $0",
    async (page) => {
      const { happened } = await follow([page, "records"]);
      expect(happened).toEqual(["read 1", "stored", "read 2", "end", "stored"]);
    },
  );

  test("does nothing ahead where LOAD_OVERLAP is off", async () => {
    const { happened } = await follow(["records", "records"], false);
    expect(happened).toEqual(["read 1", "stored", "read 2", "stored", "end"]);
  });

  test.each([true, false])(
    "stops after three pages of which nothing can be stored, and has not read a fourth one: overlap %s",
    async (overlap) => {
      const pages = ["rejected", "rejected", "rejected", "rejected"] as const;
      const { happened, report } = await follow(pages, overlap);
      expect(happened.filter((what) => what.startsWith("read"))).toEqual(["read 1", "read 2", "read 3"]);
      expect(happened.filter((what) => what === "stored")).toHaveLength(3);
      expect(report.connectors).toMatchObject([{ status: "failed", steps: [{ rejected: 30 }] }]);
      expect(await savedPage()).toBeUndefined();
    },
  );

  test("finds in the store what it has yielded", async () => {
    const found: unknown[] = [];
    const extract: Extract = async function* ({ store }) {
      const earlier = store.find("things", {}, { sort: { _id: 1 } })[Symbol.asyncIterator]();
      yield { records: recordsOf(1, 1_500) };
      found.push(await store.count("things", {}));
      yield { records: recordsOf(2) };
      found.push(await store.exists("things", { _id: "2-1" }));
      yield { records: recordsOf(3) };
      for (let next = await earlier.next(); next.done !== true; next = await earlier.next()) {
        found.push(next.value._id);
      }
    };
    await run(database(), loading(extract));
    expect(found.slice(0, 2)).toEqual([1_500, true]);
    expect(found.slice(2)).toHaveLength(1_504);
  });

  test("fails when the page before is stored and its checkpoint is saved", async () => {
    const extract: Extract = async function* () {
      yield { records: recordsOf(1), checkpoint: { page: 1 } };
      throw new Error("the upstream is gone");
    };
    const { connectors } = await run(database(), loading(extract));
    expect(connectors).toMatchObject([
      { status: "failed", reason: "things: the upstream is gone", steps: [{ inserted: 2 }] },
    ]);
    expect(await savedPage()).toBe('{"page":1}');
  });

  test("is ended without the page that it read ahead when it is interrupted, and resumes there", async () => {
    const interrupt = new AbortController();
    const ended: string[] = [];
    const extract: Extract = async function* ({ checkpoint: saved, signal }) {
      try {
        for (let page = (saved?.page ?? 0) + 1; page <= 3; page += 1) {
          if (page === 3) {
            interrupt.abort(new Error("Ctrl-C"));
          }
          yield { records: recordsOf(page), checkpoint: { page } };
        }
      } finally {
        ended.push(signal.aborted ? "interrupted" : "finished");
      }
    };
    const report = await run(database(), loading(extract), { signal: interrupt.signal });
    expect(report).toMatchObject({ status: "interrupted", connectors: [{ steps: [{ extracted: 4 }] }] });
    expect(ended).toEqual(["interrupted"]);
    expect(await storedIds()).toEqual(["1-0", "1-1", "2-0", "2-1"]);
    expect(await savedPage()).toBe('{"page":2}');

    const resumed = await run(database(), loading(extract));
    expect(resumed).toMatchObject({ status: "ok", connectors: [{ steps: [{ extracted: 2 }] }] });
    expect(await storedIds()).toHaveLength(6);
  });

  test.each(["upstream", "store"])(
    "ends when it is interrupted while it waits for the %s",
    async (awaited) => {
      const interrupt = new AbortController();
      const ended: string[] = [];
      const extract: Extract = async function* ({ signal, store }) {
        try {
          yield { records: recordsOf(1), checkpoint: { page: 1 } };
          interrupt.abort(new Error("Ctrl-C"));
          await (awaited === "store" ? store.count("things", {}) : rejectWhenAborted(signal));
          ended.push("went on");
        } finally {
          ended.push("closed");
        }
      };
      const report = await run(database(), loading(extract), { signal: interrupt.signal });
      expect(report).toMatchObject({ status: "interrupted", connectors: [{ steps: [{ extracted: 2 }] }] });
      expect(ended).toEqual(["closed"]);
      expect(await savedPage()).toBe('{"page":1}');
    },
  );

  test("does not wait for its quota where the page before cannot be stored", async () => {
    const { uri, store } = database();
    const dying = await openStore({ uri, db: store.db, kind: "mongodb" });
    const { origin, requests } = await startHttpServer((response) => response.end("[]"));
    const extract: Extract = async function* ({ http }) {
      for (let page = 1; page <= 2; page += 1) {
        await http.request(origin);
        yield { records: recordsOf(page, 3_000) };
      }
    };
    const source = loading(extract, { http: { quota: { requests: 1, windowMs: 3_600_000 } } });
    const { connectors } = await run({ store: dying }, source, {
      onEvent: ({ type }) => type === "waiting" && void dying.close(),
    });
    expect(connectors).toMatchObject([
      { status: "failed", reason: expect.stringMatching(/^things: .*MongoDB/) },
    ]);
    expect(requests).toHaveLength(1);
  });

  test("may change its own objects while a page of them is stored", async () => {
    const interrupt = new AbortController();
    const extract: Extract = async function* () {
      const progress = { page: 1 };
      const records = recordsOf(1, 2_500);
      const missing = ["one"];
      const facts = { pages: 1 };
      yield { records, checkpoint: progress, missing, facts };
      progress.page = 2;
      facts.pages = 2;
      missing.push("another");
      records.splice(0, 2, ...recordsOf(2));
      interrupt.abort(new Error("Ctrl-C"));
    };
    const report = await run(database(), loading(extract), { signal: interrupt.signal });
    expect(report.connectors).toMatchObject([{ steps: [{ missing: ["one"], facts: { pages: 1 } }] }]);
    expect(await storedIds()).toEqual(expect.arrayContaining(["1-0", "1-1", "1-2499"]));
    expect(await storedIds()).toHaveLength(2_500);
    expect(await savedPage()).toBe('{"page":1}');
  });

  test("leaves the reads of later steps alone where its page cannot be stored", async () => {
    const found: unknown[] = [];
    const broken = stepNamed("things", async function* () {
      yield { records: recordsOf(1) };
      yield { records: recordsOf(2) };
    });
    const later = stepNamed("later", async function* ({ store }) {
      found.push(await store.count("things", {}));
      yield { records: [] };
    });
    const { connectors } = await run(database(), connectorOf([broken, later]), {
      onEvent(event) {
        if (event.type === "page-loaded" && event.step === "things") {
          throw new Error("the progress cannot be shown");
        }
      },
    });
    expect(found).toEqual([2]);
    expect(connectors).toMatchObject([{ status: "failed", reason: "things: the progress cannot be shown" }]);
  });

  test("has two slices of documents prepared at most, across pages too", async () => {
    let transformed = 0;
    let pagesRead = 0;
    const ahead: { readonly pagesRead: number; readonly transformed: number }[] = [];
    const extract: Extract = async function* () {
      for (let page = 1; page <= 2; page += 1) {
        pagesRead += 1;
        yield { records: recordsOf(page, 2_500) };
      }
    };
    const onTransform = () => {
      transformed += 1;
    };
    await run(database(), loading(extract, { onTransform }), {
      onEvent: ({ type }) => type === "batch-stored" && ahead.push({ pagesRead, transformed }),
    });
    const mostTransformed = [2_000, 2_500, 3_500, 4_500, 5_000, 5_000];
    expect(ahead).toHaveLength(6);
    for (const [index, most] of mostTransformed.entries()) {
      expect(ahead[index]).toEqual({ pagesRead: 2, transformed: expect.toSatisfy((n) => n <= most) });
    }
    // While the last slice of the first page was stored.
    expect(ahead[2]?.transformed).toBeGreaterThan(2_500);
  });
});
