import type { LoadTally } from "./batch-work.js";
import { batchCharacters } from "./plan-batch.js";
import type { CheckedDocument, PreparedDocument } from "./prepare-document.js";

/** Documents of different `_id`s in one collection that are compared and written at once. */
export interface PreparedBatch {
  /** The name of the collection. */
  readonly collection: string;
  readonly documents: readonly PreparedDocument[];
}

/** Documents that can be stored without looking at their content again, and those that MongoDB cannot hold. */
export interface PreparedDocuments extends Pick<LoadTally, "refused"> {
  /** To be stored one after the other. */
  readonly batches: readonly PreparedBatch[];
}

/** `_id`s by the name of their collection. */
export type TakenIds = Map<string, Set<string>>;

export interface PrepareOptions {
  /** Documents of one `_id` are all stored, one after the other, each in a batch of its own. */
  readonly isReconciled: boolean;
  /** Documents of these `_id`s are left out, those of all others are added. So the last one counts where a list is loaded from its end. */
  readonly taken?: TakenIds | undefined;
}

const batchDocuments = 1_000;

/** Chooses which of the documents of one `_id` are stored, and divides them into batches. */
export function prepareBatches(
  documents: readonly CheckedDocument[],
  { isReconciled, taken }: PrepareOptions,
): PreparedDocuments {
  const refused: LoadTally["refused"] = [];
  const batches: PreparedBatch[] = [];
  for (const round of isReconciled ? roundsOf(documents) : [documents]) {
    for (const [collection, ofCollection] of lastOfEach(round, taken)) {
      const batch = startBatches(collection, batches);
      for (const candidate of ofCollection) {
        if ("reason" in candidate) {
          refused.push(candidate);
        } else {
          batch.add(candidate);
        }
      }
    }
  }
  return { batches, refused };
}

/** The first document of each `_id`, then the second of each, and so on. */
function roundsOf(documents: readonly CheckedDocument[]): readonly (readonly CheckedDocument[])[] {
  const rounds: CheckedDocument[][] = [];
  const taken = new Map<string, number>();
  for (const candidate of documents) {
    const { collection, _id } = candidate.document;
    const key = JSON.stringify([collection, _id]);
    const round = taken.get(key) ?? 0;
    taken.set(key, round + 1);
    rounds[round] ??= [];
    rounds[round].push(candidate);
  }
  return rounds;
}

/** By collection, in their order. */
function lastOfEach(
  documents: readonly CheckedDocument[],
  taken: TakenIds = new Map(),
): Map<string, readonly CheckedDocument[]> {
  const collections = new Map<string, CheckedDocument[]>();
  for (const candidate of documents.toReversed()) {
    const { collection, _id } = candidate.document;
    const ids = taken.get(collection) ?? new Set();
    if (!ids.has(_id)) {
      taken.set(collection, ids.add(_id));
      const known = collections.get(collection) ?? [];
      collections.set(collection, known);
      known.push(candidate);
    }
  }
  for (const fromEnd of collections.values()) {
    fromEnd.reverse();
  }
  return collections;
}

/** Adds documents of a collection to the list of batches, each batch small enough for one bulk write. */
function startBatches(collection: string, batches: PreparedBatch[]) {
  let documents: PreparedDocument[] = [];
  let characters = 0;
  return {
    add(prepared: PreparedDocument): void {
      const isFull =
        documents.length === batchDocuments || characters + prepared.characters > batchCharacters;
      if (documents.length === 0 || isFull) {
        documents = [];
        characters = 0;
        batches.push({ collection, documents });
      }
      documents.push(prepared);
      characters += prepared.characters;
    },
  };
}
