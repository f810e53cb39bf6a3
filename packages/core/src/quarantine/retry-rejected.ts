import { randomUUID } from "node:crypto";
import type { ConfiguredConnector, ConfiguredStep } from "../connector/configure-connector.js";
import type { LoadDocument } from "../connector/connector.js";
import type { StoredDocument } from "../connector/stored-document.js";
import { loadDocuments } from "../documents/load-documents.js";
import { createRedactor, type Redact } from "../secrets/redact-secrets.js";
import { deleteByIds } from "../store/delete-by-ids.js";
import { describeFailure } from "../store/describe-failure.js";
import { acquireLease } from "../store/lease.js";
import type { Store } from "../store/open-store.js";
import { createDataRedactor, type DataRedactor } from "../store/redact-data.js";
import { withStoreRetry } from "../store/with-store-retry.js";
import { isWhole } from "./list-rejected.js";
import { type RejectedRecord, rejectedCollection } from "./quarantine.js";

interface RetryRejectedOptions {
  readonly store: Store;
  /** Only their records are tried. */
  readonly connectors: readonly ConfiguredConnector[];
  /** When it aborts, the records in hand are finished, and no others are tried. */
  readonly signal?: AbortSignal | undefined;
  /** What must not be stored besides the secrets of the connectors. */
  readonly secrets?: readonly string[] | undefined;
  readonly now?: (() => Date) | undefined;
  /** Stands in the documents that are stored. Default: a random UUID. */
  readonly runId?: string | undefined;
}

/** What became of the records of one connector. */
export interface RetryReport {
  readonly name: string;
  readonly status: "ok" | "failed" | "interrupted";
  readonly reason?: string;
  /** Left the quarantine, since they are stored now. */
  readonly loaded: number;
  /** Left the quarantine, since something newer is stored. */
  readonly outdated: number;
  /** Rejected again, for the reason that stands there now. */
  readonly rejected: number;
  /** Cannot be tried: not the whole record was kept, or there is no such step any more. */
  readonly notTried: number;
}

type Counts = { -readonly [Name in "loaded" | "outdated" | "rejected" | "notTried"]: number };

/** How many records are tried at once, newest first. */
const batchRecords = 50;

/**
 * Tries records in quarantine again, as after an upgrade: with the schema and the transform of this version. What is stored then leaves
 * the quarantine. Nothing goes backwards: a document that was stored or changed after the record was rejected stays as it is, and whether the
 * upstream lists it now does not change. A connector that another run holds fails.
 */
export async function retryRejected(options: RetryRejectedOptions): Promise<readonly RetryReport[]> {
  const reports: RetryReport[] = [];
  for (const connector of options.connectors) {
    if (options.signal?.aborted !== true) {
      reports.push(await retryConnector(connector, options));
    }
  }
  return reports;
}

async function retryConnector(
  connector: ConfiguredConnector,
  { store, signal, secrets = [], now = () => new Date(), runId = randomUUID() }: RetryRejectedOptions,
): Promise<RetryReport> {
  const { name } = connector;
  const counts: Counts = { loaded: 0, outdated: 0, rejected: 0, notTried: 0 };
  const known = [...connector.secrets, ...secrets];
  const redact = createRedactor(known);
  const redactor = createDataRedactor(known);
  try {
    const lease = await acquireLease({ store, connector: name, runId });
    try {
      const quarantine = quarantineOf(store, name);
      counts.notTried += await quarantine.countElsewhere(connector.steps.map((step) => step.name));
      for (const step of connector.steps) {
        const taken = new Set<string>();
        for await (const records of quarantine.batchesOf(step.name)) {
          await lease.assertHeld();
          const batch = { records, step, store, taken, runId, at: now(), redact, redactor };
          await quarantine.settle(await retryBatch(batch), counts);
          if (signal?.aborted === true) {
            return { name, status: "interrupted", ...counts };
          }
        }
      }
    } finally {
      await lease.release();
    }
    return { name, status: "ok", ...counts };
  } catch (error) {
    return { name, status: "failed", reason: redact(describeFailure(error, store)), ...counts };
  }
}

interface Batch {
  readonly records: readonly RejectedRecord[];
  readonly step: ConfiguredStep;
  readonly store: Store;
  /** Documents that a record which was rejected later has brought. */
  readonly taken: Set<string>;
  readonly runId: string;
  readonly at: Date;
  readonly redact: Redact;
  readonly redactor: DataRedactor;
}

