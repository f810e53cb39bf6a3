import type { Validators } from "@cti-connectors/core";

/** Where a page begins. Belongs to the walk that it came from: same collection, filters and limit. */
export interface PageCursor {
  /** The server's own token, opaque. */
  readonly next?: string;
  /** Instead of a token: entries that were added after this timestamp. */
  readonly added_after?: string;
}

/** A page of a listing. */
export interface TaxiiPage {
  /** As received: check them with `isStixObject` or `isManifestRecord`. */
  readonly entries: readonly unknown[];
  /** Where the page after this one begins; absent on the last page. */
  readonly next: PageCursor | undefined;
  /** True if the server answered 404: an empty collection on the first page, the end on a later one. */
  readonly notFound: boolean;
  /** True if the server answered 304 to `unless`: nothing has changed, and nothing was sent. */
  readonly notModified: boolean;
  /** True if entries before these may be missing, because an answer was lost and the page was requested again. */
  readonly mayHaveSkipped: boolean;
  /** Empty if the server sends none. */
  readonly validators: Validators;
  /** `X-TAXII-Date-Added-First`. */
  readonly dateAddedFirst: string | undefined;
  /** `X-TAXII-Date-Added-Last`. */
  readonly dateAddedLast: string | undefined;
}
