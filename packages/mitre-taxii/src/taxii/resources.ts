import { collectionUrl } from "./collections.js";
import type { TaxiiConnection } from "./taxii-connection.js";
import type { TaxiiPage } from "./taxii-page.js";
import { type WalkOptions, walkPages } from "./walk-pages.js";

/** The manifest of a collection, page by page: one record per object version (TAXII 2.1, section 5.3). */
export function walkManifest(
  connection: TaxiiConnection,
  root: URL,
  collectionId: string,
  options?: WalkOptions,
): AsyncGenerator<TaxiiPage, void, void> {
  const url = new URL("manifest/", collectionUrl(root, collectionId));
  const request = `manifest of ${collectionId}`;
  return walkPages({ connection, url, request, entries: "objects" }, options);
}

/** The objects of a collection, page by page (TAXII 2.1, section 5.4). */
export function walkObjects(
  connection: TaxiiConnection,
  root: URL,
  collectionId: string,
  options?: WalkOptions,
): AsyncGenerator<TaxiiPage, void, void> {
  const url = new URL("objects/", collectionUrl(root, collectionId));
  const request = `objects of ${collectionId}`;
  return walkPages({ connection, url, request, entries: "objects" }, options);
}

/** One object by id, page by page: several versions with `match.version` (TAXII 2.1, section 5.6). */
export function walkObject(
  connection: TaxiiConnection,
  root: URL,
  collectionId: string,
  objectId: string,
  options?: WalkOptions,
): AsyncGenerator<TaxiiPage, void, void> {
  const url = objectUrl(root, collectionId, objectId);
  const request = `object ${objectId} of ${collectionId}`;
  return walkPages({ connection, url, request, entries: "objects" }, options);
}

/** Ends in a slash, so that resources of the object resolve against it. */
function objectUrl(root: URL, collectionId: string, objectId: string): URL {
  return new URL(`objects/${encodeURIComponent(objectId)}/`, collectionUrl(root, collectionId));
}

/**
 * The versions of one object as timestamps, page by page (TAXII 2.1, section 5.8).
 *
 * One request per object: for a whole collection, the manifest with `match: { version: "all" }` says the same at once.
 */
export function walkVersions(
  connection: TaxiiConnection,
  root: URL,
  collectionId: string,
  objectId: string,
  options?: WalkOptions,
): AsyncGenerator<TaxiiPage, void, void> {
  const url = new URL("versions/", objectUrl(root, collectionId, objectId));
  const request = `versions of ${objectId}`;
  return walkPages({ connection, url, request, entries: "versions" }, options);
}
