import { BSON } from "mongodb";
import type { LoadDocument, Restore } from "../connector/connector.js";
import type { StoredDocument } from "../connector/stored-document.js";
import { ensureIndexes } from "../documents/ensure-indexes.js";
import { loadDocuments } from "../documents/load-documents.js";
import { describeFailure } from "../store/describe-failure.js";
import { findInCollection } from "../store/find-in-collection.js";
import { createStoredShapes, isOutdated, type StoredShape } from "../store/stored-shapes.js";
import { withStoreRetry } from "../store/with-store-retry.js";
import type { LoadPageOptions } from "./load-page.js";

/** A page ends with the document that makes it as large as this. */
const pageDocuments = 1_000;
const pageBytes = 8 * 1024 * 1024;

export interface RestoreOptions extends Omit<LoadPageOptions, "removals"> {
  readonly signal: AbortSignal;
  /** Rejects where another run may hold the connector by now. */
  readonly assertHeld: () => Promise<void>;
  /** Called once, where there is anything to restore. */
  readonly onStart: () => void;
}

/** What a document of a page needs to be made again. */
type PageDocument = Pick<StoredDocument, "_id" | "data" | "enriched" | "altered" | "removed_reason">;

/**
 * Brings what a step has stored to the shape of this version, where it was stored by an older one: page by page, each document is made again
 * of its own `data`, and written where the outcome differs. Sends no request. What is listed stays listed, and what is removed removed;
 * `data` and `history` stay as they are, unless the step makes other `data` of it.
 *
 * The version is remembered for the collection, after each page with the last `_id`, so that an interrupted run resumes there, and a
 * later one reads nothing. Where a newer version has stored, its documents stay, but are restored when that version is back.
 *
 * A document that cannot be made again stays as it is. The log says how many and why.
 *
 * @throws StoreError where the database fails; IndexConflictError
 */
export async function restoreDocuments(options: RestoreOptions): Promise<"finished" | "stopped"> {
  const { step, store } = options;
  const { restore, collection } = step;
  if (restore === undefined || collection === undefined) {
    return "finished";
  }
  const { name } = collection;
  const stored = await createStoredShapes(store).load(name);
  if (stored?.version === restore.version && stored.after === undefined) {
    return "finished";
  }
  if (isOutdated(stored, restore.version) && (await store.reader.exists(name, {}))) {
    options.onStart();
    if (!options.dryRun) {
      await ensureIndexes(store, collection);
    }
    const start = stored?.version === restore.version ? stored.after : undefined;
    if ((await restoreFrom(start, { restore, name }, options)) === "stopped") {
      return "stopped";
    }
  }
  await saveShape(name, { version: restore.version }, options);
  return "finished";
}

interface RestoredCollection {
  readonly restore: Restore;
  readonly name: string;
}

async function restoreFrom(
  start: string | undefined,
  { restore, name }: RestoredCollection,
  options: RestoreOptions,
): Promise<"finished" | "stopped"> {
  const { connector, step, log, signal, dryRun } = options;
  const place = { connector, step: step.name, collection: name };
  log.info(
    { ...place, version: restore.version, ...(start !== undefined && { after: start }) },
    `${start === undefined ? "updating" : "resuming the update of"} stored documents to the shape of this version, without requests`,
  );
  const left: { documents: number; reason?: string | undefined } = { documents: 0 };
  let after = start ?? "";
  for (;;) {
    const page = await readPage(name, after, options);
    const last = page.at(-1);
    if (last === undefined) {
      break;
    }
    await options.assertHeld();
    const reasons = await restorePage(page, { restore, name }, options);
    left.documents += reasons.length;
    left.reason ??= reasons[0];
    await options.assertHeld();
    after = last._id;
    await saveShape(name, { version: restore.version, after }, options);
    if (signal.aborted) {
      return "stopped";
    }
  }
  if (left.documents > 0) {
    log.warn(
      { ...place, ...left },
      dryRun
        ? "stored documents could not be updated and would stay as they are"
        : "stored documents could not be updated and stay as they are",
    );
  }
  return "finished";
}

/** The documents that follow an `_id`, up to the limits of a page. */
function readPage(name: string, after: string, { store }: RestoreOptions): Promise<readonly PageDocument[]> {
  return withStoreRetry(store, async () => {
    const projection = { data: 1, enriched: 1, altered: 1, removed_reason: 1 };
    const collection = store.database.collection<StoredDocument>(name);
    const options = { projection, sort: { _id: 1 }, limit: pageDocuments } as const;
    const found = findInCollection(collection, { _id: { $gt: after } }, options);
    const page: PageDocument[] = [];
    let bytes = 0;
    for await (const document of found) {
      page.push(document);
      bytes += BSON.calculateObjectSize(document);
      if (bytes >= pageBytes) {
        break;
      }
    }
    return page;
  });
}

/** @returns why documents stay as they are: a reason for each of them */
async function restorePage(
  page: readonly PageDocument[],
  collection: RestoredCollection,
  options: RestoreOptions,
): Promise<readonly string[]> {
  const { step, store, runId, dryRun, tally, now, redact } = options;
  const left: string[] = [];
  const documents = page.flatMap((stored) => {
    const restored = restoreDocument(stored, collection, options);
    if (typeof restored === "string") {
      left.push(restored);
      return [];
    }
    return restored ?? [];
  });
  const before = tally.updated;
  const { refused } = await loadDocuments({
    ...{ store, runId, dryRun, documents, at: now() },
    reconcile: step.reconcile,
    collections: step.collections,
    onBatch({ updated }) {
      tally.updated = before + updated;
      options.onBatch({ ...tally }, {});
    },
  });
  left.push(...refused.map(({ document, reason }) => `${collection.name}/${document._id}: ${reason}`));
  return left.map(redact);
}

/** @returns undefined where the step leaves the document as it is; a reason where it cannot be made again */
function restoreDocument(
  { _id, data, enriched, altered, removed_reason = "withdrawn" }: PageDocument,
  { restore, name }: RestoredCollection,
  { step, store, redactor }: RestoreOptions,
): LoadDocument | undefined | string {
  try {
    const record = restore.record({ _id, data: asJson(data), enriched });
    if (record === undefined) {
      return undefined;
    }
    const made = redactor.documents(record, (raw) => step.process(raw));
    const same = made.find((document) => document._id === _id && document.collection === name);
    return same === undefined
      ? `${name}/${_id}: no document of this _id is made of it any more`
      : { ...same, removed: removed_reason, ...(altered && { altered }) };
  } catch (error) {
    return `${name}/${_id}: ${describeFailure(error, store)}`;
  }
}

/** The driver makes an instance of its own of `{ "$ref": …, "$id": … }`. */
function asJson(data: unknown): unknown {
  return data === undefined ? undefined : JSON.parse(JSON.stringify(data));
}

async function saveShape(
  name: string,
  shape: StoredShape,
  { store, dryRun, runId, now }: RestoreOptions,
): Promise<void> {
  if (!dryRun) {
    await createStoredShapes(store).save(name, shape, { runId, at: now() });
  }
}
