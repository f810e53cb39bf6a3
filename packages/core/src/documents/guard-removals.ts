import type { ScopedListing, UnlistedDocuments } from "./apply-listing.js";

/** So few withdrawn documents are never too many, unless nothing is listed: in a small list a few are a large share. */
const fewestRefused = 10;

export interface RemovalPolicy {
  /** MAX_REMOVED_SHARE, from 0 to 1. */
  readonly maxShare: number;
  /** Withdraw as much as the upstream stops listing (`--accept-removals`). */
  readonly acceptAll: boolean;
}

/** An upstream lists so little that its listing is more likely broken than right. Nothing was marked as withdrawn. */
export class RemovalsRefusedError extends Error {
  override readonly name = "RemovalsRefusedError";

  constructor(
    readonly listing: Pick<ScopedListing, "collection" | "scope">,
    /** Documents that would be withdrawn. */
    readonly withdrawn: number,
    /** Documents that were current before this run. */
    readonly current: number,
    isEmpty: boolean,
    maxShare: number,
  ) {
    const scope = Object.values(listing.scope).join(", ");
    const where = `${listing.collection}${scope === "" ? "" : ` of ${scope}`}`;
    const what = isEmpty
      ? `the upstream lists nothing for ${where}: ${withdrawn} of ${current} current documents would be marked as withdrawn`
      : `the upstream no longer lists ${withdrawn} of ${current} current documents in ${where}: more than MAX_REMOVED_SHARE=${maxShare} allows`;
    super(
      `${what}. Nothing was changed, and the next run tries again. If the upstream is right, run once with --accept-removals`,
    );
  }
}

/**
 * Decides whether a listing is plausible. It is not where it would withdraw current documents and lists nothing at all, or
 * withdraws at least 10 documents that are more than the allowed share of what was current before the run; of a share of 0 any document is
 * too many. What was replaced by a newer version is not withdrawn.
 *
 * @returns why it is refused; undefined where it may be applied
 */
export function refuseRemovals(
  listing: ScopedListing,
  { before, withdrawnBefore }: Omit<UnlistedDocuments, "ids">,
  { maxShare, acceptAll }: RemovalPolicy,
): RemovalsRefusedError | undefined {
  if (acceptAll || listing.acceptsRemovals === true || withdrawnBefore === 0) {
    return undefined;
  }
  const isEmpty = listing.listed.size === 0;
  const isTooMuch =
    withdrawnBefore > before * maxShare && (withdrawnBefore >= fewestRefused || maxShare === 0);
  return isEmpty || isTooMuch
    ? new RemovalsRefusedError(listing, withdrawnBefore, before, isEmpty, maxShare)
    : undefined;
}
