import { HttpConnectionError, type Logger } from "@cti-connectors/core";
import { concernsEverything, isNoResource, isRefusal } from "../taxii/refusals.js";
import type { TaxiiApiRoot } from "../taxii/taxii-api-root.js";
import { TaxiiError } from "../taxii/taxii-error.js";
import type { PageCursor } from "../taxii/taxii-page.js";
import type { PageLimits, PageRequest, PagesOf } from "./page-limits.js";

export interface AdaptingWalk {
  readonly root: TaxiiApiRoot;
  readonly limits: PageLimits;
  readonly log: Logger;
  readonly pages: PagesOf;
  readonly collectionId: string;
}

/**
 * Walks the pages of a collection. Where one takes the server too long, or its `limit` is above the server's maximum, they are walked
 * again from the first one, half as large: a cursor belongs to its limit. Where the server does not know a page any more that it told
 * of, they are walked again from the first one, too: any refusal of the page that an earlier walk stopped at, and one within a walk.
 *
 * @param from where an earlier walk with the same limit stopped
 * @param walk is begun anew each time, so that it forgets what it knew
 */
export async function* walkAdapting<Page, Result>(
  adapting: AdaptingWalk & {
    /** A page that saves the size and forgets the cursor, in case the next pages fail as well. */
    readonly remember?: () => Page | undefined;
  },
  from: PageCursor | undefined,
  walk: (page: PageRequest, from: PageCursor | undefined) => AsyncGenerator<Page, Result, void>,
): AsyncGenerator<Page, Result, void> {
  const { limits, pages, collectionId } = adapting;
  const recover = startRecovery(adapting);
  for (let start = from; ; start = undefined) {
    try {
      return yield* walk(limits.of(pages, collectionId), start);
    } catch (error) {
      await recover(error, start);
      const saved = adapting.remember?.();
      if (saved !== undefined) {
        yield saved;
      }
    }
  }
}

/** The same for pages that are read before any of them is passed on. */
export async function readAdapting<Result>(
  adapting: AdaptingWalk,
  read: (page: PageRequest) => Promise<Result>,
): Promise<Result> {
  const { limits, pages, collectionId } = adapting;
  const recover = startRecovery(adapting);
  for (;;) {
    try {
      return await read(limits.of(pages, collectionId));
    } catch (error) {
      await recover(error, undefined);
    }
  }
}

/** Whether the server took too long for what it was asked: our own time-out, or a gateway's. */
export function tookTooLong(error: unknown): boolean {
  if (error instanceof HttpConnectionError) {
    return error.code === "ETIMEDOUT";
  }
  return error instanceof TaxiiError && (error.httpStatus === 502 || error.httpStatus === 504);
}

/** Whether the answer was longer than HTTP_MAX_BODY_MB allows. */
function wasTooLong(error: unknown): boolean {
  return error instanceof HttpConnectionError && error.code === "ERR_BODY_TOO_LONG";
}

/** Returns where it is worth while to walk again; throws what is no matter of size or cursor, and what walking again did not help. */
function startRecovery(adapting: AdaptingWalk) {
  const { limits, log, pages, collectionId } = adapting;
  const [what, unit] = pages === "objects" ? ["its objects are", "objects"] : ["its manifest is", "records"];
  let isLimitRefused = false;
  let hasRestarted = false;

  function warn(error: unknown, { limit }: PageRequest, message: string): void {
    const reason = error instanceof Error ? error.message : undefined;
    log.warn({ collection: collectionId, limit, reason }, `${collectionId}${message}`);
  }

  return async (error: unknown, start: PageCursor | undefined): Promise<void> => {
    const request = limits.of(pages, collectionId);
    const why = wasTooLong(error) ? "is longer than HTTP_MAX_BODY_MB allows" : "took the server too long";
    if ((tookTooLong(error) || wasTooLong(error)) && limits.halve(pages, collectionId)) {
      const { limit } = limits.of(pages, collectionId);
      warn(
        error,
        request,
        `: a page of ${request.limit} ${unit} ${why}, so ${what} read again with ${limit} to a page`,
      );
      return;
    }
    if (!(error instanceof TaxiiError) || concernsEverything(error)) {
      throw error;
    }
    if (error.page !== undefined) {
      if (start !== undefined && isSame(error.page, start) && isErrorStatus(error)) {
        warn(error, request, " can no longer resume at its last page: loaded from its first page");
        return;
      }
      if (hasRestarted || !isRefusal(error)) {
        throw error;
      }
      hasRestarted = true;
      warn(
        error,
        request,
        `: the server does not know its next page any more, so ${what} read again from the first one`,
      );
      return;
    }
    const isFirst = !isLimitRefused;
    isLimitRefused ||= mayRefuseLimit(error) && (await answersSmallerPages(adapting, request));
    if (!isLimitRefused || !limits.refuse(pages, collectionId)) {
      throw error;
    }
    if (isFirst) {
      warn(
        error,
        request,
        `: the server refuses pages of ${request.limit} ${unit}: smaller ones are requested, and the size that works is remembered`,
      );
    }
  };
}

/** What comes with status 200 and is no page says nothing of the cursor. */
function isErrorStatus({ httpStatus = 0 }: TaxiiError): boolean {
  return httpStatus >= 400;
}

function isSame(one: PageCursor, other: PageCursor): boolean {
  return one.next === other.next && one.added_after === other.added_after;
}

/** What says that there is no such resource says nothing of the number of entries. */
function mayRefuseLimit(error: TaxiiError): boolean {
  return isRefusal(error) && !isNoResource(error);
}

/** Whether it is the `limit` that the server refuses: two requests tell at most. All versions are asked for with that of the manifest. */
async function answersSmallerPages(
  { root, pages, collectionId }: AdaptingWalk,
  { limit: refused, maxPages }: PageRequest,
): Promise<boolean> {
  if (pages === "versions") {
    return false;
  }
  for (const limit of [100, 1]) {
    if (limit >= refused) {
      continue;
    }
    try {
      const options = { limit, ...(maxPages !== undefined && { maxPages }) };
      for await (const _page of root[pages](collectionId, options)) {
        return true;
      }
    } catch (error) {
      if (!(error instanceof TaxiiError) || !mayRefuseLimit(error)) {
        return false;
      }
    }
  }
  return false;
}
