import type { StoreReader } from "../connector/connector.js";
import { ensureIndexes } from "../documents/ensure-indexes.js";
import { RemovalsRefusedError } from "../documents/guard-removals.js";
import type { HttpClient } from "../http/http-client.js";
import { countRejections, type Rejections } from "../quarantine/count-rejections.js";
import type { Checkpoints } from "../store/checkpoints.js";
import { type LoadPageOptions, loadPage, type PageExtent } from "./load-page.js";
import { type PageToLoad, pageToLoad } from "./page-to-load.js";
import type { StepCounts } from "./run-event.js";
import type { RunSession } from "./run-session.js";

/** What a page adds to the report of its step. */
export type PageFindings = Pick<PageToLoad, "facts" | "missing" | "gap">;

export interface RunStepOptions extends LoadPageOptions {
  readonly http: HttpClient;
  /** What the step reads of the store: without secrets, as it is stored. */
  readonly reader: StoreReader;
  readonly session: RunSession;
  /** Where the step may keep files. */
  readonly filesFolder: string;
  readonly checkpoints: Checkpoints;
  readonly signal: AbortSignal;
  readonly full: boolean;
  /** Rejects where another run may hold the connector by now. */
  readonly assertHeld: () => Promise<void>;
  /** After every page: everything of it is stored, and its checkpoint saved. */
  readonly onPage: (counts: StepCounts, page: PageExtent & PageFindings) => void;
}

/**
 * Runs one step page by page: extract, load, apply listings, save the checkpoint. When the signal aborts, the page in hand is finished
 * first.
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
  const { step, store, checkpoints, signal, dryRun, full, log, http, now, session, filesFolder } = options;
  const context = {
    http,
    checkpoint: full ? undefined : await checkpoints.load(step.name),
    store: options.reader,
    session: () => session.open(),
    ...{ log, signal, filesFolder, now },
  };
  let isFirst = true;
  let refused: RemovalsRefusedError | undefined;
  const rejections = countRejections();
  const pages = step.extract(context)[Symbol.asyncIterator]();
  try {
    let next = await pages.next();
    while (!next.done) {
      const page = pageToLoad(next.value, step);
      if (isFirst && !dryRun) {
        for (const collection of step.collections) {
          await ensureIndexes(store, collection);
        }
      }
      isFirst = false;
      await options.assertHeld();
      const refusal = await loadUnlessRefused(page, rejections, options);
      if (refusal !== undefined) {
        refused ??= refusal;
        if (pages.throw === undefined) {
          throw refusal;
        }
        next = await pages.throw(refusal);
        continue;
      }
      await options.assertHeld();
      if (!rejections.holdsCheckpoint) {
        await saveCheckpoint(page, options);
      }
      options.onPage({ ...options.tally }, page);
      if (signal.aborted) {
        return "stopped";
      }
      if (rejections.isHopeless) {
        break;
      }
      next = await pages.next();
    }
  } finally {
    await pages.return?.();
  }
  const fault = refused ?? rejections.fault();
  if (fault !== undefined) {
    throw fault;
  }
  return "finished";
}

async function loadUnlessRefused(
  page: PageToLoad,
  rejections: Rejections,
  options: RunStepOptions,
): Promise<RemovalsRefusedError | undefined> {
  try {
    rejections.addPage(page.records.length, await loadPage(page, options));
    return undefined;
  } catch (error) {
    if (error instanceof RemovalsRefusedError) {
      return error;
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
