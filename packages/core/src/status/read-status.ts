import { z } from "zod";
import type { RequestQuota } from "../config/quota-setting.js";
import type { ConfiguredConnector } from "../connector/configure-connector.js";
import { removedReasons, type StoredDocument } from "../connector/stored-document.js";
import type { OutdatedCollection } from "../documents/find-outdated.js";
import { rejectedCollection } from "../quarantine/quarantine.js";
import { budgetKeyOf, createConnectorBudget } from "../run/connector-budget.js";
import { type ConnectorReport, connectorReport, stepReport } from "../run/run-event.js";
import { isAbandoned, type RunRecord, readServerClock, runsCollection } from "../run/run-ledger.js";
import { type RunPosition, runPosition } from "../run/run-progress.js";
import type { Store } from "../store/open-store.js";
import { runHolder } from "../store/run-holder.js";
import { withStoreRetry } from "../store/with-store-retry.js";
import { readDataState } from "./read-data-state.js";

/** What `runner status` shows. */
export interface Status {
  readonly store: { readonly kind: "embedded" | "mongodb"; readonly db: string; readonly host: string };
  readonly connectors: readonly ConnectorStatus[];
  readonly collections: readonly CollectionStatus[];
  readonly others: OthersStatus;
  /** Records in `etl_rejected`. */
  readonly rejected: number;
}

export interface ConnectorStatus {
  readonly name: string;
  /** The last runs that it had a part in, newest first. */
  readonly runs: readonly RunStatus[];
  /** When its last complete load ended: `loaded_at` of `DataState`. */
  readonly lastOkAt?: Date;
  /** When a part was loaded after that: `part_loaded_at` of `DataState`. */
  readonly partAt?: Date;
  /** Collections in which an older version has stored documents. Absent: none. */
  readonly outdated?: readonly OutdatedCollection[];
  /** Records of it in `etl_rejected`. */
  readonly rejected: number;
  /** Absent: its upstream has no quota. */
  readonly budget?: BudgetStatus;
}

interface BudgetStatus {
  /** The upstream that the quota belongs to. */
  readonly key: string;
  readonly quota: RequestQuota;
  /** Requests that could be sent at this moment without waiting. */
  readonly left: number;
}

export interface RunStatus {
  readonly runId: string;
  /** The outcome of this connector in that run. `interrupted` also if the process was killed. */
  readonly status: "running" | ConnectorReport["status"];
  readonly reason?: string;
  readonly startedAt: Date;
  /** When the whole run finished. Absent while it runs. */
  readonly finishedAt?: Date;
  /** As of a few seconds ago where it runs; how far it came where the process was killed. Absent between its steps. */
  readonly progress?: RunPosition;
  /** Absent while it runs, and where the process was killed. */
  readonly report?: ConnectorReport;
}

interface CollectionStatus {
  readonly name: string;
  readonly documents: number;
  /** Those that the upstream lists now. */
  readonly current: number;
  /** When a document was last inserted, changed or marked as removed. Absent: the collection is empty. */
  readonly newestAt?: Date;
}

/** What is there beside the data of the connectors. */
interface OthersStatus {
  /** Connectors that have run with this database and were not asked about. */
  readonly connectors: readonly string[];
  /** Collections that hold documents. */
  readonly collections: readonly { readonly name: string; readonly documents: number }[];
}

interface ReadStatusOptions {
  readonly store: Store;
  readonly connectors: readonly ConfiguredConnector[];
  readonly now?: () => Date;
  /** How many runs of each connector. Default 3. */
  readonly runs?: number;
}

/** Fields that this version does not know are kept: a report is shown as it was recorded. */
const recordedReport = connectorReport.extend({ steps: z.array(stepReport.loose()).readonly() }).loose();

const runRecord = z.object({
  _id: z.string(),
  status: z.enum(["running", "ok", "partial", "failed", "interrupted"]),
  holder: runHolder,
  started_at: z.date(),
  heartbeat_at: z.date(),
  finished_at: z.date().nullable(),
  progress: runPosition.nullish().catch(null),
  report: z
    .object({ connectors: z.array(recordedReport) })
    .nullable()
    .catch(null),
});

/**
 * Reads what is known of the last runs and of the data. Writes nothing.
 *
 * @throws StoreError where the database fails
 */
