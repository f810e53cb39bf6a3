import { applyListing } from "./apply-listing.js";
import type { ExtractedPage, LoadDocument } from "./connector.js";
import { describeFailure } from "./describe-failure.js";
import type { JsonValue } from "./json.js";
import { loadDocuments } from "./load-documents.js";
import { quarantine, type Refusal } from "./quarantine.js";
import type { RunStepOptions } from "./run-step.js";

/** Transforms and stores everything of one page, its listings last. Records that cannot be understood or stored go to quarantine. */
export async function loadPage(page: ExtractedPage<JsonValue>, options: RunStepOptions): Promise<void> {
  const { store, runId, dryRun, tally, now } = options;
  const at = now();
  tally.extracted += page.records.length;
  const { documents, recordOf, refusals } = transformRecords(page.records, options);

  const before = { ...tally };
  const { refused } = await loadDocuments({
    store,
    documents,
    runId,
    at,
    dryRun,
    onBatch({ inserted, updated, unchanged }) {
      tally.inserted = before.inserted + inserted;
      tally.updated = before.updated + updated;
      tally.unchanged = before.unchanged + unchanged;
      options.onProgress({ ...tally }, page.total);
    },
  });
  for (const { document, reason } of refused) {
    const index = recordOf.get(document);
    if (index !== undefined && !refusals.has(index)) {
      refusals.set(index, `${document.collection}/${document._id}: ${reason}`);
    }
  }

  await keepRefused(page.records, refusals, at, options);

  for (const listing of page.listings ?? []) {
    const removed = await applyListing({ store, listing, runId, at, dryRun });
    tally.superseded += removed.superseded;
    tally.withdrawn += removed.withdrawn;
  }
}

interface TransformedRecords {
  readonly documents: readonly LoadDocument[];
  /** From a document to the index of its record. */
  readonly recordOf: ReadonlyMap<LoadDocument, number>;
  /** From the index of a record to the reason. */
  readonly refusals: Map<number, string>;
}

function transformRecords(records: readonly unknown[], { step, store }: RunStepOptions): TransformedRecords {
  const documents: LoadDocument[] = [];
  const recordOf = new Map<LoadDocument, number>();
  const refusals = new Map<number, string>();
  for (const [index, record] of records.entries()) {
    try {
      for (const document of step.process(record)) {
        documents.push(document);
        recordOf.set(document, index);
      }
    } catch (error) {
      refusals.set(index, describeFailure(error, store.host));
    }
  }
  return { documents, recordOf, refusals };
}

async function keepRefused(
  records: readonly unknown[],
  refusals: ReadonlyMap<number, string>,
  at: Date,
  { connector, step, store, runId, dryRun, tally, log, redact }: RunStepOptions,
): Promise<void> {
  const [first] = refusals.values();
  if (first === undefined) {
    return;
  }
  const refused: Refusal[] = [...refusals].map(([index, reason]) => ({
    record: records[index],
    reason: redact(reason),
  }));
  if (!dryRun) {
    await quarantine(refused, { store, connector, step: step.name, runId, at });
  }
  tally.rejected += refused.length;
  log.warn(
    { connector, step: step.name, rejected: refused.length, reason: redact(first) },
    dryRun ? "records would be rejected" : "records were rejected: see etl_rejected",
  );
}
