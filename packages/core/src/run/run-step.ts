import type { ExtractContext } from "../connector/connector.js";
import { ensureIndexes } from "../documents/ensure-indexes.js";
import { RemovalsRefusedError } from "../documents/guard-removals.js";
import type { HttpClient } from "../http/http-client.js";
import { countRejections, type Rejections } from "../quarantine/count-rejections.js";
import type { Checkpoints } from "../store/checkpoints.js";
import { affectsEverything } from "./affects-everything.js";
import type { HeldReads } from "./hold-reads.js";
import { type LoadPageOptions, loadPage, type PageExtent } from "./load-page.js";
import { type PageToLoad, pageToLoad } from "./page-to-load.js";
import { readPages, type StepPages } from "./read-pages.js";
import type { StepCounts } from "./run-event.js";
import type { RunSession } from "./run-session.js";
import { type PageSlices, slicePage } from "./slice-page.js";

/** What a page adds to the report of its step. */
export type PageFindings = Pick<PageToLoad, "facts" | "missing" | "gap">;

export interface RunStepOptions extends LoadPageOptions {
  readonly http: HttpClient;
  /** What the step reads of the store: without secrets, as it is stored. */
  readonly reads: HeldReads;
  readonly session: RunSession;
  /** Where the step may keep files. */
  readonly filesFolder: string;
  readonly checkpoints: Checkpoints;
  readonly signal: AbortSignal;
  /** Aborts the signal where the store fails while the step reads ahead: it must not go on with its requests. */
  readonly giveUp: (reason: unknown) => void;
  readonly full: boolean;
  /** Rejects where another run may hold the connector by now. */
  readonly assertHeld: () => Promise<void>;
  /** After every page: everything of it is stored, and its checkpoint saved. */
  readonly onPage: (counts: StepCounts, page: PageExtent & PageFindings) => void;
}

/** A page whose records are prepared slice by slice. */
interface SlicedPage {
  readonly page: PageToLoad;
  readonly slices: PageSlices;
}

/**
 * Runs one step page by page: extract, load, apply listings, save the checkpoint. When the signal aborts, the page in hand is finished
 * first.
 *
 * With `overlap` the step goes on to its next page while one is stored, unless that page has a listing, or no records. What the step reads
 * of the store waits until the page is stored, and what it throws is thrown after that. When the signal aborts, the page that was read ahead
 * is dropped.
 *
 * A listing that is refused is thrown into the step at the `yield` of its page, so that the step can go on with what does not depend on
 * it. The step fails in any case.
 *
 * A step of which more than half of the records were rejected fails when all of it is loaded. Where nothing of a page of at least 10
 * records could be stored, it goes on, but saves no checkpoint any more; after three such pages in a row it stops.
 *
 * @throws RecordsRejectedError, RemovalsRefusedError, and whatever the step throws; StoreError where the database fails. Then the page in hand is not recorded as done
 */
export async function runStep(options: RunStepOptions): Promise<"finished" | "stopped"> {
  const { step, signal } = options;
  let refused: RemovalsRefusedError | undefined;
  const rejections = countRejections();
  const pages = readPages(step.extract(await contextOf(options)), (extracted): SlicedPage => {
    const page = pageToLoad(extracted, step);
    return { page, slices: slicePage(page, options) };
  });
  try {
    let next = await pages.next();
    if (next !== undefined) {
      await createIndexes(options);
    }
    while (next !== undefined) {
      await options.assertHeld();
      const stored = storePage(next, rejections, options);
      const refusal = await (mayReadAhead(next.page, rejections, options)
        ? readAheadUntil(stored, pages, next.slices, options)
        : stored);
      if (refusal !== undefined) {
        refused ??= refusal;
        next = await pages.refuse(refusal);
        continue;
      }
      if (signal.aborted) {
        return "stopped";
      }
      if (rejections.isHopeless) {
        break;
      }
      next = await pages.next();
    }
  } finally {
    await pages.end();
    options.reads.release();
  }
  const fault = refused ?? rejections.fault();
  if (fault !== undefined) {
    throw fault;
  }
  return "finished";
}

async function contextOf(options: RunStepOptions): Promise<Omit<ExtractContext<never, unknown>, "config">> {
  const { step, checkpoints, full, http, reads, session, log, signal, filesFolder, now } = options;
  return {
    http,
    checkpoint: full ? undefined : await checkpoints.load(step.name),
    store: reads.reader,
    session: () => session.open(),
    ...{ log, signal, filesFolder, now },
  };
}

async function createIndexes({ step, store, dryRun }: RunStepOptions): Promise<void> {
  if (!dryRun) {
    for (const collection of step.collections) {
      await ensureIndexes(store, collection);
    }
  }
}

/** @returns why a listing of the page was refused: then nothing of it is stored */
async function storePage(
  { page, slices }: SlicedPage,
  rejections: Rejections,
  options: RunStepOptions,
): Promise<RemovalsRefusedError | undefined> {
  try {
    rejections.addPage(page.records.length, await loadPage(page, slices, options));
  } catch (error) {
    if (error instanceof RemovalsRefusedError) {
      return error;
    }
    throw error;
  }
  await options.assertHeld();
  if (!rejections.holdsCheckpoint) {
    await saveCheckpoint(page, options);
  }
  options.onPage({ ...options.tally }, page);
  return undefined;
}

/**
 * Whether the step may go on while a page is stored. Not where a listing may be refused, which is thrown at the `yield` of the page; nor where
 * nothing but a checkpoint is saved, after which a step may delete what the next run would resume from; nor where it may stop after the page.
 */
function mayReadAhead(
  { records, listings }: PageToLoad,
  { holdsCheckpoint }: Rejections,
  { overlap, signal }: RunStepOptions,
): boolean {
  return overlap && records.length > 0 && listings.length === 0 && !holdsCheckpoint && !signal.aborted;
}

/** Reads the next page while one is stored, and prepares its first slice while the last one of this is written. */
async function readAheadUntil<Result>(
  stored: Promise<Result>,
  pages: StepPages<SlicedPage>,
  { allPrepared }: PageSlices,
  { reads, signal, giveUp }: RunStepOptions,
): Promise<Result> {
  reads.holdUntil(stored.then(() => signal.throwIfAborted()));
  pages.readAhead((ahead) => void allPrepared.then(ahead.slices.prepareFirst));
  try {
    return await stored;
  } catch (error) {
    if (affectsEverything(error)) {
      giveUp(error);
    }
    throw error;
  }
}

async function saveCheckpoint(
  { checkpoint }: PageToLoad,
  { step, checkpoints, dryRun, runId, now }: RunStepOptions,
): Promise<void> {
  if (checkpoint !== undefined && !dryRun) {
    await checkpoints.save(step.name, checkpoint, { runId, at: now() });
  }
}