/** What became of one record. */
interface Settled {
  readonly id: string;
  readonly outcome: keyof Counts;
  /** Why it was rejected again. */
  readonly reason?: string;
}

async function retryBatch(batch: Batch): Promise<Settled[]> {
  const { records, step, store, runId, at, redact, redactor } = batch;
  const settled = new Map<string, Settled>();
  const recordOf = new Map<LoadDocument, RejectedRecord>();
  for (const record of records) {
    if (!isWhole(record)) {
      settled.set(record._id, { id: record._id, outcome: "notTried" });
      continue;
    }
    try {
      const documents = redactor.documents(JSON.parse(record.raw), (raw) => step.process(raw));
      const current = await keepCurrent(documents, record, batch);
      settled.set(record._id, {
        id: record._id,
        outcome: documents.length > 0 && current.length === 0 ? "outdated" : "loaded",
      });
      for (const document of current) {
        recordOf.set(
          record.altered === undefined ? document : { ...document, altered: record.altered },
          record,
        );
      }
    } catch (error) {
      const reason = redact(describeFailure(error, store));
      settled.set(record._id, { id: record._id, outcome: "rejected", reason });
    }
  }
  const { reconcile, collections } = step;
  const documents = [...recordOf.keys()];
  const { refused } = await loadDocuments({ store, documents, runId, at, reconcile, collections });
  for (const { document, reason } of refused) {
    const id = recordOf.get(document)?._id ?? "";
    const why = redact(`${document.collection}/${document._id}: ${reason}`);
    settled.set(id, { id, outcome: "rejected", reason: why });
  }
  return [...settled.values()];
}

/**
 * Leaves out documents of which something newer is stored, or was brought by a record that was rejected later. What stays keeps its
 * listing: as it is where it is stored, else as far as the step can tell.
 */
async function keepCurrent(
  documents: readonly LoadDocument[],
  { last_seen_at }: RejectedRecord,
  { step, store, taken }: Batch,
): Promise<LoadDocument[]> {
  const current: LoadDocument[] = [];
  for (const document of documents) {
    const { collection, _id } = document;
    const key = JSON.stringify([collection, _id]);
    const stored = await withStoreRetry(store, () =>
      store.database
        .collection<StoredDocument>(collection)
        .findOne({ _id }, { projection: { ingested_at: 1, removed_reason: 1 } }),
    );
    if (taken.has(key) || (stored !== null && stored.ingested_at >= last_seen_at)) {
      continue;
    }
    taken.add(key);
    const removed =
      stored === null
        ? (document.removed ?? (await step.findRemoval?.(document, store.reader)))
        : (stored.removed_reason ?? "withdrawn");
    current.push(removed === undefined ? document : { ...document, removed });
  }
  return current;
}

function quarantineOf(store: Store, connector: string) {
  const collection = store.database.collection<RejectedRecord>(rejectedCollection);

  return {
    /** Counts records of steps that this version does not have. */
    countElsewhere: (steps: readonly string[]) =>
      withStoreRetry(store, () => collection.countDocuments({ connector, step: { $nin: [...steps] } })),

    async *batchesOf(step: string): AsyncGenerator<RejectedRecord[]> {
      const found = await withStoreRetry(store, () =>
        collection
          .find({ connector, step }, { projection: { _id: 1 } })
          .sort({ last_seen_at: -1, _id: 1 })
          .toArray(),
      );
      for (let start = 0; start < found.length; start += batchRecords) {
        const ids = found.slice(start, start + batchRecords).map(({ _id }) => _id);
        yield await withStoreRetry(store, () =>
          collection
            .find({ _id: { $in: ids } })
            .sort({ last_seen_at: -1, _id: 1 })
            .toArray(),
        );
      }
    },

    async settle(settled: readonly Settled[], counts: Counts): Promise<void> {
      for (const { outcome } of settled) {
        counts[outcome] += 1;
      }
      const done = settled.filter(({ outcome }) => outcome === "loaded" || outcome === "outdated");
      await deleteByIds(
        store,
        rejectedCollection,
        done.map(({ id }) => id),
      );
      const again = settled.flatMap(({ id, reason }) =>
        reason === undefined ? [] : [{ updateOne: { filter: { _id: id }, update: { $set: { reason } } } }],
      );
      if (again.length > 0) {
        await withStoreRetry(store, () => collection.bulkWrite(again, { ordered: false }));
      }
    },
  };
}
