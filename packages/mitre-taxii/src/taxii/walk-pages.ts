import { createHash } from "node:crypto";
import type { Conditions, Validators } from "@cti-connectors/core";
import { z } from "zod";
import { getResource } from "./get-resource.js";
import { isManifestRecord } from "./manifest-record.js";
import { isRefusal } from "./refusals.js";
import { clientOptions, type TaxiiConnection } from "./taxii-connection.js";
import { TaxiiError } from "./taxii-error.js";
import type { PageCursor, TaxiiPage } from "./taxii-page.js";
import { justBefore, toUtcTimestamp } from "./utc-timestamp.js";
import { trackProgress } from "./walk-progress.js";

/** Filters of a request; lists are joined by commas (TAXII 2.1, section 3.4). */
export interface Match {
  readonly id?: string | readonly string[];
  readonly type?: string | readonly string[];
  /** `all`, `first`, `last`, or timestamps. If absent, servers use `last`. */
  readonly version?: string | readonly string[];
  readonly spec_version?: string | readonly string[];
}

export interface WalkOptions {
  /** The maximum number of entries per page. Without it, the ATT&CK server sends the whole collection in one body. */
  readonly limit?: number;
  /** A timestamp. The ATT&CK server compares it with `created`, so it never finds a modified object. */
  readonly addedAfter?: string;
  readonly match?: Match;
  /** Requests the first page only if it has changed since these validators (RFC 9110, section 13). */
  readonly unless?: Validators;
  /** False: a time-out, a 502 or a 504 is an error at once, for callers that then request smaller pages. Default true. */
  readonly retryTimeouts?: boolean;
  /** The maximum number of pages. If the server has more, that is an error. Default 10 000. */
  readonly maxPages?: number;
  /** Resumes where an earlier walk with the same options stopped. */
  readonly from?: PageCursor;
}

export interface WalkTarget {
  readonly connection: TaxiiConnection;
  readonly url: URL;
  /** The requested resource, for error messages. */
  readonly request: string;
  /** Where the entries are in the answer. */
  readonly entries: "objects" | "versions";
}

/** Pages of one listing, where nothing else is set. */
const defaultMaxPages = 10_000;

const answer = z.looseObject({
  more: z.boolean().nullish(),
  next: z.union([z.string(), z.number()]).nullish(),
  objects: z.array(z.unknown()).nullish(),
  versions: z.array(z.unknown()).nullish(),
});

/**
 * Walks all pages of a paged resource; at least one page is yielded.
 *
 * Filters and limit are repeated with every page, as TAXII and the ATT&CK server's numbered pages want. A token is opaque: a server may
 * hand out the same one with every page and move its own position (OASIS medallion does), so only the same token with the same
 * content again is a circle. Where there is more but no token, it goes on with `added_after` (TAXII 2.1, section 3.5), from just before
 * the last date on the page: other entries may have been added in the same moment. Those that come again are left out. It goes on in
 * that way, too, where the server refuses a token that it handed out, if its pages are sorted by date. Ends at a page without `more`,
 * and at a 404.
 *
 * @throws TaxiiError where the server refuses, or where the pages do not come to an end
 */
export async function* walkPages(
  target: WalkTarget,
  options: WalkOptions = {},
): AsyncGenerator<TaxiiPage, void, void> {
  const { connection, request, url } = target;
  const progress = trackProgress({
    maxPages: options.maxPages ?? defaultMaxPages,
    settingNames: connection.settingNames ?? clientOptions,
    fail: (next, title, description) =>
      new TaxiiError({ request, url: pageUrl(url, options, next).href, title, description }),
  });
  let cursor = options.from;
  let last: ReceivedPage | undefined;
  let tokenSince = 0;
  do {
    const received: ReceivedPage = await getPage(target, options, cursor).catch((error: unknown) =>
      continueByDate(target, options, last, error, Date.now() - tokenSince),
    );
    const page = received.cursor?.next === undefined ? withoutSeen(received, last) : received;
    progress.add(received);
    if (received.next?.next !== last?.next?.next) {
      tokenSince = Date.now();
    }
    last = received;
    cursor = received.next;
    yield { ...page, mayHaveSkipped: progress.mayHaveSkipped(received) };
  } while (cursor !== undefined);
}

