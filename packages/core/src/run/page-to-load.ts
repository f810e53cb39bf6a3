import type { ConfiguredStep } from "../connector/configure-connector.js";
import type {
  CheckpointValue,
  ExtractedPage,
  Listing,
  PageDetails,
  RecordsPage,
} from "../connector/connector.js";
import type { ScopedListing } from "../documents/apply-listing.js";

/** A page that leaves nothing to its defaults. */
export interface PageToLoad extends Omit<RecordsPage<CheckpointValue>, "lists" | "listings"> {
  readonly listings: readonly ScopedListing[];
}

/**
 * Fills in the defaults of a page that a step has yielded. Pure. A step may go on with its own objects and lists while the page is stored:
 * those of the page are copies. Records are not copied.
 *
 * @throws Error where the page has neither `records` nor `checkpointOnly`, or a listing names no collection and the step has none of its own
 */
export function pageToLoad(page: ExtractedPage<CheckpointValue>, step: ConfiguredStep): PageToLoad {
  if (page.checkpointOnly !== undefined) {
    const { checkpointOnly, ...details } = page;
    return { ...copyDetails(details), records: [], listings: [], checkpoint: jsonCopy(checkpointOnly) };
  }
  if (!Array.isArray(page.records)) {
    throw new Error(
      `the step ${step.name} yields a page without records: write { records: [...] }, or { checkpointOnly: ... } for a page that only moves the checkpoint`,
    );
  }
  const { records, checkpoint, lists, listings = [], ...details } = page;
  const all = lists === undefined ? listings : [...listings, { listed: new Set(lists) }];
  return {
    ...copyDetails(details),
    records: [...records],
    ...(checkpoint !== undefined && { checkpoint: jsonCopy(checkpoint) }),
    listings: all.map((listing) => scopedListing(listing, step)),
  };
}

function copyDetails({ bytes, facts, missing, gap, ...details }: PageDetails): PageDetails {
  return {
    ...details,
    ...(bytes && { bytes: { ...bytes } }),
    ...(facts && { facts: { ...facts } }),
    ...(missing && { missing: [...missing] }),
    ...(gap && { gap: { ...gap } }),
  };
}

/** As it is saved. */
function jsonCopy(checkpoint: CheckpointValue): CheckpointValue {
  return JSON.parse(JSON.stringify(checkpoint));
}

function scopedListing(listing: Listing, { name, collection }: ConfiguredStep): ScopedListing {
  const listed = listing.collection ?? collection?.name;
  if (listed === undefined) {
    throw new Error(`the step ${name} yields a listing without a collection, and has none of its own`);
  }
  return {
    ...listing,
    collection: listed,
    scope: listing.scope ?? {},
    isSuperseded: (id) => listing.isSuperseded?.(id) ?? false,
  };
}
