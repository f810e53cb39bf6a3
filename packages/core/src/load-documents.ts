import { setTimeout as delay } from "node:timers/promises";
import {
  type AnyBulkWriteOperation,
  BSON,
  type Collection,
  MongoBulkWriteError,
  MongoServerError,
  type WriteError,
} from "mongodb";
import type { LoadDocument } from "./connector.js";
import { contentOf } from "./content-hash.js";
import { isTransient, isTransientCode } from "./explain-store-failure.js";
import { findUnstorable } from "./find-unstorable.js";
import { idsPerList } from "./ids-per-list.js";
import type { Store } from "./open-store.js";
import { StoreWriteError } from "./store-write-error.js";
import type { StoredDocument } from "./stored-document.js";
import { asStoreError, retryDelayMs } from "./with-store-retry.js";

export interface LoadOptions {
  readonly store: Pick<Store, "database" | "host">;
  /** Where several have one `_id`, the last one counts and the others are not stored. */
  readonly documents: readonly LoadDocument[];
  readonly runId: string;
  /** Becomes `ingested_at` of what changes. */
  readonly at: Date;
  /** Compare and count, write nothing. */
  readonly dryRun?: boolean;
  /** After every batch. */
  readonly onBatch?: (counts: LoadCounts) => void;
}

/** Each distinct document is counted once. */
export interface LoadCounts {
  readonly inserted: number;
  /** Changed, or listed again after it was gone. */
  readonly updated: number;
  /** Already stored like this: nothing was written. */
  readonly unchanged: number;
}

export interface RefusedDocument {
  readonly document: LoadDocument;
  readonly reason: string;
}

export interface LoadResult extends LoadCounts {
  /** Documents that the database cannot hold; all others are stored. */
  readonly refused: readonly RefusedDocument[];
}

type Outcome = "inserted" | "updated" | "unchanged";
type Stored = Pick<StoredDocument, "content_hash" | "removed_at" | "run_id">;

interface PreparedDocument {
  readonly document: LoadDocument;
  readonly hash: string;
}

interface PlannedWrite {
  readonly prepared: PreparedDocument;
  readonly outcome: "inserted" | "updated";
  readonly operation: AnyBulkWriteOperation<StoredDocument>;
}

const batchDocuments = 1_000;
/** In characters of canonical JSON. The driver splits messages at 48 MB. */
const batchCharacters = 12_000_000;
/** 16 MiB, less what the update around a document takes. */
const largestBytes = 16 * 1024 * 1024 - 4_096;
/** BSON takes at most 6.5 times the length of canonical JSON (a long list of one-digit numbers). */
const surelyFitsCharacters = largestBytes / 7;
const attempts = 3;

/**
 * Stores documents by `_id`. What is already stored with the same content costs a read and no write, so that
 * loading the same documents again changes nothing. A document that cannot be stored does not hold up the others.
 *
 * @throws StoreWriteError where the database fails, or does not confirm: then some may be stored and some not, and
 *   loading all of them again is right
 */
export async function loadDocuments(options: LoadOptions): Promise<LoadResult> {
  const tally: Tally = { inserted: 0, updated: 0, unchanged: 0, refused: [] };
  for (const [name, documents] of lastOfEach(options.documents)) {
    const collection = options.store.database.collection<StoredDocument>(name);
    for (const batch of batchesOf(documents.values(), tally)) {
      await storeBatch(collection, batch, options, tally);
      options.onBatch?.(tally);
    }
  }
  return tally;
}

interface Tally {
  inserted: number;
  updated: number;
  unchanged: number;
  readonly refused: RefusedDocument[];
}

function lastOfEach(documents: readonly LoadDocument[]): Map<string, Map<string, LoadDocument>> {
  const collections = new Map<string, Map<string, LoadDocument>>();
  for (const document of documents) {
    const known = collections.get(document.collection);
    if (known === undefined) {
      collections.set(document.collection, new Map([[document._id, document]]));
    } else {
      known.set(document._id, document);
    }
  }
  return collections;
}

function* batchesOf(documents: Iterable<LoadDocument>, tally: Tally): Iterable<readonly PreparedDocument[]> {
  let batch: PreparedDocument[] = [];
  let characters = 0;
  for (const document of documents) {
    const prepared = prepare(document);
    if ("reason" in prepared) {
      tally.refused.push({ document, reason: prepared.reason });
      continue;
    }
    if (batch.length > 0 && characters + prepared.characters > batchCharacters) {
      yield batch;
      batch = [];
      characters = 0;
    }
    batch.push({ document, hash: prepared.hash });
    characters += prepared.characters;
    if (batch.length === batchDocuments) {
      yield batch;
      batch = [];
      characters = 0;
    }
  }
  if (batch.length > 0) {
    yield batch;
  }
}

