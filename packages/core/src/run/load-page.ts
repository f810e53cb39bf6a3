import type { ConfiguredStep } from "../connector/configure-connector.js";
import {
  findUnlisted,
  markRemoved,
  type ScopedListing,
  type UnlistedDocuments,
} from "../documents/apply-listing.js";
import type { CurrentIds } from "../documents/current-ids.js";
import { type RemovalPolicy, refuseRemovals } from "../documents/guard-removals.js";
import { storePrepared } from "../documents/load-documents.js";
import type { Logger } from "../log/create-logger.js";
import { quarantine, type Refusal } from "../quarantine/quarantine.js";
import type { Redact } from "../secrets/redact-secrets.js";
import type { Store } from "../store/open-store.js";
import type { DataRedactor } from "../store/redact-data.js";
import type { PageToLoad } from "./page-to-load.js";
import type { StepCounts, StepTally } from "./run-event.js";
import type { PageSlices, PreparedSlice, Refusals } from "./slice-page.js";

/** What a page says about how much there is to load. */
export type PageExtent = Pick<PageToLoad, "total" | "bytes">;

export interface LoadPageOptions {
  readonly connector: string;
  readonly step: ConfiguredStep;
  readonly store: Store;
  readonly log: Logger;
  readonly redact: Redact;
  readonly redactor: DataRedactor;
  readonly runId: string;
  readonly dryRun: boolean;
  readonly removals: RemovalPolicy;
  /** The setting LOAD_OVERLAP. */
  readonly overlap: boolean;
  readonly now: () => Date;
  /** Updated as the step goes on, so that a step that fails still reports how far it came. */
  readonly tally: StepTally;
  /** What the step has stored so far. */
  readonly current: CurrentIds;
  /** After every batch that was written. */
  readonly onBatch: (counts: StepCounts, page: PageExtent) => void;
}

/**
 * Stores everything of one page, its listings last. Records that cannot be understood or stored go to quarantine.
 *
 * @param slices of the records, none of which is taken yet
 * @returns why records were rejected: a reason for each of them
 * @throws RemovalsRefusedError where a listing would withdraw too much: then nothing of the page is stored
 */
export async function loadPage(
  page: PageToLoad,
  slices: PageSlices,
  options: LoadPageOptions,
): Promise<readonly string[]> {
  const { store, runId, dryRun, removals, tally, current, now } = options;
  const at = now();
  tally.extracted += page.records.length;
  const listings = page.listings.map((listing) => withoutSecrets(listing, options.redactor));
  const unlistedIn = (listing: ScopedListing) =>
    findUnlisted({ store, listing, runId, current: current.in(listing.collection) });
  const unlistedBefore = new Map<ScopedListing, UnlistedDocuments>();
  for (const listing of listings) {
    const unlisted = await unlistedIn(listing);
    const refusal = refuseRemovals(listing, unlisted, removals);
    if (refusal !== undefined) {
      throw refusal;
    }
    unlistedBefore.set(listing, unlisted);
  }

  const rejected = countRejected();
  await storeSlices(slices, options, async (slice, turn) => {
    const refusals = await storeSlice(slice, { page, at, turn }, options);
    await keepRefused(page.records, refusals, at, options);
    rejected.add(refusals, options.redact);
  });
  warnOfRejected(rejected, options);

  let isUnchanged = page.records.length === 0;
  for (const [listing, before] of unlistedBefore) {
    const unlisted = isUnchanged ? before : await unlistedIn(listing);
    const removed = await markRemoved(unlisted, { store, listing, runId, at, dryRun });
    current.remove(listing.collection, Object.values(unlisted.ids).flat());
    isUnchanged &&= removed.superseded + removed.withdrawn === 0;
    tally.superseded += removed.superseded;
    tally.withdrawn += removed.withdrawn;
  }
  return rejected.reasons;
}

/** Names documents as they are stored. */
function withoutSecrets(listing: ScopedListing, redactor: DataRedactor): ScopedListing {
  const scope = Object.entries(listing.scope).map(([path, value]) => [path, redactor.text(value)] as const);
  return {
    ...listing,
    scope: Object.fromEntries(scope),
    listed: new Set([...listing.listed].map((id) => redactor.text(id))),
    isSuperseded: (id) => listing.isSuperseded(id),
  };
}

/**
 * Stores slices one after the other. With `overlap`, while one is written, the next is prepared, compared with what is stored, and made ready
 * to be written; it waits where both hold a document, as they may where a step reconciles.
 *
 * @param storeOne writes nothing before its turn
 */
