import {
  normalizeTimestamp,
  type PageQuery,
  type SelectableObject,
  type SourcePage,
  type SourceRecord,
  selectObjects,
} from "@cti-connectors/taxii-server";
import {
  type StixIdentity,
  type StixIocObject,
  type StixMarkingDefinition,
  type StoredIoc,
  threatfoxIdentity,
  tlpClear,
  toStixObjects,
} from "@cti-connectors/threatfox";
import { type AddedPosition, comparePositions, readPosition, writePosition } from "./added-position.js";
import type { IocReader } from "./ioc-reader.js";
import { namedVersions } from "./named-versions.js";

/** A page of IOCs as STIX objects, in the order in which the IOCs were stored or changed. */
export async function readIocPage(reader: IocReader, query: PageQuery): Promise<SourcePage> {
  const after = query.after === undefined ? undefined : readPosition(query.after);
  const page: ListedObject[] = [];
  let isMore = false;
  for await (const objects of readInOrder(reader, query, after)) {
    query.signal?.throwIfAborted();
    const wanted = selectObjects(objects, query.filter).filter(({ position }) => isBehind(position, after));
    isMore = page.length + wanted.length > query.limit;
    // No more than is needed stays in memory until the client has it.
    page.push(
      ...wanted
        .slice(0, query.limit - page.length)
        .map(({ id, version, dateAdded, position }) => ({ id, version, dateAdded, position })),
    );
    if (isMore) {
      break;
    }
  }
  const last = page.at(-1);
  return {
    records: page,
    ...(isMore && last !== undefined && { next: writePosition(last.position) }),
    objects: () => readContents(reader, page),
  };
}

/** A STIX object of a page. */
interface ListedObject extends SourceRecord {
  readonly position: Required<AddedPosition>;
}

/** A STIX object on its way to a client. */
interface ServedObject extends SelectableObject, ListedObject {
  readonly object: StixIocObject | StixIdentity | StixMarkingDefinition;
}

/** The maximum number of objects in memory at a time. */
const readAtOnce = 300;

/** The objects are made once more, of few IOCs at a time. */
async function* readContents(
  reader: IocReader,
  page: readonly ListedObject[],
): AsyncGenerator<string, void, undefined> {
  for (let start = 0; start < page.length; start += readAtOnce) {
    const some = page.slice(start, start + readAtOnce);
    const made = new Map<string, ServedObject["object"]>(sharedObjects.map(({ id, object }) => [id, object]));
    for await (const ioc of reader.findByIds([...new Set(some.map(({ position }) => position.id))])) {
      for (const object of toStixObjects(ioc)) {
        if (object.type !== "malware" || (await describesFamily(reader, ioc))) {
          made.set(object.id, object);
        }
      }
    }
    for (const { id } of some) {
      yield JSON.stringify(made.get(id) ?? {});
    }
  }
}

function isBehind(position: Required<AddedPosition>, after: AddedPosition | undefined): boolean {
  const order = after === undefined ? 1 : comparePositions(position, after);
  return order > 0 || (order === 0 && position.part > (after?.part ?? 0));
}

/** The objects of one IOC after the other: by an index for whatever the filter asks, and at times more than it asks for. */
async function* readInOrder(
  reader: IocReader,
  { filter, limit }: PageQuery,
  after: AddedPosition | undefined,
): AsyncGenerator<readonly ServedObject[], void, undefined> {
  const { ids, types, specVersions, versions } = filter;
  if (specVersions?.includes(specVersion) === false) {
    return;
  }
  yield sharedObjects;
  if (ids !== undefined) {
    yield* serveAll(reader, await reader.findByStixIds(ids));
  } else if (types?.every((type) => type === "malware")) {
    yield* serveAll(reader, await reader.findIocsOfFamilies());
  } else if (types === undefined || types.some((type) => typesOfIocs.has(type))) {
    const addedAfter = filter.addedAfter === undefined ? undefined : new Date(filter.addedAfter);
    // The version of an object is when its IOC was stored or changed.
    const times = namedVersions(versions);
    for await (const ioc of reader.walk({ times, addedAfter, after, limit })) {
      yield await serve(reader, ioc);
    }
  }
}

const typesOfIocs: ReadonlySet<string> = new Set<StixIocObject["type"]>([
  "indicator",
  "malware",
  "relationship",
]);

async function* serveAll(reader: IocReader, iocs: readonly StoredIoc[]) {
  const served: (readonly ServedObject[])[] = [];
  for (const ioc of iocs) {
    served.push(await serve(reader, ioc));
  }
  const inOrder = (one: readonly ServedObject[], other: readonly ServedObject[]) =>
    one[0] === undefined || other[0] === undefined ? 0 : comparePositions(one[0].position, other[0].position);
  yield* served.filter((objects) => objects.length > 0).sort(inOrder);
}

/** The family comes with the IOC that describes it: once, and again when another IOC does. */
async function serve(reader: IocReader, ioc: StoredIoc): Promise<readonly ServedObject[]> {
  const objects = toStixObjects(ioc);
  const family = objects.find(({ type }) => type === "malware");
  const others = objects.filter(({ type }) => type !== "malware");
  const all = family !== undefined && (await describesFamily(reader, ioc)) ? [family, ...others] : others;
  return all.map((object, index) =>
    serveAs(object, { added: ioc.ingested_at, id: ioc._id, part: index + 1 }),
  );
}

async function describesFamily(
  reader: IocReader,
  { _id, enriched: { malware } }: StoredIoc,
): Promise<boolean> {
  return malware !== null && (await reader.findIocOfFamily(malware)) === _id;
}

const specVersion = "2.1";

function serveAs(object: ServedObject["object"], position: Required<AddedPosition>): ServedObject {
  const { id, type } = object;
  const version = "modified" in object ? object.modified : object.created;
  const dateAdded = position.added.toISOString();
  return {
    ...{ id, type, specVersion, version, dateAdded, object, position },
    versionKey: normalizeTimestamp(version) ?? version,
    addedKey: normalizeTimestamp(dateAdded) ?? dateAdded,
  };
}

/** What all others refer to: there before the first IOC. */
const sharedObjects: readonly ServedObject[] = [tlpClear, threatfoxIdentity].map((object, index) =>
  serveAs(object, { added: new Date(threatfoxIdentity.created), id: "", part: index + 1 }),
);
