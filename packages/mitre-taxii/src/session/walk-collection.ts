import { isDeepStrictEqual } from "node:util";
import type { PageCursor, TaxiiPage } from "../taxii/taxii-page.js";
import type { WalkOptions } from "../taxii/walk-pages.js";
import { type AdaptingWalk, startRecovery } from "./adapt-page-size.js";

/** The pages of one listing of a collection. */
export interface CollectionWalk<Item, Page = never> extends AdaptingWalk {
  open(options: WalkOptions): AsyncIterable<TaxiiPage<Item>>;
  /** At most so many items are taken, and no page beyond is requested. */
  readonly max?: number | undefined;
  /** A page that saves the size and forgets the cursor, in case the next pages fail as well. */
  remember?(): Page | undefined;
}

/** Makes something of the pages of one walk, from its first page on. */
export interface PageCollector<Item, Page, Result> {
  add(page: TaxiiPage<Item>): Page;
  finish(): Result;
}

/**
 * Walks the pages of a collection. Where one takes the server too long, or its `limit` is above the server's maximum, they are walked
 * again from the first one, half as large: a cursor belongs to its limit. Where the server does not know a page any more that it told
 * of, they are walked again from the first one, too: any refusal of the page that an earlier walk stopped at, and one within a walk.
 *
 * @param from where an earlier walk with the same limit stopped
 * @param begin is called for each new start, so that what was collected before is forgotten
 */
export async function* walkCollection<Item, Page, Result>(
  walk: CollectionWalk<Item, Page>,
  from: PageCursor | undefined,
  begin: (limit: number, isResumed: boolean) => PageCollector<Item, Page, Result>,
): AsyncGenerator<Page, Result, void> {
  const recover = startRecovery(walk);
  for (let start = from; ; start = undefined) {
    const request = walk.limits.of(walk.pages, walk.collectionId);
    const collector = begin(request.limit, start !== undefined);
    try {
      const pages = walk.open({ ...request, ...(start && { from: start }) });
      for await (const page of takeItems(pages, walk.max)) {
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

/** The same for pages that are read before anything is made of them. */
export async function readCollection<Item, Result>(
  walk: CollectionWalk<Item, void>,
  begin: (limit: number) => PageCollector<Item, void, Result>,
): Promise<Result> {
  const pages = walkCollection(walk, undefined, begin);
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

async function* takeItems<Item>(
  pages: AsyncIterable<TaxiiPage<Item>>,
  max = Number.POSITIVE_INFINITY,
): AsyncGenerator<TaxiiPage<Item>, void, void> {
  let left = max;
  for await (const page of pages) {
    if (page.items.length >= left) {
      yield { ...page, items: page.items.slice(0, left), next: undefined };
      return;
    }
    left -= page.items.length;
    yield page;
  }
}