async function storeSlices(
  slices: PageSlices,
  { overlap }: LoadPageOptions,
  storeOne: (slice: PreparedSlice, turn: Promise<void>) => Promise<void>,
): Promise<void> {
  let last: PreparedSlice | undefined;
  let stored = Promise.resolve();
  let next = stored;
  try {
    for (let slice = await slices.take(); slice !== undefined; slice = await slices.take()) {
      if (last !== undefined && shareDocuments(last, slice)) {
        await stored;
      }
      next = storeOne(slice, stored);
      // Thrown where it is waited for.
      next.catch(() => undefined);
      await stored;
      stored = next;
      if (overlap) {
        last = slice;
        slices.prepareNext();
      } else {
        await stored;
      }
    }
  } finally {
    // If one of them fails, the error is thrown only after the other has ended, too.
    await Promise.allSettled([stored, next]);
  }
  await next;
}

function shareDocuments(one: PreparedSlice, other: PreparedSlice): boolean {
  const ids = new Set(idsOf(one));
  return idsOf(other).some((id) => ids.has(id));
}

function idsOf({ batches }: PreparedSlice): readonly string[] {
  return batches.flatMap(({ collection, documents }) =>
    documents.map(({ document }) => `${collection}/${document._id}`),
  );
}

interface SliceOfPage {
  readonly page: PageToLoad;
  readonly at: Date;
  /** When what comes before the slice is stored. */
  readonly turn: Promise<void>;
}

/** @returns all records of the slice that are not stored */
async function storeSlice(
  slice: PreparedSlice,
  { page, at, turn }: SliceOfPage,
  options: LoadPageOptions,
): Promise<Refusals> {
  const { step, store, runId, dryRun, tally, current } = options;
  const refusals: Refusals = new Map(slice.refusals);
  const counted = { inserted: 0, updated: 0, unchanged: 0 };
  const { refused } = await storePrepared(slice, {
    ...{ store, runId, at, dryRun, turn },
    reconcile: step.reconcile,
    collections: step.collections,
    onBatch(counts) {
      for (const name of ["inserted", "updated", "unchanged"] as const) {
        tally[name] += counts[name] - counted[name];
        counted[name] = counts[name];
      }
      options.onBatch({ ...tally }, page);
    },
  });
  await turn;
  if (!dryRun) {
    current.add(slice, refused);
  }
  for (const { document, reason } of refused) {
    const index = slice.recordOf.get(document);
    if (index !== undefined && !refusals.has(index)) {
      refusals.set(index, { document: `${document.collection}/${document._id}`, reason });
    }
  }
  return refusals;
}

async function keepRefused(
  records: readonly unknown[],
  refusals: Refusals,
  at: Date,
  { connector, step, store, runId, dryRun, tally, redact, redactor }: LoadPageOptions,
): Promise<void> {
  const inOrder = [...refusals].sort(([one], [other]) => one - other);
  const refused: Refusal[] = inOrder.map(([index, { document, reason }]) => ({
    record: records[index],
    reason: redact(document === undefined ? reason : `${document}: ${reason}`),
  }));
  if (!dryRun) {
    await quarantine(refused, { store, connector, step: step.name, runId, at, redactor });
  }
  tally.rejected += refused.length;
}

/** Keeps equal reasons in memory once, even for millions of records. */
function countRejected() {
  const reasons: string[] = [];
  const distinct = new Map<string, string>();
  let first = { index: Number.POSITIVE_INFINITY, reason: "" };
  return {
    /** One for each record, in no order. */
    reasons,
    /** The reason for the first rejected record of the page. */
    get firstReason() {
      return reasons.length === 0 ? undefined : first.reason;
    },
    add(refusals: Refusals, redact: Redact): void {
      for (const [index, refusal] of refusals) {
        const text = redact(refusal.reason);
        const reason = distinct.get(text) ?? text;
        distinct.set(reason, reason);
        reasons.push(reason);
        if (index < first.index) {
          first = { index, reason };
        }
      }
    },
  };
}

function warnOfRejected(
  { reasons, firstReason }: ReturnType<typeof countRejected>,
  { connector, step, dryRun, log }: LoadPageOptions,
): void {
  if (firstReason !== undefined) {
    log.warn(
      { connector, step: step.name, rejected: reasons.length, reason: firstReason },
      dryRun ? "records would be rejected" : "records were rejected: see etl_rejected",
    );
  }
}
