import { isDeepStrictEqual } from "node:util";
import type { Db, Document } from "mongodb";
import { expect } from "vitest";
import type { StixObject } from "./upstream-data.js";

/** What an upstream lists, by the ids of its collections. */
type Listing = ReadonlyMap<string, readonly StixObject[]>;

/**
 * Expects that a database lists these objects, byte for byte, with their manifest records and versions, and nothing else. Of what is
 * marked as removed nothing is expected.
 *
 * @param listed the newest version of each object
 * @param earlier further versions of them that the upstream knows
 */
export async function expectListed(
  database: Db,
  listed: Listing,
  earlier: Listing = new Map(),
): Promise<void> {
  const entries = [...listed].flatMap(([collection, objects]) =>
    objects.map((object) => ({ collection, object })),
  );
  const byVersion = new Map(
    entries.map(({ collection, object }) => [`${collection}/${object.id}/${versionOf(object)}`, object]),
  );
  expect(byVersion.size).toBe(entries.length);
  expect(await unlike(database, "objects", byVersion, sameObject)).toEqual([]);
  expect(await unlike(database, "manifest", byVersion, listsObject)).toEqual([]);

  const versions = new Map(
    entries.map(({ collection, object: { id } }) => [
      `${collection}/${id}`,
      [...(listed.get(collection) ?? []), ...(earlier.get(collection) ?? [])]
        .filter((object) => object.id === id)
        .map(versionOf),
    ]),
  );
  expect(await unlike(database, "versions", versions, tellsVersions)).toEqual([]);
}

function versionOf({ modified, created = "" }: StixObject): string {
  return modified ?? created;
}

function sameObject({ _id, data }: Document, object: StixObject): boolean {
  const collection_id = String(_id).split("/")[0];
  return isDeepStrictEqual(data, { collection_id, objects: [object] });
}

function listsObject({ data }: Document, object: StixObject): boolean {
  const [record, ...others] = data.objects;
  return others.length === 0 && record.id === object.id && isSameMoment(record.version, versionOf(object));
}

function tellsVersions({ data }: Document, versions: readonly string[]): boolean {
  const told: readonly string[] = data.versions.versions;
  return data.versions.more === false && isDeepStrictEqual(momentsOf(told), momentsOf(versions));
}

function momentsOf(timestamps: readonly string[]): readonly number[] {
  return timestamps.map((timestamp) => Date.parse(timestamp)).sort((a, b) => a - b);
}

function isSameMoment(one: string, other: string): boolean {
  return Date.parse(one) === Date.parse(other);
}

/** What a collection lists and not as expected, too much, or missing: the first 20. */
export async function unlike<Expected>(
  database: Db,
  name: string,
  expected: ReadonlyMap<string, Expected>,
  isLike: (document: Document, expected: Expected) => boolean,
): Promise<readonly string[]> {
  const left = new Map(expected);
  const faults: string[] = [];
  for await (const document of database.collection<Document>(name).find({ removed_at: null })) {
    // Some servers write the time of a version with six digits of a second.
    const _id = String(document._id).replace(/(\.\d{3})\d+Z$/u, "$1Z");
    const counterpart = left.get(_id);
    if (counterpart === undefined) {
      faults.push(`${_id}: too many`);
    } else if (!isLike(document, counterpart)) {
      faults.push(`${_id}: differs`);
    }
    left.delete(_id);
  }
  return [...faults, ...[...left.keys()].map((_id) => `${_id}: missing`)].slice(0, 20);
}
