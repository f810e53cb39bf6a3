/**
 * What a client wants to have of a collection (TAXII 2.1 §3.4). Values of one field are alternatives, fields are
 * conditions that all must hold. All values are checked.
 */
export interface TaxiiFilter {
  /** Only what was added later. RFC 3339 in UTC with six digits, such as `2026-01-31T12:00:00.000000Z`: sorts as text. */
  readonly addedAfter?: string;
  readonly ids?: readonly string[];
  readonly types?: readonly string[];
  /** Such as `2.1`. */
  readonly specVersions?: readonly string[];
  /** Which versions of an object, among those that the other fields let through. */
  readonly versions: VersionFilter;
}

export type VersionFilter = "all" | VersionSelection;

/** A version is wanted where one of these holds. */
export interface VersionSelection {
  readonly first: boolean;
  readonly last: boolean;
  /** In the form of `addedAfter`. */
  readonly timestamps: readonly string[];
}

/** What a request without `match[version]` wants. */
export const lastVersion: VersionSelection = { first: false, last: true, timestamps: [] };
