import { z } from "zod";
import { fromMicroseconds, normalizeTimestamp, toMicroseconds } from "../protocol/timestamp.js";
import type { SourceRecord } from "../source/taxii-source.js";
import type { SelectableObject } from "./select-objects.js";

/** STIX objects that came together. */
export interface AddedBundle {
  /** When: RFC 3339. A bundle that names a time before that of the bundle before came right after that one. */
  readonly addedAt: string;
  /** As in a STIX bundle. Only `id` and `type` must be there, as text. */
  readonly objects: readonly unknown[];
}

/** One version of one object, ready to be sent. */
export interface ListedObject extends SourceRecord, SelectableObject {
  readonly json: string;
}

const stixObject = z.looseObject({
  id: z.string().min(1),
  type: z.string().min(1),
  spec_version: z.string().default("2.0"),
  created: z.string().optional(),
  modified: z.string().optional(),
});

/**
 * The object versions of some bundles in the order in which they came. A version that comes again is passed over. Those of one
 * bundle lie a microsecond apart, so that `added_after` can go on behind any of them.
 */
export function listBundles(bundles: readonly AddedBundle[]): readonly ListedObject[] {
  const seen = new Set<string>();
  const listed: ListedObject[] = [];
  let addedMicros = 0;
  for (const { addedAt, objects } of bundles) {
    if (normalizeTimestamp(addedAt) === undefined) {
      throw new Error(`addedAt of a bundle is no RFC 3339 timestamp: "${addedAt}"`);
    }
    addedMicros = Math.max(addedMicros, toMicroseconds(addedAt));
    for (const [index, object] of objects.entries()) {
      const { id, type, spec_version, created, modified } = readObject(object, index);
      const stixVersion = modified ?? created;
      const key = `${id} ${stixVersion ?? ""}`;
      if (seen.has(key)) {
        continue;
      }
      seen.add(key);
      addedMicros += 1;
      const dateAdded = fromMicroseconds(addedMicros);
      const version = stixVersion ?? dateAdded;
      listed.push({
        id,
        type,
        specVersion: spec_version,
        mediaType: `application/stix+json;version=${spec_version}`,
        version,
        versionKey: normalizeTimestamp(version) ?? version,
        dateAdded,
        addedKey: dateAdded,
        json: JSON.stringify(object),
      });
    }
  }
  return listed;
}

function readObject(object: unknown, index: number): z.output<typeof stixObject> {
  const { data, error } = stixObject.safeParse(object);
  if (error !== undefined) {
    throw new Error(`object ${index} of a bundle is not a STIX object: ${z.prettifyError(error)}`);
  }
  return data;
}
