import { versionDocumentId, versionOf } from "../documents/document-id.js";
import { type ReleaseContents, readReleaseContents } from "../documents/release-contents.js";
import type { StixObject } from "../taxii/stix-object.js";
import type { TaxiiPage } from "../taxii/taxii-page.js";

/** Which objects of a collection have come. */
export interface Arrival {
  /** The walk did not begin at the first page. */
  readonly isResumed: boolean;
  /** `_id`s of their documents. */
  readonly documentIds: ReadonlySet<string>;
  /** Of the object that describes the release, once that has come. */
  readonly contents: ReleaseContents | undefined;
  /** The server said that there is more, and then had no such page. */
  readonly cutOff: boolean;
  /** The server may have passed over objects, because a page was asked for again after a lost answer. */
  readonly mayHaveSkipped: boolean;
  add(page: TaxiiPage<StixObject>): void;
  /** Which of these objects have not come. */
  missing(objectIds: Iterable<string>): readonly string[];
  /** Which of the objects that have come are in the release's table of contents, and not in the manifest. */
  unlisted(contents: ReleaseContents, manifest: ReadonlyMap<string, unknown>): readonly string[];
}

/** Whether the server may have more objects of a collection than came. */
export function mayLackObjects({ isResumed, cutOff, mayHaveSkipped }: Arrival): boolean {
  return isResumed || cutOff || mayHaveSkipped;
}

/** @param isResumed the walk begins at a later page than the first */
export function trackArrival(collectionId: string, isResumed: boolean): Arrival {
  const documentIds = new Set<string>();
  const objectIds = new Set<string>();
  let contents: ReleaseContents | undefined;
  let isFirstPage = !isResumed;
  let cutOff = false;
  let mayHaveSkipped = false;
  return {
    isResumed,
    documentIds,
    get contents() {
      return contents;
    },
    get cutOff() {
      return cutOff;
    },
    get mayHaveSkipped() {
      return mayHaveSkipped;
    },
    add(page) {
      for (const object of page.items) {
        documentIds.add(versionDocumentId(collectionId, object.id, versionOf(object)));
        objectIds.add(object.id);
        if (object.id === collectionId) {
          contents = readReleaseContents(object);
        }
      }
      cutOff = page.notFound && !isFirstPage;
      mayHaveSkipped ||= page.mayHaveSkipped;
      isFirstPage = false;
    },
    unlisted: (listed, manifest) => [...objectIds].filter((id) => listed.has(id) && !manifest.has(id)),
    missing: (ids) => [...ids].filter((id) => !objectIds.has(id)),
  };
}

/** Why a collection is read again from its first page, as the end of `the collection …`. */
export function describeShortfall({ isResumed, cutOff }: Arrival): string {
  return isResumed && cutOff ? "can no longer resume at its last page" : "came incomplete";
}
