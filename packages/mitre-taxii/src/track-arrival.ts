import { versionDocumentId, versionOf } from "./document-id.js";
import type { StixObject } from "./taxii/stix-object.js";
import type { TaxiiPage } from "./taxii/walk-pages.js";

/** Which objects of a collection have come. */
export interface Arrival {
  /** `_id`s of their documents. */
  readonly documentIds: ReadonlySet<string>;
  /** The server said that there is more, and then had no such page. */
  readonly cutOff: boolean;
  add(page: TaxiiPage<StixObject>): void;
  /** Which of these objects have not come. */
  missing(objectIds: Iterable<string>): readonly string[];
}

/** @param isResumed the walk begins at a later page than the first */
export function trackArrival(collectionId: string, isResumed: boolean): Arrival {
  const documentIds = new Set<string>();
  const objectIds = new Set<string>();
  let isFirstPage = !isResumed;
  let cutOff = false;
  return {
    documentIds,
    get cutOff() {
      return cutOff;
    },
    add(page) {
      for (const object of page.items) {
        documentIds.add(versionDocumentId(collectionId, object.id, versionOf(object)));
        objectIds.add(object.id);
      }
      cutOff = page.notFound && !isFirstPage;
      isFirstPage = false;
    },
    missing: (ids) => [...ids].filter((id) => !objectIds.has(id)),
  };
}