/** A page, and what it was asked for with. */
interface ReceivedPage extends TaxiiPage {
  readonly cursor: PageCursor | undefined;
  readonly attempts: number;
}

/** Entries that were on the page before. Only a page that begins at a date repeats some. */
function withoutSeen(page: TaxiiPage, last: ReceivedPage | undefined): TaxiiPage {
  if (last === undefined) {
    return page;
  }
  const seen = new Set(last.entries.map(hashOf));
  return { ...page, entries: page.entries.filter((entry) => !seen.has(hashOf(entry))) };
}

/** A page of objects is large, so it is not kept to be compared. */
function hashOf(entry: unknown): string {
  return createHash("sha256").update(JSON.stringify(entry)).digest("base64");
}

async function getPage(
  target: WalkTarget,
  options: WalkOptions,
  cursor: PageCursor | undefined,
): Promise<ReceivedPage> {
  const { connection, request, entries } = target;
  const url = pageUrl(target.url, options, cursor);
  const resource = await getResource({
    connection,
    url,
    request,
    schema: answer,
    holds: ["more", "objects", "versions"],
    unless: cursor === undefined ? conditionsOf(options.unless) : {},
    retryTimeouts: options.retryTimeouts,
    page: cursor,
  }).catch((error: unknown) => {
    if (isMissing(error)) {
      return undefined;
    }
    throw error;
  });
  if (resource === undefined || resource.notModified) {
    const notFound = resource === undefined;
    return { ...emptyPage, cursor, notFound, notModified: !notFound };
  }
  const { value, headers, validators, attempts } = resource;
  const received = value[entries] ?? [];
  const dateAddedLast = headers.get("x-taxii-date-added-last");
  return {
    ...emptyPage,
    cursor,
    entries: received,
    attempts,
    next:
      value.more === true
        ? followingCursor(cursor, value.next, received, dateAddedLast, { request, url: url.href })
        : undefined,
    validators,
    dateAddedFirst: headers.get("x-taxii-date-added-first"),
    dateAddedLast,
  };
}

const emptyPage = {
  entries: [],
  attempts: 1,
  next: undefined,
  notFound: false,
  notModified: false,
  mayHaveSkipped: false,
  validators: {},
  dateAddedFirst: undefined,
  dateAddedLast: undefined,
};

/**
 * The page after `last` by its date, where the server has forgotten the token that it sent with it: a wait for a quota is often longer
 * than a token lives. What it sends must begin with what came last; else it does not sort by date, or means something else by it.
 *
 * @throws the refusal, where that does not work
 */
async function continueByDate(
  target: WalkTarget,
  options: WalkOptions,
  last: ReceivedPage | undefined,
  refusal: unknown,
  tokenAgeMs: number,
): Promise<ReceivedPage> {
  if (last === undefined || !isLostToken(refusal)) {
    throw refusal;
  }
  const from = resumeDate(last.entries, last.dateAddedLast);
  if (from !== undefined && last.entries.length > 1 && areSortedByDate(last.entries)) {
    const page = await getPage(target, options, { added_after: from }).catch(() => undefined);
    if (page !== undefined && goesOnFrom(page, last)) {
      return page;
    }
  }
  throw lostToken(refusal, tokenAgeMs, target.connection.settingNames);
}

