import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunConnectorsOptions, Store } from "@cti-connectors/core/host";
import type { TestRun } from "@cti-connectors/core/testing";
import { storedIn } from "@cti-connectors/core/testing";
import { type LoggedRequest, type Sandbox, startSandbox } from "@cti-connectors/sandbox";
import { expect } from "vitest";
import { z } from "zod";
import { runThreatfox } from "./run-threatfox.js";
import { type SimulatedFeed, simulateFeed } from "./simulated-feed.js";

const dayMs = 86_400_000;
export const queryDays = 3;
export const firstRun = new Date("2026-01-10T00:00:00Z");

const queryBody = z.object({ query: z.string(), days: z.number().optional() });
const iocDocument = z.looseObject({
  _id: z.string(),
  data: z.looseObject({}),
  removed_at: z.null(),
  history: z.array(z.looseObject({ fields: z.array(z.string()) })).optional(),
});

/** ThreatFox and a connector, with one clock for both. */
export interface World {
  readonly feed: SimulatedFeed;
  readonly sandbox: Sandbox;
  readonly now: Date;
  wait(ms: number): void;
  run(
    options?: Partial<Omit<RunConnectorsOptions, "connectors" | "log">>,
  ): Promise<TestRun & { readonly asked: readonly string[] }>;
  /** By id. */
  documents(): Promise<ReadonlyMap<string, z.output<typeof iocDocument>>>;
  close(): Promise<void>;
}

/**
 * The feed begins four weeks before the first run. Neither the full nor the recent export is loaded but for a gap, where `settings` do not
 * say otherwise.
 */
export async function openWorld(
  store: Store,
  settings: Readonly<Record<string, string>> = {},
): Promise<World> {
  const feed = simulateFeed(new Date(firstRun.getTime() - 28 * dayMs), 400);
  let now = firstRun;
  const sandbox = await startSandbox({ attackFiles: [], threatfoxRecords: [], now: () => now });
  const downloads = await mkdtemp(join(tmpdir(), "outage-test-"));
  const environment = {
    API_URL: sandbox.threatfoxUrl,
    THREATFOX_API_KEY: sandbox.authKey,
    THREATFOX_EXPORT_URL: sandbox.threatfoxExportUrl,
    THREATFOX_DOWNLOAD_DIR: downloads,
    QUERY_DAYS: String(queryDays),
    THREATFOX_REFRESH_DAYS: "0",
    THREATFOX_RECENT_HOURS: "0",
    THREATFOX_RECENT_URL: new URL("/export/json/recent/", sandbox.threatfoxUrl).href,
    ...settings,
  };
  return {
    feed,
    sandbox,
    get now() {
      return now;
    },
    wait(ms) {
      now = new Date(now.getTime() + ms);
    },
    async run(options = {}) {
      sandbox.publish(feed.recordsAt(now));
      const before = sandbox.requests.length;
      const told = await runThreatfox(store, environment, { now: () => now, ...options });
      return { ...told, asked: sandbox.requests.slice(before).flatMap(describeRequest) };
    },
    async documents() {
      const documents = z.array(iocDocument).parse(await storedIn(store, "threatfox_raw"));
      return new Map(documents.map((document) => [document._id, document]));
    },
    async close() {
      await sandbox.close();
      expect(await readdir(downloads)).toEqual([]);
      await rm(downloads, { recursive: true });
    },
  };
}

/** The lists of malware and types, which are asked for once a day, are no matter here. */
function describeRequest({ method, url, body }: LoggedRequest): readonly string[] {
  if (method !== "POST") {
    return [`${method} ${url}`];
  }
  const { query, days } = queryBody.parse(JSON.parse(body ?? ""));
  return query === "get_iocs" ? [`${query} ${days}`] : [];
}