function prepare(
  document: LoadDocument,
): { readonly hash: string; readonly characters: number } | { readonly reason: string } {
  try {
    const { hash, text } = contentOf(document);
    const reason =
      findUnstorable(document, text) ??
      (text.length > surelyFitsCharacters ? findOversize(document) : undefined);
    return reason === undefined ? { hash, characters: text.length } : { reason };
  } catch (error) {
    return { reason: reasonOfEncodingError(error) };
  }
}

function findOversize({ data, enriched, _id }: LoadDocument): string | undefined {
  const bytes = BSON.calculateObjectSize({ _id, data, enriched }, { ignoreUndefined: true }) + 512;
  return bytes <= largestBytes
    ? undefined
    : `it takes ${bytes} bytes, more than the 16 MB that MongoDB holds in one document`;
}

async function storeBatch(
  collection: Collection<StoredDocument>,
  batch: readonly PreparedDocument[],
  options: LoadOptions,
  tally: Tally,
): Promise<void> {
  /** What the first attempt found, for a document that an attempt wrote without our hearing of it. */
  const firstOutcomes = new Map<string, Outcome>();
  let pending = batch;
  for (let attempt = 1; pending.length > 0; attempt += 1) {
    let writes: readonly PlannedWrite[] = [];
    try {
      const stored = await readStored(collection, pending);
      writes = planWrites(pending, stored, firstOutcomes, options, tally);
      if (writes.length === 0) {
        return;
      }
      await collection.bulkWrite(
        writes.map((write) => write.operation),
        { ordered: false },
      );
      count(writes, tally);
      return;
    } catch (error) {
      pending = await recover(error, writes, attempt, pending, options, tally);
    }
  }
}

async function readStored(
  collection: Collection<StoredDocument>,
  batch: readonly PreparedDocument[],
): Promise<Map<string, Stored>> {
  const ids = batch.map(({ document }) => document._id);
  const reads: Promise<StoredDocument[]>[] = [];
  for (let start = 0; start < ids.length; start += idsPerList) {
    const some = ids.slice(start, start + idsPerList);
    const projection = { content_hash: 1, removed_at: 1, run_id: 1 };
    reads.push(collection.find({ _id: { $in: some } }, { projection, batchSize: idsPerList + 1 }).toArray());
  }
  const found = (await Promise.all(reads)).flat();
  return new Map(found.map((document) => [document._id, document]));
}

function planWrites(
  batch: readonly PreparedDocument[],
  stored: ReadonlyMap<string, Stored>,
  firstOutcomes: Map<string, Outcome>,
  { runId, at, dryRun = false }: LoadOptions,
  tally: Tally,
): readonly PlannedWrite[] {
  const writes: PlannedWrite[] = [];
  for (const prepared of batch) {
    const { _id } = prepared.document;
    const before = stored.get(_id);
    const outcome = compare(before, prepared.hash);
    if (dryRun) {
      tally[outcome] += 1;
    } else if (outcome === "unchanged") {
      const first = before?.run_id === runId ? firstOutcomes.get(_id) : undefined;
      tally[first ?? "unchanged"] += 1;
    } else {
      if (!firstOutcomes.has(_id)) {
        firstOutcomes.set(_id, outcome);
      }
      const operation = outcome === "inserted" ? insert(prepared, runId, at) : update(prepared, runId, at);
      writes.push({ prepared, outcome, operation });
    }
  }
  return writes;
}

function compare(stored: Stored | undefined, hash: string): Outcome {
  if (stored === undefined) {
    return "inserted";
  }
  return stored.content_hash === hash && (stored.removed_at ?? null) === null ? "unchanged" : "updated";
}

function insert(
  { document, hash }: PreparedDocument,
  runId: string,
  at: Date,
): AnyBulkWriteOperation<StoredDocument> {
  return {
    insertOne: {
      document: {
        _id: document._id,
        data: document.data,
        enriched: document.enriched,
        ingested_at: at,
        first_ingested_at: at,
        run_id: runId,
        content_hash: hash,
        removed_at: null,
      },
    },
  };
}

function update(
  { document, hash }: PreparedDocument,
  runId: string,
  at: Date,
): AnyBulkWriteOperation<StoredDocument> {
  return {
    updateOne: {
      filter: { _id: document._id },
      update: {
        $set: {
          data: document.data,
          enriched: document.enriched,
          ingested_at: at,
          run_id: runId,
          content_hash: hash,
          removed_at: null,
        },
        $setOnInsert: { first_ingested_at: at },
        $unset: { removed_reason: "" },
      },
      upsert: true,
    },
  };
}

