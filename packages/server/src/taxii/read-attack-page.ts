import type { StoreReader } from "@cti-connectors/core";
import {
  normalizeTimestamp,
  type PageQuery,
  type SelectableObject,
  type SourcePage,
  type SourceRecord,
  selectObjects,
} from "@cti-connectors/taxii-server";
import { z } from "zod";
import { type AddedPosition, comparePositions, readPosition, writePosition } from "./added-position.js";
import { namedVersions } from "./named-versions.js";
import { walkAdded } from "./walk-added.js";

type Filter = Readonly<Record<string, unknown>>;

export interface AttackPageRequest {
  readonly store: StoreReader;
  readonly query: PageQuery;
  /** Which objects of the collection the API root has. */
  readonly shown: Filter;
  /** What came at this time or later is served later. */
  readonly until: Date;
}

/** A page of a stored TAXII collection, in the order in which its objects were stored. */
export async function readAttackPage(request: AttackPageRequest): Promise<SourcePage> {
  const { store, query } = request;
  const { filter, limit } = query;
  const after = query.after === undefined ? undefined : readPosition(query.after);
  const found = await (filter.ids === undefined
    ? readInOrder(request, after)
    : readByIds(request, filter.ids, after));
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const ids = page.map(({ position }) => position.id);
  return {
    // No more than is needed stays in memory until the client has it.
    records: page.map(({ id, version, dateAdded, mediaType }) => ({ id, version, dateAdded, mediaType })),
    ...(last !== undefined && found.length > limit && { next: writePosition(last.position) }),
    objects: () => readContents(store, ids),
  };
}

/** One version of one object, without its content. */
interface ListedDocument extends SelectableObject, Required<SourceRecord> {
  readonly position: AddedPosition;
}

const listedDocument = z.object({
  _id: z.string(),
  ingested_at: z.date(),
  data: z.object({
    collection_id: z.string(),
    objects: z.tuple([
      z.object({ id: z.string(), type: z.string(), spec_version: z.string().default("2.0").catch("2.0") }),
    ]),
  }),
});

const projection = {
  ingested_at: 1,
  "data.collection_id": 1,
  "data.objects.id": 1,
  "data.objects.type": 1,
  "data.objects.spec_version": 1,
} as const;

function readListed(document: unknown): ListedDocument {
  const { _id, ingested_at, data } = listedDocument.parse(document);
  const [{ id, type, spec_version: specVersion }] = data.objects;
  const added = ingested_at.toISOString();
  // As `normalizeTimestamp` writes it.
  const addedKey = added.replace("Z", "000Z");
  const named = _id.slice(`${data.collection_id}/${id}/`.length);
  const namedKey = normalizeTimestamp(named);
  return {
    ...{ id, type, specVersion },
    // An object without `modified` and `created` has no version but the time at which it came.
    version: namedKey === undefined ? added : named,
    versionKey: namedKey ?? addedKey,
    dateAdded: added,
    addedKey,
    mediaType: `application/stix+json;version=${specVersion}`,
    position: { added: ingested_at, id: _id },
  };
}

/** The minimum number of documents to read once a page has come out short. */
const walkAtOnce = 1_000;

/**
 * What a request without ids asks for, to one more than its page has: clients take a page that is shorter than its limit for the largest
 * that there is.
 */
async function readInOrder(
  request: AttackPageRequest,
  after: AddedPosition | undefined,
): Promise<readonly ListedDocument[]> {
  const wanted = request.query.limit + 1;
  const found: ListedDocument[] = [];
  let from = after;
  let size = wanted;
  for (let isMore = true; isMore && found.length < wanted; ) {
    const listed = await listInOrder(request, from, size);
    found.push(...(await selectVersions(request, listed)));
    isMore = listed.length === size;
    from = listed.at(-1)?.position;
    size = Math.max(wanted - found.length, walkAtOnce);
  }
  return found;
}

