import { isDeepStrictEqual } from "node:util";
import type { Logger } from "@cti-connectors/core";
import { versionDocumentId, versionOf } from "../documents/document-id.js";
import { type ReleaseContents, readReleaseContents } from "../documents/release-contents.js";
import { isStixObject } from "../taxii/stix-object.js";
import type { PageCursor, TaxiiPage } from "../taxii/taxii-page.js";
import type { WalkOptions } from "../taxii/walk-pages.js";
import { type AdaptingWalk, startRecovery } from "./adapt-page-size.js";

export interface CollectionWalk<Page = never> extends AdaptingWalk {
  readonly match?: WalkOptions["match"];
  /** A page that saves the size and forgets the cursor, in case the next pages fail as well. */
  remember?(): Page | undefined;
}

/** Makes something of the pages of one walk, from its first page on. */
export interface PageCollector<Page, Result> {
  add(page: TaxiiPage): Page | Promise<Page>;
  finish(): Result;
}

/**
 * Walks the pages of a collection. Where one takes the server too long, or its `limit` is above the server's maximum, they are walked
 * again from the first one, half as large: a cursor belongs to its limit. Where the server no longer knows a page that it
 * named, they are walked again from the first one, too: any refusal of the page that an earlier walk stopped at, and one within a walk.
 *
 * @param from where an earlier walk with the same limit stopped
 * @param begin is called for each new start, so that what was collected before is forgotten
 */
export async function* walkCollection<Page, Result>(
  walk: CollectionWalk<Page>,
  from: PageCursor | undefined,
  begin: (limit: number, isResumed: boolean) => PageCollector<Page, Result>,
): AsyncGenerator<Page, Result, void> {
  const recover = startRecovery(walk);
  for (let start = from; ; start = undefined) {
    const { limit } = walk.session.limits.of(walk.pages, walk.id);
    const collector = begin(limit, start !== undefined);
    try {
      for await (const page of pagesOf(walk, start)) {
        yield collector.add(page);
      }
      return collector.finish();
    } catch (error) {
      await recover(error, start);
      const saved = walk.remember?.();
      if (saved !== undefined) {
        yield saved;
      }
    }
  }
}

/** Reads all pages in the same way, where nothing is made of one of them alone. */
export async function readCollection<Result>(
  walk: CollectionWalk<void>,
  begin: (limit: number) => PageCollector<void, Result>,
): Promise<Result> {
  return resultOf(walkCollection(walk, undefined, begin));
}

/** What a walk comes to whose pages nobody needs. */
export async function resultOf<Result>(pages: AsyncGenerator<unknown, Result, void>): Promise<Result> {
  for (;;) {
    const step = await pages.next();
    if (step.done) {
      return step.value;
    }
  }
}

/** Where a walk that was broken off goes on: only over the same pages, of the same size. */
export function resumeAt(
  saved: { readonly cursor?: PageCursor } | null | undefined,
  place: Readonly<Record<string, string | number>>,
): PageCursor | undefined {
  const { cursor, ...rest } = saved ?? {};
  return isDeepStrictEqual(rest, place) ? cursor : undefined;
}

/** Which objects of a collection have come. */
export interface Arrival {
  /** The walk did not begin at the first page. */
  readonly isResumed: boolean;
  /** `_id`s of their documents. */
  readonly documentIds: Set<string>;
  readonly objectIds: Set<string>;
  /** The table of contents of the release, once the object that describes it has come. */
  contents: ReleaseContents | undefined;
  pages: number;
  /** The server said that there is more, and then had no such page. */
  cutOff: boolean;
  /** The server may have passed over objects, because a page was asked for again after a lost answer. */
  mayHaveSkipped: boolean;
}

/** @param isResumed the walk begins at a later page than the first */
export function startArrival(isResumed: boolean): Arrival {
  return {
    ...{ isResumed, documentIds: new Set<string>(), objectIds: new Set<string>(), contents: undefined },
    ...{ pages: 0, cutOff: false, mayHaveSkipped: false },
  };
}

