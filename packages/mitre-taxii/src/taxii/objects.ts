import type { HttpClient } from "@cti-connectors/core";
import { collectionUrl } from "./collections.js";
import { isStixObject, type StixObject } from "./stix-object.js";
import type { TaxiiPage } from "./taxii-page.js";
import { type WalkOptions, walkPages } from "./walk-pages.js";

/** The objects of a collection, page by page (TAXII 2.1, section 5.4). */
export function walkObjects(
  http: HttpClient,
  root: URL,
  collectionId: string,
  options?: WalkOptions,
): AsyncGenerator<TaxiiPage<StixObject>, void, void> {
  const url = new URL("objects/", collectionUrl(root, collectionId));
  const request = `objects of ${collectionId}`;
  return walkPages({ http, url, request, entries: "objects", isItem: isStixObject }, options);
}

/** One object by id, page by page: several versions with `match.version` (TAXII 2.1, section 5.6). */
export function walkObject(
  http: HttpClient,
  root: URL,
  collectionId: string,
  objectId: string,
  options?: WalkOptions,
): AsyncGenerator<TaxiiPage<StixObject>, void, void> {
  const url = objectUrl(root, collectionId, objectId);
  const request = `object ${objectId} of ${collectionId}`;
  return walkPages({ http, url, request, entries: "objects", isItem: isStixObject }, options);
}

/** Ends in a slash, so that resources of the object resolve against it. */
export function objectUrl(root: URL, collectionId: string, objectId: string): URL {
  return new URL(`objects/${encodeURIComponent(objectId)}/`, collectionUrl(root, collectionId));
}
