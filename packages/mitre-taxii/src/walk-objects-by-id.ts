import { notUnderstood } from "./taxii/refusals.js";
import type { StixObject } from "./taxii/stix-object.js";
import type { TaxiiApiRoot } from "./taxii/taxii-api-root.js";
import { TaxiiError } from "./taxii/taxii-error.js";
import type { TaxiiPage } from "./taxii/walk-pages.js";

/**
 * The objects with these ids, one request for each list of them.
 *
 * @returns whether the server selects by id: false as soon as it refuses the filter or sends something else
 */
export async function* walkObjectsById(
  root: TaxiiApiRoot,
  collectionId: string,
  batches: readonly (readonly string[])[],
  limit: number,
): AsyncGenerator<TaxiiPage<StixObject>, boolean> {
  for (const batch of batches) {
    const wanted = new Set(batch);
    try {
      for await (const page of root.objects(collectionId, { limit, match: { id: batch } })) {
        if (page.items.some(({ id }) => !wanted.has(id))) return false;
        yield page;
      }
    } catch (error) {
      if (error instanceof TaxiiError && notUnderstood(error)) return false;
      throw error;
    }
  }
  return true;
}
