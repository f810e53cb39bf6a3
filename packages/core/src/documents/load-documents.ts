import type { CollectionSpec, LoadDocument } from "../connector/connector.js";
import type { StoredDocument } from "../connector/stored-document.js";
import type { StoreAccess } from "../store/open-store.js";
import type { Reconcile } from "./prepare-document.js";
import { type PreparedDocument, prepareDocument } from "./prepare-document.js";
import { batchCharacters, type LoadTally, storeBatch } from "./store-batch.js";

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
  /** After every batch. */
  readonly onBatch?: (counts: LoadCounts) => void;
}

/** Each distinct document is counted once; with `reconcile`, each document. */
interface LoadCounts {
  readonly inserted: number;
  /** Changed, or listed again after it was gone. */
  readonly updated: number;
  /** Already stored like this: nothing was written. */
  readonly unchanged: number;
}

interface RefusedDocument {
  readonly document: LoadDocument;
  readonly reason: string;
}

interface LoadResult extends LoadCounts {
  /** Documents that the database cannot hold, or that could not be reconciled; all others are stored. */
  readonly refused: readonly RefusedDocument[];
}

const batchDocuments = 1_000;

/**
 * Stores documents by `_id`. What is already stored with the same content costs a read and no write, so that
 * loading the same documents again changes nothing. A document that cannot be stored does not hold up the others.
 *
 * @throws StoreError where the database fails, or does not confirm: then some may be stored and some not, and
 *   loading all of them again is right
 */
export async function loadDocuments(options: LoadOptions): Promise<LoadResult> {
  const { store, documents, runId, at, dryRun = false, reconcile, onBatch } = options;
  const keepsHistory = new Set(
    options.collections?.filter((collection) => collection.keepsHistory).map(({ name }) => name),
  );
  const tally: LoadTally = { inserted: 0, updated: 0, unchanged: 0, refused: [] };
  for (const round of reconcile === undefined ? [documents] : roundsOf(documents)) {
    for (const [name, ofCollection] of lastOfEach(round)) {
      const target = {
        collection: store.database.collection<StoredDocument>(name),
        store,
        runId,
        at,
        dryRun,
        reconcile,
        keepsHistory: keepsHistory.has(name),
      };
      for (const batch of batchesOf(ofCollection.values(), tally)) {
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
