import type { StoreReader } from "@cti-connectors/core";
import { z } from "zod";

export interface StoredCollection {
  readonly id: string;
  readonly name: string;
}

const releaseType = "x-mitre-collection";
const listing = z.object({
  data: z.array(z.object({ id: z.string(), title: z.string().optional().catch(undefined) })),
});
const collectionObject = z.object({
  data: z.object({ collection_id: z.string() }),
  enriched: z.object({ name: z.string().optional() }),
});

/** The TAXII collections of which objects are stored, by name: also those that their API root lists no longer. */
export async function findStoredCollections(reader: StoreReader): Promise<readonly StoredCollection[]> {
  const names = new Map<string, string>();
  const projection = { "data.collection_id": 1, "enriched.name": 1 } as const;
  for await (const document of reader.find("objects", { "enriched.type": releaseType }, { projection })) {
    const { data } = collectionObject.safeParse(document);
    if (data !== undefined) {
      names.set(data.data.collection_id, data.enriched.name ?? data.data.collection_id);
    }
  }
  for await (const document of reader.find("collections", {}, { projection: { data: 1 } })) {
    const { data } = listing.safeParse(document);
    for (const { id, title } of data?.data ?? []) {
      names.set(id, title ?? names.get(id) ?? id);
    }
  }
  const stored: StoredCollection[] = [];
  for (const [id, name] of names) {
    if (await reader.exists("objects", { "data.collection_id": id })) {
      stored.push({ id, name });
    }
  }
  return stored.sort((left, right) => compareTexts(left.name, right.name) || compareTexts(left.id, right.id));
}

function compareTexts(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}
