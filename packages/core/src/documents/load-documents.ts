import { startTurn } from "../async/event-loop-turn.js";
import type { CollectionSpec, LoadDocument } from "../connector/connector.js";
import type { StoredDocument } from "../connector/stored-document.js";
import type { StoreAccess } from "../store/open-store.js";
import type { LoadTally } from "./batch-work.js";
import { type PreparedDocuments, prepareBatches } from "./prepare-batches.js";
import { type CheckedDocument, prepareDocument, type Reconcile } from "./prepare-document.js";
import { storeBatch } from "./store-batch.js";

export interface StoreOptions {
  readonly store: StoreAccess;
  readonly runId: string;
  /** Becomes `ingested_at` of what changes. */
  readonly at: Date;
  /** Compare and count, write nothing. */
  readonly dryRun?: boolean;
  /** Asked for documents that are stored with another content. Absent: they replace what is stored. */
  readonly reconcile?: Reconcile | undefined;
  /** Tell which collections keep history. */
  readonly collections?: readonly Pick<CollectionSpec, "name" | "keepsHistory">[];
  /**
   * What is stored before. Until it resolves, documents are compared and their writes are made ready, but nothing is written or told. What it
   * rejects with is thrown. None of its documents may be among these.
   */
  readonly turn?: Promise<unknown> | undefined;
  /** After every batch. */
  readonly onBatch?: (counts: Readonly<LoadTally>) => void;
}

export interface LoadOptions extends StoreOptions {
  /**
   * Where several have one `_id`, the last one counts and the others are not stored. With `reconcile` they are stored one after the
   * other, each reconciled with those before it.
   */
  readonly documents: readonly LoadDocument[];
}

/**
 * Stores documents by `_id`. What is already stored with the same content costs a read and no write, so that
 * loading the same documents again changes nothing. A document that cannot be stored does not hold up the others.
 *
 * @throws StoreError where the database fails, or does not confirm: then some may be stored and some not, and
 *   loading all of them again is right
 */
export async function loadDocuments(options: LoadOptions): Promise<Readonly<LoadTally>> {
  const isReconciled = options.reconcile !== undefined;
  const prepared = await prepareInTurns(options.documents);
  return storePrepared(prepareBatches(prepared, { isReconciled }), options);
}

async function prepareInTurns(documents: readonly LoadDocument[]) {
  const turn = startTurn();
  const prepared: CheckedDocument[] = [];
  for (const document of documents) {
    prepared.push(prepareDocument(document));
    if (turn.isOver()) {
      await turn.next();
    }
  }
  return prepared;
}

/** The second half of `loadDocuments`. */
export async function storePrepared(
  { batches, refused }: PreparedDocuments,
  options: StoreOptions,
): Promise<Readonly<LoadTally>> {
  const { store, runId, at, dryRun = false, reconcile, turn, onBatch } = options;
  const keepsHistory = new Set(
    options.collections?.filter((collection) => collection.keepsHistory).map(({ name }) => name),
  );
  const tally: LoadTally = { inserted: 0, updated: 0, unchanged: 0, refused: [...refused] };
  for (const { collection: name, documents } of batches) {
    const target = {
      collection: store.database.collection<StoredDocument>(name),
      ...{ store, runId, at, dryRun, reconcile, turn, keepsHistory: keepsHistory.has(name) },
    };
    await storeBatch(documents, target, tally);
    await turn;
    onBatch?.(tally);
  }
  return tally;
}
