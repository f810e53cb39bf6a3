import { z } from "zod";
import { versionOf } from "../documents/document-id.js";
import type { ReleasedCollection } from "../stored/listings.js";
import type { StoredObjects } from "../stored/stored-objects.js";
import { isStixObject, type StixObject } from "../taxii/stix-object.js";
import type { TaxiiPage } from "../taxii/taxii-page.js";

/** An object as a release has it. */
export const releasedObject = z.object({
  kind: z.literal("object"),
  collection_id: z.string(),
  release: z.string(),
  object: z.custom<StixObject>(isStixObject, "expected a STIX object with id and type"),
  /** All versions of the object on this page. */
  versions: z.array(z.string()),
  /** Whether the current release has the object, in whatever version. */
  is_current: z.boolean(),
  /** Whether a later release has the object in another version, or none has it; absent where its own release is current. */
  removed: z.enum(["superseded", "withdrawn"]).optional(),
});

/**
 * The objects of a page, to be parsed as `releasedObject`s: malformed entries are in it as well, to be quarantined.
 *
 * @param objects learns which objects the release has
 */
export function toReleasedObjects(
  { id, release }: ReleasedCollection,
  { items, malformed }: TaxiiPage<StixObject>,
  objects: StoredObjects,
): readonly object[] {
  const versions = new Map<string, string[]>();
  for (const object of items) {
    versions.set(object.id, [...(versions.get(object.id) ?? []), versionOf(object)]);
    objects.add(object.id, release);
  }
  const ofRelease = { kind: "object", collection_id: id, release };
  const isCurrent = release === objects.currentRelease;
  return [
    ...items.map((object) => ({
      ...ofRelease,
      object,
      versions: versions.get(object.id) ?? [],
      is_current: objects.isCurrent(object.id),
      ...(!isCurrent && { removed: objects.removalOf(object.id, release) }),
    })),
    ...malformed.map((object) => ({ ...ofRelease, object, versions: [], is_current: false })),
  ];
}
