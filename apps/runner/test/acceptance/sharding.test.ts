import { readFileSync } from "node:fs";
import {
  createLogger,
  createNotificationState,
  listRejected,
  type RunConnectorsOptions,
  type RunEvent,
  readStatus,
  retryRejected,
  runConnectors,
  type Store,
} from "@cti-connectors/core/host";
import type { FoundDocument } from "@cti-connectors/core/testing";
import { describeOnEmbedded } from "@cti-connectors/dev-kit/describe-on-servers";
import { expect, onTestFinished, test, vi } from "vitest";
import { ioc, openUpstreams } from "../../src/testing/changing-upstreams.js";
import { configureAll } from "../../src/testing/configure-all.js";
import { type Statement, watchStatements } from "../../src/testing/watch-statements.js";

vi.setConfig({ testTimeout: 180_000 });

const guide = readFileSync(new URL("../../../../docs/scale.md", import.meta.url), "utf8");
const writes = new Set(["insert", "update", "delete", "findAndModify"]);

/** The first cells of the table below a heading. */
function tableBelow(heading: string, cells: number): readonly string[] {
  const [, section = ""] = guide.split(`\n### ${heading}\n`);
  const [table = ""] = /^\|.*(?:\n\|.*)*/m.exec(section) ?? [];
  const rows = table.split("\n").slice(2);
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, cells + 1)
      .map((cell) => cell.trim().replaceAll("`", ""))
      .join(" | "),
  );
}

const log = createLogger({ level: "silent", format: "json", destination: { write() {} } });

/** What an earlier version of a connector rejected and this one takes, and a run that was killed. */
async function leaveTraces({ database }: Store): Promise<void> {
  const at = new Date(Date.now() - 3_600_000);
  const raw = JSON.stringify(ioc(9));
  const rejected = {
    connector: "threatfox",
    step: "iocs",
    raw,
    raw_length: raw.length,
    reason: "unknown type",
  };
  await database.collection<FoundDocument>("etl_rejected").insertOne({
    _id: "of an earlier version",
    ...rejected,
    run_id: "a",
    first_seen_at: at,
    last_seen_at: at,
    times: 1,
  });
  const holder = { run_id: "killed", host: "elsewhere", pid: 1, process_id: "b" };
  await database
    .collection<FoundDocument>("etl_runs")
    .insertOne({ _id: "killed", status: "running", holder, started_at: at, heartbeat_at: at });
}

/** Lets a minute pass for timers at the first page, so that heartbeat and lease are renewed. */
function renewAtFirstPage(): (event: RunEvent) => void {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  let isFirst = true;
  return ({ type }) => {
    if (type === "page-loaded" && isFirst) {
      isFirst = false;
      vi.advanceTimersByTime(20_000);
    }
  };
}

const sorted = (rows: Iterable<string>) => [...new Set(rows)].sort();
/** Every collection that a connector loads into is `data`. */
const rowOf = ({ collection, command, filter }: Statement) =>
  `${collection.startsWith("etl_") ? collection : "data"} | ${command} | ${filter === "" ? "everything" : filter}`;

describeOnEmbedded("on a sharded cluster", (openDatabase) => {
  test("docs/scale.md lists every write and every read that shards share, and each write names one _id", async () => {
    const { environment, change } = await openUpstreams();
    const store = await openDatabase();
    await leaveTraces(store);
    const statements = watchStatements(store);

    const run = async (options: Partial<RunConnectorsOptions> = {}, settings = {}) => {
      const report = await runConnectors({
        store,
        log,
        connectors: configureAll({ ...environment, ...settings }),
        ...options,
      });
      expect(report.connectors.map(({ status, reason }) => reason ?? status)).toEqual([
        "ok",
        "ok",
        "ok",
        "ok",
      ]);
      return report.connectors.flatMap(({ steps }) => steps);
    };
    const first = await run({ onEvent: renewAtFirstPage() });
    expect(first.some(({ rejected }) => rejected > 0)).toBe(true);
    await change();
    const second = await run();
    for (const kind of ["inserted", "updated", "superseded", "withdrawn"] as const) {
      expect(
        second.some((step) => step[kind] > 0),
        kind,
      ).toBe(true);
    }
    await run({ full: true });
    await run({}, { THREATFOX_BACKFILL: environment.THREATFOX_EXPORT_URL });
    await readStatus({ store, connectors: configureAll(environment) });
    await listRejected({ store });
    const retried = await retryRejected({ store, connectors: configureAll(environment) });
    expect(retried.map(({ loaded, rejected }) => [loaded, rejected])).toContainEqual([1, 2]);
    const delivered = { from: undefined, to: "failing" };
    expect(await createNotificationState(store).notify("failing/a", delivered, async () => {})).toBe(true);

    const written = statements.filter(({ command }) => writes.has(command));
    expect(written.filter(({ isTargeted }) => !isTargeted)).toEqual([]);
    expect(sorted(tableBelow("Writes", 3))).toEqual(sorted(written.map(rowOf)));
    const scattered = statements.filter((one) => !writes.has(one.command) && !one.filter.startsWith("_id"));
    const explained = scattered.map(async (one) => `${rowOf(one)} | ${await indexFor(one, store)}`);
    expect(sorted(tableBelow("Reads that go to every shard", 4))).toEqual(
      sorted(await Promise.all(explained)),
    );
  });
});

/** The index that finds the documents of a filter, as the embedded database explains it. */
async function indexFor({ collection, query }: Statement, { database }: Store): Promise<string> {
  const plan = await database.collection(collection).find(query).explain();
  return /"indexName":"([^"]+)"/.exec(JSON.stringify(plan))?.[1] ?? "none";
}