function count(writes: readonly PlannedWrite[], tally: Tally): void {
  for (const { outcome } of writes) {
    tally[outcome] += 1;
  }
}

/** Counts what a failed write did store, sets aside what cannot be stored, and returns what is to be tried again. */
async function recover(
  error: unknown,
  writes: readonly PlannedWrite[],
  attempt: number,
  pending: readonly PreparedDocument[],
  { store }: LoadOptions,
  tally: Tally,
): Promise<readonly PreparedDocument[]> {
  if (error instanceof MongoBulkWriteError && tellsOfWrites(error)) {
    return sortOut(error, writes, attempt, store.host, tally);
  }
  const unencodable = isAnswer(error) ? [] : findUnencodable(writes);
  if (unencodable.length > 0) {
    tally.refused.push(...unencodable);
    const refused = new Set(unencodable.map(({ document }) => document));
    return writes.map((write) => write.prepared).filter(({ document }) => !refused.has(document));
  }
  if (isTransient(error) && attempt < attempts) {
    await delay(retryDelayMs(attempt));
    return writes.length > 0 ? writes.map((write) => write.prepared) : pending;
  }
  throw asStoreError(error, store.host);
}

/** Whether the server took the batch, and told what became of its writes. */
function tellsOfWrites(error: MongoBulkWriteError): boolean {
  return writeErrorsOf(error).length > 0 || writeConcernFault(error) !== undefined;
}

/** Whether the server answered; otherwise the connection failed, or the driver could not write the documents as BSON. */
function isAnswer(error: unknown): boolean {
  return error instanceof MongoServerError && error.code !== undefined;
}

function sortOut(
  error: MongoBulkWriteError,
  writes: readonly PlannedWrite[],
  attempt: number,
  host: string,
  tally: Tally,
): readonly PreparedDocument[] {
  const unconfirmed = writeConcernFault(error);
  if (unconfirmed !== undefined) {
    throw new StoreWriteError(
      `MongoDB at ${host} did not confirm the write as its write concern asks (${unconfirmed}): check that enough members of the replica set run, then run again.`,
      { cause: error },
    );
  }
  const failed = new Map(writeErrorsOf(error).map((writeError) => [writeError.index, writeError]));
  const again: PreparedDocument[] = [];
  const stored: PlannedWrite[] = [];
  for (const [index, write] of writes.entries()) {
    const fault = failed.get(index);
    if (fault === undefined) {
      stored.push(write);
    } else if (concernsServer(fault) && (attempt >= attempts || !isTransientCode(fault.code))) {
      throw asStoreError(error, host);
    } else if (concernsServer(fault) || (isInsertRace(fault, write) && attempt < attempts)) {
      again.push(write.prepared);
    } else {
      tally.refused.push({
        document: write.prepared.document,
        reason: `MongoDB refuses it: ${fault.errmsg ?? `error ${fault.code}`}`,
      });
    }
  }
  count(stored, tally);
  return again;
}

/** Somebody else inserted it between our look and our write: what they stored is compared and updated. */
function isInsertRace({ code }: WriteError, { outcome }: PlannedWrite): boolean {
  return code === 11000 && outcome === "inserted";
}

/** Unauthorized, time limits, disk full and the like are no fault of the document. */
function concernsServer({ code }: WriteError): boolean {
  return isTransientCode(code) || code === 13 || code === 50 || code === 14031;
}

function writeErrorsOf(error: MongoBulkWriteError): readonly WriteError[] {
  return [error.writeErrors].flat();
}

function writeConcernFault(error: MongoBulkWriteError): string | undefined {
  const fault = error.result.getWriteConcernError();
  return fault === undefined ? undefined : (fault.errmsg ?? `error ${fault.code}`);
}

function findUnencodable(writes: readonly PlannedWrite[]): RefusedDocument[] {
  return writes.flatMap(({ prepared: { document } }) => {
    try {
      const { _id, data, enriched } = document;
      BSON.serialize({ _id, data, enriched }, { ignoreUndefined: true });
      return [];
    } catch (error) {
      return [{ document, reason: reasonOfEncodingError(error) }];
    }
  });
}

function reasonOfEncodingError(error: unknown): string {
  if (error instanceof RangeError) {
    return "it is nested too deeply to be stored";
  }
  return `it cannot be written as BSON: ${error instanceof Error ? error.message : String(error)}`;
}
