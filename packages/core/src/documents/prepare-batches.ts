import type { EventLoopTurn } from "../async/event-loop-turn.js";
import type { LoadDocument } from "../connector/connector.js";
import type { LoadTally } from "./batch-work.js";
import { batchCharacters } from "./plan-batch.js";
import { type PreparedDocument, prepareDocument } from "./prepare-document.js";

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

/** Chooses which of the documents of one `_id` are stored, hashes them, and divides them into batches. */
export async function prepareBatches(
  documents: readonly LoadDocument[],
  { isReconciled, taken }: PrepareOptions,
  turn: EventLoopTurn,
): Promise<PreparedDocuments> {
  const refused: LoadTally["refused"] = [];
  const batches: PreparedBatch[] = [];
  for (const round of isReconciled ? roundsOf(documents) : [documents]) {
    for (const [collection, ofCollection] of lastOfEach(round, taken)) {
      const batch = startBatches(collection, batches);
      for (const document of ofCollection) {
        const prepared = prepareDocument(document);
        if ("reason" in prepared) {
          refused.push({ document, reason: prepared.reason });
        } else {
          batch.add(prepared);
        }
        if (turn.isOver()) {
          await turn.next();
        }
      }
    }
  }
  return { batches, refused };
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
