import { createHash } from "node:crypto";
import type { HttpClient } from "@cti-connectors/core";
import { z } from "zod";
import { getResource } from "./get-resource.js";
import { justBefore } from "./just-before.js";
import { TaxiiError } from "./taxii-error.js";

/** Filters of a request; lists are joined by commas (TAXII 2.1, section 3.4). */
export interface Match {
  readonly id?: string | readonly string[];
  readonly type?: string | readonly string[];
  /** `all`, `first`, `last`, or timestamps. Servers take `last` where it is absent. */
  readonly version?: string | readonly string[];
  readonly spec_version?: string | readonly string[];
}

/** Where a page begins. Belongs to the walk that it came from: same collection, filters and limit. */
export interface PageCursor {
  /** The server's own token, opaque. */
  readonly next?: string;
  /** In place of a token: what was added after this timestamp. */
  readonly added_after?: string;
}

export interface WalkOptions {
  /** At most so many entries a page. Without it the ATT&CK server sends the whole collection in one body. */
  readonly limit?: number;
  /** A timestamp. The ATT&CK server compares it with `created`, so it never finds a modified object. */
  readonly addedAfter?: string;
  readonly match?: Match;
  /** Sends the first page only where it is another one than these belong to (RFC 9110, section 13). */
  readonly unless?: Validators;
  /** False: a time-out, a 502 or a 504 is an error at once, for whoever then asks for smaller pages. Default true. */
  readonly retryTimeouts?: boolean;
  /** Goes on where an earlier walk with the same options stopped. */
  readonly from?: PageCursor;
}

/** What a server says by which a page can be told from a later one at the same URL (RFC 9110, section 8.8). */
export interface Validators {
  readonly etag?: string;
  readonly lastModified?: string;
}

export interface TaxiiPage<Item> {
  readonly items: readonly Item[];
  /** Entries that are not what TAXII says, as received. */
  readonly malformed: readonly unknown[];
  /** Where the page after this one begins; absent on the last page. */
  readonly next: PageCursor | undefined;
  /** True where the server answered 404: an empty collection on the first page, the end on a later one. */
  readonly notFound: boolean;
  /** True where the server answered 304 to `unless`: nothing has changed, and nothing was sent. */
  readonly notModified: boolean;
  /** Empty where the server sends none. */
  readonly validators: Validators;
  /** `X-TAXII-Date-Added-First`. */
  readonly dateAddedFirst: string | undefined;
  /** `X-TAXII-Date-Added-Last`. */
  readonly dateAddedLast: string | undefined;
}

export interface WalkTarget<Item> {
  readonly http: HttpClient;
  readonly url: URL;
  /** What is asked for, for error messages. */
  readonly request: string;
  /** Where the entries are in the answer. */
  readonly entries: "objects" | "versions";
  isItem(value: unknown): value is Item;
}

const answer = z.looseObject({
  more: z.boolean().nullish(),
  next: z.union([z.string(), z.number()]).nullish(),
  objects: z.array(z.unknown()).nullish(),
  versions: z.array(z.unknown()).nullish(),
});

/**
 * Walks all pages of a paged resource; at least one page is yielded.
 *
 * Filters and limit are repeated with every page, as TAXII and the ATT&CK server's numbered pages want. Where there is
 * more but no token, it goes on with `added_after` (TAXII 2.1, section 3.5), from just before the last date on the page: other
 * entries may have been added in the same moment. Those that come again are left out. Ends at a page without `more`, and at a 404.
 *
 * @throws TaxiiError where the server refuses, or where the next page would be one that was already walked
 */
export async function* walkPages<Item>(
  target: WalkTarget<Item>,
  options: WalkOptions = {},
): AsyncGenerator<TaxiiPage<Item>, void, void> {
  const walked = new Set<string>([JSON.stringify(options.from ?? {})]);
  let cursor = options.from;
  let seen: ReadonlySet<string> = new Set();
  do {
    const received: TaxiiPage<Item> = await getPage(target, options, cursor);
    const page = seen.size === 0 ? received : withoutSeen(received, seen);
    cursor = page.next;
    seen = new Set(cursor?.added_after !== undefined && !cursor.next ? received.items.map(hashOf) : []);
    if (cursor !== undefined) {
      const key = JSON.stringify(cursor);
      if (walked.has(key)) throw noProgress(target, options, cursor);
      walked.add(key);
    }
    yield page;
  } while (cursor !== undefined);
}

function withoutSeen<Item>(page: TaxiiPage<Item>, seen: ReadonlySet<string>): TaxiiPage<Item> {
  return { ...page, items: page.items.filter((item) => !seen.has(hashOf(item))) };
}