export async function readStatus({
  store,
  connectors,
  now = () => new Date(),
  runs = 3,
}: ReadStatusOptions): Promise<Status> {
  const { kind, db, host } = store;
  return withStoreRetry(store, async () => {
    const names = new Set(
      connectors.flatMap(({ steps }) => steps.flatMap((step) => step.collections.map(({ name }) => name))),
    );
    const connectorStatuses: ConnectorStatus[] = [];
    for (const connector of connectors) {
      connectorStatuses.push(await readConnector(connector, store, now, runs));
    }
    const collections: CollectionStatus[] = [];
    for (const name of names) {
      collections.push(await storedIn(store, name));
    }
    const rejected = await store.reader.count(rejectedCollection, {});
    const others = await readOthers(store, { connectors: connectors.map(({ name }) => name), names });
    return { store: { kind, db, host }, connectors: connectorStatuses, collections, others, rejected };
  });
}

async function readConnector(
  connector: ConfiguredConnector,
  store: Store,
  now: () => Date,
  runs: number,
): Promise<ConnectorStatus> {
  const { name } = connector;
  const records = store.database.collection<RunRecord>(runsCollection);
  const last = await records.find({ connectors: name }).sort({ started_at: -1 }).limit(runs).toArray();
  const { loaded_at, part_loaded_at, outdated } = await readDataState(store, connector);
  const { quota } = connector.http;
  const left = await createConnectorBudget(connector, { store, now, dryRun: true })?.remaining();
  const serverTime = await readServerClock(store);
  return {
    name,
    runs: last.flatMap((record) => describeRun(record, name, serverTime, store)),
    ...(loaded_at !== undefined && { lastOkAt: loaded_at }),
    ...(part_loaded_at !== undefined && { partAt: part_loaded_at }),
    ...(outdated !== undefined && { outdated }),
    rejected: await store.reader.count(rejectedCollection, { connector: name }),
    ...(quota !== undefined &&
      left !== undefined && { budget: { key: budgetKeyOf(connector), quota, left } }),
  };
}

/** A record that is not one of ours is left out. */
function describeRun(record: unknown, connector: string, at: Date, store: Store): RunStatus[] {
  const parsed = runRecord.safeParse(record);
  if (!parsed.success) {
    return [];
  }
  const run = parsed.data;
  const isKilled = run.status === "running" && isAbandoned(run, at, store);
  const finishedAt = isKilled ? run.heartbeat_at : run.finished_at;
  const report = run.report?.connectors.find(({ name }) => name === connector);
  const status = report?.status ?? (run.status === "running" && !isKilled ? "running" : "interrupted");
  const reason = report === undefined && status === "interrupted" ? "the process was killed" : report?.reason;
  const progress = report === undefined && run.progress?.connector === connector ? run.progress : undefined;
  return [
    {
      runId: run._id,
      status,
      ...(reason !== undefined && { reason }),
      startedAt: run.started_at,
      ...(finishedAt !== null && { finishedAt }),
      ...(progress !== undefined && { progress }),
      ...(report !== undefined && { report }),
    },
  ];
}

/** @param known connectors, and names of their collections */
async function readOthers(
  { database }: Store,
  known: { readonly connectors: readonly string[]; readonly names: ReadonlySet<string> },
): Promise<OthersStatus> {
  const ran = await database.collection<RunRecord>(runsCollection).distinct("connectors");
  const found = await database
    .listCollections({ type: "collection" }, { nameOnly: true, authorizedCollections: true })
    .toArray();
  const names = found
    .map(({ name }) => name)
    .filter((name) => !known.names.has(name) && !/^(?:etl_|system\.)/.test(name));
  const collections: { name: string; documents: number }[] = [];
  for (const name of names.sort()) {
    const documents = await database.collection(name).estimatedDocumentCount();
    if (documents > 0) {
      collections.push({ name, documents });
    }
  }
  return { connectors: ran.filter((name) => !known.connectors.includes(name)).sort(), collections };
}

async function storedIn(store: Store, name: string): Promise<CollectionStatus> {
  const collection = store.database.collection<StoredDocument>(name);
  const newest = await collection.findOne({}, { sort: { ingested_at: -1 }, projection: { ingested_at: 1 } });
  const changes = [newest?.ingested_at];
  let removed = 0;
  for (const removed_reason of removedReasons) {
    const last = { sort: { removed_at: -1 }, projection: { removed_at: 1 } } as const;
    changes.push((await collection.findOne({ removed_reason }, last))?.removed_at ?? undefined);
    removed += await collection.countDocuments({ removed_reason });
  }
  const newestAt = changes
    .filter((at) => at instanceof Date)
    .sort((one, other) => one.getTime() - other.getTime())
    .at(-1);
  const documents = await collection.estimatedDocumentCount();
  return { name, documents, current: documents - removed, ...(newestAt !== undefined && { newestAt }) };
}
