import type { StoreReader } from "@cti-connectors/core";
import { z } from "zod";
import { isStixObject, type StixObject } from "../taxii/stix-object.js";
import { parseVersionDocumentId, typeOfStixId, unversioned, versionDocumentId } from "./document-id.js";
import { parseTimestamp } from "./timestamps.js";

/** What a release says that it contains: object id → its versions. */
export type ReleaseContents = ReadonlyMap<string, readonly string[]>;

const contents = z.array(z.object({ object_ref: z.string().min(1), object_modified: z.string() })).min(1);

/**
 * The table of contents of an ATT&CK release, out of its `x-mitre-collection` object. It names every object but itself and, in the published
 * bundles, the marking-definition of the copyright.
 *
 * @returns undefined where the object has none that can be read
 */
export function readReleaseContents({
  x_mitre_contents,
}: Readonly<Record<string, unknown>>): ReleaseContents | undefined {
  const entries = contents.safeParse(x_mitre_contents).data;
  if (entries === undefined) {
    return undefined;
  }
  const versions = new Map<string, string[]>();
  for (const { object_ref, object_modified } of entries) {
    const known = versions.get(object_ref);
    if (known === undefined) {
      versions.set(object_ref, [object_modified]);
    } else {
      known.push(object_modified);
    }
  }
  return versions;
}

const storedRelease = z.object({
  data: z.object({ objects: z.tuple([z.custom<StixObject>(isStixObject)]) }),
  enriched: z.object({ contents_count: z.number().optional() }),
});

/** The table of contents of a stored release; undefined where it is not stored, or was cut by MITRE_MAX_CONTENTS. */
export async function readStoredContents(
  store: StoreReader,
  collectionId: string,
  release: string,
): Promise<ReleaseContents | undefined> {
  const _id = versionDocumentId(collectionId, collectionId, release);
  const projection = { "data.objects": 1, "enriched.contents_count": 1 } as const;
  for await (const document of store.find("objects", { _id }, { projection })) {
    const { data } = storedRelease.safeParse(document);
    const contents = data?.data.objects[0].x_mitre_contents;
    const isWhole = Array.isArray(contents) && contents.length === data?.enriched.contents_count;
    return data && isWhole ? readReleaseContents(data.data.objects[0]) : undefined;
  }
  return undefined;
}

/**
 * Whether what a manifest lists is every version that the release contains. Then asking for all versions tells nothing new. A marking-definition
 * has one version only (STIX 2.1, section 7.2.1).
 */
export function listsAllVersions(
  collectionId: string,
  listed: ReleaseContents,
  release: ReleaseContents,
): boolean {
  for (const id of listed.keys()) {
    const isNamed = release.has(id) || id === collectionId || typeOfStixId(id) === "marking-definition";
    if (!isNamed) {
      return false;
    }
  }
  for (const [id, versions] of release) {
    const times = new Set(listed.get(id)?.map(timeOf));
    if (times.size !== versions.length || !versions.every((version) => times.has(timeOf(version)))) {
      return false;
    }
  }
  return true;
}

/**
 * How many versions a release names that are not among these documents. A marking-definition has one version only, whatever the release says of
 * it, and an object without dates has none.
 */
export function countAbsentVersions(
  collectionId: string,
  release: ReleaseContents,
  documentIds: Iterable<string>,
): number {
  const present = new Set<string>();
  for (const documentId of documentIds) {
    const parsed = parseVersionDocumentId(collectionId, documentId);
    if (parsed !== undefined) {
      present.add(`${parsed.objectId}/${timeOf(parsed.version)}`);
    }
  }
  let absent = 0;
  for (const [id, versions] of release) {
    if (typeOfStixId(id) === "marking-definition" || present.has(`${id}/${unversioned}`)) {
      continue;
    }
    const named = new Set(versions.map((version) => `${id}/${timeOf(version)}`));
    for (const version of named) {
      if (!present.has(version)) {
        absent += 1;
      }
    }
  }
  return absent;
}

function timeOf(timestamp: string): number | string {
  return parseTimestamp(timestamp)?.getTime() ?? timestamp;
}
