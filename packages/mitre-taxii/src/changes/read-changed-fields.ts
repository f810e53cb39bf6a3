import type { StoreReader } from "@cti-connectors/core";
import { z } from "zod";
import { versionDocumentId } from "../documents/document-id.js";
import type { ChangedField } from "./changes.js";
import { compareObjects } from "./compare-objects.js";

/** Two stored versions of an object. */
export interface StoredPair {
  readonly objectId: string;
  readonly before: string;
  readonly after: string;
}

const content = z.object({
  _id: z.string(),
  data: z.object({ objects: z.tuple([z.record(z.string(), z.unknown())]) }),
});

/** Objects that are read at once: with descriptions of the largest size, a few MB. */
const pairsAtOnce = 100;

/** Which fields of each object changed, by its id. Keeps only contents that differ in memory. */
export async function readChangedFields(
  reader: StoreReader,
  collectionId: string,
  pairs: readonly StoredPair[],
): Promise<ReadonlyMap<string, readonly ChangedField[]>> {
  const fields = new Map<string, readonly ChangedField[]>();
  for (let start = 0; start < pairs.length; start += pairsAtOnce) {
    const some = pairs.slice(start, start + pairsAtOnce);
    const idOf = (objectId: string, version: string) => versionDocumentId(collectionId, objectId, version);
    const ids = some.flatMap(({ objectId, before, after }) => [
      idOf(objectId, before),
      idOf(objectId, after),
    ]);
    const objects = await readContents(reader, ids);
    for (const { objectId, before, after } of some) {
      const [older, newer] = [before, after].map((version) => objects.get(idOf(objectId, version)));
      if (older !== undefined && newer !== undefined) {
        fields.set(objectId, compareObjects(older, newer));
      }
    }
  }
  return fields;
}

async function readContents(
  reader: StoreReader,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>> {
  const objects = new Map<string, Readonly<Record<string, unknown>>>();
  const projection = { "data.objects": 1 } as const;
  for await (const document of reader.find("objects", { _id: { $in: [...ids] } }, { projection })) {
    const { data } = content.safeParse(document);
    if (data !== undefined) {
      objects.set(data._id, data.data.objects[0]);
    }
  }
  return objects;
}
