import { HttpConnectionError, type Logger } from "@cti-connectors/core";
import type { MitreTaxiiConfig } from "../config/mitre-taxii-config.js";
import { concernsEverything, isNoResource, isRefusal } from "../taxii/refusals.js";
import type { ReadableRoot } from "../taxii/taxii-api-root.js";
import { TaxiiError } from "../taxii/taxii-error.js";
import type { PageCursor } from "../taxii/taxii-page.js";
import type { PageLimits, PagesOf } from "./page-limits.js";

/** A walk of the pages of one listing of a collection. */
export interface AdaptingWalk {
  readonly session: {
    readonly config: Pick<MitreTaxiiConfig, "MITRE_MAX_OBJECTS">;
    readonly limits: PageLimits;
    readonly log: Logger;
  };
  readonly root: ReadableRoot;
  readonly pages: PagesOf;
  readonly id: string;
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

/**
 * Prepares a walk that ended with an error to begin again.
 *
 * @returns rejects with an error that is no matter of size or cursor, or that walking again did not help
 */
export function startRecovery(walk: AdaptingWalk) {
  const { session, pages, id } = walk;
  const { limits } = session;
  let hasRestarted = false;
  let isLimitRefused = false;
  return async (error: unknown, start: PageCursor | undefined): Promise<void> => {
    if (isTooLarge(error) && halvePages(walk, error)) {
      return;
    }
    if (!(error instanceof TaxiiError) || concernsEverything(error)) {
      throw error;
    }
    if (error.page === undefined) {
      const isFirst = !isLimitRefused;
      isLimitRefused ||= await isLimitTooHigh(walk, error);
      const { limit } = limits.of(pages, id);
      if (!isLimitRefused || !limits.refuse(pages, id)) {
        throw error;
      }
      if (isFirst) {
        const what = `the server rejects pages of ${limit} ${unitOf(walk)}: requesting smaller ones, and keeping the size that works`;
        warn(walk, error, `: ${what}`, limit);
      }
      return;
    }
    if (start !== undefined && isSame(error.page, start) && isErrorStatus(error)) {
      warn(walk, error, " can no longer resume at its last page: loaded from its first page");
      return;
    }
    if (hasRestarted || !isRefusal(error)) {
      throw error;
    }
    hasRestarted = true;
    const what = `the server no longer knows its next page, so ${subjectOf(walk)} read again from the first one`;
    warn(walk, error, `: ${what}`);
  };
}

function isTooLarge(error: unknown): boolean {
  return tookTooLong(error) || wasTooLong(error);
}

/** False: the pages are as small as can be. */
function halvePages(walk: AdaptingWalk, error: unknown): boolean {
  const { session, pages, id } = walk;
  const { limits } = session;
  const why = wasTooLong(error) ? "is longer than HTTP_MAX_BODY_MB allows" : "took the server too long";
  const { limit: refused } = limits.of(pages, id);
  if (!limits.halve(pages, id)) {
    return false;
  }
  const { limit } = limits.of(pages, id);
  const what = `a page of ${refused} ${unitOf(walk)} ${why}, so ${subjectOf(walk)} read again with ${limit} per page`;
  warn(walk, error, `: ${what}`, refused);
  return true;
}

function warn(
  { session, pages, id }: AdaptingWalk,
  error: unknown,
  message: string,
  limit = session.limits.of(pages, id).limit,
): void {
  const reason = error instanceof Error ? error.message : undefined;
  session.log.warn({ collection: id, limit, reason }, `${id}${message}`);
}

function unitOf({ pages }: AdaptingWalk): string {
  return pages === "objects" ? "objects" : "records";
}

function subjectOf({ pages }: AdaptingWalk): string {
  return pages === "objects" ? "its objects are" : "its manifest is";
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
async function isLimitTooHigh(
  { session, root, pages, id }: AdaptingWalk,
  refusal: TaxiiError,
): Promise<boolean> {
  if (pages === "versions" || !mayRefuseLimit(refusal)) {
    return false;
  }
  const { limit: refused, maxPages } = session.limits.of(pages, id);
  for (const limit of [100, 1].filter((smaller) => smaller < refused)) {
    try {
      const options = { limit, ...(maxPages !== undefined && { maxPages }) };
      for await (const _page of root[pages](id, options)) {
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
