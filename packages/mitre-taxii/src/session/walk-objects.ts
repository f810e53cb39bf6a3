import { versionDocumentId, versionOf } from "../documents/document-id.js";
import { type ReleaseContents, readReleaseContents } from "../documents/release-contents.js";
import type { StixObject } from "../taxii/stix-object.js";
import type { TaxiiApiRoot } from "../taxii/taxii-api-root.js";
import type { PageCursor, TaxiiPage } from "../taxii/taxii-page.js";
import type { TaxiiSession } from "./taxii-session.js";
import { type CollectionWalk, walkCollection } from "./walk-collection.js";

/** Which objects of a collection have come. */
export interface Arrival {
  /** The walk did not begin at the first page. */
  readonly isResumed: boolean;
  /** `_id`s of their documents. */
  readonly documentIds: Set<string>;
  readonly objectIds: Set<string>;
  /** Of the object that describes the release, once that has come. */
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

export function noteArrival(arrival: Arrival, collectionId: string, page: TaxiiPage<StixObject>): void {
  for (const object of page.items) {
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

/** The objects of a collection of an API root, for one step. */
export interface ObjectsWalk<Page> {
  readonly session: TaxiiSession;
  readonly root: TaxiiApiRoot;
  readonly id: string;
  /** @param limit objects in a page at most */
  pageOf(page: TaxiiPage<StixObject>, limit: number, arrival: Arrival): Page;
  /** As in `CollectionWalk`. */
  remember?(): Page | undefined;
}

/** Walks the pages of a collection's objects, and notes which have come. */
export function walkObjects<Page>(
  walk: ObjectsWalk<Page>,
  from: PageCursor | undefined,
): AsyncGenerator<Page, Arrival, void> {
  const { root, id } = walk;
  const { config, limits, log } = walk.session;
  const pages: CollectionWalk<StixObject, Page> = {
    ...{ root, limits, log, pages: "objects", collectionId: id },
    max: config.MITRE_MAX_OBJECTS,
    open: (options) => root.objects(id, options),
    remember: () => walk.remember?.(),
  };
  return walkCollection(pages, from, (limit, isResumed) => {
    const arrival = startArrival(isResumed);
    return {
      add(page) {
        noteArrival(arrival, id, page);
        return walk.pageOf(page, limit, arrival);
      },
      finish: () => arrival,
    };
  });
}

/** How a walk is known to have brought everything. */
export interface WholeWalk<Page, Evidence> {
  walk(from: PageCursor | undefined): AsyncGenerator<Page, Arrival, void>;
  assess(arrival: Arrival): Promise<Evidence>;
  /** Whether something did not come. */
  isShort(evidence: Evidence, arrival: Arrival): boolean;
  onRestart(evidence: Evidence, arrival: Arrival): void;
}

/** Walks on from where an earlier walk stopped; once more from the first page where the server passed over something that it has. */
export async function* walkUntilWhole<Page, Evidence>(
  { walk, assess, isShort, onRestart }: WholeWalk<Page, Evidence>,
  from: PageCursor | undefined,
): AsyncGenerator<Page, { readonly arrival: Arrival; readonly evidence: Evidence }, void> {
  const arrival = yield* walk(from);
  const evidence = await assess(arrival);
  const mayLackObjects = arrival.isResumed || arrival.cutOff || arrival.mayHaveSkipped;
  if (!mayLackObjects || !isShort(evidence, arrival)) {
    return { arrival, evidence };
  }
  onRestart(evidence, arrival);
  const again = yield* walk(undefined);
  return { arrival: again, evidence: await assess(again) };
}
