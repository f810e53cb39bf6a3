import type { HttpClient } from "@cti-connectors/core";
import { objectUrl } from "./objects.js";
import type { TaxiiPage } from "./taxii-page.js";
import { type WalkOptions, walkPages } from "./walk-pages.js";

/**
 * The versions of one object as timestamps, page by page (TAXII 2.1, section 5.8).
 *
 * One request per object: for a whole collection, the manifest with `match: { version: "all" }` says the same at once.
 */
export function walkVersions(
  http: HttpClient,
  root: URL,
  collectionId: string,
  objectId: string,
  options?: WalkOptions,
): AsyncGenerator<TaxiiPage<string>, void, void> {
  const url = new URL("versions/", objectUrl(root, collectionId, objectId));
  const request = `versions of ${objectId}`;
  return walkPages({ http, url, request, entries: "versions", isItem: isVersion }, options);
}

function isVersion(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