/** Each type is found in order. */
async function listInOrder(
  { store, query, shown, until }: AttackPageRequest,
  after: AddedPosition | undefined,
  limit: number,
): Promise<readonly ListedDocument[]> {
  const { addedAfter, types, specVersions, versions } = query.filter;
  const modified = namedVersions(versions);
  const found: ListedDocument[] = [];
  for await (const document of walkAdded({
    store,
    collection: "objects",
    filter: {
      "data.collection_id": query.collection,
      ...shown,
      ...(types !== undefined && { "enriched.type": { $in: types } }),
      ...(specVersions !== undefined && { "data.objects.spec_version": { $in: orMissing(specVersions) } }),
      // What has no `modified` has another version, and is looked at.
      ...(modified !== undefined && { "enriched.modified": { $in: [...modified, null] } }),
    },
    projection,
    addedAfter: addedAfter === undefined ? undefined : new Date(addedAfter),
    ...{ until, after, limit },
  })) {
    found.push(readListed(document));
  }
  return found;
}

/** STIX 2.0 has no `spec_version`. */
function orMissing(specVersions: readonly string[]): readonly (string | null)[] {
  return specVersions.includes("2.0") ? [...specVersions, null] : specVersions;
}

/** What a request asks for of some objects: as many as a query has room to name. */
async function readByIds(
  request: AttackPageRequest,
  ids: readonly string[],
  after?: AddedPosition,
): Promise<readonly ListedDocument[]> {
  const { store, query } = request;
  const found: ListedDocument[] = [];
  for await (const document of store.find("objects", filterByIds(request, ids), { projection })) {
    found.push(readListed(document));
  }
  return selectObjects(found, query.filter)
    .filter(({ position }) => after === undefined || comparePositions(position, after) > 0)
    .toSorted((one, other) => comparePositions(one.position, other.position));
}

function filterByIds({ query, shown, until }: AttackPageRequest, ids: readonly string[]): Filter {
  const { collection } = query;
  return {
    "data.objects.id": { $in: ids },
    // No equality, so that the embedded database takes the index on the ids.
    "data.collection_id": { $gte: collection, $lte: collection },
    ...shown,
    ingested_at: { $lt: until },
  };
}

/** Leaves only the versions in question, judging by all versions of the objects that the rest of the filter lets through. */
async function selectVersions(
  request: AttackPageRequest,
  listed: readonly ListedDocument[],
): Promise<readonly ListedDocument[]> {
  const { filter } = request.query;
  const ids = listed.map(({ id }) => id);
  const areJudgedAlone = filter.versions === "all" || namedVersions(filter.versions) !== undefined;
  if (areJudgedAlone || !(await haveOtherVersions(request, ids))) {
    return selectObjects(listed, filter);
  }
  const wanted = new Set((await readByIds(request, ids)).map(({ position }) => position.id));
  return listed.filter(({ position }) => wanted.has(position.id));
}

/** Whether any of these documents' objects has versions that are not among them. To count is much cheaper than to read. */
async function haveOtherVersions(request: AttackPageRequest, ids: readonly string[]): Promise<boolean> {
  const count = await request.store.count("objects", filterByIds(request, ids));
  return count !== ids.length;
}

const contents = z.object({ _id: z.string(), data: z.object({ objects: z.tuple([z.unknown()]) }) });

/** The maximum number of objects in memory at a time. */
const readAtOnce = 100;

/** @param ids of documents */
async function* readContents(
  store: StoreReader,
  ids: readonly string[],
): AsyncGenerator<string, void, undefined> {
  const projection = { "data.objects": 1 } as const;
  for (let start = 0; start < ids.length; start += readAtOnce) {
    const some = ids.slice(start, start + readAtOnce);
    const found = new Map<string, string>();
    for await (const document of store.find("objects", { _id: { $in: some } }, { projection })) {
      const { _id, data } = contents.parse(document);
      found.set(_id, JSON.stringify(data.objects[0]));
    }
    for (const id of some) {
      yield found.get(id) ?? "{}";
    }
  }
}
