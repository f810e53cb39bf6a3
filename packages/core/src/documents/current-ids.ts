import type { LoadTally } from "./batch-work.js";
import type { PreparedDocuments } from "./prepare-batches.js";

/** The `_id`s of documents that a step has stored, or found stored, as the upstream lists them. */
export interface CurrentIds {
  /** Notes what was stored. */
  add(stored: Pick<PreparedDocuments, "batches">, refused: LoadTally["refused"]): void;
  /** Forgets documents that were marked as removed. */
  remove(collection: string, ids: readonly string[]): void;
  /** Those of a collection; undefined where there are none, or were too many to remember. */
  in(collection: string): ReadonlySet<string> | undefined;
}

/** They take 10 MB. No release of ATT&CK has as many documents. */
const mostRemembered = 50_000;

/** Remembers what one step stores: up to 50,000 documents, or nothing where there are more. */
export function rememberCurrent(): CurrentIds {
  const ids = new Map<string, Set<string>>();
  let isFull = false;

  function setOf(collection: string): Set<string> {
    const known = ids.get(collection) ?? new Set();
    ids.set(collection, known);
    return known;
  }

  return {
    add({ batches }, refused) {
      if (isFull) {
        return;
      }
      const left = new Set(refused.map(({ document }) => document));
      for (const { collection, documents } of batches) {
        const known = setOf(collection);
        for (const { document } of documents) {
          if (document.removed !== undefined) {
            known.delete(document._id);
          } else if (!left.has(document)) {
            known.add(document._id);
          }
        }
      }
      isFull = [...ids.values()].reduce((sum, { size }) => sum + size, 0) > mostRemembered;
      if (isFull) {
        ids.clear();
      }
    },
    remove(collection, removed) {
      for (const id of removed) {
        ids.get(collection)?.delete(id);
      }
    },
    in: (collection) => ids.get(collection),
  };
}
