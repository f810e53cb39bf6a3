import type { CollectionSpec, LoadDocument } from "../connector/connector.js";
import type { StoredDocument } from "../connector/stored-document.js";
import type { StoreAccess } from "../store/open-store.js";
import type { LoadTally } from "./batch-work.js";
import { batchCharacters } from "./plan-batch.js";
import type { Reconcile } from "./prepare-document.js";
import { type PreparedDocument, prepareDocument } from "./prepare-document.js";
import { storeBatch } from "./store-batch.js";

export interface LoadOptions {
  readonly store: StoreAccess;
  /**
   * Where several have one `_id`, the last one counts and the others are not stored. With `reconcile` they are stored one after the
   * other, each reconciled with those before it.
   */
  readonly documents: readonly LoadDocument[];
  readonly runId: string;
  /** Becomes `ingested_at` of what changes. */
  readonly at: Date;
  /** Compare and count, write nothing. */
  readonly dryRun?: boolean;
  /** Asked for documents that are stored with another content. Absent: they replace what is stored. */
  readonly reconcile?: Reconcile | undefined;
  /** Tell which collections keep history. */
  readonly collections?: readonly Pick<CollectionSpec, "name" | "keepsHistory">[];
  /** Documents of these `_id`s are left out, those of all others are added. So the last one counts where a list is loaded from its end. */
  readonly taken?: TakenIds;
  /** After every batch. */
  readonly onBatch?: (counts: Readonly<LoadTally>) => void;
}

/** `_id`s by the name of their collection. */
export type TakenIds = Map<string, Set<string>>;

const batchDocuments = 1_000;

/**
 * Stores documents by `_id`. What is already stored with the same content costs a read and no write, so that
 * loading the same documents again changes nothing. A document that cannot be stored does not hold up the others.
 *
 * @throws StoreError where the database fails, or does not confirm: then some may be stored and some not, and
 *   loading all of them again is right
 */
export async function loadDocuments(options: LoadOptions): Promise<Readonly<LoadTally>> {
  const { store, documents, runId, at, dryRun = false, reconcile, taken, onBatch } = options;
  const keepsHistory = new Set(
    options.collections?.filter((collection) => collection.keepsHistory).map(({ name }) => name),
  );
  const tally: LoadTally = { inserted: 0, updated: 0, unchanged: 0, refused: [] };
  for (const round of reconcile === undefined ? [documents] : roundsOf(documents)) {
    for (const [name, ofCollection] of lastOfEach(round, taken)) {
      const target = {
        collection: store.database.collection<StoredDocument>(name),
        store,
        runId,
        at,
        dryRun,
        reconcile,
        keepsHistory: keepsHistory.has(name),
      };
      for (const batch of batchesOf(ofCollection, tally)) {
        await storeBatch(batch, target, tally);
        onBatch?.(tally);
      }
    }
  }
  return tally;
}

/** The first document of each `_id`, then the second of each, and so on. */
function roundsOf(documents: readonly LoadDocument[]): readonly (readonly LoadDocument[])[] {
  const rounds: LoadDocument[][] = [];
  const taken = new Map<string, number>();
  for (const document of documents) {
    const key = JSON.stringify([document.collection, document._id]);
    const round = taken.get(key) ?? 0;
    taken.set(key, round + 1);
    rounds[round] ??= [];
    rounds[round].push(document);
  }
  return rounds;
}

/** By collection, in their order. */
function lastOfEach(
  documents: readonly LoadDocument[],
  taken: TakenIds = new Map(),
): Map<string, readonly LoadDocument[]> {
  const collections = new Map<string, LoadDocument[]>();
  for (const document of documents.toReversed()) {
    const ids = taken.get(document.collection) ?? new Set();
    if (!ids.has(document._id)) {
      taken.set(document.collection, ids.add(document._id));
      const known = collections.get(document.collection) ?? [];
      collections.set(document.collection, known);
      known.push(document);
    }
  }
  for (const fromEnd of collections.values()) {
    fromEnd.reverse();
  }
  return collections;
}

function* batchesOf(
  documents: Iterable<LoadDocument>,
  tally: LoadTally,
): Iterable<readonly PreparedDocument[]> {
  let batch: PreparedDocument[] = [];
  let characters = 0;
  for (const document of documents) {
    const prepared = prepareDocument(document);
    if ("reason" in prepared) {
      tally.refused.push({ document, reason: prepared.reason });
      continue;
    }
    if (batch.length > 0 && characters + prepared.characters > batchCharacters) {
      yield batch;
      batch = [];
      characters = 0;
    }
    batch.push(prepared);
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
