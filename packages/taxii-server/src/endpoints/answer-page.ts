import type { Context } from "hono";
import { stixMediaType, taxiiContentType } from "../protocol/media-type.js";
import { TaxiiRefusal } from "../protocol/taxii-refusal.js";
import { writeToken } from "../request/next-token.js";
import { parsePageQuery } from "../request/parse-page-query.js";
import type { PageQuery, SourcePage, SourceRecord, TaxiiSource } from "../source/taxii-source.js";
import { answerNotModified, hasSomeVersion, makeEtag } from "./answer-resource.js";
import { findReadableCollection } from "./describe-server.js";
import { sendPieces } from "./send-pieces.js";
import { servedRoot, type TaxiiEnv, type TaxiiServer } from "./taxii-env.js";

/** What an answer shows of the records of its page. */
type PageKind = "objects" | "manifest" | "versions";

/**
 * Sends the page that a request asks for (TAXII 2.1 §5.3, §5.4, §5.6, §5.8), or 304 where the client has it already.
 *
 * @throws TaxiiRefusal 400, 403, 404
 */
export async function answerPage(
  c: Context<TaxiiEnv>,
  { pageSizes, onFault }: TaxiiServer,
  kind: PageKind,
): Promise<Response> {
  const { source, root } = servedRoot(c);
  const { limit } = c.env;
  const object = c.req.param("object");
  const place = {
    root: root.path,
    collection: (await findReadableCollection(c)).id,
    ...(object !== undefined && { object }),
    versions: kind === "versions",
  };
  const query = parsePageQuery(new URL(c.req.url).searchParams, place, pageSizes);

  const stamp = await source.stamp?.(root.path);
  const etag = stamp === undefined ? undefined : makeEtag(stamp, c.req.url);
  const unchanged = etag && answerNotModified(c, etag);
  if (unchanged && !hasSomeVersion(c)) {
    return unchanged;
  }
  const page = await readPage(source, { ...query, signal: limit.signal });
  if (page.records.length === 0 && object !== undefined) {
    await checkObject(source, place, object);
  }
  if (unchanged) {
    return unchanged;
  }
  const headers = {
    "content-type": taxiiContentType,
    ...(etag !== undefined && { etag }),
    ...dateAddedHeaders(page.records),
  };
  return c.req.method === "HEAD"
    ? new Response(null, { headers })
    : sendPieces(writePage(page, kind, page.next && writeToken(query, page.next)), headers, {
        limit,
        onFault,
      });
}

/** The next page that holds something, if there is one: clients take an empty page for the last. */
async function readPage(source: TaxiiSource, query: PageQuery): Promise<SourcePage> {
  let page = await source.readPage(query);
  while (page.records.length === 0 && page.next !== undefined) {
    page = await source.readPage({ ...query, after: page.next });
  }
  return page;
}

/**
 * Tells an object of which no version passes the filter, and whose page is empty, from one that is not there.
 *
 * @throws TaxiiRefusal 404
 */
async function checkObject(
  source: TaxiiSource,
  { root, collection }: Pick<PageQuery, "root" | "collection">,
  object: string,
): Promise<void> {
  const filter = { ids: [object], versions: "all" } as const;
  const { records } = await source.readPage({ root, collection, filter, limit: 1 });
  if (records.length === 0) {
    throw new TaxiiRefusal({
      status: 404,
      title: "No Objects Found",
      description: `Collection ${collection} has no object ${object}.`,
      errorCode: "object-not-found",
    });
  }
}

function dateAddedHeaders(records: readonly SourceRecord[]): Readonly<Record<string, string>> {
  const [first, last] = [records[0], records.at(-1)];
  return first === undefined || last === undefined
    ? {}
    : { "x-taxii-date-added-first": first.dateAdded, "x-taxii-date-added-last": last.dateAdded };
}

/** By the standard, an answer that has nothing to list is an empty object. */
async function* writePage(
  page: SourcePage,
  kind: PageKind,
  next: string | undefined,
): AsyncGenerator<string, void, undefined> {
  if (page.records.length === 0) {
    yield "{}";
    return;
  }
  const position = next === undefined ? "" : `"more":true,"next":${JSON.stringify(next)},`;
  yield `{${position}"${kind === "versions" ? "versions" : "objects"}":[`;
  let separator = "";
  for await (const item of kind === "objects" ? page.objects() : writeAll(page.records, writers[kind])) {
    yield separator + item;
    separator = ",";
  }
  yield "]}";
}

const writers = {
  manifest({ id, dateAdded, version, mediaType = stixMediaType }: SourceRecord) {
    return JSON.stringify({ id, date_added: dateAdded, version, media_type: mediaType });
  },
  versions({ version }: SourceRecord) {
    return JSON.stringify(version);
  },
} as const;

/** One at a time: a page can be long. */
function* writeAll(
  records: readonly SourceRecord[],
  write: (record: SourceRecord) => string,
): Generator<string, void, undefined> {
  for (const record of records) {
    yield write(record);
  }
}
