import { listsOfIds, type StoreReader } from "@cti-connectors/core";
import { z } from "zod";
import { parseVersionDocumentId } from "../documents/document-id.js";
import { isSameVersion, sortTimestamps } from "../documents/timestamps.js";

const text = z.string().optional();
const described = z.object({
  type: z.string(),
  attack_id: text,
  attack_version: text,
  name: text,
  url: text,
  tactics: z.array(z.string()).optional(),
  revoked: z.boolean(),
  deprecated: z.boolean(),
  relationship_type: text,
  source_ref: text,
  target_ref: text,
  /** The releases in which it is so, where it is not the same in all of its releases. */
  deprecated_in: z.array(z.string()).optional(),
  revoked_in: z.array(z.string()).optional(),
});
export type Described = z.output<typeof described>;
/** Version → what is stored of it. */
export type Versions = ReadonlyMap<string, Described>;

export type Newest = (id: string) => Described | undefined;

/** The newest stored version of each of these, and of the objects that changed. */
export async function readNewest(
  reader: StoreReader,
  collectionId: string,
  objects: ReadonlyMap<string, Versions>,
  ids: readonly string[],
): Promise<Newest> {
  const others = await readVersions(
    reader,
    collectionId,
    [...new Set(ids)].filter((id) => !objects.has(id)),
  );
  return (id) => newestOf(objects.get(id) ?? others.get(id));
}

export function findVersion(versions: Versions, version: string): Described | undefined {
  const stored = findStoredVersion(versions, version);
  return stored === undefined ? undefined : versions.get(stored);
}

/** The version as it is stored: the same time can be written in several ways. */
export function findStoredVersion(versions: Versions, version: string): string | undefined {
  return versions.has(version)
    ? version
    : [...versions.keys()].find((stored) => isSameVersion(stored, version));
}

export function newestOf(versions: Versions | undefined): Described | undefined {
  const newest = versions && sortTimestamps(versions.keys()).at(-1);
  return newest === undefined ? undefined : versions?.get(newest);
}

export async function readVersions(
  reader: StoreReader,
  collectionId: string,
  objectIds: readonly string[],
): Promise<ReadonlyMap<string, Versions>> {
  const objects = new Map<string, Map<string, Described>>();
  const projection = Object.fromEntries(
    Object.keys(described.shape).map((field) => [`enriched.${field}`, 1 as const]),
  );
  for (const ids of listsOfIds(objectIds)) {
    const filter = { "data.objects.id": { $in: ids } };
    for await (const { _id, enriched } of reader.find("objects", filter, { projection })) {
      const parsed = typeof _id === "string" ? parseVersionDocumentId(collectionId, _id) : undefined;
      const { data } = described.safeParse(enriched);
      if (parsed === undefined || data === undefined) {
        continue;
      }
      const versions = objects.get(parsed.objectId) ?? new Map<string, Described>();
      objects.set(parsed.objectId, versions.set(parsed.version, data));
    }
  }
  return objects;
}
