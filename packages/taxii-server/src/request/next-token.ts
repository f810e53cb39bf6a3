import { createHash } from "node:crypto";
import { badRequest } from "../protocol/taxii-refusal.js";
import type { PageQuery } from "../source/taxii-source.js";

/** What the pages of a listing have in common. */
export type ListingKey = Pick<PageQuery, "root" | "collection" | "filter">;

/** The `next` of a page: a source's position, and a checksum of it and of the listing. It means the same after a restart. */
export function writeToken(listing: ListingKey, position: string): string {
  return `${checksum(listing, position)}${Buffer.from(position).toString("base64url")}`;
}

/**
 * The position that a `next` holds.
 *
 * @throws TaxiiRefusal 400 where it was not issued for this listing
 */
export function readToken(listing: ListingKey, token: string): string {
  const position = Buffer.from(token.slice(checksumLength), "base64url").toString();
  if (writeToken(listing, position) !== token) {
    throw badRequest(
      "next was not issued for this filter: begin without next, or repeat the request that it came from",
    );
  }
  return position;
}

const checksumLength = 16;

function checksum({ root, collection, filter }: ListingKey, position: string): string {
  const hash = createHash("sha256").update(JSON.stringify([root, collection, filter, position]));
  return hash.digest("base64url").slice(0, checksumLength);
}
