import { startTurn } from "../async/event-loop-turn.js";
import type { ConfiguredStep } from "../connector/configure-connector.js";
import type { LoadDocument } from "../connector/connector.js";
import { type PreparedDocuments, prepareBatches, type TakenIds } from "../documents/prepare-batches.js";
import { type CheckedDocument, prepareWithText } from "../documents/prepare-document.js";
import { alterationsIn } from "../json/altered-values.js";
import { describeFailure } from "../store/describe-failure.js";
import type { DataRedactor } from "../store/redact-data.js";
import type { StorePlace } from "../store/store-place.js";
import type { PageToLoad } from "./page-to-load.js";

/** How many records are transformed and stored at once. With `overlap` two slices of documents are in memory at most, however large a page is. */
const sliceRecords = 1_000;

/** From the index of a record to the reason. */
export type Refusals = Map<number, { readonly document?: string; readonly reason: string }>;

/** A part of a page, ready to be compared and stored. */
export interface PreparedSlice extends PreparedDocuments {
  /** Records that cannot be understood. */
  readonly refusals: Refusals;
  /** From a document to the index of its record. */
  readonly recordOf: ReadonlyMap<LoadDocument, number>;
}

/** The slices of a page, in the order in which they are stored. */
export interface PageSlices {
  /** The next one; undefined after the last. */
  take(): Promise<PreparedSlice | undefined>;
  /** Prepares the next one already. */
  prepareNext(): void;
  /** Prepares the first one already, unless it is taken. */
  prepareFirst(): void;
  /** Resolves when the next one would be prepared, and there is none. */
  readonly allPrepared: Promise<void>;
}

export interface SliceOptions {
  readonly step: ConfiguredStep;
  readonly store: StorePlace;
  readonly redactor: DataRedactor;
}

/**
 * Transforms and hashes the records of a page slice by slice. Reads and writes nothing.
 *
 * Of several documents with one `_id` in a page the last one is stored and counted, and the others are neither: the page
 * is gone through slice by slice from its end, and what a later slice brought is left out of earlier ones. So a page that
 * brings two contents of one `_id` writes nothing when it is loaded again. A step that reconciles would lose what the others
 * hold: there all of them are stored and counted, in the order of the page.
 */
export function slicePage({ records }: Pick<PageToLoad, "records">, options: SliceOptions): PageSlices {
  const isReconciled = options.step.reconcile !== undefined;
  const taken: TakenIds | undefined = isReconciled ? undefined : new Map();
  const left = rangesOf(records.length, isReconciled);
  let prepared: Promise<PreparedSlice> | undefined;
  let isBegun = false;
  let endPreparing = () => {};
  const allPrepared = new Promise<void>((resolve) => {
    endPreparing = resolve;
  });

  function prepareNext(): void {
    if (prepared !== undefined) {
      return;
    }
    isBegun = true;
    const range = left.shift();
    if (range === undefined) {
      endPreparing();
      return;
    }
    prepared = prepareSlice(records, range, taken, options);
    // Thrown where the slice is taken.
    prepared.catch(() => undefined);
  }

  return {
    allPrepared,
    prepareNext,
    prepareFirst() {
      if (!isBegun) {
        prepareNext();
      }
    },
    async take() {
      prepareNext();
      const slice = await prepared;
      prepared = undefined;
      return slice;
    },
  };
}

type Range = readonly [start: number, end: number];

function rangesOf(records: number, inOrder: boolean): Range[] {
  const fromEnd: Range[] = [];
  for (let end = records; end > 0; end -= sliceRecords) {
    fromEnd.push([Math.max(0, end - sliceRecords), end]);
  }
  return inOrder ? fromEnd.reverse() : fromEnd;
}

/** Prepares the records from index `start` up to `end`. */
async function prepareSlice(
  records: readonly unknown[],
  [start, end]: Range,
  taken: TakenIds | undefined,
  { step, store, redactor }: SliceOptions,
): Promise<PreparedSlice> {
  const turn = startTurn();
  // What is stored meanwhile goes first, so that the database works while this does.
  await turn.next();
  const refusals: Refusals = new Map();
  const recordOf = new Map<LoadDocument, number>();
  const prepared: CheckedDocument[] = [];
  for (let index = start; index < end; index += 1) {
    try {
      const altered = alterationsIn(records[index]).map(redactor.text);
      const process = (raw: unknown) => step.process(raw);
      for (const made of redactor.prepared(records[index], process, prepareWithText)) {
        const document = altered.length === 0 ? made.document : { ...made.document, altered };
        prepared.push({ ...made, document });
        recordOf.set(document, index);
      }
    } catch (error) {
      refusals.set(index, { reason: describeFailure(error, store) });
    }
    if (turn.isOver()) {
      await turn.next();
    }
  }
  const isReconciled = taken === undefined;
  return {
    ...prepareBatches(prepared, { isReconciled, taken }),
    refusals,
    recordOf,
  };
}
