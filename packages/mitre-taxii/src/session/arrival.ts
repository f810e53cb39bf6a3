import { versionDocumentId, versionOf } from "../documents/document-id.js";
import { type ReleaseContents, readReleaseContents } from "../documents/release-contents.js";
import { isStixObject } from "../taxii/stix-object.js";
import type { TaxiiPage } from "../taxii/taxii-page.js";

/** Which objects of a collection have come. */
export interface Arrival {
  /** The walk did not begin at the first page. */
  readonly isResumed: boolean;
  /** `_id`s of their documents. */
  readonly documentIds: Set<string>;
  readonly objectIds: Set<string>;
  /** The table of contents of the release, once the object that describes it has come. */
  contents: ReleaseContents | undefined;
  pages: number;
  /** The server said that there is more, and then had no such page. */
  cutOff: boolean;
  /** The server may have passed over objects, because a page was asked for again after a lost answer. */
  mayHaveSkipped: boolean;
}

/** @param isResumed the walk begins at a later page than the first */
export function startArrival(isResumed: boolean): Arrival {
  return {
    ...{ isResumed, documentIds: new Set<string>(), objectIds: new Set<string>(), contents: undefined },
    ...{ pages: 0, cutOff: false, mayHaveSkipped: false },
  };
}

export function noteArrival(arrival: Arrival, collectionId: string, page: TaxiiPage): void {
  for (const object of page.entries.filter(isStixObject)) {
    arrival.documentIds.add(versionDocumentId(collectionId, object.id, versionOf(object)));
    arrival.objectIds.add(object.id);
    if (object.id === collectionId) {
      arrival.contents = readReleaseContents(object);
    }
  }
  arrival.cutOff = page.notFound && (arrival.isResumed || arrival.pages > 0);
  arrival.mayHaveSkipped ||= page.mayHaveSkipped;
  arrival.pages += 1;
}

/** Which of these objects have not come. */
export function missingFrom({ objectIds }: Arrival, wanted: Iterable<string>): readonly string[] {
  return [...wanted].filter((id) => !objectIds.has(id));
}

/** Why a collection is read again from its first page, as the end of `the collection …`. */
export function describeShortfall({ isResumed, cutOff }: Arrival): string {
  return isResumed && cutOff ? "can no longer resume at its last page" : "came incomplete";
}
