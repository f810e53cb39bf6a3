import { HttpConnectionError, type Logger } from "@cti-connectors/core";
import type { PageLimits, PageRequest, PagesOf } from "./page-limits.js";
import { TaxiiError } from "./taxii/taxii-error.js";
import type { PageCursor } from "./taxii/walk-pages.js";

export interface AdaptingWalk {
  readonly limits: PageLimits;
  readonly log: Logger;
  readonly pages: PagesOf;
  readonly collectionId: string;
}

/**
 * Walks the pages of a collection. Where one takes the server too long, they are walked again from the first one, half as large:
 * a cursor belongs to its limit.
 *
 * @param from where an earlier walk with the same limit stopped
 * @param walk is begun anew with every limit, so that it forgets what it knew
 */
export async function* walkAdapting<Page, Result>(
  adapting: AdaptingWalk & {
    /** A page that saves the size, in case the smaller pages fail as well. */
    readonly remember?: () => Page | undefined;
  },
  from: PageCursor | undefined,
  walk: (page: PageRequest, from: PageCursor | undefined) => AsyncGenerator<Page, Result, void>,
): AsyncGenerator<Page, Result, void> {
  const { limits, pages, collectionId } = adapting;
  for (let start = from; ; start = undefined) {
    try {
      return yield* walk(limits.of(pages, collectionId), start);
    } catch (error) {
      shrink(adapting, error);
      const saved = adapting.remember?.();
      if (saved !== undefined) yield saved;
    }
  }
}

/** The same for pages that are read before any of them is passed on. */
export async function readAdapting<Result>(
  adapting: AdaptingWalk,
  read: (page: PageRequest) => Promise<Result>,
): Promise<Result> {
  const { limits, pages, collectionId } = adapting;
  for (;;) {
    try {
      return await read(limits.of(pages, collectionId));
    } catch (error) {
      shrink(adapting, error);
    }
  }
}

/** Whether the server took too long for what it was asked: our own time-out, or a gateway's. */
export function tookTooLong(error: unknown): boolean {
  if (error instanceof HttpConnectionError) return error.code === "ETIMEDOUT";
  return error instanceof TaxiiError && (error.httpStatus === 502 || error.httpStatus === 504);
}

/** Throws what is no matter of size, and what smaller pages cannot help. */
function shrink({ limits, log, pages, collectionId }: AdaptingWalk, error: unknown): void {
  const { limit } = limits.of(pages, collectionId);
  if (!tookTooLong(error) || !limits.halve(pages, collectionId)) throw error;
  const smaller = limits.of(pages, collectionId).limit;
  const [what, unit] = pages === "objects" ? ["its objects are", "objects"] : ["its manifest is", "records"];
  log.warn(
    { collection: collectionId, limit, smaller, reason: error instanceof Error ? error.message : undefined },
    `${collectionId}: a page of ${limit} ${unit} took the server too long, so ${what} read again with ${smaller} to a page`,
  );
}