/** Whether a page begins with the last entries of the one before, and has others behind them. */
function goesOnFrom(page: ReceivedPage, last: ReceivedPage): boolean {
  const [first] = page.entries;
  const hashes = last.entries.map(hashOf);
  const border = first === undefined ? -1 : hashes.indexOf(hashOf(first));
  const rest = hashes.slice(border);
  return (
    border >= 0 &&
    (page.entries.length > rest.length || (page.next === undefined && page.entries.length === rest.length)) &&
    rest.every((hash, index) => hash === hashOf(page.entries[index]))
  );
}

/** As TAXII wants it (TAXII 2.1, section 3.5), as far as entries tell: those of a manifest have a date. */
function areSortedByDate(entries: readonly unknown[]): boolean {
  const dates = entries.filter(isManifestRecord).map(({ date_added }) => toUtcTimestamp(date_added));
  const times = dates.map((date) => (date === undefined ? Number.NaN : Date.parse(date)));
  return times.every((time, index) => index === 0 || time >= (times[index - 1] ?? time));
}

/** A token that the server handed out itself, and refuses. A gateway's trouble says nothing of the token. */
function isLostToken(error: unknown): error is TaxiiError {
  return error instanceof TaxiiError && error.page?.next !== undefined && isRefusal(error);
}

function lostToken(
  error: TaxiiError,
  ageMs: number,
  { pageSize, noRequestBudget } = clientOptions,
): TaxiiError {
  if (ageMs < 1000) {
    return error;
  }
  const advice = `the token of this page was ${Math.round(ageMs / 1000)} s old, which may be longer than the server keeps it: set a larger ${pageSize} for fewer pages or, if the run waits for its request budget between two pages, ${noRequestBudget} or what the server allows`;
  const description = error.description === undefined ? advice : `${error.description} (${advice})`;
  return new TaxiiError({ ...error, description, cause: error.cause });
}

function conditionsOf({ etag, lastModified }: Validators = {}): Conditions {
  return { ifNoneMatch: etag, ifModifiedSince: lastModified };
}

function followingCursor(
  cursor: PageCursor | undefined,
  next: string | number | null | undefined,
  received: readonly unknown[],
  dateAddedLast: string | undefined,
  where: { request: string; url: string },
): PageCursor {
  if (next !== undefined && next !== null && next !== "") {
    return { ...cursor, next: String(next) };
  }
  const addedAfter = resumeDate(received, dateAddedLast);
  if (addedAfter !== undefined) {
    return { added_after: addedAfter };
  }
  const found =
    dateAddedLast === undefined || dateAddedLast === ""
      ? "no X-TAXII-Date-Added-Last"
      : `an X-TAXII-Date-Added-Last that is not a date: "${dateAddedLast}"`;
  throw new TaxiiError({
    ...where,
    title: "the server says that there are more pages, but not how to request them",
    description: `the answer has "more": true, no "next" and ${found}`,
  });
}

/** A page of one entry would come again and again from just before its date. */
function resumeDate(received: readonly unknown[], dateAddedLast = ""): string | undefined {
  const date = toUtcTimestamp(dateAddedLast);
  return date === undefined || received.length <= 1 ? date : justBefore(date);
}

function pageUrl(base: URL, options: WalkOptions, cursor: PageCursor | undefined): URL {
  const url = new URL(base);
  const query = url.searchParams;
  for (const [field, value] of Object.entries(options.match ?? {})) {
    if (value !== undefined) {
      query.set(`match[${field}]`, typeof value === "string" ? value : value.join(","));
    }
  }
  const addedAfter = cursor?.added_after ?? options.addedAfter;
  if (addedAfter !== undefined) {
    query.set("added_after", addedAfter);
  }
  if (options.limit !== undefined) {
    query.set("limit", String(options.limit));
  }
  if (cursor?.next !== undefined) {
    query.set("next", cursor.next);
  }
  return url;
}

/** A gateway's HTML is not the server's word that there is nothing. */
function isMissing(error: unknown): boolean {
  return error instanceof TaxiiError && error.httpStatus === 404 && !error.answeredHtml;
}