export function noteArrival(arrival: Arrival, collectionId: string, page: TaxiiPage): void {
  for (const object of page.entries.filter(isStixObject)) {
    arrival.documentIds.add(versionDocumentId(collectionId, object.id, versionOf(object)));
    arrival.objectIds.add(object.id);
    if (object.id === collectionId) {
      arrival.contents = readReleaseContents(object);
    }
  }
  arrival.cutOff = page.notFound && (arrival.isResumed || arrival.pages > 0);
  arrival.mayHaveSkipped ||= page.mayHaveSkipped;
  arrival.pages += 1;
}

/** Which of these objects have not come. */
export function missingFrom({ objectIds }: Arrival, wanted: Iterable<string>): readonly string[] {
  return [...wanted].filter((id) => !objectIds.has(id));
}

/** Says why a collection is read again from its first page. */
export function warnOfRestart(
  log: Logger,
  fields: { readonly collection: string; readonly release?: string; readonly missing: number | undefined },
  { isResumed, cutOff }: Arrival,
): void {
  const why = isResumed && cutOff ? "can no longer resume at its last page" : "came incomplete";
  log.warn(fields, `${fields.collection} ${why}: loaded from its first page`);
}

/** A walk of objects, for one step. */
export interface ObjectsWalk<Page> extends Omit<CollectionWalk<Page>, "pages" | "match"> {
  /** @param limit objects in a page at most */
  pageOf(page: TaxiiPage, limit: number, arrival: Arrival): Page | Promise<Page>;
}

/** Walks the pages of a collection's objects, and notes which have come. */
export function walkObjects<Page>(
  walk: ObjectsWalk<Page>,
  from: PageCursor | undefined,
): AsyncGenerator<Page, Arrival, void> {
  return walkCollection({ ...walk, pages: "objects" }, from, (limit, isResumed) => {
    const arrival = startArrival(isResumed);
    return {
      add(page) {
        noteArrival(arrival, walk.id, page);
        return walk.pageOf(page, limit, arrival);
      },
      finish: () => arrival,
    };
  });
}

/** How a walk is known to have brought everything. */
export interface WholeWalk<Page, Evidence> {
  walk(from: PageCursor | undefined): AsyncGenerator<Page, Arrival, void>;
  assess(arrival: Arrival): Promise<Evidence>;
  /** Whether something did not come. */
  isShort(evidence: Evidence, arrival: Arrival): boolean;
  onRestart(evidence: Evidence, arrival: Arrival): void;
}

/** Walks on from where an earlier walk stopped; once more from the first page where the server passed over something that it has. */
export async function* walkUntilWhole<Page, Evidence>(
  { walk, assess, isShort, onRestart }: WholeWalk<Page, Evidence>,
  from: PageCursor | undefined,
): AsyncGenerator<Page, { readonly arrival: Arrival; readonly evidence: Evidence }, void> {
  const arrival = yield* walk(from);
  const evidence = await assess(arrival);
  const mayLackObjects = arrival.isResumed || arrival.cutOff || arrival.mayHaveSkipped;
  if (!mayLackObjects || !isShort(evidence, arrival)) {
    return { arrival, evidence };
  }
  onRestart(evidence, arrival);
  const again = yield* walk(undefined);
  return { arrival: again, evidence: await assess(again) };
}

/** No more entries than MITRE_MAX_OBJECTS, and no page beyond; of the manifest with all versions, all. */
async function* pagesOf(
  { session, root, pages, id, match }: CollectionWalk<unknown>,
  from: PageCursor | undefined,
): AsyncGenerator<TaxiiPage, void, void> {
  const request = session.limits.of(pages, id);
  const options = { ...request, ...(match && { match }), ...(from && { from }) };
  const walk = pages === "objects" ? root.objects(id, options) : root.manifest(id, options);
  let left =
    (pages === "versions" ? undefined : session.config.MITRE_MAX_OBJECTS) ?? Number.POSITIVE_INFINITY;
  for await (const page of walk) {
    if (page.entries.length >= left) {
      yield { ...page, entries: page.entries.slice(0, left), next: undefined };
      return;
    }
    left -= page.entries.length;
    yield page;
  }
}
