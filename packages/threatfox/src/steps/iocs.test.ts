import type { CheckpointValue, ExtractedPage, JsonValue, Logger } from "@cti-connectors/core";
import { configureConnector, createHttpClient, parseConfig } from "@cti-connectors/core/host";
import { describe, expect, onTestFinished, test } from "vitest";
import { threatfoxConfig } from "../config/threatfox-config.js";
import { serveAnswers } from "../testing/serve-answers.js";
import { threatfox } from "../threatfox.js";
import { iocs } from "./iocs.js";

const silent = () => {};
const log: Logger = { debug: silent, info: silent, warn: silent, error: silent };
const now = new Date("2026-01-05T12:00:00Z");

async function extract(answer: JsonValue, days: string) {
  const { url, requests, close } = await serveAnswers({ body: JSON.stringify(answer) });
  onTestFinished(close);
  const environment = { API_URL: url, THREATFOX_API_KEY: "abcd", QUERY_DAYS: days };
  const config = parseConfig(threatfoxConfig, environment);
  const { signal } = new AbortController();
  const pages = iocs.extract({
    config,
    http: createHttpClient({ settings: {}, log, signal }),
    checkpoint: undefined,
    store: {
      async *find() {},
      count: async () => 0,
      exists: async () => false,
    },
    log,
    signal,
    filesFolder: "",
    now: () => now,
    session: async () => undefined,
  });
  return { pages, requests };
}

async function collect<Page>(pages: AsyncIterable<Page>): Promise<Page[]> {
  const all: Page[] = [];
  for await (const page of pages) {
    all.push(page);
  }
  return all;
}

const recordsOf = (page: ExtractedPage<CheckpointValue>) => ("records" in page ? page.records : []);
const checkpointOf = (page: ExtractedPage<CheckpointValue>) =>
  "records" in page ? page.checkpoint : page.checkpointOnly;

const records = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: String(index + 1), ioc: `c${index}.example` }));

const asked = {
  collection: "threatfox_raw",
  queried_at: now.toISOString(),
  refreshed_at: now.toISOString(),
};

const begun = { collection: "threatfox_raw", first_query: { at: now.toISOString(), days: 3 } };

describe("extract", () => {
  test("yields pages with the total, and the checkpoint after the last of them", async () => {
    const { pages, requests } = await extract({ query_status: "ok", data: records(2500) }, "5");
    const all = await collect(pages);
    expect(all.map((page) => [recordsOf(page).length, page.total, checkpointOf(page)])).toEqual([
      // That it was begun is remembered before any of it is stored.
      [0, 2500, { ...begun, first_query: { ...begun.first_query, days: 5 } }],
      [1000, 2500, undefined],
      [1000, 2500, undefined],
      [500, 2500, undefined],
      [0, 2500, { ...asked, days: 5 }],
    ]);
    expect(all.flatMap(recordsOf)).toEqual(records(2500));
    expect(requests.map(({ body }) => body)).toEqual(['{"query":"get_iocs","days":5}']);
  });

  test("an empty answer is a successful query", async () => {
    const { pages } = await extract({ query_status: "no_result", data: null }, "3");
    expect(await collect(pages)).toEqual([{ checkpointOnly: { ...asked, days: 3 }, total: 0 }]);
  });

  test("a refused query yields nothing, least of all a checkpoint", async () => {
    const { pages } = await extract({ query_status: "unknown_auth_key" }, "3");
    await expect(collect(pages)).rejects.toThrow(/THREATFOX_API_KEY/u);
  });

  test("an interrupted first run only remembers that it was begun", async () => {
    const { pages } = await extract({ query_status: "ok", data: records(2500) }, "3");
    const seen: number[] = [];
    const checkpoints: unknown[] = [];
    for await (const page of pages) {
      checkpoints.push(checkpointOf(page));
      seen.push(recordsOf(page).length);
      // As core does once the run is interrupted.
      if (recordsOf(page).length > 0) {
        break;
      }
    }
    expect(seen).toEqual([0, 1000]);
    expect(checkpoints).toEqual([begun, undefined]);
  });
});

describe("process", () => {
  const config = parseConfig(threatfoxConfig, { COLLECTION_NAME: "intel" });

  test("makes one document with ThreatFox's id and the record as received", () => {
    const raw = { ioc: "C2.example", id: 42, ioc_type: "domain", unknown: { deep: [null] } };
    const documents = iocs.process(raw, { config });
    expect(documents).toMatchObject([{ _id: "42", enriched: { indicator: { host: "c2.example" } } }]);
    expect(documents[0]?.data).toBe(raw);
  });

  test("refuses a record without an id", () => {
    expect(() => iocs.process({ ioc: "c2.example" }, { config })).toThrow(/id must be/u);
  });

  test("loads into the collection that has the indexes", () => {
    const [step] = configureConnector(threatfox, config).steps;
    expect(step?.collection).toMatchObject({
      name: "intel",
      indexes: expect.arrayContaining([{ "enriched.indicator.host": 1, "enriched.first_seen": 1 }]),
    });
  });
});
