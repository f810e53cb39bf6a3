import type { StoreReader } from "@cti-connectors/core";
import { z } from "zod";

const stored = z.object({
  data: z.object({ collection_id: z.string(), objects: z.tuple([z.unknown()]) }),
});

/** A technique as a record of the objects step. */
export interface StoredTechnique {
  readonly collection_id: string;
  readonly object: unknown;
  readonly is_stored: true;
}

const techniquesPerPage = 500;

/**
 * Techniques that a version stored which did not know `enriched.technique_id` yet, page by page, to be enriched again. That takes no
 * request, and is over after one run.
 */
export async function* readTechniquesWithoutId(
  store: StoreReader,
): AsyncGenerator<readonly StoredTechnique[]> {
  const filter = {
    "enriched.type": "attack-pattern",
    "enriched.attack_id": { $gt: "" },
    "enriched.technique_id": null,
  };
  let page: StoredTechnique[] = [];
  for await (const document of store.find("objects", filter, { projection: { data: 1 } })) {
    const { data } = stored.safeParse(document);
    if (data === undefined) {
      continue;
    }
    const { collection_id, objects } = data.data;
    page.push({ collection_id, object: objects[0], is_stored: true });
    if (page.length === techniquesPerPage) {
      yield page;
      page = [];
    }
  }
  if (page.length > 0) {
    yield page;
  }
}
