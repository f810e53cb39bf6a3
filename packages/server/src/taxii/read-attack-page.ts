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
    ? readInOrder(request, after, limit + 1)
    : readByIds(request, filter.ids, after));
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const records = await selectVersions(request, page);
  return {
    records,
    ...(last !== undefined && found.length > limit && { next: writePosition(last.position) }),
    objects: () => readContents(store, records),
  };
}

/** One version of one object, without its content. */
interface ListedDocument extends SelectableObject, SourceRecord {
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
  const named = _id.slice(`${data.collection_id}/${id}/`.length);
  // An object without `modified` and `created` has no version but the time at which it came.
  const version = normalizeTimestamp(named) === undefined ? added : named;
  return {
    ...{ id, type, specVersion, version },
    dateAdded: added,
    mediaType: `application/stix+json;version=${specVersion}`,
    versionKey: normalizeTimestamp(version) ?? version,
    addedKey: normalizeTimestamp(added) ?? added,
    position: { added: ingested_at, id: _id },
  };
}

/** The filter for what a request without ids asks for: each type is found in order. */
async function readInOrder(
  { store, query, shown, until }: AttackPageRequest,
  after: AddedPosition | undefined,
  limit: number,
): Promise<readonly ListedDocument[]> {
  const { addedAfter, types, specVersions } = query.filter;
  const found: ListedDocument[] = [];
  for await (const document of walkAdded({
    store,
    collection: "objects",
    filter: {
      "data.collection_id": query.collection,
      ...shown,
      ...(types !== undefined && { "enriched.type": { $in: types } }),
      ...(specVersions !== undefined && { "data.objects.spec_version": { $in: orMissing(specVersions) } }),
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

/** All of some objects: as many as a query has room to name. */
async function readByIds(
  { store, query, shown, until }: AttackPageRequest,
  ids: readonly string[],
  after?: AddedPosition,
): Promise<readonly ListedDocument[]> {
  const { collection, filter } = query;
  const found: ListedDocument[] = [];
  const named = {
    "data.objects.id": { $in: ids },
    // No equality, so that the embedded database takes the index on the ids.
    "data.collection_id": { $gte: collection, $lte: collection },
    ...shown,
  };
  for await (const document of store.find("objects", named, { projection })) {
    const listed = readListed(document);
    if (listed.position.added < until) {
      found.push(listed);
    }
  }
  return selectObjects(found, { ...filter, versions: "all" })
    .filter(({ position }) => after === undefined || comparePositions(position, after) > 0)
    .toSorted((one, other) => comparePositions(one.position, other.position));
}

/** Leaves only the versions in question, judging by all versions of the objects that the rest of the filter lets through. */
async function selectVersions(
  request: AttackPageRequest,
  page: readonly ListedDocument[],
): Promise<readonly ListedDocument[]> {
  const { filter } = request.query;
  if (filter.versions === "all" || page.length === 0) {
    return page;
  }
  const all = await readByIds(
    request,
    page.map(({ id }) => id),
  );
  const wanted = new Set(selectObjects(all, filter).map(({ position }) => position.id));
  return page.filter(({ position }) => wanted.has(position.id));
}

const contents = z.object({ _id: z.string(), data: z.object({ objects: z.tuple([z.unknown()]) }) });

/** So many objects are in memory at a time. */
const readAtOnce = 200;

async function* readContents(
  store: StoreReader,
  records: readonly ListedDocument[],
): AsyncGenerator<string, void, undefined> {
  for (let start = 0; start < records.length; start += readAtOnce) {
    const ids = records.slice(start, start + readAtOnce).map(({ position }) => position.id);
    const found = new Map<string, unknown>();
    for await (const document of store.find(
      "objects",
      { _id: { $in: ids } },
      { projection: { "data.objects": 1 } },
    )) {
      const { _id, data } = contents.parse(document);
      found.set(_id, data.objects[0]);
    }
    for (const id of ids) {
      yield JSON.stringify(found.get(id) ?? {});
    }
  }
}
