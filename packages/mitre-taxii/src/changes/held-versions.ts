import type { StoreReader } from "@cti-connectors/core";
import { z } from "zod";
import { parseVersionDocumentId, typeOfStixId } from "../documents/document-id.js";
import { readStoredContents } from "../documents/release-contents.js";
import { sortTimestamps } from "../documents/timestamps.js";
import type { StoredRelease } from "./find-releases.js";

/** Object id → version, of everything that a release holds: of several versions the newest. */
export type HeldVersions = ReadonlyMap<string, string>;

const inReleases = z.object({ _id: z.string(), enriched: z.object({ releases: z.array(z.string()) }) });

/**
 * What two releases hold: as their `x-mitre-collection` objects list it, or, where one has no whole list, as the stored objects
 * know in which releases they appeared.
 *
 * @returns undefined where neither is stored
 */
export async function readHeldVersions(
  reader: StoreReader,
  collectionId: string,
  from: StoredRelease,
  to: StoredRelease,
): Promise<{ readonly from: HeldVersions; readonly to: HeldVersions } | undefined> {
  const listedBefore = await readListed(reader, collectionId, from);
  const listedAfter = listedBefore && (await readListed(reader, collectionId, to));
  if (listedBefore !== undefined && listedAfter !== undefined) {
    return { from: listedBefore, to: listedAfter };
  }
  return readAppeared(reader, collectionId, from.name, to.name);
}

/**
 * These lists name everything but the object that holds them, and some of them not the marking definition, which is in every release:
 * no marking definition is compared.
 */
async function readListed(
  reader: StoreReader,
  collectionId: string,
  { documentId = "" }: StoredRelease,
): Promise<HeldVersions | undefined> {
  const own = parseVersionDocumentId(collectionId, documentId);
  const contents = own && (await readStoredContents(reader, collectionId, own.version));
  if (own === undefined || contents === undefined) {
    return undefined;
  }
  const listed = new Map<string, string>([[own.objectId, own.version]]);
  for (const [objectId, versions] of contents) {
    if (typeOfStixId(objectId) !== "marking-definition") {
      addVersion(listed, objectId, ...versions);
    }
  }
  return listed;
}

/** Some releases hold two versions of an object: the newest counts, in whatever order they are named. */
function addVersion(held: Map<string, string>, objectId: string, ...versions: readonly string[]): void {
  const newest = sortTimestamps([...versions, ...(held.has(objectId) ? [held.get(objectId) ?? ""] : [])]).at(
    -1,
  );
  if (newest !== undefined) {
    held.set(objectId, newest);
  }
}

async function readAppeared(
  reader: StoreReader,
  collectionId: string,
  fromName: string,
  toName: string,
): Promise<{ readonly from: HeldVersions; readonly to: HeldVersions } | undefined> {
  const from = new Map<string, string>();
  const to = new Map<string, string>();
  const filter = {
    "data.collection_id": collectionId,
    "enriched.releases": { $in: [fromName, toName] },
  };
  for await (const document of reader.find("objects", filter, { projection: { "enriched.releases": 1 } })) {
    const { data } = inReleases.safeParse(document);
    const parsed = data && parseVersionDocumentId(collectionId, data._id);
    if (data === undefined || parsed === undefined) {
      continue;
    }
    if (data.enriched.releases.includes(fromName)) {
      addVersion(from, parsed.objectId, parsed.version);
    }
    if (data.enriched.releases.includes(toName)) {
      addVersion(to, parsed.objectId, parsed.version);
    }
  }
  return from.size > 0 && to.size > 0 ? { from, to } : undefined;
}
