import type { Collection } from "mongodb";
import type { StoredDocument } from "../connector/stored-document.js";
import { canonicalText } from "../json/canonical-text.js";
import { findInCollection } from "../store/find-in-collection.js";
import { listsOfIds } from "../store/lists-of-ids.js";
import { type BatchTarget, refuse, remember, settleUnchanged, type Work } from "./batch-work.js";
import {
  historyEntryOf,
  isStoredAs,
  type PlannedWrite,
  planGuardedUpdate,
  planInsert,
  planUpdate,
  type StoredState,
} from "./plan-write.js";
import { findOversize, type PreparedDocument, reconcileDocument } from "./prepare-document.js";

/** In characters of canonical JSON. The driver splits messages at 48 MB. */
export const batchCharacters = 12_000_000;
/** Settles what is stored already, and yields writes for the rest, each list small enough for one bulk write. */
export async function* planWrites(work: Work, target: BatchTarget): AsyncIterable<readonly PlannedWrite[]> {
  const stored = await readStates(target.collection, [...work.pending.keys()]);
  const writes: PlannedWrite[] = [];
  const madeFromStored: string[] = [];
  for (const [_id, brought] of work.pending) {
    const before = stored.get(_id);
    if (before === undefined) {
      writes.push(planInsert(brought, target));
    } else if (isStoredAs(before, brought)) {
      settleUnchanged(brought, before, work, target);
    } else if (before.content_hash !== brought.hash && dependsOnStored(target)) {
      madeFromStored.push(_id);
    } else {
      writes.push(planUpdate(brought, before, target));
    }
  }
  if (writes.length > 0) {
    yield remember(writes, work);
  }
  yield* planFromStored(madeFromStored, work, target);
}

function dependsOnStored({ reconcile, keepsHistory }: BatchTarget): boolean {
  return reconcile !== undefined || keepsHistory;
}

/** One stored document is in memory at a time, besides those that the driver has fetched and the writes of one list. */
async function* planFromStored(
  ids: readonly string[],
  work: Work,
  target: BatchTarget,
): AsyncIterable<readonly PlannedWrite[]> {
  let writes: PlannedWrite[] = [];
  let characters = 0;
  for await (const stored of readContents(ids, target)) {
    const brought = work.pending.get(stored._id);
    const planned = brought && planFrom(stored, brought, work, target);
    if (planned !== undefined) {
      writes.push(planned);
      characters += planned.characters;
    }
    if (characters > batchCharacters) {
      yield remember(writes, work);
      writes = [];
      characters = 0;
    }
  }
  if (writes.length > 0) {
    yield remember(writes, work);
  }
}

function planFrom(
  stored: StoredDocument,
  brought: PreparedDocument,
  work: Work,
  target: BatchTarget,
): PlannedWrite | undefined {
  const { reconcile, keepsHistory, store } = target;
  const outcome = reconcile === undefined ? brought : reconcileDocument(brought, stored, reconcile, store);
  if ("reason" in outcome) {
    refuse(brought, outcome.reason, work);
    return undefined;
  }
  const written = keepAltered(outcome, stored);
  if (isStoredAs(stored, written)) {
    settleUnchanged(brought, stored, work, target);
    return undefined;
  }
  const history = keepsHistory ? historyEntryOf(stored.data, written.document.data, target) : undefined;
  const oversize = history && findOversize(written.document, history);
  if (oversize !== undefined) {
    refuse(brought, oversize, work);
    return undefined;
  }
  return planGuardedUpdate({ brought, written, stored, history }, target);
}

/** Data that stays is as it was altered before, though it was not altered on its way out of the database. */
function keepAltered(written: PreparedDocument, { data, altered }: StoredDocument): PreparedDocument {
  const isKept =
    altered !== undefined &&
    written.document.altered === undefined &&
    canonicalText(written.document.data) === canonicalText(data);
  return isKept ? { ...written, document: { ...written.document, altered } } : written;
}

async function readStates(
  collection: Collection<StoredDocument>,
  ids: readonly string[],
): Promise<Map<string, StoredState>> {
  const reads: Promise<StoredDocument[]>[] = [];
  for (const some of listsOfIds(ids)) {
    const projection = { content_hash: 1, removed_at: 1, run_id: 1 };
    const options = { projection, batchSize: some.length + 1 };
    reads.push(findInCollection(collection, { _id: { $in: some } }, options).toArray());
  }
  const found = (await Promise.all(reads)).flat();
  return new Map(found.map((document) => [document._id, document]));
}

async function* readContents(
  ids: readonly string[],
  { collection, reconcile }: BatchTarget,
): AsyncIterable<StoredDocument> {
  const state = { content_hash: 1, removed_at: 1, run_id: 1, data: 1, altered: 1 };
  const projection = reconcile === undefined ? state : { ...state, enriched: 1 };
  for (const some of listsOfIds(ids)) {
    yield* findInCollection(collection, { _id: { $in: some } }, { projection, batchSize: some.length + 1 });
  }
}