/** A page of objects is large, so it is not kept to be compared. */
function hashOf(item: unknown): string {
  return createHash("sha256").update(JSON.stringify(item)).digest("base64");
}

async function getPage<Item>(
  target: WalkTarget<Item>,
  options: WalkOptions,
  cursor: PageCursor | undefined,
): Promise<TaxiiPage<Item>> {
  const { http, request, entries } = target;
  const url = pageUrl(target.url, options, cursor);
  const conditions = cursor === undefined ? conditionsOf(options.unless) : {};
  const { retryTimeouts } = options;
  const resource = await getResource({
    http,
    url,
    request,
    schema: answer,
    holds: ["more", "objects", "versions"],
    headers: conditions,
    retryTimeouts,
  }).catch((error: unknown) => {
    if (isMissing(error)) return "not-found";
    if (isNotModified(error) && Object.keys(conditions).length > 0) return "not-modified";
    throw error;
  });
  if (typeof resource === "string") {
    return {
      items: [],
      malformed: [],
      next: undefined,
      notFound: resource === "not-found",
      notModified: resource === "not-modified",
      validators: {},
      dateAddedFirst: undefined,
      dateAddedLast: undefined,
    };
  }
  const { value, headers } = resource;
  const received = value[entries] ?? [];
  const items = received.filter(target.isItem);
  const dateAddedLast = headers.get("x-taxii-date-added-last");
  return {
    items,
    malformed: items.length === received.length ? [] : received.filter((entry) => !target.isItem(entry)),
    next:
      value.more === true
        ? followingCursor(cursor, value.next, resumeDate(received, dateAddedLast), request, url)
        : undefined,
    notFound: false,
    notModified: false,
    validators: validatorsOf(headers),
    dateAddedFirst: headers.get("x-taxii-date-added-first"),
    dateAddedLast,
  };
}

function conditionsOf({ etag, lastModified }: Validators = {}): Readonly<Record<string, string>> {
  return {
    ...(etag !== undefined && { "if-none-match": etag }),
    ...(lastModified !== undefined && { "if-modified-since": lastModified }),
  };
}

function validatorsOf(headers: ReadonlyMap<string, string>): Validators {
  const etag = headers.get("etag");
  const lastModified = headers.get("last-modified");
  return { ...(etag !== undefined && { etag }), ...(lastModified !== undefined && { lastModified }) };
}

function followingCursor(
  cursor: PageCursor | undefined,
  next: string | number | null | undefined,
  addedAfter: string | undefined,
  request: string,
  url: URL,
): PageCursor {
  if (next !== undefined && next !== null && next !== "") {
    return { ...cursor, next: String(next) };
  }
  if (addedAfter !== undefined) return { added_after: addedAfter };
  throw new TaxiiError({
    request,
    url: url.href,
    title: "the server says that there is more, but not how to go on",
    description: 'the answer has "more": true, no "next" and no X-TAXII-Date-Added-Last',
  });
}

/** A page of one entry would come again and again from just before its date. */
function resumeDate(received: readonly unknown[], dateAddedLast: string | undefined): string | undefined {
  if (dateAddedLast === undefined || dateAddedLast === "") return undefined;
  return received.length > 1 ? justBefore(dateAddedLast) : dateAddedLast;
}

function noProgress<Item>(
  { request, url }: WalkTarget<Item>,
  options: WalkOptions,
  cursor: PageCursor,
): TaxiiError {
  return new TaxiiError({
    request,
    url: pageUrl(url, options, cursor).href,
    title: "the server's pages do not come to an end",
    description:
      "it points to a page that was already read. Where more was added in one moment than a page holds, a larger MITRE_PAGE_SIZE helps",
  });
}

function pageUrl(base: URL, options: WalkOptions, cursor: PageCursor | undefined): URL {
  const url = new URL(base);
  const query = url.searchParams;
  for (const [field, value] of Object.entries(options.match ?? {})) {
    if (value !== undefined)
      query.set(`match[${field}]`, typeof value === "string" ? value : value.join(","));
  }
  const addedAfter = cursor?.added_after ?? options.addedAfter;
  if (addedAfter !== undefined) query.set("added_after", addedAfter);
  if (options.limit !== undefined) query.set("limit", String(options.limit));
  if (cursor?.next !== undefined) query.set("next", cursor.next);
  return url;
}

/** A gateway's HTML is not the server's word that there is nothing. */
function isMissing(error: unknown): boolean {
  return error instanceof TaxiiError && error.httpStatus === 404 && !error.answeredHtml;
}

function isNotModified(error: unknown): boolean {
  return error instanceof TaxiiError && error.httpStatus === 304;
}
