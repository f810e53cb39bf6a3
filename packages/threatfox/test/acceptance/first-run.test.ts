import type { RunConnectorsOptions, Store } from "@cti-connectors/core/host";
import { storedIn } from "@cti-connectors/core/testing";
import { describeOnEmbedded } from "@cti-connectors/dev-kit/describe-on-servers";
import { startSandbox, type ThreatfoxRecord } from "@cti-connectors/sandbox";
import { expect, onTestFinished, test, vi } from "vitest";
import { runThreatfox, stopAfter } from "../../src/testing/run-threatfox.js";
import { openWorld } from "../../src/testing/world.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const hourMs = 3_600_000;
const start = new Date("2026-03-01T00:00:00Z");
const recordsToAsk = 2_500;
const olderRecords = 200;

/** So many that the API's answer takes three pages, and older ones that only the full export holds. */
const records: readonly ThreatfoxRecord[] = Array.from(
  { length: recordsToAsk + olderRecords },
  (_, index) => {
    const hours = index < recordsToAsk ? 1 + (index % 60) : 24 * 30;
    const firstSeen = new Date(start.getTime() - hours * hourMs).toISOString();
    return {
      id: String(index + 1),
      ioc: `c${index}.example.com`,
      ioc_type: "domain",
      threat_type: "botnet_cc",
      first_seen: `${firstSeen.slice(0, 10)} ${firstSeen.slice(11, 19)} UTC`,
      last_seen: null,
      tags: null,
    };
  },
);

describeOnEmbedded("a first run that is interrupted", (openDatabase) => {
  async function open() {
    let now = start;
    const sandbox = await startSandbox({ attackFiles: [], threatfoxRecords: records, now: () => now });
    onTestFinished(() => sandbox.close());
    const environment = {
      API_URL: sandbox.threatfoxUrl,
      THREATFOX_API_KEY: sandbox.authKey,
      THREATFOX_EXPORT_URL: sandbox.threatfoxExportUrl,
    };
    return {
      wait(ms: number) {
        now = new Date(now.getTime() + ms);
      },
      async run(store: Store, options: Partial<RunConnectorsOptions> = {}) {
        const before = sandbox.requests.length;
        const { connector } = await runThreatfox(store, environment, { now: () => now, ...options });
        const asked = sandbox.requests
          .slice(before)
          .flatMap(({ method, url, body }) =>
            method === "GET" ? [url] : body?.includes("get_iocs") ? [body] : [],
          );
        return { connector, asked };
      },
    };
  }

  async function contentOf(store: Store) {
    const documents = await storedIn(store, "threatfox_raw");
    return documents.map(({ _id, data, enriched, content_hash }) => ({ _id, data, enriched, content_hash }));
  }

  let undisturbed: ReturnType<typeof contentOf> | undefined;

  /** Loads only once what several tests compare with. */
  function contentOfUndisturbed(run: (store: Store) => Promise<unknown>): ReturnType<typeof contentOf> {
    undisturbed ??= openDatabase().then(async (store) => {
      await run(store);
      return contentOf(store);
    });
    return undisturbed;
  }

  test.each([0, 1, 2, 3])("after page %d is gone on with, and no export is loaded", async (pages) => {
    const { run, wait } = await open();
    const expected = await contentOfUndisturbed(run);
    expect(expected).toHaveLength(recordsToAsk);

    const store = await openDatabase();
    expect((await run(store, stopAfter(pages))).connector.status).toBe("interrupted");
    expect(await store.database.collection("threatfox_raw").countDocuments()).toBe(
      Math.min(pages * 1_000, recordsToAsk),
    );
    wait(60_000);
    const { connector, asked } = await run(store);
    expect(connector.status).toBe("ok");
    expect(asked).toEqual(['{"query":"get_iocs","days":3}']);
    expect(await contentOf(store)).toEqual(expected);
  });

  test("by a kill, with a part of a page stored and nothing saved since, is gone on with", async () => {
    const { run } = await open();
    const store = await openDatabase();
    await run(store, stopAfter(1));
    await store.database.collection("threatfox_raw").deleteMany({ _id: /7$/u });
    const { connector, asked } = await run(store);
    expect(connector.status).toBe("ok");
    expect(asked).toEqual(['{"query":"get_iocs","days":3}']);
    expect(await contentOf(store)).toHaveLength(recordsToAsk);
  });

  test("twice, and for good only days later, misses nothing in between", async () => {
    const world = await openWorld(await openDatabase());
    onTestFinished(() => world.close());
    await world.run(stopAfter(0));
    const begun = world.now;
    world.wait(20 * hourMs);
    expect((await world.run(stopAfter(0))).asked).toEqual(["get_iocs 4"]);
    world.wait(10 * hourMs);
    expect((await world.run()).asked).toEqual(["get_iocs 5"]);
    const documents = await world.documents();
    const from = new Date(begun.getTime() - 72 * hourMs);
    expect(world.feed.idsBetween(from, world.now).filter((id) => !documents.has(id))).toEqual([]);
  });

  test("and continued only after the API's memory has passed fills the gap", async () => {
    const world = await openWorld(await openDatabase());
    onTestFinished(() => world.close());
    await world.run(stopAfter(0));
    const begun = world.now;
    world.wait(9 * 24 * hourMs);
    expect((await world.run()).asked).toEqual(["GET /export/json/full/", "get_iocs 7"]);
    const documents = await world.documents();
    expect(world.feed.idsBetween(begun, world.now).filter((id) => !documents.has(id))).toEqual([]);
  });
});
